package groupdetail

import (
	"cmp"
	"strconv"
	"strings"

	"lagtop/kafka"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
)

// memberRows are the rows of the members' part.
type memberRows struct {
	m *Model
	e *pane.Env
}

const memberPartsCol = 5

func memberColumns() []component.Column {
	return []component.Column{
		{Width: 1},
		{Title: "CLIENT ID", Cut: component.CutMiddle, Width: 16, Grow: 1},
		{Title: "HOST", Width: 15},
		{Title: "INSTANCE ID", Width: 12, Drop: 2},
		{Title: "EPOCH", Width: 6, Right: true, Drop: 4},
		{Title: "PARTS", Width: 5, Right: true},
		{Title: "LAG", Width: 6, Right: true},
		{Title: "TREND", Width: trendCells, Drop: 1},
		{Title: "ASSIGNED", Width: 48, Grow: 2},
		{Title: "RACK", Width: 8, Drop: 5},
		{Title: "MEMBER ID", Cut: component.CutMiddle, Width: 20, Grow: 1, Drop: 3},
	}
}

func (r memberRows) Len() int {
	if r.m.group == nil {
		return 0
	}
	return len(r.m.group.Members)
}

func (r memberRows) Key(i int) string { return "member " + r.m.group.Members[i].ID }

func (r memberRows) Row(i int, cells []component.Cell) {
	g, th := r.m.group, r.e.Theme
	mb := &g.Members[i]
	l := &r.m.loads[i]
	if l.worst.Trouble() {
		cells[0] = cell.Verdict(th, l.worst)
	}
	epoch := th.Glyphs.Unknown
	if mb.Epoch.OK {
		epoch = strconv.Itoa(int(mb.Epoch.V))
	}
	instance := "dynamic"
	if mb.InstanceID != "" {
		instance = cell.Name(mb.InstanceID)
	}
	count := len(mb.Assigned)
	if connect(g) {
		count = len(mb.Tasks)
	}
	copy(cells[1:], []component.Cell{
		{Text: cell.Name(mb.ClientID), Tok: theme.Accent}, {Text: safe.Line(mb.Host)}, {Text: instance, Tok: theme.Muted},
		{Text: epoch}, {Text: strconv.Itoa(count)}, {Text: cell.Total(th, l.lag)}, r.m.memberTrend(r.e, i), assignedCell(g, mb),
		{Text: safe.Line(mb.Rack), Tok: theme.Muted}, {Text: safe.Line(mb.ID), Tok: theme.Muted},
	})
	dim(r.m, r.e, cells)
}

// assignedCell says what a member does, or why that is not known.
func assignedCell(g *kafka.Group, mb *kafka.Member) component.Cell {
	text := assigned(mb)
	switch old := cell.Outdated(g, mb); {
	case mb.Opaque != "":
		return component.Cell{Text: safe.Line(mb.Opaque), Tok: theme.Info}
	case text == "":
		return component.Cell{Text: "nothing assigned", Tok: theme.Muted}
	case g.AssignmentOld:
		return component.Cell{Text: "last known: " + text, Tok: theme.Stale}
	case old != "":
		return component.Cell{Text: old + "; " + text, Tok: theme.Lagging}
	}
	return component.Cell{Text: text}
}

// assigned lists a member's tasks, then its partitions.
func assigned(mb *kafka.Member) string {
	tasks, parts := cell.Tasks(mb), spans(mb.Assigned)
	if tasks != "" && parts != "" {
		return tasks + "; " + parts
	}
	return tasks + parts
}

// connect tells whether the members' work is tasks without partitions.
func connect(g *kafka.Group) bool { return g.Type == kafka.Classic && g.ProtocolType == "connect" }

// titles names the columns by what a group of this type has.
func (m *Model) titles() {
	count := "PARTS"
	if connect(m.group) {
		count = "TASKS"
	}
	m.members.Columns[memberPartsCol].Title, m.matrix.Columns[matrixPartsCol].Title = count, count
	m.parts.Columns[committedCol].Title = cell.Committed(m.group.Type)
	m.parts.Columns[startCol].Title = "START"
	if m.group.Type == kafka.Share {
		m.parts.Columns[startCol].Title = "LOG START"
	}
}

// load is what a member has to do.
type load struct {
	count int // partitions, in a group of Connect tasks
	lag   kafka.Total
	worst kafka.VerdictKind      // of its partitions
	trend []kafka.Known[float64] // of its lag, once it was drawn
}

