package conn

import (
	"context"

	"github.com/IBM/sarama"

	"lagtop/kafka"
)

const (
	latest   = -1 // ListOffsets: the high watermark, or the last stable offset
	earliest = -2 // ListOffsets: the log start offset

	earliestLocal = -4 // ListOffsets from v8 on: the first offset that the leader has itself, not in tiered storage (KIP-405)
)

// place finds the offset of each partition that has none yet, or lost its own to retention: two or
// three ListOffsets for all of them.
func (w *fetcher) place(ctx context.Context) error {
	var some, timed []*readCursor
	for _, c := range w.held {
		if c.placed {
			continue
		}
		some = append(some, c)
		if c.seek.Kind == kafka.SeekTime && !c.lost {
			timed = append(timed, c)
		}
	}
	if len(some) == 0 {
		return nil
	}
	starts, err := w.list(ctx, some, func(*readCursor) int64 { return earliest })
	if err != nil {
		return err
	}
	ends, err := w.list(ctx, some, func(*readCursor) int64 { return latest })
	if err != nil {
		return err
	}
	times, err := w.list(ctx, timed, func(c *readCursor) int64 { return max(c.seek.Time.UnixMilli(), 0) })
	if err != nil {
		return err
	}
	for _, c := range some {
		w.begin(ctx, c, starts[c.partition], ends[c.partition], times[c.partition])
	}
	return nil
}

// listed is one partition's answer to ListOffsets; the zero value says that there was none.
type listed struct {
	offset int64
	code   sarama.KError
	ok     bool
}

func (w *fetcher) list(ctx context.Context, cursors []*readCursor, at func(*readCursor) int64) (map[int32]listed, error) {
	if len(cursors) == 0 {
		return nil, nil
	}
	topic := w.f.spec.Topic
	r, err := call(ctx, w.b, "ListOffsets", func(s *sarama.Broker) (*sarama.OffsetResponse, error) {
		q := sarama.NewOffsetRequest(sarama.MaxVersion)
		if w.f.spec.Committed {
			q.IsolationLevel = sarama.ReadCommitted
		}
		for _, c := range cursors {
			q.AddBlock(topic, c.partition, at(c), 1)
		}
		return s.GetAvailableOffsets(q)
	})
	if err != nil {
		return nil, err
	}
	out := make(map[int32]listed, len(cursors))
	for p, b := range r.Blocks[topic] {
		out[p] = listed{offset: b.Offset, code: b.Err, ok: true}
	}
	return out, nil
}

func (w *fetcher) begin(ctx context.Context, c *readCursor, start, end, at listed) {
	for _, l := range []listed{start, end} {
		if !l.ok {
			l.code = sarama.ErrUnknown
		}
		if l.code != sarama.ErrNoError {
			w.handBack(ctx, c, translate("ListOffsets", w.f.name(c), l.code))
			return
		}
	}
	if at.ok && at.code != sarama.ErrNoError {
		w.handBack(ctx, c, translate("ListOffsets", w.f.name(c), at.code))
		return
	}
	e := kafka.ReadEvent{
		TopicPartition: kafka.TopicPartition{Topic: w.f.spec.Topic, Partition: c.partition},
		Kind:           kafka.ReadBegan, End: end.offset,
	}
	if c.anew {
		e.From, e.Next, c.anew = c.next, start.offset, false
	} else if c.lost {
		e.From, e.Next = c.next, again(c.next, start.offset, end.offset)
		if e.From == e.Next { // the broker contradicts itself, as a new leader may for a moment
			c.placed = true
			w.handBack(ctx, c, translate("Fetch", w.f.name(c), sarama.ErrOffsetOutOfRange))
			return
		}
	} else {
		e.From, e.Next = first(c.seek, start.offset, end.offset, at.offset)
	}
	if e.From != e.Next {
		e.Kind = kafka.ReadSkipped
	}
	e.CaughtUp = e.Next >= e.End
	c.next, c.placed = e.Next, true
	w.f.on(e)
}

// first is the place that a Seek asked for, and the nearest one that the log has. at is the answer
// for its time, negative when no record is as young.
func first(s kafka.Seek, start, end, at int64) (asked, next int64) {
	switch s.Kind {
	case kafka.SeekStart:
		return start, start
	case kafka.SeekOffset:
		return s.Offset, min(max(s.Offset, start), end)
	case kafka.SeekTime:
		if at < 0 {
			return end, end
		}
		next = min(max(at, start), end)
		return next, next
	case kafka.SeekLast:
		next = min(max(end-max(s.Offset, 0), start), end)
		return next, next
	}
	return end, end
}

// again is where to go on when the broker says that next is not in the log. Below the start, retention
// passed it. Beyond the end, the topic was made anew or truncated: what it has now is new.
func again(next, start, end int64) int64 {
	if next >= start && next <= end {
		return next
	}
	return start
}
