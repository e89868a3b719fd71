package kafka

import (
	"strconv"
	"time"
)

// Severity ranks findings. A higher one is worse.
type Severity int

// The severities.
const (
	SeverityHint  Severity = iota // it costs something, or may one day
	SeverityWarn                  // it gets worse
	SeverityWorst                 // records are not read, cannot be read, or are gone
)

// SubjectKind is what kind of thing a finding is about.
type SubjectKind int

// The kinds of subjects.
const (
	SubjectCluster SubjectKind = iota
	SubjectBroker
	SubjectTopic
	SubjectGroup
)

// Subject is what a finding is about, and with it the place to look at. The zero Subject is the cluster. It
// is comparable.
type Subject struct {
	Kind      SubjectKind
	Group     string       // SubjectGroup
	Member    string       // SubjectGroup: the member id that it is about; may be empty
	Topic     string       // SubjectTopic; SubjectGroup: where it is worst, may be empty
	Partition Known[int32] // of Topic, where it is about one
	Broker    int32        // SubjectBroker
}

// Name is the subject without its kind: payments, orders, orders/7, 2. Unsanitised, empty for the cluster.
func (s *Subject) Name() string {
	switch s.Kind {
	case SubjectGroup:
		return s.Group
	case SubjectTopic:
		if s.Partition.OK {
			return s.Topic + "/" + strconv.Itoa(int(s.Partition.V))
		}
		return s.Topic
	case SubjectBroker:
		return strconv.Itoa(int(s.Broker))
	}
	return ""
}

// String is the word of the kind.
func (k SubjectKind) String() string {
	return [...]string{"cluster", "broker", "topic", "group"}[k]
}

// Finding is something that somebody should look at, with its evidence.
type Finding struct {
	Rule     string // id in the table of rules
	Severity Severity
	Subject  Subject
	Since    time.Time
	Evidence string // one sentence with names and numbers, unsanitised
	Advice   string // what to do, one sentence
	Command  string // id of the screen's command that helps most; may be empty
	Also     string // ids of others that help, separated by spaces
}

// Watch is a rule that had too little history so far, and for how long it still watches.
type Watch struct {
	Rule string
	For  time.Duration
}
