package tail

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"lagtop/kafka"
	"lagtop/kafka/safe"
)

var noon = time.Date(2024, 5, 17, 12, 0, 0, 0, time.UTC)

func TestClockIsAlwaysAsWide(t *testing.T) {
	o := Options{Now: noon}
	for at, want := range map[time.Time]string{
		noon.Add(-time.Hour):   "11:00:00.000",
		noon.Add(time.Minute):  "12:01:00.000",
		noon.AddDate(0, 0, -3): "May 14 12:00",
		noon.AddDate(-2, 0, 0): "2022-05-17  ",
		{}:                     "-           ",
		time.UnixMilli(0):      "1970-01-01  ",
		time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC): "9999-12-31  ",
		time.UnixMilli(math.MaxInt64):                 "year > 9999 ",
		time.Unix(math.MaxInt64, 0):                   Clock(time.Unix(math.MaxInt64, 0), o),
	} {
		got := Clock(at, o)
		if got != want || len(got) != TimeWidth {
			t.Errorf("Clock(%v) = %q, want %q", at, got, want)
		}
	}
}

func TestFormatTellsNullFromEmpty(t *testing.T) {
	o := Options{Now: noon}
	r := kafka.Record{TopicPartition: kafka.TopicPartition{Topic: "orders", Partition: 7}, Offset: 1042, Timestamp: noon}
	l := Format(&r, o)
	if !l.Tombstone || l.HasKey || l.Value != NullValue || l.Key != "" {
		t.Errorf("no key, no value: %+v", l)
	}
	if l.Place != "orders/7@1042" || l.Time != "12:00:00.000" {
		t.Errorf("place and time: %+v", l)
	}
	r.Key, r.Value = []byte{}, []byte{}
	if l := Format(&r, o); l.Tombstone || !l.HasKey || l.Value != "" {
		t.Errorf("empty key and value: %+v", l)
	}
}

func TestFormatLooksAtTheBeginningOfALongValue(t *testing.T) {
	r := kafka.Record{Value: bytes.Repeat([]byte("x"), 10<<20)}
	if l := Format(&r, Options{MaxValue: 100}); l.Value != strings.Repeat("x", 100)+safe.Ellipsis {
		t.Errorf("%d bytes of value", len(l.Value))
	}
}

func TestDescribeShowsTheWholeRecord(t *testing.T) {
	ring := newRing(Spec{}.withDefaults())
	ring.take(&kafka.Record{
		TopicPartition: kafka.TopicPartition{Topic: "orders"}, Timestamp: noon,
		Value:   []byte(`{"a":[1,{"b":"\u001b[31m"}],"c":"` + "\x1b\u202e" + `"}`),
		Headers: []kafka.Header{{Key: "trace\n", Value: []byte{0x1b}}, {Key: "nothing"}},
	})
	e, _ := ring.get(1)
	d := Describe(&e)
	if d.Value.Form != FormText { // a raw ESC is not JSON
		t.Errorf("form %q", d.Value.Form)
	}
	if len(d.Headers) != 2 || d.Headers[0] != (HeaderLine{Key: `trace\n`, Value: `\x1b`}) || !d.Headers[1].Null {
		t.Errorf("headers %+v", d.Headers)
	}
	if d.Key.Form != FormNull || d.Time != "2024-05-17T12:00:00.000Z" {
		t.Errorf("%+v", d)
	}
}

func TestBodyForms(t *testing.T) {
	for _, c := range []struct {
		in    []byte
		form  Form
		lines []string
	}{
		{nil, FormNull, []string{NullValue}},
		{[]byte{}, FormEmpty, nil},
		{[]byte(`{"a":1}`), FormJSON, []string{"{", `  "a": 1`, "}"}},
		{[]byte("one\r\ntwo\n"), FormText, []string{"one", "two"}},
		{[]byte(`"text"`), FormText, []string{`"text"`}},
		{[]byte(strings.Repeat("[", 100) + strings.Repeat("]", 100)), FormText, []string{strings.Repeat("[", 100) + strings.Repeat("]", 100)}},
		{[]byte{0, 0, 0, 0, 7, 2}, FormBinary, []string{"00000000  00 00 00 00 07 02                                 |......|"}},
	} {
		b := body(c.in, len(c.in))
		if b.Form != c.form || strings.Join(b.Lines, "\n") != strings.Join(c.lines, "\n") {
			t.Errorf("body(%q) = %q %q", c.in, b.Form, b.Lines)
		}
	}
	if b := body(bytes.Repeat([]byte("a\n"), 30_000), 60_000); len(b.Lines) != maxLines || b.Shown != 2*maxLines {
		t.Errorf("a long text has %d lines, shows %d", len(b.Lines), b.Shown)
	}
	if b := body([]byte(`{"a":1}`), 100); b.Form != FormText {
		t.Errorf("the beginning of a JSON value is written as %q", b.Form)
	}
}

func harmless(t *testing.T, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if !utf8.ValidString(s) || s != safe.Line(s) {
			t.Fatalf("unsafe: %q", s)
		}
		for _, r := range s {
			if unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Fatalf("%U in %q", r, s)
			}
		}
	}
}

func FuzzFormat(f *testing.F) {
	f.Add("orders", []byte("k"), []byte(`{"level":"info"}`), "h", int64(0))
	f.Add("\x1b]0;t\a", []byte("\u202e"), []byte("\x9b2J\r\n\x00"), "\u2066", int64(math.MaxInt64))
	f.Add("o", []byte{}, []byte("[[[[{{{{\"\\"), "\xff", int64(-1))
	f.Fuzz(func(t *testing.T, topic string, key, value []byte, header string, ms int64) {
		ring := newRing(Spec{MaxValue: 512}.withDefaults())
		ring.take(&kafka.Record{
			TopicPartition: kafka.TopicPartition{Topic: topic, Partition: int32(ms)}, Offset: ms, Timestamp: time.UnixMilli(ms),
			Key: key, Value: value, Headers: []kafka.Header{{Key: header, Value: value}},
		})
		e, ok := ring.get(1)
		if !ok {
			t.Fatal("not kept")
		}
		l := Format(&e.Record, Options{Now: noon})
		harmless(t, l.Time, l.Place, l.Key, l.Value)
		if len(l.Time) != TimeWidth {
			t.Fatalf("time %q", l.Time)
		}
		d := Describe(&e)
		harmless(t, d.Place, d.Time)
		harmless(t, d.Key.Lines...)
		harmless(t, d.Value.Lines...)
		for _, h := range d.Headers {
			harmless(t, h.Key, h.Value)
		}
	})
}

func BenchmarkFormat(b *testing.B) {
	r := kafka.Record{
		TopicPartition: kafka.TopicPartition{Topic: "orders", Partition: 7}, Offset: 1042, Timestamp: noon, Key: []byte("customer-42"),
		Value: []byte(`{"ts":"2024-05-17T12:00:00Z","level":"info","msg":"payment accepted","amount":12.5,"currency":"EUR"}`),
	}
	b.ReportAllocs()
	for b.Loop() {
		Format(&r, Options{Now: noon})
	}
}
