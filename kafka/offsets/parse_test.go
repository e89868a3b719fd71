package offsets

import (
	"strconv"
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	for in, want := range map[string]string{
		"2026-01-02T03:04:05.678":        "2026-01-02T03:04:05.678Z",
		"2026-01-02T03:04:05":            "2026-01-02T03:04:05Z",
		"2026-01-02 03:04:05":            "2026-01-02T03:04:05Z",
		"2026-01-02T03:04:05.678Z":       "2026-01-02T03:04:05.678Z",
		"2026-01-02T03:04:05.678+02":     "2026-01-02T01:04:05.678Z",
		"2026-01-02T03:04:05.678+0230":   "2026-01-02T00:34:05.678Z",
		"2026-01-02T03:04:05.678-02:30":  "2026-01-02T05:34:05.678Z",
		"2026-01-02T03:04:05.123456789Z": "2026-01-02T03:04:05.123Z",
		"2026-01-02":                     "2026-01-02T00:00:00Z",
	} {
		got, err := ParseTime(in)
		if err != nil || got.Time.Format(time.RFC3339Nano) != want {
			t.Errorf("%q: %v %v, want %s", in, got.Time, err, want)
		}
	}
	if got, err := ParseTime(" 2026-01-02 "); err != nil || got.Time.Day() != 2 {
		t.Error(got, err)
	}
	for _, in := range []string{"", "yesterday", "2026-13-02T03:04:05", "2026-02-30", "2026-01-02T03:04", "1969-12-31T23:59:59", "2026-01-02T03:04:05 CET", "03:04:05"} {
		if got, err := ParseTime(in); err == nil {
			t.Errorf("%q was read as %v", in, got)
		}
	}
}

func TestParseOffsetAndShift(t *testing.T) {
	if o, err := ParseOffset(" 42 "); o != 42 || err != nil {
		t.Error(o, err)
	}
	for _, in := range []string{"", "-1", "1.5", "0x10", "9223372036854775808"} {
		if o, err := ParseOffset(in); err == nil {
			t.Errorf("offset %q was read as %d", in, o)
		}
	}
	for in, want := range map[string]ShiftBy{"+100": 100, "-100": -100, "-1": -1} {
		if n, err := ParseShift(in); n != want || err != nil {
			t.Error(in, n, err)
		}
	}
	if n, err := ParseShift(" -1 "); n != -1 || err != nil {
		t.Error(n, err)
	}
	for _, in := range []string{"", "100", "+0", "-0", "+", "--1", "+1e3"} {
		if n, err := ParseShift(in); err == nil {
			t.Errorf("shift %q was read as %d", in, n)
		}
	}
}

func FuzzParseTime(f *testing.F) {
	for _, s := range []string{"2026-01-02T03:04:05.678+02:30", "2026-01-02", "9999-12-31T23:59:59Z", "0000-01-01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseTime(s)
		if err != nil {
			return
		}
		again, err := ParseTime(got.utc()) // what the shown command says
		if err != nil || !again.Time.Equal(got.Time) {
			t.Errorf("%q -> %s -> %v %v", s, got.utc(), again, err)
		}
	})
}

func FuzzParseShift(f *testing.F) {
	f.Add("+100")
	f.Fuzz(func(t *testing.T, s string) {
		if n, err := ParseShift(s); err == nil {
			if m, err := strconv.ParseInt(strconv.FormatInt(int64(n), 10), 10, 64); err != nil || ShiftBy(m) != n || n == 0 {
				t.Errorf("%q -> %d", s, n)
			}
		}
	})
}

func TestParseDuration(t *testing.T) {
	for in, want := range map[string]time.Duration{
		"P1DT2H": 26 * time.Hour, "PT10M": 10 * time.Minute, "P1D": 24 * time.Hour, "pt1h30m": 90 * time.Minute, "PT0.5S": time.Second / 2,
		"PT1,25S": 1250 * time.Millisecond, "P2DT3H4M5S": 51*time.Hour + 4*time.Minute + 5*time.Second, "PT36H": 36 * time.Hour, "PT0H1S": time.Second,
	} {
		got, err := ParseDuration(in, noon)
		if err != nil || got.Back != want || !got.time().Time.Equal(noon.Add(-want).Truncate(time.Millisecond)) {
			t.Errorf("%q: %v %v, want %v", in, got, err, want)
		}
	}
	if got, err := ParseDuration(" PT1S ", noon); err != nil || got.Back != time.Second {
		t.Error(got, err)
	}
	for _, in := range []string{
		"", "P", "PT", "P1", "1D", "P1H", "PT1D", "PT1", "PT1M1H", "PT1H1H", "P1DT", "P-1D", "-P1D", "+P1D", "P1W", "P1Y", "PT1.5H", "PT.5S", "PTS",
		"PT1.1234567891S", "P0D", "PT0S", "P40000D", "PT99999999999999999999S", "P9223372036854775807D", "P106751DT9999999H", "PT1 H", "ten minutes", "PT1S1.5",
	} {
		if got, err := ParseDuration(in, noon); err == nil {
			t.Errorf("%q was read as %v", in, got.Back)
		}
	}
}

func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"P1DT2H", "PT10M", "PT0.000000001S", "P20000DT23H59M59.999999999S"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseDuration(s, noon)
		if err != nil {
			return
		}
		again, err := ParseDuration(isoDuration(got.Back), noon) // what the shown command says
		if err != nil || again != got || got.Back <= 0 {
			t.Errorf("%q -> %s -> %v %v", s, isoDuration(got.Back), again, err)
		}
	})
}
