package component

import (
	"time"

	"lagtop/theme"
)

// Tool is a key of a Review that does something and leaves it open.
type Tool struct {
	ID    string // for the caller
	Key   string // one letter; pressed with ctrl where a text is to be typed
	Label string // what it does, in two words
}

// Review is a dialog about rows, which stand between its body and its command. The arrows go through them;
// enter on a row is the first tool. The header of the rows stays in sight, and one row is always chosen.
type Review struct {
	Dialog
	Head  []Cell
	Rows  [][]Cell // in columns with Head, as Align makes them
	Tools []Tool

	row    int
	follow bool // the chosen row has to come into sight
}

// onRows is the focus of a Review whose rows have it.
const onRows = -1

// Row is the chosen row.
func (r *Review) Row() int { return min(max(r.row, 0), max(len(r.Rows)-1, 0)) }

// Renew takes over other content. What was typed is forgotten, and the way back is chosen unless the rows
// have the focus; the place stays.
func (r *Review) Renew(d Dialog) {
	d.scroll = r.scroll
	if r.focus == onRows {
		d.focus = onRows
	}
	r.Dialog = d
	r.follow = true
}

// Update is Dialog.Update; the key of a tool answers the tool's ID and leaves the review open.
func (r *Review) Update(key string, now time.Time) (Choice, bool) {
	if r.guarded(now) {
		return Choice{}, false
	}
	if key == "enter" && r.focus == onRows {
		if len(r.Tools) > 0 {
			return Choice{ID: r.Tools[0].ID}, false
		}
		return Choice{}, false
	}
	for _, t := range r.Tools {
		if key == r.letter(t.Key) {
			return Choice{ID: t.ID}, false
		}
	}
	switch {
	case r.move(key):
		return Choice{}, false
	case r.focus == onRows && (key == "tab" || key == "shift+tab" || key == "left" || key == "right"):
		r.focus = 0
		return Choice{}, false
	}
	return r.Dialog.Update(key, now)
}

// move goes through the rows. From a choice, the first key only goes to them. At their ends it scrolls to what
// is above and below.
func (r *Review) move(key string) bool {
	page := max(r.scroll.rows-4, 1)
	by, known := map[string]int{"up": -1, "down": 1, "pgup": -page, "pgdown": page, "home": -len(r.Rows), "end": len(r.Rows)}[key]
	if !known || len(r.Rows) == 0 {
		return false
	}
	to := r.row + by
	switch {
	case r.focus != onRows:
		r.focus, r.follow = onRows, true
	case r.row == 0 && to < 0, r.row == len(r.Rows)-1 && to >= len(r.Rows):
		r.scroll.offset += by
		r.scroll.clamp()
	default:
		r.row, r.follow = min(max(to, 0), len(r.Rows)-1), true
	}
	return true
}

// View draws the review in a box that fits into w by h cells, for Overlay.
func (r *Review) View(th *theme.Theme, w, h int) []string {
	wide := max(r.wants(), lineWidth(r.Head))
	for _, l := range r.Rows {
		wide = max(wide, lineWidth(l))
	}
	bw := min(max(wide+4, 36), w, 110)
	in := bw - 4
	r.extra = nil
	for _, t := range r.Tools {
		r.extra = append(r.extra, Cell{"  " + r.letter(t.Key), theme.Key}, Cell{" " + t.Label, theme.Muted})
	}
	foot := r.foot(th, in)
	lines, head, from, to := r.content(th, in)
	rows := min(len(lines), max(h-2-len(foot), 0))
	spare := h - 2 - len(foot) - rows
	r.scroll.rows, r.scroll.total = rows, len(lines)
	if r.follow {
		r.follow = false
		r.scroll.show(to)
		r.scroll.show(from - 1) // the header stands in the line above
	}
	out := r.scroll.view(th, lines, in, rows)
	if head <= r.scroll.offset && r.scroll.offset > 0 && rows > 3 {
		out[1] = lines[head]
	}
	if spare > 0 {
		out = append(out, blanks(in))
	}
	out = append(out, foot...)
	return r.box(th, out, bw, min(len(out)+2, h))
}

// content are all lines, that of the header, and those of the chosen row.
func (r *Review) content(th *theme.Theme, w int) (lines []string, head, from, to int) {
	add := func(cells []Cell) {
		for _, part := range wrap(cells, w) {
			lines = append(lines, Line(th, part, w))
		}
	}
	for _, l := range r.Body {
		add(l)
	}
	head = len(lines)
	if len(r.Rows) > 0 {
		lines = append(lines, Line(th, r.Head, w))
	}
	look := theme.SelectedIdle
	if r.focus == onRows {
		look = theme.Selected
	}
	for i, l := range r.Rows {
		if i != r.Row() {
			add(l)
			continue
		}
		from = len(lines)
		chosen := make([]Cell, len(l))
		for k, c := range l {
			chosen[k] = Cell{c.Text, look}
		}
		add(chosen)
		to = len(lines) - 1
	}
	for _, l := range r.command(w) {
		add(l)
	}
	return lines, head, from, to
}
