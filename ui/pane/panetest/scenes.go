package panetest

import (
	"strconv"
	"strings"
	"time"

	"lagtop/kafka"
)

// Typical is a cluster with one group in bad trouble, one behind, healthy ones and an empty one.
func Typical() *kafka.Snapshot { return typical().Build() }

func typical() *Cluster {
	c := NewCluster()
	c.Topic("orders", 912_400, 880_000, 40_000, 881_000, 882_000, 12_000, 890_000, 1_912_000, 884_000, 885_000, 886_000, 887_000)
	c.Topic("clicks", 5_000_000, 5_100_000, 5_200_000)
	c.Topic("audit", 0)
	p := c.Group("payments", kafka.Classic, kafka.StateStable).
		Member("payments-1", "10.0.0.5", Span("orders", 0, 3)...).
		Member("payments-2", "10.0.0.6", Span("orders", 4, 6)...).
		Member("payments-3", "10.0.0.7", Span("orders", 7, 11)...).
		Commit("orders", 900_000, 880_000, 40_000, 881_000, 882_000, 12_000, 889_990, 1_000_000, 884_000, 885_000, 886_000, 887_000)
	for i := range int32(12) {
		p.Rates("orders", i, 190, 190)
	}
	p.Rates("orders", 0, 800, 990).Rates("orders", 7, 2_100, 0)
	p.Judge(kafka.VerdictStalled, TP("orders", 7), 6*time.Minute,
		"orders/7 flat for 6 min on payments-3; the other 11 drain at 2.1k/s",
		"look at the record at the commit, restart or kick payments-3")
	p.Members[2].InstanceID = "pay-3"
	s := c.Group("shipping", kafka.Consumer, kafka.StateReconciling).
		Member("ship-a", "10.0.1.5", Span("clicks", 0, 1)...).
		Member("ship-b", "10.0.1.6", TP("clicks", 2)).
		Commit("clicks", 4_952_000, 5_100_000, 5_200_000).
		Rates("clicks", 0, 500, 700).Rates("clicks", 1, 500, 500).Rates("clicks", 2, 500, 500)
	s.Epoch, s.AssignmentEpoch, s.Protocol = kafka.Some[int32](8), kafka.Some[int32](7), "uniform"
	s.Judge(kafka.VerdictFallingBehind, TP("clicks", 0), 2*time.Minute, "clicks/0 loses 300/s", "add members, up to 3")
	c.Group("fraud", kafka.Classic, kafka.StateStable).
		Member("fraud-1", "10.0.2.1", TP("clicks", 0)).Commit("clicks", 4_999_988).Rates("clicks", 0, 500, 500)
	c.Group("audit", kafka.Classic, kafka.StateEmpty).NoCommit(TP("audit", 0)).
		Judge(kafka.VerdictNoCommit, TP("audit", 0), time.Minute, "audit/0 has no commit", "start the application")
	return c
}

// Stale is Typical with a broker that hangs for 8 s: its groups and partitions are old, one group is gone.
func Stale() *kafka.Snapshot {
	s := Typical()
	old := s.At.Add(-8 * time.Second)
	s.Faults = []kafka.Fault{{Broker: kafka.Some[int32](2), Addr: "10.0.0.2:9092", Op: "OffsetFetch", Reason: "no answer within 3 s", Advice: "check broker 2", Since: old}}
	for i := range s.Groups {
		g := &s.Groups[i]
		if g.Name == "payments" || g.Name == "fraud" {
			g.At = old
		}
		g.Gone = g.Name == "fraud"
		if g.Name == "payments" {
			lose(g, TP("orders", 3))
		}
	}
	s.Brokers[1].At = old
	return s
}

// lose makes one partition's lag unknown.
func lose(g *kafka.Group, tp kafka.TopicPartition) {
	p := g.Partition(tp)
	p.Committed, p.Lag = kafka.Known[int64]{}, kafka.Known[int64]{}
	p.Err = "OffsetFetch: NOT_COORDINATOR"
	g.Lag = kafka.Total{}
	for i := range g.Partitions {
		g.Lag.Add(g.Partitions[i].Lag)
	}
}

// Rebalancing is Typical with payments between two assignments: the last known one is kept.
func Rebalancing() *kafka.Snapshot {
	s := Typical()
	g := s.Group("payments")
	g.State, g.Protocol, g.AssignmentOld = kafka.StatePreparingRebalance, "", true
	return s
}

// Empty is a cluster without topics and groups.
func Empty() *kafka.Snapshot { return NewCluster().Build() }

// Waiting is what the ui has before the first poll.
func Waiting() *kafka.Snapshot { return &kafka.Snapshot{} }

// Connect has a group of Kafka Connect workers, and a group of a protocol type that nobody can decode.
func Connect() *kafka.Snapshot {
	c := NewCluster()
	g := c.Group("connect-jdbc", kafka.Classic, kafka.StateStable).Member("connect-1", "10.0.3.1").Member("connect-2", "10.0.3.2").
		Member("connect-3", "10.0.3.3")
	g.ProtocolType, g.Protocol, g.Verdict = "connect", "sessioned", kafka.Verdict{}
	g.Members[0].Leader = true
	for i := range g.Members {
		g.Members[i].URL = "http://" + g.Members[i].Host + ":8083/"
	}
	g.Members[0].Tasks = []kafka.Task{
		{Role: kafka.TaskConnector, Name: "jdbc-orders"}, {Role: kafka.TaskWork, Name: "jdbc-orders-0"}, {Role: kafka.TaskWork, Name: "s3-sink-1"},
	}
	g.Members[1].Tasks = []kafka.Task{{Role: kafka.TaskConnector, Name: "s3-sink"}, {Role: kafka.TaskWork, Name: "s3-sink-0"}}
	sr := c.Group("schema-registry", kafka.Classic, kafka.StateStable).Member("sr-1", "10.0.3.9")
	sr.ProtocolType, sr.Protocol, sr.Verdict = "sr", "v0", kafka.Verdict{}
	sr.Members[0].Opaque = "assignment not decodable (protocol type sr)"
	return c.Build()
}

