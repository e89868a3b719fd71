package app

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/tail"
	"lagtop/ui/pane/panetest"
)

// shelf is the log of one partition.
type shelf struct {
	records     []kafka.Record
	end         int64
	broken      [2]int64 // from, next; equal: none
	batch       *kafka.BrokenBatch
	followed    int
	interrupted bool
	silent      bool // its answers are empty from the first record on
}

func (s *shelf) Follow(ctx context.Context, spec kafka.ReadSpec, on func(kafka.ReadEvent)) {
	s.followed++
	at := kafka.TopicPartition{Topic: spec.Topic, Partition: spec.Partitions[0]}
	from := spec.From.Offset
	on(kafka.ReadEvent{TopicPartition: at, Kind: kafka.ReadBegan, From: from, Next: from, End: s.end, CaughtUp: from >= s.end})
	if s.broken[0] != s.broken[1] && from < s.broken[1] {
		on(kafka.ReadEvent{TopicPartition: at, Kind: kafka.ReadSkipped, From: from, Next: s.broken[1], End: s.end, Err: errors.New("its checksum is wrong"), Records: []kafka.Record{{TopicPartition: at, Offset: from, Mark: kafka.Corrupt, Broken: s.batch}}})
		from = s.broken[1]
	}
	if s.silent {
		on(kafka.ReadEvent{TopicPartition: at, Kind: kafka.ReadProgress, Next: from, End: s.end, CaughtUp: true})
	}
	for i := range s.records {
		if r := s.records[i]; r.Offset >= from && ctx.Err() == nil {
			r.TopicPartition = at
			on(kafka.ReadEvent{TopicPartition: at, Kind: kafka.ReadProgress, Records: []kafka.Record{r}, Next: r.Offset + 1, End: s.end, CaughtUp: r.Offset+1 >= s.end})
		}
	}
	<-ctx.Done()
	s.interrupted = true
}

// orders2 is a log with a record at the commit of payments in orders/2.
func orders2() *shelf {
	s := &shelf{end: 1000, records: []kafka.Record{{Offset: 300, Timestamp: panetest.Now().Add(-2 * time.Hour), Key: []byte("order-991"),
		Value: []byte(`{"amount":"12,5","currency":null}`), Headers: []kafka.Header{{Key: "trace", Value: []byte("4bf92f")}}}}}
	for o := int64(301); o < 1000; o++ {
		s.records = append(s.records, kafka.Record{Offset: o, Timestamp: panetest.Now(), Value: []byte("plain")})
	}
	s.records[50].Value = []byte("paid at last")
	return s
}

// stuck is a rig that looks at the record at 300 in orders/2, of a group in the given state.
func stuck(t *testing.T, w *world, log *shelf) *rig {
	t.Helper()
	r := newRig(t, panetest.Typical(), w)
	r.deps.Tailer = log
	r.keys("2")
	r.env.Focus.Topic, r.env.Focus.Partition = "orders", kafka.Some[int32](2)
	r.perform(r.askRecord())
	return r
}

func TestRecordAtTheCommitFrames(t *testing.T) {
	r := stuck(t, newWorld(kafka.StateEmpty), orders2())
	r.frames("poison")
	log := orders2()
	log.records[0].Value = []byte{0, 0, 0, 0, 7, 0xff, 0x1b, '[', '2', 'J'}
	r = stuck(t, newWorld(kafka.StateEmpty), log)
	r.frames("poison-bytes")
}

func TestKeyShowsTheRecordAtTheCommit(t *testing.T) {
	r := newRig(t, panetest.Typical(), newWorld(kafka.StateEmpty))
	r.keys("i")
	if r.task != nil || r.front() != nil {
		t.Error("a group is no partition")
	}
	r.keys("2", "down")
	if !r.env.Focus.Partition.OK {
		t.Fatal("no partition is selected")
	}
	r.keys("i")
	if r.task == nil {
		t.Errorf("nothing is read:\n%s", r.screen())
	}
	r.keys("esc")
	r.finish(nil)
}

func TestSkippingARecordIsAPlanForItsPartitionAlone(t *testing.T) {
	w := newWorld(kafka.StateEmpty)
	r := stuck(t, w, orders2())
	r.see("300", "order-991", `"12,5"`, "trace", "4bf92f")
	r.perform(r.keys("s"))
	r.see("Reset payments to offset 301", "orders/2", "+1", "1 record skipped", "No, change nothing")
	r.keys("right")
	r.finish(r.keys("enter"))
	if len(w.sent) != 1 || len(w.sent[0]) != 1 || w.sent[0][kafka.TopicPartition{Topic: "orders", Partition: 2}].Offset != 301 {
		t.Errorf("sent %v", w.sent)
	}
}

func TestSkippingInAGroupInUseLeadsToTheGuard(t *testing.T) {
	w := newWorld(kafka.StateStable, "payments-1")
	r := stuck(t, w, orders2())
	r.perform(r.keys("s"))
	r.see("not possible now", "payments-1 on 10.0.0.7", "Wait until empty, then apply")
	if len(w.sent) != 0 {
		t.Error("something was sent")
	}
}

func TestGroupThatGotPastTheRecordIsNotTakenBack(t *testing.T) {
	w := newWorld(kafka.StateEmpty)
	r := stuck(t, w, orders2())
	w.commits[kafka.TopicPartition{Topic: "orders", Partition: 2}] = kafka.Commit{Offset: 314}
	r.perform(r.keys("s"))
	r.see("payments is not at orders/2@300 any more: its commit is 314 now")
	r.seeNot("No, change nothing")
}

