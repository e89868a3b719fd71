package poll

import (
	"context"
	"time"

	"lagtop/kafka/conn"
)

// node is one address that is asked: a broker, or a bootstrap address whose broker is not known yet.
// Its goroutines own the connections; all other fields belong to the poller's goroutine.
type node struct {
	id   int32 // the broker's; below 0 for a bootstrap address
	addr string
	jobs chan job
	// apart is for what it may be silent about while it is well: another connection, one job at a time.
	apart  chan job
	shares shares

	pending  int       // jobs given and not answered
	failures int       // in a row
	since    time.Time // the first of them
	retry    time.Time // not asked before
	quiet    time.Time // it said that it will not serve us before
	failedIn uint64    // the poll of the last failure
	op       string    // what failed last
	err      error
	lastOK   time.Time
	upSince  time.Time      // when the present row of good answers began
	listed   []conn.Listing // the groups in scope that it listed last; never changed
	out      int            // how many more are out of scope
}

// jobKind is what a job asks for.
type jobKind int

const (
	jobMetadata jobKind = iota
	jobGroups
	jobOffsets
	jobShares
)

// job is one thing to do on a node's connection, within a deadline.
type job struct {
	kind     jobKind
	poll     uint64
	deadline time.Time
	do       func(context.Context, *conn.Broker) answer
}

// answer is what came of a job. One of meta, groups, offsets and shares is set unless err is.
type answer struct {
	node    *node
	kind    jobKind
	poll    uint64
	meta    *conn.Metadata
	groups  *groupsAnswer
	offsets *offsetsAnswer
	shares  *sharesAnswer
	op      string // the API that failed
	err     error

	throttle time.Duration // the longest that the broker told
}

// maxJobs holds the groups and the offsets of one poll and two Metadata.
const maxJobs = 4

// work serves jobs until there are no more. Every job is answered.
func work(ctx context.Context, b *conn.Broker, n *node, jobs <-chan job, results chan<- answer) {
	defer b.Close()
	for j := range jobs {
		jctx, cancel := context.WithDeadline(ctx, j.deadline)
		a := j.do(jctx, b)
		cancel()
		a.node, a.kind, a.poll, a.throttle = n, j.kind, j.poll, b.Throttle()
		results <- a
	}
}

// close ends its goroutines when they have answered what they were given.
func (n *node) close() {
	close(n.jobs)
	close(n.apart)
}

// full tells whether it hangs for so many polls, in a login perhaps, that it can be given no more.
func (n *node) full() bool { return len(n.jobs) == cap(n.jobs) }

// up tells whether its last answer was good or it was never asked.
func (n *node) up() bool { return n.failures == 0 }

func (n *node) succeeded(now time.Time) {
	if !n.up() || n.lastOK.IsZero() {
		n.upSince = now
	}
	n.failures, n.err, n.op = 0, nil, ""
	n.lastOK = now
}

const (
	minBackoff = time.Second
	maxBackoff = 10 * time.Second
)

// failed counts from the beginning of the poll, so that a backoff of one interval does not skip the
// next poll by a hair. With short intervals it stays at one: a broker that comes back is seen at once.
func (n *node) failed(op string, err error, began, now time.Time, interval time.Duration) {
	if n.up() {
		n.since = now
	}
	n.failures++
	n.op, n.err = op, err
	wait := minBackoff << min(n.failures-1, 4)
	n.retry = began.Add(min(wait, max(minBackoff, min(interval, maxBackoff))))
}
