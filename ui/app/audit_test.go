package app

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/act"
	"lagtop/kafka/audit"
	"lagtop/kafka/offsets"
	"lagtop/kafka/operate"
	"lagtop/ui/command"
	"lagtop/ui/pane/panetest"
)

// audited is a rig whose actions are recorded in a file.
type audited struct {
	*rig
	world *world
	file  *audit.Log
}

// newAudited records what fill does to the file before the screen starts.
func newAudited(t *testing.T, fill func(a *audited)) *audited {
	t.Helper()
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	a := &audited{world: newWorld(kafka.StateEmpty)}
	snap := panetest.Typical()
	a.file = audit.New(filepath.Join(t.TempDir(), "state", "audit.jsonl"), snap.Cluster.ID)
	a.file.Name = "prod-eu"
	if fill != nil {
		fill(a)
	}
	a.rig = newRig(t, snap, a.world)
	a.deps.Audit = func(string) act.Recorder { return a.file }
	a.deps.Trail = func(string) Trail { return a.file }
	a.take(a.openTrail())
	return a
}

// take runs a command and gives its message to the model, and so on until there is none.
func (a *audited) take(cmd tea.Cmd) {
	a.t.Helper()
	for cmd != nil {
		msg := cmd()
		switch msg := msg.(type) {
		case trailMsg, closedMsg:
			cmd = a.send(msg)
		default:
			return
		}
	}
}

// read reads the audit anew.
func (a *audited) read() {
	a.t.Helper()
	a.trail.reading = false // what was under way is not waited for
	a.take(a.readTrail(false))
}

// finished runs the task to its end and reads the audit.
func (a *audited) finished() {
	a.t.Helper()
	a.finish(nil)
	a.read()
}

// cutShort records the intent of a reset of payments to the end by a process that has ended since, and
// commits it for so many partitions.
func (a *audited) cutShort(t *testing.T, committed int32) {
	t.Helper()
	p, err := offsets.Prepare(t.Context(), a.world, offsets.Spec{Group: "payments", Scenario: offsets.Latest{}})
	if err != nil {
		t.Fatal(err)
	}
	a.begin(t, "reset offsets", p)
	for i := range committed {
		a.world.commits[kafka.TopicPartition{Topic: "orders", Partition: i}] = kafka.Commit{Offset: 1000}
	}
}

func (a *audited) begin(t *testing.T, action string, plan any) {
	t.Helper()
	dead := exec.Command("true")
	if err := dead.Run(); err != nil {
		t.Skip(err)
	}
	a.file.Who = audit.Here()
	a.file.Who.User, a.file.Who.PID, a.file.Who.Started = "ann", dead.Process.Pid, "1"
	if _, err := a.file.Begin(action, "payments", plan); err != nil {
		t.Fatal(err)
	}
	a.file.Who = audit.Who{}
}

func (a *audited) last() *audit.Action {
	a.t.Helper()
	p, err := a.file.Recent(1)
	if err != nil || len(p.Actions) != 1 {
		a.t.Fatalf("%v %+v", err, p)
	}
	return &p.Actions[0]
}

func TestResetThatWasCutShortIsToldWithThePresentState(t *testing.T) {
	for committed, want := range map[int32]string{0: "not applied to any of 3 partitions", 2: "applied to 2 of 3 partitions", 3: "applied to all of 3 partitions"} {
		t.Run(want, func(t *testing.T) {
			a := newAudited(t, func(a *audited) { a.cutShort(t, committed) })
			a.see("Cut short: reset offsets of payments", "by ann", want, "Nothing is repeated", "Not now")
			if committed == 0 {
				a.seeNot("u Undo")
			}
			a.keys("enter")
			if a.front() != nil || len(a.world.sent) != 0 || a.last().Result() != audit.Open {
				t.Error("enter did more than leave it for later")
			}
		})
	}
}

func TestCommitsThatMovedSinceSaySo(t *testing.T) {
	a := newAudited(t, func(a *audited) {
		a.cutShort(t, 1)
		a.world.commits[kafka.TopicPartition{Topic: "orders", Partition: 2}] = kafka.Commit{Offset: 555}
	})
	a.see("commits moved since", "orders/2: 555, neither 300 (before) nor 1000 (after)")
}

func TestClosedActionIsNotToldAgain(t *testing.T) {
	a := newAudited(t, func(a *audited) { a.cutShort(t, 2) })
	a.take(a.keys("c"))
	if got := a.last(); got.Result() != audit.Closed || got.Verdict() != "applied to 2 of 3 partitions" {
		t.Fatalf("%s %q", got.Result(), got.Verdict())
	}
	b := newRig(t, panetest.Typical(), a.world)
	b.deps.Trail = func(string) Trail { return a.file }
	b.send(b.openTrail()())
	b.seeNot("Cut short")
}

