package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
	"go.uber.org/goleak"

	_ "lagtop/ui/cli" // the binary is built from it: without the import a cached result would outlive a change
	"lagtop/ui/component"
)

// binary is the program under test, built once for all stories.
var binary string

func TestMain(m *testing.M) {
	if os.Getenv(measureEnv) != "" {
		measureOnly()
		return
	}
	dir, err := os.MkdirTemp("", "lagtop-e2e-")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "lagtop")
	build := exec.Command("go", "build", "-o", binary, "lagtop")
	if out, err := build.CombinedOutput(); err != nil {
		panic("build: " + err.Error() + "\n" + string(out))
	}
	code := m.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// term is the program in a pseudo terminal. An emulator keeps its screen and answers its queries.
type term struct {
	t       testing.TB
	pty     *os.File
	cmd     *exec.Cmd
	state   string // XDG_STATE_HOME
	began   time.Time
	readers sync.WaitGroup
	closing sync.Once
	drained chan struct{} // closed when all output was read
	ended   chan struct{} // closed when the program has ended and all output was read
	err     error

	gate    sync.Mutex // while it is locked nothing is read, as over a line that stalls
	mu      sync.Mutex
	screen  *vt.Emulator
	raw     []byte
	changed chan struct{} // closed and replaced at each output
}

// start runs the program with a window of w by h cells.
func start(t testing.TB, w, h int, args ...string) *term {
	t.Helper()
	return startEnv(t, w, h, nil, args...)
}

// startEnv adds to the environment, or replaces parts of it.
func startEnv(t testing.TB, w, h int, env []string, args ...string) *term {
	t.Helper()
	return startCmd(t, w, h, env, exec.Command(binary, args...))
}

func startCmd(t testing.TB, w, h int, env []string, cmd *exec.Cmd) *term {
	t.Helper()
	tm := &term{t: t, cmd: cmd, state: t.TempDir(), began: time.Now(),
		screen: vt.NewEmulator(w, h), changed: make(chan struct{}),
		drained: make(chan struct{}), ended: make(chan struct{})}
	tm.cmd.Env = append([]string{"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8", "USER=tester",
		"HOME=" + tm.state, "XDG_STATE_HOME=" + tm.state, "PATH=" + os.Getenv("PATH")}, env...)
	f, err := pty.StartWithSize(tm.cmd, &pty.Winsize{Rows: uint16(h), Cols: uint16(w)})
	if err != nil {
		t.Fatal(err)
	}
	tm.pty = f
	tm.readers.Add(2)
	go func() { defer tm.readers.Done(); _, _ = io.Copy(f, tm.screen) }()
	go func() { defer tm.readers.Done(); defer close(tm.drained); tm.read() }()
	go func() { tm.err = tm.cmd.Wait(); <-tm.drained; close(tm.ended) }()
	t.Cleanup(tm.close)
	return tm
}

// receive reads while the line does not stall.
func (tm *term) receive(b []byte) (int, error) {
	tm.gate.Lock()
	defer tm.gate.Unlock()
	return tm.pty.Read(b)
}

func (tm *term) read() {
	b := make([]byte, 32<<10)
	for {
		n, err := tm.receive(b)
		tm.mu.Lock()
		tm.raw = append(tm.raw, b[:n]...)
		_, _ = tm.screen.Write(b[:n])
		close(tm.changed)
		tm.changed = make(chan struct{})
		tm.mu.Unlock()
		if err != nil {
			return // the program has closed its side
		}
	}
}

// close ends the program. It may be called more than once.
func (tm *term) close() {
	tm.closing.Do(func() {
		_ = tm.cmd.Process.Kill()
		<-tm.ended
		_ = tm.pty.Close()
		_ = tm.screen.Close()
		tm.readers.Wait()
	})
}

// send types keys.
func (tm *term) send(keys string) {
	tm.t.Helper()
	if _, err := io.WriteString(tm.pty, keys); err != nil {
		tm.t.Fatalf("type %q: %v", keys, err)
	}
}

// Keys as a terminal sends them.
const (
	enter = "\r"
	esc   = "\x1b"
	tab   = "\t"
	down  = "\x1b[B"
	right = "\x1b[C"
	clear = "\x15" // ctrl+u
)

