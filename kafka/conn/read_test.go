package conn

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/goleak"

	"lagtop/kafka"
)

// sarama registers a meter for each fetched topic in the global registry, whatever the configuration
// says; its one goroutine lives as long as the process.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/rcrowley/go-metrics.(*meterArbiter).tick"))
	os.Exit(0)
}

func assignment(topics map[string][]int32) []byte {
	a := kmsg.NewConsumerMemberAssignment()
	for t, ps := range topics {
		x := kmsg.NewConsumerMemberAssignmentTopic()
		x.Topic, x.Partitions = t, ps
		a.Topics = append(a.Topics, x)
	}
	return a.AppendTo(nil)
}

func TestDecodesAssignments(t *testing.T) {
	got, err := decodeAssignment(assignment(map[string][]int32{"b": {2, 0, 2}, "a": {1}}))
	want := []kafka.TopicPartition{{Topic: "a", Partition: 1}, {Topic: "b"}, {Topic: "b", Partition: 2}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	for name, b := range map[string][]byte{
		"cut short":      assignment(map[string][]int32{"b": {2, 0, 2}})[:12],
		"huge count":     {0, 0, 0x7f, 0xff, 0xff, 0xff},
		"negative count": {0, 0, 0xff, 0xff, 0xff, 0xff},
		"one byte":       {0},
	} {
		if got, err := decodeAssignment(b); err == nil || got != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestDecodesSubscriptionsOfAllVersions(t *testing.T) {
	rack := "r1"
	for v := range int16(4) {
		m := kmsg.NewConsumerMemberMetadata()
		m.Version, m.Topics, m.UserData, m.Generation, m.Rack = v, []string{"b", "a", "b"}, []byte("data"), 7, &rack
		o := kmsg.NewConsumerMemberMetadataOwnedPartition()
		o.Topic, o.Partitions = "a", []int32{1, 2}
		m.OwnedPartitions = append(m.OwnedPartitions, o)
		b := m.AppendTo(nil)
		topics, gotRack, err := decodeSubscription(b)
		if err != nil || !slices.Equal(topics, []string{"a", "b"}) || (gotRack == rack) != (v == 3) {
			t.Errorf("v%d: %v, %q, %v", v, topics, gotRack, err)
		}
		if topics, _, err = decodeSubscription(b[:18]); err != nil || len(topics) != 2 {
			t.Errorf("v%d without the rest: %v, %v", v, topics, err)
		}
	}
}

func FuzzDecodeAssignment(f *testing.F) {
	f.Add(assignment(map[string][]int32{"orders": {0, 1, 2}, "": {-1}}))
	f.Add([]byte{0, 3, 0, 0, 0, 1, 0, 1, 'a', 0xff, 0xff, 0xff, 0xff})
	f.Add([]byte("\x00\x01{\"connector\":\"x\"}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := decodeAssignment(b)
		if err != nil && got != nil {
			t.Error("an error with an assignment")
		}
		if len(got) > len(b)/4 {
			t.Errorf("%d partitions out of %d bytes", len(got), len(b))
		}
		if !slices.IsSortedFunc(got, kafka.TopicPartition.Compare) {
			t.Errorf("not sorted: %v", got)
		}
		topics, _, err := decodeSubscription(b)
		if err != nil && topics != nil || len(topics) > len(b) {
			t.Errorf("%d topics out of %d bytes, %v", len(topics), len(b), err)
		}
	})
}

func TestChunksKeepEveryNameOnce(t *testing.T) {
	long := strings.Repeat("x", maxRequestBytes/3)
	for _, names := range [][]string{nil, {"a"}, {long, long, long, long}, slices.Repeat([]string{"g"}, 2*maxRequestNames+1)} {
		var got []string
		for part := range chunks(names) {
			bytes := 0
			for _, n := range part {
				bytes += len(n)
			}
			if len(part) == 0 || len(part) > maxRequestNames || bytes > maxRequestBytes {
				t.Errorf("a chunk of %d names, %d bytes", len(part), bytes)
			}
			got = append(got, part...)
		}
		if !slices.Equal(got, names) {
			t.Errorf("%d names became %d", len(names), len(got))
		}
	}
}

func streamsGroup(t *kmsg.StreamsGroupDescribeResponseGroupTopology) *kmsg.StreamsGroupDescribeResponseGroup {
	g := kmsg.NewStreamsGroupDescribeResponseGroup()
	g.Group, g.State, g.Topology = "app", "Stable", t
	m := kmsg.NewStreamsGroupDescribeResponseGroupMember()
	m.MemberID, m.ClientID, m.ClientHost = "m", "c", "/10.0.0.1"
	task := kmsg.NewTaskIDs()
	task.SubtopologyID, task.Partitions = "0", []int32{1, 0}
	m.Assignment.ActiveTasks = append(m.Assignment.ActiveTasks, task)
	g.Members = append(g.Members, m)
	return &g
}

func TestStreamsTasksBecomeSourcePartitions(t *testing.T) {
	sub := kmsg.NewStreamsGroupDescribeResponseGroupTopologySubtopology()
	repartition := kmsg.NewTopicInfo()
	repartition.Topic = "app-repartition"
	sub.SubtopologyID, sub.SourceTopics = "0", []string{"orders"}
	sub.RepartitionSourceTopics = append(sub.RepartitionSourceTopics, repartition)
	topology := kmsg.NewStreamsGroupDescribeResponseGroupTopology()
	topology.Subtopologies = append(topology.Subtopologies, sub)
	d := streams(streamsGroup(&topology))
	want := []kafka.TopicPartition{{Topic: "app-repartition"}, {Topic: "app-repartition", Partition: 1}, {Topic: "orders"}, {Topic: "orders", Partition: 1}}
	if m := d.Members[0]; !slices.Equal(m.Assigned, want) || m.Host != "10.0.0.1" || m.Opaque != "" || len(m.Subscribed) != 2 {
		t.Errorf("%+v", m)
	}
	if m := streams(streamsGroup(nil)).Members[0]; m.Opaque == "" || m.Assigned != nil {
		t.Errorf("without a topology: %+v", m)
	}
}

func TestModeAndReleaseOfABroker(t *testing.T) {
	answer := func(level int16, keys ...int16) *kmsg.ApiVersionsResponse {
		v := kmsg.NewPtrApiVersionsResponse()
		for _, k := range keys {
			a := kmsg.NewApiVersionsResponseApiKey()
			a.ApiKey = k
			v.ApiKeys = append(v.ApiKeys, a)
		}
		if level > 0 {
			s := kmsg.NewApiVersionsResponseSupportedFeature()
			s.Name, s.MaxVersion = "metadata.version", level
			v.SupportedFeatures = append(v.SupportedFeatures, s)
		}
		return v
	}
	for _, c := range []struct {
		v       *kmsg.ApiVersionsResponse
		mode    kafka.Mode
		release string
	}{
		{answer(29, 3, keyDescribeQuorum), kafka.ModeKRaft, "4.2"},
		{answer(21, 3, keyUpdateMetadata), kafka.ModeZooKeeper, "3.9"},
		{answer(99, 3), kafka.ModeUnknown, "above 4.4"},
	} {
		if mode(c.v) != c.mode || release(c.v) != c.release {
			t.Errorf("%q %q, want %q %q", mode(c.v), release(c.v), c.mode, c.release)
		}
	}
}

func TestABrokerIsListedOnce(t *testing.T) {
	twice := []*sarama.Broker{sarama.NewBroker("k1:9092"), sarama.NewBroker("k2:9092")} // of the same id
	if got := brokers(twice); len(got) != 1 {
		t.Errorf("%+v", got)
	}
}
