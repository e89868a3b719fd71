package poll

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/conn"
)

// cycle is one poll: what was asked, what came.
type cycle struct {
	id              uint64
	began, deadline time.Time

	meta    *conn.Metadata
	tried   []*node // asked for Metadata
	waiting int     // answers to Metadata still to come
	lost    error   // the first failure of Metadata
	lostOn  *node

	groups    map[*node]*groupsAnswer
	offsets   map[*node]*offsetsAnswer
	waitA     []*node // whose groups the snapshot waits for
	waitS     []*node // whose share offsets it waits for, for half of the deadline
	waitB     []*node // whose offsets it waits for
	asked     []*node // asked for offsets
	askedEnds bool
	late      bool            // do not wait any longer for groups before asking for ends
	needed    map[string]bool // topics of groups in scope, once it was asked for; nil before
}

// grace is how long aborted calls may take to say so.
const grace = 250 * time.Millisecond

// poll asks everybody and merges. The error is why nobody answered; the snapshot is nil when nothing
// was ever known.
func (s *session) poll(began time.Time) (*kafka.Snapshot, error) {
	s.polls++
	c := &cycle{
		id: s.polls, began: began, deadline: began.Add(s.p.opts.Deadline),
		groups: map[*node]*groupsAnswer{}, offsets: map[*node]*offsetsAnswer{},
	}
	s.throttle, s.pace.each = 0, 0
	s.askMetadata(c)
	for _, n := range s.nodes {
		s.askGroups(c, n)
	}
	s.gather(c)
	return s.snapshot(c, time.Now()), s.outage(c)
}

// outage is why nobody answered in this poll, nil when somebody did.
func (s *session) outage(c *cycle) error {
	switch {
	case c.meta != nil || len(c.groups) > 0:
		s.lost = nil
	case c.lost != nil:
		s.lost = c.lost
		var step *conn.StepError
		if errors.As(c.lost, &step) {
			s.lost = step // says all that the operation around it says, and the advice
		}
	case s.lost == nil:
		s.lost = fmt.Errorf("no answer from %v", s.p.cfg.Bootstrap)
	}
	return s.lost
}

// gather takes answers until all that are waited for have come, or the deadline has.
func (s *session) gather(c *cycle) {
	whole := s.p.opts.Deadline
	hard := time.NewTimer(time.Until(c.deadline.Add(grace)))
	defer hard.Stop()
	late := time.NewTimer(whole / 2)
	defer late.Stop()
	hedge := time.NewTicker(whole / 4)
	defer hedge.Stop()
	for !c.done() {
		select {
		case a := <-s.results:
			s.take(c, a)
		case <-hedge.C:
			if c.meta == nil {
				s.askMetadata(c)
			}
		case <-late.C:
			c.late = true
		case <-hard.C:
			return
		case <-s.ctx.Done():
			return
		}
		s.advance(c)
	}
}

func (c *cycle) done() bool {
	if c.meta == nil && c.waiting > 0 {
		return false
	}
	if len(c.waitS) > 0 && !c.late {
		return false
	}
	return len(c.waitA) == 0 && len(c.waitB) == 0 && (c.askedEnds || c.meta == nil && c.waiting == 0)
}

// askMetadata asks the next one who was not asked in this poll.
func (s *session) askMetadata(c *cycle) {
	n := s.nextSource(c)
	if n == nil {
		return
	}
	c.tried = append(c.tried, n)
	c.waiting++
	s.give(c, n, jobMetadata, askMetadata)
}

