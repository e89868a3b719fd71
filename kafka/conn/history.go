package conn

import (
	"context"
	"errors"
	"fmt"

	"lagtop/kafka"
	"lagtop/kafka/wait"
)

const (
	groupLog     = kafka.GroupLog
	groupLogBack = 100_000 // offsets before the end where reading begins; most are commits, of about 120 bytes
)

// FollowGroup reads what the coordinator writes about a group: from 100,000 offsets before the end of its
// partition of __consumer_offsets, then as it comes, until ctx ends. It reads that one partition alone, which has
// the commits of many groups. It takes the right READ on that topic: without it the last event says so and
// FollowGroup returns. No other failure ends it. on is called from one goroutine at a time, and must not keep the
// records' slice.
func (r *Reader) FollowGroup(ctx context.Context, group string, on func(kafka.GroupLogEvent)) {
	partition, err := r.groupPartition(ctx, group, on)
	if err != nil {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r.Follow(ctx, kafka.ReadSpec{
		Topic: groupLog, Partitions: []int32{partition}, From: kafka.Seek{Kind: kafka.SeekLast, Offset: groupLogBack},
	}, func(e kafka.ReadEvent) {
		if ctx.Err() != nil {
			return
		}
		if kafka.Unauthorized(e.Err) {
			cancel()
		}
		if out, news := groupNews(group, &e); news {
			on(out)
		}
	})
}

// groupNews is what an event tells of one group.
func groupNews(group string, e *kafka.ReadEvent) (kafka.GroupLogEvent, bool) {
	switch e.Kind {
	case kafka.ReadFailed:
		return kafka.GroupLogEvent{Err: readDenied(e.Err)}, true
	case kafka.ReadSkipped:
		return kafka.GroupLogEvent{Gap: true}, true
	case kafka.ReadBegan:
		return kafka.GroupLogEvent{CaughtUp: e.CaughtUp}, e.CaughtUp
	}
	out := kafka.GroupLogEvent{CaughtUp: e.CaughtUp}
	for i := range e.Records {
		rec, ok, err := decodeGroupRecord(group, &e.Records[i])
		if err != nil {
			out.Err = fmt.Errorf("read the log of group %s: offset %d: %w", group, e.Records[i].Offset, err)
			continue
		}
		if ok {
			out.Records = append(out.Records, rec)
		}
	}
	return out, len(out.Records) > 0 || out.CaughtUp || out.Err != nil
}

// readDenied names the right that is missing. A topic that may not be described looks like one that is not there.
func readDenied(err error) error {
	switch {
	case kafka.Unauthorized(err):
		return fmt.Errorf("not authorized: READ on %s: %w", groupLog, err)
	case errors.Is(err, kafka.CodeUnknownTopicOrPartition):
		return &unseenLog{err}
	}
	return err
}

// unseenLog is a cluster that shows nobody, or not us, what its coordinators write.
type unseenLog struct{ cause error }

func (*unseenLog) Error() string   { return "no " + groupLog + " to be seen" }
func (e *unseenLog) Unwrap() error { return e.cause }

// groupPartition asks how many partitions the log has until somebody answers.
func (r *Reader) groupPartition(ctx context.Context, group string, on func(kafka.GroupLogEvent)) (int32, error) {
	meta := leaderSource{cfg: r.cfg, seeds: r.cfg.Bootstrap}
	defer meta.close()
	for rest := retryFirst; ; rest = min(2*rest, refresh) {
		leaders, err := meta.leaders(ctx, groupLog)
		switch {
		case ctx.Err() != nil:
			return 0, ctx.Err()
		case err == nil && len(leaders) > 0:
			return kafka.GroupLogPartition(group, len(leaders)), nil
		case err == nil:
			err = translate("Metadata", groupLog, kafka.CodeUnknownTopicOrPartition)
		}
		on(kafka.GroupLogEvent{Err: readDenied(err)})
		if kafka.Unauthorized(err) {
			return 0, err
		}
		_ = wait.For(ctx, rest)
	}
}
