package poll

import "lagtop/kafka"

// offsetsTopic keeps the groups.
const offsetsTopic = kafka.GroupLog

// coordinator is the leader of the group's partition of offsetsTopic. found tells whether that topic
// is visible at all.
func coordinator(offsets *kafka.Topic, group string) (leader kafka.Known[int32], found bool) {
	if offsets == nil || len(offsets.Partitions) == 0 {
		return leader, false
	}
	p := offsets.Partition(kafka.GroupLogPartition(group, len(offsets.Partitions)))
	if p == nil {
		return leader, false
	}
	return p.Leader, true
}
