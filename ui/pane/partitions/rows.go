package partitions

import (
	"lagtop/kafka"
	"lagtop/kafka/explain"
	"lagtop/kafka/human"
	"lagtop/kafka/lag"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
)

// The columns.
const (
	colVerdict = iota
	colName
	colLag
	colAge
	colIn
	colOut
	colTrend
	colETA
	colCommitted
	colEnd
)

const (
	trendCells = 8
	// mostSummed bounds the series that are read for a member's trend, at each frame.
	mostSummed = 100
)

func newTable() component.Table {
	return component.Table{Columns: []component.Column{
		colVerdict:   {Width: 1},
		colName:      {Title: "CONSUMER / PARTITION", Cut: component.CutRest, Width: 20, Grow: 1},
		colLag:       {Title: "LAG", Width: 5, Right: true},
		colAge:       {Title: "AGE", Width: 6, Right: true},
		colIn:        {Title: "IN/s", Width: 5, Right: true, Drop: 2},
		colOut:       {Title: "OUT/s", Width: 5, Right: true, Drop: 1},
		colTrend:     {Title: "TREND", Width: trendCells, Drop: 3},
		colETA:       {Title: "ETA", Width: 5, Right: true},
		colCommitted: {Title: "COMMITTED", Width: 12, Right: true, Drop: 4},
		colEnd:       {Title: "END", Width: 12, Right: true, Drop: 5},
	}}
}

// about says what the columns hold, in the row of a partition or of a member.
func about(partition bool) []explain.Quantity {
	all := []explain.Quantity{
		colVerdict: explain.Verdict, colName: explain.MemberName, colLag: explain.Lag, colAge: explain.Age, colIn: explain.In,
		colOut: explain.Out, colTrend: explain.LagTrend, colETA: explain.ETA, colCommitted: explain.Committed, colEnd: explain.LogEnd,
	}
	if partition {
		all[colName] = explain.PartitionName
	}
	return all
}

// source gives the table the rows on screen.
type source struct {
	m *Model
	e *pane.Env
}

func (s source) Len() int         { return len(s.m.rows) }
func (s source) Key(i int) string { return s.m.key(&s.m.rows[i]) }

func (s source) Row(i int, cells []component.Cell) {
	r := &s.m.rows[i]
	switch {
	case r.part != nil:
		s.partition(r.part, cells)
	case r.text != "": // drawn across all columns
	default:
		s.ownerRow(r.owner, cells)
	}
	if old, stale := cell.Old(s.e, s.m.group.At); stale || s.m.group.Gone {
		for c := colName; c < len(cells); c++ {
			cells[c].Tok = theme.Stale
		}
		cells[colTrend].Text = old
	}
}

func (s source) ownerRow(o *owner, cells []component.Cell) {
	e, th := s.e, s.e.Theme
	fold := th.Glyphs.Unfolded
	if s.m.folded(o) {
		fold = th.Glyphs.Folded
	}
	if o.worst.Trouble() {
		cells[colVerdict] = cell.Verdict(th, o.worst)
	}
	cells[colName] = component.Cell{Text: fold + " " + o.title, Tok: theme.Accent}
	if s.m.picked(o) {
		cells[colName] = component.Cell{Text: fold + " " + th.Glyphs.Marked + " " + o.title, Tok: theme.Marked}
	}
	if len(o.parts) == 0 {
		return
	}
	if s.m.folded(o) {
		cells[colName].Text += ", " + human.Plural(len(o.parts), "partition")
	}
	cells[colLag].Text = cell.Total(th, o.lag)
	cells[colAge].Text = s.oldest(o)
	cells[colIn].Text = cell.RateSum(th, o.flow.In)
	cells[colOut].Text = cell.RateSum(th, o.flow.Out)
	in, out := o.flow.Both()
	cells[colETA].Text = cell.Horizon(th, cell.ETA(o.lag, in, out, o.flow.Age(), o.worst))
	if len(o.parts) <= mostSummed {
		keys := make([]lag.Key, len(o.parts))
		for i, p := range o.parts {
			keys[i] = lag.OfGroupPartition(s.m.name, p.TopicPartition)
		}
		cells[colTrend] = component.Cell{Text: cell.Trend(e, cell.Window, trendCells, keys...), Tok: theme.Spark}
	}
}

// idle says what a member without partitions has, where the rows below it do not.
func (m *Model) idle(o *owner) string {
	switch {
	case o.member == nil || o.member.Opaque != "":
		return ""
	case len(o.member.Tasks) == 0:
		return ", nothing assigned"
	case m.folded(o):
		return ", " + human.Plural(len(o.member.Tasks), "task")
	}
	return ""
}

// nameTitle is what stands in the first column of a group.
func nameTitle(g *kafka.Group) string {
	if g.Type == kafka.Classic && !g.IsConsumer() {
		return "MEMBER / TASK"
	}
	return "CONSUMER / PARTITION"
}

// oldest is the age of the oldest unread record of all partitions; it is at least that when some are
// unknown.
func (s source) oldest(o *owner) string {
	var worst kafka.Oldest
	for _, p := range o.parts {
		worst.Add(cell.Age(s.e, p))
	}
	return cell.AgeText(s.e.Theme, worst.Age())
}

func (s source) partition(p *kafka.GroupPartition, cells []component.Cell) {
	e, th := s.e, s.e.Theme
	mark := " "
	if s.m.marks[p.TopicPartition] {
		mark = th.Glyphs.Marked
	}
	if p.Verdict.Kind.Trouble() {
		cells[colVerdict] = cell.Verdict(th, p.Verdict.Kind)
	}
	tok := cell.Tok(th, p)
	name := "  " + mark + " " + cell.Partition(p.TopicPartition)
	if words := cell.Words(s.m.group.Type, p); words != "" {
		name += " " + words
	}
	cells[colName] = component.Cell{Text: name, Tok: tok}
	if mark != " " {
		cells[colName].Tok = theme.Marked
	}
	cells[colLag] = component.Cell{Text: cell.Count(th, p.Lag), Tok: tok}
	cells[colAge].Text = cell.AgeText(th, cell.Age(e, p))
	cells[colIn].Text = cell.Rate(th, p.In)
	cells[colOut].Text = cell.Rate(th, p.Out)
	cells[colTrend] = component.Cell{
		Text: cell.Trend(e, cell.Window, trendCells, lag.OfGroupPartition(s.m.name, p.TopicPartition)), Tok: theme.Spark,
	}
	cells[colETA].Text = cell.Horizon(th, cell.PartitionETA(p))
	cells[colCommitted] = component.Cell{Text: cell.Exact(th, p.Committed), Tok: theme.Muted}
	cells[colEnd] = component.Cell{Text: cell.Exact(th, p.End), Tok: theme.Muted}
}
