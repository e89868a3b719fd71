package conn

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
)

// What one look at the newest batches may cost a broker.
const (
	batchRecords    = 64       // how far before the end of a log to begin
	batchBytes      = 64 << 10 // of one partition
	batchPartitions = 16       // of one broker
	batchAnswer     = batchPartitions*batchBytes + 1<<20
)

// errOtherAnswer is an answer that is not about what was asked.
var errOtherAnswer = errors.New("the answer is of another kind")

// Batches reads the headers of the newest batches of a topic, by partition: those of the last 64
// offsets, at most 64 KiB a partition and 16 partitions a broker. It sends one Metadata request, and to each
// leader two ListOffsets and one Fetch that does not wait for records. A partition that cannot be read has an
// Err of its own. It takes the right READ.
func (a *Admin) Batches(ctx context.Context, topic string) ([]kafka.NewestBatches, error) {
	ctx, done := a.begin(ctx)
	defer done()
	md, err := a.metadata(ctx, []string{topic})
	if err != nil {
		return nil, err
	}
	id, tps, err := partitionsOf(md, topic)
	if err != nil {
		return nil, err
	}
	byLeader, lost := byLeader(md, tps)
	var out []kafka.NewestBatches
	for tp, l := range lost {
		out = append(out, kafka.NewestBatches{Partition: tp.Partition, Err: l.Err})
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for addr, ps := range byLeader {
		wg.Go(func() {
			found := a.batchesOn(ctx, addr, batchLook{topic: topic, id: id}, spread(ps, batchPartitions))
			mu.Lock()
			defer mu.Unlock()
			out = append(out, found...)
		})
	}
	wg.Wait()
	slices.SortFunc(out, func(a, b kafka.NewestBatches) int { return int(a.Partition) - int(b.Partition) })
	return out, nil
}

func partitionsOf(md *sarama.MetadataResponse, topic string) (id [16]byte, tps []kafka.TopicPartition, err error) {
	for _, t := range md.Topics {
		if t.Name != topic {
			continue
		}
		if err := code("Metadata", "topic "+topic, t.Err); err != nil {
			return id, nil, err
		}
		for _, p := range t.Partitions {
			tps = append(tps, kafka.TopicPartition{Topic: topic, Partition: p.ID})
		}
		return t.Uuid, tps, nil
	}
	return id, nil, code("Metadata", "topic "+topic, kafka.CodeUnknownTopicOrPartition)
}

// spread keeps n of the partitions, evenly from first to last.
func spread(tps []kafka.TopicPartition, n int) []kafka.TopicPartition {
	if len(tps) <= n {
		return tps
	}
	slices.SortFunc(tps, func(a, b kafka.TopicPartition) int { return int(a.Partition) - int(b.Partition) })
	kept := make([]kafka.TopicPartition, n)
	for i := range kept {
		kept[i] = tps[i*len(tps)/n]
	}
	return kept
}

// batchLook is one look at the partitions that one broker leads.
type batchLook struct {
	topic string
	id    [16]byte // KIP-516: Fetch v13 and later names topics by it
	from  map[int32]int64
}

func (a *Admin) batchesOn(ctx context.Context, addr string, l batchLook, tps []kafka.TopicPartition) []kafka.NewestBatches {
	out := map[int32]kafka.NewestBatches{}
	l.from = map[int32]int64{}
	starts, ends := a.listOffsetsOn(ctx, addr, tps, kafka.AtStart()), a.listOffsetsOn(ctx, addr, tps, kafka.AtEnd())
	for _, tp := range tps {
		start, end := starts[tp], ends[tp]
		n := kafka.NewestBatches{Partition: tp.Partition}
		switch err := cmp.Or(start.Err, end.Err); {
		case err != nil:
			n.Err = translate("ListOffsets", topicPartition(tp.Topic, tp.Partition), err)
		case end.Offset.V > start.Offset.V:
			l.from[tp.Partition] = max(end.Offset.V-batchRecords, start.Offset.V)
		}
		out[tp.Partition] = n
	}
	if len(l.from) > 0 {
		if err := a.fetchHeaders(ctx, addr, &l, out); err != nil {
			for p := range l.from {
				out[p] = kafka.NewestBatches{Partition: p, Err: err}
			}
		}
	}
	return slices.Collect(maps.Values(out))
}

func (a *Admin) fetchHeaders(ctx context.Context, addr string, l *batchLook, out map[int32]kafka.NewestBatches) error {
	b, err := a.broker(addr)
	if err != nil {
		return err
	}
	r, err := b.request(ctx, "Fetch", l.request())
	if err != nil {
		return err
	}
	resp, ok := r.(*kmsg.FetchResponse)
	if !ok {
		return translate("Fetch", l.topic, errOtherAnswer)
	}
	if err := l.code(resp.ErrorCode); err != nil {
		return err
	}
	l.take(resp, out)
	return nil
}

func (l *batchLook) request() *kmsg.FetchRequest {
	q := kmsg.NewPtrFetchRequest()
	q.MaxWaitMillis, q.MinBytes, q.MaxBytes = 0, 0, batchAnswer
	q.SessionEpoch = -1 // no fetch session (KIP-227)
	t := kmsg.NewFetchRequestTopic()
	t.Topic, t.TopicID = l.topic, l.id
	for _, p := range slices.Sorted(maps.Keys(l.from)) {
		x := kmsg.NewFetchRequestTopicPartition()
		x.Partition, x.FetchOffset, x.PartitionMaxBytes = p, l.from[p], batchBytes
		t.Partitions = append(t.Partitions, x)
	}
	q.Topics = append(q.Topics, t)
	return q
}

// code is the error of a code of Fetch, which takes a right that nothing else here does.
func (l *batchLook) code(c int16) error {
	return refusal("Fetch", "READ", "topic "+l.topic, kafka.Code(c), "")
}

// take puts the answers into out. A partition that is not mentioned has failed.
func (l *batchLook) take(r *kmsg.FetchResponse, out map[int32]kafka.NewestBatches) {
	for p := range l.from {
		out[p] = kafka.NewestBatches{Partition: p, Err: translate("Fetch", topicPartition(l.topic, p), errNotMentioned)}
	}
	total := 0
	for _, t := range r.Topics {
		for i := range t.Partitions {
			total += len(t.Partitions[i].RecordBatches)
		}
	}
	for _, t := range r.Topics {
		for i := range t.Partitions {
			p := &t.Partitions[i]
			if from, asked := l.from[p.Partition]; asked {
				n := kafka.NewestBatches{Partition: p.Partition, Err: l.code(p.ErrorCode), Batches: batchHeaders(p.RecordBatches)}
				// A batch that does not fit is left out, unless it is the first of the whole answer (KIP-74).
				n.Large = n.Err == nil && len(n.Batches) == 0 && from < p.HighWatermark && total+batchBytes <= batchAnswer
				out[p.Partition] = n
			}
		}
	}
}

const (
	headerBytes = 61 // of a batch, up to its first record
	logOverhead = 12 // offset and length, which the length does not count
	magicAt     = 16
)

// batchHeaders reads the headers of batches that follow each other. The last one may be cut off behind its header.
func batchHeaders(log []byte) []kafka.Batch {
	var out []kafka.Batch
	for len(log) > magicAt+1 {
		size := int(int32(binary.BigEndian.Uint32(log[8:])))
		if size <= 0 {
			break
		}
		h, ok := batchHeader(log, size)
		if !ok {
			break
		}
		out = append(out, h)
		if size > len(log)-logOverhead {
			break
		}
		log = log[logOverhead+size:]
	}
	return out
}

// batchHeader reads one header; see "Record Batch" in the protocol guide. It is false when it is cut off.
func batchHeader(log []byte, size int) (kafka.Batch, bool) {
	b := kafka.Batch{Offset: int64(binary.BigEndian.Uint64(log)), Bytes: size + logOverhead}
	if magic := log[magicAt]; magic < 2 { // a message set of before 0.11
		b.Codec = kafka.Codec(log[magicAt+1] & 7)
		if b.Codec == kafka.CodecNone {
			b.Records = kafka.Some(1)
		}
		return b, true
	}
	if len(log) < headerBytes {
		return b, false
	}
	attributes := binary.BigEndian.Uint16(log[21:])
	b.Codec = kafka.Codec(attributes & 7)
	b.Transactional, b.Control = attributes&0x10 != 0, attributes&0x20 != 0
	if ms := int64(binary.BigEndian.Uint64(log[35:])); ms >= 0 {
		b.Time = time.UnixMilli(ms)
	}
	if id := int64(binary.BigEndian.Uint64(log[43:])); id >= 0 {
		b.ProducerID = kafka.Some(id)
	}
	if n := int32(binary.BigEndian.Uint32(log[57:])); n >= 0 {
		b.Records = kafka.Some(int(n))
	}
	return b, true
}
