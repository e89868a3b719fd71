package explain

import (
	"strconv"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
)

func tellTopic(q *query) {
	q.metadata("")
	if q.topic != nil && q.topic.Err != "" {
		q.unknown(line(q.topic.Err))
		return
	}
	q.quality(Exact, "as the controller's metadata had it when that broker answered")
}

func tellPartitionName(q *query) {
	q.metadata("")
	if q.part == nil {
		q.quality(Exact, "as the cluster's metadata has it")
		return
	}
	q.described()
	q.commits("commits")
	q.from("what the group has committed, owns or subscribes to, each partition once, by lagtop")
	q.quality(Exact, "a partition without commit and owner is shown too when the group subscribes to its topic")
}

func tellReplicas(q *query) {
	tellTopic(q)
	q.mind("Metadata reaches brokers a moment after it changed: right after a failure it may name a dead leader for about 10 s.")
}

func tellReaders(q *query) {
	q.from("groups with a commit, an owned partition or a subscription in the topic, counted by lagtop from ListGroups, describe and OffsetFetch")
	silent := 0
	for i := range q.Snapshot.Groups {
		if q.Snapshot.Groups[i].Err != "" {
			silent++
		}
	}
	if silent > 0 {
		q.quality(AtLeast, human.Plural(silent, "group")+" could not be described or read, and may read it too")
	} else {
		q.quality(Exact, "of the groups that can be seen")
	}
	q.mind("Consumers without a group, and groups that you may not DESCRIBE, are not listed by brokers.")
}

func tellLogState(q *query) {
	q.metadata("leader, replicas and ISR")
	if q.log != nil {
		q.offset("offsets", -1)
	}
	q.quality(Exact, "the worst that is true: no leader, fewer in sync than replicas, offsets not read, not the preferred leader")
}

func (q *query) whyBroker() string {
	for i := range q.Snapshot.Faults {
		if f := &q.Snapshot.Faults[i]; f.Broker == kafka.Some(q.ref.Broker) && f.Group == "" && f.Topic == "" {
			return f.String()
		}
	}
	return ""
}

func tellBroker(q *query) {
	q.metadata("")
	q.quality(Exact, "as the broker registered itself")
	if q.broker.Addr == "" {
		q.unknown("Metadata does not list the broker: only replicas name it, it is down or gone")
	}
}

func tellController(q *query) {
	if q.Snapshot.Cluster.Mode == kafka.ModeKRaft {
		q.ask("DescribeQuorum: the leader of the quorum", q.Snapshot.At, "")
		q.mind("Under KRaft the controller that Metadata names is a random broker, so it is not taken.")
	} else {
		q.metadata("controller")
	}
	if !q.Snapshot.Cluster.Controller.OK {
		q.unknown("no broker has told it yet")
		return
	}
	q.quality(Exact, "node "+strconv.Itoa(int(q.Snapshot.Cluster.Controller.V))+" is the controller")
}

// tellLeads counts partitions by what Metadata says of the broker.
func tellLeads(q *query) {
	q.metadata("leaders, replicas and ISR of every partition")
	q.from("counted by lagtop")
	for i := range q.Snapshot.Topics {
		if t := &q.Snapshot.Topics[i]; t.Err != "" {
			q.quality(AtLeast, "topic "+name(t.Name)+" could not be described: "+line(t.Err))
			return
		}
	}
	q.quality(Exact, "of the topics that you may DESCRIBE")
}

func tellCoordinates(q *query) {
	at := time.Time{}
	if q.broker != nil {
		at = q.broker.At
	}
	q.ask("ListGroups from broker "+strconv.Itoa(int(q.ref.Broker))+": each broker lists the groups that it coordinates", at, q.whyBroker())
	q.quality(Exact, "of the groups that you may DESCRIBE")
}

func tellBrokerState(q *query) {
	q.ask("whether broker "+strconv.Itoa(int(q.ref.Broker))+" answers the requests of each poll", q.broker.At, q.whyBroker())
	switch {
	case q.broker.At.IsZero():
		q.unknown("it has never answered since lagtop began")
	case q.whyBroker() != "" || q.stale(q.broker.At):
		q.quality(Exact, "it does not answer lagtop; others may still reach it")
	default:
		q.quality(Exact, "it answered the newest poll")
	}
}

func (q *query) read() Facts {
	if q.Read == nil {
		return Facts{}
	}
	return q.Read(q.ref)
}

func tellSetting(q *query) {
	from := "any broker"
	if q.ref.Scope == ScopeBrokerSetting {
		from = "broker " + strconv.Itoa(int(q.ref.Broker)) + " itself"
	}
	q.looked("DescribeConfigs from "+from+", when looked at and then every 30 s", "as it is in force")
	q.mind("Values at their default are left out. Sensitive values are never told by brokers.")
}

func tellDir(q *query) {
	q.looked("DescribeLogDirs from broker "+strconv.Itoa(int(q.ref.Broker))+", when looked at and then every 30 s", "at that moment")
}

func tellLogSize(q *query) {
	q.looked("DescribeLogDirs from each broker that holds a replica, when looked at and then every 30 s", "at that moment")
	q.mind("Compressed as it is on disk. A broker that does not answer leaves its replicas out.")
}

func tellQuorum(q *query) {
	q.looked("DescribeQuorum, which any broker passes on to the leader of the quorum, when looked at and then every 30 s", "at that moment, as the leader knows it")
}

func tellQuorumTime(q *query) {
	tellQuorum(q)
	q.mind("By the leader's clock, against its own time in the same answer. Told since 3.3 (KIP-836).")
}

func (q *query) looked(what, fresh string) {
	f := q.read()
	why := ""
	if err := f.reason(); err != nil {
		why = err.Error()
	}
	q.ask(what, f.At, why)
	if f.At.IsZero() {
		q.unknown(line(why))
		return
	}
	q.out.Sources[len(q.out.Sources)-1].Old = line(why) // it has a slower period than polls
	q.quality(Exact, fresh)
}

func tellDirSpace(q *query) {
	tellDir(q)
	q.mind("It is of the volume: what else is stored there counts. Brokers tell it since 3.3 (KIP-827); older ones leave it unknown.")
}

func tellDirSize(q *query) {
	tellDir(q)
	q.mind("Compressed as it is on disk, replicas that move in included.")
}

func tellFinding(q *query) {
	q.from("lagtop's rule " + name(q.ref.Name) + ", from the snapshot and the history of polls; it asks the cluster nothing of its own")
	for i := range q.Snapshot.Findings {
		f := &q.Snapshot.Findings[i]
		if OfFinding(f) != q.ref.Row() {
			continue
		}
		q.quality(Judged, line(f.Evidence), "held for "+span(q.Now.Sub(f.Since))+" that lagtop saw; it may be older than lagtop's history of "+span(q.watched()))
		q.mind("It goes when the rule no longer holds for some polls.")
		return
	}
	q.unknown("it is not found any more")
}

func tellRecord(q *query) {
	q.from("Fetch from the partition's leader, by lagtop's own consumer: no group, no commits, read_uncommitted")
	q.quality(Exact, "as the record is in the log")
}

func tellRecordTime(q *query) {
	tellRecord(q)
	q.mind(clocks)
}
