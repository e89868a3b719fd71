package demo

import (
	"fmt"
	"strconv"

	"github.com/twmb/franz-go/pkg/kfake"
)

// brokerConfigs shorten what a person would wait for: KIP-848 and share groups rebalance at the pace
// of the heartbeat that the broker asks for, and retention is enforced each cleaner backoff.
var brokerConfigs = map[string]string{
	"group.consumer.heartbeat.interval.ms": "500",
	"group.consumer.session.timeout.ms":    "10000",
	"group.share.heartbeat.interval.ms":    "500",
	"group.share.session.timeout.ms":       "10000",
	"log.cleaner.backoff.ms":               "10000",
}

// startCluster starts brokers 1..n and creates the topics, their leaders spread evenly.
func startCluster(n int) (*kfake.Cluster, error) {
	// kfake numbers brokers from 0 and makes the last one the controller for good, so one more is
	// started and number 0 is taken away before anybody knows it.
	c, err := kfake.NewCluster(kfake.NumBrokers(n+1), kfake.ClusterID(ClusterID), kfake.BrokerConfigs(brokerConfigs))
	if err != nil {
		return nil, err
	}
	if err := setUp(c, n); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func setUp(c *kfake.Cluster, n int) error {
	if err := c.RemoveNode(0); err != nil {
		return fmt.Errorf("remove broker 0: %w", err)
	}
	next := 0
	for _, t := range topicSpecs {
		err := c.CreateTopic(t.name, t.partitions, map[string]string{
			"retention.ms":    "7200000",
			"retention.bytes": strconv.Itoa(t.retain),
			"segment.bytes":   strconv.Itoa(segmentBytes),
		})
		if err != nil {
			return fmt.Errorf("create topic %s: %w", t.name, err)
		}
		for p := range t.partitions {
			leader := int32(next%n) + 1
			if err := c.MoveTopicPartition(t.name, p, leader); err != nil {
				return fmt.Errorf("move %s/%d to broker %d: %w", t.name, p, leader, err)
			}
			next++
		}
	}
	for _, g := range groupSpecs {
		if len(g.configs) > 0 {
			c.SetGroupConfigs(g.name, g.configs)
		}
	}
	return nil
}
