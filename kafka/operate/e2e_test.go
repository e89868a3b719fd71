package operate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
	"lagtop/kafka/audit"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/offsets"
	"lagtop/kafka/operate"
)

func admin(t *testing.T, bootstrap []string, readOnly bool) *conn.Admin {
	t.Helper()
	a, err := conn.OpenAdmin(conn.Config{Bootstrap: bootstrap, ReadOnly: readOnly})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

func options(t *testing.T) operate.Options {
	t.Helper()
	dir := t.TempDir()
	return operate.Options{Audit: audit.New(filepath.Join(dir, "audit.jsonl"), "cluster"), BeforeDir: filepath.Join(dir, "before")}
}

func tp(topic string, p int32) kafka.TopicPartition {
	return kafka.TopicPartition{Topic: topic, Partition: p}
}

// must is a plan that can be made.
func must[P operate.Plan](t *testing.T) func(p P, err error) P {
	return func(p P, err error) P {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
}

// applied carries a plan out and wants all of it proved.
func applied(t *testing.T, a *conn.Admin, p operate.Plan) operate.Outcome {
	t.Helper()
	out, err := operate.Apply(t.Context(), a, p, options(t))
	if err != nil || !out.Proved || len(out.Failed()) > 0 {
		t.Fatalf("%v\n%s", err, out.String())
	}
	standing(t, a, p, operate.Applied)
	return out
}

// standing reads the plan from JSON, as after a restart.
func standing(t *testing.T, a *conn.Admin, p operate.Plan, want operate.State) {
	t.Helper()
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	again, err := operate.ReadPlan(data)
	if err != nil {
		t.Fatal(err)
	}
	if got, rs, err := operate.Standing(t.Context(), a, again); err != nil || got != want {
		t.Errorf("%v: %s, want %s: %+v", err, got, want, rs)
	}
}

func retention(t *testing.T, a *conn.Admin, topic string, w operate.Wanted) *operate.Retention {
	t.Helper()
	l, err := operate.ReadLimits(t.Context(), a, topic)
	if err != nil {
		t.Fatal(err)
	}
	return must[*operate.Retention](t)(operate.PlanRetention(l, w, time.Now()))
}

func TestDeletedGroupComesBackByItsCommits(t *testing.T) {
	f := kafkatest.NewFake(t, kfake.SeedTopics(2, "orders"))
	kafkatest.Produce(t, f.Bootstrap(), "orders", 100)
	deletedGroupComesBack(t, f.Bootstrap(), "orders", "g")
	if n := f.Requests(kmsg.DeleteGroups); n != 1 {
		t.Errorf("%d DeleteGroups requests", n)
	}
}

func deletedGroupComesBack(t *testing.T, at []string, topic, group string) {
	t.Helper()
	a := admin(t, at, false)
	commits := map[kafka.TopicPartition]kafka.Commit{tp(topic, 0): {Offset: 20, Metadata: "by hand"}, tp(topic, 1): {Offset: 30}}
	if refused, err := a.Commit(t.Context(), group, commits); err != nil || len(refused) > 0 {
		t.Fatalf("%v %v", refused, err)
	}
	p := must[*operate.Deletion](t)(operate.PlanDeletion(t.Context(), a, group))
	standing(t, a, p, operate.NotApplied)
	out := applied(t, a, p)
	if _, err := operate.PlanDeletion(t.Context(), a, group); !errors.Is(err, kafka.CodeGroupIDNotFound) {
		t.Errorf("%v", err)
	}
	undo, err := p.Restore(t.Context(), a, out.BeforeFile)
	if err != nil {
		t.Fatal(err)
	}
	back, err := offsets.Apply(t.Context(), a, undo, offsets.Options{Audit: options(t).Audit, BeforeDir: t.TempDir(),
		Wait: func(context.Context, time.Duration) error { return nil }})
	if err != nil || back.Applied() != 2 {
		t.Fatalf("%v %s", err, back.String())
	}
	got, err := a.Committed(t.Context(), group)
	if err != nil || len(got) != 2 || got[tp(topic, 0)].Metadata != "by hand" || got[tp(topic, 1)].Offset != 30 {
		t.Errorf("%v %v", got, err)
	}
}

func TestGroupThatIsUsedMeanwhileIsNotDeleted(t *testing.T) {
	f := kafkatest.NewFake(t, kfake.SeedTopics(2, "orders"))
	kafkatest.Commit(t, f.Bootstrap(), "g", map[kafka.TopicPartition]int64{tp("orders", 0): 0})
	a := admin(t, f.Bootstrap(), false)
	p := must[*operate.Deletion](t)(operate.PlanDeletion(t.Context(), a, "g"))
	f.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.DeleteGroups}, Err: kerr.NonEmptyGroup, Count: -1})
	out, err := operate.Apply(t.Context(), a, p, options(t)) // somebody joined after the check
	if err != nil || len(out.Failed()) != 1 || !strings.Contains(out.String(), "NON_EMPTY_GROUP") {
		t.Errorf("%v %s", err, out.String())
	}
	f.ResetRequests()
	kafkatest.Member(t, f.Bootstrap(), "g", "orders", kafkatest.KgoRange, kafkatest.As("a"))
	kafkatest.WaitGroup(t, f.Bootstrap(), "g", kafka.StateStable, 1)
	var used *operate.NotEmptyError
	if _, err := operate.Apply(t.Context(), a, p, options(t)); !errors.As(err, &used) || used.Members[0].ClientID != "a" {
		t.Errorf("%v", err)
	}
	if n := f.Requests(kmsg.DeleteGroups); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestLostAnswersAreReadBackAndNeverSentAgain(t *testing.T) {
	f := kafkatest.NewFake(t, kfake.SeedTopics(1, "orders"))
	kafkatest.Commit(t, f.Bootstrap(), "g", map[kafka.TopicPartition]int64{tp("orders", 0): 0})
	a := admin(t, f.Bootstrap(), false)
	p := must[*operate.Deletion](t)(operate.PlanDeletion(t.Context(), a, "g"))
	f.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.DeleteGroups}, Err: kerr.RequestTimedOut, Count: -1})
	f.ResetRequests()
	o := options(t)
	o.Wait = func(context.Context, time.Duration) error { return nil }
	out, err := operate.Apply(t.Context(), a, p, o)
	if err == nil || !out.Proved || len(out.Failed()) != 0 || f.Requests(kmsg.DeleteGroups) != 1 { // kfake deletes, then says that
		t.Errorf("%v %s after %d requests", err, out.String(), f.Requests(kmsg.DeleteGroups))
	}
	standing(t, a, p, operate.Applied)
}

