package demo

import (
	"context"
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

// eager joins as a classic member that gives every partition back in each rebalance, as sarama's do.
func eager(ctx context.Context, m *membership) error {
	silenceFetchRate(m.topics)
	cg, err := sarama.NewConsumerGroup(m.bootstrap, m.group, saramaConfig(m))
	if err != nil {
		return err
	}
	h := claimHandler{m}
	for ctx.Err() == nil && err == nil {
		err = cg.Consume(ctx, m.topics, h)
	}
	if closeErr := cg.Close(); err == nil {
		err = closeErr
	}
	return err
}

func saramaConfig(m *membership) *sarama.Config {
	c := sarama.NewConfig()
	c.Version = sarama.MaxVersion
	c.ClientID = m.clientID
	c.MetricRegistry = newNoMetrics()
	c.ChannelBufferSize = 32
	c.Net.Proxy.Enable = true
	c.Net.Proxy.Dialer = m.wire
	c.Metadata.Retry.Max = 2
	c.Metadata.Retry.Backoff = 100 * time.Millisecond
	c.Metadata.AllowAutoTopicCreation = false
	c.Consumer.MaxWaitTime = fetchWait
	c.Consumer.Fetch.Default = 64 << 10
	c.Consumer.Offsets.Initial = sarama.OffsetOldest
	c.Consumer.Offsets.AutoCommit.Interval = commitEvery
	c.Consumer.Offsets.Retry.Max = 1
	c.Consumer.Group.InstanceId = m.instance
	c.Consumer.Group.Session.Timeout = sessionTimeout
	c.Consumer.Group.Heartbeat.Interval = heartbeat
	c.Consumer.Group.Rebalance.Timeout = rebalanceTimeout
	c.Consumer.Group.Rebalance.Retry.Max = 2
	c.Consumer.Group.Rebalance.Retry.Backoff = 200 * time.Millisecond
	c.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{sarama.NewBalanceStrategyRange()}
	return c
}

// claimHandler reads each partition by itself. sarama runs one ConsumeClaim for each, and one that waits
// holds up no other.
type claimHandler struct{ m *membership }

func (h claimHandler) Setup(s sarama.ConsumerGroupSession) error {
	h.m.assigned(s.Claims())
	return nil
}

func (h claimHandler) Cleanup(s sarama.ConsumerGroupSession) error {
	h.m.revoked(s.Claims())
	return nil
}

func (h claimHandler) ConsumeClaim(s sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for {
		select {
		case <-s.Context().Done():
			return nil
		case msg, ok := <-claim.Messages():
			if !ok {
				return nil
			}
			if err := h.m.read(s.Context(), msg.Topic, msg.Key, msg.Value); err != nil {
				<-s.Context().Done() // tried again and again until the session ends
				return nil
			}
			s.MarkMessage(msg, "")
		}
	}
}
