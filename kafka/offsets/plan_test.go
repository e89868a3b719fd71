package offsets

import (
	"errors"
	"math"
	"os/exec"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
)

var (
	none = kafka.Known[int64]{}
	some = kafka.Some[int64]
	noon = time.Date(2026, 1, 2, 12, 0, 0, 5e6, time.UTC)
)

func tp(topic string, p int32) kafka.TopicPartition {
	return kafka.TopicPartition{Topic: topic, Partition: p}
}

// world is an empty classic group with one partition whose log holds offsets 100 to 200.
func world(committed, found kafka.Known[int64]) Before {
	return Before{
		Group: kafka.Group{Name: "g", Type: kafka.Classic, ProtocolType: "consumer", State: kafka.StateEmpty}, Exists: true,
		Partitions: []Partition{{
			TopicPartition: tp("orders", 0), Committed: committed, Metadata: "m", Start: some(100), End: some(200), Found: found,
		}},
	}
}

func TestEachScenarioChoosesAndClamps(t *testing.T) {
	file := FromFile{Name: "f", Offsets: map[kafka.TopicPartition]int64{tp("orders", 0): 5}}
	for name, c := range map[string]struct {
		scenario         Scenario
		committed, found kafka.Known[int64]
		after            kafka.Known[int64]
		delta            kafka.Known[int64]
		clamp, note, err string // parts of what is said; empty: nothing is said
	}{
		"earliest":                        {scenario: Earliest{}, committed: some(150), after: some(100), delta: some(-50)},
		"earliest without commit":         {scenario: Earliest{}, after: some(100)},
		"latest":                          {scenario: Latest{}, committed: some(150), after: some(200), delta: some(50)},
		"offset":                          {scenario: ToOffset(120), committed: some(150), after: some(120), delta: some(-30)},
		"offset at the end":               {scenario: ToOffset(200), committed: some(150), after: some(200), delta: some(50)},
		"offset below the start":          {scenario: ToOffset(99), committed: some(150), after: some(100), delta: some(-50), clamp: "below the log start"},
		"offset beyond the end":           {scenario: ToOffset(201), after: some(200), clamp: "beyond the end"},
		"shift back":                      {scenario: ShiftBy(-10), committed: some(150), after: some(140), delta: some(-10)},
		"shift back over the start":       {scenario: ShiftBy(-100), committed: some(150), after: some(100), delta: some(-50), clamp: "below"},
		"shift over the end":              {scenario: ShiftBy(51), committed: some(150), after: some(200), delta: some(50), clamp: "beyond"},
		"shift beyond int64":              {scenario: ShiftBy(math.MaxInt64), committed: some(150), after: some(200), delta: some(50)},
		"shift below int64":               {scenario: ShiftBy(math.MinInt64), committed: some(-5), after: some(100), delta: some(105)},
		"shift from no commit":            {scenario: ShiftBy(1), err: "no commit"},
		"shift from a commit below start": {scenario: ShiftBy(10), committed: some(20), after: some(100), delta: some(80), clamp: "30 is below"},
		"time":                            {scenario: ToTime{noon}, committed: some(150), found: some(160), after: some(160), delta: some(10)},
		"time after the last record":      {scenario: ToTime{noon}, committed: some(150), after: some(200), delta: some(50), note: "no record at or after 2026-01-02T12:00:00.005 UTC: latest"},
		"current":                         {scenario: ToCurrent{}, committed: some(150), after: some(150), delta: some(0)},
		"current outside the log":         {scenario: ToCurrent{}, committed: some(20), after: some(20), delta: some(0)},
		"current without commit":          {scenario: ToCurrent{}, err: "no commit"},
		"file":                            {scenario: file, committed: some(150), after: some(100), delta: some(-50), clamp: "5 is below"},
		"file without the partition":      {scenario: FromFile{}, committed: some(150), err: "not in the file"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := NewPlan(Spec{Group: "g", Scenario: c.scenario}, world(c.committed, c.found))
			if err != nil {
				t.Fatal(err)
			}
			got := p.Changes[0]
			if got.Before != c.committed || got.After != c.after || got.Delta != c.delta || got.Metadata != "m" {
				t.Errorf("got %+v, want %v -> %v (%v)", got, c.committed, c.after, c.delta)
			}
			for _, s := range []struct{ what, got, want string }{{"clamp", got.Clamp, c.clamp}, {"note", got.Note, c.note}, {"error", got.Err, c.err}} {
				if (s.want == "") != (s.got == "") || !strings.Contains(s.got, s.want) {
					t.Errorf("%s is %q, want %q", s.what, s.got, s.want)
				}
			}
		})
	}
}

