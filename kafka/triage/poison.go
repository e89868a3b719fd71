package triage

import (
	"slices"
	"strconv"
	"time"

	"lagtop/kafka"
)

// tenures are since when the partitions of a topic can be read from their leaders, by index.
type tenures struct {
	list []tenure
	poll uint32 // that it was seen in last
}

type tenure struct {
	leader kafka.Known[int32] // unknown: it cannot be read
	epoch  int32
	since  time.Time // zero: since the first look
}

// follow notes who leads the partitions of a topic, and whose data went old.
func (w *world) follow(s *kafka.Snapshot, t *kafka.Topic, now time.Time, interval time.Duration) {
	of := w.led[t.Name]
	if of == nil {
		of = &tenures{}
		w.led[t.Name] = of
	}
	of.poll = w.polls
	known := min(len(of.list), len(t.Partitions))
	of.list = of.list[:known]
	for i := range t.Partitions {
		p := &t.Partitions[i]
		is := tenure{leader: p.Leader, epoch: p.LeaderEpoch, since: now}
		if s.Stale(p.At, interval) {
			is.leader = kafka.Known[int32]{}
		}
		switch {
		case i >= known:
			is.since = time.Time{}
			of.list = append(of.list, is)
		case of.list[i].leader != is.leader || of.list[i].epoch != is.epoch:
			of.list[i] = is
		}
	}
}

// tenure is who leads a partition and since when it can be read from there. The leader is not known where it did not
// answer in this poll.
func (w *world) tenure(t *kafka.Topic, partition int32) tenure {
	if t == nil || w.led[t.Name] == nil {
		return tenure{}
	}
	i := int(partition)
	if i < 0 || i >= len(t.Partitions) || t.Partitions[i].ID != partition {
		i = slices.IndexFunc(t.Partitions, func(p kafka.Partition) bool { return p.ID == partition })
	}
	if i < 0 || t.Partitions[i].Err != "" {
		return tenure{}
	}
	return w.led[t.Name].list[i]
}

// reads counts the group's partitions with an owner by what they prove.
type reads struct {
	moving, standing int
}

// from names whose reads are counted: of a member, from a leader. Below 0 it is any.
type from struct {
	member int
	leader int32
}

const anyone = -1

// reads tells who reads what from whom, and how the partitions of the group are led.
func (l *Look) reads() (by map[from]reads, led []tenure) {
	by, led = map[from]reads{}, make([]tenure, len(l.Group.Partitions))
	var t *kafka.Topic
	for i := range l.Group.Partitions {
		p := &l.Group.Partitions[i]
		if t == nil || t.Name != p.Topic {
			t = l.Snap.Topic(p.Topic)
		}
		led[i] = l.world.tenure(t, p.Partition)
		if !p.Owner.OK {
			continue
		}
		of := []from{{p.Owner.V, anyone}}
		if led[i].leader.OK {
			of = append(of, from{p.Owner.V, led[i].leader.V}, from{anyone, led[i].leader.V})
		}
		for _, f := range of {
			r := by[f]
			switch {
			case moving(p):
				r.moving++
			case p.Verdict.Kind.Stands():
				r.standing++
			}
			by[f] = r
		}
	}
	return by, led
}

// served tells whether a leader lets a member read, as far as other partitions prove it: those that the member reads
// from it, else those that others do. p, one of them, stands itself.
func served(by map[from]reads, p *kafka.GroupPartition, leader int32) bool {
	for _, f := range []from{{p.Owner.V, leader}, {anyone, leader}} {
		switch r := by[f]; {
		case r.moving > 0:
			return true
		case r.standing > 1:
			return false
		}
	}
	return true
}

// poison is a commit that is flat while its owner reads its other partitions, its leader lets it read and the group
// commits. Where the leader changed or did not answer the owner may wait for it still, and nothing is proven.
func poison(l *Look) Answer {
	if !l.world.fresh {
		return Hold
	}
	answer := when(len(l.sick.stalled) > 0)
	by, led := l.reads()
	for _, i := range l.sick.stalled {
		p, flat := &l.Group.Partitions[i], l.state.parts[i].flat
		leader := led[i].leader
		switch {
		case by[from{p.Owner.V, anyone}].moving == 0, l.Now.Sub(l.state.movedAt) > flat, leader.OK && !served(by, p, leader.V):
			return No
		case !leader.OK || l.Now.Sub(led[i].since) < max(flat, settling):
			answer = Hold
		}
	}
	return answer
}

func sayPoison(l *Look) string {
	p := l.worst(l.sick.stalled)
	own, _ := l.others(p)
	s := place(p.TopicPartition) + " stands at " + exact(p.Committed.V) + " while " + l.called(l.member(p)) + " reads its "
	if own > 1 {
		s += strconv.Itoa(own) + " other partitions"
	} else {
		s += "other partition"
	}
	return s + more(len(l.sick.stalled)-1, "stalled partition")
}
