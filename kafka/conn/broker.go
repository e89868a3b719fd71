package conn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
)

// Broker is one connection to one broker. It connects at the first call, and again at the first call
// after a failure. Calls are served one at a time; a call whose context ends is aborted at once by
// closing the connection. Close it when it is no longer needed.
type Broker struct {
	cfg  Config
	addr string
	sent *atomic.Int64

	mu        sync.Mutex
	s         *sarama.Broker // nil while not connected
	d         *dialer
	tap       *tap      // of the present connection
	proven    bool      // a request was answered on this connection
	used      time.Time // when the present connection was used last, by the clock on the wall
	closed    bool
	raw       *kgo.Client // a second connection, for the requests that sarama lacks
	oneGroup  bool        // OffsetFetch below v8 takes one group a request
	nextGroup string      // where eachCommits goes on

	rawTap    atomic.Pointer[tap]       // of the newest connection of raw
	throttled atomic.Int64              // the longest that an answer told since it was asked for, in ns
	quiet     atomic.Pointer[time.Time] // until then the present connection is to keep quiet; nil: not at all
}

// NewBroker does not connect yet. Each protocol request sent is counted in sent, which may be nil.
func NewBroker(cfg Config, addr string, sent *atomic.Int64) *Broker {
	if sent == nil {
		sent = new(atomic.Int64)
	}
	return &Broker{cfg: cfg.withDefaults(), addr: addr, sent: sent}
}

// Addr is the host:port it connects to.
func (b *Broker) Addr() string { return b.addr }

// Close ends the connection, and every later call fails. It waits for the call in flight: end that one by its
// context.
func (b *Broker) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.drop()
	b.closed = true
	if b.raw != nil {
		b.raw.Close()
		b.raw = nil
	}
}

// drop must be called with mu held. The socket goes first: sarama's Close waits for what it reads.
func (b *Broker) drop() {
	if b.s == nil {
		return
	}
	b.d.abort()
	_ = b.s.Close() // says only that it was closed before
	b.leave()
}

// leave forgets the connection, which somebody else closes. It must be called with mu held.
func (b *Broker) leave() {
	b.s, b.d, b.tap, b.proven, b.oneGroup = nil, nil, nil, false, false
	b.quiet.Store(nil)
}

// idleMost is how long a connection may be idle. Brokers close one after 10 min (connections.max.idle.ms), other
// services and what is between after 4, and one of before a sleep of the machine is not answered any more.
const idleMost = 2 * time.Minute

// errClosed is the answer after Close.
var errClosed = errors.New("the connection is closed")

// open must be called with mu held. What is sent over a connection that may have ended cannot be sent again, so
// that one is given up before.
func (b *Broker) open(ctx context.Context) error {
	if b.closed {
		return fmt.Errorf("%s: %w", b.addr, errClosed)
	}
	now := time.Now().Round(0) // by the clock that goes on in sleep
	if now.Sub(b.used) > idleMost {
		b.drop()
	}
	b.used = now
	if b.s != nil {
		return nil
	}
	d := newDialer(b.cfg)
	conf := b.cfg.sarama()
	conf.Net.Proxy.Enable = true
	watched := &tapDialer{dialer: d, cfg: b.cfg, sent: b.sent}
	conf.Net.Proxy.Dialer = watched
	conf.MetricRegistry = noMetrics{}
	if err := b.cfg.Auth.SASL.sarama(ctx, conf); err != nil {
		d.cancel()
		return b.openError(ctx, d, &StepError{Addr: b.addr, Step: StepLogin, Err: err, Advice: adviceSource})
	}
	s := sarama.NewBroker(b.addr)
	stop := context.AfterFunc(ctx, d.abort)
	if err := s.Open(conf); err != nil {
		stop()
		d.cancel()
		return fmt.Errorf("open %s: %w", b.addr, err)
	}
	ok, stuck, err := attempt(ctx, s, connected)
	stop()
	if stuck {
		d.abort()
		return b.stuckError(ctx, d, err)
	}
	b.s, b.d, b.tap = s, d, watched.tap
	if bad := d.refused(); bad != nil {
		err, ok = bad, false
	}
	if ok && ctx.Err() == nil {
		return nil
	}
	err = b.openError(ctx, d, err)
	b.tap.fail(err)
	b.drop()
	return err
}

func (b *Broker) openError(ctx context.Context, d *dialer, err error) error {
	var step *StepError
	if errors.As(err, &step) && !errors.Is(err, context.Canceled) {
		return step
	}
	if login := b.cfg.Auth.SASL.stepError(b.addr, err, d.answered()); login != nil && ctx.Err() == nil {
		return login
	}
	e := &StepError{Addr: b.addr, Step: StepAPI, Err: bare(err), Advice: adviceClosed}
	if step != nil {
		e.Step = step.Step
	}
	if ctx.Err() != nil {
		e.Err, e.Advice = inTime(context.Cause(ctx)), adviceHangs
		if e.Step == StepConnect {
			e.Advice = adviceNoRoute
		}
	}
	return e
}

