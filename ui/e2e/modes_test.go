package e2e

import (
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/charmbracelet/x/ansi"
	xterm "github.com/charmbracelet/x/term"
	"github.com/creack/pty"
)

// left checks that the terminal is as it was before the program: the main screen, a visible cursor, no
// mouse, no bracketed paste, no key protocol, and a line discipline that echoes and edits.
func (tm *term) left() {
	tm.t.Helper()
	raw := string(tm.output())
	modes := privateModes(raw)
	if !strings.Contains(raw, "\x1b[?1049h") {
		tm.t.Error("the alternate screen was never entered")
	}
	for mode, name := range map[int]string{
		1049: "alternate screen", 1000: "mouse clicks", 1002: "mouse drags", 1003: "mouse motion", 1006: "SGR mouse",
		2004: "bracketed paste", 1004: "focus reports", 2026: "synchronized output", 2031: "colour scheme reports",
		2048: "size reports",
	} {
		if modes[mode] {
			tm.t.Errorf("mode %d (%s) is still set", mode, name)
		}
	}
	if shown, touched := modes[25]; touched && !shown {
		tm.t.Error("the cursor is still hidden")
	}
	if up, downs := strings.Count(raw, "\x1b[>1u"), strings.Count(raw, "\x1b[<u")+strings.Count(raw, "\x1b[<1u"); up > downs {
		tm.t.Errorf("the key protocol was pushed %d times and popped %d times", up, downs)
	}
	if sgr := regexp.MustCompile(`\x1b\[([0-9;:]*)m`).FindAllStringSubmatch(raw, -1); len(sgr) > 0 {
		if last := sgr[len(sgr)-1][1]; last != "" && last != "0" {
			tm.t.Errorf("the last SGR is %q: the shell inherits it", last)
		}
	}
	if want, got := newTermios(tm.t), termios(tm.t, tm.pty); !reflect.DeepEqual(want, got) {
		tm.t.Errorf("line discipline %+v, want %+v", got, want)
	}
}

// privateModes are the DEC private modes that were set or reset, as they are at the end.
func privateModes(raw string) map[int]bool {
	out := map[int]bool{}
	for _, m := range regexp.MustCompile(`\x1b\[\?([0-9;]+)([hl])`).FindAllStringSubmatch(raw, -1) {
		for n := range strings.SplitSeq(m[1], ";") {
			if mode, err := strconv.Atoi(n); err == nil {
				out[mode] = m[2] == "h"
			}
		}
	}
	return out
}

// newTermios is the line discipline of a pseudo terminal that nobody has touched.
func newTermios(t testing.TB) *xterm.State {
	t.Helper()
	ptm, pts, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer ptm.Close()
	defer pts.Close()
	return termios(t, ptm)
}

func termios(t testing.TB, f *os.File) *xterm.State {
	t.Helper()
	s, err := xterm.GetState(f.Fd())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSignalsRestoreTheTerminal(t *testing.T) {
	for name, sig := range map[string]os.Signal{"SIGTERM": syscall.SIGTERM, "SIGHUP": syscall.SIGHUP, "SIGINT": syscall.SIGINT} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tm := start(t, 120, 40, "-b", refusedAddr(t))
			tm.wait("failed connection", "No answer yet")
			if !privateModes(string(tm.output()))[1049] {
				t.Error("no alternate screen to leave")
			}
			if err := tm.cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			if code := tm.exit(); code != 0 {
				t.Errorf("exit code %d", code)
			}
			tm.left()
		})
	}
}

