package lag

import (
	"time"

	"lagtop/kafka"
)

// point is a sample of a series: the row it stands in, its time and its value.
type point struct {
	row int
	at  int64
	v   float64
}

// Trend is a series over the last window in n equal steps, oldest first, for drawing: lag for a
// group or group-partition, records/s produced for a topic, a partition or a broker's partitions. A step without a sample is
// unknown unless it lies between two polls that follow each other.
func (h *History) Trend(k Key, window time.Duration, n int) []kafka.Known[float64] {
	if n <= 0 || window <= 0 {
		return nil
	}
	steps := make([]kafka.Known[float64], n)
	h.mu.RLock()
	defer h.mu.RUnlock()
	if len(h.cols.rows) == 0 {
		return steps
	}
	s := scale{end: h.newest().at, step: int64(window) / int64(n), n: n}
	from := max(h.cols.from(s.edge(0))-1, 0)
	buf := make([]point, 0, len(h.cols.rows)-from)
	if k.broker.OK {
		s.levels(h.brokerTrend(k.broker.V, buf, from), steps)
		return steps
	}
	w := &walk{h: h, s: s, from: from, buf: buf}
	for _, b := range w.bundles(h.logsOf(k)) {
		s.rates(w.grown(b.logs), steps)
	}
	if k.group != "" {
		s.levels(h.lags(buf, k, from), steps)
	}
	return steps
}

// points puts the samples of a slot from a row on into buf, which is empty.
func (h *History) points(buf []point, from int, slot int32) []point {
	for i := from; i < len(h.cols.rows); i++ {
		if v, ok := h.cols.get(i, slot); ok {
			buf = append(buf, point{row: i, at: h.cols.rows[i].at, v: float64(v)})
		}
	}
	return buf
}

func (h *History) lags(buf []point, k Key, from int) []point {
	g := h.groups[k.group]
	if g == nil {
		return nil
	}
	if k.topic == "" {
		return h.points(buf, from, g.slot)
	}
	var lags []point
	h.eachCommit(k, func(c *commitSeries) {
		lags = h.points(buf, from, c.slot)
		if !c.share {
			lags = h.behind(lags, c)
		}
	})
	return lags
}

// behind turns the samples of a commit into those of its lag.
func (h *History) behind(commits []point, c *commitSeries) []point {
	kept := commits[:0]
	for _, p := range commits {
		if c.log == nil {
			break
		}
		if end, ok := h.cols.get(p.row, c.log.slot); ok {
			p.v = max(float64(end)-p.v, 0)
			kept = append(kept, p)
		}
	}
	return kept
}

// scale divides a window that ends at a time into steps.
type scale struct {
	end, step int64
	n         int
}

// edge is where step i begins.
func (s scale) edge(i int) int64 { return s.end - int64(s.n-i)*s.step }

// levels gives each step the last sample in it, or what lies between two polls that follow each other.
func (s scale) levels(points []point, steps []kafka.Known[float64]) {
	next := 0 // first point behind the step
	for i := range steps {
		to := s.edge(i + 1)
		for next < len(points) && points[next].at <= to {
			next++
		}
		switch {
		case next > 0 && points[next-1].at > s.edge(i):
			steps[i] = kafka.Some(points[next-1].v)
		case next > 0 && next < len(points) && points[next].row == points[next-1].row+1:
			steps[i] = kafka.Some(between(points[next-1], points[next], to))
		}
	}
}

// rates adds to each step how fast a counter rose in it. A gap is bridged: the counter went on.
func (s scale) rates(points []point, steps []kafka.Known[float64]) {
	if len(points) < 2 {
		return
	}
	first, last := points[0].at, points[len(points)-1].at
	next := 1
	reading := func(at int64) float64 {
		for next < len(points)-1 && points[next].at < at {
			next++
		}
		return between(points[next-1], points[next], at)
	}
	for i := range steps {
		from, to := max(s.edge(i), first), min(s.edge(i+1), last)
		if to-from < min(s.step/2, int64(Least/2)) || to <= from {
			continue
		}
		a := reading(from)
		b := reading(to)
		steps[i] = plus(steps[i], kafka.Some((b-a)/time.Duration(to-from).Seconds()))
	}
}

// between is the value at a time on the straight line through two points.
func between(a, b point, at int64) float64 {
	return a.v + (b.v-a.v)*float64(at-a.at)/float64(b.at-a.at)
}
