// Package timeline is the screen of what happened: the rebalances of a group, or of all groups, the newest first,
// which groups rebalance most, and one rebalance in full. What a rebalance is and what caused it, the package kafka/timeline says.
package timeline

import (
	"cmp"
	"iter"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
	"lagtop/kafka/timeline"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/component"
	"lagtop/ui/component/filter"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
	"lagtop/ui/pane/list"
)

// row is a rebalance and its place, the newest first.
type row struct {
	*timeline.Rebalance
	place int
}

// Model is the screen. It shows the group that it was opened for, whatever is selected elsewhere, or all.
type Model struct {
	one, every *list.List[row]
	storms     *list.List[timeline.Storm]
	group      string // empty: none was selected
	whole      bool   // all groups are shown
	storm      bool   // with whole: how restless they are
	source     string // where what is known of the group comes from
	version    uint64
	known      []timeline.Rebalance
	rows       []row
	sums       []timeline.Storm
	stale      bool // known must be asked for anew
}

// New is the timeline of a group; of all groups when it has no name.
func New(group string) *Model {
	return &Model{one: newList(false), every: newList(true), storms: newStorms(), group: group, whole: group == "", stale: true}
}

// newList makes a list with a column for the group, or without.
func newList(groups bool) *list.List[row] {
	columns := []component.Column{
		{Title: "WHEN", Width: 8},
		{Title: "GROUP", Cut: component.CutMiddle, Width: 14, Grow: 1},
		{Title: "GEN/EPOCH", Width: 9, Drop: 2},
		{Title: "WHAT HAPPENED", Width: 24, Grow: 2},
		{Title: "UNSTABLE", Width: 8, Right: true},
		{Title: "LAG", Width: 6, Right: true, Drop: 1},
		{Title: "LIKELY CAUSE", Width: 14, Grow: 3},
	}
	cells := func(e *pane.Env, r *row, c []component.Cell) { fill(e, r, c) }
	if !groups {
		columns = slices.Delete(columns, 1, 2)
		cells = func(e *pane.Env, r *row, c []component.Cell) {
			var all [7]component.Cell
			fill(e, r, all[:])
			copy(c, slices.Delete(all[:], 1, 2))
		}
	}
	at := func(title string) int {
		return slices.IndexFunc(columns, func(c component.Column) bool { return c.Title == title })
	}
	orders := []list.Order[row]{
		{Name: "newest first", Column: at("WHEN"), Desc: true, Less: func(a, b *row) bool { return a.place < b.place }},
		{Name: "longest first", Column: at("UNSTABLE"), Desc: true, Less: by(func(r *row) int64 { return -int64(r.Unstable.V) })},
		{Name: "most lag first", Column: at("LAG"), Desc: true, Less: by(func(r *row) int64 { return -r.Piled().V })},
		{Name: "by cause", Column: at("LIKELY CAUSE"), Less: byText(func(r *row) string { return string(r.Cause.Kind) })},
	}
	if groups {
		orders = append(orders, list.Order[row]{Name: "by group", Column: at("GROUP"), Less: byText(func(r *row) string { return r.Group })})
	}
	return list.New(list.Spec[row]{
		Columns: columns, Empty: " no rebalance was seen yet", Cells: cells, Orders: orders,
		Key: func(r *row) string { return strconv.FormatUint(r.ID, 10) },
		Fields: filter.Fields{
			"group": filter.Text, "cause": filter.Text, "member": filter.Text, "topic": filter.Text, "moved": filter.Number, "lag": filter.Number,
		},
		Row: func(r *row) filter.Row { return fields{r.Rebalance} },
	})
}

func by(of func(*row) int64) func(a, b *row) bool {
	return func(a, b *row) bool { return cmp.Or(cmp.Compare(of(a), of(b)), cmp.Compare(a.place, b.place)) < 0 }
}

func byText(of func(*row) string) func(a, b *row) bool {
	return func(a, b *row) bool { return cmp.Or(strings.Compare(of(a), of(b)), cmp.Compare(a.place, b.place)) < 0 }
}

