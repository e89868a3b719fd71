package releases

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/audit"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/offsets"
	"lagtop/kafka/operate"
	"lagtop/kafka/rebalance"
)

func journal(t *testing.T) *audit.Log {
	return audit.New(filepath.Join(t.TempDir(), "audit.jsonl"), "cluster")
}

func (r *release) resets(t *testing.T) {
	topic, group, a := r.logs(t), kafkatest.Unique("reset"), r.admin(t)
	kafkatest.Commit(t, r.at, group, map[kafka.TopicPartition]int64{tp(topic, 0): 5})
	o := offsets.Options{Audit: journal(t), BeforeDir: t.TempDir(), Wait: func(context.Context, time.Duration) error { return nil }}
	hour := offsets.ToTime{Time: time.Now().Add(-time.Hour)} // all records are younger
	p, err := offsets.Prepare(t.Context(), a, offsets.Spec{Group: group, Scenario: hour})
	if err != nil {
		t.Fatal(err)
	}
	out, err := offsets.Apply(t.Context(), a, p, o)
	if err != nil || !out.Proved {
		t.Fatalf("%v\n%s", err, p.String())
	}
	if got := kafkatest.Committed(t, r.at, group); got[tp(topic, 0)] != 2 {
		t.Errorf("committed %v", got)
	}
	if back, err := offsets.Apply(t.Context(), a, out.Undo(), o); err != nil || !back.Proved {
		t.Fatal(err)
	}
	if got := kafkatest.Committed(t, r.at, group); got[tp(topic, 0)] != 5 {
		t.Errorf("after the undo %v", got)
	}
}

func (r *release) rebalances(t *testing.T) {
	topic, group, a := r.logs(t), kafkatest.Unique("moves"), r.admin(t)
	for i := range 2 {
		kafkatest.Member(t, r.at, group, topic, kafkatest.KgoRange, kafkatest.As(fmt.Sprint("m-", i)))
	}
	kafkatest.WaitGroup(t, r.at, group, kafka.StateStable, 2)
	o := rebalance.Options{Audit: journal(t), Interval: 20 * time.Millisecond, Timeout: time.Minute}
	act := func(what string, plan func(g kafka.Group) (rebalance.Plan, error)) rebalance.Result {
		t.Helper()
		g, err := a.Group(t.Context(), group)
		if err != nil {
			t.Fatal(err)
		}
		p, err := plan(g)
		if err != nil {
			t.Fatal(err)
		}
		res, err := rebalance.Apply(t.Context(), a, p, o)
		t.Logf("%s: %s by %s", what, res.String(), res.Trigger)
		if err != nil || !res.Settled || len(res.MembersAfter) != 2 {
			t.Fatalf("%s: %v %+v", what, err, res)
		}
		return res
	}
	res := act("probe", rebalance.PlanProbe)
	if len(res.Moved) != 0 || res.MembersAfter[0] != res.MembersBefore[0] || res.MembersAfter[1] != res.MembersBefore[1] {
		t.Errorf("the probe moved %v, members %v, were %v", res.Moved, res.MembersAfter, res.MembersBefore)
	}
	res = act("kick", func(g kafka.Group) (rebalance.Plan, error) { return rebalance.PlanKick(g, g.Members[0].ID, "test") })
	if res.Proof.NewID == "" || res.Trigger != "LeaveGroup" {
		t.Errorf("not proved: %s by %s", res.Proof, res.Trigger)
	}
}

func (r *release) operates(t *testing.T) {
	topic, group, a := r.logs(t), kafkatest.Unique("operate"), r.admin(t)
	o := operate.Options{Audit: journal(t), BeforeDir: t.TempDir()}
	kafkatest.Commit(t, r.at, group, map[kafka.TopicPartition]int64{tp(topic, 0): 5})
	del, err := operate.PlanDeletion(t.Context(), a, group)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := operate.Apply(t.Context(), a, del, o); err != nil || !out.Proved {
		t.Errorf("delete: %v %s", err, out.String())
	}

	limits, err := operate.ReadLimits(t.Context(), a, topic)
	if err != nil {
		t.Fatal(err)
	}
	keep, err := operate.PlanRetention(limits, operate.Wanted{Time: kafka.Some(2 * limits.Time.Before)}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	out, err := operate.Apply(t.Context(), a, keep, o)
	if failed := out.Failed(); err == nil && len(failed) > 0 {
		err = errors.New(failed[0].Err)
	}
	r.orUnknown(t, "IncrementalAlterConfigs", "2.3", err, func() error {
		if !out.Proved {
			return errors.New(out.String())
		}
		return nil
	})

	refused, err := a.ElectPreferred(t.Context(), []kafka.TopicPartition{tp(topic, 0)})
	r.orUnknown(t, "ElectLeaders", "2.4", err, func() error {
		if !errors.Is(refused[tp(topic, 0)], kafka.CodeElectionNotNeeded) {
			return fmt.Errorf("%v", refused)
		}
		return nil
	})
}

// orUnknown wants a success where the release knows the request, and the reason where it does not.
func (r *release) orUnknown(t *testing.T, api, since string, err error, good func() error) {
	t.Helper()
	switch {
	case r.line >= since && err == nil:
		if err := good(); err != nil {
			t.Errorf("%s: %v", api, err)
		}
	case r.line >= since:
		t.Errorf("%s: %v", api, err)
	case err == nil || !strings.Contains(err.Error(), conn.ErrUnsupported.Error()) || !strings.Contains(err.Error(), api):
		t.Errorf("%s before %s: %v", api, since, err)
	}
}
