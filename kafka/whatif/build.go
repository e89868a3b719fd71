package whatif

import (
	"fmt"
	"maps"
	"slices"

	"lagtop/kafka"
)

// build makes the world that a change leads to. Topics that cannot be seen are left out and named; when a member
// owns partitions of one, nothing can be computed.
func build(s *kafka.Snapshot, g *kafka.Group, c Change, cs *cast) (w *world, unseen []string, err error) {
	w = &world{}
	names := map[string]bool{}
	for i := range cs.members {
		if cs.leaving[i] {
			continue
		}
		m := &cs.members[i]
		in := memberOf(m, i)
		in.topics = map[string]bool{}
		for _, t := range topicsOf(g, m) {
			in.topics[t], names[t] = true, true
		}
		w.members = append(w.members, in)
	}
	if len(w.members) == 0 {
		for _, t := range subscribed(g) {
			names[t] = true
		}
	}
	slices.SortFunc(w.members, before)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		t := s.Topic(name)
		switch {
		case t != nil && len(t.Partitions) > 0:
			w.topics = append(w.topics, topicOf(s, t, c))
		case owned(g, name):
			return nil, nil, fmt.Errorf("what if %s: topic %s cannot be seen: how many partitions it has is not known", g.Name, name)
		default:
			unseen = append(unseen, name)
		}
	}
	w.keep(cs.members)
	return w, unseen, nil
}

func owned(g *kafka.Group, topic string) bool {
	return slices.ContainsFunc(g.Members, func(m kafka.Member) bool {
		return slices.ContainsFunc(m.Assigned, func(tp kafka.TopicPartition) bool { return tp.Topic == topic })
	})
}

// topicOf knows in which racks a topic's replicas are. Those of new partitions are taken to be spread as those of
// the present ones are.
func topicOf(s *kafka.Snapshot, t *kafka.Topic, c Change) topic {
	out := topic{name: t.Name}
	for i := range t.Partitions {
		racks := map[string]bool{}
		for _, id := range t.Partitions[i].Replicas {
			if b := s.Broker(id); b != nil && b.Rack != "" {
				racks[b.Rack] = true
			}
		}
		out.racks = append(out.racks, racks)
	}
	if c.Topic == t.Name {
		for i := range max(c.Partitions, 0) {
			out.racks = append(out.racks, out.racks[i%len(t.Partitions)])
		}
	}
	return out
}

// keep fills what each member owns of what is still there and subscribed to.
func (w *world) keep(members []kafka.Member) {
	count := map[string]int{}
	for _, t := range w.topics {
		count[t.name] = len(t.racks)
	}
	for i := range w.members {
		m := &w.members[i]
		for _, tp := range members[m.from].Assigned {
			if m.topics[tp.Topic] && int(tp.Partition) < count[tp.Topic] && tp.Partition >= 0 {
				m.owned = append(m.owned, tp)
			}
		}
		slices.SortFunc(m.owned, kafka.TopicPartition.Compare)
	}
}
