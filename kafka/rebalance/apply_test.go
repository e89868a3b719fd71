package rebalance

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/audit"
)

// script is a group whose descriptions follow each other; the last one stays.
type script struct {
	group   kafka.Group
	after   []kafka.Group
	fail    map[string]error
	calls   []string
	unknown int // descriptions that fail first
}

func (s *script) Group(context.Context, string) (kafka.Group, error) {
	s.calls = append(s.calls, "group")
	return s.group, s.fail["group"]
}

func (s *script) Describe(context.Context, string, kafka.GroupType) (kafka.Group, error) {
	if s.unknown > 0 {
		s.unknown--
		return kafka.Group{}, errors.New("timeout")
	}
	g := s.after[0]
	if len(s.after) > 1 {
		s.after = s.after[1:]
	}
	return g, nil
}

func (s *script) send(what string) error {
	s.calls = append(s.calls, what)
	return s.fail[what]
}

func (s *script) ParkJoin(_ context.Context, _, protocol, _ string) error {
	return s.send("park " + protocol)
}

func (s *script) LeaveGroup(_ context.Context, _, id, instance, _ string) error {
	return s.send("leave " + id + instance)
}

func (s *script) ConsumerHeartbeat(_ context.Context, _, _, _ string, epoch int32) (int32, error) {
	if epoch == 0 {
		return 1, s.send("join")
	}
	return epoch, s.send("heartbeat leave")
}

// clock moves by what is waited.
func clock(t *testing.T) Options {
	t.Helper()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return Options{
		Audit: audit.New(filepath.Join(t.TempDir(), "audit.jsonl"), "c"),
		Now:   func() time.Time { return now },
		Wait: func(ctx context.Context, d time.Duration) error {
			now = now.Add(d)
			return ctx.Err()
		},
	}
}

func in(g kafka.Group, s kafka.GroupState, ms ...kafka.Member) kafka.Group {
	g.State = s
	g.Members = ms
	return g
}

func entries(t *testing.T, o Options) []audit.Entry {
	t.Helper()
	es, err := audit.Read(o.Audit.(*audit.Log).Path)
	if err != nil {
		t.Fatal(err)
	}
	return es
}

func TestKickIsWatchedUntilTheMemberIsBack(t *testing.T) {
	a, b := member("a1", "a", "", 0), member("b1", "b", "", 1)
	g := group(a, b)
	back := member("a2", "a", "", 1)
	s := &script{group: g, after: []kafka.Group{
		in(g, kafka.StatePreparingRebalance, b), in(g, kafka.StatePreparingRebalance, b),
		in(g, kafka.StateStable, member("b1", "b", "", 0, 1)), // not yet: a is missing
		in(g, kafka.StateCompletingRebalance, b, back),
		in(g, kafka.StateStable, back, member("b1", "b", "", 0)),
	}}
	p, err := PlanKick(g, "a1", "")
	if err != nil {
		t.Fatal(err)
	}
	o := clock(t)
	var samples []Sample
	o.Progress = func(s Sample) { samples = append(samples, s) }
	res, err := Apply(t.Context(), s, p, o)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.calls, []string{"group", "leave a1"}) {
		t.Errorf("calls %q", s.calls)
	}
	if !res.Settled || res.AtLeast || res.Unstable != 200*time.Millisecond || res.Proof.NewID != "a2" {
		t.Errorf("%+v", res)
	}
	if len(res.Moved) != 2 || res.Moved[0].To.ID != "b1" || res.Moved[1].To.ID != "a2" {
		t.Errorf("moved %+v", res.Moved)
	}
	if !strings.Contains(samples[2].Waiting, "a on h to join again") {
		t.Errorf("samples %+v", samples)
	}
	if es := entries(t, o); len(es) != 2 || es[0].Action != "kick" || !strings.Contains(string(es[1].Outcome), `"Settled":true`) {
		t.Errorf("audit %+v", es)
	}
}

