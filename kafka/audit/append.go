package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

const (
	defaultMaxSize = 5 << 20
	// keptFiles is how many full files are kept beside the present one, as audit.jsonl.1 (the newest) and
	// so on. The oldest is dropped.
	keptFiles = 9
	// lockPatience is how long another process may hold the lock; writing a line takes milliseconds.
	lockPatience = 5 * time.Second
)

// append writes one line in one write and waits until it is on the disk.
func (l *Log) append(e Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return l.locked(func() error {
		if err := l.rotate(int64(len(line)) + 2); err != nil {
			return err
		}
		return l.write(line)
	})
}

// Probe tells whether an intent could be written now, without writing anything.
func (l *Log) Probe() error {
	err := l.locked(func() error {
		f, err := l.open()
		if err != nil {
			return err
		}
		return f.Close()
	})
	if err != nil {
		return fmt.Errorf("the audit file cannot be written: %w", err)
	}
	return nil
}

// locked runs do while no other writer, in this process or another, is at the file.
func (l *Log) locked(do func() error) (err error) {
	if err := os.MkdirAll(filepath.Dir(l.Path), 0o700); err != nil {
		return err
	}
	release, err := lock(l.Path+".lock", lockPatience)
	if err != nil {
		return err
	}
	return errors.Join(do(), release())
}

func (l *Log) open() (*os.File, error) {
	return os.OpenFile(l.Path, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
}

func (l *Log) write(line []byte) (err error) {
	f, err := l.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	size, torn, err := endOf(f)
	if err != nil {
		return err
	}
	if torn { // a writer was cut short: do not glue our line to its piece
		line = append([]byte{'\n'}, line...)
	}
	if _, err := f.Write(append(line, '\n')); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if size == 0 { // the file may be new: its name has to survive a power cut too
		return syncFolder(filepath.Dir(l.Path))
	}
	return nil
}

// rotate makes room for so many bytes: a file that they would make too large is put aside. Where files
// cannot be renamed, the present one grows: an action is not refused for that.
func (l *Log) rotate(more int64) error {
	limit := l.MaxSize
	if limit == 0 {
		limit = defaultMaxSize
	}
	st, err := os.Stat(l.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if st.Size() == 0 || st.Size()+more <= limit || !st.Mode().IsRegular() {
		return nil
	}
	for n := keptFiles - 1; n >= 0; n-- {
		err := os.Rename(aside(l.Path, n), aside(l.Path, n+1))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil //nolint:nilerr // see above
		}
	}
	return nil
}

// aside is the name of the n-th file, 0 the present one.
func aside(path string, n int) string {
	if n == 0 {
		return path
	}
	return fmt.Sprintf("%s.%d", path, n)
}

// endOf is the size of the file, and whether it ends within a line.
func endOf(f *os.File) (size int64, torn bool, err error) {
	st, err := f.Stat()
	if err != nil || st.Size() == 0 {
		return 0, false, err
	}
	last := make([]byte, 1)
	if _, err := f.ReadAt(last, st.Size()-1); err != nil && !errors.Is(err, io.EOF) {
		return st.Size(), false, err
	}
	return st.Size(), last[0] != '\n', nil
}

// syncFolder makes new names in a folder durable. Some file systems cannot, and say so.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	_ = f.Sync()
	return f.Close()
}
