package app

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/rebalance"
	"lagtop/kafka/timeline"
	"lagtop/ui/pane/panetest"
)

// scroll is a group's log that is read by hand.
type scroll struct {
	reading atomic.Int32
	events  chan kafka.GroupLogEvent
}

func (s *scroll) FollowGroup(ctx context.Context, _ string, on func(kafka.GroupLogEvent)) {
	s.reading.Add(1)
	defer s.reading.Add(-1)
	for {
		select {
		case e := <-s.events:
			on(e)
		case <-ctx.Done():
			return
		}
	}
}

// readers waits until so many logs are read.
func (s *scroll) readers(t *testing.T, n int32) {
	t.Helper()
	kafkatest.Until(t, time.Minute, func() error {
		if got := s.reading.Load(); got != n {
			return fmt.Errorf("%d logs are read, want %d", got, n)
		}
		return nil
	})
}

func newTimelineRig(t *testing.T) (*rig, *scroll) {
	t.Helper()
	r, s := newRig(t, panetest.Typical(), nil), &scroll{events: make(chan kafka.GroupLogEvent)}
	r.deps.GroupLog, r.deps.Timeline = s, timeline.New(timeline.Options{})
	r.env.Timeline = r.deps.Timeline
	return r, s
}

// tell gives the reader an event and lets the screen take it.
func (r *rig) tell(s *scroll, e kafka.GroupLogEvent) {
	r.t.Helper()
	s.events <- e
	r.send(r.following.wait())
}

func generationRecord(at time.Time, n int32, clients ...string) kafka.GroupRecord {
	rec := kafka.GroupRecord{Kind: kafka.GroupGeneration, Offset: int64(n), Epoch: n, At: at, ProtocolType: "consumer", Protocol: "range"}
	for _, c := range clients {
		rec.Members = append(rec.Members, kafka.Member{ID: c + "-id", ClientID: c, Host: "10.0.0.9"})
	}
	return rec
}

func TestGroupsLogIsReadWhileItsTimelineIsOnTheScreen(t *testing.T) {
	r, s := newTimelineRig(t)
	group := r.env.Focus.Group
	s.readers(t, 0)
	r.keys("H")
	s.readers(t, 1)
	r.see("Timeline of "+group, "its log is being read")
	at := r.now.Add(-time.Minute)
	r.tell(s, kafka.GroupLogEvent{Records: []kafka.GroupRecord{generationRecord(at, 1, "pay-1"), generationRecord(at, 2, "pay-1", "pay-2")}, CaughtUp: true})
	r.see("exact, from __consumer_offsets", "1 → 2", "1 joined", "scale out")
	r.keys("enter")
	r.see("Rebalance of "+group, "pay-2 10.0.0.9", "exact, from the group's log")
	s.readers(t, 1)
	r.keys("esc", "tab")
	r.see("Timeline of all groups", "1 → 2")
	s.readers(t, 0)
	r.keys("tab")
	r.see("Rebalances by group", group)
	s.readers(t, 0)
	r.keys("enter")
	r.see("Timeline of " + group)
	s.readers(t, 1)
	r.keys("F")
	s.readers(t, 0)
	r.keys("esc")
	s.readers(t, 1)
	r.keys("esc")
	s.readers(t, 0)
	r.seeNot("Timeline of")
	r.keys("H")
	s.readers(t, 1) // Close ends it
}

func TestTimelineSaysWhyItIsNotExact(t *testing.T) {
	r, s := newTimelineRig(t)
	r.keys("H")
	r.tell(s, kafka.GroupLogEvent{Err: fmt.Errorf("not authorized: READ on __consumer_offsets")})
	r.see("as polls saw it, at least: not authorized: READ on __consumer_offsets")
}

func TestNewsOfALogThatWasLeftIsDropped(t *testing.T) {
	r, s := newTimelineRig(t)
	r.keys("H")
	s.readers(t, 1)
	old := r.following
	r.keys("esc")
	if cmd := r.send(timelineMsg{old}); cmd != nil {
		t.Error("it is waited for again")
	}
	if msg := old.wait(); msg != nil {
		if _, late := msg.(timelineMsg); !late {
			t.Errorf("%v", msg)
		}
	}
}

func TestOwnRebalanceIsInTheTimeline(t *testing.T) {
	r, _ := newTimelineRig(t)
	s := panetest.Typical()
	g := r.env.Focus.Group
	r.deps.Timeline.Observe(s)
	r.acted(&rebalance.Plan{Group: g, Reason: "stuck", Target: rebalance.Identity{ClientID: "pay-1", Host: "h"}}, "kick", r.now, time.Second)
	next := panetest.Typical()
	next.At = r.now.Add(time.Second)
	for i := range next.Groups {
		if next.Groups[i].Name == g {
			next.Groups[i].At, next.Groups[i].State = next.At, kafka.StatePreparingRebalance
		}
	}
	r.deps.Timeline.Observe(next)
	r.keys("H")
	r.see("operator: kick of pay-1 on h", "stuck")
}
