package conn

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy/xerial"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
)

// log is a batch to be written as a broker keeps it.
type log struct {
	first      int64
	last       int32 // how far the last offset is behind the first; below it the records count
	at         time.Time
	attributes int16 // the codec is among them
	producer   int64
	records    []logged
}

type logged struct {
	key, value string
	at         time.Time // zero: that of the batch
	headers    int
}

func (l log) bytes() []byte {
	var body []byte
	for i, r := range l.records {
		one := []byte{0}
		delta := int64(0)
		if !r.at.IsZero() {
			delta = r.at.UnixMilli() - l.at.UnixMilli()
		}
		one = binary.AppendVarint(one, delta)
		one = binary.AppendVarint(one, int64(i))
		one = append(binary.AppendVarint(one, int64(len(r.key))), r.key...)
		one = append(binary.AppendVarint(one, int64(len(r.value))), r.value...)
		one = binary.AppendVarint(one, int64(r.headers))
		for range r.headers {
			one = append(binary.AppendVarint(one, 1), 'h')
			one = binary.AppendVarint(one, -1)
		}
		body = append(binary.AppendVarint(body, int64(len(one))), one...)
	}
	b := kmsg.RecordBatch{
		FirstOffset: l.first, Magic: 2, Attributes: l.attributes, LastOffsetDelta: max(l.last, int32(len(l.records)-1)),
		FirstTimestamp: l.at.UnixMilli(), MaxTimestamp: l.at.UnixMilli() + 99, ProducerID: l.producer, NumRecords: int32(len(l.records)),
		Records: deflate(kafka.Codec(l.attributes&7), body),
	}
	b.Length = int32(headerBytes - logOverhead + len(b.Records))
	out := b.AppendTo(nil)
	binary.BigEndian.PutUint32(out[17:], crc32.Checksum(out[21:], castagnoli))
	return out
}

func deflate(codec kafka.Codec, body []byte) []byte {
	var out bytes.Buffer
	var w io.WriteCloser
	switch codec {
	case kafka.CodecGzip:
		w = gzip.NewWriter(&out)
	case kafka.CodecLZ4:
		w = lz4.NewWriter(&out)
	case kafka.CodecZstd:
		w, _ = zstd.NewWriter(&out)
	case kafka.CodecSnappy:
		return xerial.Encode(nil, body)
	default:
		return body
	}
	_, _ = w.Write(body) // what does not arrive shows when it is read
	w.Close()
	return out.Bytes()
}

// seen is one reading of a log from an offset on.
type seen struct {
	next   int64
	text   string // the records, a | behind each event
	events []kafka.ReadEvent
	err    error
}

func readLog(t *testing.T, spec kafka.ReadSpec, c *readCursor, aborted []kmsg.FetchResponseTopicPartitionAbortedTransaction, batches ...[]byte) (s seen) {
	t.Helper()
	return readPart(t, spec, c, aborted, false, batches...)
}

// readPart is readLog of an answer of which the broker gives the first batch in full, or may not.
func readPart(t *testing.T, spec kafka.ReadSpec, c *readCursor, aborted []kmsg.FetchResponseTopicPartitionAbortedTransaction, whole bool, batches ...[]byte) (s seen) {
	t.Helper()
	f := &follower{spec: spec, on: func(e kafka.ReadEvent) {
		if e.Kind == kafka.ReadSkipped {
			s.text += "|"
			s.events = append(s.events, e)
			return
		}
		for _, r := range e.Records {
			s.text += strings.TrimSpace(fmt.Sprintf("%d=%.9s %v", r.Offset, r.Value, r.Mark)) + " "
		}
		s.text += "|"
		e.Records = nil
		s.events = append(s.events, e)
	}}
	p := &kmsg.FetchResponseTopicPartition{AbortedTransactions: aborted}
	w := newFetcher(f, nil)
	w.most = 1 << 20
	a := portion{w: w, c: c, tp: kafka.TopicPartition{Topic: "orders"}, end: 1 << 40, whole: whole, aborts: newAborts(p)}
	s.err = a.read(t.Context(), slices.Concat(batches...))
	a.tell(t.Context())
	s.next = c.next
	return s
}

func values(texts ...string) (out []logged) {
	for _, s := range texts {
		out = append(out, logged{value: s})
	}
	return out
}

