package groups

import (
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/ui/command"
	"lagtop/ui/pane"
	"lagtop/ui/pane/panetest"
	"lagtop/ui/pane/steady"
)

func shown(t *testing.T, s *kafka.Snapshot) (*Model, *pane.Env) {
	t.Helper()
	m, e := New(), panetest.Env(t, s)
	m.Refresh(e)
	return m, e
}

func names(m *Model) string {
	var out []string
	for i := range m.Len() {
		out = append(out, strings.TrimPrefix(m.Key(i), "group "))
	}
	return strings.Join(out, " ")
}

func selected(m *Model) string {
	var f pane.Focus
	m.Select(&f)
	return f.Group
}

func do(t *testing.T, m *Model, e *pane.Env, ids ...command.ID) {
	t.Helper()
	for _, id := range ids {
		if _, ok := m.Do(e, id); !ok {
			t.Fatalf("%s is not known", id)
		}
	}
}

func TestFrames(t *testing.T) {
	for name, s := range map[string]*kafka.Snapshot{
		"typical": panetest.Typical(), "stale": panetest.Stale(), "rebalancing": panetest.Rebalancing(),
		"empty": panetest.Empty(), "connect": panetest.Connect(), "share": panetest.Share(), "odd": panetest.Odd(),
		"hostile": panetest.Hostile(), "waiting": panetest.Waiting(),
	} {
		t.Run(name, func(t *testing.T) {
			m, e := shown(t, s)
			e.History = panetest.Past(s)
			panetest.Frames(t, name, m, e)
		})
	}
}

func TestNothingIsCutAtAnyWidth(t *testing.T) {
	c := panetest.NewCluster()
	c.Topic("t", 999_999_999_999, 1)
	for i, state := range []kafka.GroupState{kafka.StateNotReady, kafka.StatePreparingRebalance, kafka.StateReconciling, kafka.StateStable} {
		g := c.Group(string(rune('a'+i)), kafka.Consumer, state).Member("m", "h", panetest.TP("t", 0)).
			Commit("t", 100_000_000_000).NoCommit(panetest.TP("t", 1)).
			Judge(kafka.VerdictFallingBehind, panetest.TP("t", 0), time.Hour, "evidence", "advice")
		g.Lag.V = 999_999_999_999
		g.Age = kafka.Some(kafka.Age{Min: 15 * time.Minute, Max: time.Hour, Kind: kafka.AgeBracket})
		g.In = kafka.RateSum{Known: kafka.Some(999_000.0), Missing: 1}
		g.Out = g.In
	}
	m, e := shown(t, c.Build())
	e.History = panetest.Past(e.Snapshot)
	panetest.Uncut(t, m, e)
}

func TestWorstFirstWithTheCursorOnIt(t *testing.T) {
	m, _ := shown(t, panetest.Typical())
	if got := names(m); got != "payments shipping audit fraud" {
		t.Errorf("order %q", got)
	}
	if got := selected(m); got != "payments" {
		t.Errorf("selected %q", got)
	}
}

func TestSelectionStaysByNameWhenRowsMove(t *testing.T) {
	m, e := shown(t, panetest.Typical())
	do(t, m, e, command.Down)
	do(t, m, e, command.Sort)
	if got := names(m); got != "audit fraud payments shipping" {
		t.Errorf("by name %q", got)
	}
	if got := selected(m); got != "shipping" {
		t.Errorf("selected %q", got)
	}
	do(t, m, e, command.Reverse)
	if got := names(m) + " " + selected(m); got != "shipping payments fraud audit shipping" {
		t.Errorf("reversed %q", got)
	}
}

func TestOrderWaitsWhileThePersonMoves(t *testing.T) {
	m, e := shown(t, panetest.Typical())
	do(t, m, e, command.Down)
	e.Snapshot = panetest.Typical()
	e.Snapshot.Group("fraud").Verdict.Kind = kafka.VerdictLost
	e.Now = e.Now.Add(steady.Pause - 1)
	m.Refresh(e)
	if got := names(m); got != "payments shipping audit fraud" {
		t.Errorf("in the pause %q", got)
	}
	e.Now = e.Now.Add(1)
	m.Refresh(e)
	if got := names(m) + " " + selected(m); got != "fraud payments shipping audit shipping" {
		t.Errorf("after the pause %q", got)
	}
}

func TestUnknownLagIsTheLeast(t *testing.T) {
	m, e := shown(t, panetest.Typical())
	do(t, m, e, command.Sort, command.Sort, command.Sort, command.Sort)
	if got := names(m); got != "payments shipping fraud audit" {
		t.Errorf("by lag %q", got)
	}
	do(t, m, e, command.Reverse)
	if got := names(m); got != "audit fraud shipping payments" {
		t.Errorf("reversed %q", got)
	}
}

