package whatif

import (
	"cmp"
	"fmt"
	"slices"

	"lagtop/kafka"
	"lagtop/kafka/lag"
	"lagtop/kafka/rebalance"
)

// Result is a group before and after a change.
type Result struct {
	Group      string
	Change     Change      // with the assignor that was asked
	Was        Assignor    // the present one, empty when it is not known
	Members    []Member    // the present ones as the group has them, then new ones
	Nobody     Member      // what no member has
	Partitions []Partition // that are subscribed to before or after, by topic, then partition
	Moves      []rebalance.Move
	Moved      int // of Moves: from one member to another
	Before     Balance
	After      Balance
	Capacity   Capacity
	Notes      []string // what the result rests on, one sentence each, unsanitised
}

// Member is one of them before and after.
type Member struct {
	rebalance.Identity
	New, Leaves   bool
	Before, After Load
}

// Partition is who has it before and after, as indices into Members; -1 for nobody.
type Partition struct {
	kafka.TopicPartition
	New      bool
	From, To int
}

// Load is what a member, or the group, has to do.
type Load struct {
	Partitions int
	Lag        kafka.Total          // records
	In         kafka.Known[float64] // records/s produced to its partitions; unknown while that of any is
	Drain      kafka.Known[float64] // records/s by which the lag shrinks
	ETA        lag.Horizon          // until the lag is gone
}

// Balance is how even that is. Its ETA is that of the member that takes longest.
type Balance struct {
	Load
	Members     int
	Idle        int // members without a partition
	Most, Least int // partitions of one member
	MostLag     kafka.Total
}

// MeanLag is the records of lag for each member, at least when parts are missing.
func (b Balance) MeanLag() kafka.Total {
	out := b.Lag
	if b.Members > 0 {
		out.V /= int64(b.Members)
	}
	return out
}

// Plan is what becomes of a group. The error says why it cannot be computed, such as a share group, an assignor that
// is not known here, or a topic that cannot be seen. Sticky assignors may answer differently each time: with an earlier
// result, as long as that was asked the same, who gets what does not change from one poll to the next, while lag and
// rates are the newest. last may be nil.
func Plan(s *kafka.Snapshot, g *kafka.Group, c Change, last *Result) (Result, error) {
	if err := why(g); err != nil {
		return Result{}, err
	}
	was, known := Present(g)
	if !known {
		was = ""
	}
	if c.Assignor = cmp.Or(c.Assignor, was); c.Assignor == "" {
		return Result{}, fmt.Errorf("what if %s: its assignor %q is not known here", g.Name, g.Protocol)
	}
	cs, err := casting(s, g, c)
	if err != nil {
		return Result{}, err
	}
	w, unseen, err := build(s, g, c, &cs)
	if err != nil {
		return Result{}, err
	}
	r := Result{Group: g.Name, Change: c, Was: was}
	r.people(&cs)
	r.list(g, w)
	if !r.reuse(last) {
		own, err := w.assign(c.Assignor)
		if err != nil {
			return Result{}, fmt.Errorf("what if %s: %w", g.Name, err)
		}
		for i := range r.Partitions {
			if m, ok := own[r.Partitions[i].TopicPartition]; ok {
				r.Partitions[i].To = w.members[m].from
			}
		}
	}
	r.move(g, &cs)
	r.estimate(s, g)
	r.note(g, w, &cs, unseen, odd(s, g))
	return r, nil
}

func (r *Result) people(cs *cast) {
	for i := range cs.members {
		r.Members = append(r.Members, Member{
			Identity: rebalance.IdentityOf(&cs.members[i]), Leaves: cs.leaving[i],
		})
	}
}

// list names the partitions, with who has them.
func (r *Result) list(g *kafka.Group, w *world) {
	at := map[kafka.TopicPartition]int{}
	add := func(tp kafka.TopicPartition) *Partition {
		i, ok := at[tp]
		if !ok {
			i = len(r.Partitions)
			at[tp] = i
			r.Partitions = append(r.Partitions, Partition{TopicPartition: tp, From: -1, To: -1})
		}
		return &r.Partitions[i]
	}
	for _, t := range w.topics {
		more := 0
		if t.name == r.Change.Topic {
			more = max(r.Change.Partitions, 0)
		}
		for p := range t.racks {
			add(kafka.TopicPartition{Topic: t.name, Partition: int32(p)}).New = p >= len(t.racks)-more
		}
	}
	for i := range g.Members {
		r.Members[i].New = false
		for _, tp := range g.Members[i].Assigned {
			add(tp).From = i
		}
	}
	for i := len(g.Members); i < len(r.Members); i++ {
		r.Members[i].New = true
	}
	slices.SortFunc(r.Partitions, func(a, b Partition) int { return a.Compare(b.TopicPartition) })
}

// reuse takes over the assignment of an earlier result that was asked the same.
func (r *Result) reuse(last *Result) bool {
	if last == nil || last.Group != r.Group || last.Change != r.Change || !slices.EqualFunc(last.Members, r.Members, func(a, b Member) bool {
		return a.Identity == b.Identity && a.Leaves == b.Leaves
	}) || !slices.EqualFunc(last.Partitions, r.Partitions, func(a, b Partition) bool {
		return a.TopicPartition == b.TopicPartition && a.From == b.From
	}) {
		return false
	}
	for i := range r.Partitions {
		r.Partitions[i].To = last.Partitions[i].To
	}
	return true
}

// move lists what changes hands.
func (r *Result) move(g *kafka.Group, cs *cast) {
	after := kafka.Group{Members: slices.Clone(cs.members)}
	for i := range after.Members {
		after.Members[i].Assigned = nil
	}
	for _, p := range r.Partitions {
		if p.To >= 0 {
			m := &after.Members[p.To]
			m.Assigned = append(m.Assigned, p.TopicPartition)
		}
	}
	r.Moves = rebalance.Diff(*g, after)
	for _, m := range r.Moves {
		if m.From != (rebalance.Identity{}) && m.To != (rebalance.Identity{}) {
			r.Moved++
		}
	}
}
