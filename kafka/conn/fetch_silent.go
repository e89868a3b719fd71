package conn

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
)

const (
	silentTurns = 4           // answers without anything of a partition that has more, before it is asked for alone
	askAlone    = time.Second // not more often, one partition after the other: the others wait meanwhile
	aloneWait   = time.Second // until it is told of: tiered storage may need longer than fetchWait
)

// cutOff is a batch at the end of an answer of which the rest is still to come. The zero value is none.
type cutOff struct {
	at         int64 // the place of reading
	size, sent int   // bytes, by its header and so far
}

// missed counts for each partition the answers, of that size, that held nothing of it although its log goes on. One
// that is full leaves partitions out: then only as many count as each partition has had its turn to be the first.
func (w *fetcher) missed(size int) {
	full := size+int(partitionBytes(w.f.spec)) > answerBytes(w.f.spec)
	if full && w.turn%(len(w.held)+1) != 0 {
		return
	}
	for _, c := range w.held {
		if c.placed && c.lost && c.next < c.told.End {
			c.silent++ // until it is delivered
		}
	}
}

// doubt asks for a partition alone of which nothing comes. A broker looks for an offset by the lengths of the batches
// before it; a length that leads beyond the end of the file looks to it like the end, from that batch on.
func (w *fetcher) doubt(ctx context.Context) error {
	if time.Since(w.doubted) < askAlone {
		return nil
	}
	var next *readCursor
	for _, c := range w.held {
		if c.silent >= silentTurns && (next == nil || c.asked.Before(next.asked)) {
			next = c
		}
	}
	if next == nil {
		return nil
	}
	err := w.alone(ctx, next)
	w.doubted = time.Now()
	next.asked = w.doubted
	return err
}

// alone delivers what comes of one partition where nothing else takes up room, or tells that nothing does.
func (w *fetcher) alone(ctx context.Context, c *readCursor) error {
	p, r, err := w.look(ctx, c, w.f.spec.Committed)
	if err != nil || p == nil {
		return err
	}
	before := c.next
	w.deliver(ctx, c, p, r.Version >= 3)
	end := p.HighWatermark
	if w.f.spec.Committed && p.LastStableOffset >= 0 {
		end = p.LastStableOffset
	}
	if w.held[c.partition] != c || !c.placed || c.next != before || c.next >= end {
		return nil
	}
	if end < p.HighWatermark { // compaction may have emptied the log up to a transaction that is open
		if p, _, err = w.look(ctx, c, false); err != nil || p == nil {
			return err
		}
		if len(p.RecordBatches) > magicAt {
			if int64(binary.BigEndian.Uint64(p.RecordBatches)) >= end {
				c.next, c.silent = end, 0
				w.deliver(ctx, c, &kmsg.FetchResponseTopicPartition{HighWatermark: end, LastStableOffset: end}, true)
			}
			return nil
		}
	}
	if far, err := w.remote(ctx, c); err != nil || far {
		return err
	}
	c.barred = kafka.Some(c.next)
	w.f.fail(c, translate("Fetch", w.f.name(c), c.silence()))
	return nil
}

// remote tells whether the place of reading is in tiered storage (KIP-405). A broker that did not get it in time, or
// has a quota for that (KIP-956), answers as if there were nothing.
func (w *fetcher) remote(ctx context.Context, c *readCursor) (bool, error) {
	t := kmsg.NewListOffsetsRequestTopic()
	t.Topic = w.f.spec.Topic
	p := kmsg.NewListOffsetsRequestTopicPartition()
	p.Partition, p.Timestamp = c.partition, earliestLocal
	t.Partitions = append(t.Partitions, p)
	q := kmsg.NewPtrListOffsetsRequest()
	q.Topics, q.TimeoutMillis = append(q.Topics, t), int32(aloneWait/time.Millisecond)
	answer, err := w.b.request(ctx, "ListOffsets", q)
	if err != nil {
		return false, err
	}
	r, ok := answer.(*kmsg.ListOffsetsResponse)
	if !ok || r.Version < 8 || len(r.Topics) != 1 || len(r.Topics[0].Partitions) != 1 {
		return false, nil
	}
	told := r.Topics[0].Partitions[0]
	return told.ErrorCode == 0 && c.next < told.Offset, nil
}

// look asks for one partition: a broker fetches from tiered storage for one at a time, and meanwhile answers for the
// others as if they had nothing. Without an error, the answer is nil where it says nothing.
func (w *fetcher) look(ctx context.Context, c *readCursor, committed bool) (*kmsg.FetchResponseTopicPartition, *kmsg.FetchResponse, error) {
	most := int32(min(max(answerBytes(w.f.spec), c.cut.size), maxFrame/2))
	patience := aloneWait
	if c.barred == kafka.Some(c.next) {
		patience = fetchWait
	}
	q := kmsg.NewPtrFetchRequest()
	q.MaxWaitMillis, q.MinBytes, q.MaxBytes, q.IsolationLevel = int32(patience/time.Millisecond), 1, most, isolation(committed)
	var none session
	none.ask(q, w.f.spec.Topic, map[int32]ask{c.partition: {topic: c.topic, epoch: c.epoch, next: c.next, maxBytes: most}}, 0)
	r, err := w.ask(ctx, q)
	if err == nil && r.ErrorCode != 0 {
		err = translate("Fetch", w.f.spec.Topic, kafka.Code(r.ErrorCode))
	}
	if err != nil || r.ThrottleMillis > 0 {
		return nil, nil, err
	}
	for i := range r.Topics {
		for j := range r.Topics[i].Partitions {
			if p := &r.Topics[i].Partitions[j]; p.Partition == c.partition {
				return p, r, nil
			}
		}
	}
	return nil, nil, nil
}

// silence is why nothing comes, as far as it can be seen from here.
func (c *readCursor) silence() error {
	if c.cut.size > 0 && c.cut.at == c.next {
		return fmt.Errorf("cannot be read from offset %d on: %w: its length says %d bytes, of which %d are there", c.next, errCorrupt, c.cut.size, c.cut.sent)
	}
	return fmt.Errorf("cannot be read from offset %d on: the broker finds nothing there although the log goes on, as behind a batch with a wrong length", c.next)
}
