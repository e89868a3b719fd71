package poll

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"lagtop/kafka"
)

// Before Kafka 3.0 each group takes an OffsetFetch. Here there is not enough time for all in one poll.
func TestCommitsThatTakeTooLongOneByOneComeOverSeveralPolls(t *testing.T) {
	const groups = 60
	f := newFake(t, kfake.NumBrokers(1), kfake.SeedTopics(1, "orders"), kfake.MaxVersions(kversion.V2_8_0()))
	for i := range groups {
		f.commit(fmt.Sprintf("g-%02d", i), "orders", 1, int64(i))
	}
	f.ControlKey(int16(kmsg.OffsetFetch), func(kmsg.Request) (kmsg.Response, error, bool) {
		f.KeepControl()
		time.Sleep(10 * time.Millisecond) // what the broker takes for one
		return nil, nil, false
	})
	const deadline = 600 * time.Millisecond
	read := func(s *kafka.Snapshot) (n int) {
		for i := range s.Groups {
			if ps := s.Groups[i].Partitions; len(ps) == 1 && ps[0].Committed.OK {
				n++
			}
		}
		return n
	}
	seen := false
	first := func(s *kafka.Snapshot) { // in the poller's goroutine, so that no snapshot is missed
		if seen || len(s.Groups) < groups || read(s) == 0 {
			return
		}
		seen = true
		if n := read(s); n == groups || !slices.ContainsFunc(s.Faults, func(f kafka.Fault) bool {
			return f.Op == "OffsetFetch" && strings.Contains(f.Reason, "before Kafka 3.0")
		}) {
			t.Errorf("%d groups are read, faults %+v", n, s.Faults)
		}
		for i := range s.Groups {
			if g := &s.Groups[i]; len(g.Partitions) == 0 && !strings.Contains(g.Err, "come with the next polls") {
				t.Errorf("%s without commits says %q", g.Name, g.Err)
			}
		}
		if n := f.counted()["OffsetFetch"]; n > groups {
			t.Errorf("%d OffsetFetch in %d polls", n, s.Seq)
		}
	}
	p := watch(t, f.config(), Options{Interval: MinInterval, Deadline: deadline, Derive: []func(*kafka.Snapshot){first}})
	s := until(t, p, "the commits of all groups from a broker that does not count as failing", func(s *kafka.Snapshot) bool {
		return read(s) == groups && !s.Brokers[0].At.Before(s.Began)
	})
	for i := range s.Groups {
		if c := s.Groups[i].Partitions[0].Committed; c != kafka.Some(int64(i)) {
			t.Errorf("%s is at %v", s.Groups[i].Name, c)
		}
	}
	if s.Pace.Present <= s.Pace.Wanted {
		t.Errorf("pace %+v", s.Pace)
	}
}
