package triage

import (
	"time"

	"lagtop/kafka"
)

// roster is the history of a group's member set: who is there since when, and the spells that ended. Both are
// bounded: the first by the members, the second by maxSpells.
type roster struct {
	seats []seat
	past  []spell // newest last
}

// seat is a member that is there.
type seat struct {
	id   string
	who  who
	from time.Time // zero: it was there at the first look
}

// who is the same consumer under whatever member id.
type who struct{ client, host string }

// spell is the life of a member that came and went.
type spell struct {
	who      who
	from, to time.Time // from zero: it was there at the first look
}

// maxSpells bounds what a group is remembered by.
const maxSpells = 32

// update takes over the members of a poll that differs from the one before.
func (r *roster) update(g *kafka.Group, first bool, now time.Time) {
	seats := make([]seat, 0, len(g.Members))
	known := make(map[string]int, len(r.seats))
	for i := range r.seats {
		known[r.seats[i].id] = i
	}
	for i := range g.Members {
		m := &g.Members[i]
		s := seat{id: m.ID, who: who{m.ClientID, m.Host}, from: now}
		if first {
			s.from = time.Time{}
		}
		if k, ok := known[m.ID]; ok {
			s.from = r.seats[k].from
			delete(known, m.ID)
		}
		seats = append(seats, s)
	}
	for i := range r.seats {
		if _, left := known[r.seats[i].id]; left {
			r.past = append(r.past, spell{r.seats[i].who, r.seats[i].from, now})
		}
	}
	if n := len(r.past) - maxSpells; n > 0 {
		r.past = append(r.past[:0], r.past[n:]...)
	}
	r.seats = seats
}

// lives calls visit with each consumer and how long its last lives lasted, oldest first; those that had
// begun before the first look are left out.
func (r *roster) lives(since time.Time, visit func(w who, lives []time.Duration) bool) {
	for i := range r.past {
		if !r.past[i].to.After(since) || r.seenAfter(i, r.past[i].who) {
			continue
		}
		var lives []time.Duration
		for k := 0; k <= i; k++ {
			if l := &r.past[k]; l.who == r.past[i].who && !l.from.IsZero() && l.to.After(since) {
				lives = append(lives, l.to.Sub(l.from))
			}
		}
		if !visit(r.past[i].who, lives) {
			return
		}
	}
}

// seenAfter tells whether a later spell is of the same consumer.
func (r *roster) seenAfter(i int, w who) bool {
	for k := i + 1; k < len(r.past); k++ {
		if r.past[k].who == w {
			return true
		}
	}
	return false
}

// churn counts the members that came and those that went since a time.
func (r *roster) churn(since time.Time) (joined, left int) {
	for i := range r.seats {
		if r.seats[i].from.After(since) {
			joined++
		}
	}
	for i := range r.past {
		if r.past[i].from.After(since) {
			joined++
		}
		if r.past[i].to.After(since) {
			left++
		}
	}
	return joined, left
}

// age is how long the youngest member of a consumer is there, or since it left.
func (r *roster) age(w who, now time.Time) time.Duration {
	var newest time.Time
	for i := range r.seats {
		if r.seats[i].who == w && r.seats[i].from.After(newest) {
			newest = r.seats[i].from
		}
	}
	for i := range r.past {
		if r.past[i].who == w && r.past[i].to.After(newest) {
			newest = r.past[i].to
		}
	}
	return now.Sub(newest)
}
