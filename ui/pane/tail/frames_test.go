package tail

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	kafkatail "lagtop/kafka/tail"
	"lagtop/ui/command"
	"lagtop/ui/pane/panetest"
)

func logs() *kept {
	k := following()
	k.state.Partitions = 12
	k.add(
		`{"level":"info","msg":"payment accepted","amount":12.5,"currency":"EUR","customer":"c-8123"}`,
		`{"level":"error","msg":"card declined","amount":12.5,"currency":"EUR","customer":"c-17"}`,
		`2026-11-22 14:02:10,123 WARN [main] com.example.Pool - 3 connections left of 100`,
		`<11>1 2026-11-22T14:02:10Z web-1 app 42 - - segfault at 0x0`,
		`10.1.2.3 - - [22/Nov/2026:14:02:10 +0000] "GET /cart HTTP/1.1" 200 512 "-" "curl/8"`,
		`level=debug ts=1 msg="cache miss" key=漢字カナ`,
		`plain text`,
	)
	gone := entry("orders", 8, "")
	gone.Value = nil
	k.entries = append(k.entries, gone)
	old := entry("orders", 9, "from the day before yesterday")
	old.Timestamp, old.Key = panetest.Now().Add(-50*time.Hour), nil
	k.entries = append(k.entries, old)
	return k
}

// hostile has keys and values that must not reach a terminal as they are.
func hostile(texts ...string) *kept {
	k := &kept{topic: "t\x1b[2J\u202e", state: kafkatail.State{Phase: kafkatail.Following, Partitions: 1}}
	for i, s := range texts {
		k.add(s)
		k.entries[i].Key = []byte(s)
	}
	return k
}

// corrupt has batches that cannot be read among its records.
func corrupt() *kept {
	k := logs()
	k.state.Corrupt, k.state.Skipped = 2, 45
	for i, b := range []kafka.BrokenBatch{
		{From: 2, Next: 22, Why: "its checksum is wrong", Size: 2140, Codec: kafka.Some(kafka.CodecGzip), Time: panetest.Now(), Raw: []byte{0}},
		{From: 31, Next: 56, Why: "a length of -5 bytes\x1b[2J\u202e", Size: 700, Raw: []byte{0}},
	} {
		e := entry("orders", 0, "")
		e.Record = kafka.Record{TopicPartition: e.TopicPartition, Offset: b.From, Timestamp: b.Time, Mark: kafka.Corrupt, Broken: &b}
		e.KeySize, e.ValueSize = 0, 0
		k.entries = slices.Insert(k.entries, 3+4*i, e)
	}
	for i := range k.entries {
		k.entries[i].Seq = uint64(i + 1)
	}
	return k
}

func TestBatchesThatCannotBeReadAreFoundAndNotFolded(t *testing.T) {
	for filter, want := range map[string]int{"format:corrupt": 2, "checksum": 1, "offset:21": 1, "size:>1k": 1, "-format:corrupt": 9, "level:error": 2, "value:null": 1, "format:json": 2} {
		m, e := show(t, corrupt())
		if err := m.SetFilter(filter); err != nil {
			t.Fatal(err)
		}
		m.Refresh(e)
		if n := m.lines(); n != want {
			t.Errorf("%s: %d lines, want %d", filter, n, want)
		}
	}
	m, e := show(t, corrupt())
	do(t, m, e, command.TailFold)
	if n := m.lines(); n != 11 {
		t.Errorf("folded: %d lines", n)
	}
}

