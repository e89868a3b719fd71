package kafkatest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/rcrowley/go-metrics"
	"github.com/twmb/franz-go/pkg/kgo"

	"lagtop/kafka/wait"
)

// Kind is a client library and the group protocol that it speaks.
type Kind string

// The kinds of Go members.
const (
	SaramaRange       Kind = "sarama range"              // classic, eager
	SaramaRoundRobin  Kind = "sarama roundrobin"         // classic, eager
	SaramaCooperative Kind = "sarama cooperative-sticky" // classic, incremental
	KgoRange          Kind = "kgo range"                 // classic, eager
	KgoCooperative    Kind = "kgo cooperative-sticky"    // classic, incremental
	KgoConsumer       Kind = "kgo consumer"              // KIP-848
)

// Consumer is a running member of a group that reads from the start and commits every 200 ms.
type Consumer struct {
	records atomic.Int64
	once    sync.Once
	end     func()
}

// Records is how many records it has read.
func (c *Consumer) Records() int64 { return c.records.Load() }

// Stop lets it commit and leave the group, and waits for that. It may be called more than once.
func (c *Consumer) Stop() { c.once.Do(c.end) }

// MemberOption changes a member.
type MemberOption func(*memberConfig)

type memberConfig struct {
	clientID, instance string
	session            time.Duration
	pause              time.Duration
	told               func(Assigned)
}

// Assigned is what a member's own callbacks told that it owns, after a rebalance.
type Assigned struct {
	MemberID   string
	Generation int32 // member epoch under KIP-848
	Partitions []int32
}

// Telling lets a member tell what its callbacks give it, from a goroutine of its own.
func Telling(told func(Assigned)) MemberOption { return func(c *memberConfig) { c.told = told } }

// As names the client; the default is "member".
func As(clientID string) MemberOption { return func(c *memberConfig) { c.clientID = clientID } }

// Static gives the member a group.instance.id.
func Static(instance string) MemberOption { return func(c *memberConfig) { c.instance = instance } }

// Pausing makes the member wait after each record.
func Pausing(d time.Duration) MemberOption { return func(c *memberConfig) { c.pause = d } }

const (
	autoCommit = 200 * time.Millisecond
	heartbeat  = time.Second
)

// Member starts a member of a group in this process. It leaves at Stop or at the end of the test;
// wait for what it does with WaitGroup.
func Member(tb testing.TB, bootstrap []string, group, topic string, kind Kind, opts ...MemberOption) *Consumer {
	tb.Helper()
	mc := memberConfig{clientID: "member", session: 10 * time.Second}
	for _, o := range opts {
		o(&mc)
	}
	c := &Consumer{}
	var err error
	switch kind {
	case SaramaRange, SaramaRoundRobin, SaramaCooperative:
		err = c.startSarama(bootstrap, group, topic, kind, mc)
	case KgoRange, KgoCooperative, KgoConsumer:
		err = c.startKgo(bootstrap, group, topic, kind, mc)
	default:
		err = fmt.Errorf("no such kind")
	}
	if err != nil {
		tb.Fatalf("start a %s member of %s: %v", kind, group, err)
	}
	tb.Cleanup(c.Stop)
	return c
}

func (c *Consumer) startKgo(bootstrap []string, group, topic string, kind Kind, mc memberConfig) error {
	opts := []kgo.Opt{
		kgo.SeedBrokers(bootstrap...), kgo.ClientID(mc.clientID),
		kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.AutoCommitInterval(autoCommit), kgo.HeartbeatInterval(heartbeat), kgo.SessionTimeout(mc.session),
		kgo.FetchMaxWait(200 * time.Millisecond),
	}
	switch kind {
	case KgoConsumer:
		opts = append(opts, kgo.ServerSideBalancer(), kgo.Balancers(kgo.StickyBalancer()))
	case KgoCooperative:
		opts = append(opts, kgo.Balancers(kgo.CooperativeStickyBalancer()))
	default:
		opts = append(opts, kgo.Balancers(kgo.RangeBalancer()))
	}
	if mc.instance != "" {
		opts = append(opts, kgo.InstanceID(mc.instance))
	}
	cl, err := kgo.NewClient(append(opts, mc.callbacks(topic)...)...)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Add(1)
	go func() {
		defer done.Done()
		for ctx.Err() == nil {
			fs := cl.PollFetches(ctx)
			fs.EachRecord(func(*kgo.Record) {
				c.records.Add(1)
				_ = wait.For(ctx, mc.pause)
			})
		}
	}()
	c.end = func() {
		cancel()
		done.Wait()
		within, stop := context.WithTimeout(context.Background(), 20*time.Second)
		defer stop()
		_ = cl.CommitUncommittedOffsets(within) // a group that moved on refuses it
		_ = cl.LeaveGroupContext(within)
		cl.CloseAllowingRebalance()
	}
	return nil
}

