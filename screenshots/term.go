package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// term is the program in a pseudo terminal whose screen an emulator keeps.
type term struct {
	f   *os.File
	cmd *exec.Cmd
	mu  sync.Mutex
	em  *vt.Emulator
	// changed is when the screen last changed.
	changed time.Time
	readers sync.WaitGroup
}

func start(cols, rows int, home, bin string, args ...string) (*term, error) {
	t := &term{cmd: exec.Command(bin, args...), em: vt.NewEmulator(cols, rows), changed: time.Now()}
	t.cmd.Env = append(os.Environ(), "TERM=xterm-256color", "COLORTERM=truecolor", "NO_COLOR=", "XDG_STATE_HOME="+home, "XDG_CONFIG_HOME="+home)
	f, err := pty.StartWithSize(t.cmd, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)})
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", bin, err)
	}
	t.f = f
	t.readers.Add(2)
	go func() { defer t.readers.Done(); _, _ = io.Copy(f, t.em) }() // answers to the program's queries
	go func() { defer t.readers.Done(); t.read() }()
	return t, nil
}

func (t *term) read() {
	b := make([]byte, 32<<10)
	for {
		n, err := t.f.Read(b)
		if err != nil {
			return
		}
		t.mu.Lock()
		_, _ = t.em.Write(b[:n])
		t.changed = time.Now()
		t.mu.Unlock()
	}
}

// send types keys. A program that is gone shows nothing any more, which the next wait tells.
func (t *term) send(keys string) { _, _ = io.WriteString(t.f, keys) }

func (t *term) screen() string { t.mu.Lock(); defer t.mu.Unlock(); return t.em.String() }

// resize changes the screen's size; 0 leaves it.
func (t *term) resize(cols, rows int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if cols == 0 {
		cols = t.em.Width()
	}
	if rows == 0 {
		rows = t.em.Height()
	}
	t.em.Resize(cols, rows)
	return pty.Setsize(t.f, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)})
}

func (t *term) waitFor(pattern string, limit time.Duration) error {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return err
	}
	for end := time.Now().Add(limit); ; time.Sleep(20 * time.Millisecond) {
		if re.MatchString(t.screen()) {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("no %q within %s on the screen:\n%s", pattern, limit, t.screen())
		}
	}
}

// settle waits until the frame that the last key asked for is whole: nothing written for a moment.
func (t *term) settle() error {
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		t.mu.Lock()
		quiet := time.Since(t.changed)
		t.mu.Unlock()
		if quiet > 150*time.Millisecond {
			return nil
		}
	}
	return errors.New("the screen never rests")
}

func (t *term) close() {
	t.send("\x03")
	done := make(chan struct{})
	go func() { _ = t.cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		_ = t.cmd.Process.Kill()
		<-done
	}
	_, _ = t.f.Close(), t.em.Close()
	t.readers.Wait()
}
