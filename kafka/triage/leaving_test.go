package triage

import (
	"testing"
	"time"

	"lagtop/kafka"
)

func TestWhatIsBeingLeftAdvisesNothingToDo(t *testing.T) {
	s := newSim(two, unowned(700_000, 100_000, 100))
	s.members, s.state = nil, kafka.StateEmpty
	g, _, ok := s.until(kafka.VerdictStopped, time.Minute, none)
	if f := s.finding("no-member"); !ok || f == nil || f.Advice != g.Verdict.Advice || f.Advice == leaving {
		t.Fatalf("%+v, finding %+v", g.Verdict, f)
	}
	s.members, s.state = []kafka.Member{{ID: "m-2", ClientID: "payments-1"}}, kafka.StateStable
	g = s.tick(none)
	if f := s.finding("no-member"); f == nil || f.Advice != leaving || g.Verdict.Advice != leaving || g.Partitions[0].Verdict.Advice != leaving {
		t.Errorf("%+v, finding %+v", g.Verdict, f)
	}
	s.members, s.state = nil, kafka.StateEmpty
	g = s.tick(none)
	if f := s.finding("no-member"); f == nil || f.Advice == leaving || g.Verdict.Advice == leaving {
		t.Errorf("again without members: %+v, finding %+v", g.Verdict, f)
	}
}

func TestAFindingThatIsBeingLeftAdvisesNothingToDo(t *testing.T) {
	s := four(100)
	offline := also(func(s *kafka.Snapshot) { s.Topics[0].Partitions[2].Leader = kafka.Known[int32]{} })
	s.shape = offline
	s.run(20*time.Second, follow(100))
	if f := s.finding("offline"); f == nil || f.Advice == leaving {
		t.Fatalf("%+v", f)
	}
	s.shape = brokers
	s.tick(follow(100))
	if f := s.finding("offline"); f == nil || f.Advice != leaving {
		t.Errorf("it has a leader again: %+v", f)
	}
	s.shape = offline
	s.tick(follow(100))
	if f := s.finding("offline"); f == nil || f.Advice == leaving {
		t.Errorf("away again: %+v", f)
	}
}
