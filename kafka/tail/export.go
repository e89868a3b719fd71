package tail

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"unicode/utf8"

	"lagtop/kafka"
)

// exported is a record as Export writes it.
type exported struct {
	Topic     string           `json:"topic"`
	Partition int32            `json:"partition"`
	Offset    int64            `json:"offset"`
	Timestamp *string          `json:"timestamp"` // RFC 3339 in UTC; null without one
	Key       *exportedBytes   `json:"key"`       // null: none
	Headers   []exportedHeader `json:"headers"`
	Value     *exportedBytes   `json:"value"`            // null: a tombstone
	Late      bool             `json:"late,omitempty"`   // see Entry.Late
	Broken    *exportedBroken  `json:"broken,omitempty"` // a batch that cannot be read, in place of a record
}

type exportedHeader struct {
	Key   string         `json:"key"`
	Value *exportedBytes `json:"value"`
}

// exportedBytes are bytes, and the text that they are where they are text.
type exportedBytes struct {
	Base64 []byte  `json:"base64"`
	Text   *string `json:"text,omitempty"`
}

func exportBytes(b []byte) *exportedBytes {
	if b == nil {
		return nil
	}
	out := &exportedBytes{Base64: b}
	if utf8.Valid(b) {
		text := string(b)
		out.Text = &text
	}
	return out
}

// Export is a record as JSON: keys and values as base64, and as text where they are UTF-8.
func Export(r *kafka.Record) ([]byte, error) { return export(r, false) }

func export(r *kafka.Record, late bool) ([]byte, error) {
	out := exported{Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, Key: exportBytes(r.Key), Value: exportBytes(r.Value), Headers: []exportedHeader{}, Late: late, Broken: exportBroken(r.Broken)}
	if !r.Timestamp.IsZero() {
		at := r.Timestamp.UTC().Format("2006-01-02T15:04:05.000Z07:00")
		out.Timestamp = &at
	}
	for _, h := range r.Headers {
		out.Headers = append(out.Headers, exportedHeader{h.Key, exportBytes(h.Value)})
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(out); err != nil {
		return nil, fmt.Errorf("export %s: %w", Place(r.TopicPartition, r.Offset), err)
	}
	return b.Bytes(), nil
}

// mostExports is how many files of the same name, but for a number, there can be.
const mostExports = 1000

// SaveRecord writes a record as Export does to a new file in dir and returns its path once it is on the disk. The file
// is there in full or not at all, and none is ever overwritten.
func SaveRecord(dir string, r *kafka.Record) (path string, err error) {
	data, err := Export(r)
	if err != nil {
		return "", err
	}
	return saveNew(dir, r.TopicPartition, r.Offset, "record", ".json", data)
}

// SaveBatch writes the bytes of a batch that cannot be read, as far as they were kept, as SaveRecord writes a record.
func SaveBatch(dir string, tp kafka.TopicPartition, b *kafka.BrokenBatch) (path string, err error) {
	return saveNew(dir, tp, b.From, "batch", ".bin", b.Raw)
}

// saveNew writes what is at an offset to a new file that is named after it.
func saveNew(dir string, tp kafka.TopicPartition, offset int64, what, ending string, data []byte) (path string, err error) {
	fail := func(err error) (string, error) { return "", fmt.Errorf("export %s: %w", Place(tp, offset), err) }
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fail(err)
	}
	temp, err := writeTemp(dir, data)
	if err != nil {
		return fail(err)
	}
	defer func() { err = errors.Join(err, os.Remove(temp)) }()
	path, err = publish(dir, temp, fmt.Sprintf("%s-%s-%d-%d", what, fileWord(tp.Topic), tp.Partition, offset), ending)
	if err != nil {
		return fail(err)
	}
	return path, nil
}

// publish gives a file its name in dir, with a number where there is one of that name.
func publish(dir, temp, name, ending string) (path string, err error) {
	for i := range mostExports {
		path = filepath.Join(dir, name+ending)
		if i > 0 {
			path = filepath.Join(dir, fmt.Sprintf("%s-%d%s", name, i+1, ending))
		}
		if err = os.Link(temp, path); !errors.Is(err, os.ErrExist) {
			return path, err
		}
	}
	return "", fmt.Errorf("there are %d files %s in %s", mostExports, name+ending, dir)
}

// writeTemp writes a file of its own that only its owner can read.
func writeTemp(dir string, data []byte) (string, error) {
	f, err := os.CreateTemp(dir, ".record-*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}
