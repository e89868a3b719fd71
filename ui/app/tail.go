package app

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/offsets"
	"lagtop/kafka/safe"
	"lagtop/kafka/tail"
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
	spec   tail.Spec
	live   *tail.Tail
	ended  chan struct{} // closed when live is replaced
}

type (
	tailMsg   struct{ id int }
	followMsg struct{ topic string }
)

// stop ends the tail and waits for it. It is for the end of the program; switch replaces it without waiting.
func (t *tailing) stop() {
	if t.live != nil {
		close(t.ended)
		t.live.Close()
		t.live = nil
	}
}

// startTail replaces the tail.
func (m *Model) startTail(spec tail.Spec, label string) tea.Cmd {
	m.dropTail()
	spec.Wake = tailWake
	m.tail.id++
	m.tail.spec = spec
	m.tail.live = tail.Start(m.ctx, m.deps.Tailer, spec)
	m.tail.ended = make(chan struct{})
	m.tailPane().Show(m.tail.live, label)
	m.tailPane().Refresh(&m.env)
	return m.waitTail()
}

// dropTail ends the tail outside the event loop: closing waits for connections.
func (m *Model) dropTail() {
	old := m.tail.live
	if old == nil {
		return
	}
	close(m.tail.ended)
	m.tail.live = nil
	m.work.Add(1)
	go func() { defer m.work.Done(); old.Close() }()
}

func (m *Model) waitTail() tea.Cmd {
	live, ended, id := m.tail.live, m.tail.ended, m.tail.id
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
		case <-live.Updates():
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

// followFocus lets the tail follow the selected topic, after a moment of rest.
func (m *Model) followFocus() tea.Cmd {
	topic := m.env.Focus.Topic
	if !m.tail.wanted || m.tail.pinned || topic == "" || topic == m.tail.spec.Topic || m.focus == command.Tail || m.top().Place() == command.Findings {
		return nil
	}
	if m.tail.live == nil {
		return m.tailTopic(topic)
	}
	return tea.Tick(followPause, func(time.Time) tea.Msg { return followMsg{topic} })
}

func (m *Model) takeFollow(msg followMsg) tea.Cmd {
	if m.tail.pinned || msg.topic != m.env.Focus.Topic || msg.topic == m.tail.spec.Topic {
		return nil
	}
	return m.tailTopic(msg.topic)
}

func (m *Model) tailTopic(topic string) tea.Cmd {
	return m.startTail(tail.Spec{ReadSpec: kafka.ReadSpec{Topic: topic}}, safe.Line(topic))
}

// showTail follows what is selected, now: a partition where one was chosen, else the topic.
func (m *Model) showTail() tea.Cmd {
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
		spec := tail.Spec{ReadSpec: kafka.ReadSpec{Topic: f.Topic, Partitions: []int32{f.Partition.V}}}
		if at, ok := commits[f.Partition.V]; ok {
			spec.Each = map[int32]kafka.Seek{f.Partition.V: at}
		}
		return m.startTail(spec, fmt.Sprintf("%s/%d", safe.Line(f.Topic), f.Partition.V))
	}
	if f.Topic == m.tail.spec.Topic && m.tail.live != nil && m.tail.spec.Partitions == nil {
		return nil
	}
	return m.tailTopic(f.Topic)
}

// Fields and values of the form that says where a tail begins.
const (
	fieldFrom  = "from"
	fieldValue = "value"
	fieldParts = "partitions"
	fromEnd    = "end"
	fromStart  = "start"
	fromLast   = "last"
	fromOffset = "offset"
	fromTime   = "time"
	fromCommit = "commit"

	fieldIsolation = "isolation"
	uncommitted    = "read_uncommitted"
	committed      = "read_committed"
	marked         = "marked"
)

