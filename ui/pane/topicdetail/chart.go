package topicdetail

import (
	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/lag"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/component"
	"lagtop/ui/component/chart"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
	"lagtop/ui/pane/parts"
)

// produced is the chart of what comes into the topic, or into one of its partitions.
type produced struct {
	m         *Model
	partition kafka.Known[int32] // unknown: the whole topic
	window    parts.Window
	drawn     parts.Drawn[kafka.Known[int32]]
}

// name says what the chart shows.
func (p *produced) name() string {
	if p.partition.OK {
		return "partition " + cell.Partition(kafka.TopicPartition{Topic: p.m.name, Partition: p.partition.V})
	}
	return "topic " + cell.Name(p.m.name)
}

// note is the line above the chart.
func (p *produced) note(e *pane.Env) []component.Cell {
	return p.window.Note(e.Theme, p.name(), "  "+e.Theme.Glyphs.Up+e.Theme.Glyphs.Down+" topic, partitions")
}

// View draws the chart.
func (p *produced) View(e *pane.Env, w, h int, _ bool) []string {
	key := lag.OfTopic(p.m.name)
	if p.partition.OK {
		key = lag.OfPartition(kafka.TopicPartition{Topic: p.m.name, Partition: p.partition.V})
	}
	return p.drawn.View(e, p.partition, p.window, w, h, func(a *chart.Axis) []*chart.Chart {
		var in []kafka.Known[float64]
		if e.History != nil {
			in = e.History.Produced(key, lag.Buckets{From: a.From, Step: a.Step, N: a.N})
		}
		return []*chart.Chart{{Title: "Rate", Word: human.Rate, Least: 0.2, Series: []chart.Series{
			{Name: "produced", Tok: theme.Accent, Line: true, Fill: true, Values: in}}}}
	})
}

// Do takes another window, or goes through the topic and its partitions.
func (p *produced) Do(_ *pane.Env, id command.ID) (tea.Cmd, bool) {
	at, last := -1, len(p.m.topic.Partitions)-1 // -1 is the topic
	for i := range p.m.topic.Partitions {
		if p.partition == kafka.Some(p.m.topic.Partitions[i].ID) {
			at = i
		}
	}
	switch id {
	case command.Left:
		p.window.Move(-1)
	case command.Right:
		p.window.Move(1)
	case command.Up:
		at--
	case command.Down:
		at++
	case command.PageUp:
		at -= 10
	case command.PageDown:
		at += 10
	case command.First:
		at = -1
	case command.Last:
		at = last
	default:
		return nil, false
	}
	p.partition = kafka.Known[int32]{}
	if at = min(at, last); at >= 0 {
		p.partition = kafka.Some(p.m.topic.Partitions[at].ID)
	}
	return nil, true
}

// text is what the chart shows, with its newest rate.
func (p *produced) text(e *pane.Env) string {
	in := p.m.topic.In
	if p.partition.OK {
		in = kafka.RateSum{}
		if q := p.m.topic.Partition(p.partition.V); q != nil {
			in.Known = q.In
		}
	}
	return p.name() + "  produced " + cell.RateSum(e.Theme, in) + "/s"
}

// Click does nothing.
func (p *produced) Click(*pane.Env, int, int) {}

// Wheel does nothing: there is one page.
func (p *produced) Wheel(*pane.Env, int) {}
