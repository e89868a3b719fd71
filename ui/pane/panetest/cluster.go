// Package panetest builds snapshots by hand and compares what a pane draws with golden screens. It is
// for tests of the panes only; nothing of the program imports it.
package panetest

import (
	"fmt"
	"sort"
	"time"

	"lagtop/kafka"
)

// Now is the instant of every built snapshot.
func Now() time.Time { return time.Date(2026, 11, 22, 14, 2, 11, 0, time.UTC) }

// Cluster is a snapshot under construction. Build finishes it.
type Cluster struct {
	Snap   *kafka.Snapshot
	topics []*kafka.Topic
	groups []*Group
}

// NewCluster has three KRaft brokers in three racks, no topics and no groups.
func NewCluster() *Cluster {
	c := &Cluster{Snap: &kafka.Snapshot{
		Seq: 42, Began: Now().Add(-40 * time.Millisecond), At: Now(), Requests: 16,
		Cluster: kafka.Cluster{
			ID: "4L6g3nShT-eMCtK--X86sw", Bootstrap: []string{"10.0.0.1:9092"},
			Controller: kafka.Some[int32](1), Mode: kafka.ModeKRaft, Version: "4.2",
		},
	}}
	for i := int32(1); i <= 3; i++ {
		c.Snap.Brokers = append(c.Snap.Brokers, kafka.Broker{
			ID: i, Addr: fmt.Sprintf("10.0.0.%d:9092", i), Rack: "rack-" + string('a'+i-1), Controller: i == 1, At: Now(),
		})
	}
	return c
}

// Topic adds a topic with one partition per end offset, replicated on three brokers, log start 0. The
// result may be changed until Build.
func (c *Cluster) Topic(name string, ends ...int64) *kafka.Topic {
	t := &kafka.Topic{Name: name, ID: [16]byte{byte(len(c.topics) + 1)}}
	for i, end := range ends {
		t.Partitions = append(t.Partitions, kafka.Partition{
			ID: int32(i), Leader: kafka.Some(int32(i%3 + 1)),
			Replicas: []int32{int32(i%3 + 1), int32((i+1)%3 + 1), int32((i+2)%3 + 1)},
			ISR:      []int32{int32(i%3 + 1), int32((i+1)%3 + 1), int32((i+2)%3 + 1)},
			Start:    kafka.Some[int64](0), End: kafka.Some(end), At: Now(),
		})
	}
	c.topics = append(c.topics, t)
	return t
}

// Group adds a group of protocol type consumer (classic), coordinated by broker 2.
func (c *Cluster) Group(name string, typ kafka.GroupType, state kafka.GroupState) *Group {
	g := &Group{Group: kafka.Group{
		Name: name, Type: typ, State: state, Coordinator: kafka.Some[int32](2), At: Now(),
		Verdict: kafka.Verdict{Kind: kafka.VerdictOK, Since: Now().Add(-time.Hour)},
	}}
	if typ == kafka.Classic {
		g.ProtocolType = "consumer"
	}
	if typ == kafka.Classic && state == kafka.StateStable {
		g.Protocol = "range"
	}
	c.groups = append(c.groups, g)
	return g
}

// Build joins commits with ends, sorts and counts.
func (c *Cluster) Build() *kafka.Snapshot {
	for _, t := range c.topics {
		c.Snap.Topics = append(c.Snap.Topics, *t)
	}
	sort.Slice(c.Snap.Topics, func(i, j int) bool { return c.Snap.Topics[i].Name < c.Snap.Topics[j].Name })
	for _, g := range c.groups {
		g.join(c.Snap)
		c.Snap.Groups = append(c.Snap.Groups, g.Group)
	}
	sort.Slice(c.Snap.Groups, func(i, j int) bool { return c.Snap.Groups[i].Name < c.Snap.Groups[j].Name })
	c.countBrokers()
	return c.Snap
}

func (c *Cluster) countBrokers() {
	for i := range c.Snap.Brokers {
		b := &c.Snap.Brokers[i]
		for _, t := range c.Snap.Topics {
			for _, p := range t.Partitions {
				if p.Leader == kafka.Some(b.ID) {
					b.Leaders++
				}
				for _, r := range p.Replicas {
					if r == b.ID {
						b.Replicas++
					}
				}
			}
		}
		for _, g := range c.Snap.Groups {
			if g.Coordinator == kafka.Some(b.ID) {
				b.Groups++
			}
		}
	}
}
