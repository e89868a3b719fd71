package poll

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
)

// Each question costs the broker a request that it keeps, and a poll that waits for it slows all.
func TestShareOffsetsThatFailedAreAskedLessOftenAndNotWaitedFor(t *testing.T) {
	f := kafkatest.NewFake(t, kfake.SeedTopics(2, "orders"))
	heal := silentShares(t, f)
	cfg := conn.Config{Bootstrap: f.Bootstrap()[:1], ReadTimeout: unhurried}
	d := &driver{t: t, s: newSession(t.Context(), New(cfg, Options{Interval: time.Hour, Deadline: 2 * time.Second}))}
	defer d.s.close()
	var n *node
	for deadline := time.Now().Add(patience); n == nil; {
		d.poll()
		for _, x := range d.s.nodes {
			for x.shares.asking {
				d.s.note(<-d.s.results, time.Now())
			}
			if x.shares.err != nil {
				n = x
			}
		}
		if time.Now().After(deadline) {
			t.Fatal("no broker is silent")
		}
	}
	early := &cycle{began: n.shares.retry.Add(-time.Second)}
	if d.s.askShares(early, n, []string{"shared"}); n.shares.asking {
		t.Error("asked again at once")
	}
	due := &cycle{began: n.shares.retry}
	if d.s.askShares(due, n, []string{"shared"}); !n.shares.asking || len(due.waitS) > 0 {
		t.Errorf("when it is due: asked %v, waited for %d", n.shares.asking, len(due.waitS))
	}
	heal()
	d.s.p.opts.Deadline = unhurried
	if d.poll(); n.shares.err != nil { // it asks again without waiting, or its answer came already
		for n.shares.asking {
			d.s.note(<-d.s.results, time.Now())
		}
	}
	next := &cycle{began: time.Now()}
	if d.s.askShares(next, n, []string{"shared"}); n.shares.err != nil || len(next.waitS) != 1 {
		t.Errorf("after it answered: %v, waited for %d", n.shares.err, len(next.waitS))
	}
}
