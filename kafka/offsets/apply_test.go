package offsets

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/audit"
)

// table is a group in memory. before is called in front of each request and may change the table.
type table struct {
	group   kafka.Group
	gone    bool
	commits map[kafka.TopicPartition]kafka.Commit
	refuse  map[kafka.TopicPartition]error
	lost    error // the answer to the commit, after it was stored
	start   int64 // of all logs
	unseen  int   // so many descriptions fail
	calls   []string
	before  func(t *table, call string)
}

func (t *table) call(name string) {
	t.calls = append(t.calls, name)
	if t.before != nil {
		t.before(t, name)
	}
}

func (t *table) Group(context.Context, string) (kafka.Group, error) {
	t.call("group")
	if t.gone {
		return kafka.Group{}, kafka.CodeGroupIDNotFound
	}
	return t.group, nil
}

func (t *table) Committed(context.Context, string) (map[kafka.TopicPartition]kafka.Commit, error) {
	t.call("committed")
	return maps.Clone(t.commits), nil
}

func (t *table) StartOffsets(ctx context.Context, group string) (map[kafka.TopicPartition]kafka.Commit, error) {
	return t.Committed(ctx, group)
}

func (t *table) SetStartOffsets(ctx context.Context, group string, at map[kafka.TopicPartition]kafka.Commit) (map[kafka.TopicPartition]error, error) {
	return t.Commit(ctx, group, at)
}

func (t *table) DeleteStartOffsets(_ context.Context, _ string, topics []string) (map[string]error, error) {
	t.call("delete")
	maps.DeleteFunc(t.commits, func(tp kafka.TopicPartition, _ kafka.Commit) bool { return slices.Contains(topics, tp.Topic) })
	return nil, t.lost
}

func (t *table) DeleteOffsets(_ context.Context, _ string, tps []kafka.TopicPartition) (map[kafka.TopicPartition]error, error) {
	t.call("delete")
	refused := map[kafka.TopicPartition]error{}
	for _, tp := range tps {
		if e := t.refuse[tp]; e != nil {
			refused[tp] = e
			continue
		}
		delete(t.commits, tp)
	}
	return refused, t.lost
}

func (t *table) Commit(_ context.Context, _ string, cs map[kafka.TopicPartition]kafka.Commit) (map[kafka.TopicPartition]error, error) {
	t.call("commit")
	for tp, c := range cs {
		if t.refuse[tp] == nil {
			t.commits[tp] = c
		}
	}
	return t.refuse, t.lost
}

func newTable() *table {
	return &table{
		group:   kafka.Group{Name: "g", Type: kafka.Classic, ProtocolType: "consumer", State: kafka.StateEmpty},
		commits: map[kafka.TopicPartition]kafka.Commit{tp("orders", 0): {Offset: 150, Metadata: "m"}, tp("orders", 1): {Offset: 10}},
	}
}

// setup plans "to earliest" for orders/0 (100) and orders/1 (0), and an orders/2 without commit.
func setup(t *testing.T) (*table, Plan, Options) {
	t.Helper()
	b := world(some(150), none)
	b.Partitions = append(b.Partitions,
		Partition{TopicPartition: tp("orders", 1), Committed: some(10), Start: some(0), End: some(20)},
		Partition{TopicPartition: tp("orders", 2), Start: some(7), End: some(20)})
	p, err := NewPlan(Spec{Group: "g", Scenario: Earliest{}}, b)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	return newTable(), p, Options{
		Audit: audit.New(filepath.Join(dir, "audit.jsonl"), "cluster"), BeforeDir: filepath.Join(dir, "before"),
		Wait: func(context.Context, time.Duration) error { return nil },
	}
}

func entries(t *testing.T, o Options) []audit.Entry {
	t.Helper()
	es, err := audit.Read(o.Audit.(*audit.Log).Path)
	if err != nil {
		t.Fatal(err)
	}
	return es
}

