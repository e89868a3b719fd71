package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adrg/xdg"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
	"lagtop/kafka/operate"
	"lagtop/kafka/safe"
)

func TestChangesAreDryRunsWithoutExecute(t *testing.T) {
	s := newShell(t)
	s.fake.ResetRequests()
	for _, c := range []struct {
		args      []string
		out, errs string
	}{
		{[]string{"groups", "delete", "g"}, "orders/1  30      deleted", "the classic group g is deleted with its 2 commits"},
		{[]string{"topics", "retention", "orders", "--ms", "30d"}, "2592000000 (30 days, topic)", "for 30 days instead of 7 days"},
	} {
		code, out, errs := s.run(c.args...)
		if code != exitOK || !strings.Contains(out, c.out) || !strings.Contains(errs, c.errs) || !strings.Contains(errs, "nothing was changed") {
			t.Errorf("%v: exit %d\n%s\n%s", c.args, code, out, errs)
		}
	}
	if n := s.fake.Requests(kmsg.DeleteGroups, kmsg.IncrementalAlterConfigs, kmsg.ElectLeaders); n != 0 {
		t.Errorf("%d requests that change something", n)
	}
}

func TestGroupIsDeletedFromTheCommandLine(t *testing.T) {
	s := newShell(t)
	if code, _, errs := s.run("groups", "delete", "g", "--execute"); code != exitOK || !strings.Contains(errs, "1 of 1 done") || !strings.Contains(errs, ".csv") {
		t.Errorf("exit %d\n%s", code, errs)
	}
	if code, _, errs := s.run("groups", "delete", "g", "--execute"); code != exitError || !strings.Contains(errs, "GROUP_ID_NOT_FOUND") {
		t.Errorf("again: exit %d\n%s", code, errs)
	}
	data, err := os.ReadFile(filepath.Join(xdg.StateHome, "lagtop", "audit.jsonl"))
	if err != nil || strings.Count(string(data), `"action":"delete group"`) != 2 {
		t.Errorf("%v\n%s", err, data)
	}
}

func TestRetentionIsNotShortenedByTheWay(t *testing.T) {
	s := newShell(t)
	code, _, errs := s.run("topics", "retention", "orders", "--ms", "1h", "--execute")
	if code != exitUsage || !strings.Contains(errs, "RECORDS ARE DELETED") || s.fake.Requests(kmsg.IncrementalAlterConfigs) != 0 {
		t.Errorf("exit %d\n%s", code, errs)
	}
	if code, _, errs = s.run("topics", "retention", "orders", "--ms", "1h", "--execute", "--shorten"); code != exitOK || s.fake.Requests(kmsg.IncrementalAlterConfigs) != 1 {
		t.Errorf("exit %d\n%s", code, errs)
	}
	if code, _, errs = s.run("topics", "retention", "orders", "--ms", "1h"); code != exitOK || !strings.Contains(errs, "there is nothing to change") {
		t.Errorf("what it is already: exit %d\n%s", code, errs)
	}
}

func TestReadOnlyChangesNothing(t *testing.T) {
	s := newShell(t)
	for _, args := range [][]string{{"groups", "delete", "g"}, {"topics", "retention", "orders", "--ms", "30d"}, {"leaders", "elect"}} {
		if code, _, errs := s.run(append(args, "--execute", "--read-only")...); code != exitError || !strings.Contains(errs, "read-only") {
			t.Errorf("%v: exit %d\n%s", args, code, errs)
		}
	}
	if n := s.fake.Requests(kmsg.DeleteGroups, kmsg.IncrementalAlterConfigs, kmsg.ElectLeaders); n != 0 {
		t.Errorf("%d requests that change something", n)
	}
}

func TestChangesOfNonsenseAreTheCommandLinesFault(t *testing.T) {
	s := newShell(t)
	for _, args := range [][]string{
		{"groups"}, {"groups", "delete"}, {"groups", "delete", ""}, {"topics"}, {"topics", "retention", "orders"}, {"topics", "retention", "--ms", "1d"},
		{"topics", "retention", "orders", "--ms", "soon"}, {"topics", "retention", "orders", "--bytes", "-3"}, {"leaders"}, {"leaders", "elect", "--nope"},
	} {
		if code, _, errs := s.run(args...); code != exitUsage {
			t.Errorf("%v: exit %d\n%s", args, code, errs)
		}
	}
	if code, _, errs := s.run("leaders", "elect"); code != exitOK || !strings.Contains(errs, "every leader of the cluster is the preferred one") {
		t.Errorf("exit %d\n%s", code, errs)
	}
}

