package tail

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
)

// unreadable is what stands for a batch of 20 records in orders/3, of which the first bytes were kept.
func unreadable(from int64, kept int) kafka.Record {
	return kafka.Record{TopicPartition: tp(3), Offset: from, Mark: kafka.Corrupt, Broken: &kafka.BrokenBatch{
		From: from, Next: from + 20, Why: "its checksum is wrong\x1b", Size: 900, Codec: kafka.Some(kafka.CodecGzip),
		Stored: kafka.Some[uint32](1), Computed: kafka.Some[uint32](2), Records: kafka.Some(20), Raw: bytes.Repeat([]byte("A\x00"), kept/2),
	}}
}

func skipped(r kafka.Record) kafka.ReadEvent {
	return kafka.ReadEvent{TopicPartition: r.TopicPartition, Kind: kafka.ReadSkipped, From: r.Offset, Next: r.Broken.Next, End: 90, Err: errors.New("corrupt"), Records: []kafka.Record{r}}
}

func TestFindTellsWhichBatchEndedIt(t *testing.T) {
	bad := unreadable(10, 100)
	src := &replay{events: []kafka.ReadEvent{began(10, 90), skipped(bad), read(90, 30, "a")}}
	_, _, err := Find(t.Context(), src, Search{TopicPartition: tp(3), From: 10, Strict: true})
	var broken *BrokenError
	if !errors.As(err, &broken) || broken.Batch != bad.Broken || src.spec.Raw != wholeBatch {
		t.Errorf("%v, %d bytes kept", err, src.spec.Raw)
	}
	r, at, err := Find(t.Context(), src, Search{TopicPartition: tp(3), From: 10})
	if err != nil || r.Offset != 30 || at.Broken != 1 || at.Read != 1 {
		t.Errorf("what stands for a batch is taken for a record: %+v %+v %v", r, at, err)
	}
}

func TestBrokenBatchesAreKeptWithinTheBound(t *testing.T) {
	r := newRing(Spec{MaxBytes: 100 << 10}.withDefaults())
	for i := range int64(1000) {
		bad := unreadable(20*i, 4000)
		r.add(r.keep(&bad))
	}
	if r.n < 10 || r.n > 25 || r.bytes > 100<<10 {
		t.Errorf("%d batches with %d bytes are kept", r.n, r.bytes)
	}
	if e, ok := r.get(r.seq); !ok || e.Broken == nil || e.Cut() {
		t.Errorf("%+v", e)
	}
	if e := Whole(unreadable(10, 100)); !e.Cut() {
		t.Error("the rest of the batch is missing, which nobody says")
	}
}

func TestBrokenBatchIsOneSafeLineAndADump(t *testing.T) {
	bad := unreadable(10, 100)
	if l := Format(&bad, Options{}); l.Value != `offsets 10 to 29 cannot be read: its checksum is wrong\x1b, 900 B gzip` || l.Tombstone || l.HasKey || l.Place != "orders/3@10" {
		t.Errorf("%+v", l)
	}
	e := Whole(bad)
	d := Describe(&e)
	if len(d.Broken) == 0 || d.Value.Form != FormBinary || d.Value.Size != 900 || d.Value.Shown != 100 || len(d.Value.Lines) != 7 ||
		d.Value.Lines[6] != "0060  41 00 41 00                                      A.A." {
		t.Errorf("%+v", d)
	}
	intact := *bad.Broken
	intact.Computed = intact.Stored
	facts, _ := DescribeBroken(&intact)
	if !slices.ContainsFunc(facts, func(f Fact) bool { return f.Name == "checksum" && strings.Contains(f.Text, "00000001, right") }) {
		t.Errorf("%+v", facts)
	}
}

func TestExportsSayWhatCouldNotBeRead(t *testing.T) {
	bad := unreadable(10, 100)
	entries := []*Entry{{Record: kafka.Record{TopicPartition: tp(3), Offset: 9, Value: []byte("a"), Timestamp: time.Unix(1, 0)}, ValueSize: 1}, {Record: bad}}
	for form, want := range map[FileForm]string{
		FileText: `- orders/3@10 [corrupt batch] offsets 10 to 29 cannot be read: its checksum is wrong\x1b, 900 B gzip` + "\n",
		FileCSV:  "orders,3,10,,corrupt batch,,null,offsets 10 to 29 cannot be read: its checksum is wrong\x1b,error,[],,,\n",
	} {
		out, err := Save(t.Context(), t.TempDir(), "orders", Saving{Form: form}, slices.Values(entries), func(int) {})
		if err != nil || out.Records != 2 || out.Broken != 1 || out.Cut != 0 {
			t.Fatalf("%s: %+v %v", form, out, err)
		}
		if b, _ := os.ReadFile(out.Path); !strings.Contains(string(b), want) {
			t.Errorf("%s: %q", form, b)
		}
	}
	e := Whole(bad)
	data, err := Export(&e, every{})
	var got struct {
		Offset int64
		Error  string
		Batch  struct {
			From, To, Bytes int
			Codec           string
			Producer        *int64 `json:"producer_id"`
			Beginning       []byte `json:"beginning_base64"`
		}
	}
	if err != nil || json.Unmarshal(data, &got) != nil {
		t.Fatalf("%s %v", data, err)
	}
	if b := got.Batch; got.Offset != 10 || got.Error == "" || b.From != 10 || b.To != 29 || b.Codec != "gzip" || b.Producer != nil || !bytes.Equal(b.Beginning, bad.Broken.Raw) || b.Bytes != 900 {
		t.Errorf("%s", data)
	}
}

func TestSavedBatchIsItsBytes(t *testing.T) {
	bad := unreadable(10, 100)
	path, err := SaveBatch(t.TempDir(), tp(3), bad.Broken)
	if err != nil || !strings.HasSuffix(path, "batch-orders-3-10.bin") {
		t.Fatalf("%s %v", path, err)
	}
	if b, _ := os.ReadFile(path); !bytes.Equal(b, bad.Broken.Raw) {
		t.Errorf("%q", b)
	}
}
