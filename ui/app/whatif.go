package app

import (
	tea "charm.land/bubbletea/v2"

	"lagtop/ui/pane/whatif"
)

// toggleWhatIf asks what would become of the selected group, or goes back from it.
func (m *Model) toggleWhatIf() tea.Cmd {
	if _, ok := m.top().(*whatif.Model); ok {
		return m.back()
	}
	m.push(whatif.New())
	return nil
}
