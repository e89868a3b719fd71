package triage

import (
	"slices"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/lag"
)

// Answer is what a rule says of one poll.
type Answer int8

// The answers.
const (
	Hold Answer = iota // this poll proves nothing
	No
	Yes
	Over // No, and there is nothing left that the verdict could be about: it ends at once
)

func when(yes bool) Answer {
	if yes {
		return Yes
	}
	return No
}

// Rule is one verdict. The package comment says how to add one.
type Rule struct {
	ID       string
	Kind     kafka.VerdictKind
	Needs    time.Duration // of history; the rule is not asked before
	Test     func(*Case) Answer
	Sentence func(*Case) string
	// Whole words it for the group; same of its partitions have this verdict, everywhere tells that it is
	// not about one place. Without it, or with "", the worst partition's Sentence speaks for the group.
	Whole   func(c *Case, same int) (sentence string, everywhere bool)
	Advice  string
	Command string // id of the screen's command that helps most: tail, offsets, retention
	Also    string // ids of others that help, separated by spaces
}

// Case is what a rule may look at: one partition of one group in one poll.
type Case struct {
	Group    *kafka.Group
	Part     *kafka.GroupPartition
	Motion   *lag.Motion
	Interval time.Duration              // between polls
	Wait     kafka.Known[time.Duration] // how long a commit takes to come: its own rhythm, else its group's
	Reader   *reader                    // its owner, nil without one
	Settled  time.Duration              // since the last rebalance or change of members that was seen
	Empty    time.Duration              // the group was seen without members for
	Before   bool                       // it was so at the first look: Empty is the least
}

// stalledID names the verdict of what stands still on its owner.
const stalledID = "stalled"

const (
	smallLag = 100             // records: below it nothing is a backlog
	patience = 2 * time.Minute // for a commit of a group whose rhythm is not known
	turn     = lag.Long        // for a commit by an owner that reads its partitions by turns
)

// Rules is the table of verdicts, worst first.
func Rules() []Rule {
	return []Rule{
		{
			ID: "lost", Kind: kafka.VerdictLost, Test: lost, Sentence: sayLost, Command: "offsets", Also: "retention",
			Advice: "The records are gone: choose where to go on with a reset, or let auto.offset.reset decide.",
		},
		{
			ID: "no-member", Kind: kafka.VerdictStopped, Needs: lag.Least, Test: noMember, Sentence: sayNoMember,
			Whole: sayEmpty, Advice: "Start the application, or delete the group if it is retired.", Command: "timeline", Also: "tail offsets delete",
		},
		{
			ID: "silent", Kind: kafka.VerdictStopped, Needs: lag.Long, Test: silent, Sentence: saySilent, Command: "record-at-commit", Also: "timeline delete",
			Advice: "Restart its consumers, or delete these offsets if the group no longer reads the topic.",
		},
		{
			ID: stalledID, Kind: kafka.VerdictStalled, Test: stalled, Sentence: sayStalled, Command: "record-at-commit", Also: "kick offsets",
			Advice: "Look at the record at the commit, then skip it or kick the member; flat everywhere means hung, or rare commits.",
		},
		{
			ID: "rewound", Kind: kafka.VerdictRewound, Test: rewound, Sentence: sayRewound, Command: "audit", Also: "tail",
			Advice: "Nothing to do after a reset on purpose; else find who else commits to this group.",
		},
		{
			ID: "at-risk", Kind: kafka.VerdictAtRisk, Needs: lag.Short, Test: atRisk, Sentence: sayAtRisk,
			Advice: "Raise retention.ms or retention.bytes of the topic now.", Command: "retention", Also: "timeline",
		},
		{
			ID: "falling-behind", Kind: kafka.VerdictFallingBehind, Needs: lag.Least, Test: falling, Sentence: sayFalling,
			Whole: sayAllFalling, Advice: "Add members up to the number of partitions, or make each of them faster.", Command: "what-if", Also: "timeline tail",
		},
		{
			ID: "ahead", Kind: kafka.VerdictAhead, Test: ahead, Sentence: sayAhead, Command: "offsets", Also: "tail",
			Advice: "The topic was truncated or recreated, or the commit is wrong: reset the offsets.",
		},
		{
			ID: "no-commit", Kind: kafka.VerdictNoCommit, Test: noCommit, Sentence: sayNoCommit, Whole: sayNoCommits, Command: "tail", Also: "offsets",
			Advice: "Normal while a group is new: auto.offset.reset says where it starts.",
		},
	}
}

