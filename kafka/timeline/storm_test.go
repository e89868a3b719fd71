package timeline

import (
	"fmt"
	"math"
	"testing"
	"time"

	"lagtop/kafka"
)

// took is a rebalance that ended at a second and was unstable for so many.
func took(at, unstable float64, change func(*Rebalance)) Rebalance {
	r := Rebalance{Group: "g", Begin: seconds(at - unstable), End: seconds(at), Unstable: kafka.Some(time.Duration(unstable * float64(time.Second)))}
	if change != nil {
		change(&r)
	}
	return r
}

func TestStormSumsUpWhatLiesInItsTime(t *testing.T) {
	went := func(r *Rebalance) {
		r.Joined, r.Returned, r.Left, r.Moved, r.Cause.Kind = 1, 1, 2, 3, CauseCrashLoop
		m := of("a-1")
		r.People = []Person{{Fate: Returned}, {Fate: Stayed}}
		r.People[0].ClientID, r.People[0].ID, r.People[1].ClientID = m.ClientID, fmt.Sprint(r.End), "b"
	}
	rs := []Rebalance{
		took(-100, 50, nil),  // before
		took(10, 30, nil),    // 20 s of it before
		took(600, 60, went),  // the same client
		took(1200, 60, went), // with another id
		took(1300, 5, func(r *Rebalance) { r.Skipped = 2 }),         // and two that the log has not
		took(1400, 0, func(r *Rebalance) { r.Unstable.OK = false }), // a classic group's log
		{Group: "g", Begin: seconds(1790), Source: FromPolls},       // goes on
	}
	s, ok := storm(rs, false, seconds(0), seconds(1800))
	if !ok || s.Rebalances != 8 || s.Unstable != 145*time.Second || s.Unclear != 1 || s.Moved != 6 || s.Came != 4 || s.Went != 6 {
		t.Errorf("%v %+v", ok, s)
	}
	if s.PerHour() != 16 || math.Abs(s.Share()-145.0/1800) > 1e-9 || !s.AtLeast {
		t.Errorf("%v an hour, share %v", s.PerHour(), s.Share())
	}
	if len(s.Churn) != 1 || s.Churn[0].ClientID != "a" || s.Churn[0].Times != 2 {
		t.Errorf("churn %+v", s.Churn)
	}
}

func TestStormCountsFromTheOldestThatIsKept(t *testing.T) {
	rs := []Rebalance{took(3000, 10, nil), took(3300, 10, nil), took(3590, 10, nil)}
	s, _ := storm(rs, true, seconds(0), seconds(3600))
	if !s.Since.Equal(seconds(3000)) || s.Rebalances != 2 || s.Span != 10*time.Minute || s.PerHour() != 12 {
		t.Errorf("%+v", s)
	}
	if s, _ = storm(rs, false, seconds(0), seconds(3600)); s.Rebalances != 3 || s.Span != time.Hour {
		t.Errorf("%+v", s)
	}
}

func TestQuietGroupsAreNoStorm(t *testing.T) {
	l := watched(t, look{0, group(of("a-1", 0, 1))}, look{10, group(of("a-1", 0), of("b-1", 1))})
	if got := l.Storms(seconds(5), seconds(60)); len(got) != 1 || got[0].Came != 1 || got[0].Group != "g" {
		t.Errorf("%+v", got)
	}
	if got := l.Storms(seconds(20), seconds(60)); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}
