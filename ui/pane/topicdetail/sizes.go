package topicdetail

import (
	"fmt"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/pane"
)

// sizes are what the replicas of the topic take.
type sizes struct {
	answer pane.Answer[[]kafka.LogSize]
	bytes  map[replica]int64
	all    int64 // of every replica that was told, moving ones included
}

// replica is a partition on a broker.
type replica struct{ partition, broker int32 }

// ask takes over what is known.
func (s *sizes) ask(e *pane.Env, topic string) {
	if e.Lookup == nil {
		return
	}
	s.answer = e.Lookup.Sizes(topic)
	s.bytes, s.all = make(map[replica]int64, len(s.answer.V)), 0
	for _, x := range s.answer.V {
		s.all += x.Bytes
		if !x.Moving {
			s.bytes[replica{x.Partition, x.Broker}] = x.Bytes
		}
	}
}

// leader is the size of a partition's log on its leader.
func (s *sizes) leader(p *kafka.Partition) kafka.Known[int64] {
	n, ok := s.bytes[replica{p.ID, p.Leader.V}]
	return kafka.Known[int64]{V: n, OK: ok && p.Leader.OK}
}

// note sums up what is known of the sizes, and says why it is not all.
func (s *sizes) note(e *pane.Env, t *kafka.Topic) []component.Cell {
	a := &s.answer
	switch {
	case a.Err != nil && a.At.IsZero():
		return []component.Cell{{Text: "sizes not read: " + safe.Line(a.Err.Error()), Tok: theme.Muted}}
	case a.At.IsZero():
		return nil
	}
	leaders, known := int64(0), 0
	for i := range t.Partitions {
		if n := s.leader(&t.Partitions[i]); n.OK {
			leaders += n.V
			known++
		}
	}
	least := ""
	if known < len(t.Partitions) {
		least = e.Theme.Glyphs.AtLeast
	}
	text := fmt.Sprintf("%s%s on leaders, %s%s with all replicas", least, human.Bytes(leaders), least, human.Bytes(s.all))
	if age := e.Now.Sub(a.At); age >= time.Second {
		text += ", " + human.Duration(age) + " ago"
	}
	return []component.Cell{{Text: text, Tok: theme.Muted}}
}

func bytes(th *theme.Theme, n kafka.Known[int64]) string {
	if !n.OK {
		return th.Glyphs.Unknown
	}
	return human.Bytes(n.V)
}
