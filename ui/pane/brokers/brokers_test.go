package brokers

import (
	"strings"
	"testing"

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

func ids(m *Model) string {
	var out []string
	for i := range m.Len() {
		out = append(out, m.Key(i))
	}
	return strings.Join(out, " ")
}

// hostile has brokers whose names must not reach a terminal as they are.
func hostile(names ...string) *kafka.Snapshot {
	s := panetest.NewCluster().Build()
	s.Brokers = nil
	for i, n := range names {
		s.Brokers = append(s.Brokers, kafka.Broker{ID: int32(i), Addr: n, Rack: n, At: s.At})
	}
	return s
}

func TestNothingIsCutAtAnyWidth(t *testing.T) {
	for _, scene := range []*kafka.Snapshot{panetest.Typical(), panetest.Stale()} {
		for i := range scene.Brokers {
			b := &scene.Brokers[i]
			b.Addr, b.Leaders, b.Replicas, b.Groups = "h:9092", 20_000, 60_000, 9_999
			b.In = kafka.RateSum{Known: kafka.Some(999_000.0), Missing: 1}
		}
		m, e := shown(t, scene)
		e.History = panetest.Past(scene)
		panetest.Uncut(t, m, e)
	}
}

func TestFrames(t *testing.T) {
	for name, s := range map[string]*kafka.Snapshot{
		"typical": panetest.Typical(), "stale": panetest.Stale(), "waiting": panetest.Waiting(), "hostile": hostile(panetest.HostileNames()...),
	} {
		t.Run(name, func(t *testing.T) {
			m, e := shown(t, s)
			panetest.Frames(t, name, m, e)
		})
	}
}

func TestOrders(t *testing.T) {
	s := panetest.Typical()
	s.Brokers[2].Leaders, s.Brokers[1].Groups = 99, 99
	m, e := shown(t, s)
	for _, want := range []string{"1 2 3", "3 1 2", "2 1 3", "1 2 3"} {
		if got := ids(m); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		m.Do(e, command.Sort)
	}
}

func TestAFaultOfOneGroupIsNotTheBrokers(t *testing.T) {
	s := panetest.Typical()
	s.Faults = []kafka.Fault{{Broker: kafka.Some[int32](1), Group: "payments"}, {Broker: kafka.Some[int32](2), Topic: "orders"}, {Broker: kafka.Some[int32](3), Op: "ListGroups"}}
	for id, want := range map[int32]string{1: "", 2: "", 3: "ListGroups"} {
		got := ""
		if f := Fault(s, id); f != nil {
			got = f.Op
		}
		if got != want {
			t.Errorf("fault of broker %d: %q", id, got)
		}
	}
}

func TestFilter(t *testing.T) {
	for text, want := range map[string]string{"rack-b": "2", "rack:rack-c": "3", "id:>1": "2 3", "groups:>0": "2"} {
		m, e := shown(t, panetest.Typical())
		if err := m.SetFilter(text); err != nil {
			t.Fatal(err)
		}
		m.Refresh(e)
		if got := ids(m); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestSelectWritesTheBrokerAlone(t *testing.T) {
	m, e := shown(t, panetest.Typical())
	m.Do(e, command.Last)
	f := pane.Focus{Group: "payments", Topic: "orders"}
	m.Select(&f)
	if f != (pane.Focus{Group: "payments", Topic: "orders", Broker: kafka.Some[int32](3)}) {
		t.Errorf("focus %+v", f)
	}
	m, _ = shown(t, panetest.Waiting())
	if m.Select(&f); f.Broker.OK {
		t.Error("a broker is selected where there is none")
	}
}

func FuzzHostileNames(f *testing.F) {
	for _, n := range panetest.HostileNames() {
		f.Add(n, 70)
	}
	f.Fuzz(func(t *testing.T, name string, w int) {
		m, e := shown(t, hostile(name, name))
		w = min(max(w, 0), 200)
		panetest.Exact(t, m.View(e, w, 4, true), w, 4)
		if m.SetFilter(name) == nil {
			m.Refresh(e)
		}
		title, note := m.Head(e)
		panetest.Exact(t, []string{title, note, m.Copy(e)}, -1, 3)
	})
}
