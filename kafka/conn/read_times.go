package conn

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kmsg"

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
		stamp, err := b.stamp(ctx, tp, topicID(md, tp.Topic), offset)
		if err != nil {
			return time.Time{}, fmt.Errorf("read the record at %s offset %d: %w", name, offset, err)
		}
		return stamp, nil
	}
	return time.Time{}, errNotMentioned
}

// topicID is zero where brokers know no ids yet, before 2.8.
func topicID(md *sarama.MetadataResponse, topic string) (id [16]byte) {
	for _, t := range md.Topics {
		if t.Name == topic {
			id = t.Uuid
		}
	}
	return id
}

var errNoRecord = errors.New("no record is there")

func (b *Broker) stamp(ctx context.Context, tp kafka.TopicPartition, topic [16]byte, offset int64) (time.Time, error) {
	c := &readCursor{partition: tp.Partition, next: offset, corrupt: offset}
	for range stampTries {
		answer, err := b.request(ctx, "Fetch", stampQuestion(tp, topic, c.next))
		if err != nil {
			return time.Time{}, err
		}
		r, ok := answer.(*kmsg.FetchResponse)
		switch {
		case !ok:
			return time.Time{}, errOtherAnswer
		case r.ErrorCode != 0:
			return time.Time{}, kafka.Code(r.ErrorCode)
		case len(r.Topics) != 1 || len(r.Topics[0].Partitions) != 1:
			return time.Time{}, errNotMentioned
		}
		p := &r.Topics[0].Partitions[0]
		if err := code("Fetch", "topic "+tp.Topic, p.ErrorCode); err != nil {
			return time.Time{}, err
		}
		before := c.next
		if at, ok := firstStamp(ctx, tp, c, p.RecordBatches); ok {
			return at, nil
		}
		if c.next == before {
			break
		}
	}
	return time.Time{}, errNoRecord
}

func stampQuestion(tp kafka.TopicPartition, topic [16]byte, offset int64) *kmsg.FetchRequest {
	q := kmsg.NewPtrFetchRequest()
	q.MaxWaitMillis, q.MinBytes, q.MaxBytes = int32(stampWait/time.Millisecond), 1, 1
	q.SessionEpoch = -1 // no fetch session (KIP-227)
	t := kmsg.NewFetchRequestTopic()
	t.Topic, t.TopicID = tp.Topic, topic
	p := kmsg.NewFetchRequestTopicPartition()
	p.Partition, p.FetchOffset, p.PartitionMaxBytes = tp.Partition, offset, 1 // a whole batch comes all the same (KIP-74)
	t.Partitions = append(t.Partitions, p)
	q.Topics = append(q.Topics, t)
	return q
}

// firstStamp reads batches until one has a record at or behind c.
func firstStamp(ctx context.Context, tp kafka.TopicPartition, c *readCursor, log []byte) (time.Time, bool) {
	f := &follower{on: func(kafka.ReadEvent) {}}
	a := portion{w: newFetcher(f, nil), c: c, tp: tp}
	_ = a.read(ctx, log) // what stands before the batch that is corrupt was read
	if len(a.w.records) == 0 {
		return time.Time{}, false
	}
	return a.w.records[0].Timestamp, true
}
