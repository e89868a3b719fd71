package recorddetail

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/tail"
	"lagtop/kafka/tail/format"
	"lagtop/ui/command"
	"lagtop/ui/pane"
	"lagtop/ui/pane/panetest"
)

func entry(key, value string, headers ...kafka.Header) tail.Entry {
	e := tail.Entry{Seq: 7, Record: kafka.Record{
		TopicPartition: panetest.TP("orders", 7), Offset: 1_284_312, Timestamp: panetest.Now().Add(-90 * time.Second),
		Key: []byte(key), Value: []byte(value), Headers: headers,
	}, KeySize: len(key), ValueSize: len(value), HeaderN: len(headers)}
	for _, h := range headers {
		e.HeaderSize += len(h.Key) + len(h.Value)
	}
	return e
}

func payment() tail.Entry {
	return entry("order-991", `{"level":"error","msg":"card declined","amount":12.5,"items":[{"sku":"A-1","n":2},{"sku":"B-7","n":1}]}`,
		kafka.Header{Key: "trace-id", Value: []byte("4bf92f3577b34da6a3ce929d0e0e4736")}, kafka.Header{Key: "retry"})
}

// hostile has names and values that must not reach a terminal as they are.
func hostile() tail.Entry {
	names := panetest.HostileNames()
	e := entry(strings.Join(names, ""), strings.Join(names, "\n"))
	e.Topic = names[0]
	for _, n := range names {
		e.Headers = append(e.Headers, kafka.Header{Key: n, Value: []byte(n)})
		e.HeaderN++
		e.HeaderSize += 2 * len(n)
	}
	return e
}

// corrupt stands for a batch that cannot be read, of which the beginning was kept.
func corrupt() tail.Entry {
	b := &kafka.BrokenBatch{
		From: 1_284_312, Next: 1_284_352, Why: "its checksum is wrong\x1b[2J", Size: 9200, Length: kafka.Some(9200), Stored: kafka.Some[uint32](0x0badcafe), Computed: kafka.Some[uint32](0x1234),
		Base: kafka.Some[int64](1_284_300), Records: kafka.Some(52), Codec: kafka.Some(kafka.CodecZstd), ProducerID: kafka.Some[int64](4711),
		Time: time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC),
	}
	for i := range 4096 {
		b.Raw = append(b.Raw, byte(i))
	}
	return tail.Entry{Seq: 7, Record: kafka.Record{TopicPartition: panetest.TP("orders", 7), Offset: b.From, Timestamp: b.Time, Mark: kafka.Corrupt, Broken: b}}
}

func opened(t testing.TB, r tail.Entry) (*Model, *pane.Env) {
	t.Helper()
	m, e := New(r), panetest.Env(t, panetest.Typical())
	m.Refresh(e)
	return m, e
}

func TestFrames(t *testing.T) {
	cut := payment()
	cut.ValueSize, cut.HeaderN = 10<<20, 40
	null := entry("", "")
	null.Key, null.Value, null.Timestamp = nil, nil, time.Time{}
	transaction := payment()
	transaction.Mark, transaction.Timestamp = kafka.Aborted, time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	transaction.Value = []byte(`ts=2026-11-22T13:58:30Z level=warn msg="no answer of the bank"`)
	transaction.ValueSize = len(transaction.Value)
	transaction.Batch = &kafka.Batch{Offset: 1_284_300, Records: kafka.Some(40), Bytes: 2100, Codec: kafka.CodecZstd, ProducerID: kafka.Some[int64](4711), Transactional: true}
	marker := entry("\x00\x00\x00\x01", "\x00\x00\x00\x00\x00\x07")
	marker.Mark = kafka.CommitMarker
	many := payment()
	many.Headers, many.HeaderSize = nil, 0
	for i := range 500 {
		many.Headers = append(many.Headers, kafka.Header{Key: fmt.Sprintf("h-%d", i), Value: []byte("v\x1b]52;c;aGk=\a")})
		many.HeaderSize += len(many.Headers[i].Key) + len(many.Headers[i].Value)
	}
	many.HeaderN = len(many.Headers)
	for name, r := range map[string]tail.Entry{
		"corrupt": corrupt(), "transaction": transaction, "marker": marker, "headers": many,
		"typical": payment(), "cut": cut, "null": null, "hostile": hostile(),
		"binary": entry("\x00\x00\x00\x00\x07", "\x00\x00\x00\x00\x07\x02"+strings.Repeat("\xff\x01A", 40)),
		"long":   entry("k", strings.Repeat("one long line 漢字 ", 60)),
	} {
		t.Run(name, func(t *testing.T) {
			m, e := opened(t, r)
			panetest.Frames(t, name, m, e)
		})
	}
}

