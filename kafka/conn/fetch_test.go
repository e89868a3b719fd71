package conn

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/IBM/sarama"

	"lagtop/kafka"
)

func TestFirstPlaceIsInTheLog(t *testing.T) {
	const start, end = 100, 200
	for _, c := range []struct {
		seek  kafka.Seek
		at    int64
		asked int64
		next  int64
	}{
		{kafka.Seek{}, 0, end, end},
		{kafka.Seek{Kind: kafka.SeekStart}, 0, start, start},
		{kafka.Seek{Kind: kafka.SeekOffset, Offset: 150}, 0, 150, 150},
		{kafka.Seek{Kind: kafka.SeekOffset, Offset: 200}, 0, 200, 200},
		{kafka.Seek{Kind: kafka.SeekOffset, Offset: 7}, 0, 7, start},
		{kafka.Seek{Kind: kafka.SeekOffset, Offset: -5}, 0, -5, start},
		{kafka.Seek{Kind: kafka.SeekOffset, Offset: 999}, 0, 999, end},
		{kafka.Seek{Kind: kafka.SeekTime}, 170, 170, 170},
		{kafka.Seek{Kind: kafka.SeekTime}, -1, end, end},
		{kafka.Seek{Kind: kafka.SeekLast, Offset: 30}, 0, 170, 170},
		{kafka.Seek{Kind: kafka.SeekLast, Offset: math.MaxInt64}, 0, start, start},
		{kafka.Seek{Kind: kafka.SeekLast, Offset: -3}, 0, end, end},
	} {
		if asked, next := first(c.seek, start, end, c.at); asked != c.asked || next != c.next {
			t.Errorf("%+v: asked %d, next %d; want %d, %d", c.seek, asked, next, c.asked, c.next)
		}
	}
}

func TestPlaceAfterTheOldOneWasLost(t *testing.T) {
	for _, c := range []struct{ next, start, end, want int64 }{
		{50, 100, 200, 100}, // retention
		{300, 0, 20, 0},     // made anew
		{150, 100, 200, 150},
		{200, 100, 200, 200},
	} {
		if got := again(c.next, c.start, c.end); got != c.want {
			t.Errorf("again(%d, %d, %d) = %d, want %d", c.next, c.start, c.end, got, c.want)
		}
	}
}

func decodeAll(next int64, sets ...*sarama.Records) (after int64, seen string) {
	w := newFetcher(nil, nil)
	c := &readCursor{next: next}
	for _, s := range sets {
		w.decode(kafka.TopicPartition{Topic: "orders"}, c, s)
	}
	for _, r := range w.records {
		seen += fmt.Sprintf("%d=%s ", r.Offset, r.Value)
	}
	return c.next, seen
}

func batch(first int64, last int32, deltas ...int64) *sarama.Records {
	b := &sarama.RecordBatch{FirstOffset: first, LastOffsetDelta: last, FirstTimestamp: time.Unix(9, 0)}
	for _, d := range deltas {
		b.Records = append(b.Records, &sarama.Record{OffsetDelta: d, Value: []byte{'a' + byte(d)}})
	}
	return &sarama.Records{RecordBatch: b}
}

func TestDecodeGoesBehindTheBatch(t *testing.T) {
	control := batch(15, 0, 0)
	control.RecordBatch.Control = true
	partial := batch(17, 2, 0)
	partial.RecordBatch.PartialTrailingRecord = true
	for name, c := range map[string]struct {
		next  int64
		sets  []*sarama.Records
		after int64
		seen  string
	}{
		"all":                       {10, []*sarama.Records{batch(10, 2, 0, 1, 2)}, 13, "10=a 11=b 12=c "},
		"from the middle":           {12, []*sarama.Records{batch(10, 2, 0, 1, 2)}, 13, "12=c "},
		"compacted":                 {10, []*sarama.Records{batch(10, 9, 3)}, 20, "13=d "},
		"two, then a control batch": {10, []*sarama.Records{batch(10, 1, 0, 1), control}, 16, "10=a 11=b "},
		"a partial one":             {17, []*sarama.Records{partial}, 17, ""},
		"an old one":                {20, []*sarama.Records{batch(10, 2, 0, 1, 2)}, 20, ""},
	} {
		if after, seen := decodeAll(c.next, c.sets...); after != c.after || seen != c.seen {
			t.Errorf("%s: %q, next %d; want %q, %d", name, seen, after, c.seen, c.after)
		}
	}
}

func TestDecodeOldMessageFormats(t *testing.T) {
	block := func(offset int64, version int8) *sarama.MessageBlock {
		return &sarama.MessageBlock{Offset: offset, Msg: &sarama.Message{Version: version, Value: []byte("v")}}
	}
	set := func(bs ...*sarama.MessageBlock) *sarama.Records {
		return &sarama.Records{MsgSet: &sarama.MessageSet{Messages: bs}}
	}
	if after, seen := decodeAll(6, set(block(5, 0), block(6, 0), block(9, 1))); after != 10 || seen != "6=v 9=v " {
		t.Errorf("single messages: %q, next %d", seen, after)
	}
	compressed := block(22, 1) // holds relative offsets 0 to 2
	compressed.Msg.Set = &sarama.MessageSet{Messages: []*sarama.MessageBlock{block(0, 1), block(1, 1), block(2, 1)}}
	if after, seen := decodeAll(21, set(compressed)); after != 23 || seen != "21=v 22=v " {
		t.Errorf("a compressed message: %q, next %d", seen, after)
	}
}

func TestStampOfTheRecord(t *testing.T) {
	r := &sarama.Record{TimestampDelta: time.Second}
	b := &sarama.RecordBatch{FirstTimestamp: time.Unix(9, 0), MaxTimestamp: time.Unix(99, 0)}
	if got := stamp(b, r); !got.Equal(time.Unix(10, 0)) {
		t.Errorf("the producer's time: %v", got)
	}
	b.LogAppendTime = true
	if got := stamp(b, r); !got.Equal(time.Unix(99, 0)) {
		t.Errorf("the broker's time: %v", got)
	}
	if got := stamp(&sarama.RecordBatch{}, r); !got.IsZero() {
		t.Errorf("no time: %v", got)
	}
}
