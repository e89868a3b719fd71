package offsets

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/act"
	"lagtop/kafka/wait"
)

// Commits changes the commits of a group. Each sends one request and returns the partitions that were
// refused; with an error nobody knows what was changed.
type Commits interface {
	Commit(ctx context.Context, group string, commits map[kafka.TopicPartition]kafka.Commit) (map[kafka.TopicPartition]error, error)
	DeleteOffsets(ctx context.Context, group string, tps []kafka.TopicPartition) (map[kafka.TopicPartition]error, error)
}

// Starts changes the start offsets of a share group in the same way. They are deleted by whole topics.
type Starts interface {
	SetStartOffsets(ctx context.Context, group string, at map[kafka.TopicPartition]kafka.Commit) (map[kafka.TopicPartition]error, error)
	DeleteStartOffsets(ctx context.Context, group string, topics []string) (map[string]error, error)
}

// Committer stores and removes offsets.
type Committer interface {
	Commits
	Starts
}

// Client is what applying a plan needs.
type Client interface {
	Groups
	Committer
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
	Audit     act.Recorder
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
		o.Wait = wait.For
	}
	return o
}

// Apply carries the plan out: it saves the before-state, records the intent, checks that the world is
// still the plan's, sends ONE request (one more where an undo also takes commits away), reads back at once
// and after a second, and records the outcome. Partitions that the broker refused are told in the outcome,
// not as an error. An error says that the reset was refused (*ActiveError, *ChangedError and others: nothing
// was sent), or that its result is not known or not proved; the outcome then holds what is known.
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
	finish, err := o.Audit.Begin(string(plan.verb()), plan.Group, plan)
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
	refused, sent := send(ctx, c, &out.Plan)
	out.note(refused, sent)
	if sent == nil && len(refused) == out.Plan.Acting() {
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

// send stores what is to be stored and removes what is to be removed, one request each and none twice.
// After an error nothing more is sent.
func send(ctx context.Context, c Committer, p *Plan) (map[kafka.TopicPartition]error, error) {
	set, remove := c.Commit, c.DeleteOffsets
	if p.Action.Share() {
		set = c.SetStartOffsets
		remove = func(ctx context.Context, group string, tps []kafka.TopicPartition) (map[kafka.TopicPartition]error, error) {
			return removeStarts(ctx, c, group, tps)
		}
	}
	refused := map[kafka.TopicPartition]error{}
	removals := p.removals()
	if commits := p.commits(); len(commits) > 0 {
		not, err := unsent(slices.Collect(maps.Keys(commits)))(set(ctx, p.Group, commits))
		maps.Copy(refused, not)
		if err != nil {
			return refused, err
		}
		if len(not) == len(commits) { // most often members have come: removals might still pass
			for _, tp := range removals {
				refused[tp] = fmt.Errorf("not tried, since no commit was taken: %w", not[p.firstCommit()])
			}
			return refused, nil
		}
	}
	if len(removals) == 0 {
		return refused, nil
	}
	not, err := unsent(removals)(remove(ctx, p.Group, removals))
	maps.Copy(refused, not)
	return refused, err
}

// unsent makes one refusal for each partition of an error that came before the request was sent.
func unsent(tps []kafka.TopicPartition) func(map[kafka.TopicPartition]error, error) (map[kafka.TopicPartition]error, error) {
	return func(refused map[kafka.TopicPartition]error, err error) (map[kafka.TopicPartition]error, error) {
		if !errors.Is(err, kafka.ErrNotSent) {
			return refused, err
		}
		refused = make(map[kafka.TopicPartition]error, len(tps))
		for _, tp := range tps {
			refused[tp] = err
		}
		return refused, nil
	}
}

// firstCommit is the first partition that gets one.
func (p *Plan) firstCommit() kafka.TopicPartition {
	i := slices.IndexFunc(p.Changes, func(c Change) bool { return c.After.OK })
	return p.Changes[i].TopicPartition
}

func removeStarts(ctx context.Context, c Starts, group string, tps []kafka.TopicPartition) (map[kafka.TopicPartition]error, error) {
	not, err := c.DeleteStartOffsets(ctx, group, topicsOf(tps))
	refused := map[kafka.TopicPartition]error{}
	for _, tp := range tps {
		if e := not[tp.Topic]; e != nil {
			refused[tp] = e
		}
	}
	return refused, err
}

func (p *Plan) removals() []kafka.TopicPartition {
	var out []kafka.TopicPartition
	for i := range p.Changes {
		if p.Changes[i].Remove {
			out = append(out, p.Changes[i].TopicPartition)
		}
	}
	return out
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
		if (g.Type == kafka.Share) != p.Action.Share() {
			return fmt.Errorf("reset %s: it is a %s group now; plan again", p.Group, g.Type)
		}
		if p.Action != ActionDelete && (len(g.Members) > 0 || g.State != kafka.StateEmpty) {
			return &ActiveError{Group: p.Group, State: g.State, Members: holders(g.Members)}
		}
	}
	now, err := present(ctx, c, p)
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
		if !c.Acts() {
			continue
		}
		d := Difference{TopicPartition: c.TopicPartition, Planned: c.Before}
		if k, ok := now[c.TopicPartition]; ok {
			d.Now = kafka.Some(k.Offset)
			d.Metadata = c.Before.OK && k.Metadata != c.BeforeMetadata
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
		switch cause := out.Results[i].cause; {
		case cause == nil, errors.Is(cause, kafka.CodeUnknownMemberID): // nil: there was nothing to do
		case errors.Is(cause, kafka.ErrNotSent):
			return fmt.Errorf("reset %s: %w", out.Plan.Group, cause)
		default:
			return fmt.Errorf("reset %s: the broker refused every partition: %w", out.Plan.Group, cause)
		}
	}
	g, err := c.Group(ctx, out.Plan.Group)
	if err != nil || len(g.Members) == 0 {
		return &ActiveError{Group: out.Plan.Group, State: kafka.StateUnknown}
	}
	return &ActiveError{Group: out.Plan.Group, State: g.State, Members: holders(g.Members)}
}
