package poll

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/conn"
)

// snapshot merges one poll with what was known before. It is nil while nothing is known.
func (s *session) snapshot(c *cycle, now time.Time) *kafka.Snapshot {
	w := &s.world
	if c.meta == nil && w.topics == nil && w.brokers == nil {
		return nil
	}
	w.own()
	f := newFaults(w.since, now)
	s.noteFaults(c, f, now)
	w.takeOffsets(c.offsets)
	w.setTimes(s.clock.fresh, now)
	clear(s.clock.fresh)
	w.setStable(s.stables.fresh, now)
	topics := w.only(s.wanted(c))
	s.markOld(topics, c)
	f.topics(topics)
	groups := w.keepUnlisted(w.takeGroups(c.groups, f), c, s.nodes, now)
	w.setGroups(groups)
	w.cluster.Bootstrap = s.p.cfg.Bootstrap
	w.cluster.Mode, w.cluster.Version = s.info.Mode, s.info.Version
	w.cluster.Controller, w.cluster.OffsetsRetention = s.controller(c), s.info.OffsetsRetention
	snap := &kafka.Snapshot{
		Seq: c.id, Began: wall(c.began), At: wall(now), Cluster: w.cluster, Brokers: s.brokers(now),
		Topics: topics, Groups: groups, Faults: f.sorted(), Requests: int(s.p.sent.Swap(0)), Aside: int(s.p.aside.Swap(0)),
		Limit: kafka.Limit{GroupsOut: s.groupsOut(now), TopicsOut: len(w.topics) - len(topics)},
	}
	w.since, w.seen = f.next, false
	return snap
}

func (w *world) setGroups(groups []kafka.Group) {
	w.groups = groups
	clear(w.byName)
	for i := range groups {
		w.byName[groups[i].Name] = i
	}
}

func (s *session) noteFaults(c *cycle, f *faults, now time.Time) {
	for _, n := range s.nodes {
		switch a := c.groups[n]; {
		case !n.up():
			f.node(n)
			s.world.trouble = now
		case a == nil:
			f.late(n, "ListGroups", s.p.opts.Deadline)
			s.world.trouble = now
		case slices.Contains(c.waitB, n):
			f.late(n, "ListOffsets", s.p.opts.Deadline)
		default:
			for _, e := range a.failed {
				f.refused(n, e)
			}
			if !a.complete() {
				s.world.trouble = now
			}
		}
	}
	if c.meta == nil {
		x := kafka.Fault{Op: "Metadata", Reason: "no broker answered"}
		if c.lost != nil {
			x.Addr, x.Reason, x.Advice = c.lostOn.addr, c.lost.Error(), conn.Advice(c.lost)
		}
		f.add(x)
		s.world.trouble = now
	}
}

// markOld says why the offsets of a partition are not of this poll.
func (s *session) markOld(topics []kafka.Topic, c *cycle) {
	for i := range topics {
		t := &topics[i]
		for k := range t.Partitions {
			p := &t.Partitions[k]
			if p.Err == "" && p.At.Before(c.began) {
				p.Err = s.whyOld(p.Leader)
			}
		}
	}
}

func (s *session) whyOld(leader kafka.Known[int32]) string {
	if !leader.OK {
		return "no leader"
	}
	n := s.node(leader.V)
	switch {
	case n == nil:
		return fmt.Sprintf("its leader, broker %d, is not in the cluster", leader.V)
	case !n.up():
		return fmt.Sprintf("its leader, broker %d, does not answer: %v", leader.V, n.err)
	}
	return fmt.Sprintf("its leader, broker %d, has not answered yet", leader.V)
}

// controller is the quorum leader where there is a quorum to ask. Until that is known it is unknown:
// Metadata may name a random broker.
func (s *session) controller(c *cycle) kafka.Known[int32] {
	switch {
	case !s.infoOK:
		return kafka.Known[int32]{}
	case s.info.Quorum:
		return s.info.Controller
	case c.meta != nil:
		return c.meta.Controller
	}
	return s.world.cluster.Controller
}

// brokers are those of the metadata, and those that only replicas still name: they are down.
func (s *session) brokers(now time.Time) []kafka.Broker {
	out := slices.Clone(s.world.brokers)
	at := make(map[int32]int, len(out))
	for i := range out {
		b := &out[i]
		at[b.ID] = i
		b.At = time.Time{}
		if n := s.node(b.ID); n != nil {
			b.At = wall(n.lastOK)
		}
	}
	find := func(id int32) *kafka.Broker {
		i, ok := at[id]
		if !ok {
			i, at[id] = len(out), len(out)
			out = append(out, s.absent(id))
		}
		return &out[i]
	}
	for i := range s.world.topics {
		for k := range s.world.topics[i].Partitions {
			p := &s.world.topics[i].Partitions[k]
			for _, r := range p.Replicas {
				find(r).Replicas++
			}
			if p.Leader.OK {
				find(p.Leader.V).Leaders++
			}
		}
	}
	for i := range s.world.groups {
		if g := &s.world.groups[i]; g.Coordinator.OK && !g.Gone {
			find(g.Coordinator.V).Groups++
		}
	}
	for id, n := range s.outBy(now) {
		find(id).Groups += n
	}
	for i := range out {
		out[i].Controller = s.world.cluster.Controller == kafka.Some(out[i].ID)
	}
	s.remember(out)
	slices.SortFunc(out, func(a, b kafka.Broker) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// absent is a broker that is not in the metadata, with what was known of it.
func (s *session) absent(id int32) kafka.Broker {
	b := s.former[id]
	return kafka.Broker{ID: id, Addr: b.Addr, Rack: b.Rack, At: b.At}
}

func (s *session) remember(all []kafka.Broker) {
	if s.former == nil {
		s.former = map[int32]kafka.Broker{}
	}
	for _, b := range all {
		s.former[b.ID] = b
	}
}
