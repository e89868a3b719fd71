package poll

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
)

// victimBroker is the one that the cases hurt.
const victimBroker = 1

// broken is a way in which a part of a cluster fails.
type broken struct {
	name   string
	reason string // in a fault, or where the part is marked
	hurt   func(*testing.T, *kafkatest.Fake) (heal func())
	group  func(was *kafka.Group) bool                    // is it part of what is hurt?
	part   func(topic string, was *kafka.Partition) bool  // is it?
	brief  bool                                           // it shows in the next poll alone
	hangs  bool                                           // what is asked of it is answered when it is healed
	well   bool                                           // the brokers
	marked func(g *kafka.Group, s *kafka.Snapshot) string // where that is not g.Err or its age; why
}

func noGroup(*kafka.Group) bool            { return false }
func noPart(string, *kafka.Partition) bool { return false }
func namedGroup(name string) func(*kafka.Group) bool {
	return func(g *kafka.Group) bool { return g.Name == name }
}
func namedTopic(name string) func(string, *kafka.Partition) bool {
	return func(topic string, _ *kafka.Partition) bool { return topic == name }
}
func coordinated(g *kafka.Group) bool       { return g.Coordinator.V == victimBroker }
func led(_ string, p *kafka.Partition) bool { return p.Leader.V == victimBroker }

// faulty makes a fault of the fake cluster into a case's harm.
func faulty(faults ...kfake.Fault) func(*testing.T, *kafkatest.Fake) func() {
	return func(_ *testing.T, f *kafkatest.Fake) func() {
		h := f.Fault(faults...)
		return h.Remove
	}
}

// duringPoll runs do once, when the first broker is asked for offsets.
func duringPoll(do func(*testing.T, *kafkatest.Fake), heal func(*testing.T, *kafkatest.Fake)) func(*testing.T, *kafkatest.Fake) func() {
	return func(t *testing.T, f *kafkatest.Fake) func() {
		var done atomic.Bool
		f.ControlKey(int16(kmsg.ListOffsets), func(kmsg.Request) (kmsg.Response, error, bool) {
			if done.CompareAndSwap(false, true) {
				f.SleepControl(func() { do(t, f) })
			}
			return nil, nil, false
		})
		return func() { heal(t, f) }
	}
}

func deleteOrders(t *testing.T, f *kafkatest.Fake) {
	if err := f.DeleteTopic("orders"); err != nil {
		t.Error(err)
	}
}

func createOrders(t *testing.T, f *kafkatest.Fake) {
	if err := f.CreateTopic("orders", 6, nil); err != nil {
		t.Error(err)
	}
}

// garbled is an answer that nobody can decode.
type garbled struct{ *kmsg.DescribeGroupsResponse }

func (garbled) AppendTo(dst []byte) []byte { return append(dst, 0, 0, 0, 0, 0x7f) }

// garble spoils each answer that would describe the group.
func garble(group string) func(*testing.T, *kafkatest.Fake) func() {
	return func(_ *testing.T, f *kafkatest.Fake) func() {
		var healed atomic.Bool
		f.ControlKey(int16(kmsg.DescribeGroups), func(r kmsg.Request) (kmsg.Response, error, bool) {
			f.KeepControl()
			req := r.(*kmsg.DescribeGroupsRequest)
			if healed.Load() || !slices.Contains(req.Groups, group) {
				return nil, nil, false
			}
			return garbled{req.ResponseKind().(*kmsg.DescribeGroupsResponse)}, nil, true
		})
		return func() { healed.Store(true) }
	}
}

// silentShares makes a share group whose offsets are never told, as while its partition of __share_group_state is
// offline.
func silentShares(t *testing.T, f *kafkatest.Fake) func() {
	healed := make(chan struct{})
	heal := sync.OnceFunc(func() { close(healed) })
	t.Cleanup(heal)
	f.ControlKey(int16(kmsg.DescribeShareGroupOffsets), func(kmsg.Request) (kmsg.Response, error, bool) {
		f.KeepControl()
		f.SleepControl(func() { <-healed })
		return nil, nil, false
	})
	joinShare(t, f, "shared", "orders")
	return heal
}