func TestPartitionWithUnknownEndsIsLeftAlone(t *testing.T) {
	b := world(some(150), none)
	b.Partitions[0].End = none
	b.Partitions[0].Err = "LEADER_NOT_AVAILABLE"
	for _, s := range []Scenario{Earliest{}, Latest{}, ToOffset(150), ShiftBy(1), ToTime{noon}} {
		p, err := NewPlan(Spec{Group: "g", Scenario: s}, b)
		if err != nil {
			t.Fatal(err)
		}
		if c := p.Changes[0]; c.After.OK || c.Err != "LEADER_NOT_AVAILABLE" {
			t.Errorf("%s: %+v", s, c)
		}
		if err := p.Refused(); !errors.Is(err, ErrNothing) {
			t.Errorf("%s: refused %v", s, err)
		}
	}
}

func TestGroupsThatCannotBeReset(t *testing.T) {
	for name, g := range map[string]kafka.Group{
		"streams":  {Type: kafka.Streams, State: kafka.StateEmpty},
		"connect":  {Type: kafka.Classic, ProtocolType: "connect", State: kafka.StateEmpty},
		"a future": {Type: "future", State: kafka.StateEmpty},
	} {
		b := world(some(1), none)
		b.Group = g
		if _, err := NewPlan(Spec{Group: "g", Scenario: Earliest{}}, b); err == nil {
			t.Errorf("%s: a plan was made", name)
		}
	}
	b := world(some(1), none)
	b.Group.ProtocolType = "" // made by an admin commit
	if _, err := NewPlan(Spec{Group: "g", Scenario: Earliest{}}, b); err != nil {
		t.Error(err)
	}
}

func TestMissingGroupNeedsLeave(t *testing.T) {
	b := world(none, none)
	b.Exists, b.Group = false, kafka.Group{Name: "g", State: kafka.StateDead}
	if _, err := NewPlan(Spec{Group: "g", Scenario: Earliest{}}, b); !errors.Is(err, kafka.CodeGroupIDNotFound) {
		t.Errorf("without leave: %v", err)
	}
	p, err := NewPlan(Spec{Group: "g", Scenario: Earliest{}, Create: true}, b)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Refused(); err != nil {
		t.Errorf("with leave: %v", err)
	}
}

func TestMembersBlockAndAreNamed(t *testing.T) {
	b := world(some(150), none)
	b.Group.State = kafka.StateStable
	b.Group.Members = []kafka.Member{
		{ID: "id1", ClientID: "payments-1", Host: "10.0.0.7"},
		{ID: "id2", ClientID: "payments-2", Host: "10.0.0.8", InstanceID: "pod-2"},
	}
	p, err := NewPlan(Spec{Group: "payments", Scenario: Earliest{}}, b)
	if err != nil {
		t.Fatal(err)
	}
	err = p.Refused()
	var active *ActiveError
	if !errors.As(err, &active) || len(active.Members) != 2 {
		t.Fatalf("refused: %v", err)
	}
	want := "reset payments: the group has 2 members; stop payments-1 on 10.0.0.7, payments-2 (instance pod-2) on 10.0.0.8 first"
	if err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
	b.Group.State, b.Group.Members = kafka.StatePreparingRebalance, nil
	if p, _ = NewPlan(Spec{Group: "payments", Scenario: Earliest{}}, b); !errors.As(p.Refused(), &active) {
		t.Errorf("rebalancing without members: %v", p.Refused())
	}
}

