package conn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/IBM/sarama"
)

const (
	// eachShare is the part of the time until the deadline that commits may take where each group takes a
	// request: members and log ends are still to come.
	eachShare = 3
	// eachAtOnce is how many of those requests are under way: as many as sarama sends before it waits.
	eachAtOnce = 5
)

// PartError says that there was not enough time for all. It comes with what was read; the next call begins
// with the rest.
type PartError struct{ Read, All int }

// Error says why it takes so long: it is the only case.
func (e *PartError) Error() string {
	return fmt.Sprintf("%d of %d groups were read, the others come with the next polls: before Kafka 3.0 each group takes a request of its own", e.Read, e.All)
}

// eachCommits reads the commits of groups with one request each, in a third of the time that is left until
// the deadline. When that is too short its error is a *PartError.
func (b *Broker) eachCommits(ctx context.Context, names []string) ([]Commits, error) {
	until := time.Now().Add(time.Hour)
	if deadline, ok := ctx.Deadline(); ok {
		until = time.Now().Add(time.Until(deadline) / eachShare)
	}
	out, err := call(ctx, b, "OffsetFetch", func(s *sarama.Broker) ([]Commits, error) {
		e := &each{names: b.fromNext(names), until: until, b: b, s: s}
		return e.run()
	})
	if err == nil && len(out) < len(names) {
		err = &PartError{Read: len(out), All: len(names)}
	}
	return out, err
}

// fromNext are the names, which are sorted, from where the last call ended, and round. Called with mu held.
func (b *Broker) fromNext(names []string) []string {
	i, _ := slices.BinarySearch(names, b.nextGroup)
	return slices.Concat(names[i:], names[:i])
}

// each is one call of eachCommits, whose caller holds b.mu.
type each struct {
	names []string
	until time.Time
	b     *Broker
	s     *sarama.Broker

	mu   sync.Mutex
	next int // of names, the first that nobody asks for yet
	err  error
}

func (e *each) run() ([]Commits, error) {
	out := make([]Commits, len(e.names))
	var work sync.WaitGroup
	for range min(eachAtOnce, len(e.names)) {
		work.Go(func() {
			for i := e.take(); i >= 0; i = e.take() {
				r, err := e.s.FetchOffset(offsetFetch(e.names[i]))
				if e.note(r, err) {
					out[i] = commitsOf(e.names[i], r.Blocks, r.Err)
				}
			}
		})
	}
	work.Wait()
	if e.err != nil {
		return nil, e.err
	}
	if e.next < len(e.names) {
		e.b.nextGroup = e.names[e.next]
	}
	return out[:e.next], nil
}

// take is the next of names to ask for, below 0 when there is none, no time for it, or one has failed. The
// first is always asked for.
func (e *each) take() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err != nil || e.next == len(e.names) || e.next > 0 && (!time.Now().Before(e.until) || e.b.isQuiet()) {
		return -1
	}
	e.next++
	return e.next - 1
}

// note keeps what an answer or its failure says for the whole call and tells whether it is an answer.
func (e *each) note(r *sarama.OffsetFetchResponse, err error) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err != nil {
		e.err = errors.Join(e.err, err)
		return false
	}
	e.b.noteThrottle(r)
	return true
}
