package app

import (
	"context"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka/demo"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/component"
)

// Stage is the demo as the presenter's panel drives it.
type Stage interface {
	Controls(t demo.Target) []demo.Control // without waiting
	Act(ctx context.Context, id string, t demo.Target) (said string, err error)
	Scene() demo.Scene
}

// presenter is the panel and the line of captions, both between the panes and the footer.
type presenter struct {
	open  bool
	scene demo.Scene
	chose bool // the scenario's group was selected
}

// lever is a key of the panel and what it does.
type lever struct {
	key   string
	id    string // of demo.Act; "" for what another place does
	label string // where the demo does not tell
}

// choose opens the list of scenarios.
const choose = "choose"

// panel is the levers by what they act on.
var panel = []struct {
	title  string
	levers []lever
}{
	{"consumer", []lever{{"k", demo.ActKill, ""}, {"f", demo.ActFreeze, ""}, {"s", demo.ActSlow, ""}, {"+", "", "add"}, {"-", "", "remove"}}},
	{"group", []lever{{"a", demo.ActAssign, ""}, {"i", demo.ActStatic, ""}, {"d", demo.ActDeploy, ""}}},
	{"topic", []lever{{">", demo.ActFaster, ""}, {"<", demo.ActSlower, ""}, {"y", demo.ActSkew, ""}, {"x", demo.ActPoison, ""}}},
	{"cluster", []lever{{"o", demo.ActBroker, ""}}},
	{"scenario", []lever{{"S", choose, "choose"}, {"space", demo.ActPause, "pause"}, {"n", demo.ActNext, "next"}, {"b", demo.ActAgain, "again"}, {"Q", demo.ActStop, "end"}}},
}

// The heights of the parts.
const (
	captionLines = 2
	panelFrame   = 2
)

// presenterLines is how many lines the presenter's part takes; none where the window is too low for it.
func (m *Model) presenterLines() int {
	n := 0
	if m.presenter.scene.Scenario != "" {
		n = captionLines
	}
	if m.presenter.open {
		n += len(panel) + panelFrame
	}
	const least = 12 // lines that the rest keeps
	if m.h-n < least && m.presenter.open {
		n -= len(panel) + panelFrame
	}
	if m.h-n < least {
		return 0
	}
	return n
}

// stageLines draws the presenter's part: the panel, and below it where the scenario is.
func (m *Model) stageLines(w int) []string {
	n := m.presenterLines()
	var out []string
	if n > captionLines {
		out = m.panelBox(w)
	}
	if n > 0 && m.presenter.scene.Scenario != "" {
		out = append(out, m.caption(w)...)
	}
	return out
}

// caption is which step of which scenario, and what it says.
func (m *Model) caption(w int) []string {
	s := &m.presenter.scene
	g := m.theme.Glyphs
	left := []span{{theme.Accent, " " + s.Scenario}, {theme.Text, fmt.Sprintf("  step %d/%d  ", s.Step, s.Steps)},
		{theme.Bar, component.Bar(m.theme, float64(s.Step), float64(max(s.Steps, 1)), 10)}}
	text, tok := s.Caption, theme.Text
	state, look := "", theme.Muted
	switch {
	case s.Err != "":
		state, look, text, tok = "failed: b begins anew", theme.Danger, s.Err, theme.Danger
	case s.Done:
		state, look, text, tok = "done", theme.Good, g.Arrow+" "+s.Look, theme.Good
	case s.Paused:
		state, look = "paused", theme.Lagging
	case s.Waiting != "":
		state = "waiting: " + s.Waiting
	}
	hint := []span{{theme.Key, " P "}, {theme.Muted, "panel "}}
	if m.presenter.open {
		hint = nil
	}
	left = append(left, span{look, "  " + safe.Line(state)})
	return []string{line(m.theme, w, left, hint), line(m.theme, w, []span{{tok, " " + safe.Line(text)}}, nil)}
}

// panelBox is the frame with a line for each thing that can be acted on.
func (m *Model) panelBox(w int) []string {
	t := m.target()
	known := map[string]demo.Control{}
	for _, c := range m.deps.Stage.Controls(t) {
		known[c.ID] = c
	}
	head := min(max((w-2)*9/25, 20), 44)
	var body []string
	for _, row := range panel {
		spans := []span{{theme.Muted, component.Fit(" "+row.title+" ", 10, false)}, {theme.Text, component.Fit(m.onWhat(row.title, &t), head-10, false)}}
		for _, l := range row.levers {
			c, tok, word := known[l.id], theme.Key, theme.Text
			label := c.Label
			if l.label != "" {
				label = l.label
			}
			if c.Why != "" || row.title == "scenario" && l.id != choose && m.presenter.scene.Scenario == "" {
				tok, word = theme.Muted, theme.Muted
			}
			spans = append(spans, span{tok, " " + l.key}, span{word, " " + label + " "})
		}
		body = append(body, line(m.theme, w-2, spans, nil))
	}
	return component.Frame(m.theme, "Presenter", "P closes", true, w, len(panel)+panelFrame, body)
}

