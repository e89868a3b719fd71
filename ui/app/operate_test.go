package app

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/operate"
	"lagtop/ui/command"
	"lagtop/ui/pane/panetest"
)

// The world's topic: orders/0 is led by 2, orders/1 by 1, both prefer 1.
func (w *world) Topics(context.Context, ...string) ([]kafka.Topic, error) {
	part := func(id, leader int32) kafka.Partition {
		return kafka.Partition{ID: id, Leader: kafka.Some(leader), Replicas: []int32{1, 2}, ISR: []int32{1, 2}}
	}
	return []kafka.Topic{{Name: "orders", Partitions: []kafka.Partition{part(0, w.leader), part(1, 1)}}}, nil
}

func (w *world) ElectPreferred(_ context.Context, tps []kafka.TopicPartition) (map[kafka.TopicPartition]error, error) {
	w.elected = tps
	w.leader = 1
	return nil, nil
}

func (w *world) TopicSettings(context.Context, string) ([]kafka.Config, error) {
	ms := kafka.Config{Name: operate.RetentionMS, Value: "604800000", Source: kafka.SourceDefault}
	if w.retention != 0 {
		ms = kafka.Config{Name: operate.RetentionMS, Value: strconv.FormatInt(w.retention, 10), Source: kafka.SourceTopic}
	}
	return []kafka.Config{ms, {Name: operate.RetentionBytes, Value: "-1", Source: kafka.SourceDefault}}, nil
}

func (w *world) AlterTopic(_ context.Context, _ string, changes []kafka.ConfigChange) error {
	w.retention = 0
	if !changes[0].Unset {
		w.retention, _ = strconv.ParseInt(changes[0].Value, 10, 64)
	}
	return nil
}

func (w *world) DeleteGroup(context.Context, string) error {
	w.deleted++
	w.group, w.commits = kafka.Group{Name: w.group.Name, State: kafka.StateDead, Type: kafka.Classic}, map[kafka.TopicPartition]kafka.Commit{}
	return nil
}

func TestDeletedGroupIsBroughtBackByUndo(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	w := newWorld(kafka.StateEmpty)
	r := newRig(t, panetest.Typical(), w)
	r.keys("D")
	r.see("Delete from payments", "only while it is empty")
	r.finish(r.keys("enter"))
	r.see("Delete group payments", "3 commits", "orders/2", "300", "auto.offset.reset", "kafka-consumer-groups")
	r.keys("enter")
	if w.deleted != 0 || r.front() != nil {
		t.Fatal("enter deleted: the default is not No")
	}
	r.keys("D")
	r.finish(r.keys("enter"))
	r.typed("payments")
	r.finish(r.keys("enter"))
	if w.deleted != 1 || !slices.Equal(r.log.begun, []string{"delete group payments"}) {
		t.Fatalf("%d requests, audit %q", w.deleted, r.log.begun)
	}
	r.see("1 of 1 done", "Read back", "are kept in", "Undo")
	w.group.State = kafka.StateDead
	r.finish(r.keys("u"))
	r.see("orders/0", "100", "orders/2", "300")
	r.typed("payments")
	r.finish(r.keys("enter"))
	if got := w.commits[kafka.TopicPartition{Topic: "orders", Partition: 2}].Offset; got != 300 {
		t.Errorf("after the undo orders/2 is at %d\n%s", got, r.screen())
	}
}

func TestGroupInUseIsNotDeleted(t *testing.T) {
	w := newWorld(kafka.StateStable, "payments-1", "payments-3")
	r := newRig(t, panetest.Typical(), w)
	r.keys("D")
	r.finish(r.keys("enter"))
	r.see("Not possible now", "payments-1 on 10.0.0.7", "payments-3 on 10.0.0.7")
	r.seeNot("Yes, delete")
	r.keys("enter")
	if w.deleted != 0 || len(r.log.begun) != 0 {
		t.Error("a group in use was deleted")
	}
}

