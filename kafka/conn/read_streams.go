package conn

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
)

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
	if g.Topology != nil {
		d.TopologyEpoch = kafka.Some(g.Topology.Epoch)
	}
	sources, all := sourceTopics(g.Topology)
	for i := range g.Members {
		m := &g.Members[i]
		member := kafka.Member{
			ID: m.MemberID, ClientID: m.ClientID, Host: bareHost(m.ClientHost), InstanceID: deref(m.InstanceID),
			Rack: deref(m.RackID), Epoch: kafka.Some(m.MemberEpoch), Subscribed: all,
			Tasks: streamsTasks(&m.Assignment), TopologyEpoch: kafka.Some(m.TopologyEpoch),
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

// streamsTasks are the active tasks, then standby and warm-up ones, by subtopology and partition.
func streamsTasks(a *kmsg.StreamsAssignment) []kafka.Task {
	var out []kafka.Task
	for _, part := range []struct {
		role kafka.TaskRole
		ids  []kmsg.TaskIDs
	}{{kafka.TaskActive, a.ActiveTasks}, {kafka.TaskStandby, a.StandbyTasks}, {kafka.TaskWarmup, a.WarmupTasks}} {
		slices.SortFunc(part.ids, func(x, y kmsg.TaskIDs) int { // subtopologies are numbers
			return cmp.Or(cmp.Compare(len(x.SubtopologyID), len(y.SubtopologyID)), strings.Compare(x.SubtopologyID, y.SubtopologyID))
		})
		for _, t := range part.ids {
			slices.Sort(t.Partitions)
			for _, p := range t.Partitions {
				out = append(out, kafka.Task{Role: part.role, Name: t.SubtopologyID + "_" + strconv.Itoa(int(p))})
			}
		}
	}
	return out
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
	slices.SortFunc(out, kafka.TopicPartition.Compare)
	return slices.Compact(out), nil
}
