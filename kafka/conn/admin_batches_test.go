package conn_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
)

// write produces batches of exactly n records, with a codec, to one partition. With a transactional id each
// batch is a transaction.
func write(t *testing.T, bootstrap []string, tp kafka.TopicPartition, codec sarama.CompressionCodec, batches, n int, transactional string) {
	t.Helper()
	c := sarama.NewConfig()
	c.Version = sarama.V3_0_0_0
	c.Net.MaxOpenRequests = 1
	c.Producer.Idempotent, c.Producer.RequiredAcks = true, sarama.WaitForAll
	c.Producer.Compression, c.Producer.Partitioner = codec, sarama.NewManualPartitioner
	c.Producer.Flush.Messages, c.Producer.Return.Successes = n, true
	c.Producer.Transaction.ID = transactional
	p, err := sarama.NewSyncProducer(bootstrap, c)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for range batches {
		var ms []*sarama.ProducerMessage
		for i := range n {
			ms = append(ms, &sarama.ProducerMessage{Topic: tp.Topic, Partition: tp.Partition, Value: sarama.StringEncoder(fmt.Sprintf("a record with the number %d", i))})
		}
		if transactional != "" {
			err = p.BeginTxn()
		}
		err = errors.Join(err, p.SendMessages(ms))
		if transactional != "" {
			err = errors.Join(err, p.CommitTxn())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// checkBatches reads a topic whose four partitions were written to in known ways.
func checkBatches(t *testing.T, a *conn.Admin, topic string) {
	t.Helper()
	var got []kafka.NewestBatches
	kafkatest.Until(t, time.Minute, func() (err error) { // the marker of a commit is written after its answer
		if got, err = a.Batches(t.Context(), topic); err == nil && (len(got) != 4 || len(got[2].Batches) < 4) {
			err = fmt.Errorf("%+v", got)
		}
		return err
	})
	for i, n := range got {
		if n.Err != nil || n.Partition != int32(i) || n.Large {
			t.Errorf("partition %d: %+v", i, n)
		}
	}
	if bs := got[0].Batches; len(bs) != 64 || bs[63].Offset != 99 {
		t.Errorf("%d single batches, last %+v", len(bs), bs[len(bs)-1])
	}
	for _, b := range got[0].Batches {
		if b.Codec != kafka.CodecNone || b.Records != kafka.Some(1) || b.Bytes < 61 || b.Bytes > 200 || b.Transactional || b.Control {
			t.Fatalf("a batch of one record: %+v", b)
		}
		if age := time.Since(b.Time); age < 0 || age > time.Hour {
			t.Fatalf("time %v", b.Time)
		}
	}
	if bs := got[1].Batches; len(bs) != 1 || bs[0].Codec != kafka.CodecLZ4 || bs[0].Records != kafka.Some(500) || bs[0].Offset != 500 ||
		!bs[0].ProducerID.OK || bs[0].Bytes > 500*20 {
		t.Errorf("batches of 500 compressed records: %+v", bs)
	}
	if bs := got[2].Batches; len(bs) != 4 || !bs[2].Transactional || bs[2].Control || !bs[3].Control || bs[2].Records != kafka.Some(7) {
		t.Errorf("batches of transactions: %+v", bs)
	}
	if len(got[3].Batches) != 0 {
		t.Errorf("batches of an empty log: %+v", got[3])
	}
}

func writeAll(t *testing.T, bootstrap []string, topic string) {
	t.Helper()
	tp := func(p int32) kafka.TopicPartition { return kafka.TopicPartition{Topic: topic, Partition: p} }
	write(t, bootstrap, tp(0), sarama.CompressionNone, 100, 1, "")
	write(t, bootstrap, tp(1), sarama.CompressionLZ4, 2, 500, "")
	write(t, bootstrap, tp(2), sarama.CompressionZSTD, 2, 7, topic)
}

func TestBatchHeadersOfAFake(t *testing.T) {
	f := kafkatest.NewFake(t, kfake.SeedTopics(4, "orders"))
	writeAll(t, f.Bootstrap(), "orders")
	f.ResetRequests()
	checkBatches(t, openAdmin(t, f.Bootstrap()...), "orders")
	if n, m := f.Requests(kmsg.Fetch), f.Requests(kmsg.ListOffsets); n > 3 || m > 6 {
		t.Errorf("%d Fetch and %d ListOffsets requests to 3 brokers", n, m)
	}
}

func TestBatchHeadersOfARealCluster(t *testing.T) {
	c := kafkatest.Real(t)
	topic := kafkatest.Unique("batches")
	kafkatest.CreateTopic(t, c.Bootstrap(), topic, 4, 3)
	writeAll(t, c.Bootstrap(), topic)
	a := openAdmin(t, c.Bootstrap()...)
	checkBatches(t, a, topic)
	write(t, c.Bootstrap(), kafka.TopicPartition{Topic: topic, Partition: 3}, sarama.CompressionNone, 1, 4000, "")
	got, err := a.Batches(t.Context(), topic)
	if err != nil || len(got) != 4 {
		t.Fatalf("%+v %v", got, err)
	}
	if n := got[3]; n.Err != nil || !n.Large && (len(n.Batches) != 1 || n.Batches[0].Records != kafka.Some(4000)) {
		t.Errorf("a batch above 64 KiB: %+v", n)
	}
	set, err := a.TopicSettings(t.Context(), topic)
	for name, want := range map[string]string{"cleanup.policy": "delete", "compression.type": "producer", "retention.ms": "604800000", "retention.bytes": "-1"} {
		if x := config(set, name); err != nil || x == nil || x.Value != want || x.Source != kafka.SourceDefault {
			t.Errorf("%s: %+v %v", name, x, err)
		}
	}
}

func TestBatchesOfATopicThatIsNotThere(t *testing.T) {
	a := openAdmin(t, kafkatest.NewFake(t).Bootstrap()...)
	if _, err := a.Batches(t.Context(), "missing"); !errors.Is(err, kafka.CodeUnknownTopicOrPartition) {
		t.Errorf("error %v", err)
	}
}

func TestBatchesSayWhichRightIsMissing(t *testing.T) {
	f := kafkatest.NewFake(t, kfake.SeedTopics(3, "orders"))
	kafkatest.Produce(t, f.Bootstrap(), "orders", 9)
	f.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Fetch}, Err: kerr.TopicAuthorizationFailed, Count: -1})
	got, err := openAdmin(t, f.Bootstrap()...).Batches(t.Context(), "orders")
	if err != nil || len(got) != 3 {
		t.Fatalf("%+v %v", got, err)
	}
	for _, n := range got {
		if !kafka.Unauthorized(n.Err) || !strings.Contains(n.Err.Error(), "READ on topic orders") || len(n.Batches) > 0 {
			t.Errorf("%+v", n)
		}
	}
}

