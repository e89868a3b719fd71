package kafka

import (
	"errors"
	"fmt"
)

// ErrNotSent is in the chain of an error that came before the request was sent: for certain nothing was changed.
var ErrNotSent = errors.New("nothing was sent")

// Code is an error code of the Kafka protocol. It is an error, and errors.Is finds it in a chain.
type Code int16

// The codes that decide something in this program.
const (
	CodeOffsetOutOfRange        Code = 1
	CodeUnknownTopicOrPartition Code = 3
	CodeLeaderNotAvailable      Code = 5
	CodeNotLeader               Code = 6
	CodeRequestTimedOut         Code = 7
	CodeCoordinatorLoading      Code = 14
	CodeCoordinatorNotAvailable Code = 15
	CodeNotCoordinator          Code = 16
	CodeInvalidTopic            Code = 17
	CodeIllegalGeneration       Code = 22
	CodeInconsistentProtocol    Code = 23
	CodeUnknownMemberID         Code = 25
	CodeRebalanceInProgress     Code = 27
	CodeTopicAuthorization      Code = 29
	CodeGroupAuthorization      Code = 30
	CodeClusterAuthorization    Code = 31
	CodeUnsupportedVersion      Code = 35
	CodeNonEmptyGroup           Code = 68
	CodeGroupIDNotFound         Code = 69
	CodeFencedLeaderEpoch       Code = 74
	CodeOffsetNotAvailable      Code = 78
	CodeMemberIDRequired        Code = 79
	CodePreferredNotAvailable   Code = 80
	CodeElectionNotNeeded       Code = 84
	CodeGroupSubscribedToTopic  Code = 86
)

var codeWords = map[Code]string{
	CodeOffsetOutOfRange:        "OFFSET_OUT_OF_RANGE",
	CodeUnknownTopicOrPartition: "UNKNOWN_TOPIC_OR_PARTITION",
	CodeLeaderNotAvailable:      "LEADER_NOT_AVAILABLE",
	CodeNotLeader:               "NOT_LEADER_OR_FOLLOWER",
	CodeRequestTimedOut:         "REQUEST_TIMED_OUT",
	CodeCoordinatorLoading:      "COORDINATOR_LOAD_IN_PROGRESS",
	CodeCoordinatorNotAvailable: "COORDINATOR_NOT_AVAILABLE",
	CodeNotCoordinator:          "NOT_COORDINATOR",
	CodeInvalidTopic:            "INVALID_TOPIC_EXCEPTION",
	CodeIllegalGeneration:       "ILLEGAL_GENERATION",
	CodeInconsistentProtocol:    "INCONSISTENT_GROUP_PROTOCOL",
	CodeUnknownMemberID:         "UNKNOWN_MEMBER_ID",
	CodeRebalanceInProgress:     "REBALANCE_IN_PROGRESS",
	CodeTopicAuthorization:      "TOPIC_AUTHORIZATION_FAILED",
	CodeGroupAuthorization:      "GROUP_AUTHORIZATION_FAILED",
	CodeClusterAuthorization:    "CLUSTER_AUTHORIZATION_FAILED",
	CodeUnsupportedVersion:      "UNSUPPORTED_VERSION",
	CodeNonEmptyGroup:           "NON_EMPTY_GROUP",
	CodeGroupIDNotFound:         "GROUP_ID_NOT_FOUND",
	CodeFencedLeaderEpoch:       "FENCED_LEADER_EPOCH",
	CodeOffsetNotAvailable:      "OFFSET_NOT_AVAILABLE",
	CodeMemberIDRequired:        "MEMBER_ID_REQUIRED",
	CodePreferredNotAvailable:   "PREFERRED_LEADER_NOT_AVAILABLE",
	CodeElectionNotNeeded:       "ELECTION_NOT_NEEDED",
	CodeGroupSubscribedToTopic:  "GROUP_SUBSCRIBED_TO_TOPIC",
}

// Error is the protocol's name of the code, or its number.
func (c Code) Error() string {
	if w, ok := codeWords[c]; ok {
		return w
	}
	return fmt.Sprintf("error code %d", int16(c))
}

// Err is nil for code 0.
func (c Code) Err() error {
	if c == 0 {
		return nil
	}
	return c
}

// Unauthorized tells whether err says that a right is missing.
func Unauthorized(err error) bool {
	return errors.Is(err, CodeTopicAuthorization) || errors.Is(err, CodeGroupAuthorization) || errors.Is(err, CodeClusterAuthorization)
}
