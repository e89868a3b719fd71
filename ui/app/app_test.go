package app

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"go.uber.org/goleak"

	"lagtop/kafka"
	"lagtop/kafka/act"
	"lagtop/kafka/poll"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/component"
	"lagtop/ui/pane/panetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// source is a poller that publishes what the test says.
type source struct {
	snap      *kafka.Snapshot
	status    poll.Status
	updates   chan struct{}
	refreshed int
}

func (s *source) Latest() *kafka.Snapshot  { return s.snap }
func (s *source) Updates() <-chan struct{} { return s.updates }
func (s *source) Status() poll.Status      { return s.status }
func (s *source) Refresh()                 { s.refreshed++ }

// silence is a tail source that never has a record.
type silence struct{}

func (silence) Follow(ctx context.Context, _ kafka.ReadSpec, _ func(kafka.ReadEvent)) { <-ctx.Done() }

// journal is an audit that remembers what was begun.
type journal struct{ begun []string }

func (j *journal) Begin(action, group string, _ any) (func(any, error) error, error) {
	j.begun = append(j.begun, action+" "+group)
	return func(any, error) error { return nil }, nil
}

// rig is a model with its surroundings.
type rig struct {
	*Model
	t   *testing.T
	src *source
	now time.Time
	log *journal
}

