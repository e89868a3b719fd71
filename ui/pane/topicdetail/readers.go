package topicdetail

import (
	"cmp"
	"strconv"
	"strings"

	"lagtop/kafka"
	"lagtop/kafka/explain"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
	"lagtop/ui/pane/list"
)

// The columns of the groups.
const (
	colVerdict = iota
	colGroup
	colGroupState
	colMembers
	colLag
	colGroupOut
	colETA
	colWhy
)

// reader is a group with what concerns the topic.
type reader struct {
	*kafka.Group
	owners  int // members that own a partition of it
	lag     kafka.Total
	flow    cell.Flow
	verdict kafka.Verdict // the worst in the topic, or that of the whole group
}

func newReaders(topic func() string) *list.List[reader] {
	return list.New(list.Spec[reader]{
		Columns: []component.Column{
			colVerdict:    {Width: 1},
			colGroup:      {Title: "GROUP", Cut: component.CutMiddle, Width: 16, Grow: 1},
			colGroupState: {Title: "STATE", Width: 8},
			colMembers:    {Title: "MEM", Width: 4, Right: true, Drop: 3},
			colLag:        {Title: "LAG", Width: 6, Right: true},
			colGroupOut:   {Title: "OUT/s", Width: 6, Right: true, Drop: 2},
			colETA:        {Title: "ETA", Width: 5, Right: true, Drop: 1},
			colWhy:        {Title: "VERDICT", Width: 16, Grow: 3},
		},
		Empty: " no group reads this topic",
		Key:   func(r *reader) string { return "group " + r.Name },
		Cells: readerCells,
		About: []explain.Quantity{
			colVerdict: explain.Verdict, colGroup: explain.GroupName, colGroupState: explain.GroupState, colMembers: explain.Members,
			colLag: explain.Lag, colGroupOut: explain.Out, colETA: explain.ETA, colWhy: explain.Verdict,
		},
		Ref:    func(r *reader) explain.Ref { return explain.OfGroupTopic(r.Name, topic()) },
		Orders: []list.Order[reader]{{Column: colVerdict, Desc: true, Less: worse}},
	})
}

func worse(a, b *reader) bool {
	return cmp.Or(cmp.Compare(b.verdict.Kind, a.verdict.Kind), cmp.Compare(b.lag.V, a.lag.V), cmp.Compare(a.Name, b.Name)) < 0
}

// readers are the groups that have a commit, a member or a subscription in the topic.
func readers(s *kafka.Snapshot, topic string, rows []reader) []reader {
	for i := range s.Groups {
		g := &s.Groups[i]
		r := reader{Group: g}
		if g.Verdict.At.Topic == "" {
			r.verdict = g.Verdict
		}
		owners, found := map[int]bool{}, false
		for j := range g.Partitions {
			p := &g.Partitions[j]
			if p.Topic != topic {
				continue
			}
			found = true
			r.lag.Add(p.Lag)
			r.flow.Add(p)
			if p.Owner.OK {
				owners[p.Owner.V] = true
			}
			if p.Verdict.Kind > r.verdict.Kind {
				r.verdict = p.Verdict
			}
		}
		if found {
			r.owners = len(owners)
			rows = append(rows, r)
		}
	}
	return rows
}

func readerCells(e *pane.Env, r *reader, c []component.Cell) {
	th := e.Theme
	tok := theme.Text
	old, stale := cell.Old(e, r.At)
	if stale || r.Gone {
		tok = theme.Stale
	}
	glyph := cell.Verdict(th, r.verdict.Kind)
	c[colVerdict] = glyph
	c[colGroup] = component.Cell{Text: cell.Name(r.Name), Tok: tok}
	c[colGroupState] = component.Cell{Text: cell.State(r.Group), Tok: tok}
	c[colMembers] = component.Cell{Text: strconv.Itoa(r.owners), Tok: tok}
	c[colLag] = component.Cell{Text: cell.Total(th, r.lag), Tok: tok}
	c[colGroupOut] = component.Cell{Text: cell.RateSum(th, r.flow.Out), Tok: tok}
	in, out := r.flow.Both()
	c[colETA] = component.Cell{Text: cell.Horizon(th, cell.ETA(r.lag, in, out, r.flow.Age(), r.verdict.Kind)), Tok: tok}
	c[colWhy] = component.Cell{Text: r.why(), Tok: glyph.Tok}
	if stale {
		c[colWhy] = component.Cell{Text: th.Glyphs.Stale + " " + old + ", " + r.why(), Tok: theme.Stale}
	}
}

// why is the verdict in words.
func (r *reader) why() string {
	text := r.verdict.Kind.String()
	if r.verdict.Evidence != "" && r.verdict.Kind.Trouble() {
		text += ": " + safe.Line(r.verdict.Evidence)
	}
	return text
}

func (r *reader) text(e *pane.Env, topic string) string {
	if r == nil {
		return ""
	}
	return strings.TrimSpace(strings.Join([]string{
		cell.Name(r.Name), safe.Line(topic), cell.State(r.Group), "lag " + cell.Total(e.Theme, r.lag), r.why(),
	}, "  "))
}

// reading counts the groups.
func (m *Model) reading(*pane.Env) []component.Cell {
	return []component.Cell{{Text: human.Plural(len(m.readers), "group") + " with a commit, a member or a subscription", Tok: theme.Muted}}
}
