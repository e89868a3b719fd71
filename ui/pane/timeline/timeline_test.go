package timeline

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/rebalance"
	"lagtop/kafka/timeline"
	"lagtop/ui/command"
	"lagtop/ui/pane"
	"lagtop/ui/pane/panetest"
)

// member is one with the first letters of its id as its client id, on a host of its own.
func member(client string, life int, topic string, partitions ...int32) kafka.Member {
	m := kafka.Member{ID: fmt.Sprintf("%s-%04d-5a3c", client, life), ClientID: client, Host: "10.0.1." + client[len(client)-1:], Subscribed: []string{topic}}
	for _, p := range partitions {
		m.Assigned = append(m.Assigned, kafka.TopicPartition{Topic: topic, Partition: p})
	}
	return m
}

// past is a log with a scale out, a deploy seen by polls and what the log tells of another group, all before the
// snapshot; the last one goes on.
func past(s *kafka.Snapshot) *timeline.Log {
	l := timeline.New(timeline.Options{})
	at := func(d time.Duration) time.Time { return s.At.Add(-d) }
	poll := func(ago time.Duration, state kafka.GroupState, lag int64, ms ...kafka.Member) {
		pay := kafka.Group{Name: "payments", Type: kafka.Classic, ProtocolType: "consumer", Protocol: "range", State: state, Members: ms, At: at(ago), Lag: kafka.Total{V: lag, Known: 4}}
		ship := kafka.Group{Name: "shipping", Type: kafka.Consumer, State: kafka.StateStable, Epoch: kafka.Some[int32](7), At: at(ago), Members: []kafka.Member{member("ship-1", 1, "clicks", 0)}}
		l.Observe(&kafka.Snapshot{Seq: 1, At: at(ago), Groups: []kafka.Group{pay, ship}})
	}
	one, two := member("payments-1", 1, "orders", 0, 1), member("payments-2", 1, "orders", 2, 3)
	poll(20*time.Minute, kafka.StateStable, 50, member("payments-1", 1, "orders", 0, 1, 2, 3))
	poll(20*time.Minute-2*time.Second, kafka.StateStable, 60, one, two)
	poll(6*time.Minute, kafka.StatePreparingRebalance, 80, one, two)
	poll(6*time.Minute-2*time.Second, kafka.StateCompletingRebalance, 700, two)
	poll(6*time.Minute-4*time.Second, kafka.StateStable, 1280, member("payments-2", 1, "orders", 0, 1, 2, 3))
	poll(5*time.Minute, kafka.StateStable, 1100, member("payments-1", 2, "orders", 0, 1), two)
	poll(4*time.Minute, kafka.StateStable, 900, member("payments-1", 2, "orders", 0, 1), member("payments-2", 2, "orders", 2, 3))
	l.Follow("shipping")
	l.Take("shipping", []kafka.GroupRecord{
		{Kind: kafka.GroupMember, At: at(26 * time.Hour), Offset: 1, Member: member("ship-1", 1, "clicks")},
		{Kind: kafka.GroupEpoch, At: at(26 * time.Hour), Offset: 2, Epoch: 1},
		{Kind: kafka.GroupTargetEpoch, At: at(26 * time.Hour), Offset: 3, Epoch: 1},
		{Kind: kafka.GroupCurrent, At: at(26*time.Hour - 350*time.Millisecond), Offset: 4, Epoch: 1, Settled: true, Member: kafka.Member{ID: "ship-1-0001-5a3c"}},
	})
	l.Act(timeline.Action{Group: "payments", What: "kick", Target: rebalance.Identity{ClientID: "payments-2", Host: "10.0.1.2"}, Reason: "stuck", Begin: at(4*time.Minute + 2*time.Second), End: at(4 * time.Minute), Unstable: 1200 * time.Millisecond})
	poll(time.Minute, kafka.StatePreparingRebalance, 950, member("payments-1", 2, "orders", 0, 1), member("payments-2", 2, "orders", 2, 3), member("payments-3", 1, "orders"))
	return l
}

func shown(t *testing.T, group string) (*Model, *pane.Env) {
	t.Helper()
	e := panetest.Env(t, panetest.Typical())
	e.Timeline = past(e.Snapshot)
	m := New(group)
	m.Refresh(e)
	return m, e
}

func do(t *testing.T, m pane.Pane, e *pane.Env, ids ...command.ID) {
	t.Helper()
	for _, id := range ids {
		if _, ok := m.Do(e, id); !ok {
			t.Fatalf("%s is not known", id)
		}
	}
}

