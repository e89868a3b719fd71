package app

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka/triage"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/component"
)

// key routes a key: to the modal in front, to the filter that is being typed, else to the command that
// the table names for the pane on top.
func (m *Model) key(k tea.KeyPressMsg) tea.Cmd {
	if k.String() == "ctrl+c" {
		return m.quit()
	}
	m.chosen = true // what a key acts on must not move away
	if m.hidden() {
		if k.String() == "q" {
			return m.quit()
		}
		return nil
	}
	if b := m.front(); b != nil {
		return b.key(m, k)
	}
	if m.typing != nil {
		return m.typing.key(m, k)
	}
	if m.presenter.open && m.presenterLines() > captionLines { // else the panel is not in sight
		if cmd, ok := m.presenterKey(k.String()); ok {
			return cmd
		}
	}
	c := command.Lookup(m.top().Place(), k.String())
	if c == nil {
		return nil
	}
	return m.run(c)
}

// hidden tells that the window is too small: nothing but that is to be seen.
func (m *Model) hidden() bool { return m.h > 0 && m.layout().TooSmall }

// paste gives pasted text to whatever takes text. Elsewhere it does nothing: pasted lines are not keys.
func (m *Model) paste(text string) tea.Cmd {
	if m.hidden() {
		return nil
	}
	if p, ok := m.front().(interface{ paste(*Model, string) }); ok {
		p.paste(m, text)
	} else if m.front() == nil && m.typing != nil {
		m.typing.insert(m, text)
	}
	return nil
}

// run carries out a command of the table, or says why it cannot.
func (m *Model) run(c *command.Command) tea.Cmd {
	return tea.Batch(m.probeTrail(c), m.carryOut(c))
}

func (m *Model) carryOut(c *command.Command) tea.Cmd {
	if why := c.WhyNot(m.state()); why != "" {
		m.toast(component.ToastWarn, c.Title+": "+why)
		return nil
	}
	if h, ok := handlers[c.ID]; ok {
		return h(m)
	}
	cmd, ok := m.top().Do(&m.env, c.ID)
	if ok {
		m.settle()
		return tea.Batch(cmd, m.followFocus())
	}
	return cmd
}

// settle lets the selection flow after it may have changed: group to partitions, topic to tail.
func (m *Model) settle() {
	m.top().Select(&m.env.Focus)
	if len(m.details) == 0 && m.focus == command.Groups {
		m.panes[command.Partitions].Refresh(&m.env)
		m.panes[command.Partitions].Select(&m.env.Focus)
	}
}

// handlers are the commands that the root carries out. All others belong to the pane on top; a test
// checks that each command of the table has one or the other.
var handlers = map[command.ID]func(*Model) tea.Cmd{
	command.Quit:       func(m *Model) tea.Cmd { return m.quitOrBack() },
	command.Abort:      func(m *Model) tea.Cmd { return m.quit() },
	command.Help:       func(m *Model) tea.Cmd { m.openModal(newHelp(m)); return nil },
	command.Palette:    func(m *Model) tea.Cmd { m.openModal(newPalette(m)); return nil },
	command.Back:       func(m *Model) tea.Cmd { return m.back() },
	command.Open:       func(m *Model) tea.Cmd { return m.open() },
	command.Filter:     func(m *Model) tea.Cmd { return m.startFilter() },
	command.Zoom:       func(m *Model) tea.Cmd { m.zoom = !m.zoom; return nil },
	command.FocusOne:   func(m *Model) tea.Cmd { return m.focusOn(command.Groups) },
	command.FocusTwo:   func(m *Model) tea.Cmd { return m.focusOn(command.Partitions) },
	command.FocusThree: func(m *Model) tea.Cmd { return m.focusOn(command.Topics) },
	command.FocusFour:  func(m *Model) tea.Cmd { return m.focusOn(command.Brokers) },
	command.FocusFive:  func(m *Model) tea.Cmd { return m.focusOn(command.Tail) },
	command.Next:       func(m *Model) tea.Cmd { return m.cycle(1, command.Next) },
	command.Prev:       func(m *Model) tea.Cmd { return m.cycle(-1, command.Prev) },
	command.ShowTail:   func(m *Model) tea.Cmd { return m.showTail() },
	command.AtCommit:   func(m *Model) tea.Cmd { return m.askRecord() },
	command.Highlight:  func(m *Model) tea.Cmd { return m.startHighlight() },
	command.Save:       func(m *Model) tea.Cmd { return m.save() },
	command.TailFrom:   func(m *Model) tea.Cmd { return m.askTailFrom() },
	command.FindOlder:  func(m *Model) tea.Cmd { return m.findOlder() },
	command.Scan:       func(m *Model) tea.Cmd { return m.askScan() },
	command.Live:       func(m *Model) tea.Cmd { return m.backToLive() },
	command.Rebalance:  func(m *Model) tea.Cmd { return m.planProbe() },
	command.Kick:       func(m *Model) tea.Cmd { return m.planKick() },
	command.Roll:       func(m *Model) tea.Cmd { return m.planRoll() },
	command.Delete:     func(m *Model) tea.Cmd { return m.askDelete() },
	command.Elect:      func(m *Model) tea.Cmd { return m.planElect() },
	command.Retention:  func(m *Model) tea.Cmd { return m.askRetention() },
	command.Offsets:    func(m *Model) tea.Cmd { return m.askReset() },
	command.Copy:       func(m *Model) tea.Cmd { return m.copySelection() },
	command.Refresh:    func(m *Model) tea.Cmd { m.deps.Source.Refresh(); return nil },
	command.NextFault:  func(m *Model) tea.Cmd { return m.nextTrouble() },
	command.ShowAsked:  func(m *Model) tea.Cmd { return m.toggleRequests() },
	command.ShowFound:  func(m *Model) tea.Cmd { return m.toggleFindings() },
	command.ShowTimes:  func(m *Model) tea.Cmd { return m.toggleTimeline() },
	command.AskWhatIf:  func(m *Model) tea.Cmd { return m.toggleWhatIf() },
	command.ShowAudit:  func(m *Model) tea.Cmd { return m.toggleAudit() },
	command.Undo:       func(m *Model) tea.Cmd { return m.undoSelected() },
	command.ShowAlerts: func(m *Model) tea.Cmd { return m.showAlerts() },
	command.Contexts:   func(m *Model) tea.Cmd { return m.askContext() },
	command.Presenter:  func(m *Model) tea.Cmd { return m.togglePanel() },
	command.Explain:    func(m *Model) tea.Cmd { return m.explain() },
	command.AddMember:  func(m *Model) tea.Cmd { return m.growDemo(true) },
	command.DropMember: func(m *Model) tea.Cmd { return m.growDemo(false) },
	command.Palettes:   func(m *Model) tea.Cmd { return m.nextPalette() },
	command.Doctor:     func(m *Model) tea.Cmd { return m.examine() },
}

