package kafkatest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"lagtop/kafka"
)

// patience is how long a helper waits for the cluster before it fails the test.
const patience = 120 * time.Second

// Unique is the prefix with a random ending: a name that no other test uses, in this run or one
// before it.
func Unique(prefix string) string { return fmt.Sprintf("%s-%08x", prefix, rand.Uint32()) }

// Until calls cond until it returns nil, and fails the test with its last error after d.
func Until(tb testing.TB, d time.Duration, cond func() error) {
	tb.Helper()
	end := time.NewTimer(d)
	defer end.Stop()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := cond()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-end.C:
			tb.Fatalf("still not after %v: %v", d, err)
		}
	}
}

// Client is a franz-go client that is closed with the test.
func Client(tb testing.TB, bootstrap []string, opts ...kgo.Opt) *kgo.Client {
	tb.Helper()
	cl, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(bootstrap...), kgo.ClientID("kafkatest")}, opts...)...)
	if err != nil {
		tb.Fatalf("client: %v", err)
	}
	tb.Cleanup(cl.Close)
	return cl
}

// brief is a client for the length of one helper call.
func brief(tb testing.TB, bootstrap []string, opts ...kgo.Opt) (context.Context, *kgo.Client, func()) {
	tb.Helper()
	cl, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(bootstrap...), kgo.ClientID("kafkatest")}, opts...)...)
	if err != nil {
		tb.Fatalf("client: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	return ctx, cl, func() { cancel(); cl.Close() }
}

// CreateTopic makes a topic and returns when each partition has a leader.
func CreateTopic(tb testing.TB, bootstrap []string, topic string, partitions int32, replicas int16) {
	tb.Helper()
	ctx, cl, done := brief(tb, bootstrap)
	defer done()
	adm := kadm.NewClient(cl)
	// A request whose answer was lost is sent again, and finds the topic there.
	if _, err := adm.CreateTopic(ctx, partitions, replicas, nil, topic); err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
		tb.Fatalf("create topic %s: %v", topic, err)
	}
	waitLeaders(ctx, tb, adm, partitions, topic)
}

// waitLeaders waits until each partition of the topics has a leader that answers.
func waitLeaders(ctx context.Context, tb testing.TB, adm *kadm.Client, partitions int32, topics ...string) {
	tb.Helper()
	Until(tb, patience, func() error {
		ends, err := adm.ListEndOffsets(ctx, topics...)
		if err != nil {
			return fmt.Errorf("offsets of topic %s and others: %w", topics[0], err)
		}
		for _, t := range topics {
			if n := len(ends[t]); n != int(partitions) {
				return fmt.Errorf("topic %s has %d of %d partitions", t, n, partitions)
			}
		}
		return ends.Error()
	})
}

// Produce writes n records to the partitions of a topic in turn and returns when all are acknowledged.
func Produce(tb testing.TB, bootstrap []string, topic string, n int) {
	tb.Helper()
	rs := make([]*kgo.Record, n)
	for i := range rs {
		rs[i] = kgo.StringRecord(fmt.Sprintf("record %d", i))
		rs[i].Topic = topic
	}
	produce(tb, bootstrap, rs, kgo.RoundRobinPartitioner())
}

// ProduceTo writes n records to one partition and returns when all are acknowledged.
func ProduceTo(tb testing.TB, bootstrap []string, tp kafka.TopicPartition, n int) {
	tb.Helper()
	rs := make([]*kgo.Record, n)
	for i := range rs {
		rs[i] = &kgo.Record{Topic: tp.Topic, Partition: tp.Partition, Value: fmt.Appendf(nil, "record %d", i)}
	}
	ProduceRecords(tb, bootstrap, rs...)
}

// ProduceRecords writes records as they are, each to the topic and partition that it names.
func ProduceRecords(tb testing.TB, bootstrap []string, rs ...*kgo.Record) {
	tb.Helper()
	produce(tb, bootstrap, rs, kgo.ManualPartitioner())
}

func produce(tb testing.TB, bootstrap []string, rs []*kgo.Record, p kgo.Partitioner) {
	tb.Helper()
	ctx, cl, done := brief(tb, bootstrap, kgo.RecordPartitioner(p))
	defer done()
	if err := cl.ProduceSync(ctx, rs...).FirstErr(); err != nil {
		tb.Fatalf("produce %d records: %v", len(rs), err)
	}
}

// Producer writes to a topic until it is stopped.
type Producer struct {
	cancel context.CancelFunc
	done   sync.WaitGroup
	acked  atomic.Int64
}

// ProduceAt writes perSecond records to the partitions of a topic in turn until Stop or the end of
// the test. A failed record is dropped: brokers may be down on purpose.
func ProduceAt(tb testing.TB, bootstrap []string, topic string, perSecond int) *Producer {
	tb.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(bootstrap...), kgo.ClientID("producer"), kgo.DefaultProduceTopic(topic),
		kgo.RecordPartitioner(kgo.RoundRobinPartitioner()), kgo.RecordDeliveryTimeout(patience))
	if err != nil {
		tb.Fatalf("produce to %s: %v", topic, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &Producer{cancel: cancel}
	p.done.Add(1)
	go func() {
		defer p.done.Done()
		defer cl.Close()
		p.run(ctx, cl, time.Second/time.Duration(perSecond))
	}()
	tb.Cleanup(p.Stop)
	return p
}

func (p *Producer) run(ctx context.Context, cl *kgo.Client, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		cl.TryProduce(ctx, kgo.StringRecord(fmt.Sprintf("record %d", i)), func(_ *kgo.Record, err error) {
			if err == nil {
				p.acked.Add(1)
			}
		})
	}
}

// Stop ends the producing and waits for its end. It may be called more than once.
func (p *Producer) Stop() { p.cancel(); p.done.Wait() }

// Acked is how many records the brokers have acknowledged.
func (p *Producer) Acked() int64 { return p.acked.Load() }
