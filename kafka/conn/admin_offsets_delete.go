package conn

import (
	"context"

	"github.com/IBM/sarama"

	"lagtop/kafka"
)

// DeleteOffsets takes commits away in one OffsetDelete request (KIP-496). The broker does so in a group
// with members too, for topics that none of them subscribes to; a partition without a commit is no error.
// The map holds the partitions that were refused; with an error nobody knows which were deleted.
func (a *Admin) DeleteOffsets(ctx context.Context, group string, tps []kafka.TopicPartition) (map[kafka.TopicPartition]error, error) {
	const op = "delete offsets of"
	if err := a.mutating(op, group); err != nil {
		return nil, err
	}
	ctx, done := a.begin(ctx)
	defer done()
	req := &sarama.DeleteOffsetsRequest{Group: group}
	for _, tp := range tps {
		req.AddPartition(tp.Topic, tp.Partition)
	}
	var out map[kafka.TopicPartition]error
	err := a.once(ctx, group, func(b *Broker) error {
		r, err := call(ctx, b, "OffsetDelete", func(s *sarama.Broker) (*sarama.DeleteOffsetsResponse, error) {
			return s.DeleteOffsets(req)
		})
		if err == nil {
			out = undeleted(r, group, tps)
		}
		return err
	})
	forgetRefusing(a, group, out)
	return out, translate(op, group, err)
}

// undeleted are the partitions that were refused. A code at the top means that none was deleted.
func undeleted(r *sarama.DeleteOffsetsResponse, group string, tps []kafka.TopicPartition) map[kafka.TopicPartition]error {
	out := map[kafka.TopicPartition]error{}
	for _, tp := range tps {
		c, ok := r.Errors[tp.Topic][tp.Partition]
		switch {
		case r.ErrorCode != sarama.ErrNoError:
			out[tp] = undeletedError(kafka.Code(r.ErrorCode), group, tp.Topic)
		case !ok:
			out[tp] = errNotMentioned
		case c != sarama.ErrNoError:
			out[tp] = undeletedError(kafka.Code(c), group, tp.Topic)
		}
	}
	return out
}

// undeletedError names the right where one is missing: the group takes DELETE, its topics READ.
func undeletedError(c kafka.Code, group, topic string) error {
	switch c {
	case kafka.CodeGroupAuthorization:
		return refusal("", "DELETE", "group "+group, c, "")
	case kafka.CodeTopicAuthorization:
		return refusal("", "READ", "topic "+topic, c, "")
	}
	return c
}
