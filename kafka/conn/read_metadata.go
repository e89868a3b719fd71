package conn

import (
	"cmp"
	"context"
	"slices"

	"github.com/IBM/sarama"

	"lagtop/kafka"
)

// Metadata is what one broker knows of the cluster.
type Metadata struct {
	ClusterID  string
	Controller kafka.Known[int32] // a random broker under KRaft, the controller under ZooKeeper
	Brokers    []kafka.Broker     // by ID: ID, Addr and Rack are set
	Topics     []kafka.Topic      // by Name; offsets are unknown
}

// Metadata asks for all brokers and topics (Metadata, up to v11). Topics that may not be described
// are absent, or carry an Err.
func (b *Broker) Metadata(ctx context.Context) (*Metadata, error) {
	r, err := call(ctx, b, "Metadata", func(s *sarama.Broker) (*sarama.MetadataResponse, error) {
		return s.GetMetadata(&sarama.MetadataRequest{Version: 11})
	})
	if err != nil {
		return nil, err
	}
	m := &Metadata{Brokers: brokers(r.Brokers), Topics: topics(r.Topics)}
	if r.ClusterID != nil {
		m.ClusterID = *r.ClusterID
	}
	if r.ControllerID >= 0 {
		m.Controller = kafka.Some(r.ControllerID)
	}
	return m, nil
}

func brokers(in []*sarama.Broker) []kafka.Broker {
	out := make([]kafka.Broker, len(in))
	for i, s := range in {
		out[i] = kafka.Broker{ID: s.ID(), Addr: s.Addr(), Rack: s.Rack()}
	}
	slices.SortStableFunc(out, func(a, b kafka.Broker) int { return cmp.Compare(a.ID, b.ID) })
	return slices.CompactFunc(out, func(a, b kafka.Broker) bool { return a.ID == b.ID })
}

func topics(in []*sarama.TopicMetadata) []kafka.Topic {
	out := make([]kafka.Topic, 0, len(in))
	n := 0
	for _, t := range in {
		n += len(t.Partitions)
	}
	all := make([]kafka.Partition, 0, n)
	for _, t := range in {
		from := len(all)
		for _, p := range t.Partitions {
			all = append(all, partition(p))
		}
		parts := all[from:len(all):len(all)]
		slices.SortFunc(parts, func(a, b kafka.Partition) int { return cmp.Compare(a.ID, b.ID) })
		topic := kafka.Topic{Name: t.Name, ID: t.Uuid, Internal: t.IsInternal, Partitions: parts}
		if err := code("Metadata", "topic "+t.Name, t.Err); err != nil {
			topic.Err = err.Error()
		}
		out = append(out, topic)
	}
	slices.SortFunc(out, func(a, b kafka.Topic) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func partition(p *sarama.PartitionMetadata) kafka.Partition {
	out := kafka.Partition{ID: p.ID, LeaderEpoch: p.LeaderEpoch, Replicas: p.Replicas, ISR: p.Isr, Offline: p.OfflineReplicas}
	// REPLICA_NOT_AVAILABLE (9) and the like concern a replica: the leader is known and answers.
	if p.Leader >= 0 && p.Err != sarama.ErrLeaderNotAvailable {
		out.Leader = kafka.Some(p.Leader)
		return out
	}
	out.Err = "no leader"
	return out
}
