package kafkatest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"lagtop/kafka"
)

// WaitGroup waits until a classic or KIP-848 group is in the state (Stable, Empty) with so many members.
func WaitGroup(tb testing.TB, bootstrap []string, group string, state kafka.GroupState, members int) {
	tb.Helper()
	ctx, cl, done := brief(tb, bootstrap)
	defer done()
	adm := kadm.NewClient(cl)
	Until(tb, patience, func() error {
		s, n, err := groupState(ctx, adm, group)
		if err != nil {
			return fmt.Errorf("describe group %s: %w", group, err)
		}
		if s != string(state) || n != members {
			return fmt.Errorf("group %s is %s with %d members, want %s with %d", group, s, n, state, members)
		}
		return nil
	})
}

// groupState asks by the KIP-848 API first, where there is one: the classic one calls such a group Dead.
func groupState(ctx context.Context, adm *kadm.Client, group string) (state string, members int, err error) {
	next, err := adm.DescribeConsumerGroups(ctx, group)
	g := next[group]
	switch err = cmp.Or(err, g.Err); {
	case err == nil:
		return g.State, len(g.Members), nil
	case !errors.Is(err, kerr.GroupIDNotFound) && !unsupported(err):
		return "", 0, err
	}
	old, err := adm.DescribeGroups(ctx, group)
	if err != nil {
		return "", 0, err
	}
	c := old[group]
	return c.State, len(c.Members), c.Err
}

// unsupported tells whether the brokers do not know the request (before 3.7), or do not serve it (ZooKeeper).
func unsupported(err error) bool {
	return errors.Is(err, kerr.UnsupportedVersion) || strings.Contains(err.Error(), "too old")
}

// Commit writes offsets for a group without members, as an admin does; it creates the group.
func Commit(tb testing.TB, bootstrap []string, group string, offsets map[kafka.TopicPartition]int64) {
	tb.Helper()
	ctx, cl, done := brief(tb, bootstrap)
	defer done()
	var os kadm.Offsets
	for tp, at := range offsets {
		os.AddOffset(tp.Topic, tp.Partition, at, -1)
	}
	// The coordinator may still be loading or moving right after the start of a cluster.
	Until(tb, patience, func() error {
		if err := kadm.NewClient(cl).CommitAllOffsets(ctx, group, os); err != nil {
			return fmt.Errorf("commit for group %s: %w", group, err)
		}
		return nil
	})
}

// Committed reads the commits of a group, straight from its coordinator.
func Committed(tb testing.TB, bootstrap []string, group string) map[kafka.TopicPartition]int64 {
	tb.Helper()
	ctx, cl, done := brief(tb, bootstrap)
	defer done()
	rs, err := kadm.NewClient(cl).FetchOffsets(ctx, group)
	if err == nil {
		err = rs.Error()
	}
	if err != nil {
		tb.Fatalf("commits of group %s: %v", group, err)
	}
	out := map[kafka.TopicPartition]int64{}
	rs.Each(func(o kadm.OffsetResponse) { out[kafka.TopicPartition{Topic: o.Topic, Partition: o.Partition}] = o.At })
	return out
}