func TestSkipToTheNextRecordThatPasses(t *testing.T) {
	log := orders2()
	r := stuck(t, newWorld(kafka.StateEmpty), log)
	r.keys("f", "enter")
	r.see("say what it has to contain")
	r.typed("value:paid")
	r.perform(r.keys("enter"))
	r.see("Reset payments to offset 350", "+50", "50 records skipped")
	if log.followed != 2 || !log.interrupted {
		t.Error("the search goes on")
	}
}

func TestSearchWithoutAMatchChangesNothing(t *testing.T) {
	w := newWorld(kafka.StateEmpty)
	r := stuck(t, w, orders2())
	r.keys("f")
	r.typed("nowhere")
	r.perform(r.keys("enter"))
	r.see("None of 699 records of orders/2 from 301 to 999 passes nowhere", "Nothing was changed")
}

func TestSearchCanBeCancelled(t *testing.T) {
	log := orders2()
	r := stuck(t, newWorld(kafka.StateEmpty), log)
	log.end = 5000 // never reached
	r.keys("f")
	r.typed("nowhere")
	r.keys("enter")
	r.keys("esc")
	r.finish(nil)
	r.see("cancelled: nothing more was sent")
}

func TestExportedRecordStaysOnTheScreenAndSaysWhereItIs(t *testing.T) {
	r := stuck(t, newWorld(kafka.StateEmpty), orders2())
	r.perform(r.keys("x"))
	r.see("It is in ", "Skip it")
	files, err := os.ReadDir(r.stateDir("records"))
	if err != nil || len(files) != 1 || files[0].Name() != "record-orders-2-300.json" {
		t.Fatalf("%v %v", files, err)
	}
	b, _ := os.ReadFile(r.stateDir("records/record-orders-2-300.json"))
	if !strings.Contains(string(b), `"offset": 300`) || !strings.Contains(string(b), `"key": "order-991"`) {
		t.Errorf("%s", b)
	}
}

func TestBatchThatCannotBeReadIsSaidAndSkippedAsAWhole(t *testing.T) {
	log := orders2()
	log.broken = [2]int64{300, 340}
	r := stuck(t, newWorld(kafka.StateEmpty), log)
	r.see("cannot be read, up to offset 339: its checksum is wrong", "Skip the batch")
	r.seeNot("Export it")
	r.perform(r.keys("s"))
	r.see("Reset payments to offset 340", "+40")
}

func TestBytesOfABatchThatCannotBeReadAreShownAndExported(t *testing.T) {
	log := orders2()
	log.broken = [2]int64{300, 340}
	log.batch = &kafka.BrokenBatch{
		From: 300, Next: 340, Why: "its checksum is wrong", Size: 70, Length: kafka.Some(70), Base: kafka.Some[int64](300), Records: kafka.Some(40), Codec: kafka.Some(kafka.CodecLZ4),
		Stored: kafka.Some[uint32](0xbadcafe), Computed: kafka.Some[uint32](0xcafe), ProducerID: kafka.Some[int64](4711), Raw: []byte("\x00\x1b[2Jrecord of a batch that nobody can read any more, not in 70 bytes\xff"),
	}
	r := stuck(t, newWorld(kafka.StateEmpty), log)
	r.frames("poison-batch")
	r.perform(r.keys("x"))
	r.see("It is in ", "Skip the batch")
	if b, err := os.ReadFile(r.stateDir("records/batch-orders-2-300.bin")); err != nil || string(b) != string(log.batch.Raw) {
		t.Errorf("%q %v", b, err)
	}
	log.batch.Size = 9000
	r.perform(r.keys("x"))
	r.see("Its first 70 B are in ", "the first 70 B of 9.0 kB")
}

func TestRecordBehindAGapIsSaidToBe(t *testing.T) {
	log := orders2()
	log.records = log.records[4:]
	r := stuck(t, newWorld(kafka.StateEmpty), log)
	r.see("Nothing is at 300", "the first record behind it is at 304")
	r.perform(r.keys("s"))
	r.see("to offset 305")
}

// A batch whose length is longer than the file makes the leader answer with nothing.
func TestABrokerThatReturnsNothingIsNoEndOfTheLog(t *testing.T) {
	r := stuck(t, newWorld(kafka.StateEmpty), &shelf{end: 1000, silent: true})
	r.see("The broker returns nothing for offset 300 although the log goes on", "to 1000.", "kafka-dump-log.sh")
	r.seeNot("No record at the commit")
	log := orders2()
	log.records = log.records[:1]
	r = stuck(t, newWorld(kafka.StateEmpty), log)
	log.silent = true
	r.keys("f")
	r.typed("paid")
	r.perform(r.keys("enter"))
	r.see("the broker returns nothing for offset 301", "although the log goes on to 1000")
	r.seeNot("a search ends after")
}

func TestNothingBehindTheCommitIsSaid(t *testing.T) {
	r := stuck(t, newWorld(kafka.StateEmpty), &shelf{end: 300})
	r.see("No record at the commit", "payments has committed 300 in orders/2")
	w := newWorld(kafka.StateEmpty)
	delete(w.commits, kafka.TopicPartition{Topic: "orders", Partition: 2})
	r = stuck(t, w, orders2())
	r.see("payments has no commit in orders/2")
}

func TestRecordCanBeSeenButNotSkippedInReadOnly(t *testing.T) {
	r := newRig(t, panetest.Typical(), newWorld(kafka.StateEmpty))
	r.deps.Tailer, r.deps.ReadOnly = orders2(), "read-only: started with --read-only"
	r.env.Focus.Topic, r.env.Focus.Partition = "orders", kafka.Some[int32](2)
	r.perform(r.askRecord())
	r.see("order-991", "cannot be skipped here: read-only", "Export it")
	r.seeNot("Skip it", "Skip to")
}

var _ tail.Source = (*shelf)(nil)