func TestOffsetsOfTheSelectedTopicAreDeletedByTheResetsPath(t *testing.T) {
	w := newWorld(kafka.StateEmpty)
	r := newRig(t, panetest.Typical(), w)
	r.keys("D", "down")
	r.see("its offsets of topic orders", "also while it has members")
	r.finish(r.keys("enter"))
	r.see("orders/0", "100", "No, change nothing")
	r.keys("enter")
	if w.deleted != 0 || len(r.log.begun) != 0 {
		t.Errorf("something was sent: %q", r.log.begun)
	}
}

func TestElectionShowsEachLeaderAndAppliesExactlyThat(t *testing.T) {
	w := newWorld(kafka.StateStable, "payments-1")
	w.leader = 2
	r := newRig(t, panetest.Typical(), w)
	r.keys("4")
	r.finish(r.keys("E"))
	r.see("whole cluster", "orders/0", "leader 2", "leader 1", "There is no undo: Kafka", "kafka-leader-election")
	r.keys("right")
	r.finish(r.keys("enter"))
	if len(w.elected) != 1 || w.elected[0] != (kafka.TopicPartition{Topic: "orders"}) {
		t.Errorf("elected %v", w.elected)
	}
	r.see("1 of 1 done")
	r.keys("enter")
	r.finish(r.keys("E"))
	r.see("every leader of the cluster is the preferred one")
	if r.front() != nil {
		t.Error("a preview of nothing")
	}
}

func TestRetentionIsRaisedAndSetBack(t *testing.T) {
	w := newWorld(kafka.StateStable, "payments-1")
	r := newRig(t, panetest.Typical(), w)
	topic := r.env.Focus.Topic
	if topic == "" {
		t.Fatal("no topic in focus")
	}
	r.finish(r.keys("C"))
	r.see("Retention of "+topic, "now 7 days (default)", "one day more")
	r.keys("tab", "down", "enter")
	r.see("for 14 days instead of 7 days", "604800000 (7 days, default)", "1209600000 (14 days, topic)", "disk space", "kafka-configs")
	r.keys("right")
	r.finish(r.keys("enter"))
	if w.retention != 2*604800000 {
		t.Fatalf("retention %d", w.retention)
	}
	r.see("1 of 1 done", "Undo")
	r.keys("u")
	r.see("RECORDS ARE DELETED", "--delete-config")
	r.keys("right", "enter")
	if w.retention == 0 {
		t.Error("shortened without typing the topic's name")
	}
	r.typed(topic)
	r.finish(r.keys("enter"))
	if w.retention != 0 {
		t.Errorf("not set back: %d\n%s", w.retention, r.screen())
	}
}

func TestRetentionThatCannotBeReadKeepsTheForm(t *testing.T) {
	r := newRig(t, panetest.Typical(), newWorld(kafka.StateStable, "payments-1"))
	r.finish(r.keys("C"))
	r.keys("tab", "down", "down", "tab")
	r.typed("soon")
	r.keys("enter")
	r.see("soon", "give 36h, 7d, 2w")
	r.keys("esc")
	r.finish(r.keys("C"))
	r.keys("down", "enter") // the size, a day more
	r.see("a day is a time")
}

func TestRollOfMarkedConsumers(t *testing.T) {
	snap := panetest.Typical()
	g := snap.Group("payments")
	w := newWorld(kafka.StateStable)
	w.group.Members = g.Members
	r := newRig(t, snap, w)
	r.keys("2", "g", "space")
	marked := r.env.Focus.Member
	if marked == "" || !slices.Equal(r.markedMembers(), []string{marked}) {
		t.Fatalf("marked %q, want %q", r.markedMembers(), marked)
	}
	r.finish(r.keys("X"))
	r.see("Rolling kick in payments", "1 of "+strconv.Itoa(len(g.Members))+" members", "esc stops before the next one")
	r.keys("right")
	r.finish(r.keys("enter"))
	if !slices.Equal(w.left, []string{marked}) || !slices.Equal(r.log.begun, []string{"rolling kick payments"}) {
		t.Errorf("left %q, audit %q", w.left, r.log.begun)
	}
	r.see("Rolling kick done", "1 of 1 members kicked and back", "Every partition is where it was", "copy")
}

