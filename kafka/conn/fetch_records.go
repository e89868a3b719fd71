package conn

import (
	"time"

	"github.com/IBM/sarama"

	"lagtop/kafka"
)

// decode appends the records of a batch from c.next on and moves c.next behind the batch, also over
// what is not a record: control batches, and what compaction removed.
func (w *fetcher) decode(tp kafka.TopicPartition, c *readCursor, set *sarama.Records) {
	switch {
	case set.RecordBatch != nil && !set.RecordBatch.PartialTrailingRecord:
		w.batch(tp, c, set.RecordBatch)
	case set.MsgSet != nil:
		for _, m := range set.MsgSet.Messages {
			w.legacy(tp, c, m)
		}
	}
}

func (w *fetcher) batch(tp kafka.TopicPartition, c *readCursor, b *sarama.RecordBatch) {
	from := c.next
	c.next = max(c.next, b.LastOffset()+1)
	if b.Control {
		return
	}
	for _, r := range b.Records {
		offset := b.FirstOffset + r.OffsetDelta
		if offset < from {
			continue
		}
		w.records = append(w.records, kafka.Record{
			TopicPartition: tp, Offset: offset, Timestamp: stamp(b, r), Key: r.Key, Value: r.Value, Headers: w.named(r.Headers),
		})
	}
}

// stamp is zero where the producer gave no timestamp.
func stamp(b *sarama.RecordBatch, r *sarama.Record) time.Time {
	switch {
	case b.LogAppendTime:
		return b.MaxTimestamp
	case b.FirstTimestamp.IsZero():
		return time.Time{}
	}
	return b.FirstTimestamp.Add(r.TimestampDelta)
}

func (w *fetcher) named(in []*sarama.RecordHeader) []kafka.Header {
	if len(in) == 0 {
		return nil
	}
	from := len(w.headers)
	for _, h := range in {
		w.headers = append(w.headers, kafka.Header{Key: string(h.Key), Value: h.Value})
	}
	return w.headers[from:len(w.headers):len(w.headers)]
}

// legacy reads the message formats before 0.11. Offsets inside a compressed v1 message are relative to
// its last one.
func (w *fetcher) legacy(tp kafka.TopicPartition, c *readCursor, outer *sarama.MessageBlock) {
	inner := outer.Messages()
	if len(inner) == 0 {
		return
	}
	base := outer.Offset - inner[len(inner)-1].Offset
	for _, m := range inner {
		offset, at := m.Offset, m.Msg.Timestamp
		if m.Msg.Version >= 1 {
			offset += base
			if m.Msg.LogAppendTime {
				at = outer.Msg.Timestamp
			}
		}
		if offset < c.next {
			continue
		}
		c.next = offset + 1
		w.records = append(w.records, kafka.Record{TopicPartition: tp, Offset: offset, Timestamp: at, Key: m.Msg.Key, Value: m.Msg.Value})
	}
}
