package conn

import (
	"net"
	"sync"
	"time"
)

// mostAnswer is how many times the wait for an answer's beginning the whole of it may take.
const mostAnswer = 20

// flowing is a connection whose read deadline is one for silence: as long as bytes come, it moves on. Both client
// libraries set it once for a whole answer, so a large one over a slow link would never come, however often it is
// asked for. An answer that only drips ends after mostAnswer times the wait.
type flowing struct {
	net.Conn

	mu    sync.Mutex
	wait  time.Duration // 0: without a deadline, or it has passed already
	until time.Time     // no deadline is later than this
}

// SetDeadline implements net.Conn.
func (f *flowing) SetDeadline(at time.Time) error {
	if err := f.SetReadDeadline(at); err != nil {
		return err
	}
	return f.SetWriteDeadline(at)
}

// SetReadDeadline implements net.Conn.
func (f *flowing) SetReadDeadline(at time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.wait = 0
	if now := time.Now(); at.After(now) {
		f.wait = at.Sub(now)
		f.until = now.Add(mostAnswer * f.wait)
	}
	return f.Conn.SetReadDeadline(at)
}

// Read implements net.Conn.
func (f *flowing) Read(p []byte) (int, error) {
	n, err := f.Conn.Read(p)
	if n > 0 && err == nil {
		err = f.move()
	}
	return n, err
}

// move puts the deadline off, but for one that was set to end what is being read.
func (f *flowing) move() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.wait == 0 {
		return nil
	}
	at := time.Now().Add(f.wait)
	if at.After(f.until) {
		at = f.until
	}
	return f.Conn.SetReadDeadline(at)
}
