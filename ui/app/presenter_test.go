package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka/demo"
	"lagtop/ui/pane/panetest"
)

// stage is a demo that notes what it is told to do.
type stage struct {
	scene demo.Scene
	acted []string
	on    demo.Target
	err   error
	why   string
}

func (s *stage) Controls(t demo.Target) []demo.Control {
	var out []demo.Control
	for _, c := range [][2]string{{demo.ActKill, "kill -9"}, {demo.ActFreeze, "freeze"}, {demo.ActSlow, "slow"}, {demo.ActAssign, "to cooperative-sticky"},
		{demo.ActStatic, "static on"}, {demo.ActDeploy, "deploy"}, {demo.ActFaster, "faster"}, {demo.ActSlower, "slower"},
		{demo.ActSkew, "skew keys"}, {demo.ActPoison, "poison"}, {demo.ActBroker, "stop broker 1"}} {
		out = append(out, demo.Control{ID: c[0], Label: c[1], Why: s.why})
	}
	return out
}

func (s *stage) Act(_ context.Context, id string, t demo.Target) (string, error) {
	s.acted, s.on = append(s.acted, id), t
	return "did " + id, s.err
}

func (s *stage) Scene() demo.Scene { return s.scene }

func (s *stage) AddConsumer(group string) (string, error) {
	s.acted = append(s.acted, "add "+group)
	return group + "-9", nil
}

func (s *stage) RemoveConsumer(group string) (string, error) { return group + "-9", nil }

func staged(t *testing.T) (*rig, *stage) {
	t.Helper()
	r, s := newRig(t, panetest.Typical(), nil), &stage{}
	r.deps.Stage, r.deps.Fleet = s, s
	return r, s
}

func TestPanelLeavesThePanesInSight(t *testing.T) {
	r, s := staged(t)
	s.scene = demo.Scene{Scenario: "hot-key", Group: "payments", Step: 3, Steps: 6, Caption: "The finding names the partition, and how many times the mean it gets.", Waiting: "the finding hot-partition, which needs some history"}
	r.send(snapshotMsg{})
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		r.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		panetest.Golden(t, fmt.Sprintf("caption-%dx%d", size[0], size[1]), r.screen())
		r.keys("P")
		panetest.Golden(t, fmt.Sprintf("presenter-%dx%d", size[0], size[1]), r.screen())
		r.keys("P")
	}
	if r.env.Focus.Group != "payments" {
		t.Errorf("the scenario is about payments, the cursor is on %s", r.env.Focus.Group)
	}
	s.scene.Done, s.scene.Look = true, "H: the timeline"
	r.send(snapshotMsg{})
	r.see("step 3/6", "done", "→ H: the timeline")
	s.scene.Done, s.scene.Err = false, "poison orders/5: no leader"
	r.send(snapshotMsg{})
	r.see("failed", "poison orders/5: no leader")
	s.scene = demo.Scene{}
	r.send(snapshotMsg{})
	if strings.Contains(r.screen(), "step ") {
		t.Errorf("a caption without a scenario:\n%s", r.screen())
	}
}

func TestPanelActsOnWhatIsSelected(t *testing.T) {
	r, s := staged(t)
	r.keys("P", "2", "down")
	for _, k := range []string{"k", "f", "s", "a", "i", "d", ">", "<", "y", "x", "o"} {
		r.finish(r.keys(k))
	}
	want := "kill freeze slow assignor static deploy faster slower skew poison broker"
	if got := strings.Join(s.acted, " "); got != want {
		t.Errorf("acted %s, want %s", got, want)
	}
	if f := r.env.Focus; s.on.Group != f.Group || s.on.Topic != f.Topic || s.on.Group == "" || s.on.Topic == "" || s.on.Client == "" {
		t.Errorf("on %+v, the focus is %+v", s.on, f)
	}
	r.see("did broker")
	s.err = errors.New("no such broker")
	r.finish(r.keys("o"))
	r.see("no such broker")
	s.why, s.acted = "select a group first", nil
	r.keys("k")
	r.see("kill -9: select a group first")
	r.finish(r.keys("+"))
	if got := strings.Join(s.acted, " "); got != "add "+r.env.Focus.Group {
		t.Errorf("acted %q", got)
	}
	r.keys("esc", "k")
	if len(s.acted) != 1 {
		t.Errorf("a key reached the closed panel: %v", s.acted)
	}
}

func TestPanelDirectsTheScenario(t *testing.T) {
	r, s := staged(t)
	r.keys("P", "space", "n", "b", "Q", "S")
	r.see("Scenarios", "hot-key", "broker-loss")
	r.typed("poison")
	r.keys("enter")
	if got := strings.Join(s.acted, " "); got != "pause next again stop play:poison" {
		t.Errorf("acted %s", got)
	}
}

func TestNoKeyOfThePanelMeansTwoThings(t *testing.T) {
	seen := map[string]bool{"P": true, "esc": true, "q": true, "?": true, ":": true, "tab": true, "up": true, "down": true, "enter": true}
	for _, row := range panel {
		for _, l := range row.levers {
			if seen[l.key] {
				t.Errorf("%q means two things", l.key)
			}
			seen[l.key] = true
		}
	}
}

func TestPanelIsOfTheDemoAlone(t *testing.T) {
	r := newRig(t, panetest.Typical(), nil)
	r.keys("P")
	r.see("presenter: only in the demo: lagtop demo")
}

func TestALowWindowKeepsItsPanes(t *testing.T) {
	r, s := staged(t)
	s.scene = demo.Scene{Scenario: "deploy", Step: 1, Steps: 2, Caption: "c"}
	r.send(tea.WindowSizeMsg{Width: 80, Height: 16})
	r.keys("P")
	r.see("the window is too low for the panel")
	r.send(tea.WindowSizeMsg{Width: 80, Height: 11})
	r.send(snapshotMsg{})
	if n := len(r.frame()); n != 11 {
		t.Errorf("%d lines in a window of 11", n)
	}
}

// A window that became too low for the panel hides it: its letters mean what they mean elsewhere.
func TestPanelThatIsNotInSightTakesNoKeys(t *testing.T) {
	r, s := staged(t)
	r.keys("P")
	r.see("Presenter")
	r.send(tea.WindowSizeMsg{Width: 120, Height: 14})
	r.seeNot("Presenter")
	if r.keys("k"); r.task != nil || len(s.acted) != 0 {
		t.Error("k killed a consumer although no panel is in sight")
	}
	r.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	if r.finish(r.keys("k")); len(s.acted) != 1 {
		t.Errorf("with the panel in sight again: %v", s.acted)
	}
}
