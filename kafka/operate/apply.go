package operate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/act"
	"lagtop/kafka/offsets"
	"lagtop/kafka/wait"
)

// Step is how far an application has come, for a progress line.
type Step string

// The steps in their order. The before-state is that of a group to be deleted.
const (
	StepSave   Step = "saving the before-state"
	StepAudit  Step = "writing the audit entry"
	StepCheck  Step = "checking that nothing changed"
	StepSend   Step = "sending the request"
	StepVerify Step = "reading back"
)

// Options are the surroundings of Apply. Audit is required; the rest has defaults.
type Options struct {
	Audit     act.Recorder
	BeforeDir string                                           // offsets.DefaultBeforeDir when empty
	Progress  func(Step)                                       // called from Apply's goroutine
	Now       func() time.Time                                 // time.Now when nil
	Wait      func(ctx context.Context, d time.Duration) error // a timer when nil
}

func (o Options) withDefaults() Options {
	if o.BeforeDir == "" {
		o.BeforeDir = offsets.DefaultBeforeDir()
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

// Other brokers learn of a change from the controller a moment later; reading back waits that long.
const (
	readBackTries = 20
	readBackPause = 250 * time.Millisecond
)

// Apply carries the plan out: it saves what a deletion takes away, records the intent, checks that the
// world is still the plan's, sends ONE request, reads back until all stands as planned or a few seconds
// have passed, and records the outcome. What the broker refused is told in the outcome, not as an error.
// An error says that the plan was refused (*NotEmptyError, *ChangedError and others: nothing was sent), or
// that its result is not known or not proved; the outcome then holds what is known.
func Apply(ctx context.Context, c Client, p Plan, o Options) (Outcome, error) {
	out := Outcome{Plan: p}
	name := title(p.Does(), p.Object())
	if o.Audit == nil {
		return out, fmt.Errorf("%s: no audit to write to", name)
	}
	o = o.withDefaults()
	if err := p.Refused(); err != nil {
		return out, err
	}
	if d, ok := p.(*Deletion); ok && len(d.Commits) > 0 {
		o.Progress(StepSave)
		var err error
		if out.BeforeFile, err = offsets.SaveRows(o.BeforeDir, d.Group, d.rows(), o.Now()); err != nil {
			return out, fmt.Errorf("%s: not started: %w", name, err)
		}
	}
	o.Progress(StepAudit)
	finish, err := o.Audit.Begin(string(p.Does()), p.Object(), p)
	if err != nil {
		return out, fmt.Errorf("%s: not started: %w", name, err)
	}
	err = carryOut(ctx, c, &out, o)
	if unwritten := finish(out.record, err); unwritten != nil {
		err = errors.Join(err, fmt.Errorf("%s: %w", name, unwritten))
	}
	return out, err
}

func carryOut(ctx context.Context, c Client, out *Outcome, o Options) error {
	o.Progress(StepCheck)
	if err := out.Plan.check(ctx, c); err != nil {
		return err
	}
	o.Progress(StepSend)
	refused, sent := out.Plan.send(ctx, c)
	if errors.Is(sent, kafka.ErrNotSent) {
		return sent
	}
	out.Sent = true
	out.note(refused, sent)
	if sent == nil && out.refusedAll() {
		return nil
	}
	o.Progress(StepVerify)
	err := out.readBack(ctx, c, o)
	if err != nil {
		err = fmt.Errorf("%s: sent but not proved: %w", title(out.Plan.Does(), out.Plan.Object()), err)
	}
	return errors.Join(sent, err)
}

// Outcome is what came of a plan, change by change.
type Outcome struct {
	Plan Plan
	record
}

// record is the part of an Outcome that the audit keeps at its end; the plan is in the intent.
type record struct {
	BeforeFile string   `json:",omitempty"` // of a deletion: the commits as CSV; empty when there were none
	Sent       bool     // the request was sent, whatever came of it
	Proved     bool     // all that was not refused reads back as planned
	Results    []Result // in the order of the plan's changes, without those left out; empty when nothing was sent
}

// Result is what came of one change.
type Result struct {
	What string
	Want string
	Got  string // as read back last, empty when it was not
	Err  string // empty when Got is Want

	cause error
}

// note begins the results with the broker's answer.
func (o *Outcome) note(refused map[string]error, sent error) {
	for _, c := range o.Plan.Changes() {
		if c.Skip != "" || c.Detail {
			continue
		}
		r := Result{What: c.What, Want: c.After}
		switch {
		case sent != nil:
			r.Err = "not known whether it was done"
		case refused[c.What] != nil:
			r.cause = refused[c.What]
			r.Err = "refused: " + r.cause.Error()
		}
		o.Results = append(o.Results, r)
	}
}

// answered tells a broker's refusal from an answer that leaves open what was done, or was lost.
func answered(err error) bool {
	var code kafka.Code
	return errors.As(err, &code) && code != kafka.CodeRequestTimedOut
}

func (o *Outcome) refusedAll() bool {
	for i := range o.Results {
		if o.Results[i].cause == nil {
			return false
		}
	}
	return true
}

// readBack compares how things stand with how they should until they do or patience ends.
func (o *Outcome) readBack(ctx context.Context, r Reader, opts Options) error {
	for try := 1; ; try++ {
		now, err := o.Plan.now(ctx, r)
		if err == nil && o.compare(now) {
			o.Proved = true
			return nil
		}
		if try == readBackTries {
			return err
		}
		if opts.Wait(ctx, readBackPause) != nil {
			return errors.Join(context.Cause(ctx), err)
		}
	}
}

func (o *Outcome) compare(now map[string]string) bool {
	all := true
	for i := range o.Results {
		r := &o.Results[i]
		if r.cause != nil {
			continue
		}
		r.Got, r.Err = now[r.What], ""
		if r.Got != r.Want {
			r.Err, all = "reads back "+r.Got, false
		}
	}
	return all
}

// Failed are the changes that do not stand as planned.
func (o *Outcome) Failed() []Result {
	var out []Result
	for _, r := range o.Results {
		if r.Err != "" {
			out = append(out, r)
		}
	}
	return out
}

// Undo is the plan that takes back what was applied, nil where Kafka has none. A deletion is taken back
// by Deletion.Restore.
func (o *Outcome) Undo() Plan {
	p, ok := o.Plan.(*Retention)
	if !ok || len(o.Results) == 0 || len(o.Failed()) > 0 {
		return nil
	}
	return p.Reverse()
}

// String is one line, and one more for each change that failed. Names are unsanitised.
func (o *Outcome) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d of %d done", title(o.Plan.Does(), o.Plan.Object()), len(o.Results)-len(o.Failed()), len(o.Results))
	for _, r := range o.Failed() {
		fmt.Fprintf(&b, "\n%s: %s", r.What, r.Err)
	}
	return b.String()
}
