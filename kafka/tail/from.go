package tail

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/offsets"
	"lagtop/kafka/operate"
)

// ParseFrom reads where to begin: end, start, an offset, -N (the last N of each partition), how long ago, or a time.
func ParseFrom(s string, now time.Time) (kafka.Seek, error) {
	s = strings.TrimSpace(s)
	switch s {
	case "end":
		return kafka.Seek{}, nil
	case "start":
		return kafka.Seek{Kind: kafka.SeekStart}, nil
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		if strings.HasPrefix(s, "-") {
			return kafka.Seek{Kind: kafka.SeekLast, Offset: -max(n, -math.MaxInt64)}, nil
		}
		return kafka.Seek{Kind: kafka.SeekOffset, Offset: n}, nil
	}
	t, err := ParseMoment(s, now)
	if err != nil {
		return kafka.Seek{}, fmt.Errorf("%q: give end, start, an offset, -N, 10m, or a time such as 2026-11-22T14:00:00Z", s)
	}
	return kafka.Seek{Kind: kafka.SeekTime, Time: t}, nil
}

// ParseMoment reads a time, or how long ago it was: 10m, 2h, 1d12h.
func ParseMoment(s string, now time.Time) (time.Time, error) {
	s = strings.TrimSpace(s)
	if at, err := offsets.ParseTime(s); err == nil {
		return at.Time, nil
	}
	if d, err := time.ParseDuration(s); err == nil && d > 0 {
		return now.Add(-d), nil
	}
	ms, err := operate.ParseTime(s)
	if err != nil || ms <= 0 || ms > now.UnixMilli() {
		return time.Time{}, fmt.Errorf("%q: give a time such as 2026-11-22T14:00:00Z, or 10m for as long ago", s)
	}
	return now.Add(-time.Duration(ms) * time.Millisecond), nil
}
