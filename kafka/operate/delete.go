package operate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/offsets"
	"lagtop/kafka/safe"
)

// Deletion is the plan to delete a group with its commits.
type Deletion struct {
	Action   Action
	Group    string
	Type     kafka.GroupType
	Protocol string // protocol type of a classic group
	State    kafka.GroupState
	Holders  []offsets.Holder // members that block it
	Commits  []Commit         // by topic, then partition
	At       time.Time        // when the group was read
}

// Commit is one commit that goes with its group.
type Commit struct {
	kafka.TopicPartition
	Offset   int64
	Metadata string
}

// gone is how a group that was deleted reads.
const gone = "deleted"

// PlanDeletion reads the group with its commits. A group with members can be planned for, so that the
// preview may show who holds it; applying is refused.
func PlanDeletion(ctx context.Context, r Groups, group string) (*Deletion, error) {
	g, err := r.Group(ctx, group)
	if err == nil && g.State == kafka.StateDead {
		err = kafka.CodeGroupIDNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("plan to delete group %s: %w", group, err)
	}
	d := &Deletion{Action: DeleteGroup, Group: group, Type: g.Type, Protocol: g.ProtocolType, State: g.State, At: g.At.UTC().Round(0)}
	for i := range g.Members {
		m := &g.Members[i]
		d.Holders = append(d.Holders, offsets.Holder{ID: m.ID, ClientID: m.ClientID, Host: m.Host, InstanceID: m.InstanceID})
	}
	if g.Type == kafka.Share { // it has start offsets instead, which OffsetFetch does not read
		return d, nil
	}
	commits, err := r.Committed(ctx, group)
	if err != nil {
		return nil, fmt.Errorf("plan to delete group %s: %w", group, err)
	}
	for tp, c := range commits {
		d.Commits = append(d.Commits, Commit{TopicPartition: tp, Offset: c.Offset, Metadata: c.Metadata})
	}
	slices.SortFunc(d.Commits, func(a, b Commit) int { return a.Compare(b.TopicPartition) })
	return d, nil
}

// Does implements Plan.
func (d *Deletion) Does() Action { return DeleteGroup }

// Object implements Plan.
func (d *Deletion) Object() string { return d.Group }

// Effect implements Plan.
func (d *Deletion) Effect() string {
	return fmt.Sprintf("the %s group %s is deleted with its %s", d.Type, d.Group, human.Plural(len(d.Commits), "commit"))
}

// Warnings implements Plan.
func (d *Deletion) Warnings() []string {
	switch {
	case d.Type == kafka.Share:
		return []string{"its start offsets and what its members have acknowledged are gone for good: a share group cannot be brought back"}
	case d.Type == kafka.Streams:
		return []string{"the broker forgets its topology and its commits; local state and internal topics stay: the application reset tool clears them"}
	case len(d.Commits) == 0:
		return []string{"it has no commits: nothing of it is lost"}
	}
	return []string{
		"a consumer of this name begins anew where auto.offset.reset says, at the end or at the start of each log",
		"the commits are saved first; undo commits them again, which makes the group anew",
	}
}

// Destroys implements Plan.
func (d *Deletion) Destroys() string {
	switch {
	case d.Type == kafka.Share:
		return "the share group's start offsets"
	case d.Type == kafka.Streams && len(d.Commits) > 0:
		return "the streams group's commits"
	}
	return ""
}

// Changes implements Plan.
func (d *Deletion) Changes() []Change {
	out := []Change{{What: "group " + d.Group, Before: string(d.State), After: gone}}
	for _, c := range d.Commits {
		out = append(out, Change{What: partitionName(c.TopicPartition), Before: fmt.Sprint(c.Offset), After: gone, Detail: true})
	}
	return out
}

// Refused implements Plan: a *NotEmptyError for a group that is not empty.
func (d *Deletion) Refused() error {
	if len(d.Holders) > 0 || d.State != kafka.StateEmpty {
		return &NotEmptyError{Group: d.Group, State: d.State, Members: d.Holders}
	}
	return nil
}

// Command implements Plan.
func (d *Deletion) Command(bootstrap string) string {
	tool := "kafka-consumer-groups"
	switch d.Type {
	case kafka.Share:
		tool = "kafka-share-groups"
	case kafka.Streams:
		tool = "kafka-streams-groups"
	}
	return command(tool, bootstrap, "--delete", "--group", d.Group)
}

func (d *Deletion) check(ctx context.Context, r Reader) error {
	now, err := PlanDeletion(ctx, r, d.Group)
	if err != nil {
		return fmt.Errorf("check before it: %w", err)
	}
	if err := now.Refused(); err != nil {
		return err
	}
	was := &ChangedError{Action: DeleteGroup, Object: d.Group}
	if now.Type != d.Type {
		was.What = append(was.What, fmt.Sprintf("its type is %s, was %s", now.Type, d.Type))
	}
	if !slices.Equal(now.Commits, d.Commits) {
		was.What = append(was.What, now.difference(d))
	}
	if len(was.What) > 0 {
		return was
	}
	return nil
}