func TestReadGoesBehindTheBatch(t *testing.T) {
	abc := log{first: 10, records: values("a", "b", "c")}.bytes()
	for name, c := range map[string]struct {
		next    int64
		batches [][]byte
		after   int64
		text    string
	}{
		"all":                       {10, [][]byte{abc}, 13, "10=a 11=b 12=c |"},
		"from the middle":           {12, [][]byte{abc}, 13, "12=c |"},
		"compacted":                 {10, [][]byte{log{first: 10, last: 9, records: values("d")}.bytes()}, 20, "10=d |"},
		"compacted to nothing":      {10, [][]byte{log{first: 10, last: 9}.bytes()}, 20, "|"},
		"two, then a control batch": {10, [][]byte{abc, log{first: 13, attributes: 0x30, records: []logged{{key: "\x00\x00\x00\x01"}}}.bytes()}, 14, "10=a 11=b 12=c |"},
		"one that is cut off":       {10, [][]byte{abc, abc[:70]}, 13, "10=a 11=b 12=c |"},
		"an old one":                {20, [][]byte{abc}, 20, "|"},
	} {
		got := readLog(t, kafka.ReadSpec{}, &readCursor{next: c.next, corrupt: -1}, nil, c.batches...)
		if got.err != nil || got.next != c.after || got.text != c.text {
			t.Errorf("%s: %q, next %d, %v; want %q, %d", name, got.text, got.next, got.err, c.text, c.after)
		}
	}
}

func TestReadsEveryCodec(t *testing.T) {
	for codec := kafka.CodecNone; codec <= kafka.CodecZstd; codec++ {
		one := log{first: 5, attributes: int16(codec), records: values(strings.Repeat("a", 100), "b")}.bytes()
		two := log{first: 7, attributes: int16(codec), records: values("c")}.bytes()
		got := readLog(t, kafka.ReadSpec{}, &readCursor{next: 5, corrupt: -1}, nil, one, two)
		if got.err != nil || got.text != "5=aaaaaaaaa 6=b 7=c |" {
			t.Errorf("%v: %q %v", codec, got.text, got.err)
		}
	}
}

func TestABombIsNotInflated(t *testing.T) {
	huge := []logged{{value: strings.Repeat("\x00", 1<<20+1)}}
	for codec := kafka.CodecGzip; codec <= kafka.CodecZstd; codec++ {
		c := &readCursor{next: 5, corrupt: -1}
		bomb, after := log{first: 5, attributes: int16(codec), records: huge}.bytes(), log{first: 6, records: values("b")}.bytes()
		if got := readLog(t, kafka.ReadSpec{}, c, nil, bomb, after); !errors.Is(got.err, errBomb) || got.next != 5 {
			t.Fatalf("%v: %v, next %d", codec, got.err, got.next)
		}
		if got := readLog(t, kafka.ReadSpec{}, c, nil, bomb, after); got.err != nil || got.text != "|6=b |" || got.events[0].Kind != kafka.ReadSkipped {
			t.Errorf("%v the second time: %q %v", codec, got.text, got.err)
		}
	}
}

func TestACorruptBatchIsSkippedTheSecondTime(t *testing.T) {
	good, after := log{first: 4, records: values("a")}.bytes(), log{first: 7, records: values("d")}.bytes()
	bad := log{first: 5, records: values("b", "c")}.bytes()
	bad[len(bad)-3] ^= 1
	c := &readCursor{next: 4, corrupt: -1}
	if got := readLog(t, kafka.ReadSpec{}, c, nil, good, bad, after); !errors.Is(got.err, errCorrupt) || got.next != 5 || got.text != "4=a |" {
		t.Fatalf("%q, next %d, %v", got.text, got.next, got.err)
	}
	got := readLog(t, kafka.ReadSpec{}, c, nil, bad, after)
	if got.err != nil || got.next != 8 || !strings.HasSuffix(got.text, "7=d |") {
		t.Fatalf("%q, next %d, %v", got.text, got.next, got.err)
	}
	skip := got.events[0]
	if skip.Kind != kafka.ReadSkipped || skip.From != 5 || skip.Next != 7 || !errors.Is(skip.Err, errCorrupt) {
		t.Errorf("%+v", skip)
	}
}

