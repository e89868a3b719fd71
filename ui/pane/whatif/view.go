package whatif

import (
	"strconv"
	"strings"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/lag"
	"lagtop/kafka/safe"
	"lagtop/kafka/whatif"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
)

const (
	controlsWidth = 40
	bandLines     = 8
	headLines     = bandLines + 1
	sumName       = 12
	sumValue      = 9
)

// View draws the controls with the sums beside them, and below the part that is chosen.
func (m *Model) View(e *pane.Env, w, h int, _ bool) []string {
	switch {
	case e.Snapshot.Seq == 0:
		return cell.Message(e.Theme, cell.Waiting, w, h)
	case m.group == nil:
		return cell.Message(e.Theme, "group "+cell.Name(m.name)+" is gone", w, h)
	}
	lines := make([]string, 0, h)
	left, right := m.controls(e), m.sums(e, w-controlsWidth)
	for y := range bandLines {
		cells := []component.Cell{{Text: strings.Repeat(" ", controlsWidth)}}
		if y < len(left) && left[y] != nil {
			cells = left[y]
		}
		if y < len(right) {
			cells = append(cells, right[y]...)
		}
		lines = append(lines, component.Line(e.Theme, cells, w))
	}
	lines = append(lines, component.Line(e.Theme, m.tabs(), w))
	for _, cells := range m.body(e, w, max(h-headLines, 0)) {
		lines = append(lines, component.Line(e.Theme, cells, w))
	}
	for len(lines) < h {
		lines = append(lines, component.Line(e.Theme, nil, w))
	}
	return lines[:max(h, 0)]
}

// controls are the lines of what can be changed.
func (m *Model) controls(e *pane.Env) [][]component.Cell {
	g := &e.Theme.Glyphs
	n, more := len(m.group.Members), m.change.Members
	partitions, of := e.Theme.Glyphs.Unknown, 0
	if t := e.Snapshot.Topic(m.change.Topic); t != nil {
		partitions, of = strconv.Itoa(len(t.Partitions)), len(t.Partitions)
	}
	assignor := string(m.asked())
	if m.change.Assignor == "" {
		if _, known := whatif.Present(m.group); !known {
			assignor += " ?"
		}
	}
	var out [][]component.Cell
	add := func(name, value string, changed bool) {
		tok, mark := theme.Text, "   "
		if changed {
			tok = theme.Marked
		}
		if len(out) == m.field {
			mark = " " + g.Cursor + " "
		}
		line := []component.Cell{{Text: mark, Tok: theme.Accent}, {Text: component.Fit(name, 11, false), Tok: theme.Muted}, {Text: g.Left + " ", Tok: theme.Key}}
		room := controlsWidth - 3 - 11 - 2 - 3
		value = safe.CutTail(value, room, g.Ellipsis)
		line = append(line, component.Cell{Text: value, Tok: tok}, component.Cell{Text: " " + g.Right, Tok: theme.Key})
		out = append(out, append(line, component.Cell{Text: strings.Repeat(" ", room-safe.Width(value)+1)}))
	}
	add("Members", step(e, strconv.Itoa(n), n, more), more != 0)
	add("Assignor", assignor, m.change.Assignor != "")
	add("Topic", cell.Name(m.change.Topic), false)
	add("Partitions", step(e, partitions, of, m.change.Partitions), m.change.Partitions != 0)
	add("Look at", m.look(g.Unknown), false)
	help := "   " + g.Up + " " + g.Down + " choose  " + g.Left + " " + g.Right + " change"
	return append(out, nil, []component.Cell{{Text: component.Fit(help, controlsWidth, false), Tok: theme.Muted}})
}

func step(e *pane.Env, is string, n, more int) string {
	if more == 0 {
		return is
	}
	return is + " " + e.Theme.Glyphs.Arrow + " " + strconv.Itoa(n+more)
}

// look says which partitions the matrix shows.
func (m *Model) look(none string) string {
	if m.result == nil || len(m.result.Partitions) == 0 {
		return none
	}
	n := len(m.result.Partitions)
	to := n
	if m.shown > 0 {
		to = min(m.shift+m.shown, n)
	}
	return strconv.Itoa(m.shift+1) + " to " + strconv.Itoa(to) + " of " + strconv.Itoa(n)
}

