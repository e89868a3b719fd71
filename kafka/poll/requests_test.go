package poll

import (
	"strings"
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
	p := watch(t, cfg, Options{Interval: time.Hour, Stable: time.Hour, Derive: []func(*kafka.Snapshot){func(s *kafka.Snapshot) { polled <- s.Requests }}})
	told := 0
	for n := range uint64(5) {
		told += <-polled
		until(t, p, "a snapshot", func(s *kafka.Snapshot) bool { return s.Seq > n })
		p.Refresh()
	}
	told += <-polled // the sixth, which the last Refresh asked for
	r := quiet(t, cfg.Log, func(r *kafka.RequestReport) bool { return r.By[kafka.PurposeAside].Count >= 3 })
	got := map[string]int{}
	for _, row := range r.Rows {
		got[row.API] += row.Count
	}
	want := f.counted()
	for api, n := range want {
		if got[api] != n {
			t.Errorf("%s: %d counted, %d received", api, got[api], n)
		}
	}
	for api, n := range got {
		if want[api] == 0 {
			t.Errorf("%s: %d counted, none received", api, n)
		}
	}
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
	p := watch(t, cfg, Options{Interval: MinInterval, Deadline: 400 * time.Millisecond})
	s := until(t, p, "all brokers", func(s *kafka.Snapshot) bool { return len(s.Brokers) == 3 && s.Complete() && s.Seq > 2 })
	id := s.Brokers[2].ID
	f.wire(id).hang()
	until(t, p, "the fault", func(s *kafka.Snapshot) bool { return !s.Complete() })
	r := cfg.Log.Report(time.Now())
	failed, others := 0, 0
	for _, row := range r.Rows {
		if row.Addr != s.Brokers[2].Addr {
			others += row.Errors
			continue
		}
		failed += row.Errors
		if x := row.Failure; x.OK && (!strings.Contains(x.V.Reason, "in time") || row.Max.V < 300*time.Millisecond || time.Since(x.V.At) > time.Minute) {
			t.Errorf("%s: %+v after %v", row.API, x.V, row.Max)
		}
	}
	if failed == 0 || others != 0 {
		t.Errorf("%d errors there and %d elsewhere", failed, others)
	}
}

func TestThrottlingSlowsThePollsDown(t *testing.T) {
	f := newFake(t, kfake.NumBrokers(1), kfake.SeedTopics(1, "orders"))
	p := watch(t, f.config(), Options{Interval: MinInterval})
	until(t, p, "a calm pace", func(s *kafka.Snapshot) bool { return s.Seq > 3 && s.Pace.Why == "" && s.Pace.Present == MinInterval })
	f.ControlKey(int16(kmsg.ListGroups), func(r kmsg.Request) (kmsg.Response, error, bool) {
		resp := r.ResponseKind().(*kmsg.ListGroupsResponse)
		resp.ThrottleMillis = 5
		return resp, nil, true
	})
	s := until(t, p, "a slower pace", func(s *kafka.Snapshot) bool { return strings.Contains(s.Pace.Why, "throttles") })
	if s.Pace.Present <= s.Pace.Wanted {
		t.Errorf("%+v", s.Pace)
	}
	until(t, p, "the calm pace", func(s *kafka.Snapshot) bool { return s.Pace.Why == "" })
}

// Nothing can be asked of a broker that wants quiet for longer than a poll lasts. That is said, and waited for.
func TestABrokerThatThrottlesForLongIsLeftAlone(t *testing.T) {
	f := newFake(t, kfake.NumBrokers(1), kfake.SeedTopics(1, "orders"))
	p := watch(t, f.config(), Options{Interval: MinInterval})
	until(t, p, "a snapshot", func(s *kafka.Snapshot) bool { return s.Seq > 1 && s.Complete() })
	f.ControlKey(int16(kmsg.ListGroups), func(r kmsg.Request) (kmsg.Response, error, bool) {
		resp := r.ResponseKind().(*kmsg.ListGroupsResponse)
		resp.ThrottleMillis = 40_000
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
