package triage

import (
	"time"

	"lagtop/kafka"
	"lagtop/kafka/lag"
)

// Scope is what a check looks at, one after another.
type Scope int

// The scopes.
const (
	OfCluster Scope = iota
	OfBroker
	OfTopic
	OfGroup
)

// Check is one finding beside the verdicts. The package comment says how to add one.
type Check struct {
	ID       string
	Severity kafka.Severity
	Of       Scope
	Instead  string        // id of the verdict whose cause it is: that one is not listed beside it
	Needs    time.Duration // for which lagtop must have watched the cluster; the check is not asked before
	After    time.Duration // for which it must have held; on top of three of five polls
	Test     func(*Look) Answer
	Sentence func(*Look) string
	// Where names the place within the subject where it is worst; nil: there is none.
	Where   func(*Look) (at kafka.TopicPartition, member string)
	Advice  string
	Command string // id of the screen's command that helps most; may be empty
	Also    string // ids of others that help, separated by spaces
	Stock   string // the stock tool that shows or mends it, without the cluster's address; may be empty
	Placed  bool   // Stock takes --topic and --partition
}

// Look is what a check may look at in one poll. What is not of the check's scope is nil.
type Look struct {
	Snap     *kafka.Snapshot
	Now      time.Time
	Interval time.Duration // between polls
	Group    *kafka.Group
	Topic    *kafka.Topic
	Broker   *kafka.Broker
	state    *groupState
	sick     *sick
	world    *world
}

// settling is how long an assignment or a leader may be odd after a change.
const settling = 2 * time.Minute

// electing is longer than a cluster with auto.leader.rebalance.enable takes to elect preferred leaders:
// leader.imbalance.check.interval.seconds is 300 by default.
const electing = 6 * time.Minute

const describeGroup, describeMembers = "kafka-consumer-groups --describe", "kafka-consumer-groups --describe --members --verbose"

// Checks is the table of findings beside the verdicts. Among equals of one scope, and among the causes of one
// verdict, the first comes first.
func Checks() []Check {
	return append(append(clusterChecks(), causeChecks()...), memberChecks()...)
}

// clusterChecks are those that are not about groups.
func clusterChecks() []Check {
	return []Check{
		{
			ID: "no-controller", Severity: kafka.SeverityWorst, Of: OfCluster, After: 40 * time.Second, Test: noController, Sentence: sayNoController,
			Advice: "Look at the controllers' logs and the network between them: nothing can be created, elected or moved.", Command: "requests",
			Stock: "kafka-metadata-quorum describe --status",
		},
		{
			ID: "offline", Severity: kafka.SeverityWorst, Of: OfTopic, Test: offline, Sentence: sayOffline, Where: offlineAt,
			Advice: "Start a broker that holds a replica in sync; an unclean election loses records.",
			Stock:  "kafka-topics --describe --unavailable-partitions",
		},
		{
			ID: "under-replicated", Severity: kafka.SeverityWarn, Of: OfBroker, Test: underReplicated, Sentence: sayUnderReplicated,
			Advice: "Look at the broker: is it up, are its disks full, can it reach the leaders?", Command: "requests",
			Stock: "kafka-topics --describe --under-replicated-partitions",
		},
		{
			ID: "slow-leader", Severity: kafka.SeverityWarn, Of: OfBroker, After: settling, Test: slowLeader, Sentence: saySlowLeader,
			Advice: "Look at this broker before the consumers: disk, network, request queue; move leaders off it.", Command: "requests",
		},
		{
			ID: "hung-transaction", Severity: kafka.SeverityWarn, Of: OfTopic, Test: hungTransaction, Sentence: sayHungTransaction, Where: hungAt,
			Advice: "If find-hanging lists it: kafka-transactions abort with --start-offset, the LSO. Else its producer or its timeout ends it.", Command: "tail",
			Stock: "kafka-transactions find-hanging", Placed: true,
		},
		{
			ID: "leader-skew", Severity: kafka.SeverityHint, Of: OfBroker, After: electing, Test: leaderSkew, Sentence: sayLeaderSkew,
			Advice: "Elect the preferred leaders.", Command: "elect", Stock: "kafka-leader-election --election-type preferred --all-topic-partitions",
		},
		{
			ID: "hot-key", Severity: kafka.SeverityHint, Of: OfTopic, Needs: lag.Short, After: settling, Test: hotKey, Sentence: sayHotKey, Where: hotKeyAt,
			Advice: "Choose a key with more values, or none: one member reads a partition, however many there are.", Command: "tail",
		},
		{
			ID: "unread-topic", Severity: kafka.SeverityHint, Of: OfTopic, Needs: lag.Short, After: lag.Long, Test: unread, Sentence: sayUnread,
			Advice:  "Find out who needs it: readers that never commit are not seen here; else stop producing or shorten its retention.",
			Command: "tail", Also: "retention",
		},
	}
}