func TestKIP848IsProvedByEpochs(t *testing.T) {
	at := func(epoch int32, m kafka.Member) kafka.Group {
		m.Epoch = kafka.Some(epoch)
		g := group(m)
		g.Type, g.Epoch = kafka.Consumer, kafka.Some(epoch)
		return g
	}
	a := member("a1", "a", "", 0)
	s := &script{
		group: at(7, a), after: []kafka.Group{at(7, a), in(at(8, a), kafka.StateAssigning), at(9, a)},
		fail: map[string]error{"leave a1": kafka.CodeUnknownMemberID}, // as before 4.0
	}
	p, err := PlanKick(s.group, "a1", "")
	if err != nil {
		t.Fatal(err)
	}
	res, err := Apply(t.Context(), s, p, clock(t))
	if err != nil || !res.Settled || res.Trigger != "ConsumerGroupHeartbeat" {
		t.Fatalf("%v %+v", err, res)
	}
	if got := res.Proof.String(); got != "group epoch 7 -> 9, member epoch 7 -> 9" {
		t.Error(got)
	}
	if len(res.Moved) != 0 {
		t.Errorf("moved %+v", res.Moved)
	}
}

func TestTriggersByTypeAndIdentity(t *testing.T) {
	old := group(member("a1", "a", "", 0))
	static := group(member("a1", "a", "pod", 0))
	next := group(member("a1", "a", "", 0))
	next.Type, next.Epoch = kafka.Consumer, kafka.Some(int32(1))
	later := next
	later.Epoch = kafka.Some(int32(2))
	for name, c := range map[string]struct {
		before, after kafka.Group
		kick          bool
		want          []string
	}{
		"classic probe": {before: old, after: old, want: []string{"group", "park range"}},
		"848 probe":     {before: next, after: later, want: []string{"group", "join", "heartbeat leave"}},
		"static kick":   {before: static, after: static, kick: true, want: []string{"group", "leave a1pod"}},
		"848 kick":      {before: next, after: later, kick: true, want: []string{"group", "leave a1"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{group: c.before, after: []kafka.Group{c.after}}
			p, err := PlanProbe(c.before)
			if c.kick {
				p, err = PlanKick(c.before, "a1", "")
			}
			if err != nil {
				t.Fatal(err)
			}
			res, err := Apply(t.Context(), s, p, clock(t))
			if err != nil || !res.Settled || !slices.Equal(s.calls, c.want) {
				t.Errorf("%v %q %+v", err, s.calls, res)
			}
			if !res.AtLeast || res.Unstable != 0 {
				t.Errorf("never seen rebalancing: %+v", res)
			}
		})
	}
}

func TestNothingIsSentWhenTheGroupChanged(t *testing.T) {
	planned := group(member("a1", "a", "", 0), member("b1", "b", "", 1))
	for want, now := range map[string]kafka.Group{
		"PreparingRebalance":          in(planned, kafka.StatePreparingRebalance, planned.Members...),
		"has 1 members, had 2":        in(planned, kafka.StateStable, planned.Members[0]),
		"a on h is gone":              in(planned, kafka.StateStable, member("a9", "a", "", 0), planned.Members[1]),
		"b on h has other partitions": in(planned, kafka.StateStable, planned.Members[0], member("b1", "b", "", 1, 2)),
		"assignor is sticky":          func() kafka.Group { g := planned; g.Protocol = "sticky"; return g }(),
		"type is consumer":            func() kafka.Group { g := planned; g.Type = kafka.Consumer; return g }(),
	} {
		p, err := PlanKick(planned, "a1", "")
		if err != nil {
			t.Fatal(err)
		}
		s := &script{group: now}
		o := clock(t)
		_, err = Apply(t.Context(), s, p, o)
		var changed *ChangedError
		if !errors.As(err, &changed) || !strings.Contains(err.Error(), want) || len(s.calls) != 1 {
			t.Errorf("%v, want %q; calls %q", err, want, s.calls)
		}
		if es := entries(t, o); len(es) != 0 {
			t.Errorf("audit of what was not begun: %+v", es)
		}
	}
}

