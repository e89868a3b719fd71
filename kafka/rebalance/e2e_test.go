package rebalance_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
	"lagtop/kafka/audit"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/rebalance"
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

func options(t *testing.T) rebalance.Options {
	t.Helper()
	last := ""
	say := func(s rebalance.Sample) {
		now := fmt.Sprintf("%s, %d members, epoch %v; waiting for %q", s.State, s.Members, s.Epoch.V, s.Waiting)
		if now != last {
			last = now
			t.Log(now)
		}
	}
	return rebalance.Options{
		Audit: audit.New(filepath.Join(t.TempDir(), "audit.jsonl"), "c"), Interval: 20 * time.Millisecond,
		Timeout: 50 * time.Second, Progress: say,
	}
}

// running starts members named a, b ... and waits until they own all partitions.
func running(t *testing.T, bootstrap []string, group, topic string, kind kafkatest.Kind, n int, static bool) {
	t.Helper()
	for i := range n {
		name := string(rune('a' + i))
		opts := []kafkatest.MemberOption{kafkatest.As(name)}
		if static {
			opts = append(opts, kafkatest.Static("pod-"+name))
		}
		kafkatest.Member(t, bootstrap, group, topic, kind, opts...)
	}
	kafkatest.WaitGroup(t, bootstrap, group, kafka.StateStable, n)
}

// settled reads the group once every partition has an owner and, for KIP-848, nobody lags behind.
func settled(t *testing.T, a *conn.Admin, group string, members, partitions int) kafka.Group {
	t.Helper()
	var g kafka.Group
	kafkatest.Until(t, time.Minute, func() error {
		var err error
		if g, err = a.Group(t.Context(), group); err != nil {
			return err
		}
		owned := 0
		for _, m := range g.Members {
			owned += len(m.Assigned)
		}
		if g.State != kafka.StateStable || len(g.Members) != members || owned != partitions {
			return fmt.Errorf("%s is %s, %d members own %d partitions", group, g.State, len(g.Members), owned)
		}
		return nil
	})
	return g
}

func fake(t *testing.T) *kafkatest.Fake {
	t.Helper()
	return kafkatest.NewFake(t, kfake.SeedTopics(6, "orders"),
		kfake.BrokerConfigs(map[string]string{"group.consumer.heartbeat.interval.ms": "300"}))
}

func TestProbeMovesNothingAndRemovesNobody(t *testing.T) {
	for _, kind := range []kafkatest.Kind{kafkatest.SaramaRange, kafkatest.KgoRange, kafkatest.KgoCooperative, kafkatest.KgoConsumer} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			f := fake(t)
			a := admin(t, f.Bootstrap(), false)
			running(t, f.Bootstrap(), "g", "orders", kind, 2, false)
			g := settled(t, a, "g", 2, 6)
			epoch := f.GroupInfo("g").Epoch
			p, err := rebalance.PlanProbe(g)
			if err != nil {
				t.Fatal(err)
			}
			res, err := rebalance.Apply(t.Context(), a, p, options(t))
			if err != nil || !res.Settled {
				t.Fatalf("%v %s", err, res.String())
			}
			// kfake assigns KIP-848 groups anew at each epoch; Apache Kafka keeps what can stay.
			if len(res.Moved) != 0 && kind != kafkatest.KgoConsumer {
				t.Errorf("moved %v", res.Moved)
			}
			for i, id := range res.MembersBefore {
				if len(res.MembersAfter) != 2 || res.MembersAfter[i] != id {
					t.Errorf("members %v, were %v", res.MembersAfter, res.MembersBefore)
				}
			}
			if now := f.GroupInfo("g").Epoch; now <= epoch {
				t.Errorf("no rebalance happened: generation %d, was %d", now, epoch)
			}
		})
	}
}

