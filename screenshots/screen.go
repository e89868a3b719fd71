package main

import (
	"image/color"
	"slices"

	uv "github.com/charmbracelet/ultraviolet"
)

// screen is what a terminal shows at one moment.
type screen struct {
	w, h  int
	cells []look // row by row
}

// look is a cell as it is drawn. The cell right of a wide one has a width of 0.
type look struct {
	text   string
	width  int
	colors colors
	bold   bool
}

// colors are those of a cell, of its letters and of what is behind them.
type colors struct{ fg, bg color.RGBA }

var plain = colors{fg: color.RGBA{0xd8, 0xde, 0xe9, 0xff}, bg: color.RGBA{0x11, 0x13, 0x1a, 0xff}}

// grab copies what the screen shows now.
func (t *term) grab() *screen {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := &screen{w: t.em.Width(), h: t.em.Height()}
	s.cells = make([]look, s.w*s.h)
	for y := range s.h {
		for x := 0; x < s.w; {
			l := lookOf(t.em.CellAt(x, y))
			s.cells[y*s.w+x] = l
			x += l.width
		}
	}
	return s
}

func lookOf(c *uv.Cell) look {
	if c == nil {
		return look{width: 1, colors: plain}
	}
	l := look{text: c.Content, width: max(c.Width, 1), colors: plain, bold: c.Style.Attrs&uv.AttrBold != 0}
	if l.text == " " {
		l.text = ""
	}
	if c.Style.Fg != nil {
		l.colors.fg = opaque(c.Style.Fg)
	}
	if c.Style.Bg != nil {
		l.colors.bg = opaque(c.Style.Bg)
	}
	if c.Style.Attrs&uv.AttrReverse != 0 {
		l.colors.fg, l.colors.bg = l.colors.bg, l.colors.fg
	}
	if c.Style.Attrs&uv.AttrFaint != 0 {
		l.colors.fg = between(l.colors.fg, l.colors.bg, 1, 2)
	}
	return l
}

func opaque(c color.Color) color.RGBA {
	r, g, b, _ := c.RGBA()
	return color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 0xff}
}

// between is the colour n of so many steps on the way from a to b.
func between(a, b color.RGBA, n, of int) color.RGBA {
	mix := func(a, b uint8) uint8 { return uint8((int(a)*(of-n) + int(b)*n + of/2) / of) }
	return color.RGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 0xff}
}

// same tells whether two screens differ in nothing but lines that are left out.
func (s *screen) same(o *screen, without int) bool {
	return s.w == o.w && s.h == o.h && slices.Equal(s.cells[without*s.w:], o.cells[without*o.w:])
}

// A shade is a step between the two colours of a letter's edge. More than this are not told apart.
const mostShades = 6

// paletteOf are the colours of all screens and the shades between each pair that is used, at most 255: a place is
// left for transparent.
func paletteOf(screens ...*screen) color.Palette {
	var pairs []colors
	known := map[colors]bool{}
	for _, s := range screens {
		for _, l := range s.cells {
			if l.width > 0 && !known[l.colors] {
				known[l.colors] = true
				pairs = append(pairs, l.colors)
			}
		}
	}
	shades := mostShades
	for ; shades > 1; shades-- {
		if len(pairs)*(shades-1)+2*len(pairs) <= 255 {
			break
		}
	}
	var out color.Palette
	have := map[color.RGBA]bool{}
	add := func(c color.RGBA) {
		if !have[c] && len(out) < 255 {
			have[c] = true
			out = append(out, c)
		}
	}
	for n := 0; n <= shades; n += shades { // the pure colours first: they are never left out
		for _, p := range pairs {
			add(between(p.bg, p.fg, n, shades))
		}
	}
	for n := 1; n < shades; n++ {
		for _, p := range pairs {
			add(between(p.bg, p.fg, n, shades))
		}
	}
	return out
}
