package conn

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// accepted keeps the connections that a broker accepted.
type accepted struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

func (a *accepted) Accept() (net.Conn, error) {
	c, err := a.Listener.Accept()
	a.mu.Lock()
	defer a.mu.Unlock()
	if err == nil {
		a.conns = append(a.conns, c)
	}
	return c, err
}

func (a *accepted) cut() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, c := range a.conns {
		_ = c.Close()
	}
}

// Brokers, and what is between, end connections on which nothing is said for minutes (connections.max.idle.ms is
// 10 min, others take 4): the first question after a pause must not fail for that.
func TestAConnectionThatWasIdleForLongIsNotTrusted(t *testing.T) {
	var front accepted
	cl := kfake.MustCluster(kfake.NumBrokers(1), kfake.ListenFn(func(network, addr string) (net.Listener, error) {
		l, err := net.Listen(network, addr)
		front.Listener = l
		return &front, err
	}))
	t.Cleanup(cl.Close)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	b := NewBroker(Config{}, cl.ListenAddrs()[0], nil)
	defer b.Close()
	if _, err := b.Metadata(ctx); err != nil {
		t.Fatal(err)
	}
	front.cut()
	b.used = b.used.Add(-time.Hour)
	if _, err := b.Metadata(ctx); err != nil {
		t.Errorf("after an hour: %v", err)
	}
	s := b.s
	if _, err := b.Metadata(ctx); err != nil || b.s != s {
		t.Errorf("right after it: %v, connected anew: %v", err, b.s != s)
	}
}

// A method that is still under way when its client is closed must leave nothing behind.
func TestAClosedBrokerConnectsNoMore(t *testing.T) {
	cl := kfake.MustCluster(kfake.NumBrokers(1))
	t.Cleanup(cl.Close)
	b := NewBroker(Config{}, cl.ListenAddrs()[0], nil)
	b.Close()
	_, raw := b.request(t.Context(), "Metadata", kmsg.NewPtrMetadataRequest())
	_, own := b.Metadata(t.Context())
	if raw == nil || own == nil || b.raw != nil || b.s != nil {
		t.Errorf("answers after Close: %v, %v", raw, own)
	}
}
