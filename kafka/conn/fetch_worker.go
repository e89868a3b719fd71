package conn

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
)

const (
	fetchBytes = 4 << 20 // one answer
	shares     = 8       // a partition's share of it is one of so many
	fetchWait  = 250 * time.Millisecond
)

func answerBytes(s kafka.ReadSpec) int {
	if s.Bytes > 0 {
		return min(s.Bytes, maxFrame/2)
	}
	return fetchBytes
}

func partitionBytes(s kafka.ReadSpec) int32 { return int32(answerBytes(s) / shares) }

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

	turn  int               // of the questions
	names map[string]string // of headers, which repeat from record to record
	inflater
	records []kafka.Record // of one event; reused
	headers []kafka.Header
}

// reset forgets what was told.
func (w *fetcher) reset() {
	w.records, w.headers = w.records[:0], w.headers[:0]
	w.inflater.reset()
}

func newFetcher(f *follower, b *Broker) *fetcher {
	return &fetcher{f: f, b: b, wake: make(chan struct{}, 1), held: map[int32]*readCursor{}, names: map[string]string{}, inflater: inflater{most: maxInflated}}
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
	answer, err := w.b.request(ctx, "Fetch", w.question())
	if err != nil {
		return err
	}
	r, ok := answer.(*kmsg.FetchResponse)
	if !ok {
		return translate("Fetch", topic, errOtherAnswer)
	}
	if r.ErrorCode != 0 {
		return translate("Fetch", topic, kafka.Code(r.ErrorCode))
	}
	empty, filled := true, 0
	for i := range r.Topics {
		for _, p := range r.Topics[i].Partitions {
			empty = empty && p.ErrorCode == 0 && len(p.RecordBatches) == 0
			filled += min(len(p.RecordBatches), 1)
		}
	}
	whole := r.Version >= 3 && filled == 1 // the first batch of an answer comes in full (KIP-74)
	for i := range r.Topics {
		for j := range r.Topics[i].Partitions {
			p := &r.Topics[i].Partitions[j]
			if c := w.held[p.Partition]; c != nil && c.placed {
				w.deliver(ctx, c, p, empty, whole)
			}
		}
	}
	if empty && time.Since(began) < fetchWait/4 {
		// A broker that does not wait would be asked again without a pause. It does so for a batch that
		// compaction emptied, which it counts as bytes to read.
		pause(ctx, fetchWait/2)
	}
	return nil
}

// question asks for all partitions that are held and placed. sarama has no way to get at batches as they
// are, so that one that is corrupt would hide all others of an answer.
func (w *fetcher) question() *kmsg.FetchRequest {
	q := kmsg.NewPtrFetchRequest()
	q.MaxWaitMillis, q.MinBytes, q.MaxBytes = int32(fetchWait/time.Millisecond), 1, int32(answerBytes(w.f.spec))
	q.SessionEpoch = -1 // no fetch session (KIP-227)
	if w.f.spec.Committed {
		q.IsolationLevel = 1
	}
	t := kmsg.NewFetchRequestTopic()
	t.Topic = w.f.spec.Topic
	for _, c := range w.held {
		if !c.placed {
			continue
		}
		t.TopicID = c.topic
		p := kmsg.NewFetchRequestTopicPartition()
		p.Partition, p.CurrentLeaderEpoch, p.FetchOffset, p.PartitionMaxBytes = c.partition, c.epoch, c.next, c.maxBytes
		t.Partitions = append(t.Partitions, p)
	}
	// The broker fills an answer in the order of the question; the last may come away empty-handed.
	w.turn++
	n := len(t.Partitions)
	slices.SortFunc(t.Partitions, func(a, b kmsg.FetchRequestTopicPartition) int { return cmp.Compare(a.Partition, b.Partition) })
	if n > 0 {
		t.Partitions = append(t.Partitions[w.turn%n:], t.Partitions[:w.turn%n]...)
	}
	q.Topics = append(q.Topics, t)
	return q
}

// deliver tells what one partition answered. It blocks as long as its reader does.
func (w *fetcher) deliver(ctx context.Context, c *readCursor, p *kmsg.FetchResponseTopicPartition, empty, whole bool) {
	switch code := kafka.Code(p.ErrorCode); code {
	case 0:
	case kafka.CodeOffsetOutOfRange:
		c.placed = false
		return
	default:
		w.handBack(ctx, c, translate("Fetch", w.f.name(c), code))
		return
	}
	a := portion{w: w, c: c, end: p.HighWatermark, empty: empty, whole: whole, aborts: newAborts(p)}
	a.tp = kafka.TopicPartition{Topic: w.f.spec.Topic, Partition: c.partition}
	if w.f.spec.Committed && p.LastStableOffset >= 0 {
		a.end = p.LastStableOffset
	}
	before := c.next
	w.reset()
	err := a.read(ctx, p.RecordBatches)
	if c.next == before && len(p.RecordBatches) > 0 && err == nil { // before KIP-74 a large record comes in part
		c.maxBytes = min(2*c.maxBytes, maxFrame/2)
	} else {
		c.maxBytes = partitionBytes(w.f.spec)
	}
	c.lost = true
	a.tell(ctx)
	if err != nil {
		w.handBack(ctx, c, translate("Fetch", w.f.name(c), err))
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
