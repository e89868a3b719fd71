package tail

import (
	"context"
	"sync"
	"time"

	"lagtop/kafka"
)

// Source reads records without a group until ctx ends; conn.Reader is one. See there for how on is called.
type Source interface {
	Follow(ctx context.Context, spec kafka.ReadSpec, on func(kafka.ReadEvent))
}

// Spec says what to follow, and how much of it to keep.
type Spec struct {
	kafka.ReadSpec
	MaxBytes   int           // memory for records; 0 is DefaultBytes
	MaxRecords int           // 0 is DefaultRecords
	MaxValue   int           // bytes kept of each key, value and set of headers; 0 is DefaultValue
	Wake       time.Duration // shortest time between two Updates; 0 is DefaultWake
}

// The bounds of a Spec that names none.
const (
	DefaultBytes   = 16 << 20
	DefaultRecords = 50_000
	DefaultValue   = 64 << 10
	DefaultWake    = 100 * time.Millisecond
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

// Tail follows what its Spec names and keeps the newest records, in the order of their arrival. Its
// methods may be called from any goroutine. It must be closed.
type Tail struct {
	spec    Spec
	cancel  context.CancelFunc
	done    chan struct{}
	updates chan struct{}

	mu       sync.Mutex
	ring     ring
	parts    map[int32]*Partition
	err      error // what concerns no single partition
	rate     rate
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
		spec: spec, cancel: cancel,
		done: make(chan struct{}), updates: make(chan struct{}, 1),
		ring:  newRing(spec),
		parts: map[int32]*Partition{},
		rate:  rate{began: time.Now()},
	}
	go func() {
		defer close(t.done)
		src.Follow(ctx, spec.ReadSpec, func(e kafka.ReadEvent) { t.take(ctx, e) })
	}()
	return t
}

// Close ends the following and waits until nothing of it is left. What was kept stays readable.
func (t *Tail) Close() {
	t.cancel()
	<-t.done
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
	if t.paused {
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
	t.changed()
}

// take is called by the source. Records wait here while the Tail is paused.
func (t *Tail) take(ctx context.Context, e kafka.ReadEvent) {
	t.mu.Lock()
	for t.paused && len(e.Records) > 0 {
		resumed := t.resumed
		t.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-resumed:
		}
		t.mu.Lock()
	}
	defer t.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	t.note(e)
	for i := range e.Records {
		t.ring.add(&e.Records[i])
	}
	t.rate.add(time.Now(), len(e.Records))
	t.changed()
}

// note keeps what an event says of its partition.
func (t *Tail) note(e kafka.ReadEvent) {
	if e.Partition < 0 {
		t.err = e.Err
		return
	}
	t.err = nil
	p := t.parts[e.Partition]
	if p == nil {
		p = &Partition{ID: e.Partition}
		t.parts[e.Partition] = p
	}
	if e.Kind == kafka.ReadFailed {
		p.Err = e.Err
		if p.Since.IsZero() {
			p.Since = time.Now()
		}
		return
	}
	p.Err, p.Since = nil, time.Time{}
	p.Next, p.End, p.CaughtUp = kafka.Some(e.Next), kafka.Some(e.End), e.CaughtUp
	switch e.Kind {
	case kafka.ReadBegan, kafka.ReadSkipped:
		p.began()
	}
	if e.Kind == kafka.ReadSkipped {
		p.Skips++
		if e.Err != nil {
			p.Corrupt++
		}
		p.Skipped += max(e.Next-e.From, 0)
		p.LastSkip = Skip{From: e.From, To: e.Next, At: time.Now(), Err: e.Err}
	}
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
