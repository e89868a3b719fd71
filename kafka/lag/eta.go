package lag

import (
	"math"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
)

// Horizon is how long a backlog lasts: a duration, or one of the constants below. The zero
// Horizon is unknown. It is comparable.
type Horizon int64

// The horizons that are no duration.
const (
	UnknownHorizon Horizon = iota
	Now
	Never
	firstTimed // and above: nanoseconds, shifted so that a duration never equals a constant
)

// In is a horizon d away; below zero it is Now.
func In(d time.Duration) Horizon {
	if d <= 0 {
		return Now
	}
	return Horizon(min(int64(d), math.MaxInt64-int64(firstTimed))) + firstTimed
}

// Duration is how far away the horizon is, known only where that is a time.
func (h Horizon) Duration() kafka.Known[time.Duration] {
	switch {
	case h == Now:
		return kafka.Some(time.Duration(0))
	case h >= firstTimed:
		return kafka.Some(time.Duration(h - firstTimed))
	}
	return kafka.Known[time.Duration]{}
}

// String is now, 3m, 2h, never, or the sign for unknown.
func (h Horizon) String() string {
	switch h {
	case UnknownHorizon:
		return human.None
	case Now:
		return "now"
	case Never:
		return "never"
	}
	return human.Duration(h.Duration().V)
}

// longest is the longest backlog worth a number; it also keeps a tiny drain from overflowing.
const longest = 100 * 365 * 24 * time.Hour

// ETA is how long the backlog lasts at the present drain rate. It is unknown while either rate is,
// and Never when the group does not gain on the producers.
func ETA(backlog kafka.Known[int64], in, out kafka.Known[float64]) Horizon {
	if !backlog.OK {
		return UnknownHorizon
	}
	if backlog.V <= 0 {
		return Now
	}
	if !in.OK || !out.OK {
		return UnknownHorizon
	}
	drain := out.V - in.V // records per second
	if !(drain > 0) {
		return Never
	}
	seconds := float64(backlog.V) / drain
	if seconds > longest.Seconds() {
		return Never
	}
	return In(time.Duration(seconds * float64(time.Second)))
}
