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
