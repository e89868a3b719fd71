package conn

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/IBM/sarama"
)

// Throttle is the longest time that a broker told this connection to be quiet for (request quota, KIP-124)
// since it was asked last. sarama waits that long before it sends again.
func (b *Broker) Throttle() time.Duration { return time.Duration(b.throttled.Swap(0)) }

// noteThrottle is called with mu held, so that no other writer is there.
func (b *Broker) noteThrottle(answer any) {
	if d := throttleOf(answer); int64(d) > b.throttled.Load() {
		b.throttled.Store(int64(d))
	}
}

// throttleOf is the throttle time of the answers that polls are made of.
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
	case *sarama.ConsumerGroupDescribeResponse:
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
