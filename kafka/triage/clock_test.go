package triage

import (
	"testing"
	"time"

	"lagtop/kafka"
)

// A clock that ran ahead is put right: what was measured by it says nothing any more, and nobody waits until it
// is as late again.
func TestAClockThatIsSetBackStopsNoVerdictAndNoFinding(t *testing.T) {
	s := newSim(2*time.Second, owned(1000, 900, 100))
	s.run(5*time.Minute, follow(100))
	s.now = s.now.Add(-24 * time.Hour)
	s.shape = func(snap *kafka.Snapshot) {
		snap.Topics[0].Partitions = append(snap.Topics[0].Partitions, kafka.Partition{ID: 1, Replicas: []int32{2}})
	}
	s.run(time.Minute, follow(100))
	found := false
	for _, f := range s.snap.Findings {
		found = found || f.Rule == "offline"
	}
	if !found {
		t.Errorf("a partition without a leader is not found: %+v", s.snap.Findings)
	}
	if _, _, ok := s.until(kafka.VerdictStalled, 10*time.Minute, nil); !ok {
		t.Errorf("a group that stopped reading is %v", s.snap.Groups[0].Verdict)
	}
}
