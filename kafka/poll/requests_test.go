package poll

import (
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
	"lagtop/kafka/conn"
)

func TestWhatTheLogCountsIsWhatTheClusterReceived(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(6, "orders"))
	for _, g := range []string{"a", "b", "c", "d", "e"} {
		f.commit(g, "orders", 6, 0)
	}
	f.counted()
	cfg := f.config()
	cfg.Log = conn.NewLog()
	polled := make(chan int, 6)
	p := watch(t, cfg, Options{Interval: time.Hour, Deadline: unhurried, Stable: time.Hour, Derive: []func(*kafka.Snapshot){func(s *kafka.Snapshot) { polled <- s.Requests }}})
	told := 0
	for n := range uint64(5) {
		told += <-polled
		until(t, p, "a snapshot", func(s *kafka.Snapshot) bool { return s.Seq > n })
		p.Refresh()
	}
	told += <-polled // the sixth, which the last Refresh asked for
	var got map[string]int
	received := map[string]int{}
	defer func() { t.Logf("counted %v, received %v", got, received) }()
	r := quiet(t, cfg.Log, func(r *kafka.RequestReport) bool {
		got = map[string]int{}
		for _, row := range r.Rows {
			got[row.API] += row.Count
		}
		for api, n := range f.counted() {
			received[api] += n
		}
		return r.By[kafka.PurposeAside].Count >= 3 && maps.Equal(got, received)
	})
	if n := r.By[kafka.PurposePoll].Count; n != told {
		t.Errorf("%d requests for polls, the snapshots say %d", n, told)
	}
	if r.Total.Errors != 0 || r.Total.In == 0 || r.Total.Out == 0 || r.Ever[kafka.PurposePoll] != r.By[kafka.PurposePoll] {
		t.Errorf("%+v, ever %+v", r.Total, r.Ever)
	}
}

// quiet is the report when nothing is under way any more.
func quiet(t *testing.T, l *conn.Log, ok func(*kafka.RequestReport) bool) kafka.RequestReport {
	t.Helper()
	deadline, look := time.After(patience), time.NewTicker(20*time.Millisecond)
	defer look.Stop()
	for {
		r := l.Report(time.Now())
		waiting := 0
		for i := range r.Rows {
			waiting += r.Rows[i].Waiting
		}
		if waiting == 0 && ok(&r) {
			return r
		}
		select {
		case <-look.C:
		case <-deadline:
			t.Fatalf("still %d under way: %+v", waiting, r)
		}
	}
}

func TestAHungBrokerIsSeenInTheLog(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(6, "orders"))
	cfg := f.config()
	cfg.Log = conn.NewLog()
	p := watch(t, cfg, Options{Interval: MinInterval, Deadline: 2 * time.Second})
	s := until(t, p, "all brokers", func(s *kafka.Snapshot) bool { return len(s.Brokers) == 3 && s.Complete() && s.Seq > 2 })
	id := s.Brokers[2].ID
	f.wire(id).hang()
	until(t, p, "the fault", func(s *kafka.Snapshot) bool {
		return slices.ContainsFunc(s.Faults, func(f kafka.Fault) bool { return f.Broker == kafka.Some(id) })
	})
	r := cfg.Log.Report(time.Now())
	failed := 0
	for _, row := range r.Rows {
		if row.Addr == s.Brokers[2].Addr {
			failed += row.Errors
		}
		// On a busy machine others may be late as well.
		if x := row.Failure; x.OK && (x.V.Reason == "" || row.Max.V <= 0 || x.V.At.IsZero()) {
			t.Errorf("%s: %+v after %v", row.API, x.V, row.Max)
		}
	}
	if failed == 0 {
		t.Errorf("no errors there: %+v", r.Rows)
	}
}

