package main

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"unicode/utf8"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Pixels an em. A page shows a picture at about half its size on a sharp screen; a GIF would get too large.
const (
	pngSize = 20
	gifSize = 15
)

// pen draws cells of one size: a terminal's picture must not depend on how a font spaces its letters.
type pen struct {
	regular, bold      font.Face
	w, h, base, margin int
}

func newPen(fontFile string, size float64) (*pen, error) {
	regular, err := face(fontFile, size)
	if err != nil {
		return nil, err
	}
	bold, err := face(boldOf(fontFile), size)
	if err != nil {
		bold = regular
	}
	adv, _ := regular.GlyphAdvance('M')
	m := regular.Metrics()
	return &pen{regular: regular, bold: bold, w: adv.Round(), h: (m.Ascent + m.Descent).Ceil(), base: m.Ascent.Ceil(), margin: int(size)}, nil
}

func face(file string, size float64) (font.Face, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	f, err := opentype.Parse(b)
	if err != nil {
		return nil, fmt.Errorf("font %s: %w", file, err)
	}
	return opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingFull})
}

// boldOf is the bold face beside a regular one, by DejaVu's naming.
func boldOf(file string) string {
	return file[:len(file)-len(".ttf")] + "-Bold.ttf"
}

// draw paints a screen in the colours of a palette.
func (p *pen) draw(s *screen, palette color.Palette) *image.Paletted {
	full := image.NewRGBA(image.Rect(0, 0, s.w*p.w+2*p.margin, s.h*p.h+2*p.margin))
	draw.Draw(full, full.Bounds(), image.NewUniform(plain.bg), image.Point{}, draw.Src)
	for i, l := range s.cells {
		if l.width > 0 {
			p.cell(full, i%s.w, i/s.w, l)
		}
	}
	out := image.NewPaletted(full.Bounds(), palette)
	known := map[color.RGBA]uint8{}
	for i := range out.Pix {
		c := color.RGBA{full.Pix[4*i], full.Pix[4*i+1], full.Pix[4*i+2], 0xff}
		n, ok := known[c]
		if !ok {
			n = uint8(palette.Index(c))
			known[c] = n
		}
		out.Pix[i] = n
	}
	return out
}

func (p *pen) cell(on draw.Image, x, y int, l look) {
	at := image.Rect(0, 0, l.width*p.w, p.h).Add(image.Pt(p.margin+x*p.w, p.margin+y*p.h))
	draw.Draw(on, at, image.NewUniform(l.colors.bg), image.Point{}, draw.Src)
	if r, _ := utf8.DecodeRuneInString(l.text); r >= brailleFirst && r <= brailleLast {
		braille(on, at, int(r-brailleFirst), l.colors.fg)
		return
	}
	d := font.Drawer{Dst: on, Src: image.NewUniform(l.colors.fg), Face: p.regular, Dot: fixed.P(at.Min.X, at.Min.Y+p.base)}
	if l.bold {
		d.Face = p.bold
	}
	d.DrawString(l.text)
}

// The braille patterns of Unicode, which fonts of one width often lack.
const (
	brailleFirst = '\u2800'
	brailleLast  = '\u28ff'
)

// dots are the places of a pattern's bits, in two columns and four lines.
var dots = [8]image.Point{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}, {0, 3}, {1, 3}}

// braille draws the dots of a pattern as squares, evenly over cells that touch.
func braille(on draw.Image, at image.Rectangle, pattern int, ink color.Color) {
	w, h := at.Dx(), at.Dy()
	size := max(w/3, 2)
	for bit, p := range dots {
		if pattern>>bit&1 == 1 {
			x, y := at.Min.X+(2*p.X+1)*w/4-size/2, at.Min.Y+(2*p.Y+1)*h/8-size/2
			draw.Draw(on, image.Rect(x, y, x+size, y+size), image.NewUniform(ink), image.Point{}, draw.Src)
		}
	}
}

// writePNG writes a screen as a picture.
func writePNG(file, fontFile string, s *screen) error {
	p, err := newPen(fontFile, pngSize)
	if err != nil {
		return err
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	enc := png.Encoder{CompressionLevel: png.BestCompression}
	return errors.Join(enc.Encode(f, p.draw(s, paletteOf(s))), f.Close())
}