// causeChecks say why a group has the verdict that it has.
func causeChecks() []Check {
	return []Check{
		{
			ID: "poison-record", Severity: kafka.SeverityWorst, Of: OfGroup, Instead: "stalled", After: 20 * time.Second, Test: poison, Sentence: sayPoison, Where: stalledAt,
			Advice:  "Look at the record at the commit; from there it can be exported and skipped, once the members are stopped.",
			Command: "record-at-commit", Also: "tail offsets kick", Stock: describeGroup,
		},
		{
			ID: "hung-member", Severity: kafka.SeverityWorst, Of: OfGroup, Instead: "stalled", Test: hungMember, Sentence: sayHungMember, Where: stalledAt,
			Advice: "Restart it, or kick it so that others take its partitions.", Command: "kick", Also: "record-at-commit timeline", Stock: describeGroup,
		},
		{
			ID: "commits-stalled", Severity: kafka.SeverityWorst, Of: OfGroup, Instead: "stalled", Test: allStalled, Sentence: sayAllStalled, Where: stalledAt,
			Advice:  "What all members wait for hangs (a database, a lock), or they commit rarely: look at the application first.",
			Command: "rebalance", Also: "record-at-commit rolling-kick", Stock: describeGroup,
		},
		{
			ID: "hot-partition", Severity: kafka.SeverityWarn, Of: OfGroup, Instead: "falling-behind", Needs: lag.Short, Test: hotPartition, Sentence: sayHotPartition, Where: fallingAt,
			Advice: "More members do not help one partition: choose a key with more values, or make the consumer faster.", Command: "tail", Stock: describeGroup,
		},
		{
			ID: "slow-member", Severity: kafka.SeverityWarn, Of: OfGroup, Instead: "falling-behind", Test: slowMember, Sentence: saySlowMember, Where: fallingAt,
			Advice: "Look at its host; restart it, or kick it so that others take its partitions.", Command: "kick", Also: "timeline", Stock: describeGroup,
		},
		{
			ID: "too-few-members", Severity: kafka.SeverityWarn, Of: OfGroup, Instead: "falling-behind", Test: fewMembers, Sentence: sayFewMembers, Where: fallingAt,
			Advice: "Add members, up to the number of partitions.", Command: "what-if", Stock: describeMembers,
		},
		{
			ID: "too-few-partitions", Severity: kafka.SeverityWarn, Of: OfGroup, Instead: "falling-behind", Test: fewPartitions, Sentence: sayFewPartitions, Where: fallingAt,
			Advice: "Make each member faster, or add partitions: keys then go to other partitions, and each costs the brokers.", Command: "what-if", Stock: describeMembers,
		},
	}
}

// memberChecks are about a group's members whatever its verdict.
func memberChecks() []Check {
	return []Check{
		{
			ID: "commits-expiring", Severity: kafka.SeverityWarn, Of: OfGroup, Test: commitsExpiring, Sentence: sayExpiring,
			Advice: "Start the application, or commit the present offsets anew (offsets, shift by 0).", Command: "offsets", Also: "timeline delete", Stock: describeGroup,
		},
		{
			ID: "crash-loop", Severity: kafka.SeverityWarn, Of: OfGroup, Needs: lag.Short, Test: crashLoop, Sentence: sayCrashLoop,
			Advice: "Read its log: it dies, or misses session.timeout.ms; static membership (group.instance.id) spares the others.", Command: "timeline", Stock: describeMembers,
		},
		{
			ID: "poll-interval-loop", Severity: kafka.SeverityWarn, Of: OfGroup, Needs: 3 * shortLife, Test: pollLoop, Sentence: sayPollLoop,
			Advice: "Lower max.poll.records, raise max.poll.interval.ms, or take the slow work off the polling thread.", Command: "timeline", Stock: describeMembers,
		},
		{
			ID: "deploy-churn", Severity: kafka.SeverityHint, Of: OfGroup, Needs: lag.Short, Test: deployChurn, Sentence: sayChurn,
			Advice: "Static membership (group.instance.id) and a cooperative assignor keep partitions in place through a deploy.", Command: "timeline", Stock: describeMembers,
		},
		{
			ID: "idle-members", Severity: kafka.SeverityHint, Of: OfGroup, After: settling, Test: idleMembers, Sentence: sayIdle,
			Advice: "Add partitions, or take these members away; as spares they are fine.", Command: "what-if", Stock: describeMembers,
		},
		{
			ID: "uneven-count", Severity: kafka.SeverityHint, Of: OfGroup, After: settling, Test: uneven, Sentence: sayUneven,
			Advice: "Use a sticky or uniform assignor, and a number of partitions that the members divide.", Command: "what-if", Also: "rebalance", Stock: describeMembers,
		},
		{
			ID: "cross-rack", Severity: kafka.SeverityHint, Of: OfGroup, After: settling, Test: crossRack, Sentence: sayCrossRack,
			Advice: "Spread the replicas over all racks, so that members with client.rack can read from one nearby.", Stock: describeMembers,
		},
	}
}
