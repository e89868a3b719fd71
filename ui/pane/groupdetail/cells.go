package groupdetail

import (
	"strings"

	"lagtop/kafka/explain"
	"lagtop/ui/component"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
)

// What the columns of the tables hold.
var (
	aboutMembers = []explain.Quantity{
		explain.Verdict, explain.MemberName, explain.MemberHost, explain.InstanceID, explain.MemberEpoch, explain.Assigned, explain.Lag,
		explain.LagTrend, explain.Assigned, explain.MemberRack, explain.MemberID,
	}
	aboutPartitions = []explain.Quantity{
		explain.Verdict, explain.PartitionName, explain.Lag, explain.Age, explain.Committed, explain.LogStart, explain.LogEnd, explain.In,
		explain.Out, explain.LagTrend, explain.ETA, explain.Owner, explain.CommitMetadata,
	}
	aboutMatrix = []explain.Quantity{explain.MemberName, explain.Assigned, explain.Lag, explain.Balance, explain.Grid}
)

// facts says what the lines of the overview hold.
var facts = map[string]explain.Quantity{
	"Verdict": explain.Verdict, "Why": explain.Verdict, "What to do": explain.Verdict,
	"Not described": explain.GroupState, "Limited view": explain.HiddenTopics,
	"Type": explain.GroupType, "State": explain.GroupState, "Assignor": explain.Assignor, "Assignment": explain.Members,
	"Coordinator": explain.Coordinator, "Epochs": explain.GroupEpoch, "Leader": explain.Members, "Read at": explain.ReadAt,
	"Members": explain.Members, "Tasks": explain.Members, "Partitions": explain.PartitionsOfGroup, "Lag": explain.Lag,
	"Done ahead": explain.DoneAhead, "Lost": explain.Lost, "Produced": explain.In, "Consumed": explain.Out,
	"Drain": explain.Drain, "Caught up in": explain.ETA, "Lag, up to 1 h": explain.LagTrend, "Topics": explain.PartitionsOfGroup,
}

// Cells implements pane.Explainer for what is selected in the part that is chosen.
func (m *Model) Cells(e *pane.Env) []pane.CellRef {
	if m.group == nil {
		return nil
	}
	switch m.part {
	case partOverview:
		return m.overviewCells(e)
	case partChart:
		return m.chartCells(e)
	case partAdvice:
		return nil
	}
	t, src := m.table(e)
	i := t.Index()
	if i >= src.Len() {
		return nil
	}
	cells := make([]component.Cell, len(t.Columns))
	src.Row(i, cells)
	if m.part == partPartitions {
		return cell.Refs(t.Columns, cells, aboutPartitions, explain.OfGroupPartition(m.name, m.group.Partitions[i].TopicPartition))
	}
	row, about := explain.OfUnowned(m.name), aboutMembers
	if i < len(m.group.Members) {
		row = explain.OfMember(m.name, m.group.Members[i].ID)
	}
	if m.part == partMatrix {
		about = aboutMatrix
	}
	refs := cell.Refs(t.Columns, cells, about, row)
	if m.part == partMatrix {
		refs[gridCol].Title = "GRID" // its title are digits
	}
	return refs
}

// overviewCells are the lines of the overview that begin with a label.
func (m *Model) overviewCells(e *pane.Env) []pane.CellRef {
	row := explain.OfGroup(m.name)
	var out []pane.CellRef
	for _, l := range m.overview(e, 1<<10) {
		if len(l) < 2 {
			continue
		}
		if label := strings.TrimSpace(l[0].Text); label != "" {
			out = append(out, cell.Ref(label, l[1].Text, row.As(facts[label])))
		}
	}
	return out
}

// chartCells are the newest values of what the chart shows.
func (m *Model) chartCells(e *pane.Env) []pane.CellRef {
	row := explain.OfGroup(m.name)
	if m.scope.partition.OK {
		row = explain.OfGroupPartition(m.name, m.scope.partition.V)
	} else if m.scope.member != "" {
		row = explain.OfMember(m.name, m.scope.member)
	}
	total, in, out := m.group.Lag, m.group.In, m.group.Out
	if of := m.of(); of != nil {
		var b backlog
		b, in, out = m.sum(of)
		total = b.total
	}
	return []pane.CellRef{
		cell.Ref("Lag", cell.Total(e.Theme, total), row.As(explain.Lag)),
		cell.Ref("Produced", cell.PerSecond(e.Theme, in), row.As(explain.In)),
		cell.Ref("Consumed", cell.PerSecond(e.Theme, out), row.As(explain.Out)),
	}
}
