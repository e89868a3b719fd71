package rebalance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
)

// Roll is the action of a RollPlan in the audit.
const Roll Action = "rolling kick"

// RollPlan is a kick of several members, one after the other, in full: what is shown to a person is the
// value that is applied.
type RollPlan struct {
	Action   Action
	Group    string
	Type     kafka.GroupType
	Protocol string // the assignor
	Targets  []Identity
	Reason   string // told to the broker
	Effect   string // one sentence: what will happen
	Cost     string // one sentence: what it costs
	Note     string // one sentence about static members, empty without any
	Members  []MemberState
	Epoch    kafka.Known[int32] // of the group, KIP-848
	At       time.Time          // when the group was read
}

// PlanRoll plans to remove the members with these ids one after the other, all of the group's when none is
// named. Each joins again by itself.
func PlanRoll(g kafka.Group, ids []string, reason string) (RollPlan, error) {
	if err := Possible(&g); err != nil {
		return RollPlan{}, fmt.Errorf("kick members of %s: %w", g.Name, err)
	}
	for _, id := range ids {
		if !slices.ContainsFunc(g.Members, func(m kafka.Member) bool { return m.ID == id }) {
			return RollPlan{}, fmt.Errorf("kick members of %s: %w: %s", g.Name, errMember, id)
		}
	}
	base := planOf(Roll, &g)
	p := RollPlan{
		Action: Roll, Group: base.Group, Type: base.Type, Protocol: base.Protocol, Members: base.Members, Epoch: base.Epoch,
		At: g.At.UTC().Round(0), Reason: reason,
	}
	if p.Reason == "" {
		p.Reason = removed
	}
	for _, m := range base.Members {
		if len(ids) == 0 || slices.Contains(ids, m.ID) {
			p.Targets = append(p.Targets, m.Identity)
		}
	}
	p.Effect = fmt.Sprintf("%d of %d members are removed one after the other; each learns of it at its next heartbeat and joins again, and the next one's turn comes when the group is Stable; it stops at the first that does not settle", len(p.Targets), len(p.Members))
	p.Cost = human.Plural(len(p.Targets), "rebalance") + ", each as long as one kick: what a member has read but not committed is delivered again"
	p.Note = staticNote(p.Targets)
	return p, nil
}

// staticNote says what becomes of static members that are kicked, empty without any.
func staticNote(targets []Identity) string {
	var names []string
	for _, t := range targets {
		if t.InstanceID != "" {
			names = append(names, t.InstanceID)
		}
	}
	switch {
	case len(names) == 0:
		return ""
	case len(names) == 1:
		return "it is static: it is removed by its instance id and joins again as the same instance, " + names[0]
	case len(names) > 3:
		names = append(names[:3:3], "and others")
	}
	return "static members are removed by their instance id and join again as the same instances: " + strings.Join(names, ", ")
}

// String is the plan as plain text. Names are unsanitised.
func (p *RollPlan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s (%s, %s)\n%s.\nCost: %s.\n", p.Action, p.Group, p.Type, p.Protocol, p.Effect, p.Cost)
	if p.Note != "" {
		b.WriteString(p.Note + "\n")
	}
	for _, t := range p.Targets {
		fmt.Fprintf(&b, "%s\n", t)
	}
	return b.String()
}

// RollResult is what came of a RollPlan.
type RollResult struct {
	Plan     RollPlan
	Steps    []Result // of the members whose turn came, in order
	Stopped  string   // why the others' turn did not come, or the last one's result is not known; empty when all were kicked
	Unstable time.Duration
	AtLeast  bool // polls may have missed a part of Unstable
	Moved    []Move
}

// Done counts the members that were kicked and came back.
func (r *RollResult) Done() int {
	n := 0
	for i := range r.Steps {
		if r.Steps[i].Settled {
			n++
		}
	}
	return n
}

// ApplyRoll carries the plan out: it checks that the group is still as planned, records the intent, and for
// each member sends the trigger once and samples the group until it is Stable again. It stops at the first
// that does not settle, when the group changes in a way that no kick explains, and when ctx ends. One
// outcome with a result for each member is recorded. An error before the first trigger means that
// nothing was sent; one after it comes with what is known so far. A roll that stopped is an error.
func ApplyRoll(ctx context.Context, c Client, plan RollPlan, o Options) (RollResult, error) {
	res := RollResult{Plan: plan}
	if o.Audit == nil {
		return res, fmt.Errorf("%s of %s: no audit to write to", Roll, plan.Group)
	}
	o = o.withDefaults()
	before, err := c.Group(ctx, plan.Group)
	if err != nil {
		return res, fmt.Errorf("%s of %s: check before it: %w", Roll, plan.Group, err)
	}
	if err := plan.changed(&before); err != nil {
		return res, err
	}
	finish, err := o.Audit.Begin(string(Roll), plan.Group, plan)
	if err != nil {
		return res, fmt.Errorf("%s of %s: not started: %w", Roll, plan.Group, err)
	}
	err = (&roller{c: c, o: o, res: &res, first: before, last: before}).run(ctx)
	if unwritten := finish(res.record(), err); unwritten != nil {
		err = errors.Join(err, fmt.Errorf("%s of %s: %w", Roll, plan.Group, unwritten))
	}
	return res, err
}

