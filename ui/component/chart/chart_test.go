package chart

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/theme"
)

var start = time.Date(2026, 11, 22, 14, 2, 11, 0, time.UTC)

func themeOf(t testing.TB, ascii bool) *theme.Theme {
	t.Helper()
	th, err := theme.New(theme.Options{ASCII: ascii})
	if err != nil {
		t.Fatal(err)
	}
	return th
}

func values(n int, f func(i int) float64) []kafka.Known[float64] {
	vs := make([]kafka.Known[float64], n)
	for i := range vs {
		if v := f(i); v >= 0 {
			vs[i] = kafka.Some(v)
		}
	}
	return vs
}

func rates(in, out []kafka.Known[float64]) *Chart {
	return &Chart{Title: "Rates", Word: human.Rate, Least: 0.2, Series: []Series{
		{Name: "produced", Tok: theme.Accent, Line: true, Values: in},
		{Name: "consumed", Tok: theme.Good, Fill: true, Values: out},
	}}
}

// plain are the lines without colours.
func plain(lines []string) string { return ansi.Strip(strings.Join(lines, "\n")) + "\n" }

func exact(t testing.TB, lines []string, w, h int) {
	t.Helper()
	if len(lines) != h {
		t.Fatalf("%d lines instead of %d", len(lines), h)
	}
	for y, l := range lines {
		if n := ansi.StringWidth(l); n != w {
			t.Fatalf("line %d has %d cells instead of %d: %q", y, n, w, l)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if os.Getenv("LAGTOP_UPDATE") == "1" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs, got:\n%s\nwant:\n%s", file, got, want)
	}
}

func TestFrames(t *testing.T) {
	for name, ascii := range map[string]bool{"braille": false, "ascii": true} {
		th := themeOf(t, ascii)
		a := Span(th, start, 15*time.Minute, 70)
		wave := func(phase float64) []kafka.Known[float64] {
			return values(a.N, func(i int) float64 {
				at := float64(i) / float64(a.N)
				if at > 0.95 || at > 0.3 && at < 0.36 {
					return -1 // unknown
				}
				return 1000 + 800*math.Sin(phase+9*at)
			})
		}
		lag := &Chart{Title: "Lag", Word: human.Number, Float: 1000, Least: 2, Series: []Series{
			{Name: "records", Tok: theme.Lagging, Line: true, Fill: true, Values: wave(1)},
		}}
		high := &Chart{Title: "Lag", Word: human.Number, Float: 1000, Least: 2, Series: []Series{
			{Name: "records", Tok: theme.Lagging, Line: true, Fill: true, Values: values(a.N, func(i int) float64 { return 912_000 + 100*float64(i) })},
		}}
		lines := append(lag.View(th, 70, 8), rates(wave(0), wave(2)).View(th, 70, 9)...)
		lines = append(lines, a.View(th, 70))
		lines = append(lines, high.View(th, 70, 6)...)
		lines = append(lines, rates(nil, nil).View(th, 70, 4)...)
		exact(t, lines, 70, 28)
		golden(t, name, plain(lines))
		if ascii && strings.IndexFunc(plain(lines), func(r rune) bool { return r > '~' }) >= 0 {
			t.Error("not ASCII")
		}
	}
}

func TestUnknownIsAGapAndZeroIsNot(t *testing.T) {
	th := themeOf(t, false)
	for name, s := range map[string]Series{"line": {Line: true}, "area": {Fill: true}} {
		s.Values = values(20, func(i int) float64 {
			if i >= 6 && i < 14 {
				return -1
			}
			return 0
		})
		c := &Chart{Series: []Series{s}, Word: human.Number}
		rows := strings.Split(plain(c.View(th, Gutter+10, 4)), "\n")
		bottom := []rune(rows[3])[Gutter:]
		for x, r := range bottom {
			if gap := x >= 3 && x < 7; gap != (r == ' ') {
				t.Errorf("%s: cell %d of %q", name, x, string(bottom))
			}
		}
	}
}

func TestALineShowsWhatIsNotDrawnByColour(t *testing.T) {
	in, out := values(108, func(int) float64 { return 40 }), values(108, func(int) float64 { return 100 })
	for name, ascii := range map[string]bool{"braille": false, "ascii": true} {
		c := rates(in, out)
		below := plain(c.View(themeOf(t, ascii), 60, 9))
		c.Series[0].Values, c.Series[1].Values = out, in
		if above := plain(c.View(themeOf(t, ascii), 60, 9)); above == below {
			t.Errorf("%s: produced and consumed look alike without colours:\n%s", name, above)
		}
		legend, _, _ := strings.Cut(below, "\n")
		if a, b := c.Series[0].sample(themeOf(t, ascii)), c.Series[1].sample(themeOf(t, ascii)); a == b || !strings.Contains(legend, a+" produced") || !strings.Contains(legend, b+" consumed") {
			t.Errorf("%s: legend %q of %q and %q", name, legend, a, b)
		}
	}
}

func TestLegendSaysHowOldTheNewestValueIs(t *testing.T) {
	th := themeOf(t, false)
	a := Span(th, start, 2*time.Minute, 80)
	for want, old := range map[string]time.Duration{"produced 7/s ": 0, "produced 7/s 40s ago": 40 * time.Second} {
		c := rates(values(int(start.Add(-old).Sub(a.From)/a.Step), func(int) float64 { return 7 }), nil)
		c.Axis = &a
		if got := plain(c.View(th, 80, 5)); !strings.Contains(got, want) || !strings.Contains(got, "consumed –") {
			t.Errorf("%s is missing:\n%s", want, got)
		}
	}
}

func TestScale(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      string
	}{
		{0, 0, "0..1"}, {0, 1, "0..2"}, {0, 3, "0..4"}, {0, 980, "0..1k"}, {0, 1000, "0..2k"}, {0, 1001, "0..2k"},
		{0, 0.13, "0..0.2"}, {400, 1000, "0..2k"}, {882_000, 912_000, "850k..950k"}, {1_150_000, 1_200_000, "1.1M..1.3M"},
		{9_000_000, 9_900_000, "8M..10M"}, {1e18, 1e18, "900P..1.1E"}, {999, 999, "900..1.1k"}, {0, 9e28, "0..–"},
	} {
		s := scaleOf(c.low, c.high)
		if got := short(s.base) + ".." + short(s.top); got != c.want || s.base > c.low || s.top < c.high {
			t.Errorf("%v to %v: %s (%v), want %s", c.low, c.high, got, s, c.want)
		}
	}
}

