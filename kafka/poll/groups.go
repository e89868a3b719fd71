package poll

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/lag"
)

// reading is a group as it was listed, and by whom.
type reading struct {
	node   *node
	answer *groupsAnswer
	listed *conn.Listing
}

// readings are the listed groups by name, each once.
func (w *world) readings(answers map[*node]*groupsAnswer) []reading {
	n := 0
	for _, a := range answers {
		n += len(a.listed)
	}
	all := make([]reading, 0, n)
	for node, a := range answers {
		for i := range a.listed {
			all = append(all, reading{node, a, &a.listed[i]})
		}
	}
	offsets := w.topic(offsetsTopic)
	slices.SortFunc(all, func(a, b reading) int {
		if c := strings.Compare(a.listed.Name, b.listed.Name); c != 0 {
			return c
		}
		return rank(offsets, a, b)
	})
	return slices.CompactFunc(all, func(a, b reading) bool { return a.listed.Name == b.listed.Name })
}

// rank puts the one to be believed first, of two brokers that list the same group: the leader of its
// partition of __consumer_offsets, else the one that has been up for longer. A broker that wakes up
// lists groups that it has lost for some seconds.
func rank(offsets *kafka.Topic, a, b reading) int {
	leader, _ := coordinator(offsets, a.listed.Name)
	switch {
	case leader == kafka.Some(a.node.id):
		return -1
	case leader == kafka.Some(b.node.id):
		return 1
	}
	return a.node.upSince.Compare(b.node.upSince)
}

// takeGroups makes the groups of the next snapshot.
func (w *world) takeGroups(answers map[*node]*groupsAnswer, f *faults) []kafka.Group {
	all := w.readings(answers)
	w.apart = map[int32]int{}
	out := make([]kafka.Group, 0, max(len(all), len(w.groups)))
	j := &joiner{topic: w.topic, scope: &w.scope}
	for i := range all {
		g, ok := w.group(j, &all[i], f)
		switch {
		case ok && w.elsewhere(&g):
			w.apart[g.Coordinator.V]++
		case ok:
			out = append(out, g)
		}
		delete(w.missing, all[i].listed.Name)
	}
	return out
}

// group reads one group. It is not ok when it was deleted between the answers.
func (w *world) group(j *joiner, r *reading, f *faults) (kafka.Group, bool) {
	old := w.old(r.listed.Name)
	d := r.answer.description(r.listed.Name)
	if vanished(r.listed, d) {
		if old == nil || r.listed.State == kafka.StateDead {
			return kafka.Group{}, false
		}
		d = nil
	}
	g := kafka.Group{
		Name: r.listed.Name, Type: r.listed.Type, ProtocolType: r.listed.ProtocolType, State: r.listed.State,
		Coordinator: kafka.Some(r.node.id), At: r.answer.at,
	}
	if d == nil || d.Err != nil {
		g.Err = f.group(r, r.listed.Type.DescribeAPI(), d)
		keepOld(&g, old)
	} else {
		w.name(d)
		if g.Type == kafka.Streams {
			j.clip(d.Members)
		}
		described(&g, d, old)
	}
	if g.Type == kafka.Share {
		w.joinShares(j, &g, r, old, f)
	} else {
		w.joinCommits(j, &g, r, old, f)
	}
	g.Hidden = j.hidden(g.Members)
	lag.Join(&g, w.topic)
	return g, true
}

func (w *world) old(name string) *kafka.Group {
	if i, ok := w.byName[name]; ok {
		return &w.groups[i]
	}
	return nil
}

// name finds the topics of partitions that were told by topic id.
func (w *world) name(d *conn.Description) {
	for _, u := range d.Unnamed {
		i := slices.IndexFunc(d.Members, func(m kafka.Member) bool { return m.ID == u.Member })
		k := slices.IndexFunc(w.topics, func(t kafka.Topic) bool { return t.ID == u.Topic })
		switch m := &d.Members[i]; {
		case k < 0:
			m.Opaque = fmt.Sprintf("assigned a topic whose name is not visible (id %x)", u.Topic)
		default:
			m.Assigned = append(m.Assigned, kafka.TopicPartition{Topic: w.topics[k].Name, Partition: u.Partition})
			slices.SortFunc(m.Assigned, kafka.TopicPartition.Compare)
		}
	}
}

// vanished tells whether the group ended between ListGroups and Describe, or changed its type.
func vanished(l *conn.Listing, d *conn.Description) bool {
	if d == nil {
		return false
	}
	if l.Type == kafka.Classic {
		return d.Err == nil && d.State == kafka.StateDead
	}
	return errors.Is(d.Err, kafka.CodeGroupIDNotFound)
}

