package lag

import (
	"maps"
	"slices"
	"strings"
	"time"

	"lagtop/kafka"
)

// world is a cluster whose offsets a test moves by hand.
type world struct {
	h      *History
	now    time.Time
	topics map[string]*log
	group  map[kafka.TopicPartition]kafka.Known[int64]
	typ    kafka.GroupType
	old    bool   // nothing of it was read in this poll
	failed string // why neither the log nor the commit could be read
	snap   *kafka.Snapshot
	tp     kafka.TopicPartition
}

type log struct {
	id   [16]byte
	ends []kafka.Known[int64]
}

func newWorld() *world {
	tp := kafka.TopicPartition{Topic: "orders"}
	return &world{
		h: NewHistory(Options{}), now: time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC), tp: tp,
		topics: map[string]*log{"orders": {ends: []kafka.Known[int64]{some(0)}}},
		group:  map[kafka.TopicPartition]kafka.Known[int64]{tp: some(0)},
	}
}

// at polls with the end and the commit of orders/0.
func (w *world) at(step time.Duration, end, commit int64) *kafka.GroupPartition {
	w.topics["orders"].ends[0] = some(end)
	w.group[w.tp] = some(commit)
	return w.poll(step)
}

func (w *world) poll(step time.Duration) *kafka.GroupPartition {
	w.now = w.now.Add(step)
	read := w.now
	if w.old {
		read = w.now.Add(-time.Hour)
	}
	s := &kafka.Snapshot{Began: w.now, At: w.now.Add(time.Second)}
	for _, name := range slices.Sorted(maps.Keys(w.topics)) {
		l := w.topics[name]
		t := kafka.Topic{Name: name, ID: l.id}
		for i, end := range l.ends {
			t.Partitions = append(t.Partitions, kafka.Partition{ID: int32(i), Start: some(0), End: end, At: read, Err: w.failed})
		}
		s.Topics = append(s.Topics, t)
	}
	g := kafka.Group{Name: "g", Type: w.typ, ProtocolType: "consumer", At: read}
	for _, tp := range slices.SortedFunc(maps.Keys(w.group), func(a, b kafka.TopicPartition) int {
		return strings.Compare(a.Topic, b.Topic)
	}) {
		c := w.group[tp]
		gp := kafka.GroupPartition{TopicPartition: tp, Committed: c, Err: w.failed}
		if w.typ == kafka.Share {
			gp.Lag, gp.Committed = c, unknown
		}
		g.Partitions = append(g.Partitions, gp)
	}
	Join(&g, s.Topic)
	s.Groups = []kafka.Group{g}
	w.h.Observe(s)
	w.snap = s
	return s.Groups[0].Partition(w.tp)
}

// steady polls n times while end and commit move at steady rates.
func (w *world) steady(n int, step time.Duration, in, out float64) *kafka.GroupPartition {
	var p *kafka.GroupPartition
	for range n {
		end := w.topics["orders"].ends[0].V + int64(in*step.Seconds())
		p = w.at(step, end, min(end, w.group[w.tp].V+int64(out*step.Seconds())))
	}
	return p
}
