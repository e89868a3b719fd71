package whatif

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/quick"

	"lagtop/kafka"
	"lagtop/kafka/lag"
)

// given builds a snapshot of topics and one group by hand.
type given struct {
	s kafka.Snapshot
	g kafka.Group
}

func group(typ kafka.GroupType, protocol string) *given {
	x := &given{g: kafka.Group{Name: "g", Type: typ, Protocol: protocol, ProtocolType: "consumer", State: kafka.StateStable}}
	for id := range int32(3) {
		x.s.Brokers = append(x.s.Brokers, kafka.Broker{ID: id, Rack: string('a' + id)})
	}
	return x
}

// topic adds one whose partitions have their replicas on the brokers of replicas, taken in turn.
func (x *given) topic(name string, partitions int, replicas ...[]int32) *given {
	t := kafka.Topic{Name: name}
	for p := range partitions {
		one := kafka.Partition{ID: int32(p), In: kafka.Some(10.0)}
		if len(replicas) > 0 {
			one.Replicas = replicas[p%len(replicas)]
		}
		t.Partitions = append(t.Partitions, one)
		t.In.Add(kafka.Some(10.0))
	}
	x.s.Topics = append(x.s.Topics, t)
	slices.SortFunc(x.s.Topics, func(a, b kafka.Topic) int { return strings.Compare(a.Name, b.Name) })
	return x
}

func (x *given) member(client, instance, rack string, topics ...string) *given {
	x.g.Members = append(x.g.Members, kafka.Member{
		ID: client + "-0000", ClientID: client, Host: "h", InstanceID: instance, Rack: rack, Subscribed: topics,
	})
	return x
}

// owns gives partitions of a topic to the member added last.
func (x *given) owns(topic string, from, to int) *given {
	m := &x.g.Members[len(x.g.Members)-1]
	for p := from; p <= to; p++ {
		tp := kafka.TopicPartition{Topic: topic, Partition: int32(p)}
		m.Assigned = append(m.Assigned, tp)
		x.g.Partitions = append(x.g.Partitions, kafka.GroupPartition{
			TopicPartition: tp, Owner: kafka.Some(len(x.g.Members) - 1), Lag: kafka.Some[int64](0), In: kafka.Some(10.0), Out: kafka.Some(10.0),
		})
	}
	return x
}

