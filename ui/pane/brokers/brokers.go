// Package brokers is the pane of the brokers: address, rack, controller, what they lead and coordinate.
package brokers

import (
	"fmt"
	"iter"
	"slices"
	"strconv"

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
	colID = iota
	colController
	colAddr
	colRack
	colLeaders
	colReplicas
	colGroups
	colIn
	colTrend
	colState
)

// trendCells is the width of a sparkline.
const trendCells = 8

// row is a broker with what went wrong with it, if anything.
type row struct {
	*kafka.Broker
	fault *kafka.Fault
}

// Model is the pane.
type Model struct {
	*list.List[row]
	rows []row
}

// New is the pane without brokers.
func New() *Model {
	return &Model{List: list.New(list.Spec[row]{
		Columns: []component.Column{
			{Title: "ID", Width: 3, Right: true},
			{Title: " ", Width: 1},
			{Title: "ADDRESS", Width: 16, Grow: 3},
			{Title: "RACK", Width: 7, Grow: 1, Drop: 6},
			{Title: "LEADERS", Width: 7, Right: true},
			{Title: "REPLICAS", Width: 8, Right: true, Drop: 5},
			{Title: "GROUPS", Width: 6, Right: true, Drop: 1},
			{Title: "IN/s", Width: 6, Right: true, Drop: 2},
			{Title: "TREND", Width: trendCells, Drop: 3},
			{Title: "STATE", Width: 9, Grow: 1},
		},
		Empty: "no brokers",
		Key:   func(r *row) string { return strconv.Itoa(int(r.ID)) },
		Cells: cells,
		Orders: []list.Order[row]{
			{Name: "by id", Column: colID, Less: func(a, b *row) bool { return a.ID < b.ID }},
			{Name: "by leaders", Column: colLeaders, Desc: true, Less: func(a, b *row) bool { return a.Leaders > b.Leaders }},
			{Name: "by groups", Column: colGroups, Desc: true, Less: func(a, b *row) bool { return a.Groups > b.Groups }},
		},
		Fields: filter.Fields{"id": filter.Number, "rack": filter.Text, "leaders": filter.Number, "groups": filter.Number},
		Row:    func(r *row) filter.Row { return filterRow{r} },
		About: []explain.Quantity{
			colID: explain.BrokerID, colController: explain.Controller, colAddr: explain.Address, colRack: explain.Rack,
			colLeaders: explain.Leads, colReplicas: explain.Holds, colGroups: explain.Coordinates, colIn: explain.In,
			colTrend: explain.InTrend, colState: explain.BrokerState,
		},
		Ref: func(r *row) explain.Ref { return explain.OfBroker(r.ID) },
	})}
}

// Place is where the pane's commands apply.
func (m *Model) Place() command.Place { return command.Brokers }

// Head is the frame's title and note.
func (m *Model) Head(*pane.Env) (title, note string) { return "Brokers", m.Note() }

// Refresh takes over a snapshot.
func (m *Model) Refresh(e *pane.Env) {
	m.rows = m.rows[:0]
	for i := range e.Snapshot.Brokers {
		m.rows = append(m.rows, row{Broker: &e.Snapshot.Brokers[i], fault: Fault(e.Snapshot, e.Snapshot.Brokers[i].ID)})
	}
	m.Show(e, m.rows)
}

// Fault is what is wrong with a broker as a whole, nil when it answers.
func Fault(s *kafka.Snapshot, id int32) *kafka.Fault {
	for i := range s.Faults {
		f := &s.Faults[i]
		if f.Broker == kafka.Some(id) && f.Group == "" && f.Topic == "" {
			return f
		}
	}
	return nil
}

func cells(e *pane.Env, r *row, c []component.Cell) {
	tok := theme.Text
	if r.fault != nil || e.Stale(r.At) || r.At.IsZero() {
		tok = theme.Stale
	}
	c[colID] = component.Cell{Text: strconv.Itoa(int(r.ID)), Tok: tok}
	if r.Controller {
		c[colController] = component.Cell{Text: e.Theme.Glyphs.Star, Tok: theme.Accent}
	}
	c[colAddr] = component.Cell{Text: safe.Line(r.Addr), Tok: tok}
	c[colRack] = component.Cell{Text: safe.Line(r.Rack), Tok: tok}
	c[colLeaders] = component.Cell{Text: strconv.Itoa(r.Leaders), Tok: tok}
	c[colReplicas] = component.Cell{Text: strconv.Itoa(r.Replicas), Tok: tok}
	c[colGroups] = component.Cell{Text: strconv.Itoa(r.Groups), Tok: tok}
	c[colIn] = component.Cell{Text: cell.RateSum(e.Theme, r.In), Tok: tok}
	c[colTrend] = component.Cell{Text: cell.Trend(e, cell.Window, trendCells, lag.OfBroker(r.ID)), Tok: theme.Spark}
	c[colState] = state(e, r)
}

// state says that the broker answers, or how old the last answer is. A broker that replicas name and the
// cluster no longer lists has no fault of its own, only an old answer or none.
func state(e *pane.Env, r *row) component.Cell {
	bad := e.Theme.Glyphs.Bad
	switch {
	case r.At.IsZero():
		return component.Cell{Text: bad + " silent", Tok: theme.Danger}
	case r.fault != nil || e.Stale(r.At):
		return component.Cell{Text: bad + " " + human.Duration(e.Now.Sub(r.At)) + " old", Tok: theme.Danger}
	}
	return component.Cell{Text: e.Theme.Glyphs.OK + " up", Tok: theme.Good}
}

type filterRow struct{ *row }

// Texts are the values that a filter compares.
func (r filterRow) Texts(field string) iter.Seq[string] {
	if field == "rack" {
		return slices.Values([]string{r.Rack})
	}
	return slices.Values([]string{strconv.Itoa(int(r.ID)), r.Addr, r.Rack})
}

// Number is the value of a number field.
func (r filterRow) Number(field string) kafka.Known[float64] {
	switch field {
	case "id":
		return kafka.Some(float64(r.ID))
	case "leaders":
		return kafka.Some(float64(r.Leaders))
	case "groups":
		return kafka.Some(float64(r.Groups))
	}
	return kafka.Known[float64]{}
}

// Select writes the selected broker into the focus.
func (m *Model) Select(f *pane.Focus) {
	f.Broker = kafka.Known[int32]{}
	if r := m.Current(); r != nil {
		f.Broker = kafka.Some(r.ID)
	}
}

// Copy is the selected broker as text.
func (m *Model) Copy(*pane.Env) string {
	if r := m.Current(); r != nil {
		return safe.Line(fmt.Sprintf("%d %s %s", r.ID, r.Addr, r.Rack))
	}
	return ""
}
