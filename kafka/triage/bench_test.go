package triage

import (
	"fmt"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/lag"
)

// large is 2,000 groups with 12 partitions each over 400 topics, read at the given rate while 100
// records/s come in.
func large(now time.Time, polls int, reads int64) *kafka.Snapshot {
	s := &kafka.Snapshot{Began: now, At: now}
	for i := range 400 {
		t := kafka.Topic{Name: fmt.Sprintf("topic-%04d", i)}
		for p := range 12 {
			end := int64(100_000 + 200*polls)
			t.Partitions = append(t.Partitions, kafka.Partition{
				ID: int32(p), Leader: kafka.Some(int32(p%3 + 1)), Replicas: []int32{int32(p%3 + 1)}, ISR: []int32{int32(p%3 + 1)},
				Start: kafka.Some[int64](0), End: kafka.Some(end), At: now,
			})
		}
		s.Topics = append(s.Topics, t)
	}
	members := []kafka.Member{{ID: "member-1", ClientID: "client-1"}, {ID: "member-2", ClientID: "client-2"}}
	for i := range 2000 {
		g := kafka.Group{Name: fmt.Sprintf("group-%05d", i), Type: kafka.Classic, ProtocolType: "consumer", State: kafka.StateStable, Members: members, At: now}
		for p := range 12 {
			tp := kafka.TopicPartition{Topic: s.Topics[i%400].Name, Partition: int32(p)}
			g.Partitions = append(g.Partitions, kafka.GroupPartition{
				TopicPartition: tp, Committed: kafka.Some(int64(95_000) + 2*reads*int64(polls)), Owner: kafka.Some(p % 2),
			})
		}
		lag.Join(&g, s.Topic)
		s.Groups = append(s.Groups, g)
	}
	return s
}

// BenchmarkFindings is what the findings cost of one poll of the same size, on top of the verdicts.
func BenchmarkFindings(b *testing.B) {
	for name, reads := range map[string]int64{"keeping up": 100, "falling behind": 50} {
		b.Run(name, func(b *testing.B) {
			h := lag.NewHistory(lag.Options{})
			j := New(h)
			now := time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC)
			var s *kafka.Snapshot
			for polls := range 40 {
				now = now.Add(2 * time.Second)
				s = large(now, polls, reads)
				h.Observe(s)
				j.Judge(s)
			}
			b.ReportAllocs()
			for b.Loop() {
				for i := range s.Groups { // as if they were read anew
					j.groups[s.Groups[i].Name].checks.at = time.Time{}
				}
				j.find(s, now, 2*time.Second, false)
			}
			b.ReportMetric(float64(len(s.Findings)), "findings")
		})
	}
}

// BenchmarkJudge is one poll of 24,000 group-partitions that all have a backlog, which is the dear
// case: well ones ask the history for less.
func BenchmarkJudge(b *testing.B) {
	for name, reads := range map[string]int64{"keeping up": 100, "falling behind": 50} {
		b.Run(name, func(b *testing.B) {
			h := lag.NewHistory(lag.Options{})
			j := New(h)
			now, polls := time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC), 0
			next := func() *kafka.Snapshot {
				now, polls = now.Add(2*time.Second), polls+1
				s := large(now, polls, reads)
				h.Observe(s)
				return s
			}
			for range 40 {
				j.Judge(next())
			}
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				s := next()
				b.StartTimer()
				j.Judge(s)
			}
		})
	}
}