// call runs one request. The connection is given up after every failure but those found before
// anything was sent: after a timeout sarama keeps it as connected although every call would fail.
func call[T any](ctx context.Context, b *Broker, op string, f func(*sarama.Broker) (T, error)) (T, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var none T
	if err := ctx.Err(); err != nil {
		return none, translate(op, b.addr, inTime(context.Cause(ctx)))
	}
	if err := b.open(ctx); err != nil {
		return none, fmt.Errorf("%s: %w", op, err)
	}
	if err := b.keepQuiet(ctx); err != nil {
		return none, translate(op, b.addr, err)
	}
	stop := context.AfterFunc(ctx, b.d.abort)
	r, stuck, err := attempt(ctx, b.s, f)
	b.used = time.Now().Round(0)
	aborted := !stop()
	if err == nil {
		b.proven = true
		b.noteThrottle(r)
		if aborted {
			b.drop()
		}
		return r, nil
	}
	if unsent(err) && !aborted {
		return none, translate(op, b.addr, err)
	}
	err = b.callError(ctx, err, b.proven)
	b.tap.fail(err)
	if stuck {
		b.d.abort()
		b.leave()
	}
	b.drop()
	return none, b.named(op, err)
}

// named is translate for an error that may name the address itself.
func (b *Broker) named(op string, err error) error {
	var step *StepError
	if errors.As(err, &step) {
		return fmt.Errorf("%s: %w", op, step)
	}
	return translate(op, b.addr, err)
}

// inTime says what a deadline that ran out means here.
func inTime(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no answer in time: %w", err)
	}
	return err
}

// callError says what a failed request means, to both libraries. A connection is proven when a request was answered
// on it.
func (b *Broker) callError(ctx context.Context, err error, proven bool) error {
	var timeout net.Error
	switch {
	case ctx.Err() != nil:
		return inTime(context.Cause(ctx))
	case undecodable(err):
		return fmt.Errorf("%w: %w", ErrUndecodable, err)
	case errors.As(err, &timeout) && timeout.Timeout() && !proven: // sarama goes on when ApiVersions times out
		return &StepError{Addr: b.addr, Step: StepAPI, Err: fmt.Errorf("no answer within %v", b.cfg.ReadTimeout), Advice: adviceHangs}
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("no answer within %v: %w", b.cfg.ReadTimeout, bare(err))
	case errors.Is(err, io.EOF) && !proven:
		return &StepError{Addr: b.addr, Step: StepRequest, Err: err, Advice: adviceSASL}
	case errors.Is(err, io.EOF):
		return fmt.Errorf("the broker closed the connection: %w", err)
	}
	return bare(err)
}

// request sends what sarama lacks over a connection of its own. The broker is addressed as a seed:
// kgo routes group requests by FindCoordinator, and StreamsGroupDescribe to any broker.
func (b *Broker) request(ctx context.Context, op string, req kmsg.Request) (kmsg.Response, error) {
	raw, err := b.rawClient()
	if err != nil {
		return nil, translate(op, b.addr, err)
	}
	r, err := raw.SeedBrokers()[0].Request(ctx, req)
	if err == nil {
		return r, nil
	}
	var step *StepError
	if login := b.cfg.Auth.SASL.stepError(b.addr, err, false); login != nil && ctx.Err() == nil {
		return r, fmt.Errorf("%s: %w", op, login)
	}
	var first *kgo.ErrFirstReadEOF
	if !errors.As(err, &step) || ctx.Err() != nil { // it did connect
		err = b.callError(ctx, err, !errors.As(err, &first)) // kgo asks for ApiVersions before it sends a request
	}
	if t := b.rawTap.Load(); errors.Is(err, context.Canceled) && ctx.Err() != nil {
		t.fail(err) // not the broker's fault: nobody wants the answer any more
	}
	return r, b.named(op, err)
}

func (b *Broker) rawClient() (*kgo.Client, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return nil, errClosed
	case b.raw != nil:
		return b.raw, nil
	}
	cfg := b.cfg
	cfg.Bootstrap = []string{b.addr}
	raw, err := kgo.NewClient(append(cfg.kgo(), kgo.WithHooks(&writeCounter{b.sent}), kgo.Dialer(b.dialRaw))...)
	b.raw = raw
	return raw, err
}

// dialRaw remembers the newest connection: kgo does not tell which one a request went over.
func (b *Broker) dialRaw(ctx context.Context, network, addr string) (net.Conn, error) {
	c, err := b.cfg.kgoDial()(ctx, network, addr)
	if t, ok := c.(*tap); ok {
		b.rawTap.Store(t)
	}
	return c, err
}

// writeCounter counts the requests that kgo sends.
type writeCounter struct{ sent *atomic.Int64 }

// OnBrokerWrite implements kgo.HookBrokerWrite.
func (w *writeCounter) OnBrokerWrite(kgo.BrokerMetadata, int16, int, time.Duration, time.Duration, error) {
	w.sent.Add(1)
}

// unsent tells whether the request was never written.
func unsent(err error) bool {
	var enc sarama.PacketEncodingError
	return errors.Is(err, sarama.ErrUnsupportedVersion) || errors.As(err, &enc)
}

// code is the error of a code in an answer to the API op about object, nil for 0.
func code[C ~int16](op, object string, c C) error {
	k := kafka.Code(c)
	switch {
	case k == 0:
		return nil
	case kafka.Unauthorized(k):
		return &deniedError{object: object, code: k}
	}
	return fmt.Errorf("%s %s: %w", op, object, k)
}

// deniedError is a missing right. All that this package reads needs DESCRIBE.
type deniedError struct {
	object string // "group payments"
	code   kafka.Code
}

func (e *deniedError) Error() string { return "not authorized: DESCRIBE on " + e.object }

func (e *deniedError) Unwrap() error { return e.code }
