package timeline

import (
	"slices"
	"time"

	"lagtop/kafka"
)

// giveToLog merges what polls saw of a rebalance into the log's account of it. since is the last look before. It
// reports false when the log has none.
func (t *track) giveToLog(seen *Rebalance, since time.Time) bool {
	found := -1
	for i, r := range t.past {
		if r.Source == FromLog && !r.absorbed && r.within(seen, since) {
			found = i // of several the last one: a poll saw them as one
		}
	}
	if found < 0 {
		return false
	}
	r := *t.past[found]
	r.take(seen)
	t.past[found] = &r
	for i, other := range t.past[:found] {
		if other.Source == FromLog && !other.absorbed && other.within(seen, since) {
			c := *other
			c.absorbed = true
			t.past[i] = &c
		}
	}
	return true
}

// within tells whether the log's account is about what polls saw: by epochs where both have them, else by time.
func (r *Rebalance) within(seen *Rebalance, since time.Time) bool {
	if r.To.OK && seen.To.OK && seen.From.OK && r.Type == kafka.Consumer {
		return r.To.V > seen.From.V && r.To.V <= seen.To.V
	}
	return r.End.After(since.Add(-slack)) && r.End.Before(seen.End.Add(slack))
}

// take adds what a classic group's log does not tell: when it began, and what it cost.
func (r *Rebalance) take(seen *Rebalance) {
	r.absorbed = true
	r.States, r.Lag, r.Coord = seen.States, seen.Lag, seen.Coord
	if !r.Unstable.OK {
		r.Unstable, r.Most, r.AtLeast = seen.Unstable, seen.Most, true
		r.Begin = seen.Begin
		if r.Begin.After(r.End) {
			r.Begin = r.End
		}
	}
	if r.Fresh && len(seen.People) > 0 {
		r.Fresh, r.People, r.Moves, r.Moved = false, seen.People, seen.Moves, seen.Moved
		r.Members, r.Joined, r.Left, r.Returned = seen.Members, seen.Joined, seen.Left, seen.Returned
	}
}

// takeFromPolls puts the log's account in the place of what polls saw before it came.
func (l *Log) takeFromPolls(t *track, r *Rebalance) {
	for i := len(t.past) - 1; i >= 0; i-- {
		seen := t.past[i]
		if seen.Source != FromPolls {
			continue
		}
		since := seen.Begin
		if seen.Most.OK {
			since = seen.End.Add(-seen.Most.V)
		}
		if r.within(seen, since) {
			r.take(seen)
			t.past = slices.Delete(t.past, i, i+1)
			l.total--
			return
		}
	}
}
