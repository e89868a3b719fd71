package demo

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	historySpan = 30 * time.Minute
	tick        = 200 * time.Millisecond
	linger      = 400 * time.Millisecond // so that a batch holds several records
	maxRetry    = 2 * time.Second
	swing       = 0.2 // how far a rate moves around its mean
)

// produce writes the history and its commits, lets the members join and then produces until the
// fleet stops.
func (d *Demo) produce(seed int64) {
	cl, err := kgo.NewClient(
		kgo.SeedBrokers(d.bootstrap...),
		kgo.ClientID("demo-producer"),
		kgo.WithContext(d.ctx),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ProducerLinger(linger),
		kgo.RetryTimeout(maxRetry),
		kgo.DisableClientMetrics(),
	)
	if err != nil {
		d.log.Error("producer", "err", err)
		close(d.seeded)
		return
	}
	defer cl.Close()
	now := time.Now()
	sources := make([]*source, len(topicSpecs))
	for i := range topicSpecs {
		sources[i] = newSource(topicSpecs[i], seed)
	}
	if err := writeHistory(d.ctx, cl, sources, now); err != nil && d.ctx.Err() == nil {
		d.log.Error("history", "err", err)
	}
	close(d.seeded)
	d.keepProducing(cl, sources)
}

func writeHistory(ctx context.Context, cl *kgo.Client, sources []*source, now time.Time) error {
	written := make(history)
	var records []*kgo.Record
	for _, s := range sources {
		records = append(records, s.history(now)...)
	}
	if err := cl.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return fmt.Errorf("write the history: %w", err)
	}
	for _, r := range records {
		written.add(r)
	}
	admin := kadm.NewClient(cl)
	for _, g := range groupSpecs {
		if g.caughtUp == 0 {
			continue
		}
		if err := admin.CommitAllOffsets(ctx, g.name, written.commits(g)); err != nil {
			return fmt.Errorf("commit the history for %s: %w", g.name, err)
		}
	}
	return nil
}

// history is where the logs end after it was written, and where the poison lies.
type history map[string]*logEnds

type logEnds struct {
	ends   map[int32]int64
	poison int64 // offset in poisonPartition, 0 in other topics
}

func (h history) add(r *kgo.Record) {
	l := h[r.Topic]
	if l == nil {
		l = &logEnds{ends: make(map[int32]int64)}
		h[r.Topic] = l
	}
	l.ends[r.Partition] = max(l.ends[r.Partition], r.Offset+1)
	if isPoison(r) {
		l.poison = r.Offset
	}
}

// commits are where a group stands when its first member joins. No group reads over the poison, so
// the one that stops there stands a little before it.
func (h history) commits(g groupSpec) kadm.Offsets {
	var out kadm.Offsets
	for _, topic := range g.topics {
		for p, end := range h[topic].ends {
			at := int64(math.Round(g.caughtUp * float64(end)))
			if g.name == poisonGroup && p == poisonPartition {
				at = max(0, h[topic].poison-5)
			}
			out.Add(kadm.Offset{Topic: topic, Partition: p, At: at, LeaderEpoch: -1})
		}
	}
	return out
}

func (d *Demo) keepProducing(cl *kgo.Client, sources []*source) {
	t := time.NewTicker(tick)
	defer t.Stop()
	last := time.Now()
	for {
		select {
		case <-d.ctx.Done():
			return
		case now := <-t.C:
			for i, s := range sources {
				for _, r := range s.between(last, now, float64(i)) {
					cl.TryProduce(d.ctx, r, nil)
				}
			}
			last = now
		}
	}
}

// between are the records that a source produces in the time from one moment to the next. Its rate
// swings slowly around the mean, each source in its own phase.
func (s *source) between(from, to time.Time, phase float64) []*kgo.Record {
	gap := min(to.Sub(from), 5*tick) // a machine that slept does not owe the records
	angle := 2 * math.Pi * (float64(to.UnixMilli())/90_000 + phase/7)
	s.due += s.topic.rate * (1 + swing*math.Sin(angle)) * gap.Seconds()
	var out []*kgo.Record
	for ; s.due >= 1; s.due-- {
		out = append(out, s.next(to))
	}
	return out
}
