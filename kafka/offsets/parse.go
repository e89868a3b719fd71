package offsets

import (
	"fmt"
	"math"
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

// ParseDuration reads an ISO-8601 duration as Java does, PnDTnHnMn.nS: how far to go back from a moment.
func ParseDuration(s string, from time.Time) (ByDuration, error) {
	bad := fmt.Errorf("duration %q: give an ISO-8601 duration such as P1DT2H or PT10M", s)
	rest, ok := strings.CutPrefix(strings.ToUpper(strings.TrimSpace(s)), "P")
	if !ok || rest == "" {
		return ByDuration{}, bad
	}
	days, clock, timed := strings.Cut(rest, "T")
	if timed && clock == "" {
		return ByDuration{}, bad
	}
	var back time.Duration
	for _, part := range []struct {
		text  string
		units string
	}{{days, "D"}, {clock, "HMS"}} {
		if back, ok = addParts(back, part.text, part.units); !ok {
			return ByDuration{}, bad
		}
	}
	at := from.Add(-back)
	if back <= 0 || at.UnixMilli() < 0 {
		return ByDuration{}, fmt.Errorf("duration %q: give one above 0 that does not reach before 1970", s)
	}
	return ByDuration{Back: back, From: from.UTC().Round(0)}, nil
}

// addParts adds the numbers of text, each followed by one of the units in their order.
func addParts(sum time.Duration, text, units string) (time.Duration, bool) {
	for text != "" {
		n := strings.IndexAny(text, units)
		if n < 0 {
			return 0, false
		}
		d, ok := isoPart(text[:n], text[n])
		if !ok || d > math.MaxInt64-sum {
			return 0, false
		}
		sum += d
		units = units[strings.IndexByte(units, text[n])+1:]
		text = text[n+1:]
	}
	return sum, true
}

// isoPart is a number of one unit; seconds may have a fraction.
func isoPart(number string, unit byte) (time.Duration, bool) {
	whole, fraction, parts := strings.Cut(strings.Replace(number, ",", ".", 1), ".")
	if parts && (unit != 'S' || len(fraction) > 9) || !digits(whole) || whole == "" || !digits(fraction) {
		return 0, false
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	size := map[byte]time.Duration{'D': 24 * time.Hour, 'H': time.Hour, 'M': time.Minute, 'S': time.Second}[unit]
	if err != nil || n > math.MaxInt64/int64(size)-1 {
		return 0, false
	}
	nanos, _ := strconv.Atoi((fraction + "000000000")[:9])
	return time.Duration(n)*size + time.Duration(nanos), true
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// isoDuration writes a duration as Java reads it.
func isoDuration(d time.Duration) string {
	var b strings.Builder
	b.WriteByte('P')
	if days := d / (24 * time.Hour); days > 0 {
		fmt.Fprintf(&b, "%dD", days)
	}
	d %= 24 * time.Hour
	if d == 0 {
		return b.String()
	}
	b.WriteByte('T')
	for _, u := range []struct {
		size time.Duration
		name byte
	}{{time.Hour, 'H'}, {time.Minute, 'M'}} {
		if n := d / u.size; n > 0 {
			fmt.Fprintf(&b, "%d%c", n, u.name)
		}
		d %= u.size
	}
	if d > 0 {
		b.WriteString(strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + "S")
	}
	return b.String()
}
