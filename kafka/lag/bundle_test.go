package lag

import (
	"math"
	"testing"
	"time"

	"lagtop/kafka"
)

// uneven is a group of more partitions than are read together, of which some are read or produced to in other polls
// than the rest, come late, begin anew, are moved back or have no commit.
func uneven(typ kafka.GroupType) (*History, Buckets, []kafka.TopicPartition) {
	const parts, polls = chunk + 300, 40
	s := large(1, parts, 1, parts)
	g := &s.Groups[0]
	g.Type = typ
	h := NewHistory(Options{})
	s.At = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for poll := range polls {
		s.At = s.At.Add(two)
		g.At = s.At
		for i := range g.Partitions {
			log, p := &s.Topics[0].Partitions[i], &g.Partitions[i]
			rate := int64(1 + i%7)
			log.At, log.End.V = s.At, log.End.V+2*rate
			p.Committed = some(log.End.V - 3*rate)
			switch kind := i % 10; {
			case kind == 1 && poll%9 < 3: // its leader does not answer
				log.At = time.Time{}
			case kind == 2 && poll < 20, kind == 3:
				p.Committed = unknown
			case kind == 4 && poll > 15 && poll < 25:
				p.Committed.V -= 20 * rate
			case kind == 5 && poll == 12:
				log.End.V = 5 // recreated
			case kind == 6:
				p.Committed.V = log.End.V + 10
			}
		}
		if g.Type == kafka.Share {
			for i := range g.Partitions {
				g.Partitions[i].Lag = some(int64(1000 + (i+poll)%50*poll))
			}
		} else {
			Join(g, s.Topic)
		}
		h.Observe(s)
	}
	of := make([]kafka.TopicPartition, parts)
	for i := range of {
		of[i] = g.Partitions[i].TopicPartition
	}
	return h, Buckets{From: s.At.Add(-polls*two - 7*time.Second), Step: 3 * time.Second, N: 32}, of
}

func TestASumIsThatOfItsPartitions(t *testing.T) {
	for _, typ := range []kafka.GroupType{kafka.Classic, kafka.Share} {
		h, b, of := uneven(typ)
		want := Course{Lag: b.blank(), In: b.blank(), Out: b.blank()}
		produced, missing := b.blank(), make([]bool, b.N)
		for _, tp := range of {
			c := h.Course("group-00000", []kafka.TopicPartition{tp}, b)
			made, seen := h.Produced(OfPartition(tp), b), false
			for i := range b.N {
				produced[i] = plus(produced[i], made[i])
				want.Lag[i] = plus(want.Lag[i], c.Lag[i])
				seen = seen || c.Lag[i].OK
				missing[i] = missing[i] || seen && !c.Lag[i].OK
				if c.In[i].OK && c.Out[i].OK {
					want.In[i], want.Out[i] = plus(want.In[i], c.In[i]), plus(want.Out[i], c.Out[i])
				}
			}
		}
		for i, miss := range missing {
			if miss {
				want.Lag[i] = kafka.Known[float64]{}
			}
		}
		got := h.Course("group-00000", of, b)
		same(t, typ, "lag", got.Lag, want.Lag)
		same(t, typ, "in", got.In, want.In)
		same(t, typ, "out", got.Out, want.Out)
		same(t, typ, "lags", h.Lags("group-00000", of, b), want.Lag)
		same(t, typ, "produced", h.Produced(OfTopic("topic-0000"), b), produced)
	}
}

func same(t *testing.T, typ kafka.GroupType, what string, got, want []kafka.Known[float64]) {
	t.Helper()
	some := false
	for i := range want {
		some = some || want[i].OK
		if got[i].OK != want[i].OK || math.Abs(got[i].V-want[i].V) > 1e-6*(1+want[i].V) {
			t.Errorf("%s %s, step %d: %v, the partitions say %v", typ, what, i, got[i], want[i])
		}
	}
	if !some {
		t.Errorf("%s %s: nothing is known", typ, what)
	}
}
