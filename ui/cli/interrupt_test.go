package cli

import (
	"context"
	"net"
	"strings"
	"testing"
)

// A broker that accepts and keeps quiet is when people interrupt.
func TestInterruptedCommandsSayThatTheyWere(t *testing.T) {
	for _, args := range [][]string{
		{"lag"}, {"doctor"}, {"offsets", "reset", "g", "--all-topics", "--to-latest", "--wait"}, {"groups", "delete", "g"},
	} {
		t.Run(args[0], func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = l.Close() }()
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			go func() { // ends with the listener
				if c, err := l.Accept(); err == nil {
					interrupt()
					<-t.Context().Done()
					_ = c.Close()
				}
			}()
			var out, errs strings.Builder
			code := Run(ctx, append(args, "-b", l.Addr().String()), strings.NewReader(""), &out, &errs)
			if code != exitSignal || !strings.Contains(errs.String(), "interrupted") || strings.Contains(errs.String(), "context canceled") {
				t.Errorf("exit %d\n%s", code, errs.String())
			}
		})
	}
}