func TestRollOfAllSaysSoAndIsCancelledBetweenMembers(t *testing.T) {
	w := newWorld(kafka.StateStable, "payments-1", "payments-3")
	r := newRig(t, panetest.Typical(), w)
	r.finish(r.keys("X"))
	r.see("2 of 2 members", "These are all members", "payments-1 on 10.0.0.7", "payments-3 on 10.0.0.7")
	r.keys("right")
	w.leaving = func() { r.task.cancel() } // as esc does, while the first is on its way
	r.finish(r.keys("enter"))
	if len(w.left) != 1 {
		t.Errorf("left %q", w.left)
	}
	r.see("Rolling kick stopped", "its turn did not come", "What moved is not known")
}

func TestMovesAreListedAndCopied(t *testing.T) {
	w := newWorld(kafka.StateStable, "payments-1", "payments-3")
	r := newRig(t, panetest.Typical(), w)
	r.finish(r.keys("X"))
	r.keys("right")
	w.leaving = func() {
		ms := slices.Clone(w.group.Members)
		ms[0].Assigned, ms[1].Assigned = ms[1].Assigned, ms[0].Assigned
		w.group.Members, w.leaving = ms, nil
	}
	r.finish(r.keys("enter"))
	r.see("2 of 2 members kicked and back", "2 partitions moved", "Moved:", "orders/0", "payments-1 on 10.0.0.7 → payments-3 on 10.0.0.7")
	cmd := r.keys("y")
	if cmd == nil {
		t.Fatal("y copied nothing")
	}
	if copied := fmt.Sprint(cmd()); !strings.Contains(copied, "orders/0\tpayments-1 on 10.0.0.7\t->\tpayments-3 on 10.0.0.7") {
		t.Errorf("copied %q", copied)
	}
	r.see("Moved:")
}

func TestKeysThatOperateSayWhyTheyCannot(t *testing.T) {
	share := &kafka.Group{Type: kafka.Share, Members: []kafka.Member{{ID: "m"}}}
	streams := &kafka.Group{Type: kafka.Streams, Members: []kafka.Member{{ID: "m"}}}
	for _, c := range []struct {
		id    command.ID
		state command.State
		want  string
	}{
		{command.Roll, command.State{Group: share}, "share group"},
		{command.Roll, command.State{Group: streams}, "streams group"},
		{command.Delete, command.State{}, "select a group"},
		{command.Retention, command.State{}, "select a topic"},
		{command.Elect, command.State{Where: command.Topics}, "select a topic"},
		{command.Elect, command.State{Where: command.Brokers}, ""},
		{command.Elect, command.State{Where: command.Brokers, ReadOnly: "read-only: x"}, "read-only"},
	} {
		if got := command.ByID(c.id).WhyNot(c.state); !strings.Contains(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s: %q does not say %q", c.id, got, c.want)
		}
	}
}

func TestOldestUnreadIsTheOneInFocusFirst(t *testing.T) {
	age := func(h int) kafka.Known[kafka.Age] {
		d := time.Duration(h) * time.Hour
		return kafka.Some(kafka.Age{Min: d, Max: d})
	}
	part := func(p int32, h int) kafka.GroupPartition {
		return kafka.GroupPartition{TopicPartition: kafka.TopicPartition{Topic: "orders", Partition: p}, Lag: kafka.Some(int64(5)), Age: age(h)}
	}
	g := &kafka.Group{Name: "g", Partitions: []kafka.GroupPartition{part(0, 1), part(1, 3), part(2, 2)}}
	if u := oldestUnread(g, "orders"); u == nil || u.Partition != 1 || u.Age.Max != 3*time.Hour {
		t.Errorf("%+v", u)
	}
	if u := oldestUnread(g, "other"); u != nil {
		t.Errorf("%+v", u)
	}
}
