package panetest

import (
	"sort"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/lag"
)

// Group is a group under construction: set the fields of kafka.Group, add members and commits.
type Group struct{ kafka.Group }

// TP names a partition.
func TP(topic string, partition int32) kafka.TopicPartition {
	return kafka.TopicPartition{Topic: topic, Partition: partition}
}

// Span names the partitions of a topic from one to another, both included.
func Span(topic string, from, to int32) []kafka.TopicPartition {
	var out []kafka.TopicPartition
	for p := from; p <= to; p++ {
		out = append(out, TP(topic, p))
	}
	return out
}

// Member adds a dynamic member; its member id is the client id followed by "-id".
func (g *Group) Member(clientID, host string, assigned ...kafka.TopicPartition) *Group {
	m := kafka.Member{ID: clientID + "-id", ClientID: clientID, Host: host, Assigned: assigned}
	for _, tp := range assigned {
		if n := len(m.Subscribed); n == 0 || m.Subscribed[n-1] != tp.Topic {
			m.Subscribed = append(m.Subscribed, tp.Topic)
		}
	}
	g.Members = append(g.Members, m)
	return g
}

// Commit sets committed offsets of a topic from partition 0 on.
func (g *Group) Commit(topic string, offsets ...int64) *Group {
	for i, o := range offsets {
		g.part(TP(topic, int32(i))).Committed = kafka.Some(o)
	}
	return g
}

// NoCommit adds partitions without a commit.
func (g *Group) NoCommit(tps ...kafka.TopicPartition) *Group {
	for _, tp := range tps {
		g.part(tp).Committed = kafka.Known[int64]{}
	}
	return g
}

// Rates sets records/s produced to and consumed from a partition.
func (g *Group) Rates(topic string, partition int32, in, out float64) *Group {
	p := g.part(TP(topic, partition))
	p.In, p.Out = kafka.Some(in), kafka.Some(out)
	return g
}

// Judge sets the group's verdict and that of the partition it points at.
func (g *Group) Judge(kind kafka.VerdictKind, at kafka.TopicPartition, since time.Duration, evidence, advice string) *Group {
	g.Verdict = kafka.Verdict{Kind: kind, Since: Now().Add(-since), At: at, Evidence: evidence, Advice: advice}
	if at.Topic != "" {
		g.part(at).Verdict = g.Verdict
	}
	return g
}

func (g *Group) part(tp kafka.TopicPartition) *kafka.GroupPartition {
	for i := range g.Partitions { // not in order before join
		if g.Partitions[i].TopicPartition == tp {
			return &g.Partitions[i]
		}
	}
	g.Partitions = append(g.Partitions, kafka.GroupPartition{TopicPartition: tp, Verdict: kafka.Verdict{Kind: kafka.VerdictOK}})
	return &g.Partitions[len(g.Partitions)-1]
}

// join fills what the poller would: owners, starts, ends, lag and the totals.
func (g *Group) join(s *kafka.Snapshot) {
	for i, m := range g.Members {
		for _, tp := range m.Assigned {
			if p := g.part(tp); !p.Owner.OK {
				p.Owner = kafka.Some(i)
			}
		}
	}
	sort.Slice(g.Partitions, func(i, j int) bool {
		a, b := g.Partitions[i].TopicPartition, g.Partitions[j].TopicPartition
		return a.Topic < b.Topic || a.Topic == b.Topic && a.Partition < b.Partition
	})
	for i := range g.Partitions {
		p := &g.Partitions[i]
		if log := s.Topic(p.Topic); g.Type == kafka.Share && p.Committed.OK && log != nil {
			p.Lag = kafka.Some(log.Partition(p.Partition).End.V - p.Committed.V) // the broker's own number
		}
		both := p.In.OK && p.Out.OK
		g.In.Add(kafka.Known[float64]{V: p.In.V, OK: both})
		g.Out.Add(kafka.Known[float64]{V: p.Out.V, OK: both})
	}
	lag.Join(&g.Group, s.Topic)
}
