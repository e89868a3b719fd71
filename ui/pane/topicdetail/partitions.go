package topicdetail

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"lagtop/kafka"
	"lagtop/kafka/explain"
	"lagtop/kafka/lag"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
	"lagtop/ui/pane/list"
)

// The columns of the partitions.
const (
	colPartition = iota
	colLeader
	colReplicas
	colInSync
	colOffline
	colStart
	colEnd
	colRecords
	colSize
	colIn
	colTrend
	colState
)

const trendCells = 8

// partition is one log of the topic.
type partition struct {
	*kafka.Partition
	topic string
	old   string             // how old its offsets are; empty when fresh
	size  kafka.Known[int64] // bytes of the log on the leader
}

func newPartitions() *list.List[partition] {
	return list.New(list.Spec[partition]{
		Columns: []component.Column{
			colPartition: {Title: "PART", Width: 5, Right: true},
			colLeader:    {Title: "LEADER", Width: 6, Right: true},
			colReplicas:  {Title: "REPLICAS", Width: 10, Grow: 1},
			colInSync:    {Title: "ISR", Width: 10, Grow: 1},
			colOffline:   {Title: "OFFLINE", Width: 7, Drop: 4},
			colStart:     {Title: "START", Width: 10, Right: true, Drop: 3},
			colEnd:       {Title: "END", Width: 10, Right: true},
			colRecords:   {Title: "RECORDS", Width: 7, Right: true, Drop: 1},
			colSize:      {Title: "SIZE", Width: 7, Right: true, Drop: 2},
			colIn:        {Title: "IN/s", Width: 6, Right: true},
			colTrend:     {Title: "TREND", Width: trendCells, Drop: 5},
			colState:     {Title: "STATE", Width: 18, Grow: 2},
		},
		Empty: " no partitions",
		Key:   func(p *partition) string { return strconv.Itoa(int(p.ID)) },
		Cells: partitionCells,
		About: []explain.Quantity{
			colPartition: explain.PartitionName, colLeader: explain.Leader, colReplicas: explain.Replicas, colInSync: explain.InSync,
			colOffline: explain.Offline, colStart: explain.LogStart, colEnd: explain.LogEnd, colRecords: explain.Records,
			colSize: explain.LogSize, colIn: explain.In, colTrend: explain.InTrend, colState: explain.LogState,
		},
		Ref: func(p *partition) explain.Ref {
			return explain.OfPartition(kafka.TopicPartition{Topic: p.topic, Partition: p.ID})
		},
		Orders: []list.Order[partition]{{Column: colPartition, Less: func(a, b *partition) bool { return a.ID < b.ID }}},
	})
}

func partitions(e *pane.Env, t *kafka.Topic, sizes *sizes, rows []partition) []partition {
	for i := range t.Partitions {
		p := &t.Partitions[i]
		old, _ := cell.Old(e, p.At)
		rows = append(rows, partition{Partition: p, topic: t.Name, old: old, size: sizes.leader(p)})
	}
	return rows
}

func partitionCells(e *pane.Env, p *partition, c []component.Cell) {
	th := e.Theme
	tok := theme.Text
	if p.old != "" || p.Err != "" {
		tok = theme.Stale
	}
	c[colPartition] = component.Cell{Text: strconv.Itoa(int(p.ID)), Tok: tok}
	c[colLeader] = component.Cell{Text: th.Glyphs.Unknown, Tok: theme.Danger}
	if p.Leader.OK {
		c[colLeader] = component.Cell{Text: strconv.Itoa(int(p.Leader.V)), Tok: tok}
	}
	c[colReplicas] = component.Cell{Text: cell.Nodes(p.Replicas), Tok: tok}
	c[colInSync] = component.Cell{Text: cell.Nodes(p.ISR), Tok: tok}
	if len(p.ISR) < len(p.Replicas) {
		c[colInSync].Tok = theme.Danger
	}
	c[colOffline] = component.Cell{Text: cell.Nodes(p.Offline), Tok: theme.Danger}
	c[colStart] = component.Cell{Text: cell.Exact(th, p.Start), Tok: tok}
	c[colEnd] = component.Cell{Text: cell.Exact(th, p.End), Tok: tok}
	c[colRecords] = component.Cell{Text: cell.Count(th, p.Records()), Tok: tok}
	c[colSize] = component.Cell{Text: bytes(th, p.size), Tok: tok}
	c[colIn] = component.Cell{Text: cell.Rate(th, p.In), Tok: tok}
	c[colTrend] = component.Cell{Text: cell.Trend(e, cell.Window, trendCells, lag.OfPartition(kafka.TopicPartition{Topic: p.topic, Partition: p.ID})), Tok: theme.Spark}
	c[colState] = p.state(th)
}

