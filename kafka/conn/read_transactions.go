package conn

import (
	"context"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
)

// StableOffsets asks the leader of parts for their last stable offsets (ListOffsets, up to v6; one request for
// thousands). Brokers before 0.11 know no transactions and tell the end. The answers come in no order.
func (b *Broker) StableOffsets(ctx context.Context, parts []kafka.TopicPartition) ([]LogOffset, error) {
	return b.listOffsets(ctx, LogEnd, sarama.ReadCommitted, parts)
}

// OpenTransactions asks the leader of parts for the oldest open transaction in each (DescribeProducers, from
// 2.8 on, in one request). It takes the right READ. Partitions that failed, and those without one, are missing.
func (b *Broker) OpenTransactions(ctx context.Context, parts []kafka.TopicPartition) (map[kafka.TopicPartition]kafka.OpenTransaction, error) {
	req := kmsg.NewPtrDescribeProducersRequest()
	at := map[string]int{}
	for _, p := range parts {
		i, ok := at[p.Topic]
		if !ok {
			i, at[p.Topic] = len(req.Topics), len(req.Topics)
			t := kmsg.NewDescribeProducersRequestTopic()
			t.Topic = p.Topic
			req.Topics = append(req.Topics, t)
		}
		req.Topics[i].Partitions = append(req.Topics[i].Partitions, p.Partition)
	}
	r, err := b.request(ctx, "DescribeProducers", req)
	if err != nil {
		return nil, err
	}
	out := map[kafka.TopicPartition]kafka.OpenTransaction{}
	for _, t := range r.(*kmsg.DescribeProducersResponse).Topics {
		for i := range t.Partitions {
			p := &t.Partitions[i]
			if open, ok := oldest(p.ActiveProducers); ok && p.ErrorCode == 0 {
				out[kafka.TopicPartition{Topic: t.Topic, Partition: p.Partition}] = open
			}
		}
	}
	return out, nil
}

// oldest is the open transaction that began first. A producer without one has -1 for its start.
func oldest(producers []kmsg.DescribeProducersResponseTopicPartitionActiveProducer) (open kafka.OpenTransaction, ok bool) {
	for i := range producers {
		p := &producers[i]
		if p.CurrentTxnStartOffset < 0 || ok && p.CurrentTxnStartOffset >= open.Start {
			continue
		}
		open, ok = kafka.OpenTransaction{Producer: p.ProducerID, Epoch: p.ProducerEpoch, Start: p.CurrentTxnStartOffset}, true
		if p.LastTimestamp > 0 {
			open.Wrote = time.UnixMilli(p.LastTimestamp)
		}
	}
	return open, ok
}
