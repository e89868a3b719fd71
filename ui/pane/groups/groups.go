// Package groups is the pane that lists all groups, the worst on top. What a group is made of belongs to
// the panes of the partitions and of the group's detail.
package groups

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/explain"
	"lagtop/kafka/human"
	"lagtop/kafka/lag"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/component"
	"lagtop/ui/component/filter"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
	"lagtop/ui/pane/list"
)

// The columns.
const (
	colVerdict = iota
	colGroup
	colState
	colType
	colMembers
	colLag
	colAge
	colTrend
	colIn
	colOut
	colETA
	colWord
)

// trendCells is how wide the trend is asked for; wider columns leave the rest blank.
const trendCells = 8

// Model is the pane.
type Model struct{ *list.List[kafka.Group] }

// New is the pane, worst group first.
func New() *Model {
	return &Model{list.New(list.Spec[kafka.Group]{
		Columns: []component.Column{
			colVerdict: {Width: 1},
			colGroup:   {Title: "GROUP", Cut: component.CutMiddle, Width: 12, Grow: 1},
			colState:   {Title: "STATE", Width: 8, Drop: 3},
			colType:    {Title: "TYPE", Width: 8, Drop: 8},
			colMembers: {Title: "MEM", Width: 4, Right: true, Drop: 2},
			colLag:     {Title: "LAG", Width: 6, Right: true},
			colAge:     {Title: "AGE", Width: 6, Right: true, Drop: 6},
			colTrend:   {Title: "TREND", Width: trendCells, Drop: 1},
			colIn:      {Title: "IN/s", Width: 6, Right: true, Drop: 4},
			colOut:     {Title: "OUT/s", Width: 6, Right: true, Drop: 5},
			colETA:     {Title: "ETA", Width: 5, Right: true},
			colWord:    {Title: "VERDICT", Width: 14, Drop: 7},
		},
		Empty:  " no group to show",
		Key:    key,
		Cells:  cells,
		Orders: orders(),
		Fields: filter.Fields{
			"state": filter.Text, "lag": filter.Number, "type": filter.Text, "topic": filter.Text,
			"member": filter.Text, "verdict": filter.Text,
		},
		Row: func(g *kafka.Group) filter.Row { return fields{g} },
		About: []explain.Quantity{
			colVerdict: explain.Verdict, colGroup: explain.GroupName, colState: explain.GroupState, colType: explain.GroupType,
			colMembers: explain.Members, colLag: explain.Lag, colAge: explain.Age, colTrend: explain.LagTrend, colIn: explain.In,
			colOut: explain.Out, colETA: explain.ETA, colWord: explain.Verdict,
		},
		Ref: func(g *kafka.Group) explain.Ref { return explain.OfGroup(g.Name) },
	})}
}

// key names a group's row. A group id may be empty, a key must not.
func key(g *kafka.Group) string { return "group " + g.Name }

// Place is that of the groups.
func (m *Model) Place() command.Place { return command.Groups }

// Head counts the groups and says how they are sorted or filtered.
func (m *Model) Head(e *pane.Env) (title, note string) {
	if e.Snapshot.Seq == 0 {
		return "Groups", ""
	}
	return "Groups", safe.Line(m.Note())
}

// Refresh takes over the groups of a snapshot.
func (m *Model) Refresh(e *pane.Env) { m.Show(e, e.Snapshot.Groups) }

// View draws the table.
func (m *Model) View(e *pane.Env, w, h int, focused bool) []string {
	if e.Snapshot.Seq == 0 {
		return cell.Message(e.Theme, cell.Waiting, w, h)
	}
	return m.List.View(e, w, h, focused)
}

// Do carries out movement and sorting.
func (m *Model) Do(e *pane.Env, id command.ID) (tea.Cmd, bool) {
	if id == command.Left || id == command.Right {
		return nil, true // nothing to fold or to scroll sideways
	}
	return m.List.Do(e, id)
}

// SelectGroup puts the cursor on a group; it reports false when the filter hides it.
func (m *Model) SelectGroup(_ *pane.Env, name string) bool {
	return m.SelectKey(key(&kafka.Group{Name: name}))
}

// Select gives the group under the cursor to the whole screen.
func (m *Model) Select(f *pane.Focus) {
	f.Group = ""
	if g := m.Current(); g != nil {
		f.Group = g.Name
	}
}

// Copy is the selected group in one line with its numbers in full.
func (m *Model) Copy(e *pane.Env) string {
	g := m.Current()
	if g == nil {
		return ""
	}
	parts := []string{cell.Name(g.Name), cell.State(g), string(g.Type), human.Plural(len(g.Members), "member")}
	lagText := "lag " + e.Theme.Glyphs.Unknown
	if g.Lag.Known > 0 {
		least := ""
		if !g.Lag.Complete() {
			least = e.Theme.Glyphs.AtLeast
		}
		lagText = fmt.Sprintf("lag %s%d", least, g.Lag.V)
	}
	parts = append(parts, lagText)
	if g.Verdict.Kind.Trouble() {
		parts = append(parts, g.Verdict.Kind.String()+": "+safe.Line(g.Verdict.Evidence))
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "  ")
}

// cells draws a group.
func cells(e *pane.Env, g *kafka.Group, cells []component.Cell) {
	th := e.Theme
	cells[colVerdict] = cell.Verdict(th, g.Verdict.Kind)
	cells[colGroup].Text = cell.Name(g.Name)
	cells[colState] = component.Cell{Text: cell.State(g), Tok: stateTok(g)}
	cells[colType] = component.Cell{Text: cell.Kind(g), Tok: theme.Muted}
	cells[colMembers].Text = fmt.Sprint(len(g.Members))
	if g.Unread() {
		cells[colMembers].Text = th.Glyphs.Unknown
	}
	cells[colLag] = component.Cell{Text: cell.Total(th, g.Lag), Tok: cell.LagTok(th, g)}
	cells[colAge].Text = cell.AgeText(th, g.Age)
	cells[colIn].Text = cell.RateSum(th, g.In)
	cells[colOut].Text = cell.RateSum(th, g.Out)
	cells[colETA].Text = cell.Horizon(th, cell.ETA(g.Lag, g.In, g.Out, g.Age, g.Verdict.Kind))
	cells[colWord] = component.Cell{Text: g.Verdict.Kind.String(), Tok: cells[colVerdict].Tok}
	if old, stale := cell.Old(e, g.At); stale || g.Gone {
		for c := colGroup; c < len(cells); c++ {
			cells[c].Tok = theme.Stale
		}
		cells[colTrend].Text = old
		return
	}
	cells[colTrend] = component.Cell{Text: cell.Trend(e, cell.Window, trendCells, lag.OfGroup(g.Name)), Tok: theme.Spark}
}

func stateTok(g *kafka.Group) theme.Token {
	switch {
	case g.State.Rebalancing():
		return theme.Lagging
	case g.State == kafka.StateStable:
		return theme.Text
	}
	return theme.Muted
}