// keepOld carries the last known members on.
func keepOld(g, old *kafka.Group) {
	if old == nil {
		return
	}
	g.At = old.At
	g.Protocol, g.Epoch, g.AssignmentEpoch, g.TopologyEpoch = old.Protocol, old.Epoch, old.AssignmentEpoch, old.TopologyEpoch
	g.Members, g.AssignmentOld = old.Members, old.AssignmentOld
}

func described(g *kafka.Group, d *conn.Description, old *kafka.Group) {
	g.Protocol, g.Epoch, g.AssignmentEpoch, g.TopologyEpoch = d.Protocol, d.Epoch, d.AssignmentEpoch, d.TopologyEpoch
	g.Members = d.Members
	if d.State != kafka.StateUnknown {
		g.State = d.State
	}
	if d.ProtocolType != "" {
		g.ProtocolType = d.ProtocolType
	}
	if g.Type == kafka.Classic && g.State.Rebalancing() && len(g.Members) > 0 {
		g.AssignmentOld = true
		remember(g.Members, old)
	}
}

// remember gives members the partitions that they had: DescribeGroups carries none outside Stable. A
// static member that restarted has a new member id.
func remember(members []kafka.Member, old *kafka.Group) {
	if old == nil {
		return
	}
	for i := range members {
		m := &members[i]
		k := slices.IndexFunc(old.Members, func(o kafka.Member) bool {
			return o.ID == m.ID || o.InstanceID != "" && o.InstanceID == m.InstanceID
		})
		if k >= 0 && m.Assigned == nil && m.Tasks == nil {
			o := &old.Members[k]
			m.Assigned, m.Tasks, m.Opaque, m.URL, m.Leader = o.Assigned, o.Tasks, o.Opaque, o.URL, o.Leader
			if m.Subscribed == nil {
				m.Subscribed = o.Subscribed
			}
		}
	}
}

func (w *world) joinCommits(j *joiner, g *kafka.Group, r *reading, old *kafka.Group, f *faults) {
	c := r.answer.commitsOf(g.Name)
	if c != nil && c.Err == nil {
		j.committed = j.committed[:0]
		for i := range c.Rows {
			j.committed = append(j.committed, c.Rows[i].TopicPartition)
		}
		g.Partitions = j.partitions(g.Members)
		withCommits(g.Partitions, c.Rows)
		return
	}
	var err error
	if c != nil {
		err = c.Err
	}
	w.joinOld(j, g, old, f.commits(r, "OffsetFetch", err))
}

// joinOld makes the partitions with the last known commits.
func (w *world) joinOld(j *joiner, g, old *kafka.Group, why string) {
	g.Err = orElse(g.Err, why)
	j.committed = j.committed[:0]
	if old != nil {
		g.At = old.At
		for i := range old.Partitions {
			j.committed = append(j.committed, old.Partitions[i].TopicPartition)
		}
	}
	g.Partitions = j.partitions(g.Members)
	if old != nil {
		withOldCommits(g.Partitions, old.Partitions, why)
	}
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// goneFor is how long a group stays that no broker lists while brokers are in trouble: after a broker
// died it takes about 12 s until another one coordinates its groups.
const goneFor = 20 * time.Second

// keepUnlisted adds the groups that are in nobody's answer but may exist.
func (w *world) keepUnlisted(out []kafka.Group, c *cycle, nodes []*node, now time.Time) []kafka.Group {
	listed := make(map[string]bool, len(out))
	for i := range out {
		listed[out[i].Name] = true
	}
	offsets := w.topic(offsetsTopic)
	for i := range w.groups {
		g := w.groups[i]
		if listed[g.Name] {
			continue
		}
		silent := silentNode(nodes, g.Coordinator, c)
		if !silent && !w.mayReturn(offsets, g.Name, now) {
			delete(w.missing, g.Name)
			continue
		}
		g.Gone = !silent
		g.Partitions = slices.Clone(g.Partitions) // the rates are filled in anew
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b kafka.Group) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// silentNode tells whether the broker exists and has not told which groups it has.
func silentNode(nodes []*node, id kafka.Known[int32], c *cycle) bool {
	for _, n := range nodes {
		if id.OK && n.id == id.V {
			a := c.groups[n]
			return a == nil || !a.complete()
		}
	}
	return false
}

// mayReturn counts the time that a group is missing.
func (w *world) mayReturn(offsets *kafka.Topic, name string, now time.Time) bool {
	if leader, found := coordinator(offsets, name); found && !leader.OK {
		return true // nobody can coordinate it
	}
	if now.Sub(w.trouble) >= goneFor {
		return false
	}
	since, ok := w.missing[name]
	if !ok {
		w.missing[name], since = now, now
	}
	return now.Sub(since) < goneFor
}
