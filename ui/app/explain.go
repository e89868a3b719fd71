package app

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/explain"
	"lagtop/ui/component"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
)

// explainBox says where the numbers of one row come from, by the newest snapshot. It keeps to its row and to
// the chosen cell by name, so that a row that takes the place of another is never mistaken for it.
type explainBox struct {
	of     pane.Explainer
	row    explain.Ref
	chosen string // title of the cell
	top    int    // first line of the explanation on screen
	page   int    // lines of it on screen, when it was drawn last
	lines  int    // of it in all
}

// explain opens the box for what is selected.
func (m *Model) explain() tea.Cmd {
	of, ok := m.top().(pane.Explainer)
	var cells []pane.CellRef
	if ok {
		cells = of.Cells(&m.env)
	}
	if m.env.Snapshot.Seq == 0 || len(cells) == 0 {
		m.toast(component.ToastWarn, "explain: select a row with numbers first")
		return nil
	}
	refs := make([]explain.Ref, len(cells))
	for i := range cells {
		refs[i] = cells[i].Ref
	}
	at := explain.First(refs)
	m.openModal(&explainBox{of: of, row: refs[at].Row(), chosen: cells[at].Title})
	return nil
}

// cells are those of the row at present, and which of them is chosen; none when the row is gone.
func (b *explainBox) cells(m *Model) ([]pane.CellRef, int) {
	cells := b.of.Cells(&m.env)
	if len(cells) == 0 || cells[0].Ref.Row() != b.row {
		return nil, 0
	}
	at := slices.IndexFunc(cells, func(c pane.CellRef) bool { return c.Title == b.chosen })
	return cells, max(at, 0)
}

func (b *explainBox) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "esc", "q", "e", "enter":
		m.closeModal()
	case "up", "left", "k", "h":
		b.choose(m, -1)
	case "down", "right", "j", "l":
		b.choose(m, 1)
	case "pgdown", "ctrl+d", "space":
		b.scroll(max(b.page-1, 1))
	case "pgup", "ctrl+u":
		b.scroll(-max(b.page-1, 1))
	}
	return nil
}

// choose goes to another cell, and round at the ends.
func (b *explainBox) choose(m *Model, by int) {
	cells, at := b.cells(m)
	if n := len(cells); n > 0 {
		b.chosen, b.top = cells[(at+by+n)%n].Title, 0
	}
}

func (b *explainBox) scroll(by int) { b.top = max(0, min(b.top+by, b.lines-b.page)) }

// world is what explanations are made from. Looking something up starts a read of it when it is missing.
func (m *Model) world() *explain.World {
	return &explain.World{
		Snapshot: m.env.Snapshot, History: m.env.History, Now: m.env.Now, Interval: m.env.Interval,
		Age:  func(p *kafka.GroupPartition) kafka.Known[kafka.Age] { return cell.Age(&m.env, p) },
		Kept: m.kept, Read: m.readFacts,
	}
}

func (m *Model) kept(topic string) explain.Facts {
	if m.env.Lookup == nil {
		return explain.Facts{}
	}
	a := m.env.Lookup.TopicSettings(topic)
	return explain.Facts{Values: a.V, At: a.At, Err: a.Err, Pending: a.Pending}
}

// readFacts tells when the row of a list that was looked up was read.
func (m *Model) readFacts(r explain.Ref) explain.Facts {
	var at time.Time
	var err error
	var pending bool
	switch l := m.env.Lookup; {
	case l == nil:
	case r.Quantity == explain.LogSize:
		a := l.Sizes(r.Topic)
		at, err, pending = a.At, a.Err, a.Pending
	case r.Scope == explain.ScopeQuorum:
		a := l.Quorum()
		at, err, pending = a.At, a.Err, a.Pending
	case r.Scope == explain.ScopeTopicSetting:
		a := l.TopicConfigs(r.Topic)
		at, err, pending = a.At, a.Err, a.Pending
	case r.Scope == explain.ScopeBrokerSetting:
		a := l.BrokerConfigs(r.Broker)
		at, err, pending = a.At, a.Err, a.Pending
	case r.Scope == explain.ScopeLogDir:
		a := l.LogDirs(r.Broker)
		at, err, pending = a.At, a.Err, a.Pending
	}
	return explain.Facts{At: at, Err: err, Pending: pending}
}
