package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka/audit"
	"lagtop/kafka/kafkatest"
)

// stall stops the cluster at a request of an action, so that the program can be killed right there. After
// says that the broker carries the request out first.
type stall struct {
	name   string
	key    kmsg.Key
	nth    int32 // of these requests after the intent was written (0: the first)
	after  bool
	commit bool // only requests after the commit count
	want   string
}

// hold arms a stall for a program whose audit is in that folder. reached is closed when the request is there,
// and open lets everything go on.
func (s stall) hold(t *testing.T, f *kafkatest.Fake, state string) (reached <-chan struct{}, open func()) {
	t.Helper()
	there, release := make(chan struct{}), make(chan struct{})
	var committed atomic.Bool
	var seen atomic.Int32
	var done atomic.Bool
	f.ControlKey(int16(kmsg.OffsetCommit), func(kmsg.Request) (kmsg.Response, error, bool) {
		f.KeepControl()
		committed.Store(true)
		return nil, nil, false
	})
	f.ControlKey(int16(s.key), func(kmsg.Request) (kmsg.Response, error, bool) {
		f.KeepControl()
		if done.Load() || !intentIn(state) || s.commit && !committed.Load() || seen.Add(1) <= s.nth {
			return nil, nil, false
		}
		done.Store(true)
		if s.after {
			for b := range int32(3) {
				f.Hang(b)
			}
			close(there)
			return nil, nil, false
		}
		close(there)
		f.SleepControl(func() { <-release })
		return nil, errKilled, true
	})
	return there, func() {
		close(release)
		for b := range int32(3) {
			f.Up(b)
		}
	}
}

type killedError struct{}

func (killedError) Error() string { return "its sender was killed" }

var errKilled = killedError{}

// intentIn tells whether an action was begun.
func intentIn(state string) bool {
	b, err := os.ReadFile(auditFile(state))
	return err == nil && bytes.Contains(b, []byte(`"intent"`))
}

func auditFile(state string) string { return filepath.Join(state, "lagtop", "audit.jsonl") }

// resetBilling chooses group billing and confirms a reset to the end.
func (tm *term) resetBilling() {
	tm.t.Helper()
	tm.wait("groups", `billing +Empty`)
	tm.send("1")
	tm.chooseGroup("billing", "billing")
	tm.send("1")
	tm.chooseLatest()
	tm.send(enter)
	tm.wait("preview", `BEFORE +AFTER`, `orders/0 +0 +→ +10`)
	tm.confirm("billing")
}

// TestKilledAtEachStepOfAResetIsToldAtTheNextStart kills the program with SIGKILL where an action may be.
func TestKilledAtEachStepOfAResetIsToldAtTheNextStart(t *testing.T) {
	for _, s := range []stall{
		{name: "check", key: kmsg.OffsetFetch, want: "not applied to any of 2 partitions"},
		{name: "commit request", key: kmsg.OffsetCommit, want: "not applied to any of 2 partitions"},
		{name: "commit answer", key: kmsg.OffsetCommit, after: true, want: "applied to all of 2 partitions"},
		{name: "read back", key: kmsg.OffsetFetch, commit: true, want: "applied to all of 2 partitions"},
		{name: "read back again", key: kmsg.OffsetFetch, commit: true, nth: 1, want: "applied to all of 2 partitions"},
	} {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			f := smallCluster(t)
			tm := start(t, 120, 40, "-b", strings.Join(f.Bootstrap(), ","), "--interval", "1h")
			reached, open := s.hold(t, f, tm.state)
			tm.resetBilling()
			<-reached
			tm.close() // SIGKILL
			open()
			if as := actions(t, tm.state); len(as) != 1 || as[0].Result() != audit.Open {
				t.Fatalf("the audit after the kill: %+v", as)
			}
			next := startEnv(t, 120, 40, []string{"XDG_STATE_HOME=" + tm.state}, "-b", strings.Join(f.Bootstrap(), ","))
			next.wait("what was cut short", `Cut short: reset offsets of billing`, `by \S+ on`, s.want, "Nothing is repeated by itself")
			next.pressAway("c", "Cut short")
			waitUntil(t, "closed action", func() bool { return actions(t, tm.state)[0].Result() == audit.Closed })
			want := at(0, 0)
			if strings.HasPrefix(s.want, "applied") {
				want = at(10, 2)
			}
			for tp, o := range kafkatest.Committed(t, f.Bootstrap(), "billing") {
				if o != want[tp] {
					t.Errorf("%v is at %d, want %d: something was repeated", tp, o, want[tp])
				}
			}
			next.quit()
		})
	}
}

// actions are those of the audit, newest first.
func actions(t *testing.T, state string) []audit.Action {
	t.Helper()
	var out []audit.Action
	for a, err := range audit.Actions(auditFile(state)) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, a)
	}
	return out
}

func waitUntil(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !ok(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("no %s", what)
		}
	}
}

