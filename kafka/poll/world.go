package poll

import (
	"fmt"
	"slices"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/limit"
)

// world is the last known state of everything. What a published snapshot holds is never changed:
// topics and groups are made anew for each.
type world struct {
	scope   limit.Scope
	cluster kafka.Cluster
	brokers []kafka.Broker
	topics  []kafka.Topic
	index   map[string]int // of topics
	seen    bool           // topics belong to the poll that goes on
	groups  []kafka.Group
	byName  map[string]int // of groups
	apart   map[int32]int  // groups that were read and have nothing in the wanted topics, by coordinator

	shrunk  map[kafka.TopicPartition]bool // their end went back in the last poll
	missing map[string]time.Time          // groups in no answer, since when
	trouble time.Time                     // a broker failed or its answer was not complete
	since   map[faultKey]time.Time
}

func newWorld() world {
	return world{apart: map[int32]int{}, index: map[string]int{}, byName: map[string]int{}, missing: map[string]time.Time{}}
}

// see takes new metadata over. Offsets are carried on for topics that are still the same.
func (w *world) see(m *conn.Metadata) {
	old, oldIndex := w.topics, w.index
	w.topics, w.seen = m.Topics, true
	w.index = make(map[string]int, len(m.Topics))
	for i := range w.topics {
		t := &w.topics[i]
		w.index[t.Name] = i
		j, ok := oldIndex[t.Name]
		if !ok || old[j].ID != t.ID {
			continue
		}
		for k := range t.Partitions {
			p := &t.Partitions[k]
			if q := old[j].Partition(p.ID); q != nil {
				p.Start, p.End, p.At, p.Times, p.Stable = q.Start, q.End, q.At, q.Times, q.Stable
			}
		}
	}
	w.cluster.ID = m.ClusterID
	w.brokers = m.Brokers
}

// own makes topics that no snapshot shares, when there was no new metadata.
func (w *world) own() {
	if w.seen {
		return
	}
	w.topics = slices.Clone(w.topics)
	for i := range w.topics {
		parts := slices.Clone(w.topics[i].Partitions)
		for k := range parts {
			if parts[k].Leader.OK {
				parts[k].Err = ""
			}
		}
		w.topics[i].Partitions = parts
	}
	w.brokers = slices.Clone(w.brokers)
	w.seen = true
}

func (w *world) topic(name string) *kafka.Topic {
	if i, ok := w.index[name]; ok {
		return &w.topics[i]
	}
	return nil
}

// ledBy are the partitions of wanted topics that a broker leads, by topic.
func (w *world) ledBy(id int32, wanted func(topic string) bool) []kafka.TopicPartition {
	var out []kafka.TopicPartition
	leader := kafka.Some(id)
	for i := range w.topics {
		t := &w.topics[i]
		if !wanted(t.Name) {
			continue
		}
		for k := range t.Partitions {
			if t.Partitions[k].Leader == leader {
				out = append(out, kafka.TopicPartition{Topic: t.Name, Partition: t.Partitions[k].ID})
			}
		}
	}
	return out
}

// takeOffsets works the answers of all leaders in. An end that went back says that the topic was
// truncated, or deleted and made again since the metadata was read: the last values are kept for one
// poll, in which new metadata tells which of the two it was.
func (w *world) takeOffsets(answers map[*node]*offsetsAnswer) {
	shrunk := map[kafka.TopicPartition]bool{}
	for _, a := range answers {
		for i := range a.ends {
			w.takeEnd(&a.ends[i], a.at, shrunk)
		}
		for i := range a.starts {
			w.takeStart(&a.starts[i], shrunk)
		}
	}
	w.shrunk = shrunk
}

func (w *world) takeStart(o *conn.LogOffset, shrunk map[kafka.TopicPartition]bool) {
	p := w.partition(o.TopicPartition)
	switch {
	case p == nil || shrunk[o.TopicPartition]:
	case o.Err != nil:
		p.Err = o.Err.Error()
	default:
		p.Start = o.Offset
	}
}

func (w *world) takeEnd(o *conn.LogOffset, at time.Time, shrunk map[kafka.TopicPartition]bool) {
	p := w.partition(o.TopicPartition)
	switch {
	case p == nil:
	case o.Err != nil:
		p.Err = o.Err.Error()
	case p.End.OK && o.Offset.V < p.End.V && !w.shrunk[o.TopicPartition]:
		shrunk[o.TopicPartition] = true
		p.Err = fmt.Sprintf("the end went back from %d to %d: truncated or made again, reading once more", p.End.V, o.Offset.V)
	default:
		p.End, p.At = o.Offset, at
	}
}

func (w *world) partition(tp kafka.TopicPartition) *kafka.Partition {
	t := w.topic(tp.Topic)
	if t == nil {
		return nil
	}
	return t.Partition(tp.Partition)
}
