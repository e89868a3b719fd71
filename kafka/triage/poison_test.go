package triage

import (
	"testing"
	"time"

	"lagtop/kafka"
)

// cause ticks until a cause is listed; it gives up after a while.
func (s *sim) cause(rule string, limit time.Duration, step func(*sim)) (*kafka.Finding, time.Duration) {
	began := s.now
	for s.now.Sub(began) < limit {
		s.tick(step)
		for i := range s.snap.Findings {
			if f := &s.snap.Findings[i]; f.Rule == rule {
				return f, s.now.Sub(began)
			}
		}
	}
	return nil, limit
}

// commits lets a step be seen only when the group commits.
func commits(every time.Duration, step func(*sim)) func(*sim) {
	var read []kafka.Known[int64]
	return func(s *sim) {
		if read == nil {
			for _, p := range s.parts {
				read = append(read, p.commit)
			}
		}
		for i := range s.parts {
			s.parts[i].commit, read[i] = read[i], s.parts[i].commit
		}
		step(s)
		for i := range s.parts {
			s.parts[i].commit, read[i] = read[i], s.parts[i].commit
			if s.ticks%max(int(every/s.poll), 1) == 0 {
				s.parts[i].commit = read[i]
			}
		}
	}
}

func backlogs(poll time.Duration, in float64) *sim {
	return newSim(poll, owned(300_000, 10_000, in), owned(300_000, 10_000, in), owned(300_000, 10_000, in))
}

func TestPoisonIsFoundThoughItsOwnerHasABacklogEverywhere(t *testing.T) {
	for name, c := range map[string]struct {
		in     float64
		others []int
		within time.Duration
	}{
		"the others are read side by side": {10, []int{0, 2}, 2 * time.Minute},
		"nothing comes in":                 {0, []int{0, 2}, 2 * time.Minute},
		"one is read, as in a long turn":   {10, []int{0}, 11 * time.Minute},
	} {
		for _, every := range []time.Duration{two, 5 * time.Second} {
			s := backlogs(time.Second, c.in)
			if len(c.others) == 1 {
				s.parts = s.parts[:2]
			}
			s.run(time.Minute, commits(every, follow(10)))
			step := commits(every, follow(12, c.others...))
			if f, after := s.cause("poison-record", c.within, step); f == nil || f.Subject.Partition != kafka.Some[int32](1) {
				t.Errorf("%s, a commit every %v: after %v %+v, %s", name, every, after, f, s.snap.Groups[0].Verdict.Evidence)
			}
		}
	}
}

// After ten minutes it is STOPPED, for the same reason.
func TestPoisonRemainsTheCauseForAsLongAsItStands(t *testing.T) {
	s := four(100)
	s.run(time.Minute, follow(100))
	step := follow(100, 0, 2, 3)
	if f, _ := s.cause("poison-record", time.Minute, step); f == nil {
		t.Fatal("not found")
	}
	for range 15 * 30 {
		s.tick(step)
		if n := len(s.snap.Findings); n != 1 || s.snap.Findings[0].Rule != "poison-record" {
			t.Fatalf("%s: %+v", s.snap.Groups[0].Verdict.Evidence, s.snap.Findings)
		}
	}
	if k := s.snap.Groups[0].Verdict.Kind; k != kafka.VerdictStopped {
		t.Errorf("the verdict is %v", k)
	}
}

func TestStoppedWithoutAnOwnerIsListedBesidePoison(t *testing.T) {
	s := four(100)
	s.parts = append(s.parts, unowned(10_000, 10_000, 1))
	s.run(time.Minute, follow(100))
	s.run(11*time.Minute, follow(100, 0, 2, 3))
	rules := map[string]int{}
	for _, f := range s.snap.Findings {
		rules[f.Rule]++
	}
	if rules["poison-record"] != 1 || rules["silent"] != 1 || rules["stalled"] != 0 {
		t.Errorf("%+v", s.snap.Findings)
	}
}

func TestTurnsOfAnyLengthAreNotStalled(t *testing.T) {
	for _, poll := range []time.Duration{time.Second, two, 5 * time.Second} {
		for _, every := range []time.Duration{poll, 5 * time.Second} {
			for _, turn := range []time.Duration{5 * time.Second, 15 * time.Second, 40 * time.Second, 90 * time.Second, 4 * time.Minute} {
				s := backlogs(poll, 10)
				s.run(time.Minute, commits(every, follow(10))) // side by side, while they keep up
				step := commits(every, turns(turn, 20))
				for end := s.now.Add(20 * time.Minute); s.now.Before(end); {
					g := s.tick(step)
					for i := range g.Partitions {
						if v := g.Partitions[i].Verdict; v.Kind >= kafka.VerdictStalled {
							t.Fatalf("a poll every %v, a commit every %v, turns of %v, %v before the end: %s", poll, every, turn, end.Sub(s.now), v.Evidence)
						}
					}
				}
			}
		}
	}
}

// A group that was away for long reads what waits by turns: nothing is poison yet.
func TestGroupThatComesBackHasNoPoison(t *testing.T) {
	s := backlogs(two, 10)
	crew := s.members
	own := func(member kafka.Known[int]) {
		for i := range s.parts {
			s.parts[i].owner = member
		}
	}
	s.members, s.state = nil, kafka.StateEmpty
	own(kafka.Known[int]{})
	s.run(15*time.Minute, none)
	s.members, s.state = crew, kafka.StateStable
	own(kafka.Some(0))
	if f, after := s.cause("poison-record", 9*time.Minute, turns(4*time.Minute, 50)); f != nil {
		t.Errorf("after %v: %s", after, f.Evidence)
	}
}
