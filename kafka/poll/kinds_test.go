package poll

import (
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"lagtop/kafka"
)

// member consumes until the test ends.
func (f *fake) member(opts ...kgo.Opt) {
	f.t.Helper()
	cl, err := kgo.NewClient(append(opts, kgo.SeedBrokers(f.ListenAddrs()...))...)
	if err != nil {
		f.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for !cl.PollFetches(context.Background()).IsClientClosed() {
		}
	}()
	f.t.Cleanup(func() { cl.Close(); <-done })
}

func TestReadsGroupsOfEachType(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(4, "orders"))
	f.produce("orders", 2, 7)
	f.member(kgo.ConsumerGroup("classic"), kgo.ConsumeTopics("orders"), kgo.ClientID("c1"), kgo.InstanceID("i-1"), kgo.DisableAutoCommit())
	f.member(kgo.ConsumerGroup("kip848"), kgo.ConsumeTopics("orders"), kgo.ClientID("c2"), kgo.ServerSideBalancer(), kgo.Balancers(kgo.RangeBalancer()))
	f.member(kgo.ShareGroup("shared"), kgo.ConsumeTopics("orders"), kgo.ClientID("c3"))
	p := watch(t, f.config(), Options{Interval: 100 * time.Millisecond})
	owned := func(g *kafka.Group) bool {
		return g != nil && len(g.Members) == 1 && len(g.Members[0].Assigned) == 4 && len(g.Partitions) == 4 && g.State == kafka.StateStable
	}
	s := until(t, p, "three groups with members", func(s *kafka.Snapshot) bool {
		return s.Complete() && owned(s.Group("classic")) && owned(s.Group("kip848")) && owned(s.Group("shared"))
	})
	c := s.Group("classic")
	if m := c.Members[0]; c.Type != kafka.Classic || c.ProtocolType != "consumer" || m.ClientID != "c1" || m.InstanceID != "i-1" || m.Host == "" || m.Host[0] == '/' {
		t.Errorf("classic: %+v", c)
	}
	if x := c.Partition(kafka.TopicPartition{Topic: "orders", Partition: 2}); x.Owner != kafka.Some(0) || x.Committed.OK || x.Lag.OK || x.End != kafka.Some[int64](7) {
		t.Errorf("owned without a commit: %+v", x)
	}
	if k := s.Group("kip848"); k.Type != kafka.Consumer || !k.Epoch.OK || !k.Members[0].Epoch.OK || k.Members[0].Subscribed[0] != "orders" {
		t.Errorf("kip848: %+v", k)
	}
	sh := s.Group("shared")
	if x := sh.Partitions[2]; sh.Type != kafka.Share || !x.Committed.OK || !x.Lag.OK || x.Owner != kafka.Some(0) {
		t.Errorf("shared: %+v", sh)
	}
}

func TestShowsAGroupWhoseAssignmentIsNotDecodable(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(2, "orders"))
	f.commit("plain", "orders", 2, 0)
	f.join("workers", "sr", []byte("\x00\x01{not ours}"))
	f.join("broken", "consumer", []byte{0, 0, 0x7f, 0xff, 0xff, 0xff})
	p := watch(t, f.config(), Options{Interval: 100 * time.Millisecond})
	s := until(t, p, "all groups", func(s *kafka.Snapshot) bool {
		w, b := s.Group("workers"), s.Group("broken")
		return w != nil && w.State == kafka.StateStable && b != nil && b.State == kafka.StateStable && s.Group("plain") != nil
	})
	w, b := s.Group("workers"), s.Group("broken")
	if w.ProtocolType != "sr" || len(w.Members) != 1 || w.Members[0].Opaque != "assignment not decodable (protocol type sr)" {
		t.Errorf("schema registry: %+v", w)
	}
	if len(b.Members) != 1 || b.Members[0].Opaque == "" || b.Members[0].Assigned != nil {
		t.Errorf("broken member: %+v", b.Members)
	}
	if !s.Complete() || s.Group("plain").Lag.Known != 2 {
		t.Errorf("the rest: %+v, faults %+v", s.Group("plain"), s.Faults)
	}
}

