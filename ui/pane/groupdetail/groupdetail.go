// Package groupdetail is the screen of one group in six parts: overview, members, partitions, the matrix of
// members and partitions, the chart of lag and rates, and advice. It keeps to its group; what is done with it
// belongs to the root model.
package groupdetail

import (
	"fmt"
	"maps"
	"slices"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/component"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
	"lagtop/ui/pane/parts"
)

// The parts, in the order of their tabs.
const (
	partOverview = iota
	partMembers
	partPartitions
	partMatrix
	partChart
	partAdvice
)

var partNames = [...]string{"Overview", "Members", "Partitions", "Matrix", "Chart", "Advice"}

// headLines are the tabs and the line below them.
const headLines = 2

// Model is the screen.
type Model struct {
	name   string // set by the first Refresh
	opened bool
	group  *kafka.Group // of the newest snapshot; nil when it is not there

	part   int
	scroll int // first line of the overview
	shift  int // first partition of the matrix
	across int // partitions in it, when it was drawn last
	lines  int // of the overview, when it was drawn last
	rows   int // of them on screen

	scope  scope // what the chart shows
	window parts.Window
	drawn  parts.Drawn[scope]
	advice parts.Advice

	members, parts, matrix component.Table

	holders [][]int // by index in the group's partitions: the members that own it
	loads   []load  // of the members, and last of nobody
	moved   moved   // by the newest rebalance
	marks   map[kafka.TopicPartition]bool
}

// New is the screen of the group that is in focus at the first Refresh.
func New() *Model {
	return &Model{
		members: component.Table{Columns: memberColumns(), SortCol: -1, Empty: " no members"},
		parts:   component.Table{Columns: partitionColumns(), SortCol: -1, Empty: " no partition is committed, owned or subscribed"},
		matrix:  component.Table{Columns: matrixColumns(), SortCol: -1, Empty: " no members"},
		marks:   map[kafka.TopicPartition]bool{},
	}
}

// Place is that of the group's detail.
func (m *Model) Place() command.Place { return command.GroupDetail }

// Head names the group and says what it is.
func (m *Model) Head(e *pane.Env) (title, note string) {
	title = cell.Name(m.name)
	if m.group == nil {
		return title, ""
	}
	note = cell.Note(e.Theme, m.group)
	if n := len(m.marks); n > 0 {
		note = fmt.Sprintf("%d marked, %s", n, note)
	}
	if old, stale := cell.Old(e, m.group.At); stale {
		note = old + ", " + note
	}
	return title, note
}

// Refresh takes over a snapshot. The group is the one that was in focus when the screen opened, so that
// no key ever meets another one.
func (m *Model) Refresh(e *pane.Env) {
	if !m.opened {
		m.name, m.opened = e.Focus.Group, true
		if e.History != nil {
			m.window = parts.Fit(e.History.Span())
		}
	}
	m.group = e.Snapshot.Group(m.name)
	m.holders, m.loads = nil, nil
	m.takeMoves(e)
	if m.group != nil {
		m.holders = holders(m.group)
		m.loads = loads(m.group, m.holders)
		m.keepScope()
		m.titles()
		maps.DeleteFunc(m.marks, func(tp kafka.TopicPartition, _ bool) bool { return m.group.Partition(tp) == nil })
	}
	m.members.Sync(memberRows{m, e})
	m.parts.Sync(partRows{m, e})
	m.matrix.Sync(matrixRows{m, e})
	m.takeAdvice(e)
}

// holders are the members that own each partition; several only in share groups.
func holders(g *kafka.Group) [][]int {
	all := make([][]int, len(g.Partitions))
	if g.Type != kafka.Share {
		owners := make([]int, len(g.Partitions))
		for i := range g.Partitions {
			if o := g.Partitions[i].Owner; o.OK && o.V < len(g.Members) {
				owners[i], all[i] = o.V, owners[i:i+1]
			}
		}
		return all
	}
	at := make(map[kafka.TopicPartition]int, len(g.Partitions))
	for i := range g.Partitions {
		at[g.Partitions[i].TopicPartition] = i
	}
	for i := range g.Members {
		for _, tp := range g.Members[i].Assigned {
			if j, ok := at[tp]; ok {
				all[j] = append(all[j], i)
			}
		}
	}
	return all
}

