package app

import (
	"context"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka/act"
	"lagtop/kafka/audit"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/component"
	auditpane "lagtop/ui/pane/audit"
)

// Trail is the record of actions of the past; *audit.Log is one. Its methods do I/O.
type Trail interface {
	Recent(limit int) (audit.Page, error)
	// Probe says why an action could not be recorded now.
	Probe() error
	// Recover closes an action that was cut short.
	Recover(a audit.Action, f audit.Found) error
}

// trailActions is how many actions of the past are kept for the screen.
const trailActions = 1000

// trail is what the screen knows of the audit file. It is read outside the event loop: when the cluster is
// known, when it is looked at, and after each action.
type trail struct {
	file       Trail // nil before the first snapshot
	page       auditpane.Page
	unwritable error // as probed last
	reading    bool
	again      bool // something happened while it was read
	recorded   int32
}

// trailMsg is what was read. cut are the actions of this cluster that were cut short; only the first reading
// looks for them.
type trailMsg struct {
	page       auditpane.Page
	unwritable error
	cut        []interrupted
}

// openTrail begins to read the audit once the snapshot names the cluster.
func (m *Model) openTrail() tea.Cmd {
	if m.deps.Trail == nil || m.trail.file != nil || m.env.Snapshot.Seq == 0 {
		return nil
	}
	m.trail.file = m.deps.Trail(m.env.Snapshot.Cluster.ID)
	return m.readTrail(true)
}

// readTrail reads the audit anew. first looks for actions that were cut short.
func (m *Model) readTrail(first bool) tea.Cmd {
	t := &m.trail
	if t.file == nil {
		return nil
	}
	if t.again = t.reading; t.again {
		return nil
	}
	t.reading = true
	t.recorded = m.acts.recorded.Load()
	file, cluster, actor, now := t.file, m.env.Snapshot.Cluster.ID, m.deps.Actor, m.env.Now
	return m.apart(func(ctx context.Context) tea.Msg {
		read, err := file.Recent(trailActions)
		msg := trailMsg{page: auditpane.Page{Items: itemsOf(read.Actions, now), More: read.More, Cluster: cluster, Err: err, Read: true}}
		closeUndone(file, msg.page.Items, cluster)
		msg.unwritable = file.Probe()
		if first {
			msg.cut = lookInto(ctx, actor, msg.page.Items, cluster)
		}
		return msg
	})
}

// apart runs work that is no task beside everything else; Close waits for it.
func (m *Model) apart(run func(context.Context) tea.Msg) tea.Cmd {
	out := make(chan tea.Msg, 1)
	m.work.Go(func() { out <- run(m.ctx) })
	return func() tea.Msg { return <-out }
}

func (m *Model) takeTrail(msg trailMsg) tea.Cmd {
	t := &m.trail
	t.page, t.reading = msg.page, false
	m.auditFails(msg.unwritable)
	for _, d := range m.details {
		if p, ok := d.(*auditpane.Model); ok {
			p.Take(&m.env, t.page)
		}
	}
	if err := msg.page.Err; err != nil && msg.unwritable == nil { // else that was said
		m.toast(component.ToastDanger, err.Error())
	}
	for i := range msg.cut {
		m.tellInterrupted(&msg.cut[i])
	}
	if t.again {
		return m.readTrail(false)
	}
	return nil
}

// auditFails takes note of whether actions can be recorded, and says so when they no longer can.
func (m *Model) auditFails(err error) {
	if err != nil && m.trail.unwritable == nil {
		text := err.Error()
		if m.deps.AuditOptional {
			text = "actions go on without a record (audit: required: false): " + text
		}
		m.toast(component.ToastDanger, text)
	}
	m.trail.unwritable = err
}

// unaudited says why nothing dangerous can be begun, empty when it can.
func (m *Model) unaudited() string {
	if err := m.trail.unwritable; err != nil && !m.deps.AuditOptional {
		return err.Error() + "; nothing is changed without a record (unless the configuration says audit: required: false)"
	}
	return ""
}

