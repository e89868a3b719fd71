package cli

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/adrg/xdg"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
	"lagtop/kafka/kafkatest"
)

// shell runs the program against an in-process cluster with a topic orders of 2 x 50 records, and a group g
// with commits at 20 and 30.
type shell struct {
	t    *testing.T
	fake *kafkatest.Fake
}

func newShell(t *testing.T) *shell {
	t.Helper()
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	xdg.Reload()
	f := kafkatest.NewFake(t, kfake.SeedTopics(2, "orders"))
	kafkatest.Produce(t, f.Bootstrap(), "orders", 100)
	kafkatest.Commit(t, f.Bootstrap(), "g", map[kafka.TopicPartition]int64{{Topic: "orders"}: 20, {Topic: "orders", Partition: 1}: 30})
	return &shell{t, f}
}

func (s *shell) run(args ...string) (code int, out, errs string) {
	s.t.Helper()
	var o, e strings.Builder
	args = append(args, "-b", strings.Join(s.fake.Bootstrap(), ","))
	code = Run(s.t.Context(), args, strings.NewReader(""), &o, &e)
	return code, o.String(), triesAgain.ReplaceAllString(e.String(), "")
}

// triesAgain are the lines in which lagtop tail says that it goes on, as it does when a busy machine does not answer in
// time.
var triesAgain = regexp.MustCompile(`(?m)^lagtop: .*, trying again\n`)

// commits are those of group g, in the order of partitions.
func (s *shell) commits() [2]int64 {
	s.t.Helper()
	got := kafkatest.Committed(s.t, s.fake.Bootstrap(), "g")
	return [2]int64{got[kafka.TopicPartition{Topic: "orders"}], got[kafka.TopicPartition{Topic: "orders", Partition: 1}]}
}

