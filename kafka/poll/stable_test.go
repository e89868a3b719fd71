package poll

import (
	"context"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
	"lagtop/kafka/conn"
)

// asks collects what brokers are asked about transactions.
type asks struct {
	mu        sync.Mutex
	stable    map[int32]int                // ListOffsets with read_committed, by broker
	parts     map[kafka.TopicPartition]int // how often each partition was in one
	producers int                          // DescribeProducers
}

// asks watches the questions; with stuck the first is not answered before it is closed.
func (f *fake) asks(stuck chan struct{}) *asks {
	a := &asks{stable: map[int32]int{}, parts: map[kafka.TopicPartition]int{}}
	f.Control(func(r kmsg.Request) (kmsg.Response, error, bool) {
		f.KeepControl()
		if _, ok := r.(*kmsg.DescribeProducersRequest); ok {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.producers++
			return nil, nil, false
		}
		q, ok := r.(*kmsg.ListOffsetsRequest)
		if !ok || q.IsolationLevel != 1 {
			return nil, nil, false
		}
		a.mu.Lock()
		a.stable[f.CurrentNode()]++
		for _, t := range q.Topics {
			for _, p := range t.Partitions {
				a.parts[kafka.TopicPartition{Topic: t.Topic, Partition: p.Partition}]++
			}
		}
		a.mu.Unlock()
		if stuck != nil {
			f.SleepControl(func() { <-stuck })
		}
		return nil, nil, false
	})
	return a
}

func (a *asks) told() (stable map[int32]int, parts map[kafka.TopicPartition]int, producers int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.stable), maps.Clone(a.parts), a.producers
}

// hold writes a record to orders/0 in a transaction that stays open until the function that it returns.
func hold(t *testing.T, bootstrap []string, topic, id string) (producer int64, end func()) {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(bootstrap...), kgo.TransactionalID(id), kgo.TransactionTimeout(10*time.Minute),
		kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	ctx, cancel := context.WithTimeout(context.Background(), realPatience)
	defer cancel()
	if err := cl.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	if err := cl.ProduceSync(ctx, &kgo.Record{Topic: topic, Value: []byte("held")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	if producer, _, err = cl.ProducerID(ctx); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	end = func() {
		once.Do(func() {
			ctx, cancel := context.WithTimeout(context.Background(), realPatience)
			defer cancel()
			if err := cl.EndTransaction(ctx, kgo.TryAbort); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(end)
	return producer, end
}

// keepWriting produces to partition 0 of a topic, outside of transactions, until the test ends.
func keepWriting(t *testing.T, bootstrap []string, topic string) {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(bootstrap...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for tick := time.NewTicker(50 * time.Millisecond); ctx.Err() == nil; {
			_ = cl.ProduceSync(ctx, &kgo.Record{Topic: topic, Value: []byte("x")}).FirstErr()
			select {
			case <-tick.C:
			case <-ctx.Done():
				tick.Stop()
			}
		}
	}()
	t.Cleanup(func() { cancel(); <-done; cl.Close() })
}

// aboutCluster is what one reading of what moves slowly takes: ApiVersions twice, DescribeConfigs, DescribeQuorum.
const aboutCluster = 4

func TestStableOffsetsCostOneRequestABroker(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(6, "orders", "payments"))
	a := f.asks(nil)
	for p := range int32(6) {
		f.produce("orders", p, 10)
		f.produce("payments", p, 10)
	}
	p := watch(t, f.config(), Options{Interval: MinInterval, Stable: time.Hour})
	known := func(s *kafka.Snapshot) bool {
		for i := range s.Topics {
			for k := range s.Topics[i].Partitions {
				if q := &s.Topics[i].Partitions[k]; q.Stable == nil || q.Stable.Offset != 10 || q.Stable.Seen != 0 {
					return false
				}
			}
		}
		return true
	}
	aside := 0
	s := until(t, p, "all of them", func(s *kafka.Snapshot) bool { aside = max(aside, s.Aside); return known(s) })
	until(t, p, "more snapshots", func(x *kafka.Snapshot) bool { return x.Seq > s.Seq+5 && known(x) })
	stable, parts, producers := a.told()
	for id, n := range stable {
		if n != 1 {
			t.Errorf("broker %d got %d requests in one period", id, n)
		}
	}
	if len(parts) != 12 || producers != 0 || aside > 2*3+aboutCluster { // and ApiVersions
		t.Errorf("asked for %d partitions and %d times for producers, %d requests were counted", len(parts), producers, aside)
	}
}

func TestStableOffsetsAreAskedForOnceWhereNothingComes(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(1, "quiet", "empty", "busy"))
	a := f.asks(nil)
	f.produce("quiet", 0, 10)
	keepWriting(t, f.ListenAddrs(), "busy")
	p := watch(t, f.config(), Options{Interval: MinInterval, Stable: MinInterval})
	until(t, p, "many answers", func(*kafka.Snapshot) bool {
		_, parts, _ := a.told()
		return parts[kafka.TopicPartition{Topic: "busy"}] > 8
	})
	if _, parts, _ := a.told(); parts[kafka.TopicPartition{Topic: "quiet"}] != 1 || parts[kafka.TopicPartition{Topic: "empty"}] != 0 {
		t.Errorf("asked %v", parts)
	}
}

func TestNobodyIsAskedForStableOffsetsUnlessTold(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(1, "orders"))
	a := f.asks(nil)
	f.produce("orders", 0, 10)
	p := watch(t, f.config(), Options{Interval: MinInterval})
	until(t, p, "some snapshots", func(s *kafka.Snapshot) bool { return s.Seq > 4 })
	if _, parts, _ := a.told(); len(parts) != 0 {
		t.Errorf("asked %v", parts)
	}
}

func TestATransactionThatStaysOpenNamesItsProducer(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(1, "orders"))
	a := f.asks(nil)
	f.produce("orders", 0, 10)
	id, end := hold(t, f.ListenAddrs(), "orders", "holder")
	keepWriting(t, f.ListenAddrs(), "orders")
	p := watch(t, f.config(), Options{Interval: MinInterval, Stable: 2 * MinInterval})
	at := func(s *kafka.Snapshot) *kafka.StableOffset {
		if s.Topic("orders") == nil {
			return nil
		}
		return s.Topic("orders").Partitions[0].Stable
	}
	until(t, p, "the first answers", func(s *kafka.Snapshot) bool {
		x := at(s)
		if x != nil && !x.Standing() && x.Open != nil {
			t.Error("its producer was asked for before it stood")
		}
		return x != nil && x.Standing()
	})
	s := at(until(t, p, "its producer", func(s *kafka.Snapshot) bool { return at(s) != nil && at(s).Open != nil }))
	if s.Offset != 10 || s.Open.Producer != id || s.Open.Start != 10 || s.Stood() <= 0 || s.End <= 10 {
		t.Errorf("%+v with %+v, want producer %d from offset 10 on", s, s.Open, id)
	}
	end()
	until(t, p, "its end", func(s *kafka.Snapshot) bool {
		return at(s) != nil && at(s).Offset > 10 && at(s).Open == nil && !at(s).Standing()
	})
	if stable, _, producers := a.told(); producers == 0 || len(stable) != 1 {
		t.Errorf("%d requests for producers, brokers asked: %v", producers, stable)
	}
}

func TestABrokerThatHangsOnStableOffsetsDelaysNoSnapshot(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(1, "orders"))
	stuck := make(chan struct{})
	t.Cleanup(func() { close(stuck) })
	a := f.asks(stuck)
	f.produce("orders", 0, 10)
	p := watch(t, f.config(), Options{Interval: MinInterval, Stable: MinInterval})
	until(t, p, "complete snapshots go on", func(s *kafka.Snapshot) bool { return s.Seq > 8 && s.Complete() })
	if stable, _, _ := a.told(); len(stable) != 1 {
		t.Errorf("asked %v", stable)
	}
}

