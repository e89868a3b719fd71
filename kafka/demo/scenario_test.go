package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/lag"
	"lagtop/kafka/poll"
	"lagtop/kafka/safe"
	"lagtop/kafka/triage"
	"lagtop/kafka/wait"
)

// hurry is how many times as fast the scenarios run in tests: rates are that much higher, and the snapshots' clock
// runs that much faster, so that the rules see the rates that a person would and have history enough.
const hurry = 6

// playsWithin is for a loaded machine.
const playsWithin = 3 * time.Minute

// theatre is a scenario that runs, and what its snapshots showed.
type theatre struct {
	*Demo
	mu    sync.Mutex
	rules map[string]bool   // of findings, as rule/subject
	kinds map[string]bool   // of verdicts, as verdict/group
	worst map[string]string // client id of the member that was furthest behind when its group first was in trouble
	last  *kafka.Snapshot
}

// perform plays a scenario to its end; before are called when its fleet is there.
func perform(t *testing.T, name string, before ...func(*Demo)) *theatre {
	t.Helper()
	t.Parallel()
	sc, err := scenarioNamed(name)
	if err != nil {
		t.Fatal(err)
	}
	uses := append([]string{"none"}, sc.uses...)
	d, err := Start(t.Context(), Options{Seed: 1, only: uses, speed: hurry, hurried: true})
	if err != nil {
		t.Fatal(err)
	}
	th := &theatre{Demo: d, rules: map[string]bool{}, kinds: map[string]bool{}, worst: map[string]string{}}
	h := lag.NewHistory(lag.Options{})
	began := time.Now()
	p := poll.New(conn.Config{Bootstrap: d.Bootstrap(), ClientID: "audience"}, poll.Options{
		Interval: 250 * time.Millisecond,
		Derive:   []func(*kafka.Snapshot){stretch(began), h.Observe, triage.New(h).Judge, th.see, d.Observe},
	})
	ctx, stop := context.WithCancel(context.Background())
	var polling sync.WaitGroup
	polling.Go(func() { _ = p.Run(ctx) })
	t.Cleanup(func() {
		stop()
		polling.Wait()
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, f := range before {
		f(d)
	}
	if err := d.Play(name); err != nil {
		t.Fatal(err)
	}
	th.untilEnd(t)
	return th
}

// stretch makes the clock of snapshots run faster from a moment on.
func stretch(from time.Time) func(*kafka.Snapshot) {
	late := func(at *time.Time) {
		if !at.IsZero() {
			*at = from.Add(at.Sub(from) * hurry)
		}
	}
	return func(s *kafka.Snapshot) {
		late(&s.Began)
		late(&s.At)
		for i := range s.Topics {
			for k := range s.Topics[i].Partitions {
				s.Topics[i].Partitions[k].At = s.At
			}
		}
		for i := range s.Groups {
			s.Groups[i].At = s.At
		}
	}
}

func (th *theatre) see(s *kafka.Snapshot) {
	th.mu.Lock()
	defer th.mu.Unlock()
	th.last = s
	for i := range s.Findings {
		th.rules[s.Findings[i].Rule+" "+s.Findings[i].Subject.Name()] = true
	}
	for i := range s.Groups {
		g := &s.Groups[i]
		th.kinds[g.Verdict.Kind.String()+" "+g.Name] = true
		if g.Verdict.Kind.Trouble() && th.worst[g.Name] == "" {
			th.worst[g.Name] = furthestBehind(g)
		}
	}
}

// furthestBehind is the client id of the member whose partitions have the most lag together, empty without members.
func furthestBehind(g *kafka.Group) string {
	lags := make([]int64, len(g.Members))
	for i := range g.Partitions {
		if p := &g.Partitions[i]; p.Owner.OK && p.Lag.OK {
			lags[p.Owner.V] += p.Lag.V
		}
	}
	if len(lags) == 0 {
		return ""
	}
	return g.Members[slices.Index(lags, slices.Max(lags))].ClientID
}

func (th *theatre) untilEnd(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), playsWithin)
	defer cancel()
	for {
		scene := th.Scene()
		switch {
		case scene.Err != "":
			t.Fatalf("step %d, %q: %s", scene.Step, scene.Caption, scene.Err)
		case scene.Done:
			if scene.Look == "" || scene.Step != scene.Steps {
				t.Fatalf("ends at %+v", scene)
			}
			return
		}
		if wait.For(ctx, statusEvery) != nil {
			t.Fatalf("step %d of %d, %q still waits for %s", scene.Step, scene.Steps, scene.Caption, scene.Waiting)
		}
	}
}

