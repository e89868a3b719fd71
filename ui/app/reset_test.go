package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/offsets"
	"lagtop/ui/pane/panetest"
)

var orders1 = kafka.TopicPartition{Topic: "orders", Partition: 1}

// clocks are timestamps of records: a minute between two offsets, 1000 is now.
type clocks struct{}

func (clocks) Stamp(_ context.Context, _ kafka.TopicPartition, offset int64) (time.Time, error) {
	return panetest.Now().Add(time.Duration(offset-1000) * time.Minute), nil
}

// perform carries out what a command leads to, as the program would.
func (r *rig) perform(cmd tea.Cmd) {
	r.t.Helper()
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			r.perform(c)
		}
	default:
		r.perform(r.send(msg))
	}
}

// choose goes to a scenario of the open form by its label.
func (r *rig) choose(label string) {
	r.t.Helper()
	r.keys("tab")
	for range 12 {
		if s := r.screen(); strings.Contains(s, r.theme.Glyphs.Radio+" "+label+" ") {
			return
		}
		r.keys("right")
	}
	r.t.Fatalf("no scenario %q:\n%s", label, r.screen())
}

// resetTo plans a reset of the whole group with a value for the scenario.
func (r *rig) resetTo(label, value string) {
	r.t.Helper()
	r.keys("o")
	r.choose(label)
	if value != "" {
		r.keys("tab")
		r.typed(value)
	}
	r.perform(r.keys("enter"))
}

func (r *rig) frames(name string) {
	r.t.Helper()
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		r.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		panetest.Exact(r.t, r.frame(), size[0], size[1])
		panetest.Golden(r.t, fmt.Sprintf("%s-%dx%d", name, size[0], size[1]), r.screen())
	}
}

func TestResetFrames(t *testing.T) {
	r := newRig(t, panetest.Typical(), newWorld(kafka.StateEmpty))
	r.deps.Stamps = clocks{}
	r.keys("o")
	r.choose("so long ago")
	r.keys("tab")
	r.typed("PT1H30M")
	r.frames("reset-form")
	r.keys("esc", "o")
	r.choose("offset")
	r.keys("tab")
	r.typed("1200")
	r.perform(r.keys("enter"))
	r.keys("down", "down", "enter", "ctrl+u")
	r.typed("50")
	r.perform(r.keys("enter"))
	r.frames("reset-preview")
}

func TestResetGuardFrames(t *testing.T) {
	w := newWorld(kafka.StateStable, "payments-1", "payments-3")
	w.group.Members[1].InstanceID = "pay-3"
	r := newRig(t, panetest.Typical(), w)
	r.resetTo("earliest", "")
	r.frames("reset-guard")
}

func TestResetSaysHowOldSkippedRecordsAre(t *testing.T) {
	r := newRig(t, panetest.Typical(), newWorld(kafka.StateEmpty))
	r.deps.Stamps = clocks{}
	r.resetTo("latest", "")
	r.see("No record read again, 2400 records skipped; the oldest skipped is from", "15 h old")
}

func TestResetByDurationAndToCurrent(t *testing.T) {
	r := newRig(t, panetest.Typical(), newWorld(kafka.StateEmpty))
	r.resetTo("so long ago", "PT90M")
	r.see("--by-duration", "PT1H30M")
	r.keys("esc")
	r.resetTo("current", "")
	r.see("0 commits of 3 partitions move", "--to-current")
}

func TestResetFormSaysAtTheFieldWhatIsWrong(t *testing.T) {
	for label, c := range map[string]struct{ value, want string }{
		"shift":              {"5", "with its sign"},
		"offset":             {"-3", "-3"},
		"date and time":      {"yesterday", "yesterday"},
		"so long ago":        {"1h", "1h"},
		"from a file":        {"/nowhere/plan.csv", "no such file"},
		"like another group": {"payments", "this is the group itself"},
	} {
		r := newRig(t, panetest.Typical(), newWorld(kafka.StateEmpty))
		r.resetTo(label, c.value)
		r.see("Reset offsets of payments", r.theme.Glyphs.Bad+" ", c.want)
	}
}

func TestResetFromAFileNamesTheLineThatIsWrong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "plan.csv")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("orders,0,10\norders,one,20\n")
	r := newRig(t, panetest.Typical(), newWorld(kafka.StateEmpty))
	r.send(tea.WindowSizeMsg{Width: 200, Height: 60})
	r.resetTo("from a file", path)
	r.see("line 2", "Reset offsets of payments")
	write("orders,0,10\norders,1,20\n")
	r.perform(r.keys("enter"))
	r.see("orders/0", "-90", "orders/1", "-180", "--from-file")
	r.seeNot("-300", "left out")
}

func TestResetLikeAnotherGroupCompletesItsName(t *testing.T) {
	r := newRig(t, panetest.Typical(), newWorld(kafka.StateEmpty))
	r.keys("o")
	r.choose("like another group")
	r.keys("tab")
	r.typed("sh")
	r.see("tab: shipping")
	r.keys("tab")
	r.perform(r.keys("enter"))
	r.see("like group shipping")
}

