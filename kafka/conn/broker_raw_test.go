package conn

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// bothWays are the ways to ask a broker which groups it has.
var bothWays = map[string]func(context.Context, *Broker) error{
	"sarama": func(ctx context.Context, b *Broker) error { _, err := b.ListGroups(ctx); return err },
	"franz-go": func(ctx context.Context, b *Broker) error {
		_, err := b.request(ctx, "ListGroups", kmsg.NewPtrListGroupsRequest())
		return err
	},
}

// A reason that names the local port of a connection is another one in each poll.
func TestBothLibrariesSayTheSameOfABrokerThatIsSilentOrGone(t *testing.T) {
	for name, ask := range bothWays {
		t.Run(name, func(t *testing.T) {
			cl := kfake.MustCluster(kfake.NumBrokers(1))
			t.Cleanup(cl.Close)
			healed := make(chan struct{})
			b := NewBroker(Config{}, cl.ListenAddrs()[0], nil)
			defer b.Close()
			if err := ask(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			cl.ControlKey(int16(kmsg.ListGroups), func(kmsg.Request) (kmsg.Response, error, bool) {
				cl.SleepControl(func() { <-healed })
				return nil, io.EOF, true // hangs up
			})
			err := ask(t.Context(), b)
			close(healed)
			if err == nil || !strings.Contains(err.Error(), "ListGroups "+b.addr+": no answer within 3s") || strings.Contains(err.Error(), "->") || !TimedOut(err) {
				t.Errorf("silent: %v", err)
			}
			err = errOtherAnswer
			for tries := 0; err != nil && tries < 100; tries++ { // franz-go may still have the connection that has died
				err = ask(t.Context(), b)
			}
			if err != nil {
				t.Fatal(err)
			}
			cl.ControlKey(int16(kmsg.ListGroups), func(kmsg.Request) (kmsg.Response, error, bool) {
				return nil, io.EOF, true
			})
			err = ask(t.Context(), b)
			if err == nil || !strings.Contains(err.Error(), "ListGroups "+b.addr+": the broker closed the connection") {
				t.Errorf("gone: %v", err)
			}
		})
	}
}
