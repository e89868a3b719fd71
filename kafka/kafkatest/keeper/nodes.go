package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"lagtop/kafka/kafkatest/proc"
	"lagtop/kafka/kafkatest/wire"
)

const (
	serveWithin = 2 * time.Minute // a cold start of three brokers on a busy machine
	endWithin   = time.Minute     // leaderships are handed over first
	heapMB      = 350             // of each broker
)

// nodes are the brokers of one cluster. Only one goroutine may use it.
type nodes struct {
	order wire.Order
	all   []*node
	zoo   *node // ZooKeeper; nil under KRaft
}

// node is one broker process, or the place where it was.
type node struct {
	id         int32 // 0 for ZooKeeper
	port, ctrl int   // its listener and its controller's
	cmd        *exec.Cmd
	died       chan struct{} // closed when the process has ended
	ended      bool          // on request
	hung       bool
}

// start brings the cluster up. A port can be lost to another process between being found free and
// being used, so a start in which a broker died is tried again with other ports.
func (n *nodes) start(ctx context.Context) error {
	var err error
	for range 3 {
		if err = n.startOnce(ctx); err == nil || !errors.Is(err, errDied) || ctx.Err() != nil {
			return err
		}
		n.killAll()
	}
	return err
}

func (n *nodes) startOnce(ctx context.Context) error {
	if err := n.layOut(); err != nil {
		return err
	}
	if err := n.found(ctx); err != nil {
		return err
	}
	for _, b := range n.all {
		if err := n.spawn(b); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, serveWithin)
	defer cancel()
	return n.awaitServing(ctx)
}

// found makes what the brokers keep the metadata of the cluster in.
func (n *nodes) found(ctx context.Context) error {
	if n.zoo != nil {
		return n.spawn(n.zoo) // brokers wait for it
	}
	return n.format(ctx)
}

// layOut chooses ports and writes each node's properties into an empty data folder.
func (n *nodes) layOut() error {
	ports, err := freePorts(2*n.order.Nodes + 1)
	if err != nil {
		return err
	}
	n.all, n.zoo = nil, nil
	for i := range n.order.Nodes {
		n.all = append(n.all, &node{id: int32(i + 1), port: ports[2*i], ctrl: ports[2*i+1]})
	}
	all := n.all
	if n.order.ZooKeeper {
		n.zoo = &node{port: ports[2*n.order.Nodes]}
		all = append([]*node{n.zoo}, all...)
	}
	for _, b := range all {
		if err := os.RemoveAll(n.path(b, "data")); err != nil {
			return fmt.Errorf("clear %s: %w", b, err)
		}
		if err := os.WriteFile(n.path(b, "properties"), n.properties(b), 0o600); err != nil {
			return fmt.Errorf("configure %s: %w", b, err)
		}
	}
	return nil
}

// format writes the cluster id and the metadata version into each node's empty data folder (KIP-631).
func (n *nodes) format(ctx context.Context) error {
	id := clusterID()
	failed := make(chan error, len(n.all))
	for _, b := range n.all {
		cmd := n.java(ctx, "-Xmx128m", "kafka.tools.StorageTool", "format", "-t", id, "-c", n.path(b, "properties"))
		go func() {
			out, err := cmd.CombinedOutput()
			if err != nil {
				err = fmt.Errorf("format broker %d: %w\n%s", b.id, err, out)
			}
			failed <- err
		}()
	}
	var err error
	for range n.all {
		err = errors.Join(err, <-failed)
	}
	return err
}

// clusterID is a Kafka Uuid: 16 bytes in 22 characters of URL-safe base64, the first of which must
// not be a dash, which the tool's command line would take for an option.
func clusterID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[0] &= 0x7f
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func (n *nodes) spawn(b *node) error {
	log, err := os.OpenFile(n.path(b, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("start %s: %w", b, err)
	}
	defer func() { _ = log.Close() }()
	// Not CommandContext: brokers end through killAll alone.
	cmd := n.java(context.Background(), fmt.Sprintf("-Xmx%dm", heapMB), b.class(), n.path(b, "properties"))
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = proc.OwnGroup()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", b, err)
	}
	died := make(chan struct{})
	b.cmd, b.died, b.ended, b.hung = cmd, died, false, false
	go func() { _ = cmd.Wait(); close(died) }()
	return nil
}

// java runs with the first-tier compiler alone: a test broker lives for minutes, and the second tier
// takes more CPU in that time than it gives back.
func (n *nodes) java(ctx context.Context, heap string, args ...string) *exec.Cmd {
	flags := []string{heap, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData",
		"-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true",
		"-cp", filepath.Join(n.order.Libs, "*")}
	return exec.CommandContext(ctx, "java", append(flags, args...)...)
}

// do carries out one request of a test.
func (n *nodes) do(ctx context.Context, r wire.Request) error {
	for _, b := range n.all {
		if b.id != r.Broker {
			continue
		}
		switch r.Op {
		case wire.Kill:
			return b.end(syscall.SIGKILL)
		case wire.ShutDown:
			return b.end(syscall.SIGTERM)
		case wire.Hang:
			b.hung = true
			return b.signal(syscall.SIGSTOP)
		case wire.Wake:
			b.hung = false
			return b.signal(syscall.SIGCONT)
		case wire.Restart:
			return n.restart(ctx, b)
		}
		return fmt.Errorf("unknown operation %q", r.Op)
	}
	return fmt.Errorf("%s: there is no broker %d", r.Op, r.Broker)
}

func (n *nodes) restart(ctx context.Context, b *node) error {
	if b.running() {
		return fmt.Errorf("restart broker %d: it is running", b.id)
	}
	if err := n.spawn(b); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, serveWithin)
	defer cancel()
	return n.awaitServing(ctx)
}

func (b *node) running() bool {
	if b.died == nil {
		return false
	}
	select {
	case <-b.died:
		return false
	default:
		return true
	}
}

// end waits until the process has ended by the signal. SIGKILL also ends a stopped one.
func (b *node) end(by syscall.Signal) error {
	if !b.running() {
		return nil
	}
	b.ended = true
	if err := b.signal(by); err != nil {
		return err
	}
	select {
	case <-b.died:
		return nil
	case <-time.After(endWithin):
		return fmt.Errorf("%v %s: it runs on", by, b)
	}
}

func (b *node) signal(s syscall.Signal) error {
	if !b.running() {
		return fmt.Errorf("%v %s: it is not running", s, b)
	}
	if err := syscall.Kill(-b.cmd.Process.Pid, s); err != nil {
		return fmt.Errorf("%v %s: %w", s, b, err)
	}
	return nil
}

func (n *nodes) killAll() {
	all := n.all
	if n.zoo != nil {
		all = append(slices.Clone(all), n.zoo)
	}
	for _, b := range all {
		_ = b.end(syscall.SIGKILL) // it fails only when the process ended by itself
	}
}
