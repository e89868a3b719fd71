package timeline

import (
	"testing"
	"time"

	"lagtop/kafka"
)

var ordersID = [16]byte{1}

// script writes the records of a group's log.
type script struct {
	offset int64
	out    []kafka.GroupRecord
}

func (s *script) put(at float64, r kafka.GroupRecord) *script {
	s.offset += 3
	r.Group, r.Offset, r.At = "g", s.offset, seconds(at)
	s.out = append(s.out, r)
	return s
}

func (s *script) generation(at float64, n int32, ms ...kafka.Member) *script {
	r := kafka.GroupRecord{Kind: kafka.GroupGeneration, Epoch: n, ProtocolType: "consumer", Members: ms}
	if len(ms) > 0 {
		r.Protocol, r.Leader = "range", ms[0].ID
	}
	return s.put(at, r)
}

func (s *script) joins(at float64, id string) *script {
	return s.put(at, kafka.GroupRecord{Kind: kafka.GroupMember, Member: of(id)})
}

func (s *script) leaves(at float64, id string) *script {
	m := kafka.Member{ID: id}
	s.put(at, kafka.GroupRecord{Kind: kafka.GroupCurrent, Gone: true, Member: m})
	s.put(at, kafka.GroupRecord{Kind: kafka.GroupTarget, Gone: true, Member: m})
	return s.put(at, kafka.GroupRecord{Kind: kafka.GroupMember, Gone: true, Member: m})
}

func (s *script) epoch(at float64, n int32) *script {
	s.put(at, kafka.GroupRecord{Kind: kafka.GroupEpoch, Epoch: n})
	return s.put(at, kafka.GroupRecord{Kind: kafka.GroupTargetEpoch, Epoch: n})
}

func (s *script) owns(at float64, id string, epoch int32, settled bool, ps ...int32) *script {
	r := kafka.GroupRecord{Kind: kafka.GroupCurrent, Epoch: epoch, Settled: settled, Member: kafka.Member{ID: id}}
	for _, p := range ps {
		r.Owned = append(r.Owned, kafka.TopicIDPartition{Topic: ordersID, Partition: p})
	}
	return s.put(at, r)
}

// told is a Log in which the topics have names and the group's log is being read.
func told(records []kafka.GroupRecord) *Log {
	l := New(Options{})
	l.Observe(&kafka.Snapshot{At: seconds(-10), Topics: []kafka.Topic{{Name: "orders", ID: ordersID}}})
	l.Follow("g")
	l.Take("g", records)
	l.CaughtUp("g")
	return l
}

func TestGenerationsOfAClassicGroup(t *testing.T) {
	s := &script{}
	s.generation(0, 0).generation(1, 1, of("a-1", 0, 1)).generation(5, 2, of("a-1", 0), of("b-1", 1)).
		generation(9, 2, of("a-1", 0), of("b-2", 1)).generation(20, 6).put(30, kafka.GroupRecord{Kind: kafka.GroupGeneration, Gone: true})
	rs := told(s.out).Group("g")
	if len(rs) != 4 {
		t.Fatalf("%d rebalances: %+v", len(rs), rs)
	}
	first, second, static, last := rs[3], rs[2], rs[1], rs[0]
	if first.Cause.Kind != CauseStarted || first.From != kafka.Some[int32](0) || first.Unstable.OK {
		t.Errorf("first: %+v", first)
	}
	if second.To.V != 2 || second.Moved != 1 || second.End != seconds(5) || second.Leader[0].ID != "a-1" || second.Source != FromLog {
		t.Errorf("second: %+v", second)
	}
	if static.From != static.To || static.Returned != 1 || static.Moved != 0 {
		t.Errorf("the same generation again: %+v", static)
	}
	if last.Cause.Kind != CauseStopped || last.Skipped != 3 {
		t.Errorf("last: %+v", last)
	}
}

