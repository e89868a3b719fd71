package notify

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// role makes the test's own binary the command that is run: no program of the machine is needed.
const role = "LAGTOP_NOTIFY_ROLE"

func TestMain(m *testing.M) {
	if what := os.Getenv(role); what != "" {
		act(what, os.Args[1:])
	}
	goleak.VerifyTestMain(m)
}

// act is the command. Its first argument is a folder for what it does.
func act(what string, args []string) {
	switch what {
	case "save":
		text, _ := io.ReadAll(os.Stdin)
		name := filepath.Join(args[0], fmt.Sprint(os.Getpid()))
		_ = os.WriteFile(name+".part", text, 0o600)
		_ = os.Rename(name+".part", name+".done")
	case "ignore": // its input, and ends
	case "fail":
		os.Exit(3)
	case "hang":
		_ = os.WriteFile(filepath.Join(args[0], "hangs.done"), nil, 0o600)
		for {
			time.Sleep(time.Hour)
		}
	}
	os.Exit(0)
}

func newRunner(t *testing.T, what string, o Options) (r *Runner, job func(text string) Job, dir string) {
	t.Helper()
	t.Setenv(role, what)
	dir = t.TempDir()
	r = New(context.Background(), o)
	t.Cleanup(r.Close)
	return r, func(text string) Job {
		return Job{Name: "behind", Command: []string{os.Args[0], dir}, Input: []byte(text)}
	}, dir
}

// wait polls for a condition.
func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func saved(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.done"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(text))
	}
	return out
}

func failure(t *testing.T, r *Runner) string {
	t.Helper()
	select {
	case err := <-r.Failures():
		return err.Error()
	case <-time.After(2 * time.Minute):
		t.Fatal("no failure was told")
		return ""
	}
}

func noFailure(t *testing.T, r *Runner) {
	t.Helper()
	select {
	case err := <-r.Failures():
		t.Errorf("told: %v", err)
	default:
	}
}

func idle(r *Runner) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range r.lines {
		if l.running {
			return false
		}
	}
	return true
}

func TestCommandGetsItsInput(t *testing.T) {
	r, job, dir := newRunner(t, "save", Options{})
	text := strings.Repeat("x", 1<<18) + "\n" // more than a pipe holds
	r.Run(job(text))
	r.Run(job("second"))
	wait(t, "both runs", func() bool { return len(saved(t, dir)) == 2 && idle(r) })
	for _, got := range saved(t, dir) {
		if got != text && got != "second" {
			t.Errorf("%d bytes came", len(got))
		}
	}
	noFailure(t, r)
}

func TestCommandMayIgnoreItsInput(t *testing.T) {
	r, job, _ := newRunner(t, "ignore", Options{})
	r.Run(job(strings.Repeat("x", 1<<18)))
	wait(t, "the end", func() bool { return idle(r) })
	noFailure(t, r)
}

func TestFailureIsToldOnce(t *testing.T) {
	r, job, _ := newRunner(t, "fail", Options{})
	for range 3 {
		r.Run(job("x"))
		wait(t, "the end", func() bool { return idle(r) })
	}
	if got := failure(t, r); !strings.Contains(got, `"behind"`) || !strings.Contains(got, "exit status 3") {
		t.Errorf("told: %s", got)
	}
	noFailure(t, r)
	ok := job("x")
	t.Setenv(role, "ignore")
	r.Run(ok)
	wait(t, "the end", func() bool { return idle(r) })
	t.Setenv(role, "fail")
	r.Run(job("x"))
	failure(t, r) // again, because it had worked in between
}

func TestMissingProgramIsAFailure(t *testing.T) {
	r, _, dir := newRunner(t, "save", Options{})
	r.Run(Job{Name: "behind", Command: []string{filepath.Join(dir, "no-such-program")}})
	if got := failure(t, r); !strings.Contains(got, "no-such-program") {
		t.Errorf("told: %s", got)
	}
}

func TestCommandThatHangsIsKilled(t *testing.T) {
	r, job, _ := newRunner(t, "hang", Options{Timeout: 300 * time.Millisecond})
	r.Run(job("x"))
	if got := failure(t, r); !strings.Contains(got, "killed: it ran for 300ms") {
		t.Errorf("told: %s", got)
	}
}

func TestFullQueueDropsTheOldestAndCounts(t *testing.T) {
	r, job, dir := newRunner(t, "hang", Options{Timeout: time.Hour, Queue: 2})
	r.Run(job("0"))
	wait(t, "the first run", func() bool { return len(saved(t, dir)) == 1 })
	for _, text := range []string{"1", "2", "3", "4", "5"} {
		r.Run(job(text))
	}
	if n := r.Dropped("behind"); n != 3 {
		t.Errorf("%d were dropped", n)
	}
	r.mu.Lock()
	left := string(r.lines["behind"].waiting[0].Input) + string(r.lines["behind"].waiting[1].Input)
	r.mu.Unlock()
	if left != "45" {
		t.Errorf("%s wait", left)
	}
	if got := failure(t, r); !strings.Contains(got, "too slow") {
		t.Errorf("told: %s", got)
	}
	noFailure(t, r)
}

func TestOtherRulesDoNotWait(t *testing.T) {
	r, job, dir := newRunner(t, "hang", Options{Timeout: time.Hour})
	r.Run(job("x"))
	wait(t, "the hanging run", func() bool { return len(saved(t, dir)) == 1 })
	other := job("x")
	other.Name, other.Command = "other", []string{os.Args[0], t.TempDir()}
	t.Setenv(role, "save")
	r.Run(other)
	wait(t, "the other run", func() bool { return len(saved(t, other.Command[1])) == 1 })
}

func TestCloseKillsAndForgets(t *testing.T) {
	r, job, dir := newRunner(t, "hang", Options{Timeout: time.Hour})
	r.Run(job("x"))
	r.Run(job("y"))
	wait(t, "the first run", func() bool { return len(saved(t, dir)) == 1 })
	r.Close()
	r.Run(job("z"))
	if !idle(r) {
		t.Error("something runs after Close")
	}
	noFailure(t, r)
}
