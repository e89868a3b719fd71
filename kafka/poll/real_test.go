package poll

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
)

// realPatience is how long a real cluster may take to get where a test waits for it.
const realPatience = 90 * time.Second

func realConfig(c *kafkatest.Cluster) conn.Config { return conn.Config{Bootstrap: c.Bootstrap()} }

// groupsOfEachKind starts members of both protocols and of three clients, and returns the groups. They
// come to rest with lag and without, with commits and without, with idle members and without members.
func groupsOfEachKind(t *testing.T, c *kafkatest.Cluster) []string {
	t.Helper()
	at := c.Bootstrap()
	topic := kafkatest.Unique("compare")
	kafkatest.CreateTopic(t, at, topic, 4, 3)
	kafkatest.Produce(t, at, topic, 40)
	three := map[kafka.TopicPartition]int64{}
	for p := range int32(4) {
		three[kafka.TopicPartition{Topic: topic, Partition: p}] = 3
	}
	mixed, next, fresh, empty := kafkatest.Unique("mixed"), kafkatest.Unique("next"), kafkatest.Unique("fresh"), kafkatest.Unique("empty")
	for _, g := range []string{mixed, next, empty} {
		kafkatest.Commit(t, at, g, three)
	}
	stuck := kafkatest.Pausing(time.Hour) // it never commits what it reads
	kafkatest.Member(t, at, mixed, topic, kafkatest.SaramaRange, kafkatest.As("sarama-1"), stuck)
	kafkatest.JavaConsumer(t, c, mixed, topic, "client.id=java-1", "group.instance.id=static-1")
	kafkatest.Member(t, at, next, topic, kafkatest.KgoConsumer, kafkatest.As("kgo-1"), stuck)
	kafkatest.JavaConsumer(t, c, next, topic, "client.id=java-2", "group.protocol=consumer")
	for i := range 5 { // one more than partitions
		kafkatest.Member(t, at, fresh, topic, kafkatest.KgoCooperative, kafkatest.As(fmt.Sprint("kgo-", i)), stuck)
	}
	kafkatest.WaitGroup(t, at, mixed, kafka.StateStable, 2)
	kafkatest.WaitGroup(t, at, next, kafka.StateStable, 2)
	kafkatest.WaitGroup(t, at, fresh, kafka.StateStable, 5)
	return []string{mixed, next, fresh, empty}
}

// tableRows are the rows under the headers of a table of kafka-consumer-groups, which prints one a group.
func tableRows(out string) []string {
	var rows []string
	for _, line := range strings.Split(out, "\n") {
		if f := strings.Fields(line); len(f) > 1 && f[0] != "GROUP" && f[0] != "Consumer" {
			rows = append(rows, strings.Join(f, " "))
		}
	}
	slices.Sort(rows)
	return rows
}

func dash[T any](k kafka.Known[T]) string {
	if !k.OK {
		return "-"
	}
	return fmt.Sprint(k.V)
}

// describeRows are the rows that `kafka-consumer-groups --describe` prints for a group.
func describeRows(g *kafka.Group) []string {
	var rows []string
	for i := range g.Partitions {
		p := &g.Partitions[i]
		who := "- - -"
		if p.Owner.OK {
			m := &g.Members[p.Owner.V]
			who = fmt.Sprintf("%s /%s %s", m.ID, m.Host, m.ClientID)
		}
		rows = append(rows, fmt.Sprint(g.Name, " ", p.Topic, " ", p.Partition, " ", dash(p.Committed), " ", dash(p.End), " ", dash(p.Lag), " ", who))
	}
	return rows
}

// memberRows are the rows that `kafka-consumer-groups --describe --members` prints for a group.
func memberRows(g *kafka.Group) []string {
	var rows []string
	for i := range g.Members {
		m := &g.Members[i]
		row := fmt.Sprint(g.Name, " ", m.ID, " ", m.InstanceID, " /", m.Host, " ", m.ClientID, " ", len(m.Assigned))
		rows = append(rows, strings.Join(strings.Fields(row), " "))
	}
	return rows
}

