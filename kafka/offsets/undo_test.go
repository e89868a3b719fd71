package offsets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"lagtop/kafka"
	"lagtop/kafka/audit"
)

// Partitions and ListOffsets make the table a Reader: each log holds offsets 0 to 1000.
func (t *table) Partitions(_ context.Context, topics []string) (map[string][]int32, error) {
	t.call("partitions")
	out := map[string][]int32{}
	for _, name := range topics {
		out[name] = []int32{0, 1, 2}
	}
	return out, nil
}

func (t *table) ListOffsets(_ context.Context, tps []kafka.TopicPartition, at kafka.OffsetAt) (map[kafka.TopicPartition]kafka.LogOffset, error) {
	t.call("list")
	out := map[kafka.TopicPartition]kafka.LogOffset{}
	for _, tp := range tps {
		o := t.start
		if at == kafka.AtEnd() {
			o = 1000
		}
		out[tp] = kafka.LogOffset{Offset: some(o)}
	}
	return out, nil
}

func (t *table) Describe(context.Context, string, kafka.GroupType) (kafka.Group, error) {
	t.call("describe")
	if t.unseen > 0 {
		t.unseen--
		return kafka.Group{}, errors.New("connection refused")
	}
	return t.group, nil
}

func TestPlanSurvivesTheAudit(t *testing.T) {
	_, p, _ := setup(t)
	p.At = noon
	p.Changes[0].SkippedFrom = kafka.Some(noon)
	raw, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	q, err := ReadPlan(raw)
	if err != nil || !p.Equal(&q) || !q.At.Equal(p.At) || q.Command("b") != p.Command("b") {
		t.Errorf("%v\n%+v\n%+v", err, p, q)
	}
	for _, raw := range []string{"", "{", "null", `{"Group":"g"}`, `{"Group":"g","Changes":[]}`, `{"Changes":[{"Before":"x"}]}`} {
		if q, err := ReadPlan(json.RawMessage(raw)); err == nil {
			t.Errorf("%q was read as %+v", raw, q)
		}
	}
	// As it was recorded before there were several actions.
	q, err = ReadPlan(json.RawMessage(`{"Group":"g","Type":"classic","State":"Empty","Exists":true,"Scenario":"to earliest","Changes":[{"Topic":"orders","Partition":3,"Before":7,"After":null,"Metadata":"","Err":"no"}]}`))
	if err != nil || q.Action != ActionReset || q.Changes[0].Before != some(7) || q.Changes[0].After.OK {
		t.Errorf("%v %+v", err, q)
	}
}

func recorded(t *testing.T, o Options) (plan, outcome json.RawMessage) {
	t.Helper()
	es := entries(t, o)
	if len(es) < 2 {
		t.Fatalf("audit %+v", es)
	}
	return es[len(es)-2].Plan, es[len(es)-1].Outcome
}

func TestUndoFromTheAuditRestoresExactly(t *testing.T) {
	c, p, o := setup(t)
	if _, err := Apply(t.Context(), c, p, o); err != nil {
		t.Fatal(err)
	}
	u, err := UndoOf(recorded(t, o))
	if err != nil {
		t.Fatal(err)
	}
	if u, err = Recheck(t.Context(), c, u); err != nil || u.MovedSince() != 0 || u.Refused() != nil {
		t.Fatalf("%v\n%s", err, u.String())
	}
	if out, err := Apply(t.Context(), c, u, o); err != nil || !out.Proved || out.Applied() != 3 {
		t.Fatalf("%v %s", err, out.String())
	}
	if want := newTable().commits; len(c.commits) != len(want) || c.commits[tp("orders", 0)] != want[tp("orders", 0)] || c.commits[tp("orders", 1)] != want[tp("orders", 1)] {
		t.Errorf("left %v, was %v", c.commits, want)
	}
}

func TestUndoOfAnActionWithoutOutcomeIsOfAllOfIt(t *testing.T) {
	_, p, _ := setup(t)
	raw, _ := json.Marshal(p)
	for _, none := range []string{"", "null", "\n"} {
		if u, err := UndoOf(raw, json.RawMessage(none)); err != nil || u.Acting() != 3 {
			t.Errorf("%q: %v %s", none, err, u.String())
		}
	}
}

func TestUndoIsOfWhatMayHaveBeenApplied(t *testing.T) {
	c, p, o := setup(t)
	c.refuse = map[kafka.TopicPartition]error{tp("orders", 1): kafka.CodeTopicAuthorization}
	if _, err := Apply(t.Context(), c, p, o); err != nil {
		t.Fatal(err)
	}
	if u, err := UndoOf(recorded(t, o)); err != nil || len(u.Changes) != 2 || u.Changes[0].TopicPartition != tp("orders", 0) {
		t.Errorf("a refused partition is not undone: %v %s", err, u.String())
	}

	c, p, o = setup(t)
	c.lost = errors.New("connection reset")
	c.before = func(c *table, call string) {
		if call == "commit" {
			c.commits = nil // no reading back either
		}
	}
	w := &unreadable{table: c}
	if _, err := Apply(t.Context(), w, p, o); err == nil {
		t.Fatal("the lost answer is no error")
	}
	if u, err := UndoOf(recorded(t, o)); err != nil || len(u.Changes) != 3 {
		t.Errorf("what is not known may have been applied: %v %s", err, u.String())
	}

	c, p, o = setup(t)
	c.gone = true
	if _, err := Apply(t.Context(), c, p, o); err == nil {
		t.Fatal("a group that is gone was reset")
	}
	if u, err := UndoOf(recorded(t, o)); err == nil {
		t.Errorf("nothing was sent, and yet: %s", u.String())
	}
}

