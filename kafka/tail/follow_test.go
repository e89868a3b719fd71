package tail_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/tail"
)

const deadline = 100 * time.Second

var when = time.Date(2024, 5, 17, 12, 0, 0, 0, time.UTC)

// cluster is three brokers with the topic orders of three partitions; each has the values 0 to 9, a
// minute apart.
func cluster(t *testing.T) *kafkatest.Fake {
	t.Helper()
	f := kafkatest.NewFake(t)
	kafkatest.CreateTopic(t, f.Bootstrap(), "orders", 3, 1)
	for p := range int32(3) {
		produce(t, f, p, 0, 10)
	}
	return f
}

func produce(t *testing.T, f *kafkatest.Fake, p int32, from, to int) {
	t.Helper()
	// Without a producer id there is no need to reach any broker but the leader.
	cl, err := kgo.NewClient(kgo.SeedBrokers(f.Bootstrap()[0]), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.DisableIdempotentWrite())
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	for i := from; i < to; i++ {
		r := &kgo.Record{Topic: "orders", Partition: p, Value: fmt.Append(nil, i), Timestamp: when.Add(time.Duration(i) * time.Minute)}
		if err := cl.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}

func follow(t *testing.T, bootstrap []string, spec kafka.ReadSpec) *tail.Tail {
	t.Helper()
	spec.Topic = "orders"
	cfg := conn.Config{Bootstrap: bootstrap, DialTimeout: time.Second, ReadTimeout: time.Second}
	tl := tail.Start(t.Context(), conn.NewReader(cfg), tail.Spec{Reads: []kafka.ReadSpec{spec}})
	t.Cleanup(tl.Close)
	return tl
}

// offsets are those of the kept records of a partition, in the order of arrival.
func offsets(tl *tail.Tail, p int32) (out []int64) {
	for _, e := range tl.Lines(1 << 20) {
		if e.Partition == p {
			out = append(out, e.Offset)
		}
	}
	return out
}

func span(from, to int64) (out []int64) {
	for ; from < to; from++ {
		out = append(out, from)
	}
	return out
}

func until(t *testing.T, tl *tail.Tail, cond func(tail.State) error) {
	t.Helper()
	kafkatest.Until(t, deadline, func() error {
		s := tl.State()
		if err := cond(s); err != nil {
			return fmt.Errorf("%w; state %+v", err, s)
		}
		return nil
	})
}

func untilOffsets(t *testing.T, tl *tail.Tail, p int32, want []int64) {
	t.Helper()
	until(t, tl, func(tail.State) error {
		if got := offsets(tl, p); !slices.Equal(got, want) {
			return fmt.Errorf("partition %d has %v, want %v", p, got, want)
		}
		return nil
	})
}

func untilPhase(t *testing.T, tl *tail.Tail, phase tail.Phase) {
	t.Helper()
	until(t, tl, func(s tail.State) error {
		if s.Phase != phase {
			return fmt.Errorf("want %v", phase)
		}
		return nil
	})
}

func TestBeginsWhereAsked(t *testing.T) {
	f := cluster(t)
	for name, c := range map[string]struct {
		spec kafka.ReadSpec
		want [3][]int64 // before the tail is caught up
		skip int64
	}{
		"end":    {kafka.ReadSpec{}, [3][]int64{}, 0},
		"start":  {kafka.ReadSpec{From: kafka.Seek{Kind: kafka.SeekStart}}, [3][]int64{span(0, 10), span(0, 10), span(0, 10)}, 0},
		"offset": {kafka.ReadSpec{From: kafka.Seek{Kind: kafka.SeekOffset, Offset: 8}}, [3][]int64{span(8, 10), span(8, 10), span(8, 10)}, 0},
		"last":   {kafka.ReadSpec{From: kafka.Seek{Kind: kafka.SeekLast, Offset: 3}}, [3][]int64{span(7, 10), span(7, 10), span(7, 10)}, 0},
		"time": {kafka.ReadSpec{From: kafka.Seek{Kind: kafka.SeekTime, Time: when.Add(6*time.Minute - time.Second)}},
			[3][]int64{span(6, 10), span(6, 10), span(6, 10)}, 0},
		"time to come":  {kafka.ReadSpec{From: kafka.Seek{Kind: kafka.SeekTime, Time: when.Add(time.Hour)}}, [3][]int64{}, 0},
		"one partition": {kafka.ReadSpec{Partitions: []int32{1}, From: kafka.Seek{Kind: kafka.SeekStart}}, [3][]int64{nil, span(0, 10), nil}, 0},
		"a group's commits": {kafka.ReadSpec{From: kafka.Seek{Kind: kafka.SeekStart}, Each: map[int32]kafka.Seek{
			0: {Kind: kafka.SeekOffset, Offset: 9}, 2: {Kind: kafka.SeekOffset, Offset: 10},
		}}, [3][]int64{span(9, 10), span(0, 10), nil}, 0},
		"beyond the end": {kafka.ReadSpec{From: kafka.Seek{Kind: kafka.SeekOffset, Offset: 99}}, [3][]int64{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			tl := follow(t, f.Bootstrap(), c.spec)
			parts := 3
			if c.spec.Partitions != nil {
				parts = len(c.spec.Partitions)
			}
			until(t, tl, func(s tail.State) error {
				if s.Phase != tail.CaughtUp || s.Partitions != parts {
					return fmt.Errorf("want %d partitions caught up", parts)
				}
				return nil
			})
			for p := range int32(3) {
				if got := offsets(tl, p); !slices.Equal(got, c.want[p]) {
					t.Errorf("partition %d: %v, want %v", p, got, c.want[p])
				}
			}
		})
	}
}

// untilAllCaughtUp waits until all partitions of orders are read to their ends: before, some may have no place yet.
func untilAllCaughtUp(t *testing.T, tl *tail.Tail) {
	t.Helper()
	until(t, tl, func(s tail.State) error {
		if s.Phase != tail.CaughtUp || s.Partitions != 3 {
			return fmt.Errorf("not caught up")
		}
		return nil
	})
}

func TestFollowsWhatIsProducedLater(t *testing.T) {
	f := cluster(t)
	tl := follow(t, f.Bootstrap(), kafka.ReadSpec{})
	untilAllCaughtUp(t, tl)
	produce(t, f, 2, 10, 15)
	untilOffsets(t, tl, 2, span(10, 15))
}

func TestPauseLosesNothingAndRepeatsNothing(t *testing.T) {
	f := cluster(t)
	tl := follow(t, f.Bootstrap(), kafka.ReadSpec{From: kafka.Seek{Kind: kafka.SeekStart}})
	untilOffsets(t, tl, 1, span(0, 10))
	tl.Pause()
	at := tl.State().Received
	produce(t, f, 1, 10, 40)
	if got := tl.State().Received; got != at {
		t.Errorf("%d records came in while paused", got-at)
	}
	tl.Resume()
	produce(t, f, 1, 40, 50)
	untilOffsets(t, tl, 1, span(0, 50))
}

func TestReadsOnAfterItsLeaderMoves(t *testing.T) {
	f := cluster(t)
	tl := follow(t, f.Bootstrap(), kafka.ReadSpec{From: kafka.Seek{Kind: kafka.SeekStart}})
	untilOffsets(t, tl, 0, span(0, 10))
	to := (f.LeaderFor("orders", 0) + 1) % 3
	if err := f.MoveTopicPartition("orders", 0, to); err != nil {
		t.Fatal(err)
	}
	produce(t, f, 0, 10, 20)
	untilOffsets(t, tl, 0, span(0, 20))
}

func TestTellsThatATopicIsGoneAndReadsItsSuccessor(t *testing.T) {
	f := cluster(t)
	adm := kadm.NewClient(kafkatest.Client(t, f.Bootstrap()))
	tl := follow(t, f.Bootstrap(), kafka.ReadSpec{From: kafka.Seek{Kind: kafka.SeekStart}})
	untilOffsets(t, tl, 0, span(0, 10))
	if _, err := adm.DeleteTopic(t.Context(), "orders"); err != nil {
		t.Fatal(err)
	}
	until(t, tl, func(s tail.State) error {
		if s.Phase != tail.Failed || !isCode(s.Err, kafka.CodeUnknownTopicOrPartition) {
			return fmt.Errorf("the topic is gone, and what is said is %w", s.Err)
		}
		return nil
	})
	kafkatest.CreateTopic(t, f.Bootstrap(), "orders", 3, 1)
	produce(t, f, 0, 0, 2)
	untilOffsets(t, tl, 0, append(span(0, 10), span(0, 2)...))
	until(t, tl, func(s tail.State) error {
		if s.Failing > 0 || s.Err != nil {
			return fmt.Errorf("still failing")
		}
		return nil
	})
}

func TestGoesOnAtTheLogStartAfterRetention(t *testing.T) {
	f := cluster(t)
	adm := kadm.NewClient(kafkatest.Client(t, f.Bootstrap()))
	tl := tail.Start(t.Context(), &held{
		Source: conn.NewReader(conn.Config{Bootstrap: f.Bootstrap()}),
		while: func() { // the reader has records 0 to 9 in its hands
			produce(t, f, 0, 10, 30)
			del := kadm.Offsets{}
			del.AddOffset("orders", 0, 25, -1)
			if _, err := adm.DeleteRecords(t.Context(), del); err != nil {
				t.Error(err)
			}
		},
	}, tail.Spec{Reads: []kafka.ReadSpec{{Topic: "orders", Partitions: []int32{0}, From: kafka.Seek{Kind: kafka.SeekStart}}}})
	defer tl.Close()
	untilOffsets(t, tl, 0, append(span(0, 10), span(25, 30)...))
	p := tl.Partitions()[0]
	if p.Skipped != 15 || p.Skips != 1 || p.LastSkip.From != 10 || p.LastSkip.To != 25 {
		t.Errorf("%+v", p)
	}
}

// held is a Source whose reader is held up at the first records.
type held struct {
	tail.Source
	once  sync.Once
	while func()
}

func (h *held) Follow(ctx context.Context, spec kafka.ReadSpec, on func(kafka.ReadEvent)) {
	h.Source.Follow(ctx, spec, func(e kafka.ReadEvent) {
		if len(e.Records) > 0 {
			h.once.Do(h.while)
		}
		on(e)
	})
}

func TestClosesWhileABrokerHangs(t *testing.T) {
	f := cluster(t)
	cfg := conn.Config{Bootstrap: f.Bootstrap(), DialTimeout: time.Minute, ReadTimeout: time.Hour}
	tl := tail.Start(t.Context(), conn.NewReader(cfg), tail.Spec{Reads: []kafka.ReadSpec{{Topic: "orders"}}})
	untilPhase(t, tl, tail.CaughtUp)
	for b := range int32(3) {
		f.Hang(b)
	}
	closed := make(chan struct{})
	go func() { tl.Close(); close(closed) }()
	select {
	case <-closed:
	case <-time.After(deadline):
		t.Fatal("Close waits for the hung brokers")
	}
}

func TestABrokerDownStopsItsOwnPartitionsOnly(t *testing.T) {
	f := cluster(t)
	tl := follow(t, f.Bootstrap(), kafka.ReadSpec{})
	untilAllCaughtUp(t, tl)
	for p := range int32(3) { // one partition for each broker
		if err := f.MoveTopicPartition("orders", p, p); err != nil {
			t.Fatal(err)
		}
	}
	f.Down(1)
	until(t, tl, func(s tail.State) error {
		if s.Failing != 1 || s.Phase == tail.Failed {
			return fmt.Errorf("want one partition failing")
		}
		return nil
	})
	produce(t, f, 0, 10, 15)
	untilOffsets(t, tl, 0, span(10, 15))
	f.Up(1)
	until(t, tl, func(s tail.State) error {
		if s.Failing > 0 {
			return fmt.Errorf("still failing")
		}
		return nil
	})
	produce(t, f, 1, 10, 15)
	untilOffsets(t, tl, 1, span(10, 15))
}

func TestSaysWhenThereIsNoBroker(t *testing.T) {
	f := kafkatest.NewFake(t, kfake.NumBrokers(1))
	f.Down(0)
	tl := follow(t, f.Bootstrap(), kafka.ReadSpec{})
	untilPhase(t, tl, tail.Failed)
	f.Up(0)
	kafkatest.CreateTopic(t, f.Bootstrap(), "orders", 1, 1)
	untilPhase(t, tl, tail.CaughtUp)
}

func TestKeepsHeadersKeysAndNulls(t *testing.T) {
	f := cluster(t)
	tl := follow(t, f.Bootstrap(), kafka.ReadSpec{Partitions: []int32{0}})
	untilPhase(t, tl, tail.CaughtUp)
	kafkatest.ProduceRecords(t, f.Bootstrap(),
		&kgo.Record{Topic: "orders", Partition: 0, Key: []byte{}, Value: nil, Timestamp: time.UnixMilli(0)},
		&kgo.Record{Topic: "orders", Partition: 0, Key: nil, Value: []byte{}, Headers: []kgo.RecordHeader{{Key: "h", Value: nil}, {Key: "h", Value: []byte{}}}},
	)
	until(t, tl, func(s tail.State) error {
		if s.Received != 2 {
			return fmt.Errorf("want two records")
		}
		return nil
	})
	e := tl.Lines(2)
	if e[0].Key == nil || e[0].Value != nil || !e[0].Timestamp.Equal(time.UnixMilli(0)) {
		t.Errorf("empty key, no value, time 0: %+v", e[0])
	}
	if h := e[1].Headers; e[1].Key != nil || e[1].Value == nil || len(h) != 2 || h[0].Value != nil || h[1].Value == nil {
		t.Errorf("no key, empty value, two headers: %+v", e[1])
	}
}

func TestReadsARecordLargerThanAnAnswer(t *testing.T) {
	f := kafkatest.NewFake(t, kfake.BrokerConfigs(map[string]string{"message.max.bytes": "20000000"}))
	kafkatest.CreateTopic(t, f.Bootstrap(), "orders", 1, 1)
	cl := kafkatest.Client(t, f.Bootstrap(), kgo.ProducerBatchMaxBytes(15<<20), kgo.BrokerMaxWriteBytes(100<<20))
	r := &kgo.Record{Topic: "orders", Value: make([]byte, 10<<20)}
	if err := cl.ProduceSync(t.Context(), r).FirstErr(); err != nil {
		t.Fatal(err)
	}
	tl := follow(t, f.Bootstrap(), kafka.ReadSpec{From: kafka.Seek{Kind: kafka.SeekStart}})
	untilOffsets(t, tl, 0, []int64{0})
	if e := tl.Lines(1)[0]; e.ValueSize != 10<<20 || len(e.Value) != tail.DefaultValue {
		t.Errorf("%d bytes, %d kept", e.ValueSize, len(e.Value))
	}
}

func isCode(err error, code kafka.Code) bool { return errors.Is(err, code) }

func TestTellsThatABrokerHangs(t *testing.T) {
	f := cluster(t)
	tl := follow(t, f.Bootstrap(), kafka.ReadSpec{})
	untilAllCaughtUp(t, tl)
	for b := range int32(3) {
		f.Hang(b)
	}
	untilPhase(t, tl, tail.Failed)
	for b := range int32(3) {
		f.Up(b)
	}
	untilAllCaughtUp(t, tl)
	produce(t, f, 0, 10, 12)
	untilOffsets(t, tl, 0, span(10, 12))
}

func BenchmarkFollow(b *testing.B) {
	const records = 200_000
	f := kafkatest.NewFake(b)
	kafkatest.CreateTopic(b, f.Bootstrap(), "orders", 12, 1)
	rs := make([]*kgo.Record, records)
	for i := range rs {
		rs[i] = &kgo.Record{Topic: "orders", Partition: int32(i % 12), Value: make([]byte, 100)}
	}
	kafkatest.ProduceRecords(b, f.Bootstrap(), rs...)
	reader := conn.NewReader(conn.Config{Bootstrap: f.Bootstrap()})
	spec := tail.Spec{Reads: []kafka.ReadSpec{{Topic: "orders", From: kafka.Seek{Kind: kafka.SeekStart}}}}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		tl := tail.Start(b.Context(), reader, spec)
		for tl.State().Received < records {
			<-tl.Updates()
		}
		tl.Close()
		n += records
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "records/s")
}
