package conn

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/IBM/sarama"

	"lagtop/kafka"
	"lagtop/kafka/wait"
)

// Throttle is the longest time that the broker told this connection to be quiet for (request quota, KIP-124) since
// this was asked last, or what is left of an earlier one.
func (b *Broker) Throttle() time.Duration {
	told := time.Duration(b.throttled.Swap(0))
	if until := b.quiet.Load(); until != nil {
		told = max(told, time.Until(*until))
	}
	return told
}

// throttledError is a request that was not sent because the broker wants quiet for longer than its caller can wait.
type throttledError struct{ until time.Time }

func (e *throttledError) Error() string {
	return fmt.Sprintf("the broker throttles us until %s: %v", e.until.Local().Format(time.TimeOnly), kafka.ErrNotSent)
}

// Unwrap tells that nothing was sent.
func (e *throttledError) Unwrap() error { return kafka.ErrNotSent }

// noteThrottle is called with mu held, so that no other writer is there.
func (b *Broker) noteThrottle(answer any) {
	d := throttleOf(answer)
	if d <= 0 {
		return
	}
	if int64(d) > b.throttled.Load() {
		b.throttled.Store(int64(d))
	}
	until := time.Now().Add(d)
	b.quiet.Store(&until)
}

// keepQuiet waits for as long as the broker said last, or fails at once where that is too long. sarama would wait too,
// and cannot be interrupted.
func (b *Broker) keepQuiet(ctx context.Context) error {
	until := b.quiet.Load()
	if until == nil {
		return nil
	}
	if last, bound := ctx.Deadline(); bound && last.Before(*until) {
		return &throttledError{*until}
	}
	return wait.For(ctx, time.Until(*until))
}

// isQuiet tells whether the next request would have to wait.
func (b *Broker) isQuiet() bool {
	until := b.quiet.Load()
	return until != nil && time.Now().Before(*until)
}

// throttleOf is the throttle time that sarama obeys.
func throttleOf(answer any) time.Duration {
	var ms int32
	switch r := answer.(type) {
	case *sarama.MetadataResponse:
		ms = r.ThrottleTimeMs
	case *sarama.ListGroupsResponse:
		ms = r.ThrottleTime
	case *sarama.DescribeGroupsResponse:
		ms = r.ThrottleTimeMs
	case *sarama.OffsetFetchResponse:
		ms = r.ThrottleTimeMs
	case *sarama.OffsetResponse:
		ms = r.ThrottleTimeMs
	case *sarama.OffsetCommitResponse:
		ms = r.ThrottleTimeMs
	case *sarama.ElectLeadersResponse:
		ms = r.ThrottleTimeMs
	case *sarama.JoinGroupResponse:
		ms = r.ThrottleTime
	case *sarama.LeaveGroupResponse:
		ms = r.ThrottleTime
	case *sarama.ConsumerGroupDescribeResponse:
		return r.ThrottleTime
	case *sarama.FindCoordinatorResponse:
		return r.ThrottleTime
	case *sarama.DescribeConfigsResponse:
		return r.ThrottleTime
	case *sarama.DescribeLogDirsResponse:
		return r.ThrottleTime
	case *sarama.IncrementalAlterConfigsResponse:
		return r.ThrottleTime
	case *sarama.DeleteGroupsResponse:
		return r.ThrottleTime
	case *sarama.DeleteOffsetsResponse:
		return r.ThrottleTime
	}
	return time.Duration(ms) * time.Millisecond
}

// TimedOut tells whether err is that somebody did not answer in time, from those of the methods of Broker.
func TimedOut(err error) bool {
	var step *StepError
	if errors.As(err, &step) && (step.Advice == adviceHangs || step.Advice == adviceNoRoute) {
		return true
	}
	var timeout net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}
