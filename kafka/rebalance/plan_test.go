package rebalance

import (
	"errors"
	"strings"
	"testing"

	"lagtop/kafka"
)

func tp(p int32) kafka.TopicPartition { return kafka.TopicPartition{Topic: "orders", Partition: p} }

func member(id, client, instance string, ps ...int32) kafka.Member {
	m := kafka.Member{ID: id, ClientID: client, Host: "h", InstanceID: instance}
	for _, p := range ps {
		m.Assigned = append(m.Assigned, tp(p))
	}
	return m
}

func group(ms ...kafka.Member) kafka.Group {
	return kafka.Group{Name: "g", Type: kafka.Classic, ProtocolType: "consumer", State: kafka.StateStable, Protocol: "range", Members: ms}
}

func TestDiffKnowsMembersAgain(t *testing.T) {
	type move struct {
		p        int32
		from, to string // member ids
	}
	for name, c := range map[string]struct {
		before, after []kafka.Member
		want          []move
	}{
		"nothing moved": {
			before: []kafka.Member{member("a1", "a", "", 0, 1), member("b1", "b", "", 2)},
			after:  []kafka.Member{member("a1", "a", "", 0, 1), member("b1", "b", "", 2)},
		},
		"a partition moved": {
			before: []kafka.Member{member("a1", "a", "", 0, 1), member("b1", "b", "", 2)},
			after:  []kafka.Member{member("a1", "a", "", 0), member("b1", "b", "", 1, 2)},
			want:   []move{{1, "a1", "b1"}},
		},
		"a dynamic member rejoined under a new id": {
			before: []kafka.Member{member("a1", "a", "", 0), member("b1", "b", "", 1)},
			after:  []kafka.Member{member("a2", "a", "", 0), member("b1", "b", "", 1)},
		},
		"a static member rejoined": {
			before: []kafka.Member{member("a1", "a", "i", 0)},
			after:  []kafka.Member{member("a2", "other client id", "i", 0)},
		},
		"one of two alike rejoined": {
			before: []kafka.Member{member("a1", "a", "", 0), member("a2", "a", "", 1)},
			after:  []kafka.Member{member("a1", "a", "", 0), member("a3", "a", "", 1)},
		},
		"two alike rejoined: nobody can tell them apart": {
			before: []kafka.Member{member("a1", "a", "", 0), member("a2", "a", "", 1)},
			after:  []kafka.Member{member("a3", "a", "", 0), member("a4", "a", "", 1)},
			want:   []move{{0, "a1", "a3"}, {1, "a2", "a4"}},
		},
		"a static and a dynamic member are not the same": {
			before: []kafka.Member{member("a1", "a", "i", 0)},
			after:  []kafka.Member{member("a2", "a", "", 0)},
			want:   []move{{0, "a1", "a2"}},
		},
		"a member left, one came, partitions from and to nobody": {
			before: []kafka.Member{member("a1", "a", "", 0, 1)},
			after:  []kafka.Member{member("b1", "b", "", 1, 2)},
			want:   []move{{0, "a1", ""}, {1, "a1", "b1"}, {2, "", "b1"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []move
			for _, m := range Diff(group(c.before...), group(c.after...)) {
				got = append(got, move{m.Partition, m.From.ID, m.To.ID})
			}
			if len(got) != len(c.want) {
				t.Fatalf("got %v, want %v", got, c.want)
			}
			for i := range got {
				if got[i] != c.want[i] {
					t.Errorf("got %v, want %v", got[i], c.want[i])
				}
			}
		})
	}
}

func TestGroupsThatCannotBeMoved(t *testing.T) {
	for want, change := range map[string]func(*kafka.Group){
		"share groups refuse":   func(g *kafka.Group) { g.Type = kafka.Share },
		"streams groups refuse": func(g *kafka.Group) { g.Type = kafka.Streams },
		`"connect"`:             func(g *kafka.Group) { g.ProtocolType = "connect" },
		"no members":            func(g *kafka.Group) { g.State, g.Members = kafka.StateEmpty, nil },
		"PreparingRebalance":    func(g *kafka.Group) { g.State = kafka.StatePreparingRebalance },
		"cannot be read":        func(g *kafka.Group) { g.Gone = true },
		"no assignor":           nil,
	} {
		g := group(member("a1", "a", "", 0))
		if change != nil {
			change(&g)
		} else {
			g.Protocol, want = "", "not chosen an assignor"
		}
		_, probe := PlanProbe(g)
		_, kick := PlanKick(g, "a1", "")
		for _, err := range []error{probe, kick} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		}
	}
}

func TestKickSaysWhoLosesWhat(t *testing.T) {
	g := group(member("a1", "a", "", 0, 1), member("b1", "b", "pod-b", 2))
	p, err := PlanKick(g, "a1", "stuck")
	if err != nil {
		t.Fatal(err)
	}
	if p.Target.ID != "a1" || len(p.Loses) != 2 || p.Reason != "stuck" || !strings.Contains(p.Effect, "a on h loses 2 partitions to the 1 other member,") || !strings.Contains(p.Cost, "delivered again") {
		t.Errorf("%+v", p)
	}
	if cmd, why := p.Command(); cmd != "" || why == "" {
		t.Errorf("%q %q", cmd, why)
	}
	if _, err := PlanKick(g, "zz", ""); !errors.Is(err, errMember) {
		t.Errorf("%v", err)
	}
}

func TestProbeCostDependsOnTheAssignor(t *testing.T) {
	g := group(member("a1", "a", "", 0))
	eager, _ := PlanProbe(g)
	g.Protocol = "cooperative-sticky"
	coop, _ := PlanProbe(g)
	g.Type = kafka.Consumer
	next, _ := PlanProbe(g)
	if !strings.Contains(eager.Cost, "pause") || !strings.Contains(coop.Cost, "go on reading") || !strings.Contains(next.Effect, "epoch") {
		t.Errorf("%q %q %q", eager.Cost, coop.Cost, next.Effect)
	}
	if len(eager.Loses) != 0 || eager.Target != (Identity{}) {
		t.Errorf("a probe takes nothing: %+v", eager)
	}
}