// callbacks add up what a member is given and what is taken from it.
func (mc memberConfig) callbacks(topic string) []kgo.Opt {
	if mc.told == nil {
		return nil
	}
	owned := map[int32]bool{}
	taken := func(_ context.Context, _ *kgo.Client, ps map[string][]int32) {
		for _, p := range ps[topic] {
			delete(owned, p)
		}
	}
	given := func(_ context.Context, cl *kgo.Client, ps map[string][]int32) {
		for _, p := range ps[topic] {
			owned[p] = true
		}
		id, generation := cl.GroupMetadata()
		mc.told(Assigned{MemberID: id, Generation: generation, Partitions: slices.Sorted(maps.Keys(owned))})
	}
	return []kgo.Opt{kgo.OnPartitionsAssigned(given), kgo.OnPartitionsRevoked(taken), kgo.OnPartitionsLost(taken)}
}

func (c *Consumer) startSarama(bootstrap []string, group, topic string, kind Kind, mc memberConfig) error {
	cfg := sarama.NewConfig()
	cfg.Version = sarama.V2_8_0_0
	cfg.ClientID = mc.clientID
	cfg.MetricRegistry = unmeasured{}
	// A fetch is measured in the process's registry all the same, unless the meter is there already.
	metrics.DefaultRegistry.GetOrRegister("consumer-fetch-rate-for-topic-"+strings.ReplaceAll(topic, ".", "_"), metrics.NilMeter{})
	cfg.Consumer.Offsets.Initial = sarama.OffsetOldest
	cfg.Consumer.Offsets.AutoCommit.Interval = autoCommit
	cfg.Consumer.Group.Session.Timeout = mc.session
	cfg.Consumer.Group.Heartbeat.Interval = heartbeat
	cfg.Consumer.Group.InstanceId = mc.instance
	cfg.Consumer.Group.Rebalance.GroupStrategies = []sarama.BalanceStrategy{saramaStrategy(kind)}
	g, err := sarama.NewConsumerGroup(bootstrap, group, cfg)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	h := &saramaHandler{c: c, mc: mc, topic: topic}
	var done sync.WaitGroup
	done.Add(1)
	go func() {
		defer done.Done()
		for ctx.Err() == nil {
			if err := g.Consume(ctx, []string{topic}, h); err != nil {
				_ = wait.For(ctx, 100*time.Millisecond)
			}
		}
	}()
	c.end = func() {
		cancel()
		done.Wait()
		_ = g.Close() // it fails where the brokers are gone, which a test may have wanted
	}
	return nil
}

func saramaStrategy(kind Kind) sarama.BalanceStrategy {
	switch kind {
	case SaramaRoundRobin:
		return sarama.NewBalanceStrategyRoundRobin()
	case SaramaCooperative:
		return sarama.NewBalanceStrategyCooperativeSticky()
	}
	return sarama.NewBalanceStrategyRange()
}

// unmeasured keeps sarama from starting the goroutine of its meters, which never ends.
type unmeasured struct{ metrics.Registry }

func (unmeasured) GetOrRegister(_ string, made any) any {
	switch made := made.(type) {
	case func() metrics.Meter:
		return metrics.NilMeter{}
	case func() metrics.Histogram:
		return metrics.NilHistogram{}
	case func() metrics.Counter:
		return made()
	}
	return made
}

func (unmeasured) Unregister(string) {}
func (unmeasured) UnregisterAll()    {}

// saramaHandler marks what it reads, and knows what the member has.
type saramaHandler struct {
	c     *Consumer
	mc    memberConfig
	topic string
	mu    sync.Mutex
	owned map[int32]bool
}

// Setup is called with all that the member has once a generation, or under a cooperative strategy once.
func (h *saramaHandler) Setup(s sarama.ConsumerGroupSession) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.owned = map[int32]bool{}
	for _, p := range s.Claims()[h.topic] {
		h.owned[p] = true
	}
	h.tell(s)
	return nil
}

func (h *saramaHandler) tell(s sarama.ConsumerGroupSession) {
	if h.mc.told != nil {
		h.mc.told(Assigned{MemberID: s.MemberID(), Generation: s.GenerationID(), Partitions: slices.Sorted(maps.Keys(h.owned))})
	}
}

func (*saramaHandler) Cleanup(sarama.ConsumerGroupSession) error { return nil }

// claimed is for what a cooperative strategy adds to a session.
func (h *saramaHandler) claimed(s sarama.ConsumerGroupSession, p int32) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.owned[p] {
		h.owned[p] = true
		h.tell(s)
	}
}

func (h *saramaHandler) lost(p int32) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.owned, p)
}

func (h *saramaHandler) ConsumeClaim(s sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	h.claimed(s, claim.Partition())
	defer h.lost(claim.Partition())
	for {
		select {
		case m, ok := <-claim.Messages():
			if !ok {
				return nil
			}
			h.c.records.Add(1)
			_ = wait.For(s.Context(), h.mc.pause)
			s.MarkMessage(m, "")
		case <-s.Context().Done():
			return nil
		}
	}
}
