// Package demo is a Kafka cluster that lives inside the program, with real producers and real group
// members of both client libraries, so that everything can be watched and tried without a network.
// It tells no lies for the screen: what is seen of it comes through the protocol, as from any cluster.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
)

// ErrClosed is the answer of a demo after Close.
var ErrClosed = errors.New("the demo is closed")

// ClusterID is the id of the embedded cluster.
const ClusterID = "lagtop-demo"

const (
	defaultBrokers = 3
	leaveWithin    = time.Second     // members get this long to leave before their connections are cut
	stopWithin     = 5 * time.Second // after the cut; only a fault in a client library takes this long
)

// Options say what to start. The zero value is a cluster of three brokers.
type Options struct {
	Seed    int64 // the content of the records follows from it
	Brokers int   // 1 and up; 0 means 3
	// Logger hears of failures inside the fleet; nil is silence.
	Logger *slog.Logger
}

// Demo is a running cluster with its fleet. Its methods may be called from any goroutine.
type Demo struct {
	cluster   *kfake.Cluster
	bootstrap []string
	groups    []*group // in the order of groupSpecs
	log       *slog.Logger

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
	if o.Logger == nil {
		o.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	cluster, err := startCluster(o.Brokers)
	if err != nil {
		return nil, fmt.Errorf("start the demo cluster: %w", err)
	}
	d := &Demo{cluster: cluster, bootstrap: cluster.ListenAddrs(), log: o.Logger, seeded: make(chan struct{})}
	d.ctx, d.cancel = context.WithCancel(ctx)
	for i := range groupSpecs {
		d.groups = append(d.groups, &group{spec: groupSpecs[i]})
	}
	d.fleet.Add(1)
	go func() {
		defer d.fleet.Done()
		d.produce(o.Seed)
	}()
	for _, g := range d.groups {
		for range g.spec.members {
			if _, err := d.add(g); err != nil {
				return nil, errors.Join(fmt.Errorf("start the demo fleet: %w", err), d.Close())
			}
		}
	}
	return d, nil
}

// Bootstrap is host:port of each broker.
func (d *Demo) Bootstrap() []string { return append([]string(nil), d.bootstrap...) }

// Seeded is closed when the history is written: what is read before shows rates that no producer has.
func (d *Demo) Seeded() <-chan struct{} { return d.seeded }

// Groups are the names of the groups whose consumers the demo owns, those without any included.
func (d *Demo) Groups() []string {
	names := make([]string, 0, len(d.groups))
	for _, g := range d.groups {
		names = append(names, g.spec.name)
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
		for _, g := range d.groups {
			g.shut() // may wait for a leave
		}
		d.fleet.Wait()
	}()
	left := waitFor(stopped, leaveWithin)
	d.cluster.Close() // ends every request in flight
	if left || waitFor(stopped, stopWithin) {
		return nil
	}
	return fmt.Errorf("close the demo: consumers still run %v after their connections were cut", stopWithin)
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

// pause waits, or tells false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	return !waitFor(ctx.Done(), d)
}
