package lag

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"lagtop/kafka"
)

// large is a cluster of the size that the memory budget is made for.
func large(groups, perGroup, topics, perTopic int) *kafka.Snapshot {
	s := &kafka.Snapshot{}
	for i := range topics {
		t := kafka.Topic{Name: fmt.Sprintf("topic-%04d", i)}
		for p := range perTopic {
			t.Partitions = append(t.Partitions, kafka.Partition{ID: int32(p), Start: some(0), End: some(1000)})
		}
		s.Topics = append(s.Topics, t)
	}
	for i := range groups {
		g := kafka.Group{Name: fmt.Sprintf("group-%05d", i), Type: kafka.Classic, ProtocolType: "consumer"}
		for p := range perGroup {
			tp := kafka.TopicPartition{Topic: s.Topics[i%topics].Name, Partition: int32(p % perTopic)}
			g.Partitions = append(g.Partitions, kafka.GroupPartition{TopicPartition: tp, Committed: some(900)})
		}
		s.Groups = append(s.Groups, g)
	}
	return s
}

// advance moves a large cluster on by one poll.
func advance(s *kafka.Snapshot, step time.Duration) {
	s.At = s.At.Add(step)
	for i := range s.Topics {
		for p := range s.Topics[i].Partitions {
			part := &s.Topics[i].Partitions[p]
			part.At, part.End.V = s.At, part.End.V+int64(100+p)
		}
	}
	for i := range s.Groups {
		g := &s.Groups[i]
		g.At = s.At
		for p := range g.Partitions {
			g.Partitions[p].Committed.V += int64(100 + p)
		}
		Join(g, s.Topic)
	}
}

// fill gives a history every row that two hours of polls leave.
func fill(h *History, s *kafka.Snapshot) {
	s.At = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, tier := range []struct {
		polls int
		step  time.Duration
	}{{105, time.Minute}, {78, 10 * time.Second}, {60, 2 * time.Second}} {
		for range tier.polls {
			advance(s, tier.step)
			h.Observe(s)
		}
	}
}

func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// BenchmarkObserve is one poll of 2,000 groups with 12 partitions each, 400 topics with 12 each, and
// the memory of its two hours.
func BenchmarkObserve(b *testing.B) {
	s := large(2000, 12, 400, 12)
	before := heap()
	h := NewHistory(Options{})
	fill(h, s)
	full := heap() - before
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		advance(s, 2*time.Second)
		b.StartTimer()
		h.Observe(s)
	}
	b.ReportMetric(full/1e6, "MB/history")
	b.ReportMetric(float64(len(h.cols.rows)), "rows")
}

func BenchmarkJoin(b *testing.B) {
	s := large(2000, 12, 400, 12)
	b.ReportAllocs()
	for b.Loop() {
		for i := range s.Groups {
			Join(&s.Groups[i], s.Topic)
		}
	}
}

// BenchmarkTrend is what the rows of a screen ask for in a frame.
func BenchmarkTrend(b *testing.B) {
	s := large(40, 12, 40, 12)
	h := NewHistory(Options{})
	fill(h, s)
	b.ReportAllocs()
	for b.Loop() {
		for i := range s.Groups {
			h.Trend(OfGroup(s.Groups[i].Name), 15*time.Minute, 8)
			h.Trend(OfTopic(s.Topics[i].Name), 15*time.Minute, 8)
		}
	}
}