// unreadable stores nothing and cannot be read after a commit.
type unreadable struct {
	*table
	sent bool
}

func (u *unreadable) Commit(context.Context, string, map[kafka.TopicPartition]kafka.Commit) (map[kafka.TopicPartition]error, error) {
	u.sent = true
	return nil, u.lost
}

func (u *unreadable) Committed(ctx context.Context, g string) (map[kafka.TopicPartition]kafka.Commit, error) {
	if u.sent {
		return nil, errors.New("no connection")
	}
	return u.table.Committed(ctx, g)
}

func TestUndoSaysWhatMovedSince(t *testing.T) {
	c, p, o := setup(t)
	if _, err := Apply(t.Context(), c, p, o); err != nil {
		t.Fatal(err)
	}
	c.commits[tp("orders", 0)] = kafka.Commit{Offset: 130, Metadata: "other"}
	c.commits[tp("orders", 1)] = kafka.Commit{Offset: 10}
	c.start = 160
	u, err := UndoOf(recorded(t, o))
	if err != nil {
		t.Fatal(err)
	}
	if u, err = Recheck(t.Context(), c, u); err != nil {
		t.Fatal(err)
	}
	got := u.Changes
	if u.MovedSince() != 1 || !got[0].Moved || got[0].Note != "was left at 100, is 130 now: moved since" || got[0].Metadata != "m" || got[0].BeforeMetadata != "other" {
		t.Errorf("%+v", got[0])
	}
	if got[1].Moved || got[1].Note != "stands there already" {
		t.Errorf("%+v", got[1])
	}
	if out, err := Apply(t.Context(), c, u, o); err != nil || out.Applied() != 3 {
		t.Errorf("once it was shown it is applied: %v %s", err, out.String())
	}
	if got := c.commits[tp("orders", 0)]; got != (kafka.Commit{Offset: 150, Metadata: "m"}) {
		t.Errorf("restored %+v", got)
	}
}

func TestUndoOfAGroupInUseIsRefused(t *testing.T) {
	c, p, _ := setup(t)
	c.group.State, c.group.Members = kafka.StateStable, []kafka.Member{{ID: "i", ClientID: "c", Host: "h"}}
	u, err := Recheck(t.Context(), c, p.Reverse())
	var active *ActiveError
	if err != nil || !errors.As(u.Refused(), &active) {
		t.Errorf("%v %v", err, u.Refused())
	}
	c.gone = true
	if u, err = Recheck(t.Context(), c, p.Reverse()); err != nil || !errors.Is(u.Refused(), kafka.CodeGroupIDNotFound) {
		t.Errorf("%v %v", err, u.Refused())
	}
	if u.Create = true; u.Refused() != nil {
		t.Errorf("with leave to create it: %v", u.Refused())
	}
}

func TestStanding(t *testing.T) {
	at := func(a, b, c int64) func(*table) {
		return func(t *table) {
			t.commits = map[kafka.TopicPartition]kafka.Commit{}
			for i, o := range []int64{a, b, c} {
				if o >= 0 {
					t.commits[tp("orders", int32(i))] = kafka.Commit{Offset: o}
				}
			}
		}
	}
	_, p, _ := setup(t) // 150 -> 100, 10 -> 0, no commit -> 7
	same := p
	same.Changes = []Change{{TopicPartition: tp("orders", 0), Before: some(5), After: some(5)}, {TopicPartition: tp("orders", 1), Err: "no"}}
	del := Plan{Group: "g", Action: ActionDelete, Changes: []Change{{TopicPartition: tp("orders", 0), Before: some(5), Remove: true}}}
	for name, c := range map[string]struct {
		plan Plan
		now  func(*table)
		want Verdict
		says string
	}{
		"all of it":          {p, at(100, 0, 7), Applied, "applied: 3 of 3"},
		"none of it":         {p, at(150, 10, -1), NotApplied, "orders/2: still –, not 7"},
		"a part":             {p, at(100, 10, 7), Partly, "orders/1: still 10, not 0"},
		"something else":     {p, at(120, 0, 7), Moved, "orders/0: 120, neither 150 (before) nor 100 (after)"},
		"all gone":           {p, at(-1, -1, -1), Moved, "orders/0: –, neither"},
		"no change at all":   {same, at(5, 9, -1), Applied, "1 of 1"},
		"same, moved":        {same, at(6, 9, -1), Moved, "orders/0: 6"},
		"deleted":            {del, at(-1, 1, 1), Applied, "1 of 1"},
		"not deleted":        {del, at(5, 1, 1), NotApplied, "orders/0: still 5, not –"},
		"deleted, new since": {del, at(9, 1, 1), Moved, "9, neither 5"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTable()
			c.now(w)
			s, err := Standing(t.Context(), w, c.plan)
			if err != nil || s.Verdict != c.want || !strings.Contains(s.String(), c.says) || len(w.calls) != 1 {
				t.Errorf("%v %s (%q), want %s with %q", err, s.String(), w.calls, c.want, c.says)
			}
		})
	}
}

