package lag

import (
	"slices"

	"lagtop/kafka"
)

// bundle is the slots of partitions whose samples lie in the same rows. The sums of such are as good as each of
// them: rates and levels are measured once, however many partitions there are.
type bundle struct {
	logs, commits []int32 // by partition; empty where they have none
}

// none is the slot of what has no series.
const none int32 = -1

// slots are where a partition is sampled.
type slots struct{ log, commit int32 }

func (c *commitSeries) slots() slots {
	if c.log == nil {
		return slots{log: none, commit: c.slot}
	}
	return slots{log: c.log.slot, commit: c.slot}
}

// chunk is how many partitions are read row by row together. A row lies in one piece of memory, a series does not.
const chunk = 1024

// bundles sorts partitions by the rows of their samples.
func (w *walk) bundles(all []slots) []bundle {
	var out []bundle
	at := map[uint64]int{} // by print
	var prints [chunk]uint64
	for some := range slices.Chunk(all, chunk) {
		w.prints(some, &prints)
		for i, s := range some {
			k, ok := at[prints[i]]
			if !ok {
				k = len(out)
				at[prints[i]], out = k, append(out, bundle{})
			}
			out[k].add(s)
		}
	}
	return out
}

func (b *bundle) add(s slots) {
	if s.log != none {
		b.logs = append(b.logs, s.log)
	}
	if s.commit != none {
		b.commits = append(b.commits, s.commit)
	}
}

// prints tells partitions apart whose samples lie in different rows, or began in different ones.
func (w *walk) prints(some []slots, prints *[chunk]uint64) {
	cols := &w.h.cols
	born := func(slot int32) uint64 {
		if slot == none {
			return 0
		}
		return uint64(cols.born[slot]) + 1
	}
	for i, s := range some {
		prints[i] = born(s.log)<<32 | born(s.commit)
	}
	for i := w.from; i < len(cols.rows); i++ {
		cells := cols.rows[i].cells
		for k, s := range some {
			if s.log != none && (int(s.log) >= len(cells) || cells[s.log] == gap) {
				prints[k%chunk] = mix(prints[k%chunk], 2*i)
			}
			if s.commit != none && (int(s.commit) >= len(cells) || cells[s.commit] == gap) {
				prints[k%chunk] = mix(prints[k%chunk], 2*i+1)
			}
		}
	}
}

// mix is a step of FNV-1a.
func mix(print uint64, v int) uint64 {
	return (print ^ uint64(v)) * 1099511628211 //nolint:gosec // a row's number
}

// sampled are the rows in which the bundle has samples of all that is asked for.
func (w *walk) sampled(of ...[]int32) []point {
	cols, points := &w.h.cols, w.buf[:0]
	for i := w.from; i < len(cols.rows); i++ {
		r := &cols.rows[i]
		if !slices.ContainsFunc(of, func(slots []int32) bool { return len(slots) == 0 || !cols.has(r, slots[0]) }) {
			points = append(points, point{row: i, at: r.at})
		}
	}
	return points
}

// grown sums how far the log ends of a bundle have come since some time of each.
func (w *walk) grown(logs []int32) []point {
	points := w.sampled(logs)
	for some := range slices.Chunk(logs, chunk) {
		for i := range points {
			cells, sum := w.h.cols.rows[points[i].row].cells, int64(0)
			for _, slot := range some {
				sum += int64(cells[slot])
			}
			points[i].v += float64(sum - int64(len(some))*middle)
		}
	}
	return points
}

// consumed sums how far the commits of a bundle have come. One that was moved back has read nothing by that.
func (w *walk) consumed(commits []int32) []point {
	points := w.sampled(commits)
	for some := range slices.Chunk(commits, chunk) {
		var before [chunk]uint32
		lost := -int64(len(some)) * middle
		for i := range points {
			cells, sum := w.h.cols.rows[points[i].row].cells, int64(0)
			for k, slot := range some {
				v := cells[slot]
				if was := before[k%chunk]; v < was {
					lost += int64(was - v)
				}
				before[k%chunk] = v
				sum += int64(v)
			}
			points[i].v += float64(sum + lost)
		}
	}
	return points
}

// behind sums the lag of a bundle.
func (w *walk) behind(b *bundle) []point {
	points := w.sampled(b.logs, b.commits)
	if len(points) == 0 {
		return nil
	}
	cols := &w.h.cols
	for from := 0; from < len(b.logs); from += chunk {
		to := min(from+chunk, len(b.logs))
		logs, commits := b.logs[from:to], b.commits[from:to]
		var beside [chunk]int64 // how far the bases of a partition's two slots lie apart
		for k, slot := range logs {
			beside[k] = cols.base[slot] - cols.base[commits[k]]
		}
		for i := range points {
			cells, sum := cols.rows[points[i].row].cells, int64(0)
			for k, slot := range logs {
				sum += max(int64(cells[slot])-int64(cells[commits[k]])+beside[k%chunk], 0)
			}
			points[i].v += float64(sum)
		}
	}
	return points
}

// logsOf are the slots of what is produced to a topic or partition.
func (h *History) logsOf(k Key) []slots {
	var all []slots
	h.eachLog(k, func(e *endSeries) { all = append(all, slots{log: e.slot, commit: none}) })
	return all
}

// alone are bundles of one partition each: a sum of share groups' rates is not the rate of the sum, because what a
// lag grows by beyond what came in is no reading.
func alone(all []slots) []bundle {
	out := make([]bundle, len(all))
	for i, s := range all {
		out[i].add(s)
	}
	return out
}

// chosen are the slots of some partitions of a group, of all when of is nil.
func chosen(g *groupSeries, of []kafka.TopicPartition) []slots {
	parts := choose(g, of)
	all := make([]slots, len(parts))
	for i, c := range parts {
		all[i] = c.slots()
	}
	return all
}

func (w *walk) bundlesOf(g *groupSeries, of []kafka.TopicPartition) []bundle {
	if g.share {
		return alone(chosen(g, of))
	}
	return w.bundles(chosen(g, of))
}
