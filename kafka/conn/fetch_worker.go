package conn

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
	"lagtop/kafka/wait"
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

	session session
	turn    int               // of the questions
	doubted time.Time         // when a partition was asked for alone
	names   map[string]string // of headers, which repeat from record to record
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
			w.dismiss()
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

// dismiss lets go of the partitions of which no more is wanted.
func (w *fetcher) dismiss() {
	if w.f.spec.Over != nil {
		maps.DeleteFunc(w.held, func(p int32, _ *readCursor) bool { return w.f.spec.Over(p) })
	}
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
	r, err := w.ask(ctx, w.question())
	if err != nil {
		return err
	}
	if r.ErrorCode != 0 {
		if w.session.lost(r.ErrorCode) {
			return nil
		}
		return translate("Fetch", topic, kafka.Code(r.ErrorCode))
	}
	w.session.answered(r)
	empty := w.hand(ctx, r)
	if empty && time.Since(began) < fetchWait/4 {
		// A broker that does not wait would be asked again without a pause. It does so for a batch that
		// compaction emptied, which it counts as bytes to read.
		_ = wait.For(ctx, fetchWait/2)
	}
	return w.doubt(ctx)
}

func (w *fetcher) ask(ctx context.Context, q *kmsg.FetchRequest) (*kmsg.FetchResponse, error) {
	answer, err := w.b.request(ctx, "Fetch", q)
	if err != nil {
		return nil, err
	}
	r, ok := answer.(*kmsg.FetchResponse)
	if !ok {
		return nil, translate("Fetch", w.f.spec.Topic, errOtherAnswer)
	}
	return r, nil
}

// hand delivers an answer, and tells whether it had nothing of any partition.
func (w *fetcher) hand(ctx context.Context, r *kmsg.FetchResponse) (empty bool) {
	empty, filled, size := true, 0, 0
	for i := range r.Topics {
		for _, p := range r.Topics[i].Partitions {
			empty = empty && p.ErrorCode == 0 && len(p.RecordBatches) == 0
			filled += min(len(p.RecordBatches), 1)
			size += len(p.RecordBatches)
		}
	}
	if r.ThrottleMillis == 0 { // else nothing is sent, whatever there is (KIP-219)
		w.missed(size)
	}
	whole := r.Version >= 3 && filled == 1 // the first batch of an answer comes in full (KIP-74)
	for i := range r.Topics {
		for j := range r.Topics[i].Partitions {
			p := &r.Topics[i].Partitions[j]
			if c := w.held[p.Partition]; c != nil && c.placed {
				w.deliver(ctx, c, p, whole)
			}
		}
	}
	return empty
}

// question asks for all partitions that are held and placed, in a session for the changes alone. sarama has no way
// to get at batches as they are, so that one that is corrupt would hide all others of an answer.
func (w *fetcher) question() *kmsg.FetchRequest {
	q := kmsg.NewPtrFetchRequest()
	q.MaxWaitMillis, q.MinBytes, q.MaxBytes = int32(fetchWait/time.Millisecond), 1, int32(answerBytes(w.f.spec))
	q.IsolationLevel = isolation(w.f.spec.Committed)
	wanted := make(map[int32]ask, len(w.held))
	for _, c := range w.held {
		if c.placed {
			wanted[c.partition] = ask{topic: c.topic, epoch: c.epoch, next: c.next, maxBytes: c.maxBytes}
		}
	}
	w.turn++
	w.session.ask(q, w.f.spec.Topic, wanted, w.turn)
	return q
}

func isolation(committed bool) int8 {
	if committed {
		return 1
	}
	return 0
}

// deliver tells what one partition answered. It blocks as long as its reader does.
func (w *fetcher) deliver(ctx context.Context, c *readCursor, p *kmsg.FetchResponseTopicPartition, whole bool) {
	switch code := kafka.Code(p.ErrorCode); code {
	case 0:
	case kafka.CodeOffsetOutOfRange:
		c.placed = false
		return
	default:
		w.handBack(ctx, c, translate("Fetch", w.f.name(c), code))
		return
	}
	a := portion{w: w, c: c, end: p.HighWatermark, whole: whole, aborts: newAborts(p)}
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
	if c.next != before {
		c.silent = 0
	}
	a.tell(ctx)
	if err != nil {
		w.handBack(ctx, c, translate("Fetch", w.f.name(c), err))
	}
}