func TestDeletionOfOffsets(t *testing.T) {
	c, _, o := setup(t)
	c.commits[tp("other", 0)] = kafka.Commit{Offset: 4, Metadata: "keep"}
	c.group.State = kafka.StateStable
	c.group.Members = []kafka.Member{{ID: "i", ClientID: "c", Host: "h", Subscribed: []string{"orders"}}}
	p, err := Prepare(t.Context(), c, Spec{Group: "g", Scope: Scope{Topics: []string{"orders", "other"}}, Scenario: Remove{}})
	if err != nil {
		t.Fatal(err)
	}
	if p.Action != ActionDelete || p.Acting() != 1 || p.Refused() != nil || !strings.Contains(p.Changes[0].Err, "c on h subscribes") {
		t.Fatalf("%v\n%s", p.Refused(), p.String())
	}
	out, err := Apply(t.Context(), c, p, o)
	if err != nil || out.Applied() != 1 || slices.Contains(c.calls, "commit") {
		t.Fatalf("%v %s %q", err, out.String(), c.calls)
	}
	if _, left := c.commits[tp("other", 0)]; left || len(c.commits) != 2 {
		t.Errorf("left %v", c.commits)
	}
	if es := entries(t, o); es[0].Action != "delete offsets" || es[0].Phase != audit.Intent {
		t.Errorf("audit %+v", es)
	}
	u, err := UndoOf(recorded(t, o))
	if err != nil {
		t.Fatal(err)
	}
	if u, err = Recheck(t.Context(), c, u); err != nil || u.Refused() == nil {
		t.Errorf("an undo is a commit, which takes an empty group: %v %v", err, u.Refused())
	}
	c.group.State, c.group.Members = kafka.StateEmpty, nil
	if u, err = Recheck(t.Context(), c, u); err != nil {
		t.Fatal(err)
	}
	if out, err := Apply(t.Context(), c, u, o); err != nil || out.Applied() != 1 || c.commits[tp("other", 0)] != (kafka.Commit{Offset: 4, Metadata: "keep"}) {
		t.Errorf("%v %s", err, out.String())
	}
}

func TestRefusedDeletionSaysWhoHoldsTheTopic(t *testing.T) {
	c, _, o := setup(t)
	c.group.State = kafka.StatePreparingRebalance // when subscriptions are not told
	c.group.Members = []kafka.Member{{ID: "i", ClientID: "c", Host: "h"}}
	c.refuse = map[kafka.TopicPartition]error{tp("orders", 0): fmt.Errorf("x: %w", kafka.CodeGroupSubscribedToTopic)}
	p, err := Prepare(t.Context(), c, Spec{Group: "g", Scope: Scope{Partitions: []kafka.TopicPartition{tp("orders", 0), tp("orders", 1)}}, Scenario: Remove{}})
	if err != nil {
		t.Fatal(err)
	}
	out, err := Apply(t.Context(), c, p, o)
	if f := out.Failed(); err != nil || out.Applied() != 1 || len(f) != 1 || !strings.Contains(f[0].Err, "a member of the group subscribes") {
		t.Errorf("%v %s", err, out.String())
	}
}

func TestCommandOfAnUndoThatRemoves(t *testing.T) {
	_, p, _ := setup(t)
	u := p.Reverse()
	want := "kafka-consumer-groups --bootstrap-server b --group g --reset-offsets --from-file BEFORE.csv --execute && " +
		"kafka-consumer-groups --bootstrap-server b --group g --delete-offsets --topic orders:2"
	if got := u.Command("b"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestNothingIsRemovedWhenNoCommitWasTaken(t *testing.T) {
	c, p, o := setup(t)
	if _, err := Apply(t.Context(), c, p, o); err != nil {
		t.Fatal(err)
	}
	c.refuse = map[kafka.TopicPartition]error{tp("orders", 0): kafka.CodeUnknownMemberID, tp("orders", 1): kafka.CodeUnknownMemberID}
	u := p.Reverse()
	c.calls = nil
	out, err := Apply(t.Context(), c, u, o)
	var active *ActiveError
	if !errors.As(err, &active) || slices.Contains(c.calls, "delete") || len(out.Failed()) != 3 || c.commits[tp("orders", 2)].Offset != 7 {
		t.Errorf("%v %q %s", err, c.calls, out.String())
	}
}