func (x *given) plan(t *testing.T, c Change) Result {
	t.Helper()
	r, err := Plan(&x.s, &x.g, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// after writes who has what: "m1: a/0 a/1; m2: a/2".
func after(r *Result) string {
	var out []string
	for i, m := range r.Members {
		if m.Leaves {
			continue
		}
		var have []string
		for _, p := range r.Partitions {
			if p.To == i {
				have = append(have, fmt.Sprintf("%s/%d", p.Topic, p.Partition))
			}
		}
		out = append(out, m.ClientID+": "+strings.Join(have, " "))
	}
	return strings.Join(out, "; ")
}

func TestAssignsAsJavaDoes(t *testing.T) {
	one, two, all := []int32{0}, []int32{1}, []int32{0, 1, 2}
	for _, c := range []struct {
		name string
		of   *given
		a    Assignor
		want string
	}{
		{"range gives the first members one more, of each topic", group(kafka.Classic, "range").topic("a", 4).topic("b", 4).
			member("m1", "", "", "a", "b").member("m2", "", "", "a", "b").member("m3", "", "", "a", "b"), Range,
			"m1: a/0 a/1 b/0 b/1; m2: a/2 b/2; m3: a/3 b/3"},
		{"static members come first, by instance id", group(kafka.Classic, "range").topic("a", 3).
			member("m1", "", "", "a").member("m2", "z", "", "a").member("m3", "y", "", "a"), Range,
			"m1: a/2; m2: a/1; m3: a/0"},
		{"members without a topic get none of it", group(kafka.Classic, "range").topic("a", 2).topic("b", 2).
			member("m1", "", "", "a").member("m2", "", "", "b").member("m3", "", "", "a", "b"), Range,
			"m1: a/0; m2: b/0; m3: a/1 b/1"},
		{"round robin goes on over topics in the order of partitions", group(kafka.Classic, "roundrobin").topic("a", 11).topic("b", 2).
			member("m1", "", "", "a", "b").member("m2", "", "", "a", "b"), RoundRobin,
			"m1: a/0 a/2 a/4 a/6 a/8 a/10 b/1; m2: a/1 a/3 a/5 a/7 a/9 b/0"},
		{"round robin skips who does not subscribe", group(kafka.Classic, "roundrobin").topic("a", 3).topic("b", 2).
			member("m1", "", "", "a").member("m2", "", "", "a", "b"), RoundRobin,
			"m1: a/0 a/2; m2: a/1 b/0 b/1"},
		{"range matches racks", group(kafka.Classic, "range").topic("a", 4, one, two).
			member("m1", "", "b", "a").member("m2", "", "a", "a"), Range,
			"m1: a/1 a/3; m2: a/0 a/2"},
		{"counts come before racks", group(kafka.Classic, "range").topic("a", 4, one, one, one, two).
			member("m1", "", "b", "a").member("m2", "", "a", "a"), Range,
			"m1: a/2 a/3; m2: a/0 a/1"},
		{"racks do not matter where every partition is in all of them", group(kafka.Classic, "range").topic("a", 4, all).
			member("m1", "", "b", "a").member("m2", "", "a", "a"), Range,
			"m1: a/0 a/1; m2: a/2 a/3"},
		{"topics of as many partitions go together", group(kafka.Classic, "range").topic("a", 2, one, two).topic("b", 2, one, two).
			member("m1", "", "b", "a", "b").member("m2", "", "a", "a", "b"), Range,
			"m1: a/1 b/1; m2: a/0 b/0"},
		{"the coordinator's range knows no racks", group(kafka.Consumer, "range").topic("a", 4, one, two).
			member("m1", "", "b", "a").member("m2", "", "a", "a"), ServerRange,
			"m1: a/0 a/1; m2: a/2 a/3"},
		{"uniform keeps what can stay", group(kafka.Consumer, "uniform").topic("a", 5).
			member("m1", "", "", "a").owns("a", 1, 4).member("m2", "", "", "a").owns("a", 0, 0).member("m3", "", "", "a"), ServerUniform,
			"m1: a/1 a/2; m2: a/0 a/4; m3: a/3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := c.of.plan(t, Change{Assignor: c.a})
			if got := after(&r); got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}

// arbitrary is a group of members that own something, whatever it is, and where all subscribe to all.
func arbitrary(seed uint64) *given {
	r := rand.New(rand.NewPCG(seed, 1))
	x := group(kafka.Classic, "range")
	var topics []string
	for i := range 1 + r.IntN(3) {
		name := string(rune('a' + i))
		topics = append(topics, name)
		x.topic(name, 1+r.IntN(12), []int32{r.Int32N(3)}, []int32{r.Int32N(3), r.Int32N(3)})
	}
	n := 1 + r.IntN(6)
	for i := range n {
		instance, rack := "", ""
		if r.IntN(3) == 0 {
			instance = fmt.Sprintf("i%d", 9-i)
		}
		if r.IntN(2) == 0 {
			rack = string(rune('a' + r.IntN(4)))
		}
		x.member(fmt.Sprintf("m%d", i), instance, rack, topics...)
	}
	for _, t := range x.s.Topics {
		for p := range t.Partitions {
			if owner := r.IntN(n + 1); owner < n {
				m := &x.g.Members[owner]
				m.Assigned = append(m.Assigned, kafka.TopicPartition{Topic: t.Name, Partition: int32(p)})
			}
		}
	}
	return x
}

func TestEveryPartitionHasOneOwnerAndCountsAreEven(t *testing.T) {
	check := func(seed uint64, more int8, partitions uint8) bool {
		x := arbitrary(seed)
		for _, a := range Assignors() {
			c := Change{Assignor: a, Members: max(int(more)%4, 1-len(x.g.Members)), Topic: "a", Partitions: int(partitions) % 5}
			r, err := Plan(&x.s, &x.g, c, nil)
			if err != nil {
				t.Log(err)
				return false
			}
			seen, perTopic := map[kafka.TopicPartition]bool{}, map[string]map[int]int{}
			for _, p := range r.Partitions {
				if p.To < 0 || r.Members[p.To].Leaves || seen[p.TopicPartition] {
					t.Logf("%s %+v", a, p)
					return false
				}
				seen[p.TopicPartition] = true
				if perTopic[p.Topic] == nil {
					perTopic[p.Topic] = map[int]int{}
				}
				perTopic[p.Topic][p.To]++
			}
			want := c.Partitions
			for _, topic := range x.s.Topics {
				want += len(topic.Partitions)
			}
			even := r.After.Most-r.After.Least <= 1
			if a == Range || a == ServerRange { // of each topic by itself
				even = true
				for name, count := range perTopic {
					most, least := 0, len(r.Partitions)
					for i, m := range r.Members {
						if !m.Leaves {
							most, least = max(most, count[i]), min(least, count[i])
						}
					}
					if even = even && most-least <= 1; !even {
						t.Logf("%s %s %v", a, name, count)
					}
				}
			}
			if len(seen) != want || !even || r.After.Partitions != want {
				t.Logf("%s: %d of %d partitions, %d to %d", a, len(seen), want, r.After.Least, r.After.Most)
				return false
			}
		}
		return true
	}
	if err := quick.Check(check, &quick.Config{MaxCount: 300}); err != nil {
		t.Error(err)
	}
}

// Assignors of other makers give a partition to several members, to each a copy.
func TestPartitionsWithSeveralOwnersEndWithOne(t *testing.T) {
	for _, a := range Assignors() {
		x := group(kafka.Classic, "broadcast").topic("orders", 9)
		for _, client := range []string{"a", "b", "c"} {
			x.member(client, "", "", "orders").owns("orders", 0, 2)
		}
		x.g.Partitions = x.g.Partitions[:3]
		r := x.plan(t, Change{Assignor: a})
		if r.After.Partitions != 9 || r.After.Least != 3 || r.After.Most != 3 {
			t.Errorf("%s: %+v", a, r.After)
		}
	}
}

func TestStickyAssignorsMoveNothingOfAnEvenGroup(t *testing.T) {
	x := group(kafka.Classic, "sticky").topic("a", 6).member("m1", "", "", "a").owns("a", 0, 1).
		member("m2", "", "", "a").owns("a", 2, 3).member("m3", "", "", "a").owns("a", 4, 5)
	for _, a := range []Assignor{Sticky, CooperativeSticky, ServerUniform} {
		if r := x.plan(t, Change{Assignor: a}); len(r.Moves) != 0 {
			t.Errorf("%s: %+v", a, r.Moves)
		}
		if r := x.plan(t, Change{Assignor: a, Members: 3}); r.Moved != 3 || r.After.Most != 1 {
			t.Errorf("%s with three more: %d moved, most %d", a, r.Moved, r.After.Most)
		}
		if r := x.plan(t, Change{Assignor: a, Members: -1}); r.Moved != 2 || r.After.Most != 3 {
			t.Errorf("%s with one fewer: %d moved, most %d", a, r.Moved, r.After.Most)
		}
	}
}

func TestNewMembersGoOnWhereTheNamesEnd(t *testing.T) {
	topic := func() *given { return group(kafka.Classic, "range").topic("a", 6) }
	for _, c := range []struct {
		name   string
		of     *given
		client string
		random bool
	}{
		{"numbered clients", topic().member("pay-1", "", "", "a").member("pay-2", "", "", "a"), "pay-3", false},
		{"numbered instances", topic().member("x", "pod-7", "", "a").member("x", "pod-2", "", "a"), "pod-8", false},
		{"one name for all", topic().member("pay", "", "", "a").member("pay", "", "", "a"), "new-1", true},
		{"nobody", topic(), "new-1", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			for i := range c.of.g.Members {
				c.of.g.Members[i].ID += fmt.Sprint(i)
			}
			r := c.of.plan(t, Change{Assignor: Range, Members: 1})
			m := r.Members[len(r.Members)-1]
			random := strings.Contains(strings.Join(r.Notes, "\n"), "random id")
			if !m.New || m.ClientID != c.client || random != c.random {
				t.Errorf("%+v, notes %q", m, r.Notes)
			}
		})
	}
}

func TestWhoHasTheHighestNumberLeaves(t *testing.T) {
	x := group(kafka.Classic, "range").topic("a", 3)
	for i := range 11 {
		x.member(fmt.Sprintf("m-%d", i), "", "", "a")
	}
	r := x.plan(t, Change{Members: -1})
	if !r.Members[10].Leaves || r.After.Members != 10 || r.After.Idle != 7 {
		t.Errorf("%+v %+v", r.Members, r.After)
	}
}

func TestUnknownStaysUnknown(t *testing.T) {
	x := group(kafka.Classic, "range").topic("a", 4).member("m1", "", "", "a").owns("a", 0, 1).member("m2", "", "", "a").owns("a", 2, 3)
	r := x.plan(t, Change{Members: 1})
	if r.Capacity.OK || r.After.ETA != lag.UnknownHorizon || r.After.Drain.OK {
		t.Errorf("nobody is behind: %+v %+v", r.Capacity, r.After)
	}
	if r := x.plan(t, Change{}); r.After.ETA != lag.Now {
		t.Errorf("nothing changes: %+v", r.After)
	}
	x.g.Partitions[0].Lag = kafka.Known[int64]{}
	if r := x.plan(t, Change{Members: 1}); r.After.Lag.Complete() || r.Before.MostLag.Complete() {
		t.Errorf("a lag is missing: %+v", r.After)
	}
}

func TestDrainFollowsWhatAMemberReadsWhileItIsBehind(t *testing.T) {
	x := group(kafka.Classic, "range").topic("a", 4).member("m1", "", "", "a").owns("a", 0, 3)
	for i := range x.g.Partitions {
		p := &x.g.Partitions[i]
		p.Lag, p.In, p.Out = kafka.Some[int64](1200), kafka.Some(10.0), kafka.Some(15.0)
	}
	r := x.plan(t, Change{Members: 1})
	// 4,800 at 60/s - 40/s, and 2,400 at 60/s - 20/s each.
	if got := r.Before.ETA.String() + " " + r.After.ETA.String(); got != "4m 1m" || r.Capacity.V != 60 || r.After.Drain.V != 80 || r.Before.Drain.V != 20 {
		t.Errorf("ETA %s, capacity %+v, drain %v to %v", got, r.Capacity, r.Before.Drain, r.After.Drain)
	}
	if r.Before.MostLag.V != 4800 || r.After.MostLag.V != 2400 || r.After.MeanLag().V != 2400 {
		t.Errorf("%+v", r.After)
	}
	x.g.Partitions[3].Verdict.Kind = kafka.VerdictStalled
	if r = x.plan(t, Change{Members: 1}); !strings.Contains(strings.Join(r.Notes, "\n"), "a/3 does not move") || r.Capacity.V != 45 {
		t.Errorf("%+v %q", r.Capacity, r.Notes)
	}
}

func TestFewerMembersThanTheProducersNeedNeverCatchUp(t *testing.T) {
	x := group(kafka.Classic, "range").topic("a", 4).member("m1", "", "", "a").owns("a", 0, 1).member("m2", "", "", "a").owns("a", 2, 3)
	for i := range x.g.Partitions {
		x.g.Partitions[i].Lag, x.g.Partitions[i].Out = kafka.Some[int64](5000), kafka.Some(15.0)
	}
	if r := x.plan(t, Change{Members: -1}); r.After.ETA != lag.Never || r.After.Drain.V != -10 {
		t.Errorf("%+v", r.After)
	}
}

func TestMorePartitionsSpreadWhatIsProduced(t *testing.T) {
	x := group(kafka.Classic, "range").topic("a", 2).member("m1", "", "", "a").owns("a", 0, 0).member("m2", "", "", "a").owns("a", 1, 1)
	for i := range x.g.Partitions {
		x.g.Partitions[i].Lag, x.g.Partitions[i].Out = kafka.Some[int64](1000), kafka.Some(20.0)
	}
	r := x.plan(t, Change{Topic: "a", Partitions: 2})
	if r.After.Partitions != 4 || !r.Partitions[2].New || r.After.In.V != 20 || r.Members[0].After.In.V != 10 || r.After.Lag.V != 2000 {
		t.Errorf("%+v", r.After)
	}
	steps := r.Steps(nil)
	if len(steps) != 1 || steps[0].Command != "kafka-topics --bootstrap-server BOOTSTRAP --alter --topic a --partitions 4" {
		t.Errorf("%+v", steps)
	}
}

func TestSaysWhatCannotBeComputed(t *testing.T) {
	share := group(kafka.Share, "").member("m", "", "", "a")
	connect := group(kafka.Classic, "sessioned").member("m", "", "", "a")
	connect.g.ProtocolType = "connect"
	own := group(kafka.Classic, "ours").topic("a", 1).member("m", "", "", "a")
	unseen := group(kafka.Classic, "range").member("m", "", "", "b").owns("b", 0, 0)
	mixed := group(kafka.Consumer, "uniform").topic("a", 1).topic("b", 1).member("m", "", "", "a").member("n", "", "", "b")
	for _, c := range []struct {
		of   *given
		want string
	}{
		{share, "share"}, {connect, "protocol type connect"}, {own, `assignor "ours"`}, {unseen, "topic b cannot be seen"}, {mixed, "different topics"},
	} {
		if _, err := Plan(&c.of.s, &c.of.g, Change{}, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %s", err, c.want)
		}
	}
	if r := own.plan(t, Change{Assignor: Range}); r.Was != "" || len(r.Steps(nil)) != 1 {
		t.Errorf("%+v", r.Steps(nil))
	}
}

func TestRepeatKeepsTheAssignmentAndTakesTheNewestLag(t *testing.T) {
	x := arbitrary(7)
	c := Change{Assignor: Sticky, Members: 2}
	r := x.plan(t, c)
	for range 20 {
		for i := range x.g.Partitions {
			x.g.Partitions[i].Lag = kafka.Some(x.g.Partitions[i].Lag.V + 5)
		}
		again, err := Plan(&x.s, &x.g, c, &r)
		if err != nil || after(&again) != after(&r) {
			t.Fatalf("%v\n%s\n%s", err, after(&again), after(&r))
		}
	}
	x.g.Members = x.g.Members[:1]
	if again, err := Plan(&x.s, &x.g, c, &r); err != nil || len(again.Members) != 3 {
		t.Errorf("%v %+v", err, again.Members)
	}
}

func BenchmarkSticky(b *testing.B) {
	x := group(kafka.Classic, "sticky").topic("a", mostSticky)
	for i := range 50 {
		x.member(fmt.Sprintf("m-%d", i), "", "", "a").owns("a", i*20, i*20+19)
	}
	for b.Loop() {
		if _, err := Plan(&x.s, &x.g, Change{Members: 5}, nil); err != nil {
			b.Fatal(err)
		}
	}
}