// changed compares the group with the plan.
func (p *RollPlan) changed(g *kafka.Group) error {
	one := Plan{Action: Roll, Group: p.Group, Type: p.Type, Protocol: p.Protocol, Members: p.Members}
	return one.changed(g)
}

// roller is a rolling kick under way.
type roller struct {
	c   Client
	o   Options
	res *RollResult
	// first is the group before the first kick, with the ids that kicked members came back with, so that
	// what moved in all can be told.
	first kafka.Group
	last  kafka.Group // as described last, Stable
}

func (r *roller) run(ctx context.Context) error {
	targets := r.res.Plan.Targets
	for k, t := range targets {
		err := r.kick(ctx, k, t)
		if err != nil {
			r.res.Stopped = err.Error()
			return fmt.Errorf("%s of %s: stopped at member %d of %d: %w", Roll, r.res.Plan.Group, k+1, len(targets), err)
		}
	}
	return nil
}

// kick takes one member's turn.
func (r *roller) kick(ctx context.Context, k int, target Identity) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	plan, err := PlanKick(r.last, target.ID, r.res.Plan.Reason)
	if err != nil {
		return err
	}
	if k > 0 {
		now, err := r.c.Group(ctx, plan.Group)
		if err != nil {
			return err
		}
		if err := plan.changed(&now); err != nil {
			return err
		}
	}
	o, so := r.o, r.res.Unstable
	o.Progress = func(s Sample) {
		s.Target, s.Turn, s.Turns, s.Unstable = target, k+1, len(r.res.Plan.Targets), so+s.Unstable
		r.o.Progress(s)
	}
	step := Result{Plan: plan}
	before := r.last
	err = carryOut(ctx, r.c, &step, &r.last, o)
	r.took(&step)
	switch {
	case err != nil:
		return err
	case !step.Settled:
		return fmt.Errorf("%s was removed, and the group has not settled: waiting for %s", target, step.Waiting)
	}
	return stranger(&before, &r.last, &step)
}

// took adds a step to the result.
func (r *roller) took(step *Result) {
	r.res.Steps = append(r.res.Steps, *step)
	r.res.Unstable += step.Unstable
	r.res.AtLeast = r.res.AtLeast || step.AtLeast
	if step.Proof.NewID != "" {
		r.first.Members = slices.Clone(r.first.Members)
		for i := range r.first.Members {
			if m := &r.first.Members[i]; m.ID == step.Plan.Target.ID {
				m.ID = step.Proof.NewID
			}
		}
	}
	if r.last.State == kafka.StateStable {
		r.res.Moved = Diff(r.first, r.last)
	}
}

// stranger is an error when a member joined or left that the kick does not account for.
func stranger(before, after *kafka.Group, step *Result) error {
	known := map[string]bool{step.Proof.NewID: true}
	for i := range before.Members {
		known[before.Members[i].ID] = true
	}
	for i := range after.Members {
		m := &after.Members[i]
		if !known[m.ID] {
			return &ChangedError{Group: step.Plan.Group, What: IdentityOf(m).String() + " joined meanwhile"}
		}
	}
	return nil
}

// String is one line, and one more for each member. Names are unsanitised.
func (r *RollResult) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %s: %d of %d members kicked and back, %s moved, %s", Roll, r.Plan.Group,
		r.Done(), len(r.Plan.Targets), human.Plural(len(r.Moved), "partition"), unrest(r.Unstable, r.AtLeast, r.Stopped == ""))
	if r.Unstable > 0 {
		b.WriteString(" in all")
	}
	for i, t := range r.Plan.Targets {
		fmt.Fprintf(&b, "\n%s: %s", t, r.step(i))
	}
	return b.String()
}

// step words what came of one member.
func (r *RollResult) step(i int) string {
	if i >= len(r.Steps) {
		return "its turn did not come"
	}
	s := &r.Steps[i]
	switch {
	case s.Unsure:
		return "not known whether it was kicked: " + r.Stopped
	case !s.Sent:
		return "not kicked: " + r.Stopped
	case !s.Settled:
		return "kicked, not settled: waiting for " + s.Waiting
	}
	text := s.unrest()
	if proof := s.Proof.String(); proof != "" {
		text += " (" + proof + ")"
	}
	return text
}

// record is what the audit keeps; the plan is in the intent.
func (r *RollResult) record() any {
	type step struct {
		Target Identity
		Result any
	}
	var steps []step
	for i := range r.Steps {
		steps = append(steps, step{r.Steps[i].Plan.Target, r.Steps[i].record()})
	}
	return struct {
		Done       int
		Stopped    string `json:",omitempty"`
		UnstableMS int64
		AtLeast    bool
		Moved      []Move
		Steps      []step
	}{r.Done(), r.Stopped, r.Unstable.Milliseconds(), r.AtLeast, r.Moved, steps}
}
