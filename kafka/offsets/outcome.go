package offsets

import (
	"context"
	"fmt"
	"strings"

	"lagtop/kafka"
)

// Outcome is what came of a plan, partition by partition.
type Outcome struct {
	Plan       Plan
	BeforeFile string   // the before-state as CSV; empty when nothing was begun
	Results    []Result // in the order of the plan's changes; empty when nothing was sent
	Proved     bool     // all results were read back twice
}

// Result is what came of one partition.
type Result struct {
	kafka.TopicPartition
	Want kafka.Known[int64] // unknown: the plan stored nothing here
	Got  kafka.Known[int64] // as read back last; unknown: not read back, or no commit
	Err  string             // empty when Got is Want, or nothing was wanted

	cause error
}

// note begins the results with the broker's answer.
func (o *Outcome) note(refused map[kafka.TopicPartition]error, sent error) {
	o.Results = make([]Result, 0, len(o.Plan.Changes))
	for _, c := range o.Plan.Changes {
		r := Result{TopicPartition: c.TopicPartition, Want: c.After}
		switch {
		case !c.After.OK:
			r.Err = c.Err
		case sent != nil:
			r.Err = "not known whether it was stored"
		case refused[c.TopicPartition] != nil:
			r.cause = refused[c.TopicPartition]
			r.Err = "refused: " + r.cause.Error()
		}
		o.Results = append(o.Results, r)
	}
}

// readBack compares what is stored now with what was wanted.
func (o *Outcome) readBack(ctx context.Context, c Groups, again bool) error {
	now, err := c.Committed(ctx, o.Plan.Group)
	if err != nil {
		return fmt.Errorf("read back: %w", err)
	}
	for i := range o.Results {
		r := &o.Results[i]
		r.Got = kafka.Known[int64]{}
		if k, ok := now[r.TopicPartition]; ok {
			r.Got = kafka.Some(k.Offset)
		}
		switch {
		case !r.Want.OK || r.cause != nil: // nothing was stored
		case r.Got == r.Want:
			r.Err = ""
		case again && r.Err == "":
			r.Err = fmt.Sprintf("stored, but reads %s a second later: somebody else commits to this group", offset(r.Got))
		default:
			r.Err = fmt.Sprintf("reads back %s", offset(r.Got))
		}
	}
	o.Proved = again
	return nil
}

// Applied counts the partitions that stand where the plan wanted them.
func (o *Outcome) Applied() int {
	n := 0
	for _, r := range o.Results {
		if r.Want.OK && r.Err == "" {
			n++
		}
	}
	return n
}

// Failed are the results of partitions that do not stand where the plan wanted them, and of those that
// it had no offset for.
func (o *Outcome) Failed() []Result {
	var out []Result
	for _, r := range o.Results {
		if r.Err != "" {
			out = append(out, r)
		}
	}
	return out
}

// Undo is the plan that takes back what was applied; Commits is 0 when there is nothing to take back.
func (o *Outcome) Undo() Plan {
	done := map[kafka.TopicPartition]bool{}
	for _, r := range o.Results {
		done[r.TopicPartition] = r.Want.OK && r.Err == ""
	}
	u := o.Plan.Reverse()
	kept := u.Changes[:0]
	for _, c := range u.Changes {
		if done[c.TopicPartition] {
			kept = append(kept, c)
		}
	}
	u.Changes = kept
	u.options = Undo{Of: o.Plan.Scenario, File: o.BeforeFile}.flags()
	return u
}

// String is one line, and one more for each partition that failed. Names are unsanitised.
func (o *Outcome) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d of %d partitions set", o.Plan.Group, o.Applied(), len(o.Plan.Changes))
	if o.Applied() > 0 && !o.Proved {
		b.WriteString(" (not proved)")
	}
	for _, r := range o.Failed() {
		fmt.Fprintf(&b, "\n%s/%d: %s", r.Topic, r.Partition, r.Err)
	}
	return b.String()
}

// record is what the audit keeps; the plan is in the intent.
func (o *Outcome) record() any {
	return struct {
		BeforeFile string
		Applied    int
		Proved     bool
		Results    []Result
	}{o.BeforeFile, o.Applied(), o.Proved, o.Results}
}