func TestResetIsADryRunWithoutExecute(t *testing.T) {
	s := newShell(t)
	s.fake.ResetRequests()
	code, out, errs := s.run("offsets", "reset", "g", "--all-topics", "--shift-by", "25")
	if code != exitOK || !strings.Contains(errs, "nothing was changed") || !strings.Contains(errs, "0 read again, 45 skipped") {
		t.Errorf("exit %d\n%s", code, errs)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 3 || !slices.Equal(strings.Fields(lines[1])[:7], []string{"orders", "0", "20", "45", "+25", "0", "25"}) || !strings.Contains(lines[2], "55 is beyond the end: clamped to 50") {
		t.Errorf("%s", out)
	}
	if n := s.fake.Requests(kmsg.OffsetCommit); n != 0 || s.commits() != [2]int64{20, 30} {
		t.Errorf("%d commits sent, %v", n, s.commits())
	}
}

func TestResetAndUndoFromTheCommandLine(t *testing.T) {
	s := newShell(t)
	if code, out, errs := s.run("offsets", "reset", "g", "--topic", "orders:1", "--to-latest", "--execute", "-o", "csv"); code != exitOK || out != "orders,1,50\n" {
		t.Fatalf("exit %d, %q\n%s", code, out, errs)
	}
	if s.commits() != [2]int64{20, 50} {
		t.Fatalf("%v", s.commits())
	}
	code, out, errs := s.run("offsets", "undo")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != exitOK || len(lines) != 2 || !strings.Contains(lines[1], "reset offsets to latest") {
		t.Fatalf("exit %d, %s\n%s", code, out, errs)
	}
	id := strings.Fields(lines[1])[0]
	kafkatest.Commit(t, s.fake.Bootstrap(), "g", map[kafka.TopicPartition]int64{{Topic: "orders", Partition: 1}: 40})
	if code, _, errs = s.run("offsets", "undo", id[:5], "--execute"); code != exitError || !strings.Contains(errs, "1 commit moved since; give --anyway") || s.commits() != [2]int64{20, 40} {
		t.Fatalf("a commit moved since: exit %d, %v\n%s", code, s.commits(), errs)
	}
	if code, out, errs = s.run("offsets", "undo", id[:5], "--execute", "--anyway"); code != exitOK || s.commits() != [2]int64{20, 30} {
		t.Fatalf("exit %d, %v, %s\n%s", code, s.commits(), out, errs)
	}
	if code, _, errs = s.run("offsets", "undo", id, "--execute"); code != exitOK || !strings.Contains(errs, "everything stands there already") || strings.Contains(errs, "--execute") || strings.Contains(errs, "removed") {
		t.Errorf("a second time: exit %d\n%s", code, errs)
	}
	if code, _, errs = s.run("offsets", "undo", "", "--execute"); code != exitUsage || !strings.Contains(errs, "give one ID") {
		t.Errorf("exit %d, %q", code, errs)
	}
	if code, _, errs = s.run("offsets", "undo", "zz"); code != exitError || !strings.Contains(errs, "undo zz: nothing of that ID") {
		t.Errorf("exit %d\n%s", code, errs)
	}
}

func TestExportIsReadBackFromAFile(t *testing.T) {
	s := newShell(t)
	code, out, errs := s.run("offsets", "export", "g")
	if code != exitOK || out != "orders,0,20\norders,1,30\n" {
		t.Fatalf("exit %d, %q\n%s", code, out, errs)
	}
	file := filepath.Join(t.TempDir(), "g.csv")
	if err := os.WriteFile(file, []byte("g,orders,0,7\nother,orders,1,8\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, errs = s.run("offsets", "reset", "g", "--from-file", file, "--execute", "-o", "csv"); code != exitOK || out != "orders,0,7\n" || s.commits() != [2]int64{7, 30} {
		t.Errorf("exit %d, %q\n%s", code, out, errs)
	}
}

func TestResetLikeAnotherGroupSaysWhatThatLacks(t *testing.T) {
	s := newShell(t)
	kafkatest.Commit(t, s.fake.Bootstrap(), "model", map[kafka.TopicPartition]int64{{Topic: "orders"}: 33})
	code, out, errs := s.run("offsets", "reset", "g", "--all-topics", "--like", "model", "--execute", "-o", "json")
	if code != exitIncomplete || s.commits() != [2]int64{33, 30} || !strings.Contains(errs, "orders/1: group model has no commit here") {
		t.Fatalf("exit %d, %v\n%s", code, s.commits(), errs)
	}
	var doc struct {
		Executed, Proved bool
		Applied          int
		Changes          []struct {
			After, ReadBack *int64
			Error           string
		}
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil || !doc.Executed || !doc.Proved || doc.Applied != 1 || *doc.Changes[0].After != 33 || doc.Changes[1].After != nil || doc.Changes[1].Error == "" {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestGroupInUseIsRefusedWithItsMembersAndWaitedFor(t *testing.T) {
	s := newShell(t)
	m := kafkatest.Member(t, s.fake.Bootstrap(), "g", "orders", kafkatest.KgoRange, kafkatest.As("payments-1"))
	kafkatest.WaitGroup(t, s.fake.Bootstrap(), "g", kafka.StateStable, 1)
	args := []string{"offsets", "reset", "g", "--all-topics", "--to-earliest", "--execute"}
	code, _, errs := s.run(args...)
	if code != exitError || !strings.Contains(errs, "stop payments-1 on 127.0.0.1") || !strings.Contains(errs, "has 1 member,") || !strings.Contains(errs, "--wait") {
		t.Errorf("exit %d\n%s", code, errs)
	}
	if code, _, errs = s.run(append(args, "--wait", "--timeout", "1ms")...); code != exitError || !strings.Contains(errs, "g is not empty after 1ms (--timeout); nothing was changed") {
		t.Errorf("exit %d\n%s", code, errs)
	}
	left := make(chan struct{})
	seen := &watcher{find: "waiting for payments-1", found: func() { go func() { m.Stop(); close(left) }() }}
	code = Run(context.Background(), append(args, "--wait", "-b", strings.Join(s.fake.Bootstrap(), ",")), strings.NewReader(""), &strings.Builder{}, seen)
	<-left
	if code != exitOK || s.commits() != [2]int64{0, 0} {
		t.Errorf("exit %d, %v\n%s", code, s.commits(), seen.said.String())
	}
}

// watcher calls found once, when it sees a text.
type watcher struct {
	said  strings.Builder
	find  string
	found func()
}

func (w *watcher) Write(b []byte) (int, error) {
	if strings.Contains(string(b), w.find) && w.found != nil {
		w.found()
		w.found = nil
	}
	return w.said.Write(b)
}

func TestExecutedResetSaysHowOldSkippedRecordsAre(t *testing.T) {
	s := newShell(t)
	code, out, errs := s.run("offsets", "reset", "g", "--topic", "orders:0", "--to-latest", "--execute")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if age := strings.Fields(lines[len(lines)-1]); code != exitOK || len(age) != 9 || age[7] == "?" {
		t.Errorf("exit %d, %s\n%s", code, out, errs)
	}
}

func TestDeletionFromTheCommandLine(t *testing.T) {
	s := newShell(t)
	if code, _, errs := s.run("offsets", "delete", "g", "--topic", "orders:1", "--execute"); code != exitOK {
		t.Fatalf("exit %d\n%s", code, errs)
	}
	if _, out, _ := s.run("offsets", "export", "g"); out != "orders,0,20\n" {
		t.Errorf("left %q", out)
	}
	code, _, errs := s.run("offsets", "delete", "g", "--topic", "orders")
	if code != exitIncomplete || !strings.Contains(errs, "orders/1: left as it is: no commit to delete") {
		t.Errorf("exit %d\n%s", code, errs)
	}
}

func TestMissingGroupIsCreatedOnlyWhenAsked(t *testing.T) {
	s := newShell(t)
	args := []string{"offsets", "reset", "new", "--topic", "orders", "--to-latest", "--execute", "-o", "csv"}
	if code, _, errs := s.run(args...); code != exitError || !strings.Contains(errs, "--create") {
		t.Errorf("exit %d\n%s", code, errs)
	}
	if code, out, errs := s.run(append(args, "--create")...); code != exitOK || out != "orders,0,50\norders,1,50\n" {
		t.Errorf("exit %d, %q\n%s", code, out, errs)
	}
}

func TestReadOnlyRefusesToExecute(t *testing.T) {
	s := newShell(t)
	s.fake.ResetRequests()
	code, _, errs := s.run("offsets", "reset", "g", "--all-topics", "--to-latest", "--execute", "--read-only")
	if code != exitError || !strings.Contains(errs, "read-only") || s.fake.Requests(kmsg.OffsetCommit) != 0 {
		t.Errorf("exit %d\n%s", code, errs)
	}
	if code, _, errs = s.run("offsets", "reset", "g", "--all-topics", "--to-latest", "--read-only"); code != exitOK {
		t.Errorf("a dry run: exit %d\n%s", code, errs)
	}
}

func TestOffsetsUsageErrorsNameTheFlag(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	xdg.Reload()
	for line, want := range map[string]string{
		"":                      "name one of: lagtop offsets delete",
		"reset":                 "name one group: lagtop offsets reset GROUP",
		"reset a b":             "name one group",
		"reset g --all-topics":  "give one of --to-earliest",
		"reset g --to-earliest": "give --topic T, --topic T:0,1 or --all-topics",
		"reset g --to-latest --to-offset 5 --all-topics":           "--to-latest and --to-offset: give one of them",
		"reset g --to-earliest --all-topics --topic t":             "--all-topics and --topic",
		"reset g --to-earliest --topic t:x":                        `partition "x"`,
		"reset g --to-earliest --topic :1":                         "the topic is missing",
		"reset g --to-offset -1 --all-topics":                      "--to-offset: offset",
		"reset g --to-datetime yesterday --all-topics":             "--to-datetime: datetime",
		"reset g --by-duration 10m --all-topics":                   "--by-duration: duration",
		"reset g --from-file /does/not/exist":                      "--from-file: open /does/not/exist",
		"reset g --to-earliest --all-topics --timeout 3s":          "--timeout: only with --wait",
		"reset g --to-earliest --all-topics --replan":              "--replan: only with --wait",
		"reset g --to-earliest=false --all-topics":                 "leave it out",
		"reset g --to-earliest --all-topics -o xml -b 127.0.0.1:1": `--output "xml"`,
		"delete g":              "give --topic T",
		"undo --execute":        "--execute: name the ID",
		"undo a b":              "give one ID",
		"export":                "name one group",
		"reset g --to-the-moon": "unknown flag: --to-the-moon",
	} {
		var out, errs strings.Builder
		code := Run(t.Context(), append([]string{"offsets"}, strings.Fields(line)...), strings.NewReader(""), &out, &errs)
		if code != exitUsage || !strings.Contains(errs.String(), want) {
			t.Errorf("%q: exit %d, said %q, want %q", line, code, errs.String(), want)
		}
	}
}
