package offsets

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
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

// Action is what a plan does, in the words of the audit.
type Action string

// The actions. The start offsets are those of share groups (KIP-932), which have no commits.
const (
	ActionReset       Action = "reset offsets"
	ActionDelete      Action = "delete offsets"
	ActionResetStart  Action = "reset start offsets"
	ActionDeleteStart Action = "delete start offsets"
)

// Share tells whether the plan is about the start offsets of a share group.
func (a Action) Share() bool { return a == ActionResetStart || a == ActionDeleteStart }

// Deletes tells whether the plan only takes offsets away.
func (a Action) Deletes() bool { return a == ActionDelete || a == ActionDeleteStart }

// Change is what the plan does to one partition. It is comparable.
type Change struct {
	kafka.TopicPartition
	Before   kafka.Known[int64] // unknown: no commit
	After    kafka.Known[int64] // unknown: the commit is removed, or Err says why nothing is done
	Remove   bool               // the commit is taken away
	Delta    kafka.Known[int64] // After - Before
	Edited   bool               // After was chosen for this partition alone
	Start    kafka.Known[int64] // log start offset when it was planned
	End      kafka.Known[int64] // high watermark when it was planned
	Moved    bool               // of an undo: the commit moved since what is undone
	Metadata string             // sent with After, since a commit replaces it
	// BeforeMetadata is that of Before. It is Metadata but in an undo.
	BeforeMetadata string
	Clamp          string // why After is not what was asked for, empty when it is
	Note           string
	Err            string

	Effect
}

// Acts tells whether something is sent for this partition.
func (c *Change) Acts() bool { return c.After.OK || c.Remove }

// Plan is a reset or a deletion in full: what is shown to a person is the value that is applied.
type Plan struct {
	Action   Action
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
	Flags    []string // of the equivalent stock command
}

// ErrNothing is the answer to a scope that holds no partition.
var ErrNothing = errors.New("no partition to reset")

// NewPlan decides what the spec would do in the world of b. It is an error when the group is of a kind
// that has no offsets to reset, does not exist without leave to create it, or no partition is left.
// A group with members can be planned for, so that the preview may show who holds it; applying is refused.
func NewPlan(spec Spec, b Before) (Plan, error) {
	if err := resettable(spec, b); err != nil {
		return Plan{}, err
	}
	if len(b.Partitions) == 0 {
		return Plan{}, fmt.Errorf("reset %s, %s: %w", spec.Group, spec.Scope, ErrNothing)
	}
	p := Plan{
		Action: spec.action(&b.Group), Group: spec.Group, Type: b.Group.Type, State: b.Group.State, Exists: b.Exists, Create: spec.Create,
		Scope: spec.Scope, Scenario: spec.Scenario.String(), Holders: holders(b.Group.Members), At: b.At.UTC().Round(0),
		Flags: spec.Scenario.flags(),
	}
	for _, part := range b.Partitions {
		p.Changes = append(p.Changes, change(spec.Scenario, part))
	}
	slices.SortFunc(p.Changes, func(x, y Change) int { return x.Compare(y.TopicPartition) })
	if p.Action == ActionDelete {
		p.sparesSubscribed(b.Group.Members)
	}
	for _, tp := range slices.SortedFunc(maps.Keys(spec.Overrides), kafka.TopicPartition.Compare) {
		var err error
		if p, err = p.With(tp, spec.Overrides[tp]); err != nil {
			return Plan{}, err
		}
	}
	return p, nil
}

// sparesSubscribed leaves out what the broker would refuse with GROUP_SUBSCRIBED_TO_TOPIC. During a
// rebalance a classic group does not tell its subscriptions: then the broker decides.
func (p *Plan) sparesSubscribed(ms []kafka.Member) {
	for i := range p.Changes {
		c := &p.Changes[i]
		for _, m := range ms {
			if c.Remove && slices.Contains(m.Subscribed, c.Topic) {
				c.Remove = false
				c.Err = fmt.Sprintf("%s subscribes to the topic: stop it first", holder(m))
			}
		}
	}
}

func resettable(spec Spec, b Before) error {
	if spec.Scenario == nil {
		return fmt.Errorf("reset %s: no scenario", spec.Group)
	}
	_, removes := spec.Scenario.(Remove)
	if !b.Exists {
		switch {
		case removes:
			return fmt.Errorf("delete offsets of %s: %w", spec.Group, kafka.CodeGroupIDNotFound)
		case spec.Create:
			return nil
		}
		return fmt.Errorf("reset %s: %w; a commit would create it", spec.Group, kafka.CodeGroupIDNotFound)
	}
	if why := Unsupported(&b.Group); why != "" {
		return fmt.Errorf("reset %s: %s", spec.Group, why)
	}
	if b.Group.Type == kafka.Share && removes && len(spec.Scope.Partitions) > 0 {
		return fmt.Errorf("delete start offsets of %s: the broker deletes those of whole topics only", spec.Group)
	}
	if b.Group.Type == kafka.Share && !spec.Scenario.share() {
		return fmt.Errorf("reset %s: %s: a share group has start offsets, which can only go to earliest, latest, an offset, a time or a file's", spec.Group, spec.Scenario)
	}
	return nil
}

// Unsupported says why a group of this kind cannot be reset at all, empty when it can.
func Unsupported(g *kafka.Group) string {
	switch {
	case g.IsConsumer(), g.Type == kafka.Share:
		return ""
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
		out = append(out, holder(m))
	}
	return out
}

func holder(m kafka.Member) Holder {
	return Holder{ID: m.ID, ClientID: m.ClientID, Host: m.Host, InstanceID: m.InstanceID}
}

