package kafka

import "time"

// QuorumReplica is one node that keeps the metadata of a KRaft cluster: KIP-595.
type QuorumReplica struct {
	ID    int32
	Role  QuorumRole
	Epoch int32        // of the quorum, which counts its elections
	End   Known[int64] // offset after the last record of metadata that it has
	// Behind is how many records it lacks of those that the leader has. SinceFetch is how long ago it last
	// asked the leader for more, SinceCaughtUp how long ago it last had all: both by the leader's clock, told
	// since 3.3 (KIP-836).
	Behind        Known[int64]
	SinceFetch    Known[time.Duration]
	SinceCaughtUp Known[time.Duration]
}

// QuorumRole is what a node does in the quorum.
type QuorumRole string

// The roles. A leader is a voter; observers are the brokers that only follow.
const (
	QuorumLeader   QuorumRole = "leader"
	QuorumVoter    QuorumRole = "voter"
	QuorumObserver QuorumRole = "observer"
)
