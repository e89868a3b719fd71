package whatif_test

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/poll"
	"lagtop/kafka/rebalance"
	"lagtop/kafka/whatif"
)

const strategy = "partition.assignment.strategy=org.apache.kafka.clients.consumer."

// fleet is a kind of members of a real group.
type fleet struct {
	name   string
	a      whatif.Assignor
	java   []string          // properties of Java members; empty: members are Go clients
	kcat   string            // the assignor of librdkafka's members
	sarama kafkatest.Kind    // of members of sarama
	kgo    kgo.GroupBalancer // of Go members
	static bool
	racks  bool    // every topic has one replica, and members are in the racks of the brokers
	parts  []int32 // of the topics
	exact  bool    // who gets what is computed; else the balance and the number of moves
	ids    bool    // member ids are random: what a new member gets is not known before
}

func fleets() []fleet {
	return []fleet{
		{name: "Java range in racks", a: whatif.Range, java: []string{strategy + "RangeAssignor"}, racks: true, parts: []int32{7, 7, 5}, exact: true},
		{name: "Java range, static", a: whatif.Range, java: []string{strategy + "RangeAssignor"}, static: true, parts: []int32{7, 4}, exact: true},
		{name: "Java round robin", a: whatif.RoundRobin, java: []string{strategy + "RoundRobinAssignor"}, parts: []int32{12, 5}, exact: true},
		{name: "Go range, static", a: whatif.Range, kgo: kgo.RangeBalancer(), static: true, parts: []int32{7, 4}, exact: true},
		{name: "Go round robin", a: whatif.RoundRobin, kgo: kgo.RoundRobinBalancer(), parts: []int32{12, 5}, exact: true},
		{name: "KIP-848 range", a: whatif.ServerRange, java: []string{"group.protocol=consumer", "group.remote.assignor=range"}, parts: []int32{7, 4}, exact: true, ids: true},
		{name: "Java sticky", a: whatif.Sticky, java: []string{strategy + "StickyAssignor"}, parts: []int32{7, 4}},
		{name: "Java cooperative", a: whatif.CooperativeSticky, java: []string{strategy + "CooperativeStickyAssignor"}, parts: []int32{7, 4}},
		{name: "Go cooperative", a: whatif.CooperativeSticky, kgo: kgo.CooperativeStickyBalancer(), parts: []int32{7, 4}},
		{name: "librdkafka range", a: whatif.Range, kcat: "range", parts: []int32{7, 4}, exact: true},
		{name: "librdkafka round robin", a: whatif.RoundRobin, kcat: "roundrobin", parts: []int32{12, 5}, exact: true},
		{name: "librdkafka cooperative", a: whatif.CooperativeSticky, kcat: "cooperative-sticky", parts: []int32{7, 4}},
		{name: "sarama range", a: whatif.Range, sarama: kafkatest.SaramaRange, parts: []int32{12}, exact: true},
		{name: "sarama round robin", a: whatif.RoundRobin, sarama: kafkatest.SaramaRoundRobin, parts: []int32{10}, exact: true},
		{name: "sarama cooperative", a: whatif.CooperativeSticky, sarama: kafkatest.SaramaCooperative, parts: []int32{11}},
		{name: "KIP-848 uniform", a: whatif.ServerUniform, java: []string{"group.protocol=consumer"}, parts: []int32{7, 4}, ids: true},
	}
}

// start starts member number i of the group.
func (f *fleet) start(t *testing.T, c *kafkatest.Cluster, group string, topics []string, i int) {
	t.Helper()
	name, instance := fmt.Sprintf("c-%d", i), []string{"", "pod-2", "pod-1", "pod-3"}[i] // not in the order of the client ids
	switch {
	case f.kcat != "":
		kafkatest.Kcat(t, c, group, topics, "client.id="+name, "partition.assignment.strategy="+f.kcat)
		return
	case f.sarama != "":
		kafkatest.Member(t, c.Bootstrap(), group, topics[0], f.sarama, kafkatest.As(name))
		return
	case f.java == nil:
		goMember(t, c.Bootstrap(), group, topics, name, instance, f)
		return
	}
	props := append([]string{"client.id=" + name}, f.java...)
	if f.static {
		props = append(props, "group.instance.id="+instance)
	}
	if f.racks {
		props = append(props, fmt.Sprintf("client.rack=rack-%d", i))
	}
	kafkatest.JavaConsumerOf(t, c, group, strings.Join(topics, "|"), props...)
}

func goMember(t *testing.T, at []string, group string, topics []string, name, instance string, f *fleet) {
	t.Helper()
	opts := []kgo.Opt{
		kgo.SeedBrokers(at...), kgo.ClientID(name), kgo.ConsumerGroup(group), kgo.ConsumeTopics(topics...),
		kgo.Balancers(f.kgo), kgo.HeartbeatInterval(time.Second), kgo.SessionTimeout(10 * time.Second),
	}
	if f.static {
		opts = append(opts, kgo.InstanceID(instance))
	}
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			cl.PollFetches(ctx)
		}
	}()
	t.Cleanup(func() { cancel(); <-done; cl.CloseAllowingRebalance() })
}

