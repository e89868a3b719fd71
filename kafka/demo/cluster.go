package demo

import (
	"context"
	"fmt"
	"strconv"

	"github.com/twmb/franz-go/pkg/kadm"
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

// startCluster starts brokers 1..n without topics.
func startCluster(n int) (*kfake.Cluster, *network, error) {
	// kfake numbers brokers from 0 and makes the last one the controller for good, so one more is
	// started and number 0 is taken away before anybody knows it.
	net := newNetwork()
	c, err := kfake.NewCluster(kfake.NumBrokers(n+1), kfake.ClusterID(ClusterID), kfake.BrokerConfigs(brokerConfigs), kfake.ListenFn(net.listen))
	if err != nil {
		return nil, nil, err
	}
	if err := c.RemoveNode(0); err != nil {
		c.Close()
		return nil, nil, fmt.Errorf("remove broker 0: %w", err)
	}
	return c, net, nil
}

// create makes topics, their leaders spread evenly where we may choose them, and sets what groups need.
func (d *Demo) create(ctx context.Context, sources []*source, groups []*group) error {
	brokers, err := d.admin.ListBrokers(ctx)
	if err != nil {
		return fmt.Errorf("list the brokers: %w", err)
	}
	ids := brokers.NodeIDs()
	replicas := int16(min(len(ids), 3))
	next := 0
	for _, s := range sources {
		configs := map[string]*string{
			"retention.ms":    kadm.StringPtr("7200000"),
			"retention.bytes": kadm.StringPtr(strconv.Itoa(s.topic.retain)),
		}
		if d.cluster != nil { // others refuse a segment that small
			configs["segment.bytes"] = kadm.StringPtr(strconv.Itoa(segmentBytes))
		}
		if _, err := d.admin.CreateTopic(ctx, s.topic.partitions, replicas, configs, s.name); err != nil {
			return fmt.Errorf("create topic %s: %w", s.name, err)
		}
		for p := int32(0); d.cluster != nil && p < s.topic.partitions; p++ {
			if err := d.cluster.MoveTopicPartition(s.name, p, ids[next%len(ids)]); err != nil {
				return fmt.Errorf("move %s/%d to broker %d: %w", s.name, p, ids[next%len(ids)], err)
			}
			next++
		}
	}
	for _, g := range groups {
		if d.cluster != nil && len(g.spec.configs) > 0 {
			d.cluster.SetGroupConfigs(g.name, g.spec.configs)
		}
	}
	return nil
}
