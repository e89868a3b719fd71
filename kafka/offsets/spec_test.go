package offsets

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
)

func TestEditedOffsetsAreClampedAndPlannedAgain(t *testing.T) {
	c, _, _ := setup(t)
	spec := Spec{Group: "g", Scenario: Earliest{}}
	p, err := Prepare(t.Context(), c, spec)
	if err != nil {
		t.Fatal(err)
	}
	q, err := p.With(tp("orders", 1), 2000)
	if ch := q.Changes[1]; err != nil || !ch.Edited || ch.After != some(1000) || ch.Clamp == "" || ch.Delta != some(990) || ch.Skipped != some(990) || q.Edited() != 1 {
		t.Errorf("%v %+v", err, ch)
	}
	if p.Changes[1].After != some(0) || p.Edited() != 0 {
		t.Error("the plan it came from has changed")
	}
	again, err := Prepare(t.Context(), c, spec.With(tp("orders", 1), 2000))
	if err != nil || !again.Equal(&q) {
		t.Errorf("%v\n%s%s", err, again.String(), q.String())
	}
	if !strings.Contains(q.Command("b"), "--from-file PLAN.csv") {
		t.Error(q.Command("b"))
	}
	if _, err := p.With(tp("orders", 9), 1); err == nil {
		t.Error("a partition that is not in the plan was edited")
	}
}

// stamps answers with the minute of the offset after noon; -1 is no timestamp.
type stamps map[kafka.TopicPartition]int64

func (s stamps) Stamp(_ context.Context, tp kafka.TopicPartition, offset int64) (time.Time, error) {
	if add, ok := s[tp]; ok {
		if add < 0 {
			return time.Time{}, nil
		}
		return noon.Add(time.Duration(add+offset) * time.Minute), nil
	}
	return time.Time{}, errors.New("no record is there")
}

func TestSkippedRecordsAndTheirAges(t *testing.T) {
	b := world(some(150), none)
	for i, commit := range []kafka.Known[int64]{some(50), some(250), none, some(199)} {
		b.Partitions = append(b.Partitions, Partition{TopicPartition: tp("orders", int32(i)+1), Committed: commit, Start: some(100), End: some(200)})
	}
	p, err := NewPlan(Spec{Group: "g", Scenario: Latest{}}, b)
	if err != nil {
		t.Fatal(err)
	}
	p = WithAges(t.Context(), stamps{tp("orders", 0): 0, tp("orders", 4): -1}, p)
	for i, want := range []Effect{
		{Again: some(0), Skipped: some(50), SkippedFrom: kafka.Some(noon.Add(150 * time.Minute)), SkippedTo: kafka.Some(noon.Add(199 * time.Minute))},
		{Again: some(0), Skipped: some(100)}, // what is lost is not skipped
		{Again: some(0), Skipped: some(0)},
		{},
		{Again: some(0), Skipped: some(1)},
	} {
		if got := p.Changes[i].Effect; got != want {
			t.Errorf("partition %d: %+v, want %+v", i, got, want)
		}
	}
	if got := p.Totals(); got.Skipped.V != 151 || got.Skipped.Complete() || got.Unaged != 2 || got.SkippedFrom != kafka.Some(noon.Add(150*time.Minute)) || got.String() != "at least 0 read again, at least 151 skipped" {
		t.Errorf("%+v %s", got, got)
	}
	if p, _ = NewPlan(Spec{Group: "g", Scenario: Earliest{}}, b); p.Changes[0].Again != some(50) || p.Changes[1].Again != some(0) || p.Changes[2].Again != some(100) {
		t.Errorf("%s", p.String())
	}
}

func TestAgesOfFewPartitionsAreLookedUp(t *testing.T) {
	b := world(some(150), none)
	b.Partitions = nil
	asked := stamps{}
	for i := range int32(100) {
		asked[tp("orders", i)] = 0
		b.Partitions = append(b.Partitions, Partition{TopicPartition: tp("orders", i), Committed: some(int64(100 + i)), Start: some(0), End: some(200)})
	}
	p, err := NewPlan(Spec{Group: "g", Scenario: Latest{}}, b)
	if err != nil {
		t.Fatal(err)
	}
	p = WithAges(t.Context(), asked, p)
	aged := 0
	for _, c := range p.Changes {
		if c.SkippedFrom.OK {
			aged++
		}
	}
	if aged != agedPartitions || !p.Changes[0].SkippedFrom.OK || p.Totals().Unaged != 100-agedPartitions {
		t.Errorf("%d ages, totals %+v", aged, p.Totals())
	}
}

