package alert

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
)

var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// world is a cluster of groups with one partition each, polled every ten seconds.
type world struct {
	t      *testing.T
	engine *Engine
	now    time.Time
	faults []kafka.Fault
	change func(*kafka.Snapshot) // the next polls', before they are observed
}

func newWorld(t *testing.T, rules ...Rule) *world {
	return &world{t: t, engine: New(rules), now: start}
}

// poll observes groups with these lags, each "name=lag"; a lag of ? is unread, - has no commit.
func (w *world) poll(groups ...string) []string {
	w.t.Helper()
	w.now = w.now.Add(10 * time.Second)
	s := &kafka.Snapshot{Began: w.now.Add(-time.Second), At: w.now, Faults: w.faults}
	for _, text := range groups {
		s.Groups = append(s.Groups, group(text, w.now))
	}
	if w.change != nil {
		w.change(s)
	}
	return words(w.engine.Observe(s, w.now))
}

func group(text string, now time.Time) kafka.Group {
	name, lag, _ := strings.Cut(text, "=")
	g := kafka.Group{Name: name, State: kafka.StateStable, At: now, Verdict: kafka.Verdict{Kind: kafka.VerdictOK}}
	for i, part := range strings.Split(lag, "+") {
		p := kafka.GroupPartition{TopicPartition: kafka.TopicPartition{Topic: "orders", Partition: int32(i)}}
		var n int64
		switch _, err := fmt.Sscan(part, &n); {
		case part == "?":
			p.Err = "OffsetFetch: NOT_COORDINATOR"
		case err == nil:
			p.Committed, p.Lag = kafka.Some[int64](7), kafka.Some(n)
			p.Age = kafka.Some(kafka.Age{Min: time.Duration(n) * time.Second, Max: time.Duration(n) * time.Second})
		}
		g.Partitions = append(g.Partitions, p)
		g.Lag.Add(p.Lag)
	}
	return g
}

func words(evs []Event) []string {
	var out []string
	for _, e := range evs {
		out = append(out, string(e.Kind)+" "+e.Rule+" "+e.Group)
	}
	return out
}

// script polls step by step and compares what is told: "lag" or "lag!told, told".
func (w *world) script(steps ...string) {
	w.t.Helper()
	for i, step := range steps {
		lag, told, _ := strings.Cut(step, "!")
		var want []string
		if told != "" {
			want = []string{told + " behind pay"}
		}
		if got := w.poll("pay=" + lag); !slices.Equal(got, want) {
			w.t.Fatalf("poll %d, lag %s: told %q, want %q", i+1, lag, got, want)
		}
	}
}

func behind(enter, leave Hold) Rule {
	return Rule{Name: "behind", When: When{Lag: kafka.Some[int64](100)}, Enter: enter, Leave: leave}
}

func TestAlertNeedsARowOfPollsToBeFiredAndToBeCleared(t *testing.T) {
	for name, steps := range map[string][]string{
		"fires once":           {"100", "100", "100!fired", "500", "900"},
		"clears once":          {"100", "100", "100!fired", "99", "99!cleared", "0", "0"},
		"a spike":              {"500", "500", "0", "500", "500", "0"},
		"flapping never fires": {"500", "0", "500", "0", "500", "0", "500", "0"},
		"flapping never ends":  {"500", "500", "500!fired", "0", "500", "0", "500", "0", "500"},
		"fires again":          {"500", "500", "500!fired", "0", "0!cleared", "500", "500", "500!fired"},
		"unknown is no poll":   {"500", "500", "?", "?", "?", "500!fired", "0", "?", "?", "0!cleared"},
		"unknown only":         {"?", "?", "?", "?", "?"},
		"unknown stays open":   {"500", "500", "500!fired", "?", "?", "?", "-", "-", "-", "?"},
		"parts that suffice":   {"500+?", "500+?", "500+?!fired", "5+?", "5+?", "5+?"},
		"no commit is no part": {"500+-", "500+-", "500+-!fired", "5+-", "5+-!cleared"},
	} {
		t.Run(name, func(t *testing.T) { newWorld(t, behind(Hold{Polls: 3}, Hold{Polls: 2})).script(steps...) })
	}
}

func TestAlertNeedsItsTime(t *testing.T) {
	rule := behind(Hold{Polls: 2, For: 30 * time.Second}, Hold{Polls: 2, For: 20 * time.Second})
	newWorld(t, rule).script("500", "500", "500", "500!fired", "0", "0", "0!cleared")
	// The time of polls that could not tell, 10 s before and 10 s after the second, is not counted.
	newWorld(t, rule).script("500", "?", "500", "500", "500", "500!fired", "0", "?", "0", "0", "0!cleared")
}

func TestSinceIsTheBeginOfTheRow(t *testing.T) {
	w := newWorld(t, behind(Hold{Polls: 3}, Hold{}))
	w.script("0", "500", "500", "500!fired")
	open := w.engine.Open()
	if len(open) != 1 || !open[0].Since.Equal(start.Add(20*time.Second)) {
		t.Errorf("open: %+v", open)
	}
	w.script("0!cleared")
	if open := w.engine.Open(); len(open) != 0 {
		t.Errorf("still open: %+v", open)
	}
	if n := len(w.engine.tracks); n != 0 {
		t.Errorf("%d tracks are kept of a group that nothing is open for", n)
	}
}

