package conn

import (
	"context"
	"sync"
	"time"

	"github.com/IBM/sarama"

	"lagtop/kafka"
)

const (
	fetchBytes     = 4 << 20   // one answer
	partitionBytes = 512 << 10 // one partition's share of it
	fetchWait      = 250 * time.Millisecond
)

// fetcher reads the partitions that one broker leads. It ends when ctx does, or at a failure of the
// connection, after handing its partitions back.
type fetcher struct {
	f    *follower
	b    *Broker
	wake chan struct{}
	held map[int32]*readCursor

	mu    sync.Mutex
	inbox []*readCursor
	gone  bool

	records []kafka.Record // of one partition in one answer; reused
	headers []kafka.Header
}

func newFetcher(f *follower, b *Broker) *fetcher {
	return &fetcher{f: f, b: b, wake: make(chan struct{}, 1), held: map[int32]*readCursor{}}
}

// add is false when the fetcher has ended.
func (w *fetcher) add(cs []*readCursor) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gone {
		return false
	}
	w.inbox = append(w.inbox, cs...)
	select {
	case w.wake <- struct{}{}:
	default:
	}
	return true
}

func (w *fetcher) run(ctx context.Context) {
	defer w.b.Close()
	for w.take(ctx) {
		err := w.place(ctx)
		if err == nil {
			err = w.fetch(ctx)
		}
		if err != nil {
			w.leave(ctx, err)
			return
		}
	}
}

// take collects what was added, and waits while there is nothing to read. It is false at the end.
func (w *fetcher) take(ctx context.Context) bool {
	for ctx.Err() == nil {
		w.mu.Lock()
		for _, c := range w.inbox {
			w.held[c.partition] = c
		}
		w.inbox = nil
		w.mu.Unlock()
		if len(w.held) > 0 {
			return true
		}
		select {
		case <-ctx.Done():
		case <-w.wake:
		}
	}
	return false
}

func (w *fetcher) leave(ctx context.Context, err error) {
	w.mu.Lock()
	w.gone = true
	for _, c := range w.inbox {
		w.held[c.partition] = c
	}
	w.inbox = nil
	w.mu.Unlock()
	for _, c := range w.held {
		w.handBack(ctx, c, err)
	}
}

func (w *fetcher) handBack(ctx context.Context, c *readCursor, err error) {
	if ctx.Err() != nil {
		return
	}
	delete(w.held, c.partition)
	w.f.fail(c, err)
	select {
	case w.f.back <- c:
	case <-ctx.Done():
	}
}

func (w *fetcher) fetch(ctx context.Context) error {
	if len(w.held) == 0 {
		return nil
	}
	topic := w.f.spec.Topic
	began := time.Now()
	r, err := call(ctx, w.b, "Fetch", func(s *sarama.Broker) (*sarama.FetchResponse, error) {
		q := &sarama.FetchRequest{
			Version: 12, MaxWaitTime: int32(fetchWait / time.Millisecond), MinBytes: 1, MaxBytes: fetchBytes,
			SessionEpoch: -1, // no fetch session (KIP-227)
		}
		for _, c := range w.held {
			if c.placed {
				q.AddBlock(topic, c.partition, c.next, c.maxBytes, c.epoch)
			}
		}
		return s.Fetch(q)
	})
	if err != nil {
		return err
	}
	if r.ErrorCode != 0 {
		return translate("Fetch", topic, kafka.Code(r.ErrorCode))
	}
	empty := true
	for _, b := range r.Blocks[topic] {
		empty = empty && b.Err == sarama.ErrNoError && len(b.RecordsSet) == 0 && !b.Partial
	}
	for p, b := range r.Blocks[topic] {
		if c := w.held[p]; c != nil {
			w.deliver(ctx, c, b, empty)
		}
	}
	if empty && time.Since(began) < fetchWait/4 {
		// A broker that does not wait would be asked again without a pause. It does so for a batch that
		// compaction emptied, which it counts as bytes to read.
		pause(ctx, fetchWait/2)
	}
	return nil
}

// deliver tells what one partition answered. It blocks as long as its reader does.
func (w *fetcher) deliver(ctx context.Context, c *readCursor, b *sarama.FetchResponseBlock, empty bool) {
	switch b.Err {
	case sarama.ErrNoError:
	case sarama.ErrOffsetOutOfRange:
		c.placed = false
		return
	default:
		w.handBack(ctx, c, translate("Fetch", w.f.name(c), b.Err))
		return
	}
	tp := kafka.TopicPartition{Topic: w.f.spec.Topic, Partition: c.partition}
	before := c.next
	w.records, w.headers = w.records[:0], w.headers[:0]
	for _, set := range b.RecordsSet {
		w.decode(tp, c, set)
	}
	if c.next == before && len(b.RecordsSet) > 0 || b.Partial { // before KIP-74 a large record comes in part
		c.maxBytes = min(2*c.maxBytes, maxFrame/2)
	} else {
		c.maxBytes = partitionBytes
	}
	c.lost = true
	e := kafka.ReadEvent{
		TopicPartition: tp, Kind: kafka.ReadProgress, Next: c.next, End: b.HighWaterMarkOffset,
		CaughtUp: empty || c.next >= b.HighWaterMarkOffset,
	}
	news := c.strikes > 0 || e.Next != c.told.Next || e.End != c.told.End || e.CaughtUp != c.told.CaughtUp
	c.strikes, c.told = 0, e
	if news && ctx.Err() == nil {
		e.Records = w.records
		w.f.on(e)
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
