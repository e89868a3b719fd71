package kafkatest

import (
	"cmp"
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"lagtop/kafka/kafkatest/wire"
)

// Version is the release of Apache Kafka that the tests run where they name no other.
const Version = "4.2.0"

// EnvMode is the variable that decides about the real Kafka: "off" skips the tests that need it,
// "require" fails them where it cannot be had, anything else skips them there with the reason.
const EnvMode = "LAGTOP_KAFKA"

// sharedGraceSec is how long the shared cluster outlives its last user: the gap between two
// packages of one `go test` run, with a compilation in it.
const sharedGraceSec = 30

// Cluster is a running Apache Kafka: brokers 1 to n, each a process of its own on 127.0.0.1.
type Cluster struct {
	tb      testing.TB
	shared  bool
	version string
	libs    string

	mu    sync.Mutex // one request at a time
	keep  *keeper
	where wire.Cluster
}

// Own says how a private cluster differs from the shared one.
type Own struct {
	Nodes     int               // 3 when 0
	Version   string            // the release, Version when empty; others have no stock tools and Java clients
	ZooKeeper bool              // coordinates, instead of KRaft; releases before 4.0
	Props     map[string]string // added to each node's server.properties; {default} stands for what is there otherwise
}

// Real is the shared three-broker cluster: started on first use by any package of a test run, stopped
// after the last. Topics and groups of other tests live on it: make names with Unique, and
// use RealOwn to do harm to brokers.
func Real(tb testing.TB) *Cluster {
	tb.Helper()
	return connect(tb, Version, wire.Order{Nodes: 3, GraceSec: sharedGraceSec}, true)
}

// RealOwn is a cluster of this test's own, whose brokers it may kill and hang. It takes about 15 s.
func RealOwn(tb testing.TB, o Own) *Cluster {
	tb.Helper()
	if o.Nodes == 0 {
		o.Nodes = 3
	}
	return connect(tb, cmp.Or(o.Version, Version), wire.Order{Nodes: o.Nodes, ZooKeeper: o.ZooKeeper, Props: o.Props}, false)
}

func connect(tb testing.TB, version string, o wire.Order, shared bool) *Cluster {
	tb.Helper()
	if os.Getenv(EnvMode) == "off" {
		tb.Skipf("real Kafka skipped: %s=off", EnvMode)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute) // a first download included
	defer cancel()
	c := &Cluster{tb: tb, shared: shared, version: version}
	var err error
	if c.libs, err = jars(ctx, version); err == nil {
		o.Libs = c.libs
		start := private
		if shared {
			start = join
		}
		c.keep, c.where, err = start(ctx, o)
	}
	var missing *unavailableError
	switch {
	case errors.As(err, &missing) && os.Getenv(EnvMode) != "require":
		tb.Skipf("real Kafka skipped: %v", err)
	case err != nil:
		tb.Fatalf("real Kafka: %v", err)
	}
	tb.Cleanup(c.keep.close)
	return c
}

// unavailableError says what this machine lacks to run Kafka at all.
type unavailableError struct{ what string }

func (e *unavailableError) Error() string { return e.what }

// Bootstrap is the addresses of all brokers, host:port.
func (c *Cluster) Bootstrap() []string {
	out := make([]string, 0, len(c.where.Brokers))
	for _, b := range c.where.Brokers {
		out = append(out, b.Addr)
	}
	return out
}

// List is Bootstrap separated by commas.
func (c *Cluster) List() string { return strings.Join(c.Bootstrap(), ",") }

// Addr is host:port of a broker.
func (c *Cluster) Addr(id int32) string {
	for _, b := range c.where.Brokers {
		if b.ID == id {
			return b.Addr
		}
	}
	c.tb.Helper()
	c.tb.Fatalf("there is no broker %d", id)
	return ""
}

// Kill ends a broker at once (SIGKILL) and returns when it is gone.
func (c *Cluster) Kill(id int32) { c.tb.Helper(); c.do(wire.Kill, id) }

// ShutDown ends a broker as an operator does (SIGTERM) and returns when it is gone.
func (c *Cluster) ShutDown(id int32) { c.tb.Helper(); c.do(wire.ShutDown, id) }

// Stop hangs a broker (SIGSTOP): its port accepts connections and nothing answers.
func (c *Cluster) Stop(id int32) { c.tb.Helper(); c.do(wire.Hang, id) }

// Cont wakes a broker that Stop hung.
func (c *Cluster) Cont(id int32) { c.tb.Helper(); c.do(wire.Wake, id) }

// Restart starts a broker that Kill or ShutDown ended on its old port and data and returns when the cluster has it back.
func (c *Cluster) Restart(id int32) { c.tb.Helper(); c.do(wire.Restart, id) }

func (c *Cluster) do(op wire.Op, id int32) {
	c.tb.Helper()
	if c.shared {
		c.tb.Fatalf("%s broker %d: this cluster is shared, use RealOwn", op, id)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.keep.ask(wire.Request{Op: op, Broker: id}); err != nil {
		c.tb.Fatalf("%s broker %d: %v", op, id, err)
	}
}
