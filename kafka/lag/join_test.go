package lag

import (
	"math"
	"math/rand/v2"
	"testing"

	"lagtop/kafka"
)

func some(v int64) kafka.Known[int64] { return kafka.Some(v) }

var unknown = kafka.Known[int64]{}

func orders(parts ...kafka.Partition) func(string) *kafka.Topic {
	t := kafka.Topic{Name: "orders", Partitions: parts}
	return func(name string) *kafka.Topic {
		if name == "orders" {
			return &t
		}
		return nil
	}
}

func TestJoin(t *testing.T) {
	for _, c := range []struct {
		name               string
		committed          kafka.Known[int64]
		start, end         kafka.Known[int64]
		lag                kafka.Known[int64]
		lost, ahead, total int64
	}{
		{"behind", some(70), some(10), some(100), some(30), 0, 0, 30},
		{"caught up", some(100), some(10), some(100), some(0), 0, 0, 0},
		{"no commit", unknown, some(10), some(100), unknown, 0, 0, 0},
		{"no commit in an empty log", unknown, some(0), some(0), unknown, 0, 0, 0},
		{"below the log start", some(4), some(10), some(100), some(90), 6, 0, 90},
		{"beyond the end", some(120), some(10), some(100), some(0), 0, 20, 0},
		{"log end not known", some(70), some(10), unknown, unknown, 0, 0, 0},
		{"lost though the end is not known", some(4), some(10), unknown, unknown, 6, 0, 0},
		{"log start not known", some(70), unknown, some(100), some(30), 0, 0, 30},
		{"negative commit", some(-5), some(0), some(100), some(100), 0, 0, 100},
		{"absurd commit", some(math.MaxInt64), some(0), some(100), some(0), 0, math.MaxInt64 - 100, 0},
		{"log start beyond an older end", some(4), some(120), some(100), some(0), 116, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := kafka.Group{Partitions: []kafka.GroupPartition{{TopicPartition: kafka.TopicPartition{Topic: "orders"}, Committed: c.committed}}}
			Join(&g, orders(kafka.Partition{Start: c.start, End: c.end}))
			p := g.Partitions[0]
			if p.Lag != c.lag || p.Lost != c.lost || p.Ahead != c.ahead || p.Start != c.start || p.End != c.end {
				t.Errorf("got %+v", p)
			}
			if g.Lag.V != c.total || g.Lost != c.lost || g.Lag.Complete() != c.lag.OK {
				t.Errorf("total %+v, lost %d", g.Lag, g.Lost)
			}
		})
	}
}

func TestJoinTwiceGivesTheSame(t *testing.T) {
	g := kafka.Group{Partitions: []kafka.GroupPartition{{TopicPartition: kafka.TopicPartition{Topic: "orders"}, Committed: some(5)}}}
	topic := orders(kafka.Partition{Start: some(10), End: some(20)})
	Join(&g, topic)
	once := g.Lag
	Join(&g, topic)
	if g.Lag != once || g.Lost != 5 {
		t.Errorf("%+v lost %d after the second, %+v after the first", g.Lag, g.Lost, once)
	}
}

func TestShareGroupKeepsTheBrokersLag(t *testing.T) {
	g := kafka.Group{Type: kafka.Share, Partitions: []kafka.GroupPartition{
		{TopicPartition: kafka.TopicPartition{Topic: "orders"}, Committed: some(5), Lag: some(7)},
		{TopicPartition: kafka.TopicPartition{Topic: "orders", Partition: 1}, Committed: some(5)},
	}}
	Join(&g, orders(kafka.Partition{Start: some(0), End: some(100)}, kafka.Partition{ID: 1, Start: some(0), End: some(100)}))
	if g.Partitions[0].Lag != some(7) || g.Partitions[1].Lag != unknown || g.Lag != (kafka.Total{V: 7, Known: 1, Missing: 1}) {
		t.Errorf("%+v, total %+v", g.Partitions, g.Lag)
	}
}

func TestTopicsThatWeCannotSeeAreMissingFromTheTotal(t *testing.T) {
	g := kafka.Group{
		Partitions: []kafka.GroupPartition{
			{TopicPartition: kafka.TopicPartition{Topic: "orders"}, Committed: some(5)},
			{TopicPartition: kafka.TopicPartition{Topic: "secret"}, Committed: some(5)},
		},
		Hidden: []string{"secret", "subscribed"},
	}
	Join(&g, orders(kafka.Partition{Start: some(0), End: some(20)}))
	if want := (kafka.Total{V: 15, Known: 1, Missing: 2}); g.Lag != want {
		t.Errorf("total %+v, want %+v", g.Lag, want)
	}
}

func TestLagIsNeverNegativeAndTotalsNeverCountUnknowns(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	offset := func() kafka.Known[int64] {
		switch r.IntN(5) {
		case 0:
			return unknown
		case 1:
			return some(r.Int64() - r.Int64())
		}
		return some(r.Int64N(200) - 20)
	}
	for range 20_000 {
		var parts []kafka.Partition
		g := kafka.Group{}
		for i := range r.IntN(5) {
			start, end := offset(), offset()
			start.V, end.V = max(start.V, 0)>>8, max(end.V, 0)>>8 // logs begin at 0; five of them stay within int64
			parts = append(parts, kafka.Partition{ID: int32(i), Start: start, End: end})
			g.Partitions = append(g.Partitions, kafka.GroupPartition{
				TopicPartition: kafka.TopicPartition{Topic: "orders", Partition: int32(i)}, Committed: offset(),
			})
		}
		Join(&g, orders(parts...))
		var sum int64
		known := 0
		for _, p := range g.Partitions {
			if p.Lag.V < 0 || p.Lost < 0 || p.Ahead < 0 || !p.Lag.OK && p.Lag.V != 0 {
				t.Fatalf("%+v", p)
			}
			if p.Lag.OK && (!p.Committed.OK || !p.End.OK) {
				t.Fatalf("a lag out of nothing: %+v", p)
			}
			if p.Lag.OK {
				sum += p.Lag.V
				known++
			}
		}
		if g.Lag != (kafka.Total{V: sum, Known: known, Missing: len(g.Partitions) - known}) {
			t.Fatalf("total %+v of %+v", g.Lag, g.Partitions)
		}
	}
}
