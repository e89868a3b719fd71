// Package audit is the screen of all recorded actions, newest first, with the plan and the outcome of the
// selected one below. It reads no file: the root model hands it what was read.
package audit

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	journal "lagtop/kafka/audit"
	"lagtop/kafka/human"
	"lagtop/kafka/offsets"
	"lagtop/kafka/operate"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/component"
	"lagtop/ui/component/filter"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
	"lagtop/ui/pane/list"
)

// Item is a recorded action and what is known of it beside its record.
type Item struct {
	journal.Action
	CutShort bool      // it has no outcome, and nobody is left who could write one
	Undone   time.Time // a later action took it back; zero: none did
}

// Page is what was read of the files.
type Page struct {
	Items   []Item // newest first
	More    bool   // there are older ones
	Cluster string // id of the cluster that is watched
	Err     error  // reading ended early
	Read    bool   // false: not yet
}

// The columns.
const (
	colWhen = iota
	colWho
	colCluster
	colAction
	colGroup
	colResult
	colTook
)

type row struct {
	*Item
	place   int
	foreign bool // of another cluster
}

// Model is the screen.
type Model struct {
	*list.List[row]
	page Page
	rows []row
	open opened
}

// New is the screen, newest action first.
func New() *Model {
	return &Model{List: list.New(list.Spec[row]{
		Columns: []component.Column{
			colWhen:    {Title: "WHEN", Width: 14},
			colWho:     {Title: "WHO", Width: 10, Grow: 2, Drop: 2},
			colCluster: {Title: "CLUSTER", Width: 9, Grow: 2, Drop: 1},
			colAction:  {Title: "ACTION", Width: 13, Grow: 1},
			colGroup:   {Title: "GROUP", Width: 14, Grow: 5},
			colResult:  {Title: "RESULT", Width: 8},
			colTook:    {Title: "TOOK", Width: 5, Right: true, Drop: 3},
		},
		Empty: " nothing was done yet, or nothing matches",
		Key:   key,
		Cells: cells,
		Orders: []list.Order[row]{
			{Name: "newest first", Column: colWhen, Desc: true, Less: func(a, b *row) bool { return a.place < b.place }},
			{Name: "by person", Column: colWho, Less: by(func(r *row) string { return r.who() })},
			{Name: "by cluster", Column: colCluster, Less: by(func(r *row) string { return r.clusterName() })},
			{Name: "by action", Column: colAction, Less: by(func(r *row) string { return r.Action.Action })},
			{Name: "by group", Column: colGroup, Less: by(func(r *row) string { return r.Group })},
			{Name: "by result", Column: colResult, Less: by(func(r *row) string { return r.result() })},
			{Name: "longest first", Column: colTook, Desc: true, Less: longer},
		},
		Fields: filter.Fields{"user": filter.Text, "host": filter.Text, "cluster": filter.Text, "action": filter.Text, "group": filter.Text, "result": filter.Text},
		Row:    func(r *row) filter.Row { return fields{r} },
	})}
}

func by(of func(*row) string) func(a, b *row) bool {
	return func(a, b *row) bool { return cmp.Or(strings.Compare(of(a), of(b)), cmp.Compare(a.place, b.place)) < 0 }
}

func longer(a, b *row) bool {
	x, okX := a.Took()
	y, okY := b.Took()
	if okX != okY {
		return okX
	}
	return cmp.Or(cmp.Compare(y, x), cmp.Compare(a.place, b.place)) < 0
}

func (i *Item) who() string {
	if i.Host == "" {
		return i.User
	}
	return i.User + "@" + i.Host
}

func (i *Item) clusterName() string { return cmp.Or(i.Name, i.Cluster) }

// result is the word for what came of the action.
func (i *Item) result() string {
	switch r := i.Result(); {
	case r == journal.Open && !i.CutShort:
		return "running"
	case !i.Undone.IsZero() && (r == journal.Applied || r == journal.Partly || r == journal.Failed):
		return "undone"
	default:
		return string(r)
	}
}