// stateRow is the row that `kafka-consumer-groups --describe --state` prints for a group.
func stateRow(s *kafka.Snapshot, g *kafka.Group) string {
	at := s.Broker(g.Coordinator.V).Addr
	assignor := cmp.Or(g.Protocol, "-")
	return fmt.Sprintf("%s %s (%d) %s %s %d", g.Name, at, g.Coordinator.V, assignor, g.State, len(g.Members))
}

func TestSnapshotEqualsWhatKafkaConsumerGroupsPrints(t *testing.T) {
	c := kafkatest.Real(t)
	groups := groupsOfEachKind(t, c)
	args := []string{"--describe"}
	for _, g := range groups {
		args = append(args, "--group", g)
	}
	compare := func(ours func(*kafka.Snapshot, *kafka.Group) []string, args []string) error {
		out, err := c.Groups(t.Context(), args...)
		if err != nil {
			return err
		}
		s := once(t, realConfig(c))
		var rows []string
		for _, g := range groups {
			if s.Group(g) == nil {
				return fmt.Errorf("the snapshot lacks group %s; faults %+v", g, s.Faults)
			}
			rows = append(rows, ours(s, s.Group(g))...)
		}
		slices.Sort(rows)
		if theirs := tableRows(out); !slices.Equal(rows, theirs) {
			return fmt.Errorf("the snapshot says\n%s\nkafka-consumer-groups says\n%s", strings.Join(rows, "\n"), strings.Join(theirs, "\n"))
		}
		return nil
	}
	for _, view := range []struct {
		option []string
		ours   func(*kafka.Snapshot, *kafka.Group) []string
	}{
		{nil, func(_ *kafka.Snapshot, g *kafka.Group) []string { return describeRows(g) }},
		{[]string{"--members"}, func(_ *kafka.Snapshot, g *kafka.Group) []string { return memberRows(g) }},
		{[]string{"--state"}, func(s *kafka.Snapshot, g *kafka.Group) []string { return []string{stateRow(s, g)} }},
	} {
		// The Java members commit what they read within a moment; then nothing moves any more.
		kafkatest.Until(t, realPatience, func() error { return compare(view.ours, slices.Concat(args, view.option)) })
	}
}

func TestSnapshotNamesTheTypeOfEachGroup(t *testing.T) {
	c := kafkatest.Real(t)
	topic, share, classic := kafkatest.Unique("types"), kafkatest.Unique("share"), kafkatest.Unique("classic")
	kafkatest.CreateTopic(t, c.Bootstrap(), topic, 2, 3)
	kafkatest.Commit(t, c.Bootstrap(), classic, map[kafka.TopicPartition]int64{{Topic: topic}: 0})
	kafkatest.JavaShareConsumer(t, c, share, topic, "client.id=java-3")
	kafkatest.Until(t, realPatience, func() error {
		s := once(t, realConfig(c))
		g := s.Group(share)
		if g == nil || g.Type != kafka.Share || g.State != kafka.StateStable || len(g.Members) != 1 || g.Members[0].ClientID != "java-3" {
			return fmt.Errorf("share group: %+v", g)
		}
		if len(g.Partitions) != 2 || !g.Partitions[1].Owner.OK {
			return fmt.Errorf("its partitions: %+v", g.Partitions)
		}
		if g = s.Group(classic); g == nil || g.Type != kafka.Classic || g.ProtocolType != "" || g.State != kafka.StateEmpty {
			return fmt.Errorf("group made by an admin commit: %+v", g)
		}
		return nil
	})
}

// story follows a running poller through a failure of one broker.
type story struct {
	t      *testing.T
	p      *Poller
	victim int32
	topics []string
	groups []string
	before *kafka.Snapshot // whole, right before the failure
}

