package kafka

import (
	"sort"
	"time"
)

// GroupType is the kind of protocol that a group speaks, as ListGroups v5 tells (KIP-848).
type GroupType string

// The group types. Brokers before 3.8 do not tell: their groups are Classic.
const (
	Classic  GroupType = "classic"
	Consumer GroupType = "consumer" // KIP-848
	Share    GroupType = "share"    // KIP-932
	Streams  GroupType = "streams"  // KIP-1071
)

// DescribeAPI is the request that describes groups of the type.
func (t GroupType) DescribeAPI() string {
	switch t {
	case Consumer:
		return "ConsumerGroupDescribe"
	case Share:
		return "ShareGroupDescribe"
	case Streams:
		return "StreamsGroupDescribe"
	}
	return "DescribeGroups"
}

// GroupState is a state in Kafka's own words: Empty, PreparingRebalance, CompletingRebalance,
// Stable, Dead, Assigning, Reconciling, NotReady.
type GroupState string

// The group states.
const (
	StateUnknown             GroupState = ""
	StateEmpty               GroupState = "Empty"
	StatePreparingRebalance  GroupState = "PreparingRebalance"
	StateCompletingRebalance GroupState = "CompletingRebalance"
	StateStable              GroupState = "Stable"
	StateDead                GroupState = "Dead"
	StateAssigning           GroupState = "Assigning"
	StateReconciling         GroupState = "Reconciling"
	StateNotReady            GroupState = "NotReady"
)

// Rebalancing tells whether the state is one between two stable assignments.
func (s GroupState) Rebalancing() bool {
	switch s {
	case StatePreparingRebalance, StateCompletingRebalance, StateAssigning, StateReconciling:
		return true
	}
	return false
}

// Group is a group of any type with its members and the partitions that concern it.
type Group struct {
	Name            string
	Type            GroupType
	ProtocolType    string // classic: consumer, connect, sr ...; "" for a group made by an admin commit
	State           GroupState
	Protocol        string // the assignor: range, cooperative-sticky, uniform ...; empty when none is chosen
	Coordinator     Known[int32]
	Epoch           Known[int32] // KIP-848 and later; classic DescribeGroups carries no generation
	AssignmentEpoch Known[int32]
	TopologyEpoch   Known[int32] // streams: of the topology that is initialized; unknown: none is
	Members         []Member     // by client id, then member id
	// AssignmentOld tells that the broker carries no assignment at present (a classic group outside
	// Stable) and the members' partitions are the last known ones.
	AssignmentOld bool
	Partitions    []GroupPartition // by topic, then partition: committed, owned or subscribed
	Lag           Total            // records; no commit counts as missing
	Age           Known[Age]       // of the oldest unread record of all partitions; filled by package lag
	Lost          int64            // records below the log start that the group can no longer read
	// In and Out are records/s produced to its partitions and consumed by it, of those where both are known.
	In, Out RateSum
	Verdict Verdict
	At      time.Time // when it was read
	Gone    bool      // in no broker's answer at present; values are the last known ones
	Err     string    // why it could not be described, empty when it was
	Hidden  []string  // topics its members name that we may not or cannot see
}

// IsConsumer tells whether the group reads topics and commits offsets, so that lag has a meaning:
// KIP-848, and classic ones of protocol type consumer or none (made by an admin commit).
func (g *Group) IsConsumer() bool {
	return g.Type == Consumer || g.Type == Classic && (g.ProtocolType == "consumer" || g.ProtocolType == "")
}

// Unread tells whether nothing is known of the group but what lists of groups tell: how many members and
// partitions it has is not known either.
func (g *Group) Unread() bool {
	return g.Err != "" && len(g.Members) == 0 && len(g.Partitions) == 0
}

// Partition finds the group's entry for a partition, nil when it has none.
func (g *Group) Partition(tp TopicPartition) *GroupPartition {
	i := sort.Search(len(g.Partitions), func(i int) bool { return g.Partitions[i].Compare(tp) >= 0 })
	if i == len(g.Partitions) || g.Partitions[i].TopicPartition != tp {
		return nil
	}
	return &g.Partitions[i]
}

// Member is one consumer of a group.
type Member struct {
	ID         string
	ClientID   string
	Host       string // as the broker writes it, without the leading slash
	InstanceID string // group.instance.id, empty for dynamic members
	Rack       string
	Epoch      Known[int32]     // KIP-848 and later
	Subscribed []string         // topics
	Assigned   []TopicPartition // by topic, then partition
	Opaque     string           // why the assignment cannot be decoded, empty when it was
	Tasks      []Task           // work that is not partitions: of Kafka Connect, and of streams groups
	URL        string           // Connect: the REST address of the worker
	Leader     bool             // Connect: it decides who does what
	// TopologyEpoch is that of the topology which a member of a streams group runs. Below the group's
	// the member is of an older release of the application.
	TopologyEpoch Known[int32]
}

// Task is a piece of a member's work by the name that its framework gives it.
type Task struct {
	Role TaskRole
	Name string // Connect: file-sink for a connector, file-sink-0 for a task; streams: 0_1, subtopology and partition
}

// TaskRole says what a member does with a Task.
type TaskRole string

// The roles, those of Kafka Connect first.
const (
	TaskConnector TaskRole = "connector" // runs the connector itself, which makes the tasks
	TaskWork      TaskRole = "task"
	TaskActive    TaskRole = "active" // processes the source partitions
	TaskStandby   TaskRole = "standby"
	TaskWarmup    TaskRole = "warmup" // reads the state in before it takes the task over
)

// GroupPartition is where a group stands in one partition.
type GroupPartition struct {
	TopicPartition
	Committed Known[int64] // the next offset to read; unknown: no commit
	Metadata  string       // commit metadata, unsanitised
	Start     Known[int64] // log start offset
	End       Known[int64] // high watermark
	Lag       Known[int64] // records the group can still read; 0 when the commit is beyond the end
	Lost      int64        // records below the log start: start - committed
	Ahead     int64        // committed - end where that is above 0
	Age       Known[Age]   // of the record at the commit, at the time of the snapshot; filled by package lag
	Owner     Known[int]   // index into Group.Members; a share partition names its first
	In, Out   Known[float64]
	Verdict   Verdict
	Err       string // why the commit is unknown or old, empty when fresh
}
