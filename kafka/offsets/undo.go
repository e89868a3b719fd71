package offsets

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"lagtop/kafka"
)

// Reverse is the plan that leads back from p applied in full. A partition that had no commit before gets
// its commit taken away again.
func (p *Plan) Reverse() Plan { return p.reverse("BEFORE.csv") }

func (p *Plan) reverse(file string) Plan {
	r := *p
	r.Action, r.Exists, r.Create, r.Changes = ActionReset, true, false, nil
	if p.Action.Share() {
		r.Action = ActionResetStart
	}
	if p.Action != ActionDelete { // which works beside members
		r.State, r.Holders = kafka.StateEmpty, nil
	}
	if r.Type == "" {
		r.Type = kafka.Classic // created by the commit
	}
	r.Scenario, r.Flags = "undo "+p.Scenario, flag("--from-file", file)
	for i := range p.Changes {
		if c := &p.Changes[i]; c.Acts() {
			r.Changes = append(r.Changes, c.reverse(r.Action))
		}
	}
	return r
}

func (c *Change) reverse(a Action) Change {
	u := Change{
		TopicPartition: c.TopicPartition, Before: c.After, BeforeMetadata: c.Metadata, Metadata: c.BeforeMetadata,
		Start: c.Start, End: c.End,
	}
	switch {
	case c.Before.OK:
		u.set(c.Before.V)
	case a.Share():
		u.Err = "had no start offset before, and the broker deletes only those of a whole topic"
	default:
		u.Remove = true
	}
	return u
}

// Undo is the plan that takes back what was applied, or may have been; Acting is 0 when there is nothing to
// take back. It is of the world right after: see Recheck for later.
func (o *Outcome) Undo() Plan {
	refused := map[kafka.TopicPartition]bool{}
	for _, r := range o.Results {
		refused[r.TopicPartition] = r.Refused
	}
	u := o.Plan.reverse(o.BeforeFile)
	u.Changes = slices.DeleteFunc(u.Changes, func(c Change) bool {
		no, sent := refused[c.TopicPartition]
		return no || !sent
	})
	return u
}

// ReadPlan decodes a plan of this package from the audit.
func ReadPlan(raw json.RawMessage) (Plan, error) {
	var p Plan
	if err := json.Unmarshal(raw, &p); err != nil {
		return Plan{}, fmt.Errorf("read the recorded plan: %w", err)
	}
	p.Action = p.verb()
	if len(p.Changes) == 0 {
		return Plan{}, errors.New("read the recorded plan: it changes no offsets")
	}
	return p, nil
}

// ReadOutcome decodes what came of the plan from the audit.
func ReadOutcome(plan, outcome json.RawMessage) (Outcome, error) {
	p, err := ReadPlan(plan)
	if err != nil {
		return Outcome{}, err
	}
	o := Outcome{Plan: p}
	var r record
	if err := json.Unmarshal(outcome, &r); err != nil {
		return o, fmt.Errorf("read the recorded outcome: %w", err)
	}
	o.BeforeFile, o.Proved, o.Results = r.BeforeFile, r.Proved, r.Results
	return o, nil
}

// UndoOf is the plan that takes back an action of the audit, at any later time. Without an outcome, as
// an action that was cut short leaves it, all of the plan is taken for applied. The result is of the world
// that the action left: Recheck it before it is shown.
func UndoOf(plan, outcome json.RawMessage) (Plan, error) {
	if o := bytes.TrimSpace(outcome); len(o) == 0 || string(o) == "null" {
		p, err := ReadPlan(plan)
		if err != nil {
			return Plan{}, err
		}
		return p.Reverse(), nil
	}
	o, err := ReadOutcome(plan, outcome)
	if err != nil {
		return Plan{}, err
	}
	u := o.Undo()
	if len(u.Changes) == 0 {
		return Plan{}, fmt.Errorf("undo %s of %s: nothing of it was applied", o.Plan.verb(), o.Plan.Group)
	}
	return u, nil
}

// Recheck is the undo u as it would be for the present world. A commit that moved since the action is
// marked Moved and says so: applying puts it back all the same, so show the result before.
func Recheck(ctx context.Context, r Reader, u Plan) (Plan, error) {
	b := Before{Exists: true}
	if err := b.readGroup(ctx, r, u.Group); err != nil {
		return Plan{}, fmt.Errorf("check the undo: %w", err)
	}
	if why := Unsupported(&b.Group); b.Exists && why != "" {
		return Plan{}, fmt.Errorf("undo for %s: %s", u.Group, why)
	}
	now, err := present(ctx, r, &u)
	if err != nil {
		return Plan{}, fmt.Errorf("check the undo: %w", err)
	}
	var tps []kafka.TopicPartition
	for i := range u.Changes {
		tps = append(tps, u.Changes[i].TopicPartition)
	}
	places, err := places(ctx, r, ToCurrent{}, tps)
	if err != nil {
		return Plan{}, fmt.Errorf("check the undo for %s: %w", u.Group, err)
	}
	u.Exists, u.State, u.Holders = b.Exists, b.Group.State, holders(b.Group.Members)
	u.Changes = slices.Clone(u.Changes)
	for i := range u.Changes {
		u.Changes[i].recheck(now, places[i])
	}
	return u, nil
}

func (c *Change) recheck(now map[kafka.TopicPartition]kafka.Commit, p Partition) {
	was := c.Before
	c.Before, c.BeforeMetadata, c.Moved, c.Note = kafka.Known[int64]{}, "", false, ""
	if k, ok := now[c.TopicPartition]; ok {
		c.Before, c.BeforeMetadata = kafka.Some(k.Offset), k.Metadata
	}
	c.Start, c.End = p.Start, p.End
	target := c.After
	if target.OK {
		c.set(target.V)
	}
	switch {
	case c.Before == target && c.Acts():
		c.Note = "stands there already"
	case c.Before != was:
		c.Moved = true
		c.Note = fmt.Sprintf("was left at %s, is %s now: moved since", offset(was), offset(c.Before))
	case target.OK && c.Start.OK && target.V < c.Start.V:
		c.Note = fmt.Sprintf("below the log start, which is %d now", c.Start.V)
	}
}

// MovedSince counts the partitions whose commit moved since what an undo takes back.
func (p *Plan) MovedSince() int {
	n := 0
	for i := range p.Changes {
		if c := &p.Changes[i]; c.Moved && c.Acts() {
			n++
		}
	}
	return n
}