func TestFilter(t *testing.T) {
	for text, want := range map[string]string{
		"pay":                "payments",
		"state:rebal":        "shipping",
		"state:reconciling":  "shipping",
		"lag:>10k":           "payments shipping",
		"lag:unknown":        "audit",
		"type:consumer":      "payments shipping audit fraud", // protocol type of the classic ones
		"topic:clicks":       "shipping fraud",
		"member:10.0.0.7":    "payments",
		"member:pay-3":       "payments",
		"verdict:stalled":    "payments",
		"topic:clicks,lag:0": "",
	} {
		m, e := shown(t, panetest.Typical())
		if err := m.SetFilter(text); err != nil {
			t.Fatal(err)
		}
		m.Refresh(e)
		if got := names(m); got != want {
			t.Errorf("%q: %q", text, got)
		}
		m.View(e, 54, 8, true)
		if got := selected(m); !strings.HasPrefix(want, got) {
			t.Errorf("%q: selected %q", text, got)
		}
	}
}

func TestFilterThatCannotBeUnderstoodChangesNothing(t *testing.T) {
	m, e := shown(t, panetest.Typical())
	if err := m.SetFilter("pay"); err != nil {
		t.Fatal(err)
	}
	if err := m.SetFilter("pay lag:>x"); err == nil || !strings.Contains(err.Error(), "lag:>x") {
		t.Errorf("error %v", err)
	}
	m.Refresh(e)
	if _, note := m.Head(e); m.Filter() != "pay" || note != "1 of 4  /pay" {
		t.Errorf("filter %q, note %q", m.Filter(), note)
	}
}

func TestSelectGroup(t *testing.T) {
	m, e := shown(t, panetest.Typical())
	if !m.SelectGroup(e, "fraud") || selected(m) != "fraud" {
		t.Errorf("selected %q", selected(m))
	}
	if m.SelectGroup(e, "nobody") || selected(m) != "fraud" {
		t.Errorf("selected %q", selected(m))
	}
}

func TestCopyHasTheNumbersInFull(t *testing.T) {
	m, e := shown(t, panetest.Typical())
	want := "payments  Stable  classic  3 members  lag 924410  STALLED: orders/7 flat for 6 min on payments-3; the other 11 drain at 2.1k/s"
	if got := m.Copy(e); got != want {
		t.Errorf("got %q", got)
	}
}

func TestNothingPanicsWithoutRowsOrRoom(t *testing.T) {
	for _, s := range []*kafka.Snapshot{panetest.Waiting(), panetest.Empty(), panetest.Typical()} {
		m, e := shown(t, s)
		for _, size := range [][2]int{{0, 0}, {0, 5}, {1, 1}, {3, 2}, {54, 0}, {54, 1}} {
			panetest.Exact(t, m.View(e, size[0], size[1], true), size[0], size[1])
		}
		do(t, m, e, command.Up, command.Down, command.PageUp, command.PageDown, command.First, command.Last, command.Sort, command.Reverse)
		m.Click(e, 3, 1)
		m.Wheel(e, 3)
		m.Copy(e)
		if s.Seq == 0 && selected(m) != "" {
			t.Errorf("selected %q", selected(m))
		}
	}
}

func TestClickAndWheelSelect(t *testing.T) {
	m, e := shown(t, panetest.Typical())
	m.View(e, 54, 3, true)
	m.Click(e, 5, 2)
	if got := selected(m); got != "shipping" {
		t.Errorf("clicked %q", got)
	}
	m.Wheel(e, 3)
	if got := selected(m); got != "audit" {
		t.Errorf("wheel %q", got)
	}
}

func BenchmarkView(b *testing.B) {
	c := panetest.NewCluster()
	c.Topic("t", 1000)
	for i := range 2000 {
		c.Group("group-"+time.Duration(i).String(), kafka.Classic, kafka.StateStable).Member("m", "h", panetest.TP("t", 0)).Commit("t", 100)
	}
	m, e := New(), panetest.Env(b, c.Build())
	e.History = panetest.Past(e.Snapshot)
	m.Refresh(e)
	for b.Loop() {
		m.View(e, 54, 24, true)
	}
}

func TestPlainASCII(t *testing.T) {
	s := panetest.Stale()
	m, e := shown(t, s)
	e.History = panetest.Past(s)
	panetest.ASCII(t, m, e)
}

func FuzzHostileNames(f *testing.F) {
	for _, n := range panetest.HostileNames() {
		f.Add(n, 54)
	}
	f.Fuzz(func(t *testing.T, name string, w int) {
		m, e := shown(t, panetest.Hostile(name))
		w = min(max(w, 0), 200)
		panetest.Exact(t, m.View(e, w, 6, true), w, 6)
		_ = m.SetFilter(name)
		m.Refresh(e)
		title, note := m.Head(e)
		panetest.Exact(t, []string{title, note, m.Copy(e)}, -1, 3)
	})
}