// onWhat names what a row of the panel acts on.
func (m *Model) onWhat(row string, t *demo.Target) string {
	switch row {
	case "consumer":
		if t.Client == "" && t.Group != "" {
			return "the newest"
		}
		return safe.Line(t.Client)
	case "group":
		return safe.Line(t.Group)
	case "topic":
		if t.Partition.OK {
			return fmt.Sprintf("%s/%d", safe.Line(t.Topic), t.Partition.V)
		}
		return safe.Line(t.Topic)
	case "scenario":
		return m.presenter.scene.Scenario
	}
	return ""
}

// target is what is selected.
func (m *Model) target() demo.Target {
	f := &m.env.Focus
	t := demo.Target{Group: f.Group, Topic: f.Topic, Partition: f.Partition, Broker: f.Broker}
	if g := m.group(); g != nil {
		for i := range g.Members {
			if g.Members[i].ID == f.Member {
				t.Client = g.Members[i].ClientID
			}
		}
	}
	return t
}

// presenterKey carries out a lever; it reports false for a key that is none.
func (m *Model) presenterKey(key string) (tea.Cmd, bool) {
	if key == "esc" {
		m.presenter.open = false
		return nil, true
	}
	for _, row := range panel {
		for _, l := range row.levers {
			if l.key == key && l.id != "" {
				return m.pull(l.id), true
			}
		}
	}
	return nil, false
}

func (m *Model) pull(id string) tea.Cmd {
	switch id {
	case choose:
		m.openModal(newScenarios(m))
		return nil
	case demo.ActPause, demo.ActNext, demo.ActAgain, demo.ActStop:
		m.direct(id)
		return nil
	}
	t := m.target()
	title := id
	for _, c := range m.deps.Stage.Controls(t) {
		if c.ID == id {
			title = c.Label
		}
		if c.ID == id && c.Why != "" {
			m.toast(component.ToastWarn, c.Label+": "+c.Why)
			return nil
		}
	}
	return m.start(title, func(ctx context.Context, _ func(string)) func(*Model) tea.Cmd {
		said, err := m.deps.Stage.Act(ctx, id, t)
		return func(m *Model) tea.Cmd {
			if err != nil {
				m.toast(component.ToastDanger, err.Error())
			} else {
				m.toast(component.ToastInfo, said)
			}
			m.deps.Source.Refresh()
			return nil
		}
	})
}

// direct tells the scenario something; that takes no time.
func (m *Model) direct(id string) {
	if _, err := m.deps.Stage.Act(m.ctx, id, demo.Target{}); err != nil {
		m.toast(component.ToastWarn, err.Error())
	}
	m.takeScene()
}

// takeScene follows the scenario, and selects the group that it is about when it begins.
func (m *Model) takeScene() {
	if m.deps.Stage == nil {
		return
	}
	m.presenter.scene = m.deps.Stage.Scene()
	s := &m.presenter.scene
	switch {
	case s.Step < 1:
		m.presenter.chose = false
	case !m.presenter.chose && len(m.details) == 0 && m.selectGroup(s.Group):
		m.presenter.chose, m.chosen = true, true
		m.refresh()
	}
}

// togglePanel opens the panel and closes it.
func (m *Model) togglePanel() tea.Cmd {
	m.presenter.open = !m.presenter.open
	if m.presenter.open && m.presenterLines() <= captionLines {
		m.presenter.open = false
		m.toast(component.ToastWarn, "the window is too low for the panel")
	}
	return nil
}

// newScenarios is the list behind S.
func newScenarios(m *Model) modal {
	var items []component.Item
	for _, s := range demo.Scenarios() {
		items = append(items, component.Item{ID: s.Name, Title: s.Name, Detail: s.Title})
	}
	return &scenarioBox{component.NewPalette("Scenarios", items)}
}

type scenarioBox struct{ *component.Palette }

func (b *scenarioBox) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	item, state := b.Update(k)
	switch state {
	case component.Cancelled:
		m.closeModal()
	case component.Done:
		m.closeModal()
		m.direct(demo.ActPlay + item.ID)
	}
	return nil
}

func (b *scenarioBox) paste(_ *Model, text string)      { b.Update(tea.PasteMsg{Content: text}) }
func (b *scenarioBox) view(m *Model, w, h int) []string { return b.View(m.theme, w, h) }
