// Command lagtop watches and operates the consumer groups of an Apache Kafka cluster in a terminal.
package main

import (
	"os"

	"lagtop/ui/cli"
)

func main() {
	ctx, stop := cli.Signals()
	code := cli.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