// Streams has a streams group of two subtopologies: one member has active and standby tasks, one warms
// up and runs an older topology, one is idle.
func Streams() *kafka.Snapshot {
	c := NewCluster()
	c.Topic("clicks", 5_000, 6_000)
	c.Topic("app-counts-repartition", 700, 800)
	g := c.Group("app", kafka.Streams, kafka.StateStable).
		Member("app-1-StreamThread-1", "10.0.6.1", TP("app-counts-repartition", 0), TP("clicks", 0), TP("clicks", 1)).
		Member("app-2-StreamThread-1", "10.0.6.2", TP("app-counts-repartition", 1)).
		Member("app-3-StreamThread-1", "10.0.6.3").
		Commit("clicks", 4_990, 5_500).Commit("app-counts-repartition", 700, 800)
	g.Protocol, g.Epoch, g.AssignmentEpoch, g.TopologyEpoch = "sticky", kafka.Some[int32](9), kafka.Some[int32](9), kafka.Some[int32](2)
	for i, epoch := range []int32{2, 1, 2} {
		g.Members[i].Epoch, g.Members[i].TopologyEpoch = kafka.Some[int32](9), kafka.Some(epoch)
	}
	g.Members[0].Tasks = []kafka.Task{
		{Role: kafka.TaskActive, Name: "0_0"}, {Role: kafka.TaskActive, Name: "0_1"}, {Role: kafka.TaskActive, Name: "1_0"}, {Role: kafka.TaskStandby, Name: "1_1"},
	}
	g.Members[1].Tasks = []kafka.Task{{Role: kafka.TaskActive, Name: "1_1"}, {Role: kafka.TaskWarmup, Name: "1_0"}}
	return c.Build()
}

// Share has a share group: two members on the same partition, of which 40 records beyond the start offset
// are done, and a partition that has no start offset yet.
func Share() *kafka.Snapshot {
	c := NewCluster()
	c.Topic("jobs", 1_000, 2_000, 0)
	c.Group("workers", kafka.Share, kafka.StateStable).
		Member("worker-1", "10.0.4.1", Span("jobs", 0, 1)...).
		Member("worker-2", "10.0.4.2", TP("jobs", 1)).
		Commit("jobs", 990, 1_500).NoCommit(TP("jobs", 2))
	s := c.Build()
	g := s.Group("workers")
	g.Partitions[1].Lag.V -= 40
	g.Lag.V -= 40
	return s
}

// Odd has lost records, a commit beyond the end, hidden topics, no members and a group that could not
// be described.
func Odd() *kafka.Snapshot {
	c := NewCluster()
	t := c.Topic("events", 5_000, 5_000, 5_000, 5_000)
	t.Partitions[0].Start = kafka.Some[int64](1_200)
	g := c.Group("odd", kafka.Classic, kafka.StateStable).Member("odd-1", "10.0.5.1", Span("events", 0, 1)...).
		Commit("events", 1_000, 5_050, 4_000).NoCommit(TP("events", 3))
	g.Hidden = []string{"secrets"}
	g.Judge(kafka.VerdictLost, TP("events", 0), time.Minute, "events/0: 200 records are below the log start", "choose a reset")
	d := c.Group("denied", kafka.Classic, kafka.StateUnknown)
	d.Err, d.Verdict = "DescribeGroups: GROUP_AUTHORIZATION_FAILED", kafka.Verdict{}
	return c.Build()
}

// HostileNames are texts that a broker accepts and that must not reach a terminal as they are.
func HostileNames() []string {
	return []string{
		"esc\x1b[31mred\x1b[2J", "line\nfeed\ttab", "nul\x00bel\a", "bidi\u202eevil\u2066", "c1\u009b31m",
		"bad\xff\xfeutf8", "zero\u200bwidth\ufeff", "漢字カナ漢字カナ漢字カナ", "e\u0301a\u0308combining", "👩‍👩‍👧‍👦🇩🇪flags",
		"--help", "../../etc/passwd", "%s%d", strings.Repeat("long", 500), "", " ",
	}
}

// Hostile has groups, members, instance ids, metadata and errors made of the given texts; without any,
// of HostileNames.
func Hostile(names ...string) *kafka.Snapshot {
	if len(names) == 0 {
		names = HostileNames()
	}
	c := NewCluster()
	c.Topic("topic", 10, 20, 30)
	for i, n := range names {
		g := c.Group(n, kafka.Classic, kafka.StateStable).Member(n, n, Span("topic", 0, 1)...).Member(n+strconv.Itoa(i), n).
			Commit("topic", 5, 6).NoCommit(TP("topic", 2), TP(n, 0))
		g.Members[0].InstanceID, g.Members[0].Rack, g.Members[1].Opaque = n, n, n
		g.Protocol, g.Err, g.Hidden = n, n, []string{n}
		g.Judge(kafka.VerdictStalled, TP("topic", 0), time.Minute, n, n)
		g.Partitions[0].Metadata, g.Partitions[0].Err = n, n
	}
	return c.Build()
}
