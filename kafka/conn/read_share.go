package conn

import (
	"context"
	"errors"
	"slices"
	"strings"

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
		slices.SortFunc(member.Assigned, comparePartitions)
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
	slices.SortFunc(out.Rows, func(a, b ShareOffset) int { return comparePartitions(a.TopicPartition, b.TopicPartition) })
	return out
}

// DescribeStreams describes groups of type streams that this broker coordinates
// (StreamsGroupDescribe, KIP-1071). A member's assignment is the source partitions of its active
// tasks; every member subscribes to all source topics. A task may name a partition that a narrower
// source topic does not have.
func (b *Broker) DescribeStreams(ctx context.Context, names []string) ([]Description, error) {
	out := make([]Description, 0, len(names))
	for part := range chunks(names) {
		req := kmsg.NewPtrStreamsGroupDescribeRequest()
		req.Groups = part
		r, err := b.request(ctx, "StreamsGroupDescribe", req)
		if err != nil {
			return out, err
		}
		groups := r.(*kmsg.StreamsGroupDescribeResponse).Groups
		for i := range groups {
			out = append(out, streams(&groups[i]))
		}
	}
	return out, nil
}

func streams(g *kmsg.StreamsGroupDescribeResponseGroup) Description {
	d := Description{
		Name: g.Group, State: kafka.GroupState(g.State), Protocol: deref(g.AssignorName),
		Err: withMessage(code("StreamsGroupDescribe", "group "+g.Group, g.ErrorCode), deref(g.ErrorMessage)),
	}
	if d.Err != nil {
		return d
	}
	d.Epoch, d.AssignmentEpoch = kafka.Some(g.Epoch), kafka.Some(g.AssignmentEpoch)
	sources, all := sourceTopics(g.Topology)
	for i := range g.Members {
		m := &g.Members[i]
		member := kafka.Member{
			ID: m.MemberID, ClientID: m.ClientID, Host: bareHost(m.ClientHost), InstanceID: deref(m.InstanceID),
			Rack: deref(m.RackID), Epoch: kafka.Some(m.MemberEpoch), Subscribed: all,
		}
		var err error
		if member.Assigned, err = activePartitions(m.Assignment.ActiveTasks, sources); err != nil {
			member.Opaque = "assignment not decodable: " + err.Error()
		}
		d.Members = append(d.Members, member)
	}
	sortMembers(d.Members)
	return d
}

// sourceTopics is what each subtopology reads, and all of it, sorted.
func sourceTopics(t *kmsg.StreamsGroupDescribeResponseGroupTopology) (bySub map[string][]string, all []string) {
	if t == nil {
		return nil, nil
	}
	bySub = make(map[string][]string, len(t.Subtopologies))
	for i := range t.Subtopologies {
		s := &t.Subtopologies[i]
		names := slices.Clone(s.SourceTopics)
		for j := range s.RepartitionSourceTopics {
			names = append(names, s.RepartitionSourceTopics[j].Topic)
		}
		bySub[s.SubtopologyID] = names
		all = append(all, names...)
	}
	slices.SortFunc(all, strings.Compare)
	return bySub, slices.Compact(all)
}

var errNoTopology = errors.New("the topology does not tell the source topics of a task")

func activePartitions(tasks []kmsg.TaskIDs, sources map[string][]string) ([]kafka.TopicPartition, error) {
	var out []kafka.TopicPartition
	for _, t := range tasks {
		topics, ok := sources[t.SubtopologyID]
		if !ok {
			return nil, errNoTopology
		}
		for _, topic := range topics {
			for _, p := range t.Partitions {
				out = append(out, kafka.TopicPartition{Topic: topic, Partition: p})
			}
		}
	}
	slices.SortFunc(out, comparePartitions)
	return slices.Compact(out), nil
}
