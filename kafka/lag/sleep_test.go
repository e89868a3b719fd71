package lag

import (
	"testing"
	"time"
)

// The machine sleeps for a night while producers and the group go on: that is no burst.
func TestANightWithoutPollsIsNoBurst(t *testing.T) {
	w := newWorld()
	w.steady(60, two, 100, 100)
	end := w.topics["orders"].ends[0].V + 100*8*3600
	p := w.at(8*time.Hour, end, end)
	if p.In.OK && p.In.V > 101 || p.Out.OK && p.Out.V > 101 {
		t.Errorf("in %v out %v right after the night, it was 100 all the time", p.In, p.Out)
	}
	if p = w.steady(5, two, 40, 30); !near(p.In, 40) || !near(p.Out, 30) {
		t.Errorf("in %v out %v after some polls, want 40 and 30", p.In, p.Out)
	}
}

// A group that commits every 4 s does so too while nobody looks: neither a sleep of the machine nor hours without
// an answer are its rhythm, or what stalls then would be found a day later.
func TestHoursWithoutALookAreNotTheRhythmOfAGroup(t *testing.T) {
	for name, caughtUp := range map[string]bool{"behind": false, "caught up": true} {
		for gap, polled := range map[string]bool{"the machine slept": false, "nothing was read": true} {
			w := newWorld()
			end, commit := int64(0), int64(0)
			beat := func(n int) {
				for i := range n {
					if end += 200; i%2 == 1 {
						if commit = end; !caughtUp {
							commit -= 50
						}
					}
					w.at(two, end, commit)
				}
			}
			beat(61)
			if polled {
				w.old = true
				for range 1500 {
					w.poll(two)
				}
				w.old = false
			} else {
				w.now = w.now.Add(8 * time.Hour)
			}
			end, commit = end+1e6, commit+1e6
			beat(10)
			g := &w.snap.Groups[0]
			m := w.h.Motions(g, 0, nil)
			if len(m) != 1 || !m[0].Wait.OK || m[0].Wait.V > 20*time.Second {
				t.Errorf("%s, %s: waits %v for a commit, it came every 4 s", name, gap, m[0].Wait)
			}
			if d := w.h.Interval(); d > 2*two {
				t.Errorf("%s, %s: the interval is %v", name, gap, d)
			}
		}
	}
}
