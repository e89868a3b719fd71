package demo

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"
)

// maxConsumers of one group: more than its partitions would only wait, and a key held down must not
// fill the memory.
const maxConsumers = 24

const rejoinAfter = 300 * time.Millisecond

// membership is what a consumer needs to join.
type membership struct {
	bootstrap []string
	group     string
	topics    []string
	clientID  string
}

// joiner is a member of a group from its join to its leave. It returns when ctx ends, having left,
// or when the membership cannot go on.
type joiner func(ctx context.Context, m membership) error

// group is the demo's consumers of one group, oldest first.
type group struct {
	spec groupSpec

	mu     sync.Mutex // held through a leave, so that names stay unique
	crew   []consumer
	closed bool
}

type consumer struct {
	clientID string
	cancel   context.CancelFunc
	gone     chan struct{} // closed when it has left
}

// AddConsumer starts one more consumer of a group and returns its client id at once; it joins in the
// background and the group rebalances.
func (d *Demo) AddConsumer(name string) (clientID string, err error) {
	g, err := d.find(name)
	if err != nil {
		return "", fmt.Errorf("add a consumer to %s: %w", name, err)
	}
	if clientID, err = d.add(g); err != nil {
		return "", fmt.Errorf("add a consumer to %s: %w", name, err)
	}
	return clientID, nil
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
	if g.closed {
		return "", fmt.Errorf("remove a consumer from %s: %w", name, ErrClosed)
	}
	if len(g.crew) == 0 {
		return "", fmt.Errorf("remove a consumer from %s: the demo runs none there", name)
	}
	last := g.crew[len(g.crew)-1]
	g.crew = g.crew[:len(g.crew)-1]
	last.cancel()
	<-last.gone
	return last.clientID, nil
}

func (d *Demo) find(name string) (*group, error) {
	for _, g := range d.groups {
		if g.spec.name == name {
			return g, nil
		}
	}
	return nil, fmt.Errorf("it is not one of the demo's groups")
}

func (d *Demo) add(g *group) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed || d.ctx.Err() != nil {
		return "", ErrClosed
	}
	if len(g.crew) >= maxConsumers {
		return "", fmt.Errorf("it has %d consumers, which is the demo's limit", len(g.crew))
	}
	ctx, cancel := context.WithCancel(d.ctx)
	c := consumer{
		clientID: g.spec.name + "-" + strconv.Itoa(len(g.crew)+1),
		cancel:   cancel,
		gone:     make(chan struct{}),
	}
	g.crew = append(g.crew, c)
	m := membership{bootstrap: d.bootstrap, group: g.spec.name, topics: g.spec.topics, clientID: c.clientID}
	d.fleet.Add(1)
	go func() {
		defer d.fleet.Done()
		defer close(c.gone)
		defer cancel()
		d.consume(ctx, m, g.spec.join)
	}()
	return c.clientID, nil
}

// consume joins, and joins again after a failure, until ctx ends.
func (d *Demo) consume(ctx context.Context, m membership, join joiner) {
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
		if !pause(ctx, rejoinAfter) {
			return
		}
	}
}

// shut refuses further changes.
func (g *group) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
}
