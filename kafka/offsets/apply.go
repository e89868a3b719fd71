package offsets

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lagtop/kafka"
)

// Committer stores commits.
type Committer interface {
	// Commit sends one request and returns the partitions that were refused.
	Commit(ctx context.Context, group string, commits map[kafka.TopicPartition]kafka.Commit) (map[kafka.TopicPartition]error, error)
}

// Client is what applying a plan needs.
type Client interface {
	Groups
	Committer
}

// Recorder keeps the audit. Begin returns once the intent is safe; with an error nothing may be done.
type Recorder interface {
	Begin(action, group string, plan any) (finish func(outcome any, failed error) error, err error)
}

// Step is how far an application has come, for a progress line.
type Step string

// The steps in their order.
const (
	StepSave   Step = "saving the before-state"
	StepAudit  Step = "writing the audit entry"
	StepCheck  Step = "checking that nothing changed"
	StepCommit Step = "committing"
	StepVerify Step = "reading back"
	StepSettle Step = "reading back again after 1 s"
)

// verifyAfter is how long a commit has to stand before it counts: a consumer that starts meanwhile
// would have overwritten it.
const verifyAfter = time.Second

// Options are the surroundings of Apply. Audit is required; the rest has defaults.
type Options struct {
	Audit     Recorder
	BeforeDir string                                           // DefaultBeforeDir when empty
	Progress  func(Step)                                       // called from Apply's goroutine
	Now       func() time.Time                                 // time.Now when nil
	Wait      func(ctx context.Context, d time.Duration) error // a timer when nil
}

func (o Options) withDefaults() Options {
	if o.BeforeDir == "" {
		o.BeforeDir = DefaultBeforeDir()
	}
	if o.Progress == nil {
		o.Progress = func(Step) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Wait == nil {
		o.Wait = wait
	}
	return o
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

// Apply carries the plan out: it saves the before-state, records the intent, checks that the world is
// still the plan's, sends ONE commit request, reads back at once and after a second, and records the
// outcome. Partitions that the broker refused are told in the outcome, not as an error. An error says
// that the reset was refused (*ActiveError, *ChangedError and others: nothing was sent), or that its
// result is not known or not proved; the outcome then holds what is known.
func Apply(ctx context.Context, c Client, plan Plan, o Options) (Outcome, error) {
	out := Outcome{Plan: plan}
	if o.Audit == nil {
		return out, fmt.Errorf("reset %s: no audit to write to", plan.Group)
	}
	o = o.withDefaults()
	if err := plan.Refused(); err != nil {
		return out, err
	}
	o.Progress(StepSave)
	var err error
	if out.BeforeFile, err = saveBefore(o.BeforeDir, &plan, o.Now()); err != nil {
		return out, err
	}
	o.Progress(StepAudit)
	finish, err := o.Audit.Begin("reset offsets", plan.Group, plan)
	if err != nil {
		return out, fmt.Errorf("reset %s: not started: %w", plan.Group, err)
	}
	err = carryOut(ctx, c, &out, o)
	if unwritten := finish(out.record(), err); unwritten != nil {
		err = errors.Join(err, fmt.Errorf("reset %s: %w", plan.Group, unwritten))
	}
	return out, err
}

func carryOut(ctx context.Context, c Client, out *Outcome, o Options) error {
	o.Progress(StepCheck)
	if err := recheck(ctx, c, &out.Plan); err != nil {
		return err
	}
	o.Progress(StepCommit)
	commits := out.Plan.commits()
	refused, sent := c.Commit(ctx, out.Plan.Group, commits)
	out.note(refused, sent)
	if sent == nil && len(refused) == len(commits) {
		return allRefused(ctx, c, out)
	}
	o.Progress(StepVerify)
	err := out.readBack(ctx, c, false)
	if err == nil {
		o.Progress(StepSettle)
		if err = o.Wait(ctx, verifyAfter); err == nil {
			err = out.readBack(ctx, c, true)
		}
	}
	if err != nil {
		err = fmt.Errorf("reset %s: committed but not proved: %w", out.Plan.Group, err)
	}
	if sent != nil {
		sent = fmt.Errorf("reset %s: %w", out.Plan.Group, sent)
	}
	return errors.Join(sent, err)
}

// commits are what the plan stores. Metadata goes along, since a commit without it would wipe it.
func (p *Plan) commits() map[kafka.TopicPartition]kafka.Commit {
	out := map[kafka.TopicPartition]kafka.Commit{}
	for _, c := range p.Changes {
		if c.After.OK {
			out[c.TopicPartition] = kafka.Commit{Offset: c.After.V, Metadata: c.Metadata}
		}
	}
	return out
}

// recheck compares the world with the one that the plan was made for.
func recheck(ctx context.Context, c Groups, p *Plan) error {
	g, err := c.Group(ctx, p.Group)
	missing := errors.Is(err, kafka.CodeGroupIDNotFound) || err == nil && g.State == kafka.StateDead && g.IsConsumer()
	switch {
	case missing && !p.Create:
		return fmt.Errorf("reset %s: the group is gone: %w", p.Group, kafka.CodeGroupIDNotFound)
	case err != nil && !missing:
		return fmt.Errorf("reset %s: check before the commit: %w", p.Group, err)
	case !missing:
		if why := Unsupported(&g); why != "" {
			return fmt.Errorf("reset %s: %s", p.Group, why)
		}
		if len(g.Members) > 0 || g.State != kafka.StateEmpty {
			return &ActiveError{Group: p.Group, State: g.State, Members: holders(g.Members)}
		}
	}
	now, err := c.Committed(ctx, p.Group)
	if err != nil {
		return fmt.Errorf("reset %s: check before the commit: %w", p.Group, err)
	}
	if ds := differences(p, now); len(ds) > 0 {
		return &ChangedError{Group: p.Group, Differences: ds}
	}
	return nil
}

func differences(p *Plan, now map[kafka.TopicPartition]kafka.Commit) []Difference {
	var out []Difference
	for _, c := range p.Changes {
		if !c.After.OK {
			continue
		}
		d := Difference{TopicPartition: c.TopicPartition, Planned: c.Before}
		if k, ok := now[c.TopicPartition]; ok {
			d.Now = kafka.Some(k.Offset)
			d.Metadata = c.Before.OK && k.Metadata != c.Metadata
		}
		if d.Now != d.Planned || d.Metadata {
			out = append(out, d)
		}
	}
	return out
}

// allRefused explains a commit that no partition took: most often a consumer has just started.
func allRefused(ctx context.Context, c Groups, out *Outcome) error {
	for i := range out.Results {
		if !errors.Is(out.Results[i].cause, kafka.CodeUnknownMemberID) {
			return fmt.Errorf("reset %s: the broker refused every partition: %w", out.Plan.Group, out.Results[i].cause)
		}
	}
	g, err := c.Group(ctx, out.Plan.Group)
	if err != nil || len(g.Members) == 0 {
		return &ActiveError{Group: out.Plan.Group, State: kafka.StateUnknown}
	}
	return &ActiveError{Group: out.Plan.Group, State: g.State, Members: holders(g.Members)}
}
