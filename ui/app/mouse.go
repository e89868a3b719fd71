package app

import (
	tea "charm.land/bubbletea/v2"

	"lagtop/ui/command"
	"lagtop/ui/pane"
)

// wheelRows is how far one notch of the wheel scrolls.
const wheelRows = 3

// at finds the pane under a cell of the screen and the cell inside its frame.
func (m *Model) at(x, y int) (p pane.Pane, inX, inY int, ok bool) {
	if m.front() != nil || m.env.Snapshot.Seq == 0 || m.hidden() {
		return nil, 0, 0, false
	}
	y -= m.faultLines()
	if len(m.details) > 0 {
		return m.top(), x - 1, y - middleTop - 1, y > middleTop
	}
	scr := m.layout()
	place, r, shown := scr.At(x, y)
	if !shown {
		return nil, 0, 0, false
	}
	return m.panes[place], x - r.X - 1, y - r.Y - 1, true
}

// tabAt finds the tab under a cell of the screen.
func (m *Model) tabAt(x, y int) (command.Place, bool) {
	if m.front() != nil || len(m.details) > 0 || m.hidden() {
		return 0, false
	}
	scr := m.layout()
	return scr.Tab(x, y-m.faultLines())
}

// click focuses the pane under the mouse and selects what is there.
func (m *Model) click(at tea.Mouse) tea.Cmd {
	if at.Button != tea.MouseLeft {
		return nil
	}
	if place, ok := m.tabAt(at.X, at.Y); ok {
		return m.focusOn(place)
	}
	p, x, y, ok := m.at(at.X, at.Y)
	if !ok {
		return nil
	}
	if p.Place()&command.Panes != 0 {
		m.focus = p.Place()
	}
	m.chosen = true
	p.Click(&m.env, x, y)
	m.settle()
	return m.followFocus()
}

// wheel scrolls the pane under the mouse without focusing it.
func (m *Model) wheel(at tea.Mouse) {
	rows := wheelRows
	switch at.Button {
	case tea.MouseWheelUp:
		rows = -wheelRows
	case tea.MouseWheelDown:
	default:
		return
	}
	if p, _, _, ok := m.at(at.X, at.Y); ok {
		p.Wheel(&m.env, rows)
	}
}
