package poll

import (
	"slices"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/limit"
)

// joiner makes the partitions of groups. It keeps its working space from group to group.
type joiner struct {
	topic     func(name string) *kafka.Topic
	scope     *limit.Scope
	committed []kafka.TopicPartition // of the group at hand, sorted
	union     []kafka.TopicPartition
}

// unite collects what the group has committed, owns or subscribes to, sorted, each once.
func (j *joiner) unite(members []kafka.Member) {
	j.union = append(j.union[:0], j.committed...)
	var last []string
	for i := range members {
		m := &members[i]
		j.own(m.Assigned)
		if slices.Equal(last, m.Subscribed) {
			continue
		}
		last = m.Subscribed
		for _, name := range m.Subscribed {
			t := j.topic(name)
			if t == nil || !j.scope.Topic(name) {
				continue
			}
			for k := range t.Partitions {
				j.union = append(j.union, kafka.TopicPartition{Topic: t.Name, Partition: t.Partitions[k].ID})
			}
		}
	}
	if len(members) > 0 {
		slices.SortFunc(j.union, kafka.TopicPartition.Compare)
		j.union = slices.Compact(j.union)
	}
}

// own adds partitions of topics in scope.
func (j *joiner) own(tps []kafka.TopicPartition) {
	if !j.scope.LimitsTopics() {
		j.union = append(j.union, tps...)
		return
	}
	for _, tp := range tps {
		if j.scope.Topic(tp.Topic) {
			j.union = append(j.union, tp)
		}
	}
}

// partitions are the group's, with owners and without commits.
func (j *joiner) partitions(members []kafka.Member) []kafka.GroupPartition {
	j.unite(members)
	out := make([]kafka.GroupPartition, len(j.union))
	for i, tp := range j.union {
		if t := j.topic(tp.Topic); t != nil {
			tp.Topic = t.Name // one string for all groups, so that the answers can be freed
		}
		out[i].TopicPartition = tp
	}
	for i := range members {
		at := 0
		for _, tp := range members[i].Assigned {
			k, ok := slices.BinarySearchFunc(out[at:], tp, func(p kafka.GroupPartition, tp kafka.TopicPartition) int {
				return p.Compare(tp)
			})
			at += k
			if ok && !out[at].Owner.OK {
				out[at].Owner = kafka.Some(i)
			}
		}
	}
	return out
}

// withCommits sets the commits: rows are sorted and all in parts.
func withCommits(parts []kafka.GroupPartition, rows []conn.Commit) {
	i := 0
	for k := range rows {
		for parts[i].TopicPartition != rows[k].TopicPartition {
			i++
		}
		parts[i].Committed, parts[i].Metadata = rows[k].Offset, rows[k].Metadata
		if rows[k].Err != nil {
			parts[i].Err = rows[k].Err.Error()
		}
	}
}

func withShares(parts []kafka.GroupPartition, rows []conn.ShareOffset) {
	i := 0
	for k := range rows {
		for parts[i].TopicPartition != rows[k].TopicPartition {
			i++
		}
		parts[i].Committed, parts[i].Lag = rows[k].Start, rows[k].Lag
		if rows[k].Err != nil {
			parts[i].Err = rows[k].Err.Error()
		}
	}
}

// withOldCommits carries the last known commits on.
func withOldCommits(parts, old []kafka.GroupPartition, why string) {
	i := 0
	for k := range old {
		for i < len(parts) && parts[i].Compare(old[k].TopicPartition) < 0 {
			i++
		}
		if i == len(parts) {
			return
		}
		if p := &parts[i]; p.TopicPartition == old[k].TopicPartition {
			p.Committed, p.Metadata, p.Lag, p.Err = old[k].Committed, old[k].Metadata, old[k].Lag, why
		}
	}
}

// hidden are the topics that members name and the metadata does not have.
func (j *joiner) hidden(members []kafka.Member) []string {
	var out []string
	note := func(name string) {
		if j.topic(name) == nil && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for i := range members {
		for _, name := range members[i].Subscribed {
			note(name)
		}
		last := ""
		for _, tp := range members[i].Assigned {
			if tp.Topic != last {
				note(tp.Topic)
				last = tp.Topic
			}
		}
	}
	slices.Sort(out)
	return out
}

// clip drops what a task names beyond the end of a narrower source topic.
func (j *joiner) clip(members []kafka.Member) {
	for i := range members {
		members[i].Assigned = slices.DeleteFunc(members[i].Assigned, func(tp kafka.TopicPartition) bool {
			t := j.topic(tp.Topic)
			return t != nil && t.Partition(tp.Partition) == nil
		})
	}
}
