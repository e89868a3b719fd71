package lag

import (
	"math"
	"testing"
	"time"

	"lagtop/kafka"
)

// cluster is a snapshot of one topic whose partitions 0 and 1 are led by brokers 1 and 2.
func cluster(at time.Time, ends ...int64) *kafka.Snapshot {
	s := &kafka.Snapshot{Seq: 1, Began: at, At: at, Brokers: []kafka.Broker{{ID: 1}, {ID: 2}, {ID: 3}}}
	t := kafka.Topic{Name: "orders"}
	for i, e := range ends {
		t.Partitions = append(t.Partitions, kafka.Partition{
			ID: int32(i), Leader: kafka.Some(int32(i%2 + 1)), Start: kafka.Some[int64](0), End: kafka.Some(e), At: at,
		})
	}
	s.Topics = []kafka.Topic{t}
	return s
}

func TestBrokerRateIsThatOfThePartitionsItLeads(t *testing.T) {
	h := NewHistory(Options{})
	at := time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC)
	var s *kafka.Snapshot
	for i := int64(0); i < 40; i++ {
		s = cluster(at, 100*i, 10*i, 50*i) // broker 1 leads 0 and 2
		h.Observe(s)
		at = at.Add(2 * time.Second)
	}
	for i, want := range []float64{75, 5} {
		if got := s.Brokers[i].In; !got.OK || math.Abs(got.V-want) > 0.01 {
			t.Errorf("broker %d: %+v, want %v/s", i+1, got, want)
		}
	}
	if s.Brokers[2].In.OK {
		t.Errorf("a broker that leads nothing has the rate %v", s.Brokers[2].In.V)
	}
	trend := h.Trend(OfBroker(1), time.Minute, 6)
	for i, v := range trend {
		if !v.OK || math.Abs(v.V-75) > 0.11 {
			t.Errorf("trend, step %d: %+v, want 75", i, v)
		}
	}
	for i, v := range h.Trend(OfBroker(3), time.Minute, 6) {
		if v.OK {
			t.Errorf("trend of a broker that leads nothing, step %d: %v", i, v.V)
		}
	}
}

func TestBrokerThatLeftIsForgotten(t *testing.T) {
	h := NewHistory(Options{})
	at := time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC)
	for i := int64(0); i < 3; i++ {
		h.Observe(cluster(at.Add(time.Duration(i)*2*time.Second), 100*i))
	}
	s := cluster(at.Add(6*time.Second), 300)
	s.Brokers = s.Brokers[:1]
	h.Observe(s)
	if len(h.nodes) != 1 {
		t.Errorf("%d brokers are remembered, 1 is left", len(h.nodes))
	}
}

func TestBrokerRateIsUnknownWhileTopicsAreLeftOut(t *testing.T) {
	h := NewHistory(Options{})
	at := time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC)
	for i := int64(0); i < 40; i++ {
		s := cluster(at, 100*i, 10*i)
		s.Limit.TopicsOut = 1
		if h.Observe(s); s.Brokers[0].In.OK {
			t.Fatalf("it is %v, though a part of what it leads is not known", s.Brokers[0].In.V)
		}
		at = at.Add(2 * time.Second)
	}
}
