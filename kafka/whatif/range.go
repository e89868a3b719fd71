package whatif

import (
	"maps"
	"slices"

	"lagtop/kafka"
)

// ranges is Java's RangeAssignor: of each topic by itself every member gets a row of partitions that follow each
// other, the first members one more where it does not come out even. With racks it is that of 3.5 and later
// (KIP-881): partitions go first to members in the rack of a replica, as far as the counts allow, and topics with
// the same members and as many partitions go together.
func (w *world) ranges(racks bool) owners {
	out := owners{}
	var states []*rangeState
	need := false
	for i := range w.topics {
		if s := w.rangeState(&w.topics[i], out); len(s.members) > 0 {
			s.need = racks && w.needRacks(s.topic)
			need = need || s.need
			states = append(states, s)
		}
	}
	if need {
		w.matchRacks(states)
	}
	for _, s := range states {
		s.assign(func(int, int32) bool { return true })
	}
	return out
}

// rangeState is how far the assignment of one topic has come.
type rangeState struct {
	w       *world
	topic   *topic
	members []int
	need    bool // racks matter to it
	per     int  // partitions for each member
	extra   int  // members that may still have one more
	count   []int
	free    []int32
	out     owners
}

func (w *world) rangeState(t *topic, out owners) *rangeState {
	s := &rangeState{w: w, topic: t, members: w.subscribers(t.name), count: make([]int, len(w.members)), out: out}
	if n := len(s.members); n > 0 {
		s.per, s.extra = len(t.racks)/n, len(t.racks)%n
	}
	for p := range t.racks {
		s.free = append(s.free, int32(p))
	}
	return s
}

// needRacks tells whether racks matter for a topic: a member is in a rack with a replica, and not every partition
// has one in all of them.
func (w *world) needRacks(t *topic) bool {
	all := map[string]bool{}
	for _, r := range t.racks {
		maps.Copy(all, r)
	}
	if !slices.ContainsFunc(w.members, func(m member) bool { return m.rack != "" && all[m.rack] }) {
		return false
	}
	return slices.ContainsFunc(t.racks, func(r map[string]bool) bool { return !maps.Equal(r, all) })
}

// matchRacks gives out what finds a member in the rack of one of its replicas.
func (w *world) matchRacks(states []*rangeState) {
	done := make([]bool, len(states))
	for i, s := range states {
		if done[i] {
			continue
		}
		var together []*rangeState
		for j, o := range states[i:] {
			if slices.Equal(o.members, s.members) && len(o.topic.racks) == len(s.topic.racks) {
				together, done[i+j] = append(together, o), true
			}
		}
		if len(together) > 1 {
			w.matchTogether(together)
		} else if s.need {
			s.assign(s.match)
		}
	}
}

// matchTogether keeps partitions of the same number of several topics with one member.
func (w *world) matchTogether(states []*rangeState) {
	left := slices.Clone(states[0].members)
	for p := range int32(len(states[0].topic.racks)) {
		at := slices.IndexFunc(left, func(m int) bool {
			return !slices.ContainsFunc(states, func(s *rangeState) bool { return !s.match(m, p) || s.room(m) == 0 })
		})
		if at < 0 {
			continue
		}
		m := left[at]
		for _, s := range states {
			s.give(m, p)
		}
		if !slices.ContainsFunc(states, func(s *rangeState) bool { return s.room(m) > 0 }) {
			left = slices.Delete(left, at, at+1)
		}
	}
}

func (s *rangeState) match(m int, p int32) bool {
	rack := s.w.members[m].rack
	return rack == "" || s.topic.racks[p][rack]
}

// room is how many more a member may have.
func (s *rangeState) room(m int) int {
	most := s.per
	if s.extra > 0 {
		most++
	}
	return max(most-s.count[m], 0)
}

// assign lets each member take as many of the free partitions as it has room for.
func (s *rangeState) assign(may func(m int, p int32) bool) {
	for _, m := range s.members {
		var take []int32
		for _, p := range s.free {
			if len(take) < s.room(m) && may(m, p) {
				take = append(take, p)
			}
		}
		s.give(m, take...)
	}
}

func (s *rangeState) give(m int, ps ...int32) {
	if len(ps) == 0 {
		return
	}
	if s.count[m] += len(ps); s.count[m] > s.per {
		s.extra--
	}
	for _, p := range ps {
		s.out[kafka.TopicPartition{Topic: s.topic.name, Partition: p}] = m
	}
	s.free = slices.DeleteFunc(s.free, func(p int32) bool { return slices.Contains(ps, p) })
}