// joinShare makes a share group with one member and waits until the cluster has it.
func joinShare(t *testing.T, f *kafkatest.Fake, group, topic string) {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(f.Bootstrap()...), kgo.ShareGroup(group), kgo.ConsumeTopics(topic))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for !cl.PollFetches(context.Background()).IsClientClosed() {
		}
	}()
	t.Cleanup(func() { cl.Close(); <-done })
	kafkatest.Until(t, patience, func() error {
		groups, err := kadm.NewClient(cl).DescribeShareGroups(t.Context(), group)
		if err == nil && (len(groups.Sorted()) != 1 || len(groups.Sorted()[0].Members) != 1) {
			err = fmt.Errorf("the share group is not there: %+v", groups)
		}
		return err
	})
}

func cases() []broken {
	return []broken{
		{name: "broker down", reason: "its leader, broker 1, does not answer", group: coordinated, part: led,
			hurt: func(_ *testing.T, f *kafkatest.Fake) func() {
				f.Down(victimBroker)
				return func() { f.Up(victimBroker) }
			}},
		{name: "broker hung", reason: "its leader, broker 1, does not answer", hangs: true, group: coordinated, part: led,
			hurt: func(_ *testing.T, f *kafkatest.Fake) func() {
				f.Hang(victimBroker)
				return func() { f.Up(victimBroker) }
			}},
		{name: "coordinator moves", reason: "NOT_COORDINATOR", group: coordinated, part: noPart,
			hurt: faulty(kfake.Fault{Keys: []kmsg.Key{kmsg.DescribeGroups, kmsg.OffsetFetch}, Nodes: []int32{victimBroker}, Err: kerr.NotCoordinator, Count: -1})},
		{name: "coordinator loads", reason: "COORDINATOR_LOAD_IN_PROGRESS", group: coordinated, part: noPart,
			hurt: faulty(kfake.Fault{Keys: []kmsg.Key{kmsg.DescribeGroups, kmsg.OffsetFetch}, Nodes: []int32{victimBroker}, Err: kerr.CoordinatorLoadInProgress, Count: -1})},
		{name: "coordinator loads what another one had", reason: "COORDINATOR_LOAD_IN_PROGRESS", group: noGroup, part: noPart,
			hurt: faulty(kfake.Fault{Keys: []kmsg.Key{kmsg.ListGroups}, Nodes: []int32{victimBroker}, Err: kerr.CoordinatorLoadInProgress, Count: -1})},
		{name: "topic deleted during a poll", reason: "UNKNOWN_TOPIC_OR_PARTITION", group: noGroup, part: namedTopic("orders"), brief: true,
			hurt: duringPoll(deleteOrders, createOrders)},
		{name: "topic made again during a poll", reason: "orders", group: noGroup, part: namedTopic("orders"), brief: true,
			hurt: duringPoll(func(t *testing.T, f *kafkatest.Fake) { deleteOrders(t, f); createOrders(t, f) }, func(*testing.T, *kafkatest.Fake) {})},
		{name: "partition without leader", reason: "no leader", group: noGroup,
			part: func(topic string, p *kafka.Partition) bool { return topic == "orders" && p.ID == 2 },
			hurt: func(_ *testing.T, f *kafkatest.Fake) func() {
				return f.Leaderless(kafka.TopicPartition{Topic: "orders", Partition: 2})
			}},
		{name: "leader moves", reason: "NOT_LEADER_OR_FOLLOWER", group: noGroup, part: namedTopic("orders"),
			hurt: faulty(kfake.Fault{Keys: []kmsg.Key{kmsg.ListOffsets}, Topic: "orders", Err: kerr.NotLeaderForPartition, Count: -1})},
		{name: "group denied", reason: "not authorized: DESCRIBE on group g3", group: namedGroup("g3"), part: noPart,
			hurt: faulty(kfake.Fault{Keys: []kmsg.Key{kmsg.DescribeGroups, kmsg.OffsetFetch}, Group: "g3", Err: kerr.GroupAuthorizationFailed, Count: -1})},
		{name: "topic denied", reason: "not authorized: DESCRIBE on topic other", group: noGroup, part: namedTopic("other"),
			hurt: faulty(kfake.Fault{Keys: []kmsg.Key{kmsg.ListOffsets}, Topic: "other", Err: kerr.TopicAuthorizationFailed, Count: -1})},
		{name: "description not decodable", reason: conn.ErrUndecodable.Error(), group: namedGroup("g4"), part: noPart, hurt: garble("g4")},
		{name: "share offsets never answered", reason: opShares, hangs: true, well: true, group: namedGroup("shared"), part: noPart,
			hurt: silentShares},
		{name: "assignment not decodable", reason: "assignment not decodable", group: namedGroup("odd"), part: noPart,
			marked: func(g *kafka.Group, _ *kafka.Snapshot) string {
				if len(g.Members) == 0 {
					return ""
				}
				return g.Members[0].Opaque
			},
			hurt: func(t *testing.T, f *kafkatest.Fake) func() {
				leave := joinByHand(t, f.Bootstrap(), "odd", "consumer", []byte{0, 0, 0x7f, 0xff, 0xff, 0xff})
				return func() {
					leave()
					joinByHand(t, f.Bootstrap(), "odd", "consumer", []byte{0, 0, 0, 0, 0, 0})
				}
			}},
	}
}