func TestActionOfALivingProcessOrAnotherClusterIsNotCutShort(t *testing.T) {
	a := newAudited(t, func(a *audited) {
		if _, err := a.file.Begin("reset offsets", "payments", nil); err != nil { // this process
			t.Fatal(err)
		}
		a.file.Cluster = "another"
		a.begin(t, "reset offsets", nil)
		a.file.Cluster = panetest.Typical().Cluster.ID
	})
	if a.front() != nil {
		t.Errorf("a box is open:\n%s", a.screen())
	}
	a.take(a.keys("L"))
	a.see("running", "OPEN", "no undo: it was on cluster")
}

func TestKickThatWasCutShortSaysThatItCannotBeTold(t *testing.T) {
	a := newAudited(t, func(a *audited) { a.begin(t, "kick", map[string]string{"Action": "kick"}) })
	a.see("Cut short: kick of payments", "not to be told whether it was sent; the group is Empty with 0 members")
	a.seeNot("u Undo")
}

func TestOtherChangesThatWereCutShortAreComparedWithThePresent(t *testing.T) {
	now := panetest.Now()
	plans := map[operate.Action]func(w *world) (operate.Plan, error){
		operate.DeleteGroup:  func(w *world) (operate.Plan, error) { return operate.PlanDeletion(t.Context(), w, "payments") },
		operate.ElectLeaders: func(w *world) (operate.Plan, error) { return operate.PlanElection(t.Context(), w, "orders", now) },
		operate.SetRetention: func(w *world) (operate.Plan, error) {
			limits, err := operate.ReadLimits(t.Context(), w, "orders")
			if err != nil {
				return nil, err
			}
			return operate.PlanRetention(limits, operate.Wanted{Time: kafka.Some[int64](1_209_600_000)}, now)
		},
	}
	for action, plan := range plans {
		for _, sent := range []bool{false, true} {
			a := newAudited(t, func(a *audited) {
				a.world.leader = 2
				p, err := plan(a.world)
				if err != nil {
					t.Fatal(err)
				}
				a.begin(t, string(action), p)
				if !sent {
					return
				}
				a.world.leader, a.world.retention = 1, 1_209_600_000
				if action == operate.DeleteGroup {
					_ = a.world.DeleteGroup(t.Context(), "payments")
				}
			})
			want := "Present state: not applied"
			if sent {
				want = "Present state: applied"
			}
			a.see("Cut short: "+string(action)+" of payments", want)
		}
	}
}

func TestUndoOfWhatWasCutShortClosesIt(t *testing.T) {
	a := newAudited(t, func(a *audited) { a.cutShort(t, 2) })
	a.keys("u")
	a.finished()
	a.see("undo to latest", "No, change nothing")
	a.typed("payments")
	a.keys("enter")
	a.finished()
	if got := a.world.commits[kafka.TopicPartition{Topic: "orders", Partition: 1}].Offset; got != 200 {
		t.Fatalf("after the undo orders/1 is at %d:\n%s", got, a.screen())
	}
	p, err := a.file.Recent(5)
	if err != nil || len(p.Actions) != 2 || p.Actions[1].Verdict() != "undone by a later action" {
		t.Errorf("%v %+v", err, p.Actions)
	}
}

func TestAuditShowsActionsAndUndoesThemMuchLater(t *testing.T) {
	a := newAudited(t, nil)
	a.reset(1)
	a.typed("payments")
	a.keys("enter")
	a.finished()
	a.keys("enter") // close the outcome
	a.take(a.keys("L"))
	a.see("reset offsets", "payments", "applied", "3 of 3 partitions set, read back twice", "orders/2", "before/")
	a.keys("enter")
	a.see("Recorded action")
	a.keys("esc", "u")
	a.finished()
	a.see("undo to latest", "-900")
	a.typed("payments")
	a.keys("enter")
	a.finished()
	a.keys("enter")
	if got := a.world.commits[kafka.TopicPartition{Topic: "orders", Partition: 0}].Offset; got != 100 {
		t.Fatalf("after the undo orders/0 is at %d", got)
	}
	a.keys("end")
	a.see("undone")
	a.keys("u")
	if a.task != nil || a.front() != nil {
		t.Error("it is undone a second time")
	}
	a.see("already")
	a.keys("L")
	if len(a.details) != 0 {
		t.Error("L does not go back")
	}
}

