package app

import (
	"errors"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/component"
	"lagtop/ui/pane"
	auditpane "lagtop/ui/pane/audit"
	"lagtop/ui/pane/brokerdetail"
	"lagtop/ui/pane/brokers"
	"lagtop/ui/pane/findings"
	"lagtop/ui/pane/groupdetail"
	"lagtop/ui/pane/groups"
	"lagtop/ui/pane/partitions"
	"lagtop/ui/pane/recorddetail"
	"lagtop/ui/pane/tail"
	timelinepane "lagtop/ui/pane/timeline"
	"lagtop/ui/pane/topicdetail"
	"lagtop/ui/pane/topics"
)

// overviewOrder is the order of the panes by number, which is also the way the selection flows.
var overviewOrder = []command.Place{command.Groups, command.Partitions, command.Topics, command.Brokers, command.Tail}

func newPanes() map[command.Place]pane.Pane {
	return map[command.Place]pane.Pane{
		command.Groups:     groups.New(),
		command.Partitions: partitions.New(),
		command.Topics:     topics.New(),
		command.Brokers:    brokers.New(),
		command.Tail:       tail.New(),
	}
}

// open shows the detail of what is selected in the focused pane.
func (m *Model) open() tea.Cmd {
	if f, ok := m.top().(*findings.Model); ok {
		return m.jump(f.Finding())
	}
	if p, ok := m.top().(*auditpane.Model); ok {
		return m.openAction(p)
	}
	if p, ok := m.top().(*timelinepane.Model); ok {
		return m.openRebalance(p)
	}
	var d pane.Pane
	switch m.focus {
	case command.Groups, command.Partitions:
		if m.group() != nil {
			d = groupdetail.New()
		}
	case command.Topics:
		if m.env.Snapshot.Topic(m.env.Focus.Topic) != nil {
			d = topicdetail.New()
		}
	case command.Brokers:
		if m.env.Focus.Broker.OK {
			d = brokerdetail.New()
		}
	case command.Tail:
		if e, ok := m.tailPane().Current(); ok {
			d = recorddetail.New(e)
			if other, marked := m.tailPane().Bookmark(); marked && other.Seq != e.Seq {
				d = recorddetail.NewBeside(e, other)
			}
		}
	}
	if d == nil {
		m.toast(component.ToastWarn, "open: nothing is selected")
		return nil
	}
	d.Refresh(&m.env)
	m.details = append(m.details, d)
	m.settle()
	return nil
}

// toggleFindings shows the findings, or goes back from them.
func (m *Model) toggleFindings() tea.Cmd {
	if _, ok := m.top().(*findings.Model); ok {
		return m.back()
	}
	m.aside = m.env.Focus
	d := findings.New()
	d.Refresh(&m.env)
	m.details = append(m.details, d)
	m.settle()
	return nil
}

// jump goes to what a finding is about: its group in the overview, and the partition where it is about one;
// the detail of its topic or broker.
func (m *Model) jump(f *kafka.Finding) tea.Cmd {
	var d pane.Pane
	switch {
	case f == nil || f.Subject.Kind == kafka.SubjectCluster:
		m.toast(component.ToastWarn, "open: the finding has no place to go to")
		return nil
	case f.Subject.Kind == kafka.SubjectTopic:
		d = topicdetail.New()
	case f.Subject.Kind == kafka.SubjectBroker:
		d = brokerdetail.New()
	default:
		m.details, m.focus = nil, command.Groups
		if !m.selectGroup(f.Subject.Group) {
			m.toast(component.ToastInfo, "the filter hides group "+safe.Line(f.Subject.Group)+"; esc clears it")
		}
		m.refresh()
		if s := &f.Subject; m.env.Focus.Group == s.Group && s.Partition.OK {
			m.goToPartition(kafka.TopicPartition{Topic: s.Topic, Partition: s.Partition.V})
		}
		return m.followFocus()
	}
	d.Refresh(&m.env)
	m.details = append(m.details, d)
	m.settle()
	return nil
}

// goToPartition puts the cursor on a partition of the group in focus, where it is shown.
func (m *Model) goToPartition(tp kafka.TopicPartition) {
	if m.panes[command.Partitions].(*partitions.Model).Go(&m.env, tp) {
		m.focus = command.Partitions
		m.settle()
	}
}

func (m *Model) tailPane() *tail.Model { return m.panes[command.Tail].(*tail.Model) }

// adviceOf is what an error says to try, empty when it does not.
func adviceOf(err error) string {
	var a interface{ Try() string }
	if errors.As(err, &a) {
		return a.Try()
	}
	return ""
}

// starting is the middle of the screen before the first snapshot: what is tried, and what went wrong.
func (m *Model) starting(w, h int) []string {
	lines := make([]string, h)
	for i := range lines {
		lines[i] = component.Fit("", w, false)
	}
	title, body := "Connecting", [][]component.Cell{{{Text: "to " + safe.Line(m.deps.Name), Tok: theme.Text}}}
	if err := m.status.Err; err != nil {
		title = "No answer yet"
		body = append(body, []component.Cell{{Text: safe.Line(err.Error()), Tok: theme.Danger}})
		if try := adviceOf(err); try != "" {
			body = append(body, []component.Cell{{Text: m.theme.Glyphs.Arrow + " " + safe.Line(try), Tok: theme.Text}})
		}
		again := "Trying again, q quits."
		if len(m.deps.Clusters) > 1 {
			again = "Trying again. c shows another context, q quits."
		}
		if m.deps.Examine != nil {
			again += " :doctor looks at each step."
		}
		body = append(body, nil, []component.Cell{{Text: again, Tok: theme.Muted}})
	}
	d := component.Dialog{Title: title, Body: body, Choices: []component.Choice{{ID: "quit", Label: "q quit"}}}
	return component.Overlay(lines, d.View(m.theme, w, h), w, h)
}
