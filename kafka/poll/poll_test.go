package poll

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
	"lagtop/kafka/conn"
)

func TestOnceReadsTheWholeCluster(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(4, "orders", "payments"))
	f.produce("orders", 1, 10)
	f.commit("billing", "orders", 3, 4)
	s := once(t, f.config())
	if !s.Complete() {
		t.Fatalf("faults: %+v", s.Faults)
	}
	if len(s.Brokers) != 3 || len(s.Topics) != 2 {
		t.Fatalf("%d brokers, %d topics", len(s.Brokers), len(s.Topics))
	}
	g := s.Group("billing")
	if g == nil || len(g.Partitions) != 3 {
		t.Fatalf("group: %+v", g)
	}
	p := g.Partition(kafka.TopicPartition{Topic: "orders", Partition: 1})
	if p.Committed != kafka.Some[int64](4) || p.End != kafka.Some[int64](10) || p.Lag != kafka.Some[int64](6) {
		t.Errorf("orders/1: %+v", p)
	}
	t.Logf("%d requests: %v", s.Requests, f.counted())
}

func TestSixteenRequestsForThreeBrokers(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(12, "orders", "payments"))
	for i := range 12 { // enough for every broker to coordinate some
		f.commit(fmt.Sprintf("g%d", i), "orders", 12, 0)
	}
	p := watch(t, f.config(), Options{Interval: 200 * time.Millisecond, Deadline: unhurried})
	s := until(t, p, "a second snapshot", func(s *kafka.Snapshot) bool { return s.Seq >= 2 && len(s.Groups) == 12 })
	if s.Requests != 16 {
		t.Errorf("%d requests, want Metadata 1, ListGroups 3, DescribeGroups 3, OffsetFetch 3, ListOffsets 6", s.Requests)
	}
	before := s.Seq
	f.counted()
	until(t, p, "more snapshots", func(s *kafka.Snapshot) bool { return s.Seq >= before+5 })
	n := f.counted()
	if polls := int(p.Latest().Seq - before); n["Metadata"] > polls+1 || n["OffsetFetch"] > 3*(polls+1) || n["FindCoordinator"] > 0 {
		t.Errorf("%d polls asked %v", polls, n)
	}
}

func TestAsksForCommitsBeforeEnds(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(6, "orders"))
	for i := range 9 {
		f.commit(fmt.Sprintf("g%d", i), "orders", 6, 0)
	}
	var mu sync.Mutex
	var order []string
	f.Control(func(r kmsg.Request) (kmsg.Response, error, bool) {
		f.KeepControl()
		mu.Lock()
		defer mu.Unlock()
		order = append(order, kmsg.NameForKey(r.Key()))
		return nil, nil, false
	})
	once(t, f.config())
	mu.Lock()
	defer mu.Unlock()
	last := slices.Index(order, "ListOffsets")
	if last < 0 || slices.Contains(order[last:], "OffsetFetch") {
		t.Errorf("order: %v", order)
	}
}

// victim is a broker that did not serve the bootstrap.
func victim(t *testing.T, f *fake, s *kafka.Snapshot) int32 {
	t.Helper()
	for _, b := range s.Brokers {
		if b.Addr != f.config().Bootstrap[0] && b.Groups > 0 {
			return b.ID
		}
	}
	t.Fatal("no broker with groups")
	return 0
}

func TestBrokerThatFailsMakesOnlyItsPartStaleAndHeals(t *testing.T) {
	for name, hurt := range map[string]func(*wire){"down": (*wire).cut, "hung": (*wire).hang} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, kfake.SeedTopics(12, "orders"))
			for i := range 12 {
				f.commit(fmt.Sprintf("g%02d", i), "orders", 12, 0)
			}
			p := watch(t, f.config(), Options{Interval: 100 * time.Millisecond, Deadline: 2 * time.Second})
			good := until(t, p, "a complete snapshot", func(s *kafka.Snapshot) bool { return s.Complete() && len(s.Groups) == 12 })
			id := victim(t, f, good)
			w := f.wire(id)
			hurt(w)
			wrong := "no snapshot"
			defer func() { t.Log("at last:", wrong) }()
			until(t, p, "a later snapshot with nothing but that fault", func(s *kafka.Snapshot) bool {
				if s.Seq > good.Seq+4 {
					wrong = notOnlyPartStale(s, id)
				}
				return wrong == ""
			})
			w.heal()
			until(t, p, "a complete snapshot again", func(s *kafka.Snapshot) bool { return s.Seq > good.Seq && s.Complete() })
		})
	}
}

