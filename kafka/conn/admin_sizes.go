package conn

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/IBM/sarama"

	"lagtop/kafka"
)

// Sizes reads how much the replicas of a topic take, by partition and broker: one DescribeLogDirs request to
// each broker that holds one. A broker that does not answer, and a log dir that failed, leave theirs out; the
// error is set when no broker answered. It takes the right DESCRIBE on the cluster.
func (a *Admin) Sizes(ctx context.Context, topic string) ([]kafka.LogSize, error) {
	ctx, done := a.begin(ctx)
	defer done()
	md, err := a.metadata(ctx, []string{topic})
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex
	var work sync.WaitGroup
	var out []kafka.LogSize
	var errs []error
	answered := false
	for addr, ids := range holders(md) {
		work.Go(func() {
			sizes, err := a.sizesOn(ctx, addr, topic, ids)
			mu.Lock()
			defer mu.Unlock()
			if out = append(out, sizes...); err != nil {
				errs = append(errs, err)
				return
			}
			answered = true
		})
	}
	work.Wait()
	slices.SortFunc(out, func(a, b kafka.LogSize) int {
		return cmp.Or(cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Broker, b.Broker))
	})
	if answered {
		return out, nil
	}
	return nil, errors.Join(errs...)
}

// holder is a broker that holds replicas of a topic.
type holder struct {
	id         int32
	partitions []int32
}

// holders are by host:port.
func holders(md *sarama.MetadataResponse) map[string]*holder {
	addrs := map[int32]string{}
	for _, b := range md.Brokers {
		addrs[b.ID()] = b.Addr()
	}
	out := map[string]*holder{}
	for _, t := range md.Topics {
		for _, p := range t.Partitions {
			for _, id := range p.Replicas {
				addr := addrs[id]
				if addr == "" {
					continue
				}
				if out[addr] == nil {
					out[addr] = &holder{id: id}
				}
				out[addr].partitions = append(out[addr].partitions, p.ID)
			}
		}
	}
	return out
}

func (a *Admin) sizesOn(ctx context.Context, addr, topic string, h *holder) ([]kafka.LogSize, error) {
	b, err := a.broker(addr)
	if err != nil {
		return nil, err
	}
	req := &sarama.DescribeLogDirsRequest{Version: 4, DescribeTopics: []sarama.DescribeLogDirsRequestTopic{{Topic: topic, PartitionIDs: h.partitions}}}
	r, err := call(ctx, b, "DescribeLogDirs", func(s *sarama.Broker) (*sarama.DescribeLogDirsResponse, error) {
		return s.DescribeLogDirs(req)
	})
	if err == nil {
		err = refusal("DescribeLogDirs", "DESCRIBE", "the cluster", kafka.Code(r.ErrorCode), "")
	}
	if err != nil {
		return nil, err
	}
	var out []kafka.LogSize
	for i := range r.LogDirs {
		for _, t := range r.LogDirs[i].Topics {
			for _, p := range t.Partitions {
				if t.Topic == topic {
					out = append(out, kafka.LogSize{Partition: p.PartitionID, Broker: h.id, Bytes: p.Size, Moving: p.IsTemporary})
				}
			}
		}
	}
	return out, nil
}
