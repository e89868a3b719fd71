package timeline

import (
	"testing"
	"time"

	"lagtop/kafka"
)

func TestPollsTellWhoCameWhoWentAndWhatMoved(t *testing.T) {
	l := watched(t,
		look{0, group(of("a-1", 0, 1), of("b-1", 2, 3))},
		look{2, in(kafka.StatePreparingRebalance, of("a-1", 0, 1), of("b-1", 2, 3), of("c-1"))},
		look{4, in(kafka.StateCompletingRebalance, of("a-1", 0, 1), of("b-1", 2, 3), of("c-1"))},
		look{6, group(of("a-1", 0, 1), of("b-1", 2), of("c-1", 3))},
	)
	r := only(t, l)
	if r.Joined != 1 || r.Left != 0 || r.Moved != 1 || r.Members != [2]int{2, 3} || r.Open() {
		t.Errorf("%+v", r)
	}
	mv := r.Moves[0]
	if mv.Partition != 3 || r.People[mv.From].ID != "b-1" || r.People[mv.To].ID != "c-1" {
		t.Errorf("%+v of %+v", mv, r.People)
	}
	if r.Unstable != kafka.Some(2*time.Second) || r.Most != kafka.Some(6*time.Second) || !r.AtLeast {
		t.Errorf("unstable %v to %v", r.Unstable, r.Most)
	}
	if len(r.States) != 3 || r.States[0].State != kafka.StatePreparingRebalance || r.States[2].State != kafka.StateStable {
		t.Errorf("states %v", r.States)
	}
}

func TestRebalanceBetweenTwoPollsIsSeenByItsOutcome(t *testing.T) {
	r := only(t, watched(t, look{0, group(of("a-1", 0, 1))}, look{2, group(of("a-1", 0), of("b-1", 1))}))
	if r.Unstable != kafka.Some(time.Duration(0)) || r.Most != kafka.Some(2*time.Second) || !r.AtLeast || r.Moved != 1 {
		t.Errorf("%+v", r)
	}
}

func TestOpenRebalanceIsShownWhileItGoesOn(t *testing.T) {
	r := only(t, watched(t, look{0, group(of("a-1", 0))}, look{2, in(kafka.StatePreparingRebalance, of("a-1", 0))}, look{4, in(kafka.StatePreparingRebalance, of("a-1", 0))}))
	if !r.Open() || r.Unstable.V != 2*time.Second || r.Begin != seconds(2) {
		t.Errorf("%+v", r)
	}
}

func TestRecordsThatPiledUp(t *testing.T) {
	lag := func(n int64, missing int) func(*kafka.Group) {
		return func(g *kafka.Group) { g.Lag = kafka.Total{V: n, Known: 2, Missing: missing} }
	}
	for name, c := range map[string]struct {
		missing int
		want    kafka.Known[int64]
	}{"known": {0, kafka.Some[int64](1150)}, "a part is missing": {1, kafka.Known[int64]{}}} {
		r := only(t, watched(t,
			look{0, as(group(of("a-1", 0)), lag(50, 0))},
			look{2, as(in(kafka.StatePreparingRebalance, of("a-1", 0)), lag(600, 0))},
			look{4, as(group(of("a-1", 0)), lag(1200, c.missing))}))
		if r.Piled() != c.want {
			t.Errorf("%s: %v, want %v", name, r.Piled(), c.want)
		}
	}
}

func TestNothingIsMadeUp(t *testing.T) {
	calm := group(of("a-1", 0), of("b-1", 1))
	for name, looks := range map[string][]look{
		"nothing changed":          {{0, calm}, {2, calm}, {4, calm}},
		"the first look":           {{0, in(kafka.StatePreparingRebalance)}},
		"not read, last values":    {{0, calm}, {2, as(in(kafka.StatePreparingRebalance, calm.Members...), func(g *kafka.Group) { g.Err = "no answer" })}, {4, calm}},
		"gone from every answer":   {{0, calm}, {2, as(in(kafka.StateEmpty, calm.Members...), func(g *kafka.Group) { g.Gone = true })}, {4, calm}},
		"never read before":        {{0, as(group(), func(g *kafka.Group) { g.Err = "no answer" })}, {2, calm}},
		"the same answer again":    {{2, calm}, {2, group(of("a-1", 0))}},
		"only the coordinator":     {{0, calm}, {2, as(calm, func(g *kafka.Group) { g.Coordinator = kafka.Some[int32](2) })}},
		"lag and commits moved on": {{0, calm}, {2, as(calm, func(g *kafka.Group) { g.Lag.V = 9 })}},
	} {
		if rs := watched(t, looks...).Group("g"); len(rs) != 0 {
			t.Errorf("%s: %+v", name, rs)
		}
	}
}

