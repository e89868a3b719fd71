package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
)

const (
	chunk = 64 << 10
	// maxLine bounds what one line may cost: a plan of 100,000 partitions is about 25 MB.
	maxLine = 64 << 20
)

// Entries are the entries of the files, newest first, read as they are asked for. A torn last line is left
// out, since its writer was cut short; any other line that cannot be decoded is an entry of phase
// Unreadable, so that nothing disappears silently. An error ends them. Files that do not exist have no
// entries.
func Entries(path string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		files, err := openAll(path)
		defer func() {
			for _, f := range files {
				_ = f.Close() // nothing was written
			}
		}()
		if err != nil {
			yield(Entry{}, fmt.Errorf("read the audit file: %w", err))
			return
		}
		for _, f := range files {
			if !entriesOf(f, yield) {
				return
			}
		}
	}
}

// openAll opens the files, newest first, while no writer renames them. Where there may be no lock, nobody
// may write either.
func openAll(path string) (files []*os.File, err error) {
	if _, err := os.Stat(path + ".lock"); err == nil {
		if release, err := lock(path+".lock", lockPatience); err == nil {
			defer release() //nolint:errcheck // nothing was written
		}
	}
	for n := range keptFiles + 1 {
		f, err := os.Open(aside(path, n))
		if errors.Is(err, fs.ErrNotExist) {
			continue // also a gap that a rotation left that was cut short
		}
		if err != nil {
			return files, err
		}
		files = append(files, f)
	}
	return files, nil
}

// entriesOf hands out the entries of one file, newest first, until nobody wants more.
func entriesOf(f *os.File, yield func(Entry, error) bool) bool {
	b, err := newBackward(f)
	for err == nil {
		var line []byte
		var at int64
		if line, at, err = b.line(); err != nil {
			break
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var e Entry
		if bad := json.Unmarshal(line, &e); bad != nil {
			if at+int64(len(line)) == b.size {
				continue // torn
			}
			e = unreadable(f, at, bad)
		}
		if !yield(e, nil) {
			return false
		}
	}
	if errors.Is(err, errLong) {
		return yield(unreadable(f, b.at, err), nil)
	}
	if !errors.Is(err, io.EOF) {
		yield(Entry{}, fmt.Errorf("read the audit file: %w", err))
		return false
	}
	return true
}

func unreadable(f *os.File, at int64, why error) Entry {
	return Entry{Phase: Unreadable, Error: fmt.Sprintf("%s at byte %d: %v", filepath.Base(f.Name()), at, why)}
}

var errLong = errors.New("a line of more than 64 MiB; what stands before it is left out")

// backward reads the lines of a file from the last to the first.
type backward struct {
	f    *os.File
	size int64
	at   int64  // where buf begins
	buf  []byte // what was read and not handed out
	over bool
}

func newBackward(f *os.File) (*backward, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return &backward{f: f, size: st.Size(), at: st.Size()}, nil
}

// line is the line before the last one that was handed out, without its end, and where it begins. It is
// valid until the next call.
func (b *backward) line() (line []byte, at int64, err error) {
	for {
		if i := bytes.LastIndexByte(b.buf, '\n'); i >= 0 {
			line, b.buf = b.buf[i+1:], b.buf[:i]
			return line, b.at + int64(i) + 1, nil
		}
		if b.at == 0 {
			if b.over {
				return nil, 0, io.EOF
			}
			b.over = true
			return b.buf, 0, nil
		}
		if len(b.buf) > maxLine {
			return nil, b.at, errLong
		}
		if err := b.more(); err != nil {
			return nil, b.at, err
		}
	}
}

// more reads what stands before buf: at least as much again, so that a long line costs no more than twice.
func (b *backward) more() error {
	n := min(int64(max(chunk, len(b.buf))), b.at)
	whole := make([]byte, n+int64(len(b.buf)))
	if _, err := b.f.ReadAt(whole[:n], b.at-n); err != nil {
		return err
	}
	copy(whole[n:], b.buf)
	b.buf, b.at = whole, b.at-n
	return nil
}

// Read is all entries of the files, oldest first. It holds them all: for files of unknown size there are
// Entries and Actions.
func Read(path string) ([]Entry, error) {
	var out []Entry
	for e, err := range Entries(path) {
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	slices.Reverse(out)
	return out, nil
}