// loads are those of the members, and last what nobody owns.
func loads(g *kafka.Group, holders [][]int) []load {
	all := make([]load, len(g.Members)+1)
	add := func(l *load, p *kafka.GroupPartition) {
		l.count++
		l.lag.Add(p.Lag)
		l.worst = max(l.worst, p.Verdict.Kind)
	}
	for i, held := range holders {
		for _, member := range held {
			add(&all[member], &g.Partitions[i])
		}
		if len(held) == 0 {
			add(&all[len(g.Members)], &g.Partitions[i])
		}
	}
	if connect(g) {
		all[len(g.Members)].count = 0
		for i := range g.Members {
			all[i].count = len(g.Members[i].Tasks)
		}
	}
	return all
}

// spans lists partitions as "orders 0-3,7 clicks 1".
func spans(tps []kafka.TopicPartition) string {
	var b strings.Builder
	for i := 0; i < len(tps); {
		if i == 0 || tps[i].Topic != tps[i-1].Topic {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(safe.Line(tps[i].Topic) + " ")
		} else {
			b.WriteByte(',')
		}
		first := tps[i].Partition
		for i++; i < len(tps) && tps[i].Topic == tps[i-1].Topic && tps[i].Partition == tps[i-1].Partition+1; i++ {
		}
		b.WriteString(strconv.Itoa(int(first)))
		if last := tps[i-1].Partition; last > first {
			b.WriteString("-" + strconv.Itoa(int(last)))
		}
	}
	return b.String()
}

// partRows are the rows of the partitions' part.
type partRows struct {
	m *Model
	e *pane.Env
}

const (
	committedCol = 4
	startCol     = 5
)

func partitionColumns() []component.Column {
	return []component.Column{
		{Width: 1},
		{Title: "PARTITION", Cut: component.CutRest, Width: 20, Grow: 2},
		{Title: "LAG", Width: 6, Right: true},
		{Title: "AGE", Width: 6, Right: true},
		{Title: "COMMITTED", Width: 11, Right: true},
		{Title: "START", Width: 11, Right: true, Drop: 3},
		{Title: "END", Width: 11, Right: true},
		{Title: "IN/s", Width: 5, Right: true, Drop: 5},
		{Title: "OUT/s", Width: 5, Right: true, Drop: 6},
		{Title: "TREND", Width: trendCells, Drop: 5},
		{Title: "ETA", Width: 5, Right: true, Drop: 4},
		{Title: "OWNER", Cut: component.CutRest, Width: 16, Grow: 1, Drop: 1},
		{Title: "METADATA", Width: 10, Grow: 1, Drop: 7},
	}
}

func (r partRows) Len() int {
	if r.m.group == nil {
		return 0
	}
	return len(r.m.group.Partitions)
}

func (r partRows) Key(i int) string {
	p := &r.m.group.Partitions[i]
	return p.Topic + "/" + strconv.Itoa(int(p.Partition))
}

func (r partRows) Row(i int, cells []component.Cell) {
	th, p := r.e.Theme, &r.m.group.Partitions[i]
	if p.Verdict.Kind.Trouble() {
		cells[0] = cell.Verdict(th, p.Verdict.Kind)
	}
	tok := cell.Tok(th, p)
	name := component.Cell{Text: "  " + cell.Partition(p.TopicPartition), Tok: tok}
	if r.m.marks[p.TopicPartition] {
		name = component.Cell{Text: th.Glyphs.Marked + name.Text[1:], Tok: theme.Marked}
	}
	if words := cell.Words(r.m.group.Type, p); words != "" {
		name.Text += " " + words
	}
	copy(cells[1:], []component.Cell{
		name, {Text: cell.Count(th, p.Lag), Tok: tok}, {Text: cell.AgeText(th, cell.Age(r.e, p))},
		{Text: cell.Exact(th, p.Committed)}, {Text: cell.Exact(th, p.Start)}, {Text: cell.Exact(th, p.End)},
		{Text: cell.Rate(th, p.In)}, {Text: cell.Rate(th, p.Out)},
		r.m.trend(r.e, []kafka.TopicPartition{p.TopicPartition}), {Text: cell.Horizon(th, cell.PartitionETA(p))},
		{Text: r.m.owners(i), Tok: theme.Muted}, {Text: safe.Line(p.Metadata), Tok: theme.Muted},
	})
	dim(r.m, r.e, cells)
}

// owners names the members that own a partition.
func (m *Model) owners(partition int) string {
	if len(m.holders[partition]) == 0 {
		return "no consumer"
	}
	var names []string
	for _, i := range m.holders[partition] {
		mb := &m.group.Members[i]
		if len(m.holders[partition]) == 1 {
			return cell.Owner(mb)
		}
		names = append(names, cell.Name(cmp.Or(mb.ClientID, mb.ID)))
	}
	return strings.Join(names, ", ")
}

// dim makes a row of a group that was not read anew look old.
func dim(m *Model, e *pane.Env, cells []component.Cell) {
	if _, stale := cell.Old(e, m.group.At); !stale && !m.group.Gone {
		return
	}
	for i := 1; i < len(cells); i++ {
		cells[i].Tok = theme.Stale
	}
}
