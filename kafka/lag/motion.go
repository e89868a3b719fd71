package lag

import (
	"time"

	"lagtop/kafka"
)

// Motion is what the history knows of one group-partition, for judging it.
type Motion struct {
	Fresh   bool          // read in the newest poll: commit, and the log where there is a commit
	Samples int           // commits read
	Span    time.Duration // from the first of them to the newest
	// Behind is how long there has been something to read and the commit did not move. It ends at
	// the newest sample: what was not read is not claimed.
	Behind time.Duration
	Open   bool                       // it was so at the first sample: Behind is the least
	Wait   kafka.Known[time.Duration] // the longest such time lately that ended with a commit
	Grown  int64                      // records produced since the commit moved, or since the first sample
	Low    int64                      // lag when the commit moved last
	// RewoundFrom is the commit it was moved back from and has not regained, RewoundFor since when.
	RewoundFrom kafka.Known[int64]
	RewoundFor  time.Duration
	StartBefore kafka.Known[int64]   // log start as read before the newest commit
	StartSpeed  kafka.Known[float64] // records/s that retention removes
	Short, Long kafka.Known[Growth]
	// Minute and Ten are the same of one minute and of ten, whether or not the commit moved meanwhile. They are for
	// sums: of one partition they hold what is between two commits.
	Minute, Ten kafka.Known[Growth]
}

// Growth is how lag changed from one commit to a later one. Between commits it rises in every
// group, so it is measured at the moments of commits alone.
type Growth struct {
	Records int64 // above 0: the group falls behind
	Over    time.Duration
}

// PerSecond is records/s.
func (g Growth) PerSecond() float64 { return float64(g.Records) / g.Over.Seconds() }

// Least is the shortest history that anything is judged by.
const Least = 8 * time.Second

// apart is the least time between the two commits that a growth is measured by.
const apart = 6 * time.Second

// Motions appends the motion of each partition of a group, in the group's order, to buf. It
// appends nothing for a group that the newest snapshot given to Observe did not hold. Growth is
// told for lags above floor only.
func (h *History) Motions(g *kafka.Group, floor int64, buf []Motion) []Motion {
	h.mu.RLock()
	defer h.mu.RUnlock()
	series := h.groups[g.Name]
	if series == nil || !sameParts(series.parts, g.Partitions) {
		return buf
	}
	for i := range series.parts {
		buf = append(buf, Motion{})
		m := &buf[len(buf)-1]
		c, p := &series.parts[i], &g.Partitions[i]
		m.Fresh = series.fresh && p.Err == "" && (!p.Committed.OK || c.log != nil && c.log.fresh)
		if c.samples == 0 {
			continue
		}
		h.follow(m, c)
		if p.Lag.OK {
			m.Minute, m.Ten = h.between(c, h.short), h.between(c, h.long)
		}
		switch {
		case !p.Lag.OK || p.Lag.V <= floor:
		case c.share:
			m.Low = p.Lag.V
			m.Short, m.Long = h.stayed(c, h.short), h.stayed(c, h.long)
		default:
			short := max(Short, 3*c.wait)
			m.Short, m.Long = h.growth(c, h.short, short), h.growth(c, h.long, max(Long, short))
		}
	}
	return buf
}

func (h *History) follow(m *Motion, c *commitSeries) {
	now := h.newest().at
	m.Samples, m.Span = c.samples, time.Duration(c.lastAt-c.firstAt)
	m.Low = c.low
	m.RewoundFrom, m.RewoundFor = c.rewoundFrom, time.Duration(now-c.rewoundAt)
	if c.behindAt != 0 {
		m.Behind, m.Open = time.Duration(c.lastAt-c.behindAt), c.behindAt == c.firstAt
	}
	if c.wait > 0 {
		m.Wait = kafka.Some(c.wait)
	}
	if c.log == nil || !c.log.have {
		return
	}
	if c.share {
		return
	}
	m.Grown = c.log.end - c.grownEnd
	if c.log.start.have {
		m.StartBefore = kafka.Some(c.log.start.before)
		m.StartSpeed = c.log.start.speed(now)
	}
}

// growth compares the lag at the newest commit with that at the first commit in a window.
func (h *History) growth(c *commitSeries, row int, window time.Duration) kafka.Known[Growth] {
	since := h.newest().at - int64(window)
	if h.cols.rows[row].at-since > int64(apart) { // a wider window than the usual ones
		row = h.cols.from(since)
	}
	if c.log == nil || c.movedAt < since+int64(apart) {
		return kafka.Known[Growth]{}
	}
	at, low, ok := h.firstMove(c, row)
	if !ok || c.movedAt-at < int64(apart) {
		return kafka.Known[Growth]{}
	}
	return kafka.Some(Growth{Records: c.low - low, Over: time.Duration(c.movedAt - at)})
}

// between compares the lag at the newest sample with that at the first one in a window.
func (h *History) between(c *commitSeries, row int) kafka.Known[Growth] {
	i, commit := h.cols.first(row, c.slot)
	if c.log == nil || c.share || i < 0 {
		return kafka.Known[Growth]{}
	}
	at := h.cols.rows[i].at
	end, ok := h.cols.get(i, c.log.slot)
	if !ok || at < c.rewoundAt || c.lastAt-at < int64(apart) {
		return kafka.Known[Growth]{}
	}
	return kafka.Some(Growth{Records: max(c.log.end-c.value, 0) - max(end-commit, 0), Over: time.Duration(c.lastAt - at)})
}

// stayed is the growth of a lag that the broker tells itself: it does not wait for commits.
func (h *History) stayed(c *commitSeries, row int) kafka.Known[Growth] {
	a, first := h.cols.first(row, c.slot)
	if a < 0 || c.lastAt-h.cols.rows[a].at < int64(apart) {
		return kafka.Known[Growth]{}
	}
	return kafka.Some(Growth{Records: c.value - first, Over: time.Duration(c.lastAt - h.cols.rows[a].at)})
}

// firstMove finds the first forward move of a commit from a row on, and the lag it left.
func (h *History) firstMove(c *commitSeries, row int) (at, low int64, ok bool) {
	i, before := h.cols.first(row, c.slot)
	if i < 0 {
		return 0, 0, false
	}
	for i++; i < len(h.cols.rows) && h.cols.rows[i].at < c.movedAt; i++ {
		v, ok := h.cols.get(i, c.slot)
		if !ok || v == before {
			continue
		}
		end, ok := h.cols.get(i, c.log.slot)
		if ok && v > before && h.cols.rows[i].at >= c.rewoundAt {
			return h.cols.rows[i].at, max(end-v, 0), true
		}
		before = v
	}
	return 0, 0, false
}

// Interval is the usual time between the newest polls, 0 before the second.
func (h *History) Interval() time.Duration {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.every
}
