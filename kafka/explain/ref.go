package explain

import (
	"strconv"

	"lagtop/kafka"
	"lagtop/kafka/safe"
)

// Scope is what kind of thing a number is about.
type Scope int

// The scopes. Those of a group are sums over its partitions, but for ScopeGroupPartition.
const (
	ScopeNone Scope = iota
	ScopeGroup
	ScopeMember
	ScopeUnowned // the group's partitions that no member owns
	ScopeGroupTopic
	ScopeGroupPartition
	ScopeTopic
	ScopePartition
	ScopeBroker
	ScopeTopicSetting
	ScopeBrokerSetting
	ScopeLogDir
	ScopeQuorum
	ScopeFinding
	ScopeTail
)

// Ref names a number: what it is and where it stands. Without a Quantity it names a row. It is comparable.
type Ref struct {
	Quantity  Quantity
	Scope     Scope
	Group     string
	Member    string // member id
	Topic     string
	Partition int32
	Broker    int32
	Name      string // of a setting, a log dir or a rule
}

// OfGroup is a group as a whole.
func OfGroup(name string) Ref { return Ref{Scope: ScopeGroup, Group: name} }

// OfMember is what a member owns.
func OfMember(group, id string) Ref { return Ref{Scope: ScopeMember, Group: group, Member: id} }

// OfUnowned is what no member of a group owns.
func OfUnowned(group string) Ref { return Ref{Scope: ScopeUnowned, Group: group} }

// OfGroupTopic is a group in one topic.
func OfGroupTopic(group, topic string) Ref {
	return Ref{Scope: ScopeGroupTopic, Group: group, Topic: topic}
}

// OfGroupPartition is a group in one partition.
func OfGroupPartition(group string, tp kafka.TopicPartition) Ref {
	return Ref{Scope: ScopeGroupPartition, Group: group, Topic: tp.Topic, Partition: tp.Partition}
}

// OfTopic is a topic as a whole.
func OfTopic(name string) Ref { return Ref{Scope: ScopeTopic, Topic: name} }

// OfPartition is one log, whoever reads it.
func OfPartition(tp kafka.TopicPartition) Ref {
	return Ref{Scope: ScopePartition, Topic: tp.Topic, Partition: tp.Partition}
}

// OfBroker is a broker.
func OfBroker(id int32) Ref { return Ref{Scope: ScopeBroker, Broker: id} }

// OfTopicSetting is a configuration of a topic.
func OfTopicSetting(topic, name string) Ref {
	return Ref{Scope: ScopeTopicSetting, Topic: topic, Name: name}
}

// OfBrokerSetting is a configuration of a broker.
func OfBrokerSetting(id int32, name string) Ref {
	return Ref{Scope: ScopeBrokerSetting, Broker: id, Name: name}
}

// OfLogDir is a log dir of a broker.
func OfLogDir(id int32, path string) Ref { return Ref{Scope: ScopeLogDir, Broker: id, Name: path} }

// OfQuorum is a node that keeps the metadata of the cluster.
func OfQuorum(id int32) Ref { return Ref{Scope: ScopeQuorum, Broker: id} }

// OfFinding is a finding. Where in a group it is worst may change without making it another one.
func OfFinding(f *kafka.Finding) Ref {
	r := Ref{Scope: ScopeFinding, Name: f.Rule, Group: f.Subject.Group, Topic: f.Subject.Topic, Broker: f.Subject.Broker}
	if f.Subject.Kind == kafka.SubjectGroup {
		r.Topic = ""
	}
	return r
}

// OfTail is what is followed of a topic.
func OfTail(topic string) Ref { return Ref{Scope: ScopeTail, Topic: topic} }

// As is the number of that kind at the same place.
func (r Ref) As(q Quantity) Ref {
	r.Quantity = q
	return r
}

// Row names the place alone.
func (r Ref) Row() Ref { return r.As(None) }

func (r Ref) tp() kafka.TopicPartition {
	return kafka.TopicPartition{Topic: r.Topic, Partition: r.Partition}
}

// Place is the place in words, safe for a terminal.
func (r Ref) Place() string {
	switch r.Scope {
	case ScopeGroup:
		return "group " + name(r.Group)
	case ScopeMember:
		return "a member of " + name(r.Group)
	case ScopeUnowned:
		return "what no member of " + name(r.Group) + " owns"
	case ScopeGroupTopic:
		return name(r.Group) + " in " + name(r.Topic)
	case ScopeGroupPartition:
		return name(r.Group) + " in " + part(r.tp())
	case ScopeTopic:
		return "topic " + name(r.Topic)
	case ScopeTopicSetting:
		return name(r.Name) + " of topic " + name(r.Topic)
	case ScopePartition:
		return part(r.tp())
	case ScopeBroker:
		return "broker " + strconv.Itoa(int(r.Broker))
	case ScopeBrokerSetting, ScopeLogDir:
		return name(r.Name) + " of broker " + strconv.Itoa(int(r.Broker))
	case ScopeQuorum:
		return "node " + strconv.Itoa(int(r.Broker)) + " in the quorum"
	case ScopeFinding:
		return "finding " + name(r.Name)
	case ScopeTail:
		return "tail of " + name(r.Topic)
	}
	return ""
}

// name is a text from the cluster, safe for a terminal; one that cannot be seen is quoted.
func name(s string) string {
	for _, c := range s {
		if c != ' ' {
			return safe.Line(s)
		}
	}
	return safe.Quote(s)
}

func part(tp kafka.TopicPartition) string {
	return name(tp.Topic) + "/" + strconv.Itoa(int(tp.Partition))
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

func known(k kafka.Known[int64]) string {
	if !k.OK {
		return "unknown"
	}
	return number(k.V)
}
