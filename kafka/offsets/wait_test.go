package offsets

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
)

func TestWaitsUntilTheLastMemberLeavesAndPlansAgain(t *testing.T) {
	c, _, _ := setup(t)
	c.group.State, c.group.Members = kafka.StateStable, []kafka.Member{{ID: "a", ClientID: "c1", Host: "h"}, {ID: "b", ClientID: "c2", Host: "h"}}
	c.unseen = 2
	looks := 0
	var said []string
	p, err := WaitEmpty(t.Context(), c, Spec{Group: "g", Scenario: Earliest{}}, WaitOptions{
		Progress: func(w Waiting) { said = append(said, w.String()) },
		Wait: func(_ context.Context, d time.Duration) error {
			if d != time.Second {
				t.Errorf("looked after %v", d)
			}
			switch looks++; looks {
			case 4:
				c.group.Members = c.group.Members[:1]
			case 5: // it finishes its work
				c.group.State, c.group.Members = kafka.StateEmpty, nil
				c.commits[tp("orders", 0)] = kafka.Commit{Offset: 170}
			}
			return nil
		},
	})
	if err != nil || p.Refused() != nil || p.Changes[0].Before != some(170) {
		t.Fatalf("%v %v %s", err, p.Refused(), p.String())
	}
	want := "waiting for 2 members: c1 on h, c2 on h|cannot see the group: connection refused|cannot see the group: connection refused|waiting for 2 members: c1 on h, c2 on h|waiting for c1 on h"
	if got := strings.Join(said, "|"); got != want {
		t.Errorf("said %s", got)
	}
}

func TestWaitingEnds(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*table)
		wait   error
		want   string
	}{
		"with the context":            {func(*table) {}, context.Canceled, "context canceled"},
		"when nothing is seen at all": {func(c *table) { c.unseen = 1000 }, nil, "connection refused"},
		"when the group cannot be":    {func(c *table) { c.group.Type = kafka.Streams }, nil, "streams group"},
	} {
		t.Run(name, func(t *testing.T) {
			w, _, _ := setup(t)
			w.group.State, w.group.Members = kafka.StateStable, []kafka.Member{{ID: "a", ClientID: "c1", Host: "h"}}
			c.change(w)
			_, err := WaitEmpty(t.Context(), w, Spec{Group: "g", Scenario: Earliest{}}, WaitOptions{Wait: func(context.Context, time.Duration) error { return c.wait }})
			if err == nil || !strings.Contains(err.Error(), c.want) || c.wait != nil && !errors.Is(err, c.wait) {
				t.Error(err)
			}
		})
	}
}

func TestWhoConfirmedAPlanSeesItAgainWhen(t *testing.T) {
	with := func(s Scenario, commit kafka.Known[int64]) Plan {
		p, err := NewPlan(Spec{Group: "g", Scenario: s}, world(commit, none))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for name, c := range map[string]struct {
		shown, now Plan
		want       string // empty: need not
	}{
		"nothing changed":              {with(Earliest{}, some(150)), with(Earliest{}, some(150)), ""},
		"the commit moved forward":     {with(Earliest{}, some(150)), with(Earliest{}, some(160)), ""},
		"less is skipped":              {with(Latest{}, some(150)), with(Latest{}, some(200)), ""},
		"the first commit came":        {with(Earliest{}, none), with(Earliest{}, some(120)), ""},
		"the commit moved back":        {with(Earliest{}, some(150)), with(Earliest{}, some(140)), "moved back to 140"},
		"the commit is gone":           {with(Earliest{}, some(150)), with(Earliest{}, none), "moved back to –"},
		"the offset is another":        {with(ShiftBy(-10), some(150)), with(ShiftBy(-10), some(160)), "would be set to 150, not 140"},
		"a skip became a second read":  {with(ToOffset(160), some(150)), with(ToOffset(160), some(170)), "10 records would be read again"},
		"there are other partitions":   {with(Earliest{}, some(150)), Plan{Action: ActionReset, Group: "g"}, "other partitions"},
		"it is about another group":    {with(Earliest{}, some(150)), Plan{Action: ActionReset, Group: "h"}, "other partitions"},
		"it deletes instead of resets": {with(Earliest{}, some(150)), with(Remove{}, some(150)), "other partitions"},
	} {
		if got := c.shown.Outdated(&c.now); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
