package demo

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"lagtop/kafka/wait"
)

// maxConsumers of one group: more than its partitions would only wait, and a key held down must not
// fill the memory.
const maxConsumers = 24

const rejoinAfter = 300 * time.Millisecond

// group is the demo's consumers of one group, oldest first.
type group struct {
	spec   groupSpec
	name   string   // on the cluster
	topics []string // on the cluster
	gaps   *gaps

	mu       sync.Mutex // held through a leave, so that names stay unique
	protocol Protocol
	static   bool
	crew     []*consumer
	closed   bool
}

type consumer struct {
	*membership
	cancel context.CancelFunc
	gone   chan struct{} // closed when it has left
	frozen bool
	slow   bool
}

var (
	errNotOurs = errors.New("it is not one of the demo's groups")
	errNobody  = errors.New("the demo runs no consumer there")
)

func (d *Demo) newGroup(s groupSpec) *group {
	g := &group{spec: s, name: d.prefix + s.name, protocol: s.protocol, gaps: newGaps()}
	for _, t := range s.topics {
		g.topics = append(g.topics, d.prefix+t)
	}
	return g
}

// AddConsumer starts one more consumer of a group and returns its client id at once; it joins in the
// background and the group rebalances.
func (d *Demo) AddConsumer(name string) (clientID string, err error) {
	g, err := d.find(name)
	if err != nil {
		return "", fmt.Errorf("add a consumer to %s: %w", name, err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	c, err := d.add(g)
	if err != nil {
		return "", fmt.Errorf("add a consumer to %s: %w", name, err)
	}
	return c.clientID, nil
}

// RemoveConsumer stops the newest consumer of a group and returns its client id when it has left,
// which takes up to about two seconds in the middle of a rebalance.
func (d *Demo) RemoveConsumer(name string) (clientID string, err error) {
	g, err := d.find(name)
	if err != nil {
		return "", fmt.Errorf("remove a consumer from %s: %w", name, err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	c, err := g.pick("")
	if err != nil {
		return "", fmt.Errorf("remove a consumer from %s: %w", name, err)
	}
	d.retire(g, c)
	return c.clientID, nil
}

func (d *Demo) find(name string) (*group, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, g := range d.groups {
		if g.name == name {
			return g, nil
		}
	}
	return nil, errNotOurs
}

// pick is the consumer of that client id, or the newest one. The caller holds the lock.
func (g *group) pick(clientID string) (*consumer, error) {
	if g.closed {
		return nil, ErrClosed
	}
	for i := len(g.crew) - 1; i >= 0; i-- {
		if clientID == "" || g.crew[i].clientID == clientID {
			return g.crew[i], nil
		}
	}
	if len(g.crew) == 0 {
		return nil, errNobody
	}
	return nil, fmt.Errorf("%s is not a consumer of the demo", clientID)
}

// add starts a consumer under the lowest free number. The caller holds the lock.
func (d *Demo) add(g *group) (*consumer, error) {
	if g.closed || d.ctx.Err() != nil {
		return nil, ErrClosed
	}
	if len(g.crew) >= maxConsumers {
		return nil, fmt.Errorf("it has %d consumers, which is the demo's limit", len(g.crew))
	}
	ctx, cancel := context.WithCancel(d.ctx)
	c := &consumer{membership: d.membership(g), cancel: cancel, gone: make(chan struct{})}
	g.crew = append(g.crew, c)
	join := g.protocol.joiner(d.cluster == nil)
	d.fleet.Go(func() {
		defer close(c.gone)
		defer cancel()
		d.consume(ctx, c.membership, join)
	})
	return c, nil
}

func (d *Demo) membership(g *group) *membership {
	m := &membership{
		bootstrap: d.bootstrap, login: d.login, group: g.name, topics: g.topics, clientID: g.freeName(),
		wire: newWire(d.lines.dial), pace: paced(g.spec.rate * d.speed), gaps: g.gaps, lenient: g.spec.lenient, fetch: g.spec.fetch, joined: make(chan struct{}),
	}
	if g.static {
		m.instance = m.clientID
	}
	if to := g.spec.forward; to != "" {
		m.forward = func(topic string, key, value []byte) { d.forward(d.prefix+to, topic, key, value) }
	}
	return m
}

func (g *group) freeName() string {
	taken := map[string]bool{}
	for _, c := range g.crew {
		taken[c.clientID] = true
	}
	for n := 1; ; n++ {
		if id := g.name + "-" + strconv.Itoa(n); !taken[id] {
			return id
		}
	}
}

// retire stops a consumer, waits until it has left and forgets it. The caller holds the lock. A static member
// does not leave by stopping; its operator takes it out of the group.
func (d *Demo) retire(g *group, c *consumer) {
	g.stop(c)
	if c.instance != "" {
		d.leave(g, c.instance)
	}
}

// stop ends a consumer as a program does that is asked to. The caller holds the lock.
func (g *group) stop(c *consumer) {
	c.wire.freeze(false)
	c.cancel()
	<-c.gone
	g.gaps.gone(c.clientID, time.Now())
	for i, other := range g.crew {
		if other == c {
			g.crew = append(g.crew[:i:i], g.crew[i+1:]...)
			return
		}
	}
}

// consume joins, and joins again after a failure, until ctx ends.
func (d *Demo) consume(ctx context.Context, m *membership, join joiner) {
	select {
	case <-d.seeded:
	case <-ctx.Done():
		return
	}
	for ctx.Err() == nil {
		err := join(ctx, m)
		if ctx.Err() != nil {
			return
		}
		d.log.Warn("consumer left its group", "group", m.group, "client", m.clientID, "err", err)
		if wait.For(ctx, rejoinAfter) != nil {
			return
		}
	}
}

// shut refuses further changes and lets nobody hang.
func (g *group) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	for _, c := range g.crew {
		c.wire.freeze(false)
	}
}
