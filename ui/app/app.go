// Package app is the root model: it owns focus, routing, modals, size and the long work under way.
// Update routes and decides nothing about Kafka; what is drawn comes from the newest snapshot.
package app

import (
	"context"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"lagtop/kafka"
	"lagtop/kafka/alert"
	"lagtop/kafka/poll"
	"lagtop/kafka/triage"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/component"
	"lagtop/ui/pane"
	"lagtop/ui/pane/groups"
)

// Source publishes snapshots. Updates wakes the screen; the newest state is read from Latest and Status.
type Source interface {
	Latest() *kafka.Snapshot // nil before the first
	Updates() <-chan struct{}
	Status() poll.Status
	Refresh()
}

// Fleet grows and shrinks the groups of the demo.
type Fleet interface {
	AddConsumer(group string) (clientID string, err error)
	RemoveConsumer(group string) (clientID string, err error)
}

// Deps is what the screen is wired to.
type Deps struct {
	Session
	Clusters []Cluster // that can be shown instead
	Shown    int       // which of them is
	Alerting Alerting
	// AuditOptional lets actions go on without a record; AuditFailures then says what could not be written.
	AuditOptional bool
	AuditFailures <-chan error
	Say           func(string) // to the terminal after the screen is gone; nil: nothing is said
	State         string       // folder for the files that actions leave; empty: the user's
	Mouse         bool
	Theme         theme.Options
	Now           func() time.Time // nil: time.Now
}

// Model is the root model.
type Model struct {
	deps   Deps
	ctx    context.Context // ends every piece of work
	cancel context.CancelFunc
	asked  context.Context // ends when the program is asked to end
	work   sync.WaitGroup

	theme  *theme.Theme
	w, h   int
	env    pane.Env
	status poll.Status

	panes   map[command.Place]pane.Pane
	focus   command.Place // the focused pane of the overview
	zoom    bool
	details []pane.Pane // opened details, the last one is on the screen
	aside   pane.Focus  // what was selected when the findings were opened
	modals  []modal     // in front of everything, the first one gets the keys
	typing  *filterLine // the filter that is being typed, nil when none
	toasts  component.Toasts
	alerts  *alert.Engine
	task    *task
	tasks   int // ids given out
	tail    tailing
	lookup  *lookup // nil without Facts and Stamps
	chosen  bool    // a key was pressed or a row clicked; before that the cursor stays on the worst group
	trail   trail
	acts    acts

	presenter presenter
	following *following // the group's log that is read, nil when none is
	leaving   bool
}

// New is the model of the overview. Close ends its work after the program stopped.
func New(ctx context.Context, d Deps) (*Model, error) {
	th, err := theme.New(d.Theme)
	if err != nil {
		return nil, err
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	m := &Model{deps: d, theme: th, panes: newPanes(), focus: command.Groups, alerts: alert.New(d.Alerting.Rules)}
	m.asked = ctx
	m.ctx, m.cancel = context.WithCancel(ctx)
	m.tail.wanted = d.AutoTail
	m.env = pane.Env{Theme: th, Now: d.Now(), Snapshot: &kafka.Snapshot{}, History: d.History, Timeline: d.Timeline, Schemas: d.Schemas, Interval: d.Interval}
	if d.Facts != nil || d.Stamps != nil {
		m.lookup = newLookup(m.ctx, d.Facts, d.Now)
	}
	if d.Facts != nil {
		m.env.Lookup = m.lookup
	}
	if d.Stamps != nil {
		m.env.Stamps = newStamps(m.lookup, d.Stamps)
	}
	m.refresh()
	return m, nil
}

// Close cancels what is under way and waits for it.
func (m *Model) Close() {
	m.cancel()
	m.windDown()
	m.tail.stop()
	if m.lookup != nil {
		m.lookup.close()
	}
	m.work.Wait()
}

type (
	snapshotMsg struct{}
	tickMsg     time.Time
)

// Init waits for the first snapshot. The first frame does not.
func (m *Model) Init() tea.Cmd {
	cmds := []tea.Cmd{m.waitSnapshot, tick()}
	if m.lookup != nil {
		cmds = append(cmds, m.lookup.wait)
	}
	if m.deps.AuditFailures != nil {
		cmds = append(cmds, m.waitAudit)
	}
	if m.deps.Alerting.Notifier != nil {
		cmds = append(cmds, m.waitNotifier)
	}
	return tea.Batch(cmds...)
}

// waitSnapshot waits until the source has news.
func (m *Model) waitSnapshot() tea.Msg {
	select {
	case <-m.deps.Source.Updates():
		return snapshotMsg{}
	case <-m.ctx.Done():
		return nil
	}
}

// tick lets ages, toasts and progress go on between snapshots.
func tick() tea.Cmd {
	return tea.Tick(time.Second, func(t time.Time) tea.Msg { return tickMsg(t) })
}

// Update routes a message.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m.env.Now = m.deps.Now()
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
	case snapshotMsg:
		return m, tea.Batch(m.takeSnapshot(), m.waitSnapshot)
	case tickMsg:
		m.toasts.Expire(m.env.Now)
		m.countRequests()
		m.takeScene()
		m.takeSchemas()
		return m, tick()
	case followMsg:
		return m, m.takeFollow(msg)
	case lookupMsg:
		m.refresh()
		return m, m.lookup.wait
	case notifyFailedMsg:
		m.toast(component.ToastDanger, msg.err.Error())
		return m, m.waitNotifier
	case tailMsg:
		return m, m.takeTail(msg)
	case timelineMsg:
		return m, m.takeTimeline(msg)
	case taskNoteMsg:
		return m, m.takeNote(msg)
	case taskDoneMsg:
		return m, m.takeDone(msg)
	case trailMsg:
		return m, m.takeTrail(msg)
	case agedMsg:
		m.takeAged(msg)
	case exportedMsg:
		m.takeExported(msg)
	case savedMsg:
		m.takeSaved(msg)
	case closedMsg:
		return m, m.takeClosed(msg)
	case auditFailedMsg:
		m.auditFails(msg.err)
		return m, m.waitAudit
	case tea.ColorProfileMsg:
		m.setProfile(msg.Profile)
	case tea.KeyPressMsg:
		return m, tea.Batch(m.key(msg), m.followLog())
	case tea.PasteMsg:
		return m, m.paste(msg.Content)
	case tea.MouseClickMsg:
		return m, m.click(msg.Mouse())
	case tea.MouseWheelMsg:
		m.wheel(msg.Mouse())
	}
	return m, nil
}

