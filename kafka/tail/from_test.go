package tail

import (
	"testing"
	"time"

	"lagtop/kafka"
)

func TestPlacesToBeginAreReadAlikeEverywhere(t *testing.T) {
	now := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) kafka.Seek { return kafka.Seek{Kind: kafka.SeekTime, Time: now.Add(-d)} }
	for text, want := range map[string]kafka.Seek{
		"end": {}, " start ": {Kind: kafka.SeekStart}, "42": {Kind: kafka.SeekOffset, Offset: 42}, "-100": {Kind: kafka.SeekLast, Offset: 100},
		"10m": ago(10 * time.Minute), "1d12h": ago(36 * time.Hour), "1h30m": ago(90 * time.Minute), " 2h": ago(2 * time.Hour),
		"2026-11-22T13:00:00Z": ago(time.Hour), "2026-11-22T14:00:00+02:00": ago(2 * time.Hour), "2026-11-22": ago(14 * time.Hour),
	} {
		if got, err := ParseFrom(text, now); err != nil || got.Kind != want.Kind || got.Offset != want.Offset || !got.Time.Equal(want.Time) {
			t.Errorf("%q: %+v %v", text, got, err)
		}
	}
	for _, text := range []string{"", "soon", "-10m", "0h", "1970", "99999999999999999999", "9999999d"} {
		if got, err := ParseFrom(text, now); err == nil && got.Kind != kafka.SeekOffset {
			t.Errorf("%q is %+v", text, got)
		}
	}
}

func FuzzParseFrom(f *testing.F) {
	f.Add("10m")
	f.Add("-9223372036854775808")
	f.Fuzz(func(t *testing.T, text string) {
		now := time.Unix(1795356130, 0)
		s, err := ParseFrom(text, now)
		if err == nil && (s.Kind == kafka.SeekLast && s.Offset < 0 || s.Kind == kafka.SeekTime && s.Time.Unix() < 0) {
			t.Errorf("%q is %+v", text, s)
		}
	})
}
