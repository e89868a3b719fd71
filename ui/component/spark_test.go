package component

import (
	"math"
	"testing"

	"lagtop/kafka"
	"lagtop/theme"
)

func known(vs ...float64) []kafka.Known[float64] {
	out := make([]kafka.Known[float64], len(vs))
	for i, v := range vs {
		if v >= 0 {
			out[i] = kafka.Some(v)
		}
	}
	return out
}

func TestSparkline(t *testing.T) {
	for _, c := range []struct {
		name  string
		vs    []kafka.Known[float64]
		cells int
		want  string
	}{
		{"rising", known(0, 1, 2, 3, 4, 5, 6, 7), 8, "▁▂▃▄▅▆▇█"},
		{"all zero", known(0, 0, 0), 3, "▁▁▁"},
		{"noise on a large number is flat", known(1_000_000, 1_000_003, 1_000_001), 3, "▁▁▁"},
		{"unknown is no level", known(0, -1, 7), 3, "▁·█"},
		{"short history stands at the right", known(0, 7), 5, "···▁█"},
		{"many values share a cell, the highest shows", known(0, 7, 0, 0, 7, 0), 3, "█▁█"},
		{"nothing known", known(-1, -1), 3, "···"},
		{"nothing", nil, 2, "··"},
		{"no cells", known(1), 0, ""},
		{"not a number", known(math.NaN(), 0, 7), 3, "·▁█"},
		{"infinite", known(0, math.Inf(1)), 2, "▁·"},
	} {
		if got := Sparkline(dark(t), c.vs, c.cells); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got := Sparkline(both(t)["ascii"], known(0, 3, -1, 7), 4); got != "_- #" {
		t.Errorf("ascii: %q", got)
	}
}

func TestBar(t *testing.T) {
	for _, c := range []struct {
		part, whole float64
		cells       int
		want        string
	}{
		{0, 10, 4, "░░░░"}, {5, 10, 4, "██░░"}, {10, 10, 4, "████"}, {20, 10, 4, "████"},
		{1, 1e9, 4, "█░░░"}, {999, 1000, 4, "███░"}, {1, 0, 4, "░░░░"}, {-1, 5, 4, "░░░░"},
		{math.NaN(), 5, 2, "░░"}, {1, 2, 0, ""}, {1, 2, 1, "█"},
	} {
		if got := Bar(dark(t), c.part, c.whole, c.cells); got != c.want {
			t.Errorf("Bar(%v, %v, %d) = %q, want %q", c.part, c.whole, c.cells, got, c.want)
		}
	}
}

func TestVerdictIsAGlyphAndALook(t *testing.T) {
	for name, th := range both(t) {
		for k := kafka.VerdictUnknown; k <= kafka.VerdictLost; k++ {
			g, tok := Verdict(th, k)
			if simple(g) != 1 {
				t.Errorf("%s: %v has glyph %q", name, k, g)
			}
			if k >= kafka.VerdictStalled && tok != theme.Danger {
				t.Errorf("%v looks like %v", k, tok)
			}
		}
		bad, _ := Verdict(th, kafka.VerdictLost)
		warn, _ := Verdict(th, kafka.VerdictAtRisk)
		ok, _ := Verdict(th, kafka.VerdictOK)
		if bad == warn || warn == ok || bad == ok {
			t.Errorf("%s: glyphs %q %q %q do not differ", name, bad, warn, ok)
		}
	}
}
