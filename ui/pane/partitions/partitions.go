// Package partitions is the pane that shows the partitions of the group in focus under the members that
// own them. What is done with them (kick, reset, tail) belongs to the root model.
package partitions

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/explain"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/component"
	"lagtop/ui/component/filter"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
	"lagtop/ui/pane/steady"
)

// Model is the pane.
type Model struct {
	table   component.Table
	name    string       // of the group that is shown
	group   *kafka.Group // of the newest snapshot; nil when it is not there
	owners  []*owner     // as shown
	rows    []row
	shown   int             // partitions that the filter keeps
	tasks   int             // rows of tasks when nothing is folded
	fold    map[string]bool // by owner's key, as the person chose; others by the number of partitions
	marks   map[kafka.TopicPartition]bool
	picks   map[string]bool // marked members by id
	filter  filter.Filter
	byName  bool
	back    bool
	width   int // of the last View, 0 before it
	members steady.Order[string]
	parts   steady.Order[kafka.TopicPartition]
}

// New is the pane, the member with the most lag first.
func New() *Model {
	m := &Model{table: newTable(), fold: map[string]bool{}, marks: map[kafka.TopicPartition]bool{}, picks: map[string]bool{}}
	m.arrow()
	return m
}

// Place is that of the partitions.
func (m *Model) Place() command.Place { return command.Partitions }

// Group is the name of the group that is shown.
func (m *Model) Group() string { return m.name }

// Head names the group and says what it is.
func (m *Model) Head(e *pane.Env) (title, note string) {
	if m.name == "" && m.group == nil {
		return "Partitions", ""
	}
	title = cell.Name(m.name)
	if m.group == nil {
		return title, ""
	}
	note = cell.Standing(e.Theme, m.group)
	if n := len(m.marks); n > 0 {
		note = fmt.Sprintf("%d marked, %s", n, note)
	}
	if !m.filter.Empty() {
		note = fmt.Sprintf("%d of %d /%s, %s", m.shown, len(m.group.Partitions), safe.Line(m.filter.String()), note)
	}
	return m.coordinated(e, title, note)
}

// headRest are the cells of an upper line beside title and note: lines, blanks and the number of the pane, but
// for the corners.
const headRest = 10

// coordinated adds the coordinator. Beside the name, which differs between groups as it does, it saves sending
// the line between them again; where not all fits, it is the end of the note, which is cut first.
func (m *Model) coordinated(e *pane.Env, title, note string) (string, string) {
	coordinator := cell.Coordinator(m.group)
	long := cell.Dotted(e.Theme, title, coordinator)
	if m.width > 0 && safe.Width(long)+safe.Width(note) > m.width-headRest {
		return title, cell.Dotted(e.Theme, note, coordinator)
	}
	return long, note
}

// Refresh takes over the group in focus. Another group begins without marks and folds.
func (m *Model) Refresh(e *pane.Env) {
	if m.name != e.Focus.Group {
		m.name = e.Focus.Group
		clear(m.fold)
		m.ClearMarks()
		m.members, m.parts = steady.Order[string]{}, steady.Order[kafka.TopicPartition]{}
		m.table = newTable()
		m.arrow()
	}
	m.group = e.Snapshot.Group(m.name)
	m.rows, m.owners, m.shown = m.rows[:0], nil, 0
	if m.group != nil {
		maps.DeleteFunc(m.picks, func(id string, _ bool) bool {
			return !slices.ContainsFunc(m.group.Members, func(mb kafka.Member) bool { return mb.ID == id })
		})
		maps.DeleteFunc(m.marks, func(tp kafka.TopicPartition, _ bool) bool { return m.group.Partition(tp) == nil })
		m.build(e)
		m.table.Columns[colName].Title = nameTitle(m.group)
		m.table.Columns[colCommitted].Title = cell.Committed(m.group.Type)
	}
	m.table.Sync(source{m, e})
}