// difference names the first commit that is not the planned one.
func (d *Deletion) difference(planned *Deletion) string {
	find := func(in []Commit, tp kafka.TopicPartition) string {
		for _, c := range in {
			if c.TopicPartition == tp {
				return fmt.Sprint(c.Offset)
			}
		}
		return "without a commit"
	}
	for _, c := range append(slices.Clone(d.Commits), planned.Commits...) {
		was, is := find(planned.Commits, c.TopicPartition), find(d.Commits, c.TopicPartition)
		if was != is {
			return fmt.Sprintf("%s was %s, is %s", partitionName(c.TopicPartition), was, is)
		}
	}
	return "the metadata of its commits"
}

func (d *Deletion) send(ctx context.Context, c Client) (map[string]error, error) {
	err := c.DeleteGroup(ctx, d.Group)
	if answered(err) {
		return map[string]error{"group " + d.Group: err}, nil
	}
	return nil, err
}

func (d *Deletion) now(ctx context.Context, r Reader) (map[string]string, error) {
	g, err := r.Group(ctx, d.Group)
	switch {
	case errors.Is(err, kafka.CodeGroupIDNotFound), err == nil && g.State == kafka.StateDead:
		return map[string]string{"group " + d.Group: gone}, nil
	case err != nil:
		return nil, err
	}
	return map[string]string{"group " + d.Group: string(g.State)}, nil
}

// rows are the commits for the file that can bring them back.
func (d *Deletion) rows() []offsets.Row {
	out := make([]offsets.Row, 0, len(d.Commits))
	for _, c := range d.Commits {
		out = append(out, offsets.Row{Group: d.Group, TopicPartition: c.TopicPartition, Offset: c.Offset})
	}
	return out
}

// Restorable says why the group cannot be brought back, empty when it can.
func (d *Deletion) Restorable() string {
	g := kafka.Group{Type: d.Type, ProtocolType: d.Protocol}
	switch {
	case !g.IsConsumer():
		return "only the offsets of consumer groups can be committed again"
	case len(d.Commits) == 0:
		return "it had no commits"
	}
	return ""
}

// Restore plans to commit what the group had, which makes it anew. It reads the world: a commit outside
// its log by now is clamped, and a group that came back meanwhile is shown with its members. file is the
// before-state that Apply saved, for the shown command.
func (d *Deletion) Restore(ctx context.Context, r offsets.Reader, file string) (offsets.Plan, error) {
	if why := d.Restorable(); why != "" {
		return offsets.Plan{}, fmt.Errorf("bring back group %s: %s", d.Group, why)
	}
	from := offsets.FromFile{Name: file, Offsets: map[kafka.TopicPartition]int64{}}
	metadata := map[kafka.TopicPartition]string{}
	for _, c := range d.Commits {
		from.Offsets[c.TopicPartition], metadata[c.TopicPartition] = c.Offset, c.Metadata
	}
	p, err := offsets.Prepare(ctx, r, offsets.Spec{Group: d.Group, Scenario: from, Create: true})
	if err != nil {
		return offsets.Plan{}, fmt.Errorf("bring back group %s: %w", d.Group, err)
	}
	for i := range p.Changes {
		c := &p.Changes[i]
		switch {
		case !c.Before.OK:
			c.Metadata = metadata[c.TopicPartition]
		case c.Acts() && c.After != c.Before:
			c.Moved, c.Note = true, returned(c.Note, c.Before.V)
		}
	}
	return p, nil
}

// NotEmptyError says that a group cannot be deleted because it is not empty.
type NotEmptyError struct {
	Group   string
	State   kafka.GroupState
	Members []offsets.Holder // empty while the group is between two states, or of a type whose members are not read
}

func (e *NotEmptyError) Error() string {
	if len(e.Members) == 0 {
		return fmt.Sprintf("delete group %s: it is %s, not Empty; stop its members first", e.Group, e.State)
	}
	const most = 5
	var names []string
	for i, m := range e.Members {
		if i == most {
			names = append(names, fmt.Sprintf("%d more", len(e.Members)-most))
			break
		}
		names = append(names, m.String())
	}
	return fmt.Sprintf("delete group %s: it has %s; stop %s first", e.Group, human.Plural(len(e.Members), "member"), strings.Join(names, ", "))
}

// Unwrap is the broker's code for the same refusal.
func (e *NotEmptyError) Unwrap() error { return kafka.CodeNonEmptyGroup }

func partitionName(tp kafka.TopicPartition) string {
	return fmt.Sprintf("%s/%d", tp.Topic, tp.Partition)
}

// command is a stock tool's command line. BOOTSTRAP stands for an empty bootstrap.
func command(tool, bootstrap string, args ...string) string {
	words := append([]string{tool, "--bootstrap-server", cmp.Or(bootstrap, "BOOTSTRAP")}, args...)
	for i, w := range words {
		words[i] = safe.Quote(w)
	}
	return strings.Join(words, " ")
}
