package timeline

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/rebalance"
)

// reading is what the records of a group's log add up to.
type reading struct {
	next     int64       // the offset behind the newest record
	seen     bool        // a generation or an epoch was read
	settled  kafka.Group // after the newest rebalance that ended
	rooted   bool        // settled is the whole group: everybody in it was read
	gen      int32       // classic: the newest generation
	epoch    int32       // KIP-848: of the group
	target   int32       // KIP-848: for which the assignment is computed
	from     int32       // KIP-848: the epoch before the open rebalance
	began    time.Time   // KIP-848: the open rebalance; zero without one
	members  map[string]*heldMember
	settling time.Time // KIP-848: the newest record of a member that has its epoch
}

// heldMember is a member of a KIP-848 group by its records.
type heldMember struct {
	kafka.Member
	epoch   int32
	settled bool
	current bool // its assignment was read
}

// Follow makes a group one in focus: more is kept of it, and its records are expected from the beginning of what
// is still there.
func (l *Log) Follow(group string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.track(group).log = &reading{members: map[string]*heldMember{}}
	l.focus(group)
}

// Take adds records of a group's log, in the order of their offsets. What was read before is left out. Partitions
// are named by the topics of the newest snapshot.
func (l *Log) Take(group string, records []kafka.GroupRecord) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.tracks[group]
	if t == nil || t.log == nil {
		return
	}
	for i := range records {
		rec := &records[i]
		if rec.Offset < t.log.next {
			continue
		}
		t.log.next = rec.Offset + 1
		r := l.apply(t.log, rec)
		if r == nil {
			continue
		}
		r.Group, r.Source = group, FromLog
		l.keep(t, r)
	}
}

// keep replaces an older account of the same rebalance.
func (l *Log) keep(t *track, r *Rebalance) {
	i := slices.IndexFunc(t.past, func(o *Rebalance) bool {
		return o.Source == FromLog && o.To == r.To && o.End.Equal(r.End)
	})
	if i >= 0 {
		old := t.past[i]
		if old.absorbed {
			r.take(old)
		}
		r.ID = old.ID
		t.past = slices.Delete(t.past, i, i+1)
		l.total--
	} else {
		l.takeFromPolls(t, r)
	}
	l.add(t, r)
}

// apply takes one record over, and returns the rebalance that it ends.
func (l *Log) apply(g *reading, rec *kafka.GroupRecord) *Rebalance {
	if rec.Kind == kafka.GroupGeneration {
		return g.generation(rec)
	}
	if g.partly() && (rec.Gone || rec.Kind == kafka.GroupMember) {
		defer l.member(g, rec) // it belongs to the next epoch, which its coordinator writes right behind it
		return g.close(g.settling)
	}
	l.member(g, rec)
	switch {
	case rec.Kind == kafka.GroupEpoch && rec.Gone:
		*g = reading{next: g.next, members: map[string]*heldMember{}, rooted: true, seen: true}
		return nil
	case rec.Kind == kafka.GroupEpoch:
		return g.bump(rec)
	case rec.Kind == kafka.GroupTargetEpoch && !rec.Gone:
		g.target = rec.Epoch
	case rec.Kind == kafka.GroupCurrent && !rec.Gone && rec.Epoch == g.epoch:
		g.settling = rec.At
	}
	if g.rooted && g.converged() {
		return g.close(rec.At)
	}
	return nil
}

// generation ends a rebalance of a classic group. The same generation again is a static member that came back
// with a new id and kept its partitions.
func (g *reading) generation(rec *kafka.GroupRecord) *Rebalance {
	after := kafka.Group{Type: kafka.Classic, Name: rec.Group, Protocol: rec.Protocol, ProtocolType: rec.ProtocolType, Members: rec.Members}
	before, seen, gen := g.settled, g.seen, g.gen
	fresh := !seen && rec.Epoch > 1
	g.settled, g.seen, g.gen = after, true, rec.Epoch
	if rec.Gone {
		g.settled = kafka.Group{Type: kafka.Classic, Name: rec.Group}
		g.gen = 0
		return nil
	}
	if len(before.Members) == 0 && len(after.Members) == 0 {
		return nil // made by an admin, or read again by a new coordinator
	}
	r := &Rebalance{Type: kafka.Classic, End: rec.At, To: kafka.Some(rec.Epoch), Fresh: fresh}
	if seen {
		r.From = kafka.Some(gen)
		r.Skipped = max(rec.Epoch-gen-1, 0)
	}
	if fresh {
		before = after
	}
	r.compare(&before, &after)
	if fresh {
		r.Members[0] = 0
	}
	r.Leader[1] = leader(r.People, rec.Leader)
	if i := slices.IndexFunc(before.Members, func(m kafka.Member) bool { return m.Leader }); i >= 0 && !fresh {
		r.Leader[0] = identity(&before.Members[i])
	}
	for i := range g.settled.Members {
		g.settled.Members[i].Leader = g.settled.Members[i].ID == rec.Leader
	}
	return r
}