// join makes a group with one member by hand, with any bytes for an assignment.
func (f *fake) join(group, protocolType string, assignment []byte) {
	f.t.Helper()
	joinByHand(f.t, f.ListenAddrs(), group, protocolType, assignment)
}

// joinByHand is join for any cluster. The member leaves when it is told to.
func joinByHand(t testing.TB, bootstrap []string, group, protocolType string, assignment []byte) (leave func()) {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(bootstrap...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	j := kmsg.NewPtrJoinGroupRequest()
	j.Group, j.ProtocolType, j.SessionTimeoutMillis, j.RebalanceTimeoutMillis = group, protocolType, 30000, 30000
	p := kmsg.NewJoinGroupRequestProtocol()
	p.Name, p.Metadata = "any", []byte{0, 0, 0, 0, 0, 0} // subscribed to nothing
	j.Protocols = append(j.Protocols, p)
	first, err := j.RequestWith(ctx, cl)
	if err != nil {
		t.Fatal(err)
	}
	j.MemberID = first.MemberID
	second, err := j.RequestWith(ctx, cl)
	if err != nil || second.ErrorCode != 0 {
		t.Fatal(err, second)
	}
	y := kmsg.NewPtrSyncGroupRequest()
	y.Group, y.MemberID, y.Generation = group, second.MemberID, second.Generation
	y.ProtocolType, y.Protocol = &protocolType, &p.Name
	a := kmsg.NewSyncGroupRequestGroupAssignment()
	a.MemberID, a.MemberAssignment = second.MemberID, assignment
	y.GroupAssignment = append(y.GroupAssignment, a)
	if r, err := y.RequestWith(ctx, cl); err != nil || r.ErrorCode != 0 {
		t.Fatal(err, r)
	}
	return func() {
		l := kmsg.NewPtrLeaveGroupRequest()
		l.Group, l.MemberID = group, second.MemberID
		m := kmsg.NewLeaveGroupRequestMember()
		m.MemberID = second.MemberID
		l.Members = append(l.Members, m)
		if r, err := l.RequestWith(ctx, cl); err != nil || r.ErrorCode != 0 {
			t.Error(err, r)
		}
	}
}

func TestReadsBrokersBefore30(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(3, "orders"), kfake.MaxVersions(kversion.V2_8_0()))
	for _, g := range []string{"a", "b", "c", "d"} {
		f.commitOne(g, "orders", 3)
	}
	s := once(t, f.config())
	if !s.Complete() || len(s.Groups) != 4 {
		t.Fatalf("%d groups, faults %+v", len(s.Groups), s.Faults)
	}
	for i := range s.Groups {
		if g := &s.Groups[i]; g.Type != kafka.Classic || g.Lag.Known != 3 {
			t.Errorf("%s: %+v", g.Name, g)
		}
	}
	if n := f.counted()["OffsetFetch"]; n != 4 {
		t.Errorf("OffsetFetch %d times for 4 groups", n)
	}
}

func (f *fake) commitOne(group, topic string, n int32) { f.commit(group, topic, n, 0) }

func TestHiddenTopicsAreNamed(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(2, "orders", "secret"))
	f.member(kgo.ConsumerGroup("g"), kgo.ConsumeTopics("orders", "secret"))
	p := watch(t, f.config(), Options{Interval: 100 * time.Millisecond})
	until(t, p, "the assignment", func(s *kafka.Snapshot) bool {
		g := s.Group("g")
		return g != nil && len(g.Members) == 1 && len(g.Members[0].Assigned) == 4 && g.Hidden == nil
	})
	f.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Metadata}, Topic: "secret", Count: -1, Err: nil, When: func(r kmsg.Request) bool {
		return r.(*kmsg.MetadataRequest).Topics == nil
	}})
	s := until(t, p, "the hidden topic", func(s *kafka.Snapshot) bool { return s.Group("g") != nil && s.Group("g").Hidden != nil })
	g := s.Group("g")
	if len(g.Hidden) != 1 || g.Hidden[0] != "secret" || g.Partition(kafka.TopicPartition{Topic: "secret", Partition: 1}) == nil {
		t.Errorf("group: %+v", g)
	}
	if g.Lag.Complete() {
		t.Errorf("the lag claims to be complete: %+v", g.Lag)
	}
}
