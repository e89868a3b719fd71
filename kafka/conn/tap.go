package conn

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
)

// tap is a connection that tells a Log what goes over it, by the first bytes of each frame: both libraries
// write a request at once, and answers name theirs by correlation id. It sees the version that was really
// sent, and all that a library sends by itself.
type tap struct {
	net.Conn
	log     *Log
	addr    string
	purpose kafka.Purpose
	sent    *atomic.Int64 // counts the requests; may be nil

	mu      sync.Mutex
	outLeft int // bytes of the present request still to be written
	waiting []tapped
	last    uint64 // the request that ended last, with an answer or without
	ended   bool   // there is one
	lost    bool   // it had no answer

	in frame // by the one goroutine that reads
}

// tapped is a request under way.
type tapped struct {
	correlation int32
	number      uint64
}

// tapConn watches c for a client of this configuration. sent may be nil.
func (c Config) tapConn(under net.Conn, addr string, sent *atomic.Int64) *tap {
	return &tap{Conn: under, log: c.Log, addr: addr, purpose: c.Purpose, sent: sent}
}

// tapDial watches the connections of a client that has a dial function.
func (c Config) tapDial(dial func(ctx context.Context, network, addr string) (net.Conn, error)) func(ctx context.Context, network, addr string) (net.Conn, error) {
	if c.Log == nil {
		return dial
	}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		began := time.Now()
		under, err := dial(ctx, network, addr)
		if err != nil {
			c.Log.unconnected(addr, c.Purpose, began, err)
			return nil, err
		}
		return c.tapConn(under, addr, nil), nil
	}
}

// tapDialer watches the one connection of a Broker.
type tapDialer struct {
	*dialer
	cfg  Config
	sent *atomic.Int64
	tap  *tap // nil before Dial succeeded
}

// Dial implements proxy.Dialer.
func (d *tapDialer) Dial(network, addr string) (net.Conn, error) {
	began := time.Now()
	under, err := d.dialer.Dial(network, addr)
	if err != nil {
		d.cfg.Log.unconnected(addr, d.cfg.Purpose, began, err)
		return nil, err
	}
	d.tap = d.cfg.tapConn(under, addr, d.sent)
	return d.tap, nil
}

// A request begins with its size, API key, API version and correlation id.
const requestHead = 12

// Write implements net.Conn.
func (t *tap) Write(p []byte) (int, error) {
	t.begin(p)
	n, err := t.Conn.Write(p)
	if err != nil {
		t.fail(err)
	}
	return n, err
}

func (t *tap) begin(p []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.outLeft > 0 || len(p) < requestHead {
		t.outLeft = max(t.outLeft-len(p), 0)
		return
	}
	size := int32(binary.BigEndian.Uint32(p))
	key := int16(binary.BigEndian.Uint16(p[4:]))
	if key < 0 || key > kmsg.MaxKey || size < requestHead-4 {
		return // bytes of a login that are in no frame
	}
	t.outLeft = max(int(size)+4-len(p), 0)
	if t.sent != nil {
		t.sent.Add(1)
	}
	number := t.log.begin(logEntry{
		addr: t.addr, purpose: t.purpose, key: key, version: int16(binary.BigEndian.Uint16(p[6:])), out: size + 4,
	})
	t.waiting = append(t.waiting, tapped{int32(binary.BigEndian.Uint32(p[8:])), number})
}

// Read implements net.Conn.
func (t *tap) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	t.in.feed(p[:n], t.end)
	return n, err
}

// end notes that the answer to a request has come whole.
func (t *tap) end(correlation, size int32) {
	t.mu.Lock()
	defer t.mu.Unlock()
	i := slices.IndexFunc(t.waiting, func(w tapped) bool { return w.correlation == correlation })
	if i < 0 {
		return
	}
	t.last, t.ended, t.lost = t.waiting[i].number, true, false
	t.waiting = slices.Delete(t.waiting, i, i+1)
	t.log.end(t.last, size, "")
}

// Close implements net.Conn. What is not answered now never will be.
func (t *tap) Close() error {
	t.lose("the connection was closed before the answer came")
	return t.Conn.Close()
}

// lose fails what waits for an answer and tells whether there was any.
func (t *tap) lose(reason string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, w := range t.waiting {
		t.log.end(w.number, 0, reason)
		t.last, t.ended, t.lost = w.number, true, true
	}
	had := len(t.waiting) > 0
	t.waiting = nil
	return had
}

// fail says why the present request failed: without an answer, or with one that cannot be read. sarama may
// have closed the connection before.
func (t *tap) fail(err error) {
	if t == nil || t.lose(short(err)) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended && (t.lost || undecodable(err)) {
		t.log.spoil(t.last, short(err))
	}
}

// short is a failure without the address, which is said beside it. It is empty for what we gave up ourselves.
func short(err error) string {
	var step *StepError
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, errAdminClosed):
		return ""
	case errors.As(err, &step):
		return string(step.Step) + ": " + step.Err.Error()
	}
	return strings.TrimSuffix(bare(err).Error(), ": "+context.DeadlineExceeded.Error()) // "no answer in time" says it
}

// frame finds the answers in a stream of bytes.
type frame struct {
	head [8]byte // size and correlation id
	got  int     // bytes of head
	left int     // bytes of the present answer after its head
}

// feed calls whole with the correlation id and size in bytes of each answer that ends in p.
func (f *frame) feed(p []byte, whole func(correlation, size int32)) {
	for len(p) > 0 {
		if f.got < len(f.head) {
			n := copy(f.head[f.got:], p)
			f.got += n
			p = p[n:]
			if f.got < len(f.head) {
				return
			}
			f.left = int(int32(binary.BigEndian.Uint32(f.head[:]))) - 4
		}
		n := min(max(f.left, 0), len(p))
		f.left -= n
		p = p[n:]
		if f.left <= 0 {
			whole(int32(binary.BigEndian.Uint32(f.head[4:])), int32(binary.BigEndian.Uint32(f.head[:]))+4)
			f.got = 0
		}
	}
}
