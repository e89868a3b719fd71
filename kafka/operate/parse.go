package operate

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// ParseTime reads a retention time in ms: 36h, 7d, 2w, 90m, 1d12h, unlimited, or a whole number of ms.
func ParseTime(s string) (int64, error) {
	t := strings.ToLower(strings.TrimSpace(s))
	if n, ok := plain(t); ok {
		return n, nil
	}
	total := 0.0
	for rest := t; rest != ""; {
		n := strings.IndexFunc(rest, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
		if n <= 0 {
			return 0, badTime(s)
		}
		m := strings.IndexFunc(rest[n:], func(r rune) bool { return r >= '0' && r <= '9' || r == '.' })
		if m < 0 {
			m = len(rest) - n
		}
		v, err := strconv.ParseFloat(rest[:n], 64)
		unit, ok := timeUnits[strings.TrimSpace(rest[n:n+m])]
		if err != nil || !ok {
			return 0, badTime(s)
		}
		total += v * float64(unit.Milliseconds())
		rest = rest[n+m:]
	}
	return positive(total, badTime(s))
}

var timeUnits = map[string]time.Duration{
	"s": time.Second, "m": time.Minute, "min": time.Minute, "h": time.Hour,
	"d": 24 * time.Hour, "day": 24 * time.Hour, "days": 24 * time.Hour, "w": 7 * 24 * time.Hour,
}

// ParseSize reads a retention size in bytes: 500MB, 10GiB, 1.5TB, unlimited, or a whole number of bytes.
func ParseSize(s string) (int64, error) {
	t := strings.ToLower(strings.TrimSpace(s))
	if n, ok := plain(t); ok {
		return n, nil
	}
	n := strings.IndexFunc(t, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if n <= 0 {
		return 0, badSize(s)
	}
	v, err := strconv.ParseFloat(t[:n], 64)
	unit, ok := sizeUnits[strings.TrimSpace(t[n:])]
	if err != nil || !ok {
		return 0, badSize(s)
	}
	return positive(v*unit, badSize(s))
}

var sizeUnits = map[string]float64{
	"b": 1, "k": 1e3, "kb": 1e3, "m": 1e6, "mb": 1e6, "g": 1e9, "gb": 1e9, "t": 1e12, "tb": 1e12,
	"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
}

// plain is a whole number above 0, or unlimited.
func plain(t string) (int64, bool) {
	if t == "unlimited" || t == "-1" {
		return Unlimited, true
	}
	n, err := strconv.ParseInt(t, 10, 64)
	return n, err == nil && n > 0
}

func positive(v float64, bad error) (int64, error) {
	if v < 1 || v >= math.MaxInt64 || math.IsNaN(v) {
		return 0, bad
	}
	return int64(v), nil
}

func badTime(s string) error {
	return fmt.Errorf("retention time %q: give 36h, 7d, 2w, a number of ms above 0, or unlimited", s)
}

func badSize(s string) error {
	return fmt.Errorf("retention size %q: give 500MB, 10GiB, a number of bytes above 0, or unlimited", s)
}