// View draws the tabs and the part that is chosen.
func (m *Model) View(e *pane.Env, w, h int, focused bool) []string {
	switch {
	case e.Snapshot.Seq == 0:
		return cell.Message(e.Theme, cell.Waiting, w, h)
	case m.group == nil:
		return cell.Message(e.Theme, "group "+cell.Name(m.name)+" is gone", w, h)
	}
	var names []component.Cell
	switch m.part {
	case partMatrix:
		names = m.topicNames(w)
	case partChart:
		names = m.chartNote(e)
	case partAdvice:
		names = append([]component.Cell{{Text: "  "}}, m.advice.Note(e)...)
	}
	lines := []string{component.Line(e.Theme, m.tabs(), w), component.Line(e.Theme, names, w)}
	lines = append(lines, m.body(e, w, max(h-headLines, 0), focused)...)
	return lines[:max(h, 0)]
}

func (m *Model) tabs() []component.Cell {
	cells := []component.Cell{{Text: " "}}
	for i, name := range partNames {
		tok := theme.Muted
		if i == m.part {
			tok = theme.Selected
		}
		cells = append(cells, component.Cell{Text: " " + name + " ", Tok: tok}, component.Cell{Text: " "})
	}
	return append(cells, component.Cell{Text: " tab: next part", Tok: theme.Muted})
}

func (m *Model) body(e *pane.Env, w, h int, focused bool) []string {
	if t, src := m.table(e); t != nil {
		foot := m.matrixFoot(e, w, h)
		return append(t.View(e.Theme, src, w, h-len(foot), focused), foot...)
	}
	switch m.part {
	case partChart:
		return m.chart(e, w, h)
	case partAdvice:
		return m.advice.View(e, w, h, focused)
	}
	all := m.overview(e, w)
	m.lines, m.rows = len(all), h
	m.scrollTo(m.scroll)
	lines := cell.Message(e.Theme, "", w, h)
	for y := range lines {
		if i := m.scroll + y; i < len(all) {
			lines[y] = component.Line(e.Theme, all[i], w)
		}
	}
	return lines
}

// table is the table of the part that is chosen, nil for the overview.
func (m *Model) table(e *pane.Env) (*component.Table, component.Source) {
	switch m.part {
	case partMembers:
		return &m.members, memberRows{m, e}
	case partPartitions:
		return &m.parts, partRows{m, e}
	case partMatrix:
		return &m.matrix, matrixRows{m, e}
	}
	return nil, nil
}

func (m *Model) scrollTo(line int) { m.scroll = max(0, min(line, m.lines-m.rows)) }

// Do carries out movement, marking and the choice of the part.
func (m *Model) Do(e *pane.Env, id command.ID) (tea.Cmd, bool) {
	switch id {
	case command.Next:
		m.turn(e, 1)
	case command.Prev:
		m.turn(e, -1)
	case command.Left:
		m.aside(-1)
	case command.Right:
		m.aside(1)
	case command.Mark:
		m.mark()
	default:
		return nil, m.move(e, id)
	}
	return nil, true
}

func (m *Model) move(e *pane.Env, id command.ID) bool {
	by, ok := map[command.ID]int{
		command.Up: -1, command.Down: 1, command.PageUp: -max(m.rows-1, 1), command.PageDown: max(m.rows-1, 1),
		command.First: -m.lines, command.Last: m.lines,
	}[id]
	t, src := m.table(e)
	switch {
	case m.part == partAdvice:
		_, ok = m.advice.Do(e, id)
		return ok
	case m.part == partChart && ok:
		m.step(id)
		return true
	case t == nil || !ok:
		m.scrollTo(m.scroll + by)
		return ok
	}
	defer m.follow()
	switch id {
	case command.PageUp:
		t.Page(-1, src)
	case command.PageDown:
		t.Page(1, src)
	case command.First:
		t.First(src)
	case command.Last:
		t.Last(src)
	default:
		t.Move(by, src)
	}
	return true
}