// lost compares with the log start that was read before the commit: a topic whose read records are
// purged at once (Kafka Streams repartition) has a start beyond every older commit.
func lost(c *Case) Answer {
	switch {
	case !c.Part.Committed.OK || c.Group.Type == kafka.Share:
		return No
	case !c.Motion.StartBefore.OK || c.Motion.Samples < 2:
		return Hold
	}
	return when(c.Part.Committed.V < c.Motion.StartBefore.V)
}

// noMember leaves alone who commits without being a member: a consumer with a manual assignment.
func noMember(c *Case) Answer {
	m := c.Motion
	switch {
	case len(c.Group.Members) > 0:
		return No
	case c.Group.State != kafka.StateEmpty:
		return Hold
	case c.Group.Type == kafka.Share:
		return when(m.Short.OK && m.Short.V.Records > 0)
	}
	return when(m.Grown > 0 && m.Behind >= max(lag.Least, c.rhythm()))
}

func silent(c *Case) Answer {
	return when(c.Motion.Grown > 0 && c.Motion.Behind >= max(lag.Long, c.rhythm()))
}

// stalled counts from when there was something to read, so that a quiet partition is not stalled by
// its first record, and from the last rebalance, because a new owner has to begin first.
func stalled(c *Case) Answer {
	m := c.Motion
	switch {
	case c.Part.Lag.OK && c.Part.Lag.V == 0:
		return Over // else the owner that caught up would stand accused for five polls more
	case !c.Part.Owner.OK || m.Behind == 0:
		return No
	case c.Part.Lag.V <= 1 && m.Grown == 0: // may be the marker of a transaction
		return No
	case m.Behind < c.flat():
		return No
	case c.Settled < c.flat():
		return Hold
	}
	return Yes
}

// rhythm is how long the partition may be expected to go without a commit.
func (c *Case) rhythm() time.Duration { return max(3*c.Interval, 3*c.Wait.V) }

// flat is how long a partition may go without a commit before it is stalled.
func (c *Case) flat() time.Duration {
	switch {
	case c.byTurns():
		return max(turn, c.rhythm())
	case !c.Wait.OK:
		return patience
	}
	return c.rhythm()
}

// byTurns tells whether the partition has to wait for its turn.
func (c *Case) byTurns() bool { return c.Reader != nil && c.Reader.turns() }

func rewound(c *Case) Answer { return when(c.Motion.RewoundFrom.OK) }

func atRisk(c *Case) Answer {
	if !c.Motion.StartSpeed.OK || !c.Part.Start.OK || !c.Part.In.OK || !c.Part.Out.OK {
		return Hold
	}
	if c.Motion.Low <= c.floor() {
		return No
	}
	reach := c.reach().Duration()
	if !reach.OK {
		return No
	}
	eta := lag.ETA(c.Part.Lag, c.Part.In, c.Part.Out)
	if eta == lag.Never {
		return falling(c)
	}
	return when(reach.V < eta.Duration().V)
}

// reach is when retention catches up with the commit, both going on as they do.
func (c *Case) reach() lag.Horizon {
	left := kafka.Some(c.Part.Committed.V - c.Part.Start.V)
	return lag.ETA(left, c.Part.Out, c.Motion.StartSpeed)
}

func falling(c *Case) Answer {
	m := c.Motion
	switch {
	case !c.Part.Lag.OK || c.Part.Lag.V <= c.floor():
		return No
	case c.byTurns(): // its lag falls in one turn and rises in the others
		return when(c.Reader.loses())
	case !m.Short.OK || !m.Long.OK:
		return Hold
	}
	noise := max(smallLag/2, int64(c.Part.In.V*c.Interval.Seconds()/2))
	return when(m.Low > c.floor() && m.Short.V.Records > 0 && m.Long.V.Records > noise)
}

// floor is the lag up to which a group is at the end of the log, as far as two polls can tell.
func (c *Case) floor() int64 {
	return max(smallLag, int64(c.Part.In.V*2*c.Interval.Seconds()))
}

func ahead(c *Case) Answer { return when(c.Part.Ahead > 0) }

func noCommit(c *Case) Answer {
	switch {
	case c.Part.Committed.OK || !c.Group.IsConsumer() && c.Group.Type != kafka.Streams:
		return No
	case slices.Contains(c.Group.Hidden, c.Part.Topic): // its commits are in no answer
		return Hold
	}
	return Yes
}