func (m *Model) askTailFrom() tea.Cmd {
	topic := m.tail.spec.Topic
	if topic == "" {
		topic = m.env.Focus.Topic
	}
	if topic == "" {
		m.toast(component.ToastWarn, "tail from: select a topic first")
		return nil
	}
	why := ""
	if len(m.commits(topic)) == 0 {
		why = "no group with a commit in this topic is selected"
	}
	f := component.NewForm("Tail "+safe.Line(topic)+" from",
		component.Field{Name: fieldFrom, Label: "from", Value: fromEnd, Options: []component.Option{
			{Value: fromEnd, Label: "the end", Hint: "only what arrives from now on"},
			{Value: fromLast, Label: "the last records", Hint: "so many of each partition"},
			{Value: fromStart, Label: "the start", Hint: "all that is left in the log"},
			{Value: fromOffset, Label: "an offset", Hint: "the same in each partition"},
			{Value: fromTime, Label: "a date and time", Hint: "the first record at or after it"},
			{Value: fromCommit, Label: "the commits of " + safe.Line(m.env.Focus.Group), Hint: "what the group reads next", Why: why},
		}},
		component.Field{Name: fieldValue, Label: "value", Hint: "a number, or 2026-11-22T14:00:00.000 (UTC unless it has a zone)",
			When: func(f *component.Form) bool {
				v := f.Value(fieldFrom)
				return v == fromLast || v == fromOffset || v == fromTime
			}},
		component.Field{Name: fieldParts, Label: "partitions", Value: m.tailParts(topic), Hint: "such as 0,3-5; empty: all", Check: checkParts},
		component.Field{Name: fieldIsolation, Label: "records", Value: m.tailIsolation(topic), Options: []component.Option{
			{Value: uncommitted, Label: "all", Hint: "read_uncommitted: also those of open and aborted transactions"},
			{Value: committed, Label: "committed", Hint: "read_committed: up to the first open transaction, without aborted ones"},
			{Value: marked, Label: "committed, aborted marked", Hint: "read_committed; aborted records and the markers of transactions are shown as such"},
		}},
	)
	f.Submit = "follow"
	m.openModal(&formBox{f, func(m *Model, f *component.Form) (tea.Cmd, bool) { return m.submitTailFrom(f, topic) }})
	return nil
}

func (m *Model) submitTailFrom(f *component.Form, topic string) (tea.Cmd, bool) {
	spec := tail.Spec{ReadSpec: kafka.ReadSpec{Topic: topic}}
	parts, err := parseParts(f.Value(fieldParts))
	if err == nil {
		err = m.hasParts(topic, parts)
	}
	if err != nil {
		f.Fail(fieldParts, err)
		return nil, false
	}
	spec.Partitions = parts
	spec.Committed = f.Value(fieldIsolation) != uncommitted
	spec.Aborted = f.Value(fieldIsolation) == marked
	spec.Markers = spec.Aborted
	from := f.Value(fieldFrom)
	if from == fromCommit {
		spec.Each = m.commits(topic)
	}
	seek, err := seekFrom(from, strings.TrimSpace(f.Value(fieldValue)))
	if err != nil {
		f.Fail(fieldValue, err)
		return nil, false
	}
	spec.From = seek
	m.tail.wanted, m.tail.pinned = true, true
	m.focus, m.details = command.Tail, nil
	label := safe.Line(topic)
	if len(parts) > 0 {
		label += "/" + writeParts(parts)
	}
	label += " from " + from
	if spec.Committed {
		label += ", read_committed"
	}
	return m.startTail(spec, label), true
}

func seekFrom(from, value string) (kafka.Seek, error) {
	switch from {
	case fromStart:
		return kafka.Seek{Kind: kafka.SeekStart}, nil
	case fromLast:
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < 1 {
			return kafka.Seek{}, fmt.Errorf("%q is not a number of records such as 100", value)
		}
		return kafka.Seek{Kind: kafka.SeekLast, Offset: n}, nil
	case fromOffset:
		o, err := offsets.ParseOffset(value)
		return kafka.Seek{Kind: kafka.SeekOffset, Offset: int64(o)}, err
	case fromTime:
		t, err := offsets.ParseTime(value)
		return kafka.Seek{Kind: kafka.SeekTime, Time: t.Time}, err
	}
	return kafka.Seek{}, nil
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
