package component

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"lagtop/kafka/safe"
	"lagtop/theme"
)

// hostile is text that brokers let in.
var hostile = []string{
	"", " ", "orders", "\x1b[31mred", "\x1b]0;title\x07", "a\nb\tc\rd", "\x00\x7f\u0085\u009b31m", "\u202eevil", "z\u200bw\u200dj",
	"日本語のトピック", "e\u0301\u0301\u0301\u0301\u0301\u0301", "\u0301start", "👩‍👩‍👧‍👦 family", "🇩🇪🇫🇷", "ไทย", "नमस्ते", "한국어", "\ufe0f✖\ufe0f",
	"\xff\xfe\x80", "﷽﷽", strings.Repeat("x", 5000), strings.Repeat("界", 300), "\u0600\u06dd", "ൎ", "a\u00adb", "\u3000wide", "©®",
}

func TestFitKnownTexts(t *testing.T) {
	for _, c := range []struct {
		text  string
		cells int
		right bool
		want  string
	}{
		{"orders", 6, false, "orders"},
		{"orders", 8, false, "orders  "},
		{"912k", 6, true, "  912k"},
		{"orders", 4, false, "ord…"},
		{"orders", 1, false, "…"},
		{"orders", 0, false, ""},
		{"orders", -1, false, ""},
		{"日本語", 5, false, "日本…"},
		{"日本語", 4, false, "日… "},
		{"日本語", 4, true, " 日…"},
		{"▁▂▃", 5, true, "  ▁▂▃"},
		{"\x1b[31m", 9, false, `\x1b[31m `},
	} {
		if got := Fit(c.text, c.cells, c.right); got != c.want {
			t.Errorf("Fit(%q, %d, %v) = %q, want %q", c.text, c.cells, c.right, got, c.want)
		}
	}
	if got := FitTail("orders", 4, false, "~"); got != "ord~" {
		t.Errorf("FitTail cuts to %q", got)
	}
}

func TestFitCostsNothingWhenItFits(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { _ = Fit("orders ▁▂▃", 10, false) }); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}

// simple counts without segmenting: what it accepts must be what the slow path says.
func TestSimpleRunesTakeOneCellAlone(t *testing.T) {
	for r := rune(0x80); r < 0x3000; r++ {
		s := string(r)
		if simple(s) < 0 {
			continue
		}
		if got := safe.Line(s); got != s || ansi.StringWidth("x"+s+"x") != 3 || ansi.StringWidthWc(s) != 1 {
			t.Errorf("%U counts as simple, but is %q and takes %d cells", r, got, ansi.StringWidth(s))
		}
	}
}

func TestGlyphsTakeOneCell(t *testing.T) {
	for name, th := range both(t) {
		for _, g := range allGlyphs(th.Glyphs) {
			if simple(g) != 1 {
				t.Errorf("%s: %q is not one simple cell", name, g)
			}
			if name == "ascii" && (len(g) != 1 || g[0] >= utf8.RuneSelf) {
				t.Errorf("%q is not ASCII", g)
			}
		}
	}
}

func FuzzFit(f *testing.F) {
	for i, s := range hostile {
		f.Add(s, i%17, i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, s string, cells int, right bool) {
		cells = min(max(cells, -1), 300)
		got := Fit(s, cells, right)
		exact(t, []string{got}, max(cells, 0), 1)
		if again := Fit(got, cells, right); again != got {
			t.Fatalf("fitted twice: %q, then %q", got, again)
		}
	})
}

func FuzzFrame(f *testing.F) {
	for i, s := range hostile {
		f.Add(s, hostile[(i+1)%len(hostile)], hostile[(i+2)%len(hostile)], 2+i*3, 2+i)
	}
	th := dark(f)
	f.Fuzz(func(t *testing.T, title, note, body string, w, h int) {
		w, h = min(max(w, 1), 200), min(max(h, 1), 20)
		exact(t, Frame(th, title, note, true, w, h, []string{body, th.Render(theme.Danger, body) + body}), w, h)
	})
}

func FuzzTable(f *testing.F) {
	for i, s := range hostile {
		f.Add(s, hostile[(i+1)%len(hostile)], 1+i*5, 2+i%5)
	}
	th := dark(f)
	f.Fuzz(func(t *testing.T, key, cell string, w, h int) {
		w, h = min(max(w, 1), 200), min(max(h, 1), 10)
		tb := &Table{Columns: []Column{{Title: cell, Width: 5, Grow: 1}, {Title: key, Width: 9, Right: true, Drop: 1}, {Title: "x", Width: 4}}}
		src := &texts{keys: []string{key, "other", cell}, cell: cell}
		tb.Sync(src)
		exact(t, tb.View(th, src, w, h, true), w, h)
		tb.Move(1, src)
		exact(t, tb.View(th, src, w, h, false), w, h)
	})
}

type texts struct {
	keys []string
	cell string
}

func (s *texts) Len() int         { return len(s.keys) }
func (s *texts) Key(i int) string { return s.keys[i] }
func (s *texts) Row(i int, c []Cell) {
	c[0], c[1], c[2] = Cell{s.keys[i], theme.Accent}, Cell{s.cell, theme.Danger}, Cell{Text: s.cell}
}

func FuzzOverlay(f *testing.F) {
	for i, s := range hostile {
		f.Add(s, hostile[(i+3)%len(hostile)], i*4, 1+i*2)
	}
	th := dark(f)
	f.Fuzz(func(t *testing.T, under, over string, bw, w int) {
		w, bw = min(max(w, 1), 150), min(max(bw, 0), 160)
		base := []string{under, th.Render(theme.Good, under) + th.Render(theme.Danger, under), ""}
		exact(t, Overlay(base, []string{FitTail(over, bw, false, "~"), th.Render(theme.Danger, over)}, w, 5), w, 5)
	})
}

func TestModalsKeepTheirSizeWithHostileText(t *testing.T) {
	for name, th := range both(t) {
		for i, s := range hostile {
			next := hostile[(i+1)%len(hostile)]
			dialog := &Dialog{
				Title: s, Body: [][]Cell{{{s, theme.Danger}, {next, theme.Text}}, {{next, theme.Text}}}, Command: s, Danger: true,
				Confirm: next, Choices: []Choice{{Label: "No"}, {Label: s, Danger: true}},
			}
			form := NewForm(s, Field{Label: next, Value: s, Hint: s}, Field{Label: s, Options: []Option{{Label: next, Hint: s}, {Label: s, Why: next}}})
			form.Danger = true
			views := map[string]func(w, h int) []string{
				"dialog": func(w, h int) []string { return dialog.View(th, w, h) },
				"form":   func(w, h int) []string { return form.View(th, w, h) },
				"palette": func(w, h int) []string {
					return NewPalette(s, []Item{{Title: next, Detail: s, Key: "x"}, {Title: s, Why: next}}).View(th, w, h)
				},
				"help": func(w, h int) []string {
					return (&Help{Title: s, Lines: [][]Cell{{{s, theme.Key}, {next, theme.Text}}}}).View(th, w, h)
				},
			}
			for what, view := range views {
				for _, size := range [][2]int{{40, 10}, {80, 24}, {200, 60}} {
					lines := view(size[0], size[1])
					if w := ansi.StringWidth(lines[0]); w > size[0] || len(lines) > size[1] {
						t.Fatalf("%s %s of %q takes %dx%d of %v", name, what, s, w, len(lines), size)
					}
					exact(t, lines, ansi.StringWidth(lines[0]), len(lines))
				}
			}
		}
	}
}
