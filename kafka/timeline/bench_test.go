package timeline

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"lagtop/kafka"
)

// fleet is so many groups of 6 members with 12 partitions; each of the first restless has a new member each time.
func fleet(n, restless, round int, at time.Time) *kafka.Snapshot {
	s := &kafka.Snapshot{At: at}
	for i := range n {
		g := kafka.Group{Name: fmt.Sprintf("group-%04d", i), Type: kafka.Classic, ProtocolType: "consumer", Protocol: "range", State: kafka.StateStable, At: at}
		for k := range 6 {
			id := fmt.Sprintf("consumer-%d-%d-5a3c7e0e-1c5e-4b6f-9d40-1f2e3d4c5b6a", i, k)
			if i < restless && k == 0 {
				id = fmt.Sprintf("consumer-%d-%d-%d-5a3c7e0e-1c5e-4b6f-9d40-1f2e3d4c", i, k, round)
			}
			m := kafka.Member{ID: id, ClientID: fmt.Sprintf("client-%d", k), Host: "10.0.0.1", Subscribed: []string{"orders"}}
			for p := range 2 {
				turn := 0
				if i < restless {
					turn = round
				}
				m.Assigned = append(m.Assigned, kafka.TopicPartition{Topic: "orders", Partition: int32(2*((k+turn)%6) + p)})
			}
			g.Members = append(g.Members, m)
		}
		s.Groups = append(s.Groups, g)
	}
	return s
}

// BenchmarkObserve compares a poll where nothing changed with copying as many groups, and with one where a tenth
// rebalanced.
func BenchmarkObserve(b *testing.B) {
	const groups = 2000
	for name, restless := range map[string]int{"calm": 0, "a tenth rebalances": groups / 10} {
		b.Run(name, func(b *testing.B) {
			l := New(Options{})
			polls := [2]*kafka.Snapshot{fleet(groups, restless, 0, epoch), fleet(groups, restless, 1, epoch)}
			at := epoch
			for i := 0; b.Loop(); i++ {
				b.StopTimer()
				s := polls[i%2]
				at = at.Add(2 * time.Second)
				for k := range s.Groups {
					s.Groups[k].At = at
				}
				b.StartTimer()
				l.Observe(s)
			}
		})
	}
}

// BenchmarkMemory fills a Log: all 2,000 groups rebalance until nothing more is kept.
func BenchmarkMemory(b *testing.B) {
	used := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for b.Loop() {
		before := used()
		l := New(Options{})
		for round := range 12 {
			l.Observe(fleet(2000, 2000, round, epoch.Add(time.Duration(round)*2*time.Second)))
		}
		l.prev = nil
		b.ReportMetric(float64(used()-before)/(1<<20), "MiB")
		b.ReportMetric(float64(len(l.All())), "rebalances")
		runtime.KeepAlive(l)
	}
}
