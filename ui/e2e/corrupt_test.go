package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"lagtop/kafka"
	"lagtop/kafka/kafkatest"
)

// harmed is a topic with five batches of 20 records, of which the third is changed on the disk of its broker.
func harmed(t *testing.T, c *kafkatest.Cluster, codec kgo.CompressionCodec) kafka.TopicPartition {
	t.Helper()
	tp := kafka.TopicPartition{Topic: kafkatest.Unique("harmed")}
	kafkatest.CreateTopic(t, c.Bootstrap(), tp.Topic, 1, 1)
	for n := range 5 { // a client that has flushed may split what comes next
		cl := kafkatest.Client(t, c.Bootstrap(), kgo.ProducerBatchCompression(codec), kgo.ManualFlushing())
		for i := range 20 {
			cl.Produce(t.Context(), &kgo.Record{Topic: tp.Topic, Value: fmt.Appendf(nil, "record %02d of batch %d", i, n)}, nil)
		}
		if err := cl.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	s := kafkatest.OpenSegment(t, c.Bootstrap(), tp)
	if len(s.Batches) != 5 || s.Batches[2].First != 40 || s.Batches[2].Last != 59 {
		t.Fatalf("batches %+v", s.Batches)
	}
	s.Flip(2, -7, 0x55)
	return tp
}

// The broker sends what is in its files unchecked: a batch that changed there is shown, counted and skipped for a
// group, and everything around it is read.
func TestBatchThatChangedOnTheDiskOfItsBroker(t *testing.T) {
	c := kafkatest.RealOwn(t, kafkatest.Own{Nodes: 1})
	plain, packed := harmed(t, c, kgo.NoCompression()), harmed(t, c, kgo.ZstdCompression())
	for _, tp := range []kafka.TopicPartition{plain, packed} {
		printsAllButTheBatch(t, c, tp)
	}
	group := kafkatest.Unique("stuck")
	kafkatest.Commit(t, c.Bootstrap(), group, map[kafka.TopicPartition]int64{packed: 40})
	tm := start(t, 120, 40, "-b", c.List())
	tm.wait("groups", group)
	tm.chooseGroup(group, group)
	tm.press("2", "partitions", "2 "+group)
	tm.press("g"+down, "partition", packed.Topic+"/0")
	tm.send("i")
	tm.wait("the batch", "Next for "+group, "cannot be read, up to offset 59: its checksum is wrong", "first offset 40, 20 records, codec zstd", "0000  00 00 00 00 00 00 00 28", "Skip the batch")
	tm.press("x", "where it is", "It is in ")
	files, _ := filepath.Glob(filepath.Join(tm.state, "lagtop", "records", "batch-*.bin"))
	if len(files) != 1 {
		t.Fatalf("exports %v", files)
	}
	if b, err := os.ReadFile(files[0]); err != nil || len(b) != kafkatest.OpenSegment(t, c.Bootstrap(), packed).Batches[2].Size {
		t.Errorf("%d bytes are exported, %v", len(b), err)
	}
	tm.press("s", "preview", "to offset 60")
	tm.wait("preview", "to offset 60", `\+20`, "No, change nothing")
	tm.press(right, "focus on yes", `\[ Yes, commit`)
	tm.send(enter)
	tm.wait("outcome", "1 of 1 partitions set", "Read back")
	commitsAre(t, c.Bootstrap(), group, map[kafka.TopicPartition]int64{packed: 60})
	tm.dismiss("Reset of")
	tm.send("t")
	tm.press("f", "where to begin", "○ the start")
	tm.press(down, "the start", "● the start")
	tm.send(enter)
	tm.wait("its records", "record 19 of batch 4", "1 corrupt batch")
	tm.send("z")
	tm.wait("a screen of them", `/0@66 `)
	const pageUp = "\x1b[5~" // the first brings the cursor to the top
	tm.send(pageUp + pageUp)
	tm.wait("the batch in its place", `/0@39 .*record 19 of batch 1`, `/0@40 .*corrupt up to 59: its checksum is wrong, \d+ B zstd`, `/0@60 .*record 00 of batch 3`)
	tm.send("/format:corrupt" + enter)
	tm.wait("the batch alone", "1 shown of 81", "/0@40")
	tm.send(enter)
	tm.wait("its detail", "corrupt batch in place of its records", "0000  00 00 00 00 00 00 00 28")
	tm.send(esc)
	tm.wait("no detail", "1 shown of 81")
	tm.quit()
}

// printsAllButTheBatch reads a topic from the command line and compares by offset.
func printsAllButTheBatch(t *testing.T, c *kafkatest.Cluster, tp kafka.TopicPartition) {
	t.Helper()
	out, errs, code := printed(t, "tail", tp.Topic, "-b", c.List(), "--from", "start", "--no-follow", "-o", "json")
	if code != 0 || !strings.Contains(errs, fmt.Sprintf("%s/0: offsets 40 to 59 cannot be read", tp.Topic)) {
		t.Fatalf("exit %d: %s", code, errs)
	}
	next := int64(0)
	for line := range strings.Lines(out) {
		var r struct {
			Offset int64
			Value  string
			Error  string
			Batch  *struct{ From, To int64 }
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil || r.Offset != next {
			t.Fatalf("%s: want offset %d: %v", line, next, err)
		}
		next++
		switch {
		case r.Batch != nil:
			if r.Offset != 40 || r.Batch.To != 59 || !strings.Contains(r.Error, "its checksum is wrong") {
				t.Errorf("%s", line)
			}
			next = r.Batch.To + 1
		case r.Value != fmt.Sprintf("record %02d of batch %d", r.Offset%20, r.Offset/20):
			t.Errorf("%s", line)
		}
	}
	if next != 100 {
		t.Errorf("%s was read up to %d", tp.Topic, next)
	}
	if out, _, _ := printed(t, "tail", tp.Topic, "-b", c.List(), "--from", "start", "--no-follow"); strings.Count(out, "\n") != 80 {
		t.Errorf("text has %d lines", strings.Count(out, "\n"))
	}
}
