package lag

import (
	"sort"
	"time"

	"lagtop/kafka"
)

// Key names a series that can be asked for. It is comparable.
type Key struct {
	group, topic string
	partition    int32 // -1: all of the topic
	broker       kafka.Known[int32]
}

// OfGroup is a group as a whole.
func OfGroup(group string) Key { return Key{group: group, partition: -1} }

// OfGroupPartition is a group in one partition.
func OfGroupPartition(group string, tp kafka.TopicPartition) Key {
	return Key{group: group, topic: tp.Topic, partition: tp.Partition}
}

// OfTopic is what is produced to a topic.
func OfTopic(topic string) Key { return Key{topic: topic, partition: -1} }

// OfBroker is what is produced to the partitions that a broker leads.
func OfBroker(id int32) Key { return Key{broker: kafka.Some(id), partition: -1} }

// OfPartition is what is produced to one partition.
func OfPartition(tp kafka.TopicPartition) Key {
	return Key{topic: tp.Topic, partition: tp.Partition}
}

// Rate is the records/s of a series over the last window, or over as much of it as there is:
// consumed for a group or group-partition, produced for a topic or partition. Parts that are not
// known are left out; it is unknown when all are.
func (h *History) Rate(k Key, window time.Duration) kafka.Known[float64] {
	h.mu.RLock()
	defer h.mu.RUnlock()
	row := h.rowsOf(window)
	var sum kafka.Known[float64]
	h.eachLog(k, func(e *endSeries) { sum = plus(sum, h.known(row, e.slot)) })
	h.eachCommit(k, func(c *commitSeries) { sum = plus(sum, h.consumed(c, row)) })
	return sum
}

// Drain is consumed minus produced records/s of a group or group-partition over the last window:
// above 0 its lag shrinks. Only partitions count where both are known.
func (h *History) Drain(k Key, window time.Duration) kafka.Known[float64] {
	h.mu.RLock()
	defer h.mu.RUnlock()
	row := h.rowsOf(window)
	var sum kafka.Known[float64]
	h.eachCommit(k, func(c *commitSeries) {
		out, in := h.consumed(c, row), h.produced(c, row)
		if out.OK && in.OK {
			sum = plus(sum, kafka.Some(out.V-in.V))
		}
	})
	return sum
}

func (h *History) rowsOf(window time.Duration) int {
	if len(h.cols.rows) == 0 {
		return 0
	}
	return h.cols.from(h.newest().at - int64(window))
}

func (h *History) known(row int, slot int32) kafka.Known[float64] {
	v, ok := h.cols.rate(row, slot)
	return kafka.Known[float64]{V: v, OK: ok}
}

func (h *History) produced(c *commitSeries, row int) kafka.Known[float64] {
	if c.log == nil {
		return kafka.Known[float64]{}
	}
	return h.known(row, c.log.slot)
}

// consumed is records/s read by a group. A commit that was moved back starts the measure anew, so
// that it is never negative. A share group's is what came in and did not stay.
func (h *History) consumed(c *commitSeries, row int) kafka.Known[float64] {
	if c.share {
		in, stayed := h.produced(c, row), h.known(row, c.slot)
		if !in.OK || !stayed.OK {
			return kafka.Known[float64]{}
		}
		return kafka.Some(max(in.V-stayed.V, 0))
	}
	if c.rewoundAt != 0 && row < len(h.cols.rows) && c.rewoundAt > h.cols.rows[row].at {
		row = h.cols.from(c.rewoundAt)
	}
	return h.known(row, c.slot)
}

func (h *History) eachLog(k Key, visit func(*endSeries)) {
	t := h.topics[k.topic]
	if k.group != "" || t == nil {
		return
	}
	if k.partition < 0 {
		for _, e := range t.parts {
			visit(e)
		}
	} else if e := t.part(k.partition); e != nil {
		visit(e)
	}
}

func (h *History) eachCommit(k Key, visit func(*commitSeries)) {
	g := h.groups[k.group]
	if k.group == "" || g == nil {
		return
	}
	if k.topic != "" {
		if c := g.part(kafka.TopicPartition{Topic: k.topic, Partition: k.partition}); c != nil {
			visit(c)
		}
		return
	}
	for i := range g.parts {
		visit(&g.parts[i])
	}
}

// part is the series of a group in a partition, nil when it has none.
func (g *groupSeries) part(tp kafka.TopicPartition) *commitSeries {
	if i := g.find(tp); i >= 0 {
		return &g.parts[i]
	}
	return nil
}

// find is where the series of a partition stands, -1 when there is none.
func (g *groupSeries) find(tp kafka.TopicPartition) int {
	i := sort.Search(len(g.parts), func(i int) bool { return g.parts[i].tp.Compare(tp) >= 0 })
	if i == len(g.parts) || g.parts[i].tp != tp {
		return -1
	}
	return i
}
