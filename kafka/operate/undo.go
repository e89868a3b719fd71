package operate

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"lagtop/kafka"
)

// ReadOutcome decodes what came of a plan from the audit. Without an outcome, as an action that was cut short
// leaves it, nothing is known of any change.
func ReadOutcome(plan, outcome json.RawMessage) (Outcome, error) {
	p, err := ReadPlan(plan)
	if err != nil {
		return Outcome{}, err
	}
	o := Outcome{Plan: p}
	if raw := bytes.TrimSpace(outcome); len(raw) > 0 && string(raw) != "null" {
		if err := json.Unmarshal(raw, &o.record); err != nil {
			return o, fmt.Errorf("read the recorded outcome: %w", err)
		}
	}
	return o, nil
}

// NoUndo says why a plan that was applied cannot be taken back, empty when it can: a *Retention by TakeBack,
// a *Deletion by Restore.
func NoUndo(p Plan) string {
	switch p := p.(type) {
	case *Retention:
		return ""
	case *Deletion:
		return p.Restorable()
	}
	return "Kafka has no request that makes a chosen replica the leader"
}

// TakeBack plans to lead back from p, applied at any time before, as the topic stands now: what stands there
// already is left out, and what was changed since is said in Since. It wraps ErrNothing when nothing is left.
func (p *Retention) TakeBack(ctx context.Context, r Topics, now time.Time) (*Retention, error) {
	l, err := ReadLimits(ctx, r, p.Topic)
	if err != nil {
		return nil, fmt.Errorf("plan the undo: %w", err)
	}
	u := &Retention{Action: SetRetention, Topic: p.Topic, Policy: l.Policy, At: now.UTC().Round(0)}
	back := p.Reverse().Settings
	for _, have := range []Setting{l.Time, l.Size} {
		i := slices.IndexFunc(back, func(s Setting) bool { return s.Name == have.Name })
		if i < 0 || back[i].stands(have) {
			u.Other = &have
			continue
		}
		s := back[i]
		if have.Before != s.Before || have.Source != s.Source {
			u.Since = append(u.Since, fmt.Sprintf("%s was left at %s and is %s now: it was changed since",
				s.Name, reading(s.Name, s.Before, s.Source), reading(have.Name, have.Before, have.Source)))
		}
		s.Before, s.Source = have.Before, have.Source
		u.Settings = append(u.Settings, s)
	}
	if len(u.Settings) == 0 {
		return nil, fmt.Errorf("undo the retention of %s: it is as it was before: %w", p.Topic, ErrNothing)
	}
	return u, nil
}

// stands tells whether a setting is as s would make it.
func (s *Setting) stands(have Setting) bool {
	if s.Unset {
		return have.Source != kafka.SourceTopic
	}
	return have.Source == kafka.SourceTopic && have.Before == s.After
}

// TakesBack tells whether every setting of u leads back to what it was before p.
func (p *Retention) TakesBack(u *Retention) bool {
	for _, s := range p.Reverse().Settings {
		if !slices.ContainsFunc(u.Settings, func(b Setting) bool { return b.Name == s.Name && b.Unset == s.Unset && b.After == s.After }) {
			return false
		}
	}
	return u.Topic == p.Topic
}

// returned marks the commits that a deleted group has again: taking the deletion back would move them.
func returned(note string, is int64) string {
	return strings.TrimPrefix(fmt.Sprintf("%s; the group is there again and has committed %d since", note, is), "; ")
}
