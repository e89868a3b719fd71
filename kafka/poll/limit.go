package poll

import (
	"maps"
	"slices"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/limit"
)

// limit drops the groups that are out of scope, so that nothing more is asked about them.
func (a *groupsAnswer) limit(in *limit.Scope) {
	if !in.LimitsGroups() {
		return
	}
	all := len(a.listed)
	a.listed = slices.DeleteFunc(a.listed, func(l conn.Listing) bool { return !in.Group(l.Name) })
	a.out = all - len(a.listed)
}

// clip drops commits for topics that are out of scope: OffsetFetch tells all of a group.
func (a *groupsAnswer) clip(in *limit.Scope) {
	if !in.LimitsTopics() {
		return
	}
	for i := range a.commits {
		c := &a.commits[i]
		c.Rows = slices.DeleteFunc(c.Rows, func(r conn.Commit) bool { return !in.Topic(r.Topic) })
	}
}

func clipShares(all []conn.ShareOffsets, in *limit.Scope) {
	if !in.LimitsTopics() {
		return
	}
	for i := range all {
		c := &all[i]
		c.Rows = slices.DeleteFunc(c.Rows, func(r conn.ShareOffset) bool { return !in.Topic(r.Topic) })
	}
}

// wanted tells the topics whose offsets are asked for: those that a pattern names, else those that a group in
// scope has something to do with, else all.
func (s *session) wanted(c *cycle) func(topic string) bool {
	in := &s.world.scope
	if len(in.Topics) > 0 || !in.LimitsGroups() {
		return in.Topic
	}
	if c.needed == nil {
		c.needed = s.needed(c)
	}
	return func(topic string) bool { return c.needed[topic] && in.Topic(topic) }
}

// needed are the topics of the groups in scope, those of the poll before among them: some answers are late.
func (s *session) needed(c *cycle) map[string]bool {
	out := map[string]bool{}
	for i := range s.world.groups {
		for k := range s.world.groups[i].Partitions {
			out[s.world.groups[i].Partitions[k].Topic] = true
		}
	}
	for _, a := range c.groups {
		for i := range a.commits {
			for k := range a.commits[i].Rows {
				out[a.commits[i].Rows[k].Topic] = true
			}
		}
		for i := range a.shares {
			for k := range a.shares[i].Rows {
				out[a.shares[i].Rows[k].Topic] = true
			}
		}
		for i := range a.described {
			needMembers(out, a.described[i].Members)
		}
	}
	return out
}

func needMembers(out map[string]bool, members []kafka.Member) {
	for i := range members {
		for _, name := range members[i].Subscribed {
			out[name] = true
		}
		for _, tp := range members[i].Assigned {
			out[tp.Topic] = true
		}
	}
}

// only are the wanted topics.
func (w *world) only(wanted func(topic string) bool) []kafka.Topic {
	if !w.scope.LimitsGroups() && !w.scope.LimitsTopics() {
		return w.topics
	}
	out := make([]kafka.Topic, 0, len(w.topics))
	for i := range w.topics {
		if wanted(w.topics[i].Name) {
			out = append(out, w.topics[i])
		}
	}
	return out
}

// elsewhere tells whether topics are named and the group has nothing to do with them.
func (w *world) elsewhere(g *kafka.Group) bool {
	return len(w.scope.Topics) > 0 && len(g.Partitions) == 0 && g.Err == ""
}

// outBy counts the groups that exist and are not in the snapshot, by their coordinator. Those of a broker that
// is down are soon listed by another one.
func (s *session) outBy(now time.Time) map[int32]int {
	out := maps.Clone(s.world.apart)
	for _, n := range s.nodes {
		if n.out > 0 && (n.up() || now.Sub(n.since) < goneFor) {
			out[n.id] += n.out
		}
	}
	return out
}

func (s *session) groupsOut(now time.Time) int {
	sum := 0
	for _, n := range s.outBy(now) {
		sum += n
	}
	return sum
}
