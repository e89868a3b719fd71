package timeline

import (
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/rebalance"
)

func TestCausesAndTheirEvidence(t *testing.T) {
	static := func(id, instance string, ps ...int32) kafka.Member {
		m := of(id, ps...)
		m.InstanceID = instance
		return m
	}
	two := group(of("a-1", 0, 1), of("b-1", 2, 3))
	for name, c := range map[string]struct {
		looks []look
		kind  Kind
		says  string
	}{
		"scale out": {[]look{{0, two}, {2, group(of("a-1", 0, 1), of("b-1", 2), of("c-1", 3))}}, CauseScaleOut, "c on h joined: 3 members, were 2"},
		"scale in":  {[]look{{0, two}, {2, group(of("a-1", 0, 1, 2, 3))}}, CauseScaleIn, "b on h left: 1 member, were 2; stopped, or lost its session"},
		"four at once": {[]look{{0, group(of("a-1", 0, 1), of("b-1", 2), of("c-1"), of("d-1"), of("e-1"))}, {2, group(of("a-1", 0, 1, 2))}}, CauseScaleIn,
			"4 members left within 2 s (b on h, c on h, d on h, e on h): 1 member, were 5"},
		"stopped": {[]look{{0, two}, {2, group()}}, CauseStopped, "the last 2 members left: a on h, b on h"},
		"started": {[]look{{0, group()}, {2, two}}, CauseStarted, "2 members joined within 2 s (a on h, b on h)"},
		"restart": {[]look{{0, two}, {2, group(of("a-2", 0, 1), of("b-1", 2, 3))}}, CauseRestart, "a on h came back"},
		"static restart": {[]look{{0, group(static("a-1", "i", 0), of("b-1", 1))}, {2, group(static("a-2", "i", 0), of("b-1", 1))}},
			CauseRestart, "a on h came back"},
		"assignor":   {[]look{{0, two}, {2, as(two, func(g *kafka.Group) { g.Protocol = "cooperative-sticky" })}}, CauseSubscription, "assignor cooperative-sticky, was range"},
		"partitions": {[]look{{0, two}, {2, group(of("a-1", 0, 1, 4), of("b-1", 2, 3, 5))}}, CauseSubscription, "6 partitions are assigned, were 4"},
		"unknown":    {[]look{{0, two}, {2, in(kafka.StatePreparingRebalance, two.Members...)}, {4, two}}, CauseUnknown, "nobody came or went"},
		"coordinator": {[]look{{0, as(two, func(g *kafka.Group) { g.Coordinator = kafka.Some[int32](1) })},
			{2, as(in(kafka.StatePreparingRebalance, two.Members...), func(g *kafka.Group) { g.Coordinator = kafka.Some[int32](3) })},
			{4, as(two, func(g *kafka.Group) { g.Coordinator = kafka.Some[int32](3) })}}, CauseCoordinator, "broker 3 coordinates the group, was broker 1"},
		"rolling deploy": {[]look{{0, group(of("app1-1", 0), of("app2-1", 1), of("app3-1", 2))},
			{10, group(of("app2-1", 0, 1), of("app3-1", 2))}, {20, group(of("app1-2", 0), of("app2-1", 1), of("app3-1", 2))},
			{30, group(of("app1-2", 0), of("app3-1", 1, 2))}, {40, group(of("app1-2", 0), of("app2-2", 1), of("app3-1", 2))}},
			CauseDeploy, "2 of 3 members were replaced within 30 s: app1, app2"},
		"in and out again is no deploy": {[]look{{0, two}, {10, group(append(two.Members, of("c-1"), of("d-1"))...)}, {20, two}}, CauseScaleIn, "2 members left within 10 s (c on h, d on h): 2 members, were 4; stopped, or lost their sessions"},
	} {
		rs := watched(t, c.looks...).Group("g")
		if len(rs) == 0 || rs[0].Cause.Kind != c.kind || !strings.Contains(rs[0].Cause.Evidence, c.says) {
			t.Errorf("%s: %+v, want %s: %s", name, rs, c.kind, c.says)
		}
	}
}

