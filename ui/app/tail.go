package app

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/safe"
	"lagtop/kafka/tail"
	"lagtop/kafka/tail/format"
	"lagtop/ui/command"
	"lagtop/ui/component"
)

const (
	// followPause is how long the selection rests on a topic before its tail starts: moving through a list
	// must not open a reader for every row.
	followPause = 400 * time.Millisecond
	// tailWake batches records: each batch is a frame, and frames cost bytes over SSH.
	tailWake = 200 * time.Millisecond
)

// tailing is the tail that is shown. Only one lives at a time; messages of earlier ones are dropped.
type tailing struct {
	wanted bool // a tail follows the selected topic
	pinned bool // it stays where it was put, whatever is selected
	id     int
	spec   tail.Spec // of live
	live   *tail.Tail
	scan   *tail.Tail    // a look into the past, shown in place of live, which goes on meanwhile; nil: none
	ended  chan struct{} // closed when another one is shown

	schemas uint64 // that had arrived when records were last judged for them
}

type (
	tailMsg   struct{ id int }
	followMsg struct{ topic string }
)

// shown is what the pane shows, nil when nothing is.
func (t *tailing) shown() *tail.Tail {
	if t.scan != nil {
		return t.scan
	}
	return t.live
}

// follows tells whether this topic alone is followed, or was before it was given up.
func (t *tailing) follows(topic string) bool {
	return len(t.spec.Reads) == 1 && t.spec.Reads[0].Topic == topic
}

// stop ends the tail and waits for it. It is for the end of the program; dropTail does not wait.
func (t *tailing) stop() {
	if t.live != nil {
		close(t.ended)
	}
	for _, old := range []*tail.Tail{t.scan, t.live} {
		if old != nil {
			old.Close()
		}
	}
	t.scan, t.live = nil, nil
}

// startTail replaces the tail.
func (m *Model) startTail(spec tail.Spec, label string) tea.Cmd {
	m.dropTail()
	spec.Wake = tailWake
	m.tail.spec = spec
	m.tail.live = tail.Start(m.ctx, m.deps.Tailer, spec)
	m.tailPane().Show(m.tail.live, label)
	return m.showOther()
}

// tailSpec follows what is given in the order of timestamps.
func (m *Model) tailSpec(reads ...kafka.ReadSpec) tail.Spec {
	spec := tail.Spec{Reads: reads, Merge: tail.DefaultMerge}
	for i := range reads {
		if t := m.env.Snapshot.Topic(reads[i].Topic); t != nil && reads[i].Partitions == nil {
			for j := range t.Partitions {
				spec.Expect = append(spec.Expect, kafka.TopicPartition{Topic: t.Name, Partition: t.Partitions[j].ID})
			}
		}
	}
	return spec
}

// showOther waits for the news of what is shown from now on.
func (m *Model) showOther() tea.Cmd {
	if m.tail.ended != nil {
		close(m.tail.ended)
	}
	m.tail.id++
	m.tail.ended = make(chan struct{})
	m.tailPane().Refresh(&m.env)
	return m.waitTail()
}

// dropTail ends the tail.
func (m *Model) dropTail() {
	if m.tail.live == nil {
		return
	}
	close(m.tail.ended)
	m.drop(m.tail.scan)
	m.drop(m.tail.live)
	m.tail.ended, m.tail.scan, m.tail.live = nil, nil, nil
}

// drop ends a tail outside the event loop: closing waits for connections.
func (m *Model) drop(old *tail.Tail) {
	if old == nil {
		return
	}
	m.work.Add(1)
	go func() { defer m.work.Done(); old.Close() }()
}

func (m *Model) waitTail() tea.Cmd {
	shown, ended, id := m.tail.shown(), m.tail.ended, m.tail.id
	rest := m.tailPane().Rest()
	return func() tea.Msg {
		if rest > 0 {
			t := time.NewTimer(rest)
			defer t.Stop()
			select {
			case <-t.C:
			case <-ended:
				return nil
			}
		}
		select {
		case <-shown.Updates():
			return tailMsg{id}
		case <-ended:
			return nil
		}
	}
}

// takeTail shows new records of the tail that is alive.
func (m *Model) takeTail(msg tailMsg) tea.Cmd {
	if msg.id != m.tail.id || m.tail.live == nil {
		return nil
	}
	m.tailPane().Refresh(&m.env)
	return m.waitTail()
}

