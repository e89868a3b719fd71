package theme

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
)

func build1(t *testing.T, o Options) *Theme {
	t.Helper()
	th, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return th
}

func TestEveryPaletteCanBeBuilt(t *testing.T) {
	for _, name := range append(Names(), "") {
		for p := colorprofile.Unknown; p <= colorprofile.TrueColor; p++ {
			th := build1(t, Options{Palette: name, Profile: p})
			if th.Glyphs.Ellipsis == "" || len(th.Glyphs.Spark) != 8 {
				t.Errorf("%s: glyphs are missing", name)
			}
		}
	}
	if th := build1(t, Options{}); th.Name != "dark" {
		t.Errorf("the default is %s", th.Name)
	}
	if _, err := New(Options{Palette: "pink"}); err == nil || !strings.Contains(err.Error(), "colour-blind") {
		t.Errorf("an unknown palette: %v", err)
	}
}

var colours = regexp.MustCompile(`(^|[\[;])([34]8|[39][0-7]|4[0-7]|10[0-7])[;m]`)

func TestWithoutColoursThereAreAttributesOnly(t *testing.T) {
	for _, o := range []Options{{Palette: None}, {Profile: colorprofile.ASCII}, {Palette: "light", Profile: colorprofile.NoTTY}} {
		th := build1(t, o)
		if th.Name != None {
			t.Errorf("%+v is %s", o, th.Name)
		}
		for tok := range tokens {
			if open := th.Style(tok).Open(); colours.MatchString(open) {
				t.Errorf("token %d has a colour: %q", tok, open)
			}
		}
		for _, tok := range []Token{Danger, Selected, SelectedIdle, TitleFocus, BorderFocus, Key} {
			if th.Style(tok).Open() == "" {
				t.Errorf("token %d looks like text", tok)
			}
		}
	}
}

func TestSixteenColoursStaySixteen(t *testing.T) {
	for _, name := range Names() {
		th := build1(t, Options{Palette: name, Profile: colorprofile.ANSI})
		for tok := range tokens {
			if open := th.Style(tok).Open(); strings.Contains(open, "38;") || strings.Contains(open, "48;") {
				t.Errorf("%s: token %d needs more: %q", name, tok, open)
			}
		}
	}
	th := build1(t, Options{Profile: colorprofile.ANSI256})
	if open := th.Style(Danger).Open(); !strings.Contains(open, "38;5;") {
		t.Errorf("256 colours: %q", open)
	}
}

func TestFocusAndDangerDifferFromTheirOpposites(t *testing.T) {
	pairs := [][2]Token{
		{Border, BorderFocus}, {Title, TitleFocus}, {Selected, SelectedIdle}, {Danger, Good}, {Danger, Lagging},
		{Lagging, Good}, {Stale, Text}, {Muted, Text},
	}
	for _, name := range Names() {
		th := build1(t, Options{Palette: name, Profile: colorprofile.TrueColor})
		for _, p := range pairs {
			if th.Style(p[0]) == th.Style(p[1]) {
				t.Errorf("%s: tokens %d and %d look the same", name, p[0], p[1])
			}
		}
	}
}

func TestRenderEndsTheStyle(t *testing.T) {
	th := build1(t, Options{})
	if got := th.Render(Danger, "x"); !strings.HasPrefix(got, "\x1b[") || !strings.HasSuffix(got, "x\x1b[m") {
		t.Errorf("%q", got)
	}
	if got := th.Render(Text, "x") + th.Render(Danger, ""); got != "x" {
		t.Errorf("text and nothing: %q", got)
	}
	if th.Style(-1) != th.Style(Text) || th.Style(tokens) != th.Style(Text) {
		t.Error("an unknown token is not text")
	}
}

func TestContrast(t *testing.T) {
	grounds := map[string]string{"dark": "#1e1e1e", "light": "#ffffff", "high-contrast": "#000000", "colour-blind": "#121212"}
	for _, p := range palettes {
		ground, ok := grounds[p.name]
		if !ok {
			continue
		}
		least := 4.5
		if p.name == "high-contrast" {
			least = 7
		}
		for tok, l := range p.looks {
			fg, bg := l.fg.rgb, l.bg.rgb
			if fg == "" || Token(tok) == Border {
				continue
			}
			if bg == "" {
				bg = ground
			}
			if c := contrast(fg, bg); c < least {
				t.Errorf("%s: token %d, %s on %s has contrast %.1f", p.name, tok, fg, bg, c)
			}
		}
	}
}

// contrast is the WCAG 2 ratio of two colours.
func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(hex string) float64 {
	v, _ := strconv.ParseUint(hex[1:], 16, 32)
	part := func(shift int) float64 {
		c := float64(v>>shift&255) / 255
		if c <= 0.03928 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

func BenchmarkRender(b *testing.B) {
	th, err := New(Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		_ = th.Render(Danger, "  1234567")
	}
}
