package rebalance

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
)

// Sample is one look at the group after the trigger.
type Sample struct {
	At       time.Time
	State    kafka.GroupState // unknown: Err says why
	Members  int
	Epoch    kafka.Known[int32]
	Unstable time.Duration // so far
	Waiting  string        // what is still missing, empty when settled
	Err      error

	// Of a rolling kick, whose Unstable is that of all turns so far.
	Target      Identity
	Turn, Turns int // from 1; 0 when it is not one of several
}

// Result is what came of a plan.
type Result struct {
	Plan          Plan
	Trigger       string // the requests that were sent
	Sent          bool   // the broker accepted them
	Unsure        bool   // no answer: they may have been carried out
	Unstable      time.Duration
	AtLeast       bool // polls may have missed a part of Unstable
	Settled       bool // Stable again with everybody back
	Waiting       string
	Moved         []Move // empty also when the last assignment is unknown: see Settled
	MembersBefore []Identity
	MembersAfter  []Identity
	Proof         Proof
}

// Proof shows that the rebalance happened although nothing may have moved: a KIP-848 member keeps its id
// when it is kicked, but not its epoch.
type Proof struct {
	GroupEpochBefore, GroupEpochAfter   kafka.Known[int32]
	MemberEpochBefore, MemberEpochAfter kafka.Known[int32] // of the kicked member
	NewID                               string             // the member id that the kicked member came back with, when it is new
}

// settledFor is how many samples in a row must be good: between two rebalances a group is Stable for
// a moment.
const settledFor = 3

// watcher follows a group from the trigger on.
type watcher struct {
	plan     *Plan
	before   kafka.Group
	last     kafka.Group // as described last
	at       time.Time   // of the last sample, first of the trigger
	unstable time.Duration
	seen     bool // some sample was not Stable
	missed   bool // some sample failed
	good     int  // good samples in a row
	waiting  string
}

// watch samples until the group has settled or ctx ends.
func (w *watcher) watch(ctx context.Context, c Describer, o Options) {
	for w.good < settledFor {
		g, err := c.Describe(ctx, w.plan.Group, w.plan.Type)
		if ctx.Err() != nil {
			return
		}
		w.take(g, err, o.Now())
		o.Progress(Sample{
			At: w.at, State: g.State, Members: len(g.Members), Epoch: g.Epoch,
			Unstable: w.unstable, Waiting: w.waiting, Err: err,
		})
		if w.good < settledFor && o.Wait(ctx, o.Interval) != nil {
			return
		}
	}
}

// take judges one sample. The time since the one before counts with the state that ended it, so that
// the first includes the trigger.
func (w *watcher) take(g kafka.Group, err error, now time.Time) {
	passed := now.Sub(w.at)
	w.at = now
	if err != nil {
		w.missed, w.good, w.waiting = true, 0, "an answer: "+err.Error()
		return
	}
	w.last = g
	if g.State != kafka.StateStable {
		w.seen = true
		w.unstable += passed
	}
	w.waiting = w.missing(&g)
	if w.waiting != "" {
		w.good = 0
		return
	}
	w.good++
}

// missing says what keeps the group from being settled.
func (w *watcher) missing(g *kafka.Group) string {
	switch {
	case g.State != kafka.StateStable:
		return fmt.Sprintf("state %s", g.State)
	case g.Type == kafka.Consumer && g.Epoch.V <= w.before.Epoch.V:
		return "a new group epoch"
	case w.plan.Action == Kick && w.returned(g) == nil:
		return w.plan.Target.String() + " to join again"
	case len(g.Members) < len(w.before.Members):
		return fmt.Sprintf("%d members, has %d", len(w.before.Members), len(g.Members))
	}
	return ""
}

