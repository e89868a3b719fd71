package conn

import (
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
	"lagtop/kafka/kafkatest"
)

func TestTheOldestOpenTransactionIsToldOfManyProducers(t *testing.T) {
	type producer = kmsg.DescribeProducersResponseTopicPartitionActiveProducer
	at := time.UnixMilli(1_700_000_000_000)
	closed := producer{ProducerID: 1, CurrentTxnStartOffset: -1, LastTimestamp: at.UnixMilli()}
	old := producer{ProducerID: 2, ProducerEpoch: 3, CurrentTxnStartOffset: 0, LastTimestamp: at.UnixMilli()}
	young := producer{ProducerID: 4, CurrentTxnStartOffset: 90, LastTimestamp: -1}
	for name, c := range map[string]struct {
		in   []producer
		want kafka.OpenTransaction
		ok   bool
	}{
		"nobody":          {},
		"none open":       {in: []producer{closed}},
		"the first":       {[]producer{old, closed, young}, kafka.OpenTransaction{Producer: 2, Epoch: 3, Wrote: at}, true},
		"the last":        {[]producer{young, closed, old}, kafka.OpenTransaction{Producer: 2, Epoch: 3, Wrote: at}, true},
		"without a stamp": {[]producer{young}, kafka.OpenTransaction{Producer: 4, Start: 90}, true},
	} {
		if got, ok := oldest(c.in); ok != c.ok || got != c.want {
			t.Errorf("%s: %+v %v, want %+v", name, got, ok, c.want)
		}
	}
}

func TestStableOffsetsStopAtAnOpenTransaction(t *testing.T) {
	f := kafkatest.NewFake(t, kfake.NumBrokers(1), kfake.SeedTopics(2, "orders"))
	for i := range int32(2) {
		kafkatest.ProduceRecords(t, f.Bootstrap(), &kgo.Record{Topic: "orders", Partition: i, Value: []byte("x")})
	}
	tx := kafkatest.Client(t, f.Bootstrap(), kgo.TransactionalID("tx"), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err := tx.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	if err := tx.ProduceSync(t.Context(), &kgo.Record{Topic: "orders", Partition: 1, Value: []byte("x")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	id, epoch, err := tx.ProducerID(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b := NewBroker(Config{}, f.Bootstrap()[0], nil)
	defer b.Close()
	parts := []kafka.TopicPartition{{Topic: "orders"}, {Topic: "orders", Partition: 1}, {Topic: "none"}}
	stable, ends := offsetsOf(t, b.StableOffsets, parts), offsetsOf(t, func(ctx context.Context, p []kafka.TopicPartition) ([]LogOffset, error) {
		return b.ListOffsets(ctx, LogEnd, p)
	}, parts)
	if stable[parts[0]].V != 1 || ends[parts[0]].V != 1 || stable[parts[1]].V != 1 || ends[parts[1]].V != 2 || stable[parts[2]].OK {
		t.Errorf("stable %v, ends %v", stable, ends)
	}
	open, err := b.OpenTransactions(t.Context(), parts)
	if o := open[parts[1]]; err != nil || len(open) != 1 || o.Producer != id || o.Epoch != int32(epoch) || o.Start != 1 || o.Wrote.IsZero() {
		t.Errorf("open %+v %v, want producer %d epoch %d in orders/1", open, err, id, epoch)
	}
}

func offsetsOf(t *testing.T, ask func(context.Context, []kafka.TopicPartition) ([]LogOffset, error), parts []kafka.TopicPartition) map[kafka.TopicPartition]kafka.Known[int64] {
	t.Helper()
	got, err := ask(t.Context(), parts)
	if err != nil {
		t.Fatal(err)
	}
	out := map[kafka.TopicPartition]kafka.Known[int64]{}
	for _, o := range got {
		out[o.TopicPartition] = o.Offset
	}
	return out
}
