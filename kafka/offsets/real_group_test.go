package offsets_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/audit"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/offsets"
)

// commits stores offsets with metadata for a group without members.
func commits(t *testing.T, a offsets.Client, group string, cs map[kafka.TopicPartition]kafka.Commit) {
	t.Helper()
	kafkatest.Until(t, time.Minute, func() error { // its coordinator may still be loading
		refused, err := a.Commit(t.Context(), group, cs)
		for _, e := range refused {
			err = errors.Join(err, e)
		}
		return err
	})
}

// undoOf is the undo of the newest action of the audit, checked against the present.
func undoOf(t *testing.T, r offsets.Reader, o offsets.Options) offsets.Plan {
	t.Helper()
	es, err := audit.Read(o.Audit.(*audit.Log).Path)
	if err != nil || len(es) < 2 {
		t.Fatal(err, es)
	}
	u, err := offsets.UndoOf(es[len(es)-2].Plan, es[len(es)-1].Outcome)
	if err != nil {
		t.Fatal(err)
	}
	if u, err = offsets.Recheck(t.Context(), r, u); err != nil {
		t.Fatal(err)
	}
	return u
}

func standing(t *testing.T, c offsets.Groups, p offsets.Plan, want offsets.Verdict) {
	t.Helper()
	if s, err := offsets.Standing(t.Context(), c, p); err != nil || s.Verdict != want {
		t.Errorf("%v %s, want %s", err, s.String(), want)
	}
}

func TestRealUndoFromTheAuditRestoresExactly(t *testing.T) {
	real := kafkatest.Real(t)
	topic, group := logs(t, real, time.Now().Add(-time.Hour)), kafkatest.Unique("reset")
	a, o := admin(t, real.Bootstrap(), false), options(t)
	was := kafka.Commit{Offset: 50, Metadata: `owner="änn"` + "\n"}
	commits(t, a, group, map[kafka.TopicPartition]kafka.Commit{tp(topic, 0): was})
	p := prepare(t, a, offsets.Spec{Group: group, Scenario: offsets.Latest{}, Scope: offsets.Scope{Topics: []string{topic}}})
	standing(t, a, p, offsets.NotApplied)
	if out, err := offsets.Apply(t.Context(), a, p, o); err != nil || out.Applied() != 2 {
		t.Fatal(err, out.String())
	}
	standing(t, a, p, offsets.Applied)
	u := undoOf(t, a, o)
	if u.MovedSince() != 0 || u.Acting() != 2 || !u.Changes[1].Remove {
		t.Fatal(u.String())
	}
	if out, err := offsets.Apply(t.Context(), a, u, o); err != nil || out.Applied() != 2 || !out.Proved {
		t.Fatal(err, out.String())
	}
	got, err := a.Committed(t.Context(), group)
	if err != nil || len(got) != 1 || got[tp(topic, 0)] != was {
		t.Errorf("%v %+v", err, got)
	}
	standing(t, a, p, offsets.NotApplied)
}

func TestRealSkippedRecordsHaveAges(t *testing.T) {
	real := kafkatest.Real(t)
	began := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	topic, group := logs(t, real, began), kafkatest.Unique("reset")
	a := admin(t, real.Bootstrap(), false)
	commits(t, a, group, map[kafka.TopicPartition]kafka.Commit{tp(topic, 0): {Offset: 50}})
	p := offsets.WithAges(t.Context(), a, prepare(t, a, offsets.Spec{Group: group, Scenario: offsets.Latest{}}))
	c := p.Changes[0]
	if c.Skipped.V != 50 || !c.SkippedFrom.V.Equal(began.Add(50*time.Second)) || !c.SkippedTo.V.Equal(began.Add(99*time.Second)) {
		t.Errorf("%+v, log began %v", c, began)
	}
}

func TestRealGroupThatChangesAfterThePlanIsCaught(t *testing.T) {
	real := kafkatest.Real(t)
	topic, group := logs(t, real, time.Now().Add(-time.Hour)), kafkatest.Unique("reset")
	a := admin(t, real.Bootstrap(), false)
	commits(t, a, group, map[kafka.TopicPartition]kafka.Commit{tp(topic, 0): {Offset: 50}})
	p := prepare(t, a, offsets.Spec{Group: group, Scenario: offsets.Earliest{}})
	commits(t, a, group, map[kafka.TopicPartition]kafka.Commit{tp(topic, 0): {Offset: 51}})
	var changed *offsets.ChangedError
	if _, err := offsets.Apply(t.Context(), a, p, options(t)); !errors.As(err, &changed) {
		t.Errorf("a commit moved: %v", err)
	}
	p = prepare(t, a, offsets.Spec{Group: group, Scenario: offsets.Earliest{}})
	kafkatest.Member(t, real.Bootstrap(), group, topic, kafkatest.SaramaRange, kafkatest.As("late"))
	kafkatest.WaitGroup(t, real.Bootstrap(), group, kafka.StateStable, 1)
	var active *offsets.ActiveError
	if _, err := offsets.Apply(t.Context(), a, p, options(t)); !errors.As(err, &active) || !strings.Contains(err.Error(), "stop late on 127.0.0.1") {
		t.Errorf("a member joined: %v", err)
	}
}