func TestFrames(t *testing.T) {
	t.Run("group", func(t *testing.T) {
		m, e := shown(t, "payments")
		m.Tell("as polls saw it, at least: not authorized: READ on __consumer_offsets")
		do(t, m, e, command.Down, command.Down)
		panetest.Frames(t, "group", m, e)
	})
	t.Run("all", func(t *testing.T) {
		m, e := shown(t, "")
		panetest.Frames(t, "all", m, e)
	})
	t.Run("empty", func(t *testing.T) {
		e := panetest.Env(t, panetest.Typical())
		e.Timeline = timeline.New(timeline.Options{})
		m := New("payments")
		m.Refresh(e)
		panetest.Frames(t, "empty", m, e)
	})
	t.Run("detail", func(t *testing.T) {
		m, e := shown(t, "payments")
		do(t, m, e, command.Last, command.Up)
		panetest.Frames(t, "detail", NewDetail(m.Current()), e)
	})
	t.Run("exact", func(t *testing.T) {
		m, e := shown(t, "shipping")
		panetest.Frames(t, "exact", NewDetail(m.Current()), e)
	})
}

func TestHostileNamesAreEscaped(t *testing.T) {
	for _, name := range panetest.HostileNames() {
		e := panetest.Env(t, panetest.Typical())
		l := timeline.New(timeline.Options{})
		for i, ms := range [][]kafka.Member{nil, {{ID: name, ClientID: name, Host: name, InstanceID: name, Subscribed: []string{name}, Assigned: []kafka.TopicPartition{{Topic: name}}}}} {
			at := e.Snapshot.At.Add(time.Duration(i-5) * time.Second)
			l.Observe(&kafka.Snapshot{At: at, Groups: []kafka.Group{{Name: name, Type: kafka.Classic, ProtocolType: "consumer", Protocol: name, State: kafka.StateStable, Members: ms, At: at}}})
		}
		e.Timeline = l
		m := New("")
		m.Refresh(e)
		panetest.Exact(t, m.View(e, 118, 20, true), 118, 20)
		d := NewDetail(m.Current())
		panetest.Exact(t, d.View(e, 118, 30, true), 118, 30)
		for _, text := range []string{m.Copy(e), d.Copy(e)} {
			panetest.Exact(t, strings.Split(strings.TrimSuffix(text, "\n"), "\n"), -1, strings.Count(strings.TrimSuffix(text, "\n"), "\n")+1)
		}
	}
}

func TestASCII(t *testing.T) {
	m, e := shown(t, "payments")
	panetest.ASCII(t, m, e)
	panetest.ASCII(t, NewDetail(m.Current()), e)
}

func TestTabGoesToAllGroupsAndToTheOneOfTheRow(t *testing.T) {
	m, e := shown(t, "payments")
	do(t, m, e, command.Down)
	id := m.Current().ID
	do(t, m, e, command.Next)
	if m.Group() != "" || m.Current().ID != id {
		t.Errorf("all: group %q, row %d", m.Group(), m.Current().ID)
	}
	do(t, m, e, command.Last, command.Prev)
	if m.Group() != "shipping" || m.Current().Group != "shipping" {
		t.Errorf("the row's: %q", m.Group())
	}
}

func TestFilterAndSort(t *testing.T) {
	m, e := shown(t, "")
	for text, want := range map[string]int{"cause:deploy": 2, "cause:scale": 2, "group:ship": 1, "lag:>1k": 1, "member:payments-3": 1, "nobody": 1} {
		if err := m.SetFilter(text); err != nil {
			t.Fatal(err)
		}
		m.Refresh(e)
		if n := m.every.Len(); n != want {
			t.Errorf("%s: %d rows, want %d", text, n, want)
		}
	}
	if err := m.SetFilter(""); err != nil {
		t.Fatal(err)
	}
	m.Refresh(e)
	do(t, m, e, command.First)
	if !m.Current().Open() {
		t.Error("the one that goes on is not first")
	}
	do(t, m, e, command.Sort, command.Sort, command.First)
	if r := m.Current(); r.Piled().V != 1220 {
		t.Errorf("most lag first: %+v", r.Lag)
	}
}

func TestDetailFollowsWhatGoesOn(t *testing.T) {
	m, e := shown(t, "payments")
	d := NewDetail(m.Current())
	d.Refresh(e)
	if !d.r.Open() {
		t.Fatal("nothing goes on")
	}
	at := e.Snapshot.At
	e.Timeline.Observe(&kafka.Snapshot{At: at, Groups: []kafka.Group{{Name: "payments", Type: kafka.Classic, ProtocolType: "consumer", Protocol: "range", State: kafka.StateStable, At: at}}})
	d.Refresh(e)
	if d.r.Open() || d.r.Cause.Kind != timeline.CauseStopped {
		t.Errorf("%+v", d.r)
	}
}
