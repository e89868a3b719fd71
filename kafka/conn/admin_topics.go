package conn

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/IBM/sarama"

	"lagtop/kafka"
)

// Topics reads leaders and replicas of the named topics, of all when none is named: one Metadata request.
// A topic that cannot be described carries its own Err; offsets are unknown.
func (a *Admin) Topics(ctx context.Context, names ...string) ([]kafka.Topic, error) {
	ctx, done := a.begin(ctx)
	defer done()
	md, err := a.metadata(ctx, names)
	if err != nil {
		return nil, err
	}
	return topics(md.Topics), nil
}

// electionTime is how long the controller may take to move the leaders.
const electionTime = 15 * time.Second

// ElectPreferred makes the first replica of each partition its leader (ElectLeaders, KIP-460, since 2.4).
// The map holds the partitions that were refused, kafka.CodeElectionNotNeeded for those whose leader is
// the preferred one already; with an error nobody knows which were elected. It takes the right ALTER on
// the cluster.
func (a *Admin) ElectPreferred(ctx context.Context, tps []kafka.TopicPartition) (map[kafka.TopicPartition]error, error) {
	const op = "elect preferred leaders"
	if err := a.mutating(op, "of the cluster"); err != nil {
		return nil, err
	}
	ctx, done := a.begin(ctx)
	defer done()
	req := &sarama.ElectLeadersRequest{
		Version: 2, Type: sarama.PreferredElection,
		TopicPartitions: map[string][]int32{}, TimeoutMs: int32(electionTime.Milliseconds()),
	}
	for _, tp := range tps {
		req.TopicPartitions[tp.Topic] = append(req.TopicPartitions[tp.Topic], tp.Partition)
	}
	addr, err := a.controller(ctx)
	if err != nil {
		return nil, translate(op, "", err)
	}
	patient := a.cfg
	patient.ReadTimeout += electionTime
	b := NewBroker(patient, addr, nil)
	defer b.Close()
	r, err := call(ctx, b, "ElectLeaders", func(s *sarama.Broker) (*sarama.ElectLeadersResponse, error) {
		return s.ElectLeaders(req)
	})
	if err == nil {
		err = refusal("ElectLeaders", "ALTER", "the cluster", kafka.Code(r.ErrorCode), "")
	}
	if err != nil {
		return nil, translate(op, "", err)
	}
	return unelected(r, tps), nil
}

// unelected are the partitions that were refused.
func unelected(r *sarama.ElectLeadersResponse, tps []kafka.TopicPartition) map[kafka.TopicPartition]error {
	out := map[kafka.TopicPartition]error{}
	for _, tp := range tps {
		p := r.ReplicaElectionResults[tp.Topic][tp.Partition]
		switch {
		case p == nil:
			out[tp] = errNotMentioned
		case p.ErrorCode != sarama.ErrNoError:
			out[tp] = refusal("ElectLeaders", "ALTER", "the cluster", kafka.Code(p.ErrorCode), deref(p.ErrorMessage))
		}
	}
	return out
}

// AlterTopic sets or unsets configurations of a topic in one IncrementalAlterConfigs request (KIP-339,
// since 2.3): what is not named stays. It takes the right ALTER_CONFIGS on the topic.
func (a *Admin) AlterTopic(ctx context.Context, topic string, changes []kafka.ConfigChange) error {
	const op = "alter configurations of topic"
	if err := a.mutating(op, topic); err != nil {
		return err
	}
	ctx, done := a.begin(ctx)
	defer done()
	entries := map[string]sarama.IncrementalAlterConfigsEntry{}
	for _, c := range changes {
		e := sarama.IncrementalAlterConfigsEntry{Operation: sarama.IncrementalAlterConfigsOperationDelete}
		if !c.Unset {
			e = sarama.IncrementalAlterConfigsEntry{Operation: sarama.IncrementalAlterConfigsOperationSet, Value: &c.Value}
		}
		entries[c.Name] = e
	}
	req := &sarama.IncrementalAlterConfigsRequest{Version: 1, Resources: []*sarama.IncrementalAlterConfigsResource{
		{Type: sarama.TopicResource, Name: topic, ConfigEntries: entries},
	}}
	addr, err := a.controller(ctx)
	if err != nil {
		return translate(op, topic, err)
	}
	b, err := a.broker(addr)
	if err != nil {
		return translate(op, topic, err)
	}
	r, err := call(ctx, b, "IncrementalAlterConfigs", func(s *sarama.Broker) (*sarama.IncrementalAlterConfigsResponse, error) {
		return s.IncrementalAlterConfigs(req)
	})
	if err != nil {
		return translate(op, topic, err)
	}
	i := slices.IndexFunc(r.Resources, func(x *sarama.AlterConfigsResourceResponse) bool { return x.Name == topic })
	if i < 0 {
		return translate(op, topic, errNotMentioned)
	}
	return refusal("IncrementalAlterConfigs", "ALTER_CONFIGS", "topic "+topic, kafka.Code(r.Resources[i].ErrorCode), r.Resources[i].ErrorMsg)
}

// controller is the address of the broker that Metadata names as the controller: under ZooKeeper the only
// one that carries out what is asked of it, under KRaft any broker, which passes it on.
func (a *Admin) controller(ctx context.Context) (string, error) {
	// A topic has to be named, or all would be described; whether it exists does not matter.
	md, err := a.metadata(ctx, []string{"__consumer_offsets"})
	if err != nil {
		return "", err
	}
	for _, b := range md.Brokers {
		if b.ID() == md.ControllerID {
			return b.Addr(), nil
		}
	}
	return "", errors.New("no broker is the controller at present")
}
