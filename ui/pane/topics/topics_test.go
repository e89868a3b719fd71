package topics

import (
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/ui/command"
	"lagtop/ui/pane"
	"lagtop/ui/pane/panetest"
)

func shown(t testing.TB, s *kafka.Snapshot) (*Model, *pane.Env) {
	t.Helper()
	m, e := New(), panetest.Env(t, s)
	m.Refresh(e)
	return m, e
}

func names(m *Model) string {
	var out []string
	for i := range m.Len() {
		out = append(out, m.Key(i))
	}
	return strings.Join(out, " ")
}

// busy is the typical cluster with rates, an internal topic and one that lost a replica.
func busy() *kafka.Snapshot {
	s := panetest.Typical()
	s.Topic("orders").In.Add(kafka.Some(4890.0))
	s.Topic("clicks").In = kafka.RateSum{Known: kafka.Some(1500.0), Missing: 1}
	s.Topic("audit").Internal = true
	s.Topic("audit").In.Add(kafka.Some(9999.0))
	s.Topic("orders").Partitions[7].ISR = []int32{2}
	s.Topic("clicks").Partitions[2].End = kafka.Known[int64]{}
	return s
}

// stale has a topic whose offsets are old and one that could not be described.
func stale() *kafka.Snapshot {
	s := panetest.Stale()
	s.Topic("orders").Partitions[3].At = s.At.Add(-8 * time.Second)
	s.Topic("audit").Err, s.Topic("audit").Partitions = "not authorized: DESCRIBE on topic audit", nil
	return s
}

// hostile has topics with names that must not reach a terminal as they are.
func hostile(names ...string) *kafka.Snapshot {
	c := panetest.NewCluster()
	for i, n := range names {
		t := c.Topic(n, 10, 20)
		if i%2 == 1 {
			t.Err = n
		}
	}
	return c.Build()
}

func TestNothingIsCutAtAnyWidth(t *testing.T) {
	c := panetest.NewCluster()
	ends := make([]int64, 333) // 999 replicas
	for _, name := range []string{"a", "b", "c"} {
		c.Topic(name, ends...).In = kafka.RateSum{Known: kafka.Some(999_000.0), Missing: 1}
	}
	m, e := shown(t, c.Build())
	e.History = panetest.Past(e.Snapshot)
	panetest.Uncut(t, m, e)
}

func TestFrames(t *testing.T) {
	for name, s := range map[string]*kafka.Snapshot{
		"typical": busy(), "stale": stale(), "empty": panetest.Empty(), "hostile": hostile(panetest.HostileNames()...),
	} {
		t.Run(name, func(t *testing.T) {
			m, e := shown(t, s)
			e.History = panetest.Past(s)
			panetest.Frames(t, name, m, e)
		})
	}
}

func TestInternalTopicsComeLastUnlessSortedOtherwise(t *testing.T) {
	m, e := shown(t, busy())
	if got := names(m); got != "orders clicks audit" {
		t.Errorf("by rate %q", got)
	}
	m.Do(e, command.Sort)
	if got := names(m); got != "audit clicks orders" {
		t.Errorf("by name %q", got)
	}
}

func TestUnknownRateComesAfterAnyRate(t *testing.T) {
	s := busy()
	s.Topic("orders").In = kafka.RateSum{}
	m, _ := shown(t, s)
	if got := names(m); got != "clicks orders audit" {
		t.Errorf("by rate %q", got)
	}
}

func TestGroupsAreCountedOncePerTopic(t *testing.T) {
	got := Readers(panetest.Typical())
	if got["orders"] != 1 || got["clicks"] != 2 || got["audit"] != 1 {
		t.Errorf("readers %v", got)
	}
}

func TestFilter(t *testing.T) {
	for text, want := range map[string]string{
		"ord": "orders", "topic:i": "clicks audit", "partitions:>3": "orders", "groups:2": "clicks",
		"in:>1k internal:false": "orders clicks", "internal:true": "audit",
	} {
		m, e := shown(t, busy())
		if err := m.SetFilter(text); err != nil {
			t.Fatal(err)
		}
		m.Refresh(e)
		if got := names(m); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestSelectingAnotherTopicForgetsThePartition(t *testing.T) {
	m, e := shown(t, busy())
	f := pane.Focus{Topic: "orders", Partition: kafka.Some[int32](7), Group: "payments"}
	m.Select(&f)
	if !f.Partition.OK {
		t.Error("the partition of the same topic is forgotten")
	}
	m.Do(e, command.Down)
	m.Select(&f)
	if f.Topic != "clicks" || f.Partition.OK || f.Group != "payments" {
		t.Errorf("focus %+v", f)
	}
}

func TestMarks(t *testing.T) {
	m, e := shown(t, busy())
	m.Do(e, command.Mark)
	m.Do(e, command.Down)
	m.Do(e, command.Mark)
	m.Refresh(e)
	panetest.Frames(t, "marked", m, e)
	if got := strings.Join(m.MarkedTopics(), " "); got != "clicks orders" {
		t.Errorf("marked %q", got)
	}
	m.Do(e, command.Mark)
	if got := strings.Join(m.MarkedTopics(), " "); got != "orders" {
		t.Errorf("marked %q after one was unmarked", got)
	}
	_ = m.SetFilter("clicks")
	m.Refresh(e)
	if _, note := m.Head(e); note != "1 marked, 1 of 3  /clicks" {
		t.Errorf("what is hidden stays marked: %q", note)
	}
	s := panetest.NewCluster()
	s.Topic("clicks", 1)
	e.Snapshot = s.Build()
	m.Refresh(e)
	if got := m.MarkedTopics(); len(got) != 0 {
		t.Errorf("a topic that is gone: %v", got)
	}
	m.Do(e, command.Mark)
	m.ClearMarks()
	if _, note := m.Head(e); len(m.MarkedTopics()) != 0 || strings.Contains(note, "marked") || strings.Contains(panetest.Screen(m.View(e, 60, 3, true)), e.Theme.Glyphs.Marked) {
		t.Errorf("marks stay: %q", note)
	}
}

func FuzzHostileNames(f *testing.F) {
	for _, n := range panetest.HostileNames() {
		f.Add(n, 70)
	}
	f.Fuzz(func(t *testing.T, name string, w int) {
		m, e := shown(t, hostile(name, name+"2"))
		w = min(max(w, 0), 200)
		panetest.Exact(t, m.View(e, w, 4, true), w, 4)
		if m.SetFilter(name) == nil {
			m.Refresh(e)
		}
		title, note := m.Head(e)
		panetest.Exact(t, []string{title, note, m.Copy(e)}, -1, 3)
	})
}

// A number that is cut is another number.
func TestHugeTopicsShowWholeNumbers(t *testing.T) {
	wide := panetest.NewCluster()
	parts := wide.Topic("wide", make([]int64, 100_000)...).Partitions
	for i := range parts {
		parts[i].Replicas, parts[i].ISR = []int32{1, 2, 3}, []int32{1, 2, 3}
	}
	s := wide.Build()
	m, e := shown(t, s)
	if got := panetest.Screen(m.View(e, 120, 5, true)); !strings.Contains(got, " 100k ") || !strings.Contains(got, " 300k ") {
		t.Errorf("\n%s", got)
	}
	s.Topic("wide").Partitions[9].ISR = []int32{1}
	m.Refresh(e)
	if got := panetest.Screen(m.View(e, 120, 5, true)); !strings.Contains(got, e.Theme.Glyphs.Warn+"-2 ") {
		t.Errorf("\n%s", got)
	}
}
