package conn

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"

	"github.com/rcrowley/go-metrics"
)

// maxFrame is the longest answer that is believed to be Kafka's: sarama's own limit.
const maxFrame = 100 << 20

// dialer opens the connection of one Broker for sarama and can cut it at any moment. It is the only
// way to end a call that hangs: sarama's Close waits for it. It serves one connection, once.
type dialer struct {
	cfg    Config
	ctx    context.Context // ends a dial in progress
	cancel context.CancelFunc

	mu   sync.Mutex
	conn *guarded
}

func newDialer(cfg Config) *dialer {
	ctx, cancel := context.WithCancel(context.Background())
	return &dialer{cfg: cfg.withDefaults(), ctx: ctx, cancel: cancel}
}

// Dial connects, with TLS where it is configured. Its error is a *StepError.
func (d *dialer) Dial(network, addr string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(d.ctx, d.cfg.DialTimeout)
	defer cancel()
	open, err := d.cfg.dial(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	g := &guarded{Conn: open, addr: addr}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ctx.Err() != nil {
		_ = g.cut()
		return nil, &StepError{Addr: addr, Step: StepConnect, Err: d.ctx.Err()}
	}
	d.conn = g
	return d.cfg.guard(g), nil
}

// abort ends the dial or closes the connection; calls in flight fail at once.
func (d *dialer) abort() {
	d.cancel()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.conn != nil {
		_ = d.conn.cut()
	}
}

// refused is why the other side is no Kafka broker that we can talk to, nil when it may be one.
func (d *dialer) refused() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.conn == nil {
		return nil
	}
	return d.conn.verdict()
}

// answered tells whether a Kafka broker said anything yet: ApiVersions comes before the login.
func (d *dialer) answered() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.conn == nil {
		return false
	}
	d.conn.mu.Lock()
	defer d.conn.mu.Unlock()
	return d.conn.answered
}

// dial connects to addr by map and proxy, with TLS where it is configured: the way of both client
// libraries to a broker. The certificate is checked for the name in addr, wherever the map leads. Its
// error is a *StepError.
func (c Config) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	var conf *tls.Config
	if c.Auth.TLS != nil {
		host, _, err := net.SplitHostPort(addr)
		if err == nil {
			conf, err = c.Auth.TLS.config(ctx, host)
		}
		if err != nil {
			return nil, &StepError{Addr: addr, Step: StepTLS, Err: err, Advice: adviceStore}
		}
	}
	raw, err := c.connect(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	raw = &flowing{Conn: raw}
	if conf == nil {
		return raw, nil
	}
	t := tls.Client(raw, conf)
	if err := t.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, tlsError(addr, err)
	}
	return t, nil
}

// dialInTime is dial bounded by the configuration.
func (c Config) dialInTime(ctx context.Context, network, addr string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, c.DialTimeout)
	defer cancel()
	return c.dial(ctx, network, addr)
}

const adviceMutual = "the broker refused us by TLS: it may want a client certificate, or trust another issuer than that of ours"

const adviceStore = "the certificates could not be read on this machine; nothing was sent to the broker"

// guarded looks at the first bytes that come back: sarama takes any four bytes as a length and would
// make room for 1.2 GB when an HTTP server answers.
type guarded struct {
	net.Conn
	addr    string
	checked bool   // by the one goroutine that reads at a time
	head    []byte // read ahead, not yet handed on

	mu       sync.Mutex
	err      error
	answered bool // something came that looks like Kafka's
}

// Read implements net.Conn.
func (g *guarded) Read(p []byte) (int, error) {
	if !g.checked {
		if err := g.check(); err != nil {
			return 0, err
		}
	}
	if len(g.head) > 0 {
		n := copy(p, g.head)
		g.head = g.head[n:]
		return n, nil
	}
	return g.Conn.Read(p)
}

func (g *guarded) check() error {
	if err := g.verdict(); err != nil {
		return err
	}
	var first [4]byte
	n, err := io.ReadFull(g.Conn, first[:])
	if n == 0 && err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, net.ErrClosed) {
			return err
		}
		var op *net.OpError
		if errors.As(err, &op) && op.Op == "remote error" { // a TLS alert: since 1.3 it comes after the handshake
			return g.fail(&StepError{Addr: g.addr, Step: StepTLS, Err: bare(err), Advice: adviceMutual})
		}
		return g.fail(&StepError{Addr: g.addr, Step: StepAPI, Err: bare(err), Advice: adviceClosed})
	}
	g.checked = true
	g.head = append([]byte(nil), first[:n]...)
	if n < len(first) {
		return nil
	}
	if e := notKafka(first); e != nil {
		e.Addr = g.addr
		return g.fail(e)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.answered = true
	return nil
}

func notKafka(first [4]byte) *StepError {
	switch {
	case string(first[:]) == "HTTP":
		return &StepError{Step: StepAPI, Err: errors.New("an HTTP server answered"), Advice: adviceNotKafka}
	case first[0] == 0x15 && first[1] == 0x03:
		return &StepError{Step: StepAPI, Err: errors.New("a TLS alert answered"), Advice: adviceSpeakTLS}
	case binary.BigEndian.Uint32(first[:]) > maxFrame:
		return &StepError{Step: StepAPI, Err: fmt.Errorf("the answer begins with %q, which is not Kafka's protocol", first[:]), Advice: adviceNotKafka}
	}
	return nil
}

func (g *guarded) fail(err *StepError) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.err = err
	return err
}

func (g *guarded) verdict() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.err
}

// cut closes the socket itself: a TLS close would first wait for the other side.
func (g *guarded) cut() error {
	if t, ok := g.Conn.(*tls.Conn); ok {
		return t.NetConn().Close()
	}
	return g.Close()
}

// noMetrics keeps sarama from measuring: nobody reads it, and its meters run a goroutine for ever.
type noMetrics struct{ metrics.Registry }

func (noMetrics) GetOrRegister(_ string, made any) any {
	switch made.(type) {
	case func() metrics.Meter:
		return metrics.NilMeter{}
	case func() metrics.Histogram:
		return metrics.NilHistogram{}
	case func() metrics.Counter:
		return metrics.NilCounter{}
	}
	return made
}

func (noMetrics) Unregister(string) {}
func (noMetrics) UnregisterAll()    {}
