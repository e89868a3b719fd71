package offsets_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
	"lagtop/kafka/audit"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/offsets"
)

func tp(topic string, p int32) kafka.TopicPartition {
	return kafka.TopicPartition{Topic: topic, Partition: p}
}

func admin(t *testing.T, bootstrap []string, readOnly bool) *conn.Admin {
	t.Helper()
	a, err := conn.OpenAdmin(conn.Config{Bootstrap: bootstrap, ReadOnly: readOnly})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

func options(t *testing.T) offsets.Options {
	t.Helper()
	dir := t.TempDir()
	return offsets.Options{
		Audit: audit.New(filepath.Join(dir, "audit.jsonl"), "cluster"), BeforeDir: filepath.Join(dir, "before"),
		Wait: func(context.Context, time.Duration) error { return nil },
	}
}

// cluster has a topic orders with 2 partitions of 50 records and a group g with commits at 20 and 30.
func cluster(t *testing.T) *kafkatest.Fake {
	t.Helper()
	f := kafkatest.NewFake(t, kfake.SeedTopics(2, "orders"))
	kafkatest.Produce(t, f.Bootstrap(), "orders", 100)
	kafkatest.Commit(t, f.Bootstrap(), "g", map[kafka.TopicPartition]int64{tp("orders", 0): 20, tp("orders", 1): 30})
	return f
}

func prepare(t *testing.T, a *conn.Admin, spec offsets.Spec) offsets.Plan {
	t.Helper()
	p, err := offsets.Prepare(t.Context(), a, spec)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestResetOfAnEmptyGroupAndItsUndo(t *testing.T) {
	f := cluster(t)
	a := admin(t, f.Bootstrap(), false)
	p := prepare(t, a, offsets.Spec{Group: "g", Scenario: offsets.ShiftBy(25)})
	f.ResetRequests()
	out, err := offsets.Apply(t.Context(), a, p, options(t))
	if err != nil || out.Applied() != 2 || !out.Proved {
		t.Fatalf("%v %s", err, out.String())
	}
	if n := f.Requests(kmsg.OffsetCommit); n != 1 {
		t.Errorf("%d OffsetCommit requests", n)
	}
	got := kafkatest.Committed(t, f.Bootstrap(), "g")
	if got[tp("orders", 0)] != 45 || got[tp("orders", 1)] != 50 { // 55 is clamped to the end
		t.Errorf("committed %v\n%s", got, p.String())
	}
	if out, err = offsets.Apply(t.Context(), a, out.Undo(), options(t)); err != nil || out.Applied() != 2 {
		t.Fatalf("undo: %v %s", err, out.String())
	}
	got = kafkatest.Committed(t, f.Bootstrap(), "g")
	if got[tp("orders", 0)] != 20 || got[tp("orders", 1)] != 30 {
		t.Errorf("after undo %v", got)
	}
}

func TestResetOfAnActiveGroupNamesItsMembers(t *testing.T) {
	for _, kind := range []kafkatest.Kind{kafkatest.KgoRange, kafkatest.KgoConsumer} {
		t.Run(string(kind), func(t *testing.T) {
			f := cluster(t)
			a := admin(t, f.Bootstrap(), false)
			empty := prepare(t, a, offsets.Spec{Group: "g", Scenario: offsets.Earliest{}})
			kafkatest.Member(t, f.Bootstrap(), "g", "orders", kind, kafkatest.As("payments-1"))
			kafkatest.WaitGroup(t, f.Bootstrap(), "g", kafka.StateStable, 1)

			active := prepare(t, a, offsets.Spec{Group: "g", Scenario: offsets.Earliest{}})
			f.ResetRequests()
			for name, p := range map[string]offsets.Plan{"planned while active": active, "planned while empty": empty} {
				_, err := offsets.Apply(t.Context(), a, p, options(t))
				var refused *offsets.ActiveError
				if !errors.As(err, &refused) || len(refused.Members) != 1 || refused.Members[0].ClientID != "payments-1" || refused.Members[0].Host == "" {
					t.Errorf("%s: %v", name, err)
				}
			}
			// The member commits by itself; an administrator's commit would show in the group's offsets.
			if got := kafkatest.Committed(t, f.Bootstrap(), "g"); got[tp("orders", 0)] < 20 {
				t.Errorf("committed %v", got)
			}
		})
	}
}

func TestResetIsRefusedWhenCommitsChanged(t *testing.T) {
	f := cluster(t)
	a := admin(t, f.Bootstrap(), false)
	p := prepare(t, a, offsets.Spec{Group: "g", Scenario: offsets.Latest{}})
	kafkatest.Commit(t, f.Bootstrap(), "g", map[kafka.TopicPartition]int64{tp("orders", 1): 31})
	_, err := offsets.Apply(t.Context(), a, p, options(t))
	var changed *offsets.ChangedError
	if !errors.As(err, &changed) || len(changed.Differences) != 1 || !strings.Contains(err.Error(), "orders/1 was 30, is 31") {
		t.Errorf("%v", err)
	}
}

func TestPartitionThatTheBrokerRefuses(t *testing.T) {
	f := cluster(t)
	a := admin(t, f.Bootstrap(), false)
	p := prepare(t, a, offsets.Spec{Group: "g", Scenario: offsets.Latest{}})
	f.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Topic: "orders", Partitions: []int32{1}, Err: kerr.TopicAuthorizationFailed})
	out, err := offsets.Apply(t.Context(), a, p, options(t))
	if err != nil {
		t.Fatal(err)
	}
	failed := out.Failed()
	if out.Applied() != 1 || len(failed) != 1 || failed[0].TopicPartition != tp("orders", 1) || failed[0].Got != kafka.Some(int64(30)) {
		t.Errorf("%s", out.String())
	}
}

