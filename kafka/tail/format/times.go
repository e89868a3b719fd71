package format

import (
	"math"
	"strconv"
	"strings"
	"time"
)

var layouts = [...]string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999-0700", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999 -0700",
	"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006/01/02 15:04:05.999999999", "Jan 02 2006 15:04:05", time.RFC1123Z, time.RFC1123,
}

// parseTime reads the timestamps of the usual loggers: ISO 8601 and its relatives, and numbers since 1970 in
// seconds, ms, us or ns by their size. Without a zone it is UTC.
func parseTime(s string) (time.Time, bool) {
	if len(s) < 8 || len(s) > 40 {
		return time.Time{}, false
	}
	if n, err := strconv.ParseFloat(s, 64); err == nil {
		return sinceEpoch(s, n)
	}
	s = strings.Replace(s, ",", ".", 1) // log4j, Python
	for _, l := range layouts {
		if t, err := time.Parse(l, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func sinceEpoch(s string, n float64) (time.Time, bool) {
	whole, err := strconv.ParseInt(s, 10, 64)
	switch {
	case n < 1e8 || n > 1e19 || math.IsNaN(n):
		return time.Time{}, false
	case n < 1e11:
		sec, frac := math.Modf(n)
		return time.Unix(int64(sec), int64(frac*1e6)*1e3), true
	case err != nil:
		return time.Time{}, false
	case n < 1e14:
		return time.UnixMilli(whole), true
	case n < 1e17:
		return time.UnixMicro(whole), true
	}
	return time.Unix(0, whole), true
}

// leadingTime reads a timestamp of one or two words at the beginning of a line.
func leadingTime(s string) (t time.Time, rest string, ok bool) {
	if len(s) < 19 || s[0] < '0' && s[0] != '[' || s[0] > '9' && s[0] != '[' {
		return t, s, false
	}
	head := strings.TrimPrefix(s, "[")
	one, after, _ := strings.Cut(head, " ")
	if t, ok = parseTime(strings.TrimRight(one, "]:")); ok && strings.ContainsAny(one, "-/:") {
		return t, after, true
	}
	two, after, _ := strings.Cut(after, " ")
	if t, ok = parseTime(one + " " + strings.TrimRight(two, "]:")); ok {
		return t, after, true
	}
	return time.Time{}, s, false
}
