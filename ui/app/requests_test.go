package app

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/ui/pane/panetest"
)

func TestRequestsAreShownFromEverywhereAndGoOnBetweenSnapshots(t *testing.T) {
	for _, keys := range [][]string{nil, {"3"}, {"enter"}, {"F"}, {"z"}} {
		r := newRig(t, panetest.Typical(), nil)
		n := 0
		r.deps.Requests = func(now time.Time) kafka.RequestReport {
			n++
			x := kafka.RequestRow{Addr: "k1:9092", API: "ListGroups"}
			x.Count = n
			return kafka.RequestReport{Window: time.Minute, Rows: []kafka.RequestRow{x}, Total: x.RequestSum, Since: now}
		}
		r.keys(keys...)
		before, focus := r.screen(), r.env.Focus
		r.keys("W")
		r.see("Requests", "k1:9092", "ListGroups", "per poll")
		had := n
		r.send(tickMsg(r.now))
		if n == had {
			t.Errorf("after %v and a second nothing was counted anew", keys)
		}
		r.keys("W")
		if got := r.screen(); got != before || r.env.Focus != focus {
			t.Errorf("after %v, W and W:\n%s\nwas\n%s", keys, got, before)
		}
	}
}

func TestHeaderSaysHowOftenAndWhy(t *testing.T) {
	s := panetest.Typical()
	s.Pace = kafka.Pace{Wanted: 2 * time.Second, Present: 6 * time.Second, Why: "polls take 1.9s"}
	r := newRig(t, s, nil)
	for w, want := range map[int]string{120: "every 2s→6s: polls take 1.9s", 60: "every 2s→6s"} {
		r.send(tea.WindowSizeMsg{Width: w, Height: 24})
		if head, _, _ := strings.Cut(r.screen(), "\n"); !strings.Contains(head, want) {
			t.Errorf("%d cells: %q does not say %q", w, head, want)
		}
	}
	if r.env.Interval != 6*time.Second {
		t.Errorf("panes think that it is %v", r.env.Interval)
	}
	s.Pace = kafka.Pace{Wanted: 1500 * time.Millisecond, Present: 1500 * time.Millisecond}
	r.send(snapshotMsg{})
	r.see("every 1.5s")
	r.seeNot("→6s")
}

func TestHeaderSaysWhatIsLeftOutFirst(t *testing.T) {
	s := panetest.Typical()
	s.Limit = kafka.Limit{GroupsOut: 1990, TopicsOut: 390}
	r := newRig(t, s, nil)
	for _, w := range []int{80, 120} {
		r.send(tea.WindowSizeMsg{Width: w, Height: 24})
		head, _, _ := strings.Cut(r.screen(), "\n")
		if want := "of " + human.Plural(1990+len(s.Groups), "group"); !strings.Contains(head, want) {
			t.Errorf("%d cells: %q does not say %q", w, head, want)
		}
	}
}
