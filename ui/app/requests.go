package app

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka/human"
	"lagtop/theme"
	"lagtop/ui/pane/requests"
)

// toggleRequests shows what was asked of the brokers, or goes back from it.
func (m *Model) toggleRequests() tea.Cmd {
	if _, ok := m.top().(*requests.Model); ok {
		return m.back()
	}
	d := requests.New(m.deps.Requests)
	d.Refresh(&m.env)
	m.details = append(m.details, d)
	m.settle()
	return nil
}

// countRequests lets the requests go on between snapshots, which a broker that hangs delays.
func (m *Model) countRequests() {
	if d, ok := m.top().(*requests.Model); ok {
		d.Refresh(&m.env)
	}
}

// takePace takes over how often the cluster is really polled.
func (m *Model) takePace() {
	m.env.Interval = m.deps.Interval
	if p := m.env.Snapshot.Pace; p.Present > 0 {
		m.env.Interval = p.Present
	}
}

// pace says how often the cluster is polled, and why not as often as it was asked for. The reason is left
// out where there is no room.
func (m *Model) pace(reason bool) span {
	p := m.env.Snapshot.Pace
	if p.Why == "" {
		return span{theme.Muted, "  every " + period(m.env.Interval) + " "}
	}
	text := "  every " + period(p.Wanted) + m.theme.Glyphs.Arrow + period(p.Present)
	if reason {
		text += ": " + p.Why
	}
	return span{theme.Lagging, text + " "}
}

// period is a time between polls: 2s, 1.5s, 200ms.
func period(d time.Duration) string {
	if d >= 10*time.Second || d == d.Truncate(time.Second) {
		return human.Duration(d)
	}
	return d.String()
}

// leftOut says how much of the cluster is watched where a part of it is left out on purpose, in front of
// everything else, so that nobody takes it for the whole.
func (m *Model) leftOut(dot string) []span {
	var out []span
	add := func(shown, missing int, word string) {
		if missing > 0 {
			out = append(out, span{theme.Muted, dot}, span{theme.Lagging, fmt.Sprintf("%d of %s", shown, human.Plural(shown+missing, word))})
		}
	}
	s := m.env.Snapshot
	add(len(s.Groups), s.Limit.GroupsOut, "group")
	add(len(s.Topics), s.Limit.TopicsOut, "topic")
	return out
}
