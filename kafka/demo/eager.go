package demo

import (
	"context"
	"sync"
	"time"

	"github.com/IBM/sarama"
)

const (
	heartbeat        = 500 * time.Millisecond
	sessionTimeout   = 10 * time.Second
	rebalanceTimeout = 5 * time.Second
	commitEvery      = 700 * time.Millisecond
	fetchWait        = 800 * time.Millisecond
)

// work is what a consumer does with a record. An error means that the record is not done: the
// partition is given up and the record is not committed.
type work func(ctx context.Context, msg *sarama.ConsumerMessage) error

// eager joins as a classic member that gives every partition back in each rebalance. Each member
// gets a worker of its own.
func eager(worker func() work) joiner {
	return func(ctx context.Context, m membership) error {
		silenceFetchRate(m.topics)
		cg, err := sarama.NewConsumerGroup(m.bootstrap, m.group, saramaConfig(m.clientID))
		if err != nil {
			return err
		}
		h := claimHandler{work: worker()}
		for ctx.Err() == nil && err == nil {
			err = cg.Consume(ctx, m.topics, h)
		}
		if closeErr := cg.Close(); err == nil {
			err = closeErr
		}
		return err
	}
}

func saramaConfig(clientID string) *sarama.Config {
	c := sarama.NewConfig()
	c.Version = sarama.MaxVersion
	c.ClientID = clientID
	c.MetricRegistry = newNoMetrics()
	c.ChannelBufferSize = 32
	c.Metadata.Retry.Max = 2
	c.Metadata.Retry.Backoff = 100 * time.Millisecond
	c.Metadata.AllowAutoTopicCreation = false
	c.Consumer.MaxWaitTime = fetchWait
	c.Consumer.Fetch.Default = 64 << 10
	c.Consumer.Offsets.Initial = sarama.OffsetOldest
	c.Consumer.Offsets.AutoCommit.Interval = commitEvery
	c.Consumer.Offsets.Retry.Max = 1
	c.Consumer.Group.Session.Timeout = sessionTimeout
	c.Consumer.Group.Heartbeat.Interval = heartbeat
	c.Consumer.Group.Rebalance.Timeout = rebalanceTimeout
	c.Consumer.Group.Rebalance.Retry.Max = 2
	c.Consumer.Group.Rebalance.Retry.Backoff = 200 * time.Millisecond
	c.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{sarama.NewBalanceStrategyRange()}
	return c
}

// claimHandler gives each record to the work. sarama runs one ConsumeClaim for each partition, and
// one that waits holds up no other.
type claimHandler struct{ work work }

func (claimHandler) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (claimHandler) Cleanup(sarama.ConsumerGroupSession) error { return nil }

func (h claimHandler) ConsumeClaim(s sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for {
		select {
		case <-s.Context().Done():
			return nil
		case msg, ok := <-claim.Messages():
			if !ok {
				return nil
			}
			if err := h.work(s.Context(), msg); err != nil {
				return nil
			}
			s.MarkMessage(msg, "")
		}
	}
}

func readAll() work {
	return func(context.Context, *sarama.ConsumerMessage) error { return nil }
}

// readPayments tries again and again to read a record that it cannot, until its session ends.
func readPayments() work {
	return func(ctx context.Context, msg *sarama.ConsumerMessage) error {
		err := parsePayment(msg.Value)
		if err != nil {
			<-ctx.Done()
		}
		return err
	}
}

// readSlowly takes slowRate records a second over all its partitions.
func readSlowly() work {
	p := &pacer{gap: time.Second / slowRate}
	return func(ctx context.Context, _ *sarama.ConsumerMessage) error {
		if !pause(ctx, p.reserve(time.Now())) {
			return ctx.Err()
		}
		return nil
	}
}

// pacer hands out moments that lie a gap apart.
type pacer struct {
	gap  time.Duration
	mu   sync.Mutex
	next time.Time
}

// reserve is how long to wait for the next free moment.
func (p *pacer) reserve(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := p.next
	if at.Before(now) {
		at = now
	}
	p.next = at.Add(p.gap)
	return at.Sub(now)
}
