package format

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// Event is what a value says. Texts are as its producer wrote them.
type Event struct {
	Kind     Kind
	Severity Severity
	Time     time.Time // of the event, zero when the value has none
	Message  string
	Fields   []Field // in the order of the value, at most 128
	SchemaID uint32  // 0: none
	Note     string  // why it is not decoded further; empty when it is
	Cut      bool    // only the beginning of the value was looked at
	Decoded  []byte  // the value as JSON, where Schemas decoded it
}

// Field is one field of an Event.
type Field struct{ Name, Value string }

// Field is the value of the first field of that name.
func (e *Event) Field(name string) (string, bool) {
	for i := range e.Fields {
		if e.Fields[i].Name == name {
			return e.Fields[i].Value, true
		}
	}
	return "", false
}

func (e *Event) add(name, value string) {
	if len(e.Fields) >= maxFields {
		e.Cut = true
		return
	}
	e.Fields = append(e.Fields, Field{name, value})
}

// DecodeAs is Decode of a value that schemas made d of, for the kinds Auto and Schema.
func DecodeAs(d Decoding, kind Kind, value []byte, at time.Time) Event {
	if d.Text == nil || kind != Auto && kind != Schema {
		e := Decode(kind, value, at)
		if d.Note != "" && (kind == Auto || kind == Schema) {
			e.Note = d.Note
		}
		return e
	}
	e := Event{Kind: Schema, Severity: Of(d.Text), Note: d.Note, Decoded: d.Text, Cut: len(d.Text) > look}
	if id, _, ok := SchemaID(value); ok {
		e.SchemaID = id
	}
	e.json(d.Text[:min(len(d.Text), look)])
	return e
}

// Decode reads a value as of a kind, with Auto as what Detect finds. What does not fit the kind is left
// as the message. at is the time of the record, for timestamps that say neither year nor zone.
func Decode(kind Kind, value []byte, at time.Time) Event {
	if kind == Auto {
		kind = Detect(value)
	}
	e := Event{Kind: kind, Severity: Of(value), Cut: len(value) > look}
	v := value[:min(len(value), look)]
	if kind == Hex {
		e.Message = hex.EncodeToString(v[:min(len(v), peek)])
		e.Cut = len(value) > peek
		return e
	}
	if kind == Schema {
		e.schema(v, at)
		return e
	}
	text := strings.TrimSpace(string(v))
	switch kind {
	case JSON:
		e.json(v)
	case Logfmt:
		e.logfmt(text)
	case Syslog3164:
		e.syslog3164(text, at)
	case Syslog5424:
		e.syslog5424(text)
	case Access:
		e.access(text)
	case CEF:
		e.cef(text, at)
	default:
		e.text(text)
	}
	return e
}

func (e *Event) text(s string) {
	e.Message = s
	if t, rest, ok := leadingTime(s); ok {
		e.Time, e.Message = t, rest
	}
}

// schema decodes what can be read without the schema: the payloads of JSON Schema.
func (e *Event) schema(v []byte, at time.Time) {
	id, rest, ok := SchemaID(v)
	if !ok {
		e.Note = "no schema id in front"
		e.Message = hex.EncodeToString(v[:min(len(v), peek)])
		return
	}
	e.SchemaID = id
	if rest[0] == '{' || rest[0] == '[' {
		inner := Decode(JSON, rest, at)
		e.Time, e.Message, e.Fields = inner.Time, inner.Message, inner.Fields
		e.Note = fmt.Sprintf("JSON Schema, schema %d", id)
		return
	}
	e.Note = fmt.Sprintf("Avro or Protobuf, schema %d: no registry configured", id)
	e.Message = hex.EncodeToString(rest[:min(len(rest), peek)])
}

// The names under which loggers write time and message, in small letters.
func isTimeKey(k string) bool {
	switch k {
	case "@timestamp", "timestamp", "time", "ts", "datetime", "date", "@t", "eventtime", "event_time", "asctime":
		return true
	}
	return false
}

func isMessageKey(k string) bool {
	switch k {
	case "message", "msg", "@m", "@mt", "short_message", "text", "body", "event":
		return true
	}
	return false
}

// known takes the time and the message out of a field.
func (e *Event) known(name, value string) {
	low := strings.ToLower(name)
	if e.Time.IsZero() && isTimeKey(low) {
		e.Time, _ = parseTime(value)
	}
	if e.Message == "" && isMessageKey(low) {
		e.Message = value
	}
}
