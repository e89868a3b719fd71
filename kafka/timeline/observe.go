package timeline

import (
	"slices"
	"time"

	"lagtop/kafka"
)

// Observe compares a snapshot with the one before. It is called once for each poll, after lag was summed and
// before the snapshot is published, and keeps the snapshot until the next.
func (l *Log) Observe(s *kafka.Snapshot) {
	l.mu.Lock()
	defer l.mu.Unlock()
	prev := l.prev
	l.prev = s
	l.names = nil
	if prev == nil {
		return
	}
	l.vanished(s)
	whole := prev.Complete() && s.Complete() // else a group that is new was perhaps only not read
	k := 0
	for i := range s.Groups {
		g := &s.Groups[i]
		for k < len(prev.Groups) && prev.Groups[k].Name < g.Name {
			k++
		}
		switch {
		case k < len(prev.Groups) && prev.Groups[k].Name == g.Name:
			l.sight(&prev.Groups[k], g)
		case whole && (len(g.Members) > 0 || g.State.Rebalancing()):
			l.sight(&kafka.Group{Name: g.Name, Type: g.Type, State: kafka.StateEmpty, At: prev.At, Coordinator: g.Coordinator}, g)
		}
	}
}

// vanished ends the rebalances of groups that are not there any more. The poller keeps those that may be.
func (l *Log) vanished(s *kafka.Snapshot) {
	for name, t := range l.tracks {
		if t.open != nil && s.Group(name) == nil {
			l.settle(t, &kafka.Group{Name: name, Type: t.open.Type, State: kafka.StateDead, Coordinator: t.base.Coordinator, At: s.At})
		}
	}
}

// read tells whether the group was read anew, and ever before. What could not be read tells nothing.
func read(was, is *kafka.Group) bool {
	never := was.Err != "" && len(was.Members) == 0
	return is.Err == "" && !is.Gone && is.At.After(was.At) && !never
}

// sight takes over how a group is now.
func (l *Log) sight(was, is *kafka.Group) {
	if !read(was, is) {
		return
	}
	t := l.tracks[is.Name]
	if t == nil || t.open == nil {
		if !is.State.Rebalancing() && !differs(was, is) {
			return
		}
		t = l.track(is.Name)
		t.begin(was, is)
		l.ids++
		t.open.ID = l.ids
	}
	t.see(is)
	if is.State.Rebalancing() {
		t.open.compare(&t.base, is)
		l.judge(t)
		l.version++
		return
	}
	l.settle(t, is)
}

// begin opens a rebalance that was first seen in is.
func (t *track) begin(was, is *kafka.Group) {
	t.base = *was
	t.base.Partitions = nil // not needed, and large
	t.open = &Rebalance{
		Group: is.Name, Type: is.Type, Begin: is.At, AtLeast: true, From: was.Epoch,
		Unstable: kafka.Some(time.Duration(0)), Lag: [2]kafka.Known[int64]{total(was)},
	}
}

// see adds one look to the open rebalance. Between two looks in a row that were not Stable the group is taken for
// not Stable as well.
func (t *track) see(is *kafka.Group) {
	r := t.open
	r.To, r.Lag[1] = is.Epoch, total(is)
	r.Most = kafka.Some(is.At.Sub(t.base.At))
	if is.State.Rebalancing() {
		r.Unstable = kafka.Some(is.At.Sub(r.Begin))
	}
	if n := len(r.States); n < maxStates && (n == 0 || r.States[n-1].State != is.State) {
		r.States = append(slices.Clip(r.States), Change{is.At, is.State})
	}
}

// settle closes the open rebalance. One that came to nothing is one all the same: the group was not Stable.
func (l *Log) settle(t *track, is *kafka.Group) {
	r := t.open
	t.open = nil
	r.End = is.At
	r.compare(&t.base, is)
	base := t.base.At
	t.base = kafka.Group{}
	if !t.giveToLog(r, base) {
		l.add(t, r)
		return
	}
	l.judge(t)
	l.version++
}

// differs tells whether something changed that only a rebalance changes.
func differs(was, is *kafka.Group) bool {
	if is.Epoch != was.Epoch || len(is.Members) != len(was.Members) || is.Protocol != was.Protocol && was.Protocol != "" && is.Protocol != "" {
		return true
	}
	if len(is.Members) == 0 {
		return false
	}
	for i := range is.Members {
		a, b := &was.Members[i], &is.Members[i]
		if a.ID != b.ID || len(a.Assigned) != len(b.Assigned) || len(a.Tasks) != len(b.Tasks) {
			return true
		}
		for k := range b.Assigned {
			if a.Assigned[k] != b.Assigned[k] {
				return true
			}
		}
	}
	return false
}
