package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	journal "lagtop/kafka/audit"
	"lagtop/kafka/offsets"
	"lagtop/ui/command"
	"lagtop/ui/pane"
	"lagtop/ui/pane/panetest"
)

func encode(t *testing.T, v any) json.RawMessage {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// reset is a plan for so many partitions.
func reset(group string, partitions int) offsets.Plan {
	p := offsets.Plan{Action: offsets.ActionReset, Group: group, Type: kafka.Classic, State: kafka.StateEmpty, Exists: true, Scenario: "to latest"}
	for i := range partitions {
		before, after := int64(1000+i), int64(1284312+i)
		p.Changes = append(p.Changes, offsets.Change{TopicPartition: panetest.TP("orders", int32(i)),
			Before: kafka.Some(before), After: kafka.Some(after), Delta: kafka.Some(after - before)})
	}
	return p
}

// outcome is that of a reset with one refused partition, or none below 0.
func outcome(p offsets.Plan, refused int) any {
	rs := make([]offsets.Result, len(p.Changes))
	applied := 0
	for i, c := range p.Changes {
		rs[i] = offsets.Result{TopicPartition: c.TopicPartition, Want: c.After, Got: c.After}
		if i == refused {
			rs[i].Got, rs[i].Refused, rs[i].Err = c.Before, true, "refused: TOPIC_AUTHORIZATION_FAILED"
			continue
		}
		applied++
	}
	return map[string]any{"BeforeFile": "/home/ann/.local/state/lagtop/before/20261122T120000.csv", "Applied": applied, "Proved": true, "Results": rs}
}

func intent(id string, ago time.Duration, action, group string, plan json.RawMessage) Item {
	return Item{Action: journal.Action{Entry: journal.Entry{
		ID: id, Time: panetest.Now().Add(-ago), Phase: journal.Intent, User: "ann", Host: "laptop", SSH: "10.0.0.9 5022 22", PID: 4711,
		Cluster: panetest.Typical().Cluster.ID, Name: "prod-eu", Action: action, Group: group, Plan: plan,
	}}}
}

func (i Item) ended(took time.Duration, outcome json.RawMessage, failed string) Item {
	end := i.Entry
	end.Phase, end.Plan, end.Outcome, end.Error, end.DurationMS = journal.Outcome, nil, outcome, failed, took.Milliseconds()
	i.End = &end
	return i
}

func page(t *testing.T) Page {
	t.Helper()
	p := reset("payments", 12)
	cut := intent("cut", 5*time.Minute, "reset offsets", "payments", encode(t, p))
	cut.CutShort = true
	partly := intent("partly", time.Hour, "reset offsets", "billing", encode(t, p)).ended(1200*time.Millisecond, encode(t, outcome(p, 3)), "")
	undone := intent("undone", 2*time.Hour, "delete offsets", "billing", encode(t, p)).ended(1100*time.Millisecond, encode(t, outcome(p, -1)), "")
	undone.Undone = panetest.Now().Add(-time.Hour)
	foreign := intent("foreign", 26*time.Hour, "reset offsets", "payments", encode(t, p)).ended(time.Second, encode(t, outcome(p, -1)), "")
	foreign.Cluster, foreign.Name = "other-cluster-id", "staging"
	kick := map[string]any{"Action": "kick", "Group": "payments", "Reason": "removed by an operator", "Effect": "payments-3 loses 4 partitions",
		"Target": map[string]any{"ID": "payments-3-id", "ClientID": "payments-3", "Host": "10.0.0.7"},
		"Loses":  []kafka.TopicPartition{panetest.TP("orders", 0), panetest.TP("orders", 7)}}
	found := encode(t, journal.Found{Verdict: "not applied to any of 12 partitions"})
	closed := intent("closed", 50*time.Hour, "reset offsets", "payments", encode(t, p)).ended(0, found, "")
	closed.End.Phase = journal.Recovered
	return Page{Read: true, More: true, Cluster: panetest.Typical().Cluster.ID, Items: []Item{
		cut,
		intent("running", 6*time.Minute, "probe", "order-fulfilment", encode(t, map[string]string{"Action": "probe"})),
		partly, undone,
		intent("kick", 3*time.Hour, "kick", "payments", encode(t, kick)).ended(4200*time.Millisecond,
			encode(t, map[string]any{"Trigger": "LeaveGroup", "Sent": true, "UnstableMS": 3100, "Settled": true}), ""),
		intent("refused", 4*time.Hour, "reset offsets", "payments", encode(t, p)).ended(80*time.Millisecond,
			encode(t, map[string]any{"Applied": 0, "Results": nil}), "reset payments: the group has 3 members"),
		foreign, closed,
		{Action: journal.Action{Entry: journal.Entry{Phase: journal.Unreadable, Error: "audit.jsonl at byte 118: unexpected end of JSON input"}}},
	}}
}

func model(t *testing.T) (*Model, *pane.Env) {
	t.Helper()
	e := panetest.Env(t, panetest.Typical())
	m := New()
	m.Take(e, page(t))
	return m, e
}

func TestFrames(t *testing.T) {
	m, e := model(t)
	panetest.Frames(t, "cut", m, e)
	for _, id := range []string{"partly", "kick"} {
		if !m.Go(id) {
			t.Fatal(id)
		}
		panetest.Frames(t, id, m, e)
	}
}

func TestBeforeTheFileWasReadAndWhenItCannotBe(t *testing.T) {
	e := panetest.Env(t, panetest.Typical())
	m := New()
	panetest.Frames(t, "reading", m, e)
	m.Take(e, Page{Read: true, Err: errors.New("open audit.jsonl: permission denied")})
	if s := panetest.Screen(m.View(e, 78, 10, true)); !strings.Contains(s, "permission denied") {
		t.Error(s)
	}
	m.Take(e, Page{Read: true})
	if s := panetest.Screen(m.View(e, 78, 10, true)); !strings.Contains(s, "nothing was done yet") || m.Copy(e) != "" || m.NoUndo() == "" {
		t.Error(s)
	}
}

func TestEveryActionSaysWhetherItCanBeUndone(t *testing.T) {
	m, _ := model(t)
	for id, want := range map[string]string{
		"cut": "", "partly": "", "undone": "undone at", "running": "only changes of offsets", "kick": "only changes of offsets",
		"refused": "changed nothing", "foreign": "staging: connect to that one", "closed": "", "": "cannot be read",
	} {
		if !m.Go(id) {
			t.Fatalf("%q is not shown", id)
		}
		if got := m.NoUndo(); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
	running := page(t)
	running.Items[0].CutShort = false
	m.Take(panetest.Env(t, panetest.Typical()), running)
	if m.Go("cut"); !strings.Contains(m.NoUndo(), "under way") {
		t.Errorf("%q of an action under way", m.NoUndo())
	}
}

func TestFilterAndOrders(t *testing.T) {
	m, e := model(t)
	for text, want := range map[string]int{"": 9, "result:open": 1, "cluster:staging": 1, "action:kick": 1, "user:ann": 8, "billing": 2, "result:undone": 1} {
		if err := m.SetFilter(text); err != nil {
			t.Fatal(err)
		}
		m.Refresh(e)
		if m.Len() != want {
			t.Errorf("%q leaves %d of the actions, want %d", text, m.Len(), want)
		}
	}
	if err := m.SetFilter(""); err != nil {
		t.Fatal(err)
	}
	m.Refresh(e)
	for _, want := range []string{"", "", "", "", "", "kick"} { // the unreadable record has no words
		m.Do(e, command.Sort)
		m.Do(e, command.First)
		if got := m.Item().ID; got != want && want != "" {
			_, note := m.Head(e)
			t.Errorf("%s: %q is on top, want %q", note, got, want)
		}
	}
}

func TestDetailHasEveryPartitionAndTheBeforeState(t *testing.T) {
	m, e := model(t)
	m.Go("partly")
	text := m.Copy(e)
	for i := range 12 {
		if want := fmt.Sprintf("orders/%d ", i); !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	for _, want := range []string{"11 of 12 partitions set, read back twice", "TOPIC_AUTHORIZATION_FAILED", "before/20261122T120000.csv", "10.0.0.9", "1000", "1284312"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestSelectionFocusesGroupsOfThisClusterOnly(t *testing.T) {
	m, _ := model(t)
	f := pane.Focus{Group: "other"}
	m.Go("foreign")
	if m.Select(&f); f.Group != "other" {
		t.Error("a group of another cluster came into the focus")
	}
	m.Go("partly")
	if m.Select(&f); f.Group != "billing" {
		t.Errorf("the focus is on %q", f.Group)
	}
}

func TestHostileRecordsAreDrawnSafely(t *testing.T) {
	e := panetest.Env(t, panetest.Typical())
	const evil = "a\x1b[2J\u202e\nb"
	p := reset(evil, 2)
	p.Changes[0].Topic, p.Changes[1].Err, p.Scenario = evil, evil, evil
	it := intent(evil, time.Minute, "reset offsets", evil, encode(t, p)).ended(time.Second, encode(t, outcome(p, 0)), evil)
	it.User, it.Host, it.SSH, it.Name = evil, evil, evil, evil
	other := intent("x", time.Minute, evil, evil, encode(t, map[string]any{evil: evil, "deep": map[string]any{"a": []any{map[string]any{"b": []string{evil}}}}}))
	m := New()
	m.Take(e, Page{Read: true, Items: []Item{it, other}, Err: errors.New(evil)})
	for range 2 {
		panetest.Exact(t, m.View(e, 118, 35, true), 118, 35)
		m.Do(e, command.Down)
	}
	panetest.ASCII(t, m, e)
}

func TestOldRecordsWithoutPlanOrWithAnotherFormAreShown(t *testing.T) {
	e := panetest.Env(t, panetest.Typical())
	old := intent("old", time.Minute, "reset offsets", "g", nil).ended(time.Second, nil, "")
	odd := intent("odd", time.Minute, "reset offsets", "g", json.RawMessage(`"nonsense"`)).ended(time.Second, json.RawMessage(`[]`), "")
	m := New()
	m.Take(e, Page{Read: true, Items: []Item{old, odd}, Cluster: old.Cluster})
	if m.Go("old"); !strings.Contains(m.NoUndo(), "no longer in the files") {
		t.Error(m.NoUndo())
	}
	m.Go("odd")
	if s := m.Copy(e); !strings.Contains(s, "recorded") {
		t.Error(s)
	}
}

func FuzzReadable(f *testing.F) {
	f.Add([]byte(`{"a":[{"Topic":"t","Partition":0}],"b":{"c":null}}`))
	f.Add([]byte(`{"a":[1,[2]],"b"`))
	f.Fuzz(func(_ *testing.T, raw []byte) { readable("", raw) })
}
