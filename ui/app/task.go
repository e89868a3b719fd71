package app

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka/safe"
	"lagtop/ui/component"
)

// task is the one long piece of work under way. Its messages carry its id: those of a task that was
// cancelled or replaced are dropped.
type task struct {
	id     int
	title  string // what is done, to whom: "rebalance payments"
	note   string // progress, empty before the first
	began  time.Time
	notes  chan string // size one, keeps the newest
	done   chan func(*Model) tea.Cmd
	cancel context.CancelFunc
	ended  chan struct{}
	asked  bool // cancel was asked for, the work winds down
}

type (
	taskNoteMsg struct {
		id   int
		note string
	}
	taskDoneMsg struct {
		id     int
		finish func(*Model) tea.Cmd
	}
)

// job does slow work outside the event loop, reports progress by note, and returns what to do with its
// result inside the event loop.
type job func(ctx context.Context, note func(string)) func(*Model) tea.Cmd

// start runs a job as the task. Only one runs at a time.
func (m *Model) start(title string, run job) tea.Cmd {
	if m.task != nil {
		m.toast(component.ToastWarn, "wait for: "+m.task.title+" (esc cancels)")
		return nil
	}
	m.tasks++
	ctx, cancel := context.WithCancel(context.WithoutCancel(m.ctx)) // windDown ends it
	t := &task{id: m.tasks, title: title, began: m.env.Now, cancel: cancel,
		notes: make(chan string, 1), done: make(chan func(*Model) tea.Cmd, 1), ended: make(chan struct{})}
	m.task = t
	m.work.Add(1)
	go func() {
		defer m.work.Done()
		defer close(t.ended)
		defer cancel()
		t.done <- run(ctx, t.tell)
	}()
	return t.wait
}

// tell keeps the newest note and never waits.
func (t *task) tell(note string) {
	select {
	case <-t.notes:
	default:
	}
	select {
	case t.notes <- note:
	default:
	}
}

// wait is the command that waits for the next news of the task.
func (t *task) wait() tea.Msg {
	select {
	case n := <-t.notes:
		return taskNoteMsg{t.id, n}
	case f := <-t.done:
		return taskDoneMsg{t.id, f}
	}
}

func (m *Model) takeNote(msg taskNoteMsg) tea.Cmd {
	if m.task == nil || m.task.id != msg.id {
		return nil
	}
	m.task.note = msg.note
	return m.task.wait
}

func (m *Model) takeDone(msg taskDoneMsg) tea.Cmd {
	if m.task == nil || m.task.id != msg.id {
		return nil
	}
	m.task = nil
	var read tea.Cmd
	if m.acts.recorded.Load() != m.trail.recorded {
		read = m.readTrail(false)
	}
	if msg.finish == nil {
		return read
	}
	return tea.Batch(read, msg.finish(m))
}

// cancelTask asks the task to stop. It stays until it has wound down, so that what it did is reported.
func (m *Model) cancelTask() bool {
	if m.task == nil || m.task.asked {
		return false
	}
	m.task.asked = true
	m.task.cancel()
	return true
}

// windDownTime is how long an action may go on after the program was asked to end: between its intent and
// its outcome it would be left half told.
const windDownTime = 10 * time.Second

// windDown ends the task. One that has recorded its intent is first given time to read back and to record
// its outcome, until somebody asks again.
func (m *Model) windDown() {
	t := m.task
	if t == nil {
		return
	}
	if m.acts.open.Load() > 0 {
		m.say("finishing " + t.title + ", for at most " + windDownTime.String() + "; ctrl+c ends it now")
		again := m.asked.Done()
		if m.asked.Err() != nil {
			again = nil // a second signal ends the process
		}
		limit := time.NewTimer(windDownTime)
		defer limit.Stop()
		select {
		case <-t.ended:
			m.say(t.title + ": its outcome is in the audit")
		case <-limit.C:
		case <-again:
		}
	}
	t.cancel()
}

func (m *Model) say(text string) {
	if m.deps.Say != nil {
		m.deps.Say(safe.Line(text))
	}
}
