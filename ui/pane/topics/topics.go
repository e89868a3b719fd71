// Package topics is the pane of the topics: partitions, replication, produce rate and who reads them.
// What one topic looks like inside belongs to its detail.
package topics

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"

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
	colName = iota
	colPartitions
	colFactor
	colInSync
	colIn
	colTrend
	colGroups
	colRecords
)

// row is a topic with what other parts of the snapshot say about it.
type row struct {
	*kafka.Topic
	groups  int         // that read it
	records kafka.Total // between log start and end, gaps included
	stale   bool
	marked  bool   // for the next tail
	trend   string // once it was drawn: of many partitions it takes long
}

// Model is the pane.
type Model struct {
	*list.List[row]
	rows  []row
	marks map[string]bool
}

// New is the pane without topics.
func New() *Model {
	return &Model{marks: map[string]bool{}, List: list.New(list.Spec[row]{
		Columns: []component.Column{
			{Title: "TOPIC", Cut: component.CutRest, Width: 16, Grow: 3},
			{Title: "PART", Width: 5, Right: true},
			{Title: "RF", Width: 3, Right: true, Drop: 3},
			{Title: "ISR", Width: inSyncWidth, Right: true, Drop: 2},
			{Title: "IN/s", Width: 6, Right: true},
			{Title: "TREND", Width: 8, Drop: 4},
			{Title: "GROUPS", Width: 7, Right: true, Drop: 1},
			{Title: "RECORDS", Width: 8, Right: true, Drop: 5},
		},
		Empty: "no topics",
		Key:   func(r *row) string { return r.Name },
		Cells: cells,
		Orders: []list.Order[row]{
			{Name: "by rate", Column: colIn, Desc: true, Less: byRate},
			{Name: "by name", Column: colName, Less: byName},
			{Name: "by partitions", Column: colPartitions, Desc: true, Less: func(a, b *row) bool { return len(a.Partitions) > len(b.Partitions) }},
			{Name: "by groups", Column: colGroups, Desc: true, Less: func(a, b *row) bool { return a.groups > b.groups }},
		},
		Fields: filter.Fields{"topic": filter.Text, "partitions": filter.Number, "groups": filter.Number, "in": filter.Number, "internal": filter.Text},
		Row:    func(r *row) filter.Row { return filterRow{r} },
		About: []explain.Quantity{
			colName: explain.TopicName, colPartitions: explain.PartitionCount, colFactor: explain.ReplicationFactor, colInSync: explain.InSync,
			colIn: explain.In, colTrend: explain.InTrend, colGroups: explain.Readers, colRecords: explain.Records,
		},
		Ref: func(r *row) explain.Ref { return explain.OfTopic(r.Name) },
	})}
}

func byName(a, b *row) bool { return a.Name < b.Name }

// byRate puts internal topics last: they are rarely what somebody looks for.
func byRate(a, b *row) bool {
	if a.Internal != b.Internal {
		return b.Internal
	}
	if a.In != b.In {
		return a.In.OK && (!b.In.OK || a.In.V > b.In.V)
	}
	return a.Name < b.Name
}

// Place is where the pane's commands apply.
func (m *Model) Place() command.Place { return command.Topics }

// Head is the frame's title and note.
func (m *Model) Head(*pane.Env) (title, note string) {
	if n := len(m.marks); n > 0 {
		return "Topics", fmt.Sprintf("%d marked, %s", n, m.Note())
	}
	return "Topics", m.Note()
}

// Refresh takes over a snapshot.
func (m *Model) Refresh(e *pane.Env) {
	readers := Readers(e.Snapshot)
	m.rows = m.rows[:0]
	maps.DeleteFunc(m.marks, func(name string, _ bool) bool { return e.Snapshot.Topic(name) == nil })
	for i := range e.Snapshot.Topics {
		t := &e.Snapshot.Topics[i]
		r := row{Topic: t, groups: readers[t.Name], marked: m.marks[t.Name]}
		for j := range t.Partitions {
			p := &t.Partitions[j]
			r.records.Add(p.Records())
			r.stale = r.stale || e.Stale(p.At)
		}
		m.rows = append(m.rows, r)
	}
	m.Show(e, m.rows)
}