// driver polls a cluster step by step.
type driver struct {
	t *testing.T
	s *session
}

// poll is the next poll, an interval later: brokers that failed are tried again, and what was asked has
// been answered or given up.
func (d *driver) poll() *kafka.Snapshot {
	d.t.Helper()
	for _, n := range d.s.nodes {
		for n.pending > 0 || n.shares.asking {
			d.s.note(<-d.s.results, time.Now())
		}
		n.retry, n.shares.retry = time.Time{}, time.Time{}
	}
	snap, err := d.s.poll(time.Now())
	if err != nil {
		d.t.Fatal(err)
	}
	return snap
}

// whole says what is not fresh in a snapshot; empty when all is.
func whole(s *kafka.Snapshot) string {
	return stale(s, func(*kafka.Group) bool { return false }, func(string, *kafka.Partition) bool { return false })
}

// stale names what is neither fresh nor expected to be hurt.
func stale(s *kafka.Snapshot, group func(*kafka.Group) bool, part func(string, *kafka.Partition) bool) string {
	for i := range s.Groups {
		if g := &s.Groups[i]; !group(g) && (g.Err != "" || g.Gone || g.At.Before(s.Began)) {
			return fmt.Sprintf("group %s: %q, gone %v, read %v before", g.Name, g.Err, g.Gone, s.Began.Sub(g.At))
		}
	}
	for i := range s.Topics {
		for k := range s.Topics[i].Partitions {
			p := &s.Topics[i].Partitions[k]
			if !part(s.Topics[i].Name, p) && (p.Err != "" || !p.End.OK || p.At.Before(s.Began)) {
				return fmt.Sprintf("%s/%d: %q, end %v", s.Topics[i].Name, p.ID, p.Err, p.End)
			}
		}
	}
	return ""
}

// hurtParts are the parts of a case by name, as the snapshot before it has them: leaders and coordinators
// may be gone afterwards.
func (c *broken) hurtParts(before *kafka.Snapshot) (group func(*kafka.Group) bool, part func(string, *kafka.Partition) bool) {
	groups, parts := map[string]bool{}, map[kafka.TopicPartition]bool{}
	for i := range before.Groups {
		if g := &before.Groups[i]; c.group(g) {
			groups[g.Name] = true
		}
	}
	for i := range before.Topics {
		for k := range before.Topics[i].Partitions {
			if p := &before.Topics[i].Partitions[k]; c.part(before.Topics[i].Name, p) {
				parts[kafka.TopicPartition{Topic: before.Topics[i].Name, Partition: p.ID}] = true
			}
		}
	}
	group = func(g *kafka.Group) bool { return groups[g.Name] || c.group(g) }
	part = func(topic string, p *kafka.Partition) bool {
		return parts[kafka.TopicPartition{Topic: topic, Partition: p.ID}]
	}
	return group, part
}

