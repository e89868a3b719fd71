package alert

import (
	"cmp"
	"slices"
	"time"

	"lagtop/kafka"
)

// Engine follows rules from snapshot to snapshot. It is for one goroutine.
type Engine struct {
	rules  []Rule
	tracks map[key]*track
	last   *kafka.Snapshot
	reads  uint64
}

// key is what at most one alert is open for.
type key struct {
	rule  int
	group string
}

// track is what one rule knows of one group. There is none while the rule does not hold and nobody was
// told that it does.
type track struct {
	open bool
	told bool // somebody was told that it is open; catches up with open outside quiet times
	alert
	polls int           // the present row of polls that speak against open
	held  time.Duration // how long that row is
	began time.Time     // of that row
	prev  time.Time     // the poll before, if it could tell; zero when it could not
	seen  uint64        // number of the read that had the group; the snapshot itself would be kept with it
}

// alert is what is to be said of it.
type alert struct {
	since    time.Time
	evidence string
	group    Facts
}

// New follows these rules. Nothing is open at first.
func New(rules []Rule) *Engine {
	return &Engine{rules: slices.Clone(rules), tracks: map[key]*track{}}
}

// Observe takes the next snapshot and returns what somebody is to be told, by rule and group. now is in
// the location whose clock the quiet times mean. In a quiet time nothing is returned; what is still
// different from what was told last when it ends comes then. A poll counts once, though its snapshot may
// be published again with more in it.
func (e *Engine) Observe(s *kafka.Snapshot, now time.Time) []Event {
	if e.last == nil || s != e.last && (s.Seq == 0 || s.Seq != e.last.Seq) {
		e.last = s
		e.read(s, now)
	}
	var out []Event
	for k, t := range e.tracks {
		r := &e.rules[k.rule]
		if t.open != t.told && !r.quiet(now) {
			t.told = t.open
			out = append(out, e.event(k, t, now))
		}
		if !t.open && !t.told && t.polls == 0 {
			delete(e.tracks, k)
		}
	}
	slices.SortFunc(out, func(a, b Event) int {
		return cmp.Or(cmp.Compare(a.index, b.index), cmp.Compare(a.Group, b.Group))
	})
	return out
}

func (e *Engine) read(s *kafka.Snapshot, now time.Time) {
	rd := newReader(s)
	e.reads++
	for i := range e.rules {
		r := &e.rules[i]
		for j := range s.Groups {
			g := &s.Groups[j]
			if !matches(r.Group, g.Name) {
				continue
			}
			k := key{i, g.Name}
			t := e.tracks[k]
			holds := rd.holds(&r.When, g)
			if t == nil {
				if holds != yes {
					continue
				}
				t = &track{}
				e.tracks[k] = t
			}
			t.seen = e.reads
			t.take(r, g, holds, now)
		}
	}
	if !rd.whole() {
		return
	}
	for _, t := range e.tracks {
		if t.seen != e.reads {
			t.vanish()
		}
	}
}

// take counts a poll. It speaks for what is, or is one of the row that changes it, or cannot tell.
func (t *track) take(r *Rule, g *kafka.Group, holds truth, now time.Time) {
	if holds == unknown {
		t.prev = time.Time{}
		return
	}
	if (holds == yes) == t.open {
		t.polls, t.held = 0, 0
	} else {
		t.lengthen(now)
	}
	t.prev = now
	if t.open || holds == yes {
		t.evidence, t.group = evidence(&r.When, g), factsOf(g)
	}
	hold := r.Enter
	if t.open {
		hold = r.Leave
	}
	if t.polls == 0 || !hold.done(t.polls, t.held) {
		return
	}
	if t.open = !t.open; t.open && !t.told {
		t.since = t.began
	}
	t.polls, t.held = 0, 0
}

func (t *track) lengthen(now time.Time) {
	switch {
	case t.polls == 0:
		t.began = now
	case !t.prev.IsZero():
		t.held += max(now.Sub(t.prev), 0)
	}
	t.polls++
}

// vanish closes the alert of a group that is not in the cluster any more. The poller keeps a group for a
// while that a broker does not list, so this needs no inertia of its own.
func (t *track) vanish() {
	t.polls, t.held = 0, 0
	if t.open {
		t.open, t.evidence = false, "the group is gone"
		t.group = Facts{}
	}
}

func (r *Rule) quiet(now time.Time) bool {
	return slices.ContainsFunc(r.Quiet, func(q Quiet) bool { return q.Contains(now) })
}

// Open are the alerts that are open, quiet ones too, the longest first.
func (e *Engine) Open() []Alert {
	var out []Alert
	for k, t := range e.tracks {
		if t.open {
			out = append(out, Alert{Rule: e.rules[k.rule].Name, Group: k.group, Since: t.since, Evidence: t.evidence, Told: t.told})
		}
	}
	slices.SortFunc(out, func(a, b Alert) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Group, b.Group))
	})
	return out
}
