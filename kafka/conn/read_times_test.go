package conn

import (
	"math"
	"slices"
	"testing"
	"time"

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
	largest := time.UnixMilli(math.MaxInt64)
	none := time.UnixMilli(-1)
	for name, c := range map[string]struct{ first, stamp, want time.Time }{
		"sane":                   {at, at.Add(time.Minute), at.Add(time.Minute)},
		"out of order":           {at, at.Add(-time.Hour), at.Add(-time.Hour)},
		"the year 9999":          {y9999, y9999, y9999},
		"the largest number":     {largest, largest, largest},
		"sane after the largest": {largest, at, at},
		"9999 after a sane one":  {at, y9999, y9999},
		"none":                   {none, none, time.Time{}},
	} {
		log := log{first: 6, at: c.first, records: []logged{{value: "a"}, {value: "b", at: c.stamp}}}.bytes()
		got, ok := firstStamp(t.Context(), kafka.TopicPartition{}, &readCursor{next: 7}, log)
		if !ok || !got.Equal(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestFirstStampGoesOverControlBatches(t *testing.T) {
	at := time.UnixMilli(1_700_000_000_000)
	control := log{first: 3, at: at, attributes: 0x30, records: []logged{{key: "\x00\x00\x00\x01"}}}.bytes()
	next := log{first: 4, at: at.Add(time.Hour), records: []logged{{}}}.bytes()
	got, ok := firstStamp(t.Context(), kafka.TopicPartition{}, &readCursor{next: 3}, append(slices.Clone(control), next...))
	if !ok || !got.Equal(at.Add(time.Hour)) {
		t.Errorf("%v %v", got, ok)
	}
	c := &readCursor{next: 3}
	if _, ok := firstStamp(t.Context(), kafka.TopicPartition{}, c, control); ok || c.next != 4 {
		t.Errorf("with nothing behind it: %v, next %d", ok, c.next)
	}
}