// notOnlyPartStale says where a snapshot shows more or less than that one broker failed; empty when it does not.
func notOnlyPartStale(s *kafka.Snapshot, id int32) string {
	if f := s.Faults; len(f) != 1 || f[0].Broker != kafka.Some(id) || f[0].Op == "" || f[0].Reason == "" || f[0].Since.IsZero() {
		return fmt.Sprintf("faults: %+v", f)
	}
	if len(s.Groups) != 12 {
		return fmt.Sprintf("%d groups are left of 12", len(s.Groups))
	}
	for i := range s.Groups {
		g := &s.Groups[i]
		if old := g.At.Before(s.Began); old != (g.Coordinator.V == id) {
			return fmt.Sprintf("%s of broker %d: read before the poll: %v", g.Name, g.Coordinator.V, old)
		}
		if g.Gone || len(g.Partitions) != 12 {
			return fmt.Sprintf("%s: gone %v, %d partitions", g.Name, g.Gone, len(g.Partitions))
		}
	}
	for _, p := range s.Topic("orders").Partitions {
		old := p.At.Before(s.Began)
		if old != (p.Leader.V == id) || old != (p.Err != "") || !p.End.OK {
			return fmt.Sprintf("orders/%d led by %d: read before the poll: %v, %q, end %v", p.ID, p.Leader.V, old, p.Err, p.End)
		}
	}
	if b := s.Broker(id); !b.At.Before(s.Began) {
		return fmt.Sprintf("broker %d seems fresh", id)
	}
	return ""
}

func TestDoesNotWaitForABrokerThatIsKnownToHang(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(3, "orders"))
	s := newSession(t.Context(), New(f.config(), Options{Interval: time.Hour, Deadline: 2 * time.Second}))
	defer s.close()
	for snap, err := s.poll(time.Now()); err != nil || !snap.Complete(); snap, err = s.poll(time.Now()) {
		t.Logf("a first poll that did not read all: %v", err)
	}
	bad := s.nodes[1]
	f.wire(bad.id).hang()
	for i := 0; bad.up(); i++ {
		if i == 20 {
			t.Fatal("the hang was not noticed in 20 polls")
		}
		_, _ = s.poll(time.Now()) // nobody may answer in time on a busy machine
	}
	c := &cycle{id: 99, began: time.Now(), deadline: time.Now().Add(time.Second)}
	bad.retry = c.began
	s.askGroups(c, bad)
	if bad.pending != 1 || len(c.waitA) != 0 {
		t.Errorf("asked %d times, waits for %d", bad.pending, len(c.waitA))
	}
	bad.retry = c.began.Add(time.Nanosecond)
	bad.pending = 0
	s.askGroups(c, bad)
	if bad.pending != 0 {
		t.Error("asked before its backoff was over")
	}
	bad.pending = 1
}

func TestHealsWithTheSecondPollAfterTheBrokerIsBack(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(12, "orders"))
	s := newSession(t.Context(), New(f.config(), Options{Interval: time.Hour, Deadline: unhurried}))
	defer s.close()
	poll := func() *kafka.Snapshot {
		snap, err := s.poll(time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return snap
	}
	poll()
	bad := s.nodes[1]
	w := f.wire(bad.id)
	w.cut()
	if snap := poll(); snap.Complete() || bad.up() {
		t.Fatalf("not noticed: %+v", bad)
	}
	w.heal()
	bad.retry = time.Time{} // its backoff is over
	poll()
	for !bad.up() { // the first poll asked, and need not have waited for the answer
		s.note(<-s.results, time.Now())
	}
	if snap := poll(); !snap.Complete() {
		t.Errorf("faults: %+v", snap.Faults)
	}
}

