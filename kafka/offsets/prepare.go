package offsets

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"lagtop/kafka"
)

// Groups reads one group as it is now.
type Groups interface {
	// Group fails with kafka.CodeGroupIDNotFound for a group that does not exist.
	Group(ctx context.Context, name string) (kafka.Group, error)
	Committed(ctx context.Context, group string) (map[kafka.TopicPartition]kafka.Commit, error)
}

// Logs finds places in the logs of partitions.
type Logs interface {
	Partitions(ctx context.Context, topics []string) (map[string][]int32, error)
	ListOffsets(ctx context.Context, tps []kafka.TopicPartition, at kafka.OffsetAt) (map[kafka.TopicPartition]kafka.LogOffset, error)
}

// Reader is what a plan needs to see.
type Reader interface {
	Groups
	Logs
}

// Prepare reads the world and plans the spec for it. Commits are read before the ends of the logs.
func Prepare(ctx context.Context, r Reader, spec Spec) (Plan, error) {
	b := Before{Exists: true, At: time.Now()}
	var err error
	b.Group, err = r.Group(ctx, spec.Group)
	switch {
	case errors.Is(err, kafka.CodeGroupIDNotFound):
		b.Exists, b.Group = false, kafka.Group{Name: spec.Group, State: kafka.StateDead}
	case err != nil:
		return Plan{}, fmt.Errorf("plan a reset: %w", err)
	case b.Group.State == kafka.StateDead && b.Group.IsConsumer():
		b.Exists = false
	}
	if err := resettable(spec, b); err != nil {
		return Plan{}, err // before asking for more: a share group has no commits to read
	}
	commits, err := r.Committed(ctx, spec.Group)
	if err != nil {
		return Plan{}, fmt.Errorf("plan a reset: %w", err)
	}
	tps, err := chosen(ctx, r, spec, commits)
	if err != nil {
		return Plan{}, fmt.Errorf("plan a reset of %s: %w", spec.Group, err)
	}
	b.Partitions, err = places(ctx, r, spec.Scenario, tps)
	if err != nil {
		return Plan{}, fmt.Errorf("plan a reset of %s: %w", spec.Group, err)
	}
	for i := range b.Partitions {
		p := &b.Partitions[i]
		if c, ok := commits[p.TopicPartition]; ok {
			p.Committed, p.Metadata = kafka.Some(c.Offset), c.Metadata
		}
	}
	return NewPlan(spec, b)
}

// chosen are the partitions of the scope, without doubles, by topic and partition.
func chosen(ctx context.Context, r Logs, spec Spec, commits map[kafka.TopicPartition]kafka.Commit) ([]kafka.TopicPartition, error) {
	out := slices.Clone(spec.Scope.Partitions)
	if spec.Scope.All() {
		if f, ok := spec.Scenario.(FromFile); ok {
			for tp := range f.Offsets {
				out = append(out, tp)
			}
		} else {
			for tp := range commits {
				out = append(out, tp)
			}
		}
	}
	topics, err := r.Partitions(ctx, spec.Scope.Topics)
	if err != nil {
		return nil, err
	}
	for t, ps := range topics {
		for _, p := range ps {
			out = append(out, kafka.TopicPartition{Topic: t, Partition: p})
		}
	}
	slices.SortFunc(out, func(x, y kafka.TopicPartition) int {
		return cmp.Or(cmp.Compare(x.Topic, y.Topic), cmp.Compare(x.Partition, y.Partition))
	})
	return slices.Compact(out), nil
}

// places finds start, end and the scenario's own place of each partition.
func places(ctx context.Context, r Logs, s Scenario, tps []kafka.TopicPartition) ([]Partition, error) {
	start, err := r.ListOffsets(ctx, tps, kafka.AtStart())
	if err != nil {
		return nil, err
	}
	var found map[kafka.TopicPartition]kafka.LogOffset
	if at := s.lookup(); at.OK {
		if found, err = r.ListOffsets(ctx, tps, at.V); err != nil {
			return nil, err
		}
	}
	end, err := r.ListOffsets(ctx, tps, kafka.AtEnd())
	if err != nil {
		return nil, err
	}
	var out []Partition
	for _, tp := range tps {
		p := Partition{TopicPartition: tp, Start: start[tp].Offset, End: end[tp].Offset, Found: found[tp].Offset}
		if err := cmp.Or(start[tp].Err, found[tp].Err, end[tp].Err); err != nil {
			p.Err = err.Error()
		}
		out = append(out, p)
	}
	return out, nil
}
