package triage

import (
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
)

// withStanding lets the last stable offset of one partition stand from now on for so many answers, one in half
// a minute; then it is at the end again.
func withStanding(then func(*kafka.Snapshot), partition int, answers int) func(*kafka.Snapshot) {
	var s *kafka.StableOffset
	return func(snap *kafka.Snapshot) {
		then(snap)
		p := &snap.Topics[0].Partitions[partition]
		switch {
		case s == nil:
			open := &kafka.OpenTransaction{Producer: 4001, Epoch: 3, Start: p.End.V - 1, Wrote: snap.At}
			s = &kafka.StableOffset{Offset: p.End.V - 1, At: snap.At, Seen: 1, Since: snap.At, End: p.End.V, Open: open}
		case snap.At.Sub(s.At) < 30*time.Second:
		case s.Seen >= answers:
			s = &kafka.StableOffset{Offset: p.End.V, At: snap.At}
		default:
			next := *s
			next.At, next.Seen = snap.At, s.Seen+1
			s = &next
		}
		p.Stable = s
	}
}

func TestATransactionUnder90SecondsIsNotHung(t *testing.T) {
	s := four(100)
	s.shape = withStanding(brokers, 1, 3)
	s.mustBeQuiet(t, 20*time.Minute, follow(1e6))
}

func TestOpenTransactionAtTheEndOfAQuietLogHangsAfterTheLongestTimeout(t *testing.T) {
	s := newSim(two, owned(10_000, 10_000, 0))
	s.shape = withStanding(brokers, 0, 1000)
	s.mustBeQuiet(t, 15*time.Minute, none)
	f := s.wait("hung-transaction", true, 2*time.Minute, none)
	if f == nil || !strings.Contains(f.Evidence, "LSO of orders/0 stands at 9999 for over 15 min with 1 behind it: read_committed consumers wait") ||
		!strings.HasSuffix(f.Evidence, "; no transaction may take that long (transaction.max.timeout.ms, 15 min by default)") {
		t.Errorf("found %q", s.described())
	}
}

func TestHungTransactionSaysWhatIsKnownOfItsProducer(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC)
	for name, c := range map[string]struct {
		open *kafka.OpenTransaction
		want string
	}{
		"nothing":                      {nil, "consumers wait"},
		"a timestamp in the future":    {&kafka.OpenTransaction{Producer: 7, Wrote: now.Add(time.Hour)}, "; producer id 7 epoch 0 has it open"},
		"no timestamp":                 {&kafka.OpenTransaction{Producer: 7}, "; producer id 7 epoch 0 has it open"},
		"one that goes on":             {&kafka.OpenTransaction{Producer: 7, Wrote: now.Add(-time.Second)}, "; producer id 7 epoch 0 still writes"},
		"one that was silent for long": {&kafka.OpenTransaction{Producer: 7, Wrote: now.Add(-3 * time.Hour)}, "; producer id 7 epoch 0 wrote last 3 h ago"},
	} {
		stands := &kafka.StableOffset{Offset: 1042, At: now, Seen: 7, Since: now.Add(-3 * time.Minute), End: 1045, Open: c.open}
		l := &Look{Now: now, Topic: &kafka.Topic{Name: "orders", Partitions: []kafka.Partition{{ID: 7, End: kafka.Some[int64](13_045), Stable: stands}}}}
		if got := sayHungTransaction(l); !strings.HasSuffix(got, c.want) ||
			!strings.HasPrefix(got, "LSO of orders/7 stands at 1042 for over 3 min while the end moved on by 12k: read_committed") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestTheTransactionOpenForLongestIsNamed(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC)
	l := &Look{Now: now, Topic: &kafka.Topic{Name: "orders"}}
	for i, since := range []time.Duration{3, 9, 4} {
		s := &kafka.StableOffset{Offset: 1, At: now, Seen: 9, Since: now.Add(-since * time.Minute), End: 5}
		l.Topic.Partitions = append(l.Topic.Partitions, kafka.Partition{ID: int32(i), End: kafka.Some[int64](10), Stable: s})
	}
	at, _ := hungAt(l)
	if got := sayHungTransaction(l); at.Partition != 1 || !strings.HasSuffix(got, "2 more partitions") {
		t.Errorf("%v: %s", at, got)
	}
	l.Topic.Partitions[1].End = kafka.Some[int64](1) // truncated to where it stood
	if at, _ = hungAt(l); at.Partition != 2 {
		t.Errorf("%v, though nothing waits in it", at)
	}
}
