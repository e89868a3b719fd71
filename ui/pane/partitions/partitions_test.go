package partitions

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"lagtop/kafka"
	"lagtop/ui/command"
	"lagtop/ui/component"
	"lagtop/ui/pane"
	"lagtop/ui/pane/panetest"
	"lagtop/ui/pane/steady"
)

func shown(t testing.TB, s *kafka.Snapshot, group string) (*Model, *pane.Env) {
	t.Helper()
	m, e := New(), panetest.Env(t, s)
	e.Focus.Group = group
	m.Refresh(e)
	return m, e
}

func do(t *testing.T, m *Model, e *pane.Env, ids ...command.ID) {
	t.Helper()
	for _, id := range ids {
		if _, ok := m.Do(e, id); !ok {
			t.Fatalf("%s is not known", id)
		}
	}
}

// order are the rows on screen: members by client id, partitions by name.
func order(m *Model) string {
	var out []string
	for _, r := range m.rows {
		switch {
		case r.part != nil:
			out = append(out, partName(r.part))
		case r.text != "":
			out = append(out, "("+r.text+")")
		case r.owner.member == nil:
			out = append(out, "nobody:")
		default:
			out = append(out, r.owner.member.ClientID+":")
		}
	}
	return strings.Join(out, " ")
}

func focus(m *Model) string {
	var f pane.Focus
	m.Select(&f)
	part := "-"
	if f.Partition.OK {
		part = fmt.Sprint(f.Partition.V)
	}
	return f.Member + " " + f.Topic + " " + part
}

func TestNothingIsCutAtAnyWidth(t *testing.T) {
	c := panetest.NewCluster()
	c.Topic("t", 999_999_999_999, 999_999_999_999)
	g := c.Group("g", kafka.Classic, kafka.StateStable).Member("m", "h", panetest.Span("t", 0, 1)...).
		Commit("t", 100_000_000_000, 100_000_000_001).Rates("t", 0, 999_000, 999_000).Rates("t", 1, 0.01, 999_000)
	for i := range g.Partitions {
		g.Partitions[i].Age = kafka.Some(kafka.Age{Min: 15 * time.Minute, Max: time.Hour, Kind: kafka.AgeBracket})
	}
	m, e := shown(t, c.Build(), "g")
	e.History = panetest.Past(e.Snapshot)
	panetest.Uncut(t, m, e)
}

func TestFrames(t *testing.T) {
	for _, c := range []struct {
		name, group string
		s           *kafka.Snapshot
	}{
		{"typical", "payments", panetest.Typical()}, {"stale", "payments", panetest.Stale()}, {"gone", "fraud", panetest.Stale()},
		{"rebalancing", "payments", panetest.Rebalancing()}, {"empty-group", "audit", panetest.Typical()},
		{"empty", "", panetest.Empty()}, {"vanished", "payments", panetest.Empty()}, {"waiting", "", panetest.Waiting()},
		{"connect", "connect-jdbc", panetest.Connect()}, {"registry", "schema-registry", panetest.Connect()},
		{"streams", "app", panetest.Streams()}, {"share", "workers", panetest.Share()},
		{"odd", "odd", panetest.Odd()}, {"denied", "denied", panetest.Odd()},
		{"hostile", panetest.HostileNames()[0], panetest.Hostile()},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, e := shown(t, c.s, c.group)
			e.History = panetest.Past(c.s)
			panetest.Frames(t, c.name, m, e)
		})
	}
}

func TestWorstMemberAndPartitionFirst(t *testing.T) {
	m, e := shown(t, panetest.Typical(), "payments")
	want := "payments-3: orders/7 orders/8 orders/9 orders/10 orders/11 payments-1: orders/0 orders/1 orders/2 orders/3 payments-2: orders/6 orders/4 orders/5"
	if got := order(m); got != want {
		t.Errorf("by lag %q", got)
	}
	do(t, m, e, command.Sort)
	want = "payments-1: orders/0 orders/1 orders/2 orders/3 payments-2: orders/4 orders/5 orders/6 payments-3: orders/7 orders/8 orders/9 orders/10 orders/11"
	if got := order(m); got != want {
		t.Errorf("by name %q", got)
	}
	do(t, m, e, command.Reverse)
	if got := order(m); !strings.HasPrefix(got, "payments-3: orders/11 orders/10") {
		t.Errorf("reversed %q", got)
	}
}

func TestFoldTakesTheCursorToTheMember(t *testing.T) {
	m, e := shown(t, panetest.Typical(), "payments")
	do(t, m, e, command.Down, command.Down)
	if got := focus(m); got != "payments-3-id orders 8" {
		t.Errorf("focus %q", got)
	}
	do(t, m, e, command.Left)
	if got := focus(m); got != "payments-3-id orders -" {
		t.Errorf("folded: focus %q", got)
	}
	if got := order(m); !strings.HasPrefix(got, "payments-3: payments-1:") {
		t.Errorf("folded: %q", got)
	}
	do(t, m, e, command.Right)
	if got := order(m); !strings.HasPrefix(got, "payments-3: orders/7") {
		t.Errorf("unfolded: %q", got)
	}
}

