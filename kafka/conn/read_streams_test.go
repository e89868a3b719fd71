package conn

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
)

func TestStreamsTasksByRoleSubtopologyAndPartition(t *testing.T) {
	ids := func(sub string, partitions ...int32) kmsg.TaskIDs {
		x := kmsg.NewTaskIDs()
		x.SubtopologyID, x.Partitions = sub, partitions
		return x
	}
	a := kmsg.NewStreamsAssignment()
	a.ActiveTasks = []kmsg.TaskIDs{ids("10", 0), ids("2", 1, 0)}
	a.StandbyTasks = []kmsg.TaskIDs{ids("2", 2)}
	a.WarmupTasks = []kmsg.TaskIDs{ids("0", 3)}
	want := "active 2_0, active 2_1, active 10_0, standby 2_2, warmup 0_3, "
	if got := taskText(streamsTasks(&a)); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTopologyEpochOfGroupAndMembers(t *testing.T) {
	topology := kmsg.NewStreamsGroupDescribeResponseGroupTopology()
	topology.Epoch = 3
	g := streamsGroup(&topology)
	g.Members[0].TopologyEpoch = 2
	d := streams(g)
	if d.TopologyEpoch != kafka.Some[int32](3) || d.Members[0].TopologyEpoch != kafka.Some[int32](2) {
		t.Errorf("group %v, member %v", d.TopologyEpoch, d.Members[0].TopologyEpoch)
	}
	if d = streams(streamsGroup(nil)); d.TopologyEpoch.OK {
		t.Errorf("without a topology: %v", d.TopologyEpoch)
	}
}
