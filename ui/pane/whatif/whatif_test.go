package whatif

import (
	"fmt"
	"strings"
	"testing"

	"lagtop/kafka"
	"lagtop/ui/command"
	"lagtop/ui/pane"
	"lagtop/ui/pane/panetest"
)

func shown(t *testing.T, s *kafka.Snapshot, group string) (*Model, *pane.Env) {
	t.Helper()
	e := panetest.Env(t, s)
	e.Focus.Group = group
	m := New()
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

// behind is the typical cluster where payments has no partition that does not move.
func behind() *kafka.Snapshot {
	s := panetest.Typical()
	g := s.Group("payments")
	for i := range g.Partitions {
		g.Partitions[i].Verdict = kafka.Verdict{Kind: kafka.VerdictOK}
		if g.Partitions[i].Partition == 7 {
			g.Partitions[i].Out = kafka.Some(2_600.0)
		}
	}
	return s
}

// hostile has groups whose names are, and that can be computed all the same.
func hostile() *kafka.Snapshot {
	s := panetest.Hostile()
	for i := range s.Groups {
		g := &s.Groups[i]
		g.Protocol = "range"
		for j := range g.Members {
			g.Members[j].Opaque = ""
		}
	}
	return s
}

// large has 50 members on two topics of 100 partitions.
func large() *kafka.Snapshot {
	c := panetest.NewCluster()
	c.Topic("clicks", make([]int64, 100)...)
	c.Topic("orders", make([]int64, 100)...)
	g := c.Group("crowd", kafka.Classic, kafka.StateStable)
	g.Protocol = "sticky"
	for i := range int32(50) {
		g.Member(fmt.Sprintf("crowd-%d", i+1), "10.0.9.1", append(panetest.Span("clicks", 2*i, 2*i+1), panetest.Span("orders", 2*i, 2*i+1)...)...)
	}
	for p := range int32(100) {
		g.Commit("clicks", make([]int64, 100)...).Rates("clicks", p, 10, 10)
	}
	return c.Build()
}

func TestFrames(t *testing.T) {
	for _, c := range []struct {
		name  string
		s     *kafka.Snapshot
		group string
		keys  []command.ID
	}{
		{"nothing-asked", panetest.Typical(), "payments", nil},
		{"one-more", behind(), "payments", []command.ID{command.Right}},
		{"moves", behind(), "payments", []command.ID{command.Right, command.Next}},
		{"basis", panetest.Typical(), "payments", []command.ID{command.Right, command.Down, command.Right, command.Prev}},
		{"fewer", behind(), "payments", []command.ID{command.Left}},
		{"more-partitions", behind(), "payments", []command.ID{command.Down, command.Down, command.Down, command.Right, command.Right}},
		{"kip848", panetest.Typical(), "shipping", []command.ID{command.Right}},
		{"nobody", panetest.Typical(), "audit", []command.ID{command.Right}},
		{"rebalancing", panetest.Rebalancing(), "payments", []command.ID{command.Right}},
		{"share", panetest.Share(), "workers", nil},
		{"connect", panetest.Connect(), "connect-jdbc", nil},
		{"hostile", hostile(), panetest.HostileNames()[0], []command.ID{command.Right, command.Next}},
		{"hostile-matrix", hostile(), panetest.HostileNames()[5], []command.ID{command.Right}},
		{"undecodable", panetest.Hostile(), panetest.HostileNames()[0], nil},
		{"large", large(), "crowd", []command.ID{command.Left, command.Up, command.Right}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, e := shown(t, c.s, c.group)
			do(t, m, e, c.keys...)
			if c.name == "large" { // what moves is sarama's own affair
				for _, z := range panetest.Sizes() {
					w, h := z.Inner(m.Place())
					panetest.Exact(t, m.View(e, w, h, true), w, h)
				}
				return
			}
			panetest.Frames(t, c.name, m, e)
		})
	}
}

func TestLooksFurtherToTheSide(t *testing.T) {
	m, e := shown(t, large(), "crowd")
	_ = m.View(e, 118, 35, true)
	do(t, m, e, command.Up, command.Right)
	got := panetest.Screen(m.View(e, 118, 35, true))
	if !strings.Contains(got, "11 to 7") || !strings.Contains(got, "of 200") || !strings.Contains(got, "0123456789") {
		t.Errorf("shifted by ten:\n%s", got)
	}
	do(t, m, e, command.PageDown)
	if got := panetest.Screen(m.View(e, 118, 35, true)); !strings.Contains(got, "crowd-30 ") {
		t.Errorf("the second page of members:\n%s", got)
	}
}

func TestTheQuestionStaysWhenTheClusterMovesOn(t *testing.T) {
	m, e := shown(t, large(), "crowd")
	do(t, m, e, command.Right, command.Right)
	was := fmt.Sprint(m.result.Moves)
	e.Snapshot = large()
	e.Snapshot.Group("crowd").Partitions[0].Lag = kafka.Some[int64](77)
	m.Refresh(e)
	if m.change.Members != 2 || fmt.Sprint(m.result.Moves) != was || m.result.Before.Lag.V != 77 {
		t.Errorf("%+v, lag %d", m.change, m.result.Before.Lag.V)
	}
	e.Snapshot = panetest.Empty()
	m.Refresh(e)
	if got := panetest.Screen(m.View(e, 80, 5, true)); !strings.Contains(got, "group crowd is gone") {
		t.Errorf("%s", got)
	}
}

func TestControlsKeepTheirBounds(t *testing.T) {
	m, e := shown(t, panetest.Typical(), "payments")
	for range 5 {
		do(t, m, e, command.Left)
	}
	if m.change.Members != -2 {
		t.Errorf("members %+d", m.change.Members)
	}
	do(t, m, e, command.Down, command.Down, command.Down, command.Left)
	if m.change.Partitions != 0 {
		t.Errorf("partitions %+d", m.change.Partitions)
	}
	do(t, m, e, command.Right, command.Up, command.Right)
	if m.change.Partitions != 0 || m.change.Topic != "orders" {
		t.Errorf("another topic: %+v", m.change)
	}
	do(t, m, e, command.Up, command.Left)
	if m.change.Assignor != "KIP-848 range" {
		t.Errorf("assignor %q", m.change.Assignor)
	}
	do(t, m, e, command.Right)
	if m.change.Assignor != "" {
		t.Errorf("assignor %q is the present one", m.change.Assignor)
	}
}

func TestClickChoosesControlsAndParts(t *testing.T) {
	m, e := shown(t, panetest.Typical(), "payments")
	m.Click(e, 5, fieldPartitions)
	m.Click(e, 12, bandLines)
	if m.field != fieldPartitions || m.part != partMoves {
		t.Errorf("field %d part %d", m.field, m.part)
	}
}

func TestCopyTellsWhatWasAsked(t *testing.T) {
	m, e := shown(t, behind(), "payments")
	do(t, m, e, command.Right)
	got := m.Copy(e)
	for _, want := range []string{"What if: payments, 4 members, range", "moved", "payments-4", "kubectl scale"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
}

func TestASCII(t *testing.T) {
	m, e := shown(t, behind(), "payments")
	do(t, m, e, command.Right)
	panetest.ASCII(t, m, e)
}