// View draws the table, or says why there is none.
func (m *Model) View(e *pane.Env, w, h int, focused bool) []string {
	m.width = w
	switch {
	case e.Snapshot.Seq == 0:
		return cell.Message(e.Theme, cell.Waiting, w, h)
	case m.group == nil && m.name == "":
		return cell.Message(e.Theme, "select a group", w, h)
	case m.group == nil:
		return cell.Message(e.Theme, "group "+cell.Name(m.name)+" is gone", w, h)
	}
	m.table.Empty = " no members and no commits"
	if !m.filter.Empty() {
		m.table.Empty = " nothing matches /" + safe.Line(m.filter.String())
	}
	lines := m.table.View(e.Theme, source{m, e}, w, h, focused)
	from, to := m.table.Visible()
	for i := from; i < min(to, len(m.rows)); i++ {
		if text, tok := m.wide(e, &m.rows[i]); text != "" && 1+i-from < len(lines) {
			lines[1+i-from] = wide(e, text, tok, w, i == m.table.Index(), focused)
		}
	}
	return lines
}

// wide is the text of a row across all columns: of a remark, and of a member that has no numbers. It is
// empty for all others.
func (m *Model) wide(e *pane.Env, r *row) (string, theme.Token) {
	switch {
	case r.text != "":
		return "    " + r.text, r.tok
	case r.part != nil || len(r.owner.parts) > 0:
		return "", theme.Text
	}
	tok := theme.Accent
	if e.Stale(m.group.At) || m.group.Gone {
		tok = theme.Stale
	}
	fold := e.Theme.Glyphs.Unfolded
	if m.folded(r.owner) {
		fold = e.Theme.Glyphs.Folded
	}
	if m.picked(r.owner) {
		return "  " + fold + " " + e.Theme.Glyphs.Marked + " " + r.owner.title + m.idle(r.owner), theme.Marked
	}
	return "  " + fold + " " + r.owner.title + m.idle(r.owner), tok
}

// wide draws text across all columns.
func wide(e *pane.Env, text string, tok theme.Token, w int, selected, focused bool) string {
	switch {
	case selected && focused:
		tok = theme.Selected
	case selected:
		tok = theme.SelectedIdle
	}
	return e.Theme.Render(tok, component.FitTail(text, w, false, e.Theme.Glyphs.Ellipsis))
}

// Do carries out movement, folding, sorting and marking.
func (m *Model) Do(e *pane.Env, id command.ID) (tea.Cmd, bool) {
	src := source{m, e}
	switch id {
	case command.Up:
		m.table.Move(-1, src)
	case command.Down:
		m.table.Move(1, src)
	case command.PageUp:
		m.table.Page(-1, src)
	case command.PageDown:
		m.table.Page(1, src)
	case command.First:
		m.table.First(src)
	case command.Last:
		m.table.Last(src)
	case command.Left:
		m.setFold(e, true)
	case command.Right:
		m.setFold(e, false)
	case command.Mark:
		m.mark()
	case command.Sort:
		m.sort(e, !m.byName, false)
		return nil, true
	case command.Reverse:
		m.sort(e, m.byName, !m.back)
		return nil, true
	default:
		return nil, false
	}
	m.moved(e)
	return nil, true
}

func (m *Model) moved(e *pane.Env) {
	m.members.Moved(e.Now)
	m.parts.Moved(e.Now)
}

func (m *Model) sort(e *pane.Env, byName, back bool) {
	m.byName, m.back = byName, back
	m.arrow()
	m.members.Release()
	m.parts.Release()
	m.Refresh(e)
}

// arrow shows the order in the header.
func (m *Model) arrow() {
	m.table.SortCol, m.table.SortDesc = colLag, !m.back
	if m.byName {
		m.table.SortCol, m.table.SortDesc = colName, m.back
	}
}

