package poll

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"lagtop/kafka"
)

func TestAfterASleepOfTheMachineItPollsAtOnceOnNewConnections(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(3, "orders"))
	f.commit("g", "orders", 3, 0)
	p := New(f.config(), Options{Interval: time.Hour, Deadline: unhurried})
	var asleep atomic.Bool
	p.slept = func(time.Time) time.Duration {
		if asleep.CompareAndSwap(true, false) {
			return 8 * time.Hour
		}
		return slept(time.Now())
	}
	run(t, p)
	first := until(t, p, "a snapshot", (*kafka.Snapshot).Complete)
	for i := range first.Brokers { // their ends of the old connections are gone without a word
		f.wire(first.Brokers[i].ID).forget()
	}
	asleep.Store(true)
	s := until(t, p, "the next poll", func(s *kafka.Snapshot) bool { return s.Seq > first.Seq })
	if !s.Complete() || s.Seq != first.Seq+1 {
		t.Errorf("poll %d, faults %+v", s.Seq, s.Faults)
	}
}

func TestPublishedTimesGrowOldWhileTheMachineSleeps(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(1, "orders"))
	f.commit("g", "orders", 1, 0)
	s := once(t, f.config())
	for what, at := range map[string]time.Time{
		"the snapshot": s.At, "its beginning": s.Began, "a group": s.Groups[0].At, "a broker": s.Brokers[0].At,
		"a partition": s.Topic("orders").Partitions[0].At,
	} {
		if at != wall(at) {
			t.Errorf("%s has a time that stands still in sleep: %v", what, at)
		}
	}
}

func TestASleepIsSeenHoweverShortTheIntervalIs(t *testing.T) {
	f := newFake(t, kfake.NumBrokers(1))
	p := New(f.config(), Options{Interval: MinInterval})
	p.slept = func(time.Time) time.Duration { return 8 * time.Hour }
	s := newSession(t.Context(), p)
	defer s.close()
	n := s.start(1, f.ListenAddrs()[0])
	s.nodes = append(s.nodes, n)
	s.rest(time.Now())
	if s.nodes[0] == n {
		t.Error("the connection of before the sleep is still used")
	}
}

func TestFaultsGrowOldWhileTheMachineSleeps(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(3, "orders"))
	f.commit("g", "orders", 3, 0)
	p := watch(t, f.config(), Options{Interval: MinInterval, Deadline: time.Second})
	until(t, p, "a snapshot", (*kafka.Snapshot).Complete)
	f.wire(2).cut()
	s := until(t, p, "a fault", func(s *kafka.Snapshot) bool { return len(s.Faults) > 0 })
	if at := s.Faults[0].Since; at != wall(at) {
		t.Errorf("a fault has a time that stands still in sleep: %v", at)
	}
	if st := p.Status(); st.Since != wall(st.Since) || st.LastOK != wall(st.LastOK) {
		t.Errorf("so has the status: %+v", st)
	}
}
