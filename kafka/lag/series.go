package lag

import (
	"time"

	"lagtop/kafka"
)

// endSeries follows the log of one partition.
type endSeries struct {
	id        int32
	slot      int32
	restarted uint32 // row in which the series began anew, 0 for never
	readAt    int64  // the partition's own time, unix nanoseconds
	end       int64  // newest sample
	have      bool
	fresh     bool // sampled in the newest row
	in        kafka.Known[float64]
	start     startSeries
}

// startSeries follows a log start offset, which retention moves by whole segments. Its speed is
// known from the second move on.
type startSeries struct {
	have            bool
	now, before     int64 // the newest two samples
	firstAt, lastAt int64 // the first and the newest move
	first           int64 // where the first move led to
}

// sampleEnd puts what was read anew of a partition into the newest row, and renews the rate.
func (h *History) sampleEnd(e *endSeries, p *kafka.Partition) {
	e.fresh = false
	at := p.At.UnixNano()
	if p.End.OK && p.Err == "" && at > e.readAt {
		e.readAt = at
		if e.have && p.End.V < e.end {
			h.restartEnd(e)
		}
		h.cols.put(e.slot, p.End.V)
		e.end, e.have, e.fresh = p.End.V, true, true
		if p.Start.OK {
			e.start.sample(p.Start.V, h.newest().at)
		}
	}
	v, ok := h.cols.rate(h.short, e.slot)
	e.in = kafka.Known[float64]{V: v, OK: ok}
}

func (h *History) restartEnd(e *endSeries) {
	h.cols.restart(e.slot)
	e.have, e.fresh, e.start = false, false, startSeries{}
	e.restarted = h.cols.seq
}

func (s *startSeries) sample(v, at int64) {
	if !s.have {
		s.have, s.now, s.before = true, v, v
		return
	}
	if v > s.now {
		if s.firstAt == 0 {
			s.firstAt, s.first = at, v
		}
		s.lastAt = at
	}
	s.before, s.now = s.now, v
}

// speed is records/s that retention removes, over all moves that were seen.
func (s *startSeries) speed(now int64) kafka.Known[float64] {
	if s.lastAt == s.firstAt {
		return kafka.Known[float64]{}
	}
	return kafka.Some(float64(s.now-s.first) / time.Duration(now-s.firstAt).Seconds())
}

// commitSeries follows a group's commit in one partition, or the broker's own lag for a share
// group. Times are of the axis, in unix nanoseconds; 0 is never.
type commitSeries struct {
	tp      kafka.TopicPartition
	log     *endSeries // nil while the partition is in no topic
	slot    int32
	share   bool
	samples int
	value   int64 // newest sample
	firstAt int64
	lastAt  int64
	out     kafka.Known[float64]

	movedAt  int64 // the commit moved
	behindAt int64 // there has been something to read and no commit since; 0 when caught up
	grownEnd int64 // log end when the commit moved last, or at the first sample
	low      int64 // lag when the commit moved last: what is left between two commits is no backlog
	wait     time.Duration

	rewoundAt   int64              // the commit was moved back: rates begin here
	rewoundFrom kafka.Known[int64] // until regained
}

// forgetting is how much of its longest wait a partition keeps with every commit.
const forgetting = 0.9

// sample follows one commit, or one lag. A commit that moved is taken to have come by soon at the latest.
func (c *commitSeries) sample(value, at, soon int64) {
	if c.share {
		if c.samples == 0 {
			c.firstAt = at
		}
		c.samples++
		c.value, c.lastAt = value, at
		return
	}
	end := value
	if c.log != nil && c.log.have {
		end = c.log.end
	}
	switch {
	case c.samples == 0:
		c.firstAt, c.grownEnd, c.behindAt = at, end, 0
	case value != c.value:
		c.move(value, end, at, soon)
	}
	switch {
	case end <= value:
		c.behindAt = 0
	case c.behindAt == 0:
		c.behindAt = at
	}
	c.samples++
	c.value, c.lastAt = value, at
}

func (c *commitSeries) move(value, end, at, soon int64) {
	if value < c.value {
		c.rewoundAt = at
		if read := min(c.value, end); value < read { // a commit beyond the end was no reading
			c.rewoundFrom = kafka.Some(max(c.rewoundFrom.V, read))
		}
	} else {
		c.waited(min(at, soon))
		if value >= c.rewoundFrom.V {
			c.rewoundFrom = kafka.Known[int64]{}
		}
	}
	c.movedAt, c.behindAt, c.grownEnd, c.low = at, 0, end, max(end-value, 0)
}

