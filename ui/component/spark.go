package component

import (
	"math"
	"strings"

	"lagtop/kafka"
	"lagtop/theme"
)

// Sparkline draws the newest values at the right end, one level a cell, as plain glyphs. Several values
// share a cell when there are more than cells; the cell then shows the highest. The scale begins at the
// lowest value and spans at least a tenth of the highest, so that noise on a large number looks flat.
func Sparkline(th *theme.Theme, vs []kafka.Known[float64], cells int) string {
	if cells <= 0 {
		return ""
	}
	g := &th.Glyphs
	low, high := bounds(vs)
	span := max(high-low, high/10)
	var b strings.Builder
	b.Grow(3 * cells)
	if len(vs) < cells {
		b.WriteString(strings.Repeat(g.SparkUnknown, cells-len(vs)))
		cells = len(vs)
	}
	for i := range cells {
		_, v := bounds(vs[i*len(vs)/cells : (i+1)*len(vs)/cells])
		switch {
		case v < 0:
			b.WriteString(g.SparkUnknown)
		case span <= 0:
			b.WriteString(g.Spark[0])
		default:
			top := len(g.Spark) - 1
			b.WriteString(g.Spark[min(max(int((v-low)/span*float64(top)+0.5), 0), top)])
		}
	}
	return b.String()
}

// bounds are the lowest and highest known values, which are never below 0; high is -1 when none is known.
func bounds(vs []kafka.Known[float64]) (low, high float64) {
	low, high = 0, -1
	for _, v := range vs {
		if !v.OK || math.IsNaN(v.V) || math.IsInf(v.V, 0) {
			continue
		}
		x := max(v.V, 0)
		if high < 0 {
			low, high = x, x
		}
		low, high = min(low, x), max(high, x)
	}
	return low, high
}

// Bar draws part of whole as plain glyphs. Any part above 0 shows at least one full cell, and only the
// whole shows no empty one.
func Bar(th *theme.Theme, part, whole float64, cells int) string {
	if cells <= 0 {
		return ""
	}
	full := 0
	switch {
	case !(part > 0) || !(whole > 0):
	case part >= whole:
		full = cells
	default:
		full = min(max(int(part/whole*float64(cells)+0.5), 1), max(cells-1, 1))
	}
	return strings.Repeat(th.Glyphs.BarFull, full) + strings.Repeat(th.Glyphs.BarEmpty, cells-full)
}
