package demo

import (
	"context"
	"errors"
	"net"
	"sync"
)

// dial opens a connection to a broker.
type dial func(ctx context.Context, network, addr string) (net.Conn, error)

var errCut = errors.New("the consumer's network is cut")

// wire is all connections of one consumer, which can be stopped from outside as an operating system stops a
// process: cut is kill -9, freeze is SIGSTOP.
type wire struct {
	next dial

	mu     sync.Mutex
	dead   bool
	frozen chan struct{} // closed at thaw; nil while it runs
	conns  map[*wireConn]struct{}
}

func newWire(next dial) *wire { return &wire{next: next, conns: map[*wireConn]struct{}{}} }

// Dial is for sarama, which asks for a proxy.
func (w *wire) Dial(network, addr string) (net.Conn, error) {
	return w.dial(context.Background(), network, addr)
}

func (w *wire) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if err := w.pass(ctx.Done()); err != nil {
		return nil, err
	}
	raw, err := w.next(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	c := &wireConn{Conn: raw, wire: w, closed: make(chan struct{})}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.dead {
		_ = raw.Close()
		return nil, errCut
	}
	w.conns[c] = struct{}{}
	return c, nil
}

// pass waits while the wire is frozen, until it is given up.
func (w *wire) pass(giveUp <-chan struct{}) error {
	for {
		w.mu.Lock()
		thaw, dead := w.frozen, w.dead
		w.mu.Unlock()
		switch {
		case dead:
			return errCut
		case thaw == nil:
			return nil
		}
		select {
		case <-thaw:
		case <-giveUp:
			return errCut
		}
	}
}

// freeze lets nothing more out; false thaws it.
func (w *wire) freeze(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case on && w.frozen == nil && !w.dead:
		w.frozen = make(chan struct{})
	case !on && w.frozen != nil:
		close(w.frozen)
		w.frozen = nil
	}
}

// cut closes everything at once and for good.
func (w *wire) cut() {
	w.freeze(false)
	w.mu.Lock()
	w.dead = true
	conns := w.conns
	w.conns = map[*wireConn]struct{}{}
	w.mu.Unlock()
	for c := range conns {
		_ = c.Close()
	}
}

type wireConn struct {
	net.Conn
	wire   *wire
	once   sync.Once
	closed chan struct{}
}

// Write implements net.Conn.
func (c *wireConn) Write(p []byte) (int, error) {
	if err := c.wire.pass(c.closed); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

// Close implements net.Conn.
func (c *wireConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	c.wire.mu.Lock()
	delete(c.wire.conns, c)
	c.wire.mu.Unlock()
	return c.Conn.Close()
}