func TestLikeAnotherGroup(t *testing.T) {
	c, _, _ := setup(t)
	two := &twoGroups{table: c, other: map[kafka.TopicPartition]kafka.Commit{tp("orders", 0): {Offset: 700, Metadata: "theirs"}, tp("more", 2): {Offset: 5000}}}
	p, err := Prepare(t.Context(), two, Spec{Group: "g", Scenario: Like("model")})
	if err != nil {
		t.Fatal(err)
	}
	want := map[kafka.TopicPartition]string{tp("more", 2): "1000", tp("orders", 0): "700", tp("orders", 1): "group model has no commit here"}
	if len(p.Changes) != len(want) {
		t.Fatal(p.String())
	}
	for _, ch := range p.Changes {
		if got := ch.Err + strings.TrimPrefix(offset(ch.After), "–"); got != want[ch.TopicPartition] {
			t.Errorf("%+v", ch)
		}
	}
	if p.Changes[1].Metadata != "m" {
		t.Error("metadata is the group's own")
	}
	two.other = nil
	if _, err := Prepare(t.Context(), two, Spec{Group: "g", Scenario: Like("model")}); err == nil || !strings.Contains(err.Error(), "no commits") {
		t.Error(err)
	}
}

type twoGroups struct {
	*table
	other map[kafka.TopicPartition]kafka.Commit
}

func (t *twoGroups) Committed(ctx context.Context, group string) (map[kafka.TopicPartition]kafka.Commit, error) {
	if group == "model" {
		return t.other, nil
	}
	return t.table.Committed(ctx, group)
}

func TestShareGroupHasStartOffsets(t *testing.T) {
	c, _, o := setup(t)
	c.group = kafka.Group{Name: "g", Type: kafka.Share, State: kafka.StateEmpty}
	p, err := Prepare(t.Context(), c, Spec{Group: "g", Scenario: ToOffset(500), Scope: Scope{Topics: []string{"orders"}}})
	if err != nil || p.Action != ActionResetStart || p.Acting() != 3 {
		t.Fatalf("%v %s", err, p.String())
	}
	if p.Command("b") != "" { // the stock tool has no such reset
		t.Error(p.Command("b"))
	}
	if out, err := Apply(t.Context(), c, p, o); err != nil || out.Applied() != 3 || c.commits[tp("orders", 2)].Offset != 500 {
		t.Errorf("%v %s", err, out.String())
	}
	if u := p.Reverse(); u.Acting() != 2 || u.Changes[2].Err == "" {
		t.Errorf("start offsets go by whole topics only: %s", u.String())
	}
	for _, s := range []Scenario{ShiftBy(1), ToCurrent{}, Like("x")} {
		if _, err := Prepare(t.Context(), c, Spec{Group: "g", Scenario: s}); err == nil {
			t.Errorf("%s was planned", s)
		}
	}
	if _, err := Prepare(t.Context(), c, Spec{Group: "g", Scenario: Remove{}, Scope: Scope{Partitions: []kafka.TopicPartition{tp("orders", 0)}}}); err == nil {
		t.Error("a part of a topic was to be deleted")
	}
	if p, err = Prepare(t.Context(), c, Spec{Group: "g", Scenario: Remove{}, Scope: Scope{Topics: []string{"orders"}}}); err != nil {
		t.Fatal(err)
	}
	if want := "kafka-share-groups --bootstrap-server b --group g --delete-offsets --topic orders"; p.Command("b") != want {
		t.Error(p.Command("b"))
	}
	if out, err := Apply(t.Context(), c, p, o); err != nil || out.Applied() != 3 || len(c.commits) != 0 {
		t.Errorf("%v %s", err, out.String())
	}
	c.group.State = kafka.StateStable
	c.commits[tp("orders", 0)] = kafka.Commit{Offset: 1}
	if p, err = Prepare(t.Context(), c, Spec{Group: "g", Scenario: Latest{}}); err != nil || p.Refused() == nil {
		t.Errorf("with members: %v %v", err, p.Refused())
	}
}
