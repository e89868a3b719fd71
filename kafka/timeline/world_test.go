package timeline

import (
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
)

var epoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// seconds is a time on the test's clock.
func seconds(s float64) time.Time { return epoch.Add(time.Duration(s * float64(time.Second))) }

// of is a member whose client id is what comes before the dash in its id, with partitions of orders.
func of(id string, partitions ...int32) kafka.Member {
	client, _, _ := strings.Cut(id, "-")
	m := kafka.Member{ID: id, ClientID: client, Host: "h", Subscribed: []string{"orders"}}
	for _, p := range partitions {
		m.Assigned = append(m.Assigned, kafka.TopicPartition{Topic: "orders", Partition: p})
	}
	return m
}

// group is a Stable classic group.
func group(ms ...kafka.Member) kafka.Group {
	g := kafka.Group{Name: "g", Type: kafka.Classic, ProtocolType: "consumer", Protocol: "range", State: kafka.StateStable, Members: ms}
	if len(ms) == 0 {
		g.State = kafka.StateEmpty
	}
	return g
}

// as changes a group.
func as(g kafka.Group, change func(*kafka.Group)) kafka.Group { change(&g); return g }

func in(state kafka.GroupState, ms ...kafka.Member) kafka.Group {
	return as(group(ms...), func(g *kafka.Group) { g.State = state })
}

// look is one poll.
type look struct {
	at float64 // seconds
	g  kafka.Group
}

func (k look) snapshot() *kafka.Snapshot {
	k.g.At = seconds(k.at)
	return &kafka.Snapshot{At: seconds(k.at), Groups: []kafka.Group{k.g}}
}

// watched is a Log that saw these polls.
func watched(t *testing.T, looks ...look) *Log {
	t.Helper()
	l := New(Options{})
	for _, k := range looks {
		l.Observe(k.snapshot())
	}
	return l
}

// only is the one rebalance that there is.
func only(t *testing.T, l *Log) Rebalance {
	t.Helper()
	rs := l.Group("g")
	if len(rs) != 1 {
		t.Fatalf("%d rebalances, want 1: %+v", len(rs), rs)
	}
	return rs[0]
}
