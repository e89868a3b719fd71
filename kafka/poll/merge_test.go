package poll

import (
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/conn"
)

func TestPartitionOfAGroupIsTheBrokersOwn(t *testing.T) {
	// hashes from java.lang.String
	for name, hash := range map[string]int32{"payments": 1382682413, "": 0, "é": 233, "polygenelubricants": 0} {
		if got := kafka.GroupLogPartition(name, 50); got != hash%50 {
			t.Errorf("%q: partition %d, want %d", name, got, hash%50)
		}
	}
}

func listing(name string) *groupsAnswer {
	return &groupsAnswer{at: time.Now(), listed: []conn.Listing{{Name: name, Type: kafka.Classic, State: kafka.StateEmpty}}}
}

func TestOfTwoBrokersTheLeaderOfTheOffsetsPartitionIsBelieved(t *testing.T) {
	now := time.Now()
	a := &node{id: 1, upSince: now.Add(-time.Hour)}
	b := &node{id: 2, upSince: now}
	answers := map[*node]*groupsAnswer{a: listing("g"), b: listing("g")}
	w := newWorld()
	if got := w.readings(answers); len(got) != 1 || got[0].node != a {
		t.Errorf("without the topic the one that has been up for longer: %+v", got)
	}
	w.see(&conn.Metadata{Topics: []kafka.Topic{{Name: offsetsTopic, Partitions: []kafka.Partition{{Leader: kafka.Some[int32](2)}}}}})
	if got := w.readings(answers); len(got) != 1 || got[0].node != b {
		t.Errorf("the leader is broker 2: %+v", got)
	}
}

// last is a world whose last snapshot had one group of broker 1.
func last(g kafka.Group) world {
	w := newWorld()
	w.setGroups([]kafka.Group{g})
	return w
}

func TestUnlistedGroupStaysTwentySecondsWhileBrokersAreInTrouble(t *testing.T) {
	now := time.Now()
	w := last(kafka.Group{Name: "g", Coordinator: kafka.Some[int32](1), At: now})
	w.trouble = now
	c := &cycle{groups: map[*node]*groupsAnswer{}}
	out := w.keepUnlisted(nil, c, nil, now)
	if len(out) != 1 || !out[0].Gone {
		t.Fatalf("at once: %+v", out)
	}
	w.trouble = now.Add(19 * time.Second)
	if out = w.keepUnlisted(nil, c, nil, now.Add(19*time.Second)); len(out) != 1 || !out[0].Gone {
		t.Errorf("after 19 s: %+v", out)
	}
	if out = w.keepUnlisted(nil, c, nil, now.Add(21*time.Second)); len(out) != 0 {
		t.Errorf("after 21 s: %+v", out)
	}
}

func TestUnlistedGroupIsDeletedWhenAllIsWell(t *testing.T) {
	now := time.Now()
	w := last(kafka.Group{Name: "g", Coordinator: kafka.Some[int32](1), At: now})
	n := &node{id: 1}
	c := &cycle{groups: map[*node]*groupsAnswer{n: {}}}
	if out := w.keepUnlisted(nil, c, []*node{n}, now); len(out) != 0 {
		t.Errorf("kept: %+v", out)
	}
}

func TestGroupsOfASilentBrokerAreNotGone(t *testing.T) {
	now := time.Now()
	w := last(kafka.Group{Name: "g", Coordinator: kafka.Some[int32](1), At: now})
	c := &cycle{groups: map[*node]*groupsAnswer{}}
	out := w.keepUnlisted(nil, c, []*node{{id: 1}}, now.Add(time.Hour))
	if len(out) != 1 || out[0].Gone {
		t.Errorf("%+v", out)
	}
}

func TestGroupWithoutPossibleCoordinatorStays(t *testing.T) {
	now := time.Now()
	w := last(kafka.Group{Name: "g", Coordinator: kafka.Some[int32](1), At: now})
	w.see(&conn.Metadata{Topics: []kafka.Topic{{Name: offsetsTopic, Partitions: []kafka.Partition{{}}}}})
	out := w.keepUnlisted(nil, &cycle{}, nil, now.Add(time.Hour))
	if len(out) != 1 || !out[0].Gone {
		t.Errorf("%+v", out)
	}
}

func TestKeepsLastAssignmentWhileRebalancing(t *testing.T) {
	owned := []kafka.TopicPartition{{Topic: "orders", Partition: 1}}
	w := last(kafka.Group{Name: "g", Type: kafka.Classic, Members: []kafka.Member{
		{ID: "m1", Assigned: owned, Subscribed: []string{"orders"}}, {ID: "m2", InstanceID: "i2", Assigned: []kafka.TopicPartition{{Topic: "orders"}}},
	}})
	w.see(&conn.Metadata{Topics: []kafka.Topic{{Name: "orders", Partitions: []kafka.Partition{{}, {ID: 1}}}}})
	a := listing("g")
	a.described = []conn.Description{{Name: "g", State: kafka.StatePreparingRebalance, Members: []kafka.Member{
		{ID: "m1"}, {ID: "m2-new", InstanceID: "i2"}, {ID: "m3"},
	}}}
	a.commits = []conn.Commits{{Group: "g"}}
	got := w.takeGroups(map[*node]*groupsAnswer{{id: 1}: a}, newFaults(nil, time.Now()))
	g := &got[0]
	if !g.AssignmentOld || g.State != kafka.StatePreparingRebalance {
		t.Errorf("state %s, old %v", g.State, g.AssignmentOld)
	}
	if len(g.Members[0].Assigned) != 1 || len(g.Members[1].Assigned) != 1 || g.Members[2].Assigned != nil {
		t.Errorf("members: %+v", g.Members)
	}
	if p := g.Partition(owned[0]); p == nil || p.Owner != kafka.Some(0) {
		t.Errorf("partitions: %+v", g.Partitions)
	}
}

