package timeline

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/rebalance"
)

// Storm is how restless a group was in a stretch of time.
type Storm struct {
	Group      string
	Type       kafka.GroupType
	Since      time.Time     // what is older does not count, or is not kept any more
	Span       time.Duration // from then on
	Rebalances int           // generations and epochs that only the log's numbers tell of are counted
	AtLeast    bool          // polls saw some of it, so that there may have been more
	Unstable   time.Duration // in all, in Span
	Unclear    int           // rebalances of which it is not known how long they took
	Moved      int           // partitions
	Came, Went int           // members, those that came back with a new id in both
	Churn      []Churner     // who came and went, the most restless first
	Cause      Kind          // the most frequent one
	Causes     int           // how often
	Last       time.Time
}

// Churner is a consumer, by client id and host or by instance id, and how often it came, went or came back.
type Churner struct {
	rebalance.Identity // without the member id
	Times              int
}

// mostChurners of a group are told.
const mostChurners = 5

// PerHour is how many rebalances there would be in an hour that goes on as in Span.
func (s *Storm) PerHour() float64 { return float64(s.Rebalances) / s.Span.Hours() }

// Share is the part of Span that the group was not Stable, 0 to 1.
func (s *Storm) Share() float64 { return min(s.Unstable.Seconds()/s.Span.Seconds(), 1) }

// Storms are the groups that have rebalanced since then, the most unstable first. Of a group that keeps no older
// rebalances the time counts from the oldest one that is kept.
func (l *Log) Storms(since, now time.Time) []Storm {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []Storm
	for name, t := range l.tracks {
		most := l.o.PerGroup
		if slices.Contains(l.focused, name) {
			most = l.o.Focused
		}
		if s, ok := storm(t.all(nil), len(t.past) >= most, since, now); ok {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b Storm) int {
		return cmp.Or(cmp.Compare(b.Share(), a.Share()), cmp.Compare(b.PerHour(), a.PerHour()), strings.Compare(a.Group, b.Group))
	})
	return out
}

// shortest is the least time that a rate is taken over.
const shortest = time.Minute

// storm sums up the rebalances of one group, the oldest first; full tells that older ones may have been dropped.
func storm(rs []Rebalance, full bool, since, now time.Time) (Storm, bool) {
	s := Storm{Since: since}
	if len(rs) > 0 && full && rs[0].When().After(since) {
		s.Since = rs[0].When()
		rs = rs[1:] // it marks where the time begins
	}
	s.Span = max(now.Sub(s.Since), shortest)
	churn, causes := map[rebalance.Identity]int{}, map[Kind]int{}
	for i := range rs {
		r := &rs[i]
		if !r.When().After(s.Since) || r.Fresh {
			continue
		}
		s.Group, s.Type, s.Last = r.Group, r.Type, r.When()
		s.Rebalances += 1 + int(r.Skipped)
		s.AtLeast = s.AtLeast || r.Source == FromPolls
		s.Moved += r.Moved
		s.Came, s.Went = s.Came+r.Joined+r.Returned, s.Went+r.Left+r.Returned
		s.unstable(r, now)
		causes[r.Cause.Kind]++
		if n := causes[r.Cause.Kind]; n > s.Causes {
			s.Cause, s.Causes = r.Cause.Kind, n
		}
		for _, p := range r.People {
			if p.Fate != Stayed {
				id := p.Identity
				id.ID = ""
				churn[id]++
			}
		}
	}
	for id, n := range churn {
		s.Churn = append(s.Churn, Churner{id, n})
	}
	slices.SortFunc(s.Churn, func(a, b Churner) int {
		return cmp.Or(cmp.Compare(b.Times, a.Times), strings.Compare(a.String(), b.String()))
	})
	s.Churn = s.Churn[:min(len(s.Churn), mostChurners)]
	return s, s.Rebalances > 0
}

// unstable adds what of a rebalance lies in the storm's time.
func (s *Storm) unstable(r *Rebalance, now time.Time) {
	took := r.Unstable.V
	if r.Open() {
		took = max(took, now.Sub(r.Begin))
	} else if !r.Unstable.OK {
		s.Unclear++
	}
	end := r.End
	if r.Open() {
		end = now
	}
	s.Unstable += max(min(took, end.Sub(s.Since)), 0)
}