// shown fails when no snapshot showed one of these.
func (th *theatre) shown(t *testing.T, in map[string]bool, what ...string) {
	t.Helper()
	th.mu.Lock()
	defer th.mu.Unlock()
	for _, w := range what {
		if !in[w] {
			t.Errorf("no snapshot showed %q, but %v", w, in)
		}
	}
}

// owned waits until the members of a group own so many partitions, fewest first. A scenario may end right before a
// rebalance: on a busy machine a member loses its session.
func (th *theatre) owned(t *testing.T, group string, want ...int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), playsWithin)
	defer cancel()
	for {
		got := th.owns(group)
		if slices.Equal(got, want) {
			return
		}
		if wait.For(ctx, statusEvery) != nil {
			t.Fatalf("the members of %s own %v, want %v", group, got, want)
		}
	}
}

func (th *theatre) owns(group string) (out []int) {
	th.mu.Lock()
	defer th.mu.Unlock()
	g := th.last.Group(group)
	for i := 0; g != nil && i < len(g.Members); i++ {
		out = append(out, len(g.Members[i].Assigned))
	}
	slices.Sort(out)
	return out
}

func TestBalanceEndsWithAnEvenShare(t *testing.T) {
	perform(t, "balance").owned(t, "order-fulfilment", 4, 4, 4)
}