func TestApplyKeepsTheOrderOfSteps(t *testing.T) {
	c, p, o := setup(t)
	var steps []string
	o.Progress = func(s Step) { steps = append(steps, string(s)) }
	o.Wait = func(_ context.Context, d time.Duration) error {
		steps = append(steps, "wait "+d.String())
		return nil
	}
	c.before = func(_ *table, call string) {
		if call == "group" { // the intent and the before-state are on the disk before anything is asked
			if es := entries(t, o); len(es) != 1 || es[0].Phase != audit.Intent {
				t.Errorf("audit before the check: %+v", es)
			}
		}
		steps = append(steps, call)
	}
	out, err := Apply(t.Context(), c, p, o)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{string(StepSave), string(StepAudit), string(StepCheck), "group", "committed", string(StepCommit), "commit",
		string(StepVerify), "committed", string(StepSettle), "wait 1s", "committed"}
	if !slices.Equal(steps, want) {
		t.Errorf("steps %q\nwant  %q", steps, want)
	}
	if out.Applied() != 3 || !out.Proved || len(out.Failed()) != 0 {
		t.Errorf("outcome %+v", out)
	}
	if got := c.commits[tp("orders", 0)]; got != (kafka.Commit{Offset: 100, Metadata: "m"}) {
		t.Errorf("stored %+v: the metadata must be kept", got)
	}
	csv, err := os.ReadFile(out.BeforeFile)
	if err != nil || string(csv) != "orders,0,150\norders,1,10\n" {
		t.Errorf("before-state %q %v", csv, err)
	}
	es := entries(t, o)
	if len(es) != 2 || es[1].Phase != audit.Outcome || es[0].ID != es[1].ID || es[1].Error != "" || !strings.Contains(string(es[1].Outcome), `"Applied":3`) {
		t.Errorf("audit %+v", es)
	}
	c.before = nil
	undo := out.Undo()
	if undo.Commits() != 2 || undo.Acting() != 3 || !strings.Contains(undo.Command(""), out.BeforeFile) {
		t.Errorf("undo %s %s", undo.String(), undo.Command(""))
	}
	if out, err = Apply(t.Context(), c, undo, o); err != nil || out.Applied() != 3 {
		t.Errorf("undo: %v %+v", err, out)
	}
	if _, left := c.commits[tp("orders", 2)]; left {
		t.Error("a partition that had no commit has one after the undo")
	}
	if got := c.commits[tp("orders", 0)]; got != (kafka.Commit{Offset: 150, Metadata: "m"}) {
		t.Errorf("after undo %+v", got)
	}
}

func TestNothingIsSentWhen(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*table, *Plan, *Options)
		want   string
	}{
		"the audit cannot be written": {func(_ *table, _ *Plan, o *Options) {
			o.Audit = audit.New("/dev/null/audit.jsonl", "")
		}, "not started"},
		"there is no audit":                {func(_ *table, _ *Plan, o *Options) { o.Audit = nil }, "no audit"},
		"the before-state cannot be saved": {func(_ *table, _ *Plan, o *Options) { o.BeforeDir = "/dev/null/x" }, "before-state"},
		"the plan was made for an active group": {func(_ *table, p *Plan, _ *Options) {
			p.Holders = []Holder{{ClientID: "c", Host: "h"}}
		}, "stop c on h"},
		"a member has joined": {func(t *table, _ *Plan, _ *Options) {
			t.group.State, t.group.Members = kafka.StateStable, []kafka.Member{{ID: "i", ClientID: "late", Host: "h"}}
		}, "stop late on h"},
		"the group is rebalancing":       {func(t *table, _ *Plan, _ *Options) { t.group.State = kafka.StatePreparingRebalance }, "PreparingRebalance"},
		"the group became a share group": {func(t *table, _ *Plan, _ *Options) { t.group.Type = kafka.Share }, "share group now"},
		"the group is gone":              {func(t *table, _ *Plan, _ *Options) { t.gone = true }, "gone"},
		"the group is dead":              {func(t *table, _ *Plan, _ *Options) { t.group.State = kafka.StateDead }, "gone"},
		"a commit moved": {func(t *table, _ *Plan, _ *Options) {
			t.commits[tp("orders", 0)] = kafka.Commit{Offset: 151, Metadata: "m"}
		}, "orders/0 was 150, is 151"},
		"metadata changed":         {func(t *table, _ *Plan, _ *Options) { t.commits[tp("orders", 0)] = kafka.Commit{Offset: 150} }, "other metadata"},
		"a commit has appeared":    {func(t *table, _ *Plan, _ *Options) { t.commits[tp("orders", 2)] = kafka.Commit{Offset: 8} }, "orders/2 was –, is 8"},
		"a commit has disappeared": {func(t *table, _ *Plan, _ *Options) { delete(t.commits, tp("orders", 1)) }, "orders/1 was 10, is –"},
	} {
		t.Run(name, func(t *testing.T) {
			w, p, o := setup(t)
			c.change(w, &p, &o)
			out, err := Apply(t.Context(), w, p, o)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if slices.Contains(w.calls, "commit") || len(out.Results) != 0 {
				t.Errorf("a commit was sent: %q", w.calls)
			}
			if l, ok := o.Audit.(*audit.Log); ok && l.Path != "/dev/null/audit.jsonl" {
				if es := entries(t, o); len(es) == 1 || len(es) == 2 && es[1].Error == "" {
					t.Errorf("audit %+v", es)
				}
			}
		})
	}
}

func TestRefusedPartitionsAreToldAndTheRestIsApplied(t *testing.T) {
	c, p, o := setup(t)
	c.refuse = map[kafka.TopicPartition]error{tp("orders", 1): kafka.CodeTopicAuthorization}
	out, err := Apply(t.Context(), c, p, o)
	if err != nil {
		t.Fatal(err)
	}
	if f := out.Failed(); out.Applied() != 2 || len(f) != 1 || f[0].TopicPartition != tp("orders", 1) || !strings.Contains(f[0].Err, "TOPIC_AUTHORIZATION") {
		t.Errorf("outcome %s", out.String())
	}
	if u := out.Undo(); u.Commits() != 1 || len(u.Changes) != 2 {
		t.Errorf("the undo is of what was applied: %s", u.String())
	}
}

