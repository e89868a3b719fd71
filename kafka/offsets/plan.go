package offsets

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"lagtop/kafka"
)

// Before is the world as it was read for a plan: commits first, then the ends of the logs.
type Before struct {
	Group      kafka.Group // type, state and members
	Exists     bool
	Partitions []Partition
	At         time.Time
}

// Partition is one partition of the before-state.
type Partition struct {
	kafka.TopicPartition
	Committed kafka.Known[int64]
	Metadata  string
	Start     kafka.Known[int64] // log start offset
	End       kafka.Known[int64] // high watermark
	Found     kafka.Known[int64] // the scenario's lookup; unknown: nothing there
	Err       string             // why Start, End or Found could not be read
}

// Holder is a member that keeps a group from being reset. It is comparable.
type Holder struct {
	ID         string
	ClientID   string
	Host       string
	InstanceID string // empty for dynamic members
}

func (h Holder) String() string {
	name := h.ClientID
	if h.InstanceID != "" {
		name += " (instance " + h.InstanceID + ")"
	}
	return name + " on " + h.Host
}

// Change is what the plan does to one partition. It is comparable.
type Change struct {
	kafka.TopicPartition
	Before   kafka.Known[int64] // unknown: no commit
	After    kafka.Known[int64] // unknown: Err says why nothing is stored
	Delta    kafka.Known[int64] // After - Before
	Metadata string             // sent again unchanged, since a commit replaces it
	Clamp    string             // why After is not what was asked for, empty when it is
	Note     string
	Err      string
}

// Plan is a reset in full: what is shown to a person is the value that is applied.
type Plan struct {
	Group    string
	Type     kafka.GroupType
	State    kafka.GroupState
	Exists   bool
	Create   bool // applying may create the group
	Scope    Scope
	Scenario string   // in words
	Holders  []Holder // members that block the reset
	Changes  []Change // by topic, then partition
	At       time.Time

	options []string // of the equivalent command
}

// ErrNothing is the answer to a scope that holds no partition.
var ErrNothing = errors.New("no partition to reset")

// NewPlan decides what the spec would do in the world of b. It is an error when the group is of a kind
// that has no commits to reset, does not exist without leave to create it, or no partition is left.
// A group with members can be planned for, so that the preview may show who holds it; applying is refused.
func NewPlan(spec Spec, b Before) (Plan, error) {
	if err := resettable(spec, b); err != nil {
		return Plan{}, err
	}
	if len(b.Partitions) == 0 {
		return Plan{}, fmt.Errorf("reset %s, %s: %w", spec.Group, spec.Scope, ErrNothing)
	}
	p := Plan{
		Group: spec.Group, Type: b.Group.Type, State: b.Group.State, Exists: b.Exists, Create: spec.Create,
		Scope: spec.Scope, Scenario: spec.Scenario.String(), Holders: holders(b.Group.Members), At: b.At,
		options: spec.Scenario.flags(),
	}
	for _, part := range b.Partitions {
		p.Changes = append(p.Changes, change(spec.Scenario, part))
	}
	slices.SortFunc(p.Changes, func(x, y Change) int {
		return cmp.Or(cmp.Compare(x.Topic, y.Topic), cmp.Compare(x.Partition, y.Partition))
	})
	return p, nil
}

func resettable(spec Spec, b Before) error {
	if spec.Scenario == nil {
		return fmt.Errorf("reset %s: no scenario", spec.Group)
	}
	if !b.Exists {
		if spec.Create {
			return nil
		}
		return fmt.Errorf("reset %s: %w; a commit would create it", spec.Group, kafka.CodeGroupIDNotFound)
	}
	if why := Unsupported(&b.Group); why != "" {
		return fmt.Errorf("reset %s: %s", spec.Group, why)
	}
	return nil
}

// Unsupported says why a group of this kind cannot be reset at all, empty when it can.
func Unsupported(g *kafka.Group) string {
	switch {
	case g.IsConsumer():
		return ""
	case g.Type == kafka.Share:
		return "a share group has start offsets instead of commits; resetting them is not supported yet"
	case g.Type == kafka.Streams:
		return "a streams group's local state would not follow its offsets; use kafka-streams-groups"
	case g.Type == kafka.Classic:
		return fmt.Sprintf("a group of protocol type %q keeps no offsets here", g.ProtocolType)
	}
	return fmt.Sprintf("groups of type %q are unknown to this version", string(g.Type))
}

func holders(ms []kafka.Member) []Holder {
	var out []Holder
	for _, m := range ms {
		out = append(out, Holder{ID: m.ID, ClientID: m.ClientID, Host: m.Host, InstanceID: m.InstanceID})
	}
	return out
}

