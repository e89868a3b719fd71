package app

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"lagtop/kafka/act"
	"lagtop/kafka/poll"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/pane/panetest"
)

// dock is a Switcher with its surroundings. Its clusters count how often they are open.
type dock struct {
	*Switcher
	t     *testing.T
	now   time.Time
	fails error // of the next opening
	open  map[string]*atomic.Int32
	srcs  map[string]*source
}

func newDock(t *testing.T, actor Actor, clusters ...Session) *dock {
	t.Helper()
	d := &dock{t: t, now: panetest.Now(), open: map[string]*atomic.Int32{}, srcs: map[string]*source{}}
	deps := Deps{Theme: theme.Options{Profile: colorprofile.TrueColor}, Now: func() time.Time { return d.now }}
	for _, s := range clusters {
		deps.Clusters = append(deps.Clusters, d.cluster(s, actor))
	}
	sw, err := NewSwitcher(context.Background(), deps)
	if err != nil {
		t.Fatal(err)
	}
	d.Switcher = sw
	t.Cleanup(func() {
		sw.Close()
		for name, n := range d.open {
			if n.Load() != 0 {
				t.Errorf("%s is open %d times after the end", name, n.Load())
			}
		}
	})
	d.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	d.own(snapshotMsg{})
	return d
}

func (d *dock) cluster(s Session, actor Actor) Cluster {
	open := new(atomic.Int32)
	snap := panetest.Typical()
	snap.Cluster.ID = s.Name
	src := &source{snap: snap, updates: make(chan struct{}, 1)}
	d.open[s.Name], d.srcs[s.Name] = open, src
	s.Source, s.Interval, s.Actor, s.Tailer = src, time.Second, actor, silence{}
	s.Audit = func(string) act.Recorder { return &journal{} }
	return Cluster{Name: s.Name, Detail: s.Name + ":9092", Open: func(context.Context) (Session, error) {
		if d.fails != nil {
			return Session{}, d.fails
		}
		open.Add(1)
		s.Close = func() { open.Add(-1) }
		return s, nil
	}}
}

func (d *dock) send(msg tea.Msg) tea.Cmd {
	_, cmd := d.Update(msg)
	return cmd
}

// own sends what the present model would send to itself.
func (d *dock) own(msg tea.Msg) tea.Cmd { return d.send(modelMsg{d.model, msg}) }

func (d *dock) keys(names ...string) (cmd tea.Cmd) {
	for _, n := range names {
		d.now = d.now.Add(time.Second)
		cmd = d.send(press(n))
	}
	return cmd
}

// choose goes to a cluster by its name and follows all that leads there.
func (d *dock) choose(name string) {
	d.t.Helper()
	d.keys("c")
	for _, r := range name {
		d.keys(string(r))
	}
	d.follow(d.keys("enter"))
}

// follow carries out commands until they lead to a message that is none of the switch.
func (d *dock) follow(cmd tea.Cmd) {
	for cmd != nil {
		msg := cmd()
		own, tagged := msg.(modelMsg)
		_, opened := msg.(openedMsg)
		if tagged {
			_, tagged = own.msg.(switchMsg)
		}
		cmd = d.send(msg)
		if !tagged || opened {
			return
		}
	}
}

func (d *dock) screen() string { return panetest.Screen(d.model.frame()) }

func (d *dock) see(want ...string) {
	d.t.Helper()
	for _, w := range want {
		if s := d.screen(); !strings.Contains(s, w) {
			d.t.Errorf("the screen does not show %q:\n%s", w, s)
		}
	}
}

func TestSwitchShowsTheOtherClusterAndEndsTheFirst(t *testing.T) {
	d := newDock(t, nil, Session{Name: "prod-eu", Protected: true}, Session{Name: "staging", ReadOnly: "read-only: context staging is marked so"})
	d.see("PROTECTED  prod-eu")
	d.keys("T") // the palette stays
	palette := d.model.theme.Name
	d.keys("c")
	d.see("Contexts", "prod-eu", "shown now", "staging:9092")
	d.keys("esc")
	old := d.model
	d.choose("staging")
	d.see("READ-ONLY  staging", "connecting")
	if strings.Contains(d.screen(), "PROTECTED") || d.model == old || d.model.theme.Name != palette {
		t.Errorf("something of the first cluster is left:\n%s", d.screen())
	}
	waitUntil(t, "the first cluster is closed", func() bool { return d.open["prod-eu"].Load() == 0 })
	if old.ctx.Err() == nil {
		t.Error("the first model was not ended")
	}
	d.own(snapshotMsg{})
	d.see("payments")
	d.keys("r")
	d.see("read-only: context staging is marked so")
}