// sums compares the group before and after. Remarks that do not fit are left out.
func (m *Model) sums(e *pane.Env, w int) [][]component.Cell {
	r, th := m.result, e.Theme
	if r == nil {
		return nil
	}
	b, a := &r.Before, &r.After
	// With nothing changed for a member its numbers are measured.
	approx := r.Change.Members != 0 || r.Change.Partitions != 0 || len(r.Moves) > 0
	out := [][]component.Cell{{{Text: component.Fit("", sumName, false)}, {Text: component.Fit("BEFORE", sumValue, true) + component.Fit("AFTER", sumValue, true), Tok: theme.Header}}}
	add := func(name, before, after, note string, tok theme.Token) {
		if safe.Width(note) > w-sumName-2*sumValue-2 {
			note = ""
		}
		out = append(out, []component.Cell{
			{Text: component.Fit(name, sumName, false), Tok: theme.Muted}, {Text: component.Fit(before, sumValue, true)},
			{Text: component.Fit(after, sumValue, true), Tok: tok}, {Text: "  " + note, Tok: theme.Muted},
		})
	}
	add("members", strconv.Itoa(b.Members), strconv.Itoa(a.Members), idle(a), warn(a.Idle > b.Idle))
	add("each has", span(b), span(a), "partitions", warn(a.Most-a.Least > b.Most-b.Least))
	add("most lag", cell.Total(th, b.MostLag), cell.Total(th, a.MostLag), "of a member", warn(a.MostLag.V > b.MostLag.V))
	add("all lag", cell.Total(th, b.Lag), cell.Total(th, a.Lag), "a member "+mean(th, b, a), theme.Text)
	add("drain", perSecond(th, b.Drain, false), perSecond(th, a.Drain, approx), m.basis(), warn(a.Drain.OK && a.Drain.V < 0))
	add("lag is gone", cell.Horizon(th, b.ETA), about(th, a.ETA, approx), "", warn(a.ETA == lag.Never))
	add("moved", "", strconv.Itoa(r.Moved), "of "+human.Plural(len(r.Partitions), "partition"), theme.Text)
	return out
}

func warn(bad bool) theme.Token {
	if bad {
		return theme.Lagging
	}
	return theme.Text
}

func idle(b *whatif.Balance) string {
	if b.Idle == 0 {
		return ""
	}
	return strconv.Itoa(b.Idle) + " idle"
}

// basis says in few words what drain and ETA rest on.
func (m *Model) basis() string {
	if c := m.result.Capacity; c.OK {
		return "a member reads " + human.Rate(c.V)
	}
	return "none reads a backlog: unknown"
}

// mean is the lag of a member on average before and after.
func mean(th *theme.Theme, b, a *whatif.Balance) string {
	of := func(b *whatif.Balance) string {
		if b.Members == 0 {
			return th.Glyphs.Unknown
		}
		return cell.Total(th, b.MeanLag())
	}
	if of(b) == of(a) {
		return of(b)
	}
	return of(b) + th.Glyphs.Arrow + of(a)
}

func span(b *whatif.Balance) string {
	if b.Least == b.Most {
		return strconv.Itoa(b.Most)
	}
	return strconv.Itoa(b.Least) + " to " + strconv.Itoa(b.Most)
}

func perSecond(th *theme.Theme, v kafka.Known[float64], approx bool) string {
	switch {
	case !v.OK:
		return th.Glyphs.Unknown
	case approx:
		return th.Glyphs.Approx + human.Rate(v.V)
	}
	return human.Rate(v.V)
}

func about(th *theme.Theme, h lag.Horizon, approx bool) string {
	if s := cell.Horizon(th, h); approx && h.Duration().OK && h != lag.Now {
		return th.Glyphs.Approx + s
	}
	return cell.Horizon(th, h)
}

func (m *Model) tabs() []component.Cell {
	cells := []component.Cell{{Text: " "}}
	for i, name := range partNames {
		tok := theme.Muted
		if i == m.part {
			tok = theme.Selected
		}
		cells = append(cells, component.Cell{Text: " " + name + " ", Tok: tok}, component.Cell{Text: " "})
	}
	return append(cells, component.Cell{Text: " tab: next part", Tok: theme.Muted})
}

// body is the part that is chosen, scrolled, in at most h lines.
func (m *Model) body(e *pane.Env, w, h int) [][]component.Cell {
	var head, all, foot [][]component.Cell
	switch {
	case m.result == nil:
		for _, l := range cell.Wrap(safe.Line(m.err.Error()), max(w-2, 1)) {
			all = append(all, []component.Cell{{Text: " " + l, Tok: theme.Lagging}})
		}
	case m.part == partMatrix:
		head, all, foot = m.matrix(e, w)
	case m.part == partMoves:
		all = m.moves(e.Theme)
	default:
		all = m.rests(e, w)
	}
	m.lines, m.rows = len(all), max(h-len(head)-len(foot), 0)
	m.scroll(0)
	rest := all[m.top:min(m.top+m.rows, len(all))]
	if n := len(all) - m.top - m.rows; n > 0 && len(rest) > 1 {
		rest = append(rest[:len(rest)-1:len(rest)-1], []component.Cell{{Text: "   and " + strconv.Itoa(n+1) + " more, pgdn", Tok: theme.Muted}})
	}
	return append(append(head, rest...), foot...)
}