func TestNewGroupIsOneThatStarted(t *testing.T) {
	l := New(Options{})
	l.Observe(&kafka.Snapshot{At: seconds(0)})
	l.Observe(look{2, group(of("a-1", 0))}.snapshot())
	if r := only(t, l); r.Cause.Kind != CauseStarted {
		t.Errorf("%+v", r.Cause)
	}
	l = New(Options{})
	l.Observe(&kafka.Snapshot{At: seconds(0), Faults: []kafka.Fault{{Op: "ListGroups"}}})
	l.Observe(look{2, group(of("a-1", 0))}.snapshot())
	if rs := l.Group("g"); len(rs) != 0 {
		t.Errorf("a group that was perhaps not read: %+v", rs)
	}
}

func TestEpochsOfPolls(t *testing.T) {
	next := func(state kafka.GroupState, epoch int32) kafka.Group {
		return as(in(state, of("a-1", 0)), func(g *kafka.Group) { g.Type, g.Epoch = kafka.Consumer, kafka.Some(epoch) })
	}
	r := only(t, watched(t, look{0, next(kafka.StateStable, 41)}, look{2, next(kafka.StateReconciling, 42)}, look{4, next(kafka.StateStable, 43)}))
	if r.From != kafka.Some[int32](41) || r.To != kafka.Some[int32](43) {
		t.Errorf("%v %v", r.From, r.To)
	}
}

func TestLogIsBounded(t *testing.T) {
	l := New(Options{PerGroup: 2, All: 5})
	name := func(i int) string { return string(rune('a' + i)) }
	poll := func(at float64, n int) {
		s := &kafka.Snapshot{At: seconds(at)}
		for i := range 4 {
			g := group(of("m-"+name(n), 0))
			g.Name, g.At = name(i), seconds(at)
			s.Groups = append(s.Groups, g)
		}
		l.Observe(s)
	}
	for n := range 9 {
		poll(float64(2*n), n)
	}
	n := len(l.All())
	if n > 5 || n < 1 {
		t.Errorf("%d rebalances are kept", n)
	}
	for i := range 4 {
		if n := len(l.Group(name(i))); n > 2 {
			t.Errorf("%s: %d", name(i), n)
		}
	}
	if rs := l.All(); rs[0].End != seconds(16) || rs[n-1].End.Before(seconds(14)) {
		t.Errorf("not the newest: %v %v", rs[0].End, rs[n-1].End)
	}
}

func TestLargeGroupIsCounted(t *testing.T) {
	var was, is []kafka.Member
	for i := range 600 {
		id := "m-" + string(rune('0'+i/26/26)) + string(rune('a'+i/26%26)) + string(rune('a'+i%26))
		was = append(was, of(id, int32(2*i), int32(2*i+1)))
		is = append(is, of(id, int32(2*i), int32((2*i+3)%1200)))
	}
	is = append(is, of("new-1"))
	r := only(t, watched(t, look{0, group(was...)}, look{2, group(is...)}))
	if r.Members != [2]int{600, 601} || r.Moved != 600 || len(r.People) != maxPeople || len(r.Moves) > maxMoves || len(r.Moves) == 0 {
		t.Errorf("%v members, %d moved, %d people, %d moves", r.Members, r.Moved, len(r.People), len(r.Moves))
	}
	if r.People[0].Fate != Joined {
		t.Errorf("who came is cut off: %+v", r.People[0])
	}
	for _, m := range r.Moves {
		if m.From >= len(r.People) || m.To >= len(r.People) {
			t.Fatalf("%+v points nowhere", m)
		}
	}
}
