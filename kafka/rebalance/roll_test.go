package rebalance

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
)

// crowd is a group that rebalances when a member is removed: two looks later the member is back under a new
// id, unless it is one that stays away.
type crowd struct {
	group  kafka.Group
	left   []string
	busy   int // looks until it is Stable again
	after  kafka.Group
	away   string // the client that does not come back
	refuse error
	joins  string // a stranger that joins with the second kick
}

func (c *crowd) Group(context.Context, string) (kafka.Group, error) { return c.group, nil }

func (c *crowd) Describe(context.Context, string, kafka.GroupType) (kafka.Group, error) {
	if c.busy > 0 {
		c.busy--
		if c.busy == 0 {
			c.group = c.after
		}
		return in(c.group, kafka.StatePreparingRebalance, c.group.Members...), nil
	}
	return c.group, nil
}

func (c *crowd) ParkJoin(context.Context, string, string, string) error {
	return errors.New("no probe here")
}

func (c *crowd) ConsumerHeartbeat(context.Context, string, string, string, int32) (int32, error) {
	return 0, errors.New("not a KIP-848 group")
}

func (c *crowd) LeaveGroup(_ context.Context, _, id, instance, _ string) error {
	if c.refuse != nil {
		return c.refuse
	}
	c.left = append(c.left, id+instance)
	c.after, c.busy = c.group, 2
	c.after.Members = slices.Clone(c.group.Members)
	for i := range c.after.Members {
		m := &c.after.Members[i]
		if m.ID != id {
			continue
		}
		m.ID += "'"
		if m.ClientID == c.away {
			c.after.Members = slices.Delete(c.after.Members, i, i+1)
			return nil
		}
		if c.joins != "" && len(c.left) == 2 {
			c.after.Members = append(c.after.Members, member(c.joins+"1", c.joins, ""))
		}
		return nil
	}
	return kafka.CodeUnknownMemberID
}

