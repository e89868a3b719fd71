package lag

import "lagtop/kafka"

// Join fills what a group's commits mean once the log offsets are known: Start, End, Lag, Lost and
// Ahead of each partition, and the group's totals. topic returns nil for a topic that is not there.
// The lag of a share group is the broker's own number (DescribeShareGroupOffsets) and stays as it
// is; only its total is summed.
func Join(g *kafka.Group, topic func(name string) *kafka.Topic) {
	g.Lag, g.Lost = kafka.Total{}, 0
	var t *kafka.Topic
	for i := range g.Partitions {
		p := &g.Partitions[i]
		if i == 0 || p.Topic != g.Partitions[i-1].Topic {
			t = topic(p.Topic)
		}
		log := logOf(t, p.Partition)
		if g.Type == kafka.Share {
			joinShare(p, log)
		} else {
			joinCommit(p, log)
		}
		g.Lag.Add(p.Lag)
		g.Lost += p.Lost
	}
	g.Lag.Missing += unseen(g)
}

func logOf(t *kafka.Topic, partition int32) *kafka.Partition {
	if t == nil {
		return nil
	}
	return t.Partition(partition)
}

// joinShare keeps the offsets that the share coordinator told, should it have told any.
func joinShare(p *kafka.GroupPartition, log *kafka.Partition) {
	if log == nil {
		return
	}
	if !p.Start.OK {
		p.Start = log.Start
	}
	if !p.End.OK {
		p.End = log.End
	}
}

func joinCommit(p *kafka.GroupPartition, log *kafka.Partition) {
	p.Start, p.End = kafka.Known[int64]{}, kafka.Known[int64]{}
	p.Lag, p.Lost, p.Ahead = kafka.Known[int64]{}, 0, 0
	if log != nil {
		p.Start, p.End = log.Start, log.End
	}
	if !p.Committed.OK {
		return
	}
	next := max(p.Committed.V, 0) // brokers store negative commits, but no record is there
	if p.Start.OK && next < p.Start.V {
		p.Lost = p.Start.V - next
		next = p.Start.V
	}
	if !p.End.OK {
		return
	}
	p.Lag = kafka.Some(max(p.End.V-next, 0))
	if p.Lost == 0 {
		p.Ahead = max(p.Committed.V-p.End.V, 0)
	}
}

// unseen counts the topics that the members name and we cannot see, as far as no partition of
// them is in the list: their lag is missing from the total.
func unseen(g *kafka.Group) int {
	n := 0
	for _, name := range g.Hidden {
		listed := false
		for i := range g.Partitions {
			if g.Partitions[i].Topic == name {
				listed = true
				break
			}
		}
		if !listed {
			n++
		}
	}
	return n
}
