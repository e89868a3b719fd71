package panetest

import (
	"slices"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/lag"
)

// Past is the history that leads to a snapshot: polls every 2 s for 2 minutes, in which log ends and
// commits moved at the rates that the snapshot's groups name. The snapshot gets the ages that follow
// from it, and stays as it is otherwise.
func Past(s *kafka.Snapshot) *lag.History {
	h := lag.NewHistory(lag.Options{})
	for ago := 2 * time.Minute; ago >= 0; ago -= 2 * time.Second {
		h.Observe(before(s, ago))
	}
	h.Ages(s)
	return h
}

// LongPast is Past over two hours with what a history of that age holds: a poll a minute at first, then
// every 10 s, then every 2 s. For ten minutes, an hour ago, no group could be read.
func LongPast(s *kafka.Snapshot) *lag.History {
	h := lag.NewHistory(lag.Options{})
	for ago := 2 * time.Hour; ago >= 0; {
		past := before(s, ago)
		for i := range past.Groups {
			if ago > time.Hour && ago <= 70*time.Minute {
				past.Groups[i].At = s.At.Add(-70 * time.Minute)
			}
		}
		h.Observe(past)
		switch {
		case ago > 15*time.Minute:
			ago -= time.Minute
		case ago > 2*time.Minute:
			ago -= 10 * time.Second
		default:
			ago -= 2 * time.Second
		}
	}
	return h
}

// Later is the snapshot that follows after so long: everything was read anew and moved on at the rates that
// the groups name.
func Later(s *kafka.Snapshot, after time.Duration) *kafka.Snapshot { return before(s, -after) }

// before is a copy of the snapshot as it was so long ago.
func before(s *kafka.Snapshot, ago time.Duration) *kafka.Snapshot {
	past := *s
	past.Seq = s.Seq + 1000 - uint64(ago/time.Second)
	past.Began, past.At = s.Began.Add(-ago), s.At.Add(-ago)
	past.Topics, past.Groups = slices.Clone(s.Topics), slices.Clone(s.Groups)
	in := map[kafka.TopicPartition]float64{}
	for _, g := range s.Groups {
		for _, p := range g.Partitions {
			if p.In.OK {
				in[p.TopicPartition] = p.In.V
			}
		}
	}
	for i := range past.Topics {
		t := &past.Topics[i]
		t.Partitions = slices.Clone(t.Partitions)
		for j := range t.Partitions {
			p := &t.Partitions[j]
			p.At = p.At.Add(-ago)
			p.End = back(p.End, in[TP(t.Name, p.ID)], ago)
		}
	}
	for i := range past.Groups {
		g := &past.Groups[i]
		g.At = g.At.Add(-ago)
		g.Partitions = slices.Clone(g.Partitions)
		for j := range g.Partitions {
			p := &g.Partitions[j]
			p.Committed = back(p.Committed, p.Out.V, ago)
		}
		lag.Join(g, past.Topic)
	}
	return &past
}

func back(v kafka.Known[int64], rate float64, ago time.Duration) kafka.Known[int64] {
	if v.OK {
		v.V = max(0, v.V-int64(rate*ago.Seconds()))
	}
	return v
}
