// Package chart draws series over time as lines and areas of braille dots, or of letters where the theme
// has ASCII alone. It draws an exact size, knows no cluster and reads no clock.
package chart

import (
	"math"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/theme"
	"lagtop/ui/component"
)

// Gutter is how many cells the values beside a chart take.
const Gutter = 6

// Series is one value a dot column, oldest first. Line and Fill make it known without colours; with both
// it is filled only while the scale begins at 0.
type Series struct {
	Name   string // plain and safe, for the legend
	Tok    theme.Token
	Line   bool
	Fill   bool
	Values []kafka.Known[float64] // as many as the axis has columns
}

// Chart is some series on one scale.
type Chart struct {
	Title  string // plain and safe, begins the legend
	Series []Series
	Word   func(float64) string // words the newest values in the legend
	Least  float64              // what the scale holds at least
	// Float lets the scale begin above 0 when every value is above Float; 0 never.
	Float float64
	// Axis tells how old the newest values are; nil: not at all.
	Axis *Axis
}

// View draws the legend and the plot: h lines of exactly w cells. The time below is Axis.View.
func (c *Chart) View(th *theme.Theme, w, h int) []string {
	if h <= 0 {
		return nil
	}
	lines := make([]string, 0, h)
	lines = append(lines, component.Line(th, c.legend(th), w))
	if h > 1 {
		lines = append(lines, c.plot(th, w, h-1)...)
	}
	return lines
}

// legend names each series after a piece of it, with its newest value.
func (c *Chart) legend(th *theme.Theme) []component.Cell {
	cells := []component.Cell{{Text: " " + c.Title, Tok: theme.Header}}
	for i := range c.Series {
		s := &c.Series[i]
		cells = append(cells, component.Cell{Text: "  "}, component.Cell{Text: s.sample(th), Tok: s.Tok},
			component.Cell{Text: " " + s.Name + " "}, c.newest(th, s))
	}
	return cells
}

// newest is the last known value, with its age when it is not that of now.
func (c *Chart) newest(th *theme.Theme, s *Series) component.Cell {
	last := lastKnown(s.Values)
	if last < 0 {
		return component.Cell{Text: th.Glyphs.Unknown}
	}
	text := c.Word(s.Values[last].V)
	if old := c.Axis.since(last); old > 0 {
		return component.Cell{Text: text + " " + human.Duration(old) + " ago", Tok: theme.Stale}
	}
	return component.Cell{Text: text}
}

func lastKnown(vs []kafka.Known[float64]) int {
	for i := len(vs) - 1; i >= 0; i-- {
		if number(vs[i]) {
			return i
		}
	}
	return -1
}

// number tells whether a value can be drawn.
func number(v kafka.Known[float64]) bool { return v.OK && math.Abs(v.V) < 1e30 }

// sample is what a series looks like, two cells wide.
func (s *Series) sample(th *theme.Theme) string {
	g := newGrid(th, 2, 1)
	half := []kafka.Known[float64]{kafka.Some(0.5), kafka.Some(0.5), kafka.Some(0.5), kafka.Some(0.5)}
	g.draw(0, &Series{Line: s.Line, Fill: s.Fill, Values: half}, scale{top: 1})
	return g.text(0, 0, 2)
}

// plot draws the scale and the series in h lines.
func (c *Chart) plot(th *theme.Theme, w, h int) []string {
	sc := c.scale()
	g := newGrid(th, max(w-Gutter, 0), h)
	for _, lines := range []bool{false, true} { // lines stay on top of areas
		for i := range c.Series {
			if c.Series[i].Line == lines {
				g.draw(i, &c.Series[i], sc)
			}
		}
	}
	out := make([]string, h)
	for y := range out {
		out[y] = component.Exact(c.mark(th, sc, y, h)+g.row(th, c.Series, y), max(w, 0))
	}
	return out
}

// mark is what stands beside a line of the plot: the scale's ends and, where there is room, its middle.
func (c *Chart) mark(th *theme.Theme, sc scale, y, h int) string {
	text := ""
	switch {
	case y == 0:
		text = short(sc.top)
	case y == h-1:
		text = short(sc.base)
	case h >= 5 && y == h/2:
		text = short((sc.top + sc.base) / 2)
	}
	rule := th.Glyphs.Vertical
	if text != "" {
		rule = th.Glyphs.TeeRight
	}
	return th.Render(theme.Muted, component.Fit(text, Gutter-1, true)+rule)
}

func (c *Chart) scale() scale {
	low, high, any := 0.0, 0.0, false
	for i := range c.Series {
		for _, v := range c.Series[i].Values {
			if !number(v) {
				continue
			}
			x := max(v.V, 0)
			if !any {
				low, high, any = x, x, true
			}
			low, high = min(low, x), max(high, x)
		}
	}
	if c.Float <= 0 || low <= c.Float {
		low = 0
	}
	return scaleOf(low, max(high, c.Least))
}
