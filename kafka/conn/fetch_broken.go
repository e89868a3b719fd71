package conn

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
	"time"

	"lagtop/kafka"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// rawBytes is what is kept of a batch that cannot be read where nothing else is asked for.
const rawBytes = 4 << 10

// intact tells whether the checksum of a batch of the present format is right. It covers all but the offset of the
// first record, the length, and the leader's epoch.
func intact(one []byte) bool {
	return crc32.Checksum(one[21:], castagnoli) == binary.BigEndian.Uint32(one[17:])
}

// skip passes over what could not be read twice, and says how many bytes that is. size is the length of the batch,
// 0 where it cannot be known.
func (a *portion) skip(ctx context.Context, log []byte, size int, cause error) (int, error) {
	from := a.c.next
	if said := int(int32(binary.BigEndian.Uint32(log[8:]))) + logOverhead; said > len(log) {
		a.c.cut = cutOff{at: from, size: said, sent: len(log)}
	}
	err := fmt.Errorf("batch at offset %d: %w", from, cause)
	if a.c.corrupt != from {
		a.c.corrupt = from
		return 0, err
	}
	size, next, ok := a.behind(log, size)
	if !ok {
		return 0, err
	}
	if next == from { // its header leads further than it reached, and what is wanted comes behind it
		return size, nil
	}
	a.tell(ctx)
	b := a.broken(log[:size], next, cause)
	a.c.next = next
	a.w.f.on(kafka.ReadEvent{
		TopicPartition: a.tp, Kind: kafka.ReadSkipped, From: from, Next: next, End: a.end, CaughtUp: next >= a.end, Err: translate("Fetch", a.w.f.name(a.c), err),
		Records: []kafka.Record{{TopicPartition: a.tp, Offset: from, Timestamp: b.Time, Mark: kafka.Corrupt, Broken: b}},
	})
	return size, nil
}

// behind is how many bytes cannot be read, and the first offset behind them. A batch that follows and is intact is
// believed more than the header of the one that is not; without either reading cannot go on.
func (a *portion) behind(log []byte, size int) (int, int64, bool) {
	_, last, claimed := a.span(log)
	if size > 0 {
		if base, ok := a.follows(log[size:]); ok {
			if claimed {
				base = min(base, last+1) // compaction may have left a gap
			}
			return size, base, true
		}
	}
	if at := a.heir(log); at > 0 {
		return at, last + 1, true
	}
	within := len(log)
	if claimed && size > 0 {
		within = size // what comes then may be one more that cannot be read
	}
	for i := logOverhead; i < within; i++ {
		if base, ok := a.follows(log[i:]); ok {
			return i, base, true
		}
	}
	return within, last + 1, claimed
}

// heir is where an intact batch begins with the very offset that a broken one leads up to by its header, 0 for none.
func (a *portion) heir(log []byte) int {
	_, last, ok := a.span(log)
	if !ok {
		return 0
	}
	var want [8]byte
	binary.BigEndian.PutUint64(want[:], uint64(last+1))
	for at := logOverhead; ; at++ {
		i := bytes.Index(log[at:], want[:])
		if i < 0 {
			return 0
		}
		at += i
		if _, ok := a.follows(log[at:]); ok {
			return at
		}
	}
}

// overrun tells a length that is too long from a batch of which the rest is still to come. A broker that is asked
// for it again takes such a length for the end of its file, and gives nothing.
func (a *portion) overrun(log []byte) bool {
	found := a.heir(log) > 0
	if found {
		a.c.corrupt = a.c.next
	}
	return found
}

// span are the first and the last offset that a header says, where they can be.
func (a *portion) span(log []byte) (first, last int64, ok bool) {
	first = int64(binary.BigEndian.Uint64(log))
	last = first
	if log[magicAt] >= 2 {
		if len(log) < headerBytes {
			return 0, 0, false
		}
		last += int64(int32(binary.BigEndian.Uint32(log[23:])))
	}
	return first, last, first >= 0 && first <= a.c.next && last >= a.c.next && last < a.end
}

// follows tells whether a log begins with an intact batch that is not below the place of reading, and its first offset.
func (a *portion) follows(log []byte) (base int64, ok bool) {
	if len(log) < headerBytes || log[magicAt] != 2 {
		return 0, false
	}
	base = int64(binary.BigEndian.Uint64(log))
	size, err := batchSize(log)
	if err != nil || size > len(log) || size < headerBytes || base < a.c.next || base >= a.end {
		return 0, false
	}
	return base, intact(log[:size])
}

// broken is what can be told of bytes that cannot be read.
func (a *portion) broken(one []byte, next int64, cause error) *kafka.BrokenBatch {
	most := a.w.f.spec.Raw
	if most <= 0 {
		most = rawBytes
	}
	b := &kafka.BrokenBatch{
		From: a.c.next, Next: next, Size: len(one), Raw: bytes.Clone(one[:min(len(one), most)]),
		Why: strings.TrimPrefix(cause.Error(), errCorrupt.Error()+": "),
	}
	if first, _, ok := a.span(one); ok {
		b.Base = kafka.Some(first)
	}
	if size, err := batchSize(one); err == nil {
		b.Length = kafka.Some(size)
	}
	if one[magicAt] != 2 || len(one) < headerBytes {
		return b
	}
	b.Stored = kafka.Some(binary.BigEndian.Uint32(one[17:]))
	b.Computed = kafka.Some(crc32.Checksum(one[21:], castagnoli))
	head, _ := batchHeader(one, len(one)-logOverhead)
	b.ProducerID = head.ProducerID
	if n := head.Records; n.OK && int64(n.V) <= next-b.From+max(b.From-head.Offset, 0) {
		b.Records = n
	}
	if head.Codec <= kafka.CodecZstd {
		b.Codec = kafka.Some(head.Codec)
	}
	if b.Intact() || likely(head.Time) {
		b.Time = head.Time
	}
	return b
}

// likely tells a time that a log of Kafka may have from what a broken header says.
func likely(t time.Time) bool {
	return t.Year() >= 2000 && t.Year() < 2100
}
