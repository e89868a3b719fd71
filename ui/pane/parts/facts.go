package parts

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka/explain"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/component"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
)

// factWidth is how wide the names of facts are.
const factWidth = 18

// Facts is a page of lines "name  value". Its lines are what was added since the last Clear.
type Facts struct {
	Ref   func(name string) explain.Ref // what a fact is, for an explanation; nil: none can be explained
	lines [][]component.Cell
	top   int
	rows  int // of the last View
}

// Clear removes all lines; the page stays scrolled.
func (f *Facts) Clear() { f.lines = f.lines[:0] }

// Add appends a fact, its text plain and safe. One without text is left out.
func (f *Facts) Add(name, text string, tok theme.Token) {
	if text != "" {
		f.lines = append(f.lines, []component.Cell{{Text: " " + component.Fit(name, factWidth, false), Tok: theme.Muted}, {Text: text, Tok: tok}})
	}
}

// Cells implements pane.Explainer: the facts are its cells.
func (f *Facts) Cells(*pane.Env) []pane.CellRef {
	var out []pane.CellRef
	for _, l := range f.lines {
		if f.Ref != nil && len(l) > 1 {
			out = append(out, cell.Ref(l[0].Text, l[1].Text, f.Ref(strings.TrimSpace(l[0].Text))))
		}
	}
	return out
}

// Blank appends an empty line.
func (f *Facts) Blank() { f.lines = append(f.lines, nil) }

// View draws the facts on screen.
func (f *Facts) View(e *pane.Env, w, h int, _ bool) []string {
	f.rows = max(h, 0)
	f.scroll(0)
	out := make([]string, f.rows)
	for y := range out {
		var cells []component.Cell
		if i := f.top + y; i < len(f.lines) {
			cells = f.lines[i]
		}
		out[y] = component.Line(e.Theme, cells, w)
	}
	return out
}

// Do scrolls.
func (f *Facts) Do(_ *pane.Env, id command.ID) (tea.Cmd, bool) {
	switch id {
	case command.Up:
		f.scroll(-1)
	case command.Down:
		f.scroll(1)
	case command.PageUp:
		f.scroll(-max(f.rows-1, 1))
	case command.PageDown:
		f.scroll(max(f.rows-1, 1))
	case command.First:
		f.scroll(-len(f.lines))
	case command.Last:
		f.scroll(len(f.lines))
	default:
		return nil, false
	}
	return nil, true
}

func (f *Facts) scroll(by int) { f.top = min(max(f.top+by, 0), max(len(f.lines)-f.rows, 0)) }

// Click does nothing.
func (f *Facts) Click(*pane.Env, int, int) {}

// Wheel scrolls.
func (f *Facts) Wheel(_ *pane.Env, rows int) { f.scroll(rows) }