func TestEditedOffsetIsInThePlanThatIsApplied(t *testing.T) {
	w := newWorld(kafka.StateEmpty)
	r := newRig(t, panetest.Typical(), w)
	r.resetTo("latest", "")
	r.typed("payments")
	r.keys("down", "down", "enter")
	r.see("Offset for orders/1", "the log goes from 0 to 1000, the group is at 200")
	r.keys("ctrl+u")
	r.typed("5000")
	r.perform(r.keys("enter"))
	r.see("5000 is beyond the end: clamped to 1000", "by hand", "1 offset chosen by hand")
	r.keys("enter", "ctrl+u")
	r.typed("150")
	r.perform(r.keys("enter"))
	r.see("-50", "PLAN.csv")
	r.keys("tab", "right", "enter")
	if len(w.sent) != 0 || r.front() == nil {
		t.Fatal("the plan was changed, but what was typed for the one before confirms it")
	}
	r.typed("payments")
	r.finish(r.keys("enter"))
	if len(w.sent) != 1 || w.sent[0][orders1].Offset != 150 || w.sent[0][kafka.TopicPartition{Topic: "orders"}].Offset != 1000 {
		t.Errorf("sent %v", w.sent)
	}
}

func TestEditedOffsetThatIsNoneKeepsThePlan(t *testing.T) {
	r := newRig(t, panetest.Typical(), newWorld(kafka.StateEmpty))
	r.resetTo("latest", "")
	r.keys("down", "enter", "ctrl+u")
	r.typed("12x")
	r.keys("enter")
	r.see("Offset for orders/0", "12x")
	r.keys("esc")
	r.see("+900", "No, change nothing")
	r.seeNot("by hand")
}