func TestReadCommittedLeavesOutWhatWasAborted(t *testing.T) {
	marker := func(first, producer int64, key string) []byte {
		return log{first: first, producer: producer, attributes: 0x30, records: []logged{{key: key}}}.bytes()
	}
	in := func(first, producer int64, value string) []byte {
		return log{first: first, producer: producer, attributes: 0x10, records: values(value)}.bytes()
	}
	const abort, commit = "\x00\x00\x00\x00", "\x00\x00\x00\x01"
	batches := [][]byte{
		in(0, 7, "lost"), in(1, 8, "kept"), marker(2, 7, abort), in(3, 7, "again"), log{first: 4, producer: -1, records: values("plain")}.bytes(),
		marker(5, 8, commit), marker(6, 7, commit),
	}
	aborted := []kmsg.FetchResponseTopicPartitionAbortedTransaction{{ProducerID: 7, FirstOffset: 0}}
	for _, c := range []struct {
		spec kafka.ReadSpec
		want string
	}{
		{kafka.ReadSpec{Committed: true}, "1=kept 3=again 4=plain |"},
		{kafka.ReadSpec{Committed: true, Aborted: true}, "0=lost aborted 1=kept 3=again 4=plain |"},
		{kafka.ReadSpec{Committed: true, Markers: true}, "1=kept 2= abort marker 3=again 4=plain 5= commit marker 6= commit marker |"},
	} {
		if got := readLog(t, c.spec, &readCursor{corrupt: -1}, aborted, batches...); got.text != c.want || got.next != 7 {
			t.Errorf("%+v: %q, next %d", c.spec, got.text, got.next)
		}
	}
}

func TestReadsTheFormatsBefore011(t *testing.T) {
	v1 := func(offset int64, attributes int8, value []byte) []byte {
		m := kmsg.MessageV1{Offset: offset, Magic: 1, Attributes: attributes, Timestamp: 9000, Value: value}
		m.MessageSize = int32(len(m.AppendTo(nil)) - logOverhead)
		out := m.AppendTo(nil)
		binary.BigEndian.PutUint32(out[12:], crc32.ChecksumIEEE(out[16:]))
		return out
	}
	inner := slices.Concat(v1(0, 0, []byte("x")), v1(1, 0, []byte("y")), v1(2, 0, []byte("z")))
	got := readLog(t, kafka.ReadSpec{}, &readCursor{next: 5, corrupt: -1}, nil, v1(5, 0, []byte("v")), v1(22, 1, deflate(kafka.CodecGzip, inner)))
	if got.err != nil || got.next != 23 || got.text != "5=v 20=x 21=y 22=z |" {
		t.Errorf("%q, next %d, %v", got.text, got.next, got.err)
	}
}

func TestTimesOfRecords(t *testing.T) {
	s := stamps{first: 9000, most: 99_000}
	if got := s.at(1000); !got.Equal(time.Unix(10, 0)) {
		t.Errorf("the producer's time: %v", got)
	}
	s.log = true
	if got := s.at(1000); !got.Equal(time.Unix(99, 0)) {
		t.Errorf("the broker's time: %v", got)
	}
	if got := (stamps{first: -1}).at(0); !got.IsZero() {
		t.Errorf("no time: %v", got)
	}
}

// No batch, however made, crashes the reader, and its work is bounded by its length.
func FuzzReadBatches(f *testing.F) {
	f.Add(log{first: 1, records: []logged{{key: "k", value: "v", headers: 3}}}.bytes(), true)
	f.Add(log{first: 1, attributes: 4, records: values("v")}.bytes(), false)
	f.Add(log{first: 1, attributes: 0x30, records: []logged{{key: "\x00\x00\x00\x00"}}}.bytes(), true)
	f.Fuzz(func(t *testing.T, batch []byte, valid bool) {
		if len(batch) > headerBytes && valid {
			binary.BigEndian.PutUint32(batch[8:], uint32(len(batch)-logOverhead))
			binary.BigEndian.PutUint32(batch[17:], crc32.Checksum(batch[21:], castagnoli))
		}
		c := &readCursor{next: 1, corrupt: -1}
		for range 2 {
			readPart(t, kafka.ReadSpec{Markers: true}, c, nil, true, batch)
		}
		if c.next < 1 {
			t.Errorf("next %d", c.next)
		}
	})
}

func BenchmarkReadBatch(b *testing.B) {
	var rs []logged
	for range 1000 {
		rs = append(rs, logged{value: strings.Repeat("x", 100)})
	}
	batch := log{first: 1, at: time.Unix(1, 0), records: rs}.bytes()
	w := newFetcher(&follower{on: func(kafka.ReadEvent) {}}, nil)
	b.ReportAllocs()
	b.SetBytes(int64(len(batch)))
	for b.Loop() {
		a := portion{w: w, c: &readCursor{next: 1}, end: 1 << 40}
		w.reset()
		if err := a.read(b.Context(), batch); err != nil || len(w.records) != 1000 {
			b.Fatal(err)
		}
	}
}
