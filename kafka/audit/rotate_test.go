package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// writerEnv makes the test binary write actions instead of testing: "PATH COUNT NAME".
const writerEnv = "LAGTOP_AUDIT_WRITER"

func TestMain(m *testing.M) {
	if job := os.Getenv(writerEnv); job != "" {
		os.Exit(writeActions(job))
	}
	os.Exit(m.Run())
}

func writeActions(job string) int {
	f := strings.Fields(job)
	n, _ := strconv.Atoi(f[1])
	l := New(f[0], "cluster-1")
	l.MaxSize = 8 << 10
	for i := range n {
		finish, err := l.Begin("reset offsets", fmt.Sprintf("%s-%d", f[2], i), nil)
		if err == nil {
			err = finish("done", nil)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return 0
}

func files(t *testing.T, path string) []string {
	t.Helper()
	all, err := filepath.Glob(path + "*")
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(f string) bool { return strings.HasSuffix(f, ".lock") })
}

func TestFullFileIsPutAsideAndReadingJoinsTheFiles(t *testing.T) {
	l := testLog(t)
	finish, err := l.Begin("reset offsets", "payments", nil)
	if err != nil {
		t.Fatal(err)
	}
	l.MaxSize = 1
	if err := finish("done", nil); err != nil {
		t.Fatal(err)
	}
	if got := files(t, l.Path); len(got) != 2 {
		t.Fatalf("files %v, want intent and outcome in one each", got)
	}
	p, err := l.Recent(10)
	if err != nil || len(p.Actions) != 1 || p.Actions[0].Result() != Applied || p.Actions[0].Phase != Intent {
		t.Errorf("%v %+v", err, p)
	}
	for range 3 * keptFiles {
		if _, err := l.Begin("probe", "g", nil); err != nil {
			t.Fatal(err)
		}
	}
	if got := files(t, l.Path); len(got) != keptFiles+1 {
		t.Errorf("%d files are kept: %v", len(got), got)
	}
}

func TestFileThatCannotBeRenamedGrows(t *testing.T) {
	l := testLog(t)
	l.MaxSize = 1
	if err := os.MkdirAll(filepath.Join(aside(l.Path, 1), "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	for range keptFiles + 2 {
		if _, err := l.Begin("probe", "g", nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.RemoveAll(aside(l.Path, keptFiles)); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(aside(l.Path, keptFiles), "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(l.Path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Begin("probe", "g", nil); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat(l.Path); err != nil || after.Size() <= before.Size() {
		t.Errorf("%v: %d bytes after %d", err, after.Size(), before.Size())
	}
}

func TestReadingPassesOverAGapThatACutShortRotationLeft(t *testing.T) {
	l := testLog(t)
	l.MaxSize = 1
	for i := range 4 {
		if _, err := l.Begin("probe", fmt.Sprint("g", i), nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Rename(aside(l.Path, 3), aside(l.Path, 4)); err != nil {
		t.Fatal(err)
	}
	if es := read(t, l.Path); len(es) != 4 || es[0].Group != "g0" || es[3].Group != "g3" {
		t.Errorf("%+v", es)
	}
}

// TestProcessesAndGoroutinesLoseNoLine lets them write and rotate the same files at once.
func TestProcessesAndGoroutinesLoseNoLine(t *testing.T) {
	const processes, actions = 4, 12
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	var wg sync.WaitGroup
	for i := range processes {
		wg.Go(func() {
			c := exec.Command(os.Args[0])
			c.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d process%d", writerEnv, path, actions, i))
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
		wg.Go(func() { writeActions(fmt.Sprintf("%s %d routine%d", path, actions, i)) })
	}
	reading := make(chan struct{})
	go func() { // readers meet rotations
		defer close(reading)
		for range 30 {
			for _, err := range Entries(path) {
				if err != nil {
					t.Error(err)
				}
			}
		}
	}()
	wg.Wait()
	<-reading
	seen := map[string]bool{}
	for a, err := range Actions(path) {
		if err != nil || a.Result() != Applied || seen[a.Group] {
			t.Fatalf("%v %+v", err, a)
		}
		seen[a.Group] = true
	}
	all := files(t, path)
	if len(all) < 3 || len(all) > keptFiles {
		t.Errorf("%d files: the test wants rotations, and none dropped", len(all))
	}
	if len(seen) != 2*processes*actions {
		t.Errorf("%d actions, want %d", len(seen), 2*processes*actions)
	}
}

func TestLockThatIsHeldForeverIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	release, err := lock(path, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock(path, 10*time.Millisecond); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("%v", err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if release, err = lock(path, time.Second); err != nil {
		t.Fatal(err)
	}
	_ = release()
}

func TestProbeSaysWhetherAnIntentCouldBeWritten(t *testing.T) {
	l := testLog(t)
	if err := l.Probe(); err != nil {
		t.Error(err)
	}
	if es := read(t, l.Path); len(es) != 0 {
		t.Errorf("it wrote %+v", es)
	}
	if err := (&Log{Path: "/dev/null/audit.jsonl"}).Probe(); err == nil || !strings.Contains(err.Error(), "cannot be written") {
		t.Errorf("%v", err)
	}
}

func TestOptionalAuditTellsAndGoesOn(t *testing.T) {
	var told []error
	l := &Log{Path: "/dev/null/audit.jsonl", Optional: func(err error) { told = append(told, err) }}
	finish, err := l.Begin("kick", "g", nil)
	if err != nil || finish == nil || len(told) != 1 {
		t.Fatalf("%v %v", err, told)
	}
	if err := finish(nil, nil); err != nil || len(told) != 2 {
		t.Errorf("%v %v", err, told)
	}
}

func TestLongLinesAreReadWhole(t *testing.T) {
	l := testLog(t)
	plan := strings.Repeat("x", 3*chunk+17)
	for _, p := range []string{"a", plan, "b"} {
		if _, err := l.Begin("probe", "g", p); err != nil {
			t.Fatal(err)
		}
	}
	es := read(t, l.Path)
	if len(es) != 3 || string(es[1].Plan) != `"`+plan+`"` || string(es[2].Plan) != `"b"` {
		t.Errorf("%d entries", len(es))
	}
}

func TestPageIsBoundedInNumberAndInBytes(t *testing.T) {
	l := testLog(t)
	for i := range 5 {
		if _, err := l.Begin("probe", fmt.Sprint("g", i), nil); err != nil {
			t.Fatal(err)
		}
	}
	p, err := l.Recent(3)
	if err != nil || len(p.Actions) != 3 || !p.More || p.Actions[0].Group != "g4" || p.Actions[2].Group != "g2" {
		t.Errorf("%v %+v", err, p)
	}
	if p, err = l.Recent(5); err != nil || len(p.Actions) != 5 || p.More {
		t.Errorf("%v %+v", err, p)
	}
	for range 3 {
		if _, err := l.Begin("probe", "huge", strings.Repeat("x", maxPage/2-100)); err != nil {
			t.Fatal(err)
		}
	}
	if p, err = l.Recent(5); err != nil || len(p.Actions) != 2 || !p.More {
		t.Errorf("%v: %d actions of half a page each", err, len(p.Actions))
	}
}

func TestResultsAreReadFromOutcomes(t *testing.T) {
	type result struct {
		Want any
		Err  string
	}
	reset := func(applied int, rs ...result) any {
		return struct {
			Applied int
			Results []result
		}{applied, rs}
	}
	for _, c := range []struct {
		name    string
		outcome any
		err     error
		want    Result
	}{
		{"all partitions", reset(2, result{1, ""}, result{2, ""}), nil, Applied},
		{"one refused", reset(1, result{1, ""}, result{2, "refused"}), nil, Partly},
		{"one had nothing to store, as planned", reset(1, result{1, ""}, result{nil, ""}), nil, Applied},
		{"the world changed, nothing sent", reset(0), errors.New("changed"), Refused},
		{"no answer to the commit", reset(0, result{1, "not known"}), errors.New("timeout"), Failed},
		{"committed, not proved", reset(1, result{1, ""}), errors.New("not proved"), Failed},
		{"a kick", struct{ Sent bool }{true}, nil, Applied},
		{"a kick without an answer", struct{ Sent bool }{false}, errors.New("timeout"), Failed},
		{"a deletion that the check stopped", map[string]any{"Sent": false, "Results": nil}, errors.New("not empty"), Refused},
		{"all refused by the broker", reset(0, result{"a", "refused"}), nil, Refused},
		{"stored, and somebody else committed after it", reset(0, result{1, "stored, but reads 7 a second later"}, result{2, "reads back 9"}), nil, Failed},
		{"set, and not read back as wanted", map[string]any{"Sent": true, "Results": []map[string]any{{"Want": "7 days", "Got": "1 day", "Err": "reads back 1 day"}}}, nil, Failed},
		{"the only one that was tried is refused", map[string]any{"Results": []map[string]any{{"Want": 5, "Remove": false, "Err": "refused: no", "Refused": true},
			{"Want": nil, "Remove": false, "Err": "no commit to shift"}}}, nil, Refused},
		{"a member came first, all refused", map[string]any{"Results": []map[string]any{{"Err": "UNKNOWN_MEMBER_ID", "Refused": true}}},
			errors.New("the group is Stable"), Refused},
		{"something else", nil, nil, Applied},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw, err := json.Marshal(c.outcome)
			if err != nil {
				t.Fatal(err)
			}
			end := Entry{Phase: Outcome, Outcome: raw}
			if c.err != nil {
				end.Error = c.err.Error()
			}
			if got := (&Action{Entry: Entry{Phase: Intent}, End: &end}).Result(); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestOutcomeWithoutItsIntentIsStillShown(t *testing.T) {
	l := testLog(t)
	finish, err := l.Begin("reset offsets", "old", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(l.Path); err != nil {
		t.Fatal(err)
	}
	if err := finish("done", nil); err != nil {
		t.Fatal(err)
	}
	p, err := l.Recent(5)
	if err != nil || len(p.Actions) != 1 || p.Actions[0].Group != "old" || p.Actions[0].Result() != Applied || p.Actions[0].Plan != nil {
		t.Errorf("%v %+v", err, p)
	}
}

func TestActionsOfProcessesThatAreGoneWereCutShort(t *testing.T) {
	l := testLog(t)
	l.Who = Here()
	begin := func() Action {
		t.Helper()
		if _, err := l.Begin("reset offsets", "g", nil); err != nil {
			t.Fatal(err)
		}
		p, err := l.Recent(1)
		if err != nil {
			t.Fatal(err)
		}
		return p.Actions[0]
	}
	now := l.Now()
	if a := begin(); a.CutShort(l.Who, now) {
		t.Error("an action of this process, which lives")
	}
	dead := exec.Command("true")
	if err := dead.Run(); err != nil {
		t.Skip(err)
	}
	here := l.Who
	l.Who.PID, l.Who.Started = dead.Process.Pid, "1"
	if a := begin(); !a.CutShort(here, now) {
		t.Error("an action of a process that has ended")
	}
	l.Who.PID = os.Getpid() // the number was given out again
	if a := begin(); here.Started != "" && !a.CutShort(here, now) {
		t.Error("an action of an older process of our number")
	}
	l.Who.Host = "elsewhere"
	a := begin()
	if a.CutShort(here, now) || !a.CutShort(here, now.Add(2*abroadAfter)) {
		t.Error("an action of another host counts as cut short after an hour, not before")
	}
}

func TestClosedActionIsNoLongerOpenAndALateOutcomeWins(t *testing.T) {
	l := testLog(t)
	finish, err := l.Begin("reset offsets", "g", nil)
	if err != nil {
		t.Fatal(err)
	}
	first := func() Action {
		p, err := l.Recent(1)
		if err != nil {
			t.Fatal(err)
		}
		return p.Actions[0]
	}
	if err := l.Recover(first(), Found{Verdict: "not applied"}); err != nil {
		t.Fatal(err)
	}
	if a := first(); a.Result() != Closed || a.Verdict() != "not applied" || a.CutShort(l.Who, l.Now()) {
		t.Errorf("%+v", a)
	}
	if err := finish("done", nil); err != nil {
		t.Fatal(err)
	}
	if a := first(); a.Result() != Applied || a.Verdict() != "" {
		t.Errorf("%+v", a)
	}
}
