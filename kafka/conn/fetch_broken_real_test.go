package conn_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
)

// harm is what is done to the third of five batches, of 20 records each, on the disk of the broker.
type harm struct {
	name  string
	codec kgo.CompressionCodec
	at    int // of the byte, behind the beginning of the batch or before its end
	bits  byte
	why   string
}

// onePartition is what came of reading one partition.
type onePartition struct {
	seen    map[int64]int // how often each offset was read
	broken  []*kafka.BrokenBatch
	skipped map[int64]int
	over    bool
}

// On Apache Kafka, which sends the bytes of its files unchecked: one batch on the disk is not what was produced.
func TestBatchThatIsWrongOnTheDiskIsNamedAndAllOthersAreRead(t *testing.T) {
	c := kafkatest.RealOwn(t, kafkatest.Own{Nodes: 1})
	harms := []harm{
		{"a value", kgo.NoCompression(), -5, 1, "its checksum is wrong"},
		{"gzip", kgo.GzipCompression(), -20, 0x55, "its checksum is wrong"},
		{"snappy", kgo.SnappyCompression(), -20, 0x55, "its checksum is wrong"},
		{"lz4", kgo.Lz4Compression(), -20, 0x55, "its checksum is wrong"},
		{"zstd", kgo.ZstdCompression(), -20, 0x55, "its checksum is wrong"},
		{"the checksum", kgo.NoCompression(), 17, 0xff, "its checksum is wrong"},
		{"the count of records", kgo.NoCompression(), 57, 0x40, "its checksum is wrong"},
		{"where its offsets end", kgo.NoCompression(), 26, 0x20, "its checksum is wrong"},
		{"a length that is too long", kgo.NoCompression(), 9, 0x10, "it is cut off"},
		{"a length that is too short", kgo.NoCompression(), 10, 0x0f, "its checksum is wrong"},
	}
	topic := kafkatest.Unique("harmed")
	kafkatest.CreateTopic(t, c.Bootstrap(), topic, int32(len(harms)), 1)
	for p, h := range harms {
		produceBatches(t, c, kafka.TopicPartition{Topic: topic, Partition: int32(p)}, h.codec)
	}
	for p, h := range harms {
		s := kafkatest.OpenSegment(t, c.Bootstrap(), kafka.TopicPartition{Topic: topic, Partition: int32(p)})
		if len(s.Batches) != 5 || s.Batches[2].First != 40 || s.Batches[2].Last != 59 {
			t.Fatalf("%s: batches %+v", h.name, s.Batches)
		}
		s.Flip(2, h.at, h.bits)
	}
	got := readAll(t, c, topic, len(harms))
	for p, h := range harms {
		t.Run(h.name, func(t *testing.T) { got[p].check(t, h) })
	}
	t.Run("behind which the broker finds nothing", func(t *testing.T) { readNoFurther(t, c) })
}

