package offsets

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ParseOffset reads an offset: a whole number of 0 or more.
func ParseOffset(s string) (ToOffset, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("offset %q: give a whole number, 0 or more", s)
	}
	return ToOffset(n), nil
}

// ParseShift reads a shift with its sign: +100 or -100.
func ParseShift(s string) (ShiftBy, error) {
	t := strings.TrimSpace(s)
	n, err := strconv.ParseInt(t, 10, 64)
	if err != nil || n == 0 || t[0] != '+' && t[0] != '-' {
		return 0, fmt.Errorf("shift %q: give a whole number with its sign, such as +100 or -100", s)
	}
	return ShiftBy(n), nil
}

// The layouts of ParseTime. Go reads a fraction of a second after any of them.
const (
	localLayout = "2006-01-02T15:04:05"
	spaceLayout = "2006-01-02 15:04:05"
	dayLayout   = "2006-01-02"
)

// zones are the ways Java writes a zone (X, XX, XXX); RFC 3339 is the last of them.
var zones = [...]string{"", "Z07", "Z0700", "Z07:00"}

// ParseTime reads a datetime as kafka-consumer-groups does, yyyy-MM-ddTHH:mm:ss.SSS with an optional
// zone (none is UTC), or RFC 3339, or a day alone.
func ParseTime(s string) (ToTime, error) {
	t := strings.TrimSpace(s)
	for _, layout := range []string{localLayout, spaceLayout} {
		for _, zone := range zones {
			if at, err := time.Parse(layout+zone, t); err == nil {
				return checkTime(s, at)
			}
		}
	}
	if at, err := time.Parse(dayLayout, t); err == nil {
		return checkTime(s, at)
	}
	return ToTime{}, badTime(s)
}

// checkTime leaves out what a record's timestamp cannot be.
func checkTime(s string, at time.Time) (ToTime, error) {
	if at.UnixMilli() < 0 {
		return ToTime{}, fmt.Errorf("datetime %q: before 1970", s)
	}
	return ToTime{Time: at.UTC().Truncate(time.Millisecond)}, nil
}

func badTime(s string) error {
	return fmt.Errorf("datetime %q: give yyyy-MM-ddTHH:mm:ss.SSS with an optional zone, none is UTC", s)
}
