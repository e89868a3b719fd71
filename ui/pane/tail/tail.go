// Package tail is the pane that shows records as they arrive, one on a line, the newest at the bottom.
// How they are read and kept is no concern of it.
package tail

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/explain"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
	kafkatail "lagtop/kafka/tail"
	"lagtop/kafka/tail/format"
	"lagtop/ui/command"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
)

// Source is what is followed; *tail.Tail is one. Its methods answer at once.
type Source interface {
	State() kafkatail.State
	Spec() kafkatail.Spec
	Partitions() []kafkatail.Partition
	Window(last uint64, n int) []kafkatail.Entry
	Entry(seq uint64) (kafkatail.Entry, bool)
	Pause()
	Resume()
}

// Model is the pane. Places in it are sequence numbers of records, so that they hold while records go on
// arriving; lines are counted among those that are kept and pass the filter.
type Model struct {
	src     Source // nil: nothing is followed
	label   string
	state   kafkatail.State // at the last Refresh
	waiting kafka.Total     // records behind a pause
	sieve   sieve
	search  search
	reading reading
	mark    *kafkatail.Entry // bookmarked; nil: none
	behind  *Model           // what is followed, while a scan is shown; nil: none is

	follow bool
	cursor uint64 // when not following
	top    uint64 // of the first line on screen, when not following
	rows   int    // lines for records of the last View
	width  int    // of the last View
	drawn  []int  // of the last View: the line that each of them belongs to
	look   look
}

// New is the pane that follows nothing yet.
func New() *Model { return &Model{follow: true} }

// Show follows a source from its newest record on, nil for none. The label names it in the title.
func (m *Model) Show(src Source, label string) {
	m.sieve.again()
	*m = Model{src: src, label: label, follow: true, rows: m.rows, width: m.width, sieve: m.sieve, search: m.search, reading: m.reading}
}

// Place is where the pane's commands apply.
func (m *Model) Place() command.Place { return command.Tail }

// Refresh takes over what arrived. With a filter, each call looks at a bounded number of records.
func (m *Model) Refresh(e *pane.Env) {
	if m.src == nil {
		return
	}
	m.state = m.src.State()
	m.sieve.sift(m.src, &m.state, e.Schemas)
	m.waiting = kafka.Total{}
	if m.state.Paused {
		m.waiting = waiting(m.src, e.Snapshot)
	}
}

// waiting sums what lies between the places in the partitions and their ends. While paused the source
// hears of no new ends, so that the snapshot knows better.
func waiting(src Source, s *kafka.Snapshot) kafka.Total {
	var sum kafka.Total
	for _, p := range src.Partitions() {
		end := p.End
		if topic := s.Topic(p.Topic); topic != nil {
			if log := topic.Partition(p.Partition); log != nil && log.End.OK && (!end.OK || log.End.V > end.V) {
				end = log.End
			}
		}
		if !p.Next.OK || !end.OK {
			sum.Add(kafka.Known[int64]{})
			continue
		}
		sum.Add(kafka.Some(max(end.V-p.Next.V, 0)))
	}
	return sum
}

// lines are the records that can be shown.
func (m *Model) lines() int {
	if m.sieve.on() {
		return len(m.sieve.rows())
	}
	return m.state.Kept
}

func (m *Model) seq(line int) uint64 {
	if m.sieve.on() {
		return m.sieve.rows()[line].seq
	}
	return m.state.First + uint64(line)
}

// line is where a record stands, or the next newer one that is shown. There must be lines.
func (m *Model) line(seq uint64) int {
	n := m.lines()
	if m.sieve.on() {
		return min(at(m.sieve.rows(), seq), n-1)
	}
	if seq <= m.state.First {
		return 0
	}
	return int(min(seq-m.state.First, uint64(n-1)))
}

// position is the first line on screen and the line of the cursor. There must be lines.
func (m *Model) position() (top, cursor int) {
	n, rows := m.lines(), max(m.rows, 1)
	last := max(n-rows, 0)
	if m.follow {
		return last, n - 1
	}
	cursor = m.line(m.cursor)
	top = min(m.line(m.top), cursor, last)
	return max(top, cursor-rows+1), cursor
}