func newRig(t *testing.T, snap *kafka.Snapshot, actor Actor) *rig {
	t.Helper()
	r := &rig{t: t, src: &source{snap: snap, updates: make(chan struct{}, 1)}, now: panetest.Now(), log: &journal{}}
	m, err := New(context.Background(), Deps{
		Session: Session{
			Name: "prod-eu", Source: r.src, Interval: 2 * time.Second, Actor: actor, Tailer: silence{},
			Audit: func(string) act.Recorder { return r.log },
		},
		Theme: theme.Options{Profile: colorprofile.TrueColor}, Now: func() time.Time { return r.now }, State: t.TempDir(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	r.Model = m
	r.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	r.send(snapshotMsg{})
	return r
}

// send gives the model a message; what it wants to do next is not carried out.
func (r *rig) send(msg tea.Msg) tea.Cmd {
	_, cmd := r.Update(msg)
	return cmd
}

// keys types keys by their Bubble Tea names, a second apart.
func (r *rig) keys(names ...string) tea.Cmd {
	r.t.Helper()
	var cmd tea.Cmd
	for _, n := range names {
		r.now = r.now.Add(time.Second)
		cmd = r.send(press(n))
	}
	return cmd
}

func press(name string) tea.KeyPressMsg {
	special := map[string]rune{"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "space": ' ', "down": tea.KeyDown,
		"up": tea.KeyUp, "right": tea.KeyRight, "left": tea.KeyLeft, "backspace": tea.KeyBackspace, "end": tea.KeyEnd}
	if c, ok := special[name]; ok {
		k := tea.KeyPressMsg{Code: c}
		if c == ' ' {
			k.Text = " "
		}
		return k
	}
	if rest, ok := strings.CutPrefix(name, "ctrl+"); ok {
		return tea.KeyPressMsg{Code: []rune(rest)[0], Mod: tea.ModCtrl}
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

func (r *rig) typed(text string) {
	for _, c := range text {
		r.keys(string(c))
	}
}

// finish runs the task under way to its end and takes its result.
func (r *rig) finish(cmd tea.Cmd) {
	r.t.Helper()
	if r.task == nil {
		r.t.Fatalf("no task is under way; the screen:\n%s", r.screen())
	}
	for r.task != nil {
		r.send(r.task.wait())
	}
	_ = cmd
}

func (r *rig) screen() string { return panetest.Screen(r.frame()) }

func (r *rig) see(want ...string) {
	r.t.Helper()
	s := r.screen()
	for _, w := range want {
		if !strings.Contains(s, w) {
			r.t.Errorf("the screen does not show %q:\n%s", w, s)
		}
	}
}

func (r *rig) seeNot(unwanted ...string) {
	r.t.Helper()
	s := r.screen()
	for _, w := range unwanted {
		if strings.Contains(s, w) {
			r.t.Errorf("the screen shows %q:\n%s", w, s)
		}
	}
}

func TestOverviewFrames(t *testing.T) {
	for _, size := range [][2]int{{40, 10}, {80, 24}, {120, 40}, {200, 60}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			r := newRig(t, panetest.Typical(), nil)
			r.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
			panetest.Exact(t, r.frame(), size[0], size[1])
			panetest.Golden(t, fmt.Sprintf("overview-%dx%d", size[0], size[1]), r.screen())
		})
	}
}

func TestEveryCommandIsCarriedOutBySomebody(t *testing.T) {
	for _, c := range command.All() {
		if _, ok := handlers[c.ID]; ok {
			continue
		}
		r := newRig(t, panetest.Typical(), nil)
		known := false
		for _, p := range r.panes {
			if c.Where&p.Place() != 0 {
				_, ok := p.Do(&r.env, c.ID)
				known = known || ok
			}
		}
		if !known {
			t.Errorf("%s: no handler and no pane that knows it", c.ID)
		}
	}
}

func TestStartsOnTheWorstGroupUntilARowWasChosen(t *testing.T) {
	r := newRig(t, panetest.Typical(), nil)
	if got := r.env.Focus.Group; got != "payments" {
		t.Fatalf("the cursor is on %q", got)
	}
	r.see("payments STALLED", "orders/7 flat for 6 min on payments-3")
	r.keys("down")
	chosen := r.env.Focus.Group
	if chosen == "payments" {
		t.Fatal("down did not move")
	}
	r.send(snapshotMsg{})
	if r.env.Focus.Group != chosen {
		t.Errorf("a snapshot moved the cursor from %s to %s", chosen, r.env.Focus.Group)
	}
}

// Between the look at the screen and a key like o for offsets no other group may come under the cursor.
func TestAnyKeyKeepsTheCursorWhereItIs(t *testing.T) {
	worse := panetest.Typical()
	for i := range worse.Groups {
		if g := &worse.Groups[i]; g.Name == "payments" {
			g.Verdict = kafka.Verdict{Kind: kafka.VerdictOK}
		}
	}
	for _, key := range []string{"", "?"} {
		r := newRig(t, panetest.Typical(), nil)
		if key != "" {
			r.keys(key, "esc")
		}
		r.src.snap = worse
		r.send(snapshotMsg{})
		if stays := r.env.Focus.Group == "payments"; stays != (key != "") {
			t.Errorf("after key %q the cursor is on %s", key, r.env.Focus.Group)
		}
	}
}

func TestEverySizeIsDrawnExactly(t *testing.T) {
	r := newRig(t, panetest.Stale(), nil)
	for w := 20; w <= 210; w += 13 {
		for h := 3; h <= 70; h += 7 {
			r.send(tea.WindowSizeMsg{Width: w, Height: h})
			panetest.Exact(t, r.frame(), w, h)
			r.keys("?")
			panetest.Exact(t, r.frame(), w, h)
			r.keys("esc", "z")
			panetest.Exact(t, r.frame(), w, h)
			r.keys("z", "enter")
			panetest.Exact(t, r.frame(), w, h)
			r.keys("esc", "tab")
		}
	}
}

func TestSaysWhatIsHiddenAndWhatIsTooSmall(t *testing.T) {
	r := newRig(t, panetest.Typical(), nil)
	r.send(tea.WindowSizeMsg{Width: 39, Height: 10})
	r.see("needs 40x10")
	r.send(tea.WindowSizeMsg{Width: 99, Height: 24})
	r.see("hidden:")
}

func TestConnectionFailureSaysAddressStepAndAdvice(t *testing.T) {
	r := newRig(t, nil, nil)
	r.see("Connecting")
	r.src.status = poll.Status{Connecting: true, Err: stepError{}}
	r.send(snapshotMsg{})
	r.see("kafka-1:9092", "connection refused", "check the port", "Trying again")
	r.src.snap, r.src.status = panetest.Typical(), poll.Status{}
	r.send(snapshotMsg{})
	r.seeNot("No answer yet")
	r.see("payments STALLED")
}

type stepError struct{}

func (stepError) Error() string { return "kafka-1:9092: connect: connection refused" }
func (stepError) Try() string   { return "check the port" }

func TestFailedSourceHasALineOfItsOwn(t *testing.T) {
	r := newRig(t, panetest.Stale(), nil)
	f := r.src.snap.Faults[0]
	r.see(f.Op, f.Reason, fmt.Sprintf("broker %d", f.Broker.V))
}

func TestFilterNarrowsWhileTypedAndEscBringsBackWhatWas(t *testing.T) {
	r := newRig(t, panetest.Typical(), nil)
	r.keys("/")
	r.typed("state:empty")
	r.see("/state:empty")
	r.seeNot("STALLED at")
	if names := groupNames(r); len(names) == 0 || strings.Contains(strings.Join(names, " "), "payments") {
		t.Errorf("the filter keeps %v", names)
	}
	r.keys("esc")
	if got := r.top().(interface{ Filter() string }).Filter(); got != "" {
		t.Errorf("esc left the filter %q", got)
	}
	r.keys("/")
	r.typed("nonsense:1")
	r.see("nonsense")
	r.keys("enter")
	if r.typing == nil {
		t.Error("enter took a filter that nobody understands")
	}
}

// groupNames are the groups on the screen.
func groupNames(r *rig) []string {
	var out []string
	s := panetest.Screen(r.panes[command.Groups].View(&r.env, 60, 40, true))
	for i := range r.env.Snapshot.Groups {
		if n := r.env.Snapshot.Groups[i].Name; strings.Contains(s, n) {
			out = append(out, n)
		}
	}
	return out
}

func TestDisabledCommandSaysWhy(t *testing.T) {
	r := newRig(t, panetest.Typical(), nil)
	r.deps.ReadOnly = "read-only: started with --read-only"
	r.keys("o")
	r.see("read-only")
	if r.front() != nil {
		t.Error("a dialog opened in read-only")
	}
	r.see("READ-ONLY")
}

func TestHostileTextNeverReachesTheScreen(t *testing.T) {
	for _, keys := range [][]string{nil, {"enter"}, {"3", "enter"}, {"4", "enter"}, {"?"}, {":"}, {"o"}, {"2"}, {"z"}} {
		r := newRig(t, panetest.Hostile(), nil)
		r.keys(keys...)
		panetest.Exact(t, r.frame(), 120, 40)
	}
}

func TestLateResultOfACancelledTaskIsDropped(t *testing.T) {
	r := newRig(t, panetest.Typical(), nil)
	r.send(taskDoneMsg{id: 99, finish: func(*Model) tea.Cmd { t.Error("taken"); return nil }})
	r.send(taskNoteMsg{id: 99, note: "late"})
	r.seeNot("late")
}

func TestQuitWaitsForWorkUnlessForced(t *testing.T) {
	r := newRig(t, panetest.Typical(), nil)
	release := make(chan struct{})
	r.start("reset payments", func(ctx context.Context, _ func(string)) func(*Model) tea.Cmd {
		<-ctx.Done()
		<-release
		return func(m *Model) tea.Cmd { m.toast(component.ToastInfo, "wound down"); return nil }
	})
	r.keys("q")
	if r.leaving {
		t.Fatal("q left while an action is under way")
	}
	r.see("reset payments")
	r.keys("esc")
	r.see("cancelling")
	close(release)
	r.finish(nil)
	r.see("wound down")
	r.keys("q")
	if !r.leaving {
		t.Error("q does not leave")
	}
}

func TestPalettesChangeInPlace(t *testing.T) {
	r := newRig(t, panetest.Typical(), nil)
	first := strings.Join(r.frame(), "\n")
	for range theme.Names() {
		r.keys("T")
	}
	if r.theme.Name != theme.Names()[0] {
		t.Errorf("after a whole round the palette is %s", r.theme.Name)
	}
	r.keys("T")
	if strings.Join(r.frame(), "\n") == first {
		t.Error("T changes nothing")
	}
}

func BenchmarkFrame(b *testing.B) {
	src := &source{snap: panetest.Typical(), updates: make(chan struct{}, 1)}
	m, err := New(context.Background(), Deps{Session: Session{Name: "b", Source: src, Interval: time.Second, Tailer: silence{}}})
	if err != nil {
		b.Fatal(err)
	}
	defer m.Close()
	m.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
	m.Update(snapshotMsg{})
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n = len(m.View().Content)
	}
	b.ReportMetric(float64(n), "bytes/frame")
}

// What is not in sight takes neither clicks nor text: afterwards something else would be selected or typed.
func TestWindowThatIsTooSmallTakesNothingButTheWayOut(t *testing.T) {
	r := newRig(t, panetest.Typical(), newWorld(kafka.StateEmpty))
	r.keys("enter", "tab", "tab")
	before := r.env.Focus
	r.send(tea.WindowSizeMsg{Width: 39, Height: 9})
	r.send(tea.MouseClickMsg(tea.Mouse{X: 5, Y: 8, Button: tea.MouseLeft}))
	r.send(tea.MouseWheelMsg(tea.Mouse{X: 5, Y: 8, Button: tea.MouseWheelDown}))
	r.send(snapshotMsg{})
	if r.env.Focus != before {
		t.Errorf("a click moved the selection from %+v to %+v", before, r.env.Focus)
	}
	r.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	r.keys("esc", "/")
	r.send(tea.WindowSizeMsg{Width: 39, Height: 9})
	r.send(tea.PasteMsg{Content: "ship"})
	r.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	r.seeNot("/ship")
}
