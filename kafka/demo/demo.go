// Package demo is a fleet of real producers and real group members of both client libraries, on a Kafka cluster
// that lives inside the program or under a prefix on any other, with the means to break it and scenarios that do.
// It tells no lies for the screen: what is seen of it comes through the protocol, as from any cluster.
package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// ErrClosed is the answer of a demo after Close.
var ErrClosed = errors.New("the demo is closed")

// ClusterID is the id of the embedded cluster.
const ClusterID = "lagtop-demo"

const (
	defaultBrokers = 3
	leaveWithin    = time.Second      // members get this long to leave before their connections are cut
	stopWithin     = 10 * time.Second // the same on a cluster that is not ours
	endWithin      = 30 * time.Second // after the cut; only a fault in a client library takes this long
)

// Options say what to start. The zero value is a cluster of three brokers.
type Options struct {
	Seed    int64 // the content of the records, their keys and the order of a scenario's actions follow from it
	Brokers int   // 1 and up; 0 means 3
	// Logger hears of failures inside the fleet; nil is silence.
	Logger *slog.Logger

	// For tests: only these groups and their topics; everything so many times as fast; captions stay no longer
	// than their conditions take.
	only    []string
	speed   float64
	hurried bool
}

// Demo is a running fleet, by default with a cluster of its own. Its methods may be called from any goroutine.
type Demo struct {
	cluster   *kfake.Cluster // nil on a cluster that is not ours
	net       *network       // of the cluster
	bootstrap []string
	prefix    string // of all names on the cluster
	login     []kgo.Opt
	dial      dial
	lines     *wire                       // all connections of the consumers
	remove    func(context.Context) error // takes everything away that the fleet made; nil on the embedded cluster
	log       *slog.Logger
	seed      int64
	speed     float64

	control         *kgo.Client
	admin           *kadm.Client
	batched, single *kgo.Client // producers

	mu      sync.Mutex
	groups  []*group // in the order of groupSpecs, then those of scenarios
	sources []*source
	base    int    // that many groups and sources belong to no scenario
	topics  int    // the same of sources
	poisons []sent // since the start

	brokers sync.Mutex // held through an outage's beginning and end
	down    *outage    // nil while all run

	show     *show
	registry *registry

	ctx    context.Context // ends when the fleet has to stop
	cancel context.CancelFunc
	seeded chan struct{} // closed when the history is written and committed; members join after it
	fleet  sync.WaitGroup

	closing  sync.Once
	closeErr error
}

// Start brings a cluster up and returns; its history is written and its fleet joins in the
// background. When ctx ends the fleet stops, but only Close frees everything.
func Start(ctx context.Context, o Options) (*Demo, error) {
	if o.Brokers == 0 {
		o.Brokers = defaultBrokers
	}
	if o.Brokers < 0 {
		return nil, fmt.Errorf("start the demo cluster: %d brokers", o.Brokers)
	}
	d := newDemo(ctx, o)
	var err error
	if d.cluster, d.net, err = startCluster(o.Brokers); err != nil {
		return nil, fmt.Errorf("start the demo cluster: %w", err)
	}
	d.bootstrap = d.cluster.ListenAddrs()
	if err := d.run(); err != nil {
		return nil, errors.Join(fmt.Errorf("start the demo: %w", err), d.Close())
	}
	return d, nil
}

