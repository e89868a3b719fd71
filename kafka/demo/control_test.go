package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"lagtop/kafka"
)

func TestAssignorsChangeByRestart(t *testing.T) {
	w := start(t)
	const g = "order-fulfilment"
	w.untilShape(g, "classic Stable cooperative-sticky 3")
	for _, to := range []struct{ label, shape string }{
		{"to KIP-848", "consumer Stable 3"}, {"to range", "classic Stable range 3"}, {"to cooperative-sticky", "classic Stable cooperative-sticky 3"},
	} {
		at := slices.IndexFunc(w.demo.Controls(Target{Group: g}), func(c Control) bool { return c.ID == ActAssign && c.Label == to.label && c.Why == "" })
		if at < 0 {
			t.Fatalf("no control %s: %+v", to.label, w.demo.Controls(Target{Group: g}))
		}
		if _, err := w.demo.Act(t.Context(), ActAssign, Target{Group: g}); err != nil {
			t.Fatal(err)
		}
		w.untilShape(g, to.shape)
	}
}

func TestStaticMembersKeepTheirPlaceInADeploy(t *testing.T) {
	w := start(t)
	const g = "web-indexer"
	w.untilOwners(g, 3, 4)
	if _, err := w.demo.Act(t.Context(), ActStatic, Target{Group: g}); err != nil {
		t.Fatal(err)
	}
	var before string
	w.until("static members", func(ctx context.Context) string {
		before = w.assignment(ctx, g)
		if strings.Count(before, "\n") != 2 || !strings.Contains(before, "web-indexer-1 web-indexer-1 ") {
			return before + ", not three of them"
		}
		return ""
	})
	w.untilOwners(g, 3, 4)
	if _, err := w.demo.Act(t.Context(), ActDeploy, Target{Group: g}); err != nil {
		t.Fatal(err)
	}
	w.until("the assignment of before", func(ctx context.Context) string {
		if now := w.assignment(ctx, g); now != before {
			return now
		}
		return ""
	})
	if _, err := w.demo.RemoveConsumer(g); err != nil { // taken out, not waited for
		t.Fatal(err)
	}
	w.untilOwners(g, 2, 6)
}