func TestReverseLeadsBack(t *testing.T) {
	b := world(some(150), none)
	b.Partitions = append(b.Partitions, Partition{TopicPartition: tp("orders", 1), Start: some(0), End: some(9)},
		Partition{TopicPartition: tp("orders", 2), Committed: some(20), Start: some(30), End: some(90)})
	p, err := NewPlan(Spec{Group: "g", Scenario: Latest{}}, b)
	if err != nil {
		t.Fatal(err)
	}
	r := p.Reverse()
	want := []Change{
		{TopicPartition: tp("orders", 0), Before: some(200), After: some(150), Delta: some(-50), Metadata: "m", BeforeMetadata: "m", Start: some(100), End: some(200), Effect: Effect{Again: some(50), Skipped: some(0)}},
		{TopicPartition: tp("orders", 1), Before: some(9), Remove: true, Start: some(0), End: some(9)},
		{TopicPartition: tp("orders", 2), Before: some(90), After: some(20), Delta: some(-70), Start: some(30), End: some(90), Effect: Effect{Again: some(60), Skipped: some(0)}}, // below the start: as it was
	}
	for i, c := range r.Changes {
		if c != want[i] {
			t.Errorf("got  %+v\nwant %+v", c, want[i])
		}
	}
	if rr := r.Reverse(); rr.Changes[0].After != some(200) {
		t.Errorf("reversed twice: %+v", rr.Changes[0])
	}
}

func TestPlansAreComparable(t *testing.T) {
	p, _ := NewPlan(Spec{Group: "g", Scenario: Earliest{}}, world(some(150), none))
	q, _ := NewPlan(Spec{Group: "g", Scenario: Earliest{}}, world(some(150), none))
	if q.At = noon; !p.Equal(&q) {
		t.Error("equal plans differ")
	}
	q, _ = NewPlan(Spec{Group: "g", Scenario: Earliest{}}, world(some(151), none))
	if p.Equal(&q) {
		t.Error("plans for different commits are equal")
	}
}

func TestCommandIsTheStockOne(t *testing.T) {
	parts := Scope{Partitions: []kafka.TopicPartition{tp("orders", 0), tp("orders", 3), tp("-x", 1)}}
	for want, s := range map[string]Spec{
		"kafka-consumer-groups --bootstrap-server b:1 --group g --reset-offsets --all-topics --to-earliest --execute":                                      {Group: "g", Scenario: Earliest{}},
		"kafka-consumer-groups --bootstrap-server b:1 --group g --reset-offsets --topic orders --shift-by=-5 --execute":                                    {Group: "g", Scenario: ShiftBy(-5), Scope: Scope{Topics: []string{"orders"}}},
		"kafka-consumer-groups --bootstrap-server b:1 --group=--help --reset-offsets --topic orders:0,3 --topic=-x:1 --to-latest --execute":                {Group: "--help", Scenario: Latest{}, Scope: parts},
		"kafka-consumer-groups --bootstrap-server b:1 --group g --reset-offsets --all-topics --to-datetime 2026-01-02T12:00:00.005 --execute":              {Group: "g", Scenario: ToTime{noon}},
		"kafka-consumer-groups --bootstrap-server b:1 --group 'a b; rm -rf /' --reset-offsets --from-file 'my file.csv' --execute":                         {Group: "a b; rm -rf /", Scenario: FromFile{Name: "my file.csv"}},
		"kafka-consumer-groups --bootstrap-server b:1 --group g --reset-offsets --topic orders:0,3 --topic=-x:1 --to-offset 9223372036854775807 --execute": {Group: "g", Scenario: ToOffset(math.MaxInt64), Scope: parts},
	} {
		p, err := NewPlan(s, world(some(150), none))
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Command("b:1"); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestCommandSurvivesAShell(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash: " + err.Error())
	}
	for _, group := range []string{"a'b", "$(touch x)", "`id`", "a\nb", "\x1b[2J", "--help", "../x", "ü", `a\b"c`, "*", ""} {
		p, _ := NewPlan(Spec{Group: group, Scenario: Earliest{}}, world(some(150), none))
		script := "kafka-consumer-groups() { printf '%s\\0' \"$@\"; }; " + p.Command("b:1")
		out, err := exec.Command(bash, "-c", script).Output()
		if err != nil {
			t.Fatalf("%q: %v", group, err)
		}
		if s := "\x00" + string(out); !strings.Contains(s, "\x00--group\x00"+group+"\x00") && !strings.Contains(s, "\x00--group="+group+"\x00") {
			t.Errorf("group %q arrived as %q", group, out)
		}
	}
}
