package whatif

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
)

// odd tells whether a group has another assignment than its range or round robin gives in Java. Brokers do not tell
// which client leads a group.
func odd(s *kafka.Snapshot, g *kafka.Group) bool {
	a, ok := Present(g)
	if !ok || a != Range && a != RoundRobin || g.State != kafka.StateStable || g.AssignmentOld {
		return false
	}
	w, unseen, err := build(s, g, Change{}, &cast{members: g.Members})
	if err != nil || len(unseen) > 0 {
		return false
	}
	own, err := w.assign(a)
	if err != nil {
		return false
	}
	other, owned := 0, 0
	for i := range w.members {
		owned += len(w.members[i].owned)
		for _, tp := range w.members[i].owned {
			if own[tp] != i {
				other++
			}
		}
	}
	return other > 0 && owned == w.partitions() // else it has not been rebalanced since its topics changed
}

// note says what the result rests on. odd is whether the group has another assignment than its assignor gives.
func (r *Result) note(g *kafka.Group, w *world, cs *cast, unseen []string, odd bool) {
	say := func(format string, args ...any) { r.Notes = append(r.Notes, fmt.Sprintf(format, args...)) }
	a := r.Change.Assignor
	say("%s: %s", a, a.Whose())
	if a == r.Was && odd {
		say("the group now has another assignment than this gives: its leader computes otherwise, and who gets which may differ")
	}
	inOrder := a == Range || a == RoundRobin || a == ServerRange
	if n := r.Change.Members; n > 0 && !cs.named && inOrder {
		say("a new member gets a random id: which of the places in the order is its own is not known, one of them is shown")
	} else if n > 0 && inOrder {
		say("new members are taken to be named %s and so on", cmp.Or(r.Members[len(g.Members)].InstanceID, r.Members[len(g.Members)].ClientID))
	} else if n < 0 {
		say("which members leave is not for Kafka to say: those marked are taken")
	}
	if a == Range && racked(w) {
		say("racks of members and replicas count, as in Java clients of 3.5 and later (KIP-881)")
		if r.Change.Members > 0 {
			say("a new member is taken to be in the rack that has the fewest")
		}
	}
	if n := r.After.Idle; n > 0 {
		say("%s get nothing: a partition has one reader", human.Plural(n, "member"))
	}
	switch {
	case a == CooperativeSticky || a.Server():
		say("only what moves is not read meanwhile")
	default:
		say("no member reads while the group rebalances")
	}
	r.noteRates(g, say)
	for _, t := range unseen {
		say("topic %s cannot be seen and is left out", t)
	}
	if g.AssignmentOld {
		say("the group rebalances: before is the last known assignment")
	}
}

func (r *Result) noteRates(g *kafka.Group, say func(string, ...any)) {
	if c := r.Capacity; c.OK {
		say("each member is taken to read %s, as those that are behind do now (%s); producers go on as in the last minute",
			human.Rate(c.V), human.Plural(c.On, "member"))
	} else {
		say("no member is behind, so that what one can read is not known: no drain and no ETA for those whose load changes")
	}
	for i := range g.Partitions {
		if p := &g.Partitions[i]; p.Verdict.Kind == kafka.VerdictStalled {
			say("%s/%d does not move at all; whether another owner would read it is not known, and drain leaves it out", p.Topic, p.Partition)
		}
	}
	if r.Change.Partitions > 0 && r.Change.Topic != "" {
		say("producers are taken to spread evenly over all partitions of %s; keys go to other partitions than before, and old lag stays where it is", r.Change.Topic)
	}
}

func racked(w *world) bool {
	for i := range w.topics {
		if w.needRacks(&w.topics[i]) {
			return true
		}
	}
	return false
}

// Step is one thing to do for real.
type Step struct {
	What    string // unsanitised
	Command string // quoted for a POSIX shell, empty when there is none
}

// Steps are how to make it so. Nothing here does it. BOOTSTRAP stands for an empty bootstrap.
func (r *Result) Steps(bootstrap []string) []Step {
	var out []Step
	c := r.Change
	if c.Partitions > 0 && c.Topic != "" {
		n := 0
		for _, p := range r.Partitions {
			if p.Topic == c.Topic {
				n++
			}
		}
		at := safe.Quote(cmp.Or(strings.Join(bootstrap, ","), "BOOTSTRAP"))
		out = append(out, Step{
			"more partitions; they cannot be taken away again",
			"kafka-topics --bootstrap-server " + at + " --alter --topic " + safe.Quote(c.Topic) + " --partitions " + strconv.Itoa(n),
		})
	}
	if c.Members != 0 {
		out = append(out, Step{fmt.Sprintf("run %s of %s", human.Plural(r.After.Members, "consumer"), r.Group), "kubectl scale deployment/DEPLOYMENT --replicas=" + strconv.Itoa(r.After.Members)})
	}
	if c.Assignor != r.Was {
		out = append(out, Step{"set in every consumer, and restart one after the other: " + setting(c.Assignor, r.Was), ""})
	}
	return out
}

// setting is the consumer property that chooses an assignor.
func setting(a, was Assignor) string {
	class := map[Assignor]string{
		Range: "RangeAssignor", RoundRobin: "RoundRobinAssignor", Sticky: "StickyAssignor", CooperativeSticky: "CooperativeStickyAssignor",
	}
	const list, java = "partition.assignment.strategy=", "org.apache.kafka.clients.consumer."
	switch {
	case a.Server():
		return "group.protocol=consumer, group.remote.assignor=" + strings.TrimPrefix(string(a), "KIP-848 ")
	case was.Server():
		return "group.protocol=classic, " + list + java + class[a]
	case class[was] != "":
		return list + java + class[a] + ", " + java + class[was] + "; then once more without the second"
	}
	return list + java + class[a]
}
