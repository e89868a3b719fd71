package tail

import (
	"slices"
	"strings"
	"testing"

	"lagtop/kafka/tail/format"
	"lagtop/ui/command"
	"lagtop/ui/pane"
	"lagtop/ui/pane/panetest"
)

// late is a registry of which the schemas come when a test says so. What begins with a zero byte has one.
type late struct {
	there   bool
	arrived uint64
	read    int
}

func (l *late) Read(_ string, part format.Part, data []byte) format.Decoding {
	switch {
	case data[0] != 0:
		return format.Decoding{}
	case !l.there:
		l.read++
		return format.Decoding{Note: "schema 1: being read", Later: true}
	case part == format.OfKey:
		return format.Decoding{Text: []byte(`"tenant-7"`), Note: "Avro string, schema 2"}
	}
	l.read++
	_, rest, _ := format.SchemaID(data)
	level, msg, _ := strings.Cut(string(rest), " ")
	return format.Decoding{Text: []byte(`{"level":"` + level + `","msg":"` + strings.TrimSpace(msg) + `"}`), Note: "Avro Log, schema 1"}
}

func (l *late) Arrived() uint64         { return l.arrived }
func (l *late) Waiting() format.Schemas { return l }
func (l *late) come()                   { l.there, l.arrived = true, l.arrived+1 }

const head = "\x00\x00\x00\x00\x01"

// bySchema is a tail of which records 1, 2 and 4 need a schema.
func bySchema(t *testing.T, l *late) (*kept, *Model, *pane.Env) {
	t.Helper()
	k := following()
	k.add(head+"error declined", head+"info paid", `{"level":"error","msg":"plain"}`, head+"error declined")
	m, e := show(t, k)
	e.Schemas = l
	return k, m, e
}

func TestFilterJudgesAgainWhenASchemaComes(t *testing.T) {
	for filter, want := range map[string]string{
		"level:error": "1 3 [4]", "/msg.*declined/": "1 [4]", "-level:error": "[2]", "jq: .msg == \"paid\"": "[2]", "format:json": "1 2 3 [4]",
	} {
		l := &late{}
		_, m, e := bySchema(t, l)
		if err := m.SetFilter(filter); err != nil {
			t.Fatal(err)
		}
		m.Refresh(e)
		if seqs0(m) == want || !strings.Contains(note(m, e), "some searched as bytes: no schema yet") {
			t.Errorf("%s before: %s, %s", filter, seqs0(m), note(m, e))
		}
		l.come()
		m.Refresh(e)
		check(t, filter, seqs0(m), want)
		if strings.Contains(note(m, e), "no schema yet") {
			t.Errorf("%s: %s", filter, note(m, e))
		}
	}
}

func TestAHiddenRecordIsAskedForAgain(t *testing.T) {
	l := &late{}
	_, m, e := bySchema(t, l)
	_ = m.SetFilter("level:fatal")
	m.Refresh(e)
	if got := panetest.Screen(m.View(e, 100, 5, true)); !strings.Contains(got, "no record of 4 matches /level:fatal, but schemas are missing: bytes were searched") {
		t.Errorf("screen\n%s", got)
	}
	before := l.read
	m.Refresh(e)
	if l.read != before+1 {
		t.Errorf("asked %d times", l.read-before)
	}
	l.come()
	m.Refresh(e)
	before = l.read
	m.Refresh(e)
	if l.read != before {
		t.Errorf("decoded %d times more than once", l.read-before)
	}
}

func TestAnOldRecordWithoutASchemaIsForgotten(t *testing.T) {
	l := &late{}
	k, m, e := bySchema(t, l)
	_ = m.SetFilter("level:error")
	m.Refresh(e)
	k.add("plain")
	k.drop(4)
	m.Refresh(e)
	if m.sieve.unsure != 0 {
		t.Errorf("record %d is gone", m.sieve.unsure)
	}
}

