package kafkatest

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
)

// tester records how a test of a test helper ends.
type tester struct {
	testing.TB
	skipped, failed string
	cleanups        []func()
}

func (t *tester) Helper()                   {}
func (t *tester) Cleanup(f func())          { t.cleanups = append(t.cleanups, f) }
func (t *tester) Skipf(f string, a ...any)  { t.skipped = fmt.Sprintf(f, a...); panic(t) }
func (t *tester) Fatalf(f string, a ...any) { t.failed = fmt.Sprintf(f, a...); panic(t) }

// end calls f as a test of its own would be called.
func (t *tester) end(f func(tb testing.TB)) {
	defer func() {
		if r := recover(); r != nil && r != any(t) {
			panic(r)
		}
	}()
	f(t)
}

func TestWithoutJavaTheReasonDecidesBySetting(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("TMPDIR", t.TempDir())
	for mode, want := range map[string]struct{ skip, fail string }{
		"":        {skip: "no mvn on the PATH"},
		"require": {fail: "no mvn on the PATH"},
		"off":     {skip: EnvMode + "=off"},
	} {
		t.Setenv(EnvMode, mode)
		tb := &tester{TB: t}
		tb.end(func(tb testing.TB) { Real(tb) })
		if !strings.Contains(tb.skipped, want.skip) || !strings.Contains(tb.failed, want.fail) ||
			(tb.skipped == "") != (want.skip == "") || (tb.failed == "") != (want.fail == "") {
			t.Errorf("%s=%q: skipped %q, failed %q", EnvMode, mode, tb.skipped, tb.failed)
		}
	}
}

func TestWithoutKcatTheReasonDecidesBySetting(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for mode, fails := range map[string]bool{"": false, "require": true} {
		t.Setenv(EnvMode, mode)
		tb := &tester{TB: t}
		tb.end(func(tb testing.TB) { Kcat(tb, nil, "g", []string{"t"}) })
		if said := tb.skipped + tb.failed; !strings.Contains(said, "no kcat on the PATH") || fails != (tb.failed != "") {
			t.Errorf("%s=%q: skipped %q, failed %q", EnvMode, mode, tb.skipped, tb.failed)
		}
	}
}

func TestTheSharedClusterIsSharedAndOutOfHarmsWay(t *testing.T) {
	c, again := Real(t), Real(t)
	if c.List() != again.List() {
		t.Errorf("two clusters: %s and %s", c.List(), again.List())
	}
	for _, b := range c.where.Brokers {
		_, port, err := net.SplitHostPort(b.Addr)
		if p, _ := net.LookupPort("tcp", port); err != nil || p >= 32768 {
			t.Errorf("broker %d listens on %s, in the ephemeral range", b.ID, b.Addr)
		}
	}
	tb := &tester{TB: t}
	c.tb = tb
	tb.end(func(testing.TB) { c.Kill(1) })
	if !strings.Contains(tb.failed, "shared") {
		t.Errorf("a broker of the shared cluster could be killed: %q", tb.failed)
	}
}

func TestJavaMembersOfEachProtocolRead(t *testing.T) {
	c := Real(t)
	for _, props := range [][]string{{"group.protocol=classic"}, {"group.protocol=consumer"}} {
		t.Run(props[0], func(t *testing.T) {
			topic, group := Unique("java"), Unique("java")
			CreateTopic(t, c.Bootstrap(), topic, 4, 3)
			Produce(t, c.Bootstrap(), topic, 40)
			j := JavaConsumer(t, c, group, topic, append(props, "client.id=java-1")...)
			WaitGroup(t, c.Bootstrap(), group, kafka.StateStable, 1)
			Until(t, patience, func() error {
				sum := int64(0)
				for _, at := range Committed(t, c.Bootstrap(), group) {
					sum += at
				}
				if sum != 40 {
					return fmt.Errorf("commits add up to %d, want 40", sum)
				}
				return nil
			})
			out, err := c.Groups(t.Context(), "--describe", "--group", group)
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(out, "java-1"); n < 4 {
				t.Errorf("kafka-consumer-groups names the member %d times:\n%s", n, out)
			}
			j.Stop()
			WaitGroup(t, c.Bootstrap(), group, kafka.StateEmpty, 0)
		})
	}
}

// alive asks a broker of its own for Metadata and counts the brokers that it sees.
func alive(t *testing.T, addr string, within time.Duration) (int, error) {
	cl, err := kgo.NewClient(kgo.SeedBrokers(addr), kgo.RequestRetries(0))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	m, err := kmsg.NewPtrMetadataRequest().RequestWith(ctx, cl.SeedBrokers()[0])
	if err != nil {
		return 0, err
	}
	return len(m.Brokers), nil
}

func TestBrokersOfAnOwnClusterDieHangAndComeBack(t *testing.T) {
	c := RealOwn(t, Own{})
	c.Kill(2)
	if _, err := alive(t, c.Addr(2), time.Second); err == nil {
		t.Error("a killed broker answers")
	}
	c.Restart(2)
	Until(t, patience, func() error {
		if n, err := alive(t, c.Addr(2), time.Second); n != 3 {
			return fmt.Errorf("a restarted broker sees %d brokers: %w", n, err)
		}
		return nil
	})
	c.Stop(3)
	if _, err := alive(t, c.Addr(3), time.Second); err == nil {
		t.Error("a hung broker answers")
	}
	c.Cont(3)
	Until(t, patience, func() error { _, err := alive(t, c.Addr(3), time.Second); return err })
}

func TestAnOwnClusterLeavesNothingBehind(t *testing.T) {
	tb := &tester{TB: t}
	var c *Cluster
	tb.end(func(tb testing.TB) { c = RealOwn(tb, Own{Nodes: 1}) })
	if tb.skipped != "" {
		t.Skip(tb.skipped)
	}
	if tb.failed != "" {
		t.Fatal(tb.failed)
	}
	for _, f := range tb.cleanups {
		f()
	}
	if _, err := os.Stat(c.where.Dir); !os.IsNotExist(err) {
		left, _ := filepath.Glob(filepath.Join(c.where.Dir, "*"))
		t.Errorf("files left: %v %v", err, left)
	}
	if conn, err := net.Dial("tcp", c.Bootstrap()[0]); err == nil {
		_ = conn.Close()
		t.Error("a broker is left")
	}
}