// newDemo has what does not depend on the cluster.
func newDemo(ctx context.Context, o Options) *Demo {
	if o.Logger == nil {
		o.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	d := &Demo{log: o.Logger, seed: o.Seed, speed: o.speed, seeded: make(chan struct{}), dial: (&net.Dialer{Timeout: answerWithin}).DialContext}
	if d.speed == 0 {
		d.speed = 1
	}
	d.lines = newWire(func(ctx context.Context, network, addr string) (net.Conn, error) { return d.dial(ctx, network, addr) })
	d.show = newShow(o.hurried)
	d.ctx, d.cancel = context.WithCancel(ctx)
	wanted := func(name string) bool { return o.only == nil || slices.Contains(o.only, name) }
	topics := map[string]bool{}
	for _, g := range groupSpecs {
		if wanted(g.name) {
			d.groups = append(d.groups, &group{spec: g})
			for _, t := range g.topics {
				topics[t] = true
			}
		}
	}
	for _, t := range topicSpecs {
		if topics[t.name] {
			d.sources = append(d.sources, &source{topic: t})
		}
	}
	return d
}

// run gives names to groups and topics, creates the topics and starts the fleet.
func (d *Demo) run() (err error) {
	if d.registry, err = startRegistry(d.ctx); err != nil {
		return err
	}
	if err := d.clients(); err != nil {
		return err
	}
	for i := range d.groups {
		d.groups[i] = d.newGroup(d.groups[i].spec)
	}
	for i := range d.sources {
		d.sources[i] = d.newSource(d.sources[i].topic)
	}
	d.base, d.topics = len(d.groups), len(d.sources)
	if err := d.create(d.ctx, d.sources, d.groups); err != nil {
		return err
	}
	d.fleet.Go(d.produce)
	d.fleet.Go(d.direct)
	d.fleet.Go(d.care)
	for _, g := range d.groups {
		if err := d.resize(g.name, g.spec.members); err != nil {
			return err
		}
	}
	return nil
}

func (d *Demo) clients() (err error) {
	if d.control, err = d.producer("demo-control", kgo.RequestRetries(3)); err != nil {
		return err
	}
	d.admin = kadm.NewClient(d.control)
	if d.batched, err = d.producer("demo-producer", kgo.ProducerLinger(linger)); err != nil {
		return err
	}
	d.single, err = d.producer("demo-sensor", kgo.ProducerLinger(0), kgo.ProducerBatchMaxBytes(smallBatch),
		kgo.ProducerBatchCompression(kgo.NoCompression()))
	return err
}

func (d *Demo) newSource(t topicSpec) *source {
	s := newSource(t, d.seed)
	s.name, s.factor = d.prefix+t.name, d.speed
	return s
}

// Bootstrap is host:port of each broker.
func (d *Demo) Bootstrap() []string { return append([]string(nil), d.bootstrap...) }

// Seeded is closed when the history is written: what is read before shows rates that no producer has.
func (d *Demo) Seeded() <-chan struct{} { return d.seeded }

// Groups are the names of the groups whose consumers the demo owns, those without any included.
func (d *Demo) Groups() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	names := make([]string, 0, len(d.groups))
	for _, g := range d.groups {
		names = append(names, g.name)
	}
	return names
}

// Close stops the producers and consumers and then the cluster. Members leave their groups when they
// can do so within a second. The second call returns what the first did.
func (d *Demo) Close() error {
	d.closing.Do(func() { d.closeErr = d.close() })
	return d.closeErr
}

func (d *Demo) close() error {
	d.cancel()
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		d.mu.Lock()
		groups := append([]*group(nil), d.groups...)
		d.mu.Unlock()
		for _, g := range groups {
			g.shut() // may wait for a leave
		}
		d.fleet.Wait()
	}()
	within := leaveWithin
	if d.cluster == nil {
		within = stopWithin
	}
	left := waitFor(stopped, within)
	if !left {
		d.lines.cut() // a client may wait for half a minute on a connection that nobody serves any more
	}
	if d.cluster != nil {
		d.cluster.Close() // ends every request in flight
	}
	left = left || waitFor(stopped, endWithin)
	for _, cl := range []*kgo.Client{d.batched, d.single, d.control} {
		if cl != nil {
			cl.Close()
		}
	}
	var err error
	if d.registry != nil {
		err = d.registry.close()
	}
	if !left {
		err = errors.Join(err, fmt.Errorf("close the demo: still running %v after it was told to stop: %s", endWithin, d.running()))
	}
	if d.remove != nil {
		err = errors.Join(err, d.remove(context.WithoutCancel(d.ctx)))
	}
	return err
}

// running names the consumers that have not ended, and groups that are being changed.
func (d *Demo) running() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for _, g := range d.groups {
		if !g.mu.TryLock() {
			out = append(out, g.name)
			continue
		}
		for _, c := range g.crew {
			select {
			case <-c.gone:
			default:
				out = append(out, c.clientID)
			}
		}
		g.mu.Unlock()
	}
	return cmp.Or(strings.Join(out, ", "), "no consumer")
}

// waitFor tells whether done was closed within the limit.
func waitFor(done <-chan struct{}, limit time.Duration) bool {
	t := time.NewTimer(limit)
	defer t.Stop()
	select {
	case <-done:
		return true
	case <-t.C:
		return false
	}
}
