package human

import (
	"math"
	"testing"
	"time"
	"unicode/utf8"
)

func TestCountIsCompact(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 7: "7", 912: "912", 999: "999", 1000: "1.0k", 1234: "1.2k", 9949: "9.9k", 9950: "10k", 48_211: "48k",
		912_000: "912k", 999_499: "999k", 999_500: "1.0M", 1_200_000: "1.2M", 3_400_000_000: "3.4G",
		-1234: "-1.2k", -912_000: "-912k", math.MaxInt64: "9.2E", math.MinInt64: "-9.2E",
	} {
		if got := Count(n); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
}

func FuzzCountNeverTakesMoreThanFiveCells(f *testing.F) {
	for _, n := range []int64{0, 999, 9_949, 99_950, 999_499, 999_500, -999_500, math.MaxInt64, math.MinInt64} {
		f.Add(n)
	}
	f.Fuzz(func(t *testing.T, n int64) {
		if s := Count(n); utf8.RuneCountInString(s) > 5 {
			t.Errorf("Count(%d) = %q", n, s)
		}
	})
}

func TestRate(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0/s", 0.01: "<0.1/s", 0.34: "0.3/s", 5: "5/s", 5.24: "5.2/s", 9.96: "10/s", 210.4: "210/s",
		2_130: "2.1k/s", 999.7: "1.0k/s", -3.2: "-3.2/s", math.Inf(1): "–/s",
	} {
		if got := Rate(f); got != want {
			t.Errorf("Rate(%v) = %q, want %q", f, got, want)
		}
	}
	if got := Number(math.NaN()); got != None {
		t.Errorf("Number(NaN) = %q", got)
	}
}

func TestBytes(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 912: "912 B", 1_200: "1.2 kB", 1_200_000: "1.2 MB", 412e9: "412 GB"} {
		if got := Bytes(n); got != want {
			t.Errorf("Bytes(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestTimes(t *testing.T) {
	for _, c := range []struct {
		d           time.Duration
		short, long string
	}{
		{-time.Hour, "0s", "0 s"},
		{900 * time.Millisecond, "0s", "0 s"},
		{45 * time.Second, "45s", "45 s"},
		{90 * time.Second, "1m", "1 min"},
		{6 * time.Minute, "6m", "6 min"},
		{47 * time.Hour, "47h", "47 h"},
		{73 * time.Hour, "3d", "3 days"},
		{4 * 365 * 24 * time.Hour, "4y", "4 years"},
	} {
		if got := Duration(c.d); got != c.short {
			t.Errorf("Duration(%v) = %q, want %q", c.d, got, c.short)
		}
		if got := Span(c.d); got != c.long {
			t.Errorf("Span(%v) = %q, want %q", c.d, got, c.long)
		}
	}
}

func TestUnitIsPartedFromDigits(t *testing.T) {
	for s, want := range map[string]struct {
		digits string
		factor float64
	}{"": {"", 1}, "7": {"7", 1}, "10k": {"10", 1e3}, "1.5M": {"1.5", 1e6}, "2g": {"2", 1e9}, "k": {"", 1e3}, "10s": {"10s", 1}} {
		if digits, factor := Unit(s); digits != want.digits || factor != want.factor {
			t.Errorf("%q: %q x %v", s, digits, factor)
		}
	}
}
