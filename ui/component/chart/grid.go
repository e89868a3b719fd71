package chart

import (
	"math"
	"strings"

	"lagtop/kafka"
	"lagtop/theme"
)

// grid is w x h cells of dots: 2 x 4 in braille, else one.
type grid struct {
	w, h   int
	dx, dy int
	bits   []uint8 // by cell: braille dots, or lineBit and fillBit
	owner  []int8  // by cell: the series drawn last, -1 for none
}

const (
	fillBit uint8 = 1 << iota
	lineBit
	braille = 0x2800
)

// dots are the bits of a braille cell by row and column.
var dots = [4][2]uint8{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}

func newGrid(th *theme.Theme, w, h int) *grid {
	g := &grid{w: w, h: h, dx: 1, dy: 1, bits: make([]uint8, w*h), owner: make([]int8, w*h)}
	if th.Glyphs.Dots {
		g.dx, g.dy = 2, 4
	}
	for i := range g.owner {
		g.owner[i] = -1
	}
	return g
}

// draw adds a series. Unknown values leave their columns empty; a line joins known neighbours.
func (g *grid) draw(owner int, s *Series, sc scale) {
	bottom, before := g.h*g.dy-1, -1
	fill := s.Fill && (!s.Line || sc.base == 0)
	for x := 0; x < min(len(s.Values), g.w*g.dx); x++ {
		if !number(s.Values[x]) {
			before = -1
			continue
		}
		top := g.level(s.Values[x], sc)
		for y := bottom; fill && y >= top; y-- {
			if g.dy == 1 || (x+y)%2 == 0 {
				g.set(owner, x, y, fillBit)
			}
		}
		if s.Line {
			g.set(owner, x, top, lineBit)
			for y := before; before >= 0 && y != top; y += sign(top - y) {
				if y != before {
					g.set(owner, x, y, lineBit)
				}
			}
			before = top
		}
	}
}

func sign(n int) int {
	if n < 0 {
		return -1
	}
	return 1
}

// level is the dot row of a value, 0 at the top.
func (g *grid) level(v kafka.Known[float64], sc scale) int {
	bottom := g.h*g.dy - 1
	share := (v.V - sc.base) / (sc.top - sc.base)
	return bottom - int(math.Round(min(max(share, 0), 1)*float64(bottom)))
}

func (g *grid) set(owner, x, y int, bit uint8) {
	at := y/g.dy*g.w + x/g.dx
	if g.dy > 1 {
		bit = dots[y%g.dy][x%g.dx]
	}
	g.bits[at] |= bit
	g.owner[at] = int8(owner) //nolint:gosec // a chart has a handful of series
}

// text is the cells from one to another (exclusive) of a line.
func (g *grid) text(y, from, to int) string {
	var b strings.Builder
	b.Grow(3 * (to - from))
	for _, bits := range g.bits[y*g.w+from : y*g.w+to] {
		switch {
		case bits == 0:
			b.WriteByte(' ')
		case g.dy > 1:
			b.WriteRune(braille + rune(bits))
		case bits&lineBit != 0:
			b.WriteByte('*')
		default:
			b.WriteByte(':')
		}
	}
	return b.String()
}

// row draws a line in the colours of its series.
func (g *grid) row(th *theme.Theme, series []Series, y int) string {
	var b strings.Builder
	b.Grow(3*g.w + 64)
	owner := g.owner[y*g.w : (y+1)*g.w]
	for x := 0; x < g.w; {
		first := x
		for x++; x < g.w && owner[x] == owner[first]; x++ {
		}
		tok := theme.Text
		if owner[first] >= 0 {
			tok = series[owner[first]].Tok
		}
		b.WriteString(th.Render(tok, g.text(y, first, x)))
	}
	return b.String()
}
