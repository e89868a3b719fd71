package tail

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
)

// replay is a source that tells a list of events and then is silent. After each it checks whether it was ended.
type replay struct {
	events []kafka.ReadEvent
	spec   kafka.ReadSpec
}

func (r *replay) Follow(ctx context.Context, spec kafka.ReadSpec, on func(kafka.ReadEvent)) {
	r.spec = spec
	for _, e := range r.events {
		on(e)
	}
	<-ctx.Done()
}

func read(end int64, from int64, values ...string) kafka.ReadEvent {
	e := kafka.ReadEvent{TopicPartition: tp(3), Kind: kafka.ReadProgress, Next: from + int64(len(values)), End: end}
	for i, v := range values {
		e.Records = append(e.Records, kafka.Record{TopicPartition: tp(3), Offset: from + int64(i), Value: []byte(v)})
	}
	return e
}

func began(next, end int64) kafka.ReadEvent {
	return kafka.ReadEvent{TopicPartition: tp(3), Kind: kafka.ReadBegan, Next: next, End: end, CaughtUp: next >= end}
}

func is(value string) func(*kafka.Record) bool {
	return func(r *kafka.Record) bool { return string(r.Value) == value }
}

func TestFindReadsUpToTheFirstMatch(t *testing.T) {
	src := &replay{events: []kafka.ReadEvent{began(10, 90), read(90, 10, "a", "b"), read(90, 12, "c", "d", "d")}}
	var told []Reading
	r, at, err := Find(t.Context(), src, Search{TopicPartition: tp(3), From: 10, Match: is("d"), Progress: func(r Reading) { told = append(told, r) }})
	if err != nil || r.Offset != 13 || at.Read != 4 || at.End != 90 {
		t.Fatalf("%+v %+v %v", r, at, err)
	}
	if src.spec.From.Offset != 10 || len(src.spec.Partitions) != 1 || src.spec.Partitions[0] != 3 {
		t.Errorf("read %+v", src.spec)
	}
	if len(told) != 2 || told[1].Next != 12 {
		t.Errorf("progress %+v", told)
	}
}

func TestFindKeepsBytesOfItsOwn(t *testing.T) {
	e := read(90, 10, "value")
	e.Records[0].Headers = []kafka.Header{{Key: "h", Value: []byte("v")}}
	r, _, err := Find(t.Context(), &replay{events: []kafka.ReadEvent{e}}, Search{TopicPartition: tp(3)})
	e.Records[0].Value[0], e.Records[0].Headers[0].Value[0] = 'X', 'X'
	if err != nil || string(r.Value) != "value" || string(r.Headers[0].Value) != "v" {
		t.Errorf("%+v %v", r, err)
	}
}

func TestFindEndsWhereTheLogEndedOrAtItsBound(t *testing.T) {
	for name, c := range map[string]struct {
		most   int64
		events []kafka.ReadEvent
		next   int64
	}{
		"nothing there":              {0, []kafka.ReadEvent{began(10, 10)}, 10},
		"end of the log":             {0, []kafka.ReadEvent{began(10, 12), read(99, 10, "a", "b")}, 12},
		"a gap at the end":           {0, []kafka.ReadEvent{began(10, 14), {TopicPartition: tp(3), Kind: kafka.ReadProgress, Next: 14, End: 14, CaughtUp: true}}, 14},
		"so many records and not on": {2, []kafka.ReadEvent{began(10, 99), read(99, 10, "a", "b", "d")}, 12},
	} {
		_, at, err := Find(t.Context(), &replay{events: c.events}, Search{TopicPartition: tp(3), From: 10, Most: c.most, Match: is("d")})
		if !errors.Is(err, ErrNotFound) || at.Next != c.next {
			t.Errorf("%s: %+v %v", name, at, err)
		}
	}
}