func TestBookmarkedRecordIsCompared(t *testing.T) {
	other := payment()
	other.Offset = 7
	other.Value = []byte(`{"level":"info","msg":"card declined","amount":12.5,"items":[{"sku":"A-1","n":2},{"sku":"B-7\u202e","n":1}]}`)
	other.ValueSize = len(other.Value)
	m, e := NewBeside(payment(), other), panetest.Env(t, panetest.Typical())
	panetest.Frames(t, "beside", m, e)
	if got := fmt.Sprint(differ([]string{"a", "b", "c", "d"}, []string{"a", "c", "x", "d", "e"})); got != "[{- b} {+ x} {+ e}]" {
		t.Errorf("changes %s", got)
	}
	same, _ := NewBeside(payment(), payment()), e
	if s := screen(same, e, 100, 60); !strings.Contains(s, "the values are the same") {
		t.Errorf("screen\n%s", s)
	}
}

func screen(m *Model, e *pane.Env, w, h int) string { return panetest.Screen(m.View(e, w, h, true)) }

func TestWrapsLongLinesWithoutLosingAnything(t *testing.T) {
	value := strings.Repeat("0123456789", 30) + "end"
	m, e := opened(t, entry("k", value))
	var got strings.Builder
	_, body, _ := strings.Cut(screen(m, e, 43, 60), " Key")
	for _, l := range strings.Split(body, "\n") {
		if strings.HasPrefix(l, "   ") {
			got.WriteString(strings.TrimSpace(l))
		}
	}
	if got.String() != "k"+value {
		t.Errorf("shown %q", got.String())
	}
}

func TestScrollsWithinTheRecord(t *testing.T) {
	m, e := opened(t, entry("k", strings.Repeat("line\n", 50)+"last"))
	first := screen(m, e, 60, 10)
	for _, step := range []struct {
		id   command.ID
		want string
	}{
		{command.Last, "   last"}, {command.Up, "   line"}, {command.First, " place"}, {command.PageDown, " Value"}, {command.PageUp, " place"},
	} {
		if _, ok := m.Do(e, step.id); !ok {
			t.Fatalf("%s is not known", step.id)
		}
		lines := strings.Split(strings.TrimSuffix(screen(m, e, 60, 10), "\n"), "\n")
		at := 0
		if step.id == command.Last || step.id == command.Up {
			at = 9
		}
		if !strings.HasPrefix(lines[at], step.want) {
			t.Errorf("%s: line %d is %q, want %q", step.id, at, lines[at], step.want)
		}
	}
	if got := screen(m, e, 60, 10); got != first {
		t.Errorf("back at the top: %s", got)
	}
	m.Wheel(e, 3)
	if m.top != 3 {
		t.Errorf("the wheel went to line %d", m.top)
	}
}

func TestNextGoesFromSectionToSection(t *testing.T) {
	m, e := opened(t, entry("k", strings.Repeat("line\n", 50)))
	top := func() string { return strings.Split(screen(m, e, 60, 10), "\n")[0] }
	top()
	for _, want := range []string{" Headers", " Key", " Value", " Value"} {
		m.Do(e, command.Next)
		if got := top(); !strings.HasPrefix(got, want) {
			t.Errorf("next: %q, want %q", got, want)
		}
	}
	for _, want := range []string{" Key", " Headers", " Headers"} {
		m.Do(e, command.Prev)
		if got := top(); !strings.HasPrefix(got, want) {
			t.Errorf("previous: %q, want %q", got, want)
		}
	}
}

func TestCopyIsTheValueUnlessItCouldDoHarm(t *testing.T) {
	for _, c := range []struct{ value, want string }{
		{"plain\n\ttext 漢字", "plain\n\ttext 漢字"},
		{`{"a":1}`, `{"a":1}`},
		{"esc \x1b[31m", `esc \x1b[31m`},
		{"carriage\rreturn", `carriage\rreturn`},
		{"c1 \u009b31m", `c1 \u009b31m`},
		{"bad \xff utf-8", `bad \xff utf-8`},
		{"", ""},
	} {
		m, e := opened(t, entry("k", c.value))
		if got := m.Copy(e); got != c.want {
			t.Errorf("copy of %q: %q, want %q", c.value, got, c.want)
		}
	}
}

func TestNothingPanicsWithoutRoom(t *testing.T) {
	for _, r := range []tail.Entry{{}, payment(), hostile()} {
		m, e := opened(t, r)
		for _, z := range [][2]int{{0, 0}, {0, 4}, {1, 1}, {3, 50}, {11, 5}, {80, 0}} {
			panetest.Exact(t, m.View(e, z[0], z[1], true), z[0], z[1])
		}
		m.Click(e, 1, 1)
		m.Select(&e.Focus)
		if _, ok := m.Do(e, command.Sort); ok {
			t.Error("a record has no order")
		}
	}
}

