package cli

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"

	"lagtop/kafka"
	"lagtop/kafka/safe"
	"lagtop/kafka/tail/format"
	"lagtop/kafka/tail/jsonline"
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
		if !w.objects { // the other outputs have room for records alone: there Event's line is all
			return dst
		}
		return append(jsonline.Append(dst, r, format.Decoding{}, format.Decoding{}), "}\n"...)
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
		case e.Next < e.From && e.From <= e.End:
			text = fmt.Sprintf("lagtop: %s: the topic was made anew, going on at %d", place, e.Next)
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
	dst = jsonline.AppendStamp(dst, r.Timestamp)
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

// json is one object a line; see package jsonline.
func (w *tailWriter) json(dst []byte, r *kafka.Record, n stream.Note) []byte {
	dst = jsonline.Append(dst, r, w.decoded(r, format.OfKey), w.decoded(r, format.OfValue))
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
	dst = jsonline.AppendText(append(dst, `,"event":{"format":`...), e.Kind.String())
	dst = jsonline.AppendTime(append(dst, `,"time":`...), e.Time)
	dst = jsonline.AppendText(append(dst, `,"message":`...), e.Message)
	if e.SchemaID != 0 {
		dst = strconv.AppendUint(append(dst, `,"schema_id":`...), uint64(e.SchemaID), 10)
	}
	if e.Note != "" {
		dst = jsonline.AppendText(append(dst, `,"note":`...), e.Note)
	}
	if e.Cut {
		dst = append(dst, `,"cut":true`...)
	}
	dst = append(dst, `,"fields":[`...)
	for i, f := range e.Fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = jsonline.AppendText(append(dst, `{"name":`...), f.Name)
		dst = append(jsonline.AppendText(append(dst, `,"value":`...), f.Value), '}')
	}
	return append(dst, "]}"...)
}
