package timeline

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka/timeline"
	"lagtop/ui/command"
	"lagtop/ui/component"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
)

// Detail is one rebalance in full. While it goes on, or more becomes known of it, it follows.
type Detail struct {
	r       timeline.Rebalance
	version uint64
	top     int // first line on screen
	lines   int // in all, as last drawn
	rows    int // of the last View
}

// NewDetail is the detail of a rebalance.
func NewDetail(r *timeline.Rebalance) *Detail { return &Detail{r: *r} }

// Place is where the pane's commands apply.
func (d *Detail) Place() command.Place { return command.RebalanceDetail }

// Head is the group, when it happened and how its generation or epoch went on.
func (d *Detail) Head(e *pane.Env) (title, note string) {
	return "Rebalance of " + cell.Name(d.r.Group), cell.Dotted(e.Theme, generations(&d.r)+" "+steps(e.Theme, &d.r), full(e.Now, d.r.When()))
}

// Refresh takes over what has become known since.
func (d *Detail) Refresh(e *pane.Env) {
	if e.Timeline == nil || e.Timeline.Version() == d.version {
		return
	}
	d.version = e.Timeline.Version()
	for _, r := range e.Timeline.Group(d.r.Group) {
		if r.ID == d.r.ID {
			d.r = r
		}
	}
}

// View draws the lines on screen.
func (d *Detail) View(e *pane.Env, w, h int, _ bool) []string {
	lines := write(e, &d.r)
	d.lines, d.rows = len(lines), max(h, 0)
	d.scroll(0)
	out := make([]string, 0, d.rows)
	for i := d.top; i < len(lines) && len(out) < d.rows; i++ {
		out = append(out, component.Line(e.Theme, lines[i], w))
	}
	for len(out) < d.rows {
		out = append(out, component.Line(e.Theme, nil, w))
	}
	return out
}

// Do scrolls.
func (d *Detail) Do(_ *pane.Env, id command.ID) (tea.Cmd, bool) {
	page := max(d.rows-1, 1)
	switch id {
	case command.Up:
		d.scroll(-1)
	case command.Down:
		d.scroll(1)
	case command.PageUp:
		d.scroll(-page)
	case command.PageDown:
		d.scroll(page)
	case command.First:
		d.scroll(-d.lines)
	case command.Last:
		d.scroll(d.lines)
	case command.Next, command.Prev, command.Left, command.Right: // one part, nothing to the side
	default:
		return nil, false
	}
	return nil, true
}

func (d *Detail) scroll(by int) { d.top = min(max(d.top+by, 0), max(d.lines-d.rows, 0)) }

// Click does nothing: there is nothing to select.
func (d *Detail) Click(*pane.Env, int, int) {}

// Wheel scrolls.
func (d *Detail) Wheel(_ *pane.Env, rows int) { d.scroll(rows) }

// Select leaves the focus alone.
func (d *Detail) Select(*pane.Focus) {}

// Copy is all lines as text.
func (d *Detail) Copy(e *pane.Env) string {
	var b strings.Builder
	for _, cells := range write(e, &d.r) {
		var l strings.Builder
		for _, c := range cells {
			l.WriteString(c.Text)
		}
		b.WriteString(strings.TrimRight(l.String(), " ") + "\n")
	}
	return b.String()
}