func FuzzRecord(f *testing.F) {
	f.Add("orders", []byte("k"), []byte(`{"a":[1,2]}`), "h", []byte("v"), 80)
	f.Add("\x1b]0;t\a", []byte("\u202e"), []byte("\x9b2J\r\n\x00\u2066"), "\xff", []byte("\x1b[2J"), 30)
	for _, n := range panetest.HostileNames() {
		f.Add(n, []byte(n), []byte(n+n), n, []byte(n), 60)
	}
	f.Fuzz(func(t *testing.T, topic string, key, value []byte, header string, hv []byte, w int) {
		r := entry(string(key), string(value), kafka.Header{Key: header, Value: hv})
		r.Topic = topic
		m, e := opened(t, r)
		w = min(max(w, 0), 300)
		for _, id := range []command.ID{command.First, command.PageDown, command.Last} {
			m.Do(e, id)
			panetest.Exact(t, m.View(e, w, 12, true), w, 12)
		}
		title, note := m.Head(e)
		panetest.Exact(t, []string{title, note}, -1, 2)
	})
}

// avro decodes every value alike, as a registry would.
type avro struct{}

func (avro) Read(_ string, part format.Part, data []byte) format.Decoding {
	if part == format.OfKey {
		return format.Decoding{Text: []byte(`{"tenant":7}`), Note: "Avro shop.Key, schema 41"}
	}
	return format.Decoding{Text: fmt.Appendf(nil, `{"state":"paid","bytes":%d}`, len(data)), Note: "Avro shop.Order, schema 42"}
}

func (avro) Arrived() uint64 { return 1 }

func (a avro) Waiting() format.Schemas { return a }

// late is a registry whose schema comes when a test says so.
type late struct {
	there bool
	read  int
}

func (l *late) Read(topic string, part format.Part, data []byte) format.Decoding {
	l.read++
	if !l.there {
		return format.Decoding{Note: "schema 42: being read", Later: true}
	}
	return avro{}.Read(topic, part, data)
}

func (l *late) Arrived() uint64 {
	if l.there {
		return 1
	}
	return 0
}

func (l *late) Waiting() format.Schemas { return l }

func TestIsWrittenAgainWhenItsSchemaComes(t *testing.T) {
	m, e := opened(t, entry("order-991", "\x00\x00\x00\x00\x2a\x02\x08paid"))
	l := &late{}
	e.Schemas = l
	if got := screen(m, e, 118, 30); !strings.Contains(got, "schema 42: being read") {
		t.Errorf("screen\n%s", got)
	}
	screen(m, e, 118, 30)
	if l.read != 2 {
		t.Errorf("asked %d times for two frames", l.read)
	}
	m.Refresh(e)
	if screen(m, e, 118, 30); l.read != 4 {
		t.Errorf("asked %d times: nobody else asks for it", l.read)
	}
	l.there = true
	if got := screen(m, e, 118, 30); !strings.Contains(got, `"state": "paid"`) || strings.Contains(got, "being read") {
		t.Errorf("screen\n%s", got)
	}
	if got := m.Copy(e); got != `{"state":"paid","bytes":11}` {
		t.Errorf("copied %q", got)
	}
}

func TestRecordsAreComparedByTheirSchemas(t *testing.T) {
	other := entry("order-991", "\x00\x00\x00\x00\x2a\x02\x08unpaid")
	m := NewBeside(entry("order-991", "\x00\x00\x00\x00\x2a\x02\x08paid"), other)
	e := panetest.Env(t, panetest.Typical())
	e.Schemas = avro{}
	if got := screen(m, e, 118, 40); !strings.Contains(got, `-   "bytes": 13`) || !strings.Contains(got, `+   "bytes": 11`) {
		t.Errorf("screen\n%s", got)
	}
}

func TestShowsAValueAsItsSchemaReadsIt(t *testing.T) {
	m, e := opened(t, entry("order-991", "\x00\x00\x00\x00\x2a\x02\x08paid"))
	e.Schemas = avro{}
	m.Refresh(e)
	got := panetest.Screen(m.View(e, 118, 30, true))
	for _, want := range []string{"Avro shop.Order, schema 42", `"state": "paid"`, "Avro shop.Key, schema 41", `"tenant": 7`, "Value  JSON, 27 B of 11 B encoded"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing:\n%s", want, got)
		}
	}
}