// aside scrolls the matrix sideways, or takes another window for the chart.
func (m *Model) aside(by int) {
	if m.part == partChart {
		m.window.Move(by)
		return
	}
	m.shiftBy(by * shiftStep)
}

// mark marks the partition under the cursor, or unmarks it.
func (m *Model) mark() {
	p := m.partition()
	switch {
	case p == nil:
	case m.marks[p.TopicPartition]:
		delete(m.marks, p.TopicPartition)
	default:
		m.marks[p.TopicPartition] = true
	}
}

// partition is the one under the cursor of that part or in the chart, else nil.
func (m *Model) partition() *kafka.GroupPartition {
	if m.part == partChart && m.group != nil && m.scope.partition.OK {
		return m.group.Partition(m.scope.partition.V)
	}
	if i := m.parts.Index(); m.part == partPartitions && m.group != nil && i < len(m.group.Partitions) {
		return &m.group.Partitions[i]
	}
	return nil
}

// member is the index of the one that is selected, in the partitions' part the owner's; -1 for none.
func (m *Model) member() int {
	if m.group == nil {
		return -1
	}
	i := -1
	switch m.part {
	case partMembers:
		i = m.members.Index()
	case partMatrix:
		i = m.matrix.Index()
	case partChart:
		i = m.scopeMember()
		if p := m.partition(); p != nil {
			i = m.holder(m.partIndex(p))
		}
	case partPartitions:
		i = m.holder(m.parts.Index())
	}
	if i >= len(m.group.Members) {
		return -1
	}
	return i
}

// Marked are the marked partitions by topic, then partition.
func (m *Model) Marked() []kafka.TopicPartition {
	return slices.SortedFunc(maps.Keys(m.marks), kafka.TopicPartition.Compare)
}

// ClearMarks unmarks all.
func (m *Model) ClearMarks() { clear(m.marks) }

// Click chooses a part by its tab, or a row.
func (m *Model) Click(e *pane.Env, x, y int) {
	if y == 0 {
		at := 1
		for i, name := range partNames {
			if x >= at && x < at+len(name)+2 {
				m.part = i
				m.takeAdvice(e)
			}
			at += len(name) + 3
		}
		return
	}
	if t, src := m.table(e); t != nil {
		t.ClickRow(y-headLines, src)
		m.follow()
	}
}

// Wheel scrolls.
func (m *Model) Wheel(e *pane.Env, rows int) {
	if t, src := m.table(e); t != nil {
		t.Wheel(rows, src)
	} else if m.part == partOverview {
		m.scrollTo(m.scroll + rows)
	} else if m.part == partAdvice {
		m.advice.Wheel(e, rows)
	}
}

// Select gives the group of this screen and what is selected in its part to the whole screen.
func (m *Model) Select(f *pane.Focus) {
	f.Group, f.Member, f.Topic, f.Partition = m.name, "", "", kafka.Known[int32]{}
	if m.group == nil {
		return
	}
	if i := m.member(); i >= 0 {
		f.Member = m.group.Members[i].ID
		if tps := m.group.Members[i].Assigned; len(tps) > 0 {
			f.Topic = tps[0].Topic
		}
	}
	switch p := m.partition(); {
	case p != nil:
		f.Topic, f.Partition = p.Topic, kafka.Some(p.Partition)
	case f.Topic == "" && (m.part == partOverview || m.part == partChart) && m.group.Verdict.At.Topic != "":
		f.Topic, f.Partition = m.group.Verdict.At.Topic, kafka.Some(m.group.Verdict.At.Partition)
	case f.Topic == "" && len(m.group.Partitions) > 0:
		f.Topic = m.group.Partitions[0].Topic
	}
}
