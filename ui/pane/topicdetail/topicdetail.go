// Package topicdetail is the screen of one topic in parts: its partitions, the groups that read it, the
// chart of what is produced, advice, and the configurations that differ from the default. It keeps to its topic.
package topicdetail

import (
	"lagtop/kafka"
	"lagtop/kafka/advise"
	"lagtop/kafka/explain"
	"lagtop/kafka/human"
	"lagtop/ui/command"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
	"lagtop/ui/pane/list"
	"lagtop/ui/pane/parts"
)

// The parts, in the order of their tabs.
const (
	partPartitions = iota
	partGroups
	partChart
	partAdvice
	partConfigs
)

// Model is the screen.
type Model struct {
	name   string // set by the first Refresh
	opened bool
	topic  *kafka.Topic // of the newest snapshot; nil when it is not there

	*parts.Book
	partitions *list.List[partition]
	groups     *list.List[reader]
	sizes      sizes
	configs    *parts.Looked[kafka.Config]
	chart      *produced
	advice     *parts.Advice
	rows       []partition
	readers    []reader
}

// New is the screen of the topic that is in focus at the first Refresh.
func New() *Model {
	m := &Model{partitions: newPartitions(), advice: &parts.Advice{}}
	m.groups = newReaders(func() string { return m.name })
	m.configs = parts.NewConfigs(func(setting string) explain.Ref { return explain.OfTopicSetting(m.name, setting) })
	m.chart = &produced{m: m}
	m.Book = parts.New(
		parts.Part{Name: "Partitions", Page: m.partitions, Note: m.health},
		parts.Part{Name: "Groups", Page: m.groups, Note: m.reading},
		parts.Part{Name: "Chart", Page: m.chart, Note: m.chart.note},
		parts.Part{Name: "Advice", Page: m.advice, Note: m.advice.Note},
		parts.Part{Name: "Configs", Page: m.configs, Note: m.configs.Note},
	)
	m.Turned = m.Refresh
	return m
}

// Place is where the pane's commands apply.
func (m *Model) Place() command.Place { return command.TopicDetail }

// Head is the frame's title and note.
func (m *Model) Head(e *pane.Env) (title, note string) {
	title = "Topic " + cell.Name(m.name)
	if m.topic == nil {
		return title, ""
	}
	internal, rate := "", ""
	if m.topic.Internal {
		internal = "internal"
	}
	if m.topic.In.OK {
		rate = cell.PerSecond(e.Theme, m.topic.In)
	}
	return title, cell.Dotted(e.Theme, internal, human.Plural(len(m.topic.Partitions), "partition"),
		human.Plural(m.topic.ReplicationFactor(), "replica"), rate)
}

// Refresh takes over a snapshot. Only the part on screen is brought up to date.
func (m *Model) Refresh(e *pane.Env) {
	if !m.opened {
		m.name, m.opened = e.Focus.Topic, true
		if e.History != nil {
			m.chart.window = parts.Fit(e.History.Span())
		}
	}
	m.topic = e.Snapshot.Topic(m.name)
	if m.Gone = ""; m.topic == nil {
		m.Gone = "topic " + cell.Name(m.name) + " is gone"
		return
	}
	switch m.At() {
	case partPartitions:
		m.sizes.ask(e, m.name)
		m.rows = partitions(e, m.topic, &m.sizes, m.rows[:0])
		m.partitions.Show(e, m.rows)
	case partGroups:
		m.readers = readers(e.Snapshot, m.name, m.readers[:0])
		m.groups.Show(e, m.readers)
	case partConfigs:
		m.configs.Ask(e, func(l pane.Lookup) pane.Answer[[]kafka.Config] { return l.TopicConfigs(m.name) })
	case partAdvice:
		m.advice.Begin("")
		m.advice.Add("", advise.ForTopic(m.advice.Topic(e, m.name), e.Snapshot.Groups))
	}
}

// Select puts the topic and, from its list, the partition into the focus.
func (m *Model) Select(f *pane.Focus) {
	f.Topic, f.Partition = m.name, kafka.Known[int32]{}
	if m.topic != nil && m.At() == partChart {
		f.Partition = m.chart.partition
	}
	if p := m.partitions.Current(); p != nil && m.topic != nil && m.At() == partPartitions {
		f.Partition = kafka.Some(p.ID)
	}
}

// Copy is the selected row as text.
func (m *Model) Copy(e *pane.Env) string {
	if m.topic == nil {
		return ""
	}
	switch m.At() {
	case partPartitions:
		return m.partitions.Current().text(e, m.name)
	case partGroups:
		return m.groups.Current().text(e, m.name)
	case partChart:
		return m.chart.text(e)
	case partAdvice:
		return m.advice.Text()
	}
	return parts.ConfigText(m.configs.Current())
}