func (tm *term) resize(w, h int) {
	tm.t.Helper()
	tm.mu.Lock()
	defer tm.mu.Unlock()
	tm.screen.Resize(w, h)
	if err := pty.Setsize(tm.pty, &pty.Winsize{Rows: uint16(h), Cols: uint16(w)}); err != nil {
		tm.t.Fatal(err)
	}
}

// text is the screen as lines of text.
func (tm *term) text() string {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	return tm.screen.String()
}

// output is every byte that the program has written.
func (tm *term) output() []byte {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	return bytes.Clone(tm.raw)
}

// written is how many bytes those are.
func (tm *term) written() int {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	return len(tm.raw)
}

// wait waits until the screen matches all patterns, which a half written frame does not, and returns it.
func (tm *term) wait(what string, patterns ...string) string {
	tm.t.Helper()
	var missing string
	s, found := tm.within(patience, func(s string) bool {
		for _, p := range patterns {
			if missing = p; !regexp.MustCompile(p).MatchString(s) {
				return false
			}
		}
		return true
	})
	if !found {
		tm.t.Fatalf("no %s on the screen, %q is missing:\n%s", what, missing, s)
	}
	return s
}

const patience = 2 * time.Minute

func (tm *term) waitFor(what string, ok func(screen string) bool) string {
	tm.t.Helper()
	s, found := tm.within(patience, ok)
	if !found {
		tm.t.Fatalf("no %s on the screen:\n%s", what, s)
	}
	return s
}

// within waits so long for a screen, and reports false when it did not come.
func (tm *term) within(d time.Duration, ok func(screen string) bool) (screen string, found bool) {
	tm.t.Helper()
	limit := time.NewTimer(d)
	defer limit.Stop()
	for {
		tm.mu.Lock()
		changed := tm.changed
		tm.mu.Unlock()
		s := tm.text()
		if ok(s) {
			return s, true
		}
		select {
		case <-changed:
		case <-tm.ended:
			if s = tm.text(); ok(s) {
				return s, true
			}
			tm.t.Fatalf("the program ended (%v); the screen:\n%s", tm.err, s)
		case <-limit.C:
			return tm.text(), false
		}
	}
}

// press types keys into what the screen shows, once: dialogs ignore keys in their first half second, and typed again
// they would be other keys.
func (tm *term) press(keys, what, pattern string) string {
	tm.t.Helper()
	tm.rest(2 * component.Guard)
	tm.send(keys)
	return tm.wait(what, pattern)
}

// dismiss closes the dialog in front, which says so.
func (tm *term) dismiss(text string) { tm.t.Helper(); tm.pressAway(esc, text) }

// pressAway types keys into the dialog in front, which ends it.
func (tm *term) pressAway(keys, text string) {
	tm.t.Helper()
	tm.rest(2 * component.Guard)
	tm.send(keys)
	tm.waitFor("end of "+text, hasNot(text))
}

// exit waits for the program to end and returns its exit code.
func (tm *term) exit() int {
	tm.t.Helper()
	select {
	case <-tm.ended:
	case <-time.After(patience):
		tm.t.Fatalf("the program does not end:\n%s", tm.text())
	}
	return exitCode(tm.t, tm.err)
}

// exitCode is -1 for a program that a signal ended.
func exitCode(t testing.TB, err error) int {
	t.Helper()
	var e *exec.ExitError
	if errors.As(err, &e) {
		return e.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return 0
}

// quit types q and checks that the program leaves as it should.
func (tm *term) quit() {
	tm.t.Helper()
	tm.send("q")
	if code := tm.exit(); code != 0 {
		tm.t.Errorf("exit code %d after q", code)
	}
	tm.left()
}

// openAndCloseHelp shows that keys are answered. It returns when the help is gone: a key right after esc
// would be another key.
func (tm *term) openAndCloseHelp() {
	tm.t.Helper()
	tm.send("?")
	tm.wait("help", "Keys in")
	tm.send(esc)
	tm.waitFor("end of help", hasNot("Keys in"))
}