func TestKickedMemberJoinsAgain(t *testing.T) {
	for _, c := range []struct {
		kind   kafkatest.Kind
		static bool
	}{{kafkatest.SaramaRange, false}, {kafkatest.KgoRange, false}, {kafkatest.KgoCooperative, true}, {kafkatest.KgoConsumer, false}} {
		name := string(c.kind)
		if c.static {
			name += " static"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := fake(t)
			a := admin(t, f.Bootstrap(), false)
			running(t, f.Bootstrap(), "g", "orders", c.kind, 2, c.static)
			g := settled(t, a, "g", 2, 6)
			p, err := rebalance.PlanKick(g, g.Members[0].ID, "test")
			if err != nil {
				t.Fatal(err)
			}
			f.ResetRequests()
			res, err := rebalance.Apply(t.Context(), a, p, options(t))
			if err != nil || !res.Settled {
				t.Fatalf("%v %s", err, res.String())
			}
			if f.Requests(kmsg.LeaveGroup) == 0 {
				t.Error("no LeaveGroup was sent")
			}
			// kfake knows no LeaveGroup for KIP-848 members, as brokers before 4.0.
			if want := map[bool]string{true: "ConsumerGroupHeartbeat", false: "LeaveGroup"}[c.kind == kafkatest.KgoConsumer]; res.Trigger != want {
				t.Errorf("trigger %s, want %s", res.Trigger, want)
			}
			if res.Proof == (rebalance.Proof{}) || res.Proof.NewID == "" && res.Proof.MemberEpochAfter.V <= res.Proof.MemberEpochBefore.V {
				t.Errorf("not proved: %+v", res.Proof)
			}
			if len(res.MembersAfter) != 2 || res.MembersAfter[0].ClientID != "a" {
				t.Errorf("members after: %v", res.MembersAfter)
			}
		})
	}
}

func TestReadOnlySendsNothing(t *testing.T) {
	f := fake(t)
	running(t, f.Bootstrap(), "g", "orders", kafkatest.KgoRange, 1, false)
	writer := admin(t, f.Bootstrap(), false)
	g := settled(t, writer, "g", 1, 6)
	a := admin(t, f.Bootstrap(), true)
	epoch := f.GroupInfo("g").Epoch
	ctx := t.Context()
	for name, send := range map[string]func() error{
		"ParkJoin":   func() error { return a.ParkJoin(ctx, "g", "range", "") },
		"LeaveGroup": func() error { return a.LeaveGroup(ctx, "g", g.Members[0].ID, "", "") },
		"ConsumerHeartbeat": func() error {
			_, err := a.ConsumerHeartbeat(ctx, "g", g.Members[0].ID, "", -1)
			return err
		},
		"Commit": func() error {
			_, err := a.Commit(ctx, "g", map[kafka.TopicPartition]kafka.Commit{{Topic: "orders"}: {Offset: 1}})
			return err
		},
	} {
		if err := send(); !errors.Is(err, conn.ErrReadOnly) {
			t.Errorf("%s: %v", name, err)
		}
	}
	p, err := rebalance.PlanProbe(g)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := rebalance.Apply(ctx, a, p, options(t)); !errors.Is(err, conn.ErrReadOnly) || res.Sent {
		t.Errorf("%v %+v", err, res)
	}
	if now := f.GroupInfo("g"); now.Epoch != epoch || len(now.Members) != 1 {
		t.Errorf("the group moved: %+v", now)
	}
}

func TestUnknownMemberIsTheMembersOwnError(t *testing.T) {
	f := fake(t)
	a := admin(t, f.Bootstrap(), false)
	running(t, f.Bootstrap(), "g", "orders", kafkatest.KgoRange, 1, false)
	if err := a.LeaveGroup(t.Context(), "g", "nobody", "", "test"); !errors.Is(err, kafka.CodeUnknownMemberID) {
		t.Errorf("%v", err)
	}
	if err := a.ParkJoin(t.Context(), "g", "no-such-assignor", "test"); !errors.Is(err, kafka.CodeInconsistentProtocol) {
		t.Errorf("%v", err)
	}
	settled(t, a, "g", 1, 6)
}
