package brokerdetail

import (
	"fmt"
	"strconv"

	"lagtop/kafka"
	"lagtop/kafka/explain"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
	"lagtop/ui/pane/list"
	"lagtop/ui/pane/parts"
)

// led is a partition that the broker leads.
type led struct {
	*kafka.Partition
	topic string
	name  string // topic/partition, which is also the row's key
	old   string // how old its offsets are; empty when fresh
}

func leads(e *pane.Env, id int32, rows []led) []led {
	for i := range e.Snapshot.Topics {
		t := &e.Snapshot.Topics[i]
		for j := range t.Partitions {
			p := &t.Partitions[j]
			if p.Leader != kafka.Some(id) {
				continue
			}
			old, _ := cell.Old(e, p.At)
			rows = append(rows, led{p, t.Name, t.Name + "/" + strconv.Itoa(int(p.ID)), old})
		}
	}
	return rows
}

func newLeads() *list.List[led] {
	return list.New(list.Spec[led]{
		Columns: []component.Column{
			{Title: "PARTITION", Cut: component.CutMiddle, Width: 20, Grow: 2},
			{Title: "REPLICAS", Width: 10, Grow: 1},
			{Title: "ISR", Width: 10, Grow: 1},
			{Title: "RECORDS", Width: 7, Right: true, Drop: 1},
			{Title: "IN/s", Width: 6, Right: true},
			{Title: "STATE", Width: 18},
		},
		Empty: " it leads no partition",
		Key:   func(p *led) string { return p.name },
		Cells: ledCells,
		About: []explain.Quantity{
			explain.PartitionName, explain.Replicas, explain.InSync, explain.Records, explain.In, explain.LogState,
		},
		Ref: func(p *led) explain.Ref {
			return explain.OfPartition(kafka.TopicPartition{Topic: p.topic, Partition: p.ID})
		},
		Orders: []list.Order[led]{{Column: -1, Less: func(a, b *led) bool { return a.sick() && !b.sick() }}}, // else by topic
	})
}

func (p *led) sick() bool { return len(p.ISR) < len(p.Replicas) }

func ledCells(e *pane.Env, p *led, c []component.Cell) {
	tok, g := theme.Text, &e.Theme.Glyphs
	state := component.Cell{Text: g.OK + " in sync", Tok: theme.Good}
	switch {
	case p.sick():
		state = component.Cell{Text: g.Warn + " under-replicated", Tok: theme.Danger}
	case p.old != "":
		tok = theme.Stale
		state = component.Cell{Text: g.Stale + " " + p.old, Tok: theme.Stale}
	}
	c[0] = component.Cell{Text: safe.Line(p.name), Tok: tok}
	c[1] = component.Cell{Text: cell.Nodes(p.Replicas), Tok: tok}
	c[2] = component.Cell{Text: cell.Nodes(p.ISR), Tok: tok}
	c[3] = component.Cell{Text: cell.Count(e.Theme, p.Records()), Tok: tok}
	c[4] = component.Cell{Text: cell.Rate(e.Theme, p.In), Tok: tok}
	c[5] = state
}

func (p *led) text() string {
	if p == nil {
		return ""
	}
	return fmt.Sprintf("%s  replicas %s  isr %s", safe.Line(p.name), cell.Nodes(p.Replicas), cell.Nodes(p.ISR))
}

func (m *Model) leading(*pane.Env) []component.Cell {
	return []component.Cell{{Text: human.Plural(len(m.led), "partition") + ", under-replicated ones first", Tok: theme.Muted}}
}

func newGroups() *list.List[kafka.Group] {
	return list.New(list.Spec[kafka.Group]{
		Columns: []component.Column{
			{Width: 1},
			{Title: "GROUP", Cut: component.CutMiddle, Width: 16, Grow: 1},
			{Title: "STATE", Width: 8},
			{Title: "TYPE", Width: 8, Drop: 1},
			{Title: "MEM", Width: 4, Right: true},
			{Title: "LAG", Width: 6, Right: true},
			{Title: "VERDICT", Width: 16, Grow: 2},
		},
		Empty: " it coordinates no group",
		Key:   func(g *kafka.Group) string { return "group " + g.Name },
		Cells: groupCells,
		About: []explain.Quantity{
			explain.Verdict, explain.GroupName, explain.GroupState, explain.GroupType, explain.Members, explain.Lag, explain.Verdict,
		},
		Ref:    func(g *kafka.Group) explain.Ref { return explain.OfGroup(g.Name) },
		Orders: []list.Order[kafka.Group]{{Column: 0, Desc: true, Less: worse}},
	})
}

