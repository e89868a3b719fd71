package cli

import (
	"time"

	"lagtop/kafka"
	"lagtop/kafka/registry"
	"lagtop/kafka/safe"
	"lagtop/kafka/tail/format"
)

// schemaWait is how long the first record of a schema waits for it where it is read once: when it is printed, or
// searched through in the background.
const schemaWait = 3 * time.Second

// maxSaid bounds the notes that are told and remembered.
const maxSaid = 20

// schemas are those of the registry of the target and of the files, nil where there are none. The second result
// closes them.
func (r *run) schemas(t *target) (format.Schemas, func(), error) {
	settings, err := r.settings()
	if err != nil {
		return nil, nil, err
	}
	if t.Registry.URL == "" && len(settings.Decode) == 0 {
		return nil, func() {}, nil
	}
	c, err := registry.Open(t.Registry, settings.Decode, schemaWait)
	if err != nil {
		return nil, nil, usageError{err}
	}
	return c, c.Close, nil
}

// decoded is what schemas make of the key or the value.
func (w *tailWriter) decoded(r *kafka.Record, part format.Part) format.Decoding {
	if w.schemas == nil || r.Mark.Marker() {
		return format.Decoding{}
	}
	data := r.Value
	if part == format.OfKey {
		data = r.Key
	}
	return format.Read(w.schemas, r.Topic, part, data)
}

// read takes schemas, nil for none, into use and returns them for the filter: what it cannot decode, and therefore
// perhaps leaves out, is told as well.
func (w *tailWriter) read(s format.Schemas) format.Schemas {
	if s == nil {
		return nil
	}
	w.schemas = told{s.Waiting(), w}
	return w.schemas
}

// told tells why something is not decoded, once for each reason.
type told struct {
	format.Schemas
	w *tailWriter
}

// Read implements format.Schemas.
func (t told) Read(topic string, part format.Part, data []byte) format.Decoding {
	d, w := t.Schemas.Read(topic, part, data), t.w
	if d.Text != nil || d.Note == "" {
		return d
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.said[d.Note] && len(w.said) < maxSaid {
		w.said[d.Note] = true
		w.warn("lagtop: " + safe.Line(d.Note))
	}
	return d
}

// key is the key as text shows it.
func (w *tailWriter) key(r *kafka.Record) []byte {
	if text := w.decoded(r, format.OfKey).Text; text != nil {
		return format.Plain(text)
	}
	return r.Key
}
