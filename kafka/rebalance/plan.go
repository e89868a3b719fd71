package rebalance

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
)

// Action is what a plan does.
type Action string

// The actions. A probe makes every member join again and removes nobody; a kick removes one member,
// which joins again by itself.
const (
	Probe Action = "probe"
	Kick  Action = "kick"
)

// MemberState is a member as the plan saw it.
type MemberState struct {
	Identity
	Epoch    kafka.Known[int32] // KIP-848
	Assigned []kafka.TopicPartition
}

// Plan is a rebalance on purpose, in full: what is shown to a person is the value that is applied.
type Plan struct {
	Action   Action
	Group    string
	Type     kafka.GroupType
	Protocol string // the assignor
	Target   Identity
	Loses    []kafka.TopicPartition // the target's partitions, which others get meanwhile
	Reason   string                 // told to the broker
	Effect   string                 // one sentence: what will happen
	Cost     string                 // one sentence: what it costs
	Note     string                 `json:",omitempty"` // one sentence about a static target, empty for others
	Members  []MemberState
	Epoch    kafka.Known[int32] // of the group, KIP-848
	At       time.Time          // when the group was read
}

// removed is the reason that the broker is told unless somebody gives another one.
const removed = "removed by an operator"

// The rules by which a group may not be made to rebalance. They are wrapped by PlanProbe and PlanKick.
var (
	errShare   = errors.New("share groups refuse it: no LeaveGroup for their members, and nothing to rebalance by a probe")
	errStreams = errors.New("streams groups refuse it: the broker knows no LeaveGroup for their members")
	errEmpty   = errors.New("the group has no members")
	errMember  = errors.New("the group has no such member")
)

// Possible says why a group cannot be made to rebalance now, nil when it can.
func Possible(g *kafka.Group) error {
	switch {
	case g.Type == kafka.Share:
		return errShare
	case g.Type == kafka.Streams:
		return errStreams
	case !g.IsConsumer():
		return fmt.Errorf("its protocol type is %q, not consumer", g.ProtocolType)
	case g.Err != "" || g.Gone:
		return errors.New("the group cannot be read at present")
	case len(g.Members) == 0:
		return errEmpty
	case g.State != kafka.StateStable:
		return fmt.Errorf("the group is %s; wait until it is Stable", g.State)
	case g.Type == kafka.Classic && g.Protocol == "":
		return errors.New("the group has not chosen an assignor")
	}
	return nil
}

// PlanProbe plans a rebalance that removes nobody: a member without topics joins and leaves at once.
func PlanProbe(g kafka.Group) (Plan, error) {
	if err := Possible(&g); err != nil {
		return Plan{}, fmt.Errorf("probe %s: %w", g.Name, err)
	}
	p := planOf(Probe, &g)
	p.Reason = "rebalance asked for by an operator"
	p.Effect = fmt.Sprintf("every member (%d) joins again and keeps its partitions; nobody is removed", len(g.Members))
	p.Cost = "members pause while they revoke and get back their partitions, up to one heartbeat interval (3 s unless configured)"
	switch {
	case g.Type == kafka.Consumer:
		p.Effect = fmt.Sprintf("the group gets a new epoch; every member (%d) takes it over and keeps its partitions", len(g.Members))
		p.Cost = "next to nothing: the assignment stays; the group is not Stable for about one heartbeat interval (5 s unless configured)"
	case strings.Contains(g.Protocol, "cooperative"):
		p.Cost = "next to nothing: members go on reading; the group is not Stable for up to one heartbeat interval (3 s unless configured)"
	}
	return p, nil
}