// next waits for a snapshot that began after the given time and satisfies cond, checking each on the way.
func (y *story) next(after time.Time, cond func(*kafka.Snapshot) error) *kafka.Snapshot {
	y.t.Helper()
	end := time.NewTimer(realPatience)
	defer end.Stop()
	last := fmt.Errorf("no snapshot came")
	for {
		select {
		case <-y.p.Updates():
		case <-end.C:
			y.t.Fatalf("broker %d: %v", y.victim, last)
		}
		s := y.p.Latest()
		if s == nil || s.Began.Before(after) {
			continue
		}
		if y.before != nil {
			y.othersAreFresh(s)
		}
		if last = cond(s); last == nil {
			return s
		}
	}
}

// othersAreFresh holds in every snapshot during a failure: nothing is forgotten, and what the victim did
// not serve before has been read in this very poll.
func (y *story) othersAreFresh(s *kafka.Snapshot) {
	y.t.Helper()
	for _, name := range y.topics {
		now := s.Topic(name)
		if now == nil {
			y.t.Fatalf("topic %s is gone", name)
		}
		for i, was := range y.before.Topic(name).Partitions {
			p := &now.Partitions[i]
			if !p.End.OK {
				y.t.Errorf("%s/%d: the end has been forgotten", name, p.ID)
			}
			if was.Leader.V != y.victim && (p.Err != "" || p.At.Before(s.Began)) {
				y.t.Errorf("%s/%d of broker %d is not fresh: %q, read %v before the poll", name, p.ID, p.Leader.V, p.Err, s.Began.Sub(p.At))
			}
		}
	}
	for _, name := range y.groups {
		g := s.Group(name)
		if g == nil {
			y.t.Fatalf("group %s is gone", name)
		}
		if y.before.Group(name).Coordinator.V != y.victim && (g.Err != "" || g.Gone || g.At.Before(s.Began)) {
			y.t.Errorf("group %s of broker %d is not fresh: %q, read %v before the poll; faults %+v", name, g.Coordinator.V, g.Err, s.Began.Sub(g.At), s.Faults)
		}
	}
}

// brokerMarked wants the victim, and no other broker, noted as failed with what it served marked as old.
func (y *story) brokerMarked(s *kafka.Snapshot) error {
	noted := false
	for _, f := range s.Faults {
		if f.Broker.OK && f.Group == "" && f.Topic == "" {
			heir := f.Reason == kafka.CodeCoordinatorLoading.Error() // it takes groups of the victim over
			if f.Broker.V != y.victim && !heir {
				y.t.Errorf("broker %d is noted: %+v", f.Broker.V, f)
			}
			noted = noted || f.Broker.V == y.victim
		}
	}
	if !noted {
		return fmt.Errorf("it is not noted among %d faults", len(s.Faults))
	}
	for _, name := range y.topics {
		for i, was := range y.before.Topic(name).Partitions {
			if p := &s.Topic(name).Partitions[i]; was.Leader.V == y.victim && p.Leader == was.Leader && p.Err == "" {
				y.t.Errorf("%s/%d looks fresh while its leader is down", name, p.ID)
			}
		}
	}
	return nil
}

// groupsMoved wants every group read in this poll again.
func (y *story) groupsMoved(s *kafka.Snapshot) error {
	for _, name := range y.groups {
		if g := s.Group(name); g.Err != "" || g.Gone || g.At.Before(s.Began) {
			return fmt.Errorf("group %s is not read again: %q", name, g.Err)
		}
	}
	return nil
}

func (y *story) whole(s *kafka.Snapshot) error {
	if !s.Complete() || len(s.Brokers) != 3 {
		return fmt.Errorf("%d brokers, faults %+v", len(s.Brokers), s.Faults)
	}
	return y.groupsMoved(s)
}

