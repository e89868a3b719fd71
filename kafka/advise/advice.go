package advise

import (
	"slices"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/lag"
)

// Weight says how much a piece of advice matters. A higher one matters more.
type Weight int

// The weights.
const (
	Fine  Weight = iota // nothing to do
	Note                // worth knowing
	Hint                // a setting that may help
	Limit               // this limits now
)

// Advice is one thing to know about throughput. Texts are sentences with names in them, unsanitised.
type Advice struct {
	ID         string // of the rule
	Family     string // the question that it answers, empty for one of its own
	Topic      string
	Weight     Weight
	Title      string // what limits, in a few words
	Evidence   string // the numbers that show it
	Suggestion string // what to change
	Settings   []Setting
	Gain       kafka.Known[Gain] // only where rates were measured
}

// Setting is a configuration that the advice is about.
type Setting struct {
	Name    string // as in Kafka's documentation
	Where   Where
	Present kafka.Known[string] // its value; unknown when it was not read, or cannot be
	Source  kafka.ConfigSource  // who set it
}

// Visible tells whether an admin client can read the setting at all.
func (s Setting) Visible() bool { return s.Where == OfTopic }

// Where says who has a setting.
type Where int

// The owners of settings. Only those of topics and brokers can be read; clients keep theirs to themselves.
const (
	OfTopic Where = iota
	OfConsumer
	OfProducer
)

// Gain is what more consumers would bring if each were as fast as those that are busy now. It is an upper
// bound: nothing proves that what is behind the consumers, such as a database, scales with them.
type Gain struct {
	Consumers int         // more than now
	Out       float64     // records/s of all consumers
	Now       lag.Horizon // when the backlog is gone as things go
	Then      lag.Horizon // and with them
}

// String is the gain in a sentence.
func (g Gain) String() string {
	more := "1 more consumer"
	if g.Consumers > 1 {
		more = human.Count(int64(g.Consumers)) + " more consumers"
	}
	return "with " + more + " as fast as the present ones up to " + human.Rate(g.Out) + ": caught up " + when(g.Then) + " instead of " + when(g.Now)
}

func when(h lag.Horizon) string {
	if d := h.Duration(); d.OK && d.V > 0 {
		return "in " + human.Span(max(d.V, time.Second))
	}
	return h.String()
}

// Topic is what is known of a topic beside the groups.
type Topic struct {
	Topic    *kafka.Topic                       // nil when it may not be seen
	Settings kafka.Known[[]kafka.Config]        // with those at their default
	Batches  kafka.Known[[]kafka.NewestBatches] // at the end of its partitions
	Partial  bool                               // there are groups that are not known
}

// OfGroup is the advice for a group and one of the topics that it reads, what limits first. What the topic
// itself gives cause to change is among it.
func OfGroup(g *kafka.Group, t Topic) []Advice {
	if t.Topic == nil {
		return nil
	}
	l := newLog(t)
	c := newReading(g, &l)
	if !c.reads() {
		return nil
	}
	l.readers = append(l.readers, &c)
	out := run(groupRules(), &c, t.Topic.Name)
	for _, a := range run(topicRules(), &l, t.Topic.Name) {
		if a.Weight >= Hint && a.Family != parallel { // the group's own rules answer that
			out = append(out, a)
		}
	}
	worstFirst(out)
	return out
}

// ForTopic is the advice for a topic whoever reads it, what limits first.
func ForTopic(t Topic, groups []kafka.Group) []Advice {
	if t.Topic == nil {
		return nil
	}
	l := newLog(t)
	for i := range groups {
		if r := newReading(&groups[i], &l); r.reads() {
			l.readers = append(l.readers, &r)
		}
	}
	out := run(topicRules(), &l, t.Topic.Name)
	if t.Topic.Internal { // brokers write it, and nobody chooses its keys, batches and codec
		out = slices.DeleteFunc(out, func(a Advice) bool {
			return a.Weight > Fine && a.ID != "compacted" || a.Family == batches || a.Family == codec
		})
	}
	worstFirst(out)
	return out
}

// rule is one row of a table.
type rule[C any] struct {
	id     string
	family string // of the rules of a family the first that speaks is heard; empty: all are
	say    func(C) Advice
}

func run[C any](rules []rule[C], c C, topic string) []Advice {
	var out []Advice
	heard := map[string]bool{}
	for _, r := range rules {
		if r.family != "" && heard[r.family] {
			continue
		}
		a := r.say(c)
		if a.Title == "" {
			continue
		}
		heard[r.family] = true
		a.ID, a.Family, a.Topic = r.id, r.family, topic
		out = append(out, a)
	}
	return out
}

func worstFirst(out []Advice) {
	slices.SortStableFunc(out, func(a, b Advice) int { return int(b.Weight) - int(a.Weight) })
}
