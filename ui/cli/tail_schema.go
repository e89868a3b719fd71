package cli

import (
	"time"
	"unicode/utf8"

	"lagtop/kafka"
	"lagtop/kafka/registry"
	"lagtop/kafka/safe"
	"lagtop/kafka/tail/format"
)

// schemaWait is how long the first record of a schema waits for it: what is printed is not printed again.
const schemaWait = 3 * time.Second

// maxSaid bounds the notes that are told and remembered.
const maxSaid = 20

// schemas are those of the registry of the target and of the files, nil where there are none. The second result
// closes them.
func (r *run) schemas(t *target, wait time.Duration) (format.Schemas, func(), error) {
	settings, err := r.settings()
	if err != nil {
		return nil, nil, err
	}
	if t.Registry.URL == "" && len(settings.Decode) == 0 {
		return nil, func() {}, nil
	}
	c, err := registry.Open(t.Registry, settings.Decode, wait)
	if err != nil {
		return nil, nil, usageError{err}
	}
	return c, c.Close, nil
}

// decoded is a value as JSON, nil where no schema decodes it; each reason is told once.
func (w *tailWriter) decoded(r *kafka.Record) (text []byte, note string) {
	if w.schemas == nil || r.Mark.Marker() {
		return nil, ""
	}
	text, note = w.schemas.Read(r.Topic, r.Value)
	if text != nil || note == "" {
		return text, note
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.said[note] && len(w.said) < maxSaid {
		w.said[note] = true
		w.warn("lagtop: " + safe.Line(note))
	}
	return nil, note
}

// appendDecoded is ,"decoded":JSON,"schema":"by which", or ,"undecoded":"why not".
func appendDecoded(dst, text []byte, note string) []byte {
	switch {
	case text != nil:
		dst = appendHarmless(append(dst, `,"decoded":`...), text)
		return appendText(append(dst, `,"schema":`...), note)
	case note != "":
		return appendText(append(dst, `,"undecoded":`...), note)
	}
	return dst
}

// appendHarmless is JSON on one line, with \u for what a terminal must not get. Outside of strings JSON is ASCII.
func appendHarmless(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		if c := text[i]; c >= ' ' && c <= '~' {
			dst = append(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		dst = appendEscaped(dst, r)
		i += n
	}
	return dst
}
