package app

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/ui/pane"
)

// Facts reads what is slow to read and changes rarely; *conn.Admin is one.
type Facts interface {
	TopicConfigs(ctx context.Context, topic string) ([]kafka.Config, error)
	BrokerConfigs(ctx context.Context, id int32) ([]kafka.Config, error)
	LogDirs(ctx context.Context, id int32) ([]kafka.LogDir, error)
	Sizes(ctx context.Context, topic string) ([]kafka.LogSize, error)
	Quorum(ctx context.Context) ([]kafka.QuorumReplica, error)
	TopicSettings(ctx context.Context, topic string) ([]kafka.Config, error)
	Batches(ctx context.Context, topic string) ([]kafka.NewestBatches, error)
}

const (
	factFresh   = 30 * time.Second // an answer is good for so long
	factRetry   = 5 * time.Second  // after a failure
	factTimeout = 15 * time.Second // of one read
	factReads   = 3                // at once
	factsKept   = 64               // answers of one kind
)

// lookup is the store of slow facts. Its methods answer at once; what is missing or old is read by
// goroutines of its own, which close ends and waits for.
type lookup struct {
	facts  Facts
	now    func() time.Time
	ctx    context.Context
	cancel context.CancelFunc
	wake   chan struct{} // size one
	work   sync.WaitGroup

	mu           sync.Mutex
	reads        int // under way
	topicConfigs map[string]*fact[kafka.Config]
	configs      map[int32]*fact[kafka.Config]
	logDirs      map[int32]*fact[kafka.LogDir]
	sizes        map[string]*fact[kafka.LogSize]
	quorum       map[struct{}]*fact[kafka.QuorumReplica]
	settings     map[string]*fact[kafka.Config]
	batches      map[string]*fact[kafka.NewestBatches]
}

// fact is one answer with when it was last asked for and tried.
type fact[T any] struct {
	pane.Answer[[]T]
	tried, asked time.Time
}

func newLookup(ctx context.Context, facts Facts, now func() time.Time) *lookup {
	l := &lookup{
		facts: facts, now: now, wake: make(chan struct{}, 1),
		topicConfigs: map[string]*fact[kafka.Config]{}, configs: map[int32]*fact[kafka.Config]{}, logDirs: map[int32]*fact[kafka.LogDir]{},
		sizes: map[string]*fact[kafka.LogSize]{}, quorum: map[struct{}]*fact[kafka.QuorumReplica]{},
		settings: map[string]*fact[kafka.Config]{}, batches: map[string]*fact[kafka.NewestBatches]{},
	}
	l.ctx, l.cancel = context.WithCancel(ctx)
	return l
}

// TopicConfigs implements pane.Lookup.
func (l *lookup) TopicConfigs(topic string) pane.Answer[[]kafka.Config] {
	return lookUp(l, l.topicConfigs, topic, l.facts.TopicConfigs)
}

// BrokerConfigs implements pane.Lookup.
func (l *lookup) BrokerConfigs(id int32) pane.Answer[[]kafka.Config] {
	return lookUp(l, l.configs, id, l.facts.BrokerConfigs)
}

// LogDirs implements pane.Lookup.
func (l *lookup) LogDirs(id int32) pane.Answer[[]kafka.LogDir] {
	return lookUp(l, l.logDirs, id, l.facts.LogDirs)
}

// Sizes implements pane.Lookup.
func (l *lookup) Sizes(topic string) pane.Answer[[]kafka.LogSize] {
	return lookUp(l, l.sizes, topic, l.facts.Sizes)
}

// Quorum implements pane.Lookup.
func (l *lookup) Quorum() pane.Answer[[]kafka.QuorumReplica] {
	read := func(ctx context.Context, _ struct{}) ([]kafka.QuorumReplica, error) { return l.facts.Quorum(ctx) }
	return lookUp(l, l.quorum, struct{}{}, read)
}

// TopicSettings implements pane.Lookup.
func (l *lookup) TopicSettings(topic string) pane.Answer[[]kafka.Config] {
	return lookUp(l, l.settings, topic, l.facts.TopicSettings)
}

// Batches implements pane.Lookup.
func (l *lookup) Batches(topic string) pane.Answer[[]kafka.NewestBatches] {
	return lookUp(l, l.batches, topic, l.facts.Batches)
}

// lookUp answers with what is known and starts a read when that is missing or old. With too many reads
// under way it starts none; the wake that ends one of them lets the screen ask again.
func lookUp[K comparable, T any](l *lookup, shelf map[K]*fact[T], key K, read func(context.Context, K) ([]T, error)) pane.Answer[[]T] {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := shelf[key]
	if f == nil {
		makeRoom(shelf)
		f = &fact[T]{}
		shelf[key] = f
	}
	now := l.now()
	f.asked = now
	if factDue(f, now) && l.reads < factReads && l.ctx.Err() == nil {
		f.Pending, f.tried = true, now
		l.reads++
		l.work.Add(1)
		go func() {
			defer l.work.Done()
			ctx, cancel := context.WithTimeout(l.ctx, factTimeout)
			defer cancel()
			v, err := read(ctx, key)
			keepFact(l, f, v, err)
		}()
	}
	return f.Answer
}

func factDue[T any](f *fact[T], now time.Time) bool {
	age := now.Sub(f.tried)
	return !f.Pending && (f.tried.IsZero() || age >= factFresh || f.Err != nil && age >= factRetry)
}

// keepFact stores the outcome of a read. A failure leaves the older answer in place.
func keepFact[T any](l *lookup, f *fact[T], v []T, err error) {
	l.mu.Lock()
	l.reads--
	f.Pending = false
	if f.Err = err; err == nil {
		f.V, f.At = v, l.now()
	} else if errors.Is(err, context.DeadlineExceeded) {
		f.Err = errors.New("no answer within " + factTimeout.String())
	}
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// makeRoom drops the answer that was not asked for longest.
func makeRoom[K comparable, T any](shelf map[K]*fact[T]) {
	if len(shelf) < factsKept {
		return
	}
	oldest := slices.MinFunc(slices.Collect(maps.Keys(shelf)), func(a, b K) int { return shelf[a].asked.Compare(shelf[b].asked) })
	delete(shelf, oldest)
}

// lookupMsg says that an answer came.
type lookupMsg struct{}

// wait is the command that waits for the next answer.
func (l *lookup) wait() tea.Msg {
	select {
	case <-l.wake:
		return lookupMsg{}
	case <-l.ctx.Done():
		return nil
	}
}

// close ends the reads under way and waits for them.
func (l *lookup) close() {
	l.mu.Lock()
	l.cancel()
	l.mu.Unlock()
	l.work.Wait()
}