// waited notes how long the commit of now took to come. Of the first commit nobody knows.
func (c *commitSeries) waited(at int64) {
	since := c.lastAt // it was caught up then
	switch c.behindAt {
	case c.firstAt:
		return
	case 0:
	default:
		since = c.behindAt
	}
	c.wait = max(time.Duration(at-since), time.Duration(float64(c.wait)*forgetting))
}

// group samples what was read anew of a group and fills its rates.
func (h *History) group(g *kafka.Group, fresh bool) {
	series := h.groups[g.Name]
	if series == nil {
		if !fresh {
			return
		}
		series = &groupSeries{slot: h.cols.take()}
		h.groups[g.Name] = series
	}
	if fresh {
		at := g.At.UnixNano()
		series.seen = h.cols.seq
		series.fresh = at > series.readAt && !g.Gone
		series.readAt = max(series.readAt, at)
		h.alignGroup(series, g)
		if series.fresh && g.Lag.Known > 0 {
			h.cols.put(series.slot, g.Lag.V)
		}
	}
	g.In, g.Out = kafka.RateSum{}, kafka.RateSum{}
	if len(series.parts) != len(g.Partitions) {
		return
	}
	var flow kafka.FlowSum
	for i := range g.Partitions {
		p, c := &g.Partitions[i], &series.parts[i]
		if fresh {
			h.sampleCommit(c, p, series.fresh)
		}
		p.In, p.Out = kafka.Known[float64]{}, c.out
		if c.log != nil {
			p.In = c.log.in
		}
		flow.Add(p.In, p.Out)
	}
	g.In, g.Out = flow.In, flow.Out
}

// alignGroup gives every partition of the group its series, in the group's order, and points it
// to its log.
func (h *History) alignGroup(series *groupSeries, g *kafka.Group) {
	if share := g.Type == kafka.Share; share != series.share {
		h.dropParts(series)
		series.share = share
	}
	if !sameParts(series.parts, g.Partitions) {
		h.rebuild(series, g)
	}
	var t *topicSeries
	for i := range series.parts {
		c := &series.parts[i]
		if i == 0 || c.tp.Topic != series.parts[i-1].tp.Topic {
			t = h.topics[c.tp.Topic]
		}
		var log *endSeries
		if t != nil {
			log = t.part(c.tp.Partition)
		}
		replaced := c.log != nil && log != nil && c.log != log
		if replaced || log != nil && log.restarted == h.cols.seq {
			h.restartCommit(c)
		}
		c.log = log
	}
}

func sameParts(series []commitSeries, parts []kafka.GroupPartition) bool {
	if len(series) != len(parts) {
		return false
	}
	for i := range series {
		if series[i].tp != parts[i].TopicPartition {
			return false
		}
	}
	return true
}

func (h *History) rebuild(series *groupSeries, g *kafka.Group) {
	old := make(map[kafka.TopicPartition]int, len(series.parts))
	for i := range series.parts {
		old[series.parts[i].tp] = i
	}
	parts := make([]commitSeries, len(g.Partitions))
	for i := range g.Partitions {
		tp := g.Partitions[i].TopicPartition
		if k, ok := old[tp]; ok {
			parts[i] = series.parts[k]
			delete(old, tp)
			continue
		}
		parts[i] = commitSeries{tp: tp, slot: h.cols.take(), share: series.share}
	}
	for _, k := range old {
		h.cols.release(series.parts[k].slot)
	}
	series.parts = parts
}

func (h *History) dropParts(series *groupSeries) {
	for i := range series.parts {
		h.cols.release(series.parts[i].slot)
	}
	series.parts = nil
}

func (h *History) restartCommit(c *commitSeries) {
	h.cols.restart(c.slot)
	*c = commitSeries{tp: c.tp, log: c.log, slot: c.slot, share: c.share}
}

// blindPolls is how many polls may go by until nobody knows any more when a commit came in between: the machine slept,
// or the group could not be read.
const blindPolls = 4

// sampleCommit puts what was read anew of a commit into the newest row, and renews the rate.
func (h *History) sampleCommit(c *commitSeries, p *kafka.GroupPartition, fresh bool) {
	if fresh && p.Err == "" {
		value, at := p.Committed, h.newest().at
		if c.share {
			value = p.Lag
		}
		switch {
		case value.OK:
			v := max(value.V, 0)
			h.cols.put(c.slot, v)
			c.sample(v, at, c.lastAt+blindPolls*int64(h.every))
		case c.samples > 0:
			h.restartCommit(c)
		}
	}
	c.out = h.consumed(c, h.short)
}