func TestThrottlingSlowsThePollsDown(t *testing.T) {
	f := newFake(t, kfake.NumBrokers(1), kfake.SeedTopics(1, "orders"))
	p := watch(t, f.config(), Options{Interval: MinInterval})
	throttles := func(s *kafka.Snapshot) bool { return strings.Contains(s.Pace.Why, "throttles") }
	if s := until(t, p, "some snapshots", func(s *kafka.Snapshot) bool { return s.Seq > 3 }); throttles(s) {
		t.Errorf("%+v", s.Pace)
	}
	var calm atomic.Bool
	f.ControlKey(int16(kmsg.ListGroups), func(r kmsg.Request) (kmsg.Response, error, bool) {
		if calm.Load() {
			return nil, nil, false
		}
		f.KeepControl()
		resp := r.ResponseKind().(*kmsg.ListGroupsResponse)
		resp.ThrottleMillis = 5
		return resp, nil, true
	})
	s := until(t, p, "a slower pace", throttles)
	if s.Pace.Present <= s.Pace.Wanted {
		t.Errorf("%+v", s.Pace)
	}
	calm.Store(true)
	until(t, p, "an end of that", func(s *kafka.Snapshot) bool { return !throttles(s) })
}

// Nothing can be asked of a broker that wants quiet for longer than a poll lasts. That is said, and waited for.
func TestABrokerThatThrottlesForLongIsLeftAlone(t *testing.T) {
	f := newFake(t, kfake.NumBrokers(1), kfake.SeedTopics(1, "orders"))
	p := watch(t, f.config(), Options{Interval: MinInterval, Deadline: 10 * time.Second})
	until(t, p, "a snapshot", func(s *kafka.Snapshot) bool { return s.Seq > 1 && s.Complete() })
	f.ControlKey(int16(kmsg.ListGroups), func(r kmsg.Request) (kmsg.Response, error, bool) {
		resp := r.ResponseKind().(*kmsg.ListGroupsResponse)
		resp.ThrottleMillis = 400_000
		return resp, nil, true
	})
	s := until(t, p, "a fault", func(s *kafka.Snapshot) bool { return len(s.Faults) > 0 })
	if x := s.Faults[0]; !strings.HasPrefix(x.Reason, "the broker throttles us until ") || !strings.Contains(x.Advice, "quota") {
		t.Errorf("%+v", x)
	}
	p.Refresh()
	next := until(t, p, "one more poll", func(n *kafka.Snapshot) bool { return n.Seq > s.Seq })
	for _, s := range []*kafka.Snapshot{s, next} {
		if s.Pace.Present < 30*time.Second || s.Pace.Why != "the cluster throttles us" {
			t.Errorf("poll %d: %+v", s.Seq, s.Pace)
		}
	}
}

func TestTheRetentionOfCommitsIsRead(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(1, "orders"))
	f.ControlKey(int16(kmsg.DescribeConfigs), func(r kmsg.Request) (kmsg.Response, error, bool) {
		f.KeepControl()
		req := r.(*kmsg.DescribeConfigsRequest)
		if len(req.Resources) != 1 || req.Resources[0].ResourceType != kmsg.ConfigResourceTypeBroker || len(req.Resources[0].ConfigNames) != 1 {
			t.Errorf("asked for %+v", req.Resources)
		}
		resp := r.ResponseKind().(*kmsg.DescribeConfigsResponse)
		x := kmsg.NewDescribeConfigsResponseResource()
		c := kmsg.NewDescribeConfigsResponseResourceConfig()
		c.Name, c.Value = "offsets.retention.minutes", kmsg.StringPtr("1440")
		x.Configs = append(x.Configs, c)
		resp.Resources = append(resp.Resources, x)
		return resp, nil, true
	})
	p := watch(t, f.config(), Options{Interval: MinInterval})
	s := until(t, p, "the retention", func(s *kafka.Snapshot) bool { return s.Cluster.OffsetsRetention.OK })
	if s.Cluster.OffsetsRetention.V != 24*time.Hour {
		t.Errorf("%v", s.Cluster.OffsetsRetention.V)
	}
}
