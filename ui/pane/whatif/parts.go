package whatif

import (
	"strconv"
	"strings"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/rebalance"
	"lagtop/kafka/safe"
	"lagtop/kafka/whatif"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
)

// owner is a member as people know it.
func owner(i rebalance.Identity) string {
	if i == (rebalance.Identity{}) {
		return "nobody"
	}
	return cell.Owner(&kafka.Member{ID: i.ID, ClientID: i.ClientID, Host: i.Host, InstanceID: i.InstanceID})
}

// matrix is who has which partition before and after: the lines above the rows, the rows, and the line below.
func (m *Model) matrix(e *pane.Env, w int) (head, rows, foot [][]component.Cell) {
	th, name, g := e.Theme, 26, &e.Theme.Glyphs
	if w < 100 {
		name = 18
	}
	const parts, lags, etas = 7, 11, 9
	at := name + parts + lags + etas + 4
	m.shown = m.fits(w - at)
	head = append(head, m.topicNames(th, at), []component.Cell{{
		Text: " " + component.Fit("CONSUMER", name-1, false) + component.Fit("PARTS", parts, true) + component.Fit("LAG", lags+1, true) +
			component.Fit("GONE IN", etas+1, true) + "  " + m.grid(func(i int) string { return strconv.Itoa(int(m.result.Partitions[i].Partition % 10)) }),
		Tok: theme.Header,
	}})
	for i := range m.result.Members {
		mb := &m.result.Members[i]
		sign, tok := " ", theme.Text
		if mb.New {
			sign, tok = "+", theme.Good
		} else if mb.Leaves {
			sign, tok = "-", theme.Lagging
		}
		pair := func(a, b string, cells int) string {
			return component.FitTail(both(th, a, b, mb), cells, true, th.Glyphs.Ellipsis)
		}
		rows = append(rows, []component.Cell{
			{Text: sign, Tok: tok}, {Text: component.FitTail(owner(mb.Identity), name-1, false, th.Glyphs.Ellipsis), Tok: theme.Accent},
			{Text: pair(strconv.Itoa(mb.Before.Partitions), strconv.Itoa(mb.After.Partitions), parts)},
			{Text: " " + pair(cell.Total(th, mb.Before.Lag), cell.Total(th, mb.After.Lag), lags), Tok: theme.Text},
			{Text: " " + pair(cell.Horizon(th, mb.Before.ETA), cell.Horizon(th, mb.After.ETA), etas), Tok: theme.Text},
			{Text: "  " + m.grid(func(p int) string { return m.sign(th, i, p) })},
		})
	}
	if n := &m.result.Nobody; n.Before.Partitions+n.After.Partitions > 0 {
		rows = append(rows, []component.Cell{
			{Text: " " + component.Fit("no consumer", name-1, false), Tok: theme.Muted},
			{Text: component.FitTail(both(th, strconv.Itoa(n.Before.Partitions), strconv.Itoa(n.After.Partitions), n), parts, true, g.Ellipsis)},
			{Text: " " + component.FitTail(both(th, cell.Total(th, n.Before.Lag), cell.Total(th, n.After.Lag), n), lags, true, g.Ellipsis)},
			{Text: strings.Repeat(" ", etas+3) + m.grid(func(p int) string { return m.sign(th, -1, p) })},
		})
	}
	return head, rows, [][]component.Cell{{{Text: " " + g.Radio + " stays  " + g.Marked + " comes  " + g.RadioOff + " goes  " + g.Dot + " not its own", Tok: theme.Muted}}}
}

// both is a value before and after, one where they are the same.
func both(th *theme.Theme, a, b string, mb *whatif.Member) string {
	switch {
	case mb.New:
		return b
	case mb.Leaves:
		return a
	case a == b:
		return a
	}
	return a + th.Glyphs.Arrow + b
}

func (m *Model) sign(th *theme.Theme, member, partition int) string {
	p := &m.result.Partitions[partition]
	switch {
	case p.New && member < 0:
		return th.Glyphs.Dot
	case p.From == member && p.To == member:
		return th.Glyphs.Radio
	case p.To == member:
		return th.Glyphs.Marked
	case p.From == member:
		return th.Glyphs.RadioOff
	}
	return th.Glyphs.Dot
}

