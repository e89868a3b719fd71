package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/goleak"
)

func TestFleetJoins(t *testing.T) {
	w := start(t)
	want := map[string]string{
		"web-indexer":          "classic Stable range 3",
		"order-fulfilment":     "classic Stable cooperative-sticky 3",
		"siem-forwarder":       "consumer Stable 2",
		"clickstream-sessions": "share Stable 2",
		"log-archiver":         "classic Stable range 2",
		"payments":             "classic Stable range 3",
		"nightly-report":       "classic Empty 0",
	}
	for name, shape := range want {
		w.untilShape(name, shape)
	}
	names := w.demo.Groups()
	if len(names) != len(want) {
		t.Errorf("Groups() = %v, want the %d above", names, len(want))
	}
	for _, n := range names {
		if want[n] == "" {
			t.Errorf("Groups() names %s, which is not there", n)
		}
	}
}

func TestClusterHasNumberedBrokersAndEvenLeaders(t *testing.T) {
	w := start(t)
	m, err := w.admin.Metadata(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if ids := m.Brokers.NodeIDs(); !slices.Equal(ids, []int32{1, 2, 3}) {
		t.Errorf("brokers %v, want 1 2 3", ids)
	}
	if !slices.Contains(m.Brokers.NodeIDs(), m.Controller) || m.Cluster != ClusterID {
		t.Errorf("controller %d of cluster %q is not one of the brokers", m.Controller, m.Cluster)
	}
	leaders := make(map[int32]int)
	m.Topics.EachPartition(func(p kadm.PartitionDetail) {
		leaders[p.Leader]++
		if len(p.Replicas) != 3 {
			t.Errorf("%s/%d has replicas %v, want 3", p.Topic, p.Partition, p.Replicas)
		}
	})
	if leaders[1] != 16 || leaders[2] != 16 || leaders[3] != 16 {
		t.Errorf("leaders %v, want 16 each", leaders)
	}
}

func TestHealthyGroupsKeepUp(t *testing.T) {
	w := start(t)
	for group, topic := range map[string]string{"web-indexer": "web.access", "order-fulfilment": "orders", "siem-forwarder": "syslog"} {
		first := w.firstStands(group, topic)
		w.until(group, func(ctx context.Context) string {
			var moved, lag int64
			for p, s := range w.stands(ctx, group, topic) {
				moved += s.committed - first[p].committed
				lag += s.lag()
			}
			if moved < 40 || lag > 400 {
				return fmt.Sprintf("committed %d more, lag %d", moved, lag)
			}
			return ""
		})
	}
}

func TestShareGroupTakesRecords(t *testing.T) {
	w := start(t)
	w.until("clickstream-sessions", func(ctx context.Context) string {
		ds, err := w.admin.DescribeShareGroupOffsets(ctx, "clickstream-sessions")
		if err != nil {
			return err.Error()
		}
		for _, ps := range ds["clickstream-sessions"].Offsets {
			for _, p := range ps {
				if p.StartOffset <= historyPerPartition/2 {
					return fmt.Sprintf("start offset of %s/%d is %d", p.Topic, p.Partition, p.StartOffset)
				}
			}
			return ""
		}
		return "no offsets"
	})
}

func TestArchiverFallsBehindFromTheStart(t *testing.T) {
	w := start(t)
	first := w.firstStands("log-archiver", "app.logs")
	var before int64
	for _, s := range first {
		before += s.lag()
	}
	if before < 500 {
		t.Errorf("lag %d at first sight, want a backlog", before)
	}
	w.until("log-archiver", func(ctx context.Context) string {
		var lag, moved int64
		for p, s := range w.stands(ctx, "log-archiver", "app.logs") {
			lag += s.lag()
			moved += s.committed - first[p].committed
		}
		if lag < before+60 || moved < 20 {
			return fmt.Sprintf("lag went from %d to %d, %d committed", before, lag, moved)
		}
		return ""
	})
}

func TestPoisonStopsOnePartitionAndNoOther(t *testing.T) {
	w := start(t)
	at := w.untilStuck()
	w.until("siblings move, the stuck one grows", func(ctx context.Context) string {
		now := w.stands(ctx, poisonGroup, poisonTopic)
		if len(now) != len(at) {
			return "no answer"
		}
		for p, s := range now {
			switch {
			case p == poisonPartition && s.committed != at[p].committed:
				t.Fatalf("the stuck partition went from %d to %d", at[p].committed, s.committed)
			case p == poisonPartition && s.lag() < at[p].lag()+10:
				return fmt.Sprintf("stuck lag went from %d to %d", at[p].lag(), s.lag())
			case p != poisonPartition && s.committed <= at[p].committed:
				return fmt.Sprintf("partition %d stays at %d", p, s.committed)
			}
		}
		return ""
	})
}

func TestEmptyGroupStandsStillWhileLogsGrow(t *testing.T) {
	w := start(t)
	first := w.firstStands("nightly-report", "orders")
	w.until("nightly-report", func(ctx context.Context) string {
		grown := int64(0)
		for p, s := range w.stands(ctx, "nightly-report", "orders") {
			if s.committed != first[p].committed {
				t.Fatalf("orders/%d went from %d to %d", p, first[p].committed, s.committed)
			}
			grown += s.end - first[p].end
		}
		if grown < 20 {
			return fmt.Sprintf("ends grew by %d", grown)
		}
		return ""
	})
}

func TestAddAndRemoveMovePartitions(t *testing.T) {
	for group, partitions := range map[string]int{"web-indexer": 12, "order-fulfilment": 12} {
		t.Run(group, func(t *testing.T) {
			w := start(t)
			w.untilOwners(group, 3, partitions/3)
			id, err := w.demo.AddConsumer(group)
			if err != nil || id != group+"-4" {
				t.Fatalf("AddConsumer: %q, %v", id, err)
			}
			w.untilOwners(group, 4, partitions/4)
			if id, err = w.demo.RemoveConsumer(group); err != nil || id != group+"-4" {
				t.Fatalf("RemoveConsumer: %q, %v", id, err)
			}
			w.untilOwners(group, 3, partitions/3)
		})
	}
}

func TestAddReachesEveryKindOfGroup(t *testing.T) {
	w := start(t)
	for group, want := range map[string]string{
		"siem-forwarder":       "consumer Stable 3",
		"clickstream-sessions": "share Stable 3",
		"nightly-report":       "classic Stable range 1",
	} {
		if _, err := w.demo.AddConsumer(group); err != nil {
			t.Fatal(err)
		}
		w.untilShape(group, want)
	}
}

func TestResetPastThePoisonHeals(t *testing.T) {
	w := start(t)
	stuck := w.untilStuck()[poisonPartition].committed
	for range 3 {
		if _, err := w.demo.RemoveConsumer(poisonGroup); err != nil {
			t.Fatal(err)
		}
	}
	w.untilShape(poisonGroup, "classic Empty 0")
	var past kadm.Offsets
	past.Add(kadm.Offset{Topic: poisonTopic, Partition: poisonPartition, At: stuck + 1, LeaderEpoch: -1})
	if err := w.admin.CommitAllOffsets(t.Context(), poisonGroup, past); err != nil {
		t.Fatal(err)
	}
	id, err := w.demo.AddConsumer(poisonGroup)
	if err != nil || id != "payments-1" {
		t.Fatalf("AddConsumer: %q, %v", id, err)
	}
	w.until("payments heals", func(ctx context.Context) string {
		s := w.stands(ctx, poisonGroup, poisonTopic)[poisonPartition]
		if s.committed <= stuck+20 || s.lag() > 40 {
			return fmt.Sprintf("at %d of %d", s.committed, s.end)
		}
		return ""
	})
}

func TestPoisonStopsWhoeverOwnsThePartition(t *testing.T) {
	w := start(t)
	at := w.untilStuck()[poisonPartition].committed
	for range 2 { // the owner of partition 3 under range with 3 members is the second
		if _, err := w.demo.RemoveConsumer(poisonGroup); err != nil {
			t.Fatal(err)
		}
	}
	w.untilShape(poisonGroup, "classic Stable range 1")
	first := w.stands(t.Context(), poisonGroup, poisonTopic)
	w.until("the one left moves elsewhere", func(ctx context.Context) string {
		for p, s := range w.stands(ctx, poisonGroup, poisonTopic) {
			if p == poisonPartition && s.committed != at {
				t.Fatalf("the stuck partition went from %d to %d", at, s.committed)
			}
			if p != poisonPartition && s.committed <= first[p].committed {
				return fmt.Sprintf("partition %d stays at %d", p, s.committed)
			}
		}
		return ""
	})
}

func TestRetentionBoundsTheLog(t *testing.T) {
	w := start(t)
	spec := topicSpecs[0]
	cl, err := kgo.NewClient(kgo.SeedBrokers(w.demo.Bootstrap()...), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.DisableClientMetrics())
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	var batch []*kgo.Record
	for range 2 * spec.retain / segmentBytes {
		batch = append(batch, &kgo.Record{Topic: spec.name, Partition: 5, Value: make([]byte, segmentBytes)})
	}
	if err := cl.ProduceSync(t.Context(), batch...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	w.demo.cluster.ApplyRetention()
	if p := w.demo.cluster.PartitionInfos(spec.name)[5]; p.NumBytes > int64(spec.retain) || p.LogStartOffset == 0 {
		t.Errorf("%d bytes from offset %d on, want at most %d", p.NumBytes, p.LogStartOffset, spec.retain)
	}
}

func TestRefusals(t *testing.T) {
	w := start(t)
	if _, err := w.demo.AddConsumer("console-1"); err == nil {
		t.Error("a consumer was added to a group that the demo does not own")
	}
	if _, err := w.demo.RemoveConsumer("console-1"); err == nil {
		t.Error("a consumer was removed from a group that the demo does not own")
	}
	if _, err := w.demo.RemoveConsumer("nightly-report"); err == nil || !strings.Contains(err.Error(), "runs no consumer") {
		t.Errorf("removed a consumer that is not there: %v", err)
	}
	for range maxConsumers {
		if _, err := w.demo.AddConsumer("nightly-report"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.demo.AddConsumer("nightly-report"); err == nil {
		t.Error("no limit to the consumers of a group")
	}
	if err := w.demo.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.demo.AddConsumer("payments"); !errors.Is(err, ErrClosed) {
		t.Errorf("AddConsumer after Close: %v", err)
	}
	if _, err := w.demo.RemoveConsumer("payments"); !errors.Is(err, ErrClosed) {
		t.Errorf("RemoveConsumer after Close: %v", err)
	}
}

func TestCloseLeavesNoGoroutine(t *testing.T) {
	for _, moment := range []string{"at once", "while joining", "while rebalancing"} {
		t.Run(moment, func(t *testing.T) {
			known := goleak.IgnoreCurrent()
			d, err := Start(context.Background(), Options{Brokers: 1})
			if err != nil {
				t.Fatal(err)
			}
			if moment != "at once" {
				<-d.seeded
			}
			if moment == "while rebalancing" {
				for _, g := range d.Groups() {
					if _, err := d.AddConsumer(g); err != nil {
						t.Fatal(err)
					}
				}
				if _, err := d.RemoveConsumer("web-indexer"); err != nil {
					t.Fatal(err)
				}
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			goleak.VerifyNone(t, known)
		})
	}
}
