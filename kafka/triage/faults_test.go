package triage

import (
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
)

// trouble runs for a while and fails on every poll that finds trouble.
func (s *sim) mustBeQuiet(t *testing.T, d time.Duration, step func(*sim)) {
	t.Helper()
	began := s.now
	for s.now.Sub(began) < d {
		if g := s.tick(step); g.Verdict.Kind.Trouble() {
			t.Fatalf("after %v: %s %s", s.now.Sub(began), g.Verdict.Kind, g.Verdict.Evidence)
		}
		for i := range s.snap.Findings {
			t.Fatalf("after %v: %s", s.now.Sub(began), Describe(&s.snap.Findings[i], s.now))
		}
	}
}

// Burrow calls a group stopped when a quiet topic gets its first record in a long while.
func TestSlowTopicIsNotStopped(t *testing.T) {
	s := newSim(two, owned(10_000, 10_000, 0))
	s.mustBeQuiet(t, time.Hour, func(s *sim) {
		if s.ticks%300 == 0 { // one record in ten minutes, committed by the next poll
			s.parts[0].end++
		}
		if s.ticks%300 == 1 {
			s.parts[0].commit = kafka.Some(int64(s.parts[0].end))
		}
	})
}

// Burrow says OK while any sample of its window had no lag.
func TestAZeroInTheWindowHidesNoStall(t *testing.T) {
	s := newSim(two, owned(10_000, 10_000, 100))
	s.run(time.Minute, follow(100)) // lag 0 at every poll
	if g, _, ok := s.until(kafka.VerdictStalled, 15*time.Second, none); !ok {
		t.Errorf("still %q a quarter of a minute after the last commit", g.Verdict.Kind)
	}
}

// Burrow warns of any lag that does not shrink.
func TestTinyLagIsNoTrouble(t *testing.T) {
	s := newSim(two, owned(10_000, 9_995, 10))
	s.mustBeQuiet(t, 20*time.Minute, func(s *sim) {
		lag := int64(5 + s.ticks/60) // rises by one record every two minutes
		s.parts[0].commit = kafka.Some(int64(s.parts[0].end) - lag)
	})
}

// A transaction's end marker takes an offset that no consumer commits.
func TestTransactionMarkerIsNoStall(t *testing.T) {
	s := newSim(two, owned(10_001, 10_000, 0))
	s.mustBeQuiet(t, time.Hour, none)
}

// Burrow says OK while lag rises to 200k, because it stores commits more often than log ends.
func TestLagThatRisesWithFrequentCommitsIsSeen(t *testing.T) {
	s := newSim(two, owned(10_000, 10_000, 10_000))
	g, took, ok := s.until(kafka.VerdictFallingBehind, 15*time.Minute, follow(9_500))
	if !ok || g.Lag.V > 200_000 {
		t.Errorf("%q after %v with lag %d", g.Verdict.Kind, took, g.Lag.V)
	}
}

func TestGroupThatCommitsInBurstsIsNotStalled(t *testing.T) {
	for _, every := range []time.Duration{10 * time.Second, 30 * time.Second, 90 * time.Second} {
		t.Run(every.String(), func(t *testing.T) {
			s := newSim(two, owned(10_000, 10_000, 500), owned(10_000, 10_000, 500))
			s.mustBeQuiet(t, 20*time.Minute, bursts(every))
		})
	}
}

func TestBurstCommitterThatFallsBehindIsSeen(t *testing.T) {
	for _, every := range []int64{20, 90} {
		s := newSim(two, owned(10_000, 10_000, 500))
		read := 10_000.0
		g, _, ok := s.until(kafka.VerdictFallingBehind, 10*time.Minute, func(s *sim) {
			read += 300 * s.poll.Seconds()
			if s.now.Unix()%every == 0 {
				s.parts[0].commit = kafka.Some(int64(read))
			}
		})
		if !ok {
			t.Errorf("every %d s: judged %q: %s", every, g.Verdict.Kind, g.Verdict.Evidence)
		}
	}
}

func TestUnevenCommitsNearTheEndAreNoBacklog(t *testing.T) {
	s := newSim(two, owned(10_000, 10_000, 100))
	s.mustBeQuiet(t, 20*time.Minute, func(s *sim) {
		if s.ticks%5 == 0 {
			short := int64(s.ticks / 5 % 7 * 40) // up to 240 records not read yet
			s.parts[0].commit = kafka.Some(max(s.parts[0].commit.V, int64(s.parts[0].end)-short))
		}
	})
}