func TestPollThatIsPublishedTwiceCountsOnce(t *testing.T) {
	e := New([]Rule{behind(Hold{Polls: 2}, Hold{})})
	for i, seq := range []uint64{1, 1, 1, 2} {
		s := &kafka.Snapshot{Seq: seq, Groups: []kafka.Group{group("pay=500", start)}}
		if got := e.Observe(s, start); (len(got) > 0) != (seq == 2) {
			t.Fatalf("snapshot %d: %v", i, got)
		}
	}
}

func TestTheSameSnapshotCountsOnce(t *testing.T) {
	e := New([]Rule{behind(Hold{Polls: 2}, Hold{})})
	s := &kafka.Snapshot{Groups: []kafka.Group{group("pay=500", start)}}
	for range 5 {
		if got := words(e.Observe(s, start)); got != nil {
			t.Fatal(got)
		}
	}
}

func TestOldNumbersNeitherFireNorClear(t *testing.T) {
	topic := func(s *kafka.Snapshot, p kafka.Partition) {
		s.Topics = []kafka.Topic{{Name: "orders", Partitions: []kafka.Partition{p}}}
	}
	for name, change := range map[string]func(*kafka.Snapshot){
		"group not read":      func(s *kafka.Snapshot) { s.Groups[0].At = s.Began.Add(-time.Minute) },
		"group not described": func(s *kafka.Snapshot) { s.Groups[0].Err = "DescribeGroups: denied" },
		"group in no answer":  func(s *kafka.Snapshot) { s.Groups[0].Gone = true },
		"end not read":        func(s *kafka.Snapshot) { topic(s, kafka.Partition{At: s.Began.Add(-time.Minute)}) },
		"end failed":          func(s *kafka.Snapshot) { topic(s, kafka.Partition{At: s.At, Err: "no leader"}) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, behind(Hold{}, Hold{}))
			w.change = change
			w.script("500", "500", "500")
			w.change = nil
			w.script("500!fired")
			w.change = change
			w.script("0", "0", "0")
			w.change = nil
			w.script("0!cleared")
		})
	}
}

func TestGoneGroupIsClearedOnlyWhenTheBrokersAnswer(t *testing.T) {
	w := newWorld(t, behind(Hold{}, Hold{Polls: 3}))
	w.script("500!fired")
	w.faults = []kafka.Fault{{Broker: kafka.Some[int32](2), Op: "ListGroups"}}
	if got := w.poll(); got != nil {
		t.Fatalf("with a broker down: %q", got)
	}
	w.faults = []kafka.Fault{{Group: "other", Op: "DescribeGroups"}}
	if got := w.poll(); !slices.Equal(got, []string{"cleared behind pay"}) {
		t.Fatalf("with all brokers up: %q", got)
	}
}

// A broker that answered told which groups it has, whatever else it refuses for good.
func TestGoneGroupIsClearedThoughARequestIsRefusedForGood(t *testing.T) {
	w := newWorld(t, behind(Hold{}, Hold{}))
	refused := []kafka.Fault{{Broker: kafka.Some[int32](1), Op: "ShareGroupDescribe", Reason: "the brokers do not offer it"}}
	w.change = func(s *kafka.Snapshot) {
		s.Faults = refused
		s.Brokers = []kafka.Broker{{ID: 1, At: s.At}}
	}
	if got := w.poll("pay=100"); !slices.Equal(got, []string{"fired behind pay"}) {
		t.Fatalf("told %q", got)
	}
	if got := w.poll(); !slices.Equal(got, []string{"cleared behind pay"}) {
		t.Errorf("told %q when the group was gone", got)
	}
	w.poll("pay=100")
	refused[0].Op = "ListGroups"
	if got := w.poll(); got != nil {
		t.Errorf("told %q though the broker did not say which groups it has", got)
	}
}

func TestRulesAndGroupsAreApart(t *testing.T) {
	all, some := behind(Hold{}, Hold{}), behind(Hold{}, Hold{})
	all.Name, some.Name, some.Group, some.When.Lag = "all", "some", "pay*", kafka.Some[int64](1000)
	w := newWorld(t, all, some)
	if got, want := w.poll("audit=5", "fraud=1000", "pay/eu=1000", "pay1=100"), []string{"fired all fraud", "fired all pay/eu", "fired all pay1", "fired some pay/eu"}; !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	if got, want := w.poll("audit=5", "fraud=1", "pay/eu=100", "pay1=100"), []string{"cleared all fraud", "cleared some pay/eu"}; !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
}

func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, group string
		want           bool
	}{
		{"", "pay", true}, {"*", "", true}, {"*", "a/b", true}, {"pay*", "payments", true}, {"pay*", "pay/eu/1", true},
		{"pay*", "Payments", false}, {"pay?", "pay", false}, {"pay?", "pay1", true}, {"pay[12]", "pay3", false},
		{"*-eu", "pay-eu", true}, {"*-eu", "pay-eu-1", false}, {"a/*", "a/b", true}, {`\*`, "*", true}, {`\*`, "x", false},
		{"*", "\xff\x00", true}, {"?", "\xff", true},
	} {
		if err := CheckPattern(c.pattern); err != nil {
			t.Errorf("%q: %v", c.pattern, err)
		}
		if got := matches(c.pattern, c.group); got != c.want {
			t.Errorf("%q matches %q: %v", c.pattern, c.group, got)
		}
	}
	if CheckPattern("[a-") == nil {
		t.Error("[a- is a pattern")
	}
}
