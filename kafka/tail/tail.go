package tail

import (
	"context"
	"sync"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/tail/filter"
	"lagtop/kafka/tail/order"
)

// Source reads records without a group until ctx ends; conn.Reader is one. See there for how on is called.
type Source interface {
	Follow(ctx context.Context, spec kafka.ReadSpec, on func(kafka.ReadEvent))
}

// Spec says what to follow, in what order and up to where, and how much of it to keep.
type Spec struct {
	Reads      []kafka.ReadSpec // a topic each; with their partitions where Until stops
	Until      order.Until
	Before     map[kafka.TopicPartition]int64 // with Until.End: a partition ends at this offset, where that comes first
	Keep       filter.Filter                  // of records that do not pass nothing is kept; the zero Filter keeps all
	Most       int64                          // records to read; 0 is no bound
	Merge      time.Duration                  // how long a record waits for older ones of other partitions; 0: none does
	Expect     []kafka.TopicPartition         // known to be there: with Merge their beginnings are waited for
	MaxBytes   int                            // memory for kept records; 0 is DefaultBytes. Half as much for those that wait
	MaxRecords int                            // 0 is DefaultRecords
	MaxValue   int                            // bytes kept of each key, value and set of headers; 0 is DefaultValue
	Wake       time.Duration                  // shortest time between two Updates; 0 is DefaultWake
}

// Topics are those that are followed, in the order of Reads.
func (s *Spec) Topics() []string {
	out := make([]string, len(s.Reads))
	for i := range s.Reads {
		out[i] = s.Reads[i].Topic
	}
	return out
}

// The bounds of a Spec that names none.
const (
	DefaultBytes   = 16 << 20
	DefaultRecords = 50_000
	DefaultValue   = 64 << 10
	DefaultWake    = 100 * time.Millisecond

	// DefaultMerge is a Spec.Merge for people: batches of producers (linger.ms is rarely above 100 ms) and the ways
	// of a record through replication and Fetch differ by less, and nobody sees that a line is as late as that.
	DefaultMerge = 250 * time.Millisecond
)

func (s Spec) withDefaults() Spec {
	if s.MaxBytes <= 0 {
		s.MaxBytes = DefaultBytes
	}
	if s.MaxRecords <= 0 {
		s.MaxRecords = DefaultRecords
	}
	if s.MaxValue <= 0 {
		s.MaxValue = DefaultValue
	}
	s.MaxValue = min(s.MaxValue, s.MaxBytes/4) // one record never outgrows the bound
	if s.Wake <= 0 {
		s.Wake = DefaultWake
	}
	return s
}

// Tail follows what its Spec names and keeps the newest records, in the order of their arrival, or of their
// timestamps with Spec.Merge. Its methods may be called from any goroutine. It must be closed.
type Tail struct {
	spec    Spec
	cancel  context.CancelFunc
	work    sync.WaitGroup
	updates chan struct{}

	mu       sync.Mutex
	ring     ring
	merged   order.Merger[Entry]
	progress *order.Progress
	parts    map[kafka.TopicPartition]*Partition
	errs     map[string]error // by topic, what concerns no single partition
	rate     rate
	claimed  int64 // records that are let in, of Spec.Most
	read     int64
	unsure   int64
	late     int64
	ending   ending
	paused   bool
	resumed  chan struct{} // closed by Resume
	woken    time.Time
	wakeWait *time.Timer // nil when no wake is due
	closed   bool
}

// Start begins to follow. The Tail ends with ctx or with Close.
func Start(ctx context.Context, src Source, spec Spec) *Tail {
	ctx, cancel := context.WithCancel(ctx)
	spec = spec.withDefaults()
	t := &Tail{
		spec: spec, cancel: cancel, updates: make(chan struct{}, 1),
		ring:     newRing(spec),
		progress: order.NewProgress(spec.Until, spec.Before),
		parts:    map[kafka.TopicPartition]*Partition{},
		errs:     map[string]error{},
		rate:     rate{began: time.Now()},
	}
	t.merged.Window, t.merged.Most = spec.Merge, spec.MaxBytes/2
	t.expect(time.Now())
	for _, read := range spec.Reads {
		if spec.Until.Stops() {
			read.Over = func(partition int32) bool {
				t.mu.Lock()
				defer t.mu.Unlock()
				return t.progress.Ended(kafka.TopicPartition{Topic: read.Topic, Partition: partition})
			}
		}
		t.work.Go(func() { src.Follow(ctx, read, func(e kafka.ReadEvent) { t.take(ctx, e) }) })
	}
	if spec.Merge > 0 || spec.Until.Stops() {
		t.work.Go(func() { t.watch(ctx) })
	}
	return t
}

// Close ends the following and waits until nothing of it is left. What was kept stays readable.
func (t *Tail) Close() {
	t.cancel()
	t.work.Wait()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	if t.wakeWait != nil {
		t.wakeWait.Stop()
		t.wakeWait = nil
	}
}

// Spec is what is followed.
func (t *Tail) Spec() Spec { return t.spec }

// Updates has an element when something changed since the last one was taken, at most every Spec.Wake.
func (t *Tail) Updates() <-chan struct{} { return t.updates }

// Pause stops taking records in. The places in the partitions are kept, and reading stops by back
// pressure: the cluster is not asked for more than what was under way. After Pause returns, the kept
// records do not change.
func (t *Tail) Pause() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.paused || t.ending != going {
		return
	}
	t.paused, t.resumed = true, make(chan struct{})
	t.changed()
}

// Resume goes on where Pause stopped: no record is lost or seen twice, except those that the log's
// retention removed meanwhile, which State and Partitions count as skipped.
func (t *Tail) Resume() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.paused {
		return
	}
	t.paused = false
	close(t.resumed)
	t.progress.Awake(time.Now())
	t.settle()
	t.changed()
}

// Stop ends the reading for good, as when all was read: what was kept stays.
func (t *Tail) Stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.paused {
		t.paused = false
		close(t.resumed)
	}
	t.end(stopped)
	t.changed()
}

// changed wakes the reader of Updates, now or when the last wake is long enough ago. It is called with
// mu held.
func (t *Tail) changed() {
	if t.wakeWait != nil || t.closed {
		return
	}
	wait := t.spec.Wake - time.Since(t.woken)
	if t.woken.IsZero() || wait <= 0 {
		t.wake()
		return
	}
	t.wakeWait = time.AfterFunc(wait, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.wakeWait = nil
		if !t.closed {
			t.wake()
		}
	})
}

func (t *Tail) wake() {
	t.woken = time.Now()
	select {
	case t.updates <- struct{}{}:
	default:
	}
}
