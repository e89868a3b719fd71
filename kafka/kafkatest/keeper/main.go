// Command keeper runs the brokers of a test cluster for as long as somebody is connected to its socket.
// Tests of several processes share one; it outlives a crashed test by its grace period and no longer.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"lagtop/kafka/kafkatest/wire"
)

func main() {
	// A broker dies with the thread that started it (see proc.OwnGroup): this one, which lives
	// as long as the process.
	runtime.LockOSThread()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "keeper:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 2 {
		return fmt.Errorf("start it through package kafkatest: the one argument is an order in JSON")
	}
	var o wire.Order
	if err := json.Unmarshal([]byte(os.Args[1]), &o); err != nil {
		return fmt.Errorf("read the order: %w", err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	defer func() { _ = os.RemoveAll(o.Dir) }()
	n := &nodes{order: o}
	defer n.killAll()
	return serve(ctx, o, n)
}