func TestAnotherBrokerAnswersMetadata(t *testing.T) {
	for name, hurt := range map[string]func(*wire){"down": (*wire).cut, "hung": (*wire).hang} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, kfake.SeedTopics(12, "orders"))
			p := watch(t, f.config(), Options{Interval: 100 * time.Millisecond, Deadline: 2 * time.Second})
			good := until(t, p, "a complete snapshot", (*kafka.Snapshot).Complete)
			for i := range good.Brokers {
				if b := good.Brokers[i]; b.Addr == f.config().Bootstrap[0] {
					hurt(f.wire(b.ID))
				}
			}
			until(t, p, "metadata in a snapshot with the bootstrap broker "+name, func(s *kafka.Snapshot) bool {
				none := slices.ContainsFunc(s.Faults, func(f kafka.Fault) bool { return f.Op == "Metadata" && !f.Broker.OK })
				return s.Seq > good.Seq+2 && !s.Complete() && !none && p.Status().Err == nil
			})
		})
	}
}

func TestFollowsCoordinatorsThatMove(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(3, "orders"))
	for i := range 12 {
		f.commit(fmt.Sprintf("g%02d", i), "orders", 3, 0)
	}
	p := watch(t, f.config(), Options{Interval: 100 * time.Millisecond})
	before := until(t, p, "12 groups", func(s *kafka.Snapshot) bool { return len(s.Groups) == 12 })
	f.RehashCoordinators()
	until(t, p, "another coordinator", func(s *kafka.Snapshot) bool {
		moved := 0
		for i := range s.Groups {
			if len(s.Groups) == 12 && s.Groups[i].Coordinator != before.Group(s.Groups[i].Name).Coordinator && !s.Groups[i].At.Before(s.Began) {
				moved++
			}
		}
		return moved > 0
	})
}

func TestTopicMadeAgainStartsAnew(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(1, "orders"))
	f.produce("orders", 0, 50)
	f.commit("g", "orders", 1, 20)
	p := watch(t, f.config(), Options{Interval: 100 * time.Millisecond})
	old := until(t, p, "the end", func(s *kafka.Snapshot) bool { return s.Topic("orders").Partitions[0].End == kafka.Some[int64](50) })
	if err := f.DeleteTopic("orders"); err != nil {
		t.Fatal(err)
	}
	if err := f.CreateTopic("orders", 1, nil); err != nil {
		t.Fatal(err)
	}
	s := until(t, p, "the new topic", func(s *kafka.Snapshot) bool {
		return s.Topic("orders") != nil && s.Topic("orders").ID != old.Topic("orders").ID && s.Topic("orders").Partitions[0].End.OK
	})
	if part := s.Topic("orders").Partitions[0]; part.End != kafka.Some[int64](0) {
		t.Errorf("the new topic has the end %v of the old one", part.End)
	}
}

func TestEndThatGoesBackIsReadTwice(t *testing.T) {
	tp := kafka.TopicPartition{Topic: "orders"}
	w := newWorld()
	now := time.Now()
	ends := func(v int64) map[*node]*offsetsAnswer {
		row := conn.LogOffset{TopicPartition: tp, Offset: kafka.Some(v)}
		return map[*node]*offsetsAnswer{{}: {at: now, ends: []conn.LogOffset{row}}}
	}
	meta := func(id byte) *conn.Metadata {
		return &conn.Metadata{Topics: []kafka.Topic{{Name: "orders", ID: [16]byte{id}, Partitions: []kafka.Partition{{Leader: kafka.Some[int32](1)}}}}}
	}
	steps := []struct {
		id   byte
		end  int64
		want int64
		held bool
	}{{1, 50, 50, false}, {1, 3, 50, true}, {1, 4, 4, false}, {1, 1, 4, true}, {2, 2, 2, false}}
	for i, s := range steps {
		w.see(meta(s.id))
		w.takeOffsets(ends(s.end))
		p := w.partition(tp)
		if p.End != kafka.Some(s.want) || (p.Err != "") != s.held {
			t.Errorf("step %d: end %v, %q; want %d, held %v", i, p.End, p.Err, s.want, s.held)
		}
	}
}

