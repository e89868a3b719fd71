// Package human words numbers for people: counts, rates, times and sizes in as few cells as they need; and
// finds the word that a person meant. It is pure and knows nothing of Kafka, of colours or of the terminal.
package human

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// None stands for a number that is not known.
const None = "–"

const units = "kMGTPE"

// Count is n in at most five cells: 912, 1.2k, 48k, 1.2M, -912k.
func Count(n int64) string {
	if n < 0 {
		return "-" + scale(-float64(n))
	}
	return scale(float64(n))
}

// Unit parts a number such as 10k into its digits and what they are multiplied by: k, M and G, of both cases.
func Unit(s string) (digits string, factor float64) {
	if s == "" {
		return s, 1
	}
	switch s[len(s)-1] {
	case 'k', 'K':
		factor = 1e3
	case 'm', 'M':
		factor = 1e6
	case 'g', 'G':
		factor = 1e9
	default:
		return s, 1
	}
	return s[:len(s)-1], factor
}

// Number is Count for a fraction: below ten it keeps one decimal. None for what is not a number.
func Number(f float64) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return None
	}
	sign := ""
	if f < 0 {
		sign, f = "-", -f
	}
	switch {
	case f == 0:
		return "0"
	case f < 0.05:
		return sign + "<0.1"
	case f < 9.95:
		return sign + trim(strconv.FormatFloat(f, 'f', 1, 64))
	}
	return sign + scale(math.Round(f))
}

// Rate is f records a second: 2.1k/s, 0.3/s.
func Rate(f float64) string { return Number(f) + "/s" }

// RateAtLeast is f records a second where parts are missing from it: ≥ 2.1k/s.
func RateAtLeast(f float64) string { return AtLeast(f, "≥ ") + "/s" }

// AtLeast is Number behind the sign that it is the least that a number can be. What is too small for a digit
// is at least 0.
func AtLeast(f float64, sign string) string {
	if math.Abs(f) < 0.05 {
		f = 0
	}
	return sign + Number(f)
}

// scale words a whole number that is not negative in at most four cells.
func scale(f float64) string {
	if f < 1000 {
		return strconv.FormatFloat(f, 'f', 0, 64)
	}
	unit := -1
	for f >= 999.5 && unit < len(units)-1 {
		f /= 1000
		unit++
	}
	if f < 9.95 {
		return strconv.FormatFloat(f, 'f', 1, 64) + units[unit:unit+1]
	}
	return strconv.FormatFloat(f, 'f', 0, 64) + units[unit:unit+1]
}

func trim(s string) string {
	if n := len(s); n > 2 && s[n-2:] == ".0" {
		return s[:n-2]
	}
	return s
}

// Plural is n of what the word names: 1 group, 3 groups, 2 batches.
func Plural(n int, word string) string {
	switch {
	case n == 1:
		return "1 " + word
	case strings.HasSuffix(word, "ch"):
		word += "e"
	}
	return strconv.Itoa(n) + " " + word + "s"
}

// Bytes is n bytes in decimal units: 912 B, 1.2 MB, 412 GB.
func Bytes(n int64) string {
	s := Count(n)
	if last := s[len(s)-1]; last > '9' {
		if last == 'k' {
			return s[:len(s)-1] + " kB"
		}
		return s[:len(s)-1] + " " + s[len(s)-1:] + "B"
	}
	return s + " B"
}

// Duration is d in whole units, rounded down, in at most four cells: 0s, 45s, 3m, 2h, 9d, 3y.
func Duration(d time.Duration) string {
	n, u := whole(d)
	return strconv.FormatInt(n, 10) + [...]string{"s", "m", "h", "d", "y"}[u]
}

// Span is Duration for a sentence: 40 s, 6 min, 2 h, 3 days.
func Span(d time.Duration) string {
	n, u := whole(d)
	return strconv.FormatInt(n, 10) + [...]string{" s", " min", " h", " days", " years"}[u]
}

// whole is d in the largest unit of which there are at least one (for days and years two) and the
// unit's index: seconds, minutes, hours, days, years. A negative d is 0.
func whole(d time.Duration) (n int64, unit int) {
	const day, year = 24 * time.Hour, 365 * 24 * time.Hour
	switch {
	case d < 0:
		return 0, 0
	case d < time.Minute:
		return int64(d / time.Second), 0
	case d < time.Hour:
		return int64(d / time.Minute), 1
	case d < 2*day:
		return int64(d / time.Hour), 2
	case d < 2*year:
		return int64(d / day), 3
	}
	return int64(d / year), 4
}