func crew(t *testing.T) (*crowd, RollPlan) {
	t.Helper()
	g := group(member("a1", "a", "", 0), member("b1", "b", "", 1), member("c1", "c", "", 2))
	p, err := PlanRoll(g, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	return &crowd{group: g}, p
}

func TestRollKicksOneAfterTheOther(t *testing.T) {
	c, p := crew(t)
	o := clock(t)
	var said []string
	o.Progress = func(s Sample) {
		if s.Turn == 0 || s.Turns != 3 || s.Target.ClientID == "" {
			t.Errorf("sample without its turn: %+v", s)
		}
		if s.State == kafka.StateStable && s.Waiting == "" && !slices.Contains(said, s.Target.ClientID) {
			said = append(said, s.Target.ClientID)
			if len(c.left) != len(said) {
				t.Errorf("%v were kicked before %v had settled", c.left, said)
			}
		}
	}
	res, err := ApplyRoll(t.Context(), c, p, o)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(c.left, []string{"a1", "b1", "c1"}) || res.Done() != 3 || res.Stopped != "" {
		t.Errorf("left %v\n%s", c.left, res.String())
	}
	if want := 600 * time.Millisecond; res.Unstable != res.Steps[0].Unstable+res.Steps[1].Unstable+res.Steps[2].Unstable || res.Unstable > want || res.Unstable == 0 {
		t.Errorf("unstable %v", res.Unstable)
	}
	if len(res.Moved) != 0 { // each came back to its own partitions, under a new id
		t.Errorf("moved %+v", res.Moved)
	}
	es := entries(t, o)
	if len(es) != 2 || es[0].Action != "rolling kick" || strings.Count(string(es[1].Outcome), `"Settled":true`) != 3 {
		t.Errorf("audit %+v", es)
	}
}

func TestRollOfMarkedMembersLeavesTheOthers(t *testing.T) {
	c, _ := crew(t)
	p, err := PlanRoll(c.group, []string{"c1", "a1"}, "why")
	if err != nil || p.Reason != "why" || !strings.Contains(p.Effect, "2 of 3 members") {
		t.Fatalf("%v %+v", err, p)
	}
	if _, err := ApplyRoll(t.Context(), c, p, clock(t)); err != nil || !slices.Equal(c.left, []string{"a1", "c1"}) {
		t.Errorf("%v, left %v", err, c.left)
	}
	if _, err := PlanRoll(c.group, []string{"nobody"}, ""); !errors.Is(err, errMember) {
		t.Errorf("%v", err)
	}
}

func TestRollStopsAtTheFirstThatDoesNotSettle(t *testing.T) {
	c, p := crew(t)
	c.away = "b"
	o := clock(t)
	o.Timeout = 2 * time.Second // of wall-clock time
	res, err := ApplyRoll(t.Context(), c, p, o)
	if err == nil || !strings.Contains(err.Error(), "stopped at member 2 of 3") || !slices.Equal(c.left, []string{"a1", "b1"}) {
		t.Errorf("%v, left %v", err, c.left)
	}
	text := res.String()
	if res.Done() != 1 || !strings.Contains(text, "b on h: kicked, not settled") || !strings.Contains(text, "c on h: its turn did not come") {
		t.Errorf("%s", text)
	}
	if es := entries(t, o); len(es) != 2 || es[1].Error == "" || !strings.Contains(string(es[1].Outcome), `"Stopped"`) {
		t.Errorf("audit %+v", es)
	}
}

func TestRollStopsWhenAStrangerJoined(t *testing.T) {
	c, p := crew(t)
	c.joins = "z"
	res, err := ApplyRoll(t.Context(), c, p, clock(t))
	var changed *ChangedError
	if !errors.As(err, &changed) || !strings.Contains(err.Error(), "z on h joined meanwhile") || len(c.left) != 2 || res.Done() != 2 {
		t.Errorf("%v, left %v\n%s", err, c.left, res.String())
	}
}

func TestRollStopsWhenTheGroupChangedBetweenTwoTurns(t *testing.T) {
	c, p := crew(t)
	o := clock(t)
	good := 0
	o.Progress = func(s Sample) {
		if s.Turn == 1 && s.Waiting == "" {
			if good++; good == settledFor { // somebody leaves right after it
				c.group.Members = c.group.Members[:2]
			}
		}
	}
	if _, err := ApplyRoll(t.Context(), c, p, o); err == nil || len(c.left) != 1 {
		t.Errorf("%v, left %v", err, c.left)
	}
}

func TestRollIsCancelledBetweenMembers(t *testing.T) {
	c, p := crew(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o := clock(t)
	good := 0
	o.Progress = func(s Sample) {
		if s.Turn == 1 && s.Waiting == "" {
			if good++; good == settledFor {
				cancel()
			}
		}
	}
	res, err := ApplyRoll(ctx, c, p, o)
	if !errors.Is(err, context.Canceled) || len(c.left) != 1 || res.Done() != 1 {
		t.Errorf("%v, left %v\n%s", err, c.left, res.String())
	}
}

func TestRollOfAChangedGroupSendsNothing(t *testing.T) {
	c, p := crew(t)
	c.group.Members = c.group.Members[1:]
	o := clock(t)
	var changed *ChangedError
	if _, err := ApplyRoll(t.Context(), c, p, o); !errors.As(err, &changed) || len(c.left) != 0 || len(entries(t, o)) != 0 {
		t.Errorf("%v, left %v", err, c.left)
	}
}

func TestRefusedRollSaysSo(t *testing.T) {
	c, p := crew(t)
	c.refuse = kafka.CodeGroupAuthorization
	res, err := ApplyRoll(t.Context(), c, p, clock(t))
	if !errors.Is(err, kafka.CodeGroupAuthorization) || res.Done() != 0 || !strings.Contains(res.String(), "a on h: not kicked: ") {
		t.Errorf("%v\n%s", err, res.String())
	}
}

func TestStaticMembersComeBackAsTheSameInstance(t *testing.T) {
	g := group(member("a1", "a", "pod-a", 0), member("b1", "b", "", 1))
	p, err := PlanRoll(g, nil, "")
	if err != nil || !strings.Contains(p.Note, "pod-a") || !strings.Contains(p.String(), "joins again as the same instance") {
		t.Errorf("%v %s", err, p.String())
	}
	one, err := PlanKick(g, "a1", "")
	if err != nil || one.Note == "" {
		t.Errorf("%v %+v", err, one)
	}
	if one, err = PlanKick(g, "b1", ""); err != nil || one.Note != "" {
		t.Errorf("%v %+v", err, one)
	}
}

// deaf removes the member and loses the answer.
type deaf struct{ *crowd }

func (d deaf) LeaveGroup(ctx context.Context, g, id, instance, reason string) error {
	return errors.Join(d.crowd.LeaveGroup(ctx, g, id, instance, reason), context.DeadlineExceeded)
}

func TestLostAnswerIsNotSaidToBeNoKick(t *testing.T) {
	c, p := crew(t)
	res, err := ApplyRoll(t.Context(), deaf{c}, p, clock(t))
	if err == nil || len(res.Steps) != 1 || !res.Steps[0].Unsure || !strings.Contains(res.String(), "not known whether it was kicked") {
		t.Errorf("%v\n%s", err, res.String())
	}
}
