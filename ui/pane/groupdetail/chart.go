package groupdetail

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/lag"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/component"
	"lagtop/ui/component/chart"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
)

// scope is what the chart shows: a member by its id, a partition, or, when zero, the group.
type scope struct {
	member    string
	partition kafka.Known[kafka.TopicPartition]
}

// scopes are everything the chart can show: the group, its members, its partitions.
func (m *Model) scopes() []scope {
	all := make([]scope, 1, 1+len(m.group.Members)+len(m.group.Partitions))
	for i := range m.group.Members {
		all = append(all, scope{member: m.group.Members[i].ID})
	}
	for i := range m.group.Partitions {
		all = append(all, scope{partition: kafka.Some(m.group.Partitions[i].TopicPartition)})
	}
	return all
}

// follow lets the chart show what was chosen in another part.
func (m *Model) follow() {
	i := m.member()
	switch p := m.partition(); {
	case p != nil:
		m.scope = scope{partition: kafka.Some(p.TopicPartition)}
	case i >= 0:
		m.scope = scope{member: m.group.Members[i].ID}
	}
}

// step goes through the scopes.
func (m *Model) step(id command.ID) {
	if m.group == nil {
		return
	}
	all := m.scopes()
	at := max(slices.Index(all, m.scope), 0)
	switch id {
	case command.Up:
		at--
	case command.Down:
		at++
	case command.PageUp:
		at -= 10
	case command.PageDown:
		at += 10
	case command.First:
		at = 0
	case command.Last:
		at = len(all) - 1
	}
	m.scope = all[min(max(at, 0), len(all)-1)]
}

// scopeMember is the index of the member that the chart shows, -1 for none.
func (m *Model) scopeMember() int {
	if m.scope.member == "" {
		return -1
	}
	return slices.IndexFunc(m.group.Members, func(mb kafka.Member) bool { return mb.ID == m.scope.member })
}

// keepScope goes back to the group when what the chart showed is gone.
func (m *Model) keepScope() {
	gone := m.scope.partition.OK && m.group.Partition(m.scope.partition.V) == nil
	if gone || m.scope.member != "" && m.scopeMember() < 0 {
		m.scope = scope{}
	}
}

// scopeName says what the chart shows.
func (m *Model) scopeName() string {
	if m.scope.partition.OK {
		return "partition " + cell.Partition(m.scope.partition.V)
	}
	if i := m.scopeMember(); i >= 0 {
		return "member " + cell.Owner(&m.group.Members[i])
	}
	return "group " + cell.Name(m.name)
}

// chartNote is the line above the chart.
func (m *Model) chartNote(e *pane.Env) []component.Cell {
	return m.window.Note(e.Theme, m.scopeName(), "  "+e.Theme.Glyphs.Up+e.Theme.Glyphs.Down+" group, members, partitions")
}

// chart draws the pace, the lag below it and the rates below that.
func (m *Model) chart(e *pane.Env, w, h int) []string {
	if h <= 0 {
		return nil
	}
	lines := []string{component.Line(e.Theme, m.paceLine(e), w)}
	return append(lines, m.drawn.View(e, m.scope, m.window, w, h-1, func(a *chart.Axis) []*chart.Chart {
		var c lag.Course
		if e.History != nil {
			c = e.History.Course(m.name, m.of(), lag.Buckets{From: a.From, Step: a.Step, N: a.N})
		}
		return []*chart.Chart{
			{Title: "Lag", Word: human.Number, Least: 2, Float: 1000, Series: []chart.Series{
				{Name: "records", Tok: theme.Spark, Line: true, Fill: true, Values: c.Lag}}},
			{Title: "Rates", Word: human.Rate, Least: 0.2, Series: []chart.Series{
				{Name: "produced", Tok: theme.Accent, Line: true, Values: c.In},
				{Name: "consumed", Tok: theme.Good, Fill: true, Values: c.Out}}},
		}
	})...)
}

// of are the partitions that the chart shows, nil for all of the group.
func (m *Model) of() []kafka.TopicPartition {
	if m.scope.partition.OK {
		return []kafka.TopicPartition{m.scope.partition.V}
	}
	if i := m.scopeMember(); i >= 0 {
		return append([]kafka.TopicPartition{}, m.group.Members[i].Assigned...)
	}
	return nil
}

// partIndex is where a partition of the group stands in it.
func (m *Model) partIndex(p *kafka.GroupPartition) int {
	return slices.IndexFunc(m.group.Partitions, func(q kafka.GroupPartition) bool { return q.TopicPartition == p.TopicPartition })
}

