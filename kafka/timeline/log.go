package timeline

import (
	"slices"
	"sync"
	"time"

	"lagtop/kafka"
)

// Options bound what a Log keeps.
type Options struct {
	PerGroup int // rebalances of a group; 8
	Focused  int // rebalances of a group whose own log was read; 64
	Groups   int // groups that count as focused, the newest; 16
	All      int // rebalances of all groups; 4,096
}

func (o Options) withDefaults() Options {
	for p, d := range map[*int]int{&o.PerGroup: 8, &o.Focused: 64, &o.Groups: 16, &o.All: 4096} {
		if *p <= 0 {
			*p = d
		}
	}
	return o
}

// Log is the rebalances of all groups, the oldest dropped first. Observe is for one goroutine; everything else
// may be called from any.
type Log struct {
	o Options

	mu      sync.Mutex
	prev    *kafka.Snapshot // as last observed
	tracks  map[string]*track
	focused []string // the newest last
	actions []Action // the newest last
	names   map[[16]byte]string
	ids     uint64
	total   int
	version uint64
}

// track is what is kept of one group. A group without a rebalance has none.
type track struct {
	past []*Rebalance // by When, the newest last; the open one is not among them
	open *Rebalance
	base kafka.Group // as it was before the open one
	log  *reading    // of a focused group
}

const maxActions = 32

// New is an empty Log.
func New(o Options) *Log {
	return &Log{o: o.withDefaults(), tracks: map[string]*track{}}
}

// Version changes whenever an answer of Group or All may.
func (l *Log) Version() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.version
}

// Group is what is known of a group, the newest first. The result is the caller's, the slices in it are not.
func (l *Log) Group(name string) []Rebalance {
	l.mu.Lock()
	defer l.mu.Unlock()
	return newestFirst(l.tracks[name].all(nil))
}

// All is what is known of all groups, the newest first.
func (l *Log) All() []Rebalance {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Rebalance, 0, l.total)
	for _, t := range l.tracks {
		out = t.all(out)
	}
	return newestFirst(out)
}

func (t *track) all(out []Rebalance) []Rebalance {
	if t == nil {
		return out
	}
	for _, r := range t.past {
		out = append(out, *r)
	}
	if t.open != nil {
		out = append(out, *t.open)
	}
	return out
}

func newestFirst(rs []Rebalance) []Rebalance {
	slices.SortStableFunc(rs, func(a, b Rebalance) int {
		if a.Open() != b.Open() {
			if a.Open() {
				return -1
			}
			return 1
		}
		if c := b.When().Compare(a.When()); c != 0 {
			return c
		}
		return int(b.To.V) - int(a.To.V)
	})
	return rs
}

// Act tells what the operator did to a group from here. It may come after the rebalance that it led to.
func (l *Log) Act(a Action) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.actions = append(l.actions, a); len(l.actions) > maxActions {
		l.actions = l.actions[1:]
	}
	if t := l.tracks[a.Group]; t != nil {
		l.judge(t)
	}
	l.version++
}

func (l *Log) track(group string) *track {
	t := l.tracks[group]
	if t == nil {
		t = &track{}
		l.tracks[group] = t
	}
	return t
}

// add keeps a rebalance that has ended, and drops what is too much.
func (l *Log) add(t *track, r *Rebalance) {
	if r.ID == 0 {
		l.ids++
		r.ID = l.ids
	}
	i := len(t.past)
	for i > 0 && t.past[i-1].When().After(r.When()) {
		i--
	}
	t.past = slices.Insert(t.past, i, r)
	l.total++
	most := l.o.PerGroup
	if slices.Contains(l.focused, r.Group) {
		most = l.o.Focused
	}
	l.shrink(t, most)
	if l.total > l.o.All {
		l.dropOldest()
	}
	l.judgeFrom(t, r.When())
	l.version++
}

func (l *Log) shrink(t *track, most int) {
	if n := len(t.past) - most; n > 0 {
		t.past = slices.Delete(t.past, 0, n)
		l.total -= n
	}
}

// dropOldest makes room for a sixteenth of all, so that it is not done for each. It spares the groups in focus as
// long as others have enough.
func (l *Log) dropOldest() {
	drop := l.total - l.o.All + l.o.All/16
	for _, focused := range []bool{false, true} {
		var times []time.Time
		for g, t := range l.tracks {
			if slices.Contains(l.focused, g) == focused {
				for _, r := range t.past {
					times = append(times, r.When())
				}
			}
		}
		slices.SortFunc(times, time.Time.Compare)
		if n := min(drop, len(times)); n > 0 {
			l.dropUntil(times[n-1], focused)
		}
		if drop -= len(times); drop <= 0 {
			return
		}
	}
}

// dropUntil drops what is not newer than at, of groups in focus or of the others.
func (l *Log) dropUntil(at time.Time, focused bool) {
	for g, t := range l.tracks {
		if slices.Contains(l.focused, g) != focused {
			continue
		}
		n := 0
		for n < len(t.past) && !t.past[n].When().After(at) {
			n++
		}
		l.shrink(t, len(t.past)-n)
		l.forget(g, t)
	}
}

// forget drops a track of which nothing is left.
func (l *Log) forget(name string, t *track) {
	if len(t.past) == 0 && t.open == nil && t.log == nil {
		delete(l.tracks, name)
	}
}

// focus makes room for more of a group, at the cost of the one whose log was not read for longest.
func (l *Log) focus(group string) {
	l.focused = append(slices.DeleteFunc(l.focused, func(g string) bool { return g == group }), group)
	if len(l.focused) <= l.o.Groups {
		return
	}
	old := l.focused[0]
	l.focused = l.focused[1:]
	if t := l.tracks[old]; t != nil {
		t.log = nil
		l.shrink(t, l.o.PerGroup)
		l.forget(old, t)
	}
}

// judge says anew what caused the newest.
func (l *Log) judge(t *track) {
	if t.open != nil {
		l.judgeFrom(t, t.open.When())
	} else if n := len(t.past); n > 0 {
		l.judgeFrom(t, t.past[n-1].When())
	}
}

// judgeFrom says anew what caused the rebalances from a time on, and those shortly before: what comes later may tell
// more of what came before. A log that is read late brings older ones than the newest.
func (l *Log) judgeFrom(t *track, at time.Time) {
	rs := t.past
	if t.open != nil {
		rs = append(slices.Clip(rs), t.open)
	}
	since := at.Add(-churnPast)
	for i := len(rs) - 1; i >= 0 && !rs[i].When().Before(since); i-- {
		rs[i].Action = l.action(rs[i])
		rs[i].Cause = causeOf(rs, i)
		if a := rs[i].Action; a != nil && rs[i].AtLeast && a.Unstable > rs[i].Unstable.V {
			rs[i].Unstable = kafka.Some(a.Unstable)
		}
	}
}

// slack is how far the clocks of the brokers and ours may be apart, and how late an answer may be.
const slack = 2 * time.Second

// action finds what the operator did that the rebalance may come from.
func (l *Log) action(r *Rebalance) *Action {
	for i := len(l.actions) - 1; i >= 0; i-- {
		a := l.actions[i]
		began := r.Begin
		if began.IsZero() {
			began = r.End
		}
		if a.Group == r.Group && began.Before(a.End.Add(slack)) && (r.Open() || r.End.After(a.Begin.Add(-slack))) {
			return &a
		}
	}
	return nil
}
