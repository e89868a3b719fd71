package panetest

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"

	"lagtop/kafka"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/layout"
	"lagtop/ui/pane"
)

// Env is what a pane gets in a test: dark palette, unicode glyphs, polled every 2 s, no history.
func Env(t testing.TB, s *kafka.Snapshot) *pane.Env {
	t.Helper()
	th, err := theme.New(theme.Options{Palette: "dark"})
	if err != nil {
		t.Fatal(err)
	}
	return &pane.Env{Theme: th, Now: Now(), Snapshot: s, Interval: 2 * time.Second}
}

// Screen is the text that a terminal shows after the lines were written, without trailing blanks.
func Screen(lines []string) string {
	w := 1
	for _, l := range lines {
		w = max(w, ansi.StringWidth(l))
	}
	em := vt.NewEmulator(w+40, len(lines)+1) // room, so that what is too wide shows
	drained := make(chan struct{})
	go func() { // answers to queries would block the writer
		defer close(drained)
		_, _ = io.Copy(io.Discard, em)
	}()
	for y, l := range lines {
		_, _ = fmt.Fprintf(em, "\x1b[%d;1H%s", y+1, l)
	}
	var b strings.Builder
	for y := range lines {
		b.WriteString(row(em, y))
		b.WriteByte('\n')
	}
	if answers, ok := em.InputPipe().(io.Closer); ok {
		_ = answers.Close() // not em.Close, which races with the reader
	}
	<-drained
	return b.String()
}

func row(em *vt.Emulator, y int) string {
	var b strings.Builder
	for x := 0; x < em.Width(); {
		c := em.CellAt(x, y)
		if c == nil || c.Content == "" {
			b.WriteByte(' ')
			x++
			continue
		}
		b.WriteString(c.Content)
		x += max(1, c.Width)
	}
	return strings.TrimRight(b.String(), " ")
}

// Golden compares with testdata/NAME.golden; LAGTOP_UPDATE=1 writes it instead.
func Golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if os.Getenv("LAGTOP_UPDATE") == "1" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; LAGTOP_UPDATE=1 writes it. Got:\n%s", err, got)
	}
	if got != string(want) {
		t.Errorf("%s differs. Got:\n%s\nWant:\n%s", file, got, want)
	}
}

var sgr = regexp.MustCompile("\x1b\\[[0-9;:]*m")

// Exact fails unless there are h lines of exactly w cells that hold, beside colours, no control or
// format characters. With w below 0 the lines may have any width.
func Exact(t testing.TB, lines []string, w, h int) {
	t.Helper()
	if len(lines) != h {
		t.Errorf("%d lines instead of %d", len(lines), h)
	}
	for i, l := range lines {
		if n := ansi.StringWidth(l); w >= 0 && n != w {
			t.Errorf("line %d has %d cells instead of %d: %q", i, n, w, l)
		}
		plain := sgr.ReplaceAllString(l, "")
		if at := strings.IndexFunc(plain, forbidden); at >= 0 {
			t.Errorf("line %d holds a control character at %d: %q", i, at, plain)
		}
	}
}

// ASCII fails when a pane draws anything but ASCII where the theme asks for that. It changes e.
func ASCII(t *testing.T, p pane.Pane, e *pane.Env) {
	t.Helper()
	th, err := theme.New(theme.Options{Palette: "none", ASCII: true})
	if err != nil {
		t.Fatal(err)
	}
	e.Theme = th
	title, note := p.Head(e)
	for _, l := range append(p.View(e, 160, 30, true), title, note) {
		if at := strings.IndexFunc(l, func(r rune) bool { return r > '~' }); at >= 0 {
			t.Errorf("not ASCII at %d: %s", at, l)
		}
	}
}

func forbidden(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0, r == 0xfffd:
		return true
	case r >= 0x200b && r <= 0x200f && r != 0x200d, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r == 0xfeff:
		return true
	}
	return false
}

// Size is a whole screen, Name is for golden files.
type Size struct {
	Name string
	W, H int
}

// Sizes are the screens that panes are looked at.
func Sizes() []Size { return []Size{{"80x24", 80, 24}, {"120x40", 120, 40}, {"200x60", 200, 60}} }

// Inner is the inside of a pane's frame when it has the focus; of a detail when place is not a pane of
// the overview.
func (z Size) Inner(place command.Place) (w, h int) {
	if place&command.Details != 0 {
		return z.W - 2, z.H - 5 // frame, header, verdict line, footer
	}
	r := layout.Overview(z.W, z.H, place, false).Panes[place]
	return max(r.W-2, 0), max(r.H-2, 0)
}

// Uncut fails where a pane of the overview leaves out a part of a title or of a cell at any width of the screen from 80
// to 200, with rows enough for a scroll bar and without. The names in it must be short: they are what may be cut.
func Uncut(t *testing.T, p pane.Pane, e *pane.Env) {
	t.Helper()
	for w := 80; w <= 200; w++ {
		inner, h := Size{W: w, H: 40}.Inner(p.Place())
		for _, h := range []int{h, 3} {
			for _, l := range strings.Split(Screen(p.View(e, inner, h, true)), "\n") {
				if strings.Contains(l, e.Theme.Glyphs.Ellipsis) {
					t.Errorf("at %d columns, %d cells and %d lines: %s", w, inner, h, l)
				}
			}
		}
	}
}

// Frames draws a pane at every size, checks the frames and compares them with NAME-SIZE.golden.
func Frames(t *testing.T, name string, p pane.Pane, e *pane.Env) {
	t.Helper()
	for _, z := range Sizes() {
		w, h := z.Inner(p.Place())
		lines := p.View(e, w, h, true)
		Exact(t, lines, w, h)
		title, note := p.Head(e)
		Golden(t, name+"-"+z.Name, "["+title+"] ["+note+"]\n"+Screen(lines))
	}
}