func fill(e *pane.Env, r *row, c []component.Cell) {
	c[0] = component.Cell{Text: clock(e.Now, r.When()), Tok: theme.Muted}
	c[1].Text = cell.Name(r.Group)
	c[2].Text = steps(e.Theme, r.Rebalance)
	c[3] = component.Cell{Text: what(r.Rebalance), Tok: theme.Text}
	if r.Open() {
		c[3].Tok = theme.Lagging
	}
	c[4].Text = length(e.Theme, r.Rebalance)
	c[5].Text = piled(e.Theme, r.Rebalance)
	if n := r.Piled(); n.OK && n.V > 0 {
		c[5].Tok = theme.Lagging
	}
	c[6] = component.Cell{Text: string(r.Cause.Kind) + ": " + safe.Line(r.Cause.Evidence), Tok: causeTok(r.Rebalance)}
}

// table is what a list of rebalances and one of groups have in common.
type table interface {
	View(e *pane.Env, w, h int, focused bool) []string
	Do(e *pane.Env, id command.ID) (tea.Cmd, bool)
	Click(e *pane.Env, x, y int)
	Wheel(e *pane.Env, rows int)
	SetFilter(text string) error
	Filter() string
}

// list is the one of rebalances that is on the screen; nil while it is that of groups.
func (m *Model) list() *list.List[row] {
	switch {
	case m.storm:
		return nil
	case m.whole:
		return m.every
	}
	return m.one
}

func (m *Model) table() table {
	if m.storm {
		return m.storms
	}
	return m.list()
}

// Place is where the screen's commands apply.
func (m *Model) Place() command.Place { return command.Timeline }

// Group is the one whose own log is worth reading, empty while all are shown.
func (m *Model) Group() string {
	if m.whole {
		return ""
	}
	return m.group
}

// Tell says where what is shown of the group comes from.
func (m *Model) Tell(source string) { m.source = source }

// Head names the group, how the rows are sorted or filtered, and where they come from.
func (m *Model) Head(e *pane.Env) (title, note string) {
	if m.storm {
		return "Rebalances by group", cell.Dotted(e.Theme, m.storms.Note(), "of the last "+human.Span(stormSpan(e)))
	}
	if m.whole {
		return "Timeline of all groups", cell.Dotted(e.Theme, m.every.Note(), "as polls saw it; exact where a log was read")
	}
	return "Timeline of " + cell.Name(m.group), cell.Dotted(e.Theme, m.one.Note(), m.source)
}

// Refresh takes over what is new.
func (m *Model) Refresh(e *pane.Env) {
	if e.Timeline == nil {
		return
	}
	if v := e.Timeline.Version(); m.stale || v != m.version {
		m.version, m.stale = v, false
		if m.whole {
			m.known = e.Timeline.All()
		} else {
			m.known = e.Timeline.Group(m.group)
		}
		m.rows = m.rows[:0]
		for i := range m.known {
			m.rows = append(m.rows, row{&m.known[i], i})
		}
	}
	if m.storm {
		m.sums = e.Timeline.Storms(e.Snapshot.At.Add(-stormSpan(e)), e.Snapshot.At)
		m.storms.Show(e, m.sums)
		return
	}
	m.list().Show(e, m.rows)
}

// detailLines is what the selected rebalance gets at the bottom; with less room it goes first.
const detailLines = 5

// View draws the list, and below it the cause of the selected rebalance in full.
func (m *Model) View(e *pane.Env, w, h int, focused bool) []string {
	if e.Snapshot.Seq == 0 {
		return cell.Message(e.Theme, cell.Waiting, w, h)
	}
	rest := m.detail(e, w)
	if rest == nil || h < detailLines+3 {
		return m.table().View(e, w, h, focused)
	}
	lines := m.table().View(e, w, h-detailLines, focused)
	for y := range detailLines {
		var cells []component.Cell
		if y < len(rest) {
			cells = rest[y]
		}
		lines = append(lines, component.Line(e.Theme, cells, w))
	}
	return lines
}