func TestNothingIsSentWithoutAudit(t *testing.T) {
	g := group(member("a1", "a", "", 0))
	p, _ := PlanProbe(g)
	for _, o := range []Options{{}, {Audit: audit.New("/dev/null/x", "")}} {
		s := &script{group: g}
		if _, err := Apply(t.Context(), s, p, o); err == nil || slices.Contains(s.calls, "park range") {
			t.Errorf("%v %q", err, s.calls)
		}
	}
}

func TestRefusedTriggerIsAudited(t *testing.T) {
	g := group(member("a1", "a", "", 0))
	g.Type, g.Epoch = kafka.Consumer, kafka.Some(int32(1))
	p, _ := PlanKick(g, "a1", "")
	s := &script{group: g, fail: map[string]error{"leave a1": kafka.CodeUnknownMemberID, "heartbeat leave": kafka.CodeUnknownMemberID}}
	o := clock(t)
	res, err := Apply(t.Context(), s, p, o)
	if !errors.Is(err, kafka.CodeUnknownMemberID) || res.Sent || !strings.Contains(err.Error(), "4.0") {
		t.Errorf("%v %+v", err, res)
	}
	if es := entries(t, o); len(es) != 2 || es[1].Error == "" {
		t.Errorf("audit %+v", es)
	}
}

func TestGroupThatNeverSettlesIsGivenUp(t *testing.T) {
	a, b := member("a1", "a", "", 0), member("b1", "b", "", 1)
	g := group(a, b)
	s := &script{group: g, after: []kafka.Group{in(g, kafka.StateStable, member("b1", "b", "", 0, 1))}}
	p, _ := PlanKick(g, "a1", "")
	o := clock(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	o.Progress = func(Sample) {
		if n++; n == 5 {
			cancel()
		}
	}
	res, err := Apply(ctx, s, p, o)
	if !errors.Is(err, context.Canceled) || res.Settled || !res.Sent || !res.AtLeast || !strings.Contains(res.Waiting, "join again") {
		t.Errorf("%v %+v", err, res)
	}
	if len(res.MembersAfter) != 1 || len(res.Moved) != 1 {
		t.Errorf("what is known so far: %+v", res)
	}
}

func TestMissedSamplesMakeTheTimeALowerBound(t *testing.T) {
	g := group(member("a1", "a", "", 0))
	s := &script{group: g, unknown: 2, after: []kafka.Group{in(g, kafka.StatePreparingRebalance, g.Members...), g}}
	p, _ := PlanProbe(g)
	res, err := Apply(t.Context(), s, p, clock(t))
	if err != nil || !res.Settled || !res.AtLeast {
		t.Errorf("%v %+v", err, res)
	}
}

// Brokers before 4.0 answer LeaveGroup with UNKNOWN_MEMBER_ID: that says nothing of the heartbeat that follows.
func TestLostAnswerToTheHeartbeatThatKicksIsNoRefusal(t *testing.T) {
	g := kafka.Group{Name: "g", Type: kafka.Consumer, State: kafka.StateStable, Protocol: "uniform", Epoch: kafka.Some[int32](3),
		Members: []kafka.Member{{ID: "a", ClientID: "c"}}}
	p, err := PlanKick(g, "a", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		beat   error
		unsure bool
	}{{errors.New("connection reset"), true}, {kafka.CodeUnknownMemberID, false}, {fmt.Errorf("throttled: %w", kafka.ErrNotSent), false}} {
		s := &script{group: g, fail: map[string]error{"leave a": kafka.CodeUnknownMemberID, "heartbeat leave": c.beat}}
		res, err := Apply(t.Context(), s, p, clock(t))
		if err == nil || res.Sent || res.Unsure != c.unsure {
			t.Errorf("%v: %v, sent %v, unsure %v", c.beat, err, res.Sent, res.Unsure)
		}
	}
}
