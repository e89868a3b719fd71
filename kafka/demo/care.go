package demo

import (
	"context"
	"fmt"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/wait"
)

const (
	careEvery  = time.Minute
	careWithin = time.Minute // for a group to catch up
	nearLoss   = 8           // a commit in the first such part of its log is near to be lost
)

// care keeps a demo that runs for hours from losing records to retention, by what people would do: the report
// runs, the archiver catches up off-peak, somebody steps over the poison and a new one comes. What a scenario or a
// person set up is left to them.
func (d *Demo) care() {
	if !waitFor(d.seeded, emptyWithin) {
		return
	}
	for wait.For(d.ctx, careEvery) == nil {
		if d.Scene().Scenario != "" {
			continue
		}
		for _, g := range d.fleetGroups() {
			if err := d.careFor(d.ctx, g); err != nil && d.ctx.Err() == nil {
				d.log.Warn("care for a group", "group", g.name, "err", err)
			}
		}
	}
}

// fleetGroups are those of no scenario.
func (d *Demo) fleetGroups() []*group {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]*group(nil), d.groups[:d.base]...)
}

func (d *Demo) careFor(ctx context.Context, g *group) error {
	tp, at, err := d.nearLoss(ctx, g)
	if err != nil || tp.Topic == "" {
		return err
	}
	switch n := g.size(); {
	case n == 0 && g.spec.members > 0: // somebody stopped it
		return nil
	case n == 0:
		if err := d.resize(g.name, 1); err != nil {
			return err
		}
		_ = wait.For(ctx, careWithin)
		return d.resize(g.name, 0)
	case g.spec.rate > 0:
		g.pace(0)
		_ = wait.For(ctx, careWithin)
		g.pace(g.spec.rate * d.speed)
		return nil
	}
	if err := d.skip(ctx, g, tp, at); err != nil {
		return err
	}
	_, err = d.poison(ctx, tp.Topic, tp.Partition, true)
	return err
}

// pace limits all consumers of a group that nobody made slow.
func (g *group) pace(perSecond float64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range g.crew {
		if !c.slow {
			c.pace.set(perSecond)
		}
	}
}

// nearLoss is the first partition whose log start comes near to the group's commit; none with an empty topic.
func (d *Demo) nearLoss(ctx context.Context, g *group) (tp kafka.TopicPartition, at int64, err error) {
	commits, err := d.admin.FetchOffsets(ctx, g.name)
	if err != nil {
		return tp, 0, fmt.Errorf("commits of %s: %w", g.name, err)
	}
	starts, err := d.admin.ListStartOffsets(ctx, g.topics...)
	if err != nil {
		return tp, 0, fmt.Errorf("log starts of %s: %w", g.name, err)
	}
	ends, err := d.admin.ListEndOffsets(ctx, g.topics...)
	if err != nil {
		return tp, 0, fmt.Errorf("log ends of %s: %w", g.name, err)
	}
	for _, o := range commits.Sorted() {
		start, ok1 := starts.Lookup(o.Topic, o.Partition)
		end, ok2 := ends.Lookup(o.Topic, o.Partition)
		if !ok1 || !ok2 || start.Offset == 0 || o.At >= end.Offset {
			continue
		}
		if o.At-start.Offset < (end.Offset-start.Offset)/nearLoss {
			return kafka.TopicPartition{Topic: o.Topic, Partition: o.Partition}, o.At, nil
		}
	}
	return tp, 0, nil
}
