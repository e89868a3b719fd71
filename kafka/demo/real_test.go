package demo

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/wait"
)

// envChild makes the test binary a demo on a real cluster that waits to be killed.
const envChild = "LAGTOP_DEMO_CHILD"

func connected(t *testing.T, cfg conn.Config) *Demo {
	t.Helper()
	d, err := Connect(t.Context(), cfg, Options{Seed: 1, only: []string{"order-fulfilment", "siem-forwarder"}})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func remains(t *testing.T, cfg conn.Config, id string) *Run {
	t.Helper()
	runs, err := Runs(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for i := range runs {
		if runs[i].ID == id {
			return &runs[i]
		}
	}
	return nil
}

func untilMembers(t *testing.T, cfg conn.Config, id string, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), settleWithin)
	defer cancel()
	for {
		r := remains(t, cfg, id)
		if r != nil && r.Members == n {
			return
		}
		if wait.For(ctx, statusEvery) != nil {
			t.Fatalf("run %s: %+v, want %d members", id, r, n)
		}
	}
}

func TestRealLeavesNothingBehindAtTheEnd(t *testing.T) {
	cfg := conn.Config{Bootstrap: kafkatest.Real(t).Bootstrap()}
	d, other := connected(t, cfg), connected(t, cfg)
	defer func() {
		if err := other.Close(); err != nil {
			t.Error(err)
		}
	}()
	untilMembers(t, cfg, d.RunID(), 5)
	orders := d.prefix + "order-fulfilment"
	if _, err := d.Kill(orders, ""); err != nil { // a member whose session still runs at the end
		t.Fatal(err)
	}
	if err := d.Rejoin(t.Context(), d.prefix+"siem-forwarder", Eager, true); err != nil {
		t.Fatal(err)
	}
	if err := d.StopBroker(t.Context(), 1); err == nil {
		t.Error("a broker of a real cluster was stopped")
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if r := remains(t, cfg, d.RunID()); r != nil {
		t.Errorf("left behind: %+v", r)
	}
	untilMembers(t, cfg, other.RunID(), 5) // and the other run was spared
}

func TestRealCleanRemovesARunThatWasKilled(t *testing.T) {
	if list := os.Getenv(envChild); list != "" {
		child(t, list)
		return
	}
	cfg := conn.Config{Bootstrap: kafkatest.Real(t).Bootstrap()}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.timeout=120s")
	cmd.Env = append(os.Environ(), envChild+"="+strings.Join(cfg.Bootstrap, ","))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 64)
	n, _ := out.Read(buf)
	id := strings.TrimSpace(string(buf[:n]))
	untilMembers(t, cfg, id, 5)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	if r := remains(t, cfg, id); r == nil || time.Since(r.Began) > time.Hour || len(r.Topics) != 2 || len(r.Groups) != 2 {
		t.Fatalf("after kill -9: %+v", r)
	}
	if err := Clean(t.Context(), cfg, id); err != nil {
		t.Fatal(err)
	}
	if r := remains(t, cfg, id); r != nil {
		t.Errorf("left behind: %+v", r)
	}
}

// child runs a demo until it is killed.
func child(t *testing.T, list string) {
	d := connected(t, conn.Config{Bootstrap: strings.Split(list, ",")})
	_, _ = os.Stdout.WriteString(d.RunID() + "\n")
	<-t.Context().Done()
}

func TestRealRefusesWhereNothingMayBeChanged(t *testing.T) {
	cfg := conn.Config{Bootstrap: []string{"127.0.0.1:1"}, ReadOnly: true}
	if _, err := Connect(t.Context(), cfg, Options{}); err == nil {
		t.Error("a demo on a read-only cluster")
	}
	if err := Clean(t.Context(), cfg, "t0000000001"); err == nil {
		t.Error("cleaned a read-only cluster")
	}
}

func TestRunIDsTellTheirBeginning(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	id := newRun(now)
	if at, ok := startOf(id); !ok || !at.Equal(now) || strings.Contains(id, "-") || newRun(now) == id {
		t.Errorf("%s began %v, %v", id, at, ok)
	}
	for _, no := range []string{"", "orders", "t5", "zzzz-zzzz", "!!!!!!!abcd"} {
		if _, ok := startOf(no); ok {
			t.Errorf("%q counts as a run", no)
		}
	}
}