// unmarked names a part that is hurt and does not say so with reason and age.
func (c *broken) unmarked(s *kafka.Snapshot, group func(*kafka.Group) bool, part func(string, *kafka.Partition) bool) string {
	reasons := []string{}
	for i := range s.Faults {
		reasons = append(reasons, s.Faults[i].String())
		if s.Faults[i].Since.IsZero() {
			return fmt.Sprintf("a fault has no begin: %+v", s.Faults[i])
		}
	}
	for i := range s.Groups {
		g := &s.Groups[i]
		if !group(g) {
			continue
		}
		why := g.Err
		if c.marked != nil {
			why = c.marked(g, s)
		}
		if why == "" && !g.At.Before(s.Began) {
			return "group " + g.Name
		}
		reasons = append(reasons, why)
	}
	for i := range s.Topics {
		for k := range s.Topics[i].Partitions {
			p := &s.Topics[i].Partitions[k]
			if !part(s.Topics[i].Name, p) {
				continue
			}
			if p.Err == "" && c.brief {
				continue // its leader answered right before
			}
			if p.Err == "" {
				return fmt.Sprintf("%s/%d", s.Topics[i].Name, p.ID)
			}
			reasons = append(reasons, p.Err)
		}
	}
	if len(reasons) == 0 || !slices.ContainsFunc(reasons, func(r string) bool { return strings.Contains(r, c.reason) }) {
		return fmt.Sprintf("no reason %q in %q", c.reason, reasons)
	}
	return ""
}

func TestHalfBrokenClusterMarksItsPartAndHealsWithinTwoPolls(t *testing.T) {
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			f := kafkatest.NewFake(t, kfake.SeedTopics(6, "orders", "other"))
			kafkatest.Produce(t, f.Bootstrap(), "orders", 60)
			at := map[kafka.TopicPartition]int64{}
			for p := range int32(6) {
				at[kafka.TopicPartition{Topic: "orders", Partition: p}], at[kafka.TopicPartition{Topic: "other", Partition: p}] = 1, 0
			}
			for i := range 9 {
				kafkatest.Commit(t, f.Bootstrap(), fmt.Sprint("g", i), at)
			}
			cfg := conn.Config{Bootstrap: f.Bootstrap()[:1], ReadTimeout: unhurried}
			d := &driver{t: t, s: newSession(t.Context(), New(cfg, Options{Interval: time.Hour, Deadline: unhurried}))}
			defer d.s.close()
			before := d.poll()
			if why := whole(before); why != "" || !before.Complete() || len(before.Groups) != 9 {
				t.Fatalf("before: %s, %+v", why, before.Faults)
			}
			c.run(t, f, d, before)
		})
	}
}

// wrong says what a snapshot of a cluster that is hurt does not show, or shows too much; empty when nothing.
func (c *broken) wrong(s *kafka.Snapshot, group func(*kafka.Group) bool, part func(string, *kafka.Partition) bool) string {
	if why := stale(s, group, part); why != "" {
		return "what is not hurt is not fresh: " + why
	}
	if why := c.unmarked(s, group, part); why != "" {
		return "not marked: " + why
	}
	for i := range s.Faults {
		if x := &s.Faults[i]; c.well && x.Group == "" {
			return fmt.Sprintf("more than the group is marked: %+v", x)
		}
	}
	if len(s.Groups) < 9 {
		return fmt.Sprintf("%d groups", len(s.Groups))
	}
	return ""
}

// run hurts, looks for two polls, heals, and wants the second poll after that to be whole.
func (c *broken) run(t *testing.T, f *kafkatest.Fake, d *driver, before *kafka.Snapshot) {
	group, part := c.hurtParts(before)
	heal := c.hurt(t, f)
	if c.hangs { // its polls last until the deadline
		d.s.p.opts.Deadline = 2 * time.Second
	}
	looks := 2
	if c.brief {
		looks = 1
	}
	for i := range looks {
		why := c.wrong(d.poll(), group, part)
		for again := 0; c.hangs && why != "" && again < 10; again++ { // others may be late as well on a busy machine
			why = c.wrong(d.poll(), group, part)
		}
		if why != "" {
			t.Errorf("poll %d: %s", i+1, why)
		}
	}
	d.s.p.opts.Deadline = unhurried
	heal()
	d.poll()
	s := d.poll()
	if why := whole(s); why != "" || !s.Complete() {
		t.Errorf("not healed with the second poll: %s, faults %+v", why, s.Faults)
	}
	for i := range s.Groups {
		if c.marked != nil && c.marked(&s.Groups[i], s) != "" {
			t.Errorf("group %s is marked yet: %s", s.Groups[i].Name, c.marked(&s.Groups[i], s))
		}
	}
}