func token(result string) theme.Token {
	switch result {
	case string(journal.Applied):
		return theme.Good
	case string(journal.Partly), string(journal.Refused), string(journal.Unclear):
		return theme.Lagging
	case string(journal.Failed), string(journal.Open):
		return theme.Danger
	case "running":
		return theme.Info
	}
	return theme.Muted
}

// moment is a time on the clock of the person who looks.
func moment(e *pane.Env, t time.Time) string {
	if t.IsZero() {
		return e.Theme.Glyphs.Unknown
	}
	return t.In(e.Now.Location()).Format("01-02 15:04:05")
}

func cells(e *pane.Env, r *row, c []component.Cell) {
	c[colWhen].Text = moment(e, r.Time)
	c[colWho].Text = safe.Line(r.who())
	c[colCluster].Text = safe.Line(r.clusterName())
	if r.foreign {
		c[colCluster].Tok = theme.Muted
	}
	c[colAction].Text = safe.Line(r.Action.Action)
	c[colGroup].Text = safe.Line(r.Group)
	result := r.result()
	c[colResult] = component.Cell{Text: result, Tok: token(result)}
	if r.Phase == journal.Unreadable {
		c[colGroup] = component.Cell{Text: safe.Line(r.Error), Tok: theme.Lagging}
	}
	c[colTook] = component.Cell{Text: took(e, r.Item), Tok: theme.Muted}
}

func took(e *pane.Env, i *Item) string {
	d, ok := i.Took()
	switch {
	case !ok:
		return e.Theme.Glyphs.Unknown
	case d < 10*time.Second:
		return d.Round(100 * time.Millisecond).String()
	}
	return human.Duration(d)
}

// Place is where the screen's commands apply.
func (m *Model) Place() command.Place { return command.Audit }

// Head counts the actions, those that are open first.
func (m *Model) Head(e *pane.Env) (title, note string) {
	if !m.page.Read {
		return "Audit", ""
	}
	open, more := "", ""
	n := 0
	for i := range m.page.Items {
		if m.page.Items[i].CutShort {
			n++
		}
	}
	if n > 0 {
		open = human.Plural(n, "action") + " cut short"
	}
	if m.page.More {
		more = "older ones: lagtop audit"
	}
	return "Audit", cell.Dotted(e.Theme, open, m.Note(), more)
}

// Take takes over what was read.
func (m *Model) Take(e *pane.Env, p Page) {
	m.page = p
	m.Refresh(e)
}

// Refresh applies filter and order.
func (m *Model) Refresh(e *pane.Env) {
	m.rows = m.rows[:0]
	for i := range m.page.Items {
		it := &m.page.Items[i]
		m.rows = append(m.rows, row{it, i, it.Cluster != m.page.Cluster})
	}
	m.Show(e, m.rows)
}

// Item is the action under the cursor, nil when there is none.
func (m *Model) Item() *Item {
	if r := m.Current(); r != nil {
		return r.Item
	}
	return nil
}

// Go puts the cursor on an action and tells whether it is shown.
func (m *Model) Go(id string) bool {
	for i := range m.rows {
		if m.rows[i].ID == id {
			return m.SelectKey(key(&m.rows[i]))
		}
	}
	return false
}

// key names a row; records that cannot be read have no id.
func key(r *row) string { return r.ID + "\x00" + r.Time.String() + r.Error }