func TestCtrlCQuitsFromAnywhere(t *testing.T) {
	t.Parallel()
	tm := start(t, 120, 40, "-b", refusedAddr(t))
	tm.wait("failed connection", "No answer yet")
	tm.send("?")
	tm.wait("help", "Keys in groups")
	tm.send("\x03")
	if code := tm.exit(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	tm.left()
}

func TestNoColorLeavesColourOut(t *testing.T) {
	t.Parallel()
	f := smallCluster(t)
	for _, c := range []struct {
		name   string
		env    []string
		colour bool
	}{{"with", nil, true}, {"without", []string{"NO_COLOR=1"}, false}} {
		tm := startEnv(t, 120, 40, c.env, "-b", f.Bootstrap()[0])
		tm.wait("groups", "billing")
		tm.send("?")
		tm.wait("help", "Keys in groups")
		if got := colours(string(tm.output())); (len(got) > 0) != c.colour {
			t.Errorf("%s colour the program sends the colours %v", c.name, got)
		}
	}
}

// colours are the SGR parameters that choose a colour.
func colours(raw string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`\x1b\[([0-9;:]*)m`).FindAllStringSubmatch(raw, -1) {
		for p := range strings.FieldsFuncSeq(m[1], func(r rune) bool { return r == ';' || r == ':' }) {
			n, _ := strconv.Atoi(p)
			if (n >= 30 && n <= 38 || n >= 40 && n <= 48 || n >= 90 && n <= 107) && !slices.Contains(out, m[1]) {
				out = append(out, m[1])
			}
		}
	}
	return out
}

func TestASCIIDrawsASCIIOnly(t *testing.T) {
	t.Parallel()
	f := smallCluster(t)
	for _, c := range []struct {
		args  []string
		ascii bool
	}{{nil, false}, {[]string{"--ascii"}, true}} {
		tm := start(t, 120, 40, append([]string{"-b", f.Bootstrap()[0]}, c.args...)...)
		tm.wait("a known lag", `billing.*\b12\b`)
		tm.send("?")
		tm.wait("help", "Keys in")
		tm.send("G")
		tm.wait("end of help", "caught up, or catching up")
		tm.send("q")
		tm.waitFor("end of help", func(s string) bool { return !strings.Contains(s, "caught up, or") })
		tm.send("o")
		tm.wait("form", "Reset offsets of")
		var odd []rune
		for _, r := range ansi.Strip(string(tm.output())) {
			if r >= 0x80 && !slices.Contains(odd, r) {
				odd = append(odd, r)
			}
		}
		if (len(odd) == 0) != c.ascii {
			t.Errorf("%v: the screen has the characters %q", c.args, string(odd))
		}
	}
}

func TestDumbTerminalIsRefused(t *testing.T) {
	for _, name := range []string{"dumb", ""} {
		for _, args := range [][]string{{"demo"}, {"-b", "127.0.0.1:1"}, nil} {
			tm := startEnv(t, 80, 24, []string{"TERM=" + name}, args...)
			if code := tm.exit(); code != 2 {
				t.Errorf("TERM=%q %v: exit code %d, want 2", name, args, code)
			}
			out := string(tm.output())
			if !strings.Contains(out, "TERM=") || !strings.Contains(out, "lagtop lag") {
				t.Errorf("TERM=%q %v does not say what is wrong and what to do:\n%s", name, args, out)
			}
			if strings.Contains(out, esc) {
				t.Errorf("TERM=%q %v sends escape sequences: %q", name, args, out)
			}
		}
	}
}

func TestWithoutATerminalItSaysWhatToDo(t *testing.T) {
	for _, args := range [][]string{{"demo"}, {"-b", "127.0.0.1:1"}, nil} {
		out, err := exec.Command(binary, args...).CombinedOutput()
		if code := exitCode(t, err); code != 2 {
			t.Errorf("%v: exit code %d, want 2", args, code)
		}
		if !strings.Contains(string(out), "needs a terminal") || !strings.Contains(string(out), "lagtop lag -b") {
			t.Errorf("%v does not say what is wrong and what to do:\n%s", args, out)
		}
		if args == nil && (!strings.Contains(string(out), "lagtop demo") || strings.Count(string(out), "\n") != 3) {
			t.Errorf("without arguments it should say in three lines how to begin:\n%s", out)
		}
	}
}
