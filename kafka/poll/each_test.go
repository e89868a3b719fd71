package poll

import (
	"fmt"
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
	p := watch(t, f.config(), Options{Interval: MinInterval, Deadline: deadline})
	read := func(s *kafka.Snapshot) (n int) {
		for i := range s.Groups {
			if ps := s.Groups[i].Partitions; len(ps) == 1 && ps[0].Committed.OK {
				n++
			}
		}
		return n
	}
	s := until(t, p, "all groups, some of them read", func(s *kafka.Snapshot) bool { return len(s.Groups) == groups && read(s) > 0 })
	if n := read(s); n == groups || len(s.Faults) != 1 || s.Faults[0].Op != "OffsetFetch" || !strings.Contains(s.Faults[0].Reason, "before Kafka 3.0") {
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
	s = until(t, p, "the commits of all groups", func(s *kafka.Snapshot) bool { return read(s) == groups })
	for i := range s.Groups {
		if c := s.Groups[i].Partitions[0].Committed; c != kafka.Some(int64(i)) {
			t.Errorf("%s is at %v", s.Groups[i].Name, c)
		}
	}
	if !strings.Contains(s.Pace.Why, "before Kafka 3.0 each group takes a request") || s.Pace.Present <= s.Pace.Wanted {
		t.Errorf("pace %+v", s.Pace)
	}
	if len(s.Faults) > 0 && s.Brokers[0].At.Before(s.Began) {
		t.Errorf("the broker counts as failing: %+v", s.Brokers[0])
	}
}