func TestFaultToleranceMovesThePartitionsOfTheDead(t *testing.T) {
	const name = "order-fulfilment"
	var left *atomic.Int32
	th := perform(t, "fault-tolerance", func(d *Demo) { left = leaves(d.cluster, name) })
	if n := left.Load(); n > 0 {
		t.Errorf("the group was told %d times that somebody leaves: the session of the dead did not have to time out", n)
	}
	th.owned(t, name, 4, 4, 4)
	g, err := th.find(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, n := g.gaps.sum(); n < 4 {
		t.Errorf("%d partitions had no owner", n)
	}
}

func TestHandedCountsWhatHasAnotherOwner(t *testing.T) {
	group := func(owners ...int) *kafka.Snapshot {
		g := kafka.Group{Name: "g", Members: []kafka.Member{{ClientID: "a"}, {ClientID: "b"}, {ClientID: "c"}}}
		for i, o := range owners {
			g.Partitions = append(g.Partitions, kafka.GroupPartition{
				TopicPartition: kafka.TopicPartition{Topic: "t", Partition: int32(i)}, Owner: kafka.Known[int]{V: o, OK: o >= 0},
			})
		}
		return &kafka.Snapshot{Groups: []kafka.Group{g}}
	}
	s := &stage{Demo: &Demo{}, marks: map[string]float64{}, owners: map[string]map[kafka.TopicPartition]string{}}
	look, told := handed("g"), toldHanded("g", "One came")
	for i, c := range []struct {
		owners []int
		waits  bool
		want   string
	}{
		{[]int{0, 0, 1, 1}, false, "0 of 4 partitions moved"},
		{[]int{0, 2, -1, 2}, true, "0 of 4"},
		{[]int{0, 2, 1, 2}, false, "2 of 4"},
		{[]int{0, 2, 1, 2}, false, "2 of 4"}, // it is asked again while the caption is read
		{[]int{1, 2, 1, 2}, false, "1 of 4"},
	} {
		if waits := look(s, group(c.owners...)); (waits != "") != c.waits || !strings.Contains(told(s), c.want) {
			t.Errorf("look %d: waits for %q, %s, want %s", i, waits, told(s), c.want)
		}
	}
}

func TestFlexibilityLosesNothing(t *testing.T) {
	th := perform(t, "flexibility")
	th.owned(t, "web-indexer", 4, 4, 4)
	if scene := th.Scene(); !strings.HasPrefix(scene.Caption, "One came: ") || !strings.Contains(scene.Caption, " of 12 partitions moved") || scene.Marks["handed web-indexer"] < 4 {
		t.Errorf("it does not end with what was measured: %+v", scene)
	}
}

func TestParallelismEndsAtThePartitions(t *testing.T) {
	perform(t, "parallelism").owned(t, "siem-forwarder", 0, 0, 1, 1, 1, 1, 1, 1)
}

func TestOneSlowProcessHoldsUpItsPartitionsAlone(t *testing.T) {
	th := perform(t, "one-process")
	th.shown(t, th.kinds, "ok web-indexer")
	th.mu.Lock()
	defer th.mu.Unlock()
	// On a busy machine the slow one does not commit at all for a while, which is STALLED, and true.
	if !th.kinds["falling behind web-indexer"] && !th.kinds["STALLED web-indexer"] {
		t.Errorf("the group was never in trouble: %v", th.kinds)
	}
	if got := th.worst["web-indexer"]; got != "web-indexer-2" {
		t.Errorf("%q was furthest behind", got)
	}
}

func TestBatchingShowsInTheBatches(t *testing.T) {
	th := perform(t, "batching")
	a, err := conn.OpenAdmin(conn.Config{Bootstrap: th.Bootstrap()})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	perBatch := func(topic string) (records int, codecs map[string]bool) {
		codecs = map[string]bool{}
		logs, err := a.Batches(t.Context(), topic)
		if err != nil {
			t.Fatal(err)
		}
		batches := 0
		for _, l := range logs {
			for _, b := range l.Batches {
				batches++
				records += b.Records.V
				codecs[fmt.Sprint(b.Codec)] = true
			}
		}
		return records / max(batches, 1), codecs
	}
	one, raw := perBatch("sensors.single")
	many, packed := perBatch("sensors.batched")
	if many < 2*one || one == 0 || fmt.Sprint(raw) == fmt.Sprint(packed) {
		t.Errorf("%d records a batch in %v, and %d in %v", one, raw, many, packed)
	}
}

func TestPipelineCarriesBothKindsOfLogs(t *testing.T) {
	th := perform(t, "pipeline")
	cl, err := kgo.NewClient(kgo.SeedBrokers(th.Bootstrap()...), kgo.ConsumeTopics("logs.events"), kgo.DisableClientMetrics())
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	ctx, cancel := context.WithTimeout(t.Context(), settleWithin)
	defer cancel()
	hosts, services := 0, 0
	for hosts == 0 || services == 0 {
		fs := cl.PollRecords(ctx, 500)
		if ctx.Err() != nil {
			t.Fatalf("%d lines of hosts, %d of services", hosts, services)
		}
		fs.EachRecord(func(r *kgo.Record) {
			hosts += strings.Count(string(r.Value), `{"source":"syslog"`)
			services += strings.Count(string(r.Value), `{"source":"app.logs"`)
		})
	}
}

func TestDeployStopsMorePartitionTimeEagerlyThanCooperatively(t *testing.T) {
	th := perform(t, "deploy")
	seconds := th.Scene().Marks
	if e, c := seconds["deploy shop-eager"], seconds["deploy shop-cooperative"]; e <= c || c <= 0 {
		t.Errorf("partition-seconds without an owner: %v", seconds)
	}
	for _, g := range shops {
		th.owned(t, g.name, 4, 4, 4)
	}
}

func TestPoisonStallsOnePartitionUntilItIsSteppedOver(t *testing.T) {
	th := perform(t, "poison")
	th.shown(t, th.kinds, "STALLED order-fulfilment")
	th.shown(t, th.rules, "poison-record order-fulfilment")
	th.mu.Lock()
	p := th.last.Group("order-fulfilment").Partition(kafka.TopicPartition{Topic: "orders", Partition: 5})
	th.mu.Unlock()
	if at := th.Scene().Marks["poison"]; p == nil || float64(p.Committed.V) <= at {
		t.Errorf("in the end %+v, the poison at %.0f", p, at)
	}
}

func TestHotKeyIsFoundAndNotHelpedByConsumers(t *testing.T) {
	th := perform(t, "hot-key")
	th.shown(t, th.kinds, "falling behind cart-pricing")
	th.shown(t, th.rules, "hot-partition cart-pricing")
}

func TestScaleOutDrains(t *testing.T) {
	th := perform(t, "scale-out")
	th.shown(t, th.kinds, "falling behind log-archiver")
	th.owned(t, "log-archiver", 1, 1, 1, 1, 1, 1)
}

func TestBrokerLossLeavesGroupsReading(t *testing.T) {
	th := perform(t, "broker-loss")
	th.shown(t, th.rules, "under-replicated 2")
	if _, down := th.Down(); down {
		t.Error("the broker is still down")
	}
}

func TestCaptionsFitIntoALine(t *testing.T) {
	seen := map[string]bool{}
	for _, sc := range Scenarios() {
		if seen[sc.Name] || sc.Title == "" || sc.Look == "" || len(sc.steps) < 3 || safe.Width(sc.Look) > captionWidth-4 {
			t.Errorf("%s: incomplete, or twice, or its look is %d wide", sc.Name, safe.Width(sc.Look))
		}
		seen[sc.Name] = true
		for i, st := range sc.steps {
			if w := safe.Width(st.caption); w == 0 || w > captionWidth {
				t.Errorf("%s, step %d: the caption is %d cells wide", sc.Name, i+1, w)
			}
		}
	}
}