func TestPartlyAppliedResetIsUndoneFromTheBoxAfterAKill(t *testing.T) {
	t.Parallel()
	f := smallCluster(t)
	s := stall{key: kmsg.OffsetFetch, commit: true}
	tm := start(t, 120, 40, "-b", strings.Join(f.Bootstrap(), ","), "--interval", "1h")
	reached, open := s.hold(t, f, tm.state)
	f.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Topic: "orders", Partitions: []int32{1}, Err: kerr.TopicAuthorizationFailed})
	tm.resetBilling()
	<-reached
	tm.close()
	open()
	next := startEnv(t, 120, 40, []string{"XDG_STATE_HOME=" + tm.state}, "-b", strings.Join(f.Bootstrap(), ","))
	next.wait("what was cut short", `applied to 1 of 2 partitions`, `orders/1: still 0, not 2`)
	next.press("u", "preview of the undo", `(?s)undo to latest.*BEFORE +AFTER`)
	next.confirm("billing")
	next.wait("outcome", `2 of 2 partitions`)
	for tp, o := range kafkatest.Committed(t, f.Bootstrap(), "billing") {
		if o != 0 {
			t.Errorf("%v is at %d", tp, o)
		}
	}
	waitUntil(t, "closed action", func() bool { return actions(t, tm.state)[1].Result() == audit.Closed })
	if got := actions(t, tm.state)[1].Verdict(); got != "undone by a later action" {
		t.Error(got)
	}
}

// TestSignalLetsAnActionFinish stalls the answer to the commit, sends a signal, and lets the answer come.
func TestSignalLetsAnActionFinish(t *testing.T) {
	for name, sig := range map[string]os.Signal{"SIGTERM": syscall.SIGTERM, "SIGHUP": syscall.SIGHUP} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := smallCluster(t)
			s := stall{key: kmsg.OffsetCommit, after: true}
			tm := start(t, 120, 40, "-b", strings.Join(f.Bootstrap(), ","), "--interval", "1h")
			reached, open := s.hold(t, f, tm.state)
			tm.resetBilling()
			<-reached
			signalTo(t, tm, sig)
			signalTo(t, tm, syscall.SIGHUP) // a shell hands it on too
			waitUntil(t, "notice", func() bool { return bytes.Contains(tm.output(), []byte("finishing reset")) })
			open()
			if code := tm.exit(); code != 0 {
				t.Errorf("exit code %d", code)
			}
			if as := actions(t, tm.state); len(as) != 1 || as[0].Result() != audit.Applied {
				t.Errorf("%+v", as)
			}
			tm.left()
		})
	}
}

func TestSecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	f := smallCluster(t)
	s := stall{key: kmsg.OffsetCommit, after: true}
	tm := start(t, 120, 40, "-b", strings.Join(f.Bootstrap(), ","), "--interval", "1h")
	reached, open := s.hold(t, f, tm.state)
	defer open()
	tm.resetBilling()
	<-reached
	signalTo(t, tm, syscall.SIGTERM)
	waitUntil(t, "notice", func() bool { return bytes.Contains(tm.output(), []byte("finishing reset")) })
	waitUntil(t, "end", func() bool { // signals right after the first count as one with it
		_ = tm.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-tm.ended:
			return true
		default:
			return false
		}
	})
	if code := tm.exit(); code != 130 {
		t.Errorf("exit code %d", code)
	}
	if as := actions(t, tm.state); len(as) != 1 || as[0].Result() != audit.Open {
		t.Errorf("%+v", as)
	}
}

func signalTo(t *testing.T, tm *term, sig os.Signal) {
	t.Helper()
	if err := tm.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
}

func TestClosedTerminalLetsAnActionFinish(t *testing.T) {
	t.Parallel()
	f := smallCluster(t)
	s := stall{key: kmsg.OffsetCommit, after: true}
	tm := start(t, 120, 40, "-b", strings.Join(f.Bootstrap(), ","), "--interval", "1h")
	reached, open := s.hold(t, f, tm.state)
	tm.resetBilling()
	<-reached
	_ = tm.pty.Close()
	open()
	tm.exit()
	if as := actions(t, tm.state); len(as) != 1 || as[0].Result() != audit.Applied {
		t.Errorf("%+v", as)
	}
}

func TestAuditCommandListsWhatWasDone(t *testing.T) {
	t.Parallel()
	f := smallCluster(t)
	tm := start(t, 120, 40, "-b", strings.Join(f.Bootstrap(), ","))
	tm.resetBilling()
	tm.wait("outcome", `2 of 2 partitions`)
	tm.dismiss("Reset of")
	tm.send("L")
	tm.wait("audit", `reset offsets +billing +applied`, `orders/1 +0 → 2`)
	tm.close()
	for args, want := range map[string][]string{
		"audit":                {"billing", "reset offsets", "applied"},
		"audit -o json":        {`"result":"applied"`, `"Before":0`, `"cut_short":false`},
		"audit --open":         {"WHEN"},
		"audit --limit 1":      {"billing"},
		"audit --open -o json": {""},
	} {
		c := exec.Command(binary, strings.Fields(args)...)
		c.Env = []string{"XDG_STATE_HOME=" + tm.state, "HOME=" + tm.state}
		out, err := c.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v %s", args, err, out)
		}
		for _, w := range want {
			if !strings.Contains(string(out), w) {
				t.Errorf("%s: no %q in %s", args, w, out)
			}
		}
		if strings.Contains(args, "--open") && strings.Contains(string(out), "billing") {
			t.Errorf("%s lists a finished action: %s", args, out)
		}
	}
}