func TestDeniedGroupAndTopicLeaveTheRestComplete(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(2, "orders", "secret"))
	for _, g := range []string{"a", "b", "c"} {
		f.commit(g, "orders", 2, 0)
	}
	f.Fault(
		kfake.Fault{Keys: []kmsg.Key{kmsg.DescribeGroups, kmsg.OffsetFetch}, Group: "b", Err: kerr.GroupAuthorizationFailed, Count: -1},
		kfake.Fault{Keys: []kmsg.Key{kmsg.ListOffsets}, Topic: "secret", Err: kerr.TopicAuthorizationFailed, Count: -1},
	)
	s := once(t, f.config())
	if len(s.Groups) != 3 {
		t.Fatalf("%d groups", len(s.Groups))
	}
	if g := s.Group("b"); g.Err != "not authorized: DESCRIBE on group b" {
		t.Errorf("b: %q", g.Err)
	}
	for _, name := range []string{"a", "c"} {
		if g := s.Group(name); g.Err != "" || len(g.Partitions) != 2 || g.Lag.Missing > 0 {
			t.Errorf("%s: %+v", name, g)
		}
	}
	if p := s.Topic("secret").Partitions[0]; p.Err != "not authorized: DESCRIBE on topic secret" || p.End.OK {
		t.Errorf("secret: %+v", p)
	}
	var got []string
	for _, f := range s.Faults {
		got = append(got, f.Group+f.Topic+" "+f.Op)
	}
	if want := []string{"secret ListOffsets", "b DescribeGroups", "b OffsetFetch"}; !slices.Equal(got, want) {
		t.Errorf("faults %q, want %q", got, want)
	}
	if got := s.Denied(); !slices.Equal(got, []string{"b"}) {
		t.Errorf("denied: %q", got)
	}
}

func TestPartitionWithoutLeaderIsNotAsked(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(3, "orders"))
	f.commit("g", "orders", 3, 0)
	f.ControlKey(int16(kmsg.Metadata), func(r kmsg.Request) (kmsg.Response, error, bool) {
		f.KeepControl()
		return leaderless(f, r.(*kmsg.MetadataRequest)), nil, true
	})
	asked := f.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.ListOffsets}, Topic: "orders", Partitions: []int32{1}, Observe: true, Count: -1})
	s := once(t, f.config())
	p := s.Topic("orders").Partitions[1]
	if p.Leader.OK || p.End.OK || p.Err != "no leader" {
		t.Errorf("orders/1: %+v", p)
	}
	if asked.Hits() > 0 {
		t.Error("ListOffsets was asked for a partition without a leader")
	}
	if g := s.Group("g"); g.Lag.Missing != 1 || g.Lag.Known != 2 {
		t.Errorf("lag: %+v", g.Lag)
	}
	if len(s.Faults) != 1 || s.Faults[0].Topic != "orders" {
		t.Errorf("faults: %+v", s.Faults)
	}
}

// leaderless answers Metadata with orders/1 led by nobody.
func leaderless(f *fake, req *kmsg.MetadataRequest) kmsg.Response {
	resp := req.ResponseKind().(*kmsg.MetadataResponse)
	for i, a := range f.ListenAddrs() {
		host, port, _ := net.SplitHostPort(a)
		n, _ := strconv.Atoi(port)
		b := kmsg.NewMetadataResponseBroker()
		b.NodeID, b.Host, b.Port = int32(i), host, int32(n)
		resp.Brokers = append(resp.Brokers, b)
	}
	t := kmsg.NewMetadataResponseTopic()
	t.Topic = kmsg.StringPtr("orders")
	for p := range int32(3) {
		x := kmsg.NewMetadataResponseTopicPartition()
		x.Partition, x.Leader, x.Replicas = p, f.LeaderFor("orders", p), []int32{0}
		if p == 1 {
			x.Leader, x.ErrorCode = -1, kerr.LeaderNotAvailable.Code
		}
		t.Partitions = append(t.Partitions, x)
	}
	resp.Topics = append(resp.Topics, t)
	return resp
}
