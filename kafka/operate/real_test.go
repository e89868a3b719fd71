package operate_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/operate"
)

func TestRealDeletedGroupComesBackByItsCommits(t *testing.T) {
	real := kafkatest.Real(t)
	topic, group := kafkatest.Unique("operate"), kafkatest.Unique("operate")
	kafkatest.CreateTopic(t, real.Bootstrap(), topic, 2, 3)
	kafkatest.Produce(t, real.Bootstrap(), topic, 100)
	deletedGroupComesBack(t, real.Bootstrap(), topic, group)
}

func TestRealBrokerRefusesToDeleteAGroupInUse(t *testing.T) {
	real := kafkatest.Real(t)
	topic := kafkatest.Unique("operate")
	kafkatest.CreateTopic(t, real.Bootstrap(), topic, 1, 3)
	for _, props := range [][]string{nil, {"group.protocol=consumer"}} {
		group := kafkatest.Unique("operate")
		java := kafkatest.JavaConsumer(t, real, group, topic, props...)
		kafkatest.WaitGroup(t, real.Bootstrap(), group, kafka.StateStable, 1)
		a := admin(t, real.Bootstrap(), false)
		if err := a.DeleteGroup(t.Context(), group); !errors.Is(err, kafka.CodeNonEmptyGroup) {
			t.Errorf("%v: %v", props, err)
		}
		p := must[*operate.Deletion](t)(operate.PlanDeletion(t.Context(), a, group))
		if len(p.Holders) != 1 || p.Refused() == nil {
			t.Errorf("%v: %+v", props, p)
		}
		java.Stop()
		kafkatest.WaitGroup(t, real.Bootstrap(), group, kafka.StateEmpty, 0)
		applied(t, a, must[*operate.Deletion](t)(operate.PlanDeletion(t.Context(), a, group)))
		if err := a.DeleteGroup(t.Context(), group); !errors.Is(err, kafka.CodeGroupIDNotFound) {
			t.Errorf("%v: %v", props, err)
		}
	}
}

func TestRealShareGroupIsDeletedWhenEmpty(t *testing.T) {
	real := kafkatest.Real(t)
	topic, group := kafkatest.Unique("operate"), kafkatest.Unique("operate")
	kafkatest.CreateTopic(t, real.Bootstrap(), topic, 1, 3)
	java := kafkatest.JavaShareConsumer(t, real, group, topic)
	a := admin(t, real.Bootstrap(), false)
	state := func(want kafka.GroupState) {
		t.Helper()
		kafkatest.Until(t, time.Minute, func() error {
			g, err := a.Group(t.Context(), group)
			if err == nil && (g.Type != kafka.Share || g.State != want) {
				err = errors.New(string(g.Type) + " " + string(g.State))
			}
			return err
		})
	}
	state(kafka.StateStable)
	p := must[*operate.Deletion](t)(operate.PlanDeletion(t.Context(), a, group))
	if err := p.Refused(); err == nil || !strings.Contains(err.Error(), "Stable, not Empty") {
		t.Errorf("%v", err)
	}
	java.Stop()
	state(kafka.StateEmpty)
	applied(t, a, must[*operate.Deletion](t)(operate.PlanDeletion(t.Context(), a, group)))
}

func TestRealPreferredLeadersAreElected(t *testing.T) {
	real := kafkatest.Real(t)
	topic := kafkatest.Unique("operate")
	kafkatest.CreateTopic(t, real.Bootstrap(), topic, 3, 3)
	a := admin(t, real.Bootstrap(), false)
	if _, err := operate.PlanElection(t.Context(), a, topic, time.Now()); !errors.Is(err, operate.ErrNothing) {
		t.Errorf("a new topic: %v", err)
	}
	reordered(t, real.Bootstrap(), topic, a)
	p := must[*operate.Election](t)(operate.PlanElection(t.Context(), a, topic, time.Now()))
	standing(t, a, p, operate.NotApplied)
	applied(t, a, p)
	refused, err := a.ElectPreferred(t.Context(), []kafka.TopicPartition{tp(topic, 0), tp(topic, 99)})
	if err != nil || !errors.Is(refused[tp(topic, 0)], kafka.CodeElectionNotNeeded) || !errors.Is(refused[tp(topic, 99)], kafka.CodeUnknownTopicOrPartition) {
		t.Errorf("%v %v", refused, err)
	}
	var changed *operate.ChangedError
	if _, err := operate.Apply(t.Context(), a, p, options(t)); !errors.As(err, &changed) {
		t.Errorf("the same plan again: %v", err)
	}
}

func TestRealRetentionIsRaisedAndTakenBack(t *testing.T) {
	real := kafkatest.Real(t)
	topic := kafkatest.Unique("operate")
	kafkatest.CreateTopic(t, real.Bootstrap(), topic, 1, 3)
	retentionAndBack(t, real.Bootstrap(), topic)
	a := admin(t, real.Bootstrap(), false)
	p := retention(t, a, topic, operate.Wanted{Time: kafka.Some[int64](1000000)})
	applied(t, a, p)
	if err := a.AlterTopic(t.Context(), topic, []kafka.ConfigChange{{Name: operate.RetentionMS, Value: "-7"}}); err == nil || !strings.Contains(err.Error(), "retention.ms") {
		t.Errorf("a value that the broker does not take: %v", err)
	}
	if err := a.AlterTopic(t.Context(), kafkatest.Unique("missing"), []kafka.ConfigChange{{Name: operate.RetentionMS, Value: "7"}}); !errors.Is(err, kafka.CodeUnknownTopicOrPartition) {
		t.Errorf("a topic that is not there: %v", err)
	}
}
