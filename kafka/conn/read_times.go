package conn

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/IBM/sarama"

	"lagtop/kafka"
)

// TimeAsk asks for the first record of a partition with a timestamp at or after At.
type TimeAsk struct {
	kafka.TopicPartition
	At time.Time
}

// OffsetsAt asks the leader of partitions for places by time (ListOffsets, v1 to v6): mostly one request,
// in which each partition may have a time of its own but must be there once. The answers come in no order.
// Without Err an unknown Offset means that no record is that young.
func (b *Broker) OffsetsAt(ctx context.Context, asks []TimeAsk) ([]LogOffset, error) {
	out := make([]LogOffset, 0, len(asks))
	for len(asks) > 0 {
		req := sarama.NewOffsetRequest(sarama.MaxVersion)
		n := fillTimes(req, asks)
		asks = asks[n:]
		r, err := call(ctx, b, "ListOffsets", func(s *sarama.Broker) (*sarama.OffsetResponse, error) {
			return s.GetAvailableOffsets(req)
		})
		if err != nil {
			return out, err
		}
		for topic, ps := range r.Blocks {
			for id, p := range ps {
				at := place(p)
				tp := kafka.TopicPartition{Topic: topic, Partition: id}
				out = append(out, LogOffset{TopicPartition: tp, Offset: at.Offset, Err: at.Err})
			}
		}
	}
	return out, nil
}

// fillTimes adds as many asks as one request shall carry and tells how many.
func fillTimes(req *sarama.OffsetRequest, asks []TimeAsk) int {
	bytes := 0
	for i := range asks {
		a := &asks[i]
		if bytes += len(a.Topic) + 25; bytes > maxRequestBytes && i > 0 {
			return i
		}
		req.AddBlock(a.Topic, a.Partition, max(a.At.UnixMilli(), 0), 1)
	}
	return len(asks)
}

const (
	stampTries = 4                      // fetches until a record is found behind control batches and gaps
	stampWait  = 100 * time.Millisecond // that the broker may wait for a record to come
)

// Stamp reads the timestamp of the first record of a partition at or after offset: Metadata, and one
// Fetch to its leader that answers no more than the batch. It is zero for a record without a timestamp
// that can be told.
// An error says that no record could be read there.
func (a *Admin) Stamp(ctx context.Context, tp kafka.TopicPartition, offset int64) (time.Time, error) {
	ctx, done := a.begin(ctx)
	defer done()
	name := topicPartition(tp.Topic, tp.Partition)
	md, err := a.metadata(ctx, []string{tp.Topic})
	if err != nil {
		return time.Time{}, err
	}
	leaders, lost := byLeader(md, []kafka.TopicPartition{tp})
	if err := lost[tp].Err; err != nil {
		return time.Time{}, fmt.Errorf("read the record at %s offset %d: %w", name, offset, err)
	}
	for addr := range leaders {
		b, err := a.broker(addr)
		if err != nil {
			return time.Time{}, err
		}
		stamp, err := b.stamp(ctx, tp, offset)
		if err != nil {
			return time.Time{}, fmt.Errorf("read the record at %s offset %d: %w", name, offset, err)
		}
		return stamp, nil
	}
	return time.Time{}, errNotMentioned
}

var errNoRecord = errors.New("no record is there")

func (b *Broker) stamp(ctx context.Context, tp kafka.TopicPartition, offset int64) (time.Time, error) {
	c := &readCursor{next: offset}
	for range stampTries {
		r, err := call(ctx, b, "Fetch", func(s *sarama.Broker) (*sarama.FetchResponse, error) {
			q := &sarama.FetchRequest{
				Version: 12, MaxWaitTime: int32(stampWait / time.Millisecond), MinBytes: 1, MaxBytes: 1,
				SessionEpoch: -1, // no fetch session (KIP-227)
			}
			q.AddBlock(tp.Topic, tp.Partition, c.next, 1, -1) // a whole batch comes all the same (KIP-74)
			return s.Fetch(q)
		})
		if err != nil {
			return time.Time{}, err
		}
		p := r.GetBlock(tp.Topic, tp.Partition)
		switch {
		case r.ErrorCode != 0:
			return time.Time{}, kafka.Code(r.ErrorCode)
		case p == nil:
			return time.Time{}, errNotMentioned
		case p.Err != sarama.ErrNoError:
			return time.Time{}, code("Fetch", "topic "+tp.Topic, p.Err)
		}
		before := c.next
		if at, ok := firstStamp(tp, c, p.RecordsSet); ok {
			return at, nil
		}
		if c.next == before {
			break
		}
	}
	return time.Time{}, errNoRecord
}

// firstStamp decodes batches until one has a record at or behind c.
func firstStamp(tp kafka.TopicPartition, c *readCursor, sets []*sarama.Records) (time.Time, bool) {
	w := &fetcher{}
	for _, set := range sets {
		w.decode(tp, c, set)
		if len(w.records) == 0 {
			continue
		}
		at := w.records[0].Timestamp
		if b := set.RecordBatch; b != nil && wraps(b) && !at.Equal(b.FirstTimestamp) {
			at = time.Time{}
		}
		return at, true
	}
	return time.Time{}, false
}

// wraps tells whether timestamps of a batch may be too far apart for sarama, which keeps them as
// time.Durations from the first one.
func wraps(b *sarama.RecordBatch) bool {
	const last = 2262 // a Duration since 1970 reaches into it
	return b.FirstTimestamp.Year() >= last || b.MaxTimestamp.Year() >= last
}
