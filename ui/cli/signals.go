package cli

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// exitSignal is the exit code when a signal cuts off what would have ended by itself, or a second one what
// the first one let finish.
const exitSignal = 130

// errInterrupted ends a command with exitSignal; whoever sent the signal knows.
var errInterrupted = errors.New("interrupted")

// atOnce is how long signals count as one: a shell and the kernel both send a hangup when a terminal is
// closed, service managers send several in a row, and the lowest number arrives first.
const atOnce = 500 * time.Millisecond

// Signals is a context that ends with the first signal that asks the program to leave: what is under way
// may finish in bounded time. A later one ends the process at once, except a hangup: nobody who waits for the
// program sends that. stop gives the signals back.
func Signals() (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		var first time.Time
		for s := range signals {
			switch {
			case first.IsZero():
				first = time.Now()
				cancel()
			case s != syscall.SIGHUP && time.Since(first) > atOnce:
				os.Exit(exitSignal)
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		<-ended
		cancel()
	}
}
