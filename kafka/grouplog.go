package kafka

import (
	"time"
	"unicode/utf16"
)

// GroupLog is the topic that keeps the groups: the leader of a group's partition in it is its coordinator.
const GroupLog = "__consumer_offsets"

// GroupLogPartition is the partition of GroupLog that keeps a group, as the broker computes it:
// Utils.abs(String.hashCode) % partitions.
func GroupLogPartition(group string, partitions int) int32 {
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

// GroupRecordKind is what a GroupRecord tells.
type GroupRecordKind int

// The kinds of GroupRecord, by the version of their keys: a classic group has GroupGeneration alone.
const (
	GroupGeneration  GroupRecordKind = iota // 2: a rebalance of a classic group ended
	GroupEpoch                              // 3: the group's epoch rose, KIP-848
	GroupMember                             // 5: a member as it joined or changed
	GroupTargetEpoch                        // 6: the assignment of that epoch was computed
	GroupTarget                             // 7: what a member is to own
	GroupCurrent                            // 8: what a member owns
)

// GroupRecord is one record of a group's log: the coordinator writes it into __consumer_offsets so that its
// successor knows the group. Compaction leaves the newest of each kind, and member, in old segments.
type GroupRecord struct {
	Group  string
	Kind   GroupRecordKind
	Gone   bool // a tombstone: the group, or the member, is no more
	Offset int64
	At     time.Time // by the broker's clock
	Epoch  int32     // generation, group epoch, target epoch or epoch of the member; 0 in GroupMember and GroupTarget

	ProtocolType string   // GroupGeneration
	Protocol     string   // GroupGeneration: the assignor, empty without members
	Leader       string   // GroupGeneration: member id, empty without members
	Members      []Member // GroupGeneration

	Member  Member             // the other kinds that concern one: the ID always, the rest in GroupMember
	Owned   []TopicIDPartition // GroupTarget, GroupCurrent; by topic id
	Settled bool               // GroupCurrent: nothing is left to revoke, and nothing to wait for
}

// TopicIDPartition is a partition of a topic that is known by its id alone. It is comparable.
type TopicIDPartition struct {
	Topic     [16]byte
	Partition int32
}

// GroupLogEvent is what reading a group's log told: records, or why there are none.
type GroupLogEvent struct {
	Records  []GroupRecord // in the order of offsets, of the group that was asked for
	CaughtUp bool          // nothing is left to read at present
	Gap      bool          // records before these were missed: the reader was slow, or the log was cut
	Err      error         // nothing was read: tried again, unless it is the last event
}
