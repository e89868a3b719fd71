package tail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"lagtop/kafka"
)

// Search says where to look for one record of a partition.
type Search struct {
	kafka.TopicPartition
	From   int64                    // the first offset that is looked at
	Most   int64                    // records that are looked at; 0 is no bound but the end of the log
	Match  func(*kafka.Record) bool // nil: the first record is it. The record is the reader's
	Strict bool                     // a batch that cannot be read ends the search with a *BrokenError; else it is passed over
	// Progress is called after each answer, not from Find's goroutine.
	Progress func(Reading)
}

// Reading is how far a search has come.
type Reading struct {
	Began  int64 // the first offset in the log that was looked at: above From where that is gone
	Next   int64 // the next offset to read
	End    int64 // high watermark when the search began; it ends there
	Read   int64 // records
	Broken int   // batches that could not be read
}

// BrokenError says that a batch cannot be read: its checksum is wrong, or its bytes are no records.
type BrokenError struct {
	kafka.TopicPartition
	From, Next int64 // where reading stood, and the first offset behind the batch
	Err        error
	Batch      *kafka.BrokenBatch // nil when nothing is known of it
}

func (e *BrokenError) Error() string {
	why := e.Err.Error()
	if e.Batch != nil {
		why = e.Batch.Why
	}
	return fmt.Sprintf("the batch at %s cannot be read, up to offset %d: %s", Place(e.TopicPartition, e.From), e.Next-1, why)
}

func (e *BrokenError) Unwrap() error { return e.Err }

// ErrNotFound says that no record passed up to the end of the log, or to the bound of the search.
var ErrNotFound = errors.New("no such record")

// oneRecord is how many bytes are asked for where the first record is it. A larger batch comes all the same.
const oneRecord = 64 << 10

// wholeBatch is how much is kept of a batch that ends a search. Brokers take far smaller ones unless they are told to.
const wholeBatch = 16 << 20

// mostFailures is how often in a row reading may fail before a search gives up.
const mostFailures = 3

// Find reads a partition until a record matches and returns it with bytes of its own. It looks no further than the
// log reached when it began. Without a record the error is ErrNotFound, that of the context, or why the log could not be read.
func Find(ctx context.Context, src Source, s Search) (kafka.Record, Reading, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	f := &finding{search: s, end: cancel}
	spec := kafka.ReadSpec{Topic: s.Topic, Partitions: []int32{s.Partition}, From: kafka.Seek{Kind: kafka.SeekOffset, Offset: s.From}}
	if s.Match == nil {
		spec.Bytes = oneRecord
	}
	if s.Strict {
		spec.Raw = wholeBatch
	}
	src.Follow(ctx, spec, f.take)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.found != nil {
		return *f.found, f.at, nil
	}
	return kafka.Record{}, f.at, fmt.Errorf("read %s: %w", Place(s.TopicPartition, max(f.at.Next, s.From)), context.Cause(ctx))
}

// finding is a search under way.
type finding struct {
	search Search
	end    context.CancelCauseFunc

	mu       sync.Mutex
	began    bool
	over     bool
	at       Reading
	found    *kafka.Record
	failures int
}

func (f *finding) take(e kafka.ReadEvent) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over {
		return
	}
	if e.Kind == kafka.ReadFailed {
		if f.failures++; f.failures == mostFailures {
			f.stop(e.Err)
		}
		return
	}
	f.failures = 0
	if !f.began {
		f.began = true
		f.at.Began, f.at.End = e.Next, e.End
	}
	if e.Kind == kafka.ReadSkipped && e.Err != nil {
		f.at.Broken++
		if f.search.Strict {
			f.stop(brokenError(&e))
			return
		}
		e.Records = nil // what stands for it matches nothing
	}
	for i := range e.Records {
		if f.look(&e.Records[i]) {
			return
		}
	}
	f.at.Next = e.Next
	if f.search.Progress != nil {
		f.search.Progress(f.at)
	}
	if f.at.Next >= f.at.End || e.CaughtUp {
		f.stop(ErrNotFound)
	}
}

func brokenError(e *kafka.ReadEvent) error {
	out := &BrokenError{TopicPartition: e.TopicPartition, From: e.From, Next: e.Next, Err: e.Err}
	if len(e.Records) > 0 {
		out.Batch = e.Records[0].Broken
	}
	return out
}

// look tells whether the search is over with this record.
func (f *finding) look(r *kafka.Record) bool {
	f.at.Read++
	f.at.Next = r.Offset
	switch {
	case f.search.Match == nil || f.search.Match(r):
		own := clone(r)
		f.found = &own
		f.stop(nil)
	case f.search.Most > 0 && f.at.Read >= f.search.Most:
		f.at.Next++
		f.stop(ErrNotFound)
	}
	return f.over
}

func (f *finding) stop(err error) {
	f.over = true
	f.end(err)
}

// clone is a record with bytes of its own.
func clone(r *kafka.Record) kafka.Record {
	out := *r
	out.Key, out.Value, out.Headers = bytes.Clone(r.Key), bytes.Clone(r.Value), nil
	for _, h := range r.Headers {
		out.Headers = append(out.Headers, kafka.Header{Key: strings.Clone(h.Key), Value: bytes.Clone(h.Value)})
	}
	return out
}

// Whole is the entry of a record that is kept in full.
func Whole(r kafka.Record) Entry {
	e := Entry{Record: r, KeySize: len(r.Key), ValueSize: len(r.Value), HeaderN: len(r.Headers)}
	for _, h := range r.Headers {
		e.HeaderSize += len(h.Key) + len(h.Value)
	}
	return e
}
