// Package alert decides from snapshots when a rule of the user begins and ceases to hold for a group, at
// most one open alert for each rule and group. It is pure: it delivers nothing, reads no clock and knows
// no terminal.
package alert

import (
	"time"

	"lagtop/kafka"
	"lagtop/kafka/limit"
)

// Rule says when somebody wants to hear of a group, and how.
type Rule struct {
	Name   string
	Group  string // pattern of CheckPattern; empty: every group
	When   When
	Enter  Hold // how long When must hold before the alert is fired
	Leave  Hold // how long it must not, before the alert is cleared
	Quiet  []Quiet
	Notify Notify
}

// When is what must be so, all of it. A zero field asks for nothing.
type When struct {
	Lag      kafka.Known[int64]         // records, at least
	Age      kafka.Known[time.Duration] // of the oldest unread record, at least
	Verdicts []kafka.VerdictKind        // one of them
	States   []kafka.GroupState         // one of them
}

// Empty tells whether nothing is asked for.
func (w *When) Empty() bool {
	return !w.Lag.OK && !w.Age.OK && len(w.Verdicts) == 0 && len(w.States) == 0
}

// Hold is the inertia of an alert: so many polls in a row and so long, both. Polls that could not tell
// neither count nor break the row, and their time is not counted. The zero Hold is one poll.
type Hold struct {
	Polls int
	For   time.Duration
}

func (h Hold) done(polls int, held time.Duration) bool {
	return polls >= max(h.Polls, 1) && held >= h.For
}

// Notify is how somebody hears of it beside the mark on the screen.
type Notify struct {
	Bell    bool
	Desktop bool
	Command []string // program and arguments, no shell; gets an Event as JSON on its standard input
}

// CheckPattern tells whether p is a pattern as in package limit.
func CheckPattern(p string) error { return limit.Check(p) }

func matches(pattern, group string) bool { return pattern == "" || limit.Match(pattern, group) }