func change(s Scenario, p Partition) Change {
	c := Change{TopicPartition: p.TopicPartition, Before: p.Committed, Metadata: p.Metadata}
	if p.Err != "" || !p.Start.OK || !p.End.OK {
		c.Err = cmp.Or(p.Err, "the ends of its log are unknown")
		return c
	}
	t := s.target(p)
	if t.err != "" {
		c.Err = t.err
		return c
	}
	c.Note = t.note
	after := t.offset
	switch {
	case t.exact:
	case after < p.Start.V:
		c.Clamp = fmt.Sprintf("%d is below the log start: clamped to %d", after, p.Start.V)
		after = p.Start.V
	case after > p.End.V:
		c.Clamp = fmt.Sprintf("%d is beyond the end: clamped to %d", after, p.End.V)
		after = p.End.V
	}
	c.set(after)
	return c
}

func (c *Change) set(after int64) {
	c.After = kafka.Some(after)
	if c.Before.OK {
		c.Delta = kafka.Some(after - c.Before.V)
	}
}

// Refused says why the plan cannot be applied now, nil when it can: an *ActiveError for a group that is
// not empty.
func (p *Plan) Refused() error {
	switch {
	case len(p.Holders) > 0:
		return &ActiveError{Group: p.Group, State: p.State, Members: p.Holders}
	case !p.Exists || p.State == kafka.StateDead:
		if !p.Create {
			return fmt.Errorf("reset %s: %w; a commit would create it", p.Group, kafka.CodeGroupIDNotFound)
		}
	case p.State != kafka.StateEmpty:
		return &ActiveError{Group: p.Group, State: p.State}
	}
	if p.Commits() == 0 {
		return fmt.Errorf("reset %s: %w", p.Group, ErrNothing)
	}
	return nil
}

// Commits counts the partitions that get a commit.
func (p *Plan) Commits() int {
	n := 0
	for i := range p.Changes {
		if p.Changes[i].After.OK {
			n++
		}
	}
	return n
}

// Moved counts the partitions whose commit will differ from the present one.
func (p *Plan) Moved() int {
	n := 0
	for i := range p.Changes {
		if c := &p.Changes[i]; c.After.OK && c.After != c.Before {
			n++
		}
	}
	return n
}

// Equal tells whether both plans do the same to the same world. When they were made does not matter.
func (p *Plan) Equal(q *Plan) bool {
	return p.Group == q.Group && p.Type == q.Type && p.State == q.State && p.Exists == q.Exists &&
		p.Create == q.Create && p.Scenario == q.Scenario &&
		slices.Equal(p.Scope.Topics, q.Scope.Topics) && slices.Equal(p.Scope.Partitions, q.Scope.Partitions) &&
		slices.Equal(p.Holders, q.Holders) && slices.Equal(p.Changes, q.Changes)
}

// Reverse is the plan that leads back from p applied in full. A partition that had no commit before
// cannot get that back by a commit; its change says so.
func (p *Plan) Reverse() Plan {
	r := *p
	r.Exists, r.Create, r.State = true, false, kafka.StateEmpty
	if r.Type == "" {
		r.Type = kafka.Classic // created by the commit
	}
	r.Holders, r.Changes = nil, nil
	r.Scenario = Undo{Of: p.Scenario}.String()
	r.options = Undo{Of: p.Scenario}.flags()
	for _, c := range p.Changes {
		if !c.After.OK {
			continue
		}
		u := Change{TopicPartition: c.TopicPartition, Before: c.After, Metadata: c.Metadata}
		if c.Before.OK {
			u.set(c.Before.V)
		} else {
			u.Err = "had no commit before, and a commit cannot take one away"
		}
		r.Changes = append(r.Changes, u)
	}
	return r
}

// String is the plan as plain text, one line a partition. Names are unsanitised.
func (p *Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "reset %s (%s) %s: %d partitions\n", p.Group, p.Scope, p.Scenario, len(p.Changes))
	for _, c := range p.Changes {
		fmt.Fprintf(&b, "%s/%d\t%s\t-> %s", c.Topic, c.Partition, offset(c.Before), offset(c.After))
		if c.Delta.OK {
			fmt.Fprintf(&b, "\t%+d", c.Delta.V)
		}
		for _, s := range []string{c.Clamp, c.Note, c.Err} {
			if s != "" {
				b.WriteString("\t" + s)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func offset(k kafka.Known[int64]) string {
	if !k.OK {
		return "–"
	}
	return fmt.Sprint(k.V)
}
