package poll

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/conn"
)

// session is what the poller's goroutine keeps between polls.
type session struct {
	p       *Poller
	ctx     context.Context // ends all connections
	cancel  context.CancelFunc
	results chan answer
	wg      sync.WaitGroup // every goroutine that was started

	polls  uint64
	nodes  []*node // brokers, by id
	seeds  []*node // bootstrap addresses, while no broker is known to answer
	source *node   // who answered Metadata last
	lost   error   // why nobody answered in the last poll

	world   world
	former  map[int32]kafka.Broker // as they were last seen
	info    conn.ClusterInfo
	infoOK  bool
	infos   chan conn.ClusterInfo
	infoAt  time.Time // when it was last asked for
	infoRun bool
	infoUp  int // brokers that were up then
	clock   clock
	stables stables

	pace     pace
	throttle time.Duration // the longest that a broker told in the newest poll
}

func newSession(ctx context.Context, p *Poller) *session {
	ctx, cancel := context.WithCancel(ctx)
	s := &session{
		p: p, ctx: ctx, cancel: cancel, results: make(chan answer, 16), infos: make(chan conn.ClusterInfo, 1),
		world: newWorld(), clock: newClock(), stables: newStables(),
	}
	s.world.scope = p.opts.Scope
	return s
}

// close ends all goroutines and waits for them. Calls in flight are aborted.
func (s *session) close() {
	s.cancel()
	for _, n := range slices.Concat(s.nodes, s.seeds) {
		n.close()
	}
	done := make(chan struct{})
	go func() {
		s.wg.Wait()
		s.closeBeside()
		close(done)
	}()
	for {
		select {
		case <-s.results:
		case <-done:
			return
		}
	}
}

func (s *session) start(id int32, addr string) *node {
	n := &node{id: id, addr: addr, jobs: make(chan job, maxJobs), apart: make(chan job, 1)}
	for _, jobs := range []chan job{n.jobs, n.apart} {
		b := conn.NewBroker(s.p.cfg, addr, &s.p.sent)
		s.wg.Go(func() { work(s.ctx, b, n, jobs, s.results) })
	}
	return n
}

// sow makes a node for each bootstrap address.
func (s *session) sow() {
	if len(s.seeds) > 0 {
		return
	}
	for i, addr := range s.p.cfg.Bootstrap {
		s.seeds = append(s.seeds, s.start(-1-int32(i), addr))
	}
}

// adopt makes the nodes equal to what Metadata says. A bootstrap address that is a broker's own
// becomes that broker, with its connection.
func (s *session) adopt(brokers []kafka.Broker) {
	var nodes []*node
	for i := range brokers {
		b := &brokers[i]
		n := s.node(b.ID)
		if n == nil || n.addr != b.Addr {
			n = s.fromSeed(b)
		}
		if n == nil {
			n = s.start(b.ID, b.Addr)
		}
		nodes = append(nodes, n)
	}
	for _, n := range slices.Concat(s.nodes, s.seeds) {
		if !slices.Contains(nodes, n) {
			n.close()
		}
	}
	s.nodes, s.seeds = nodes, nil
}

func (s *session) fromSeed(b *kafka.Broker) *node {
	for i, n := range s.seeds {
		if n.addr == b.Addr && n.up() && !n.lastOK.IsZero() {
			s.seeds = slices.Delete(s.seeds, i, i+1)
			n.id = b.ID
			return n
		}
	}
	return nil
}

func (s *session) node(id int32) *node {
	for _, n := range s.nodes {
		if n.id == id {
			return n
		}
	}
	return nil
}

func (s *session) owns(n *node) bool {
	return slices.Contains(s.nodes, n) || slices.Contains(s.seeds, n)
}

// give never blocks: a node that has work already gets Metadata and groups but once, and no offsets when it is full.
func (s *session) give(c *cycle, n *node, kind jobKind, do func(context.Context, *conn.Broker) answer) {
	n.pending++
	n.jobs <- job{kind: kind, poll: c.id, deadline: c.deadline, do: do}
}

