package demo

import (
	"bytes"
	"context"
	"net"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A group that reads one partition for minutes while the others stand looks stalled.
func TestConsumersWithABacklogComeToAllPartitionsSoon(t *testing.T) {
	const topic, partitions, each = "backlog", 3, 2000
	cluster, _, err := startCluster(1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	fill(t, cluster.ListenAddrs(), topic, partitions, each)

	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	seen := map[string]bool{}
	last, run, longest, more := "", 0, 0, 500
	m := &membership{
		bootstrap: cluster.ListenAddrs(), group: "g", topics: []string{topic}, clientID: "g-1", wire: newWire((&net.Dialer{}).DialContext),
		pace: paced(0), gaps: newGaps(), joined: make(chan struct{}),
		forward: func(_ string, key, _ []byte) { // the group's reader alone calls it
			p := string(key)
			if seen[p] = true; p != last {
				last, run = p, 0
			}
			if run++; len(seen) < partitions { // they need not be fetched from the same moment on
				return
			}
			longest = max(longest, run)
			if more--; more == 0 {
				stop()
			}
		},
	}
	if err := eagerFranz(ctx, m); err != nil || more > 0 {
		t.Fatalf("%d records are missing, of %d partitions: %v", more, len(seen), err)
	}
	if longest > 200 {
		t.Errorf("%d records of one partition were read in a row while others waited", longest)
	}
}

// fill writes records to each partition of a new topic, its number as the key, in small batches.
func fill(t *testing.T, bootstrap []string, topic string, partitions int32, each int) {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(bootstrap...), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.DisableClientMetrics())
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	if _, err := kadm.NewClient(cl).CreateTopic(t.Context(), partitions, 1, nil, topic); err != nil {
		t.Fatal(err)
	}
	value := bytes.Repeat([]byte("x"), 100)
	for range each / 20 {
		var batch []*kgo.Record
		for p := range partitions {
			for range 20 {
				batch = append(batch, &kgo.Record{Topic: topic, Partition: p, Key: []byte{'0' + byte(p)}, Value: value})
			}
		}
		if err := cl.ProduceSync(t.Context(), batch...).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}
