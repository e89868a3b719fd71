package conn

import (
	"context"
	"fmt"

	"github.com/IBM/sarama"
)

// leader is who serves a partition; the address is empty when nobody does.
type leader struct {
	id    int32
	epoch int32
	addr  string
	topic [16]byte // the topic's id, the same for all (KIP-516)
}

// leaderSource asks for the leaders of a topic over a connection that it keeps. It goes on to the
// next address it knows when one fails.
type leaderSource struct {
	cfg   Config
	seeds []string
	b     *Broker
	turn  int
}

func (l *leaderSource) close() {
	if l.b != nil {
		l.b.Close()
	}
}

// leaders asks once each address until one answers. The error names the last that was tried.
func (l *leaderSource) leaders(ctx context.Context, topic string) (map[int32]leader, error) {
	err := fmt.Errorf("no broker to ask for the leaders of %s", topic)
	for range max(len(l.seeds), 1) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if l.b == nil && len(l.seeds) > 0 {
			l.b = NewBroker(l.cfg, l.seeds[l.turn%len(l.seeds)], nil)
		}
		if l.b == nil {
			return nil, err
		}
		var r *sarama.MetadataResponse
		r, err = call(ctx, l.b, "Metadata", func(s *sarama.Broker) (*sarama.MetadataResponse, error) {
			return s.GetMetadata(&sarama.MetadataRequest{Version: 11, Topics: []string{topic}})
		})
		if err == nil {
			l.learn(r)
			return leadersOf(r, topic)
		}
		l.close()
		l.b = nil
		l.turn++
	}
	return nil, err
}

// learn adds the brokers' own addresses to the bootstrap ones, so that reading outlives those.
func (l *leaderSource) learn(r *sarama.MetadataResponse) {
	known := map[string]bool{}
	seeds := append([]string(nil), l.cfg.Bootstrap...)
	for _, s := range seeds {
		known[s] = true
	}
	for _, b := range r.Brokers {
		if !known[b.Addr()] {
			known[b.Addr()] = true
			seeds = append(seeds, b.Addr())
		}
	}
	l.seeds = seeds
}

func leadersOf(r *sarama.MetadataResponse, topic string) (map[int32]leader, error) {
	addrs := map[int32]string{}
	for _, b := range r.Brokers {
		addrs[b.ID()] = b.Addr()
	}
	for _, t := range r.Topics {
		if t.Name != topic {
			continue
		}
		if t.Err != sarama.ErrNoError && len(t.Partitions) == 0 {
			return nil, translate("Metadata", topic, t.Err)
		}
		out := map[int32]leader{}
		for _, p := range t.Partitions {
			out[p.ID] = leader{id: p.Leader, epoch: p.LeaderEpoch, addr: addrs[p.Leader], topic: t.Uuid}
		}
		return out, nil
	}
	return nil, translate("Metadata", topic, sarama.ErrUnknownTopicOrPartition)
}

func topicPartition(topic string, partition int32) string {
	return fmt.Sprintf("%s/%d", topic, partition)
}
