package cli

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"lagtop/kafka"
	"lagtop/kafka/safe"
	"lagtop/kafka/tail/format"
	"lagtop/kafka/tail/stream"
)

// noDecode stands for JSON output without what the value says.
const noDecode = format.Kind(255)

// tailWriter writes records as text, json or raw; it is the sink of a stream.
type tailWriter struct {
	out     *bufio.Writer
	append  func(dst []byte, r *kafka.Record, n stream.Note) []byte
	decode  format.Kind
	tty     bool
	objects bool // JSON
	warn    func(line string)

	schemas format.Schemas // nil: none

	mu     sync.Mutex // of failed and said
	failed map[kafka.TopicPartition]string
	said   map[string]bool // notes about values that could not be decoded
}

func newTailWriter(out io.Writer, output string, decode format.Kind) *tailWriter {
	w := &tailWriter{out: bufio.NewWriterSize(out, 256<<10), decode: decode, tty: isTerminal(out), failed: map[kafka.TopicPartition]string{}, said: map[string]bool{}}
	switch output {
	case "raw":
		w.append = w.raw
	case "json":
		w.append, w.objects = w.json, true
	default:
		w.append = w.text
	}
	return w
}

// Append implements stream.Sink, as the methods below do.
func (w *tailWriter) Append(dst []byte, r *kafka.Record, n stream.Note) []byte {
	if r.Broken != nil {
		return w.broken(dst, r)
	}
	return w.append(dst, r, n)
}

// Write passes what a terminal shows on at once. What it passes on ends with a record: whoever reads along
// sees no half of one.
func (w *tailWriter) Write(p []byte) error {
	if len(p) > w.out.Available() {
		if err := w.out.Flush(); err != nil {
			return err
		}
	}
	_, err := w.out.Write(p)
	if err == nil && w.tty {
		err = w.out.Flush()
	}
	return err
}

// Flush passes everything on.
func (w *tailWriter) Flush() error { return w.out.Flush() }

// Event tells of failures once each, and of what is not there any more.
func (w *tailWriter) Event(e *kafka.ReadEvent) {
	w.mu.Lock()
	defer w.mu.Unlock()
	place := safe.Line(e.Topic) + "/" + strconv.Itoa(int(e.Partition))
	switch e.Kind {
	case kafka.ReadFailed:
		if text := safe.Line(e.Err.Error()); w.failed[e.TopicPartition] != text {
			w.failed[e.TopicPartition] = text
			w.warn("lagtop: " + text + ", trying again")
		}
		return
	case kafka.ReadSkipped:
		text := fmt.Sprintf("lagtop: %s: offsets %d to %d are not in the log, going on at %d", place, e.From, e.Next-1, e.Next)
		switch {
		case e.Err != nil:
			text = fmt.Sprintf("lagtop: %s: offsets %d to %d cannot be read: %s", place, e.From, e.Next-1, safe.Line(e.Err.Error()))
		case e.Next < e.From:
			text = fmt.Sprintf("lagtop: %s: offset %d is beyond the end, going on at %d", place, e.From, e.Next)
		}
		w.warn(text)
	}
	delete(w.failed, e.TopicPartition)
}

// gaveUp names the partitions that fail at the end.
func (w *tailWriter) gaveUp() {
	w.mu.Lock()
	defer w.mu.Unlock()
	var names []string
	for tp := range w.failed {
		names = append(names, safe.Line(tp.Topic)+"/"+strconv.Itoa(int(tp.Partition)))
	}
	slices.Sort(names)
	const most = 20
	more := ""
	if n := len(names) - most; n > 0 {
		names, more = names[:most], fmt.Sprintf(" and %d more", n)
	}
	w.warn("lagtop: not read to the end: " + strings.Join(names, ", ") + more)
}

// raw is the value as it is. Only a terminal is spared what would steer it.
func (w *tailWriter) raw(dst []byte, r *kafka.Record, _ stream.Note) []byte {
	if w.tty || r.Mark.Marker() {
		dst = appendSafe(dst, r.Value)
	} else {
		dst = append(dst, r.Value...)
	}
	return append(dst, '\n')
}

// text is one line, its columns parted by tabs: no value has one, safe writes it as \t.
func (w *tailWriter) text(dst []byte, r *kafka.Record, n stream.Note) []byte {
	if n.Gap {
		dst = append(dst, "--\n"...)
	}
	dst = appendStamp(dst, r.Timestamp)
	dst = append(dst, '\t')
	dst = append(dst, safe.Line(r.Topic)...)
	dst = strconv.AppendInt(append(dst, '/'), int64(r.Partition), 10)
	dst = strconv.AppendInt(append(dst, '@'), r.Offset, 10)
	dst = append(dst, '\t')
	value := r.Value
	if text := w.decoded(r, format.OfValue).Text; text != nil {
		value = text
	}
	if s := format.Of(value); s != format.None && !r.Mark.Marker() {
		dst = append(dst, s.String()...)
	} else {
		dst = append(dst, '-')
	}
	dst = append(dst, '\t')
	if r.Key == nil || r.Mark.Marker() {
		dst = append(dst, '-')
	} else {
		dst = appendSafe(dst, w.key(r))
	}
	dst = append(dst, '\t')
	if r.Mark != kafka.Plain {
		dst = append(append(append(dst, '('), r.Mark.String()...), ") "...)
	}
	switch {
	case r.Mark.Marker():
	case value == nil:
		dst = append(dst, "(null)"...)
	default:
		dst = appendSafe(dst, value)
	}
	return append(dst, '\n')
}

// appendSafe is safe.Line, without a copy where nothing has to be escaped.
func appendSafe(dst, b []byte) []byte {
	for i := range b {
		if b[i] < ' ' || b[i] > '~' {
			return append(dst, safe.Line(string(b))...)
		}
	}
	return append(dst, b...)
}