// Do carries out movement, which leaves following, Last, which follows again, and pause.
func (m *Model) Do(e *pane.Env, id command.ID) (tea.Cmd, bool) {
	page := max(m.rows-1, 1)
	switch id {
	case command.Up:
		m.move(-1)
	case command.Down:
		m.move(1)
	case command.PageUp:
		m.move(-page)
	case command.PageDown:
		m.move(page)
	case command.First:
		m.move(-m.lines())
	case command.Last:
		m.follow = true
	case command.Left:
		m.look.scroll(-1)
	case command.Right:
		m.look.scroll(1)
	case command.Pause:
		m.pause(e)
	default:
		return nil, m.change(e, id)
	}
	m.search.said, m.search.beyond = "", 0
	return nil, true
}

func (m *Model) pause(e *pane.Env) {
	switch {
	case m.src == nil:
		return
	case m.state.Paused:
		m.src.Resume()
	default:
		m.src.Pause()
	}
	m.Refresh(e)
}

func (m *Model) move(by int) {
	if m.lines() == 0 {
		return
	}
	top, cursor := m.position()
	m.stay(top, cursor+by)
}

// stay leaves following with the cursor on a line; the first line on screen changes only when it must.
func (m *Model) stay(top, cursor int) {
	cursor = min(max(cursor, 0), m.lines()-1)
	top = max(min(top, cursor), cursor-max(m.rows, 1)+1)
	m.follow, m.cursor, m.top = false, m.seq(cursor), m.seq(top)
}

// Click selects the record on a line.
func (m *Model) Click(_ *pane.Env, _, y int) {
	if m.lines() == 0 {
		return
	}
	if y >= 0 && y < len(m.drawn) && m.drawn[y] < m.lines() {
		top, _ := m.position()
		m.stay(top, m.drawn[y])
	}
}

// Wheel scrolls; the cursor comes along when it would leave the screen.
func (m *Model) Wheel(_ *pane.Env, rows int) {
	n := m.lines()
	if n == 0 {
		return
	}
	top, cursor := m.position()
	top = min(max(top+rows, 0), max(n-m.rows, 0))
	m.stay(top, min(max(cursor, top), top+max(m.rows, 1)-1))
}

// Current is the record under the cursor, while following the newest one.
func (m *Model) Current() (kafkatail.Entry, bool) {
	if m.src == nil || m.lines() == 0 {
		return kafkatail.Entry{}, false
	}
	_, cursor := m.position()
	return m.src.Entry(m.seq(cursor))
}

// Select leaves the focus alone: it flows from the topics to the tail.
func (m *Model) Select(*pane.Focus) {}

// Copy is the record under the cursor on one line.
func (m *Model) Copy(e *pane.Env) string {
	entry, ok := m.Current()
	if !ok {
		return ""
	}
	o := kafkatail.Options{Now: e.Now, Zone: e.Now.Location(), MaxValue: max(len(entry.Value), len(entry.Key))}
	l := kafkatail.Format(&entry.Record, o)
	if d := entry.Read(e.Schemas, format.OfValue); d.Text != nil {
		l.Severity, l.Value = format.Of(d.Text), safe.Line(string(d.Text))
	}
	if d := entry.Read(e.Schemas, format.OfKey); d.Text != nil {
		l.Key = safe.Line(string(format.Plain(d.Text)))
	}
	parts := []string{strings.TrimSpace(l.Time), l.Severity.String(), l.Place, l.Key, l.Value}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

// Cells implements pane.Explainer: the rate, and the record under the cursor.
func (m *Model) Cells(e *pane.Env) []pane.CellRef {
	if m.src == nil {
		return nil
	}
	spec := m.src.Spec()
	row := explain.OfTail(strings.Join(spec.Topics(), ", "))
	rate := e.Theme.Glyphs.Unknown
	if m.state.Rate.OK {
		rate = human.Rate(m.state.Rate.V)
	}
	cells := []pane.CellRef{cell.Ref("RATE", rate, row.As(explain.TailRate))}
	if entry, ok := m.Current(); ok {
		l := kafkatail.Format(&entry.Record, kafkatail.Options{Now: e.Now, Zone: e.Now.Location()})
		cells = append(cells, cell.Ref("TIME", l.Time, row.As(explain.RecordTime)), cell.Ref("PLACE", l.Place, row.As(explain.RecordPlace)))
	}
	return cells
}

// SetFilter keeps the records that match. It applies at the next Refresh.
func (m *Model) SetFilter(text string) error { return m.sieve.set(text) }

// Filter is the filter as it was typed.
func (m *Model) Filter() string { return m.sieve.text }
