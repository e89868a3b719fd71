package conn

import (
	"context"
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
)

// ShareOffsets is where one share group stands (KIP-932).
type ShareOffsets struct {
	Group string
	Rows  []ShareOffset // by topic, then partition
	Err   error
}

// ShareOffset is the broker's own account of one partition: the share-partition start offset and the
// lag, which is not end minus start: records above the start may be acknowledged already.
type ShareOffset struct {
	kafka.TopicPartition
	Start kafka.Known[int64]
	Lag   kafka.Known[int64] // unknown before v1 (KIP-1226)
	Err   error
}

// DescribeShare describes groups of type share that this broker coordinates (ShareGroupDescribe).
func (b *Broker) DescribeShare(ctx context.Context, names []string) ([]Description, error) {
	out := make([]Description, 0, len(names))
	for part := range chunks(names) {
		req := kmsg.NewPtrShareGroupDescribeRequest()
		req.GroupIDs = part
		r, err := b.request(ctx, "ShareGroupDescribe", req)
		if err != nil {
			return out, err
		}
		groups := r.(*kmsg.ShareGroupDescribeResponse).Groups
		for i := range groups {
			out = append(out, share(&groups[i]))
		}
	}
	return out, nil
}

func share(g *kmsg.ShareGroupDescribeResponseGroup) Description {
	d := Description{
		Name: g.GroupID, State: kafka.GroupState(g.GroupState), Protocol: g.Assignor,
		Err: withMessage(code("ShareGroupDescribe", "group "+g.GroupID, g.ErrorCode), deref(g.ErrorMessage)),
	}
	if d.Err != nil {
		return d
	}
	d.Epoch, d.AssignmentEpoch = kafka.Some(g.GroupEpoch), kafka.Some(g.AssignmentEpoch)
	for i := range g.Members {
		m := &g.Members[i]
		member := kafka.Member{
			ID: m.MemberID, ClientID: m.ClientID, Host: bareHost(m.ClientHost), Rack: deref(m.RackID),
			Epoch: kafka.Some(m.MemberEpoch), Subscribed: m.SubscribedTopicNames,
		}
		for _, t := range m.Assignment.TopicPartitions {
			d.assign(&member, t.Topic, t.TopicID, t.Partitions)
		}
		slices.Sort(member.Subscribed)
		slices.SortFunc(member.Assigned, kafka.TopicPartition.Compare)
		d.Members = append(d.Members, member)
	}
	sortMembers(d.Members)
	return d
}

// ShareOffsets reads start offset and lag of all partitions of groups of type share
// (DescribeShareGroupOffsets).
func (b *Broker) ShareOffsets(ctx context.Context, names []string) ([]ShareOffsets, error) {
	out := make([]ShareOffsets, 0, len(names))
	for part := range chunks(names) {
		req := kmsg.NewPtrDescribeShareGroupOffsetsRequest()
		for _, n := range part {
			g := kmsg.NewDescribeShareGroupOffsetsRequestGroup()
			g.GroupID = n
			req.Groups = append(req.Groups, g) // nil topics: all
		}
		r, err := b.request(ctx, "DescribeShareGroupOffsets", req)
		if err != nil {
			return out, err
		}
		groups := r.(*kmsg.DescribeShareGroupOffsetsResponse).Groups
		for i := range groups {
			out = append(out, shareOffsets(&groups[i]))
		}
	}
	return out, nil
}

func shareOffsets(g *kmsg.DescribeShareGroupOffsetsResponseGroup) ShareOffsets {
	const op = "DescribeShareGroupOffsets"
	out := ShareOffsets{
		Group: g.GroupID,
		Err:   withMessage(code(op, "group "+g.GroupID, g.ErrorCode), deref(g.ErrorMessage)),
	}
	for i := range g.Topics {
		t := &g.Topics[i]
		for j := range t.Partitions {
			p := &t.Partitions[j]
			row := ShareOffset{
				TopicPartition: kafka.TopicPartition{Topic: t.Topic, Partition: p.Partition},
				Err:            code(op, "topic "+t.Topic, p.ErrorCode),
			}
			if row.Err == nil && p.StartOffset >= 0 {
				row.Start = kafka.Some(p.StartOffset)
			}
			if row.Err == nil && p.Lag >= 0 {
				row.Lag = kafka.Some(p.Lag)
			}
			out.Rows = append(out.Rows, row)
		}
	}
	slices.SortFunc(out.Rows, func(a, b ShareOffset) int { return a.Compare(b.TopicPartition) })
	return out
}
