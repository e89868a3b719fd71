// Package brokerdetail is the screen of one broker in parts: overview, the partitions it leads, the
// groups it coordinates, its log dirs, the configurations that differ from the default, and the quorum that
// keeps the cluster's metadata. It keeps to its broker.
package brokerdetail

import (
	"strconv"

	"lagtop/kafka"
	"lagtop/kafka/explain"
	"lagtop/kafka/safe"
	"lagtop/ui/command"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
	"lagtop/ui/pane/list"
	"lagtop/ui/pane/parts"
)

// The parts, in the order of their tabs.
const (
	partOverview = iota
	partLeads
	partGroups
	partLogDirs
	partConfigs
	partQuorum
)

// Model is the screen.
type Model struct {
	id     int32 // set by the first Refresh
	opened bool
	broker *kafka.Broker // of the newest snapshot; nil when it is not there

	*parts.Book
	overview *parts.Facts
	leads    *list.List[led]
	groups   *list.List[kafka.Group]
	dirs     *parts.Looked[kafka.LogDir]
	configs  *parts.Looked[kafka.Config]
	quorum   *quorum
	led      []led
	grouped  []kafka.Group
}

// New is the screen of the broker that is in focus at the first Refresh.
func New() *Model {
	m := &Model{leads: newLeads(), groups: newGroups(), quorum: newQuorum()}
	m.overview = &parts.Facts{Ref: m.about}
	m.dirs = newLogDirs(func(path string) explain.Ref { return explain.OfLogDir(m.id, path) })
	m.configs = parts.NewConfigs(func(setting string) explain.Ref { return explain.OfBrokerSetting(m.id, setting) })
	m.Book = parts.New(
		parts.Part{Name: "Overview", Page: m.overview},
		parts.Part{Name: "Leads", Page: m.leads, Note: m.leading},
		parts.Part{Name: "Groups", Page: m.groups, Note: m.coordinating},
		parts.Part{Name: "Log dirs", Page: m.dirs, Note: m.dirs.Note},
		parts.Part{Name: "Configs", Page: m.configs, Note: m.configs.Note},
		parts.Part{Name: "Quorum", Page: m.quorum, Note: m.quorum.note},
	)
	m.Turned = m.Refresh
	return m
}

// Place is where the pane's commands apply.
func (m *Model) Place() command.Place { return command.BrokerDetail }

// Head is the frame's title and note.
func (m *Model) Head(e *pane.Env) (title, note string) {
	title = "Broker " + strconv.Itoa(int(m.id))
	if m.broker == nil {
		return title, ""
	}
	old, _ := cell.Old(e, m.broker.At)
	controller := ""
	if m.broker.Controller {
		controller = e.Theme.Glyphs.Star + " controller"
	}
	return title, cell.Dotted(e.Theme, old, m.broker.Addr, m.broker.Rack, controller)
}

// Refresh takes over a snapshot. Only the part on screen is brought up to date.
func (m *Model) Refresh(e *pane.Env) {
	if !m.opened {
		m.id, m.opened = e.Focus.Broker.V, true
	}
	m.broker = e.Snapshot.Broker(m.id)
	if m.Gone = ""; m.broker == nil {
		m.Gone = "broker " + strconv.Itoa(int(m.id)) + " is gone"
		return
	}
	switch m.At() {
	case partOverview:
		m.describe(e)
	case partLeads:
		m.led = leads(e, m.id, m.led[:0])
		m.leads.Show(e, m.led)
	case partGroups:
		m.grouped = m.grouped[:0]
		for i := range e.Snapshot.Groups {
			if e.Snapshot.Groups[i].Coordinator == kafka.Some(m.id) {
				m.grouped = append(m.grouped, e.Snapshot.Groups[i])
			}
		}
		m.groups.Show(e, m.grouped)
	case partLogDirs:
		m.dirs.Ask(e, func(l pane.Lookup) pane.Answer[[]kafka.LogDir] { return l.LogDirs(m.id) })
	case partConfigs:
		m.configs.Ask(e, func(l pane.Lookup) pane.Answer[[]kafka.Config] { return l.BrokerConfigs(m.id) })
	case partQuorum:
		m.quorum.ask(e)
	}
}

// Select puts the broker into the focus.
func (m *Model) Select(f *pane.Focus) { f.Broker = kafka.Some(m.id) }

// Copy is the selected row as text, in the overview the broker.
func (m *Model) Copy(*pane.Env) string {
	if m.broker == nil {
		return ""
	}
	switch m.At() {
	case partLeads:
		return m.leads.Current().text()
	case partGroups:
		if g := m.groups.Current(); g != nil {
			return cell.Name(g.Name)
		}
		return ""
	case partLogDirs:
		if d := m.dirs.Current(); d != nil {
			return safe.Line(d.Path)
		}
		return ""
	case partConfigs:
		return parts.ConfigText(m.configs.Current())
	case partQuorum:
		return m.quorum.text()
	}
	return safe.Line(strconv.Itoa(int(m.id)) + " " + m.broker.Addr + " " + m.broker.Rack)
}