func TestABrokerThatHangsCostsOnlyItsOwnBatches(t *testing.T) {
	f := kafkatest.NewFake(t, kfake.SeedTopics(6, "orders"))
	for p := range int32(6) {
		if err := f.MoveTopicPartition("orders", p, p%3); err != nil {
			t.Fatal(err)
		}
	}
	kafkatest.Produce(t, f.Bootstrap(), "orders", 60)
	a := openAdmin(t, f.Bootstrap()...)
	whole, err := a.Batches(t.Context(), "orders")
	if err != nil {
		t.Fatal(err)
	}
	f.Hang(2)
	kafkatest.Until(t, time.Minute, func() error { // on a busy machine the others are late now and then
		ctx, cancel := context.WithTimeoutCause(t.Context(), 2*time.Second, errors.New("too late"))
		defer cancel()
		part, err := a.Batches(ctx, "orders")
		if err != nil || len(part) != len(whole) {
			return fmt.Errorf("%+v: %w", part, err)
		}
		read, failed := 0, 0
		for _, n := range part {
			if n.Err != nil {
				failed++
			} else if len(n.Batches) > 0 {
				read++
			}
		}
		if read != 4 || failed != 2 {
			return fmt.Errorf("%d partitions read, %d failed", read, failed)
		}
		return nil
	})
}
