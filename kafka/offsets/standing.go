package offsets

import (
	"context"
	"fmt"
	"strings"

	"lagtop/kafka"
)

// Verdict says how the present commits compare with a plan.
type Verdict string

// The verdicts. Moved wins: with a commit that is neither what the plan found nor what it wanted, nobody
// can tell from the commits whether it was applied.
const (
	Applied    Verdict = "applied"
	NotApplied Verdict = "not applied"
	Partly     Verdict = "partly applied"
	Moved      Verdict = "moved since"
)

// Stand is where the partitions of a plan stand now.
type Stand struct {
	Verdict Verdict
	Rows    []StandRow // of the partitions that the plan acts on, in its order
}

// StandRow is one partition. Its Verdict is Applied too where before and after are the same.
type StandRow struct {
	kafka.TopicPartition
	Before, After, Now kafka.Known[int64] // unknown: no commit
	Verdict            Verdict            // Applied, NotApplied or Moved
}

// Standing compares the present commits with those before and after the plan: for an action that was cut
// short, and for the list of what was done. It reads once and changes nothing.
func Standing(ctx context.Context, c Groups, plan Plan) (Stand, error) {
	now, err := present(ctx, c, &plan)
	if err != nil {
		return Stand{}, fmt.Errorf("compare with the plan: %w", err)
	}
	var s Stand
	telling := map[Verdict]int{} // rows that tell before from after
	for i := range plan.Changes {
		ch := &plan.Changes[i]
		if !ch.Acts() {
			continue
		}
		r := StandRow{TopicPartition: ch.TopicPartition, Before: ch.Before, After: ch.After}
		if k, ok := now[ch.TopicPartition]; ok {
			r.Now = kafka.Some(k.Offset)
		}
		r.Verdict = r.judge()
		if r.Verdict == Moved || r.Before != r.After {
			telling[r.Verdict]++
		}
		s.Rows = append(s.Rows, r)
	}
	s.Verdict = overall(telling)
	return s, nil
}

func (r *StandRow) judge() Verdict {
	switch r.Now {
	case r.After:
		return Applied
	case r.Before:
		return NotApplied
	}
	return Moved
}

func overall(n map[Verdict]int) Verdict {
	switch {
	case n[Moved] > 0:
		return Moved
	case n[NotApplied] == 0:
		return Applied
	case n[Applied] == 0:
		return NotApplied
	}
	return Partly
}

// present reads what the plan is about: commits, or a share group's start offsets.
func present(ctx context.Context, c Groups, p *Plan) (map[kafka.TopicPartition]kafka.Commit, error) {
	if p.Action.Share() {
		return c.StartOffsets(ctx, p.Group)
	}
	return c.Committed(ctx, p.Group)
}

// String is one line for the whole, and one more for each partition that is not where the plan wants it.
// Names are unsanitised.
func (s Stand) String() string {
	var b strings.Builder
	n := 0
	for _, r := range s.Rows {
		if r.Verdict == Applied {
			n++
		}
	}
	fmt.Fprintf(&b, "%s: %d of %d partitions stand where the plan wants them", s.Verdict, n, len(s.Rows))
	for _, r := range s.Rows {
		switch r.Verdict {
		case NotApplied:
			fmt.Fprintf(&b, "\n%s/%d: still %s, not %s", r.Topic, r.Partition, offset(r.Now), offset(r.After))
		case Moved:
			fmt.Fprintf(&b, "\n%s/%d: %s, neither %s (before) nor %s (after)", r.Topic, r.Partition, offset(r.Now), offset(r.Before), offset(r.After))
		}
	}
	return b.String()
}