func TestGroupThatGainsAgainIsNotFallingBehind(t *testing.T) {
	s := newSim(two, owned(10_000, 10_000, 500))
	if g := s.run(5*time.Minute, follow(300)); g.Verdict.Kind != kafka.VerdictFallingBehind {
		t.Fatalf("judged %q at first", g.Verdict.Kind)
	}
	if g, _, ok := s.until(kafka.VerdictOK, 2*time.Minute, follow(600)); !ok || g.Lag.V < 40_000 {
		t.Errorf("judged %q with lag %d", g.Verdict.Kind, g.Lag.V)
	}
}

func TestNoStallIsJudgedWhileRebalancing(t *testing.T) {
	s := newSim(two, owned(10_000, 10_000, 100))
	s.run(time.Minute, follow(100))
	s.state = kafka.StatePreparingRebalance
	s.mustBeQuiet(t, 40*time.Second, none)
	s.state, s.members = kafka.StateStable, []kafka.Member{{ID: "m-9", ClientID: "payments-9"}}
	s.mustBeQuiet(t, 8*time.Second, none) // the new owner has to begin first
	if g, _, ok := s.until(kafka.VerdictStalled, 15*time.Second, none); !ok {
		t.Errorf("the new owner does nothing, judged %q", g.Verdict.Kind)
	}
}

func TestStallOutlastsTheRestartOfItsConsumer(t *testing.T) {
	s := newSim(two, owned(10_000, 10_000, 100), owned(10_000, 10_000, 100))
	s.run(time.Minute, follow(100))
	if _, _, ok := s.until(kafka.VerdictStalled, 20*time.Second, follow(100, 0)); !ok {
		t.Fatal("not stalled")
	}
	s.members = []kafka.Member{{ID: "m-2", ClientID: "payments-2"}}
	for range 20 {
		if g := s.tick(follow(100, 0)); g.Partitions[1].Verdict.Kind != kafka.VerdictStalled {
			t.Fatalf("%q though no commit came", g.Partitions[1].Verdict.Kind)
		}
	}
}

func TestNewOwnerThatCaughtUpIsNotAccused(t *testing.T) {
	s := newSim(two, owned(10_000, 10_000, 100), owned(10_000, 10_000, 100))
	s.run(time.Minute, follow(100))
	if _, _, ok := s.until(kafka.VerdictStalled, 20*time.Second, follow(100, 0)); !ok {
		t.Fatal("not stalled")
	}
	s.members = []kafka.Member{{ID: "m-2", ClientID: "payments-2"}}
	g := s.tick(follow(1_000_000))
	if g.Lag.V != 0 || g.Partitions[1].Verdict.Kind != kafka.VerdictOK {
		t.Errorf("lag %d, judged %q: %s", g.Lag.V, g.Verdict.Kind, g.Verdict.Evidence)
	}
}

func TestConsumerWithManualAssignmentIsNotStopped(t *testing.T) {
	s := newSim(two, unowned(10_000, 10_000, 100))
	s.members, s.state = nil, kafka.StateEmpty
	s.mustBeQuiet(t, 10*time.Minute, bursts(4*time.Second))
}

func TestManualAssignmentWithRareCommitsIsKnownByItsRhythm(t *testing.T) {
	s := newSim(two, unowned(10_000, 10_000, 100))
	s.members, s.state = nil, kafka.StateEmpty
	s.run(5*time.Minute, bursts(30*time.Second))
	s.mustBeQuiet(t, 10*time.Minute, bursts(30*time.Second))
}

func TestVeryRareCommitsAreKnownByTheirRhythm(t *testing.T) {
	s := newSim(two, unowned(10_000, 10_000, 100))
	s.run(time.Hour, bursts(15*time.Minute))
	s.mustBeQuiet(t, 2*time.Hour, bursts(15*time.Minute))
}

func TestEmptyGroupOfAQuietTopicIsNotStopped(t *testing.T) {
	s := newSim(two, unowned(10_000, 4_000, 0))
	s.members, s.state = nil, kafka.StateEmpty
	s.mustBeQuiet(t, 30*time.Minute, none)
}

// Kafka Streams purges its repartition topics right behind the commit: by the time that the log
// start is read, it is beyond the commit that was read before it.
func TestPurgedRepartitionTopicIsNoLoss(t *testing.T) {
	s := newSim(two, owned(10_000, 10_000, 100))
	s.mustBeQuiet(t, 10*time.Minute, func(s *sim) {
		follow(100)(s)
		s.parts[0].start = float64(s.parts[0].commit.V + 50)
		s.parts[0].end = max(s.parts[0].end, s.parts[0].start)
	})
}