// An undo that a consumer was faster than, or that came in part, leaves something to take back.
func TestOnlyAnUndoInFullIsMarked(t *testing.T) {
	w := newWorld(kafka.StateEmpty)
	p, err := offsets.Prepare(t.Context(), w, offsets.Spec{Group: "payments", Scenario: offsets.Latest{}})
	if err != nil {
		t.Fatal(err)
	}
	did := func(plan offsets.Plan, outcome, failed string) audit.Action {
		raw, err := json.Marshal(plan)
		if err != nil {
			t.Fatal(err)
		}
		e := audit.Entry{Phase: audit.Intent, Time: panetest.Now(), Action: "reset offsets", Group: "payments", Plan: raw}
		return audit.Action{Entry: e, End: &audit.Entry{Phase: audit.Outcome, Outcome: json.RawMessage(outcome), Error: failed}}
	}
	const done, refused = `{"Results":[{"Err":""}]}`, `{"Results":[{"Err":"UNKNOWN_MEMBER_ID","Refused":true}]}`
	const some = `{"Results":[{"Err":""},{"Err":"not read back"}]}`
	for name, c := range map[string]struct {
		outcome, failed string
		undone          bool
	}{"in full": {done, "", true}, "refused": {refused, "the group is Stable", false}, "in part": {some, "", false}} {
		items := itemsOf([]audit.Action{did(p.Reverse(), c.outcome, c.failed), did(p, done, "")}, panetest.Now())
		if got := !items[1].Undone.IsZero(); got != c.undone {
			t.Errorf("%s: undone %v", name, got)
		}
	}
}

func TestUndoShowsWhatMovedSince(t *testing.T) {
	a := newAudited(t, nil)
	a.reset(1)
	a.typed("payments")
	a.keys("enter")
	a.finished()
	a.keys("enter")
	a.world.commits[kafka.TopicPartition{Topic: "orders", Partition: 1}] = kafka.Commit{Offset: 777}
	a.take(a.keys("L"))
	a.keys("u")
	a.finished()
	a.see("was left at 1000, is 777 now")
	a.keys("esc")
	for p, at := range map[int32]int64{0: 100, 1: 200, 2: 300} {
		a.world.commits[kafka.TopicPartition{Topic: "orders", Partition: p}] = kafka.Commit{Offset: at}
	}
	a.keys("u")
	a.finished()
	a.see("Nothing to undo")
}

func TestUndoSaysHowOldSkippedRecordsAre(t *testing.T) {
	a := newAudited(t, nil)
	a.deps.Stamps = clocks{}
	a.reset(0)
	a.typed("payments")
	a.keys("enter")
	a.finished()
	a.keys("enter")
	a.take(a.keys("L"))
	a.keys("u")
	a.finished()
	a.see("the oldest skipped is from")
}

func TestUnwritableAuditStopsActionsBeforeTheirPreview(t *testing.T) {
	a := newAudited(t, nil)
	dir := filepath.Dir(a.file.Path)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	a.take(a.keys("o")) // the first one finds out while the form is open
	a.see("audit file cannot be written")
	a.keys("esc")
	a.take(a.keys("o"))
	a.see("Nothing was changed", "audit file cannot be written", "required: false")
	a.seeNot("Reset offsets of")
	a.keys("enter")
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	a.read()
	a.keys("o")
	a.see("Reset offsets of payments")
}

func TestOptionalAuditThatFailsSaysSoAllTheTime(t *testing.T) {
	a := newAudited(t, nil)
	a.deps.AuditOptional = true
	failures := make(chan error, 1)
	a.deps.AuditFailures = failures
	a.file.Path = "/dev/null/audit.jsonl"
	a.file.Optional = func(err error) { failures <- err }
	a.read()
	a.see("NO AUDIT")
	a.reset(1)
	a.see("BEFORE")
	if _, err := a.recorder().Begin("kick", "g", nil); err != nil {
		t.Fatal(err)
	}
	a.trail.unwritable = nil
	a.send(a.waitAudit())
	a.see("NO AUDIT")
}

// slow is a world whose answer to a commit waits.
type slow struct {
	*world
	reached, release chan struct{}
}

func (s *slow) Commit(ctx context.Context, group string, c map[kafka.TopicPartition]kafka.Commit) (map[kafka.TopicPartition]error, error) {
	close(s.reached)
	<-s.release
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.world.Commit(ctx, group, c)
}

func TestLeavingLetsAnActionRecordItsOutcome(t *testing.T) {
	s := &slow{reached: make(chan struct{}), release: make(chan struct{})}
	a := newAudited(t, func(a *audited) { s.world = a.world })
	a.deps.Actor = s
	var said []string
	a.deps.Say = func(text string) {
		if said = append(said, text); len(said) == 1 {
			close(s.release) // Close is waiting
		}
	}
	a.reset(1)
	a.typed("payments")
	a.keys("enter")
	<-s.reached
	a.Close()
	if got := a.last(); got.Result() != audit.Applied {
		t.Errorf("%s: %+v", got.Result(), got.End)
	}
	if all := strings.Join(said, "\n"); !strings.Contains(all, "finishing") || !strings.Contains(all, "outcome is in the audit") {
		t.Error(all)
	}
}

