package explain

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
)

func line(s string) string { return safe.Line(s) }

// names lists some and counts the rest.
func names(all []string, most int) string {
	if rest := len(all) - most; rest > 0 {
		return strings.Join(all[:most], ", ") + " and " + strconv.Itoa(rest) + " more"
	}
	return strings.Join(all, ", ")
}

// coordinator names the group's.
func (q *query) coordinator() string {
	of := ", coordinator of " + name(q.group.Name)
	if !q.group.Coordinator.OK {
		return "the coordinator of " + name(q.group.Name) + ", which is not known"
	}
	return "broker " + strconv.Itoa(int(q.group.Coordinator.V)) + of
}

// whyGroup is why the group's part is old, empty when it is not.
func (q *query) whyGroup(ops ...string) string {
	g := q.group
	for i := range q.Snapshot.Faults {
		f := &q.Snapshot.Faults[i]
		whole := f.Group == "" && f.Topic == "" && f.Broker.OK && f.Broker == g.Coordinator
		if (whole || f.Group == g.Name && f.Topic == "") && (q.stale(g.At) || slices.Contains(ops, f.Op)) {
			return f.String()
		}
	}
	switch {
	case g.Gone:
		return "the group is in no broker's answer at present"
	case g.Err != "" && q.stale(g.At):
		return g.Err
	}
	return ""
}

// offsetsOp is the API that tells where a group of that type stands.
func offsetsOp(t kafka.GroupType) string {
	if t == kafka.Share {
		return "DescribeShareGroupOffsets"
	}
	return "OffsetFetch"
}

func committedWord(t kafka.GroupType) string {
	if t == kafka.Share {
		return "start offset"
	}
	return "commit"
}

// listed is the answer that names a group.
func (q *query) listed() {
	q.ask("ListGroups from "+q.coordinator(), q.group.At, q.whyGroup("ListGroups"))
}

// described is the answer that tells the group's members and state.
func (q *query) described() {
	op := q.group.Type.DescribeAPI()
	q.ask(op+" from "+q.coordinator(), q.group.At, q.whyGroup(op))
}

// commits is the answer with commits, with one of them or with all.
func (q *query) commits(what string) {
	op, why := offsetsOp(q.group.Type), ""
	if why = q.whyGroup(op); q.part != nil && q.part.Err != "" {
		why = q.part.Err
	}
	q.ask(what+": "+op+" from "+q.coordinator(), q.group.At, why)
}

// offset is ListOffsets of one log: -1 is the end, -2 the start.
func (q *query) offset(what string, code int) {
	if q.log == nil {
		q.ask(fmt.Sprintf("%s: ListOffsets(%d), not asked: %s is not in Metadata", what, code, part(q.ref.tp())), time.Time{}, "")
		return
	}
	q.ask(fmt.Sprintf("%s: ListOffsets(%d) from %s", what, code, leader(q.log, part(q.ref.tp()))), q.log.At, q.log.Err)
}

func leader(log *kafka.Partition, of string) string {
	if !log.Leader.OK {
		return "the leader of " + of + ": it has none"
	}
	return "broker " + strconv.Itoa(int(log.Leader.V)) + ", leader of " + of
}

// ends is ListOffsets of many logs.
func (q *query) ends(what string, code int, logs []*kafka.Partition) {
	var oldest time.Time
	var leaders []string
	why := ""
	for _, l := range logs {
		if l.Leader.OK {
			leaders = append(leaders, strconv.Itoa(int(l.Leader.V)))
		}
		if oldest.IsZero() || l.At.Before(oldest) {
			oldest = l.At
		}
		if why == "" {
			why = l.Err
		}
	}
	slices.SortFunc(leaders, func(a, b string) int { return len(a) - len(b) + strings.Compare(a, b) })
	leaders = slices.Compact(leaders)
	from := "their leaders"
	switch n := len(leaders); {
	case n == 1:
		from = "broker " + leaders[0] + ", their leader"
	case n > 1:
		from = "their leaders, brokers " + names(leaders, 6)
	}
	q.ask(fmt.Sprintf("%s: ListOffsets(%d) from %s", what, code, from), oldest, why)
}

// metadata is the answer that any broker gives.
func (q *query) metadata(what string) {
	at, why := q.Snapshot.At, ""
	for i := range q.Snapshot.Faults {
		if f := &q.Snapshot.Faults[i]; f.Op == "Metadata" && (f.Topic == "" || f.Topic == q.ref.Topic) {
			at, why = f.Since, f.String()
		}
	}
	if what != "" {
		what += ": "
	}
	q.ask(what+"Metadata, which any broker answers for the whole cluster", at, why)
}

// parts are the group's partitions that a sum is over.
func (q *query) parts() []*kafka.GroupPartition {
	var out []*kafka.GroupPartition
	owned := map[kafka.TopicPartition]bool{}
	if q.ref.Scope == ScopeUnowned || q.ref.Scope == ScopeMember {
		for i := range q.group.Members {
			if m := &q.group.Members[i]; q.member == nil || m == q.member {
				for _, tp := range m.Assigned {
					owned[tp] = true
				}
			}
		}
	}
	for i := range q.group.Partitions {
		p := &q.group.Partitions[i]
		in := true
		switch q.ref.Scope {
		case ScopeMember:
			in = owned[p.TopicPartition]
		case ScopeUnowned:
			in = !owned[p.TopicPartition]
		case ScopeGroupTopic:
			in = p.Topic == q.ref.Topic
		case ScopeGroupPartition:
			in = p == q.part
		}
		if in {
			out = append(out, p)
		}
	}
	return out
}

// logsOf are the logs of partitions, as far as they can be seen.
func (q *query) logsOf(parts []*kafka.GroupPartition) []*kafka.Partition {
	var out []*kafka.Partition
	for _, p := range parts {
		if l := q.logAt(p.TopicPartition); l != nil {
			out = append(out, l)
		}
	}
	return out
}

func (q *query) logAt(tp kafka.TopicPartition) *kafka.Partition {
	if t := q.Snapshot.Topic(tp.Topic); t != nil {
		return t.Partition(tp.Partition)
	}
	return nil
}

// logs are those that a number of a topic, a partition or a broker is over.
func (q *query) logs() []*kafka.Partition {
	var out []*kafka.Partition
	switch q.ref.Scope {
	case ScopePartition:
		return []*kafka.Partition{q.log}
	case ScopeTopic:
		for i := range q.topic.Partitions {
			out = append(out, &q.topic.Partitions[i])
		}
	case ScopeBroker:
		for i := range q.Snapshot.Topics {
			for k := range q.Snapshot.Topics[i].Partitions {
				if p := &q.Snapshot.Topics[i].Partitions[k]; p.Leader == kafka.Some(q.ref.Broker) {
					out = append(out, p)
				}
			}
		}
	}
	return out
}

// gaps collects why parts of a sum are unknown.
type gaps struct {
	whys  []string
	where map[string][]string
}

func (g *gaps) add(why, where string) {
	if g.where == nil {
		g.where = map[string][]string{}
	}
	if len(g.where[why]) == 0 {
		g.whys = append(g.whys, why)
	}
	g.where[why] = append(g.where[why], where)
}

// gapsShown is how many reasons are told, and placesShown how many places of each.
const (
	gapsShown   = 4
	placesShown = 3
)

// lines are the reasons with their places.
func (g *gaps) lines() []string {
	var out []string
	for i, why := range g.whys {
		if i == gapsShown {
			return append(out, human.Plural(len(g.whys)-i, "further reason"))
		}
		out = append(out, names(g.where[why], placesShown)+": "+why)
	}
	return out
}