// fits is how many partitions have room, a blank between topics counted.
func (m *Model) fits(cells int) int {
	ps := m.result.Partitions
	n := 0
	for i := m.shift; i < len(ps); i++ {
		if i > m.shift && ps[i].Topic != ps[i-1].Topic {
			cells--
		}
		if cells--; cells < 0 {
			break
		}
		n++
	}
	return n
}

// grid writes one cell for each partition on screen, with a blank between topics.
func (m *Model) grid(of func(i int) string) string {
	var b strings.Builder
	ps := m.result.Partitions
	for i := m.shift; i < min(m.shift+m.shown, len(ps)); i++ {
		if i > m.shift && ps[i].Topic != ps[i-1].Topic {
			b.WriteByte(' ')
		}
		b.WriteString(of(i))
	}
	return b.String()
}

// topicNames stand above the grid, each as far as its partitions reach, the last one as far as there is room.
func (m *Model) topicNames(th *theme.Theme, at int) []component.Cell {
	cells := []component.Cell{{Text: strings.Repeat(" ", at)}}
	ps := m.result.Partitions
	for i := m.shift; i < min(m.shift+m.shown, len(ps)); {
		from := i
		for i++; i < min(m.shift+m.shown, len(ps)) && ps[i].Topic == ps[from].Topic; i++ {
		}
		name := safe.Line(ps[from].Topic)
		if i < min(m.shift+m.shown, len(ps)) {
			name = component.FitTail(name, i-from, false, th.Glyphs.Ellipsis) + " "
		}
		cells = append(cells, component.Cell{Text: name, Tok: theme.Muted})
	}
	return cells
}

// moves is which partition goes from whom to whom.
func (m *Model) moves(th *theme.Theme) [][]component.Cell {
	if len(m.result.Moves) == 0 {
		return [][]component.Cell{{{Text: " nothing moves", Tok: theme.Muted}}}
	}
	var out [][]component.Cell
	for _, mv := range m.result.Moves {
		out = append(out, []component.Cell{
			{Text: " " + component.FitTail(cell.Partition(mv.TopicPartition), 24, false, th.Glyphs.Ellipsis) + " ", Tok: theme.Accent},
			{Text: owner(mv.From) + " " + th.Glyphs.Arrow + " " + owner(mv.To)},
		})
	}
	return out
}

// rests says what the numbers rest on, and how to make it so.
func (m *Model) rests(e *pane.Env, w int) [][]component.Cell {
	var out [][]component.Cell
	text := func(first, text string, tok theme.Token) {
		for i, l := range cell.Wrap(text, max(w-4, 1)) {
			if i > 0 {
				first = "   "
			}
			out = append(out, []component.Cell{{Text: first, Tok: theme.Muted}, {Text: l, Tok: tok}})
		}
	}
	for _, n := range m.result.Notes {
		text(" "+e.Theme.Glyphs.Dot+" ", safe.Line(n), theme.Text)
	}
	steps := m.result.Steps(e.Snapshot.Cluster.Bootstrap)
	if len(steps) == 0 {
		return out
	}
	out = append(out, nil, []component.Cell{{Text: " For real (nothing of it is done from here):", Tok: theme.Header}})
	for _, s := range steps {
		text(" "+e.Theme.Glyphs.Arrow+" ", safe.Line(s.What), theme.Text)
		if s.Command != "" {
			text("   ", safe.Line(s.Command), theme.Key)
		}
	}
	return out
}

// Copy is what was asked and what comes of it, as text.
func (m *Model) Copy(e *pane.Env) string {
	if m.result == nil {
		return ""
	}
	var b strings.Builder
	write := func(lines [][]component.Cell) {
		for _, cells := range lines {
			var l strings.Builder
			for _, c := range cells {
				l.WriteString(c.Text)
			}
			b.WriteString(strings.TrimRight(l.String(), " ") + "\n")
		}
	}
	title, _ := m.Head(e)
	b.WriteString(title + ", " + human.Plural(m.result.After.Members, "member") + ", " + string(m.result.Change.Assignor) + "\n")
	write(m.sums(e, 200))
	write(m.moves(e.Theme))
	write(m.rests(e, 200))
	return b.String()
}
