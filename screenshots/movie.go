package main

import (
	"context"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"os"
	"sync"
	"time"
)

const (
	mostFrames = 40
	lookEvery  = time.Second // the demo polls as often
	frameShown = 45          // hundredths of a second
	lastShown  = 300
	headLines  = 2 // the clock and the verdict, which alone make no new frame
)

// movie is what a terminal showed over time.
type movie struct {
	frames []*screen
	stop   context.CancelFunc
	done   sync.WaitGroup
}

// film looks at a terminal until cut.
func film(ctx context.Context, t *term) *movie {
	ctx, stop := context.WithCancel(ctx)
	m := &movie{stop: stop}
	m.done.Go(func() {
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for {
			if s := t.grab(); len(m.frames) == 0 || !s.same(m.frames[len(m.frames)-1], headLines) {
				m.frames = append(m.frames, s)
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
	return m
}

// cut ends the movie.
func (m *movie) cut() {
	m.stop()
	m.done.Wait()
}

// write makes a GIF that shows the movie again and again. A frame holds only what differs from the one before.
func (m *movie) write(file, fontFile string) error {
	p, err := newPen(fontFile, gifSize)
	if err != nil {
		return err
	}
	frames := thinned(m.frames)
	palette := paletteOf(frames...)
	clear := uint8(len(palette))
	palette = append(palette, color.RGBA{})
	g := &gif.GIF{}
	var before *image.Paletted
	for i, s := range frames {
		now := p.draw(s, palette[:clear])
		now.Palette = palette
		part := now
		if before != nil {
			part = difference(before, now, clear)
		}
		delay := frameShown
		if i == len(frames)-1 {
			delay = lastShown
		}
		g.Image, g.Delay, g.Disposal = append(g.Image, part), append(g.Delay, delay), append(g.Disposal, gif.DisposalNone)
		before = now
	}
	g.Config = image.Config{ColorModel: palette, Width: before.Rect.Dx(), Height: before.Rect.Dy()}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(gif.EncodeAll(f, g), f.Close())
}

// thinned leaves out frames evenly until few enough are left; the last one stays.
func thinned(frames []*screen) []*screen {
	n := len(frames)
	if n <= mostFrames {
		return frames
	}
	out := make([]*screen, mostFrames)
	for i := range out {
		out[i] = frames[(i+1)*n/mostFrames-1]
	}
	return out
}

// difference is the part of a frame in which it differs from the one before; what is the same in it is clear.
func difference(before, now *image.Paletted, clear uint8) *image.Paletted {
	box := image.Rectangle{}
	for y := range now.Rect.Dy() {
		for x := range now.Rect.Dx() {
			if i := y*now.Stride + x; now.Pix[i] != before.Pix[i] {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	if box.Empty() {
		box = image.Rect(0, 0, 1, 1)
	}
	out := image.NewPaletted(box, now.Palette)
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			i := y*now.Stride + x
			n := clear
			if now.Pix[i] != before.Pix[i] {
				n = now.Pix[i]
			}
			out.SetColorIndex(x, y, n)
		}
	}
	return out
}
