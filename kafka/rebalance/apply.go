package rebalance

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/act"
	"lagtop/kafka/wait"
)

// Describer reads one group as it is now.
type Describer interface {
	// Group finds out the type first.
	Group(ctx context.Context, name string) (kafka.Group, error)
	// Describe is one request for a group of a known type.
	Describe(ctx context.Context, name string, typ kafka.GroupType) (kafka.Group, error)
}

// Mover sends the requests that move a group.
type Mover interface {
	// ParkJoin joins a classic group with its protocol and leaves before the join completes.
	ParkJoin(ctx context.Context, group, protocol, reason string) error
	// LeaveGroup removes a member, by instance id when there is one.
	LeaveGroup(ctx context.Context, group, memberID, instanceID, reason string) error
	// ConsumerHeartbeat is a KIP-848 heartbeat without topics: epoch 0 joins, -1 leaves.
	ConsumerHeartbeat(ctx context.Context, group, memberID, instanceID string, epoch int32) (int32, error)
}

// Client is what applying a plan needs.
type Client interface {
	Describer
	Mover
}

// Options are the surroundings of Apply. Audit is required; the rest has defaults.
type Options struct {
	Audit    act.Recorder
	Interval time.Duration                                    // between samples of the state, 100 ms
	Timeout  time.Duration                                    // for the group to settle, 60 s
	Progress func(Sample)                                     // called from Apply's goroutine after each sample
	Now      func() time.Time                                 // time.Now when nil
	Wait     func(ctx context.Context, d time.Duration) error // a timer when nil
}

func (o Options) withDefaults() Options {
	if o.Interval == 0 {
		o.Interval = 100 * time.Millisecond
	}
	if o.Timeout == 0 {
		o.Timeout = time.Minute
	}
	if o.Progress == nil {
		o.Progress = func(Sample) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Wait == nil {
		o.Wait = wait.For
	}
	return o
}

// Apply carries the plan out: it checks that the group is still as planned, records the intent, sends
// the trigger once, samples the group until it is Stable again, and records the outcome. An error
// before the trigger (*ChangedError and others) means that nothing was sent; one after it comes with
// what is known so far.
func Apply(ctx context.Context, c Client, plan Plan, o Options) (Result, error) {
	res := Result{Plan: plan}
	if o.Audit == nil {
		return res, fmt.Errorf("%s %s: no audit to write to", plan.Action, plan.Group)
	}
	o = o.withDefaults()
	before, err := c.Group(ctx, plan.Group)
	if err != nil {
		return res, fmt.Errorf("%s %s: check before it: %w", plan.Action, plan.Group, err)
	}
	if err := plan.changed(&before); err != nil {
		return res, err
	}
	finish, err := o.Audit.Begin(string(plan.Action), plan.Group, plan)
	if err != nil {
		return res, fmt.Errorf("%s %s: not started: %w", plan.Action, plan.Group, err)
	}
	err = carryOut(ctx, c, &res, &before, o)
	if unwritten := finish(res.record(), err); unwritten != nil {
		err = errors.Join(err, fmt.Errorf("%s %s: %w", plan.Action, plan.Group, unwritten))
	}
	return res, err
}

// carryOut sends the trigger and watches. g is the group before it, and as it was described last afterwards.
func carryOut(ctx context.Context, c Client, res *Result, g *kafka.Group, o Options) error {
	w := watcher{plan: &res.Plan, before: *g, last: *g, at: o.Now()}
	res.MembersBefore = identities(g.Members)
	res.MembersAfter = res.MembersBefore
	trigger, err := res.Plan.trigger(ctx, c)
	res.Trigger = trigger
	if err != nil {
		if res.Unsure = lost(err); res.Unsure {
			return fmt.Errorf("%s %s: not known whether it was done: %w", res.Plan.Action, res.Plan.Group, err)
		}
		return fmt.Errorf("%s %s: %w", res.Plan.Action, res.Plan.Group, err)
	}
	res.Sent = true
	bounded, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	w.watch(bounded, c, o)
	w.result(res)
	*g = w.last
	if ctx.Err() != nil && !res.Settled {
		return fmt.Errorf("%s %s: done, but not watched to its end: %w", res.Plan.Action, res.Plan.Group, context.Cause(ctx))
	}
	return nil
}

// trigger sends what the plan needs and names the requests.
func (p *Plan) trigger(ctx context.Context, c Mover) (string, error) {
	switch {
	case p.Action == Kick:
		return p.kick(ctx, c)
	case p.Type == kafka.Classic:
		return "JoinGroup, LeaveGroup", c.ParkJoin(ctx, p.Group, p.Protocol, p.Reason)
	case p.Type == kafka.Consumer:
		return "ConsumerGroupHeartbeat", p.probeConsumer(ctx, c)
	}
	return "", fmt.Errorf("no way to move a group of type %s", p.Type)
}

func (p *Plan) kick(ctx context.Context, c Mover) (string, error) {
	t := p.Target
	err := c.LeaveGroup(ctx, p.Group, t.ID, t.InstanceID, p.Reason)
	if p.Type != kafka.Consumer || !errors.Is(err, kafka.CodeUnknownMemberID) {
		return "LeaveGroup", err
	}
	// Brokers before 4.0 know LeaveGroup for classic members only (KAFKA-18188).
	_, beat := c.ConsumerHeartbeat(ctx, p.Group, t.ID, t.InstanceID, -1)
	switch {
	case beat == nil:
		return "ConsumerGroupHeartbeat", nil
	case lost(beat): // without the refusal of LeaveGroup, which says nothing of the heartbeat
		return "LeaveGroup, ConsumerGroupHeartbeat", beat
	}
	return "LeaveGroup, ConsumerGroupHeartbeat", fmt.Errorf(
		"%s is gone, or this broker cannot remove members of KIP-848 groups (4.0 and later can): %w", t, errors.Join(err, beat))
}

// lost tells an answer that was lost, or leaves open what was done, from a broker's refusal and from what was not sent.
func lost(err error) bool {
	var code kafka.Code
	if errors.Is(err, kafka.ErrNotSent) {
		return false
	}
	return !errors.As(err, &code) || code == kafka.CodeRequestTimedOut
}

// leaveTimeout bounds the probe's leaving, which happens even when the caller's context has ended.
const leaveTimeout = 3 * time.Second

// probeConsumer joins without topics and leaves; joining changes nothing, leaving makes a new epoch.
func (p *Plan) probeConsumer(ctx context.Context, c Mover) error {
	raw := make([]byte, 16)
	if _, err := rand.Read(raw); err != nil {
		return err
	}
	id := base64.RawURLEncoding.EncodeToString(raw)
	_, joined := c.ConsumerHeartbeat(ctx, p.Group, id, "", 0)
	leaving, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTimeout)
	defer cancel()
	_, left := c.ConsumerHeartbeat(leaving, p.Group, id, "", -1)
	if joined != nil {
		return joined // the leave was for a join whose answer was lost
	}
	return left
}
