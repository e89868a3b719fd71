package alert

import (
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // not every machine has it

	"lagtop/kafka"
)

func TestQuietTimes(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		quiet, at string // at in UTC; Berlin is one hour ahead, from 29 March to 25 October 2026 two
		want      bool
	}{
		{"22:00-07:00", "2026-01-05 20:59", false}, {"22:00-07:00", "2026-01-05 21:00", true},
		{"22:00-07:00", "2026-01-06 05:59", true}, {"22:00-07:00", "2026-01-06 06:00", false},
		{"mon 22:00-07:00", "2026-01-05 02:00", false}, // the small hours of Monday belong to Sunday's
		{"mon 22:00-07:00", "2026-01-05 22:00", true}, {"mon 22:00-07:00", "2026-01-06 02:00", true},
		{"mon 22:00-07:00", "2026-01-06 22:00", false},
		{"sun 22:00-07:00", "2026-01-05 02:00", true}, // across the end of the week
		{"sat,sun", "2026-01-03 12:00", true}, {"sat,sun", "2026-01-05 12:00", false}, {"sat-sun", "2026-01-04 22:59", true},
		{"fri-mon 20:00-24:00", "2026-01-04 22:30", true}, {"fri-mon 20:00-24:00", "2026-01-04 23:30", false},
		{"tue-thu 00:00-24:00", "2026-01-07 23:00", true}, {"MON-FRI 9:00-17:00", "2026-01-07 10:00", true},
		// The clock goes from 02:00 to 03:00 at 01:00 UTC: there is no 02:30.
		{"01:30-02:30", "2026-03-29 00:45", true}, {"01:30-02:30", "2026-03-29 01:00", false},
		{"22:00-07:00", "2026-03-29 04:59", true}, {"22:00-07:00", "2026-03-29 05:00", false},
		// The clock goes from 03:00 back to 02:00 at 01:00 UTC: 02:30 is twice.
		{"02:00-02:45", "2026-10-25 00:30", true}, {"02:00-02:45", "2026-10-25 00:50", false},
		{"02:00-02:45", "2026-10-25 01:30", true}, {"02:00-02:45", "2026-10-25 01:50", false},
		{"sat 22:00-07:00", "2026-10-25 05:59", true}, {"sat 22:00-07:00", "2026-10-25 06:00", false},
	} {
		q, err := ParseQuiet(c.quiet)
		if err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse("2006-01-02 15:04", c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := q.Contains(at.In(berlin)); got != c.want {
			t.Errorf("%s at %s: %v", c.quiet, at.In(berlin).Format("Mon 2006-01-02 15:04 MST"), got)
		}
	}
}

func TestQuietTimesThatAreNone(t *testing.T) {
	for _, text := range []string{"", "22-7", "22:00", "22:00-", "22:00-22:00", "24:00-07:00", "25:00-07:00", "noday", "mon-noday", "mon fri", "mon tue 22:00-07:00", "mon,, 22:00-07:00", "22:00-07:00 mon"} {
		if q, err := ParseQuiet(text); err == nil {
			t.Errorf("%q is %+v", text, q)
		}
	}
}

// What is told after a quiet time is the difference to what was told before it, and nothing in between.
func TestQuietTimeHoldsBackAndCatchesUp(t *testing.T) {
	quiet, err := ParseQuiet("12:00-12:01")
	if err != nil {
		t.Fatal(err)
	}
	rule := behind(Hold{}, Hold{})
	rule.Quiet = []Quiet{quiet}
	for name, c := range map[string]struct {
		before, during []string // before: told at 11:59:50
		after          []string
		want           []string
	}{
		"still open":           {nil, []string{"500"}, []string{"500"}, []string{"fired behind pay"}},
		"over before anybody":  {nil, []string{"500", "0"}, []string{"0"}, nil},
		"cleared in the quiet": {[]string{"500!fired"}, []string{"0"}, []string{"0"}, []string{"cleared behind pay"}},
		"cleared and back":     {[]string{"500!fired"}, []string{"0", "500"}, []string{"500"}, nil},
		"cannot tell after":    {nil, []string{"500"}, []string{"?"}, []string{"fired behind pay"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, rule)
			w.now = start.Add(-20 * time.Second)
			w.script(c.before...)
			w.now = start
			w.script(c.during...)
			if open := w.engine.Open(); len(open) == 1 && open[0].Told != (c.before != nil) {
				t.Errorf("open in the quiet time: %+v", open)
			}
			w.now = start.Add(time.Minute)
			if got := w.poll("pay=" + c.after[0]); !slices.Equal(got, c.want) {
				t.Errorf("afterwards %q, want %q", got, c.want)
			}
		})
	}
}

func TestQuietTimeEndsWithoutNews(t *testing.T) {
	rule := behind(Hold{}, Hold{})
	rule.Quiet = []Quiet{{Days: [7]bool{true, true, true, true, true, true, true}, From: 12 * time.Hour, To: 13 * time.Hour}}
	e := New([]Rule{rule})
	s := &kafka.Snapshot{Groups: []kafka.Group{group("pay=500", start)}}
	if got := e.Observe(s, start); got != nil {
		t.Fatalf("in the quiet time: %v", got)
	}
	if got := words(e.Observe(s, start.Add(time.Hour))); !slices.Equal(got, []string{"fired behind pay"}) {
		t.Errorf("afterwards %q", got)
	}
}