func TestFindGivesUpWhenTheLogCannotBeReadAndNotBefore(t *testing.T) {
	fail := kafka.ReadEvent{TopicPartition: tp(3), Kind: kafka.ReadFailed, Err: kafka.CodeNotLeader}
	_, _, err := Find(t.Context(), &replay{events: []kafka.ReadEvent{fail, fail, fail}}, Search{TopicPartition: tp(3), From: 7})
	if !errors.Is(err, kafka.CodeNotLeader) || !strings.Contains(err.Error(), "orders/3@7") {
		t.Errorf("%v", err)
	}
	r, _, err := Find(t.Context(), &replay{events: []kafka.ReadEvent{fail, fail, began(7, 9), fail, read(9, 7, "a")}}, Search{TopicPartition: tp(3), From: 7})
	if err != nil || r.Offset != 7 {
		t.Errorf("%+v %v", r, err)
	}
}

func TestFindPassesOverABrokenBatchUnlessThatIsWhatMatters(t *testing.T) {
	events := []kafka.ReadEvent{began(10, 90),
		{TopicPartition: tp(3), Kind: kafka.ReadSkipped, From: 10, Next: 15, End: 90, Err: errors.New("its checksum is wrong")}, read(90, 15, "a")}
	r, at, err := Find(t.Context(), &replay{events: events}, Search{TopicPartition: tp(3), From: 10})
	if err != nil || r.Offset != 15 || at.Broken != 1 {
		t.Errorf("%+v %+v %v", r, at, err)
	}
	_, _, err = Find(t.Context(), &replay{events: events}, Search{TopicPartition: tp(3), From: 10, Strict: true})
	var broken *BrokenError
	if !errors.As(err, &broken) || broken.Next != 15 || !strings.Contains(err.Error(), "orders/3@10 cannot be read, up to offset 14: its checksum is wrong") {
		t.Errorf("%v", err)
	}
}

func TestFindEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := Find(ctx, &replay{}, Search{TopicPartition: tp(3)})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestExportHoldsAllOfTheRecord(t *testing.T) {
	r := kafka.Record{TopicPartition: tp(3), Offset: 42, Timestamp: time.UnixMilli(1_700_000_000_123), Value: []byte("\xff\x00<"),
		Headers: []kafka.Header{{Key: "h", Value: []byte("täxt")}, {Key: "none"}}}
	e := Whole(r)
	b, err := Export(&e, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Offset    int64
		Timestamp string
		Key       *string
		Value     []byte `json:"value_base64"`
		Headers   []struct {
			Name  string
			Value *string
		}
	}
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	if got.Offset != 42 || got.Key != nil || string(got.Value) != "\xff\x00<" || got.Timestamp != "2023-11-14T22:13:20.123Z" {
		t.Errorf("%s", b)
	}
	if h := got.Headers; len(h) != 2 || *h[0].Value != "täxt" || h[1].Value != nil {
		t.Errorf("%s", b)
	}
	if b, err = Export(&e, every{}); err != nil || !strings.Contains(string(b), "  \"decoded\": {\n    \"of\": \"orders\"\n  },\n") || !strings.Contains(string(b), `"value_base64": "/wA8"`) {
		t.Errorf("%s %v", b, err)
	}
}

func TestSavedRecordNeverReplacesAnother(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "records")
	e := Whole(kafka.Record{TopicPartition: kafka.TopicPartition{Topic: "../x/\x1b", Partition: 3}, Offset: 42, Value: []byte("first")})
	var paths []string
	for range 3 {
		p, err := SaveRecord(dir, &e, nil)
		if err != nil || filepath.Dir(p) != dir {
			t.Fatalf("%s %v", p, err)
		}
		paths = append(paths, filepath.Base(p))
		e.Value = []byte("later")
	}
	if got := strings.Join(paths, " "); got != "record-.._x__-3-42.json record-.._x__-3-42-2.json record-.._x__-3-42-3.json" {
		t.Errorf("%s", got)
	}
	first, err := os.ReadFile(filepath.Join(dir, paths[0]))
	if err != nil || !strings.Contains(string(first), `"first"`) {
		t.Errorf("%s %v", first, err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 3 {
		t.Errorf("%v %v", left, err)
	}
	if info, _ := left[0].Info(); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}