func TestFlatFromTheStartIsWatchedUntilItIsSure(t *testing.T) {
	s := newSim(two, owned(10_000, 5_000, 100))
	g := s.run(80*time.Second, none)
	if v := g.Verdict; v.Kind != kafka.VerdictUnknown || v.Watching < 40*time.Second || v.Watching > 44*time.Second {
		t.Errorf("after 80 s %q, watching %v more", v.Kind, v.Watching)
	}
	if g = s.run(50*time.Second, none); g.Verdict.Kind != kafka.VerdictStalled {
		t.Errorf("after 130 s %q: %s", g.Verdict.Kind, g.Verdict.Evidence)
	}
}

func TestOneSampleProvesNothingButCaughtUp(t *testing.T) {
	behind := newSim(two, owned(10_000, 5_000, 100))
	if v := behind.tick(none).Verdict; v.Kind != kafka.VerdictUnknown || v.Watching == 0 || v.Evidence != "" {
		t.Errorf("with lag: %+v", v)
	}
	idle := newSim(two, owned(10_000, 10_000, 0))
	if v := idle.tick(none).Verdict; v.Kind != kafka.VerdictOK || v.Watching == 0 || v.Evidence != "caught up" {
		t.Errorf("without: %+v", v)
	}
}

func TestStaleGroupIsNotJudgedAnew(t *testing.T) {
	s := newSim(two, owned(10_000, 10_000, 100))
	s.run(time.Minute, follow(100))
	s.stale = true
	s.mustBeQuiet(t, 5*time.Minute, none)
}

func TestOnePollIsCountedOnce(t *testing.T) {
	for name, again := range map[string]func(*sim){
		"the same snapshot": func(s *sim) { s.judge.Judge(s.snap) },
		"a stale group":     func(s *sim) { s.stale = true; s.tick(none) },
	} {
		s := newSim(two, owned(10_000, 10_000, 0))
		s.run(20*time.Second, none)
		s.parts[0].commit = kafka.Some[int64](10_050)
		s.tick(none)
		for range 10 {
			again(s)
		}
		if v := s.snap.Groups[0].Verdict; v.Kind != kafka.VerdictOK {
			t.Errorf("%s: %q", name, v.Kind)
		}
	}
}

func TestCommitBeyondTheEndForTwoPollsIsARace(t *testing.T) {
	s := newSim(two, owned(10_000, 10_000, 0))
	s.run(20*time.Second, none)
	s.parts[0].commit = kafka.Some[int64](10_050)
	s.mustBeQuiet(t, 4*time.Second, none)
	s.parts[0].end = 10_060
	s.mustBeQuiet(t, time.Minute, follow(1e6))
}

func TestResetToTheEndIsNoTrouble(t *testing.T) {
	s := newSim(two, owned(1_000_000, 10_000, 100))
	s.run(time.Minute, follow(200))
	s.parts[0].commit = kafka.Some(int64(s.parts[0].end))
	s.mustBeQuiet(t, 5*time.Minute, follow(100))
}

func TestShareGroupIsJudgedByTheBrokersLag(t *testing.T) {
	s := newSim(two, simPart{end: 50_000, in: 800, lag: 20_000, owner: kafka.Some(0)})
	s.typ = kafka.Share
	s.run(20*time.Second, func(s *sim) { s.parts[0].lag += 400 })
	g := &s.snap.Groups[0]
	if g.Verdict.Kind != kafka.VerdictFallingBehind || !strings.Contains(g.Verdict.Evidence, "600/s out") {
		t.Errorf("%q: %s", g.Verdict.Kind, g.Verdict.Evidence)
	}
	if g, _, ok := s.until(kafka.VerdictOK, 2*time.Minute, func(s *sim) { s.parts[0].lag = max(0, s.parts[0].lag-5000) }); !ok {
		t.Errorf("drains, but %q", g.Verdict.Kind)
	}
}

func TestOwnersWithTheSameClientIDAreToldApart(t *testing.T) {
	s := newSim(two, owned(10_000, 10_000, 100), owned(10_000, 10_000, 100))
	s.members = append(s.members, kafka.Member{ID: "m-2", ClientID: "payments-1", Host: "10.0.0.2"})
	s.parts[1].owner = kafka.Some(1)
	g, _, _ := s.until(kafka.VerdictStalled, time.Minute, follow(100, 0))
	if !strings.Contains(g.Verdict.Evidence, "on payments-1 at 10.0.0.2;") {
		t.Errorf("evidence %q", g.Verdict.Evidence)
	}
}

// turns lets a member read one of its partitions after the other, each for a while, as a slow consumer does that has
// fetched much of each.
func turns(each time.Duration, perSecond float64) func(*sim) {
	return func(s *sim) {
		follow(perSecond, s.ticks*int(s.poll.Seconds())/int(each.Seconds())%len(s.parts))(s)
	}
}

