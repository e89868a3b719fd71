package conn

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/IBM/sarama"

	"lagtop/kafka"
)

var errNotMentioned = errors.New("the broker's answer does not mention it")

// Group reads one group now: its type from the coordinator's ListGroups, then its state and members by
// the request of that type. DescribeGroups answers a group of another type with state Dead and no
// error, so the type has to come first. Share and streams groups carry type and state only. A group
// that does not exist is kafka.CodeGroupIDNotFound.
func (a *Admin) Group(ctx context.Context, name string) (kafka.Group, error) {
	ctx, done := a.begin(ctx)
	defer done()
	var g kafka.Group
	err := a.reading(ctx, name, func(b *Broker, id int32) error {
		list, err := b.ListGroups(ctx)
		if err != nil {
			return err
		}
		g, err = a.readListed(ctx, b, name, list)
		g.Coordinator = kafka.Some(id)
		return err
	})
	if err != nil {
		return kafka.Group{}, translate("read group", name, err)
	}
	return g, nil
}

// Describe reads the state and the members of a group whose type is known, in one request.
func (a *Admin) Describe(ctx context.Context, name string, typ kafka.GroupType) (kafka.Group, error) {
	ctx, done := a.begin(ctx)
	defer done()
	var g kafka.Group
	err := a.reading(ctx, name, func(b *Broker, id int32) error {
		var err error
		g, err = a.describeNamed(ctx, b, name, typ)
		g.Coordinator = kafka.Some(id)
		return err
	})
	if err != nil {
		return kafka.Group{}, translate("describe group", name, err)
	}
	return g, nil
}

func (a *Admin) readListed(ctx context.Context, b *Broker, name string, list []Listing) (kafka.Group, error) {
	i, listed := slices.BinarySearchFunc(list, name, func(l Listing, n string) int { return strings.Compare(l.Name, n) })
	typ := kafka.Classic
	if listed {
		typ = list[i].Type
	}
	if typ != kafka.Classic && typ != kafka.Consumer {
		l := list[i]
		return kafka.Group{Name: name, Type: typ, ProtocolType: l.ProtocolType, State: l.State, At: time.Now()}, nil
	}
	g, err := a.describeNamed(ctx, b, name, typ)
	if err == nil && !listed && g.State == kafka.StateDead {
		return g, kafka.CodeGroupIDNotFound
	}
	return g, err
}

// describeNamed gives the partitions that are told by topic id alone their topics' names.
func (a *Admin) describeNamed(ctx context.Context, b *Broker, name string, typ kafka.GroupType) (kafka.Group, error) {
	g, unnamed, err := describe(ctx, b, name, typ)
	if err != nil || len(unnamed) == 0 {
		return g, err
	}
	names, err := a.topicNames(ctx, unnamed)
	if err != nil {
		return g, err
	}
	for _, u := range unnamed {
		i := slices.IndexFunc(g.Members, func(m kafka.Member) bool { return m.ID == u.Member })
		switch topic, known := names[u.Topic]; {
		case i < 0:
		case known:
			g.Members[i].Assigned = append(g.Members[i].Assigned, kafka.TopicPartition{Topic: topic, Partition: u.Partition})
		default:
			g.Members[i].Opaque = fmt.Sprintf("assignment not complete: the topic with id %s is not to be seen", sarama.Uuid(u.Topic))
		}
	}
	for i := range g.Members {
		slices.SortFunc(g.Members[i].Assigned, kafka.TopicPartition.Compare)
	}
	return g, nil
}

// topicNames finds the names of topic ids, which never change, and asks for all topics when one is new.
func (a *Admin) topicNames(ctx context.Context, unnamed []Unnamed) (map[[16]byte]string, error) {
	a.mu.Lock()
	names := a.names
	a.mu.Unlock()
	if !slices.ContainsFunc(unnamed, func(u Unnamed) bool { return names[u.Topic] == "" }) {
		return names, nil
	}
	md, err := a.metadata(ctx, nil)
	if err != nil {
		return nil, err
	}
	names = map[[16]byte]string{}
	for _, t := range md.Topics {
		names[t.Uuid] = t.Name
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.names = names
	return names, nil
}

func describe(ctx context.Context, b *Broker, name string, typ kafka.GroupType) (kafka.Group, []Unnamed, error) {
	ask := b.DescribeClassic
	switch typ {
	case kafka.Classic:
	case kafka.Consumer:
		ask = b.DescribeConsumer
	default:
		return kafka.Group{}, nil, fmt.Errorf("groups of type %q are not described here", string(typ))
	}
	ds, err := ask(ctx, []string{name})
	if err != nil {
		return kafka.Group{}, nil, err
	}
	i := slices.IndexFunc(ds, func(d Description) bool { return d.Name == name })
	if i < 0 {
		return kafka.Group{}, nil, errNotMentioned
	}
	d := &ds[i]
	if d.Err != nil {
		return kafka.Group{}, nil, d.Err
	}
	return kafka.Group{
		Name: name, Type: typ, ProtocolType: d.ProtocolType, State: d.State, Protocol: d.Protocol,
		Epoch: d.Epoch, AssignmentEpoch: d.AssignmentEpoch, Members: d.Members, At: time.Now(),
		AssignmentOld: typ == kafka.Classic && d.State != kafka.StateStable,
	}, d.Unnamed, nil
}
