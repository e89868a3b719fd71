package poll

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/kafkatest"
)

// oneNode is a cluster on which names may be taken that are not unique.
func oneNode(t *testing.T) *kafkatest.Cluster {
	return kafkatest.RealOwn(t, kafkatest.Own{Nodes: 1})
}

// eventually polls a cluster until its snapshot shows the group as wanted.
func eventually(t *testing.T, c *kafkatest.Cluster, group string, cond func(*kafka.Group) error) *kafka.Group {
	t.Helper()
	p := watch(t, realConfig(c), Options{Interval: 300 * time.Millisecond})
	var last *kafka.Group
	kafkatest.Until(t, realPatience, func() error {
		s := p.Latest()
		if s == nil || s.Group(group) == nil {
			return fmt.Errorf("group %s is not there", group)
		}
		last = s.Group(group)
		if err := cond(last); err != nil {
			return fmt.Errorf("%w: %+v", err, last)
		}
		return nil
	})
	return last
}

// allTasks are the tasks of all members, sorted, as "role name".
func allTasks(g *kafka.Group) []string {
	var out []string
	for i := range g.Members {
		for _, t := range g.Members[i].Tasks {
			out = append(out, string(t.Role)+" "+t.Name)
		}
	}
	slices.Sort(out)
	return out
}

func wantTasks(g *kafka.Group, want ...string) error {
	if got := allTasks(g); g.State != kafka.StateStable || !slices.Equal(got, want) {
		return fmt.Errorf("%s with tasks %q, want %q", g.State, got, want)
	}
	return nil
}

func TestStreamsGroupOfARealApplication(t *testing.T) {
	c := oneNode(t)
	kafkatest.CreateTopic(t, c.Bootstrap(), kafkatest.StreamsInput, 2, 1)
	kafkatest.CreateTopic(t, c.Bootstrap(), kafkatest.StreamsOutput, 1, 1)
	kafkatest.Produce(t, c.Bootstrap(), kafkatest.StreamsInput, 20)
	const group = "word-count"
	kafkatest.JavaStreams(t, c, group, "client.id=app", "num.stream.threads=2", "commit.interval.ms=200")
	g := eventually(t, c, group, func(g *kafka.Group) error {
		if len(g.Members) != 2 {
			return fmt.Errorf("%d members", len(g.Members))
		}
		for i := range g.Members {
			if n := len(g.Members[i].Tasks); n != 2 {
				return fmt.Errorf("%s has %d tasks", g.Members[i].ClientID, n)
			}
		}
		if g.Lag.Known != 4 || g.Lag.V != 0 {
			return fmt.Errorf("lag %+v", g.Lag)
		}
		return wantTasks(g, "active 0_0", "active 0_1", "active 1_0", "active 1_1")
	})
	if g.Type != kafka.Streams || g.TopologyEpoch != kafka.Some[int32](0) || !g.Epoch.OK {
		t.Errorf("%+v", g)
	}
	for i := range g.Members {
		m := &g.Members[i]
		if m.TopologyEpoch != kafka.Some[int32](0) || len(m.Assigned) != 2 || !strings.HasPrefix(m.ClientID, "app-StreamThread-") {
			t.Errorf("%+v", m)
		}
	}
}

func TestConnectWorkersAndWhatTheyRun(t *testing.T) {
	c := oneNode(t)
	const group = "connect-cluster"
	kafkatest.CreateTopic(t, c.Bootstrap(), "orders", 2, 1)
	one := kafkatest.Connect(t, c, group)
	one.Create(t, "file-sink", kafkatest.FileSink(t, "orders", 2))
	g := eventually(t, c, group, func(g *kafka.Group) error {
		return wantTasks(g, "connector file-sink", "task file-sink-0", "task file-sink-1")
	})
	if m := g.Members[0]; g.ProtocolType != "connect" || len(g.Members) != 1 || !m.Leader || m.URL != one.URL || m.Opaque != "" || m.ClientID == "" {
		t.Errorf("%+v", g)
	}
	// What stays where it is is not in the assignment that the broker has; the group's tasks are whole all the same.
	two := kafkatest.Connect(t, c, group)
	g = eventually(t, c, group, func(g *kafka.Group) error {
		if len(g.Members) != 2 || len(g.Members[0].Tasks) == 0 || len(g.Members[1].Tasks) == 0 {
			return fmt.Errorf("the work is not shared")
		}
		return wantTasks(g, "connector file-sink", "task file-sink-0", "task file-sink-1")
	})
	leaders := 0
	for i := range g.Members {
		if g.Members[i].Leader {
			leaders++
		}
	}
	if leaders != 1 || g.Members[0].URL == g.Members[1].URL {
		t.Errorf("%d leaders: %+v", leaders, g.Members)
	}
	two.Create(t, "second", kafkatest.FileSink(t, "orders", 1))
	eventually(t, c, group, func(g *kafka.Group) error {
		return wantTasks(g, "connector file-sink", "connector second", "task file-sink-0", "task file-sink-1", "task second-0")
	})
}

func TestShareGroupOfRealConsumers(t *testing.T) {
	c := kafkatest.Real(t)
	topic, group := kafkatest.Unique("jobs"), kafkatest.Unique("workers")
	kafkatest.CreateTopic(t, c.Bootstrap(), topic, 1, 3)
	kafkatest.JavaShareConsumer(t, c, group, topic, "client.id=worker-1")
	kafkatest.JavaShareConsumer(t, c, group, topic, "client.id=worker-2")
	shared := func(g *kafka.Group) error {
		if g.Type != kafka.Share || g.State != kafka.StateStable || len(g.Members) != 2 || len(g.Partitions) != 1 {
			return fmt.Errorf("not yet")
		}
		for i := range g.Members {
			if len(g.Members[i].Assigned) != 1 {
				return fmt.Errorf("%s has no partition", g.Members[i].ClientID)
			}
		}
		return nil
	}
	eventually(t, c, group, shared)
	kafkatest.Produce(t, c.Bootstrap(), topic, 30)
	g := eventually(t, c, group, func(g *kafka.Group) error {
		if err := shared(g); err != nil {
			return err
		}
		// The broker moves the start offset later: until then the lag leaves out what is done beyond it.
		if p := &g.Partitions[0]; !p.Committed.OK || p.Committed.V > 30 || p.Lag != kafka.Some[int64](0) || p.End != kafka.Some[int64](30) {
			return fmt.Errorf("start %v, lag %v, end %v", p.Committed, p.Lag, p.End)
		}
		return nil
	})
	if p := &g.Partitions[0]; !p.Owner.OK || g.Lag.V != 0 || !g.Lag.Complete() {
		t.Errorf("%+v", g)
	}
}
