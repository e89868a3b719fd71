package offsets

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/wait"
)

// Watcher is what waiting for a group to become empty needs.
type Watcher interface {
	Reader
	// Describe reads state and members of a classic or KIP-848 group in one request.
	Describe(ctx context.Context, name string, typ kafka.GroupType) (kafka.Group, error)
}

// Waiting is why the group is not empty yet, for a progress line.
type Waiting struct {
	State   kafka.GroupState
	Members []Holder // a share group's are not told
	Err     string   // why the last look failed, empty when it did not
}

func (w Waiting) String() string {
	switch {
	case w.Err != "":
		return "cannot see the group: " + w.Err
	case len(w.Members) == 0:
		return "waiting: the group is " + string(w.State)
	case len(w.Members) == 1:
		return "waiting for " + w.Members[0].String()
	}
	const most = 3
	var names []string
	for _, m := range w.Members[:min(len(w.Members), most)] {
		names = append(names, m.String())
	}
	if more := len(w.Members) - most; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return fmt.Sprintf("waiting for %s: %s", human.Plural(len(w.Members), "member"), strings.Join(names, ", "))
}

// What waiting costs: one request each lookEvery, and so many failures in a row end it.
const (
	lookEvery   = time.Second
	mostUnseen  = 10
	replansMost = 20 // times that the group was empty and had members again
)

// WaitOptions are the surroundings of WaitEmpty; all have defaults.
type WaitOptions struct {
	Progress func(Waiting)                                    // called from WaitEmpty's goroutine
	Wait     func(ctx context.Context, d time.Duration) error // a timer when nil
}

// WaitEmpty waits until the group has no members and plans the spec again for what they left. It asks once
// a second, with one request, and ends with the context. Nothing is changed: Outdated tells whether whoever
// confirmed the plan from before has to see this one first.
func WaitEmpty(ctx context.Context, w Watcher, spec Spec, o WaitOptions) (Plan, error) {
	if o.Progress == nil {
		o.Progress = func(Waiting) {}
	}
	if o.Wait == nil {
		o.Wait = wait.For
	}
	for range replansMost {
		p, err := Prepare(ctx, w, spec)
		if err != nil {
			return Plan{}, err
		}
		var active *ActiveError
		if !errors.As(p.Refused(), &active) {
			return p, nil
		}
		o.Progress(Waiting{State: p.State, Members: p.Holders})
		if err := untilEmpty(ctx, w, &p, o); err != nil {
			return Plan{}, fmt.Errorf("wait until %s is empty: %w", spec.Group, err)
		}
	}
	return Plan{}, fmt.Errorf("wait until %s is empty: its members come back again and again", spec.Group)
}

// untilEmpty returns when the group of p seems to be empty. Only a plan can tell, since its type may have
// changed.
func untilEmpty(ctx context.Context, w Watcher, p *Plan, o WaitOptions) error {
	failures := 0
	for {
		if err := o.Wait(ctx, lookEvery); err != nil {
			return err
		}
		g, err := look(ctx, w, p)
		switch {
		case errors.Is(err, kafka.CodeGroupIDNotFound):
			return nil
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			if failures++; failures == mostUnseen {
				return err
			}
			o.Progress(Waiting{Err: err.Error()})
			continue
		case len(g.Members) == 0 && (g.State == kafka.StateEmpty || g.State == kafka.StateDead):
			return nil
		}
		failures = 0
		o.Progress(Waiting{State: g.State, Members: holders(g.Members)})
	}
}

// look is one request: the description of a share group is not read, but its state comes with the list.
func look(ctx context.Context, w Watcher, p *Plan) (kafka.Group, error) {
	if p.Action.Share() {
		return w.Group(ctx, p.Group)
	}
	return w.Describe(ctx, p.Group, p.Type)
}

// Outdated says why somebody who confirmed p has to see now first, empty when not: when it stores other
// offsets, in other partitions, when a commit moved back, or when what was to be skipped would now be read
// again. Commits that moved forward, as members do that finish their work, are what waiting is for.
func (p *Plan) Outdated(now *Plan) string {
	if p.verb() != now.verb() || p.Group != now.Group || len(p.Changes) != len(now.Changes) {
		return "it is about other partitions"
	}
	for i := range p.Changes {
		if why := p.Changes[i].outdated(&now.Changes[i]); why != "" {
			return fmt.Sprintf("%s/%d %s", p.Changes[i].Topic, p.Changes[i].Partition, why)
		}
	}
	return ""
}

func (c *Change) outdated(now *Change) string {
	switch {
	case c.TopicPartition != now.TopicPartition:
		return "is not in it any more"
	case c.becomes() != now.becomes():
		return fmt.Sprintf("would be set to %s, not %s", now.becomes(), c.becomes())
	case !c.Acts():
		return ""
	case c.Before.OK && (!now.Before.OK || now.Before.V < c.Before.V):
		return fmt.Sprintf("moved back to %s meanwhile", offset(now.Before))
	case c.Skipped.V > 0 && now.Again.V > 0:
		return fmt.Sprintf("moved on to %s: %s would be read again instead of skipped", offset(now.Before), human.Plural(int(now.Again.V), "record"))
	}
	return ""
}