func TestFoldsByWhatSchemasDecode(t *testing.T) {
	l := &late{}
	k, m, e := bySchema(t, l)
	k.add(head + "error  declined") // other bytes, the same message
	do(t, m, e, command.TailFold)
	if len(m.sieve.rows()) != 5 {
		t.Fatalf("%d rows before", len(m.sieve.rows()))
	}
	l.come()
	m.Refresh(e)
	rows := m.sieve.rows()
	if len(rows) != 4 || rows[3].n != 2 {
		t.Errorf("rows %+v", rows)
	}
}

func TestHighlightAndSearchSeeWhatSchemasDecode(t *testing.T) {
	l := &late{}
	l.come()
	_, m, e := bySchema(t, l)
	if err := m.Highlight().SetFilter("level:info"); err != nil {
		t.Fatal(err)
	}
	do(t, m, e, command.FindOlder)
	check(t, "found", seqs(m), "1 [2] 3 4")
}

// The severity in the column, in the histogram and in a filter is one, whatever a value is read as.
func TestSeverityOfADecodedValueIsThatOfTheFilter(t *testing.T) {
	for name, keys := range map[string][]command.ID{
		"auto": nil, "raw": {command.TailRaw}, "as text": {command.TailFormat}, "event time": {command.TailStamp}, "raw event": {command.TailRaw, command.TailStamp},
	} {
		l := &late{}
		l.come()
		_, m, e := bySchema(t, l)
		do(t, m, e, keys...)
		shown := m.pieces(e, 0, 4, 100)
		_ = m.SetFilter("level>=warn")
		m.Refresh(e)
		for _, p := range shown {
			passes := slices.ContainsFunc(m.sieve.rows(), func(r row) bool { return r.seq == p.row.seq })
			if passes != (p.line.Severity >= format.Warn) {
				t.Errorf("%s: record %d is %v, passes: %v", name, p.row.seq, p.line.Severity, passes)
			}
		}
	}
}

func TestKeysAreShownBySchema(t *testing.T) {
	l := &late{}
	k, m, e := bySchema(t, l)
	k.entries[1].Key = []byte(head + "x")
	k.entries[1].KeySize = len(k.entries[1].Key)
	k.entries[0].Key, k.entries[0].KeySize = k.entries[1].Key, 10<<20
	l.come()
	got := panetest.Screen(m.View(e, 118, 5, true))
	if strings.Count(got, " tenant-7 ") != 1 || strings.Contains(got, `"tenant-7"`) {
		t.Errorf("screen\n%s", got)
	}
	_ = m.SetFilter("key:tenant-7")
	m.Refresh(e)
	check(t, "found by key", seqs0(m), "[2]")
	if line := m.Copy(e); !strings.Contains(line, `INFO orders/2@1284302 tenant-7 {"level":"info","msg":"paid"}`) {
		t.Errorf("copied %q", line)
	}
}

func TestLargeRecordsAreDecodedAFewAtATime(t *testing.T) {
	k := following()
	k.add(numbered(1000)...)
	m, e := show(t, k)
	k.state.Bytes = 1000 * (64 << 10)
	_ = m.SetFilter("nowhere")
	m.Refresh(e)
	check(t, "without schemas", note(m, e), "following · 0 shown of 1.0k by /nowhere · 3 partitions · 1.8k/s")
	e.Schemas = &late{there: true}
	_ = m.SetFilter("nowhere")
	m.Refresh(e)
	check(t, "with schemas", note(m, e), "following · 0 shown of 1.0k by /nowhere · 900 not searched · 3 partitions · 1.8k/s")
}

func BenchmarkSift(b *testing.B) {
	k := following()
	for range siftMost {
		k.add(head + "info paid")
	}
	for name, schemas := range map[string]format.Schemas{"without": nil, "with": &late{there: true}} {
		b.Run(name, func(b *testing.B) {
			m, e := New(), panetest.Env(b, panetest.Typical())
			e.Schemas = schemas
			m.Show(k, k.topic)
			for b.Loop() {
				_ = m.SetFilter("nowhere")
				m.Refresh(e)
			}
		})
	}
}
