package offsets

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"lagtop/kafka"
)

// Groups reads one group as it is now.
type Groups interface {
	// Group fails with kafka.CodeGroupIDNotFound for a group that does not exist.
	Group(ctx context.Context, name string) (kafka.Group, error)
	Committed(ctx context.Context, group string) (map[kafka.TopicPartition]kafka.Commit, error)
	// StartOffsets is Committed for a share group.
	StartOffsets(ctx context.Context, group string) (map[kafka.TopicPartition]kafka.Commit, error)
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

// readGroup fills the group; one that does not exist is Dead.
func (b *Before) readGroup(ctx context.Context, r Groups, name string) error {
	var err error
	b.Group, err = r.Group(ctx, name)
	switch {
	case errors.Is(err, kafka.CodeGroupIDNotFound):
		b.Exists, b.Group = false, kafka.Group{Name: name, State: kafka.StateDead}
	case err != nil:
		return err
	case b.Group.State == kafka.StateDead && b.Group.IsConsumer():
		b.Exists = false
	}
	return nil
}

// Prepare reads the world and plans the spec for it. Commits are read before the ends of the logs.
func Prepare(ctx context.Context, r Reader, spec Spec) (Plan, error) {
	b := Before{Exists: true, At: time.Now()}
	if err := b.readGroup(ctx, r, spec.Group); err != nil {
		return Plan{}, fmt.Errorf("plan a reset: %w", err)
	}
	if err := resettable(spec, b); err != nil {
		return Plan{}, err // before asking for more
	}
	commits, err := present(ctx, r, &Plan{Action: spec.action(&b.Group), Group: spec.Group})
	if err != nil {
		return Plan{}, fmt.Errorf("plan a reset: %w", err)
	}
	other, err := spec.other(ctx, r)
	if err != nil {
		return Plan{}, err
	}
	tps, err := chosen(ctx, r, spec, commits, other)
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
		if c, ok := other[p.TopicPartition]; ok {
			p.Found = kafka.Some(c.Offset)
		}
	}
	return NewPlan(spec, b)
}

// other reads the commits of the group that the scenario copies, if it does.
func (s Spec) other(ctx context.Context, r Groups) (map[kafka.TopicPartition]kafka.Commit, error) {
	like, ok := s.Scenario.(Like)
	if !ok {
		return nil, nil
	}
	commits, err := r.Committed(ctx, string(like))
	if err == nil && len(commits) == 0 {
		err = errors.New("it has no commits")
	}
	if err != nil {
		return nil, fmt.Errorf("reset %s like %s: %w", s.Group, string(like), err)
	}
	return commits, nil
}

// chosen are the partitions of the scope, without doubles, by topic and partition.
func chosen(ctx context.Context, r Logs, spec Spec, commits, other map[kafka.TopicPartition]kafka.Commit) ([]kafka.TopicPartition, error) {
	out := slices.Clone(spec.Scope.Partitions)
	if spec.Scope.All() {
		if f, ok := spec.Scenario.(FromFile); ok {
			out = slices.AppendSeq(out, maps.Keys(f.Offsets))
		} else {
			out = slices.AppendSeq(out, maps.Keys(commits))
			out = slices.AppendSeq(out, maps.Keys(other))
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
	slices.SortFunc(out, kafka.TopicPartition.Compare)
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

// Export reads the present commits of a group, or a share group's start offsets, by topic and partition. A
// group that does not exist is kafka.CodeGroupIDNotFound.
func Export(ctx context.Context, r Groups, group string) ([]Row, error) {
	b := Before{Exists: true}
	if err := b.readGroup(ctx, r, group); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	if !b.Exists {
		return nil, fmt.Errorf("export %s: %w", group, kafka.CodeGroupIDNotFound)
	}
	commits, err := present(ctx, r, &Plan{Action: Spec{}.action(&b.Group), Group: group})
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	var rows []Row
	for _, tp := range slices.SortedFunc(maps.Keys(commits), kafka.TopicPartition.Compare) {
		rows = append(rows, Row{Group: group, TopicPartition: tp, Offset: commits[tp].Offset})
	}
	return rows, nil
}