// detail is what is told of the row under the cursor, nil when there is none.
func (m *Model) detail(e *pane.Env, w int) [][]component.Cell {
	if m.storm {
		return m.stormDetail(e, w)
	}
	if r := m.Current(); r != nil {
		return detail(e, r, w)
	}
	return nil
}

// Do carries out movement and sorting. Next and Prev change between the group of the selected row, all groups, and
// how restless they are.
func (m *Model) Do(e *pane.Env, id command.ID) (tea.Cmd, bool) {
	switch id {
	case command.Left, command.Right:
		return nil, true // nothing to fold
	case command.Next, command.Prev:
		m.change(e, id == command.Next)
		return nil, true
	}
	return m.table().Do(e, id)
}

// change goes from the group's timeline to that of all, to the sums of the groups, and round again.
func (m *Model) change(e *pane.Env, forward bool) {
	r := m.Current()
	if m.whole && r != nil {
		m.group = r.Group
	}
	if s := m.storms.Current(); m.storm && s != nil {
		m.group = s.Group
	}
	const one, every, sums = 0, 1, 2
	at, by := one, 1
	switch {
	case m.storm:
		at = sums
	case m.whole:
		at = every
	}
	if !forward {
		by = 2
	}
	if at = (at + by) % 3; at == one && m.group == "" {
		at = (at + by) % 3
	}
	m.whole, m.storm, m.stale, m.source = at != one, at == sums, true, ""
	m.Refresh(e)
	if m.storm {
		m.storms.SelectKey(m.group)
	} else if r != nil {
		m.list().SelectKey(strconv.FormatUint(r.ID, 10))
	}
}

// Current is the rebalance under the cursor, nil when there is none.
func (m *Model) Current() *timeline.Rebalance {
	if m.storm {
		return nil
	}
	if r := m.list().Current(); r != nil {
		return r.Rebalance
	}
	return nil
}

// Click selects a row.
func (m *Model) Click(e *pane.Env, x, y int) { m.table().Click(e, x, y) }

// Wheel scrolls.
func (m *Model) Wheel(e *pane.Env, rows int) { m.table().Wheel(e, rows) }

// Select leaves the focus alone: the group on the screen is the one that it was opened for.
func (m *Model) Select(*pane.Focus) {}

// SetFilter keeps the rows that match.
func (m *Model) SetFilter(text string) error { return m.table().SetFilter(text) }

// Filter is the filter as it was typed.
func (m *Model) Filter() string { return m.table().Filter() }

// Copy is the selected rebalance in one line.
func (m *Model) Copy(e *pane.Env) string {
	if s := m.storms.Current(); m.storm && s != nil {
		return stormText(e, s)
	}
	r := m.Current()
	if r == nil {
		return ""
	}
	unstable := length(e.Theme, r)
	return strings.Join([]string{
		full(e.Now, r.When()), cell.Name(r.Group), generations(r) + " " + steps(e.Theme, r), what(r), "not Stable " + unstable,
		"lag " + piled(e.Theme, r), string(r.Cause.Kind) + ": " + safe.Line(r.Cause.Evidence),
	}, "  ")
}

// fields answers the filter for a rebalance.
type fields struct{ r *timeline.Rebalance }

func (f fields) Number(field string) kafka.Known[float64] {
	switch field {
	case "moved":
		return kafka.Some(float64(f.r.Moved))
	case "lag":
		if n := f.r.Piled(); n.OK {
			return kafka.Some(float64(n.V))
		}
	}
	return kafka.Known[float64]{}
}

func (f fields) Texts(field string) iter.Seq[string] {
	var out []string
	switch field {
	case "":
		out = []string{f.r.Group, string(f.r.Cause.Kind), f.r.Cause.Evidence, what(f.r)}
	case "group":
		out = []string{f.r.Group}
	case "cause":
		out = []string{string(f.r.Cause.Kind)}
	case "member":
		for i := range f.r.People {
			out = append(out, f.r.People[i].ClientID, f.r.People[i].Host, f.r.People[i].ID)
		}
	case "topic":
		for i := range f.r.Moves {
			out = append(out, f.r.Moves[i].Topic)
		}
	}
	return slices.Values(out)
}