// takeSnapshot shows the newest snapshot and keeps the selection by name.
func (m *Model) takeSnapshot() tea.Cmd {
	m.status = m.deps.Source.Status()
	if s := m.deps.Source.Latest(); s != nil {
		m.env.Snapshot = s
	}
	m.takePace()
	m.refresh()
	m.takeScene()
	if !m.chosen {
		m.selectWorst()
	}
	return tea.Batch(m.judgeAlerts(), m.followFocus(), m.openTrail())
}

// selectWorst puts the cursor on the group that matters most.
func (m *Model) selectWorst() {
	gs := m.env.Snapshot.Groups
	if len(gs) == 0 {
		return
	}
	worst := &gs[0]
	for i := range gs {
		if triage.Less(&gs[i], worst) {
			worst = &gs[i]
		}
	}
	if worst.Name != m.env.Focus.Group && m.selectGroup(worst.Name) {
		m.refresh()
	}
}

// selectGroup moves the cursor of the groups pane; it reports false when the filter hides the group.
func (m *Model) selectGroup(name string) bool {
	return m.panes[command.Groups].(*groups.Model).SelectGroup(&m.env, name)
}

// refresh hands the environment to every pane, in the order in which the selection flows.
func (m *Model) refresh() {
	for _, p := range overviewOrder {
		m.panes[p].Refresh(&m.env)
		if m.flows(p) {
			m.panes[p].Select(&m.env.Focus)
		}
	}
	for _, d := range m.details {
		d.Refresh(&m.env)
	}
	if len(m.details) > 0 {
		m.top().Select(&m.env.Focus)
	}
}

// flows tells whether what is selected in a pane of the overview counts for the whole screen. The group
// and the broker always do; the topic is that of the pane where the person last chose one.
func (m *Model) flows(p command.Place) bool {
	switch p {
	case command.Groups, command.Brokers:
		return true
	case command.Partitions:
		return m.focus == command.Groups || m.focus == command.Partitions
	}
	return p == m.focus
}

// top is the pane that gets the keys: the last detail, else the focused pane.
func (m *Model) top() pane.Pane {
	if n := len(m.details); n > 0 {
		return m.details[n-1]
	}
	return m.panes[m.focus]
}

func (m *Model) setProfile(p colorprofile.Profile) {
	o := m.deps.Theme
	o.Profile = p
	m.setTheme(o)
}

func (m *Model) setTheme(o theme.Options) {
	th, err := theme.New(o)
	if err != nil {
		m.toast(component.ToastDanger, err.Error())
		return
	}
	m.deps.Theme, m.theme, m.env.Theme = o, th, th
}

func (m *Model) toast(kind component.ToastKind, text string) {
	m.toasts.Add(kind, text, m.env.Now)
}

// group is the group in focus, nil when there is none.
func (m *Model) group() *kafka.Group { return m.env.Snapshot.Group(m.env.Focus.Group) }

// state is what decides whether a command can run.
func (m *Model) state() command.State {
	s := command.State{
		Where:     m.top().Place(),
		ReadOnly:  m.deps.ReadOnly,
		Demo:      m.deps.Fleet != nil,
		Clusters:  len(m.deps.Clusters),
		Group:     m.group(),
		Topic:     m.env.Focus.Topic,
		Partition: m.env.Focus.Partition.OK && m.env.Focus.Topic != "",
		Faults:    len(m.trouble()) > 0,
		NoUndo:    m.noUndo(),
		Unaudited: m.unaudited(),
	}
	if m.task != nil {
		s.Busy = m.task.title
	}
	if s.Group != nil {
		for i := range s.Group.Members {
			if s.Group.Members[i].ID == m.env.Focus.Member {
				s.Member = &s.Group.Members[i]
			}
		}
	}
	return s
}
