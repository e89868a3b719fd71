package tail

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	kafkatail "lagtop/kafka/tail"
	"lagtop/ui/command"
	"lagtop/ui/pane/panetest"
)

// several is a source of more than one topic.
type several struct {
	*kept
	spec kafkatail.Spec
}

func (s several) Spec() kafkatail.Spec { return s.spec }

// together are three topics in the order of time, one record of which came too late.
func together() several {
	s := several{kept: logs(), spec: kafkatail.Spec{Reads: []kafka.ReadSpec{{Topic: "orders"}, {Topic: "payments-eu-west-1.outbox"}, {Topic: "clicks"}}, Merge: kafkatail.DefaultMerge}}
	for i := range s.entries {
		e := &s.entries[i]
		e.Topic = s.spec.Reads[i%3].Topic
		e.Timestamp = panetest.Now().Add(time.Duration(i-10) * time.Second)
		if i == 4 {
			e.Late, e.Timestamp = true, e.Timestamp.Add(-5*time.Second)
		}
	}
	s.state.Late, s.state.Partitions = 1, 18
	return s
}

func found(phase kafkatail.Phase) several {
	s := several{kept: &kept{topic: "orders"}, spec: kafkatail.Spec{Reads: []kafka.ReadSpec{{Topic: "orders"}}, Most: 1_000_000}}
	s.add(`{"level":"error","msg":"card declined","amount":12.5}`, `{"level":"error","msg":"card declined","amount":80}`)
	s.state = kafkatail.State{Phase: phase, Partitions: 12, Read: 340_000, Received: 2, Passed: 412_000, All: kafka.Some[int64](4_120_000), Rate: kafka.Some(85_000.0)}
	return s
}

func TestFramesOfSeveralTopicsAndScans(t *testing.T) {
	full := found(kafkatail.Ended)
	full.state.Full, full.state.Read = true, 1_000_000
	stopped := found(kafkatail.Ended)
	stopped.state.Stopped = true
	unsure, unsureEnded := found(kafkatail.Following), found(kafkatail.Ended)
	unsure.state.Unsure, unsureEnded.state.Unsure = 1200, 1200
	empty := found(kafkatail.Following)
	empty.entries, empty.state.Received = nil, 0
	ended := logs()
	ended.state.Phase, ended.state.Rate = kafkatail.Ended, kafka.Known[float64]{}
	for name, c := range map[string]struct {
		source Source
		label  string
		scan   bool
	}{
		"merged":            {together(), "orders +2", false},
		"ended":             {ended, "orders from 10m until now", false},
		"scan":              {found(kafkatail.Following), "orders from 1h: declined", true},
		"scan-nothing":      {empty, "orders from 1h: declined", true},
		"scan-ended":        {found(kafkatail.Ended), "orders from 1h: declined", true},
		"scan-full":         {full, "orders from 1h: declined", true},
		"scan-unsure":       {unsure, "orders from 1h: declined", true},
		"scan-unsure-ended": {unsureEnded, "orders from 1h: declined", true},
		"scan-stopped":      {stopped, "orders from 1h: declined", true},
	} {
		t.Run(name, func(t *testing.T) {
			m, e := show(t, logs())
			if c.scan {
				m.Scan(c.source, c.label)
			} else {
				m.Show(c.source, c.label)
			}
			m.Refresh(e)
			panetest.Frames(t, name, m, e)
		})
	}
}

func TestScanSaysHowFarItIs(t *testing.T) {
	m, e := show(t, following())
	for _, c := range []struct {
		read, passed int64
		all          kafka.Known[int64]
		want         string
	}{
		{0, 0, kafka.Known[int64]{}, "scanning · 2 found"},
		{1, 0, kafka.Some[int64](0), "scanning 100% · 2 found"},
		{10, 40, kafka.Some[int64](80), "scanning 50% · 2 found"},
		{900_000, 900_000, kafka.Some[int64](9_000_000), "scanning 90% · 2 found"}, // of the million that is asked for
		{10, 99, kafka.Some[int64](80), "scanning 100% · 2 found"},
	} {
		s := found(kafkatail.Following)
		s.state.Read, s.state.Passed, s.state.All, s.state.Partitions, s.state.Rate = c.read, c.passed, c.all, 0, kafka.Known[float64]{}
		m.Scan(s, "x")
		m.Refresh(e)
		check(t, fmt.Sprint(c.passed), note(m, e), c.want)
	}
}

func TestScanGivesBackWhatWasShown(t *testing.T) {
	k := following()
	k.add(numbered(20)...)
	m, e := show(t, k)
	if err := m.SetFilter("-17"); err != nil {
		t.Fatal(err)
	}
	do(t, m, e, command.Bookmark)
	m.Scan(found(kafkatail.Following), "first")
	m.Scan(found(kafkatail.Ended), "second")
	m.Refresh(e)
	if _, ok := m.Bookmark(); ok || m.Filter() != "" {
		t.Error("a bookmark and a filter of other records")
	}
	do(t, m, e, command.FindOlder, command.Up, command.TailRaw)
	k.add("newest")
	m.Live()
	m.Live()
	m.Refresh(e)
	if cur, _ := m.Current(); string(cur.Value) != "newest" || m.Filter() != "-17" || !m.reading.raw {
		t.Errorf("%q, filter %q", cur.Value, m.Filter())
	}
	if title, _ := m.Head(e); title != "Tail orders" {
		t.Errorf("title %q", title)
	}
}

func TestOlderMatchesBeyondMemoryAreOfferedWhenAskedTwice(t *testing.T) {
	k := following()
	k.add(numbered(20)...)
	m, e := show(t, k)
	_ = m.Highlight().SetFilter("nowhere")
	for i, want := range []bool{false, true, true} {
		do(t, m, e, command.FindOlder)
		if m.Beyond() != want {
			t.Errorf("asked %d times: %v", i+1, m.Beyond())
		}
	}
	do(t, m, e, command.Up)
	if m.Beyond() {
		t.Error("after another key")
	}
	do(t, m, e, command.FindOlder, command.FindNewer, command.FindOlder)
	if m.Beyond() {
		t.Error("after the other direction")
	}
	_ = m.SetFilter("nowhere")
	m.Refresh(e)
	if got := panetest.Screen(m.View(e, 100, 5, true)); !strings.Contains(got, "m searches the log further back") {
		t.Errorf("%s", got)
	}
}