// state says what is worst about the partition.
func (p *partition) state(th *theme.Theme) component.Cell {
	g := &th.Glyphs
	switch {
	case !p.Leader.OK:
		return component.Cell{Text: g.Bad + " no leader", Tok: theme.Danger}
	case len(p.ISR) < len(p.Replicas):
		return component.Cell{Text: g.Warn + " under-replicated", Tok: theme.Danger}
	case p.Err != "":
		return component.Cell{Text: g.Stale + " " + safe.Line(p.Err), Tok: theme.Stale}
	case p.old != "":
		return component.Cell{Text: g.Stale + " " + p.old, Tok: theme.Stale}
	case len(p.Replicas) > 0 && p.Leader.V != p.Replicas[0]:
		return component.Cell{Text: g.Info + " not preferred", Tok: theme.Info}
	}
	return component.Cell{Text: g.OK + " in sync", Tok: theme.Good}
}

func (p *partition) text(e *pane.Env, topic string) string {
	if p == nil {
		return ""
	}
	facts := []string{
		fmt.Sprintf("%s/%d", safe.Line(topic), p.ID), "leader " + known(e, p.Leader), "replicas " + cell.Nodes(p.Replicas), "isr " + cell.Nodes(p.ISR),
		"start " + cell.Exact(e.Theme, p.Start), "end " + cell.Exact(e.Theme, p.End), p.state(e.Theme).Text,
	}
	return strings.Join(slices.DeleteFunc(facts, func(s string) bool { return s == "" }), "  ")
}

func known(e *pane.Env, id kafka.Known[int32]) string {
	if !id.OK {
		return e.Theme.Glyphs.Unknown
	}
	return strconv.Itoa(int(id.V))
}

// health sums up the partitions.
func (m *Model) health(e *pane.Env) []component.Cell {
	leaderless, under, offline := 0, 0, 0
	for i := range m.topic.Partitions {
		p := &m.topic.Partitions[i]
		switch {
		case !p.Leader.OK:
			leaderless++
		case len(p.ISR) < len(p.Replicas):
			under++
		}
		offline += len(p.Offline)
	}
	var out []component.Cell
	add := func(n int, glyph, text string) {
		if n > 0 {
			out = append(out, component.Cell{Text: fmt.Sprintf("%s %d %s  ", glyph, n, text), Tok: theme.Danger})
		}
	}
	add(leaderless, e.Theme.Glyphs.Bad, "without a leader")
	add(under, e.Theme.Glyphs.Warn, "under-replicated")
	add(offline, e.Theme.Glyphs.Warn, "offline replicas")
	if m.topic.Err != "" {
		out = append(out, component.Cell{Text: e.Theme.Glyphs.Bad + " " + safe.Line(m.topic.Err), Tok: theme.Danger})
	}
	if len(out) == 0 && len(m.topic.Partitions) > 0 {
		out = append(out, component.Cell{Text: e.Theme.Glyphs.OK + " every replica is in sync  ", Tok: theme.Good})
	}
	return append(out, m.sizes.note(e, m.topic)...)
}
