package timeline

import (
	"cmp"
	"slices"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/rebalance"
)

// Source says who saw a rebalance.
type Source int

// The sources. Between two polls a group may rebalance more than once, so what polls saw is the least.
const (
	FromPolls Source = iota
	FromLog          // the group's records in __consumer_offsets: nothing is missed
)

// Fate is what became of a person between two assignments.
type Fate int

// The fates.
const (
	Stayed   Fate = iota
	Joined        // it was not there before
	Left          // it is not there any more
	Returned      // the same consumer with a new member id: it restarted, or was put out and joined again
)

// Person is a member before or after a rebalance, or both.
type Person struct {
	rebalance.Identity        // as after it where it is there then
	OldID              string // Returned: the member id before
	Fate               Fate
	Had, Has           int // partitions before and after
}

// Move is a partition that changed hands.
type Move struct {
	kafka.TopicPartition
	From, To int // index into People, -1 for nobody
}

// Change is a state of the group and when it was first seen in it.
type Change struct {
	At    time.Time
	State kafka.GroupState
}

// Rebalance is what lies between two settled assignments of a group. Slices are never changed once it is given
// out.
type Rebalance struct {
	ID     uint64 // names it in its Log
	Group  string
	Type   kafka.GroupType
	Source Source

	Begin time.Time // polls: the first that saw it; a classic group's log does not tell: zero unless polls saw it
	End   time.Time // it had settled by then; zero while it goes on

	// Unstable is how long the group was not Stable, at the least when AtLeast is set, and Most at the most.
	// Unknown where only a classic group's log tells of it.
	Unstable kafka.Known[time.Duration]
	AtLeast  bool
	Most     kafka.Known[time.Duration]
	States   []Change // as polls saw them

	From, To kafka.Known[int32] // generation of a classic group (the log alone tells it), group epoch of others
	Skipped  int32              // generations in between that the log does not have any more

	Fresh      bool // what was before is not known: People and Moves tell only what is after
	People     []Person
	Members    [2]int // before and after
	Joined     int
	Left       int
	Returned   int
	Moved      int    // partitions that changed hands
	Moves      []Move // the first of them, by topic and partition
	Protocol   [2]string
	Leader     [2]rebalance.Identity // of a classic group, by the log alone
	Topics     [2][]string           // subscribed to, where that changed
	Partitions [2]int                // assigned in all
	Coord      [2]kafka.Known[int32]
	Lag        [2]kafka.Known[int64] // of the group, before and at the end, or now
	Action     *Action               // the operator's own, nil where there was none
	Cause      Cause

	absorbed bool // a poll's account of it was merged into the log's
}

// Piled is how much the group's lag grew from before the rebalance to its end; below 0 it shrank.
func (r *Rebalance) Piled() kafka.Known[int64] {
	if !r.Lag[0].OK || !r.Lag[1].OK {
		return kafka.Known[int64]{}
	}
	return kafka.Some(r.Lag[1].V - r.Lag[0].V)
}

// Open tells whether it goes on.
func (r *Rebalance) Open() bool { return r.End.IsZero() }

// When places it on the time axis: its end, or its begin while it goes on.
func (r *Rebalance) When() time.Time {
	if r.Open() {
		return r.Begin
	}
	return r.End
}

// Action is what an operator did to a group from here.
type Action struct {
	Group      string
	What       string             // probe, kick
	Target     rebalance.Identity // of a kick
	Reason     string
	Begin, End time.Time     // from the trigger until it had settled, or nobody looked any more
	Unstable   time.Duration // as sampled meanwhile
}

const (
	maxPeople = 256 // of one rebalance; the counts count all
	maxMoves  = 512
	maxStates = 16
)