func TestSavedPlanIsAFileThatCanBeReadAgain(t *testing.T) {
	r := newRig(t, panetest.Typical(), newWorld(kafka.StateEmpty))
	r.resetTo("latest", "")
	r.perform(r.keys("ctrl+s"))
	r.see("the plan is in ")
	files, err := filepath.Glob(filepath.Join(r.stateDir("plans"), "*.csv"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v %v", files, err)
	}
	if b, _ := os.ReadFile(files[0]); string(b) != "orders,0,1000\norders,1,1000\norders,2,1000\n" {
		t.Errorf("%s", b)
	}
	if _, err := openPlan(files[0], "payments"); err != nil {
		t.Error(err)
	}
}

// emptying is a world whose group loses its members at the second look, after what its hook does.
type emptying struct {
	*world
	looks int
	last  func()
}

func (e *emptying) Describe(ctx context.Context, name string, typ kafka.GroupType) (kafka.Group, error) {
	if e.looks++; e.looks == 2 {
		e.group.Members, e.group.State = nil, kafka.StateEmpty
		if e.last != nil {
			e.last()
		}
	}
	return e.world.Describe(ctx, name, typ)
}

func TestWaitsUntilTheGroupIsEmptyAndApplies(t *testing.T) {
	w := newWorld(kafka.StateStable, "payments-1")
	e := &emptying{world: w, last: func() { w.commits[orders1] = kafka.Commit{Offset: 400} }} // its last commit
	r := newRig(t, panetest.Typical(), e)
	r.resetTo("earliest", "")
	r.see("Wait until empty, then apply", "payments-1 on 10.0.0.7")
	r.typed("payments")
	cmd := r.keys("enter")
	if r.task == nil {
		t.Fatalf("nobody waits:\n%s", r.screen())
	}
	r.send(r.task.wait())
	r.see("reset payments when it is empty", "waiting for payments-1 on 10.0.0.7", "esc cancel")
	r.perform(cmd)
	if len(w.sent) != 1 || w.sent[0][orders1].Offset != 0 {
		t.Fatalf("sent %v\n%s", w.sent, r.screen())
	}
	r.see("3 of 3 partitions set")
}

func TestWaitingShowsAPlanThatIsAnotherOneByThen(t *testing.T) {
	w := newWorld(kafka.StateStable, "payments-1")
	r := newRig(t, panetest.Typical(), &emptying{world: w, last: func() { w.ends[orders1] = 2000 }})
	r.resetTo("latest", "")
	r.typed("payments")
	r.perform(r.keys("enter"))
	r.see("this is not what you confirmed", "orders/1 would be set to 2000, not 1000", "No, change nothing")
	r.keys("enter")
	if len(w.sent) != 0 {
		t.Errorf("sent %v", w.sent)
	}
}

func TestWaitingCanBeCancelled(t *testing.T) {
	w := newWorld(kafka.StateStable, "payments-1")
	r := newRig(t, panetest.Typical(), w)
	r.resetTo("earliest", "")
	r.typed("payments")
	r.keys("enter")
	r.keys("esc")
	r.finish(nil)
	r.see("cancelled: nothing more was sent")
	if len(w.sent) != 0 || len(r.log.begun) != 0 {
		t.Errorf("sent %v", w.sent)
	}
}

func TestWaitingNeedsTheNameToo(t *testing.T) {
	r := newRig(t, panetest.Typical(), newWorld(kafka.StateStable, "payments-1"))
	r.resetTo("earliest", "")
	r.keys("right", "enter")
	if r.task != nil {
		t.Error("waiting begins without the name")
	}
}

func TestGuardOffersToDeleteTheOffsetsOfTopicsThatNobodyReads(t *testing.T) {
	w := newWorld(kafka.StateStable, "payments-1")
	w.group.Members[0].Subscribed = []string{"orders"}
	old := kafka.TopicPartition{Topic: "old-orders"}
	w.commits[old], w.ends[old] = kafka.Commit{Offset: 5}, 9
	s := panetest.Typical()
	g := s.Group("payments")
	for i := range g.Members {
		g.Members[i].Subscribed = []string{"orders"}
	}
	r := newRig(t, s, w)
	r.resetTo("earliest", "")
	r.see("Delete offsets of 1 unread topic")
	r.keys("right", "right")
	r.perform(r.keys("enter"))
	r.see("Delete offsets of payments", "old-orders/0", "removed", "Yes, delete 1 offset")
}

// refusing is a world whose broker takes no commit for one partition.
type refusing struct{ *world }

func (w refusing) Commit(ctx context.Context, g string, c map[kafka.TopicPartition]kafka.Commit) (map[kafka.TopicPartition]error, error) {
	delete(c, orders1)
	_, err := w.world.Commit(ctx, g, c)
	return map[kafka.TopicPartition]error{orders1: errors.New("OFFSET_METADATA_TOO_LARGE")}, err
}

func TestOutcomeTellsEachPartitionThatFailedAndThatTheOthersWereSet(t *testing.T) {
	w := newWorld(kafka.StateEmpty)
	r := newRig(t, panetest.Typical(), refusing{w})
	r.resetTo("latest", "")
	r.typed("payments")
	r.finish(r.keys("enter"))
	r.see("2 of 3 partitions set", "Not as planned: 1 partition. The others stand", "orders/1: refused: OFFSET_METADATA_TOO_LARGE", "u Undo")
	r.finish(r.keys("u"))
	r.see("undo", "orders/0", "orders/2", "-900")
	r.seeNot("orders/1  ")
}

func TestGroupThatBecameActiveMeanwhileLeadsToTheGuard(t *testing.T) {
	w := newWorld(kafka.StateEmpty)
	r := newRig(t, panetest.Typical(), w)
	r.resetTo("latest", "")
	w.group = newWorld(kafka.StateStable, "payments-9").group
	r.typed("payments")
	r.finish(r.keys("enter"))
	r.see("Nothing was changed: the group has members again", "payments-9 on 10.0.0.7", "Wait until empty, then apply")
	if len(w.sent) != 0 {
		t.Errorf("sent %v", w.sent)
	}
}

func TestResetStaysWithTheGroupThatTheFormNames(t *testing.T) {
	r := newRig(t, panetest.Typical(), newWorld(kafka.StateEmpty))
	r.keys("o")
	r.see("Reset offsets of payments")
	r.env.Focus.Group = "shipping"
	r.finish(r.keys("enter"))
	r.see("Reset payments to earliest")
}

// shared is a world with a share group.
type shared struct{ *world }

func (s shared) StartOffsets(ctx context.Context, g string) (map[kafka.TopicPartition]kafka.Commit, error) {
	return s.Committed(ctx, g)
}

func (s shared) SetStartOffsets(ctx context.Context, g string, c map[kafka.TopicPartition]kafka.Commit) (map[kafka.TopicPartition]error, error) {
	return s.Commit(ctx, g, c)
}

func TestShareGroupHasItsStartOffsetsReset(t *testing.T) {
	w := newWorld(kafka.StateEmpty)
	w.group.Type, w.group.ProtocolType = kafka.Share, ""
	s := panetest.Typical()
	s.Group("payments").Type = kafka.Share
	r := newRig(t, s, shared{w})
	r.keys("o")
	r.see("Reset start offsets of payments", "a share group has no commits")
	r.keys("esc")
	r.resetTo("latest", "")
	r.see("3 start offsets of 3 partitions move", "kafka-share-groups")
	r.typed("payments")
	r.finish(r.keys("enter"))
	if len(w.sent) != 1 || w.sent[0][orders1].Offset != 1000 {
		t.Errorf("sent %v\n%s", w.sent, r.screen())
	}
}

func TestPreviewKeepsItsReasonsWhenAgesArrive(t *testing.T) {
	w := newWorld(kafka.StateStable, "payments-1")
	r := newRig(t, panetest.Typical(), w)
	plan, err := offsets.Prepare(t.Context(), w, offsets.Spec{Group: "payments", Scenario: offsets.Latest{}})
	if err != nil {
		t.Fatal(err)
	}
	r.propose(proposal{plan: plan}, "this is not what you confirmed")
	want := []string{"This is not what you confirmed", "payments-1", "3 commits of 3 partitions move"}
	r.see(want...)
	b := r.front().(*planBox)
	r.send(agedMsg{b, b.edition, plan})
	r.see(want...)
}
