package chart

import (
	"strings"
	"time"

	"lagtop/kafka/human"
	"lagtop/theme"
	"lagtop/ui/component"
)

// Axis is the time below a chart. It lies on absolute time and moves by pages of an eighth of the width,
// not with every sample: what was drawn stays where it is until the page is full, and a terminal has
// little to draw between two polls.
type Axis struct {
	From   time.Time     // the first dot column begins
	Step   time.Duration // of a dot column
	N      int           // dot columns
	Now    time.Time     // the newest sample
	Window time.Duration // is on the axis in any case

	cells int
}

// Span is the axis of a chart w cells wide that ends with the page of now.
func Span(th *theme.Theme, now time.Time, window time.Duration, w int) Axis {
	a := Axis{Now: now, Window: window, cells: max(w-Gutter, 0)}
	perCell := 1
	if th.Glyphs.Dots {
		perCell = 2
	}
	a.N = a.cells * perCell
	page := max(a.cells/8, 1)
	kept := int64(max(a.cells-page, 1) * perCell)
	a.Step = time.Duration((max(int64(window), kept) + kept - 1) / kept)
	long := int64(page*perCell) * int64(a.Step)
	right := (now.UnixNano()/long + 1) * long
	a.From = time.Unix(0, right-int64(a.N)*int64(a.Step)).In(now.Location())
	return a
}

// late is how old a newest value is at least to be called old.
const late = 6 * time.Second

// since is how long before now a column ends, 0 for one that is as good as now.
func (a *Axis) since(column int) time.Duration {
	if a == nil {
		return 0
	}
	age := a.Now.Sub(a.From.Add(time.Duration(column+1) * a.Step))
	if age < max(late, 3*a.Step) {
		return 0
	}
	return age
}

// cell is where on the plot a time stands.
func (a *Axis) cell(t time.Time) int {
	if a.cells == 0 || a.N == 0 {
		return 0
	}
	return int(t.Sub(a.From) / (a.Step * time.Duration(a.N/a.cells)))
}

// ticks are the times that may be written below, by how far apart they are.
var ticks = [...]time.Duration{
	10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute,
	30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

// apart is how many cells are between two times at least.
const apart = 14

// View draws the time: where the window begins and ends, and the clock between.
func (a *Axis) View(th *theme.Theme, w int) string {
	line := []byte(strings.Repeat(" ", a.cells))
	put := func(at int, text string) {
		if at >= 0 && at+len(text) <= a.cells && strings.TrimSpace(string(line[max(at-2, 0):min(at+len(text)+2, a.cells)])) == "" {
			copy(line[at:], text)
		}
	}
	ends := func(t time.Time, text string) { put(min(max(a.cell(t)-len(text)/2, 0), a.cells-len(text)), text) }
	ends(a.Now, "now")
	ends(a.Now.Add(-a.Window), "-"+human.Duration(a.Window))
	if a.N > 0 && a.cells > 0 {
		a.clock(put)
	}
	return component.Line(th, []component.Cell{{Text: strings.Repeat(" ", Gutter)}, {Text: string(line), Tok: theme.Muted}}, w)
}

// clock writes the times of day that are far enough apart, in the location of Now.
func (a *Axis) clock(put func(int, string)) {
	perCell := a.Step * time.Duration(a.N/a.cells)
	tick := ticks[len(ticks)-1]
	for i := len(ticks) - 1; i >= 0 && ticks[i] >= apart*perCell; i-- {
		tick = ticks[i]
	}
	layout := "15:04"
	if tick < time.Minute {
		layout = "15:04:05"
	}
	_, offset := a.Now.Zone()
	shift := time.Duration(offset) * time.Second
	end := a.From.Add(a.Step * time.Duration(a.N))
	for t := a.From.Add(shift).Truncate(tick).Add(tick - shift); t.Before(end); t = t.Add(tick) {
		put(a.cell(t)-len(layout)/2, t.Format(layout))
	}
}
