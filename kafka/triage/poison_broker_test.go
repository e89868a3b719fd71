package triage

import (
	"testing"
	"time"

	"lagtop/kafka"
)

// apartLed gives every partition but the second one to another leader.
func apartLed(s *kafka.Snapshot) {
	for i := range s.Topics[0].Partitions {
		p := &s.Topics[0].Partitions[i]
		if p.Leader = kafka.Some[int32](1); i == 1 {
			p.Leader = kafka.Some[int32](2)
		}
	}
}

// A consumer that waits for a broker looks as if a record stopped it.
func TestNothingIsPoisonWhileItsBrokerMayBeTheReason(t *testing.T) {
	for name, spoil := range map[string]func(*kafka.Snapshot, *kafka.Partition){
		"it has no leader": func(_ *kafka.Snapshot, p *kafka.Partition) { p.Leader = kafka.Known[int32]{} },
		"its leader does not answer": func(_ *kafka.Snapshot, p *kafka.Partition) {
			p.Err = "broker 2: no answer within 3 s"
		},
		"what its leader told is old": func(s *kafka.Snapshot, p *kafka.Partition) { p.At = s.At.Add(-time.Minute) },
		"its leaders change": func(s *kafka.Snapshot, p *kafka.Partition) {
			p.LeaderEpoch = int32(s.At.Unix() / 60)
		},
		"the metadata is old": func(s *kafka.Snapshot, _ *kafka.Partition) {
			s.Faults = append(s.Faults, kafka.Fault{Op: "Metadata", Reason: "no broker answered"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := four(100)
			s.shape = apartLed
			s.run(time.Minute, follow(100))
			s.shape = func(now *kafka.Snapshot) {
				apartLed(now)
				spoil(now, &now.Topics[0].Partitions[1])
			}
			s.mustNotFind(t, "poison-record", 5*time.Minute, follow(100, 0, 2, 3))
		})
	}
}

// Both members read from another leader alone.
func TestNothingIsPoisonWhereNothingIsReadFromItsLeader(t *testing.T) {
	s := newSim(two, ownedBy(0, 10_000, 10_000, 100), ownedBy(0, 10_000, 10_000, 100), ownedBy(1, 10_000, 10_000, 100), ownedBy(1, 10_000, 10_000, 100)).crew(2)
	s.shape = func(now *kafka.Snapshot) {
		for i := range now.Topics[0].Partitions {
			now.Topics[0].Partitions[i].Leader = kafka.Some(int32(i%2 + 1))
		}
	}
	s.run(time.Minute, follow(100))
	s.mustNotFind(t, "poison-record", 5*time.Minute, follow(100, 0, 2))
	if s.wait("poison-record", true, time.Minute, follow(200, 0, 2, 3)) == nil {
		t.Errorf("another member reads from that leader, and it is not found: %q", s.described())
	}
}

func TestPoisonIsFoundAfterItsLeaderHasComeBack(t *testing.T) {
	s := four(100)
	s.shape = apartLed
	s.run(time.Minute, follow(100))
	s.shape = func(now *kafka.Snapshot) {
		apartLed(now)
		now.Topics[0].Partitions[1].Leader = kafka.Known[int32]{}
	}
	s.mustNotFind(t, "poison-record", time.Minute, follow(100, 0, 2, 3))
	s.shape = apartLed
	s.mustNotFind(t, "poison-record", settling-2*two, follow(100, 0, 2, 3))
	if s.wait("poison-record", true, time.Minute, follow(100, 0, 2, 3)) == nil {
		t.Errorf("not found, %q", s.described())
	}
}

// What was found before stays as it is: nobody read over that record meanwhile.
func TestPoisonStaysListedWhileItsLeaderIsAway(t *testing.T) {
	s := four(100)
	s.shape = apartLed
	s.run(time.Minute, follow(100))
	was := s.wait("poison-record", true, time.Minute, follow(100, 0, 2, 3))
	if was == nil {
		t.Fatalf("not found, %q", s.described())
	}
	s.shape = func(now *kafka.Snapshot) {
		apartLed(now)
		now.Topics[0].Partitions[1].Leader = kafka.Known[int32]{}
	}
	s.run(time.Minute, follow(100, 0, 2, 3))
	if f := s.finding("poison-record"); f == nil || f.Evidence != was.Evidence {
		t.Errorf("%+v, was %+v", f, was)
	}
}

// Where the coordinator is away, commits stop although everything is read.
func TestNothingIsPoisonWhileTheGroupCommitsNothing(t *testing.T) {
	s := four(100)
	s.run(time.Minute, follow(100))
	if s.wait("poison-record", true, time.Minute, follow(100, 0, 2, 3)) == nil {
		t.Fatalf("not found, %q", s.described())
	}
	state, f := s.judge.groups["payments"], &s.judge.finder
	l := Look{Snap: s.snap, Now: s.now, Group: &s.snap.Groups[0], state: state, sick: &sick{}, world: &f.world}
	l.sick.examine(l.Group, state.parts, f.stalled)
	if a := poison(&l); a != Yes {
		t.Errorf("while it commits the answer is %v", a)
	}
	l.Now = state.movedAt.Add(state.parts[1].flat + time.Second)
	if a := poison(&l); a != No {
		t.Errorf("the rates are those of before, nothing was committed since, and the answer is %v", a)
	}
}