func TestRetentionIsSetBackFromTheCommandLine(t *testing.T) {
	s := newShell(t)
	if code, _, errs := s.run("topics", "undo"); code != exitOK || !strings.Contains(errs, "nothing to undo") {
		t.Fatalf("exit %d\n%s", code, errs)
	}
	if code, _, errs := s.run("topics", "retention", "orders", "--ms", "30d", "--execute"); code != exitOK {
		t.Fatalf("exit %d\n%s", code, errs)
	}
	code, out, errs := s.run("topics", "undo")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != exitOK || len(lines) != 2 || !strings.Contains(lines[1], "2592000000 (30 days, topic)") || !strings.Contains(lines[1], "applied") {
		t.Fatalf("exit %d, %s\n%s", code, out, errs)
	}
	id := strings.Fields(lines[1])[0]
	s.fake.ResetRequests()
	if code, _, errs = s.run("topics", "undo", id[:5], "--execute"); code != exitUsage || s.fake.Requests(kmsg.IncrementalAlterConfigs) != 0 {
		t.Fatalf("it shortens without --shorten: exit %d\n%s", code, errs)
	}
	if code, out, errs = s.run("topics", "undo", id[:5], "--execute", "--shorten"); code != exitOK || !strings.Contains(errs, "1 of 1 done") || s.fake.Requests(kmsg.IncrementalAlterConfigs) != 1 {
		t.Fatalf("exit %d, %s\n%s", code, out, errs)
	}
	if code, _, errs = s.run("topics", "undo", id, "--execute"); code != exitOK || !strings.Contains(errs, "it is as it was before") {
		t.Errorf("a second time: exit %d\n%s", code, errs)
	}
	if code, _, errs = s.run("topics", "undo", "zz"); code != exitError || !strings.Contains(errs, "undo zz: no retention of that ID") {
		t.Errorf("exit %d\n%s", code, errs)
	}
}

func TestDeletedGroupComesBackFromTheCommandLine(t *testing.T) {
	s := newShell(t)
	if code, _, errs := s.run("groups", "delete", "g", "--execute"); code != exitOK {
		t.Fatalf("exit %d\n%s", code, errs)
	}
	code, out, errs := s.run("offsets", "undo")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != exitOK || len(lines) != 2 || !strings.Contains(lines[1], "delete group") {
		t.Fatalf("exit %d, %s\n%s", code, out, errs)
	}
	id := strings.Fields(lines[1])[0]
	if code, _, errs = s.run("offsets", "undo", id, "--execute"); code == exitOK || !strings.Contains(errs, "a commit would create it; give --create for that") {
		t.Errorf("without --create: exit %d\n%s", code, errs)
	}
	if code, out, errs = s.run("offsets", "undo", id, "--execute", "--create"); code != exitOK || s.commits() != [2]int64{20, 30} {
		t.Fatalf("exit %d, %v, %s\n%s", code, s.commits(), out, errs)
	}
	if code, _, errs = s.run("offsets", "undo", id, "--execute", "--create"); code != exitOK || !strings.Contains(errs, "everything stands there already") {
		t.Errorf("a second time: exit %d\n%s", code, errs)
	}
}

func TestChangesKeepColumnsUnderWideNames(t *testing.T) {
	var out, errs strings.Builder
	r := &run{out: &out, err: &errs}
	d := &operate.Deletion{Group: "日本", State: kafka.StateEmpty, Commits: []operate.Commit{{TopicPartition: kafka.TopicPartition{Topic: "orders"}, Offset: 7}}}
	if err := r.printChanges(d); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	for _, l := range lines[1:] {
		before, _, _ := strings.Cut(l, "deleted")
		if got, want := safe.Width(before), strings.Index(lines[0], "AFTER"); got != want {
			t.Errorf("AFTER stands at %d, its column at %d:\n%s", want, got, out.String())
		}
	}
}