func TestGroupWithManyPartitionsBeginsFolded(t *testing.T) {
	for n, want := range map[int]int{openUpTo: openUpTo + 1, openUpTo + 1: 1} {
		c := panetest.NewCluster()
		c.Topic("t", make([]int64, n)...)
		c.Group("g", kafka.Classic, kafka.StateStable).Member("m", "h", panetest.Span("t", 0, int32(n-1))...)
		m, _ := shown(t, c.Build(), "g")
		if len(m.rows) != want {
			t.Errorf("%d partitions: %d rows", n, len(m.rows))
		}
	}
}

func TestMarks(t *testing.T) {
	m, e := shown(t, panetest.Typical(), "payments")
	do(t, m, e, command.Down, command.Mark, command.Up, command.Mark)
	if got := fmt.Sprint(m.Marked()); got != "[{orders 7} {orders 8} {orders 9} {orders 10} {orders 11}]" {
		t.Errorf("a mark on the member marks all: %s", got)
	}
	do(t, m, e, command.Down, command.Mark)
	if got := len(m.Marked()); got != 4 {
		t.Errorf("%d marked after one was unmarked", got)
	}
	e.Snapshot = panetest.Typical()
	g := e.Snapshot.Group("payments")
	g.Partitions = g.Partitions[:9]
	m.Refresh(e)
	if got := fmt.Sprint(m.Marked()); got != "[{orders 8}]" {
		t.Errorf("marks of partitions that are gone stay: %s", got)
	}
	e.Focus.Group = "shipping"
	m.Refresh(e)
	if got := len(m.Marked()); got != 0 {
		t.Errorf("%d marks in another group", got)
	}
	do(t, m, e, command.Mark)
	m.ClearMarks()
	if got := len(m.Marked()); got != 0 {
		t.Errorf("%d marks after clearing", got)
	}
}

func TestCursorFollowsThePartitionToAnotherMember(t *testing.T) {
	m, e := shown(t, panetest.Typical(), "payments")
	do(t, m, e, command.Down)
	e.Snapshot = panetest.Typical()
	g := e.Snapshot.Group("payments")
	g.Members[2].Assigned = g.Members[2].Assigned[1:]
	g.Members[0].Assigned = append(g.Members[0].Assigned, panetest.TP("orders", 7))
	g.Partition(panetest.TP("orders", 7)).Owner = kafka.Some(0)
	m.Refresh(e)
	if got := focus(m); got != "payments-1-id orders 7" {
		t.Errorf("focus %q", got)
	}
}

func TestOrderWaitsWhileThePersonMoves(t *testing.T) {
	m, e := shown(t, panetest.Typical(), "payments")
	do(t, m, e, command.Down)
	before := order(m)
	e.Snapshot = panetest.Typical()
	p := e.Snapshot.Group("payments").Partition(panetest.TP("orders", 5))
	p.Lag = kafka.Some[int64](9_000_000)
	e.Now = e.Now.Add(steady.Pause - 1)
	m.Refresh(e)
	if got := order(m); got != before {
		t.Errorf("in the pause %q", got)
	}
	e.Now = e.Now.Add(1)
	m.Refresh(e)
	if got := order(m); !strings.HasPrefix(got, "payments-2: orders/5") {
		t.Errorf("after the pause %q", got)
	}
}

func TestShareGroupShowsAPartitionUnderEachMember(t *testing.T) {
	m, e := shown(t, panetest.Share(), "workers")
	if got := order(m); got != "worker-1: jobs/1 jobs/0 worker-2: jobs/1 nobody: jobs/2" {
		t.Errorf("order %q", got)
	}
	do(t, m, e, command.Last, command.Up, command.Up)
	if got := focus(m); got != "worker-2-id jobs 1" {
		t.Errorf("focus %q", got)
	}
	m.Refresh(e)
	if got := focus(m); got != "worker-2-id jobs 1" {
		t.Errorf("focus moved to %q", got)
	}
}

func TestTasksStandUnderTheirMembers(t *testing.T) {
	m, e := shown(t, panetest.Connect(), "connect-jdbc")
	want := "connect-1: (connector jdbc-orders) (task jdbc-orders-0) (task s3-sink-1) connect-2: (connector s3-sink) (task s3-sink-0) connect-3:"
	if got := order(m); got != want {
		t.Errorf("connect %q", got)
	}
	if err := m.SetFilter("member:jdbc"); err != nil {
		t.Fatal(err)
	}
	m.Refresh(e)
	if got := order(m); got != "connect-1: (connector jdbc-orders) (task jdbc-orders-0) (task s3-sink-1)" {
		t.Errorf("filtered %q", got)
	}
	m, _ = shown(t, panetest.Streams(), "app")
	want = "app-1-StreamThread-1: (active 0_0,0_1,1_0 standby 1_1) clicks/1 clicks/0 app-counts-repartition/0 " +
		"app-2-StreamThread-1: (topology 1, the group's is 2) (active 1_1 warmup 1_0) app-counts-repartition/1 app-3-StreamThread-1:"
	if got := order(m); got != want {
		t.Errorf("streams %q", got)
	}
}