// A consumer with a backlog everywhere leaves partitions alone for minutes, though nothing is wrong with their records.
func TestPartitionsReadByTurnsAreNotStalled(t *testing.T) {
	s := newSim(two, owned(30_000, 10_000, 10), owned(30_000, 10_000, 10), owned(30_000, 10_000, 10))
	began := s.now
	for range 30 * 30 {
		g := s.tick(turns(90*time.Second, 20))
		if s.now.Sub(began) > 2*time.Minute && g.Verdict.Kind != kafka.VerdictFallingBehind {
			t.Fatalf("30/s in and 20/s out is %q after %v: %s", g.Verdict.Kind, s.now.Sub(began), g.Verdict.Evidence)
		}
		for i := range g.Partitions {
			if v := g.Partitions[i].Verdict; v.Kind == kafka.VerdictStalled {
				t.Fatalf("after %v: %s", s.now.Sub(began), v.Evidence)
			}
		}
	}
}

func TestRecordsNobodyReadsForLongAreTroubleThoughTheirOwnerIsBusy(t *testing.T) {
	s := newSim(two, owned(30_000, 10_000, 10), owned(30_000, 10_000, 10), owned(30_000, 10_000, 10))
	s.run(time.Minute, follow(10))
	if g, after, ok := s.until(kafka.VerdictStopped, 12*time.Minute, follow(12, 0, 2)); !ok || !strings.HasPrefix(g.Verdict.Evidence, "orders/1 no commit for") {
		t.Errorf("after %v %q: %s", after, g.Verdict.Kind, g.Verdict.Evidence)
	}
}

func TestMemberThatHangsIsStalledThoughItWasBusyBefore(t *testing.T) {
	s := newSim(two, owned(30_000, 10_000, 10), owned(30_000, 10_000, 10))
	s.run(time.Minute, follow(20))
	if g, after, ok := s.until(kafka.VerdictStalled, time.Minute, none); !ok {
		t.Errorf("after %v %q: %s", after, g.Verdict.Kind, g.Verdict.Evidence)
	}
}

func TestPartitionsReadByTurnsThatGainAreNoTrouble(t *testing.T) {
	s := newSim(two, owned(30_000, 10_000, 10), owned(30_000, 10_000, 10), owned(30_000, 10_000, 10))
	s.mustBeQuiet(t, 20*time.Minute, turns(90*time.Second, 45))
}

func TestStallThatEndedSaysSoWhileItIsListed(t *testing.T) {
	s := newSim(two, owned(10_000, 10_000, 100))
	s.run(time.Minute, follow(100))
	if _, _, ok := s.until(kafka.VerdictStalled, time.Minute, none); !ok {
		t.Fatal("not stalled")
	}
	s.run(10*time.Second, none)
	if g := s.tick(follow(120)); g.Verdict.Kind != kafka.VerdictStalled || !strings.HasPrefix(g.Verdict.Evidence, "orders/0 moves again, ") {
		t.Errorf("%s: %s", g.Verdict.Kind, g.Verdict.Evidence)
	}
}

func TestGroupThatHasMembersAgainIsNotCalledEmpty(t *testing.T) {
	s := newSim(two, unowned(700_000, 100_000, 100))
	s.members, s.state = nil, kafka.StateEmpty
	if _, _, ok := s.until(kafka.VerdictStopped, time.Minute, none); !ok {
		t.Fatal("not stopped")
	}
	s.members, s.state = []kafka.Member{{ID: "m-2", ClientID: "payments-1"}}, kafka.StateStable
	if g := s.tick(none); g.Verdict.Kind != kafka.VerdictStopped || !strings.HasPrefix(g.Verdict.Evidence, "It has 1 member again, 6") {
		t.Errorf("%s: %s", g.Verdict.Kind, g.Verdict.Evidence)
	}
}

func TestCauseIsNotListedWithoutItsVerdict(t *testing.T) {
	s := four(100)
	s.shape = brokers
	s.run(time.Minute, follow(100))
	if f := s.wait("poison-record", true, time.Minute, follow(100, 0, 2, 3)); f == nil {
		t.Fatalf("not found; found %q", s.described())
	}
	for s.snap.Groups[0].Verdict.Kind == kafka.VerdictStalled {
		s.tick(follow(1e6)) // it has caught up
	}
	if f := s.finding("poison-record"); f != nil {
		t.Errorf("the group is %q, the finding says %q", s.snap.Groups[0].Verdict.Kind, f.Evidence)
	}
}
