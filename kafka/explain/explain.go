package explain

import (
	"errors"
	"slices"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/lag"
)

// World is what an explanation may read. Nothing of it is changed.
type World struct {
	Snapshot *kafka.Snapshot
	History  *lag.History // may be nil
	Now      time.Time
	Interval time.Duration // of polling
	// Age is the age that is shown of a partition; nil: the snapshot's.
	Age func(*kafka.GroupPartition) kafka.Known[kafka.Age]
	// Kept tells what is known of the settings that decide what a topic keeps; nil: nothing.
	Kept func(topic string) Facts
	// Read tells when the configurations or log dirs of a place were read; nil: not known.
	Read func(Ref) Facts
}

// Facts is what is known at present of something that is slow to read.
type Facts struct {
	Values  []kafka.Config
	At      time.Time // they were read; zero: never
	Err     error     // why the last read failed
	Pending bool      // it is being read
}

// Quality is how well a number is known.
type Quality int

// The qualities.
const (
	Exact        Quality = iota // as it was told, at that moment
	Interpolated                // between two samples
	Bracketed                   // between two borders
	AtLeast                     // parts are missing
	Unknown
	Judged   // an opinion by rules, not a measure
	Outdated // it was exact, and a source was not renewed since
)

// String is the word for people.
func (q Quality) String() string {
	return [...]string{"exact", "interpolated", "between two borders", "at least", "unknown", "judged", "old"}[q]
}

// Source is a request that gave a number, or the numbers that it was computed from.
type Source struct {
	Text string
	At   time.Time // it was answered; zero: never, or it is a computation
	Old  string    // why it is older than it should be; empty when it is not
}

// Explanation is where a number comes from. All of its texts are safe for a terminal.
type Explanation struct {
	Title   string // what it is, and of what
	Meaning string
	Sources []Source
	Quality Quality
	Why     []string // what the quality rests on: borders, what is missing and why
	Caveats []string // why it may be off
}

// Of explains a number. What is not in the snapshot is said to be gone. A Ref without a Quantity, or with one
// that does not stand in such a place, has no explanation: its Meaning is empty.
func Of(w *World, r Ref) Explanation {
	if r.Quantity <= None || int(r.Quantity) >= len(book) {
		return Explanation{}
	}
	e := book[r.Quantity]
	if e.at&(1<<r.Scope) == 0 {
		return Explanation{}
	}
	q := &query{World: w, ref: r}
	q.find()
	q.out = Explanation{Title: e.title + " of " + q.place(), Meaning: e.meaning}
	if gone := q.gone(); gone != "" {
		q.unknown(gone)
		return q.out
	}
	if e.tell != nil {
		e.tell(q)
	}
	q.outdate()
	return q.out
}

// moment is the quality of what a poll was told directly.
const moment = "at the moment of that poll"

// outdate takes back what is said of a number when a source of it is old: numbers of different times do
// not fit together.
func (q *query) outdate() {
	if q.out.Quality != Exact || !slices.ContainsFunc(q.out.Sources, func(s Source) bool { return s.Old != "" }) {
		return
	}
	q.out.Quality = Outdated
	q.out.Why = slices.DeleteFunc(q.out.Why, func(why string) bool { return why == moment })
	q.out.Why = append([]string{"it was exact when its sources answered; what came since is missing"}, q.out.Why...)
}

// Title names a quantity where the screen has no title for it.
func Title(q Quantity) string { return book[q].title }

// first is the order in which a row's number is chosen to be explained.
var first = [...]Quantity{Lag, In, TailRate, DirFree, SettingValue, Evidence, GroupState, BrokerState}

// First is which of a row's numbers matters most.
func First(refs []Ref) int {
	for _, q := range first {
		for i := range refs {
			if refs[i].Quantity == q {
				return i
			}
		}
	}
	return 0
}

// query is one question while it is answered.
type query struct {
	*World
	ref    Ref
	group  *kafka.Group
	member *kafka.Member
	part   *kafka.GroupPartition
	topic  *kafka.Topic
	log    *kafka.Partition
	broker *kafka.Broker
	out    Explanation
}

func (q *query) find() {
	r, s := &q.ref, q.Snapshot
	switch r.Scope {
	case ScopeGroup, ScopeMember, ScopeUnowned, ScopeGroupTopic, ScopeGroupPartition:
		q.group = s.Group(r.Group)
	case ScopeBroker:
		q.broker = s.Broker(r.Broker)
	}
	switch r.Scope {
	case ScopeGroupTopic, ScopeGroupPartition, ScopeTopic, ScopePartition, ScopeTopicSetting:
		q.topic = s.Topic(r.Topic)
	}
	if q.topic != nil && (r.Scope == ScopeGroupPartition || r.Scope == ScopePartition) {
		q.log = q.topic.Partition(r.Partition)
	}
	if q.group == nil {
		return
	}
	if r.Scope == ScopeGroupPartition {
		q.part = q.group.Partition(r.tp())
	}
	for i := range q.group.Members {
		if r.Scope == ScopeMember && q.group.Members[i].ID == r.Member {
			q.member = &q.group.Members[i]
		}
	}
}

// gone says that the place is not in the newest snapshot, empty when it is.
func (q *query) gone() string {
	missing := false
	switch q.ref.Scope {
	case ScopeGroup, ScopeUnowned, ScopeGroupTopic:
		missing = q.group == nil
	case ScopeMember:
		missing = q.member == nil
	case ScopeGroupPartition:
		missing = q.part == nil
	case ScopeTopic:
		missing = q.topic == nil
	case ScopePartition:
		missing = q.log == nil
	case ScopeBroker:
		missing = q.broker == nil
	}
	if !missing {
		return ""
	}
	return "it is not in the newest answers of the brokers"
}

func (q *query) place() string {
	if q.member != nil {
		return member(q.member) + " in " + name(q.group.Name)
	}
	return q.ref.Place()
}

func member(m *kafka.Member) string {
	if m.ClientID == "" {
		return name(m.ID)
	}
	return name(m.ClientID)
}

// from adds a computation.
func (q *query) from(text string) { q.out.Sources = append(q.out.Sources, Source{Text: text}) }

// ask adds a request. It is old when there is a reason for that, or when it is older than three polls.
func (q *query) ask(text string, at time.Time, why string) {
	s := Source{Text: text, At: at, Old: line(why)}
	if s.Old == "" && q.stale(at) {
		s.Old = "not renewed by the newest polls"
	}
	q.out.Sources = append(q.out.Sources, s)
}

// askSlow adds a request that has a period of its own.
func (q *query) askSlow(text string, at time.Time, period time.Duration) {
	s := Source{Text: text + ", asked every " + span(period), At: at}
	if q.Snapshot.At.Sub(at) > 3*period {
		s.Old = "not renewed since"
	}
	q.out.Sources = append(q.out.Sources, s)
}

func (q *query) stale(at time.Time) bool { return q.Snapshot.Stale(at, q.Interval) }

func (q *query) quality(k Quality, why ...string) {
	q.out.Quality = k
	q.out.Why = append(q.out.Why, why...)
}

func (q *query) unknown(why ...string) { q.quality(Unknown, why...) }

func (q *query) mind(caveat string) {
	if caveat != "" {
		q.out.Caveats = append(q.out.Caveats, caveat)
	}
}

// reason words an error that was looked up; nil is nothing.
func (f *Facts) reason() error {
	switch {
	case f.Err != nil:
		return f.Err
	case f.At.IsZero() && f.Pending:
		return errors.New("it is being read")
	case f.At.IsZero():
		return errors.New("it is not read here")
	}
	return nil
}
