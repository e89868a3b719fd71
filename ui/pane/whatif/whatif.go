// Package whatif is the screen that asks what would become of a group with more or fewer members, another assignor or
// more partitions. It changes nothing; what would be, the package kafka/whatif computes.
package whatif

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/whatif"
	"lagtop/ui/command"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
)

// The controls, in the order of the screen.
const (
	fieldMembers = iota
	fieldAssignor
	fieldTopic
	fieldPartitions
	fieldLook // which partitions the matrix shows
	fields
)

// The parts below the controls.
const (
	partMatrix = iota
	partMoves
	partBasis
)

var partNames = [...]string{"Matrix", "Moves", "Rests on, and how to do it"}

const (
	mostMembers    = 500  // in all
	mostPartitions = 5000 // of a topic
	lookStep       = 10
)

// Model is the screen. It keeps to its group.
type Model struct {
	name   string
	opened bool
	group  *kafka.Group // nil while it is not there
	change whatif.Change
	topics []string
	last   whatif.Assignor // that the group had when it was known last
	result *whatif.Result
	err    error // why there is no result

	field, part int
	shift       int // first partition of the matrix
	shown       int // partitions of the last matrix
	top         int // first line of the part
	lines, rows int // of the part as last drawn
}

// New is the screen of the group that is in focus at the first Refresh.
func New() *Model { return &Model{} }

// Place is where the screen's commands apply.
func (m *Model) Place() command.Place { return command.WhatIf }

// Head names the group and says that nothing is done.
func (m *Model) Head(e *pane.Env) (title, note string) {
	title = "What if: " + cell.Name(m.name)
	if m.group == nil {
		return title, ""
	}
	return title, cell.Dotted(e.Theme, "nothing is changed", cell.Note(e.Theme, m.group))
}

// Refresh computes anew from the newest snapshot. Who gets what stays as long as the question does.
func (m *Model) Refresh(e *pane.Env) {
	if !m.opened {
		m.name, m.opened = e.Focus.Group, true
		m.change.Topic = e.Focus.Topic
	}
	if m.group = e.Snapshot.Group(m.name); m.group == nil {
		m.result = nil
		return
	}
	m.topics = m.topics[:0]
	for i := range m.group.Partitions {
		if t := m.group.Partitions[i].Topic; !slices.Contains(m.topics, t) && e.Snapshot.Topic(t) != nil {
			m.topics = append(m.topics, t)
		}
	}
	if !slices.Contains(m.topics, m.change.Topic) {
		m.change.Topic, m.change.Partitions = "", 0
		if len(m.topics) > 0 {
			m.change.Topic = m.topics[0]
		}
	}
	m.change.Members = m.members(m.change.Members)
	m.compute(e)
}

// members keeps the number of members within its bounds.
func (m *Model) members(more int) int {
	n := len(m.group.Members)
	return min(max(more, min(1, n)-n), max(mostMembers-n, 0))
}

func (m *Model) compute(e *pane.Env) {
	c := m.change
	if c.Assignor == "" {
		c.Assignor = m.assignor()
	}
	r, err := whatif.Plan(e.Snapshot, m.group, c, m.result)
	if m.err = err; err != nil {
		m.result = nil
		return
	}
	m.result = &r
	m.shift = max(0, min(m.shift, len(r.Partitions)-1))
}

// assignor is the group's own, or the likeliest while that is not known.
func (m *Model) assignor() whatif.Assignor {
	switch a, ok := whatif.Present(m.group); {
	case ok:
		m.last = a
	case m.last != "":
	case m.group.Type == kafka.Consumer:
		return whatif.ServerUniform
	default:
		return whatif.Range
	}
	return m.last
}

// Do chooses a control, changes it, or scrolls the part below.
func (m *Model) Do(e *pane.Env, id command.ID) (tea.Cmd, bool) {
	switch page := max(m.rows-1, 1); id {
	case command.Up:
		m.field = (m.field + fields - 1) % fields
	case command.Down:
		m.field = (m.field + 1) % fields
	case command.Left:
		m.turn(e, -1)
	case command.Right:
		m.turn(e, 1)
	case command.Next:
		m.part, m.top = (m.part+1)%len(partNames), 0
	case command.Prev:
		m.part, m.top = (m.part+len(partNames)-1)%len(partNames), 0
	case command.PageUp:
		m.scroll(-page)
	case command.PageDown:
		m.scroll(page)
	case command.First:
		m.scroll(-m.lines)
	case command.Last:
		m.scroll(m.lines)
	default:
		return nil, false
	}
	return nil, true
}

func (m *Model) scroll(by int) { m.top = max(0, min(m.top+by, m.lines-m.rows)) }

// turn changes the chosen control.
func (m *Model) turn(e *pane.Env, by int) {
	if m.group == nil {
		return
	}
	c := &m.change
	switch m.field {
	case fieldMembers:
		c.Members = m.members(c.Members + by)
	case fieldAssignor:
		all := whatif.Assignors()
		at := slices.Index(all, m.asked())
		c.Assignor = all[(at+by+len(all))%len(all)]
		if present, ok := whatif.Present(m.group); ok && c.Assignor == present {
			c.Assignor = ""
		}
	case fieldTopic:
		if n := len(m.topics); n > 0 {
			at := slices.Index(m.topics, c.Topic)
			c.Topic, c.Partitions = m.topics[(at+by+n)%n], 0
		}
	case fieldPartitions:
		if t := e.Snapshot.Topic(c.Topic); t != nil {
			c.Partitions = min(max(c.Partitions+by, 0), max(mostPartitions-len(t.Partitions), 0))
		}
	case fieldLook:
		if m.result != nil {
			m.shift = max(0, min(m.shift+by*lookStep, len(m.result.Partitions)-1))
		}
		return
	}
	m.compute(e)
}

// asked is the assignor that is computed.
func (m *Model) asked() whatif.Assignor {
	if m.change.Assignor != "" {
		return m.change.Assignor
	}
	return m.assignor()
}

// Click chooses a control, or a part.
func (m *Model) Click(_ *pane.Env, x, y int) {
	switch {
	case y < fields && x < controlsWidth:
		m.field = max(y, 0)
	case y == bandLines:
		at := 1
		for i, name := range partNames {
			if x >= at && x < at+len(name)+2 {
				m.part, m.top = i, 0
			}
			at += len(name) + 3
		}
	}
}

// Wheel scrolls the part below the controls.
func (m *Model) Wheel(_ *pane.Env, rows int) { m.scroll(rows) }

// Select keeps the whole screen on the group of this one.
func (m *Model) Select(f *pane.Focus) { f.Group = m.name }
