package parts

import (
	"time"

	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/component/chart"
	"lagtop/ui/pane"
)

// least is the lowest chart worth drawing: a legend and four lines.
const least = 5

// Charts draws charts above each other with one time below. Charts that have no room are left out, the
// last ones first.
func Charts(th *theme.Theme, a *chart.Axis, w, h int, all ...*chart.Chart) []string {
	room := max(h-1, 0)
	for len(all) > 1 && room/len(all) < least {
		all = all[:len(all)-1]
	}
	var lines []string
	for i, c := range all {
		c.Axis = a
		lines = append(lines, c.View(th, w, (room-len(lines))/(len(all)-i))...)
	}
	if h > 0 {
		lines = append(lines, a.View(th, w))
	}
	return lines
}

// Drawn keeps what was drawn for as long as nothing changes that it was drawn from.
type Drawn[K comparable] struct {
	key   drawnKey[K]
	lines []string
}

type drawnKey[K comparable] struct {
	what   K
	poll   uint32
	at     time.Time
	theme  *theme.Theme
	window Window
	w, h   int
}

// View is what draw draws on the axis of the newest poll. It is asked again only when the poll, the size,
// the theme, the window or what is drawn differs.
func (d *Drawn[K]) View(e *pane.Env, what K, window Window, w, h int, draw func(a *chart.Axis) []*chart.Chart) []string {
	key := drawnKey[K]{what: what, at: e.Snapshot.At, theme: e.Theme, window: window, w: w, h: h}
	if e.History != nil {
		if at, poll := e.History.Newest(); poll > 0 {
			key.at, key.poll = at, poll
		}
	}
	if d.lines == nil || d.key != key {
		a := chart.Span(e.Theme, key.at.In(e.Snapshot.At.Location()), window.Duration(), w)
		d.key, d.lines = key, Charts(e.Theme, &a, w, h, draw(&a)...)
	}
	return append([]string(nil), d.lines...)
}

// Note is the line above a chart: what it shows, its windows, and what else there is to choose.
func (w Window) Note(th *theme.Theme, what, more string) []component.Cell {
	cells := append([]component.Cell{{Text: " "}}, w.Cells(th)...)
	return append(cells, component.Cell{Text: "  " + what, Tok: theme.Accent}, component.Cell{Text: more, Tok: theme.Muted})
}

// Forget lets the next View draw in any case.
func (d *Drawn[K]) Forget() { d.lines = nil }