// returned finds the kicked member after it joined again: by its instance id, by its member id (which
// Java keeps under KIP-848), or as a new member with its client id and host.
func (w *watcher) returned(g *kafka.Group) *kafka.Member {
	t := w.plan.Target
	for i := range g.Members {
		m := &g.Members[i]
		known := slices.ContainsFunc(w.before.Members, func(b kafka.Member) bool { return b.ID == m.ID })
		switch {
		case m.InstanceID != "" || t.InstanceID != "":
			if m.InstanceID == t.InstanceID {
				return m
			}
		case m.ID == t.ID, !known && m.ClientID == t.ClientID && m.Host == t.Host:
			return m
		}
	}
	return nil
}

func (w *watcher) result(res *Result) {
	res.Unstable = w.unstable
	res.AtLeast = !w.seen || w.missed || w.good < settledFor
	res.Settled = w.good >= settledFor
	res.Waiting = w.waiting
	res.MembersAfter = identities(w.last.Members)
	if w.last.State == kafka.StateStable {
		res.Moved = Diff(w.before, w.last)
	}
	res.Proof = Proof{GroupEpochBefore: w.before.Epoch, GroupEpochAfter: w.last.Epoch}
	if w.plan.Action != Kick {
		return
	}
	for i := range w.before.Members {
		if w.before.Members[i].ID == w.plan.Target.ID {
			res.Proof.MemberEpochBefore = w.before.Members[i].Epoch
		}
	}
	if m := w.returned(&w.last); m != nil {
		res.Proof.MemberEpochAfter = m.Epoch
		if m.ID != w.plan.Target.ID {
			res.Proof.NewID = m.ID
		}
	}
}

func identities(ms []kafka.Member) []Identity {
	var out []Identity
	for i := range ms {
		out = append(out, IdentityOf(&ms[i]))
	}
	slices.SortFunc(out, func(x, y Identity) int {
		return cmp.Or(cmp.Compare(x.ClientID, y.ClientID), cmp.Compare(x.ID, y.ID))
	})
	return out
}

func (p Proof) String() string {
	var parts []string
	if p.GroupEpochBefore.OK && p.GroupEpochAfter.OK {
		parts = append(parts, fmt.Sprintf("group epoch %d -> %d", p.GroupEpochBefore.V, p.GroupEpochAfter.V))
	}
	if p.MemberEpochBefore.OK && p.MemberEpochAfter.OK {
		parts = append(parts, fmt.Sprintf("member epoch %d -> %d", p.MemberEpochBefore.V, p.MemberEpochAfter.V))
	}
	if p.NewID != "" {
		parts = append(parts, "new member id "+p.NewID)
	}
	return strings.Join(parts, ", ")
}

// String is one line for a toast. Names are unsanitised.
func (r *Result) String() string {
	s := fmt.Sprintf("%s %s: %s, %s moved", r.Plan.Action, r.Plan.Group, r.unrest(), human.Plural(len(r.Moved), "partition"))
	if !r.Settled {
		s += "; not settled: waiting for " + r.Waiting
	}
	if proof := r.Proof.String(); proof != "" {
		s += " (" + proof + ")"
	}
	return s
}

// unrest words how long the group was not Stable.
func (r *Result) unrest() string {
	return unrest(r.Unstable, r.AtLeast, r.Settled)
}

func unrest(unstable time.Duration, atLeast, settled bool) string {
	took := unstable.Round(10 * time.Millisecond)
	switch {
	case took == 0 && settled:
		return "Stable again before it could be seen"
	case atLeast:
		return fmt.Sprintf("not Stable for at least %s", took)
	}
	return fmt.Sprintf("not Stable for %s", took)
}

// record is what the audit keeps; the plan is in the intent.
func (r *Result) record() any {
	return struct {
		Trigger    string
		Sent       bool
		Unsure     bool `json:",omitempty"`
		UnstableMS int64
		AtLeast    bool
		Settled    bool
		Moved      []Move
		After      []Identity
		Proof      Proof
	}{r.Trigger, r.Sent, r.Unsure, r.Unstable.Milliseconds(), r.AtLeast, r.Settled, r.Moved, r.MembersAfter, r.Proof}
}