// assignment is who has what, in words.
func (w *watcher) assignment(ctx context.Context, group string) string {
	ds, err := w.admin.DescribeGroups(ctx, group)
	if err != nil || ds[group].State != "Stable" {
		return ""
	}
	var out []string
	for _, m := range ds[group].Members {
		a, _ := m.Assigned.AsConsumer()
		instance := ""
		if m.InstanceID != nil {
			instance = *m.InstanceID
		}
		out = append(out, fmt.Sprint(m.ClientID, " ", instance, " ", a.Topics))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func TestFrozenConsumerLosesItsSessionAndComesBack(t *testing.T) {
	w := start(t)
	const g = "order-fulfilment"
	w.untilOwners(g, 3, 4)
	who, on, err := w.demo.Freeze(g, g+"-1")
	if err != nil || !on || who != g+"-1" {
		t.Fatalf("Freeze: %s %v %v", who, on, err)
	}
	w.untilOwners(g, 2, 6)
	if _, on, err = w.demo.Freeze(g, g+"-1"); err != nil || on {
		t.Fatalf("thaw: %v %v", on, err)
	}
	w.untilOwners(g, 3, 4)
}

func TestKilledConsumerIsMissedOnlyAfterItsSession(t *testing.T) {
	w := start(t)
	const g = "web-indexer"
	w.untilOwners(g, 3, 4)
	left := leaves(w.demo.cluster, g)
	if _, err := w.demo.Kill(g, g+"-2"); err != nil {
		t.Fatal(err)
	}
	for _, c := range w.demo.Controls(Target{Group: g, Client: g + "-2"})[:6] {
		if gone := c.ID == ActKill || c.ID == ActFreeze || c.ID == ActSlow; gone != (c.Why != "") {
			t.Errorf("%s while the group still lists who was killed: %q", c.ID, c.Why)
		}
	}
	w.untilOwners(g, 2, 6)
	if n := left.Load(); n > 0 {
		t.Errorf("the group was told %d times", n)
	}
	if id, err := w.demo.AddConsumer(g); err != nil || id != g+"-2" {
		t.Errorf("the next one is %s, %v; its number was free", id, err)
	}
}

func TestProducersTurnFasterSlowerAndHot(t *testing.T) {
	d := newDemo(t.Context(), Options{Seed: 1})
	for i := range d.sources {
		d.sources[i] = d.newSource(d.sources[i].topic)
	}
	from := noon
	count := func() (n, hot int) {
		for _, r := range d.due(from, from.Add(time.Second)) {
			if r.Topic == "orders" {
				n++
			}
			if r.Topic == "orders" && string(r.Key) == hotKey {
				hot++
			}
		}
		return n, hot
	}
	usual, hot := count()
	for _, c := range []struct{ id, said string }{{ActFaster, "orders gets 2 times its usual records"}, {ActSlower, "orders gets its usual records"}} {
		if said, err := d.Act(t.Context(), c.id, Target{Topic: "orders"}); err != nil || said != c.said {
			t.Errorf("%q %v, want %q", said, err, c.said)
		}
	}
	if f, err := d.Rate("orders", 4); err != nil || f != 4 || hot != 0 {
		t.Fatalf("Rate: %v %v, hot %d", f, err, hot)
	}
	if _, err := d.Skew("orders"); err != nil {
		t.Fatal(err)
	}
	if n, hot := count(); n < 3*usual || hot < n*4/10 {
		t.Errorf("%d records, were %d; %d have the hot key", n, usual, hot)
	}
	for range 20 {
		_, _ = d.Rate("orders", 2)
	}
	if f, _ := d.Rate("orders", 2); f != fastest {
		t.Errorf("factor %v, want the limit", f)
	}
	if _, err := d.Rate("audit", 2); err == nil {
		t.Error("produced to a topic that the demo does not own")
	}
}

func TestSameSeedSameRecords(t *testing.T) {
	content := func(seed int64) string {
		d := newDemo(t.Context(), Options{Seed: seed})
		for i := range d.sources {
			d.sources[i] = d.newSource(d.sources[i].topic)
			d.sources[i].hot = i%2 == 0
		}
		var b strings.Builder
		for _, r := range d.due(noon, noon.Add(time.Second)) {
			fmt.Fprintf(&b, "%s/%d %s %s\n", r.Topic, r.Partition, r.Key, r.Value)
		}
		return b.String()
	}
	if a, b := content(7), content(7); a != b || a == "" {
		t.Error("the same seed wrote other records")
	}
	if content(7) == content(8) {
		t.Error("another seed wrote the same records")
	}
}

func TestAgainGoesBackToTheStart(t *testing.T) {
	w := start(t)
	if err := w.demo.Play("deploy"); err != nil {
		t.Fatal(err)
	}
	w.untilShape("shop-kip848", "consumer Stable 3")
	for _, act := range []struct {
		id string
		on Target
	}{{ActSkew, Target{Topic: "orders"}}, {ActPoison, Target{Topic: "orders", Partition: kafka.Some[int32](4)}}, {ActBroker, Target{Broker: kafka.Some[int32](3)}},
		{ActStatic, Target{Group: "web-indexer"}}, {ActSlow, Target{Group: "log-archiver"}}, {ActPause, Target{}}} {
		if _, err := w.demo.Act(t.Context(), act.id, act.on); err != nil {
			t.Fatalf("%s: %v", act.id, err)
		}
	}
	if _, err := w.demo.RemoveConsumer("web-indexer"); err != nil {
		t.Fatal(err)
	}
	if err := w.demo.Stop(); err != nil {
		t.Fatal(err)
	}
	w.untilOwners("web-indexer", 3, 4)
	w.until("order-fulfilment is over the poison", func(ctx context.Context) string {
		if s := w.stands(ctx, "order-fulfilment", "orders")[4]; s.lag() > 20 {
			return fmt.Sprintf("lag %d", s.lag())
		}
		return ""
	})
	w.until("no scenery", func(ctx context.Context) string {
		ts, err := w.admin.ListTopics(ctx)
		if err != nil || ts.Has("shop.events") || w.shape(ctx, "shop-eager") != "" {
			return fmt.Sprint(ts.Names(), err)
		}
		return ""
	})
	w.until("the scene is empty", func(context.Context) string { return w.demo.Scene().Scenario })
	if _, down := w.demo.Down(); down {
		t.Error("the broker is down")
	}
	for _, c := range w.demo.Controls(Target{Group: "web-indexer", Topic: "orders"}) {
		if c.Label == "even keys" || c.Label == "static off" || c.Label == "full speed" {
			t.Errorf("still %s", c.Label)
		}
	}
}

func TestStoppedBrokerRefusesAndOthersLead(t *testing.T) {
	w := start(t)
	w.untilOwners("web-indexer", 3, 4)
	if err := w.demo.StopBroker(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if err := w.demo.StopBroker(t.Context(), 3); err == nil {
		t.Error("two brokers of three were stopped")
	}
	led := func(ctx context.Context) (byTwo, offline int, up []int32) {
		m, err := w.admin.Metadata(ctx)
		if err != nil {
			return -1, -1, nil
		}
		m.Topics.EachPartition(func(p kadm.PartitionDetail) {
			if p.Leader == 2 {
				byTwo++
			}
			offline += len(p.OfflineReplicas)
		})
		return byTwo, offline, m.Brokers.NodeIDs()
	}
	w.until("two brokers are left", func(ctx context.Context) string {
		if n, offline, up := led(ctx); n != 0 || offline != 48 || !slices.Equal(up, []int32{1, 3}) {
			return fmt.Sprintf("broker 2 leads %d, %d replicas are offline, up are %v", n, offline, up)
		}
		return ""
	})
	at := w.stands(t.Context(), "web-indexer", "web.access")
	w.until("the group reads on", func(ctx context.Context) string {
		for p, s := range w.stands(ctx, "web-indexer", "web.access") {
			if s.committed <= at[p].committed {
				return fmt.Sprintf("partition %d stays at %d", p, s.committed)
			}
		}
		return ""
	})
	if id, err := w.demo.StartBroker(); err != nil || id != 2 {
		t.Fatalf("StartBroker: %d %v", id, err)
	}
	w.until("all is as before", func(ctx context.Context) string {
		if n, offline, up := led(ctx); n != 16 || offline != 0 || !slices.Equal(up, []int32{1, 2, 3}) {
			return fmt.Sprintf("broker 2 leads %d, %d replicas are offline, up are %v", n, offline, up)
		}
		return ""
	})
}
