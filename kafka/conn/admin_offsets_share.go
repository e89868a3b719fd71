package conn

import (
	"context"
	"errors"
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
)

// StartOffsets reads where a share group stands: its share-partition start offsets, without metadata
// (DescribeShareGroupOffsets, KIP-932). A partition that was never initialized, and a group that does not
// exist, have none.
func (a *Admin) StartOffsets(ctx context.Context, group string) (map[kafka.TopicPartition]kafka.Commit, error) {
	ctx, done := a.begin(ctx)
	defer done()
	var out map[kafka.TopicPartition]kafka.Commit
	err := a.reading(ctx, group, func(b *Broker, _ int32) error {
		gs, err := b.ShareOffsets(ctx, []string{group})
		if err != nil {
			return err
		}
		out, err = starts(gs, group)
		return err
	})
	if errors.Is(err, kafka.CodeGroupIDNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, translate("read start offsets of", group, err)
	}
	return out, nil
}

func starts(gs []ShareOffsets, group string) (map[kafka.TopicPartition]kafka.Commit, error) {
	i := slices.IndexFunc(gs, func(g ShareOffsets) bool { return g.Group == group })
	if i < 0 {
		return nil, errNotMentioned
	}
	if gs[i].Err != nil {
		return nil, gs[i].Err
	}
	out := map[kafka.TopicPartition]kafka.Commit{}
	for _, r := range gs[i].Rows {
		if r.Err != nil {
			return nil, r.Err
		}
		if r.Start.OK {
			out[r.TopicPartition] = kafka.Commit{Offset: r.Start.V}
		}
	}
	return out, nil
}

// SetStartOffsets moves the start offsets of a share group in one AlterShareGroupOffsets request. The broker
// takes it only while the group is empty and checks no range; what was delivered and not yet acknowledged
// is forgotten. Metadata is ignored. The map holds the partitions that were refused; with an error nobody
// knows which were set.
func (a *Admin) SetStartOffsets(ctx context.Context, group string, at map[kafka.TopicPartition]kafka.Commit) (map[kafka.TopicPartition]error, error) {
	const op = "set start offsets of"
	if err := a.mutating(op, group); err != nil {
		return nil, err
	}
	ctx, done := a.begin(ctx)
	defer done()
	req := kmsg.NewPtrAlterShareGroupOffsetsRequest()
	req.GroupID = group
	for topic, ps := range byTopic(at) {
		t := kmsg.NewAlterShareGroupOffsetsRequestTopic()
		t.Topic = topic
		for _, tp := range ps {
			p := kmsg.NewAlterShareGroupOffsetsRequestTopicPartition()
			p.Partition, p.StartOffset = tp.Partition, at[tp].Offset
			t.Partitions = append(t.Partitions, p)
		}
		req.Topics = append(req.Topics, t)
	}
	var out map[kafka.TopicPartition]error
	err := a.once(ctx, group, func(b *Broker) error {
		r, err := b.request(ctx, "AlterShareGroupOffsets", req)
		if err != nil {
			return err
		}
		resp, ok := r.(*kmsg.AlterShareGroupOffsetsResponse)
		if !ok {
			return errOtherAnswer
		}
		out = unset(resp, at)
		return nil
	})
	forgetRefusing(a, group, out)
	return out, translate(op, group, err)
}

// byTopic sorts the partitions by their topics.
func byTopic(at map[kafka.TopicPartition]kafka.Commit) map[string][]kafka.TopicPartition {
	out := map[string][]kafka.TopicPartition{}
	for tp := range at {
		out[tp.Topic] = append(out[tp.Topic], tp)
	}
	return out
}

// unset are the partitions that were refused. A code at the top means that none was set.
func unset(r *kmsg.AlterShareGroupOffsetsResponse, at map[kafka.TopicPartition]kafka.Commit) map[kafka.TopicPartition]error {
	const op = "AlterShareGroupOffsets"
	answers := map[kafka.TopicPartition]error{}
	for i := range r.Topics {
		t := &r.Topics[i]
		for j := range t.Partitions {
			p := &t.Partitions[j]
			answers[kafka.TopicPartition{Topic: t.Topic, Partition: p.Partition}] =
				refusal(op, "READ", "topic "+t.Topic, kafka.Code(p.ErrorCode), deref(p.ErrorMessage))
		}
	}
	top := refusal(op, "READ", "the group", kafka.Code(r.ErrorCode), deref(r.ErrorMessage))
	out := map[kafka.TopicPartition]error{}
	for tp := range at {
		err, ok := answers[tp]
		switch {
		case top != nil:
			out[tp] = top
		case !ok:
			out[tp] = errNotMentioned
		case err != nil:
			out[tp] = err
		}
	}
	return out
}

// DeleteStartOffsets takes the start offsets of whole topics from a share group in one
// DeleteShareGroupOffsets request; the group then begins where share.auto.offset.reset says. The broker
// takes it only while the group is empty. The map holds the topics that were refused; with an error nobody
// knows which were deleted.
func (a *Admin) DeleteStartOffsets(ctx context.Context, group string, topics []string) (map[string]error, error) {
	const op = "delete start offsets of"
	if err := a.mutating(op, group); err != nil {
		return nil, err
	}
	ctx, done := a.begin(ctx)
	defer done()
	req := kmsg.NewPtrDeleteShareGroupOffsetsRequest()
	req.GroupID = group
	for _, name := range topics {
		t := kmsg.NewDeleteShareGroupOffsetsRequestTopic()
		t.Topic = name
		req.Topics = append(req.Topics, t)
	}
	var out map[string]error
	err := a.once(ctx, group, func(b *Broker) error {
		r, err := b.request(ctx, "DeleteShareGroupOffsets", req)
		if err != nil {
			return err
		}
		resp, ok := r.(*kmsg.DeleteShareGroupOffsetsResponse)
		if !ok {
			return errOtherAnswer
		}
		out = unremoved(resp, topics)
		return nil
	})
	forgetRefusing(a, group, out)
	return out, translate(op, group, err)
}

// unremoved are the topics that were refused. A code at the top means that none was deleted.
func unremoved(r *kmsg.DeleteShareGroupOffsetsResponse, topics []string) map[string]error {
	const op = "DeleteShareGroupOffsets"
	answers := map[string]error{}
	for i := range r.Topics {
		t := &r.Topics[i]
		answers[t.Topic] = refusal(op, "READ", "topic "+t.Topic, kafka.Code(t.ErrorCode), deref(t.ErrorMessage))
	}
	top := refusal(op, "DELETE", "the group", kafka.Code(r.ErrorCode), deref(r.ErrorMessage))
	out := map[string]error{}
	for _, t := range topics {
		err, ok := answers[t]
		switch {
		case top != nil:
			out[t] = top
		case !ok:
			out[t] = errNotMentioned
		case err != nil:
			out[t] = err
		}
	}
	return out
}
