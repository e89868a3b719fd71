//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package audit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// lock takes the lock of that name by creating the file. One that is older than patience was left by a
// process that died: writing a line takes milliseconds.
func lock(path string, patience time.Duration) (release func() error, err error) {
	for end := time.Now().Add(patience); ; time.Sleep(2 * time.Millisecond) {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err == nil {
			return func() error { return errors.Join(f.Close(), os.Remove(path)) }, nil
		}
		if !errors.Is(err, fs.ErrExist) && !errors.Is(err, fs.ErrPermission) {
			return nil, err
		}
		if st, err := os.Stat(path); err == nil && time.Since(st.ModTime()) > patience {
			_ = os.Remove(path)
		} else if time.Now().After(end) {
			return nil, fmt.Errorf("lock %s: another process has held it for %s", path, patience)
		}
	}
}