// settled reads the cluster once all partitions of the group have an owner.
func settled(t *testing.T, at []string, group string, members, partitions int) (*kafka.Snapshot, *kafka.Group) {
	t.Helper()
	p := poll.New(conn.Config{Bootstrap: at}, poll.Options{Deadline: 5 * time.Second})
	var s *kafka.Snapshot
	kafkatest.Until(t, 60*time.Second, func() error {
		var err error
		if s, err = p.Once(t.Context()); err != nil {
			return err
		}
		g := s.Group(group)
		if g == nil {
			return fmt.Errorf("no group %s", group)
		}
		owned := 0
		for i := range g.Members {
			owned += len(g.Members[i].Assigned)
		}
		if g.State != kafka.StateStable || len(g.Members) != members || owned != partitions {
			return fmt.Errorf("%s is %s, %d members own %d partitions", group, g.State, len(g.Members), owned)
		}
		return nil
	})
	return s, s.Group(group)
}

// key tells members apart by what outlives a restart.
func key(i rebalance.Identity) string { return cmp.Or(i.InstanceID, i.ClientID) }

func computed(r *whatif.Result) map[kafka.TopicPartition]string {
	out := map[kafka.TopicPartition]string{}
	for _, p := range r.Partitions {
		if p.To >= 0 {
			out[p.TopicPartition] = key(r.Members[p.To].Identity)
		}
	}
	return out
}

func TestRealGroupsDoWhatIsComputed(t *testing.T) {
	for _, f := range fleets() {
		t.Run(f.name, func(t *testing.T) {
			real := kafkatest.Real(t)
			at, prefix, group := real.Bootstrap(), kafkatest.Unique("whatif"), kafkatest.Unique("whatif")
			var topics []string
			all, replicas := 0, int16(3)
			if f.racks {
				replicas = 1
			}
			for i, n := range f.parts {
				topics = append(topics, fmt.Sprintf("%s-%d", prefix, i))
				kafkatest.CreateTopic(t, at, topics[i], n, replicas)
				all += int(n)
			}
			for i := range 2 {
				f.start(t, real, group, topics, i+1)
			}
			s, g := settled(t, at, group, 2, all)
			if a, ok := whatif.Present(g); !ok || a != f.a {
				t.Fatalf("assignor %s", a)
			}
			again, err := whatif.Plan(s, g, whatif.Change{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(again.Moves) != 0 {
				t.Errorf("it has another assignment than computed: %+v", again.Moves)
			}
			if blind, err := whatif.Plan(s, g, whatif.Change{Assignor: whatif.ServerRange}, nil); f.racks && (err != nil || len(blind.Moves) == 0) {
				t.Errorf("racks make no difference: %v", err)
			}
			want, err := whatif.Plan(s, g, whatif.Change{Members: 1}, nil)
			if err != nil {
				t.Fatal(err)
			}
			old := *g
			f.start(t, real, group, topics, 3)
			_, g = settled(t, at, group, 3, all)
			f.compare(t, &want, &old, g)
		})
	}
}

// compare holds what was computed against what the group has.
func (f *fleet) compare(t *testing.T, want *whatif.Result, old, g *kafka.Group) {
	t.Helper()
	most, least, moved := 0, 1<<30, 0
	for i := range g.Members {
		most, least = max(most, len(g.Members[i].Assigned)), min(least, len(g.Members[i].Assigned))
	}
	for _, m := range rebalance.Diff(*old, *g) {
		if m.From != (rebalance.Identity{}) {
			moved++
		}
	}
	t.Logf("%d moved, %d to %d partitions", moved, least, most)
	if most != want.After.Most || least != want.After.Least {
		t.Errorf("%d to %d partitions, computed %d to %d", least, most, want.After.Least, want.After.Most)
	}
	if f.ids && f.exact {
		return
	}
	if moved != want.Moved {
		t.Errorf("%d partitions moved, computed %d", moved, want.Moved)
	}
	if !f.exact {
		return
	}
	sure := computed(want)
	for i := range g.Members {
		id := rebalance.IdentityOf(&g.Members[i])
		for _, tp := range g.Members[i].Assigned {
			if sure[tp] != key(id) {
				t.Errorf("%v: %s has it, computed %s", tp, key(id), sure[tp])
			}
		}
	}
}

// Sarama sorts partition 10 before 2: from eleven partitions on, who gets which is another matter than under Java,
// how many each gets is not. Brokers do not tell which client leads a group, but what the group has does.
func TestRealSaramaRoundRobinIsSaidToDiffer(t *testing.T) {
	at, topic, group := kafkatest.Real(t).Bootstrap(), kafkatest.Unique("whatif"), kafkatest.Unique("whatif")
	kafkatest.CreateTopic(t, at, topic, 12, 1)
	for _, name := range []string{"c-1", "c-2", "c-3"} {
		kafkatest.Member(t, at, group, topic, kafkatest.SaramaRoundRobin, kafkatest.As(name))
	}
	s, g := settled(t, at, group, 3, 12)
	r, err := whatif.Plan(s, g, whatif.Change{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Moved == 0 || r.Before.Most != r.After.Most || r.Before.Least != r.After.Least {
		t.Errorf("%d moved, %d to %d partitions before, %d to %d after", r.Moved, r.Before.Least, r.Before.Most, r.After.Least, r.After.Most)
	}
	if !strings.Contains(strings.Join(r.Notes, "\n"), "its leader computes otherwise, and who gets which may differ") {
		t.Errorf("not said: %q", r.Notes)
	}
}
