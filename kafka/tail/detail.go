package tail

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"lagtop/kafka/safe"
	"lagtop/kafka/tail/format"
)

// Detail is a record with all that was kept of it, safe to print.
type Detail struct {
	Place   string
	Time    string // RFC 3339 in UTC, or why there is none
	Key     Body
	Value   Body
	Headers []HeaderLine
	HeaderN int    // headers in the record, also those that were not kept
	HeaderB int    // their bytes, keys and values
	Broken  []Fact // of a batch that cannot be read, which has neither key nor headers; Value is its dump
}

// HeaderLine is one header on one line.
type HeaderLine struct {
	Key, Value string
	Null       bool // it has no value; Value is NullValue
}

// Form is how a Body is written.
type Form string

// The forms.
const (
	FormNull   Form = "null"
	FormEmpty  Form = "empty"
	FormJSON   Form = "JSON" // indented
	FormText   Form = "text"
	FormBinary Form = "binary" // as a hex dump
)

// Body is a key or a value on lines of its own.
type Body struct {
	Form  Form
	Size  int // bytes in the record
	Shown int // bytes that the lines show; below Size when it is too long
	Lines []string

	Encoded int // bytes in the record where a schema made the Body of them, 0 where it is as it was; Size is of the JSON
}

const (
	maxLines  = 2000
	maxDepth  = 64
	maxHex    = 4 << 10
	maxHeader = 1 << 10
)

// Describe writes a record out in full, within bounds: lines are as long as the record has them, at
// most maxLines of them.
func Describe(e *Entry) Detail {
	d := Detail{
		Place: Place(e.TopicPartition, e.Offset), Time: stamp(e.Timestamp),
		Key: body(e.Key, e.KeySize), Value: body(e.Value, e.ValueSize),
		HeaderN: e.HeaderN, HeaderB: e.HeaderSize,
	}
	if e.Broken != nil {
		d.Broken, d.Value = DescribeBroken(e.Broken)
	}
	for _, h := range e.Headers {
		line := HeaderLine{Key: safe.Bytes([]byte(h.Key), maxHeader), Value: NullValue, Null: h.Value == nil}
		if !line.Null {
			line.Value = safe.Bytes(h.Value, maxHeader)
		}
		d.Headers = append(d.Headers, line)
	}
	return d
}

func stamp(t time.Time) string {
	switch {
	case t.IsZero():
		return "no timestamp"
	case t.Year() > 9999 || t.Year() < 0:
		return "timestamp beyond the year 9999"
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z07:00")
}

func body(b []byte, size int) Body {
	out := Body{Size: size, Shown: len(b)}
	switch {
	case b == nil:
		out.Form, out.Lines = FormNull, []string{NullValue}
	case len(b) == 0:
		out.Form = FormEmpty
	case format.Binary(b):
		out.Form, out.Shown = FormBinary, min(len(b), maxHex)
		out.Lines, _ = lines([]byte(hex.Dump(b[:out.Shown])))
	default:
		text := b
		out.Form = FormText
		if pretty, ok := indented(b); ok && size == len(b) {
			out.Form, text = FormJSON, pretty
		}
		shown := 0
		out.Lines, shown = lines(text)
		if shown < len(text) {
			out.Shown = min(shown, len(b))
		}
	}
	return out
}

// indented is b indented, when it is a JSON object or array that is not nested so deeply that the
// indentation would be most of it.
func indented(b []byte) ([]byte, bool) {
	b = bytes.TrimSpace(b)
	if len(b) == 0 || b[0] != '{' && b[0] != '[' || depth(b) > maxDepth || !json.Valid(b) {
		return nil, false
	}
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		return nil, false
	}
	return out.Bytes(), true
}

// depth is how deeply brackets are nested, those in strings included.
func depth(b []byte) int {
	now, most := 0, 0
	for _, c := range b {
		switch c {
		case '{', '[':
			now++
			most = max(most, now)
		case '}', ']':
			now--
		}
	}
	return most
}

// lines are the safe lines of a text, and how many of its bytes they show.
func lines(b []byte) (out []string, shown int) {
	s := string(b)
	for s != "" && len(out) < maxLines {
		line, rest, found := strings.Cut(s, "\n")
		out = append(out, safe.Line(strings.TrimSuffix(line, "\r")))
		shown += len(line)
		if found {
			shown++
		}
		s = rest
	}
	return out, shown
}