// probeTrail looks whether the audit can be written when something dangerous is begun: better before the
// preview than after it. What was refused for it is told in full.
func (m *Model) probeTrail(c *command.Command) tea.Cmd {
	if !c.Danger || m.trail.file == nil || m.deps.ReadOnly != "" {
		return nil
	}
	if why := m.unaudited(); why != "" {
		m.ask(component.Dialog{Title: "Nothing was changed", Body: [][]component.Cell{{{Text: safe.Line(why), Tok: theme.Danger}}}}, nil)
	}
	return m.readTrail(false)
}

// auditMark says that actions go unrecorded; nothing when they do not.
func (m *Model) auditMark() []span {
	if m.trail.unwritable == nil || !m.deps.AuditOptional {
		return nil
	}
	return []span{{theme.Danger, " " + m.theme.Glyphs.Warn + " NO AUDIT "}, {theme.Key, command.ByID(command.ShowAudit).Key()}, {theme.Text, " "}}
}

type auditFailedMsg struct{ err error }

// waitAudit waits until a record could not be written although that stops nothing.
func (m *Model) waitAudit() tea.Msg {
	select {
	case err := <-m.deps.AuditFailures:
		return auditFailedMsg{err}
	case <-m.ctx.Done():
		return nil
	}
}

// toggleAudit shows the audit, or goes back from it.
func (m *Model) toggleAudit() tea.Cmd {
	if _, ok := m.top().(*auditpane.Model); ok {
		return m.back()
	}
	if m.deps.Trail == nil {
		m.toast(component.ToastWarn, "audit: nothing is recorded here")
		return nil
	}
	return m.showAudit("")
}

// showAudit opens the audit with the cursor on an action, where one is named.
func (m *Model) showAudit(id string) tea.Cmd {
	p := auditpane.New()
	p.Take(&m.env, m.trail.page)
	p.Go(id)
	m.aside = m.env.Focus
	m.details = append(m.details, p)
	m.settle()
	return m.readTrail(false)
}

// openAction shows all that is recorded of an action.
func (m *Model) openAction(p *auditpane.Model) tea.Cmd {
	if p.Item() == nil {
		m.toast(component.ToastWarn, "open: nothing is selected")
		return nil
	}
	m.openModal(&helpBox{component.Help{Title: "Recorded action", Lines: p.Detail(&m.env)}})
	return nil
}

// noUndo says why the selected action of the audit cannot be undone.
func (m *Model) noUndo() string {
	if p, ok := m.top().(*auditpane.Model); ok {
		return p.NoUndo()
	}
	return ""
}

// undoSelected plans to take back the selected action.
func (m *Model) undoSelected() tea.Cmd {
	p, ok := m.top().(*auditpane.Model)
	if !ok || p.Item() == nil {
		return nil
	}
	return m.planUndo(p.Item().Action)
}

// itemsOf adds to actions, newest first, what their records do not hold.
func itemsOf(as []audit.Action, now time.Time) []auditpane.Item {
	who := audit.Here()
	items := make([]auditpane.Item, len(as))
	for i := range as {
		items[i] = auditpane.Item{Action: as[i], CutShort: as[i].CutShort(who, now)}
	}
	markUndone(items)
	return items
}

// acts counts actions between their intent and their outcome, and the intents of this screen.
type acts struct {
	open, recorded atomic.Int32
}

// recorder is the audit of the cluster that is watched.
func (m *Model) recorder() act.Recorder {
	return countedRecorder{m.deps.Audit(m.env.Snapshot.Cluster.ID), &m.acts}
}

// countedRecorder counts what it hands on, so that leaving the program can wait for what is under way.
type countedRecorder struct {
	act.Recorder
	acts *acts
}

// Begin records the intent.
func (r countedRecorder) Begin(action, group string, plan any) (func(any, error) error, error) {
	r.acts.open.Add(1)
	finish, err := r.Recorder.Begin(action, group, plan)
	if err != nil {
		r.acts.open.Add(-1)
		return nil, err
	}
	r.acts.recorded.Add(1)
	return func(outcome any, failed error) error {
		defer r.acts.open.Add(-1)
		return finish(outcome, failed)
	}, nil
}