func TestRealWaitUntilEmptyAppliesAfterTheLastMember(t *testing.T) {
	for _, kind := range []kafkatest.Kind{kafkatest.SaramaRange, kafkatest.KgoConsumer} {
		t.Run(string(kind), func(t *testing.T) {
			real := kafkatest.Real(t)
			topic, group := logs(t, real, time.Now().Add(-time.Hour)), kafkatest.Unique("reset")
			a := admin(t, real.Bootstrap(), false)
			members := []*kafkatest.Consumer{
				kafkatest.Member(t, real.Bootstrap(), group, topic, kind, kafkatest.As("one")),
				kafkatest.Member(t, real.Bootstrap(), group, topic, kind, kafkatest.As("two")),
			}
			kafkatest.WaitGroup(t, real.Bootstrap(), group, kafka.StateStable, 2)
			kafkatest.Until(t, time.Minute, func() error {
				if at := kafkatest.Committed(t, real.Bootstrap(), group)[tp(topic, 0)]; at != 100 {
					return fmt.Errorf("committed up to %d", at)
				}
				return nil
			})
			spec := offsets.Spec{Group: group, Scenario: offsets.Earliest{}, Scope: offsets.Scope{Topics: []string{topic}}}
			shown := prepare(t, a, spec)
			said := map[int]bool{}
			p, err := offsets.WaitEmpty(t.Context(), a, spec, offsets.WaitOptions{Progress: func(w offsets.Waiting) {
				if n := len(w.Members); w.State == kafka.StateStable && n > 0 && !said[n] {
					said[n] = true
					members[n-1].Stop() // it commits what it has read
				}
			}})
			if err != nil || !said[2] || !said[1] {
				t.Fatalf("%v, saw %v", err, said)
			}
			if p.Changes[0].Before != kafka.Some[int64](100) || shown.Outdated(&p) != "" {
				t.Errorf("outdated %q\n%s", shown.Outdated(&p), p.String())
			}
			if out, err := offsets.Apply(t.Context(), a, p, options(t)); err != nil || out.Applied() == 0 {
				t.Fatal(err, out.String())
			}
			if got := kafkatest.Committed(t, real.Bootstrap(), group); got[tp(topic, 0)] != 20 {
				t.Errorf("committed %v", got)
			}
		})
	}
}

func TestRealOffsetsOfAnotherTopicAreDeletedInALiveGroup(t *testing.T) {
	for _, kind := range []kafkatest.Kind{kafkatest.SaramaRange, kafkatest.KgoConsumer} {
		t.Run(string(kind), func(t *testing.T) {
			real := kafkatest.Real(t)
			topic, old, group := logs(t, real, time.Now().Add(-time.Hour)), logs(t, real, time.Now().Add(-time.Hour)), kafkatest.Unique("reset")
			a, o := admin(t, real.Bootstrap(), false), options(t)
			was := kafka.Commit{Offset: 60, Metadata: "m"}
			commits(t, a, group, map[kafka.TopicPartition]kafka.Commit{tp(topic, 0): {Offset: 50}, tp(old, 0): was})
			m := kafkatest.Member(t, real.Bootstrap(), group, topic, kind, kafkatest.As("live"))
			kafkatest.WaitGroup(t, real.Bootstrap(), group, kafka.StateStable, 1)
			refused, err := a.DeleteOffsets(t.Context(), group, []kafka.TopicPartition{tp(topic, 0)})
			if err != nil || !errors.Is(refused[tp(topic, 0)], kafka.CodeGroupSubscribedToTopic) {
				t.Errorf("%v %v", refused, err)
			}
			p := prepare(t, a, offsets.Spec{Group: group, Scenario: offsets.Remove{}, Scope: offsets.Scope{Topics: []string{old, topic}}})
			if p.Acting() != 1 || p.Refused() != nil || !strings.Contains(p.String(), "live on 127.0.0.1 subscribes to the topic") {
				t.Fatal(p.String())
			}
			if out, err := offsets.Apply(t.Context(), a, p, o); err != nil || out.Applied() != 1 || !out.Proved {
				t.Fatal(err, out.String())
			}
			standing(t, a, p, offsets.Applied)
			if u := undoOf(t, a, o); u.Refused() == nil {
				t.Error("an undo is a commit, which the broker refuses while there are members")
			}
			m.Stop()
			kafkatest.WaitGroup(t, real.Bootstrap(), group, kafka.StateEmpty, 0)
			if out, err := offsets.Apply(t.Context(), a, undoOf(t, a, o), o); err != nil || out.Applied() != 1 {
				t.Fatal(err, out.String())
			}
			if got, err := a.Committed(t.Context(), group); err != nil || got[tp(old, 0)] != was {
				t.Errorf("%v %v", got, err)
			}
		})
	}
}

