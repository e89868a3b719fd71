package kafkatest

import (
	"errors"
	"net"
	"sync"
)

// mode is what a broker's gate does to its connections.
type mode int

const (
	open mode = iota
	hung
	down
)

var errDown = errors.New("the broker is down")

// gate stands between a fake broker and its connections.
type gate struct {
	mu      sync.Mutex
	mode    mode
	changed chan struct{} // closed and replaced when the mode changes
	conns   map[net.Conn]bool
}

func newGate() *gate {
	return &gate{changed: make(chan struct{}), conns: map[net.Conn]bool{}}
}

func (g *gate) set(m mode) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.mode = m
	close(g.changed)
	g.changed = make(chan struct{})
	if m != down {
		return
	}
	for c := range g.conns {
		_ = c.Close()
	}
	clear(g.conns)
}

// pass waits until the gate is open, or tells why it never will be for this connection.
func (g *gate) pass(closed <-chan struct{}) error {
	for {
		g.mu.Lock()
		m, changed := g.mode, g.changed
		g.mu.Unlock()
		switch m {
		case open:
			return nil
		case down:
			return errDown
		}
		select {
		case <-changed:
		case <-closed:
			return net.ErrClosed
		}
	}
}

// admit takes note of a new connection; false while the broker is down.
func (g *gate) admit(c net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.mode == down {
		return false
	}
	g.conns[c] = true
	return true
}

func (g *gate) forget(c net.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.conns, c)
}

type gatedListener struct {
	net.Listener
	gate *gate
}

func (l gatedListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if l.gate.admit(c) {
			return &gatedConn{Conn: c, gate: l.gate, closed: make(chan struct{})}, nil
		}
		_ = c.Close()
	}
}

// gatedConn hands on what it reads and writes while the gate is open.
type gatedConn struct {
	net.Conn
	gate   *gate
	once   sync.Once
	closed chan struct{}
}

func (c *gatedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if passErr := c.gate.pass(c.closed); passErr != nil {
		return 0, passErr
	}
	return n, err
}

func (c *gatedConn) Write(b []byte) (int, error) {
	if err := c.gate.pass(c.closed); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

func (c *gatedConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	c.gate.forget(c.Conn)
	return c.Conn.Close()
}