// quit ends the program. The view is emptied first: what is left of a frame would stay behind in some
// terminals after a resize.
func (m *Model) quit() tea.Cmd {
	m.leaving = true
	return tea.Quit
}

func (m *Model) quitOrBack() tea.Cmd {
	if len(m.details) > 0 {
		return m.back()
	}
	if m.task != nil {
		m.toast(component.ToastWarn, m.task.title+" is under way: esc cancels it, ctrl+c quits all the same")
		return nil
	}
	return m.quit()
}

// back undoes the nearest thing: a running task, a detail, a scan under way, a filter, the zoom.
func (m *Model) back() tea.Cmd {
	switch {
	case m.cancelTask():
		m.toast(component.ToastInfo, "cancelling: "+m.task.title)
	case len(m.details) > 0:
		if m.top().Place()&(command.Findings|command.Audit) != 0 {
			m.env.Focus = m.aside
		}
		m.details = m.details[:len(m.details)-1]
		m.refresh()
	case m.stopScan() || m.clearFilter():
	case m.zoom:
		m.zoom = false
	}
	return nil
}

func (m *Model) focusOn(p command.Place) tea.Cmd {
	m.focus = p
	m.top().Select(&m.env.Focus)
	return m.followFocus()
}

// cycle goes to the next pane; in a detail to the next part of it.
func (m *Model) cycle(by int, id command.ID) tea.Cmd {
	if len(m.details) > 0 {
		cmd, _ := m.top().Do(&m.env, id)
		m.settle()
		return cmd
	}
	n := len(overviewOrder)
	for i, p := range overviewOrder {
		if p == m.focus {
			return m.focusOn(overviewOrder[(i+by+n)%n])
		}
	}
	return nil
}

func (m *Model) copySelection() tea.Cmd {
	text := m.top().Copy(&m.env)
	if text == "" {
		m.toast(component.ToastWarn, "copy: nothing is selected")
		return nil
	}
	return m.copyText(text)
}

func (m *Model) copyText(text string) tea.Cmd {
	m.toast(component.ToastInfo, "copied (by OSC 52; in tmux: set-clipboard on)")
	return tea.SetClipboard(text)
}

// trouble are the groups that somebody should look at, worst first.
func (m *Model) trouble() []string {
	s := m.env.Snapshot
	var idx []int
	for i := range s.Groups {
		if s.Groups[i].Verdict.Kind.Trouble() {
			idx = append(idx, i)
		}
	}
	sortBy(idx, func(a, b int) bool { return triage.Less(&s.Groups[a], &s.Groups[b]) })
	names := make([]string, len(idx))
	for k, i := range idx {
		names[k] = s.Groups[i].Name
	}
	return names
}

// nextTrouble selects the next group in trouble after the selected one, and goes round.
func (m *Model) nextTrouble() tea.Cmd {
	names := m.trouble()
	next := names[0]
	for i, n := range names {
		if n == m.env.Focus.Group {
			next = names[(i+1)%len(names)]
		}
	}
	m.focus = command.Groups
	if !m.selectGroup(next) {
		m.toast(component.ToastInfo, "the filter hides the next group in trouble; esc clears it")
	}
	m.settle()
	return m.followFocus()
}

func (m *Model) nextPalette() tea.Cmd {
	names := theme.Names()
	o := m.deps.Theme
	for i, n := range names {
		if n == m.theme.Name {
			o.Palette = names[(i+1)%len(names)]
			break
		}
	}
	m.setTheme(o)
	m.toast(component.ToastInfo, "colours: "+m.theme.Name)
	return nil
}

// growDemo adds or removes a consumer of the selected demo group.
func (m *Model) growDemo(add bool) tea.Cmd {
	group := m.env.Focus.Group
	title, act := "remove a consumer of "+group, m.deps.Fleet.RemoveConsumer
	if add {
		title, act = "add a consumer to "+group, m.deps.Fleet.AddConsumer
	}
	return m.start(title, func(_ context.Context, _ func(string)) func(*Model) tea.Cmd {
		client, err := act(group)
		return func(m *Model) tea.Cmd {
			switch {
			case err != nil:
				m.toast(component.ToastDanger, err.Error())
			case add:
				m.toast(component.ToastInfo, client+" joins "+group)
			default:
				m.toast(component.ToastInfo, client+" leaves "+group)
			}
			m.deps.Source.Refresh()
			return nil
		}
	})
}