func change(s Scenario, p Partition) Change {
	c := Change{TopicPartition: p.TopicPartition, Before: p.Committed, Metadata: p.Metadata, BeforeMetadata: p.Metadata, Start: p.Start, End: p.End}
	if _, removes := s.(Remove); removes {
		if c.Remove = c.Before.OK; !c.Remove {
			c.Err = "no commit to delete"
		}
		return c
	}
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
	if t.exact {
		c.set(t.offset)
	} else {
		c.clamp(t.offset)
	}
	return c
}

// clamp sets the offset that was asked for, or the nearest one that is in the log.
func (c *Change) clamp(asked int64) {
	c.Clamp = ""
	switch {
	case asked < c.Start.V:
		c.Clamp = fmt.Sprintf("%d is below the log start: clamped to %d", asked, c.Start.V)
	case asked > c.End.V:
		c.Clamp = fmt.Sprintf("%d is beyond the end: clamped to %d", asked, c.End.V)
	}
	c.set(c.within(asked))
}

func (c *Change) set(after int64) {
	c.After, c.Remove, c.Err = kafka.Some(after), false, ""
	c.Delta = kafka.Known[int64]{}
	if c.Before.OK {
		c.Delta = kafka.Some(after - c.Before.V)
	}
	c.Effect = c.effect()
}

// With is the plan with an offset for one of its partitions that a person chose, clamped to the log. The
// stock tool's command for it takes the plan's file (AfterRows).
func (p Plan) With(tp kafka.TopicPartition, offset int64) (Plan, error) {
	i, ok := slices.BinarySearchFunc(p.Changes, tp, func(c Change, tp kafka.TopicPartition) int { return c.Compare(tp) })
	switch {
	case p.Action.Deletes():
		return p, fmt.Errorf("%s of %s: a deletion stores no offset", p.Action, p.Group)
	case !ok:
		return p, fmt.Errorf("reset %s: %s/%d is not in the plan", p.Group, tp.Topic, tp.Partition)
	case !p.Changes[i].Start.OK || !p.Changes[i].End.OK:
		return p, fmt.Errorf("reset %s: %s/%d: %s", p.Group, tp.Topic, tp.Partition, cmp.Or(p.Changes[i].Err, "the ends of its log are unknown"))
	}
	p.Changes = slices.Clone(p.Changes)
	c := &p.Changes[i]
	c.Edited, c.Note = true, ""
	c.clamp(offset)
	p.Flags = flag("--from-file", "PLAN.csv")
	return p, nil
}

// Edited counts the partitions whose offset a person chose.
func (p *Plan) Edited() int {
	n := 0
	for i := range p.Changes {
		if p.Changes[i].Edited {
			n++
		}
	}
	return n
}

// Refused says why the plan cannot be applied now, nil when it can: an *ActiveError for a group that is
// not empty. Deleting commits works in a group with members too.
func (p *Plan) Refused() error {
	switch {
	case p.Action == ActionDelete:
	case len(p.Holders) > 0:
		return &ActiveError{Group: p.Group, State: p.State, Members: p.Holders}
	case !p.Exists || p.State == kafka.StateDead:
		if !p.Create {
			return fmt.Errorf("reset %s: %w; a commit would create it", p.Group, kafka.CodeGroupIDNotFound)
		}
	case p.State != kafka.StateEmpty:
		return &ActiveError{Group: p.Group, State: p.State}
	}
	if p.Acting() == 0 {
		return p.nothing()
	}
	return nil
}

// nothing names the first reason why no partition is acted on.
func (p *Plan) nothing() error {
	for i := range p.Changes {
		if c := &p.Changes[i]; c.Err != "" {
			return fmt.Errorf("%s of %s: %w: %s/%d: %s", p.verb(), p.Group, ErrNothing, c.Topic, c.Partition, c.Err)
		}
	}
	return fmt.Errorf("%s of %s: %w", p.verb(), p.Group, ErrNothing)
}

// verb is the action; records of before there were several have none.
func (p *Plan) verb() Action { return cmp.Or(p.Action, ActionReset) }

// Acting counts the partitions for which something is sent: a commit, or a removal.
func (p *Plan) Acting() int {
	n := 0
	for i := range p.Changes {
		if p.Changes[i].Acts() {
			n++
		}
	}
	return n
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
		if c := &p.Changes[i]; c.Acts() && c.After != c.Before {
			n++
		}
	}
	return n
}

// Equal tells whether both plans do the same to the same world. When they were made does not matter.
func (p *Plan) Equal(q *Plan) bool {
	return p.verb() == q.verb() && p.Group == q.Group && p.Type == q.Type && p.State == q.State && p.Exists == q.Exists &&
		p.Create == q.Create && p.Scenario == q.Scenario &&
		slices.Equal(p.Scope.Topics, q.Scope.Topics) && slices.Equal(p.Scope.Partitions, q.Scope.Partitions) &&
		slices.Equal(p.Holders, q.Holders) && slices.Equal(p.Changes, q.Changes)
}

// String is the plan as plain text, one line a partition. Names are unsanitised.
func (p *Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s (%s) %s: %s\n", p.verb(), p.Group, p.Scope, p.Scenario, human.Plural(len(p.Changes), "partition"))
	for _, c := range p.Changes {
		fmt.Fprintf(&b, "%s/%d\t%s\t-> %s", c.Topic, c.Partition, offset(c.Before), c.becomes())
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

// becomes is After in words.
func (c *Change) becomes() string {
	if c.Remove {
		return "removed"
	}
	return offset(c.After)
}

func offset(k kafka.Known[int64]) string {
	if !k.OK {
		return "–"
	}
	return fmt.Sprint(k.V)
}