func TestAnOffsetStandsOnlyWhileTheEndIsBeyondIt(t *testing.T) {
	now := time.Now()
	open := &kafka.OpenTransaction{Producer: 7}
	last := &kafka.StableOffset{Offset: 50, At: now.Add(-time.Minute), Seen: 3, Since: now.Add(-3 * time.Minute), End: 60, Open: open}
	idle := &kafka.StableOffset{Offset: 50, At: now.Add(-time.Minute)}
	for name, c := range map[string]struct {
		last        *kafka.StableOffset
		offset, end int64
		want        kafka.StableOffset
	}{
		"never told":            {nil, 50, 60, kafka.StableOffset{Offset: 50, At: now, Seen: 1, Since: now, End: 60}},
		"at the end":            {nil, 50, 50, kafka.StableOffset{Offset: 50, At: now}},
		"beyond an older end":   {idle, 50, 45, kafka.StableOffset{Offset: 50, At: now}},
		"was at the end before": {idle, 50, 60, kafka.StableOffset{Offset: 50, At: now, Seen: 1, Since: now, End: 60}},
		"still there":           {last, 50, 90, kafka.StableOffset{Offset: 50, At: now, Seen: 4, Since: last.Since, End: 60, Open: open}},
		"moved on":              {last, 70, 90, kafka.StableOffset{Offset: 70, At: now, Seen: 1, Since: now, End: 90}},
	} {
		if got := stood(c.last, c.offset, c.end, now); *got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestStableOffsetsAreDroppedWhenOldOrOfAnotherTopic(t *testing.T) {
	now := time.Now()
	w := newWorld()
	meta := func(id byte) *conn.Metadata {
		return &conn.Metadata{Topics: []kafka.Topic{{Name: "orders", ID: [16]byte{id}, Partitions: []kafka.Partition{{}}}}}
	}
	w.see(meta(1))
	fresh := map[kafka.TopicPartition]*kafka.StableOffset{{Topic: "orders"}: {Offset: 5, At: now}}
	w.setStable(fresh, now)
	w.see(meta(1))
	if w.topics[0].Partitions[0].Stable == nil || len(fresh) != 0 {
		t.Error("it is not carried on")
	}
	if w.setStable(nil, now.Add(stableKept+time.Second)); w.topics[0].Partitions[0].Stable != nil {
		t.Error("it is kept though it could not be renewed")
	}
	w.setStable(map[kafka.TopicPartition]*kafka.StableOffset{{Topic: "orders"}: {Offset: 5, At: now}}, now)
	if w.see(meta(2)); w.topics[0].Partitions[0].Stable != nil {
		t.Error("it is kept for a topic that was made again")
	}
}
