package conn

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
	"lagtop/kafka/secret"
)

// soon fails the test when do does not return though its context has ended.
func soon(t *testing.T, what string, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); do() }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatalf("%s does not return", what)
	}
}

// sarama keeps still for as long as a broker says (KIP-219), and cannot be interrupted then.
func TestACallEndsWithItsContextThoughTheBrokerThrottlesUs(t *testing.T) {
	cl := kfake.MustCluster(kfake.NumBrokers(1))
	t.Cleanup(cl.Close)
	cl.ControlKey(int16(kmsg.Metadata), func(req kmsg.Request) (kmsg.Response, error, bool) {
		cl.KeepControl()
		r := req.ResponseKind().(*kmsg.MetadataResponse)
		r.ThrottleMillis = int32((2 * patience).Milliseconds())
		return r, nil, true
	})
	b := NewBroker(Config{}, cl.ListenAddrs()[0], nil)
	if _, err := b.Metadata(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience) // it ends before the broker listens again: no need to wait
	defer cancel()
	soon(t, "a call", func() {
		_, err := b.ListGroups(ctx)
		if !errors.Is(err, kafka.ErrNotSent) || TimedOut(err) || Advice(err) != adviceThrottled || !strings.Contains(err.Error(), "throttles us until ") {
			t.Errorf("%v, advice %q", err, Advice(err))
		}
	})
	for range 2 { // nothing was asked in between, and it still wants quiet
		if d := b.Throttle(); d < patience {
			t.Errorf("is throttled for %v", d)
		}
	}
	soon(t, "Close", b.Close)
}

// Kerberos' library waits for each KDC in turn, whatever the context says.
func TestACallEndsWithItsContextThoughTheKDCHangs(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	cl := kfake.MustCluster(kfake.NumBrokers(1))
	t.Cleanup(cl.Close)
	cl.ControlKey(int16(kmsg.SASLHandshake), func(req kmsg.Request) (kmsg.Response, error, bool) {
		return req.ResponseKind(), nil, true
	})
	kdc := serve(t, func(net.Conn) {})
	path := filepath.Join(t.TempDir(), "krb5.conf")
	conf := "[libdefaults]\n default_realm = X\n udp_preference_limit = 1\n[realms]\nX = {\n"
	for range 8 {
		conf += " kdc = " + kdc + "\n"
	}
	if err := os.WriteFile(path, []byte(conf+"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := NewBroker(Config{Auth: Auth{SASL: &SASL{
		Mechanism: GSSAPI, Kerberos: &Kerberos{Principal: "alice", Password: secret.Literal("x"), Config: path},
	}}}, cl.ListenAddrs()[0], nil)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	soon(t, "a call", func() {
		if _, err := b.Metadata(ctx); err == nil {
			t.Error("logged in without a KDC")
		}
	})
	soon(t, "Close", b.Close)
}
