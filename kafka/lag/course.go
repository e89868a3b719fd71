package lag

import (
	"time"

	"lagtop/kafka"
)

// Buckets divide time into N equal steps. Whoever wants the past to stay where it was drawn takes a
// From that does not move with every poll.
type Buckets struct {
	From time.Time // the first begins
	Step time.Duration
	N    int
}

func (b Buckets) scale() scale {
	return scale{end: b.From.UnixNano() + int64(b.N)*int64(b.Step), step: int64(b.Step), n: b.N}
}

// Course is how a group, or a part of it, moved: one value a bucket, oldest first. What was not
// sampled is unknown, and so is every bucket behind the newest poll.
type Course struct {
	Lag []kafka.Known[float64] // records, at the end of each bucket
	In  []kafka.Known[float64] // records/s produced
	Out []kafka.Known[float64] // records/s consumed
}

// smooth is the least time that a rate of a bucket is measured over: groups commit in bursts, and
// stock consumers every 5 s.
const smooth = 15 * time.Second

// Course follows some partitions of a group, or the whole group when of is nil. The lag of some
// partitions is unknown where that of any of them is, from its first sample on. Rates are measured
// over the time that ends with the bucket, so that a bucket in the past does not change; in a sum
// count the partitions where both are known.
func (h *History) Course(group string, of []kafka.TopicPartition, b Buckets) Course {
	c := Course{Lag: b.blank(), In: b.blank(), Out: b.blank()}
	h.mu.RLock()
	defer h.mu.RUnlock()
	g := h.groups[group]
	if g == nil || len(c.Lag) == 0 || len(h.cols.rows) == 0 {
		return c
	}
	w := h.walk(b)
	if of == nil {
		w.s.levels(w.points(g.slot), c.Lag)
	}
	bundles := w.bundlesOf(g, of)
	single := len(bundles) == 1 && len(bundles[0].commits) == 1
	for i := range bundles {
		if of != nil {
			w.lag(g, &bundles[i], c.Lag)
		}
		w.rates(g, &bundles[i])
		for i, in := range w.in {
			if out := w.out[i]; single || in.OK && out.OK {
				c.In[i], c.Out[i] = join(c.In[i], in), join(c.Out[i], out)
			}
		}
	}
	w.leaveOut(c.Lag)
	return c
}

// Lags is the lag of some partitions of a group, as Course has it, without the rates.
func (h *History) Lags(group string, of []kafka.TopicPartition, b Buckets) []kafka.Known[float64] {
	sum := b.blank()
	h.mu.RLock()
	defer h.mu.RUnlock()
	g := h.groups[group]
	if g == nil || len(sum) == 0 || len(h.cols.rows) == 0 {
		return sum
	}
	w := h.walk(b)
	bundles := w.bundlesOf(g, of)
	for i := range bundles {
		w.lag(g, &bundles[i], sum)
	}
	w.leaveOut(sum)
	return sum
}

// Produced is records/s produced to a topic or partition.
func (h *History) Produced(k Key, b Buckets) []kafka.Known[float64] {
	sum := b.blank()
	h.mu.RLock()
	defer h.mu.RUnlock()
	if len(sum) == 0 || len(h.cols.rows) == 0 {
		return sum
	}
	w := h.walk(b)
	for _, b := range w.bundles(h.logsOf(k)) {
		clear(w.in)
		w.s.speeds(w.grown(b.logs), w.in)
		for i := range sum {
			sum[i] = join(sum[i], w.in[i])
		}
	}
	return sum
}

// Flow is records/s produced to and consumed from some partitions of a group, or all when of is
// nil, over the last window or as much of it as there is. Only partitions count where both are known.
func (h *History) Flow(group string, of []kafka.TopicPartition, window time.Duration) (in, out kafka.RateSum) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	g := h.groups[group]
	if g == nil {
		return in, out
	}
	var flow kafka.FlowSum
	row := h.rowsOf(window)
	for _, c := range choose(g, of) {
		flow.Add(h.produced(c, row), h.consumed(c, row))
	}
	return flow.In, flow.Out
}

func (b Buckets) blank() []kafka.Known[float64] {
	if b.N <= 0 || b.Step <= 0 {
		return nil
	}
	return make([]kafka.Known[float64], b.N)
}