func TestLogThatBeginsInTheMiddleSaysSo(t *testing.T) {
	r := only(t, told((&script{}).generation(1, 41, of("a-1", 0), of("b-1", 1)).out))
	if !r.Fresh || r.Joined != 0 || r.Moved != 0 || r.Members != [2]int{0, 2} || r.Cause.Kind != CauseUnseen || r.From.OK {
		t.Errorf("%+v", r)
	}
}

func TestEpochsOfANextGenerationGroup(t *testing.T) {
	s := &script{}
	s.joins(0, "a-1").epoch(0, 1).owns(0.1, "a-1", 1, true, 0, 1)
	s.joins(5, "b-1").epoch(5, 2).owns(5, "b-1", 2, false).owns(7, "a-1", 1, false, 0).owns(8, "a-1", 2, true, 0).owns(9.5, "b-1", 2, true, 1)
	s.leaves(20, "b-1").epoch(20, 3).owns(22, "a-1", 3, true, 0, 1)
	s.leaves(30, "a-1").epoch(30, 4)
	rs := told(s.out).Group("g")
	if len(rs) != 4 {
		t.Fatalf("%d rebalances: %+v", len(rs), rs)
	}
	r := rs[2]
	if r.From.V != 1 || r.To.V != 2 || r.Begin != seconds(5) || r.End != seconds(9.5) || r.AtLeast || r.Unstable.V != 4500*time.Millisecond {
		t.Errorf("%+v", r)
	}
	if r.Moved != 1 || r.Moves[0].Partition != 1 || r.People[r.Moves[0].From].ID != "a-1" || r.People[r.Moves[0].To].ID != "b-1" || r.Joined != 1 {
		t.Errorf("moves %+v of %+v", r.Moves, r.People)
	}
	if rs[1].Cause.Kind != CauseScaleIn || rs[0].Cause.Kind != CauseStopped || rs[3].Cause.Kind != CauseStarted {
		t.Errorf("%v %v %v", rs[3].Cause, rs[1].Cause, rs[0].Cause)
	}
}

func TestEpochsThatOvertakeEachOtherAreOneRebalance(t *testing.T) {
	s := &script{}
	s.joins(0, "a-1").epoch(0, 1).owns(0, "a-1", 1, true, 0, 1)
	s.joins(5, "b-1").epoch(5, 2).joins(6, "c-1").epoch(6, 3).owns(7, "b-1", 3, true, 1).owns(8, "a-1", 3, true, 0).owns(8, "c-1", 3, true)
	r := told(s.out).Group("g")[0]
	if r.From.V != 1 || r.To.V != 3 || r.Begin != seconds(5) || r.End != seconds(8) || r.Joined != 2 {
		t.Errorf("%+v", r)
	}
}

func TestNextGenerationLogThatBeginsInTheMiddle(t *testing.T) {
	s := &script{}
	s.owns(0, "a-1", 40, true, 0).epoch(5, 41).owns(6, "a-1", 41, true, 0).owns(7, "b-1", 41, true, 1)
	s.leaves(20, "b-1").epoch(20, 42).owns(22, "a-1", 42, true, 0, 1)
	rs := told(s.out).Group("g")
	if len(rs) != 2 || !rs[1].Fresh || rs[1].End != seconds(7) || rs[0].Fresh || rs[0].Left != 1 || rs[0].Moved != 1 {
		t.Errorf("%+v", rs)
	}
	l := told(s.out[:5])
	if r := only(t, l); !r.Fresh || r.To.V != 41 || r.Members[1] != 2 {
		t.Errorf("caught up: %+v", r)
	}
}

