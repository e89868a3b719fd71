package timeline

import (
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/ui/command"
	"lagtop/ui/pane/panetest"
)

func TestStormFrames(t *testing.T) {
	m, e := shown(t, "payments")
	do(t, m, e, command.Next, command.Next)
	panetest.Frames(t, "storm", m, e)
	panetest.ASCII(t, m, e)
}

func TestTabGoesRoundOverTheStorm(t *testing.T) {
	m, e := shown(t, "payments")
	do(t, m, e, command.Next, command.Next)
	if title, _ := m.Head(e); title != "Rebalances by group" || m.Current() != nil || m.Group() != "" {
		t.Errorf("%q, group %q", title, m.Group())
	}
	do(t, m, e, command.Sort)
	if got := m.Copy(e); !strings.HasPrefix(got, "payments  ") || !strings.Contains(got, "rebalances in ") {
		t.Errorf("copy: %s", got)
	}
	m.Enter(e)
	if m.Group() != "payments" || m.Current() == nil {
		t.Errorf("group %q", m.Group())
	}
	do(t, m, e, command.Prev, command.Prev)
	if title, _ := m.Head(e); title != "Timeline of all groups" {
		t.Errorf("%q", title)
	}
	m = New("")
	m.Refresh(e)
	do(t, m, e, command.Last, command.Next, command.Next)
	if m.Group() == "" {
		t.Error("round again without a group")
	}
}

func TestStormFilter(t *testing.T) {
	m, e := shown(t, "")
	do(t, m, e, command.Next)
	for text, want := range map[string]int{"group:pay": 1, "group:ship": 0, "perhour:>1": 1, "moved:>1k": 0, "member:payments-1": 1} {
		if err := m.SetFilter(text); err != nil {
			t.Fatal(err)
		}
		m.Refresh(e)
		if n := m.storms.Len(); n != want {
			t.Errorf("%s: %d rows, want %d", text, n, want)
		}
	}
}

func TestStormOfHostileNamesIsEscaped(t *testing.T) {
	for _, name := range panetest.HostileNames() {
		m, e := shown(t, "")
		for i := range 2 {
			at := e.Snapshot.At.Add(time.Duration(i-2) * time.Second)
			ms := make([]kafka.Member, i, 1)
			for j := range ms {
				ms[j] = kafka.Member{ID: name, ClientID: name, Host: name, InstanceID: name}
			}
			e.Timeline.Observe(&kafka.Snapshot{At: at, Groups: []kafka.Group{{Name: name, Type: kafka.Classic, ProtocolType: "consumer", State: kafka.StateStable, Members: ms, At: at}}})
		}
		do(t, m, e, command.Next, command.Last)
		panetest.Exact(t, m.View(e, 118, 20, true), 118, 20)
	}
}
