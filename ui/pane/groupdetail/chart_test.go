package groupdetail

import (
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/ui/command"
	"lagtop/ui/pane"
	"lagtop/ui/pane/panetest"
)

// charted is the chart of a group with a history of two hours.
func charted(t testing.TB, s *kafka.Snapshot, group string) (*Model, *pane.Env) {
	t.Helper()
	m, e := shown(t, s, group, partChart)
	e.History = panetest.LongPast(s)
	return m, e
}

func TestChartFrames(t *testing.T) {
	m, e := charted(t, panetest.Typical(), "payments")
	for _, name := range []string{"2m", "15m", "2h"} {
		panetest.Frames(t, "chart-group-"+name, m, e)
		do(t, m, e, command.Right)
	}
	do(t, m, e, command.Down)
	panetest.Frames(t, "chart-member-2h", m, e)
	do(t, m, e, command.Last, command.Up, command.Up, command.Up, command.Up, command.Left)
	panetest.Frames(t, "chart-partition-15m", m, e)
	for name, s := range map[string]*kafka.Snapshot{"share": panetest.Share(), "stale": panetest.Stale()} {
		m, e = charted(t, s, map[string]string{"share": "workers", "stale": "payments"}[name])
		panetest.Frames(t, "chart-"+name, m, e)
	}
	m, e = charted(t, panetest.Hostile(), panetest.HostileNames()[0])
	do(t, m, e, command.Down)
	panetest.Frames(t, "chart-hostile", m, e)
}

func TestChartFollowsWhatWasChosenInTheOtherParts(t *testing.T) {
	m, e := charted(t, panetest.Typical(), "payments")
	if got := focus(m); got != "payments||orders|7" || m.scopeName() != "group payments" {
		t.Errorf("%s: focus %q", m.scopeName(), got)
	}
	m.part = partMembers
	do(t, m, e, command.Down)
	m.part = partChart
	if got := focus(m); got != "payments|payments-2-id|orders|-" || m.scopeName() != "member payments-2 10.0.0.6" {
		t.Errorf("%s: focus %q", m.scopeName(), got)
	}
	m.part = partPartitions
	do(t, m, e, command.Last)
	m.part = partChart
	if got := focus(m); got != "payments|payments-3-id|orders|11" || m.scopeName() != "partition orders/11" {
		t.Errorf("%s: focus %q", m.scopeName(), got)
	}
	if got := m.Copy(e); !strings.HasPrefix(got, "payments  orders/11  committed 887000") || !strings.Contains(got, "payments-3") {
		t.Errorf("copied %q", got)
	}
	m.part = partOverview
	do(t, m, e, command.Down)
	m.part = partChart
	if m.scopeName() != "partition orders/11" {
		t.Errorf("scrolling the overview chose %s", m.scopeName())
	}
	do(t, m, e, command.First)
	if m.scopeName() != "group payments" {
		t.Errorf("first is %s", m.scopeName())
	}
}

func TestChartGoesBackToTheGroupWhenItsMemberLeft(t *testing.T) {
	m, e := charted(t, panetest.Typical(), "payments")
	do(t, m, e, command.Down, command.Down)
	e.Snapshot = panetest.Typical()
	g := e.Snapshot.Group("payments")
	g.Members = g.Members[:1]
	m.Refresh(e)
	if m.scopeName() != "group payments" {
		t.Errorf("shows %s", m.scopeName())
	}
}

func TestChartOfAMemberShowsItsPartitionsOnly(t *testing.T) {
	m, e := charted(t, panetest.Typical(), "payments")
	do(t, m, e, command.Down, command.Down)
	frame := panetest.Screen(m.View(e, 118, 35, true))
	for _, want := range []string{"member payments-2", "produced 570/s", "consumed 570/s", "records 10\n", "1 min: 0/s, now"} {
		if !strings.Contains(frame, want) {
			t.Errorf("%q is missing:\n%s", want, frame)
		}
	}
}

func TestPaceSaysHowLongItWasMeasured(t *testing.T) {
	m, e := shown(t, panetest.Typical(), "payments", partOverview)
	for want, h := range map[string]bool{"-1.9k/s (1 min), -1.9k/s (2 min so far)": false, "never (10 min)": true} {
		e.History = panetest.Past(e.Snapshot)
		if h {
			e.History = panetest.LongPast(e.Snapshot)
		}
		if got := panetest.Screen(m.View(e, 118, 35, true)); !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
}

// changed counts the cells in which two frames differ.
func changed(before, after []string) int {
	n := 0
	a, b := strings.Split(panetest.Screen(before), "\n"), strings.Split(panetest.Screen(after), "\n")
	for y := range a {
		l, r := []rune(a[y]), []rune(b[y])
		for x := range max(len(l), len(r)) {
			if x >= len(l) || x >= len(r) || l[x] != r[x] {
				n++
			}
		}
	}
	return n
}

// polled draws a chart at every poll of a minute and gives the cells that each one changed.
func polled(t testing.TB, window, w, h int) []int {
	t.Helper()
	s := panetest.Typical()
	m, e := charted(t, s, "payments")
	for range window {
		do(t, m, e, command.Right)
	}
	var counts []int
	last := m.View(e, w, h, true)
	for after := 2 * time.Second; after <= time.Minute; after += 2 * time.Second {
		e.Snapshot = panetest.Later(s, after)
		e.Now = e.Snapshot.At
		e.History.Observe(e.Snapshot)
		m.Refresh(e)
		next := m.View(e, w, h, true)
		counts = append(counts, changed(last, next))
		last = next
	}
	return counts
}

func TestPollsChangeFewCellsOfTheChart(t *testing.T) {
	for window, name := range []string{"2m", "15m", "2h"} {
		const w, h, little = 118, 35, 118 * 35 / 25
		few, all := 0, 0
		counts := polled(t, window, w, h)
		for _, n := range counts {
			if n <= little {
				few++
			}
			all += n
		}
		t.Logf("%s: %d of %d polls change at most %d of %d cells, on average %d", name, few, len(counts), little, w*h, all/len(counts))
		if few < len(counts)*8/10 || all/len(counts) > little {
			t.Errorf("%s: cells changed by each poll: %v", name, counts)
		}
	}
}

func TestNothingIsDrawnAnewBetweenPolls(t *testing.T) {
	m, e := charted(t, panetest.Typical(), "payments")
	before := m.View(e, 118, 35, true)
	e.Now = e.Now.Add(time.Second)
	if n := changed(before, m.View(e, 118, 35, true)); n > 0 {
		t.Errorf("%d cells changed without a poll", n)
	}
	do(t, m, e, command.Left, command.Right)
	if n := changed(before, m.View(e, 118, 35, true)); n == 0 {
		t.Error("another window looks the same")
	}
}

func BenchmarkChart(b *testing.B) {
	s := panetest.Typical()
	m, e := charted(b, s, "payments")
	do(b, m, e, command.Right, command.Right)
	b.Run("a poll", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			m.drawn.Forget()
			m.View(e, 118, 35, true)
		}
		sum := 0
		counts := polled(b, 1, 118, 35)
		for _, n := range counts {
			sum += n
		}
		b.ReportMetric(float64(sum)/float64(len(counts)), "cells/poll")
	})
	b.Run("between polls", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			m.View(e, 118, 35, true)
		}
	})
}
