package groupdetail

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"lagtop/kafka"
	"lagtop/ui/command"
	"lagtop/ui/pane"
	"lagtop/ui/pane/panetest"
)

func shown(t testing.TB, s *kafka.Snapshot, group string, part int) (*Model, *pane.Env) {
	t.Helper()
	m, e := New(), panetest.Env(t, s)
	e.Focus.Group = group
	m.Refresh(e)
	for range part {
		do(t, m, e, command.Next)
	}
	return m, e
}

func do(t testing.TB, m *Model, e *pane.Env, ids ...command.ID) {
	t.Helper()
	for _, id := range ids {
		if _, ok := m.Do(e, id); !ok {
			t.Fatalf("%s is not known", id)
		}
	}
}

func focus(m *Model) string {
	var f pane.Focus
	m.Select(&f)
	part := "-"
	if f.Partition.OK {
		part = fmt.Sprint(f.Partition.V)
	}
	return strings.Join([]string{f.Group, f.Member, f.Topic, part}, "|")
}

func TestFrames(t *testing.T) {
	for _, c := range []struct {
		name, group string
		s           *kafka.Snapshot
	}{
		{"typical", "payments", panetest.Typical()}, {"kip848", "shipping", panetest.Typical()},
		{"stale", "payments", panetest.Stale()}, {"gone", "fraud", panetest.Stale()},
		{"rebalancing", "payments", panetest.Rebalancing()}, {"empty-group", "audit", panetest.Typical()},
		{"vanished", "payments", panetest.Empty()}, {"waiting", "", panetest.Waiting()},
		{"connect", "connect-jdbc", panetest.Connect()}, {"registry", "schema-registry", panetest.Connect()},
		{"streams", "app", panetest.Streams()}, {"share", "workers", panetest.Share()},
		{"odd", "odd", panetest.Odd()}, {"denied", "denied", panetest.Odd()},
		{"hostile", panetest.HostileNames()[0], panetest.Hostile()},
	} {
		for part, name := range partNames[:partChart] { // the chart has frames of its own
			t.Run(c.name+" "+name, func(t *testing.T) {
				m, e := shown(t, c.s, c.group, part)
				e.History = panetest.Past(c.s)
				panetest.Frames(t, c.name+"-"+strings.ToLower(name), m, e)
			})
		}
	}
}

func TestKeepsItsGroupWhenTheFocusMoves(t *testing.T) {
	m, e := shown(t, panetest.Typical(), "payments", partOverview)
	e.Focus.Group = "shipping"
	m.Refresh(e)
	if got := focus(m); got != "payments||orders|7" {
		t.Errorf("focus %q", got)
	}
	e.Snapshot = panetest.Empty()
	m.Refresh(e)
	if got := focus(m); got != "payments|||-" {
		t.Errorf("group gone: focus %q", got)
	}
}

func TestSelectionOfEachPart(t *testing.T) {
	m, e := shown(t, panetest.Typical(), "payments", partMembers)
	do(t, m, e, command.Last)
	if got := focus(m); got != "payments|payments-3-id|orders|-" {
		t.Errorf("members: %q", got)
	}
	do(t, m, e, command.Next, command.Down)
	if got := focus(m); got != "payments|payments-1-id|orders|1" {
		t.Errorf("partitions: %q", got)
	}
	do(t, m, e, command.Next, command.Down)
	if got := focus(m); got != "payments|payments-2-id|orders|-" {
		t.Errorf("matrix: %q", got)
	}
	do(t, m, e, command.Prev, command.Prev)
	if got := focus(m); got != "payments|payments-3-id|orders|-" {
		t.Errorf("members again: %q", got)
	}
}

func TestSelectedMemberStaysByName(t *testing.T) {
	m, e := shown(t, panetest.Typical(), "payments", partMembers)
	do(t, m, e, command.Down)
	e.Snapshot = panetest.Typical()
	g := e.Snapshot.Group("payments")
	g.Members = slices.Insert(g.Members, 0, kafka.Member{ID: "aaa", ClientID: "aaa"})
	m.Refresh(e)
	if got := focus(m); got != "payments|payments-2-id|orders|-" {
		t.Errorf("focus %q", got)
	}
}

func TestMarks(t *testing.T) {
	m, e := shown(t, panetest.Typical(), "payments", partOverview)
	do(t, m, e, command.Mark)
	if got := m.Marked(); len(got) != 0 {
		t.Errorf("the overview marks %v", got)
	}
	do(t, m, e, command.Next, command.Next, command.Mark, command.Last, command.Mark)
	if got := fmt.Sprint(m.Marked()); got != "[{orders 0} {orders 11}]" {
		t.Errorf("marked %s", got)
	}
	do(t, m, e, command.Mark)
	if got := fmt.Sprint(m.Marked()); got != "[{orders 0}]" {
		t.Errorf("marked %s", got)
	}
	e.Snapshot = panetest.Empty()
	m.Refresh(e)
	m.ClearMarks()
	if got := m.Marked(); len(got) != 0 {
		t.Errorf("marked %v", got)
	}
}

