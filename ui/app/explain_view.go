package app

import (
	"fmt"

	"lagtop/kafka/explain"
	"lagtop/kafka/human"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
)

const (
	explainWide  = 112 // cells of the box at most
	explainHigh  = 26
	beside       = 100 // cells from which on the list stands beside the explanation
	explainLabel = 9
	stripValue   = 10 // cells of a value in the list above the explanation
	stripLines   = 5
)

func (b *explainBox) view(m *Model, w, h int) []string {
	bw, bh := min(w, explainWide), min(h, explainHigh)
	if w >= beside {
		bw = min(w-4, explainWide)
	}
	cells, at := b.cells(m)
	inner, rows := max(bw-2, 0), max(bh-2, 0)
	var body []string
	switch {
	case len(cells) == 0:
		b.lines, b.page = 0, rows
		body = []string{component.Line(m.theme, []component.Cell{{Text: " " + b.row.Place() + " is gone from this list", Tok: theme.Lagging}}, inner)}
	case w >= beside:
		body = b.side(m, cells, at, inner, rows)
	default:
		body = strip(m.theme, cells, at, inner, min(stripLines, max(rows/3, 1)))
		body = append(body, component.Line(m.theme, nil, inner))
		body = append(body, b.text(m, &cells[at], inner, max(rows-len(body), 0))...)
	}
	g := &m.theme.Glyphs
	return component.Frame(m.theme, "Where it comes from", g.Up+g.Down+" choose "+g.Dot+" esc close", true, bw, bh, body)
}

// side puts the list at the left and the explanation at the right.
func (b *explainBox) side(m *Model, cells []pane.CellRef, at, w, h int) []string {
	title, value := 0, 0
	for i := range cells {
		title, value = max(title, component.Width(cells[i].Title)), max(value, component.Width(cells[i].Value))
	}
	title, value = min(title, 16), min(value, 16)
	lw := title + value + 4
	text := b.text(m, &cells[at], w-lw-1, h)
	first := max(0, min(at-h/2, len(cells)-h))
	lines := make([]string, h)
	for y := range lines {
		left := component.Fit("", lw, false)
		if i := first + y; i < len(cells) {
			tok := theme.Text
			if i == at {
				tok = theme.Selected
			}
			c := &cells[i]
			left = m.theme.Render(tok, " "+m.fit(c.Title, title, false)+"  "+m.fit(c.Value, value, true)+" ")
		}
		lines[y] = left + m.theme.Render(theme.Border, m.theme.Glyphs.Vertical) + text[y]
	}
	return lines
}

func (m *Model) fit(text string, cells int, right bool) string {
	return component.FitTail(text, cells, right, m.theme.Glyphs.Ellipsis)
}

// strip is the list in at most so many lines; those around the chosen cell when there are more.
func strip(th *theme.Theme, cells []pane.CellRef, at, w, most int) []string {
	var lines [][]component.Cell
	var row []component.Cell
	used, here := 0, 0
	for i := range cells {
		text := " " + cells[i].Title
		if v := cells[i].Value; v != "" {
			text += " " + component.FitTail(v, min(component.Width(v), stripValue), false, th.Glyphs.Ellipsis)
		}
		c := component.Cell{Text: text + " ", Tok: theme.Muted}
		if n := component.Width(c.Text); used+n > w && used > 0 {
			lines, row, used = append(lines, row), nil, 0
		}
		if i == at {
			c.Tok, here = theme.Selected, len(lines)
		}
		row, used = append(row, c), used+component.Width(c.Text)
	}
	lines = append(lines, row)
	first := max(0, min(here-most/2, len(lines)-most))
	var out []string
	for _, l := range lines[first:min(first+most, len(lines))] {
		out = append(out, component.Line(th, l, w))
	}
	return out
}

// text is the explanation of a cell in exactly h lines of w cells.
func (b *explainBox) text(m *Model, c *pane.CellRef, w, h int) []string {
	e := explain.Of(m.world(), c.Ref)
	s := &explained{th: m.theme, w: max(w-2, 1)}
	s.heading(c, &e)
	s.sources(m, &e)
	s.quality(&e)
	for i, text := range e.Caveats {
		label := "beware"
		if i > 0 {
			label = ""
		}
		s.put(label, text, theme.Text)
	}
	b.lines, b.page = len(s.lines), h
	b.scroll(0)
	out := make([]string, h)
	for y := range out {
		var line []component.Cell
		if i := b.top + y; i < len(s.lines) {
			line = s.lines[i]
		}
		if left := b.lines - b.top - h; y == h-1 && left > 0 {
			line = []component.Cell{{Text: fmt.Sprintf("%s %d more lines, pgdn", m.theme.Glyphs.Down, left+1), Tok: theme.Key}}
		}
		out[y] = component.Line(m.theme, append([]component.Cell{{Text: " "}}, line...), w)
	}
	return out
}

// explained is an explanation while it is written.
type explained struct {
	th    *theme.Theme
	w     int
	lines [][]component.Cell
}

// put adds a paragraph beside its label.
func (s *explained) put(label, text string, tok theme.Token) {
	for _, l := range cell.Wrap(text, max(s.w-explainLabel, 10)) {
		s.lines = append(s.lines, []component.Cell{{Text: component.Fit(label, explainLabel, false), Tok: theme.Muted}, {Text: l, Tok: tok}})
		label = ""
	}
}

func (s *explained) heading(c *pane.CellRef, e *explain.Explanation) {
	head := c.Title
	if c.Value != "" {
		head += "  " + c.Value
	}
	for _, l := range cell.Wrap(head, s.w) {
		s.lines = append(s.lines, []component.Cell{{Text: l, Tok: theme.Title}})
	}
	s.put("what", e.Title, theme.Accent)
	s.put("", e.Meaning, theme.Text)
}

// sources says what gave the number and how old each part is.
func (s *explained) sources(m *Model, e *explain.Explanation) {
	for i := range e.Sources {
		src, label := &e.Sources[i], ""
		if i == 0 {
			label = "from"
		}
		text := src.Text
		if !src.At.IsZero() {
			text += ", " + human.Duration(m.env.Now.Sub(src.At)) + " ago"
		}
		if src.Old == "" {
			s.put(label, text, theme.Text)
			continue
		}
		s.put(label, text, theme.Stale)
		s.put("", s.th.Glyphs.Stale+" old: "+src.Old, theme.Danger)
	}
}

func (s *explained) quality(e *explain.Explanation) {
	g := &s.th.Glyphs
	sign, tok := g.OK, theme.Good
	switch e.Quality {
	case explain.Exact:
	case explain.Interpolated:
		sign, tok = g.Approx, theme.Info
	case explain.Bracketed:
		sign, tok = "<>", theme.Info
	case explain.AtLeast:
		sign, tok = g.AtLeast, theme.Lagging
	case explain.Unknown:
		sign, tok = g.Unknown, theme.Lagging
	case explain.Judged:
		sign, tok = g.Info, theme.Info
	case explain.Outdated:
		sign, tok = g.Stale, theme.Stale
	}
	text := sign + " " + e.Quality.String()
	if len(e.Why) > 0 {
		text += ": " + e.Why[0]
	}
	s.put("quality", text, tok)
	for _, why := range e.Why[min(1, len(e.Why)):] {
		s.put("", why, theme.Text)
	}
}
