// Package start is the screen of a start with nothing configured: it offers the demo, or asks for
// bootstrap addresses and tests them. It knows no cluster; testing is a function it is given.
package start

import (
	"context"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka/doctor"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/report"
)

// Context is a cluster that the configuration file names.
type Context struct {
	Name   string
	Detail string      // one line: where it is, how it is marked
	Color  theme.Token // how the name looks
}

// Deps is what the screen is given.
type Deps struct {
	Theme    *theme.Theme
	Contexts []Context
	Parse    func(list string) ([]string, error)                         // addresses as typed
	Test     func(ctx context.Context, addresses []string) doctor.Report // slow
}

// Choice is what the person wants. The zero Choice is to leave.
type Choice struct {
	Demo      bool
	Context   string // by name
	Bootstrap string // comma separated, as typed
}

// Model is the start screen.
type Model struct {
	Choice Choice

	deps    Deps
	ctx     context.Context
	w, h    int
	form    *component.Form // nil on the first page
	testing bool
	stop    context.CancelFunc // ends the test that is under way
	found   *doctor.Report     // by the last test, nil before it
	tests   int                // ids given out; results of earlier tests are dropped
	leaving bool
}

const fieldAddr = "addresses"

type testedMsg struct {
	id    int
	found doctor.Report
}

// New is the first page. ctx ends a test that is under way.
func New(ctx context.Context, d Deps) *Model { return &Model{deps: d, ctx: ctx, stop: func() {}} }

// Init does nothing: the first page waits for a key.
func (m *Model) Init() tea.Cmd { return nil }

// Update takes keys and the result of a test.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
	case testedMsg:
		if msg.id == m.tests && m.testing {
			return m, m.tested(msg.found)
		}
	case tea.PasteMsg:
		if m.form != nil && !m.testing {
			m.form.Update(msg)
		}
	case tea.KeyPressMsg:
		return m, m.key(msg)
	}
	return m, nil
}

func (m *Model) key(k tea.KeyPressMsg) tea.Cmd {
	switch {
	case k.String() == "ctrl+c":
		return m.leave(Choice{})
	case m.form == nil:
		return m.menu(k.String())
	case m.testing:
		if k.String() == "esc" {
			m.testing = false
			m.stop()
		}
		return nil
	}
	switch m.form.Update(k) {
	case component.Cancelled:
		m.form, m.found = nil, nil
	case component.Done:
		return m.test()
	}
	return nil
}

func (m *Model) menu(key string) tea.Cmd {
	for i, c := range m.offered() {
		if key == strconv.Itoa(i+1) {
			return m.leave(Choice{Context: c.Name})
		}
	}
	switch key {
	case "d":
		return m.leave(Choice{Demo: true})
	case "c":
		m.form = component.NewForm("Connect to a cluster", component.Field{
			Name: fieldAddr, Label: "brokers", Hint: "host:port, several separated by commas; port 9092 unless given",
			Check: func(v string) error { _, err := m.deps.Parse(v); return err },
		})
		m.form.Submit = "test and connect"
	case "q", "esc":
		return m.leave(Choice{})
	}
	return nil
}

// offered are the contexts that have a key.
func (m *Model) offered() []Context { return m.deps.Contexts[:min(len(m.deps.Contexts), 9)] }

func (m *Model) leave(c Choice) tea.Cmd {
	m.Choice, m.leaving = c, true
	m.stop()
	return tea.Quit
}

// test tries the addresses outside the event loop.
func (m *Model) test() tea.Cmd {
	addrs, err := m.deps.Parse(m.form.Value(fieldAddr))
	if err != nil {
		m.form.Fail(fieldAddr, err)
		return nil
	}
	m.tests++
	m.testing, m.found = true, nil
	id := m.tests
	m.stop()
	ctx, stop := context.WithCancel(m.ctx)
	m.stop = stop
	return func() tea.Msg { return testedMsg{id, m.deps.Test(ctx, addrs)} }
}

// tested goes on when any address let us in, and shows what was found when none did.
func (m *Model) tested(found doctor.Report) tea.Cmd {
	m.testing, m.found = false, &found
	if found.Verdict != doctor.Closed {
		return m.leave(Choice{Bootstrap: m.form.Value(fieldAddr)})
	}
	return nil
}

// View draws the page.
func (m *Model) View() tea.View {
	v := tea.View{AltScreen: true, WindowTitle: "lagtop"}
	if m.leaving || m.w <= 0 || m.h <= 0 {
		return v
	}
	base := make([]string, m.h)
	for i := range base {
		base[i] = component.Fit("", m.w, false)
	}
	box := m.welcome()
	if m.form != nil {
		box = m.connect()
	}
	v.SetContent(strings.Join(component.Overlay(base, box, m.w, m.h), "\n"))
	return v
}

func (m *Model) welcome() []string {
	key := func(k, text string) []component.Cell {
		return []component.Cell{{Text: "  " + k + "  ", Tok: theme.Key}, {Text: text, Tok: theme.Text}}
	}
	d := component.Dialog{Title: "lagtop", Body: [][]component.Cell{
		{{Text: "Watch and operate Kafka consumer groups.", Tok: theme.Text}}, nil,
		key("d", "the demo: an embedded cluster, nothing else needed"),
		key("c", "connect to a cluster"), nil,
	}, Choices: []component.Choice{{ID: "quit", Label: "q quit"}}}
	for i, c := range m.offered() {
		d.Body = append(d.Body, append(key(strconv.Itoa(i+1), "")[:1], component.Cell{Text: safe.Line(c.Name), Tok: c.Color}, component.Cell{Text: "  " + safe.Line(c.Detail), Tok: theme.Muted}))
	}
	hint := "Next time: lagtop -b host:port"
	if n := len(m.deps.Contexts); n > 0 {
		hint = "Next time: lagtop --context NAME"
		if more := n - len(m.offered()); more > 0 {
			hint += ", also for " + strconv.Itoa(more) + " more: lagtop context list"
		}
		d.Body = append(d.Body, nil)
	}
	d.Body = append(d.Body, []component.Cell{{Text: hint, Tok: theme.Muted}})
	return d.View(m.deps.Theme, m.w, m.h)
}

// connect is the form, and below it what became of the last test.
func (m *Model) connect() []string {
	box := m.form.View(m.deps.Theme, m.w, m.h)
	var body [][]component.Cell
	if m.testing {
		body = append(body, []component.Cell{{Text: "Testing: name, TCP, Kafka ... (esc stops)", Tok: theme.Accent}})
	}
	if m.found != nil {
		body = append(body, report.Lines(m.deps.Theme, *m.found)...)
	}
	if len(body) == 0 {
		return box
	}
	d := component.Dialog{Title: "Test", Body: body, Choices: []component.Choice{{ID: "again", Label: "change the addresses and press enter"}}}
	return append(box, d.View(m.deps.Theme, m.w, max(m.h-len(box), 1))...)
}
