// Package poll decides what to ask a cluster and when, and merges answers and failures into
// snapshots. It neither speaks the protocol (that is kafka/conn) nor judges what it read.
package poll

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/limit"
)

// The defaults of Options.
const (
	DefaultInterval = 2 * time.Second
	DefaultDeadline = 4 * time.Second
)

// MinInterval is the shortest time between the beginnings of two polls.
const MinInterval = 100 * time.Millisecond

// Options say how often to poll and what to do with each snapshot.
type Options struct {
	// Interval is from the beginning of one poll to that of the next. It grows while polls cost too much: see
	// the Pace of the snapshots.
	Interval time.Duration
	// Deadline is when a snapshot is published with what is there. Calls that hang are aborted then.
	Deadline time.Duration
	// Derive run in order, in the poller's goroutine, on each snapshot before it is published. They
	// may change it; nobody else sees it yet.
	Derive []func(*kafka.Snapshot)
	// Ages fills the ages of a snapshot from its partitions' Times, as (*lag.History).Ages does. Without it
	// leaders are not asked for them. With it the first snapshot is published again once they answered.
	Ages func(*kafka.Snapshot)
	// Stable is how often leaders are asked for their partitions' last stable offsets, one request a broker;
	// 0 for never. Once does not ask: one answer says nothing.
	Stable time.Duration
	// Scope limits what is asked: members and commits of groups that are out are not read, nor are the offsets of
	// topics that are out, or that no group reads which is in.
	Scope limit.Scope
}

// Poller reads a cluster over and over. Its methods may be called from any goroutine.
type Poller struct {
	cfg      conn.Config
	opts     Options
	interval atomic.Int64
	latest   atomic.Pointer[kafka.Snapshot]
	status   atomic.Pointer[Status]
	updates  chan struct{}
	refresh  chan struct{}
	retime   chan struct{}
	sent     atomic.Int64 // protocol requests since the last snapshot
	aside    atomic.Int64 // those beside the polls
	slept    func(since time.Time) time.Duration
}

// Status says how the connection to the cluster as a whole is. What single brokers, groups and topics
// lack is in the Faults of the snapshots.
type Status struct {
	Connecting bool // nothing has answered yet
	// Err is the first failing connection of a poll that got no answer from any broker, mostly a
	// *conn.StepError with an advice; nil when fine.
	Err    error
	Since  time.Time // of the present state
	LastOK time.Time // the last poll that got an answer, zero when there was none
}

// New makes a poller. It does nothing before Run or Once.
func New(cfg conn.Config, opts Options) *Poller {
	if opts.Interval <= 0 {
		opts.Interval = DefaultInterval
	}
	if opts.Deadline <= 0 {
		opts.Deadline = DefaultDeadline
	}
	p := &Poller{
		cfg: cfg, opts: opts,
		updates: make(chan struct{}, 1), refresh: make(chan struct{}, 1), retime: make(chan struct{}, 1),
		slept: slept,
	}
	p.SetInterval(opts.Interval)
	p.status.Store(&Status{Connecting: true, Since: wall(time.Now())})
	return p
}

// Latest is the newest snapshot, nil before the first. Nobody may change it.
func (p *Poller) Latest() *kafka.Snapshot { return p.latest.Load() }

// Status is the newest status.
func (p *Poller) Status() Status { return *p.status.Load() }

// Updates receives when Latest or Status has changed. Changes that were not looked at yet are one.
func (p *Poller) Updates() <-chan struct{} { return p.updates }

// Refresh begins the next poll now, or right after the present one.
func (p *Poller) Refresh() { signal(p.refresh) }

// Interval is the wanted time between the beginnings of two polls.
func (p *Poller) Interval() time.Duration { return time.Duration(p.interval.Load()) }

// SetInterval changes it, for the wait that is going on too. It is at least MinInterval.
func (p *Poller) SetInterval(d time.Duration) {
	p.interval.Store(int64(max(d, MinInterval)))
	signal(p.retime)
}

// signal leaves at most one token in c.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Run polls until ctx ends and returns its error. All goroutines and connections have ended then.
// Run and Once must not overlap.
func (p *Poller) Run(ctx context.Context) error {
	s := newSession(ctx, p)
	defer s.close()
	for ctx.Err() == nil {
		began := time.Now()
		snap, err := s.poll(began)
		if ctx.Err() != nil {
			break
		}
		p.report(err, began)
		s.pace = s.pace.after(time.Since(began), s.throttled(time.Now()), s.silent(), err != nil)
		if snap != nil {
			snap.Pace = s.pace.interval(p.Interval())
			p.publish(snap)
		}
		s.readCluster()
		s.askTimes(snap, time.Now())
		s.askStable(snap, time.Now())
		s.rest(began)
	}
	return ctx.Err()
}

// Once polls one time and closes all connections. The error is why no broker answered; a snapshot
// that misses parts says so in its Faults.
func (p *Poller) Once(ctx context.Context) (*kafka.Snapshot, error) {
	s := newSession(ctx, p)
	defer s.close()
	began := time.Now()
	snap, err := s.poll(began)
	if ended := ctx.Err(); errors.Is(ended, context.Canceled) || ended != nil && snap == nil && err == nil {
		snap, err = nil, ended // what was read until then is a part that nobody asked for
	}
	if snap == nil {
		return nil, fmt.Errorf("read the cluster: %w", err)
	}
	p.report(err, began)
	if p.opts.Ages != nil {
		p.opts.Ages(snap)
		s.askTimes(snap, time.Now())
		s.awaitTimes()
		snap = s.dated(snap)
	}
	p.publish(snap)
	return snap, nil
}

func (p *Poller) publish(snap *kafka.Snapshot) {
	for _, f := range p.opts.Derive {
		f(snap)
	}
	p.latest.Store(snap)
	signal(p.updates)
}

// report keeps the status: err is nil when any broker answered.
func (p *Poller) report(err error, began time.Time) {
	began = wall(began)
	old := p.Status()
	next := Status{Connecting: old.Connecting && err != nil, Err: err, Since: old.Since, LastOK: old.LastOK}
	if err == nil {
		next.LastOK = began
	}
	changed := next.Connecting != old.Connecting || (err == nil) != (old.Err == nil)
	if changed {
		next.Since = began
	}
	p.status.Store(&next)
	if changed || err != nil && err.Error() != old.Err.Error() {
		signal(p.updates)
	}
}
