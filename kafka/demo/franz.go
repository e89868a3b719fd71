package demo

import (
	"context"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"
)

// eagerFranz joins as eager does, with franz-go: for clusters that need a login.
func eagerFranz(ctx context.Context, m *membership) error {
	return consumeFranz(ctx, m, kgo.Balancers(kgo.RangeBalancer()))
}

// cooperative joins as a classic member that keeps the partitions which do not move (KIP-429).
func cooperative(ctx context.Context, m *membership) error {
	return consumeFranz(ctx, m, kgo.Balancers(kgo.CooperativeStickyBalancer()))
}

// serverSide joins a group whose broker assigns the partitions (KIP-848).
func serverSide(ctx context.Context, m *membership) error {
	return consumeFranz(ctx, m, kgo.ServerSideBalancer(), kgo.Balancers(kgo.StickyBalancer()))
}

// share joins a share group, whose members take records and not partitions (KIP-932).
func share(ctx context.Context, m *membership) error {
	return m.runFranz(ctx, func(cl *kgo.Client) {
		m.once.Do(func() { close(m.joined) })
		for ctx.Err() == nil {
			cl.PollFetches(ctx).EachRecord(func(r *kgo.Record) { // errors are retried inside
				_ = m.read(ctx, r.Topic, r.Key, r.Value) // what it cannot read it rejects, and goes on
			})
		}
	}, kgo.ShareGroup(m.group), kgo.ShareMaxRecords(200))
}

// fetchMost is so little that a slow consumer comes to each of its partitions every few seconds: it reads what it
// has fetched of one before it turns to the next.
const fetchMost = 4 << 10

func consumeFranz(ctx context.Context, m *membership, opts ...kgo.Opt) error {
	if m.fetch.wait == 0 {
		m.fetch = fetching{wait: fetchWait, least: 1, most: fetchMost}
	}
	opts = append([]kgo.Opt{
		kgo.ConsumerGroup(m.group),
		kgo.HeartbeatInterval(heartbeat),
		kgo.SessionTimeout(sessionTimeout),
		kgo.RebalanceTimeout(rebalanceTimeout),
		kgo.AutoCommitInterval(commitEvery),
		kgo.AutoCommitMarks(),
		kgo.FetchMaxWait(m.fetch.wait),
		kgo.FetchMinBytes(m.fetch.least),
		kgo.OnPartitionsAssigned(func(_ context.Context, cl *kgo.Client, tps map[string][]int32) {
			cl.ResumeFetchPartitions(tps)
			m.assigned(tps)
		}),
		kgo.OnPartitionsRevoked(func(ctx context.Context, cl *kgo.Client, tps map[string][]int32) {
			_ = cl.CommitMarkedOffsets(ctx) // what is not committed is read again by the next owner
			m.revoked(tps)
		}),
		kgo.OnPartitionsLost(func(_ context.Context, _ *kgo.Client, tps map[string][]int32) { m.revoked(tps) }),
	}, opts...)
	if m.fetch.most > 0 {
		opts = append(opts, kgo.FetchMaxPartitionBytes(m.fetch.most))
	}
	if m.instance != "" {
		opts = append(opts, kgo.InstanceID(m.instance))
	}
	return m.runFranz(ctx, func(cl *kgo.Client) {
		for ctx.Err() == nil {
			cl.PollRecords(ctx, m.pace.batch()).EachPartition(func(p kgo.FetchTopicPartition) { m.readPartition(ctx, cl, &p) })
		}
	}, opts...)
}

// readPartition stops at a record that cannot be read, and fetches nothing more of that partition.
func (m *membership) readPartition(ctx context.Context, cl *kgo.Client, p *kgo.FetchTopicPartition) {
	if slices.Contains(cl.PauseFetchPartitions(nil)[p.Topic], p.Partition) {
		return // fetched before it was paused
	}
	for _, r := range p.Records {
		if err := m.read(ctx, r.Topic, r.Key, r.Value); err != nil {
			if ctx.Err() == nil {
				cl.PauseFetchPartitions(map[string][]int32{p.Topic: {p.Partition}})
			}
			return
		}
		cl.MarkCommitRecords(r)
	}
}

// runFranz reads until ctx ends, then leaves. A leave that lasts is cut off with the client's own context,
// which ends every request and retry.
func (m *membership) runFranz(ctx context.Context, read func(*kgo.Client), opts ...kgo.Opt) error {
	life, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	cl, err := kgo.NewClient(slices.Concat([]kgo.Opt{
		kgo.SeedBrokers(m.bootstrap...),
		kgo.Dialer(m.wire.dial),
		kgo.ClientID(m.clientID),
		kgo.WithContext(life),
		kgo.ConsumeTopics(m.topics...),
		kgo.RetryTimeout(maxRetry),
		kgo.DisableClientMetrics(),
	}, m.login, opts)...)
	if err != nil {
		return err
	}
	read(cl)
	leaving, done := context.WithTimeout(life, leaveWithin)
	defer done()
	err = cl.LeaveGroupContext(leaving)
	if err != nil {
		cut()
	}
	cl.Close()
	return err
}
