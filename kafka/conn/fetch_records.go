package conn

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
)

// errCorrupt is a batch that is not what it says.
var errCorrupt = errors.New("corrupt batch")

// flushAt is how much decompressed data is gathered before it is told: what one answer decompresses to is
// never in memory at once.
const flushAt = 1 << 20

// portion is what one partition answered to a Fetch, while it is read.
type portion struct {
	w      *fetcher
	c      *readCursor
	tp     kafka.TopicPartition
	end    int64
	whole  bool // the broker does not cut off the first batch
	aborts aborts
}

// read goes through the batches and moves c.next behind each, also over what is not told: markers, what
// was aborted, and what compaction removed. A batch that cannot be read is an error at first, and when it
// comes again it is skipped with an event of its own. A cut off batch at the end is left for the next answer.
func (a *portion) read(ctx context.Context, log []byte) error {
	for first := true; len(log) > magicAt+1 && ctx.Err() == nil; first = false {
		size, err := batchSize(log)
		switch {
		case err != nil:
		case size > len(log) && (!first || !a.whole) && !a.overrun(log):
			a.c.cut = cutOff{at: a.c.next, size: size, sent: len(log)}
			return nil
		case size > len(log):
			err, size = fmt.Errorf("%w: it is cut off, %d of its %d bytes are there", errCorrupt, len(log), size), 0
		case log[magicAt] < 2:
			err = a.legacy(log[:size])
		default:
			err = a.batch(ctx, log[:size])
		}
		if err != nil {
			if size, err = a.skip(ctx, log, size, err); err != nil {
				return err
			}
		}
		log = log[size:]
	}
	return nil
}

// batchSize is the length of the batch with which a log begins, its whole header included.
func batchSize(log []byte) (int, error) {
	size := int(int32(binary.BigEndian.Uint32(log[8:])))
	if size <= magicAt-logOverhead || size > maxFrame {
		return 0, fmt.Errorf("%w: a length of %d bytes", errCorrupt, size)
	}
	return size + logOverhead, nil
}

// tell tells what was gathered, and that nothing was where that is news.
func (a *portion) tell(ctx context.Context) {
	c, w := a.c, a.w
	if c.next < a.end && c.barred == kafka.Some(c.next) {
		w.reset()
		return
	}
	e := kafka.ReadEvent{TopicPartition: a.tp, Kind: kafka.ReadProgress, Next: c.next, End: a.end, CaughtUp: c.next >= a.end}
	news := c.strikes > 0 || e.Next != c.told.Next || e.End != c.told.End || e.CaughtUp != c.told.CaughtUp
	c.strikes, c.told = 0, e
	if news && ctx.Err() == nil {
		e.Records = w.records
		w.f.on(e)
	}
	w.reset()
}

// batch reads one batch of the present format; see "Record Batch" in the protocol guide.
func (a *portion) batch(ctx context.Context, one []byte) error {
	if one[magicAt] != 2 || len(one) < headerBytes {
		return fmt.Errorf("%w: magic %d, %d bytes", errCorrupt, one[magicAt], len(one))
	}
	if !intact(one) {
		return fmt.Errorf("%w: its checksum is wrong", errCorrupt)
	}
	last := int64(binary.BigEndian.Uint64(one)) + int64(int32(binary.BigEndian.Uint32(one[23:])))
	if last < a.c.next {
		return nil
	}
	head, _ := batchHeader(one, len(one)-logOverhead)
	mark, kept := a.judge(&head, one, last)
	if !kept {
		a.c.next = last + 1
		return nil
	}
	body := one[headerBytes:]
	if head.Codec != kafka.CodecNone {
		if len(a.w.out) > flushAt {
			a.tell(ctx)
		}
		var err error
		if body, err = a.w.inflate(head.Codec, body); err != nil {
			return err
		}
	}
	had := len(a.w.records)
	p := parser{b: body, names: a.w.names}
	if err := a.records(&p, &head, one, mark); err != nil {
		a.w.records = a.w.records[:had]
		return err
	}
	a.c.next = last + 1
	return nil
}

// judge says what the records of a batch are, and whether they are wanted.
func (a *portion) judge(head *kafka.Batch, one []byte, last int64) (kafka.Mark, bool) {
	a.aborts.upTo(last)
	switch {
	case head.Control:
		mark := markerOf(one[headerBytes:])
		if mark == kafka.AbortMarker {
			a.aborts.ended(head.ProducerID.V)
		}
		return mark, a.w.f.spec.Markers
	case head.Transactional && a.aborts.open[head.ProducerID.V]:
		return kafka.Aborted, a.w.f.spec.Aborted
	}
	return kafka.Plain, true
}

func (a *portion) records(p *parser, head *kafka.Batch, one []byte, mark kafka.Mark) error {
	base := int64(binary.BigEndian.Uint64(one))
	stamps := batchStamps(one)
	for n := int32(binary.BigEndian.Uint32(one[57:])); n > 0; n-- {
		delta, ms, r, ok := p.record(&a.w.headers)
		if !ok {
			return fmt.Errorf("%w: a record of it is cut off", errCorrupt)
		}
		if r.Offset = base + delta; r.Offset < a.c.next {
			continue
		}
		r.TopicPartition, r.Timestamp, r.Mark, r.Batch = a.tp, stamps.at(ms), mark, head
		a.w.records = append(a.w.records, r)
	}
	return nil
}

// stamps are the times of a batch in ms since 1970.
type stamps struct {
	first int64 // below 0: the producer gave none
	most  int64
	log   bool // the broker set most, for all
}

func batchStamps(one []byte) stamps {
	return stamps{
		first: int64(binary.BigEndian.Uint64(one[27:])), most: int64(binary.BigEndian.Uint64(one[35:])),
		log: binary.BigEndian.Uint16(one[21:])&8 != 0,
	}
}

// at is zero where the producer gave no timestamp.
func (s stamps) at(delta int64) time.Time {
	switch {
	case s.log:
		return time.UnixMilli(s.most)
	case s.first < 0:
		return time.Time{}
	}
	return time.UnixMilli(s.first + delta)
}

// legacy reads one message of the formats before 0.11, which may hold others, compressed.
func (a *portion) legacy(one []byte) error {
	p := &kmsg.FetchResponseTopicPartition{Partition: a.tp.Partition, RecordBatches: one}
	o := kgo.ProcessFetchPartitionOpts{Topic: a.tp.Topic, Partition: a.tp.Partition, Offset: a.c.next}
	got, next := kgo.ProcessFetchPartition(o, p, &a.w.inflater, nil)
	if got.Err != nil {
		return fmt.Errorf("%w: %w", errCorrupt, got.Err)
	}
	head, _ := batchHeader(one, len(one)-logOverhead)
	for _, r := range got.Records {
		at := r.Timestamp
		if one[magicAt] == 0 || at.UnixMilli() < 0 {
			at = time.Time{}
		}
		a.w.records = append(a.w.records, kafka.Record{TopicPartition: a.tp, Offset: r.Offset, Timestamp: at, Key: r.Key, Value: r.Value, Batch: &head})
	}
	a.c.next = max(next, a.c.next)
	return nil
}
