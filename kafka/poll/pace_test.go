package poll

import (
	"testing"
	"time"

	"lagtop/kafka"
)

func TestIntervalGrowsWithWhatPollsTakeAndShrinksBack(t *testing.T) {
	const ms = time.Millisecond
	type step struct {
		took, throttle time.Duration
		silent         string
		lost           bool
		want           time.Duration
		why            string
	}
	quick := step{took: 20 * ms, want: 2 * time.Second}
	for name, steps := range map[string][]step{
		"quick polls":          {quick, quick, quick, quick},
		"a third is no burden": {{took: 660 * ms, want: 2 * time.Second}, {took: 660 * ms, want: 2 * time.Second}},
		"slow for good": {
			{took: 1900 * ms, want: 6 * time.Second, why: "polls take 1.9s"}, {took: 1900 * ms, want: 6 * time.Second, why: "polls take 1.9s"},
			{took: 1900 * ms, want: 6 * time.Second, why: "polls take 1.9s"}, {took: 20 * ms, want: 6 * time.Second, why: "polls take 1.9s"}, quick, quick,
		},
		"the first poll connects": {{took: 700 * ms, want: 3 * time.Second, why: "polls take 0.7s"}, quick, quick},
		"one hangs": {
			quick, quick, quick, {took: 4 * time.Second, want: 5 * time.Second, why: "a poll took 4.0s"}, quick, quick,
		},
		"very slow": {
			{took: 40 * time.Second, want: time.Minute, why: "polls take 40.0s"}, {took: 50 * time.Second, want: time.Minute, why: "polls take 40.0s"},
		},
		"nobody answers": {
			{took: 4 * time.Second, lost: true, want: 5 * time.Second, why: "a poll took 4.0s"}, {took: 4 * time.Second, lost: true, want: 5 * time.Second, why: "a poll took 4.0s"},
			{took: 10 * ms, lost: true, want: 2 * time.Second},
		},
		"a broker hangs": {quick, {took: 20 * ms, silent: "broker 2", want: 4 * time.Second, why: "broker 2 does not answer in time"}, quick},
		"throttled": {
			{took: 20 * ms, throttle: 50 * ms, want: 4 * time.Second, why: "the cluster throttles us"},
			{took: 20 * ms, throttle: 50 * ms, want: 8 * time.Second, why: "the cluster throttles us"},
			{took: 20 * ms, throttle: 20 * time.Second, want: 22 * time.Second, why: "the cluster throttles us"},
			{took: 20 * ms, want: 16 * time.Second, why: "the cluster throttles us"},
			{took: 20 * ms, want: 16 * time.Second, why: "the cluster throttles us"},
			{took: 20 * ms, want: 8 * time.Second, why: "the cluster throttles us"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var p pace
			for i, s := range steps {
				p = p.after(s.took, s.throttle, s.silent, s.lost)
				if got, want := p.interval(2*time.Second), (kafka.Pace{Wanted: 2 * time.Second, Present: s.want, Why: s.why}); got != want {
					t.Errorf("after poll %d: %+v, want %+v", i+1, got, want)
				}
			}
		})
	}
}

func TestThePaceNamesRequestsForEachGroup(t *testing.T) {
	for each, want := range map[time.Duration]string{
		600 * time.Millisecond: "polls take 1.0s: before Kafka 3.0 each group takes a request", 400 * time.Millisecond: "polls take 1.0s",
	} {
		p := pace{each: each}.after(time.Second, 0, "", false)
		if got := p.interval(time.Second).Why; got != want {
			t.Errorf("%v of a second: %q, want %q", each, got, want)
		}
	}
}

func TestTheCapGivesWayToTheWantedInterval(t *testing.T) {
	p := pace{}.after(50*time.Second, 0, "", false)
	for wanted, want := range map[time.Duration]time.Duration{time.Second: time.Minute, 5 * time.Minute: 5 * time.Minute, 100 * time.Second: 100 * time.Second} {
		if got := p.interval(wanted).Present; got != want {
			t.Errorf("wanted %v: %v, want %v", wanted, got, want)
		}
	}
}

func TestPausesAreTwiceAsLongAsPolls(t *testing.T) {
	for took := 10 * time.Millisecond; took < 20*time.Second; took = took * 3 / 2 {
		var p pace
		for range 4 {
			p = p.after(took, 0, "", false)
		}
		if got := p.interval(time.Second).Present; got-took < 2*took || got > max(time.Second, 3*took+time.Second) {
			t.Errorf("polls of %v begin every %v", took, got)
		}
	}
}

func TestThrottlesDoNotGrowTheIntervalForEver(t *testing.T) {
	var p pace
	for range 100 {
		p = p.after(time.Millisecond, time.Hour, "", false)
	}
	if got := p.interval(time.Second).Present; got != slowest {
		t.Errorf("%v", got)
	}
	for range 40 {
		p = p.after(time.Millisecond, 0, "", false)
	}
	if got := p.interval(time.Second).Present; got != time.Second {
		t.Errorf("long after it: %v", got)
	}
}
