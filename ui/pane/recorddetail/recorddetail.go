// Package recorddetail shows one record in full: place, time, sizes, headers, key and value. It keeps the
// record that it was opened with, whatever arrives or is dropped meanwhile.
package recorddetail

import (
	"strings"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka/safe"
	"lagtop/kafka/tail"
	"lagtop/kafka/tail/format"
	"lagtop/ui/command"
	"lagtop/ui/component"
	"lagtop/ui/pane"
)

// Model is the pane.
type Model struct {
	entry  tail.Entry
	detail tail.Detail
	beside *tail.Entry // what it is compared with; nil: nothing
	lines  []line      // for width cells
	heads  []int       // lines with which sections begin
	width  int
	known  uint64 // schemas that lines could be written by
	later  bool   // one was not there
	top    int    // first line on screen
	rows   int    // of the last View
}

// New is the detail of a record.
func New(e tail.Entry) *Model { return &Model{entry: e, detail: tail.Describe(&e)} }

// NewBeside is the detail of a record that also says how its value differs from that of another one.
func NewBeside(e, other tail.Entry) *Model {
	m := New(e)
	m.beside = &other
	return m
}

// Entry is the record.
func (m *Model) Entry() tail.Entry { return m.entry }

// Place is where the pane's commands apply.
func (m *Model) Place() command.Place { return command.RecordDetail }

// Head is the frame's title and note.
func (m *Model) Head(*pane.Env) (title, note string) {
	return "Record " + m.detail.Place, m.detail.Time
}

// Refresh writes the record again while its schema is missing; the record itself never changes.
func (m *Model) Refresh(*pane.Env) {
	if m.later {
		m.lines = nil
	}
}

// View draws the lines on screen.
func (m *Model) View(e *pane.Env, w, h int, _ bool) []string {
	if known := format.Arrived(e.Schemas); w != m.width || known != m.known || m.lines == nil {
		m.width, m.known = w, known
		m.lines, m.heads = write(e, m, w)
	}
	m.rows = max(h, 0)
	m.scroll(0)
	out := make([]string, 0, m.rows)
	for i := m.top; i < len(m.lines) && len(out) < m.rows; i++ {
		out = append(out, component.Line(e.Theme, m.lines[i], w))
	}
	for len(out) < m.rows {
		out = append(out, component.Fit("", w, false))
	}
	return out
}

// Do scrolls; Next and Prev go to the next and previous section.
func (m *Model) Do(_ *pane.Env, id command.ID) (tea.Cmd, bool) {
	page := max(m.rows-1, 1)
	switch id {
	case command.Up:
		m.scroll(-1)
	case command.Down:
		m.scroll(1)
	case command.PageUp:
		m.scroll(-page)
	case command.PageDown:
		m.scroll(page)
	case command.First:
		m.scroll(-len(m.lines))
	case command.Last:
		m.scroll(len(m.lines))
	case command.Next:
		m.section(1)
	case command.Prev:
		m.section(-1)
	case command.Left, command.Right: // long lines are wrapped
	default:
		return nil, false
	}
	return nil, true
}

func (m *Model) scroll(by int) {
	m.top = min(max(m.top+by, 0), max(len(m.lines)-m.rows, 0))
}

// section brings the next section to the top, or the previous one.
func (m *Model) section(dir int) {
	to := m.top
	for _, at := range m.heads {
		if dir > 0 && at > m.top {
			to = at
			break
		}
		if dir < 0 && at < m.top {
			to = at
		}
	}
	m.scroll(to - m.top)
}

// Click does nothing: there is nothing to select.
func (m *Model) Click(*pane.Env, int, int) {}

// Wheel scrolls.
func (m *Model) Wheel(_ *pane.Env, rows int) { m.scroll(rows) }

// Select leaves the focus alone.
func (m *Model) Select(*pane.Focus) {}

// Copy is the value by its schema, else as it is when it is text, else what the screen shows of it.
func (m *Model) Copy(e *pane.Env) string {
	if d := m.entry.Read(e.Schemas, format.OfValue); d.Text != nil && clean(string(d.Text)) {
		return string(d.Text)
	}
	if text := string(m.entry.Value); text != "" && clean(text) {
		return text
	}
	return strings.Join(m.detail.Value.Lines, "\n")
}

// clean tells text that no terminal and no editor takes for commands.
func clean(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\t'
	})
}

// line is one line of the pane.
type line []component.Cell

// cut is the first so many cells of safe text and what is left.
func cut(text string, cells int) (head, rest string) {
	head = safe.CutTail(text, cells, "")
	if head == "" { // a character wider than the line
		return text, ""
	}
	return head, text[len(head):]
}
