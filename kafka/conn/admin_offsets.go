package conn

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/IBM/sarama"

	"lagtop/kafka"
)

// Committed reads every commit of the group with its metadata, also those that are no position in a
// log. A group that does not exist has none.
func (a *Admin) Committed(ctx context.Context, group string) (map[kafka.TopicPartition]kafka.Commit, error) {
	ctx, done := a.begin(ctx)
	defer done()
	var out map[kafka.TopicPartition]kafka.Commit
	err := a.reading(ctx, group, func(b *Broker, _ int32) error {
		r, err := b.fetchOffset(ctx, []string{group})
		if err != nil {
			return err
		}
		out, err = stored(r, group)
		return err
	})
	if errors.Is(err, kafka.CodeGroupIDNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, translate("read commits of", group, err)
	}
	return out, nil
}

func stored(r *sarama.OffsetFetchResponse, group string) (map[kafka.TopicPartition]kafka.Commit, error) {
	bs, top := r.Blocks, r.Err // brokers before 3.0 answer one group here
	for i := range r.Groups {
		if r.Groups[i].GroupId == group {
			bs, top = r.Groups[i].Blocks, r.Groups[i].Err
		}
	}
	if err := code("OffsetFetch", "group "+group, top); err != nil {
		return nil, err
	}
	out := map[kafka.TopicPartition]kafka.Commit{}
	for t, ps := range bs {
		for p, b := range ps {
			if err := code("OffsetFetch", "topic "+t, b.Err); err != nil {
				return nil, err
			}
			if b.Offset != -1 { // -1 is how the protocol says "no commit"
				out[kafka.TopicPartition{Topic: t, Partition: p}] = kafka.Commit{Offset: b.Offset, Metadata: b.Metadata}
			}
		}
	}
	return out, nil
}

// Commit stores the commits in one OffsetCommit request as an administrator does: without generation
// and member, which the broker accepts only while the group has no members. It creates a group that
// does not exist, checks no range, and replaces metadata. The map holds the partitions that were
// refused; with an error nobody knows which were stored.
func (a *Admin) Commit(ctx context.Context, group string, commits map[kafka.TopicPartition]kafka.Commit) (map[kafka.TopicPartition]error, error) {
	const op = "commit offsets of"
	if err := a.mutating(op, group); err != nil {
		return nil, err
	}
	ctx, done := a.begin(ctx)
	defer done()
	req := &sarama.OffsetCommitRequest{
		Version: 8, ConsumerGroup: group, ConsumerGroupGeneration: sarama.GroupGenerationUndefined,
		RetentionTime: -1, // the broker's own; 0 would expire at once on brokers before 2.1
	}
	for tp, c := range commits {
		req.AddBlockWithLeaderEpoch(tp.Topic, tp.Partition, c.Offset, -1, 0, c.Metadata)
	}
	var out map[kafka.TopicPartition]error
	err := a.once(ctx, group, func(b *Broker) error {
		r, err := call(ctx, b, "OffsetCommit", func(s *sarama.Broker) (*sarama.OffsetCommitResponse, error) {
			return s.CommitOffset(req)
		})
		if err == nil {
			out = refused(group, r, commits)
		}
		return err
	})
	forgetRefusing(a, group, out)
	return out, translate(op, group, err)
}

func refused(group string, r *sarama.OffsetCommitResponse, commits map[kafka.TopicPartition]kafka.Commit) map[kafka.TopicPartition]error {
	out := map[kafka.TopicPartition]error{}
	for tp := range commits {
		c, ok := r.Errors[tp.Topic][tp.Partition]
		switch {
		case !ok:
			out[tp] = errNotMentioned
		case c == sarama.ErrGroupAuthorizationFailed:
			out[tp] = refusal("OffsetCommit", "READ", "group "+group, kafka.Code(c), "")
		case c == sarama.ErrTopicAuthorizationFailed:
			out[tp] = refusal("OffsetCommit", "READ", "topic "+tp.Topic, kafka.Code(c), "")
		case c != sarama.ErrNoError:
			out[tp] = kafka.Code(c)
		}
	}
	return out
}

// Partitions lists the partitions of each topic in order. A topic that is not there is an error.
func (a *Admin) Partitions(ctx context.Context, topics []string) (map[string][]int32, error) {
	if len(topics) == 0 {
		return nil, nil
	}
	ctx, done := a.begin(ctx)
	defer done()
	md, err := a.metadata(ctx, topics)
	if err != nil {
		return nil, err
	}
	out := map[string][]int32{}
	for _, t := range md.Topics {
		if err := code("Metadata", "topic "+t.Name, t.Err); err != nil {
			return nil, err
		}
		for _, p := range t.Partitions {
			out[t.Name] = append(out[t.Name], p.ID)
		}
		slices.Sort(out[t.Name])
	}
	return out, nil
}

