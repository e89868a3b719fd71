package lag

import (
	"math"
	"testing"
	"time"

	"lagtop/kafka"
)

func TestETA(t *testing.T) {
	rate := kafka.Some[float64]
	var none kafka.Known[float64]
	for _, c := range []struct {
		name    string
		backlog kafka.Known[int64]
		in, out kafka.Known[float64]
		want    Horizon
		word    string
	}{
		{"no lag known", unknown, rate(1), rate(2), UnknownHorizon, "–"},
		{"no rate known", some(10), rate(1), none, UnknownHorizon, "–"},
		{"caught up needs no rates", some(0), none, none, Now, "now"},
		{"drains", some(1800), rate(10), rate(20), In(3 * time.Minute), "3m"},
		{"drains within the second", some(1), rate(10), rate(20), In(100 * time.Millisecond), "0s"},
		{"drains in hours", some(36_000), rate(0), rate(5), In(2 * time.Hour), "2h"},
		{"stands", some(10), rate(5), rate(5), Never, "never"},
		{"grows", some(10), rate(6), rate(5), Never, "never"},
		{"gains next to nothing", some(math.MaxInt64), rate(5), rate(5 + 1e-12), Never, "never"},
		{"rates that are no numbers", some(10), rate(math.NaN()), rate(5), Never, "never"},
	} {
		got := ETA(c.backlog, c.in, c.out)
		if got != c.want || got.String() != c.word {
			t.Errorf("%s: %v (%s), want %v (%s)", c.name, int64(got), got, int64(c.want), c.word)
		}
	}
}

func TestHorizonOfATime(t *testing.T) {
	for _, d := range []time.Duration{1, 2, 3, time.Hour, math.MaxInt64 - 3} {
		if got := In(d).Duration(); got != kafka.Some(d) {
			t.Errorf("In(%d) is %v away", d, got)
		}
	}
	if In(-1) != Now || Never.Duration().OK || UnknownHorizon.Duration().OK || !Now.Duration().OK {
		t.Error("a horizon without a time has one, or the other way round")
	}
}
