package rebalance_test

import (
	"strings"
	"testing"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/rebalance"
)

// crew is a group of one Go member a and one Java member b on Apache Kafka.
type crew struct {
	name  string
	kind  kafkatest.Kind
	props []string // of the Java member
}

const javaRange = "partition.assignment.strategy=org.apache.kafka.clients.consumer.RangeAssignor"

const javaCooperative = "partition.assignment.strategy=org.apache.kafka.clients.consumer.CooperativeStickyAssignor"

func crews() []crew {
	return []crew{
		{"classic", kafkatest.KgoRange, []string{javaRange}},
		{"classic static", kafkatest.SaramaRange, []string{javaRange, "group.instance.id=pod-b"}},
		{"cooperative", kafkatest.KgoCooperative, []string{javaCooperative}},
		{"KIP-848", kafkatest.KgoConsumer, []string{"group.protocol=consumer"}},
	}
}

func (c crew) start(t *testing.T) (*conn.Admin, kafka.Group) {
	t.Helper()
	real := kafkatest.Real(t)
	at, topic, name := real.Bootstrap(), kafkatest.Unique("moves"), kafkatest.Unique("crew")
	kafkatest.CreateTopic(t, at, topic, 6, 3)
	kafkatest.Member(t, at, name, topic, c.kind, kafkatest.As("a"))
	kafkatest.JavaConsumer(t, real, name, topic, append([]string{"client.id=b"}, c.props...)...)
	kafkatest.WaitGroup(t, at, name, kafka.StateStable, 2)
	a := admin(t, at, false)
	return a, settled(t, a, name, 2, 6)
}

func TestRealProbeMovesNothing(t *testing.T) {
	for _, c := range crews() {
		t.Run(c.name, func(t *testing.T) {
			a, g := c.start(t)
			p, err := rebalance.PlanProbe(g)
			if err != nil {
				t.Fatal(err)
			}
			res, err := rebalance.Apply(t.Context(), a, p, options(t))
			t.Logf("%s by %s", res.String(), res.Trigger)
			if err != nil || !res.Settled {
				t.Fatal(err)
			}
			if len(res.Moved) != 0 || res.AtLeast != (res.Unstable == 0) {
				t.Errorf("%+v", res)
			}
			if g.Type == kafka.Consumer && res.Proof.GroupEpochAfter.V <= res.Proof.GroupEpochBefore.V {
				t.Errorf("not proved: %s", res.Proof)
			}
			for i, id := range res.MembersBefore {
				if len(res.MembersAfter) != 2 || res.MembersAfter[i] != id {
					t.Errorf("members %v, were %v", res.MembersAfter, res.MembersBefore)
				}
			}
		})
	}
}

func TestRealKickBringsTheMemberBack(t *testing.T) {
	for _, c := range crews() {
		t.Run(c.name, func(t *testing.T) {
			a, g := c.start(t)
			for _, m := range g.Members {
				g = settled(t, a, g.Name, 2, 6)
				id := ""
				for _, now := range g.Members { // its id may have changed with the kick before
					if now.ClientID == m.ClientID {
						id = now.ID
					}
				}
				p, err := rebalance.PlanKick(g, id, "test")
				if err != nil {
					t.Fatal(err)
				}
				res, err := rebalance.Apply(t.Context(), a, p, options(t))
				t.Logf("%s: %s by %s", m.ClientID, res.String(), res.Trigger)
				if err != nil || !res.Settled || res.Trigger != "LeaveGroup" {
					t.Fatalf("%v %s", err, res.Trigger)
				}
				if res.AtLeast != (res.Unstable == 0) || len(res.MembersAfter) != 2 {
					t.Errorf("%+v", res)
				}
				// A KIP-848 Java member keeps its id; classic ones, static too, get a new one.
				epochs := res.Proof.GroupEpochAfter.V > res.Proof.GroupEpochBefore.V
				if g.Type == kafka.Consumer && !epochs || g.Type == kafka.Classic && res.Proof.NewID == "" {
					t.Errorf("not proved: %s", res.Proof)
				}
			}
		})
	}
}

func TestRealRollBringsEveryMemberBack(t *testing.T) {
	for _, c := range crews() {
		t.Run(c.name, func(t *testing.T) {
			a, g := c.start(t)
			p, err := rebalance.PlanRoll(g, nil, "test")
			if err != nil || len(p.Targets) != 2 {
				t.Fatalf("%v %+v", err, p.Targets)
			}
			res, err := rebalance.ApplyRoll(t.Context(), a, p, options(t))
			t.Log(res.String())
			if err != nil || res.Done() != 2 || res.Stopped != "" {
				t.Fatal(err)
			}
			if instance := p.Targets[1].InstanceID; instance != "" && !strings.Contains(p.Note, instance) {
				t.Errorf("the note %q does not name %s", p.Note, instance)
			}
			for _, s := range res.Steps {
				if p := s.Proof; p.NewID == "" && p.GroupEpochAfter.V <= p.GroupEpochBefore.V {
					t.Errorf("%s: not proved: %s", s.Plan.Target, p)
				}
			}
			settled(t, a, g.Name, 2, 6)
		})
	}
}

func TestRealPlanForAChangedGroupSendsNothing(t *testing.T) {
	real := kafkatest.Real(t)
	at, topic, name := real.Bootstrap(), kafkatest.Unique("moves"), kafkatest.Unique("crew")
	kafkatest.CreateTopic(t, at, topic, 2, 3)
	running(t, at, name, topic, kafkatest.KgoConsumer, 1, false)
	a := admin(t, at, false)
	g := settled(t, a, name, 1, 2)
	g.Type, g.Protocol = kafka.Classic, "range" // a classic join into a KIP-848 group would be accepted
	p, err := rebalance.PlanProbe(g)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := rebalance.Apply(t.Context(), a, p, options(t)); err == nil || res.Sent {
		t.Errorf("%v %+v", err, res)
	}
}
