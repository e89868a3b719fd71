package explain

import (
	"strconv"

	"lagtop/kafka"
)

func tellGroupName(q *query) {
	q.listed()
	q.quality(Exact, "any string that the client chose as group.id; control characters are shown as escapes")
}

func tellState(q *query) {
	q.described()
	if q.group.Gone {
		q.unknown("the group is in no broker's answer at present; this is the last known state")
		q.mind("After a broker failed it takes about 12 s until another one coordinates its groups; they are kept for 20 s.")
		return
	}
	if q.group.Err != "" && q.group.State == kafka.StateUnknown {
		q.unknown(line(q.group.Err))
		return
	}
	q.quality(Exact, "at the moment of that poll: "+name(string(q.group.State)))
	q.mind("A rebalance that begins and ends between two polls is not seen.")
}

func tellType(q *query) {
	q.listed()
	q.quality(Exact, "ListGroups v5 and later tells the type; older brokers have classic groups alone")
	if q.group.Type == kafka.Classic && q.group.ProtocolType != "consumer" {
		q.mind("Protocol type " + name(q.group.ProtocolType) + ": an empty one is a group that was made by committing offsets.")
	}
}

func tellMembers(q *query) {
	q.described()
	if q.ref.Scope == ScopeGroupTopic {
		q.from("members that own a partition of the topic, counted by lagtop")
	}
	q.assignment("as the coordinator told")
}

// assignment is the quality of what members own.
func (q *query) assignment(fresh string) {
	switch {
	case q.group.Err != "" && len(q.group.Members) == 0:
		q.unknown(line(q.group.Err))
	case q.member != nil && q.member.Opaque != "":
		q.unknown(line(q.member.Opaque))
	case q.group.AssignmentOld:
		q.quality(Exact, "the members; their partitions are the last known ones, brokers tell none while a classic group rebalances")
	default:
		q.quality(Exact, fresh)
	}
}

func tellAssigned(q *query) {
	q.described()
	q.assignment("as the coordinator assigned it")
	if q.group.Type == kafka.Consumer || q.group.Type == kafka.Streams {
		q.mind("A member may still be giving partitions back: the assignment is what it is to own.")
	}
	if q.group.Type == kafka.Share {
		q.mind("Several members of a share group may own one partition.")
	}
}

func tellMember(q *query) {
	if q.member == nil {
		q.described()
		q.from("partitions of the group without an owner, by lagtop")
		q.quality(Exact, "no member is assigned to them: nobody reads them, or a consumer that assigns partitions itself, which no broker lists")
		return
	}
	q.described()
	q.quality(Exact, "as the member told its coordinator")
}

func tellEpoch(q *query) {
	q.described()
	if q.member != nil && !q.member.Epoch.OK || q.member == nil && !q.group.Epoch.OK {
		q.unknown("classic groups have a generation, which DescribeGroups does not tell; epochs are those of KIP-848 and later groups")
		return
	}
	q.quality(Exact, "it rises with each rebalance; below the group's epoch the member still moves to its assignment")
}

func tellOwner(q *query) {
	q.described()
	if q.part != nil && !q.part.Owner.OK {
		q.quality(Exact, "no member is assigned to it: nobody reads it, or a consumer that assigns partitions itself, which no broker lists")
		return
	}
	q.assignment("the member that the partition is assigned to")
}

func tellBalance(q *query) {
	q.described()
	q.from("partitions of the member against those of the member with most, by lagtop")
	q.assignment("in partitions, not in work: partitions may be uneven")
}

func tellGrid(q *query) {
	q.described()
	q.from("one sign a partition: owned or not, and its verdict")
	q.assignment("as the coordinator assigned it")
}

func tellCoordinator(q *query) {
	q.listed()
	if !q.group.Coordinator.OK {
		q.unknown("no broker lists the group")
		return
	}
	q.quality(Exact, "each broker lists the groups that it coordinates; of two that list it, the leader of its partition of __consumer_offsets counts")
}

func tellReadAt(q *query) {
	q.described()
	q.commits("commits")
	q.quality(Exact, "lagtop's clock when the coordinator's answers were in, poll "+strconv.FormatUint(q.Snapshot.Seq, 10))
}

func tellHidden(q *query) {
	q.described()
	q.metadata("topics that can be seen")
	q.quality(Exact, "members name a topic that Metadata does not have: brokers leave out what you may not DESCRIBE, without an error")
}

func tellDoneAhead(q *query) {
	q.commits("start offsets and lags")
	q.ends("ends", -1, q.logsOf(q.parts()))
	q.from("end minus start offset minus lag, by lagtop")
	q.sum(q.parts(), "all of them are known")
}