// holder is the first member that owns a partition, -1 for none.
func (m *Model) holder(partition int) int {
	if partition < 0 || partition >= len(m.holders) || len(m.holders[partition]) == 0 {
		return -1
	}
	return m.holders[partition][0]
}

// trendCells is the width of the trends in the tables.
const trendCells = 8

// trend is the sparkline of the lag of some partitions.
func (m *Model) trend(e *pane.Env, of []kafka.TopicPartition) component.Cell {
	return component.Cell{Text: component.Sparkline(e.Theme, m.lags(e, of), trendCells), Tok: theme.Spark}
}

// memberTrend is that of a member's partitions, which are asked for once a snapshot: they may be many.
func (m *Model) memberTrend(e *pane.Env, i int) component.Cell {
	l := &m.loads[i]
	if l.trend == nil {
		l.trend = m.lags(e, m.group.Members[i].Assigned)
	}
	return component.Cell{Text: component.Sparkline(e.Theme, l.trend, trendCells), Tok: theme.Spark}
}

func (m *Model) lags(e *pane.Env, of []kafka.TopicPartition) []kafka.Known[float64] {
	if e.History == nil || len(of) == 0 {
		return nil
	}
	window := min(cell.Window, max(e.History.Span(), trendCells*e.Interval))
	at, _ := e.History.Newest()
	return e.History.Lags(m.name, of, lag.Buckets{From: at.Add(-window), Step: window / trendCells, N: trendCells})
}

// pace is how fast a lag shrinks over a time, and when it is gone at that.
type pace struct {
	over  string
	drain string // records/s, empty while unknown
	eta   lag.Horizon
}

// paces are those of the last minute, whose rates are the snapshot's own, and of the last ten minutes, or
// what there is of them. of is nil for the whole group.
func (m *Model) paces(e *pane.Env, of []kafka.TopicPartition) []pace {
	b := backlog{m.group.Lag, m.group.Age, m.group.Verdict.Kind}
	in, out := m.group.In, m.group.Out
	if of != nil {
		b, in, out = m.sum(of)
	}
	over := func(window time.Duration) string {
		if e.History != nil && e.History.Span() < window-e.Interval {
			return human.Span(e.History.Span()) + " so far"
		}
		return human.Span(window)
	}
	all := []pace{paceOf(over(lag.Short), b, in, out)}
	if e.History == nil || e.History.Span() < 2*lag.Short {
		return all // they would be the same
	}
	in, out = e.History.Flow(m.name, of, lag.Long)
	return append(all, paceOf(over(lag.Long), b, in, out))
}

// backlog is what is unread in some partitions.
type backlog struct {
	total kafka.Total
	age   kafka.Known[kafka.Age]
	worst kafka.VerdictKind
}

func paceOf(over string, b backlog, in, out kafka.RateSum) pace {
	p := pace{over: over, eta: cell.ETA(b.total, in, out, b.age, b.worst)}
	if in.OK && out.OK {
		p.drain = human.Rate(out.V - in.V)
		if in.Missing > 0 {
			p.drain += ", " + strconv.Itoa(in.Missing) + " unknown"
		}
	}
	return p
}

// sum is what the snapshot says of some partitions together. Rates count where both are known.
func (m *Model) sum(of []kafka.TopicPartition) (b backlog, in, out kafka.RateSum) {
	var flow cell.Flow
	for _, tp := range of {
		p := m.group.Partition(tp)
		if p == nil {
			continue
		}
		b.total.Add(p.Lag)
		b.worst = max(b.worst, p.Verdict.Kind)
		flow.Add(p)
	}
	b.age = flow.Age()
	in, out = flow.Both()
	return b, in, out
}

// paceLine is the pace in one line.
func (m *Model) paceLine(e *pane.Env) []component.Cell {
	all := m.paces(e, m.of())
	cells := []component.Cell{{Text: " Drain, ETA", Tok: theme.Muted}}
	for _, p := range all {
		cells = append(cells, component.Cell{Text: "   " + p.over + ":", Tok: theme.Muted},
			component.Cell{Text: " " + cmp.Or(p.drain, e.Theme.Glyphs.Unknown) + ", " + cell.Horizon(e.Theme, p.eta)})
	}
	return cells
}

// paceFacts are the pace for the overview.
func (m *Model) paceFacts(e *pane.Env, s *sheet) {
	var drains, horizons []string
	for _, p := range m.paces(e, nil) {
		if p.drain != "" {
			drains = append(drains, p.drain+" ("+p.over+")")
		}
		horizons = append(horizons, cell.Horizon(e.Theme, p.eta)+" ("+p.over+")")
	}
	s.fact("Drain", strings.Join(drains, ", "), theme.Text)
	s.fact("Caught up in", strings.Join(horizons, ", "), theme.Text)
}
