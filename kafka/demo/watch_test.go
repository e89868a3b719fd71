package demo

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const settleWithin = 100 * time.Second // a loaded machine; an idle one needs three seconds

// watcher looks at the demo from outside, as any client would.
type watcher struct {
	t     *testing.T
	demo  *Demo
	admin *kadm.Client
}

func start(t *testing.T) *watcher {
	t.Helper()
	t.Parallel()
	d, err := Start(t.Context(), Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	cl, err := kgo.NewClient(kgo.SeedBrokers(d.Bootstrap()...), kgo.ClientID("watcher"), kgo.DisableClientMetrics())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cl.Close()
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return &watcher{t: t, demo: d, admin: kadm.NewClient(cl)}
}

// until polls a condition, which says what it still misses.
func (w *watcher) until(what string, missing func(ctx context.Context) string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), settleWithin)
	defer cancel()
	var last string
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		if last = missing(ctx); last == "" {
			return
		}
		select {
		case <-ctx.Done():
			w.t.Fatalf("%s: %s", what, last)
		case <-tick.C:
		}
	}
}

// shape is a group in words: type, state, protocol and members; "" when it is not listed.
func (w *watcher) shape(ctx context.Context, group string) string {
	for _, kind := range []string{"classic", "consumer", "share"} {
		listed, err := w.admin.ListGroupsByType(ctx, []string{kind})
		if _, ok := listed[group]; err != nil || !ok {
			continue
		}
		switch kind {
		case "consumer":
			ds, _ := w.admin.DescribeConsumerGroups(ctx, group)
			return fmt.Sprintf("consumer %s %d", ds[group].State, len(ds[group].Members))
		case "share":
			ds, _ := w.admin.DescribeShareGroups(ctx, group)
			return fmt.Sprintf("share %s %d", ds[group].GroupState, len(ds[group].Members))
		}
		ds, _ := w.admin.DescribeGroups(ctx, group)
		words := fmt.Sprintf("classic %s %s %d", ds[group].State, ds[group].Protocol, len(ds[group].Members))
		return strings.Join(strings.Fields(words), " ")
	}
	return ""
}

// stand is where a group is in one partition.
type stand struct{ committed, end int64 }

func (s stand) lag() int64 { return s.end - s.committed }

func (w *watcher) stands(ctx context.Context, group, topic string) map[int32]stand {
	out := make(map[int32]stand)
	commits, err := w.admin.FetchOffsets(ctx, group)
	if err != nil {
		return out
	}
	ends, err := w.admin.ListEndOffsets(ctx, topic)
	if err != nil {
		return out
	}
	for p, c := range commits[topic] {
		if end, ok := ends.Lookup(topic, p); ok {
			out[p] = stand{c.At, end.Offset}
		}
	}
	return out
}

// owners are the partitions of each member of a classic group by client id.
func (w *watcher) owners(ctx context.Context, group string) map[string]int {
	out := make(map[string]int)
	ds, err := w.admin.DescribeGroups(ctx, group)
	if err != nil || ds[group].State != "Stable" {
		return out
	}
	for _, m := range ds[group].Members {
		a, ok := m.Assigned.AsConsumer()
		if !ok {
			continue
		}
		n := 0
		for _, t := range a.Topics {
			n += len(t.Partitions)
		}
		out[m.ClientID] = n
	}
	return out
}

func (w *watcher) untilShape(group, want string) {
	w.t.Helper()
	w.until(group, func(ctx context.Context) string {
		if got := w.shape(ctx, group); got != want {
			return fmt.Sprintf("is %q, not %q", got, want)
		}
		return ""
	})
}

func (w *watcher) firstStands(group, topic string) map[int32]stand {
	w.t.Helper()
	var first map[int32]stand
	w.until(group+" has commits", func(ctx context.Context) string {
		if first = w.stands(ctx, group, topic); len(first) == 0 {
			return "none"
		}
		return ""
	})
	return first
}

// untilStuck waits until the poisoned partition is committed up to the poison.
func (w *watcher) untilStuck() map[int32]stand {
	w.t.Helper()
	spec := specOf(w.t, poisonTopic)
	var poison int64
	for _, r := range newSource(spec, w.demo.seed).history(noon) {
		if r.Partition == poisonPartition {
			if decode(r.Value) != nil {
				break
			}
			poison++
		}
	}
	var now map[int32]stand
	w.until("payments meets the poison", func(ctx context.Context) string {
		now = w.stands(ctx, poisonGroup, poisonTopic)
		if len(now) == int(spec.partitions) && now[poisonPartition].committed == poison {
			return ""
		}
		return fmt.Sprintf("at %d, the poison at %d", now[poisonPartition].committed, poison)
	})
	return now
}

// leaves counts the requests to leave a group.
func leaves(c *kfake.Cluster, group string) *atomic.Int32 {
	n := &atomic.Int32{}
	c.ControlKey(int16(kmsg.LeaveGroup), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if r.(*kmsg.LeaveGroupRequest).Group == group {
			n.Add(1)
		}
		return nil, nil, false
	})
	return n
}

func (w *watcher) untilOwners(group string, members, each int) {
	w.t.Helper()
	w.until(group, func(ctx context.Context) string {
		got := w.owners(ctx, group)
		for id, n := range got {
			if n != each {
				return fmt.Sprintf("%s owns %d, want %d", id, n, each)
			}
		}
		if len(got) != members {
			return fmt.Sprintf("owners %v, want %d of them", got, members)
		}
		return ""
	})
}