// Readers counts the groups that have a commit, a member or a subscription in each topic.
func Readers(s *kafka.Snapshot) map[string]int {
	n := make(map[string]int, len(s.Topics))
	for i := range s.Groups {
		last := ""
		for j := range s.Groups[i].Partitions { // sorted by topic
			if t := s.Groups[i].Partitions[j].Topic; t != last {
				n[t]++
				last = t
			}
		}
	}
	return n
}

func cells(e *pane.Env, r *row, c []component.Cell) {
	g := e.Theme.Glyphs
	tok := theme.Text
	switch {
	case r.Err != "":
		c[colName] = component.Cell{Text: safe.Line(r.Name + ": " + r.Err), Tok: theme.Stale}
		if r.marked {
			c[colName].Text = g.Marked + " " + c[colName].Text
		}
		return
	case r.stale:
		tok = theme.Stale
	case r.Internal:
		tok = theme.Muted
	}
	c[colName] = component.Cell{Text: safe.Line(r.Name), Tok: tok}
	if r.marked {
		c[colName] = component.Cell{Text: g.Marked + " " + safe.Line(r.Name), Tok: theme.Marked}
	}
	c[colPartitions] = component.Cell{Text: shortest(strconv.Itoa(len(r.Partitions)), human.Count(int64(len(r.Partitions))), 5), Tok: tok}
	c[colFactor] = component.Cell{Text: strconv.Itoa(r.ReplicationFactor()), Tok: tok}
	isr, replicas := r.InSync()
	c[colInSync] = component.Cell{Text: shortest(fmt.Sprintf("%d/%d", isr, replicas), human.Count(int64(replicas)), inSyncWidth), Tok: tok}
	if missing := int64(replicas - isr); missing > 0 {
		text := shortest(fmt.Sprintf("%s%d/%d", g.Warn, isr, replicas), g.Warn+human.Count(-missing), inSyncWidth)
		c[colInSync] = component.Cell{Text: text, Tok: theme.Danger}
	}
	c[colIn] = component.Cell{Text: cell.RateSum(e.Theme, r.In), Tok: tok}
	if r.trend == "" {
		r.trend = cell.Trend(e, cell.Window, 8, lag.OfTopic(r.Name))
	}
	c[colTrend] = component.Cell{Text: r.trend, Tok: theme.Spark}
	c[colGroups] = component.Cell{Text: strconv.Itoa(r.groups), Tok: tok}
	c[colRecords] = component.Cell{Text: cell.Total(e.Theme, r.records), Tok: tok}
}

// inSyncWidth is that of the column: 999/999.
const inSyncWidth = 7

// shortest is the short text where the long one would be cut.
func shortest(long, short string, cells int) string {
	if safe.Width(long) > cells {
		return short
	}
	return long
}

type filterRow struct{ *row }

// Texts are the values that a filter compares.
func (r filterRow) Texts(field string) iter.Seq[string] {
	if field == "internal" {
		return slices.Values([]string{strconv.FormatBool(r.Internal)})
	}
	return slices.Values([]string{r.Name})
}

// Number is the value of a number field.
func (r filterRow) Number(field string) kafka.Known[float64] {
	switch field {
	case "partitions":
		return kafka.Some(float64(len(r.Partitions)))
	case "groups":
		return kafka.Some(float64(r.groups))
	case "in":
		return r.In.Known
	}
	return kafka.Known[float64]{}
}

// Do carries out what the list can, and marking.
func (m *Model) Do(e *pane.Env, id command.ID) (tea.Cmd, bool) {
	if id != command.Mark {
		return m.List.Do(e, id)
	}
	if r := m.Current(); r != nil {
		if r.marked = !r.marked; r.marked {
			m.marks[r.Name] = true
		} else {
			delete(m.marks, r.Name)
		}
	}
	return nil, true
}

// MarkedTopics are the names of the marked topics, in order.
func (m *Model) MarkedTopics() []string { return slices.Sorted(maps.Keys(m.marks)) }

// ClearMarks unmarks all.
func (m *Model) ClearMarks() {
	clear(m.marks)
	for i := range m.rows {
		m.rows[i].marked = false
	}
}

// Select writes the selected topic into the focus.
func (m *Model) Select(f *pane.Focus) {
	if r := m.Current(); r != nil && f.Topic != r.Name {
		f.Topic, f.Partition = r.Name, kafka.Known[int32]{}
	}
}

// Copy is the selected topic's name.
func (m *Model) Copy(*pane.Env) string {
	if r := m.Current(); r != nil {
		return safe.Line(r.Name)
	}
	return ""
}