func TestCommitsThatCannotBeReadStayAsTheyWere(t *testing.T) {
	tp := kafka.TopicPartition{Topic: "orders", Partition: 3}
	before := time.Now().Add(-time.Minute)
	w := last(kafka.Group{Name: "g", Type: kafka.Classic, At: before, Partitions: []kafka.GroupPartition{
		{TopicPartition: tp, Committed: kafka.Some[int64](5), Metadata: "m"},
	}})
	a := listing("g")
	a.described = []conn.Description{{Name: "g", State: kafka.StateEmpty}}
	a.commits = []conn.Commits{{Group: "g", Err: kafka.CodeRequestTimedOut}}
	f := newFaults(nil, time.Now())
	g := &w.takeGroups(map[*node]*groupsAnswer{{id: 1}: a}, f)[0]
	p := g.Partition(tp)
	if p == nil || p.Committed != kafka.Some[int64](5) || p.Err == "" || !g.At.Equal(before) || g.Err == "" {
		t.Errorf("%+v", g)
	}
	if len(f.list) != 1 || f.list[0].Group != "g" || f.list[0].Op != "OffsetFetch" {
		t.Errorf("faults: %+v", f.list)
	}
}

func TestAMovingCoordinatorIsOneFault(t *testing.T) {
	w := newWorld()
	a := &groupsAnswer{}
	for _, name := range []string{"a", "b", "c"} {
		a.listed = append(a.listed, conn.Listing{Name: name, Type: kafka.Classic})
		a.described = append(a.described, conn.Description{Name: name, Err: kafka.CodeNotCoordinator})
		a.commits = append(a.commits, conn.Commits{Group: name})
	}
	f := newFaults(nil, time.Now())
	got := w.takeGroups(map[*node]*groupsAnswer{{id: 1}: a}, f)
	list := f.sorted()
	if len(list) != 1 || list[0].Reason != "3 groups: NOT_COORDINATOR" || list[0].Broker != kafka.Some[int32](1) {
		t.Errorf("%+v", list)
	}
	if len(got) != 3 || got[0].Err == "" {
		t.Errorf("%+v", got)
	}
}

func TestFaultKeepsItsBegin(t *testing.T) {
	first := time.Now()
	f := newFaults(nil, first)
	x := kafka.Fault{Group: "g", Op: "DescribeGroups"}
	f.add(x)
	f = newFaults(f.next, first.Add(time.Minute))
	f.add(x)
	f.add(kafka.Fault{Group: "other", Op: "DescribeGroups"})
	if !f.list[0].Since.Equal(first) || !f.list[1].Since.Equal(first.Add(time.Minute)) {
		t.Errorf("%+v", f.list)
	}
}

func TestStreamsTasksBeyondANarrowTopicAreDropped(t *testing.T) {
	w := newWorld()
	w.see(&conn.Metadata{Topics: []kafka.Topic{{Name: "narrow", Partitions: []kafka.Partition{{}}}}})
	a := &groupsAnswer{listed: []conn.Listing{{Name: "g", Type: kafka.Streams}}}
	a.described = []conn.Description{{Name: "g", State: kafka.StateStable, Members: []kafka.Member{
		{ID: "m", Assigned: []kafka.TopicPartition{{Topic: "narrow"}, {Topic: "narrow", Partition: 1}}},
	}}}
	a.commits = []conn.Commits{{Group: "g"}}
	g := &w.takeGroups(map[*node]*groupsAnswer{{id: 1}: a}, newFaults(nil, time.Now()))[0]
	if len(g.Partitions) != 1 || len(g.Members[0].Assigned) != 1 {
		t.Errorf("%+v", g)
	}
}

func TestBackoffNeverSkipsMoreThanOnePoll(t *testing.T) {
	n := &node{}
	began := time.Now()
	for range 20 {
		n.failed("ListGroups", kafka.CodeRequestTimedOut, began, began.Add(time.Second), 2*time.Second)
		if wait := n.retry.Sub(began); wait < minBackoff || wait > 2*time.Second {
			t.Fatalf("waits %v at an interval of 2 s", wait)
		}
	}
	n.failed("ListGroups", kafka.CodeRequestTimedOut, began, began, time.Hour)
	if wait := n.retry.Sub(began); wait != maxBackoff {
		t.Errorf("waits %v at an interval of an hour", wait)
	}
}