func TestSwitchDropsLateResults(t *testing.T) {
	d := newDock(t, nil, Session{Name: "one"}, Session{Name: "two"})
	old := d.model
	wait := d.tag(func() tea.Msg { return snapshotMsg{} })
	batch := d.tag(tea.Batch(func() tea.Msg { return tailMsg{1} }, nil, tick()))
	bare := d.tag(tea.Quit)
	d.choose("two")
	d.srcs["two"].snap = nil // whoever reads it now shows that it is not there
	if msg := wait().(modelMsg); msg.of != old {
		t.Error("the message does not say whose it is")
	} else if cmd := d.send(msg); cmd != nil {
		t.Error("a late snapshot of the first cluster led to something")
	}
	for _, c := range batch().(tea.BatchMsg) {
		if msg, ok := c().(modelMsg); !ok || d.send(msg) != nil {
			t.Error("a late message out of a batch was taken")
		}
	}
	if _, ok := bare().(tea.QuitMsg); !ok {
		t.Error("a message of Bubble Tea was wrapped: nobody would understand it")
	}
}

func TestSwitchIsRefusedWhileAnActionIsUnderWay(t *testing.T) {
	d := newDock(t, nil, Session{Name: "one"}, Session{Name: "two"})
	hold := make(chan struct{})
	begin := func() {
		d.model.start("reset payments", func(context.Context, func(string)) func(*Model) tea.Cmd {
			<-hold
			return nil
		})
	}
	begin()
	d.keys("c")
	d.see("contexts: wait for: reset payments")
	close(hold)
	d.own(d.model.task.wait())
	d.keys("c", "t", "w")
	sw := d.keys("enter")()
	opened := d.send(sw) // the other one opens
	hold = make(chan struct{})
	begin() // and an action begins before it is there
	old := d.model
	d.send(opened())
	if d.model != old {
		t.Fatal("an action was left alone")
	}
	d.see("stays here: reset payments is under way")
	waitUntil(t, "the other cluster is closed again", func() bool { return d.open["two"].Load() == 0 })
	close(hold)
}

func TestSwitchThatFailsStaysAndSaysWhy(t *testing.T) {
	d := newDock(t, nil, Session{Name: "one"}, Session{Name: "two"})
	d.fails = errors.New("open ca.pem: no such file")
	d.choose("two")
	d.see("lagtop  one", "open ca.pem: no such file")
	if d.open["one"].Load() != 1 {
		t.Error("the present cluster was closed")
	}
	d.fails = nil
	d.keys("esc")
	d.choose("two")
	d.see("lagtop  two")
}

func TestMarksStayInANarrowWindow(t *testing.T) {
	d := newDock(t, nil, Session{Name: "kafka-1.example.com:9092,kafka-2.example.com:9092", Protected: true, ReadOnly: "read-only: started with --read-only"})
	for _, w := range []int{120, 80, 40} {
		d.send(tea.WindowSizeMsg{Width: w, Height: 24})
		d.see("lagtop   READ-ONLY   PROTECTED ")
	}
}

func TestSwitchNeedsAnotherCluster(t *testing.T) {
	d := newDock(t, nil, Session{Name: "one"})
	d.keys("c")
	d.see("there is no other")
}

func TestEndWhileAClusterOpensClosesIt(t *testing.T) {
	d := newDock(t, nil, Session{Name: "one"}, Session{Name: "two"})
	d.keys("c", "t", "w")
	_ = d.send(d.keys("enter")()) // what it leads to is never taken
}

func TestSwitchStartsFromNothing(t *testing.T) {
	d := newDock(t, nil, Session{Name: "one"}, Session{Name: "two"})
	d.model.status = poll.Status{Err: errors.New("one is down")}
	d.keys("enter") // a detail
	if len(d.model.details) == 0 {
		t.Fatal("no detail is open")
	}
	d.choose("two")
	if m := d.model; len(m.details) > 0 || m.status.Err != nil || m.env.Snapshot.Seq != 0 || m.env.Focus.Group != "" {
		t.Errorf("the second cluster begins with what was of the first: %+v", m.env.Focus)
	}
}

func TestProtectedClustersWantTheirNameTyped(t *testing.T) {
	for _, c := range []struct{ confirm, want string }{{"", "prod-eu"}, {"payments", "prod-eu/payments"}} {
		d := newDock(t, nil, Session{Name: "prod-eu", Protected: true})
		done := false
		d.model.ask(component.Dialog{Title: "Reset", Danger: true, Confirm: c.confirm, Choices: []component.Choice{
			{ID: "no", Label: "No"}, {ID: "yes", Label: "Yes", Key: "y", Danger: true},
		}}, func(*Model, string) tea.Cmd { done = true; return nil })
		d.see("type " + c.want + ":")
		d.keys("y", "tab", "enter") // without the name
		if done {
			t.Fatalf("%q: confirmed without the name", c.want)
		}
		d.keys("ctrl+u")
		for _, r := range c.want {
			d.keys(string(r))
		}
		d.keys("enter")
		if !done {
			t.Errorf("%q: typed, but not confirmed:\n%s", c.want, d.screen())
		}
	}
}

func waitUntil(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !cond(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not in a minute: %s", what)
		}
	}
}
