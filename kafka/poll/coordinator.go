package poll

import (
	"unicode/utf16"

	"lagtop/kafka"
)

// offsetsTopic keeps the groups: the leader of a group's partition there is its coordinator.
const offsetsTopic = "__consumer_offsets"

// offsetsPartition is the partition of offsetsTopic that keeps group, as the broker computes it:
// Utils.abs(String.hashCode) % partitions.
func offsetsPartition(group string, partitions int) int32 {
	var h int32
	for _, u := range utf16.Encode([]rune(group)) {
		h = 31*h + int32(u)
	}
	switch {
	case h == -1<<31:
		h = 0
	case h < 0:
		h = -h
	}
	return h % int32(partitions)
}

// coordinator is the leader of the group's partition of offsetsTopic. found tells whether that topic
// is visible at all.
func coordinator(offsets *kafka.Topic, group string) (leader kafka.Known[int32], found bool) {
	if offsets == nil || len(offsets.Partitions) == 0 {
		return leader, false
	}
	p := offsets.Partition(offsetsPartition(group, len(offsets.Partitions)))
	if p == nil {
		return leader, false
	}
	return p.Leader, true
}
