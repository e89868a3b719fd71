// Package stream reads topics for a program that prints them: where to stop, what passes the filter, in what
// order, with which neighbours. How records are fetched and written is no concern of it.
package stream

import (
	"context"
	"errors"
	"sync"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/tail/filter"
	"lagtop/kafka/tail/order"
)

// Source reads records without a group until ctx ends; conn.Reader is one.
type Source interface {
	Follow(ctx context.Context, spec kafka.ReadSpec, on func(kafka.ReadEvent))
}

// Options says what to read and what of it to print.
type Options struct {
	Reads   []kafka.ReadSpec // a topic each, with its partitions named
	Added   bool             // without Until: also the partitions that are added to these topics later
	Until   order.Until
	Filter  filter.Filter
	Max     int64         // records to print; 0 is no bound
	Context int           // records of the same partition to print before and behind each that passes
	Merge   time.Duration // how long a record waits for older ones of other partitions; 0: partitions are not merged
}

// Note says why a record is printed, and in what order.
type Note struct {
	Context bool // it is the neighbour of one that passes the filter
	Gap     bool // with Options.Context: there are others between it and the one printed before
	Late    bool // with Options.Merge: it is older than the one printed before
}

// Sink prints.
type Sink interface {
	// Append writes a record behind dst. It is called from several goroutines, and must not keep the record.
	Append(dst []byte, r *kafka.Record, n Note) []byte
	// Write takes what was appended, whole records. It is called by one goroutine at a time, as the others are.
	Write(p []byte) error
	// Flush is called when nothing more is there at present.
	Flush() error
	// Event is told what happens beside records.
	Event(e *kafka.ReadEvent)
}

// Totals are what came of a Run.
type Totals struct {
	Read    int64 // records; a batch that cannot be read is none
	Printed int64
	Skipped int64 // offsets that were gone, or could not be read
}

// ErrIncomplete is the end of a Run of which some partitions could not be read for half a minute.
var ErrIncomplete = errors.New("some partitions cannot be read")

const (
	tick   = 200 * time.Millisecond
	giveUp = 30 * time.Second
)

// Run reads until ctx ends, everything that was asked for is printed, or the sink fails.
func Run(ctx context.Context, src Source, o Options, sink Sink) (Totals, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := newRunning(o, sink, cancel)
	if s.progress.Done() {
		return s.totals, nil
	}
	var wg sync.WaitGroup
	for _, spec := range o.Reads {
		if s.o.Added {
			spec.Partitions = nil
		}
		if o.Until.Stops() {
			spec.Over = func(partition int32) bool {
				s.mu.Lock()
				defer s.mu.Unlock()
				return s.progress.Ended(kafka.TopicPartition{Topic: spec.Topic, Partition: partition})
			}
		}
		wg.Go(func() { src.Follow(ctx, spec, s.take) })
	}
	wg.Go(func() { s.watch(ctx) })
	wg.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.drain()
		s.fail(sink.Flush())
	}
	return s.totals, s.err
}

type running struct {
	o      Options
	sink   Sink
	cancel context.CancelFunc
	direct bool // records need no order: they are written as they come, in parallel
	bufs   sync.Pool

	mu       sync.Mutex
	progress *order.Progress
	arounds  map[kafka.TopicPartition]*around // with Options.Context
	totals   Totals
	matched  int64 // for Options.Max
	err      error
	ended    bool
	dirty    bool      // something is not flushed
	moved    time.Time // when something was last read
	merged   order.Merger[kafka.Record]
	buf      []byte
}

func newRunning(o Options, sink Sink, cancel context.CancelFunc) *running {
	s := &running{o: o, sink: sink, cancel: cancel, progress: order.NewProgress(o.Until, nil), moved: time.Now()}
	s.arounds = map[kafka.TopicPartition]*around{}
	s.merged.Window, s.merged.Most = o.Merge, mergeBytes
	s.direct = o.Max == 0 && o.Context == 0 && o.Merge == 0
	s.bufs.New = func() any { return new([]byte) }
	for _, r := range o.Reads {
		for _, p := range r.Partitions {
			s.progress.Add(kafka.TopicPartition{Topic: r.Topic, Partition: p}, s.moved)
		}
	}
	return s
}

// take is called by the source, for one partition by one goroutine at a time.
func (s *running) take(e kafka.ReadEvent) {
	p, first := s.begin(&e)
	if p == nil {
		return
	}
	records, over := p.Wanted(e.Records)
	var buf *[]byte
	var printed int64
	if s.direct && len(records) > 0 {
		buf = s.bufs.Get().(*[]byte)
		for i := range records {
			if s.o.Filter.Match(&records[i]) {
				*buf = s.sink.Append(*buf, &records[i], Note{})
				if records[i].Broken == nil {
					printed++
				}
			}
		}
		defer func() { *buf = (*buf)[:0]; s.bufs.Put(buf) }()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	if e.Kind != kafka.ReadSkipped {
		s.totals.Read += int64(len(records))
	}
	switch {
	case buf != nil:
		s.totals.Printed += printed
		s.write(*buf)
	case !s.direct:
		s.order(records, p.Newest())
	}
	s.close(p, &e, first, over)
}

// begin notes what an event says of its partition. It is nil when nothing is to be printed.
func (s *running) begin(e *kafka.ReadEvent) (p *order.Part, first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil, false
	}
	if e.Kind != kafka.ReadProgress {
		s.sink.Event(e)
	}
	now := time.Now()
	if s.o.Added && e.Partition >= 0 {
		s.progress.Add(e.TopicPartition, now)
	}
	p, first = s.progress.Begin(e, now)
	if e.Kind == kafka.ReadFailed && kafka.Unauthorized(e.Err) {
		s.fail(e.Err)
	}
	if p == nil {
		return nil, false
	}
	s.moved = now
	if e.Kind == kafka.ReadSkipped {
		s.totals.Skipped += max(e.Next-e.From, 0)
	}
	return p, first
}

// close notes where the partition is now. It is called with mu held, as all that follow are.
func (s *running) close(p *order.Part, e *kafka.ReadEvent, first, over bool) {
	s.progress.End(p, e, over)
	if !s.direct {
		s.release(time.Now())
	}
	if (e.CaughtUp || first) && s.dirty {
		s.flush()
	}
	s.stop()
}

// stop ends the run when all partitions are done.
func (s *running) stop() {
	if s.progress.Done() {
		s.cancel()
	}
}

func (s *running) fail(err error) {
	if err != nil && s.err == nil {
		s.err, s.ended = err, true
		s.cancel()
	}
}

func (s *running) write(p []byte) {
	if len(p) > 0 {
		s.dirty = true
		s.fail(s.sink.Write(p))
	}
}

func (s *running) flush() {
	s.dirty = false
	s.fail(s.sink.Flush())
}

// watch does what is due without an event.
func (s *running) watch(ctx context.Context) {
	t := time.NewTicker(tick)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-t.C:
			s.due(now)
		}
	}
}

func (s *running) due(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	if !s.direct {
		s.release(now)
	}
	if s.dirty {
		s.flush()
	}
	s.progress.Due(now)
	if s.o.Until.Stops() && s.progress.Failing() && now.Sub(s.moved) > giveUp {
		s.fail(ErrIncomplete)
	}
	s.stop()
}