func TestLeaderlessPartitionIsLeftOut(t *testing.T) {
	f := cluster(t)
	a := admin(t, f.Bootstrap(), false)
	heal := f.Leaderless(tp("orders", 1))
	defer heal()
	p := prepare(t, a, offsets.Spec{Group: "g", Scenario: offsets.Latest{}})
	if c := p.Changes[1]; c.After.OK || c.Err == "" || p.Commits() != 1 {
		t.Errorf("%s", p.String())
	}
}

func TestScopesAndScenarios(t *testing.T) {
	f := cluster(t)
	kafkatest.CreateTopic(t, f.Bootstrap(), "other", 1, 1)
	a := admin(t, f.Bootstrap(), false)
	p := prepare(t, a, offsets.Spec{Group: "g", Scenario: offsets.Earliest{}, Scope: offsets.Scope{Topics: []string{"other"}}})
	if len(p.Changes) != 1 || p.Changes[0].Before.OK || p.Changes[0].After != kafka.Some(int64(0)) {
		t.Errorf("a topic without commits: %s", p.String())
	}
	p = prepare(t, a, offsets.Spec{Group: "g", Scenario: offsets.ToTime{Time: time.Now().Add(time.Hour)}, Scope: offsets.Scope{Partitions: []kafka.TopicPartition{tp("orders", 1)}}})
	if len(p.Changes) != 1 || p.Changes[0].After != kafka.Some(int64(50)) || p.Changes[0].Note == "" {
		t.Errorf("a time in the future: %s", p.String())
	}
	p = prepare(t, a, offsets.Spec{Group: "g", Scenario: offsets.ToTime{Time: time.Now().Add(-time.Hour)}})
	if len(p.Changes) != 2 || p.Changes[1].After != kafka.Some(int64(0)) || p.Changes[1].Note != "" {
		t.Errorf("a time before all records: %s", p.String())
	}
	for _, spec := range []offsets.Spec{
		{Group: "g", Scenario: offsets.Earliest{}, Scope: offsets.Scope{Topics: []string{"missing"}}},
		{Group: "missing", Scenario: offsets.Earliest{}, Scope: offsets.Scope{Topics: []string{"orders"}}},
	} {
		if _, err := offsets.Prepare(t.Context(), a, spec); err == nil {
			t.Errorf("%+v: planned", spec)
		}
	}
}

func TestResetCreatesAGroupWhenAsked(t *testing.T) {
	f := cluster(t)
	a := admin(t, f.Bootstrap(), false)
	p := prepare(t, a, offsets.Spec{Group: "new", Scenario: offsets.Latest{}, Scope: offsets.Scope{Topics: []string{"orders"}}, Create: true})
	if out, err := offsets.Apply(t.Context(), a, p, options(t)); err != nil || out.Applied() != 2 {
		t.Fatalf("%v %s", err, out.String())
	}
}

func TestReadOnlyNeverCommits(t *testing.T) {
	f := cluster(t)
	a := admin(t, f.Bootstrap(), true)
	p := prepare(t, a, offsets.Spec{Group: "g", Scenario: offsets.Latest{}})
	f.ResetRequests()
	out, err := offsets.Apply(t.Context(), a, p, options(t))
	if !errors.Is(err, conn.ErrReadOnly) || out.Applied() != 0 || f.Requests(kmsg.OffsetCommit) != 0 {
		t.Errorf("%v, %s, %d commits", err, out.String(), f.Requests(kmsg.OffsetCommit))
	}
}

func TestCoordinatorThatMovedIsFoundAgain(t *testing.T) {
	f := cluster(t)
	a := admin(t, f.Bootstrap(), false)
	prepare(t, a, offsets.Spec{Group: "g", Scenario: offsets.Latest{}})
	f.RehashCoordinators()
	p := prepare(t, a, offsets.Spec{Group: "g", Scenario: offsets.Latest{}})
	if out, err := offsets.Apply(t.Context(), a, p, options(t)); err != nil || out.Applied() != 2 {
		t.Fatalf("%v %s", err, out.String())
	}
}

func TestHungBrokerEndsWithTheContext(t *testing.T) {
	f := cluster(t)
	a := admin(t, f.Bootstrap(), false)
	prepare(t, a, offsets.Spec{Group: "g", Scenario: offsets.Latest{}})
	for n := range int32(3) {
		f.Hang(n)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := offsets.Prepare(ctx, a, offsets.Spec{Group: "g", Scenario: offsets.Latest{}}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}