func TestManyTasksBeginFolded(t *testing.T) {
	s := panetest.Connect()
	g := s.Group("connect-jdbc")
	for i := range openUpTo {
		g.Members[2].Tasks = append(g.Members[2].Tasks, kafka.Task{Role: kafka.TaskWork, Name: fmt.Sprint("many-", i)})
	}
	if m, _ := shown(t, s, "connect-jdbc"); len(m.rows) != 3 {
		t.Errorf("%d rows", len(m.rows))
	}
}

func TestUnownedPartitionsStandUnderNoConsumer(t *testing.T) {
	m, _ := shown(t, panetest.Odd(), "odd")
	want := "odd-1: events/0 events/1 nobody: events/2 events/3 (not authorized: DESCRIBE on topic secrets, or no such topic)"
	if got := order(m); got != want {
		t.Errorf("order %q", got)
	}
}

func TestFilter(t *testing.T) {
	for text, want := range map[string]string{
		"lag:>100":        "payments-3: orders/7 payments-1: orders/0",
		"member:10.0.0.6": "payments-2: orders/6 orders/4 orders/5",
		"orders/11":       "payments-3: orders/11",
		"verdict:stalled": "payments-3: orders/7",
		"topic:nope":      "",
	} {
		m, e := shown(t, panetest.Typical(), "payments")
		if err := m.SetFilter(text); err != nil {
			t.Fatal(err)
		}
		m.Refresh(e)
		if got := order(m); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
	if err := New().SetFilter("state:x"); err == nil || !strings.Contains(err.Error(), "state:x") {
		t.Errorf("error %v", err)
	}
}

func TestCopyHasTheNumbersInFull(t *testing.T) {
	m, e := shown(t, panetest.Typical(), "payments")
	do(t, m, e, command.Down)
	want := "payments  orders/7  committed 1000000  end 1912000  lag 912000  payments-3 10.0.0.7 (static pay-3)"
	if got := m.Copy(e); got != want {
		t.Errorf("got %q", got)
	}
}

func TestNothingPanicsWithoutRowsOrRoom(t *testing.T) {
	for _, s := range []*kafka.Snapshot{panetest.Waiting(), panetest.Empty(), panetest.Typical(), panetest.Odd(), panetest.Connect()} {
		for _, group := range []string{"", "payments", "denied", "connect-jdbc"} {
			m, e := shown(t, s, group)
			for _, size := range [][2]int{{0, 0}, {0, 5}, {1, 1}, {3, 2}, {64, 0}, {64, 1}} {
				panetest.Exact(t, m.View(e, size[0], size[1], true), size[0], size[1])
			}
			do(t, m, e, command.Up, command.Down, command.PageUp, command.PageDown, command.First, command.Last,
				command.Left, command.Right, command.Mark, command.Sort, command.Reverse)
			m.Click(e, 3, 1)
			m.Wheel(e, 3)
			m.Copy(e)
			focus(m)
		}
	}
}

func TestPlainASCII(t *testing.T) {
	s := panetest.Stale()
	m, e := shown(t, s, "payments")
	e.History = panetest.Past(s)
	panetest.ASCII(t, m, e)
}

func TestTheCoordinatorStandsBesideTheNameWhereAllFits(t *testing.T) {
	m, e := shown(t, panetest.Typical(), "payments")
	for w, want := range map[int][2]string{
		64: {"payments · coord 2", "classic · Stable · 3 members · range"},
		63: {"payments", "classic · Stable · 3 members · range · coord 2"}, // cut from its end
	} {
		m.View(e, w, 9, true)
		title, note := m.Head(e)
		if got := [2]string{title, note}; got != want {
			t.Errorf("%d cells: %q, want %q", w, got, want)
		}
		line := component.Frame(e.Theme, "2 "+title, note, true, w+2, 3, nil)[0]
		if got := ansi.Strip(line); !strings.Contains(got, "range") || w == 64 && !strings.Contains(got, " "+note+" ") {
			t.Errorf("%d cells: %s", w, got)
		}
	}
}

func FuzzHostileNames(f *testing.F) {
	for _, n := range panetest.HostileNames() {
		f.Add(n, 64)
	}
	f.Fuzz(func(t *testing.T, name string, w int) {
		m, e := shown(t, panetest.Hostile(name), name)
		w = min(max(w, 0), 200)
		_ = m.SetFilter(name)
		m.Refresh(e)
		do(t, m, e, command.Down, command.Down, command.Mark)
		panetest.Exact(t, m.View(e, w, 9, true), w, 9)
		title, note := m.Head(e)
		panetest.Exact(t, []string{title, note, m.Copy(e)}, -1, 3)
	})
}