// readNoFurther reads logs of which a batch has a length that leads beyond the end of the file. The broker looks for
// offsets by these lengths, and answers as at the end of the log.
func readNoFurther(t *testing.T, c *kafkatest.Cluster) {
	t.Helper()
	cases := []struct {
		batch      int
		from, stay int64
		why        string
	}{
		{4, 0, 80, "bytes, of which"},
		{4, 85, 85, "the broker finds nothing there"},
		{2, 45, 45, "the broker finds nothing there"},
		{0, 0, 0, "the broker finds nothing there"},
	}
	topic := kafkatest.Unique("silent")
	kafkatest.CreateTopic(t, c.Bootstrap(), topic, int32(len(cases)), 1)
	spec := kafka.ReadSpec{Topic: topic, Each: map[int32]kafka.Seek{}}
	for p, x := range cases {
		tp := kafka.TopicPartition{Topic: topic, Partition: int32(p)}
		produceBatches(t, c, tp, kgo.NoCompression())
		kafkatest.OpenSegment(t, c.Bootstrap(), tp).Flip(x.batch, 9, 0x10)
		spec.Each[tp.Partition] = kafka.Seek{Kind: kafka.SeekOffset, Offset: x.from}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var mu sync.Mutex
	failures, next := map[int32]string{}, map[int32]int64{}
	conn.NewReader(conn.Config{Bootstrap: c.Bootstrap()}).Follow(ctx, spec, func(e kafka.ReadEvent) {
		mu.Lock()
		defer mu.Unlock()
		if e.CaughtUp {
			t.Errorf("partition %d is said to be read to its end at %d: next %d", e.Partition, e.End, e.Next)
		}
		if e.Kind != kafka.ReadFailed {
			next[e.Partition] = e.Next
		} else if strings.Contains(e.Err.Error(), "cannot be read") { // other failures pass
			failures[e.Partition] = e.Err.Error()
		}
		if len(failures) == len(cases) {
			cancel()
		}
	})
	for p, x := range cases {
		want := fmt.Sprintf("Fetch %s/%d: cannot be read from offset %d on: ", topic, p, x.stay)
		if got := failures[int32(p)]; next[int32(p)] != x.stay || !strings.HasPrefix(got, want) || !strings.Contains(got, x.why) {
			t.Errorf("%d: next %d, %s", p, next[int32(p)], got)
		}
	}
}

func produceBatches(t *testing.T, c *kafkatest.Cluster, tp kafka.TopicPartition, codec kgo.CompressionCodec) {
	t.Helper()
	for n := range 5 { // a client that has flushed may split what comes next
		cl := kafkatest.Client(t, c.Bootstrap(), kgo.ProducerBatchCompression(codec), kgo.ManualFlushing(), kgo.RecordPartitioner(kgo.ManualPartitioner()))
		var rs []*kgo.Record
		for i := range 20 {
			rs = append(rs, &kgo.Record{Topic: tp.Topic, Partition: tp.Partition, Value: fmt.Appendf(nil, "record %d of batch %d %s", i, n, strings.Repeat("x", 10*i))})
		}
		var wg sync.WaitGroup
		for _, r := range rs {
			wg.Add(1)
			cl.Produce(t.Context(), r, func(_ *kgo.Record, err error) {
				if err != nil {
					t.Error(err)
				}
				wg.Done()
			})
		}
		if err := cl.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		wg.Wait()
	}
}

func readAll(t *testing.T, c *kafkatest.Cluster, topic string, partitions int) []onePartition {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	got := make([]onePartition, partitions)
	for i := range got {
		got[i] = onePartition{seen: map[int64]int{}, skipped: map[int64]int{}}
	}
	var mu sync.Mutex
	open := partitions
	spec := kafka.ReadSpec{Topic: topic, From: kafka.Seek{Kind: kafka.SeekStart}}
	conn.NewReader(conn.Config{Bootstrap: c.Bootstrap()}).Follow(ctx, spec, func(e kafka.ReadEvent) {
		mu.Lock()
		defer mu.Unlock()
		if e.Partition < 0 {
			return
		}
		g := &got[e.Partition]
		g.take(&e)
		if e.Kind != kafka.ReadFailed && e.Next == 100 && e.End == 100 && !g.over {
			g.over = true
			if open--; open == 0 {
				cancel()
			}
		}
	})
	return got
}

func (g *onePartition) take(e *kafka.ReadEvent) {
	for i := range e.Records {
		r := &e.Records[i]
		if r.Mark != kafka.Corrupt {
			g.seen[r.Offset]++
			continue
		}
		g.broken = append(g.broken, r.Broken)
		for o := e.From; o < e.Next; o++ {
			g.skipped[o]++
		}
	}
}

func (g *onePartition) check(t *testing.T, h harm) {
	t.Helper()
	for o := range int64(100) {
		lost := o >= 40 && o < 60
		if lost && (g.seen[o] != 0 || g.skipped[o] != 1) || !lost && (g.seen[o] != 1 || g.skipped[o] != 0) {
			t.Fatalf("offset %d was read %d times and skipped %d times", o, g.seen[o], g.skipped[o])
		}
	}
	if !g.over || len(g.broken) != 1 {
		t.Fatalf("read to the end %v, %d broken batches", g.over, len(g.broken))
	}
	b := g.broken[0]
	if b.From != 40 || b.Next != 60 || !strings.HasPrefix(b.Why, h.why) || len(b.Raw) == 0 || b.Base != kafka.Some[int64](40) && h.at != 26 {
		t.Errorf("%s: %+v", b.Says(), b)
	}
}