func TestMemberThatJoinsDuringTheCommitIsNamed(t *testing.T) {
	c, p, o := setup(t)
	c.before = func(c *table, call string) {
		if call != "commit" {
			return
		}
		c.group.State, c.group.Members = kafka.StateStable, []kafka.Member{{ID: "i", ClientID: "quick", Host: "h"}}
		c.refuse = map[kafka.TopicPartition]error{}
		for _, ch := range p.Changes {
			c.refuse[ch.TopicPartition] = kafka.CodeUnknownMemberID
		}
	}
	out, err := Apply(t.Context(), c, p, o)
	var active *ActiveError
	if !errors.As(err, &active) || active.Members[0].ClientID != "quick" || out.Applied() != 0 {
		t.Errorf("%v, %s", err, out.String())
	}
}

func TestCommitThatDoesNotStandIsFound(t *testing.T) {
	for name, at := range map[string]int{"at once": 2, "a second later": 3} {
		t.Run(name, func(t *testing.T) {
			c, p, o := setup(t)
			reads := 0
			c.before = func(c *table, call string) {
				if call == "committed" {
					if reads++; reads == at {
						c.commits[tp("orders", 0)] = kafka.Commit{Offset: 177}
					}
				}
			}
			out, err := Apply(t.Context(), c, p, o)
			if err != nil {
				t.Fatal(err)
			}
			if f := out.Failed(); len(f) != 1 || f[0].Got != some(177) || !strings.Contains(f[0].Err, "177") {
				t.Errorf("outcome %s", out.String())
			}
		})
	}
}

func TestLostAnswerIsReadBack(t *testing.T) {
	c, p, o := setup(t)
	c.lost = errors.New("connection reset")
	out, err := Apply(t.Context(), c, p, o)
	if err == nil || !strings.Contains(err.Error(), "connection reset") {
		t.Error(err)
	}
	if out.Applied() != 3 || !out.Proved {
		t.Errorf("it was stored all the same: %s", out.String())
	}
}

func TestInterruptedProofIsAudited(t *testing.T) {
	c, p, o := setup(t)
	o.Wait = func(context.Context, time.Duration) error { return context.Canceled }
	out, err := Apply(t.Context(), c, p, o)
	if !errors.Is(err, context.Canceled) || out.Proved || out.Applied() != 3 {
		t.Errorf("%v %+v", err, out)
	}
	if es := entries(t, o); len(es) != 2 || es[1].Error == "" {
		t.Errorf("audit %+v", es)
	}
}

func TestBeforeFileNameIsSafe(t *testing.T) {
	dir := t.TempDir()
	seen := map[string]bool{}
	for _, group := range []string{"../../etc/passwd", "a/b", "a_b", "", ".", "..", "\x00", "a\nb", strings.Repeat("ü", 500), "--help", "con:x", "\x1b[2J"} {
		path, err := saveBefore(dir, &Plan{Group: group}, noon)
		if err != nil {
			t.Fatalf("%q: %v", group, err)
		}
		name := filepath.Base(path)
		if filepath.Dir(path) != dir || len(name) > 100 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != "" || seen[name] {
			t.Errorf("%q -> %q", group, path)
		}
		seen[name] = true
		if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("mode %v %v", st.Mode(), err)
		}
	}
}

// A broker that throttles us is not asked: there is no doubt about what was stored.
func TestWhatWasNotSentIsNoLostAnswer(t *testing.T) {
	c, p, o := setup(t)
	c.lost = fmt.Errorf("OffsetCommit k1:9092: %w", kafka.ErrNotSent)
	out, err := Apply(t.Context(), c, p, o)
	if !errors.Is(err, kafka.ErrNotSent) || strings.Contains(err.Error(), "refused") {
		t.Errorf("%v", err)
	}
	if c.calls[len(c.calls)-1] != "commit" {
		t.Errorf("it was read back: %q", c.calls)
	}
	for _, r := range out.Results {
		if !r.Refused || strings.Contains(r.Err, "not known") || !strings.Contains(r.Err, "nothing was sent") {
			t.Errorf("%+v", r)
		}
	}
}

func TestMemberThatJoinsIsNamedThoughAPartitionHadNothingToDo(t *testing.T) {
	c, p, o := setup(t)
	p.Changes[0].Err, p.Changes[0].After = "no record at or after it", none
	c.refuse = map[kafka.TopicPartition]error{}
	for _, ch := range p.Changes[1:] {
		c.refuse[ch.TopicPartition] = kafka.CodeUnknownMemberID
	}
	_, err := Apply(t.Context(), c, p, o)
	var active *ActiveError
	if !errors.As(err, &active) {
		t.Errorf("%v", err)
	}
}