// join is plus for parts that fall below 0 only by the imprecision of their samples.
func join(sum, part kafka.Known[float64]) kafka.Known[float64] {
	part.V = max(part.V, 0)
	return plus(sum, part)
}

// choose are the series of some partitions, of all when of is nil.
func choose(g *groupSeries, of []kafka.TopicPartition) []*commitSeries {
	if of == nil {
		parts := make([]*commitSeries, len(g.parts))
		for i := range g.parts {
			parts[i] = &g.parts[i]
		}
		return parts
	}
	parts := make([]*commitSeries, 0, len(of))
	next := 0 // both are in the same order, nearly always
	for _, tp := range of {
		if next == len(g.parts) || g.parts[next].tp != tp {
			if next = g.find(tp); next < 0 {
				next = 0
				continue
			}
		}
		parts = append(parts, &g.parts[next])
		next++
	}
	return parts
}

// walk reads series bucket by bucket. Its buffers are used again for each of them.
type walk struct {
	h       *History
	s       scale
	from    int // first row that matters
	buf     []point
	in, out []kafka.Known[float64]
	missing []bool // steps in which a part of a sum is unknown
}

func (h *History) walk(b Buckets) *walk {
	w := &walk{h: h, s: b.scale(), in: b.blank(), out: b.blank(), missing: make([]bool, b.N)}
	w.from = max(h.cols.from(w.s.edge(0)-w.s.reach())-1, 0)
	w.buf = make([]point, 0, max(len(h.cols.rows)-w.from, 0))
	return w
}

func (w *walk) points(slot int32) []point { return w.h.points(w.buf[:0], w.from, slot) }

// lag adds the lag of a bundle to a sum, and notes where it is missing from it.
func (w *walk) lag(g *groupSeries, b *bundle, sum []kafka.Known[float64]) {
	var points []point
	if g.share {
		points = w.points(b.commits[0])
	} else {
		points = w.behind(b)
	}
	if len(points) == 0 {
		return
	}
	first := points[0].at
	clear(w.in)
	w.s.levels(points, w.in)
	for i, v := range w.in {
		sum[i] = plus(sum[i], v)
		if !v.OK && w.s.edge(i+1) >= first {
			w.missing[i] = true
		}
	}
}

// leaveOut makes a sum unknown where it misses a part.
func (w *walk) leaveOut(sum []kafka.Known[float64]) {
	for i, missing := range w.missing {
		if missing {
			sum[i] = kafka.Known[float64]{}
		}
	}
}

// rates fills in and out with what was produced to a bundle and what the group read of it. A share group's is what
// came in and did not stay.
func (w *walk) rates(g *groupSeries, b *bundle) {
	clear(w.in)
	clear(w.out)
	w.s.speeds(w.grown(b.logs), w.in)
	if !g.share {
		w.s.speeds(w.consumed(b.commits), w.out)
		return
	}
	w.s.speeds(w.points(b.commits[0]), w.out)
	for i, in := range w.in {
		w.out[i].V = in.V - w.out[i].V
		w.out[i].OK = w.out[i].OK && in.OK
	}
}

func (s scale) reach() int64 { return max(s.step, int64(smooth)) }

// speeds gives each step how fast a series changed in the time that ends with the step, which is
// at least smooth long. A gap is bridged.
func (s scale) speeds(points []point, steps []kafka.Known[float64]) {
	if len(points) < 2 {
		return
	}
	oldest, newest := points[0].at, points[len(points)-1].at
	a, b := reader{points: points, next: 1}, reader{points: points, next: 1}
	for i := range steps {
		if s.edge(i) >= newest {
			return
		}
		to := min(s.edge(i+1), newest)
		from := max(to-s.reach(), oldest)
		if to-from < int64(Least/2) {
			continue
		}
		steps[i] = kafka.Some((b.at(to) - a.at(from)) / time.Duration(to-from).Seconds())
	}
}

// reader reads a series at times that rise.
type reader struct {
	points []point
	next   int
}

func (r *reader) at(t int64) float64 {
	for r.next < len(r.points)-1 && r.points[r.next].at < t {
		r.next++
	}
	return between(r.points[r.next-1], r.points[r.next], t)
}