func TestTabsCanBeClicked(t *testing.T) {
	m, e := shown(t, panetest.Typical(), "payments", partOverview)
	tabs := panetest.Screen(m.View(e, 78, 1, true))
	for part, name := range partNames {
		at := strings.Index(tabs, name)
		m.Click(e, at, 0)
		if m.part != part {
			t.Errorf("a click on %s at %d chooses part %d", name, at, m.part)
		}
	}
	m.part = partMembers
	m.View(e, 78, 10, true)
	m.Click(e, 5, headLines+2)
	if got := focus(m); got != "payments|payments-2-id|orders|-" {
		t.Errorf("clicked %q", got)
	}
}

func TestOverviewScrolls(t *testing.T) {
	m, e := shown(t, panetest.Typical(), "payments", partOverview)
	first := panetest.Screen(m.View(e, 78, 8, true))
	do(t, m, e, command.Last)
	last := panetest.Screen(m.View(e, 78, 8, true))
	if first == last || !strings.Contains(last, "Topics") {
		t.Errorf("last lines:\n%s", last)
	}
	do(t, m, e, command.Up, command.First)
	if got := panetest.Screen(m.View(e, 78, 8, true)); got != first {
		t.Errorf("first lines again:\n%s", got)
	}
}

func TestMatrixScrollsSideways(t *testing.T) {
	m, e := shown(t, panetest.Typical(), "payments", partMatrix)
	do(t, m, e, command.Right)
	if got := panetest.Screen(m.View(e, 118, 8, true)); !strings.Contains(got, "BALANCE  01\n") {
		t.Errorf("shifted by ten of twelve:\n%s", got)
	}
	do(t, m, e, command.Right, command.Left, command.Left)
	if got := panetest.Screen(m.View(e, 118, 8, true)); !strings.Contains(got, "BALANCE  012345678901\n") {
		t.Errorf("shifted back:\n%s", got)
	}
}

func TestSpans(t *testing.T) {
	tps := append(panetest.Span("orders", 0, 3), panetest.TP("orders", 7), panetest.TP("clicks", 1))
	if got := spans(tps); got != "orders 0-3,7 clicks 1" {
		t.Errorf("got %q", got)
	}
	if got := spans(nil); got != "" {
		t.Errorf("none: %q", got)
	}
}

func TestCopy(t *testing.T) {
	for part, want := range map[int]string{
		partOverview:   "payments  classic · Stable · 3 members · range · coord 2  STALLED  orders/7 flat for 6 min on payments-3; the other 11 drain at 2.1k/s",
		partMembers:    "payments  payments-1 10.0.0.5  payments-1-id  orders 0-3",
		partPartitions: "payments  orders/0  committed 900000  end 912400  lag 12400  payments-1 10.0.0.5",
		partMatrix:     "payments  payments-1 10.0.0.5  payments-1-id  orders 0-3",
	} {
		m, e := shown(t, panetest.Typical(), "payments", part)
		if got := m.Copy(e); got != want {
			t.Errorf("%s: %q", partNames[part], got)
		}
	}
}

func TestNothingPanicsWithoutRowsOrRoom(t *testing.T) {
	for _, s := range []*kafka.Snapshot{panetest.Waiting(), panetest.Empty(), panetest.Typical(), panetest.Odd(), panetest.Share()} {
		for _, group := range []string{"", "payments", "denied", "odd", "workers"} {
			for part := range partNames {
				m, e := shown(t, s, group, part)
				for _, size := range [][2]int{{0, 0}, {0, 5}, {1, 1}, {3, 2}, {3, 3}, {78, 0}, {78, 4}} {
					panetest.Exact(t, m.View(e, size[0], size[1], true), size[0], size[1])
				}
				do(t, m, e, command.Up, command.Down, command.PageUp, command.PageDown, command.First, command.Last,
					command.Left, command.Right, command.Mark)
				m.Click(e, 3, 1)
				m.Click(e, 3, 4)
				m.Wheel(e, 3)
				m.Copy(e)
				focus(m)
			}
		}
	}
}

func TestPlainASCII(t *testing.T) {
	s := panetest.Stale()
	for part := range partNames {
		m, e := shown(t, s, "payments", part)
		e.History = panetest.Past(s)
		panetest.ASCII(t, m, e)
	}
}

func FuzzHostileNames(f *testing.F) {
	for _, n := range panetest.HostileNames() {
		f.Add(n, 78)
	}
	f.Fuzz(func(t *testing.T, name string, w int) {
		w = min(max(w, 0), 200)
		for part := range partNames {
			m, e := shown(t, panetest.Hostile(name), name, part)
			do(t, m, e, command.Down, command.Mark)
			panetest.Exact(t, m.View(e, w, 12, true), w, 12)
			title, note := m.Head(e)
			panetest.Exact(t, []string{title, note, m.Copy(e)}, -1, 3)
		}
	})
}
