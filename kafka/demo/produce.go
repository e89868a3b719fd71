package demo

import (
	"context"
	"encoding/json"
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
	smallBatch  = 700 // bytes: one or two records
)

// The least and the most that a rate can be multiplied with.
const (
	slowest = 1.0 / 8
	fastest = 16.0
)

// producer is a client of the fleet's producers.
func (d *Demo) producer(id string, more ...kgo.Opt) (*kgo.Client, error) {
	return kgo.NewClient(append(append([]kgo.Opt{
		kgo.SeedBrokers(d.bootstrap...),
		kgo.Dialer(d.dial),
		kgo.ClientID(d.prefix + id),
		kgo.WithContext(d.ctx),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.RetryTimeout(maxRetry),
		kgo.DisableClientMetrics(),
	}, d.login...), more...)...)
}

// produce writes the history and its commits, lets the members join and then produces until the
// fleet stops.
func (d *Demo) produce() {
	if err := d.writeHistory(d.ctx, time.Now()); err != nil && d.ctx.Err() == nil {
		d.log.Error("history", "err", err)
	}
	close(d.seeded)
	t := time.NewTicker(tick)
	defer t.Stop()
	last := time.Now()
	for {
		select {
		case <-d.ctx.Done():
			return
		case now := <-t.C:
			for _, r := range d.due(last, now) {
				cl := d.batched
				if r.single {
					cl = d.single
				}
				cl.TryProduce(d.ctx, r.Record, nil)
			}
			last = now
		}
	}
}

// dueRecord is a record and how it is sent.
type dueRecord struct {
	*kgo.Record
	single bool
}

// due are the records of all topics from one moment to the next.
func (d *Demo) due(from, to time.Time) []dueRecord {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []dueRecord
	for i, s := range d.sources {
		for _, r := range s.between(from, to, float64(i)) {
			out = append(out, dueRecord{r, s.topic.unbatched})
		}
	}
	return out
}

func (d *Demo) writeHistory(ctx context.Context, now time.Time) error {
	written := make(history)
	var records []*kgo.Record
	d.mu.Lock()
	for _, s := range d.sources {
		records = append(records, s.history(now)...)
	}
	groups := append([]*group(nil), d.groups...)
	d.mu.Unlock()
	if err := d.batched.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return fmt.Errorf("write the history: %w", err)
	}
	for _, r := range records {
		written.add(r)
	}
	for _, g := range groups {
		if g.spec.caughtUp == 0 {
			continue
		}
		if err := d.admin.CommitAllOffsets(ctx, g.name, written.commits(g)); err != nil {
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
	if decode(r.Value) != nil {
		l.poison = r.Offset
	}
}

// commits are where a group stands when its first member joins. No group reads over the poison, so
// the one that stops there stands a little before it.
func (h history) commits(g *group) kadm.Offsets {
	var out kadm.Offsets
	for _, topic := range g.topics {
		l := h[topic]
		if l == nil {
			continue
		}
		for p, end := range l.ends {
			at := int64(math.Round(g.spec.caughtUp * float64(end)))
			if g.spec.name == poisonGroup && p == poisonPartition {
				at = max(0, l.poison-5)
			}
			out.Add(kadm.Offset{Topic: topic, Partition: p, At: at, LeaderEpoch: -1})
		}
	}
	return out
}

// between are the records that a source produces in the time from one moment to the next. Its rate
// swings slowly around the mean, each source in its own phase.
func (s *source) between(from, to time.Time, phase float64) []*kgo.Record {
	gap := min(to.Sub(from), 5*tick) // a machine that slept does not owe the records
	angle := 2 * math.Pi * (float64(to.UnixMilli())/90_000 + phase/7)
	s.due += s.topic.rate * s.factor * (1 + swing*math.Sin(angle)) * gap.Seconds()
	var out []*kgo.Record
	for ; s.due >= 1; s.due-- {
		out = append(out, s.next(to))
	}
	return out
}

// sourceOf does something to the producer of a topic.
func (d *Demo) sourceOf(what, topic string, act func(*source)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.sources {
		if s.name == topic {
			act(s)
			return nil
		}
	}
	return fmt.Errorf("%s %s: it is not one of the demo's topics", what, topic)
}

// Rate multiplies what is produced to a topic and returns the factor to its usual rate that came of it.
func (d *Demo) Rate(topic string, times float64) (factor float64, err error) {
	err = d.sourceOf("produce to", topic, func(s *source) {
		s.factor = min(max(s.factor*times, slowest*d.speed), fastest*d.speed)
		factor = s.factor / d.speed
	})
	return factor, err
}

// Skew gives most records of a topic the same key, or no more.
func (d *Demo) Skew(topic string) (on bool, err error) {
	err = d.sourceOf("skew the keys of", topic, func(s *source) {
		s.hot = !s.hot
		on = s.hot
	})
	return on, err
}

// Poison sends a record that consumers cannot decode. A negative partition is any.
func (d *Demo) Poison(ctx context.Context, topic string, partition int32) (at int64, in int32, err error) {
	r, err := d.poison(ctx, topic, partition, false)
	if err != nil {
		return 0, 0, err
	}
	return r.Offset, r.Partition, nil
}

// sent is a poison record, and whether it belongs to the fleet as it is at the start.
type sent struct {
	*kgo.Record
	stays bool
}

func (d *Demo) poison(ctx context.Context, topic string, partition int32, stays bool) (*kgo.Record, error) {
	var r *kgo.Record
	if err := d.sourceOf("send poison to", topic, func(s *source) { r = poison(s.next(time.Now()), partition) }); err != nil {
		return nil, err
	}
	if err := d.batched.ProduceSync(ctx, r).FirstErr(); err != nil {
		return nil, fmt.Errorf("send poison to %s/%d: %w", topic, r.Partition, err)
	}
	d.mu.Lock()
	d.poisons = append(d.poisons, sent{r, stays})
	d.mu.Unlock()
	return r, nil
}

// forward is what a pipeline writes of a record that it has read.
func (d *Demo) forward(to, from string, key, value []byte) {
	partitions := int32(0)
	if err := d.sourceOf("write to", to, func(s *source) { partitions = s.topic.partitions }); err != nil {
		return
	}
	out, err := json.Marshal(struct {
		Source string `json:"source"`
		Host   string `json:"host"`
		Line   string `json:"line"`
	}{from, string(key), string(value)})
	if err != nil {
		d.log.Error("pipeline", "err", err)
		return
	}
	d.batched.TryProduce(d.ctx, &kgo.Record{Topic: to, Partition: partitionOf(string(key), partitions), Key: key, Value: out}, nil)
}
