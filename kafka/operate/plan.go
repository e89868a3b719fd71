package operate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"lagtop/kafka"
)

// Action is what a plan does, in the words of the audit.
type Action string

// The actions.
const (
	DeleteGroup  Action = "delete group"
	ElectLeaders Action = "elect preferred leaders"
	SetRetention Action = "set retention"
)

// Plan is a change in full: what is shown to a person is the value that is applied. *Deletion, *Election
// and *Retention are all there are; each becomes JSON that ReadPlan reads.
type Plan interface {
	Does() Action
	// Object is the group or the topic that is changed; empty for the whole cluster. Unsanitised.
	Object() string
	// Effect is one sentence: what will happen.
	Effect() string
	// Warnings are sentences: what it costs, and what cannot be taken back. The worst comes first.
	Warnings() []string
	// Changes are what is changed, one by one, and what is left out and why.
	Changes() []Change
	// Destroys says in a few words what is gone for good afterwards, empty when nothing is.
	Destroys() string
	// Refused says why the plan cannot be applied, nil when it can.
	Refused() error
	// Command is the stock tool's command that does the same, quoted for a POSIX shell.
	Command(bootstrap string) string

	// check compares the world with the one that the plan was made for.
	check(ctx context.Context, r Reader) error
	// send carries it out in one request. The map holds what was refused, by Change.What.
	send(ctx context.Context, c Client) (map[string]error, error)
	// now is how the things that the plan changes stand at present, by Change.What, in the words of Change.
	now(ctx context.Context, r Reader) (map[string]string, error)
}

// Change is one thing that a plan changes. Names are unsanitised.
type Change struct {
	What   string // group, topic/partition or configuration
	Before string
	After  string
	Skip   string // why it is left out, empty when it is changed
	Detail bool   // goes along with another change and is not read back by itself
}

// Groups reads and deletes groups.
type Groups interface {
	// Group fails with kafka.CodeGroupIDNotFound for a group that does not exist.
	Group(ctx context.Context, name string) (kafka.Group, error)
	Committed(ctx context.Context, group string) (map[kafka.TopicPartition]kafka.Commit, error)
}

// Topics reads what a topic is made of.
type Topics interface {
	// Topics are those named, or all.
	Topics(ctx context.Context, names ...string) ([]kafka.Topic, error)
	// TopicSettings holds the retention also where it is the default.
	TopicSettings(ctx context.Context, topic string) ([]kafka.Config, error)
}

// Reader is what planning and reading back need.
type Reader interface {
	Groups
	Topics
}

// Changer sends the requests that change something, each at most once.
type Changer interface {
	DeleteGroup(ctx context.Context, group string) error
	ElectPreferred(ctx context.Context, tps []kafka.TopicPartition) (map[kafka.TopicPartition]error, error)
	AlterTopic(ctx context.Context, topic string, changes []kafka.ConfigChange) error
}

// Client is what applying a plan needs.
type Client interface {
	Reader
	Changer
}

// Knows tells whether the audit's word for an action is that of a plan of this package.
func Knows(action string) bool {
	switch Action(action) {
	case DeleteGroup, ElectLeaders, SetRetention:
		return true
	}
	return false
}

// ReadPlan decodes a plan from the JSON that json.Marshal made of it, such as the audit keeps.
func ReadPlan(data []byte) (Plan, error) {
	var head struct{ Action Action }
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fmt.Errorf("read a plan: %w", err)
	}
	var p Plan
	switch head.Action {
	case DeleteGroup:
		p = &Deletion{}
	case ElectLeaders:
		p = &Election{}
	case SetRetention:
		p = &Retention{}
	default:
		return nil, fmt.Errorf("read a plan: %q is none of %s, %s, %s", string(head.Action), DeleteGroup, ElectLeaders, SetRetention)
	}
	if err := json.Unmarshal(data, p); err != nil {
		return nil, fmt.Errorf("read a plan to %s: %w", head.Action, err)
	}
	return p, nil
}

// ErrNothing says that there is nothing to change.
var ErrNothing = errors.New("there is nothing to change")

// ChangedError says that the world is no longer as the plan saw it; nothing was sent.
type ChangedError struct {
	Action Action
	Object string
	What   []string // each "orders/3: was leader 1, is leader 2"
}

func (e *ChangedError) Error() string {
	const most = 5
	what := e.What
	if len(what) > most {
		what = append(append([]string(nil), what[:most]...), fmt.Sprintf("%d more", len(e.What)-most))
	}
	return fmt.Sprintf("%s: it changed since the plan was made, plan again: %s", title(e.Action, e.Object), strings.Join(what, "; "))
}

// title names the action and its object.
func title(a Action, object string) string {
	switch {
	case object == "":
		return string(a)
	case a == DeleteGroup:
		return string(a) + " " + object
	}
	return string(a) + " of " + object
}

// changed is a *ChangedError when something of the plan does not stand as it was planned for.
func changed(ctx context.Context, r Reader, p Plan) error {
	now, err := p.now(ctx, r)
	if err != nil {
		return fmt.Errorf("%s: check before it: %w", title(p.Does(), p.Object()), err)
	}
	var differ []string
	for _, c := range p.Changes() {
		if c.Skip == "" && !c.Detail && now[c.What] != c.Before {
			differ = append(differ, fmt.Sprintf("%s: was %s, is %s", c.What, c.Before, now[c.What]))
		}
	}
	if len(differ) > 0 {
		return &ChangedError{Action: p.Does(), Object: p.Object(), What: differ}
	}
	return nil
}
