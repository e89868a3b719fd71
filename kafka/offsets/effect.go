package offsets

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
)

// Effect is what a change means for the records. The counts are of offsets, of which compaction and
// transaction markers use some up: there are at most so many records. Unknown without a commit before, and
// when one is removed: the consumers' auto.offset.reset then decides where they begin.
type Effect struct {
	Again   kafka.Known[int64] // records that are read again
	Skipped kafka.Known[int64] // unread records that the group never reads
	// The timestamps of the first and the last skipped record, where they were looked up.
	SkippedFrom kafka.Known[time.Time]
	SkippedTo   kafka.Known[time.Time]
}

// effect counts within what the log still holds.
func (c *Change) effect() Effect {
	if !c.Before.OK || !c.After.OK || !c.Start.OK || !c.End.OK {
		return Effect{}
	}
	before, after := c.within(c.Before.V), c.within(c.After.V)
	return Effect{Again: kafka.Some(max(before-after, 0)), Skipped: kafka.Some(max(after-before, 0))}
}

// within is the offset at which a consumer with that commit reads on, as far as the log goes.
func (c *Change) within(offset int64) int64 { return max(min(offset, c.End.V), c.Start.V) }

// Stamps reads timestamps of records.
type Stamps interface {
	// Stamp is that of the first record at or after the offset, zero where the record has none.
	Stamp(ctx context.Context, tp kafka.TopicPartition, offset int64) (time.Time, error)
}

// What looking up ages may cost.
const (
	agedPartitions = 16 // those that skip most
	agesAtOnce     = 4
)

// WithAges is the plan with the timestamps of the skipped records, for the partitions that skip most.
// What cannot be read stays unknown: the ages help to decide and hold nothing up.
func WithAges(ctx context.Context, s Stamps, p Plan) Plan {
	p.Changes = slices.Clone(p.Changes)
	var wg sync.WaitGroup
	slots := make(chan struct{}, agesAtOnce)
	for _, i := range p.skipping() {
		c := &p.Changes[i]
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			c.SkippedFrom = stamp(ctx, s, c.TopicPartition, c.within(c.Before.V))
			c.SkippedTo = stamp(ctx, s, c.TopicPartition, c.within(c.After.V)-1)
		})
	}
	wg.Wait()
	return p
}

func stamp(ctx context.Context, s Stamps, tp kafka.TopicPartition, offset int64) kafka.Known[time.Time] {
	at, err := s.Stamp(ctx, tp, offset)
	if err != nil || at.UnixMilli() <= 0 { // clients write 0 or -1 for no timestamp
		return kafka.Known[time.Time]{}
	}
	return kafka.Some(at.UTC())
}

// skipping are the changes that skip records, those that skip most first, as many as are looked at.
func (p *Plan) skipping() []int {
	var out []int
	for i := range p.Changes {
		if p.Changes[i].Skipped.V > 0 {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(a, b int) int {
		return int(min(max(p.Changes[b].Skipped.V-p.Changes[a].Skipped.V, -1), 1))
	})
	return out[:min(len(out), agedPartitions)]
}

// Totals sums what the plan means for the records.
type Totals struct {
	Again       kafka.Total // records
	Skipped     kafka.Total // records
	Removed     int         // commits that are taken away
	SkippedFrom kafka.Known[time.Time]
	SkippedTo   kafka.Known[time.Time]
	Unaged      int // partitions that skip records of unknown age
}

// Totals sums over the changes that are carried out.
func (p *Plan) Totals() Totals {
	var t Totals
	for i := range p.Changes {
		c := &p.Changes[i]
		switch {
		case c.Remove:
			t.Removed++
		case c.After.OK:
			t.Again.Add(c.Again)
			t.Skipped.Add(c.Skipped)
			t.age(c)
		}
	}
	return t
}

func (t *Totals) age(c *Change) {
	if c.Skipped.V == 0 {
		return
	}
	if !c.SkippedFrom.OK || !c.SkippedTo.OK {
		t.Unaged++
	}
	if c.SkippedFrom.OK && (!t.SkippedFrom.OK || c.SkippedFrom.V.Before(t.SkippedFrom.V)) {
		t.SkippedFrom = c.SkippedFrom
	}
	if c.SkippedTo.OK && (!t.SkippedTo.OK || c.SkippedTo.V.After(t.SkippedTo.V)) {
		t.SkippedTo = c.SkippedTo
	}
}

// String says it in a sentence without ages, such as "1,200 records are read again, at least 40 skipped".
func (t Totals) String() string {
	var parts []string
	for _, s := range []struct {
		sum  kafka.Total
		what string
	}{{t.Again, "read again"}, {t.Skipped, "skipped"}} {
		switch {
		case s.sum.Unknown():
			parts = append(parts, "unknown how many are "+s.what)
		case s.sum.Complete() && s.sum.Known > 0:
			parts = append(parts, fmt.Sprintf("%d %s", s.sum.V, s.what))
		case s.sum.Known > 0:
			parts = append(parts, fmt.Sprintf("at least %d %s", s.sum.V, s.what))
		}
	}
	if t.Removed > 0 {
		parts = append(parts, human.Plural(t.Removed, "commit")+" removed")
	}
	if len(parts) == 0 {
		return "no records concerned"
	}
	return strings.Join(parts, ", ")
}
