package tail

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"lagtop/kafka"
	"lagtop/kafka/tail/format"
	"lagtop/kafka/tail/jsonline"
)

// appendJSON writes a record on one line; see package jsonline.
func appendJSON(dst []byte, e *Entry, schemas format.Schemas) []byte {
	dst = jsonline.Append(dst, &e.Record, e.Read(schemas, format.OfKey), e.Read(schemas, format.OfValue))
	if e.Late {
		dst = append(dst, `,"late":true`...)
	}
	if e.Cut() {
		dst = append(dst, `,"cut":true`...)
	}
	return append(dst, '}')
}

// Export is a record as JSON on several lines, with the members of package jsonline. schemas may be nil.
func Export(e *Entry, schemas format.Schemas) ([]byte, error) {
	var b bytes.Buffer
	if err := json.Indent(&b, appendJSON(nil, e, schemas), "", "  "); err != nil {
		return nil, fmt.Errorf("export %s: %w", Place(e.TopicPartition, e.Offset), err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// mostExports is how many files of the same name, but for a number, there can be.
const mostExports = 1000

// SaveRecord writes a record as Export does to a new file in dir and returns its path once it is on the disk. The file
// is there in full or not at all, and none is ever overwritten.
func SaveRecord(dir string, e *Entry, schemas format.Schemas) (path string, err error) {
	data, err := Export(e, schemas)
	if err != nil {
		return "", err
	}
	return saveNew(dir, e.TopicPartition, e.Offset, "record", ".json", data)
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
