package offsets

import (
	"fmt"
	"strings"

	"lagtop/kafka"
)

// ActiveError says that a group is not empty, so that the broker would refuse an administrator's commit.
type ActiveError struct {
	Group   string
	State   kafka.GroupState // unknown: only the broker's refusal is known
	Members []Holder         // empty while the group is between two states
}

func (e *ActiveError) Error() string {
	if e.State == kafka.StateUnknown {
		return fmt.Sprintf("reset %s: the broker says that the group has members; plan again", e.Group)
	}
	if len(e.Members) == 0 {
		return fmt.Sprintf("reset %s: the group is %s, not Empty; try again in a moment", e.Group, e.State)
	}
	const most = 5
	var names []string
	for i, m := range e.Members {
		if i == most {
			names = append(names, fmt.Sprintf("%d more", len(e.Members)-most))
			break
		}
		names = append(names, m.String())
	}
	noun := "members"
	if len(e.Members) == 1 {
		noun = "member"
	}
	return fmt.Sprintf("reset %s: the group has %d %s; stop %s first", e.Group, len(e.Members), noun, strings.Join(names, ", "))
}

// Unwrap is the broker's code for the same refusal.
func (e *ActiveError) Unwrap() error { return kafka.CodeNonEmptyGroup }

// ChangedError says that commits moved between the plan and its application; nothing was sent.
type ChangedError struct {
	Group       string
	Differences []Difference
}

// Difference is one commit that is not what the plan was made for.
type Difference struct {
	kafka.TopicPartition
	Planned  kafka.Known[int64] // unknown: no commit
	Now      kafka.Known[int64]
	Metadata bool // the metadata differs
}

func (d Difference) String() string {
	s := fmt.Sprintf("%s/%d was %s, is %s", d.Topic, d.Partition, offset(d.Planned), offset(d.Now))
	if d.Metadata {
		s += " (other metadata)"
	}
	return s
}

func (e *ChangedError) Error() string {
	const most = 5
	var parts []string
	for i, d := range e.Differences {
		if i == most {
			parts = append(parts, fmt.Sprintf("%d more", len(e.Differences)-most))
			break
		}
		parts = append(parts, d.String())
	}
	return fmt.Sprintf("reset %s: commits changed since the plan was made, plan again: %s", e.Group, strings.Join(parts, "; "))
}
