package e2e

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"lagtop/kafka/kafkatest"
)

// flood writes lines of a log to the partitions of a topic in turn.
type flood struct {
	cancel context.CancelFunc
	done   sync.WaitGroup
	acked  atomic.Int64
}

// floodBeat is how often records are written.
const floodBeat = 10 * time.Millisecond

// startFlood writes so many records a second until stop or the end of the test. What a slow broker did not
// take in time is caught up on.
func startFlood(tb testing.TB, bootstrap []string, topic string, perSecond int) *flood {
	tb.Helper()
	cl := kafkatest.Client(tb, bootstrap, kgo.DefaultProduceTopic(topic), kgo.RecordPartitioner(kgo.RoundRobinPartitioner()),
		kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.MaxBufferedRecords(perSecond))
	ctx, cancel := context.WithCancel(context.Background())
	f := &flood{cancel: cancel}
	f.done.Go(func() { f.run(ctx, cl, perSecond) })
	tb.Cleanup(f.stop)
	return f
}

func (f *flood) run(ctx context.Context, cl *kgo.Client, perSecond int) {
	lines := floodLines()
	tick := time.NewTicker(floodBeat)
	defer tick.Stop()
	acked := func(_ *kgo.Record, err error) {
		if err == nil {
			f.acked.Add(1)
		}
	}
	began, n := time.Now(), 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for due := int(time.Since(began).Seconds() * float64(perSecond)); n < due && ctx.Err() == nil; n++ {
			cl.Produce(ctx, &kgo.Record{Key: lines[n%len(lines)][:12], Value: lines[n%len(lines)][13:]}, acked)
		}
	}
}

// stop may be called more than once.
func (f *flood) stop() { f.cancel(); f.done.Wait() }

// floodLines are a key of 12 bytes, a space, and a line of some 120 bytes.
func floodLines() [][]byte {
	levels := []string{"info", "info", "debug", "warn", "info", "error"}
	out := make([][]byte, 997)
	for i := range out {
		out[i] = fmt.Appendf(nil, `customer-%03d {"ts":"2026-11-22T14:02:%02d.%03dZ","level":"%s","service":"checkout-%d","msg":"payment %06x accepted","ms":%d}`,
			i, i%60, i, levels[i%len(levels)], i%7, i*7919%0xffffff, i*31%900)
	}
	return out
}
