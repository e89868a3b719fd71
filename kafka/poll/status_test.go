package poll

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"lagtop/kafka"
	"lagtop/kafka/conn"
)

// freePort is one that nobody listens on, below the ranges that clients and the real brokers of tests get theirs from.
func freePort(t *testing.T) (string, int) {
	t.Helper()
	for port := 17000; port < 20000; port += 7 {
		l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port})
		if err != nil {
			continue
		}
		_ = l.Close()
		return l.Addr().String(), port
	}
	t.Fatal("no free port")
	return "", 0
}

func waitStatus(t *testing.T, p *Poller, what string, ok func(Status) bool) Status {
	t.Helper()
	deadline := time.After(patience)
	for {
		if s := p.Status(); ok(s) {
			return s
		}
		select {
		case <-p.Updates():
		case <-deadline:
			t.Fatalf("waited for: %s; %+v", what, p.Status())
		}
	}
}

func TestSaysWhyNobodyAnswersAndKeepsTrying(t *testing.T) {
	addr, port := freePort(t)
	p := watch(t, conn.Config{Bootstrap: []string{addr}}, Options{Interval: 100 * time.Millisecond})
	if !p.Status().Connecting {
		t.Error("not connecting at the start")
	}
	s := waitStatus(t, p, "an error", func(s Status) bool { return s.Err != nil })
	var step *conn.StepError
	if !errors.As(s.Err, &step) || step.Addr != addr || step.Step != conn.StepConnect || step.Advice == "" {
		t.Errorf("%#v", s.Err)
	}
	if !s.Connecting || !s.LastOK.IsZero() || p.Latest() != nil {
		t.Errorf("%+v", s)
	}
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(port))
	if err != nil {
		t.Fatal(err)
	}
	s = waitStatus(t, p, "a connection", func(s Status) bool { return s.Err == nil && !s.Connecting })
	if s.LastOK.IsZero() {
		t.Errorf("%+v", s)
	}
	until(t, p, "a snapshot", (*kafka.Snapshot).Complete)
	c.Close()
	s = waitStatus(t, p, "the cluster's end", func(s Status) bool { return s.Err != nil })
	if s.Connecting || s.LastOK.IsZero() {
		t.Errorf("%+v", s)
	}
	until(t, p, "a stale snapshot", func(s *kafka.Snapshot) bool { return !s.Complete() && len(s.Brokers) == 1 })
}

func TestOneLiveBootstrapAddressIsEnough(t *testing.T) {
	f := newFake(t)
	dead, _ := freePort(t)
	cfg := conn.Config{Bootstrap: []string{dead, f.ListenAddrs()[2]}}
	if s := once(t, cfg); !s.Complete() {
		t.Errorf("faults: %+v", s.Faults)
	}
}

func TestBootstrapThatHangsDoesNotHinderTheOthers(t *testing.T) {
	f := newFake(t)
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepts in the kernel, never answers
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	p := New(conn.Config{Bootstrap: []string{l.Addr().String(), f.ListenAddrs()[1]}}, Options{Deadline: 10 * time.Second}) // another one is asked after a quarter of it
	s, err := p.Once(t.Context())
	if err != nil || !s.Complete() {
		t.Errorf("%v, %+v", err, s)
	}
}

func TestOnceFailsWhenNobodyAnswers(t *testing.T) {
	addr, _ := freePort(t)
	s, err := New(conn.Config{Bootstrap: []string{addr}}, Options{}).Once(t.Context())
	var step *conn.StepError
	if s != nil || !errors.As(err, &step) {
		t.Errorf("%v, %v", s, err)
	}
}

func TestRefreshPollsNow(t *testing.T) {
	f := newFake(t)
	p := watch(t, f.config(), Options{Interval: time.Hour})
	first := until(t, p, "the first", func(*kafka.Snapshot) bool { return true })
	p.Refresh()
	second := until(t, p, "the second", func(s *kafka.Snapshot) bool { return s.Seq > first.Seq })
	p.SetInterval(MinInterval)
	until(t, p, "the third", func(s *kafka.Snapshot) bool { return s.Seq > second.Seq })
	if p.Interval() != MinInterval {
		t.Errorf("interval %v", p.Interval())
	}
}

func TestDerivesBeforePublishing(t *testing.T) {
	f := newFake(t)
	var order []string
	p := New(f.config(), Options{})
	step := func(name string) func(*kafka.Snapshot) {
		return func(*kafka.Snapshot) {
			order = append(order, name)
			if p.Latest() != nil {
				t.Error("published before it was derived")
			}
		}
	}
	p.opts.Derive = []func(*kafka.Snapshot){step("a"), step("b")}
	if _, err := p.Once(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(order) != 2 || order[0] != "a" || p.Latest() == nil {
		t.Errorf("%v", order)
	}
}

func TestRunEndsWhileABrokerHangs(t *testing.T) {
	f := newFake(t)
	p := New(f.config(), Options{Interval: 100 * time.Millisecond})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- p.Run(ctx) }()
	s := until(t, p, "a snapshot", (*kafka.Snapshot).Complete)
	f.wire(s.Brokers[2].ID).hang()
	p.Refresh()
	cancel()
	select {
	case err := <-done:
		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Fatal("still running")
	}
}

func TestTheControllerIsReadApart(t *testing.T) {
	f := newFake(t)
	p := watch(t, f.config(), Options{Interval: 100 * time.Millisecond})
	s := until(t, p, "the controller", func(s *kafka.Snapshot) bool { return s.Cluster.Controller.OK && s.Cluster.Version != "" })
	n := 0
	for _, b := range s.Brokers {
		if b.Controller {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d controllers: %+v", n, s.Brokers)
	}
	t.Logf("%+v", s.Cluster)
}

// All brokers are replaced by others, on addresses that nothing but the bootstrap list names.
func TestWhenAllBrokersAreGoneTheBootstrapListIsAskedAgain(t *testing.T) {
	_, later := freePort(t)
	old, err := kfake.NewCluster(kfake.NumBrokers(2), kfake.ClusterID("one"), kfake.SeedTopics(1, "orders"))
	if err != nil {
		t.Fatal(err)
	}
	list := []string{old.ListenAddrs()[0], fmt.Sprintf("localhost:%d", later)}
	p := watch(t, conn.Config{Bootstrap: list}, Options{Interval: MinInterval, Deadline: time.Second})
	until(t, p, "the first brokers", func(s *kafka.Snapshot) bool { return s.Complete() && len(s.Brokers) == 2 })
	old.Close()
	waitStatus(t, p, "the end of all brokers", func(s Status) bool { return s.Err != nil })
	s := until(t, p, "a stale snapshot", func(s *kafka.Snapshot) bool { return !s.Complete() })
	if s.Topic("orders") == nil {
		t.Error("what was known is forgotten")
	}
	renewed, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.ClusterID("one"), kfake.Ports(later), kfake.SeedTopics(1, "orders"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(renewed.Close)
	waitStatus(t, p, "the new broker", func(s Status) bool { return s.Err == nil })
	s = until(t, p, "the new broker alone", func(s *kafka.Snapshot) bool { return s.Complete() && len(s.Brokers) == 1 })
	if s.Brokers[0].Addr != renewed.ListenAddrs()[0] {
		t.Errorf("%+v, it listens on %v", s.Brokers, renewed.ListenAddrs())
	}
}