func TestRetentionIsRaisedAndTakenBack(t *testing.T) {
	f := kafkatest.NewFake(t, kfake.SeedTopics(1, "orders"))
	retentionAndBack(t, f.Bootstrap(), "orders")
}

func retentionAndBack(t *testing.T, at []string, topic string) {
	t.Helper()
	a := admin(t, at, false)
	before, err := operate.ReadLimits(t.Context(), a, topic)
	if err != nil {
		t.Fatal(err)
	}
	p := retention(t, a, topic, operate.Wanted{Time: kafka.Some(2 * before.Time.Before), Size: kafka.Some[int64](1 << 40)})
	standing(t, a, p, operate.NotApplied)
	out := applied(t, a, p)
	undo := out.Undo()
	if undo == nil || undo.Destroys() == "" {
		t.Fatalf("the undo %+v shortens and does not say so", undo)
	}
	applied(t, a, undo)
	if after, err := operate.ReadLimits(t.Context(), a, topic); err != nil || after != before {
		t.Errorf("after the undo %+v %v, before %+v", after, err, before)
	}
	applied(t, a, retention(t, a, topic, operate.Wanted{Time: kafka.Some(3 * before.Time.Before)})) // by somebody else
	much := out.Plan.(*operate.Retention)
	later, err := much.TakeBack(t.Context(), a, time.Now())
	if err != nil || len(later.Settings) != 1 || len(later.Since) != 1 {
		t.Fatalf("much later: %+v, %v", later, err)
	}
	applied(t, a, later)
	if after, err := operate.ReadLimits(t.Context(), a, topic); err != nil || after != before {
		t.Errorf("after the late undo %+v %v, before %+v", after, err, before)
	}
	if _, err := much.TakeBack(t.Context(), a, time.Now()); !errors.Is(err, operate.ErrNothing) {
		t.Errorf("a second time: %v", err)
	}
}

func TestReadOnlySendsNothing(t *testing.T) {
	f := kafkatest.NewFake(t, kfake.SeedTopics(1, "orders"))
	kafkatest.Commit(t, f.Bootstrap(), "g", map[kafka.TopicPartition]int64{tp("orders", 0): 0})
	a := admin(t, f.Bootstrap(), true)
	ctx := t.Context()
	f.ResetRequests()
	for name, send := range map[string]func() error{
		"DeleteGroup": func() error { return a.DeleteGroup(ctx, "g") },
		"AlterTopic": func() error {
			return a.AlterTopic(ctx, "orders", []kafka.ConfigChange{{Name: operate.RetentionMS, Value: "1"}})
		},
		"ElectPreferred": func() error {
			_, err := a.ElectPreferred(ctx, []kafka.TopicPartition{tp("orders", 0)})
			return err
		},
	} {
		if err := send(); !errors.Is(err, conn.ErrReadOnly) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := f.Requests(); n != 0 {
		t.Errorf("%d requests", n)
	}
	p := must[*operate.Deletion](t)(operate.PlanDeletion(ctx, a, "g"))
	o := options(t)
	o.Wait = func(context.Context, time.Duration) error { return nil }
	if _, err := operate.Apply(ctx, a, p, o); !errors.Is(err, conn.ErrReadOnly) {
		t.Errorf("%v", err)
	}
}

// reordered makes another replica the preferred one of each partition; the leaders stay.
func reordered(t *testing.T, at []string, topic string, a *conn.Admin) {
	t.Helper()
	adm := kadm.NewClient(kafkatest.Client(t, at))
	ts, err := a.Topics(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	var req kadm.AlterPartitionAssignmentsReq
	for _, p := range ts[0].Partitions {
		n := len(p.Replicas)
		req.Assign(topic, p.ID, append([]int32{p.Replicas[n-1]}, p.Replicas[:n-1]...))
	}
	rs, err := adm.AlterPartitionAssignments(t.Context(), req)
	if err == nil {
		err = rs.Error()
	}
	if err != nil {
		t.Fatal(err)
	}
	kafkatest.Until(t, time.Minute, func() error {
		e, err := operate.PlanElection(t.Context(), a, topic, time.Now())
		if err != nil {
			return err
		}
		if len(e.Leaders) != len(ts[0].Partitions) || e.Refused() != nil {
			return fmt.Errorf("%d of %d partitions prefer another leader", len(e.Leaders), len(ts[0].Partitions))
		}
		return nil
	})
}
