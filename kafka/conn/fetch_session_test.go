package conn_test

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
)

// places is how far a reader came in each partition.
type places struct {
	mu     sync.Mutex
	next   map[int32]int64
	caught map[int32]bool
	failed error
	anew   bool   // the topic was made anew: it begins again
	wrong  string // a record that is missing, or came again
}

// follow reads a topic until the test ends.
func follow(t testing.TB, r *conn.Reader, spec kafka.ReadSpec) *places {
	t.Helper()
	p := &places{next: map[int32]int64{}, caught: map[int32]bool{}}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); r.Follow(ctx, spec, p.take) }()
	t.Cleanup(func() { cancel(); <-done })
	return p
}

func (p *places) take(e kafka.ReadEvent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e.Kind == kafka.ReadFailed {
		p.failed = e.Err
		return
	}
	want, known := p.next[e.Partition]
	for _, r := range e.Records {
		if known && r.Offset != want && p.wrong == "" {
			p.wrong = fmt.Sprintf("partition %d: offset %d after %d", e.Partition, r.Offset, want-1)
		}
		want = r.Offset + 1
	}
	if e.Kind == kafka.ReadSkipped && known && !p.anew {
		p.wrong = fmt.Sprintf("partition %d: %d to %d skipped", e.Partition, e.From, e.Next)
	}
	p.next[e.Partition], p.caught[e.Partition] = e.Next, e.CaughtUp
}

// reached waits until all partitions are read up to an offset, and nothing is left in them.
func (p *places) reached(t testing.TB, partitions int, next int64) {
	t.Helper()
	kafkatest.Until(t, 60*time.Second, func() error {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.wrong != "" {
			t.Fatal(p.wrong)
		}
		n := 0
		for id, at := range p.next {
			if at == next && p.caught[id] {
				n++
			}
		}
		if n < partitions {
			return fmt.Errorf("%d of %d partitions are read up to %d: %w", n, partitions, next, p.failed)
		}
		return nil
	})
}

// idle waits for some more requests and returns what went over the wire for them.
func (r *relay) idle(t testing.TB, requests int) wire {
	t.Helper()
	before := r.now()
	kafkatest.Until(t, time.Minute, func() error {
		if n := r.now().fetches - before.fetches; n < requests {
			return fmt.Errorf("%d requests", n)
		}
		return nil
	})
	w := r.now()
	w.bytes, w.fetches, w.named = w.bytes-before.bytes, w.fetches-before.fetches, w.named-before.named
	return w
}

// quiet waits until requests name no partition any more: some are on their way yet.
func (r *relay) quiet(t testing.TB, ok func(wire) bool) (w wire) {
	t.Helper()
	kafkatest.Until(t, time.Minute, func() error {
		if w = r.idle(t, 9); w.named != 0 || !ok(w) {
			return fmt.Errorf("idle: %+v", w)
		}
		return nil
	})
	return w
}

// produceEach writes a record to each partition.
func produceEach(t testing.TB, bootstrap []string, topic string, partitions int) {
	t.Helper()
	rs := make([]*kgo.Record, partitions)
	for i := range rs {
		rs[i] = &kgo.Record{Topic: topic, Partition: int32(i), Value: []byte("v")}
	}
	kafkatest.ProduceRecords(t, bootstrap, rs...)
}

func TestIdleReaderOfManyPartitionsNamesThemOnce(t *testing.T) {
	const partitions = 300
	f := kafkatest.NewFake(t)
	kafkatest.CreateTopic(t, f.Bootstrap(), "orders", partitions, 1)
	r := newRelay(t, f.Bootstrap())
	p := follow(t, r.reader(f.Bootstrap()), kafka.ReadSpec{Topic: "orders"})
	p.reached(t, partitions, 0)
	r.quiet(t, func(w wire) bool { return w.bytes <= 200*w.fetches })
	for next := range int64(3) {
		produceEach(t, f.Bootstrap(), "orders", partitions)
		p.reached(t, partitions, next+1)
	}
	r.quiet(t, func(wire) bool { return true })
}

func TestReaderOfFewPartitionsTakesNoSession(t *testing.T) {
	f := kafkatest.NewFake(t, kfake.NumBrokers(1))
	kafkatest.CreateTopic(t, f.Bootstrap(), "orders", 12, 1)
	r := newRelay(t, f.Bootstrap())
	p := follow(t, r.reader(f.Bootstrap()), kafka.ReadSpec{Topic: "orders"})
	p.reached(t, 12, 0)
	if w := r.idle(t, 2); len(w.sessions) != 0 || w.named != 12*w.fetches {
		t.Errorf("%+v", w)
	}
}

