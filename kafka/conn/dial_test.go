package conn

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"lagtop/kafka/secret"
)

const patience = 100 * time.Second

// serve accepts connections, hands each to do, and closes them when the test ends.
func serve(t *testing.T, do func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		var open []net.Conn // else they are closed when they are garbage
		for {
			c, err := l.Accept()
			if err != nil {
				break
			}
			open = append(open, c)
			do(c)
		}
		for _, c := range open {
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return l.Addr().String()
}

func says(what string) func(net.Conn) {
	return func(c net.Conn) { _, _ = c.Write([]byte(what)) }
}

// certificate is a self-signed one for 127.0.0.1.
func certificate(t *testing.T) (tls.Certificate, Store) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	x := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "broker"}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, x, x, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, Store{PEM: secret.Literal(string(text))}
}

func TestSaysAtWhichStepAConnectionFails(t *testing.T) {
	cert, store := certificate(t)
	plain := kfake.MustCluster(kfake.NumBrokers(1))
	t.Cleanup(plain.Close)
	secure := kfake.MustCluster(kfake.NumBrokers(1), kfake.TLS(&tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}))
	t.Cleanup(secure.Close)
	trusting := &TLS{CA: store}
	cases := map[string]struct {
		addr   string
		tls    *TLS
		step   Step
		advice string
		hangs  bool // it takes a timeout to know
	}{
		"refused":            {addr: "127.0.0.1:1", step: StepConnect, advice: "nothing listens"},
		"no such host":       {addr: "no-such-host.invalid:9092", step: StepResolve, advice: "host name"},
		"http":               {addr: serve(t, says("HTTP/1.1 400 Bad Request\r\n")), step: StepAPI, advice: "not a Kafka broker"},
		"plaintext to TLS":   {addr: secure.ListenAddrs()[0], step: StepAPI, advice: "TLS"},
		"TLS to plaintext":   {addr: plain.ListenAddrs()[0], tls: trusting, step: StepTLS, advice: "does not speak TLS"},
		"unknown CA":         {addr: secure.ListenAddrs()[0], tls: &TLS{}, step: StepTLS, advice: "certificate"},
		"closes at once":     {addr: serve(t, func(c net.Conn) { _ = c.Close() }), step: StepAPI, advice: "closed the connection"},
		"other protocol":     {addr: serve(t, says("220 mail ready\r\n")), step: StepAPI, advice: "not a Kafka broker"},
		"accepts and hangs":  {addr: serve(t, func(net.Conn) {}), step: StepAPI, advice: "nothing answers", hangs: true},
		"TLS hangs":          {addr: serve(t, func(net.Conn) {}), tls: trusting, step: StepTLS, advice: "TLS", hangs: true},
		"all is well":        {addr: plain.ListenAddrs()[0]},
		"all is well by TLS": {addr: secure.ListenAddrs()[0], tls: trusting},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := Config{Bootstrap: []string{c.addr}, Auth: Auth{TLS: c.tls}, DialTimeout: patience, ReadTimeout: patience}
			if c.hangs {
				cfg.DialTimeout, cfg.ReadTimeout = time.Second, time.Second
			}
			err := firstError(Diagnose(t.Context(), cfg))
			if c.step == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			var step *StepError
			if !errors.As(err, &step) || step.Step != c.step || step.Addr != c.addr || !strings.Contains(step.Advice, c.advice) {
				t.Errorf("%v\nadvice %q\nwant step %q, advice with %q", err, Advice(err), c.step, c.advice)
			}
			if strings.Count(err.Error(), c.addr) != 1 {
				t.Errorf("the address is not named once: %v", err)
			}
		})
	}
}

func TestDiagnoseTriesWhatTheBrokersAdvertise(t *testing.T) {
	c := kfake.MustCluster(kfake.NumBrokers(2))
	t.Cleanup(c.Close)
	addrs := c.ListenAddrs()
	got := Diagnose(t.Context(), Config{Bootstrap: addrs[:1]})
	if len(got) != 2 || got[0].Advertised || !got[1].Advertised || got[1].Addr != addrs[1] || firstError(got) != nil {
		t.Errorf("%+v", got)
	}
}

// A login at each broker of a large cluster at once is what an attack looks like.
func TestDiagnoseTriesFewAddressesAtATime(t *testing.T) {
	const brokers = 40
	var open, most atomic.Int64
	addrs := make([]string, brokers)
	for i := range addrs {
		addrs[i] = serve(t, func(c net.Conn) {
			n := open.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			_, _ = io.Copy(io.Discard, c) // until the other side gives up
			open.Add(-1)
		})
	}
	cfg := Config{Bootstrap: addrs, Auth: Auth{TLS: &TLS{}}, DialTimeout: 300 * time.Millisecond, ReadTimeout: 300 * time.Millisecond}
	got := Diagnose(t.Context(), cfg)
	if n := most.Load(); n == 0 || n > brokers/2 { // those that have ended may still be counted
		t.Errorf("%d addresses at a time", n)
	}
	for i := range got {
		if got[i].Addr != addrs[i] || got[i].Err == nil {
			t.Errorf("%d is %s, want %s: %v", i, got[i].Addr, addrs[i], got[i].Err)
		}
	}
}

func TestAbortsACallThatHangs(t *testing.T) {
	for name, cut := range map[string]func(context.Context) (context.Context, context.CancelFunc){
		"deadline": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 50*time.Millisecond)
		},
		"cancel": func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(50*time.Millisecond, cancel)
			return ctx, cancel
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := NewBroker(Config{ReadTimeout: time.Hour}, serve(t, func(net.Conn) {}), nil)
			ctx, cancel := cut(t.Context())
			defer cancel()
			failed := make(chan error, 1)
			go func() {
				_, err := b.ListGroups(ctx)
				b.Close()
				failed <- err
			}()
			select {
			case err := <-failed:
				if !errors.Is(err, context.Cause(ctx)) || !strings.Contains(err.Error(), "ListGroups") {
					t.Errorf("%v", err)
				}
			case <-time.After(patience):
				t.Fatal("the call hangs")
			}
		})
	}
}

func TestConnectsAgainAfterAFailure(t *testing.T) {
	c := kfake.MustCluster(kfake.NumBrokers(1))
	t.Cleanup(c.Close)
	b := NewBroker(Config{}, c.ListenAddrs()[0], nil)
	defer b.Close()
	if _, err := b.ListGroups(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.d.abort()
	if _, err := b.ListGroups(t.Context()); err == nil {
		t.Fatal("answered on a closed connection")
	}
	if _, err := b.ListGroups(t.Context()); err != nil {
		t.Errorf("after reconnecting: %v", err)
	}
}

// firstError is the first failed check, nil when all is well.
func firstError(checks []Check) error {
	for i := range checks {
		if checks[i].Err != nil {
			return checks[i].Err
		}
	}
	return nil
}