func worse(a, b *kafka.Group) bool {
	if a.Verdict.Kind != b.Verdict.Kind {
		return a.Verdict.Kind > b.Verdict.Kind
	}
	return a.Name < b.Name
}

func groupCells(e *pane.Env, g *kafka.Group, c []component.Cell) {
	tok := theme.Text
	old, stale := cell.Old(e, g.At)
	if stale || g.Gone {
		tok = theme.Stale
	}
	glyph := cell.Verdict(e.Theme, g.Verdict.Kind)
	why := g.Verdict.Kind.String()
	if g.Verdict.Evidence != "" && g.Verdict.Kind.Trouble() {
		why += ": " + safe.Line(g.Verdict.Evidence)
	}
	c[0] = glyph
	c[1] = component.Cell{Text: cell.Name(g.Name), Tok: tok}
	c[2] = component.Cell{Text: cell.State(g), Tok: tok}
	c[3] = component.Cell{Text: safe.Line(string(g.Type)), Tok: theme.Muted}
	c[4] = component.Cell{Text: strconv.Itoa(len(g.Members)), Tok: tok}
	c[5] = component.Cell{Text: cell.Total(e.Theme, g.Lag), Tok: tok}
	c[6] = component.Cell{Text: why, Tok: glyph.Tok}
	if stale {
		c[6] = component.Cell{Text: e.Theme.Glyphs.Stale + " " + old + ", " + why, Tok: theme.Stale}
	}
}

func (m *Model) coordinating(*pane.Env) []component.Cell {
	return []component.Cell{{Text: "coordinates " + human.Plural(len(m.grouped), "group") + ", worst first", Tok: theme.Muted}}
}

func newLogDirs(ref func(path string) explain.Ref) *parts.Looked[kafka.LogDir] {
	return parts.NewLooked(list.Spec[kafka.LogDir]{
		Columns: []component.Column{
			{Title: "PATH", Width: 24, Grow: 2},
			{Title: "REPLICAS", Width: 8, Right: true},
			{Title: "LOGS", Width: 7, Right: true},
			{Title: "USED", Width: 10, Drop: 2},
			{Title: "FREE", Width: 7, Right: true, Drop: 1},
			{Title: "STATE", Width: 16, Grow: 1},
		},
		Empty: " the broker names no log dir",
		Key:   func(d *kafka.LogDir) string { return d.Path },
		Cells: logDirCells,
		About: []explain.Quantity{
			explain.DirPath, explain.DirReplicas, explain.DirSize, explain.DirUsed, explain.DirFree, explain.DirState,
		},
		Ref:    func(d *kafka.LogDir) explain.Ref { return ref(d.Path) },
		Orders: []list.Order[kafka.LogDir]{{Column: 0, Less: func(a, b *kafka.LogDir) bool { return a.Path < b.Path }}},
	})
}

func logDirCells(e *pane.Env, d *kafka.LogDir, c []component.Cell) {
	g := &e.Theme.Glyphs
	c[0] = component.Cell{Text: safe.Line(d.Path)}
	if d.Err != nil {
		c[5] = component.Cell{Text: g.Bad + " " + safe.Line(d.Err.Error()), Tok: theme.Danger}
		return
	}
	c[1].Text = strconv.Itoa(d.Partitions)
	c[2].Text = human.Bytes(d.Size)
	c[4] = component.Cell{Text: g.Unknown, Tok: theme.Muted}
	if d.Total.OK && d.Usable.OK {
		c[3] = component.Cell{Text: component.Bar(e.Theme, float64(d.Total.V-d.Usable.V), float64(d.Total.V), 10), Tok: theme.Bar}
		c[4] = component.Cell{Text: human.Bytes(d.Usable.V)}
	}
	c[5] = component.Cell{Text: g.OK + " ok", Tok: theme.Good}
	if d.Moving > 0 {
		c[5] = component.Cell{Text: fmt.Sprintf("%s %d moving in", g.Info, d.Moving), Tok: theme.Info}
	}
}
