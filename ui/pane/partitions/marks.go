package partitions

import (
	"maps"
	"slices"

	"lagtop/kafka"
)

// mark marks the partition under the cursor, or the member with all of its partitions; what is marked is
// unmarked.
func (m *Model) mark() {
	r, ok := m.selected()
	if !ok || r.owner == nil {
		return
	}
	parts, member := r.owner.parts, r.owner.member
	if r.part != nil {
		parts, member = []*kafka.GroupPartition{r.part}, nil
	}
	all := len(parts) > 0 && !slices.ContainsFunc(parts, func(p *kafka.GroupPartition) bool { return !m.marks[p.TopicPartition] })
	if member != nil {
		if all = all || m.picks[member.ID]; all {
			delete(m.picks, member.ID)
		} else {
			m.picks[member.ID] = true
		}
	}
	for _, p := range parts {
		if all {
			delete(m.marks, p.TopicPartition)
		} else {
			m.marks[p.TopicPartition] = true
		}
	}
}

// Marked are the marked partitions by topic, then partition.
func (m *Model) Marked() []kafka.TopicPartition {
	return slices.SortedFunc(maps.Keys(m.marks), kafka.TopicPartition.Compare)
}

// picked tells whether an owner is a marked member.
func (m *Model) picked(o *owner) bool { return o.member != nil && m.picks[o.member.ID] }

// MarkedMembers are the ids of the members that were marked on their own rows, in order.
func (m *Model) MarkedMembers() []string { return slices.Sorted(maps.Keys(m.picks)) }

// ClearMarks unmarks all.
func (m *Model) ClearMarks() {
	clear(m.marks)
	clear(m.picks)
}