// takeSchemas judges records again when a schema came since they were judged.
func (m *Model) takeSchemas() {
	if n := format.Arrived(m.env.Schemas); n != m.tail.schemas {
		m.tail.schemas = n
		m.refresh()
	}
}

// followFocus lets the tail follow the selected topic, after a moment of rest.
func (m *Model) followFocus() tea.Cmd {
	topic := m.env.Focus.Topic
	if !m.tail.wanted || m.tail.pinned || topic == "" || m.tail.follows(topic) || m.tail.scan != nil || m.focus == command.Tail || m.top().Place() == command.Findings {
		return nil
	}
	if m.tail.live == nil {
		return m.tailTopic(topic)
	}
	return tea.Tick(followPause, func(time.Time) tea.Msg { return followMsg{topic} })
}

func (m *Model) takeFollow(msg followMsg) tea.Cmd {
	if m.tail.pinned || m.tail.scan != nil || msg.topic != m.env.Focus.Topic || m.tail.follows(msg.topic) {
		return nil
	}
	return m.tailTopic(msg.topic)
}

func (m *Model) tailTopic(topic string) tea.Cmd {
	return m.startTail(m.tailSpec(kafka.ReadSpec{Topic: topic}), safe.Line(topic))
}

// showTail follows what is selected, now: a partition where one was chosen, topics where some are marked, else the
// topic.
func (m *Model) showTail() tea.Cmd {
	if topics := m.markedTopics(); len(topics) > 0 && m.top().Place() == command.Topics {
		return m.tailMarked(topics)
	}
	f := m.env.Focus
	m.tail.wanted, m.tail.pinned = true, false
	found := m.top().Place() == command.Findings
	one := f.Partition.OK && (found || m.focus == command.Partitions)
	var commits map[int32]kafka.Seek
	if found { // what matters there is the record that the group does not get past
		commits = m.commits(f.Topic)
	}
	m.details = nil
	m.focus = command.Tail
	if one {
		m.tail.pinned = true
		read := kafka.ReadSpec{Topic: f.Topic, Partitions: []int32{f.Partition.V}}
		if at, ok := commits[f.Partition.V]; ok {
			read.Each = map[int32]kafka.Seek{f.Partition.V: at}
		}
		return m.startTail(m.tailSpec(read), fmt.Sprintf("%s/%d", safe.Line(f.Topic), f.Partition.V))
	}
	if m.tail.follows(f.Topic) && m.tail.live != nil && m.tail.spec.Reads[0].Partitions == nil {
		return m.backToLive()
	}
	return m.tailTopic(f.Topic)
}

// TopicMarker is a pane where topics can be marked.
type TopicMarker interface {
	MarkedTopics() []string // in order
	ClearMarks()
}

// markedTopics are those to follow next, none when none is marked.
func (m *Model) markedTopics() []string {
	if mk, ok := m.panes[command.Topics].(TopicMarker); ok {
		return mk.MarkedTopics()
	}
	return nil
}

// tailMarked follows several topics from their ends. The marks have served then.
func (m *Model) tailMarked(topics []string) tea.Cmd {
	if n := len(topics); n > mostTopics {
		m.toast(component.ToastWarn, fmt.Sprintf("%d topics are marked, %d can be followed at once", n, mostTopics))
		return nil
	}
	reads := make([]kafka.ReadSpec, len(topics))
	for i, topic := range topics {
		reads[i].Topic = topic
	}
	m.clearTopicMarks()
	m.tail.wanted, m.tail.pinned = true, true
	m.focus, m.details = command.Tail, nil
	return m.startTail(m.tailSpec(reads...), tailName(topics))
}

func (m *Model) clearTopicMarks() {
	if mk, ok := m.panes[command.Topics].(TopicMarker); ok {
		mk.ClearMarks()
	}
}

// commits are the places that the selected group reads next in a topic.
func (m *Model) commits(topic string) map[int32]kafka.Seek {
	g := m.group()
	if g == nil {
		return nil
	}
	out := map[int32]kafka.Seek{}
	for i := range g.Partitions {
		if p := &g.Partitions[i]; p.Topic == topic && p.Committed.OK {
			out[p.Partition] = kafka.Seek{Kind: kafka.SeekOffset, Offset: p.Committed.V}
		}
	}
	return out
}
