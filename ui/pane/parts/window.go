package parts

import (
	"time"

	"lagtop/kafka/human"
	"lagtop/theme"
	"lagtop/ui/component"
)

// windows are what a chart can show, shortest first.
var windows = [...]time.Duration{2 * time.Minute, 15 * time.Minute, 2 * time.Hour}

// Window is the time that a chart shows. The zero Window is the shortest.
type Window struct{ at int }

// Fit is the shortest window that holds so much of the past, or more than half of it.
func Fit(span time.Duration) Window {
	at := 0
	for at < len(windows)-1 && span > windows[at]*3/2 {
		at++
	}
	return Window{at}
}

// Duration is how long it is.
func (w Window) Duration() time.Duration { return windows[w.at] }

// Move takes the next longer window, or the next shorter one below 0.
func (w *Window) Move(by int) { w.at = min(max(w.at+by, 0), len(windows)-1) }

// Cells names the windows with the chosen one marked.
func (w Window) Cells(th *theme.Theme) []component.Cell {
	cells := []component.Cell{{Text: th.Glyphs.Left, Tok: theme.Key}}
	for i, d := range windows {
		tok := theme.Muted
		if i == w.at {
			tok = theme.Selected
		}
		cells = append(cells, component.Cell{Text: " " + human.Duration(d) + " ", Tok: tok})
	}
	return append(cells, component.Cell{Text: th.Glyphs.Right, Tok: theme.Key})
}
