package conn

import (
	"cmp"
	"context"
	"errors"
	"net"
	"slices"
	"strings"

	"github.com/IBM/sarama"

	"lagtop/kafka"
)

// Listing is one group as the broker that coordinates it lists it.
type Listing struct {
	Name         string
	ProtocolType string
	Type         kafka.GroupType  // Classic where the broker does not tell (before 3.8)
	State        kafka.GroupState // StateUnknown before 2.6
}

// Description is one group as a Describe API of its type tells it.
type Description struct {
	Name            string
	State           kafka.GroupState
	Protocol        string // the assignor
	ProtocolType    string // classic only
	Epoch           kafka.Known[int32]
	AssignmentEpoch kafka.Known[int32]
	TopologyEpoch   kafka.Known[int32] // streams only
	Members         []kafka.Member     // by client id, then member id
	Unnamed         []Unnamed          // assigned partitions that are told by topic id alone
	Err             error              // this group could not be described
}

// Unnamed is an assigned partition of a topic whose name is in Metadata only.
type Unnamed struct {
	Member    string
	Topic     [16]byte
	Partition int32
}

// assign adds partitions of one topic to a member. Apache Kafka names the topic, others may give no
// more than its id.
func (d *Description) assign(m *kafka.Member, name string, id [16]byte, partitions []int32) {
	for _, p := range partitions {
		if name == "" {
			d.Unnamed = append(d.Unnamed, Unnamed{m.ID, id, p})
			continue
		}
		m.Assigned = append(m.Assigned, kafka.TopicPartition{Topic: name, Partition: p})
	}
}

// ListGroups names the groups that this broker coordinates (ListGroups, up to v5), by name. An error
// may come with a list: the broker is still loading and knows these already.
func (b *Broker) ListGroups(ctx context.Context) ([]Listing, error) {
	r, err := call(ctx, b, "ListGroups", func(s *sarama.Broker) (*sarama.ListGroupsResponse, error) {
		return s.ListGroups(&sarama.ListGroupsRequest{Version: 5})
	})
	if err != nil {
		return nil, err
	}
	out := make([]Listing, 0, len(r.Groups))
	for name, protocol := range r.Groups {
		d := r.GroupsData[name]
		t := kafka.GroupType(strings.ToLower(d.GroupType))
		out = append(out, Listing{
			Name: name, ProtocolType: protocol, State: kafka.GroupState(d.GroupState),
			Type: cmp.Or(t, kafka.Classic),
		})
	}
	slices.SortFunc(out, func(a, b Listing) int { return strings.Compare(a.Name, b.Name) })
	return out, code("ListGroups", b.addr, r.Err)
}