// note keeps the health of the node that answered.
func (s *session) note(a answer, began time.Time) {
	if a.kind == jobShares {
		a.node.noteShares(a, began)
		return
	}
	a.node.pending--
	now := time.Now()
	if a.err != nil {
		if a.node.up() || a.node.failedIn != a.poll { // what was queued behind it fails as well
			a.node.failed(a.op, a.err, began, now, s.interval())
			a.node.failedIn = a.poll
		}
		return
	}
	a.node.succeeded(now)
}

// interval is the present one.
func (s *session) interval() time.Duration { return s.pace.interval(s.p.Interval()).Present }

// silent names a broker that does not answer in time, again and again; empty for none.
func (s *session) silent() string {
	for _, n := range s.nodes {
		if n.failures >= silentTries && conn.TimedOut(n.err) {
			return fmt.Sprintf("broker %d", n.id)
		}
	}
	return ""
}

// throttled is the longest time that a broker told in the newest poll, or still wants quiet for: one that is not asked
// meanwhile tells nothing.
func (s *session) throttled(now time.Time) time.Duration {
	longest := s.throttle
	for _, n := range s.nodes {
		longest = max(longest, n.quiet.Sub(now))
	}
	return longest
}

// rest waits for the next poll, and trusts no connection of before a sleep of the machine.
func (s *session) rest(began time.Time) {
	if s.pause(began) {
		s.reconnect()
	}
}

// pause is over when the next poll is due, or at once after a sleep, and tells whether there was one. Answers that
// come late heal or fail their node.
func (s *session) pause(began time.Time) (slept bool) {
	t := time.NewTimer(time.Until(began.Add(s.interval())))
	defer t.Stop()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case <-t.C:
			return s.p.slept(began) > sleepy
		case <-look.C:
			if s.p.slept(began) > sleepy {
				return true
			}
		case <-s.p.refresh:
			return s.p.slept(began) > sleepy
		case <-s.p.retime:
			t.Reset(time.Until(began.Add(s.interval())))
		case a := <-s.results:
			s.note(a, began)
		case i := <-s.infos:
			s.keepInfo(i)
		case found := <-s.clock.results:
			s.firstTimes(s.keepTimes(found))
		case found := <-s.stables.results:
			s.keepStable(found)
		case <-s.ctx.Done():
			return false
		}
	}
}

// infoEvery is the period of what moves slowly, infoLeast that while brokers come and go: the controller
// may be another one then. infoAgain is for one that is not told, infoTime what one reading may take.
const (
	infoEvery = 5 * time.Minute
	infoAgain = 30 * time.Second
	infoLeast = 5 * time.Second
	infoTime  = 5 * time.Second
)

// readCluster begins to read what moves slowly when it is due. The next snapshot after the answer
// carries it; none waits for it.
func (s *session) readCluster() {
	now := time.Now()
	up := 0
	for _, n := range s.nodes {
		if n.up() {
			up++
		}
	}
	period := infoEvery
	switch {
	case up != s.infoUp || !s.infoOK:
		period = infoLeast
	case s.info.Quorum && !s.info.Controller.OK:
		period = infoAgain
	}
	if up == 0 || s.infoRun || !s.infoAt.IsZero() && now.Sub(s.infoAt) < period {
		return
	}
	i := slices.IndexFunc(s.nodes, (*node).up)
	s.infoRun, s.infoAt, s.infoUp = true, now, up
	b, id := s.p.besideBroker(s.nodes[i].addr), s.nodes[i].id
	s.wg.Go(func() {
		defer b.Close()
		ctx, cancel := context.WithTimeout(s.ctx, infoTime)
		defer cancel()
		info, err := b.ReadCluster(ctx, id)
		if err != nil && info.Mode == kafka.ModeUnknown {
			info = conn.ClusterInfo{}
		}
		s.infos <- info
	})
}

// keepInfo lets a reading that failed not wipe what is known, but for the controller, who moves.
func (s *session) keepInfo(i conn.ClusterInfo) {
	s.infoRun = false
	if i == (conn.ClusterInfo{}) {
		s.info.Controller = kafka.Known[int32]{}
		return
	}
	if !i.OffsetsRetention.OK {
		i.OffsetsRetention = s.info.OffsetsRetention
	}
	s.info, s.infoOK = i, true
}
