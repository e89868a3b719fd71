package demo

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"
)

// cooperative joins as a classic member that keeps the partitions which do not move (KIP-429).
func cooperative(ctx context.Context, m membership) error {
	return consumeFranz(ctx, m, append(groupOptions(m), kgo.Balancers(kgo.CooperativeStickyBalancer()))...)
}

// serverSide joins a group whose broker assigns the partitions (KIP-848).
func serverSide(ctx context.Context, m membership) error {
	return consumeFranz(ctx, m, append(groupOptions(m), kgo.ServerSideBalancer(), kgo.Balancers(kgo.StickyBalancer()))...)
}

// share joins a share group, whose members take records and not partitions (KIP-932).
func share(ctx context.Context, m membership) error {
	return consumeFranz(ctx, m, kgo.ShareGroup(m.group), kgo.ShareMaxRecords(200))
}

func groupOptions(m membership) []kgo.Opt {
	return []kgo.Opt{
		kgo.ConsumerGroup(m.group),
		kgo.HeartbeatInterval(heartbeat),
		kgo.SessionTimeout(sessionTimeout),
		kgo.RebalanceTimeout(rebalanceTimeout),
		kgo.AutoCommitInterval(commitEvery),
		kgo.FetchMaxWait(fetchWait),
	}
}

// consumeFranz reads until ctx ends, then leaves. A leave that lasts is cut off with the client's own
// context, which ends every request and retry.
func consumeFranz(ctx context.Context, m membership, opts ...kgo.Opt) error {
	life, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	cl, err := kgo.NewClient(append([]kgo.Opt{
		kgo.SeedBrokers(m.bootstrap...),
		kgo.ClientID(m.clientID),
		kgo.WithContext(life),
		kgo.ConsumeTopics(m.topics...),
		kgo.RetryTimeout(maxRetry),
		kgo.DisableClientMetrics(),
	}, opts...)...)
	if err != nil {
		return err
	}
	for ctx.Err() == nil {
		cl.PollFetches(ctx) // its errors are retried inside
	}
	leaving, done := context.WithTimeout(life, leaveWithin)
	defer done()
	err = cl.LeaveGroupContext(leaving)
	if err != nil {
		cut()
	}
	cl.Close()
	return err
}