// appendStamp is RFC 3339 in UTC with ms, or a dash.
func appendStamp(dst []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(dst, '-')
	}
	t = t.UTC()
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return append(dst, "year>9999"...)
	}
	hour, minute, second := t.Clock()
	dst = digits(dst, year, 4)
	dst = digits(append(dst, '-'), int(month), 2)
	dst = digits(append(dst, '-'), day, 2)
	dst = digits(append(dst, 'T'), hour, 2)
	dst = digits(append(dst, ':'), minute, 2)
	dst = digits(append(dst, ':'), second, 2)
	dst = digits(append(dst, '.'), t.Nanosecond()/1e6, 3)
	return append(dst, 'Z')
}

func digits(dst []byte, n, width int) []byte {
	from := len(dst)
	for range width {
		dst = append(dst, '0')
	}
	for i := from + width - 1; i >= from; i-- {
		dst[i] = byte('0' + n%10)
		n /= 10
	}
	return dst
}

// json is one object a line; what is no UTF-8 stands as base64 in key_base64 or value_base64.
func (w *tailWriter) json(dst []byte, r *kafka.Record, n stream.Note) []byte {
	dst = appendText(append(dst, `{"topic":`...), r.Topic)
	dst = strconv.AppendInt(append(dst, `,"partition":`...), int64(r.Partition), 10)
	dst = strconv.AppendInt(append(dst, `,"offset":`...), r.Offset, 10)
	dst = appendJSONTime(append(dst, `,"timestamp":`...), r.Timestamp)
	dst = appendBytes(dst, "key", r.Key)
	dst = appendBytes(dst, "value", r.Value)
	if len(r.Headers) > 0 {
		dst = append(dst, `,"headers":[`...)
		for i := range r.Headers {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendText(append(dst, `{"name":`...), r.Headers[i].Key)
			dst = append(appendBytes(dst, "value", r.Headers[i].Value), '}')
		}
		dst = append(dst, ']')
	}
	dst = appendDecoded(dst, format.OfKey, w.decoded(r, format.OfKey))
	d := w.decoded(r, format.OfValue)
	dst = appendDecoded(dst, format.OfValue, d)
	text := d.Text
	if text == nil {
		text = r.Value
	}
	if s := format.Of(text); s != format.None && !r.Mark.Marker() {
		dst = appendText(append(dst, `,"level":`...), s.String())
	}
	if r.Mark != kafka.Plain {
		dst = appendText(append(dst, `,"mark":`...), r.Mark.String())
	}
	if n.Context {
		dst = append(dst, `,"context":true`...)
	}
	if n.Late {
		dst = append(dst, `,"late":true`...)
	}
	if w.decode != noDecode {
		dst = w.event(dst, r)
	}
	return append(dst, "}\n"...)
}

// event is what the value says.
func (w *tailWriter) event(dst []byte, r *kafka.Record) []byte {
	e := format.DecodeAs(w.decoded(r, format.OfValue), w.decode, r.Value, r.Timestamp)
	dst = appendText(append(dst, `,"event":{"format":`...), e.Kind.String())
	dst = appendJSONTime(append(dst, `,"time":`...), e.Time)
	dst = appendText(append(dst, `,"message":`...), e.Message)
	if e.SchemaID != 0 {
		dst = strconv.AppendUint(append(dst, `,"schema_id":`...), uint64(e.SchemaID), 10)
	}
	if e.Note != "" {
		dst = appendText(append(dst, `,"note":`...), e.Note)
	}
	if e.Cut {
		dst = append(dst, `,"cut":true`...)
	}
	dst = append(dst, `,"fields":[`...)
	for i, f := range e.Fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(append(dst, `{"name":`...), f.Name)
		dst = append(appendText(append(dst, `,"value":`...), f.Value), '}')
	}
	return append(dst, "]}"...)
}

func appendJSONTime(dst []byte, t time.Time) []byte {
	if t.IsZero() || t.UTC().Year() < 0 || t.UTC().Year() > 9999 {
		return append(dst, "null"...)
	}
	return append(appendStamp(append(dst, '"'), t), '"')
}

// appendBytes is ,"name":"text", null, or ,"name_base64":"...".
func appendBytes(dst []byte, name string, b []byte) []byte {
	dst = append(append(dst, `,"`...), name...)
	switch {
	case b == nil:
		return append(dst, `":null`...)
	case !utf8.Valid(b):
		dst = append(dst, `_base64":"`...)
		return append(base64.StdEncoding.AppendEncode(dst, b), '"')
	}
	return appendText(append(dst, `":`...), b)
}

// appendText is a JSON string that a terminal can print: controls, and what safe would escape, stand as \u.
func appendText[T string | []byte](dst []byte, s T) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		if c := s[i]; c >= ' ' && c <= '~' && c != '"' && c != '\\' {
			i++
			continue
		}
		dst = append(dst, s[from:i]...)
		r, n := utf8.DecodeRuneInString(string(s[i:min(i+utf8.UTFMax, len(s))]))
		dst = appendEscaped(dst, r)
		i += n
		from = i
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"')
}

func appendEscaped(dst []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(dst, '\\', byte(r))
	case '\n':
		return append(dst, `\n`...)
	case '\t':
		return append(dst, `\t`...)
	case '\r':
		return append(dst, `\r`...)
	}
	alone := string(r)
	if r != utf8.RuneError && safe.Line(alone) == alone {
		return append(dst, alone...)
	}
	if r > 0xffff {
		r -= 0x10000
		return fmt.Appendf(dst, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
	}
	return fmt.Appendf(dst, `\u%04x`, r)
}
