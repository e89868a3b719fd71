package triage

import (
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
)

// abandoned is a group without members on a cluster that keeps commits for so long; 0 for one that does not tell.
func abandoned(poll, keep time.Duration) *sim {
	s := newSim(poll, unowned(10_000, 10_000, 0))
	s.members, s.state = nil, kafka.StateEmpty
	s.shape = func(snap *kafka.Snapshot) {
		if keep > 0 {
			snap.Cluster.OffsetsRetention = kafka.Some(keep)
		}
	}
	return s
}

func TestCommitsExpireWhenTheBrokerSaysSo(t *testing.T) {
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		keep, quiet, within time.Duration
		say                 string
	}{
		"a day":      {day, 17 * time.Hour, 5 * time.Hour, "after 24 h (offsets.retention.minutes)"},
		"30 days":    {30 * day, 28 * day, 2 * day, "after 30 days (offsets.retention.minutes)"},
		"not known":  {0, 5 * day, 2 * day, "after 7 days (assumed 7 d, offsets.retention.minutes is not known)"},
		"as default": {7 * day, 5 * day, 2 * day, "after 7 days (offsets.retention.minutes)"},
	} {
		t.Run(name, func(t *testing.T) {
			s := abandoned(time.Hour, c.keep)
			s.mustNotFind(t, "commits-expiring", c.quiet, none)
			f := s.wait("commits-expiring", true, c.within, none)
			if f == nil || !strings.HasSuffix(f.Evidence, c.say) {
				t.Errorf("%q, want %q", s.described(), c.say)
			}
		})
	}
}