// NoUndo says why the selected action cannot be undone, empty when it can.
func (m *Model) NoUndo() string {
	r := m.Current()
	switch {
	case r == nil:
		return "no action is selected"
	case r.Phase == journal.Unreadable:
		return "the record cannot be read"
	case r.foreign:
		return "it was on cluster " + safe.Line(r.clusterName()) + ": connect to that one"
	case !Offsets(&r.Action) && !operate.Knows(r.Action.Action):
		return "only changes of offsets or retention, and deletions of groups, can be undone, not: " + safe.Line(r.Action.Action)
	case r.Plan == nil:
		return "its plan is no longer in the files"
	case m.decoded(r.Item).noUndo != "":
		return safe.Line(m.open.noUndo)
	case !r.Undone.IsZero():
		return "it was undone at " + r.Undone.Local().Format("01-02 15:04:05") + " already"
	}
	switch r.Result() {
	case journal.Refused:
		return "it changed nothing"
	case journal.Open:
		if !r.CutShort {
			return "it is still under way"
		}
	}
	return ""
}

// Offsets tells whether an action is one that sets or deletes offsets, which has a plan to reverse.
func Offsets(a *journal.Action) bool {
	switch offsets.Action(a.Action) {
	case offsets.ActionReset, offsets.ActionDelete, offsets.ActionResetStart, offsets.ActionDeleteStart:
		return true
	}
	return false
}

// View draws the list, and below it the plan and the outcome of the selected action.
func (m *Model) View(e *pane.Env, w, h int, focused bool) []string {
	switch {
	case !m.page.Read:
		return cell.Message(e.Theme, "reading the audit file", w, h)
	case m.page.Err != nil && len(m.page.Items) == 0:
		return cell.Message(e.Theme, safe.Line(m.page.Err.Error()), w, h)
	}
	low := h / 2
	it := m.Item()
	if it == nil || h < 12 {
		return m.List.View(e, w, h, focused)
	}
	lines := append(m.List.View(e, w, h-low, focused), component.Line(e.Theme, []component.Cell{{Text: strings.Repeat(e.Theme.Glyphs.Horizontal, max(w, 0)), Tok: theme.Border}}, w))
	rest, more := m.detail(e, low-1)
	if more > 0 {
		rest = append(rest[:low-2], []component.Cell{{Text: " " + command.ByID(command.Open).Key(), Tok: theme.Key}, {Text: " shows " + human.Plural(more+1, "more line"), Tok: theme.Muted}})
	}
	for y := range low - 1 {
		var cells []component.Cell
		if y < len(rest) {
			cells = rest[y]
		}
		lines = append(lines, component.Line(e.Theme, cells, w))
	}
	return lines
}

// Detail is all that is recorded of the selected action.
func (m *Model) Detail(e *pane.Env) [][]component.Cell {
	lines, _ := m.detail(e, maxLines)
	return lines
}

// Do carries out movement and sorting.
func (m *Model) Do(e *pane.Env, id command.ID) (tea.Cmd, bool) {
	switch id {
	case command.Left, command.Right, command.Next, command.Prev:
		return nil, true // nothing to fold, and no parts
	}
	return m.List.Do(e, id)
}

// Select puts the group of the action into the focus, where it is a group of this cluster.
func (m *Model) Select(f *pane.Focus) {
	r := m.Current()
	if r == nil || r.foreign {
		return
	}
	f.Group, f.Member, f.Topic, f.Partition = r.Group, "", "", kafka.Known[int32]{}
}

// Copy is the selected action as text.
func (m *Model) Copy(e *pane.Env) string {
	if m.Item() == nil {
		return ""
	}
	var b strings.Builder
	for _, l := range m.Detail(e) {
		for _, c := range l {
			b.WriteString(c.Text)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// fields answers the filter for an action.
type fields struct{ r *row }

// Number is unknown: actions have no number fields.
func (f fields) Number(string) kafka.Known[float64] { return kafka.Known[float64]{} }

func (f fields) Texts(field string) iter.Seq[string] {
	r := f.r
	all := map[string]string{
		"user": r.User, "host": r.Host, "cluster": r.clusterName(), "action": r.Action.Action, "group": r.Group, "result": r.result(),
	}
	if field != "" {
		return slices.Values([]string{all[field]})
	}
	return slices.Values([]string{r.who(), all["cluster"], all["action"], r.Group, all["result"], r.Error})
}
