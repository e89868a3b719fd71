package app

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"

	"lagtop/kafka"
	"lagtop/kafka/act"
	"lagtop/ui/pane/panetest"
)

// world is a cluster with one group, in memory.
type world struct {
	group   kafka.Group
	commits map[kafka.TopicPartition]kafka.Commit
	ends    map[kafka.TopicPartition]int64
	sent    []map[kafka.TopicPartition]kafka.Commit
	parked  int
	left    []string

	deleted   int
	leader    int32
	elected   []kafka.TopicPartition
	retention int64  // 0: the default
	leaving   func() // when a member is kicked
}

func newWorld(state kafka.GroupState, members ...string) *world {
	w := &world{commits: map[kafka.TopicPartition]kafka.Commit{}, ends: map[kafka.TopicPartition]int64{}}
	w.group = kafka.Group{Name: "payments", Type: kafka.Classic, ProtocolType: "consumer", Protocol: "range", State: state}
	for i, m := range members {
		w.group.Members = append(w.group.Members, kafka.Member{ID: m + "-id", ClientID: m, Host: "10.0.0.7",
			Assigned: []kafka.TopicPartition{{Topic: "orders", Partition: int32(i)}}})
	}
	for p := range int32(3) {
		tp := kafka.TopicPartition{Topic: "orders", Partition: p}
		w.commits[tp] = kafka.Commit{Offset: 100 * int64(p+1)}
		w.ends[tp] = 1000
	}
	return w
}

func (w *world) Group(context.Context, string) (kafka.Group, error) { return w.group, nil }
func (w *world) Describe(context.Context, string, kafka.GroupType) (kafka.Group, error) {
	return w.group, nil
}

func (w *world) Committed(context.Context, string) (map[kafka.TopicPartition]kafka.Commit, error) {
	return maps.Clone(w.commits), nil
}

func (w *world) Partitions(_ context.Context, topics []string) (map[string][]int32, error) {
	out := map[string][]int32{}
	for _, t := range topics {
		out[t] = []int32{0, 1, 2}
	}
	return out, nil
}

func (w *world) ListOffsets(_ context.Context, tps []kafka.TopicPartition, at kafka.OffsetAt) (map[kafka.TopicPartition]kafka.LogOffset, error) {
	out := map[kafka.TopicPartition]kafka.LogOffset{}
	for _, tp := range tps {
		o := int64(0)
		if at == kafka.AtEnd() {
			o = w.ends[tp]
		}
		out[tp] = kafka.LogOffset{Offset: kafka.Some(o)}
	}
	return out, nil
}

func (w *world) Commit(_ context.Context, _ string, c map[kafka.TopicPartition]kafka.Commit) (map[kafka.TopicPartition]error, error) {
	w.sent = append(w.sent, c)
	maps.Copy(w.commits, c)
	return nil, nil
}

func (w *world) ParkJoin(context.Context, string, string, string) error { w.parked++; return nil }
func (w *world) LeaveGroup(_ context.Context, _, member, _, _ string) error {
	w.left = append(w.left, member)
	if w.leaving != nil {
		w.leaving()
	}
	return nil
}

func (w *world) ConsumerHeartbeat(context.Context, string, string, string, int32) (int32, error) {
	return 0, errors.New("not a KIP-848 group")
}

// reset opens the form, chooses a scenario by moving down so often, and lets the plan be made.
func (r *rig) reset(down int) {
	r.t.Helper()
	r.keys("o")
	r.see("Reset offsets of payments")
	r.keys("tab")
	for range down {
		r.keys("down")
	}
	r.finish(r.keys("enter"))
}

