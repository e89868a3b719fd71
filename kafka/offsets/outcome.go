package offsets

import (
	"context"
	"errors"
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
	Want    kafka.Known[int64] // unknown: the plan removed the commit, or did nothing here
	Remove  bool
	Got     kafka.Known[int64] // as read back last; unknown: not read back, or no commit
	Refused bool               // by the broker: nothing was stored
	Err     string             // empty when Got is what was wanted, or nothing was wanted

	cause error
}

// note begins the results with the broker's answer.
func (o *Outcome) note(refused map[kafka.TopicPartition]error, sent error) {
	o.Results = make([]Result, 0, len(o.Plan.Changes))
	for _, c := range o.Plan.Changes {
		r := Result{TopicPartition: c.TopicPartition, Want: c.After, Remove: c.Remove}
		switch {
		case !c.Acts():
			r.Err = c.Err
		case refused[c.TopicPartition] != nil:
			r.cause = refused[c.TopicPartition]
			r.Refused, r.Err = true, refusal(r.cause)
		case sent != nil:
			r.Err = "not known whether it was stored"
		}
		o.Results = append(o.Results, r)
	}
}

// readBack compares what is stored now with what was wanted.
func (o *Outcome) readBack(ctx context.Context, c Groups, again bool) error {
	now, err := present(ctx, c, &o.Plan)
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
		case !r.Want.OK && !r.Remove || r.Refused: // nothing was stored
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

// refusal words the broker's code for one partition.
func refusal(err error) string {
	if errors.Is(err, kafka.ErrNotSent) {
		return err.Error()
	}
	if errors.Is(err, kafka.CodeGroupSubscribedToTopic) {
		return "refused: a member of the group subscribes to the topic; stop it first (" + err.Error() + ")"
	}
	return "refused: " + err.Error()
}

// Applied counts the partitions that stand where the plan wanted them.
func (o *Outcome) Applied() int {
	n := 0
	for _, r := range o.Results {
		if (r.Want.OK || r.Remove) && r.Err == "" {
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
type record struct {
	BeforeFile string
	Applied    int
	Proved     bool
	Results    []Result
}

func (o *Outcome) record() record {
	return record{o.BeforeFile, o.Applied(), o.Proved, o.Results}
}
