package kafka

import "time"

// VerdictKind says how a partition or a group is doing. A higher kind is worse.
type VerdictKind int

// The verdicts, best first.
const (
	VerdictUnknown VerdictKind = iota // too little history, or nothing readable
	VerdictOK
	VerdictNoCommit
	VerdictAhead
	VerdictFallingBehind
	VerdictAtRisk
	VerdictRewound
	VerdictStalled
	VerdictStopped
	VerdictLost
)

var verdictWords = [...]string{"", "ok", "no commit", "ahead", "falling behind", "at risk", "rewound", "STALLED", "STOPPED", "LOST"}

// String is the word on the screen; empty for unknown.
func (k VerdictKind) String() string { return verdictWords[k] }

// Trouble tells whether somebody should look at it.
func (k VerdictKind) Trouble() bool { return k >= VerdictAhead }

// Stands tells whether something is not read that should be.
func (k VerdictKind) Stands() bool { return k == VerdictStalled || k == VerdictStopped }

// Verdict is a judgement with its evidence. A group's verdict is its worst partition's.
type Verdict struct {
	Kind     VerdictKind
	Since    time.Time
	Rule     string         // id in the table of rules
	At       TopicPartition // the worst place; empty topic when it concerns the whole group
	Evidence string         // one sentence with names and numbers, unsanitised
	Advice   string         // what to do, one sentence
	Watching time.Duration  // above 0: rules that need history cannot judge yet, for this long
}