func TestLeavingEndsWorkThatHasNoIntentAtOnce(t *testing.T) {
	a := newAudited(t, nil)
	a.deps.Say = func(text string) { t.Error(text) }
	ended := make(chan error, 1)
	a.start("plan", func(ctx context.Context, _ func(string)) func(*Model) tea.Cmd {
		<-ctx.Done()
		ended <- ctx.Err()
		return nil
	})
	a.Close()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestBoxOfWhatWasCutShortAtEverySize(t *testing.T) {
	a := newAudited(t, func(a *audited) { a.cutShort(t, 2) })
	in := lookIntoOne(t.Context(), a.world, *a.last())
	in.Time, in.Host = panetest.Now().Add(-5*time.Minute), "laptop"
	a.modals = nil
	a.tellInterrupted(&in)
	for _, z := range panetest.Sizes() {
		a.send(tea.WindowSizeMsg{Width: z.W, Height: z.H})
		panetest.Exact(t, a.frame(), z.W, z.H)
		panetest.Golden(t, "interrupted-"+z.Name, a.screen())
	}
	a.keys("a")
	a.see("Audit", "OPEN")
	if a.top().Place() != command.Audit {
		t.Error("it does not lead to the audit")
	}
}

// done lets a plan of another kind than a reset go through the screen, and opens the audit.
func (a *audited) done(confirm string) {
	a.t.Helper()
	a.typed(confirm)
	a.finish(a.keys("enter"))
	a.read()
	a.keys("enter") // close the outcome
	a.take(a.keys("L"))
}

func TestRetentionIsUndoneFromTheAuditMuchLater(t *testing.T) {
	a := newAudited(t, nil)
	topic := a.env.Focus.Topic
	a.finish(a.keys("C"))
	a.keys("tab", "down", "enter", "right")
	a.finish(a.keys("enter"))
	a.read()
	a.keys("enter")
	a.take(a.keys("L"))
	a.see("set retention", topic, "applied")
	a.world.retention = 3 * 604_800_000 // somebody else raised it further
	a.finish(a.keys("u"))
	a.see("RECORDS ARE DELETED", "was left at 1209600000 (14 days, topic) and is 1814400000", "604800000 (7 days, default)", "--delete-config")
	if a.keys("enter"); a.world.retention == 0 {
		t.Fatal("the default is not No")
	}
	a.finish(a.keys("u"))
	a.typed(topic)
	a.keys("enter")
	a.finished()
	if a.world.retention != 0 {
		t.Fatalf("not set back: %d\n%s", a.world.retention, a.screen())
	}
	a.keys("enter", "end")
	a.see("undone")
	if p, err := a.file.Recent(5); err != nil || len(p.Actions) != 2 || p.Actions[0].Action != "set retention" || p.Actions[0].Result() != audit.Applied {
		t.Errorf("the undo is not recorded: %v %+v", err, p.Actions)
	}
	a.keys("u")
	a.see("already")
}

func TestRetentionThatIsAsBeforeIsNotSetAgain(t *testing.T) {
	a := newAudited(t, nil)
	a.finish(a.keys("C"))
	a.keys("tab", "down", "enter", "right")
	a.finish(a.keys("enter"))
	a.read()
	a.keys("enter")
	a.take(a.keys("L"))
	a.world.retention = 0
	a.finish(a.keys("u"))
	a.see("Nothing to undo")
}

func TestDeletedGroupIsBroughtBackFromTheAudit(t *testing.T) {
	a := newAudited(t, nil)
	a.keys("D")
	a.finish(a.keys("enter"))
	a.done("payments")
	a.see("delete group", "payments", "applied")
	a.finish(a.keys("u"))
	a.see("orders/0", "100", "orders/2", "300")
	a.typed("payments")
	a.keys("enter")
	a.finished()
	if got := a.world.commits[kafka.TopicPartition{Topic: "orders", Partition: 2}].Offset; got != 300 {
		t.Fatalf("after the undo orders/2 is at %d\n%s", got, a.screen())
	}
	a.keys("enter", "end")
	a.see("undone")
}

func TestAGroupThatIsThereAgainIsNotSilentlySetBack(t *testing.T) {
	a := newAudited(t, nil)
	a.keys("D")
	a.finish(a.keys("enter"))
	a.done("payments")
	a.world.group = kafka.Group{Name: "payments", State: kafka.StateEmpty, Type: kafka.Classic}
	for i := range int32(3) {
		a.world.commits[kafka.TopicPartition{Topic: "orders", Partition: i}] = kafka.Commit{Offset: int64(i+1) * 100}
	}
	a.finish(a.keys("u"))
	a.see("Nothing to undo")
	a.keys("esc")
	a.world.commits[kafka.TopicPartition{Topic: "orders", Partition: 1}] = kafka.Commit{Offset: 777}
	a.finish(a.keys("u"))
	a.see("the group is there again and has committed 777 since", "moved since")
}
