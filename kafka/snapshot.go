package kafka

import (
	"cmp"
	"fmt"
	"sort"
	"time"
)

// Snapshot is the cluster as one poll saw it. It is a value that nobody changes after it is
// published. Parts that the poll could not refresh keep their older values and their own older
// At; Faults says which, since when and why.
type Snapshot struct {
	Seq      uint64
	Began    time.Time // the first request was sent
	At       time.Time // it was published
	Cluster  Cluster
	Brokers  []Broker  // by ID
	Topics   []Topic   // by Name
	Groups   []Group   // by Name
	Faults   []Fault   // by Group; empty when every source answered
	Requests int       // protocol requests sent for this snapshot
	Aside    int       // protocol requests sent beside the poll, for ages, transactions and what moves slowly, since the snapshot before
	Limit    Limit     // what was left out on purpose
	Pace     Pace      // how long until the next one
	Findings []Finding // worst first; filled by package triage
	Watching []Watch   // rules that cannot judge yet, the one that takes longest first
}

// Complete tells whether every source answered in this poll.
func (s *Snapshot) Complete() bool { return len(s.Faults) == 0 }

// Stale tells whether a part that was read at that time is too old to pass as present where polls are that far apart.
func (s *Snapshot) Stale(at time.Time, interval time.Duration) bool {
	return !at.IsZero() && s.At.Sub(at) > max(3*interval, 5*time.Second)
}

// Denied names the groups that are listed and that we may not describe, sorted.
func (s *Snapshot) Denied() []string {
	var out []string
	for i := range s.Faults {
		if f := &s.Faults[i]; f.Denied && (len(out) == 0 || out[len(out)-1] != f.Group) {
			out = append(out, f.Group)
		}
	}
	return out
}

// Topic finds a topic by name, nil when it is not there.
func (s *Snapshot) Topic(name string) *Topic {
	i := sort.Search(len(s.Topics), func(i int) bool { return s.Topics[i].Name >= name })
	if i < len(s.Topics) && s.Topics[i].Name == name {
		return &s.Topics[i]
	}
	return nil
}

// Group finds a group by name, nil when it is not there.
func (s *Snapshot) Group(name string) *Group {
	i := sort.Search(len(s.Groups), func(i int) bool { return s.Groups[i].Name >= name })
	if i < len(s.Groups) && s.Groups[i].Name == name {
		return &s.Groups[i]
	}
	return nil
}

// Broker finds a broker by node id, nil when it is not there.
func (s *Snapshot) Broker(id int32) *Broker {
	i := sort.Search(len(s.Brokers), func(i int) bool { return s.Brokers[i].ID >= id })
	if i < len(s.Brokers) && s.Brokers[i].ID == id {
		return &s.Brokers[i]
	}
	return nil
}

// Cluster identifies what is watched.
type Cluster struct {
	ID         string       // cluster id, empty before 0.10.1
	Bootstrap  []string     // host:port, as the user named them
	Controller Known[int32] // under KRaft the quorum leader, not the random broker that Metadata names
	Mode       Mode
	Version    string // release line inferred from the APIs offered, such as "4.2"; empty when unknown
	// OffsetsRetention is how long brokers keep the commits of a group without members (offsets.retention.minutes).
	OffsetsRetention Known[time.Duration]
}

// Mode is how the cluster keeps its metadata.
type Mode string

// The modes. Unknown until a broker told.
const (
	ModeUnknown   Mode = ""
	ModeKRaft     Mode = "KRaft"
	ModeZooKeeper Mode = "ZooKeeper"
)

// Broker is one node of the cluster.
type Broker struct {
	ID         int32
	Addr       string // host:port as advertised; empty for one that replicas name and metadata never did
	Rack       string // empty when not configured
	Controller bool
	Leaders    int     // partitions it leads
	Replicas   int     // partitions it holds a replica of, led ones included
	Groups     int     // groups it coordinates
	In         RateSum // records/s produced to the partitions it leads
	At         time.Time
}

// Topic is a topic with its partitions.
type Topic struct {
	Name       string
	ID         [16]byte // KIP-516, zero before 2.8
	Internal   bool
	Partitions []Partition // by ID
	Err        string      // why it could not be described, empty when it was
	In         RateSum     // records/s produced
}

// ReplicationFactor is the number of replicas of the first partition.
func (t *Topic) ReplicationFactor() int {
	if len(t.Partitions) == 0 {
		return 0
	}
	return len(t.Partitions[0].Replicas)
}

// InSync counts replicas in sync and replicas in all.
func (t *Topic) InSync() (isr, replicas int) {
	for i := range t.Partitions {
		isr += len(t.Partitions[i].ISR)
		replicas += len(t.Partitions[i].Replicas)
	}
	return isr, replicas
}

// Partition finds a partition by id, nil when it is not there.
func (t *Topic) Partition(id int32) *Partition {
	if int(id) < len(t.Partitions) && id >= 0 && t.Partitions[id].ID == id {
		return &t.Partitions[id]
	}
	for i := range t.Partitions {
		if t.Partitions[i].ID == id {
			return &t.Partitions[i]
		}
	}
	return nil
}

// Partition is one log of a topic.
type Partition struct {
	ID          int32
	Leader      Known[int32] // unknown: no leader
	LeaderEpoch int32
	Replicas    []int32
	ISR         []int32
	Offline     []int32
	Start       Known[int64]   // log start offset, ListOffsets(-2)
	End         Known[int64]   // high watermark, ListOffsets(-1) read_uncommitted
	At          time.Time      // when Start and End were read
	In          Known[float64] // records/s produced
	Err         string         // why the offsets are unknown or old, empty when fresh
	Times       *LogTimes      // asked for where the age of an unread record needs it; nil elsewhere
	Stable      *StableOffset  // asked for now and then, nil while it is not known
}

// Records are the offsets between log start and end, gaps of compaction and transactions included.
func (p *Partition) Records() Known[int64] {
	if !p.Start.OK || !p.End.OK {
		return Known[int64]{}
	}
	return Some(p.End.V - p.Start.V)
}

// TopicPartition names one partition. It is comparable.
type TopicPartition struct {
	Topic     string
	Partition int32
}

// Compare orders by topic, then partition.
func (tp TopicPartition) Compare(other TopicPartition) int {
	return cmp.Or(cmp.Compare(tp.Topic, other.Topic), cmp.Compare(tp.Partition, other.Partition))
}

// Fault is a source that failed or is late. What it would have told is older than the snapshot.
type Fault struct {
	Broker Known[int32] // the broker that was asked, unknown for the bootstrap
	Addr   string       // host:port that was asked
	Group  string       // set when only this group is concerned
	Topic  string       // set when only this topic is concerned
	Op     string       // the API name, such as ListGroups
	Reason string       // what happened, unsanitised
	Advice string       // what to try, may be empty
	Since  time.Time    // the first failure of the present row of failures
	Denied bool         // a right on Group is missing: nothing is broken, and it stays so
}

// Source names what failed: a group, a topic, a broker with its address, or an address. Unsanitised.
func (f *Fault) Source() string {
	switch {
	case f.Group != "":
		return "group " + f.Group
	case f.Topic != "":
		return "topic " + f.Topic
	case f.Broker.OK && f.Addr != "":
		return fmt.Sprintf("broker %d (%s)", f.Broker.V, f.Addr)
	case f.Broker.OK:
		return fmt.Sprintf("broker %d", f.Broker.V)
	}
	return f.Addr
}

// String is the source, the API and the reason in one line. Unsanitised.
func (f *Fault) String() string { return f.Source() + ": " + f.Op + ": " + f.Reason }