func TestFrames(t *testing.T) {
	stale := logs()
	stale.state.Failing = 4
	for name, c := range map[string]struct {
		source *kept
		keys   []command.ID
		filter string
	}{
		"typical":          {source: logs()},
		"selected":         {source: logs(), keys: []command.ID{command.Up, command.Up, command.Right}},
		"filtered":         {source: logs(), filter: "level:error"},
		"failing":          {source: stale},
		"failed":           {source: &kept{topic: "orders", state: kafkatail.State{Phase: kafkatail.Failed, Partitions: 3, Failing: 3, Err: errors.New("Fetch orders: LEADER_NOT_AVAILABLE")}}},
		"paused":           {source: logs(), keys: []command.ID{command.Pause}},
		"corrupt":          {source: corrupt()},
		"corrupt-filtered": {source: corrupt(), filter: "format:corrupt", keys: []command.ID{command.Up}},
		"hostile":          {source: hostile(panetest.HostileNames()...)},
	} {
		t.Run(name, func(t *testing.T) {
			m, e := show(t, c.source)
			if err := m.SetFilter(c.filter); err != nil {
				t.Fatal(err)
			}
			m.Refresh(e)
			do(t, m, e, c.keys...)
			panetest.Frames(t, name, m, e)
		})
	}
}

func FuzzRecord(f *testing.F) {
	f.Add([]byte("key"), []byte(`{"level":"error"}`), "orders", 80, 3)
	f.Add([]byte("\x1b[2J"), []byte("\u202e\u2066\x9b31m\r\n\x00"), "\x1b]0;t\a", 33, 1)
	f.Add([]byte("漢字カナ"), []byte("\U0001f469\u200d\U0001f469\u200d\U0001f467 क्षि"), "//@", 61, 2)
	for _, n := range panetest.HostileNames() {
		f.Add([]byte(n), []byte(n+n), n, 100, 1)
	}
	f.Fuzz(func(t *testing.T, key, value []byte, topic string, w, scrolled int) {
		k := &kept{topic: topic}
		k.add("x", string(value), "y")
		k.entries[1].Key = key
		m, e := New(), panetest.Env(t, panetest.Typical())
		m.Show(k, "topic")
		w = min(max(w, 0), 300)
		m.Refresh(e)
		m.View(e, w, 3, true)
		for range min(max(scrolled, 0), 5) {
			do(t, m, e, command.Right)
			panetest.Exact(t, m.View(e, w, 3, true), w, 3)
		}
		do(t, m, e, command.Up)
		panetest.Exact(t, m.View(e, w, 3, true), w, 3)
		if m.SetFilter(string(value)) == nil {
			m.Refresh(e)
			panetest.Exact(t, m.View(e, w, 3, false), w, 3)
		}
		title, note := m.Head(e)
		panetest.Exact(t, []string{title, note, m.Copy(e)}, -1, 3)
	})
}

func FuzzSkip(f *testing.F) {
	f.Add("abc", 1)
	f.Add("漢字カナ", 3)
	f.Fuzz(func(t *testing.T, s string, n int) {
		l := kafkatail.Format(&kafka.Record{Value: []byte(s)}, kafkatail.Options{})
		n = min(max(n, 0), 100)
		got := skip(l.Value, n)
		if !strings.HasSuffix(l.Value, strings.TrimPrefix(got, " ")) {
			t.Errorf("%q without %d cells is %q", l.Value, n, got)
		}
	})
}

func BenchmarkView(b *testing.B) {
	k := following()
	for i := range 50_000 {
		k.add(fmt.Sprintf(`{"ts":"2026-11-22T14:02:10Z","level":"info","msg":"payment accepted","amount":%d.5,"currency":"EUR","customer":"c-8123"}`, i))
	}
	m, e := New(), panetest.Env(b, panetest.Typical())
	m.Show(k, "orders")
	b.Run("follow", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			m.Refresh(e)
			m.View(e, 198, 40, true)
		}
	})
	b.Run("older", func(b *testing.B) {
		_ = m.Highlight().SetFilter("declined")
		for b.Loop() {
			m.follow = true
			m.Do(e, command.FindOlder)
		}
		_ = m.Highlight().SetFilter("")
	})
	b.Run("fold", func(b *testing.B) {
		for b.Loop() {
			m.sieve.fold = true
			m.sieve.again()
			m.Refresh(e)
		}
		m.sieve.fold = false
	})
	b.Run("search", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = m.SetFilter("declined")
			m.Refresh(e)
		}
	})
}
