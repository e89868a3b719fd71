package groupdetail

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/timeline"
	"lagtop/ui/command"
	"lagtop/ui/pane"
	"lagtop/ui/pane/panetest"
)

// handedOver shows the matrix of payments, where orders/3 and orders/4 were payments-3's until so long ago.
func handedOver(t *testing.T, ago time.Duration) (*Model, *pane.Env) {
	t.Helper()
	m, e := shown(t, panetest.Typical(), "payments", partMatrix)
	e.Timeline = timeline.New(timeline.Options{})
	g := *e.Snapshot.Group("payments")
	look := func(at time.Time, ms []kafka.Member) {
		g.At, g.Members = at, ms
		e.Timeline.Observe(&kafka.Snapshot{Seq: 1, At: at, Groups: []kafka.Group{g}})
	}
	was := slices.Clone(g.Members)
	was[0].Assigned, was[1].Assigned = panetest.Span("orders", 0, 2), panetest.Span("orders", 5, 6)
	was[2].Assigned = append(panetest.Span("orders", 3, 4), panetest.Span("orders", 7, 11)...)
	now := g.Members
	look(e.Snapshot.At.Add(-ago-2*time.Second), was)
	look(e.Snapshot.At.Add(-ago), now)
	m.Refresh(e)
	return m, e
}

func TestMovesAreOnTheirWayForThreePolls(t *testing.T) {
	for _, c := range []struct {
		ago  time.Duration
		want []string // payments-1, payments-2, payments-3
		note string
	}{
		{0, []string{"●●●↑········", "····↑●●·····", "···○○··✖●●●●"}, "2 moved 0 s ago"},
		{2 * time.Second, []string{"●●●↑········", "····↑●●·····", "·······✖●●●●"}, "2 moved 2 s ago"},
		{4 * time.Second, []string{"●●●◆········", "····◆●●·····", "·······✖●●●●"}, "2 moved 4 s ago"},
		{time.Hour, []string{"●●●◆········", "····◆●●·····", "·······✖●●●●"}, "2 moved 1 h ago"},
	} {
		t.Run(c.ago.String(), func(t *testing.T) {
			m, e := handedOver(t, c.ago)
			got := panetest.Screen(m.View(e, 118, 20, true))
			for _, want := range append(c.want, c.note) {
				if !strings.Contains(got, want) {
					t.Errorf("%s is missing:\n%s", want, got)
				}
			}
		})
	}
}

func TestMatrixFramesAfterARebalance(t *testing.T) {
	m, e := handedOver(t, 0)
	panetest.Frames(t, "moved-matrix", m, e)
}

func TestNamesTakeTheRoomThatTheGridLeaves(t *testing.T) {
	const long = "order-fulfilment-worker-7 10.20.30.40 (static order-fulfilment-7)"
	for _, c := range []struct {
		partitions, w int
		want          string
	}{
		{6, 120, long + " "},
		{6, 100, "order-fulfilment-worker-7 10.20.30.40 (static order-fulfilment… "},
		{6, 80, "order-fulfilment-worker-7 10.20.30.40 (sta… "},
		{60, 120, "order-fulfilment-worker-7 10.20.30… "},
		{200, 120, "order-f…filment-worker-7 "}, // the grid scrolls
		{200, 80, "orde…-worker-7 "},
	} {
		k := panetest.NewCluster()
		k.Topic("orders", make([]int64, c.partitions)...)
		g := k.Group("g", kafka.Classic, kafka.StateStable).Commit("orders", make([]int64, c.partitions)...)
		g.Member("order-fulfilment-worker-7", "10.20.30.40", panetest.Span("orders", 0, int32(c.partitions-1))...)
		g.Group.Members[0].InstanceID = "order-fulfilment-7"
		m, e := shown(t, k.Build(), "g", partMatrix)
		lines := m.View(e, c.w, 12, true)
		panetest.Exact(t, lines, c.w, 12)
		if got := panetest.Screen(lines); !strings.Contains(got, c.want) {
			t.Errorf("%d partitions in %d cells: %q is missing:\n%s", c.partitions, c.w, c.want, got)
		}
	}
}

func TestLastKnownAssignmentIsMarked(t *testing.T) {
	m, e := shown(t, panetest.Rebalancing(), "payments", partMatrix)
	if got := panetest.Screen(m.View(e, 118, 20, true)); !strings.Contains(got, "◌◌◌◌····") || !strings.Contains(got, "this is the last known assignment") {
		t.Errorf("%s", got)
	}
}

// crowd is a group of 50 members on two topics of 100 partitions; one member is idle and two partitions are nobody's.
func crowd() *kafka.Snapshot {
	c := panetest.NewCluster()
	c.Topic("clicks", make([]int64, 100)...)
	c.Topic("orders", make([]int64, 100)...)
	g := c.Group("crowd", kafka.Classic, kafka.StateStable).Commit("clicks", make([]int64, 100)...).Commit("orders", make([]int64, 100)...)
	for i := range int32(49) {
		g.Member(fmt.Sprintf("crowd-%02d", i+1), "10.0.9.1", append(panetest.Span("clicks", 2*i, 2*i+1), panetest.Span("orders", 2*i, 2*i+1)...)...)
	}
	g.Member("crowd-50", "10.0.9.1", panetest.TP("clicks", 98), panetest.TP("clicks", 99))
	return c.Build()
}

func TestLargeMatrixScrollsBothWays(t *testing.T) {
	m, e := shown(t, crowd(), "crowd", partMatrix)
	for _, z := range []panetest.Size{{Name: "80x24", W: 80, H: 24}, {Name: "120x40", W: 120, H: 40}, {Name: "200x50", W: 200, H: 50}} {
		w, h := z.Inner(m.Place())
		lines := m.View(e, w, h, true)
		panetest.Exact(t, lines, w, h)
		panetest.Golden(t, "crowd-matrix-"+z.Name, panetest.Screen(lines))
	}
	do(t, m, e, command.Right, command.Right, command.PageDown, command.PageDown)
	got := panetest.Screen(m.View(e, 118, 35, true))
	for _, want := range []string{"partitions 21 to 8", "of 200", "crowd-50", "2 to 4 partitions each · 0 idle · 2 unowned"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
}
