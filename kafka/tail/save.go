package tail

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"lagtop/kafka"
	"lagtop/kafka/safe"
	"lagtop/kafka/tail/format"
)

// FileForm is how Save writes records.
type FileForm string

// The forms of files. Text is safe to print; the others keep every byte, as base64 what is no UTF-8.
const (
	FileText FileForm = "text"
	FileJSON FileForm = "jsonl" // see package jsonline
	FileCSV  FileForm = "csv"
)

// Saving says how records are written.
type Saving struct {
	Form FileForm
	// Schemas decode keys and values; nil: none do. What they decode stands in place of the bytes, in JSON beside them.
	Schemas format.Schemas
}

// Saved says what came of a Save.
type Saved struct {
	Path    string
	Records int
	Cut     int // of those, records of which only the beginning was kept
	Broken  int // of those, batches that cannot be read
}

// progressEvery is the number of records between two calls of progress.
const progressEvery = 1000

// Save writes records to a new file in dir that is named after the topic, and calls progress now and then
// with the number of records that are written. The file is there in full or not at all, and none is ever
// overwritten. When ctx ends nothing is left behind.
func Save(ctx context.Context, dir, topic string, o Saving, records iter.Seq[*Entry], progress func(n int)) (out Saved, err error) {
	fail := func(err error) (Saved, error) { return Saved{}, fmt.Errorf("save records of %s: %w", topic, err) }
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fail(err)
	}
	f, err := os.CreateTemp(dir, ".records-*")
	if err != nil {
		return fail(err)
	}
	err = out.write(ctx, f, o, records, progress)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		out.Path, err = publish(dir, f.Name(), "records-"+fileWord(topic), "."+o.Form.ending())
	}
	if err = errors.Join(err, os.Remove(f.Name())); err != nil {
		return fail(err)
	}
	return out, nil
}

func (f FileForm) ending() string {
	if f == FileText {
		return "txt"
	}
	return string(f)
}

func (s *Saved) write(ctx context.Context, f io.Writer, o Saving, records iter.Seq[*Entry], progress func(int)) error {
	b := bufio.NewWriterSize(f, 64<<10)
	var table *csv.Writer
	if o.Form == FileCSV {
		table = csv.NewWriter(b)
		if err := table.Write([]string{"topic", "partition", "offset", "timestamp", "mark", "key", "key_encoding", "value", "value_encoding", "headers", "order", "key_schema", "value_schema"}); err != nil {
			return err
		}
	}
	for e := range records {
		if s.Records%progressEvery == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			progress(s.Records)
		}
		if err := writeEntry(b, table, o, e); err != nil {
			return err
		}
		s.Records++
		switch {
		case e.Broken != nil:
			s.Broken++
		case e.Cut():
			s.Cut++
		}
	}
	if err := ctx.Err(); err != nil { // the records may have ended with it
		return err
	}
	if table != nil {
		table.Flush()
		if err := table.Error(); err != nil {
			return err
		}
	}
	return b.Flush()
}

func writeEntry(b *bufio.Writer, table *csv.Writer, o Saving, e *Entry) error {
	var err error
	switch o.Form {
	case FileCSV:
		return table.Write(columns(e, o.Schemas))
	case FileJSON:
		_, err = b.Write(append(appendJSON(nil, e, o.Schemas), '\n'))
	default:
		_, err = b.WriteString(textLine(e, o.Schemas))
	}
	return err
}

// textLine is the time, the place, the key and the whole value.
func textLine(e *Entry, schemas format.Schemas) string {
	r := &e.Record
	parts := []string{isoTime(r.Timestamp), Place(r.TopicPartition, r.Offset)}
	if r.Mark != kafka.Plain {
		parts = append(parts, "["+r.Mark.String()+"]")
	}
	if e.Late {
		parts = append(parts, "[late]")
	}
	if r.Broken != nil {
		parts = append(parts, BrokenLine(r.Broken))
	}
	if !r.Mark.Marker() {
		value := NullValue
		if r.Value != nil {
			value = safe.Line(string(said(r.Value, e.Read(schemas, format.OfValue))))
		}
		if r.Key != nil {
			key := e.Read(schemas, format.OfKey)
			parts = append(parts, safe.Line(string(said(r.Key, format.Decoding{Text: format.Plain(key.Text)}))))
		}
		parts = append(parts, value)
	}
	return strings.Join(parts, " ") + "\n"
}

// said are bytes as their schema reads them, or as they are.
func said(b []byte, d format.Decoding) []byte {
	if d.Text != nil {
		return d.Text
	}
	return b
}

// isoTime is RFC 3339 in UTC, a dash for what has no time.
func isoTime(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z07:00")
}

func columns(e *Entry, schemas format.Schemas) []string {
	r := &e.Record
	headers := make([][2]*string, len(r.Headers))
	for i, h := range r.Headers {
		headers[i][0] = &h.Key
		if text, how := coded(h.Value); how != "null" {
			headers[i][1] = &text
		}
	}
	list, _ := json.Marshal(headers) // strings always can be
	ofKey, ofValue := e.Read(schemas, format.OfKey), e.Read(schemas, format.OfValue)
	key, keyAs := cellOf(r.Key, ofKey)
	value, valueAs := cellOf(r.Value, ofValue)
	if r.Broken != nil {
		value, valueAs = r.Broken.Says(), "error"
	}
	late := ""
	if e.Late {
		late = "late"
	}
	at := isoTime(r.Timestamp)
	if r.Timestamp.IsZero() {
		at = ""
	}
	return []string{r.Topic, strconv.Itoa(int(r.Partition)), strconv.FormatInt(r.Offset, 10), at, r.Mark.String(), key, keyAs, value, valueAs, string(list), late, ofKey.Note, ofValue.Note}
}

// cellOf is coded, or what a schema made of it: how is schema then.
func cellOf(b []byte, d format.Decoding) (text, how string) {
	if d.Text != nil {
		return string(d.Text), "schema"
	}
	return coded(b)
}

// coded is bytes as text, and how: text, base64 or null. What stands for a batch that cannot be read is an error.
func coded(b []byte) (text, how string) {
	switch {
	case b == nil:
		return "", "null"
	case !utf8.Valid(b):
		return base64.StdEncoding.EncodeToString(b), "base64"
	}
	return string(b), "text"
}

// fileWord is a topic as a part of a file's name.
func fileWord(topic string) string {
	word := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' {
			return c
		}
		return '_'
	}, topic)
	const most = 200
	return word[:min(len(word), most)]
}