func TestReadersThatTakeEachOthersSessionReadOn(t *testing.T) {
	const partitions = 60
	f := kafkatest.NewFake(t, kfake.NumBrokers(1), kfake.BrokerConfigs(map[string]string{"max.incremental.fetch.session.cache.slots": "1"}))
	kafkatest.CreateTopic(t, f.Bootstrap(), "orders", partitions, 1)
	var both []*places
	r := newRelay(t, f.Bootstrap())
	for range 2 {
		both = append(both, follow(t, r.reader(f.Bootstrap()), kafka.ReadSpec{Topic: "orders", From: kafka.Seek{Kind: kafka.SeekStart}}))
	}
	first := r.idle(t, 2).sessions
	for next := range int64(3) {
		produceEach(t, f.Bootstrap(), "orders", partitions)
		for _, p := range both {
			p.reached(t, partitions, next+1)
		}
	}
	if w := r.now(); maps.Equal(w.sessions, first) {
		t.Errorf("no session gave way to another: %v", first)
	}
}

// Apache Kafka: brokers lose the session, leaders move, the topic is made anew.
func TestSessionsOnApacheKafka(t *testing.T) {
	const partitions = 180
	c := kafkatest.Real(t)
	topic := kafkatest.Unique("tail-session")
	kafkatest.CreateTopic(t, c.Bootstrap(), topic, partitions, 1)
	adm := kadm.NewClient(kafkatest.Client(t, c.Bootstrap()))
	r := newRelay(t, c.Bootstrap())
	p := follow(t, r.reader(c.Bootstrap()), kafka.ReadSpec{Topic: topic, From: kafka.Seek{Kind: kafka.SeekStart}})
	p.reached(t, partitions, 0)
	w := r.quiet(t, func(w wire) bool { return len(w.sessions) == len(c.Bootstrap()) })
	produceEach(t, c.Bootstrap(), topic, partitions)
	p.reached(t, partitions, 1)

	closeSessions(t, w.sessions)
	produceEach(t, c.Bootstrap(), topic, partitions)
	p.reached(t, partitions, 2)
	r.quiet(t, func(now wire) bool { return different(w.sessions, now.sessions) })

	var req kadm.AlterPartitionAssignmentsReq
	for id := range int32(partitions) {
		req.Assign(topic, id, []int32{id%2 + 1}) // the third broker is left without any
	}
	if _, err := adm.AlterPartitionAssignments(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	for next := int64(2); next < 5; next++ {
		produceEach(t, c.Bootstrap(), topic, partitions)
		p.reached(t, partitions, next+1)
	}
	r.quiet(t, func(wire) bool { return true }) // some still move
	p.mu.Lock()
	p.anew = true
	p.mu.Unlock()
	if _, err := adm.DeleteTopic(t.Context(), topic); err != nil {
		t.Fatal(err)
	}
	kafkatest.CreateTopic(t, c.Bootstrap(), topic, partitions, 1)
	p.reached(t, partitions, 0) // all leaders know it
	produceEach(t, c.Bootstrap(), topic, partitions)
	p.reached(t, partitions, 1)
}

// different tells whether each broker has another session now.
func different(before, now map[string]int32) bool {
	for b, id := range before {
		if now[b] == id {
			return false
		}
	}
	return true
}

// closeSessions takes sessions away from whoever uses them.
func closeSessions(t *testing.T, sessions map[string]int32) {
	t.Helper()
	for broker, id := range sessions {
		q := kmsg.NewPtrFetchRequest()
		q.SessionID, q.SessionEpoch, q.MaxWaitMillis = id, -1, 0
		cl := kafkatest.Client(t, []string{broker})
		if _, err := cl.SeedBrokers()[0].Request(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
}

// BenchmarkIdleReader is what a reader of a large topic costs while nothing is produced.
func BenchmarkIdleReader(b *testing.B) {
	const partitions = 10_000
	f := kafkatest.NewFake(b)
	kafkatest.CreateTopic(b, f.Bootstrap(), "orders", partitions, 1)
	r := newRelay(b, f.Bootstrap())
	follow(b, r.reader(f.Bootstrap()), kafka.ReadSpec{Topic: "orders"}).reached(b, partitions, 0)
	r.idle(b, 9)
	for b.Loop() {
		began := time.Now()
		w := r.idle(b, 30)
		span := time.Since(began).Seconds()
		b.ReportMetric(float64(w.bytes)/span, "wire-B/s")
		b.ReportMetric(float64(w.fetches)/span, "requests/s")
	}
}