func TestResetShowsThePlanAndAppliesExactlyIt(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	w := newWorld(kafka.StateEmpty)
	r := newRig(t, panetest.Typical(), w)
	r.reset(1) // latest
	r.see("orders/0", "100", "1000", "+900", "orders/2", "+700", "kafka-consumer-groups", "--to-latest")
	r.typed("payments")
	r.finish(r.keys("enter"))
	if len(w.sent) != 1 || len(r.log.begun) != 1 {
		t.Fatalf("%d commit requests, %d audit entries", len(w.sent), len(r.log.begun))
	}
	for tp, c := range w.sent[0] {
		if c.Offset != 1000 {
			t.Errorf("%v was set to %d, the preview said 1000", tp, c.Offset)
		}
	}
	r.see("3 of 3 partitions set", "Read back twice", "Undo")
	r.finish(r.keys("u"))
	r.see("undo", "-900")
	r.typed("payments")
	r.finish(r.keys("enter"))
	if got := w.commits[kafka.TopicPartition{Topic: "orders", Partition: 0}].Offset; got != 100 {
		t.Errorf("after the undo orders/0 is at %d", got)
	}
}

func TestResetDefaultsToNoAndIgnoresKeysTypedTooEarly(t *testing.T) {
	w := newWorld(kafka.StateEmpty)
	r := newRig(t, panetest.Typical(), w)
	r.reset(0)
	r.keys("enter")
	if r.front() != nil || len(w.sent) != 0 {
		t.Fatalf("enter did more than close the preview: %d requests", len(w.sent))
	}
	r.reset(0)
	for _, c := range "payments" { // all in the moment in which the preview opens
		r.send(press(string(c)))
	}
	r.send(press("enter"))
	if r.front() == nil || len(w.sent) != 0 {
		t.Error("keys typed before the preview could be read were taken")
	}
}

func TestResetOfAGroupInUseNamesItsMembers(t *testing.T) {
	w := newWorld(kafka.StateStable, "payments-1", "payments-3")
	r := newRig(t, panetest.Typical(), w)
	r.reset(0)
	r.see("not possible now", "payments-1 on 10.0.0.7", "payments-3 on 10.0.0.7")
	r.seeNot("Yes, commit")
	r.keys("enter")
	if len(w.sent) != 0 || len(r.log.begun) != 0 {
		t.Error("something was sent to a group in use")
	}
}

func TestResetValueThatCannotBeReadKeepsTheForm(t *testing.T) {
	r := newRig(t, panetest.Typical(), newWorld(kafka.StateEmpty))
	r.keys("o", "tab", "down", "down", "tab") // shift
	r.typed("lots")
	r.keys("enter")
	r.see("lots", "Reset offsets of payments")
	if r.task != nil {
		t.Error("a plan is made from nonsense")
	}
}

func TestResetIsRefusedWhenTheWorldChanged(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	w := newWorld(kafka.StateEmpty)
	r := newRig(t, panetest.Typical(), w)
	r.reset(1)
	w.commits[kafka.TopicPartition{Topic: "orders", Partition: 1}] = kafka.Commit{Offset: 777}
	r.typed("payments")
	r.finish(r.keys("enter"))
	r.see("changed since the plan was made", "orders/1 was 200, is 777")
	if len(w.sent) != 0 {
		t.Error("a commit was sent")
	}
}

func TestProbeKicksNobody(t *testing.T) {
	w := newWorld(kafka.StateStable, "payments-1", "payments-3")
	r := newRig(t, panetest.Typical(), w)
	r.finish(r.keys("r"))
	r.see("Rebalance payments", "nobody is removed", "No, change nothing")
	r.keys("right")
	r.finish(r.keys("enter"))
	if w.parked != 1 || len(w.left) != 0 {
		t.Errorf("%d probes, left %v", w.parked, w.left)
	}
	r.see("Stable again before it could be seen", "0 partitions moved")
}

func TestKickSaysWhoLosesWhat(t *testing.T) {
	w := newWorld(kafka.StateStable, "payments-1", "payments-3")
	r := newRig(t, panetest.Typical(), w)
	r.keys("2")
	r.env.Focus.Member = "payments-3-id"
	r.finish(r.planKick())
	r.see("Kick payments-3", "orders/1", "delivered again")
	r.keys("enter")
	if len(w.left) != 0 || strings.Contains(strings.Join(r.log.begun, " "), "kick") {
		t.Error("enter kicked: the default is not No")
	}
}

var _ Actor = (*world)(nil)
var _ act.Recorder = (*journal)(nil)