// DescribeClassic describes groups of type classic (DescribeGroups, up to v5: sarama sends v6 but
// cannot read its answer). Groups of other types would be answered as Dead, without an error.
func (b *Broker) DescribeClassic(ctx context.Context, names []string) ([]Description, error) {
	out := make([]Description, 0, len(names))
	for part := range chunks(names) {
		d, err := apart(part, func(part []string) ([]Description, error) { return b.describeClassic(ctx, part) })
		out = append(out, d...)
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

func (b *Broker) describeClassic(ctx context.Context, names []string) ([]Description, error) {
	r, err := call(ctx, b, "DescribeGroups", func(s *sarama.Broker) (*sarama.DescribeGroupsResponse, error) {
		return s.DescribeGroups(&sarama.DescribeGroupsRequest{Version: 5, Groups: names})
	})
	if err != nil {
		return nil, err
	}
	out := make([]Description, 0, len(r.Groups))
	for _, g := range r.Groups {
		out = append(out, classic(g))
	}
	return out, nil
}

func classic(g *sarama.GroupDescription) Description {
	d := Description{
		Name: g.GroupId, State: kafka.GroupState(g.State), Protocol: g.Protocol, ProtocolType: g.ProtocolType,
		Err: code("DescribeGroups", "group "+g.GroupId, g.ErrorCode),
	}
	if len(g.Members) == 0 {
		return d
	}
	d.Members = make([]kafka.Member, 0, len(g.Members))
	for _, m := range g.Members {
		d.Members = append(d.Members, classicMember(g.ProtocolType, m))
	}
	sortMembers(d.Members)
	return d
}

func classicMember(protocolType string, m *sarama.GroupMemberDescription) kafka.Member {
	out := kafka.Member{
		ID: m.MemberId, ClientID: m.ClientId, Host: bareHost(m.ClientHost), InstanceID: deref(m.GroupInstanceId),
	}
	switch protocolType {
	case "consumer", "":
	case "connect":
		connectMember(&out, m.MemberMetadata, m.MemberAssignment)
		return out
	default:
		out.Opaque = "assignment not decodable (protocol type " + protocolType + ")"
		return out
	}
	var err, err2 error
	out.Subscribed, out.Rack, err = decodeSubscription(m.MemberMetadata)
	out.Assigned, err2 = decodeAssignment(m.MemberAssignment)
	switch {
	case err2 != nil:
		out.Opaque = "assignment not decodable: " + err2.Error()
	case err != nil:
		out.Opaque = "subscription not decodable: " + err.Error()
	}
	return out
}

// DescribeConsumer describes groups of type consumer (ConsumerGroupDescribe, up to v1, KIP-848).
func (b *Broker) DescribeConsumer(ctx context.Context, names []string) ([]Description, error) {
	out := make([]Description, 0, len(names))
	for part := range chunks(names) {
		d, err := apart(part, func(part []string) ([]Description, error) { return b.describeConsumer(ctx, part) })
		out = append(out, d...)
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

func (b *Broker) describeConsumer(ctx context.Context, names []string) ([]Description, error) {
	r, err := call(ctx, b, "ConsumerGroupDescribe", func(s *sarama.Broker) (*sarama.ConsumerGroupDescribeResponse, error) {
		return s.ConsumerGroupDescribe(&sarama.ConsumerGroupDescribeRequest{Version: 1, GroupIDs: names})
	})
	if err != nil {
		return nil, err
	}
	out := make([]Description, 0, len(r.Groups))
	for i := range r.Groups {
		out = append(out, consumer(&r.Groups[i]))
	}
	return out, nil
}

func consumer(g *sarama.ConsumerGroupDescription) Description {
	d := Description{
		Name: g.GroupID, State: kafka.GroupState(g.GroupState), Protocol: g.AssignorName,
		Err: withMessage(code("ConsumerGroupDescribe", "group "+g.GroupID, g.ErrorCode), deref(g.ErrorMessage)),
	}
	if d.Err != nil {
		return d
	}
	d.Epoch, d.AssignmentEpoch = kafka.Some(g.GroupEpoch), kafka.Some(g.AssignmentEpoch)
	d.Members = make([]kafka.Member, 0, len(g.Members))
	for i := range g.Members {
		m := &g.Members[i]
		member := kafka.Member{
			ID: m.MemberID, ClientID: m.ClientID, Host: bareHost(m.ClientHost), InstanceID: deref(m.InstanceID),
			Rack: deref(m.RackID), Epoch: kafka.Some(m.MemberEpoch), Subscribed: m.SubscribedTopicNames,
		}
		for _, t := range m.Assignment.TopicPartitions {
			d.assign(&member, t.TopicName, t.TopicID, t.Partitions)
		}
		slices.Sort(member.Subscribed)
		slices.SortFunc(member.Assigned, kafka.TopicPartition.Compare)
		d.Members = append(d.Members, member)
	}
	sortMembers(d.Members)
	return d
}

// withMessage adds what the broker says beside the code, when it says anything.
func withMessage(err error, message string) error {
	if err == nil || message == "" || kafka.Unauthorized(err) {
		return err
	}
	return errors.Join(err, errors.New(message))
}

func sortMembers(ms []kafka.Member) {
	slices.SortFunc(ms, func(a, b kafka.Member) int {
		return cmp.Or(strings.Compare(a.ClientID, b.ClientID), strings.Compare(a.ID, b.ID))
	})
}

// bareHost takes off the slash of Java's InetAddress, and the port that some brokers add.
func bareHost(h string) string {
	h = strings.TrimPrefix(h, "/")
	if host, _, err := net.SplitHostPort(h); err == nil {
		return host
	}
	return h
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
