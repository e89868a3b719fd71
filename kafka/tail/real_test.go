package tail_test

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/tail"
)

// On Apache Kafka: every codec, control batches at the end of the log, and a log start that moves on.
func TestFollowsApacheKafka(t *testing.T) {
	c := kafkatest.Real(t)
	topic := kafkatest.Unique("tail")
	kafkatest.CreateTopic(t, c.Bootstrap(), topic, 1, 1)
	codecs := []kgo.CompressionCodec{kgo.NoCompression(), kgo.GzipCompression(), kgo.SnappyCompression(), kgo.Lz4Compression(), kgo.ZstdCompression()}
	for _, codec := range codecs {
		cl := kafkatest.Client(t, c.Bootstrap(), kgo.ProducerBatchCompression(codec))
		var rs []*kgo.Record
		for i := range 100 {
			rs = append(rs, &kgo.Record{Topic: topic, Key: fmt.Append(nil, i), Value: make([]byte, 200)})
		}
		if err := cl.ProduceSync(t.Context(), rs...).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	commitOne(t, c.Bootstrap(), topic)

	cfg := conn.Config{Bootstrap: c.Bootstrap()}
	spec := tail.Spec{Reads: []kafka.ReadSpec{{Topic: topic, From: kafka.Seek{Kind: kafka.SeekStart}}}}
	tl := tail.Start(t.Context(), conn.NewReader(cfg), spec)
	defer tl.Close()
	until(t, tl, func(s tail.State) error {
		if s.Phase != tail.CaughtUp || s.Received != 501 || s.Behind != 0 {
			return fmt.Errorf("want 501 records, and nothing left behind the control batch")
		}
		return nil
	})

	del := kadm.Offsets{}
	del.AddOffset(topic, 0, 450, -1)
	if _, err := kadm.NewClient(kafkatest.Client(t, c.Bootstrap())).DeleteRecords(t.Context(), del); err != nil {
		t.Fatal(err)
	}
	spec.Reads[0].From = kafka.Seek{Kind: kafka.SeekOffset, Offset: 440}
	late := tail.Start(t.Context(), conn.NewReader(cfg), spec)
	defer late.Close()
	until(t, late, func(s tail.State) error {
		if s.Received != 51 || s.Skipped != 10 {
			return fmt.Errorf("want 51 records from the log start, 10 skipped")
		}
		return nil
	})
}

// commitOne writes one record in a transaction: a control batch follows it.
func commitOne(t *testing.T, bootstrap []string, topic string) {
	t.Helper()
	cl := kafkatest.Client(t, bootstrap, kgo.TransactionalID(topic))
	if err := cl.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	if err := cl.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Value: []byte("last")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	if err := cl.EndTransaction(t.Context(), kgo.TryCommit); err != nil {
		t.Fatal(err)
	}
}