// nextSource prefers the last one who answered, then other brokers that are up and idle, then busy
// ones, then the bootstrap addresses, then anybody.
func (s *session) nextSource(c *cycle) *node {
	fits := func(n *node, up bool, busy int) bool {
		return n.up() == up && n.pending <= busy && !slices.Contains(c.tried, n)
	}
	if s.source != nil && s.owns(s.source) && fits(s.source, true, 0) {
		return s.source
	}
	for _, busy := range []int{0, 1} {
		if i := slices.IndexFunc(s.nodes, func(n *node) bool { return fits(n, true, busy) }); i >= 0 {
			return s.nodes[i]
		}
	}
	s.sow()
	for _, up := range []bool{true, false} {
		for _, n := range slices.Concat(s.seeds, s.nodes) {
			if fits(n, up, 0) {
				return n
			}
		}
	}
	return nil
}

// askGroups asks a broker for its groups. One that is known to be down is tried when its backoff is
// over, and not waited for.
func (s *session) askGroups(c *cycle, n *node) {
	if n.pending > 0 && !slices.Contains(c.tried, n) || !n.up() && c.began.Before(n.retry) {
		return
	}
	if n.up() {
		c.waitA = append(c.waitA, n)
	}
	s.give(c, n, jobGroups, askGroups(&s.world.scope, n.listed, n.out))
}

// take works one answer in. Answers of earlier polls only tell that their node is well or not.
func (s *session) take(c *cycle, a answer) {
	s.note(a, c.began)
	s.throttle = max(s.throttle, a.throttle)
	if a.throttle > 0 {
		a.node.quiet = time.Now().Add(a.throttle)
	}
	if a.poll != c.id {
		return
	}
	switch a.kind {
	case jobMetadata:
		s.takeMetadata(c, a)
	case jobGroups:
		c.waitA = without(c.waitA, a.node)
		if a.err == nil && s.owns(a.node) {
			c.groups[a.node], a.node.listed, a.node.out = a.groups, a.groups.listed, a.groups.out
			a.groups.shares, a.groups.sharesOld = a.node.shares.rows, true
			s.askShares(c, a.node, a.groups.sharing)
			s.pace.each = max(s.pace.each, a.groups.each)
			if c.askedEnds {
				s.askEnds(c, a.node)
			}
		}
	case jobShares:
		c.waitS = without(c.waitS, a.node)
		if g := c.groups[a.node]; g != nil && a.err == nil {
			g.shares, g.sharesOld = a.shares.rows, false
		}
	case jobOffsets:
		c.waitB = without(c.waitB, a.node)
		if a.err == nil && s.owns(a.node) {
			c.offsets[a.node] = a.offsets
		}
	}
}

func (s *session) takeMetadata(c *cycle, a answer) {
	c.waiting--
	switch {
	case a.err != nil:
		if c.lost == nil {
			c.lost, c.lostOn = a.err, a.node
		}
		if c.meta == nil {
			s.askMetadata(c)
		}
	case c.meta == nil:
		c.meta = a.meta
		s.world.see(a.meta)
		known := slices.Clone(s.nodes)
		s.adopt(a.meta.Brokers)
		s.source = a.node
		for _, n := range s.nodes {
			if !slices.Contains(known, n) {
				s.askGroups(c, n)
			}
		}
		c.waitA = slices.DeleteFunc(c.waitA, func(n *node) bool { return !s.owns(n) })
	}
}

// advance asks for the ends as soon as the commits are in: asked before, lag would come out too small.
func (s *session) advance(c *cycle) {
	if c.askedEnds || c.meta == nil && c.waiting > 0 || len(c.waitA)+len(c.waitS) > 0 && !c.late {
		return
	}
	c.askedEnds = true
	for _, n := range s.nodes {
		if n.up() {
			s.askEnds(c, n)
		}
	}
}

func (s *session) askEnds(c *cycle, n *node) {
	if slices.Contains(c.asked, n) || n.full() {
		return
	}
	c.asked = append(c.asked, n)
	if parts := s.world.ledBy(n.id, s.wanted(c)); len(parts) > 0 {
		c.waitB = append(c.waitB, n)
		s.give(c, n, jobOffsets, askOffsets(parts))
	}
}

func without(in []*node, n *node) []*node {
	return slices.DeleteFunc(in, func(x *node) bool { return x == n })
}
