package kafka

import (
	"strconv"
	"time"
)

// AgeKind is how well an age is known.
type AgeKind uint8

// The kinds of Age. AgePartial is for a sum over partitions of which some are unknown.
const (
	AgeExact        AgeKind = iota // Min is Max: the record's own timestamp, or nothing is unread
	AgeInterpolated                // Min is Max: between two samples of the log end
	AgeBracket                     // from Min to Max
	AgeAtLeast                     // Min or more
	AgePartial                     // Min or more: what is unknown may be older
	AgeFuture                      // the record's timestamp is in the future: it has no age
)

// String is the word for scripts.
func (k AgeKind) String() string {
	switch k {
	case AgeInterpolated:
		return "interpolated"
	case AgeBracket:
		return "bracket"
	case AgeAtLeast, AgePartial:
		return "at least"
	case AgeFuture:
		return "future"
	}
	return "exact"
}

// Age is how old the oldest unread record is. The zero Age is that of a group that has read all. No
// bound is ever negative.
type Age struct {
	Min  time.Duration
	Max  time.Duration // not for AgeAtLeast, AgePartial and AgeFuture, which have none
	Kind AgeKind
}

// ExactAge is the age of a record with that timestamp. It is unknown for a record without a timestamp,
// which clients write as 0 or -1.
func ExactAge(stamp, now time.Time) Known[Age] {
	switch {
	case stamp.IsZero() || stamp.UnixMilli() <= 0:
		return Known[Age]{}
	case stamp.Sub(now) > FutureSkew:
		return Some(Age{Kind: AgeFuture})
	}
	d := max(now.Sub(stamp), 0)
	return Some(Age{Min: d, Max: d})
}

// FutureSkew is how far ahead of ours the clock of a producer may be before its timestamps are said to be
// in the future.
const FutureSkew = time.Minute

// Bounded tells whether Max has a meaning.
func (a Age) Bounded() bool {
	return a.Kind == AgeExact || a.Kind == AgeInterpolated || a.Kind == AgeBracket
}

// String words an age in at most six cells: 0s, 41m, ≈41m, 1h–6h, <1m, >1d, ≥41m, future.
func (a Age) String() string { return a.Text("≈", "–", "≥") }

// Text is String with the signs for about, to and at least.
func (a Age) Text(about, to, atLeast string) string {
	switch a.Kind {
	case AgeInterpolated:
		return about + fine(a.Min)
	case AgeBracket:
		return a.bracket(to)
	case AgeAtLeast:
		return ">" + coarse(a.Min, false)
	case AgePartial:
		return atLeast + coarse(a.Min, false)
	case AgeFuture:
		return "future"
	}
	return fine(a.Min)
}

// bracket has at most six cells: where it would have more it leaves out the first unit, if both are the same, or the
// lower border.
func (a Age) bracket(to string) string {
	from, until := coarse(a.Min, false), coarse(a.Max, true)
	unit, cells := len(from)-1, len(from)+len(until)
	switch {
	case a.Min < time.Second:
		return "<" + until
	case from == until:
		return from
	case cells < 6:
		return from + to + until
	case cells == 6 && from[unit] == until[len(until)-1]:
		return from[:unit] + to + until
	}
	return "<" + until
}

// fine is d in whole units, rounded down: 45s, 3m, 30h, 9d, 3y.
func fine(d time.Duration) string {
	const day, year = 24 * time.Hour, 365 * 24 * time.Hour
	switch {
	case d < time.Minute:
		return whole(d, time.Second, "s")
	case d < time.Hour:
		return whole(d, time.Minute, "m")
	case d < 2*day:
		return whole(d, time.Hour, "h")
	case d < 2*year:
		return whole(d, day, "d")
	}
	return whole(d, year, "y")
}

func whole(d, unit time.Duration, name string) string {
	return strconv.FormatInt(int64(max(d, 0)/unit), 10) + name
}

// coarse is a bound, with days from one on. An upper one is rounded up, unless it is less than a tenth
// above a whole number: bounds move on by seconds between two questions to the cluster.
func coarse(d time.Duration, up bool) string {
	const day = 24 * time.Hour
	unit, name := time.Second, "s"
	switch {
	case d >= 700*day:
		return fine(d)
	case d >= day:
		unit, name = day, "d"
	case d >= time.Hour:
		unit, name = time.Hour, "h"
	case d >= time.Minute:
		unit, name = time.Minute, "m"
	}
	floor := d / unit * unit
	if up && d-floor > d/10 {
		return coarse(floor+unit, false)
	}
	return whole(floor, unit, name)
}

// Oldest gathers the ages of several partitions. The zero Oldest has seen none.
type Oldest struct {
	age       Age
	known     int
	missing   int
	unbounded bool // one has no upper bound
	about     bool // the oldest so far was interpolated
}

// Add counts one partition. An unknown age may be older than all others.
func (o *Oldest) Add(a Known[Age]) {
	if !a.OK {
		o.missing++
		return
	}
	o.known++
	o.unbounded = o.unbounded || !a.V.Bounded() && a.V.Kind != AgeFuture
	if a.V.Kind == AgeInterpolated && a.V.Min >= o.age.Min {
		o.about = true
	}
	o.age.Min, o.age.Max = max(o.age.Min, a.V.Min), max(o.age.Max, a.V.Max)
}

// Miss counts n partitions of which nothing is known.
func (o *Oldest) Miss(n int) { o.missing += n }

// Age is that of the oldest. It is unknown when nothing is known but that some are unknown.
func (o *Oldest) Age() Known[Age] {
	out := o.age
	switch {
	case o.known == 0 || o.missing > 0 && out.Min == 0:
		return Known[Age]{}
	case o.missing > 0:
		return Some(Age{Min: out.Min, Kind: AgePartial})
	case o.unbounded:
		return Some(Age{Min: out.Min, Kind: AgeAtLeast})
	case out.Min < out.Max:
		out.Kind = AgeBracket
	case o.about && out.Min > 0:
		out.Kind = AgeInterpolated
	}
	return Some(out)
}

// LogTimes is what ListOffsets by timestamp told of one log. Nobody changes it.
type LogTimes struct {
	Asked  time.Time
	Points []TimePoint
}

// TimePoint says that the records below Offset were older than At when it was asked, and, if Reached,
// that the one at Offset was not. A time after LogTimes.Asked finds records with a timestamp in the future.
type TimePoint struct {
	At      time.Time
	Offset  int64
	Reached bool // false: no record was at or after At; Offset is the log end that was known then
}