func TestRealDeletionInAGroupThatIsNotThere(t *testing.T) {
	real := kafkatest.Real(t)
	topic := logs(t, real, time.Now().Add(-time.Hour))
	a := admin(t, real.Bootstrap(), false)
	spec := offsets.Spec{Group: kafkatest.Unique("missing"), Scenario: offsets.Remove{}, Scope: offsets.Scope{Topics: []string{topic}}}
	if _, err := offsets.Prepare(t.Context(), a, spec); !errors.Is(err, kafka.CodeGroupIDNotFound) {
		t.Errorf("planned: %v", err)
	}
	refused, err := a.DeleteOffsets(t.Context(), spec.Group, []kafka.TopicPartition{tp(topic, 0)})
	if err != nil || !errors.Is(refused[tp(topic, 0)], kafka.CodeGroupIDNotFound) {
		t.Errorf("%v %v", refused, err)
	}
}

func TestRealShareGroupIsResetByItsStartOffsets(t *testing.T) {
	real := kafkatest.Real(t)
	began := time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	topic, group := logs(t, real, began), kafkatest.Unique("share")
	a, o := admin(t, real.Bootstrap(), false), options(t)
	member := kafkatest.JavaShareConsumer(t, real, group, topic)
	kafkatest.Until(t, time.Minute, func() error { // it has no start offsets before something was read
		g, err := a.Group(t.Context(), group)
		if err == nil && (g.Type != kafka.Share || g.State != kafka.StateStable) {
			err = errors.New("the share group is " + string(g.State))
		}
		return err
	})
	spec := offsets.Spec{Group: group, Scenario: offsets.Earliest{}, Scope: offsets.Scope{Topics: []string{topic}}}
	p := prepare(t, a, spec)
	if p.Refused() == nil {
		t.Error("a share group with a member is not refused")
	}
	refused, err := a.SetStartOffsets(t.Context(), group, map[kafka.TopicPartition]kafka.Commit{tp(topic, 0): {Offset: 20}})
	if err != nil || !errors.Is(refused[tp(topic, 0)], kafka.CodeNonEmptyGroup) {
		t.Errorf("%v %v", refused, err)
	}
	member.Stop()
	for _, c := range []struct {
		scenario offsets.Scenario
		want     int64
	}{
		{offsets.ToOffset(70), 70}, {offsets.Earliest{}, 20}, {offsets.Latest{}, 100}, {offsets.ToTime{Time: began.Add(60 * time.Second)}, 60},
		{offsets.FromFile{Name: "f", Offsets: map[kafka.TopicPartition]int64{tp(topic, 0): 30}}, 30}, {offsets.ToOffset(1000), 100},
	} {
		spec.Scenario = c.scenario
		if p, err = offsets.WaitEmpty(t.Context(), a, spec, offsets.WaitOptions{}); err != nil {
			t.Fatal(err)
		}
		out, err := offsets.Apply(t.Context(), a, p, o)
		if err != nil || out.Results[0].Got != kafka.Some(c.want) || !out.Proved {
			t.Fatalf("%s: %v\n%s\n%s", c.scenario, err, p.String(), out.String())
		}
		standing(t, a, p, offsets.Applied)
	}
	if out, err := offsets.Apply(t.Context(), a, undoOf(t, a, o), o); err != nil || out.Results[0].Got != kafka.Some[int64](30) {
		t.Errorf("undo: %v %s", err, out.String())
	}
	p = prepare(t, a, offsets.Spec{Group: group, Scenario: offsets.Remove{}, Scope: offsets.Scope{Topics: []string{topic}}})
	if out, err := offsets.Apply(t.Context(), a, p, o); err != nil || out.Applied() != 2 {
		t.Errorf("deletion: %v\n%s\n%s", err, p.String(), out.String())
	}
	if at, err := a.StartOffsets(t.Context(), group); err != nil || len(at) != 0 {
		t.Errorf("left %v %v", at, err)
	}
	if out, err := offsets.Apply(t.Context(), a, undoOf(t, a, o), o); err != nil || out.Results[0].Got != kafka.Some[int64](30) {
		t.Errorf("undo of the deletion: %v %s", err, out.String())
	}
}
