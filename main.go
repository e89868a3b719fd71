// Command lagtop watches and operates the consumer groups of an Apache Kafka cluster in a terminal.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"lagtop/ui/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	code := cli.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