func FuzzScaleHolds(f *testing.F) {
	f.Add(0.0, 1.0)
	f.Add(882_000.0, 912_000.0)
	f.Fuzz(func(t *testing.T, low, high float64) {
		if !(low >= 0 && high >= low && high < 1e21) || high > 0 && high < 1e-9 {
			t.Skip()
		}
		s := scaleOf(low, high)
		if s.base < 0 || s.base > low || s.top < high*(1-1e-6) || !(s.top > s.base) {
			t.Errorf("%v to %v: %v", low, high, s)
		}
		for _, v := range []float64{s.base, s.top} {
			if n := len(short(v)); n > Gutter-1 {
				t.Errorf("%v: %q", v, short(v))
			}
		}
	})
}

func TestAxisHoldsTheWindowAndStaysOnAbsoluteTime(t *testing.T) {
	for _, ascii := range []bool{false, true} {
		th := themeOf(t, ascii)
		for _, window := range []time.Duration{2 * time.Minute, 15 * time.Minute, 2 * time.Hour} {
			for w := Gutter + 1; w < 220; w += 7 {
				first := Span(th, start, window, w)
				moves := 0
				for at := start; at.Before(start.Add(window)); at = at.Add(window / 60) {
					a := Span(th, at, window, w)
					end := a.From.Add(a.Step * time.Duration(a.N))
					if w > Gutter+1 && a.From.After(at.Add(-window)) || !end.After(at) {
						t.Fatalf("%v in %d cells: %v to %v does not hold %v", window, w, a.From, end, at)
					}
					if shift := a.From.Sub(first.From); shift%a.Step != 0 {
						t.Fatalf("%v in %d cells: columns moved by %v, a column is %v", window, w, shift, a.Step)
					} else if shift > 0 {
						moves, first = moves+1, a
					}
				}
				if w > 40 && moves > 9 {
					t.Errorf("%v in %d cells moved %d times in a window", window, w, moves)
				}
			}
		}
	}
}

func TestAxisSaysWhen(t *testing.T) {
	th := themeOf(t, false)
	for window, want := range map[time.Duration][]string{
		2 * time.Minute: {"-2m", "14:01:00", "now"}, 15 * time.Minute: {"-15m", "13:50", "14:00", "now"}, 2 * time.Hour: {"-2h", "12:30", "13:30", "now"},
	} {
		a := Span(th, start, window, 100)
		line := a.View(th, 100)
		exact(t, []string{line}, 100, 1)
		for _, text := range want {
			if !strings.Contains(line, text) {
				t.Errorf("%v: %q lacks %s", window, line, text)
			}
		}
	}
	zone := time.FixedZone("half", 5*3600+1800)
	if a := Span(th, start.In(zone), 2*time.Hour, 100); !strings.Contains(a.View(th, 100), "19:00") {
		t.Errorf("clock of a zone that is half an hour off: %q", a.View(th, 100))
	}
}

func TestEverySizeIsExact(t *testing.T) {
	for _, ascii := range []bool{false, true} {
		th := themeOf(t, ascii)
		for w := range 30 {
			for h := range 8 {
				a := Span(th, start, time.Minute, w)
				vs := values(a.N, func(i int) float64 { return float64(i * i) })
				exact(t, rates(vs, vs).View(th, w, h), w, h)
				exact(t, rates(values(300, func(int) float64 { return 1 }), nil).View(th, w, h), w, h)
				exact(t, []string{a.View(th, w)}, w, 1)
			}
		}
	}
}

func TestOddNumbersDoNoHarm(t *testing.T) {
	odd := []kafka.Known[float64]{
		kafka.Some(math.NaN()), kafka.Some(math.Inf(1)), kafka.Some(math.Inf(-1)), kafka.Some(-5.0), kafka.Some(math.MaxFloat64), kafka.Some(5e-324), kafka.Some(0.0),
	}
	for _, part := range [][]kafka.Known[float64]{odd, odd[:4], odd[4:5], odd[5:]} {
		for _, base := range []float64{0, 1e-9} {
			c := rates(part, part)
			c.Float, c.Least = base, 0
			exact(t, c.View(themeOf(t, false), 40, 7), 40, 7)
		}
	}
}

func BenchmarkView(b *testing.B) {
	for _, size := range [][2]int{{78, 8}, {118, 16}, {198, 26}} {
		b.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(b *testing.B) {
			th := themeOf(b, false)
			a := Span(th, start, 2*time.Hour, size[0])
			c := rates(values(a.N, func(i int) float64 { return 900 + 300*math.Sin(float64(i)/9) }), values(a.N, func(i int) float64 { return 900 + 300*math.Cos(float64(i)/9) }))
			b.ReportAllocs()
			for b.Loop() {
				c.View(th, size[0], size[1])
			}
		})
	}
}