// ClusterID is the cluster's own name, empty where the brokers do not tell.
func (a *Admin) ClusterID(ctx context.Context) (string, error) {
	ctx, done := a.begin(ctx)
	defer done()
	// A topic has to be named, or all would be described; whether it exists does not matter.
	md, err := a.metadata(ctx, []string{"__consumer_offsets"})
	if err != nil {
		return "", err
	}
	return deref(md.ClusterID), nil
}

// metadata asks for the named topics, or for all of them when none is named.
func (a *Admin) metadata(ctx context.Context, topics []string) (*sarama.MetadataResponse, error) {
	req := &sarama.MetadataRequest{Version: 11, Topics: topics}
	md, err := anywhere(ctx, a, "Metadata", func(s *sarama.Broker) (*sarama.MetadataResponse, error) {
		return s.GetMetadata(req)
	})
	if err == nil {
		a.meet(md.Brokers)
	}
	return md, err
}

// ListOffsets finds one place in each partition's log: one Metadata request, then one ListOffsets
// request per leader. Every partition asked for has an entry; the error is that of the Metadata request.
func (a *Admin) ListOffsets(ctx context.Context, tps []kafka.TopicPartition, at kafka.OffsetAt) (map[kafka.TopicPartition]kafka.LogOffset, error) {
	if len(tps) == 0 {
		return nil, nil
	}
	ctx, done := a.begin(ctx)
	defer done()
	names := map[string]bool{}
	for _, tp := range tps {
		names[tp.Topic] = true
	}
	md, err := a.metadata(ctx, slices.Sorted(maps.Keys(names)))
	if err != nil {
		return nil, err
	}
	byLeader, out := byLeader(md, tps)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for addr, ps := range byLeader {
		wg.Go(func() {
			found := a.listOffsetsOn(ctx, addr, ps, at)
			mu.Lock()
			defer mu.Unlock()
			maps.Copy(out, found)
		})
	}
	wg.Wait()
	return out, nil
}

func (a *Admin) listOffsetsOn(ctx context.Context, addr string, tps []kafka.TopicPartition, at kafka.OffsetAt) map[kafka.TopicPartition]kafka.LogOffset {
	out := map[kafka.TopicPartition]kafka.LogOffset{}
	b, err := a.broker(addr)
	for len(tps) > 0 {
		req := sarama.NewOffsetRequest(sarama.MaxVersion)
		n := fillOffsets(req, at.Protocol(), tps)
		var r *sarama.OffsetResponse
		if err == nil {
			r, err = call(ctx, b, "ListOffsets", func(s *sarama.Broker) (*sarama.OffsetResponse, error) {
				return s.GetAvailableOffsets(req)
			})
		}
		for _, tp := range tps[:n] {
			if err != nil {
				out[tp] = kafka.LogOffset{Err: err}
				continue
			}
			out[tp] = place(r.GetBlock(tp.Topic, tp.Partition))
		}
		tps = tps[n:]
	}
	return out
}

func place(b *sarama.OffsetResponseBlock) kafka.LogOffset {
	switch {
	case b == nil:
		return kafka.LogOffset{Err: errNotMentioned}
	case b.Err != sarama.ErrNoError:
		return kafka.LogOffset{Err: kafka.Code(b.Err)}
	case len(b.Offsets) == 0 || b.Offsets[0] < 0: // no record at or after the time
		return kafka.LogOffset{}
	}
	return kafka.LogOffset{Offset: kafka.Some(b.Offsets[0])}
}

// byLeader sorts the partitions by their leader's address; those without one get their answer at once.
func byLeader(md *sarama.MetadataResponse, tps []kafka.TopicPartition) (map[string][]kafka.TopicPartition, map[kafka.TopicPartition]kafka.LogOffset) {
	addrs := map[int32]string{}
	for _, b := range md.Brokers {
		addrs[b.ID()] = b.Addr()
	}
	leaders := map[kafka.TopicPartition]string{}
	failed := map[string]error{}
	for _, t := range md.Topics {
		failed[t.Name] = code("Metadata", "topic "+t.Name, t.Err)
		for _, p := range t.Partitions {
			leaders[kafka.TopicPartition{Topic: t.Name, Partition: p.ID}] = addrs[p.Leader]
		}
	}
	by, lost := map[string][]kafka.TopicPartition{}, map[kafka.TopicPartition]kafka.LogOffset{}
	for _, tp := range tps {
		addr, ok := leaders[tp]
		switch {
		case failed[tp.Topic] != nil:
			lost[tp] = kafka.LogOffset{Err: failed[tp.Topic]}
		case !ok:
			lost[tp] = kafka.LogOffset{Err: kafka.CodeUnknownTopicOrPartition}
		case addr == "":
			lost[tp] = kafka.LogOffset{Err: kafka.CodeLeaderNotAvailable}
		default:
			by[addr] = append(by[addr], tp)
		}
	}
	return by, lost
}
