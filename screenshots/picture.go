package main

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"

	uv "github.com/charmbracelet/ultraviolet"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

const (
	fontSize = 26 // pixels an em: twice what a page shows, for sharp screens
	margin   = 24
)

var (
	paper = color.RGBA{0x11, 0x13, 0x1a, 0xff}
	ink   = color.RGBA{0xd8, 0xde, 0xe9, 0xff}
)

// grid draws cells of one size: a terminal's picture must not depend on how a font spaces its letters.
type grid struct {
	img           *image.RGBA
	regular, bold font.Face
	w, h, base    int
}

// picture writes the screen as a PNG.
func (t *term) picture(fontFile, file string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	g, err := newGrid(fontFile, t.em.Width(), t.em.Height())
	if err != nil {
		return err
	}
	for y := range t.em.Height() {
		for x := 0; x < t.em.Width(); {
			c := t.em.CellAt(x, y)
			if c == nil {
				x++
				continue
			}
			g.cell(x, y, c)
			x += max(c.Width, 1)
		}
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := png.Encode(f, g.img); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

func newGrid(fontFile string, cols, rows int) (*grid, error) {
	regular, err := face(fontFile)
	if err != nil {
		return nil, err
	}
	bold, err := face(boldOf(fontFile))
	if err != nil {
		bold = regular
	}
	adv, _ := regular.GlyphAdvance('M')
	m := regular.Metrics()
	g := &grid{regular: regular, bold: bold, w: adv.Round(), h: (m.Ascent + m.Descent).Ceil(), base: m.Ascent.Ceil()}
	g.img = image.NewRGBA(image.Rect(0, 0, cols*g.w+2*margin, rows*g.h+2*margin))
	draw.Draw(g.img, g.img.Bounds(), image.NewUniform(paper), image.Point{}, draw.Src)
	return g, nil
}

func face(file string) (font.Face, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	f, err := opentype.Parse(b)
	if err != nil {
		return nil, fmt.Errorf("font %s: %w", file, err)
	}
	return opentype.NewFace(f, &opentype.FaceOptions{Size: fontSize, DPI: 72, Hinting: font.HintingFull})
}

// boldOf is the bold face beside a regular one, by DejaVu's naming.
func boldOf(file string) string {
	return file[:len(file)-len(".ttf")] + "-Bold.ttf"
}

func (g *grid) cell(x, y int, c *uv.Cell) {
	fg, bg := color.Color(ink), color.Color(paper)
	if c.Style.Fg != nil {
		fg = c.Style.Fg
	}
	if c.Style.Bg != nil {
		bg = c.Style.Bg
	}
	if c.Style.Attrs&uv.AttrReverse != 0 {
		fg, bg = bg, fg
	}
	if c.Style.Attrs&uv.AttrFaint != 0 {
		fg = blend(fg, bg)
	}
	at := image.Rect(0, 0, max(c.Width, 1)*g.w, g.h).Add(image.Pt(margin+x*g.w, margin+y*g.h))
	draw.Draw(g.img, at, image.NewUniform(bg), image.Point{}, draw.Src)
	d := font.Drawer{Dst: g.img, Src: image.NewUniform(fg), Face: g.regular, Dot: fixed.P(at.Min.X, at.Min.Y+g.base)}
	if c.Style.Attrs&uv.AttrBold != 0 {
		d.Face = g.bold
	}
	d.DrawString(c.Content)
}

// blend is the colour halfway between two.
func blend(a, b color.Color) color.Color {
	ar, ag, ab, _ := a.RGBA()
	br, bg, bb, _ := b.RGBA()
	return color.RGBA{uint8((ar + br) >> 9), uint8((ag + bg) >> 9), uint8((ab + bb) >> 9), 0xff}
}