// setFold folds or unfolds the member under the cursor; folding takes the cursor to the member.
func (m *Model) setFold(e *pane.Env, folded bool) {
	r, ok := m.selected()
	if !ok || r.owner == nil {
		return
	}
	m.fold[r.owner.key] = folded
	m.members.Moved(e.Now)
	m.parts.Moved(e.Now)
	m.Refresh(e)
	if folded {
		m.table.Select(r.owner.key, source{m, e})
	}
}

// Go unfolds the owner of a partition and puts the cursor on it; it reports false when it is not shown.
func (m *Model) Go(e *pane.Env, tp kafka.TopicPartition) bool {
	for _, o := range m.owners {
		for _, p := range o.parts {
			if p.TopicPartition != tp {
				continue
			}
			m.fold[o.key] = false
			m.moved(e)
			m.Refresh(e)
			return m.table.Select(m.partKey(o, p), source{m, e})
		}
	}
	return false
}

// Click selects the row at a line.
func (m *Model) Click(e *pane.Env, _, y int) {
	if m.table.ClickRow(y, source{m, e}) {
		m.moved(e)
	}
}

// Wheel scrolls.
func (m *Model) Wheel(e *pane.Env, rows int) {
	m.table.Wheel(rows, source{m, e})
	m.moved(e)
}

func (m *Model) selected() (row, bool) {
	if i := m.table.Index(); i < len(m.rows) {
		return m.rows[i], true
	}
	return row{}, false
}

// Cells implements pane.Explainer. A remark has nothing to explain, a member without partitions its name alone.
func (m *Model) Cells(e *pane.Env) []pane.CellRef {
	r, ok := m.selected()
	if !ok || r.owner == nil || r.text != "" && r.part == nil {
		return nil
	}
	row := explain.OfUnowned(m.name)
	switch {
	case r.part != nil:
		row = explain.OfGroupPartition(m.name, r.part.TopicPartition)
	case r.owner.member != nil:
		row = explain.OfMember(m.name, r.owner.member.ID)
	}
	cells := make([]component.Cell, len(m.table.Columns))
	source{m, e}.Row(m.table.Index(), cells)
	refs := cell.Refs(m.table.Columns, cells, about(r.part != nil), row)
	switch {
	case r.part != nil:
		return refs
	case len(r.owner.parts) == 0:
		return refs[colName : colName+1]
	}
	return refs[:colCommitted] // offsets have no sum
}

// Select gives member, topic and partition under the cursor to the whole screen; on a member's row the
// topic is that of its first partition, and no partition.
func (m *Model) Select(f *pane.Focus) {
	f.Member, f.Topic, f.Partition = "", "", kafka.Known[int32]{}
	r, ok := m.selected()
	if !ok || r.owner == nil {
		return
	}
	if r.owner.member != nil {
		f.Member = r.owner.member.ID
	}
	switch {
	case r.part != nil:
		f.Topic, f.Partition = r.part.Topic, kafka.Some(r.part.Partition)
	case len(r.owner.parts) > 0:
		f.Topic = r.owner.parts[0].Topic
	}
}

// SetFilter narrows the partitions at the next Refresh. A filter that cannot be understood changes
// nothing.
func (m *Model) SetFilter(text string) error {
	f, err := filter.Parse(text, filterFields)
	if err != nil {
		return err
	}
	m.filter = f
	m.members.Release()
	m.parts.Release()
	return nil
}

// Filter is the filter in force.
func (m *Model) Filter() string { return m.filter.String() }

// Copy is the selected row in one line with its numbers in full.
func (m *Model) Copy(e *pane.Env) string {
	r, ok := m.selected()
	if !ok {
		return ""
	}
	switch {
	case r.part != nil:
		facts := append([]string{cell.Name(m.name)}, cell.Facts(e.Theme, m.group.Type, r.part)...)
		return strings.Join(append(facts, r.owner.title), "  ")
	case r.text != "":
		return r.text
	}
	return strings.Join([]string{cell.Name(m.name), r.owner.title, human.Plural(len(r.owner.parts), "partition"), "lag " + cell.Total(e.Theme, r.owner.lag)}, "  ")
}