// bump begins a rebalance of a KIP-848 group, unless one goes on: then that reaches for the newer epoch.
func (g *reading) bump(rec *kafka.GroupRecord) *Rebalance {
	var ended *Rebalance
	if !g.seen {
		g.rooted = rec.Epoch <= 1
	} else if g.partly() {
		ended = g.close(g.settling)
	}
	if g.began.IsZero() {
		g.began, g.from = rec.At, g.epoch
	}
	g.seen, g.epoch, g.settling = true, rec.Epoch, time.Time{}
	if ended == nil && g.rooted && len(g.members) == 0 {
		ended = g.close(rec.At)
	}
	return ended
}

// partly tells whether a rebalance goes on of which nobody knows whether all members have written yet.
func (g *reading) partly() bool { return !g.rooted && !g.began.IsZero() && !g.settling.IsZero() }

// converged tells whether every member has what the newest epoch gives it.
func (g *reading) converged() bool {
	if g.began.IsZero() || g.target != g.epoch {
		return false
	}
	for _, m := range g.members {
		if !m.current || m.epoch != g.epoch || !m.settled {
			return false
		}
	}
	return true
}

// close ends the open rebalance of a KIP-848 group. The first one that is read began with a group of which only
// those are known that wrote since.
func (g *reading) close(at time.Time) *Rebalance {
	after := g.group()
	before := g.settled
	fresh := !g.rooted
	if fresh {
		before = after
	}
	r := &Rebalance{
		Type: kafka.Consumer, Begin: g.began, End: at, To: kafka.Some(g.epoch), Fresh: fresh,
		Unstable: kafka.Some(at.Sub(g.began)), Most: kafka.Some(at.Sub(g.began)),
	}
	if g.from > 0 || g.rooted {
		r.From = kafka.Some(g.from)
	}
	r.compare(&before, &after)
	if fresh {
		r.Members[0] = 0
	}
	g.settled, g.rooted, g.began = after, true, time.Time{}
	return r
}

// group is the members as they are by their records, in the order of snapshots.
func (g *reading) group() kafka.Group {
	out := kafka.Group{Type: kafka.Consumer}
	for _, m := range g.members {
		out.Members = append(out.Members, m.Member)
	}
	slices.SortFunc(out.Members, func(a, b kafka.Member) int {
		return cmp.Or(strings.Compare(a.ClientID, b.ClientID), strings.Compare(a.ID, b.ID))
	})
	return out
}

// member takes over what a record of a KIP-848 group tells of a member.
func (l *Log) member(g *reading, rec *kafka.GroupRecord) {
	id := rec.Member.ID
	if id == "" {
		return
	}
	if rec.Gone {
		if rec.Kind == kafka.GroupMember {
			delete(g.members, id)
		}
		return
	}
	m := g.members[id]
	if m == nil {
		if rec.Kind == kafka.GroupTarget {
			return
		}
		m = &heldMember{Member: kafka.Member{ID: id}}
		if known := l.known(rec.Group, id); known != nil {
			m.ClientID, m.Host, m.InstanceID, m.Subscribed = known.ClientID, known.Host, known.InstanceID, known.Subscribed
		}
		g.members[id] = m
	}
	switch rec.Kind {
	case kafka.GroupMember:
		owned := m.Assigned
		m.Member = rec.Member
		m.Assigned = owned
	case kafka.GroupCurrent:
		m.epoch, m.settled, m.current = rec.Epoch, rec.Settled, true
		m.Assigned = l.named(rec.Owned)
	}
}

// known is a member by the newest snapshot: its own record may be older than what was read.
func (l *Log) known(group, id string) *kafka.Member {
	if l.prev == nil {
		return nil
	}
	g := l.prev.Group(group)
	if g == nil {
		return nil
	}
	for i := range g.Members {
		if g.Members[i].ID == id {
			return &g.Members[i]
		}
	}
	return nil
}

// named gives partitions the names of their topics. Those of topics that are not visible, or not any more, are
// left out.
func (l *Log) named(ids []kafka.TopicIDPartition) []kafka.TopicPartition {
	if l.names == nil && l.prev != nil {
		l.names = make(map[[16]byte]string, len(l.prev.Topics))
		maps.Insert(l.names, func(yield func([16]byte, string) bool) {
			for i := range l.prev.Topics {
				if !yield(l.prev.Topics[i].ID, l.prev.Topics[i].Name) {
					return
				}
			}
		})
	}
	var out []kafka.TopicPartition
	for _, id := range ids {
		if name, ok := l.names[id.Topic]; ok {
			out = append(out, kafka.TopicPartition{Topic: name, Partition: id.Partition})
		}
	}
	slices.SortFunc(out, kafka.TopicPartition.Compare)
	return out
}

// CaughtUp tells that nothing is left to read of a group's log at present.
func (l *Log) CaughtUp(group string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.tracks[group]
	if t == nil || t.log == nil || !t.log.partly() || !t.log.converged() {
		return
	}
	r := t.log.close(t.log.settling)
	r.Group, r.Source = group, FromLog
	l.keep(t, r)
}

func identity(m *kafka.Member) rebalance.Identity { return rebalance.IdentityOf(m) }

func leader(people []Person, id string) rebalance.Identity {
	for i := range people {
		if people[i].ID == id && people[i].Fate != Left {
			return people[i].Identity
		}
	}
	return rebalance.Identity{}
}
