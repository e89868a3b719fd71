// Package command holds the one table of commands: dispatch, footer, help, palette and the README's key
// table all read it. It knows nothing of how a command is carried out.
package command

import "lagtop/kafka"

// ID names a command. It is stable: configuration and tests refer to it.
type ID string

// Place is where a command applies. Places are bits, so that a command can have several.
type Place uint32

// The places. A detail screen is a place of its own.
const (
	Groups Place = 1 << iota
	Partitions
	Topics
	Brokers
	Tail
	GroupDetail
	TopicDetail
	BrokerDetail
	RecordDetail
	Findings
	Audit
	Requests
	Timeline
	RebalanceDetail
	WhatIf

	Panes    = Groups | Partitions | Topics | Brokers | Tail
	Details  = GroupDetail | TopicDetail | BrokerDetail | RecordDetail | Findings | Audit | Requests | Timeline | RebalanceDetail | WhatIf
	Anywhere = Panes | Details
)

// State is what decides whether a command can run now.
type State struct {
	Where     Place
	ReadOnly  string        // why nothing may be changed, empty when it may
	Clusters  int           // that can be shown, the present one among them
	Demo      bool          // the embedded demo cluster is watched
	Busy      string        // a long action that is under way, empty when none is
	Group     *kafka.Group  // selected, nil when none is
	Member    *kafka.Member // selected, nil when none is
	Topic     string        // selected, empty when none is
	Partition bool          // one of the topic is selected
	Record    bool          // a record is selected
	Faults    bool          // a group is in trouble
	NoUndo    string        // why the selected action of the audit cannot be undone, empty when it can
	Unaudited string        // why actions cannot be recorded, which stops them; empty when they can
}

// Command is one thing a key does.
type Command struct {
	ID     ID
	Keys   []string // as Bubble Tea v2 names them, the first one is shown; none: by the palette alone
	Title  string   // two words for the footer
	Help   string   // one line for help, palette and README
	Where  Place
	Danger bool // changes the cluster: preview, default No, off in read-only
	Footer int  // above 0: shown in the footer, lowest first
	Hidden bool // movement and the like: in help, not in the palette
	// Disabled says why the command cannot run now, empty when it can. nil is always possible.
	Disabled func(State) string
}

// Key is the key that is shown for the command.
func (c *Command) Key() string {
	if len(c.Keys) == 0 {
		return ""
	}
	return Pretty(c.Keys[0])
}

// WhyNot says why the command cannot run in this state, empty when it can.
func (c *Command) WhyNot(s State) string {
	if c.Danger && s.ReadOnly != "" {
		return s.ReadOnly
	}
	if c.Danger && s.Unaudited != "" {
		return s.Unaudited
	}
	if c.Danger && s.Busy != "" {
		return "wait for: " + s.Busy
	}
	if c.Disabled == nil {
		return ""
	}
	return c.Disabled(s)
}

var pretty = map[string]string{
	"up": "↑", "down": "↓", "left": "←", "right": "→", "space": "space", "pgup": "pgup", "pgdown": "pgdn",
}

// Pretty is a key as people read it.
func Pretty(key string) string {
	if p, ok := pretty[key]; ok {
		return p
	}
	return key
}

// Lookup finds the command that a key means in a place, nil when it means nothing there.
func Lookup(where Place, key string) *Command {
	for i := range table {
		c := &table[i]
		if c.Where&where == 0 {
			continue
		}
		for _, k := range c.Keys {
			if k == key {
				return c
			}
		}
	}
	return nil
}

// ByID finds a command, nil when there is none of that name.
func ByID(id ID) *Command {
	for i := range table {
		if table[i].ID == id {
			return &table[i]
		}
	}
	return nil
}

// All are the commands in the order of the table. The slice is a copy.
func All() []Command { return append([]Command(nil), table...) }

// In are the commands of a place in the order of the table.
func In(where Place) []*Command {
	var out []*Command
	for i := range table {
		if table[i].Where&where != 0 {
			out = append(out, &table[i])
		}
	}
	return out
}