func TestTopicsOfASubscription(t *testing.T) {
	more := of("a-1", 0)
	more.Subscribed = []string{"invoices", "orders"}
	r := only(t, watched(t, look{0, group(of("a-1", 0))}, look{2, in(kafka.StatePreparingRebalance, more)}, look{4, group(more)}))
	if r.Cause.Kind != CauseSubscription || r.Cause.Evidence != "subscribed to invoices" {
		t.Errorf("%+v", r.Cause)
	}
}

// coming makes a consumer come back with a new id at each of the times.
func coming(t *testing.T, at ...float64) Cause {
	t.Helper()
	looks := []look{{0, group(of("a-0", 0), of("b-1", 1))}}
	for i, s := range at {
		looks = append(looks, look{s, group(of("a-"+string(rune('1'+i)), 0), of("b-1", 1))})
	}
	return watched(t, looks...).Group("g")[0].Cause
}

func TestLoops(t *testing.T) {
	for name, c := range map[string]struct {
		at   []float64
		kind Kind
	}{
		"crash loop":                {[]float64{60, 90, 130}, CauseCrashLoop},
		"twice is not a loop":       {[]float64{60, 90}, CauseRestart},
		"every max.poll.interval":   {[]float64{300, 602, 905}, CausePollInterval},
		"lives of unlike length":    {[]float64{300, 900, 1150}, CauseRestart},
		"crashes that are long ago": {[]float64{60, 90, 3000}, CauseRestart},
	} {
		if got := coming(t, c.at...); got.Kind != c.kind {
			t.Errorf("%s: %+v, want %s", name, got, c.kind)
		}
	}
}

func TestScalingOutUnderOneNameIsNoLoop(t *testing.T) {
	got := watched(t, look{0, group(of("a-1", 0))}, look{10, group(of("a-1", 0), of("a-2", 1))},
		look{20, group(of("a-1", 0), of("a-2", 1), of("a-3", 2))}, look{30, group(of("a-1", 0), of("a-2", 1), of("a-3", 2), of("a-4"))}).Group("g")[0]
	if got.Cause.Kind != CauseScaleOut {
		t.Errorf("%+v", got.Cause)
	}
}

func TestOperatorsOwnActionIsTheCause(t *testing.T) {
	kick := Action{Group: "g", What: "kick", Target: rebalance.Identity{ClientID: "a", Host: "h"}, Reason: "stuck", Begin: seconds(1), End: seconds(5), Unstable: 1700 * time.Millisecond}
	looks := []look{{0, group(of("a-1", 0), of("b-1", 1))}, {2, group(of("b-1", 0, 1))}, {4, group(of("a-2", 0), of("b-1", 1))}, {400, group(of("b-1", 0, 1))}}
	after := watched(t, looks...)
	after.Act(kick)
	before := New(Options{})
	before.Act(kick)
	for _, k := range looks {
		before.Observe(k.snapshot())
	}
	for name, l := range map[string]*Log{"told after it": after, "told before it": before} {
		rs := l.Group("g")
		if name == "told after it" { // too long ago to be judged anew
			if rs[0].Cause.Kind == CauseOperator {
				t.Errorf("%s: the one of minutes later: %+v", name, rs[0].Cause)
			}
			continue
		}
		if len(rs) != 3 || rs[0].Cause.Kind == CauseOperator || rs[1].Cause.Kind != CauseOperator || rs[2].Cause.Kind != CauseOperator {
			t.Fatalf("%s: %+v", name, rs)
		}
		if e := rs[1].Cause.Evidence; !strings.Contains(e, "kick of a on h") || !strings.Contains(e, "stuck") || rs[1].Unstable.V != kick.Unstable {
			t.Errorf("%s: %q, %v", name, e, rs[1].Unstable)
		}
	}
}