// newStory starts a cluster with a topic of three replicas and one of a single one, groups on all
// coordinators, and a poller.
func newStory(t *testing.T) (*story, *kafkatest.Cluster) {
	// A partition that goes home by itself would be the victim's although it was another's before.
	c := kafkatest.RealOwn(t, kafkatest.Own{Props: map[string]string{"auto.leader.rebalance.enable": "false"}})
	y := &story{t: t, victim: 2, topics: []string{"orders", "single"}}
	kafkatest.CreateTopic(t, c.Bootstrap(), "orders", 6, 3)
	kafkatest.CreateTopic(t, c.Bootstrap(), "single", 3, 1)
	kafkatest.Produce(t, c.Bootstrap(), "orders", 60)
	for i := range 9 {
		y.groups = append(y.groups, fmt.Sprint("group-", i))
		kafkatest.Commit(t, c.Bootstrap(), y.groups[i], map[kafka.TopicPartition]int64{{Topic: "orders", Partition: int32(i % 6)}: 1})
	}
	cfg := realConfig(c)
	cfg.ReadTimeout = 8 * time.Second // the others are not to be late because the machine is busy
	y.p = New(cfg, Options{Interval: 500 * time.Millisecond, Deadline: 10 * time.Second})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = y.p.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return y, c
}

// settle waits for a complete snapshot in which the victim serves something, and remembers it.
func (y *story) settle() {
	y.t.Helper()
	y.before = nil
	y.before = y.next(time.Now(), func(s *kafka.Snapshot) error {
		if err := y.whole(s); err != nil {
			return err
		}
		for i := range s.Brokers {
			if b := &s.Brokers[i]; b.Leaders == 0 || b.Groups == 0 {
				return fmt.Errorf("broker %d leads %d partitions and coordinates %d groups", b.ID, b.Leaders, b.Groups)
			}
		}
		return nil
	})
}

func TestOneBrokerFailsAndTheOthersStayFresh(t *testing.T) {
	y, c := newStory(t)
	y.settle()

	c.Kill(y.victim)
	killed := time.Now()
	y.next(killed, y.brokerMarked)
	y.next(killed, y.groupsMoved) // the others have taken its groups over
	lone := y.next(killed, func(s *kafka.Snapshot) error {
		for _, p := range s.Topic("single").Partitions {
			if !p.Leader.OK && p.Err != "" {
				return nil
			}
		}
		return fmt.Errorf("no partition without a replica elsewhere is marked as leaderless")
	})
	if lone.Complete() {
		t.Error("a snapshot with a leaderless partition says that it is complete")
	}
	c.Restart(y.victim)
	y.next(time.Now(), y.whole)

	// It leads the partitions of "single" alone now, which is enough for a hang.
	y.before = nil
	y.before = y.next(time.Now(), y.whole)
	c.Stop(y.victim)
	stopped := time.Now()
	y.next(stopped, y.brokerMarked)
	y.next(stopped, y.groupsMoved)
	c.Cont(y.victim)
	y.next(time.Now(), y.whole)
	y.roll(c)
}

// roll restarts one broker after the other, as an operator does with every upgrade.
func (y *story) roll(c *kafkatest.Cluster) {
	for id := range int32(3) {
		y.before = nil
		y.before = y.next(time.Now(), y.whole)
		y.victim = id + 1
		c.ShutDown(y.victim)
		down := time.Now()
		y.next(down, func(s *kafka.Snapshot) error {
			if b := s.Broker(y.victim); s.Complete() || b == nil || !b.At.Before(s.Began) {
				return fmt.Errorf("it is not marked: %+v, faults %+v", b, s.Faults)
			}
			return nil
		})
		y.next(down, y.groupsMoved)
		c.Restart(y.victim)
		back := time.Now()
		first := y.next(back, func(*kafka.Snapshot) error { return nil })
		s := y.next(back, y.whole)
		y.t.Logf("broker %d: whole in poll %d after its return", y.victim, s.Seq-first.Seq+1)
	}
}
