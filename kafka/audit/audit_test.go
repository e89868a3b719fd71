package audit

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func testLog(t *testing.T) *Log {
	t.Helper()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	l := New(filepath.Join(t.TempDir(), "state", "audit.jsonl"), "cluster-1")
	l.Now = func() time.Time { now = now.Add(250 * time.Millisecond); return now }
	l.Who = Who{User: "ann", Host: "laptop", SSH: "10.0.0.9 5022 22"}
	return l
}

func read(t *testing.T, path string) []Entry {
	t.Helper()
	es, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return es
}

func TestIntentAndOutcomeAreLinked(t *testing.T) {
	l := testLog(t)
	finish, err := l.Begin("reset offsets", "pay\nments\x1b[2J", map[string]int{"to": 5})
	if err != nil {
		t.Fatal(err)
	}
	es := read(t, l.Path)
	if len(es) != 1 || es[0].Phase != Intent || string(es[0].Plan) != `{"to":5}` {
		t.Fatalf("intent is not on the disk: %+v", es)
	}
	if err := finish([]string{"done"}, errors.New("half of it failed")); err != nil {
		t.Fatal(err)
	}
	es = read(t, l.Path)
	if len(es) != 2 {
		t.Fatalf("%+v", es)
	}
	e := es[1]
	if e.ID != es[0].ID || e.Phase != Outcome || string(e.Outcome) != `["done"]` || e.Error != "half of it failed" || e.DurationMS != 250 {
		t.Errorf("outcome %+v", e)
	}
	if e.User != "ann" || e.Host != "laptop" || e.SSH == "" || e.Cluster != "cluster-1" || e.Action != "reset offsets" || e.Group != "pay\nments\x1b[2J" {
		t.Errorf("who and what %+v", e)
	}
	raw, err := os.ReadFile(l.Path)
	if err != nil || strings.Count(string(raw), "\n") != 2 || strings.Contains(string(raw), "\x1b") {
		t.Errorf("%q %v", raw, err)
	}
}

// The screen makes a log in its event loop, where nothing may wait for a directory service.
func TestTheFirstEntryAsksWhoIsAtTheKeyboard(t *testing.T) {
	l := New(filepath.Join(t.TempDir(), "audit.jsonl"), "cluster-1")
	if l.Who != (Who{}) {
		t.Errorf("asked before anything is written: %+v", l.Who)
	}
	if _, err := l.Begin("reset offsets", "g", nil); err != nil {
		t.Fatal(err)
	}
	here, e := Here(), read(t, l.Path)[0]
	if e.User != here.User || e.Host != here.Host || e.PID != here.PID || e.Started != here.Started {
		t.Errorf("%+v is not %+v", e, here)
	}
}

func TestTwoActionsHaveTwoIDs(t *testing.T) {
	l := testLog(t)
	for range 2 {
		if _, err := l.Begin("probe", "g", nil); err != nil {
			t.Fatal(err)
		}
	}
	if es := read(t, l.Path); len(es) != 2 || es[0].ID == es[1].ID {
		t.Errorf("%+v", es)
	}
}

func TestOnlyTheOwnerMayRead(t *testing.T) {
	l := testLog(t)
	if _, err := l.Begin("probe", "g", nil); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{l.Path: 0o600, filepath.Dir(l.Path): 0o700} {
		if st, err := os.Stat(path); err != nil || st.Mode().Perm() != want {
			t.Errorf("%s: %v %v, want %v", path, st.Mode(), err, want)
		}
	}
}

func TestUnwritableFileStopsTheAction(t *testing.T) {
	for name, path := range map[string]string{"a folder that is a file": "/dev/null/audit.jsonl", "a folder": t.TempDir()} {
		if finish, err := (&Log{Path: path}).Begin("kick", "g", nil); err == nil || finish != nil {
			t.Errorf("%s: no error", name)
		}
	}
	l := testLog(t)
	if _, err := l.Begin("kick", "g", func() {}); err == nil {
		t.Error("a plan that cannot be encoded: no error")
	}
	if es := read(t, l.Path); len(es) != 0 {
		t.Errorf("%+v", es)
	}
}

func TestOutcomeThatCannotBeWrittenIsAnError(t *testing.T) {
	l := testLog(t)
	finish, err := l.Begin("kick", "g", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Dir(l.Path)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Dir(l.Path), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := finish(nil, nil); err == nil || !strings.Contains(err.Error(), "kick g") {
		t.Errorf("%v", err)
	}
}

func TestTornLineHidesNothingElse(t *testing.T) {
	l := testLog(t)
	if _, err := l.Begin("first", "g", nil); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(l.Path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"id":"x","phase":"int`); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if es := read(t, l.Path); len(es) != 1 || es[0].Action != "first" {
		t.Errorf("a torn last line: %+v", es)
	}
	if _, err := l.Begin("second", "g", nil); err != nil {
		t.Fatal(err)
	}
	es := read(t, l.Path)
	if len(es) != 3 || es[0].Action != "first" || es[1].Phase != Unreadable || !strings.Contains(es[1].Error, "audit.jsonl at byte ") || es[2].Action != "second" {
		t.Errorf("a torn line in the middle: %+v", es)
	}
}

func TestFileThatIsNotThereIsEmpty(t *testing.T) {
	if es := read(t, filepath.Join(t.TempDir(), "none")); len(es) != 0 {
		t.Errorf("%+v", es)
	}
	if _, err := Read(t.TempDir()); err == nil {
		t.Error("a folder was read")
	}
}

func TestHereKnowsTheSSHClient(t *testing.T) {
	t.Setenv("SSH_CLIENT", "")
	t.Setenv("SSH_CONNECTION", "10.0.0.9 5022 10.0.0.1 22")
	if w := Here(); w.SSH != "10.0.0.9 5022 10.0.0.1 22" || w.User == "" {
		t.Errorf("%+v", w)
	}
}

func FuzzEntries(f *testing.F) {
	f.Add([]byte("{\"id\":\"a\",\"phase\":\"intent\"}\n{\"id\""))
	f.Add([]byte("\n\n{}\n[]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "audit.jsonl")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, e := range read(t, path) {
			if e.Phase == Unreadable && e.Error == "" {
				t.Errorf("%q: unreadable without a reason", data)
			}
		}
		for a, err := range Actions(path) {
			if err != nil {
				t.Error(err)
			}
			_ = a.Result()
		}
	})
}