// PlanKick plans the removal of one member, by member id. It joins again by itself.
func PlanKick(g kafka.Group, memberID, reason string) (Plan, error) {
	if err := Possible(&g); err != nil {
		return Plan{}, fmt.Errorf("kick a member of %s: %w", g.Name, err)
	}
	i := slices.IndexFunc(g.Members, func(m kafka.Member) bool { return m.ID == memberID })
	if i < 0 {
		return Plan{}, fmt.Errorf("kick a member of %s: %w: %s", g.Name, errMember, memberID)
	}
	p := planOf(Kick, &g)
	p.Target = IdentityOf(&g.Members[i])
	p.Loses = g.Members[i].Assigned
	p.Reason = reason
	if p.Reason == "" {
		p.Reason = removed
	}
	p.Effect = fmt.Sprintf("%s loses %s to the %s, learns of it at its next heartbeat and joins again",
		p.Target, human.Plural(len(p.Loses), "partition"), human.Plural(len(g.Members)-1, "other member"))
	if len(g.Members) == 1 {
		p.Effect = fmt.Sprintf("%s loses %s, which nobody reads until it joins again", p.Target, human.Plural(len(p.Loses), "partition"))
	}
	p.Cost = "what it has read but not committed is delivered again; up to one heartbeat interval passes (3 s unless configured)"
	p.Note = staticNote([]Identity{p.Target})
	if g.Type == kafka.Consumer {
		p.Cost = "what it has read but not committed is delivered again; up to one heartbeat interval passes (5 s unless configured); partitions may stay with others"
	}
	return p, nil
}

func planOf(a Action, g *kafka.Group) Plan {
	p := Plan{Action: a, Group: g.Name, Type: g.Type, Protocol: g.Protocol, Epoch: g.Epoch, At: g.At}
	for i := range g.Members {
		m := &g.Members[i]
		p.Members = append(p.Members, MemberState{Identity: IdentityOf(m), Epoch: m.Epoch, Assigned: m.Assigned})
	}
	return p
}

// Command is the stock command that does the same, and when there is none the reason.
func (p *Plan) Command() (command, why string) {
	if p.Action == Probe {
		return "", "no stock command makes a group rebalance without removing a member"
	}
	return "", "no stock command removes one member; the Java Admin has removeMembersFromConsumerGroup, for static members and for all at once"
}

// String is the plan as plain text. Names are unsanitised.
func (p *Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s (%s, %s)\n%s.\nCost: %s.\n", p.Action, p.Group, p.Type, p.Protocol, p.Effect, p.Cost)
	if p.Note != "" {
		b.WriteString(p.Note + "\n")
	}
	for _, tp := range p.Loses {
		fmt.Fprintf(&b, "%s/%d leaves %s\n", tp.Topic, tp.Partition, p.Target)
	}
	return b.String()
}

// ChangedError says that the group is no longer as the plan saw it; nothing was sent.
type ChangedError struct {
	Group string
	What  string
}

func (e *ChangedError) Error() string {
	return fmt.Sprintf("rebalance %s: the group changed since the plan was made, plan again: %s", e.Group, e.What)
}

// changed compares the group with the plan.
func (p *Plan) changed(g *kafka.Group) error {
	differs := func(format string, args ...any) error {
		return &ChangedError{Group: p.Group, What: fmt.Sprintf(format, args...)}
	}
	if g.Type != p.Type {
		return differs("its type is %s, was %s", g.Type, p.Type)
	}
	if err := Possible(g); err != nil {
		return differs("%v", err)
	}
	if g.Protocol != p.Protocol {
		return differs("its assignor is %s, was %s", g.Protocol, p.Protocol)
	}
	now := planOf(p.Action, g)
	if len(now.Members) != len(p.Members) {
		return differs("it has %d members, had %d", len(now.Members), len(p.Members))
	}
	for _, was := range p.Members {
		i := slices.IndexFunc(now.Members, func(m MemberState) bool { return m.Identity == was.Identity })
		if i < 0 {
			return differs("%s is gone", was.Identity)
		}
		if !slices.Equal(now.Members[i].Assigned, was.Assigned) {
			return differs("%s has other partitions", was.Identity)
		}
	}
	return nil
}
