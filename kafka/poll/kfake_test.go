package poll

import (
	"context"
	"fmt"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/goleak"

	"lagtop/kafka"
	"lagtop/kafka/conn"
)

// sarama registers a meter for each fetched topic in the global registry, whatever the configuration
// says; its one goroutine lives as long as the process.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/rcrowley/go-metrics.(*meterArbiter).tick"))
	os.Exit(0)
}

// fake is an embedded cluster that counts its requests and whose brokers can be cut off.
type fake struct {
	*kfake.Cluster
	t   testing.TB
	mu  sync.Mutex
	n   map[string]int
	net *wires
}

func newFake(t testing.TB, opts ...kfake.Opt) *fake {
	t.Helper()
	w := &wires{}
	opts = append([]kfake.Opt{kfake.NumBrokers(3), kfake.ListenFn(w.listen)}, opts...)
	c, err := kfake.NewCluster(opts...)
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{Cluster: c, t: t, n: map[string]int{}, net: w}
	t.Cleanup(c.Close)
	t.Cleanup(w.release)
	c.Control(func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		f.mu.Lock()
		defer f.mu.Unlock()
		f.n[kmsg.NameForKey(r.Key())]++
		return nil, nil, false
	})
	return f
}

func (f *fake) counted() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := f.n
	f.n = map[string]int{}
	return out
}

// config is for a machine that may stand still for seconds: what fails does so at the deadline of a poll.
func (f *fake) config() conn.Config {
	return conn.Config{Bootstrap: f.ListenAddrs()[:1], ReadTimeout: unhurried}
}

// wires stand between the clients and the brokers.
type wires struct {
	mu   sync.Mutex
	list []*wire
}

// wire is one broker's listener.
type wire struct {
	net.Listener
	mu     sync.Mutex
	broken chan struct{} // not nil: bytes to the client stop here until it is closed
	down   bool          // connections are closed
	conns  []net.Conn
	lost   chan struct{} // connections of an earlier age stop here until it is closed
	age    int           // counts the calls of forget
}

func (w *wires) listen(network, address string) (net.Listener, error) {
	l, err := net.Listen(network, address)
	if err != nil {
		return nil, err
	}
	x := &wire{Listener: l}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list = append(w.list, x)
	return x, nil
}

func (w *wires) release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, x := range w.list {
		x.heal()
	}
}

// of finds a broker's wire.
func (f *fake) wire(id int32) *wire {
	f.t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(f.ListenAddrs()...))
	if err != nil {
		f.t.Fatal(err)
	}
	defer cl.Close()
	bs, err := kadm.NewClient(cl).ListBrokers(context.Background())
	if err != nil {
		f.t.Fatal(err)
	}
	for _, b := range bs {
		if b.NodeID != id {
			continue
		}
		for _, x := range f.net.list {
			if x.Addr().String() == fmt.Sprintf("%s:%d", b.Host, b.Port) {
				return x
			}
		}
	}
	f.t.Fatalf("no broker %d", id)
	return nil
}

func (x *wire) Accept() (net.Conn, error) {
	for {
		c, err := x.Listener.Accept()
		if err != nil {
			return nil, err
		}
		x.mu.Lock()
		down, age := x.down, x.age
		if !down {
			x.conns = append(x.conns, c)
		}
		x.mu.Unlock()
		if !down {
			return &strand{Conn: c, x: x, age: age}, nil
		}
		_ = c.Close()
	}
}

// strand is one connection as the broker sees it.
type strand struct {
	net.Conn
	x   *wire
	age int
}

func (s *strand) Write(p []byte) (int, error) {
	s.x.mu.Lock()
	broken := s.x.broken
	if s.age < s.x.age {
		broken = s.x.lost
	}
	s.x.mu.Unlock()
	if broken != nil {
		<-broken
	}
	return s.Conn.Write(p)
}

// hang lets the broker accept and never answer.
func (x *wire) hang() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.broken = make(chan struct{})
}

// forget lets the connections that are open never answer again; new ones are served.
func (x *wire) forget() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.age++
	x.lost = make(chan struct{})
}

// cut closes all connections, those to come too.
func (x *wire) cut() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.down = true
	for _, c := range x.conns {
		_ = c.Close()
	}
	x.conns = nil
}

func (x *wire) heal() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.down = false
	if x.lost != nil {
		close(x.lost)
		x.lost = nil
	}
	if x.broken != nil {
		close(x.broken)
		x.broken = nil
	}
}

// admin runs f with a client of the cluster.
func (f *fake) admin(do func(ctx context.Context, cl *kgo.Client, adm *kadm.Client) error) {
	f.t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(f.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		f.t.Fatal(err)
	}
	defer cl.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := do(ctx, cl, kadm.NewClient(cl)); err != nil {
		f.t.Fatal(err)
	}
}

// commit makes a group with one commit for each of the first n partitions of topic.
func (f *fake) commit(group, topic string, n int32, offset int64) {
	f.t.Helper()
	f.admin(func(ctx context.Context, _ *kgo.Client, adm *kadm.Client) error {
		os := kadm.Offsets{}
		for p := range n {
			os.AddOffset(topic, p, offset, -1)
		}
		return adm.CommitAllOffsets(ctx, group, os)
	})
}

func (f *fake) produce(topic string, partition int32, n int) {
	f.t.Helper()
	f.admin(func(ctx context.Context, cl *kgo.Client, _ *kadm.Client) error {
		var rs []*kgo.Record
		for range n {
			rs = append(rs, &kgo.Record{Topic: topic, Partition: partition, Value: []byte("x")})
		}
		return cl.ProduceSync(ctx, rs...).FirstErr()
	})
}

// watch runs a poller until the test ends.
func watch(t testing.TB, cfg conn.Config, opts Options) *Poller {
	t.Helper()
	p := New(cfg, opts)
	run(t, p)
	return p
}

func run(t testing.TB, p *Poller) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = p.Run(ctx)
	}()
	t.Cleanup(func() { cancel(); <-done })
}

// patience is how long a test waits for what has to come. unhurried is the deadline of polls where nobody hangs, so
// that none of their parts is late on a busy machine.
const (
	patience  = 100 * time.Second
	unhurried = time.Minute
)

// until waits for a snapshot that ok accepts.
func until(t testing.TB, p *Poller, what string, ok func(*kafka.Snapshot) bool) *kafka.Snapshot {
	t.Helper()
	deadline := time.After(patience)
	for {
		if s := p.Latest(); s != nil && ok(s) {
			return s
		}
		select {
		case <-p.Updates():
		case <-deadline:
			t.Fatalf("waited for: %s; status %+v; latest %+v", what, p.Status(), p.Latest())
		}
	}
}

func once(t testing.TB, cfg conn.Config) *kafka.Snapshot {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s, err := New(cfg, Options{Deadline: unhurried}).Once(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