func TestLogTakesThePlaceOfPolls(t *testing.T) {
	two, three := group(of("a-1", 0, 1), of("b-1", 2)), group(of("a-1", 0), of("b-1", 2), of("c-1", 1))
	looks := []look{{0, two}, {2, in(kafka.StatePreparingRebalance, two.Members...)}, {4, in(kafka.StatePreparingRebalance, three.Members...)}, {6, three}}
	records := (&script{}).generation(-100, 1, two.Members...).generation(4.5, 2, three.Members...).out
	polls := func(l *Log, ks []look) {
		for _, k := range ks {
			l.Observe(k.snapshot())
		}
	}
	for name, feed := range map[string]func(l *Log){
		"read before": func(l *Log) { l.Follow("g"); l.Take("g", records); polls(l, looks) },
		"read after":  func(l *Log) { polls(l, looks); l.Follow("g"); l.Take("g", records) },
		"read twice": func(l *Log) {
			polls(l, looks)
			l.Follow("g")
			l.Take("g", records)
			l.Follow("g")
			l.Take("g", records)
		},
		"read between": func(l *Log) {
			polls(l, looks[:3])
			l.Follow("g")
			l.Take("g", records)
			polls(l, looks[3:])
		},
	} {
		l := New(Options{})
		feed(l)
		rs := l.Group("g")
		if len(rs) != 2 {
			t.Errorf("%s: %d rebalances: %+v", name, len(rs), rs)
			continue
		}
		r := rs[0]
		if r.Source != FromLog || r.To.V != 2 || r.Unstable != kafka.Some(2*time.Second) || !r.AtLeast || r.Begin != seconds(2) || r.End != seconds(4.5) || len(r.States) == 0 {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestEpochsMatchWhateverTheClocksSay(t *testing.T) {
	next := func(epoch int32, ms ...kafka.Member) kafka.Group {
		return as(group(ms...), func(g *kafka.Group) { g.Type, g.Epoch = kafka.Consumer, kafka.Some(epoch) })
	}
	l := New(Options{})
	l.Observe(look{0, next(1, of("a-1", 0, 1))}.snapshot())
	l.Observe(look{2, next(2, of("a-1", 0), of("b-1", 1))}.snapshot())
	l.Follow("g")
	s := (&script{}).joins(900, "a-1").epoch(900, 1).owns(900, "a-1", 1, true, 0, 1).joins(901, "b-1").epoch(901, 2)
	l.Take("g", s.owns(902, "a-1", 2, true, 0).owns(903, "b-1", 2, true, 1).out)
	rs := l.Group("g")
	if len(rs) != 2 || rs[0].Source != FromLog || rs[0].Unstable.V != 2*time.Second || rs[0].AtLeast {
		t.Errorf("%+v", rs)
	}
}

func TestFocusedGroupKeepsMore(t *testing.T) {
	l := New(Options{PerGroup: 2, Focused: 5, Groups: 1})
	s := &script{}
	for n := range int32(9) {
		s.generation(float64(n), n+1, of("a-1", n))
	}
	l.Follow("g")
	l.Take("g", s.out)
	if n := len(l.Group("g")); n != 5 {
		t.Errorf("%d are kept", n)
	}
	l.Follow("other")
	if n := len(l.Group("g")); n != 2 {
		t.Errorf("%d are kept of a group that is no longer in focus", n)
	}
}

func TestLogReadLateTellsCausesToo(t *testing.T) {
	s := (&script{}).generation(1, 1, of("a-1", 0, 1)).generation(5, 2, of("a-1", 0), of("b-1", 1)).generation(1000, 3, of("a-1", 0, 1))
	l := watched(t,
		look{998, group(of("a-1", 0), of("b-1", 1))}, look{1000, in(kafka.StatePreparingRebalance, of("a-1", 0), of("b-1", 1))}, look{1002, group(of("a-1", 0, 1))})
	l.Follow("g")
	l.Take("g", s.out)
	want := []Kind{CauseScaleIn, CauseScaleOut, CauseStarted} // the newest first
	rs := l.Group("g")
	if len(rs) != len(want) {
		t.Fatalf("%d rebalances: %+v", len(rs), rs)
	}
	for i, r := range rs {
		if r.Cause.Kind != want[i] {
			t.Errorf("at %v %q: %s, want %q", r.End, r.Cause.Kind, r.Cause.Evidence, want[i])
		}
	}
}
