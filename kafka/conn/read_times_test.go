package conn

import (
	"math"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"lagtop/kafka"
	"lagtop/kafka/kafkatest"
)

func TestStampIsThatOfTheRecordAtTheOffset(t *testing.T) {
	f := kafkatest.NewFake(t, kfake.SeedTopics(2, "orders"))
	first := time.Now().Add(-3 * time.Hour).Truncate(time.Millisecond)
	for i := range 5 {
		kafkatest.ProduceRecords(t, f.Bootstrap(), &kgo.Record{Topic: "orders", Partition: 1, Value: []byte("x"), Timestamp: first.Add(time.Duration(i) * time.Minute)})
	}
	a, err := OpenAdmin(Config{Bootstrap: f.Bootstrap()})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	tp := kafka.TopicPartition{Topic: "orders", Partition: 1}
	for i := range 5 {
		got, err := a.Stamp(t.Context(), tp, int64(i))
		if want := first.Add(time.Duration(i) * time.Minute); err != nil || !got.Equal(want) {
			t.Errorf("offset %d: %v %v, want %v", i, got, err, want)
		}
	}
	for name, c := range map[string]struct {
		tp     kafka.TopicPartition
		offset int64
	}{
		"at the end":         {tp, 5},
		"beyond the end":     {tp, 50},
		"no such partition":  {kafka.TopicPartition{Topic: "orders", Partition: 9}, 0},
		"no such topic":      {kafka.TopicPartition{Topic: "none"}, 0},
		"an empty partition": {kafka.TopicPartition{Topic: "orders"}, 0},
	} {
		if got, err := a.Stamp(t.Context(), c.tp, c.offset); err == nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestFirstStampOfHostileBatches(t *testing.T) {
	at := time.UnixMilli(1_700_000_000_000)
	y9999 := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	largest := time.Unix(math.MaxInt64/1000, 807e6)
	delta := func(a, b time.Time) time.Duration { // as sarama computes it, overflow included
		return time.Duration(b.UnixMilli()-a.UnixMilli()) * time.Millisecond
	}
	for name, c := range map[string]struct {
		first, highest, stamp time.Time // of the batch, and the record's own
		want                  time.Time
	}{
		"sane":                    {at, at.Add(time.Hour), at.Add(time.Minute), at.Add(time.Minute)},
		"out of order":            {at, at.Add(time.Hour), at.Add(-time.Hour), at.Add(-time.Hour)},
		"the year 9999":           {y9999, y9999, y9999, y9999},
		"the largest number":      {largest, largest, largest, largest},
		"sane after the largest":  {largest, largest, at, time.Time{}},
		"9999 after a sane one":   {at, y9999, y9999, time.Time{}},
		"sane before one of 9999": {at, y9999, at, at},
		"none":                    {time.Time{}, time.Time{}, time.Time{}, time.Time{}},
	} {
		b := &sarama.RecordBatch{FirstTimestamp: c.first, MaxTimestamp: c.highest, FirstOffset: 6, LastOffsetDelta: 1, Records: []*sarama.Record{
			{OffsetDelta: 0}, {OffsetDelta: 1, TimestampDelta: delta(c.first, c.stamp)},
		}}
		got, ok := firstStamp(kafka.TopicPartition{}, &readCursor{next: 7}, []*sarama.Records{{RecordBatch: b}})
		if !ok || !got.Equal(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestFirstStampGoesOverControlBatches(t *testing.T) {
	at := time.UnixMilli(1_700_000_000_000)
	control := &sarama.RecordBatch{Control: true, FirstOffset: 3, FirstTimestamp: at, MaxTimestamp: at, Records: []*sarama.Record{{}}}
	next := &sarama.RecordBatch{FirstOffset: 4, FirstTimestamp: at.Add(time.Hour), MaxTimestamp: at.Add(time.Hour), Records: []*sarama.Record{{}}}
	got, ok := firstStamp(kafka.TopicPartition{}, &readCursor{next: 3}, []*sarama.Records{{RecordBatch: control}, {RecordBatch: next}})
	if !ok || !got.Equal(at.Add(time.Hour)) {
		t.Errorf("%v %v", got, ok)
	}
	c := &readCursor{next: 3}
	if _, ok := firstStamp(kafka.TopicPartition{}, c, []*sarama.Records{{RecordBatch: control}}); ok || c.next != 4 {
		t.Errorf("with nothing behind it: %v, next %d", ok, c.next)
	}
}
