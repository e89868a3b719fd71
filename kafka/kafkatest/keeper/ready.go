package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

var errDied = errors.New("the broker ended")

// awaitServing waits until every running broker knows the whole cluster and a group coordinator
// answers, so that a test's first request meets no cluster that is still electing.
func (n *nodes) awaitServing(ctx context.Context) error {
	var seeds []string
	for _, b := range n.all {
		if b.running() && !b.hung {
			seeds = append(seeds, b.addr())
		}
	}
	cl, err := kgo.NewClient(kgo.SeedBrokers(seeds...), kgo.RequestRetries(0), kgo.DialTimeout(time.Second),
		kgo.RequestTimeoutOverhead(5*time.Second))
	if err != nil {
		return fmt.Errorf("await the brokers: %w", err)
	}
	defer cl.Close()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		if err = n.dead(); err != nil {
			return err
		}
		if err = serving(ctx, cl, len(seeds)); err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("await the brokers: %w; last: %w", ctx.Err(), err)
		}
	}
}

// dead names a broker that was started and has ended by itself, with the end of its log.
func (n *nodes) dead() error {
	for _, b := range n.all {
		if b.cmd == nil || b.running() || b.ended {
			continue
		}
		log, _ := os.ReadFile(n.path(b, "log"))
		return fmt.Errorf("broker %d: %w: %v\n%s", b.id, errDied, b.cmd.ProcessState, tail(string(log), 30))
	}
	return nil
}

// serving asks every seed for its view of the cluster.
func serving(ctx context.Context, cl *kgo.Client, brokers int) error {
	for _, seed := range cl.SeedBrokers() {
		m, err := kmsg.NewPtrMetadataRequest().RequestWith(ctx, seed)
		if err != nil {
			return err
		}
		if len(m.Brokers) != brokers || m.ControllerID < 0 {
			return fmt.Errorf("a broker sees %d of %d", len(m.Brokers), brokers)
		}
	}
	r := kmsg.NewPtrFindCoordinatorRequest()
	r.CoordinatorKey, r.CoordinatorKeys = "ready", []string{"ready"} // before and since 3.0
	f, err := r.RequestWith(ctx, cl.SeedBrokers()[0])
	if err != nil {
		return err
	}
	if f.ErrorCode != 0 {
		return fmt.Errorf("find a coordinator: error %d", f.ErrorCode)
	}
	for _, c := range f.Coordinators {
		if c.ErrorCode != 0 {
			return fmt.Errorf("find a coordinator: error %d", c.ErrorCode)
		}
	}
	return nil
}

// tail is the last lines of a text.
func tail(s string, lines int) string {
	l := strings.Split(strings.TrimSpace(s), "\n")
	return strings.Join(l[max(0, len(l)-lines):], "\n")
}
