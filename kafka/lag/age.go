package lag

import (
	"time"

	"lagtop/kafka"
)

// Age tells how old the record at committed is by the log ends that were sampled. It is interpolated
// between samples and never extrapolated: of a record older than them it is unknown.
func (h *History) Age(tp kafka.TopicPartition, committed, end int64, now time.Time) kafka.Known[kafka.Age] {
	if committed >= end {
		return kafka.Some(kafka.Age{})
	}
	h.mu.RLock()
	defer h.mu.RUnlock()
	if t := h.topics[tp.Topic]; t != nil {
		d, ok, _ := h.sampled(t.part(tp.Partition), committed, end, now)
		return kafka.Known[kafka.Age]{V: kafka.Age{Min: d, Max: d, Kind: kafka.AgeInterpolated}, OK: ok}
	}
	return kafka.Known[kafka.Age]{}
}

// Ages fills the ages of all groups and their partitions: by the samples where they reach back far
// enough, else by what the partitions' Times tell. Observe does so too.
func (h *History) Ages(s *kafka.Snapshot) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for i := range s.Groups {
		g := &s.Groups[i]
		var t *kafka.Topic
		var sampled *topicSeries
		for k := range g.Partitions {
			p := &g.Partitions[k]
			if k == 0 || p.Topic != g.Partitions[k-1].Topic {
				t, sampled = s.Topic(p.Topic), h.topics[p.Topic]
			}
			var e *endSeries
			if sampled != nil {
				e = sampled.part(p.Partition)
			}
			p.Age = h.age(p, logOf(t, p.Partition), e, s.At)
		}
		g.Age = oldest(g)
	}
}

// age is that of the first record that the group can still read.
func (h *History) age(p *kafka.GroupPartition, log *kafka.Partition, e *endSeries, now time.Time) kafka.Known[kafka.Age] {
	switch {
	case p.Lag.OK && p.Lag.V == 0:
		return kafka.Some(kafka.Age{})
	case !p.Lag.OK || log == nil:
		return kafka.Known[kafka.Age]{}
	}
	next, ok := Next(p)
	if !ok {
		return kafka.Known[kafka.Age]{}
	}
	d, ok, least := h.sampled(e, next, p.End.V, now)
	if ok {
		return kafka.Some(kafka.Age{Min: d, Max: d, Kind: kafka.AgeInterpolated})
	}
	return narrow(bracket(log.Times, next, now), least)
}

// Next is the offset of the first record that a group can still read; it is not ok when that is not known.
func Next(p *kafka.GroupPartition) (offset int64, ok bool) {
	if !p.Committed.OK || !p.End.OK {
		return 0, false
	}
	offset = max(p.Committed.V, 0)
	if p.Start.OK {
		offset = max(offset, p.Start.V) // what is below the log start can no longer be read
	}
	return offset, true
}

func oldest(g *kafka.Group) kafka.Known[kafka.Age] {
	unseen := g.Lag.Missing // of topics that no partition stands for
	for i := range g.Partitions {
		if !g.Partitions[i].Lag.OK {
			unseen--
		}
	}
	var worst kafka.Oldest
	for i := range g.Partitions {
		worst.Add(g.Partitions[i].Age)
	}
	worst.Miss(max(unseen, 0))
	return worst.Age()
}

// sampled interpolates between the samples of a log end. When next is older than all of them it is not
// ok, and the record is at least as old as they are: it was there when the first one was taken.
func (h *History) sampled(e *endSeries, next, end int64, now time.Time) (d time.Duration, ok bool, least time.Duration) {
	if e == nil {
		return 0, false, 0
	}
	first, v := h.cols.first(0, e.slot)
	switch {
	case first < 0:
		return 0, false, 0
	case v > next:
		return 0, false, max(time.Duration(now.UnixNano()-h.cols.rows[first].at), 0)
	}
	laterAt, later := now.UnixNano(), end
	for i := len(h.cols.rows) - 1; i >= first; i-- {
		v, ok := h.cols.get(i, e.slot)
		if !ok {
			continue
		}
		at := h.cols.rows[i].at
		if v <= next {
			share := float64(next-v) / float64(max(later-v, 1))
			produced := at + int64(share*float64(laterAt-at))
			return time.Duration(max(now.UnixNano()-produced, 0)), true, 0
		}
		laterAt, later = at, v
	}
	return 0, false, 0
}

// bracket compares an offset with the places that the cluster told for some times. That a record is older
// than a time is certain, since everything below its place is. That it is not older takes timestamps
// to rise: one in the future at or before it says that they do not, and then there is no upper bound.
func bracket(t *kafka.LogTimes, next int64, now time.Time) kafka.Known[kafka.Age] {
	if t == nil {
		return kafka.Known[kafka.Age]{}
	}
	if now.Before(t.Asked) {
		now = t.Asked // right after a snapshot
	}
	var since, until time.Time // the timestamp is in between
	rises := false
	for _, p := range t.Points {
		ahead := p.At.After(t.Asked)
		older := next < p.Offset
		switch {
		case ahead:
			rises = older || !p.Reached
		case older && (until.IsZero() || p.At.Before(until)):
			until = p.At
		case !older && p.Reached && p.At.After(since):
			since = p.At
		}
	}
	least := time.Duration(0)
	if !until.IsZero() {
		least = max(now.Sub(until), 0)
	}
	switch {
	case !since.IsZero() && rises && (until.IsZero() || since.Before(until)):
		return kafka.Some(kafka.Age{Min: least, Max: max(now.Sub(since), 0), Kind: kafka.AgeBracket})
	case !until.IsZero():
		return kafka.Some(kafka.Age{Min: least, Kind: kafka.AgeAtLeast})
	}
	return kafka.Known[kafka.Age]{}
}

// narrow adds that a record is at least so old because we saw it then, whatever its timestamp says.
func narrow(a kafka.Known[kafka.Age], least time.Duration) kafka.Known[kafka.Age] {
	switch {
	case least < time.Second: // says nothing
		return a
	case !a.OK, a.V.Kind == kafka.AgeBracket && a.V.Max < least:
		return kafka.Some(kafka.Age{Min: least, Kind: kafka.AgeAtLeast})
	}
	a.V.Min = max(a.V.Min, least)
	return a
}