// compare fills what two assignments differ in. Share groups have no owners that could lose a partition.
func (r *Rebalance) compare(before, after *kafka.Group) {
	same := rebalance.Same(before.Members, after.Members)
	r.People, r.Joined, r.Left, r.Returned = nil, 0, 0, 0
	index := map[rebalance.Identity]int{} // of people, as before and as after
	found := map[rebalance.Identity]bool{}
	for i := range after.Members {
		m := &after.Members[i]
		p := Person{Identity: rebalance.IdentityOf(m), Fate: Joined, Has: size(m)}
		old, known := same[p.Identity]
		switch {
		case known && old.ID != p.ID:
			p.Fate, p.OldID = Returned, old.ID
			r.Returned++
		case known:
			p.Fate = Stayed
		default:
			r.Joined++
		}
		if known {
			found[old] = true
			index[old] = len(r.People)
		}
		index[p.Identity] = len(r.People)
		r.People = append(r.People, p)
	}
	for i := range before.Members {
		m := &before.Members[i]
		id := rebalance.IdentityOf(m)
		if found[id] {
			r.People[index[id]].Had = size(m)
			continue
		}
		r.Left++
		index[id] = len(r.People)
		r.People = append(r.People, Person{Identity: id, Fate: Left, Had: size(m)})
	}
	r.Members = [2]int{len(before.Members), len(after.Members)}
	r.Protocol = [2]string{before.Protocol, after.Protocol}
	r.Coord = [2]kafka.Known[int32]{before.Coordinator, after.Coordinator}
	r.Partitions = [2]int{assigned(before), assigned(after)}
	r.Topics = [2][]string{}
	if was, is := subscribed(before), subscribed(after); !slices.Equal(was, is) {
		r.Topics = [2][]string{was, is}
	}
	r.moved(before, after, index)
	r.bound()
}

func (r *Rebalance) moved(before, after *kafka.Group, index map[rebalance.Identity]int) {
	r.Moves, r.Moved = nil, 0
	if r.Type == kafka.Share {
		return
	}
	at := func(id rebalance.Identity) int {
		if i, ok := index[id]; ok {
			return i
		}
		return -1
	}
	moves := rebalance.Diff(*before, *after)
	r.Moved = len(moves)
	for _, m := range moves[:min(len(moves), maxMoves)] {
		r.Moves = append(r.Moves, Move{TopicPartition: m.TopicPartition, From: at(m.From), To: at(m.To)})
	}
}

// bound keeps those who came or went first, and drops the moves of those who are cut off.
func (r *Rebalance) bound() {
	if len(r.People) <= maxPeople {
		return
	}
	order := make([]int, len(r.People))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(min(r.People[b].Fate, 1), min(r.People[a].Fate, 1))
	})
	place := make([]int, len(order))
	people := make([]Person, 0, maxPeople)
	for to, from := range order {
		place[from] = to
		if to < maxPeople {
			people = append(people, r.People[from])
		}
	}
	kept := r.Moves[:0]
	for _, m := range r.Moves {
		for _, end := range []*int{&m.From, &m.To} {
			if *end >= 0 {
				*end = place[*end]
			}
		}
		if m.From < maxPeople && m.To < maxPeople {
			kept = append(kept, m)
		}
	}
	r.People, r.Moves = people, kept
}

// size is how much a member has to do, in partitions or, where it has none of them, in tasks.
func size(m *kafka.Member) int {
	if len(m.Assigned) == 0 {
		return len(m.Tasks)
	}
	return len(m.Assigned)
}

func assigned(g *kafka.Group) int {
	n := 0
	for i := range g.Members {
		n += len(g.Members[i].Assigned)
	}
	return n
}

// subscribed is what any member subscribes to.
func subscribed(g *kafka.Group) []string {
	var out []string
	for i := range g.Members {
		out = append(out, g.Members[i].Subscribed...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// total is a group's lag when no part of it is missing.
func total(g *kafka.Group) kafka.Known[int64] {
	if g.Lag.Known == 0 || !g.Lag.Complete() {
		return kafka.Known[int64]{}
	}
	return kafka.Some(g.Lag.V)
}
