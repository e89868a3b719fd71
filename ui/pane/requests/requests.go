// Package requests is the screen of what was asked of which broker in the last minute, by API, so that nobody
// has to wonder what watching costs the cluster. It counts nothing itself.
package requests

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/component"
	"lagtop/ui/component/filter"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
	"lagtop/ui/pane/list"
)

// The columns.
const (
	colBroker = iota
	colAPI
	colCount
	colErrors
	colP50
	colMax
	colOut
	colIn
	colWhy
	colFailure
)

// Source reports the minute before now.
type Source func(now time.Time) kafka.RequestReport

// row is one API of one broker.
type row struct {
	*kafka.RequestRow
	broker kafka.Known[int32] // unknown for a bootstrap address that is no broker's own
}

// Model is the screen.
type Model struct {
	*list.List[row]
	source Source
	report kafka.RequestReport
	rows   []row
}

// New is the screen of a source; nil where nobody counts.
func New(source Source) *Model {
	return &Model{source: source, List: list.New(list.Spec[row]{
		Columns: []component.Column{
			colBroker:  {Title: "BROKER", Width: 17, Grow: 1},
			colAPI:     {Title: "API", Cut: component.CutMiddle, Width: 18, Grow: 2},
			colCount:   {Title: "N", Width: 5, Right: true},
			colErrors:  {Title: "ERR", Width: 4, Right: true},
			colP50:     {Title: "P50", Width: 6, Right: true},
			colMax:     {Title: "MAX", Width: 6, Right: true},
			colOut:     {Title: "SENT", Width: 7, Right: true, Drop: 2},
			colIn:      {Title: "GOT", Width: 7, Right: true, Drop: 1},
			colWhy:     {Title: "FOR", Width: 18, Drop: 3},
			colFailure: {Title: "LAST ERROR", Width: 16, Grow: 3, Drop: 4},
		},
		Empty: " nothing was asked in the last minute",
		Key:   func(r *row) string { return r.Addr + "\x00" + r.API },
		Cells: cells,
		Orders: []list.Order[row]{
			{Name: "by broker", Column: colBroker, Less: func(a, b *row) bool { return byBroker(a, b) < 0 }},
			{Name: "most requests", Column: colCount, Desc: true, Less: most(func(r *row) int64 { return int64(r.Count) })},
			{Name: "most errors", Column: colErrors, Desc: true, Less: most(func(r *row) int64 { return int64(r.Errors) })},
			{Name: "slowest", Column: colMax, Desc: true, Less: most(func(r *row) int64 { return int64(max(r.Max.V, r.Oldest)) })},
			{Name: "most bytes", Column: colIn, Desc: true, Less: most(func(r *row) int64 { return r.Out + r.In })},
		},
		Fields: filter.Fields{"broker": filter.Text, "api": filter.Text, "for": filter.Text, "n": filter.Number, "errors": filter.Number, "ms": filter.Number},
		Row:    func(r *row) filter.Row { return fields{r} },
	})}
}

func byBroker(a, b *row) int {
	return cmp.Or(-compareBool(a.broker.OK, b.broker.OK), cmp.Compare(a.broker.V, b.broker.V), strings.Compare(a.Addr, b.Addr), strings.Compare(a.API, b.API))
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func most(of func(*row) int64) func(a, b *row) bool {
	return func(a, b *row) bool { return cmp.Or(cmp.Compare(of(b), of(a)), byBroker(a, b)) < 0 }
}

// where is the broker with its address.
func where(r *row) string {
	if r.broker.OK {
		return strconv.Itoa(int(r.broker.V)) + " " + cell.Name(r.Addr)
	}
	return "? " + cell.Name(r.Addr)
}

// latency is a time in at most six cells: 0.4ms, 45ms, 1.2s, 31s.
func latency(d kafka.Known[time.Duration], unknown string) string {
	switch ms := float64(d.V) / float64(time.Millisecond); {
	case !d.OK:
		return unknown
	case ms < 9.95:
		return strconv.FormatFloat(ms, 'f', 1, 64) + "ms"
	case ms < 999.5:
		return strconv.FormatFloat(ms, 'f', 0, 64) + "ms"
	case ms < 9950:
		return strconv.FormatFloat(ms/1000, 'f', 1, 64) + "s"
	}
	return human.Duration(d.V)
}

// purposes are the words for what requests were sent for.
func purposes(by [kafka.Purposes]int) []string {
	var out []string
	for p := range kafka.Purposes {
		if by[p] > 0 {
			out = append(out, p.String())
		}
	}
	return out
}

func cells(e *pane.Env, r *row, c []component.Cell) {
	unknown := e.Theme.Glyphs.Unknown
	c[colBroker].Text, c[colAPI].Text = where(r), safe.Line(r.API)
	c[colCount] = component.Cell{Text: human.Count(int64(r.Count))}
	c[colErrors] = component.Cell{Text: human.Count(int64(r.Errors)), Tok: theme.Muted}
	if r.Errors > 0 {
		c[colErrors].Tok = theme.Danger
	}
	c[colP50].Text, c[colMax].Text = latency(r.P50, unknown), latency(r.Max, unknown)
	if r.Waiting > 0 && r.Oldest >= time.Second {
		c[colMax] = component.Cell{Text: ">" + human.Duration(r.Oldest), Tok: theme.Lagging}
	}
	c[colOut] = component.Cell{Text: human.Bytes(r.Out), Tok: theme.Muted}
	c[colIn] = component.Cell{Text: human.Bytes(r.In), Tok: theme.Muted}
	c[colWhy] = component.Cell{Text: strings.Join(purposes(r.By), ", "), Tok: theme.Muted}
	if r.Failure.OK {
		c[colFailure] = component.Cell{Text: failure(e, r), Tok: theme.Danger}
	}
}

// failure is the last one with its age.
func failure(e *pane.Env, r *row) string {
	return safe.Line(r.Failure.V.Reason) + ", " + human.Duration(e.Now.Sub(r.Failure.V.At)) + " ago"
}

// Place is where the screen's commands apply.
func (m *Model) Place() command.Place { return command.Requests }

// Head says how far the numbers reach and how the rows are sorted or filtered.
func (m *Model) Head(e *pane.Env) (title, note string) {
	if m.source == nil || len(m.rows) == 0 {
		return "Requests", ""
	}
	return "Requests", cell.Dotted(e.Theme, m.Note(), "the last "+human.Span(m.report.Window))
}

// Refresh takes over what was counted.
func (m *Model) Refresh(e *pane.Env) {
	m.rows = m.rows[:0]
	if m.source == nil {
		return
	}
	m.report = m.source(e.Now)
	ids := make(map[string]int32, len(e.Snapshot.Brokers))
	for i := range e.Snapshot.Brokers {
		ids[e.Snapshot.Brokers[i].Addr] = e.Snapshot.Brokers[i].ID
	}
	for i := range m.report.Rows {
		r := row{RequestRow: &m.report.Rows[i]}
		r.broker.V, r.broker.OK = ids[r.Addr]
		m.rows = append(m.rows, r)
	}
	m.Show(e, m.rows)
}

// View draws the totals, the list, and below it what is known of the selected row and what the numbers mean.
func (m *Model) View(e *pane.Env, w, h int, focused bool) []string {
	if m.source == nil {
		return cell.Message(e.Theme, "requests are not counted here", w, h)
	}
	head, foot := m.totals(e), m.detail(e, w)
	if h < len(head)+len(foot)+4 {
		foot = nil
	}
	if h < len(head)+4 {
		head = nil
	}
	lines := make([]string, 0, max(h, 0))
	for _, l := range head {
		lines = append(lines, component.Line(e.Theme, l, w))
	}
	lines = append(lines, m.List.View(e, w, h-len(head)-len(foot), focused)...)
	for _, l := range foot {
		lines = append(lines, component.Line(e.Theme, l, w))
	}
	return lines
}

// headLines is how many lines are above the list.
const headLines = 2

// totals are the sums of the minute, and what one poll takes.
func (m *Model) totals(e *pane.Env) [][]component.Cell {
	t, g := &m.report.Total, &e.Theme.Glyphs
	errors := component.Cell{Text: human.Plural(t.Errors, "error"), Tok: theme.Good}
	if t.Errors > 0 {
		errors.Tok = theme.Danger
	}
	first := []component.Cell{
		{Text: " " + human.Count(int64(t.Count)) + " requests", Tok: theme.Title}, {Text: "  "}, errors,
		{Text: fmt.Sprintf("  %s sent, %s got", human.Bytes(t.Out), human.Bytes(t.In))},
	}
	for p := range kafka.Purposes {
		if n := m.report.By[p].Count; n > 0 {
			first = append(first, component.Cell{Text: fmt.Sprintf("  %s %d%%", p, share(n, t.Count)), Tok: theme.Muted})
		}
	}
	return [][]component.Cell{first, {
		{Text: fmt.Sprintf(" %d per poll", e.Snapshot.Requests), Tok: theme.Title},
		{Text: fmt.Sprintf(", %d beside the last one  %s  %s", e.Snapshot.Aside, g.Dot, m.ever(e)), Tok: theme.Muted},
	}}
}

// share is a part in percent, never 0 for something.
func share(part, whole int) int { return max(1, (part*100+whole/2)/max(whole, 1)) }

// ever sums up since the start.
func (m *Model) ever(e *pane.Env) string {
	var all kafka.RequestSum
	for _, s := range m.report.Ever {
		all.Count += s.Count
		all.Errors += s.Errors
		all.Out += s.Out
		all.In += s.In
	}
	return fmt.Sprintf("in %s: %s requests, %s, %s", human.Span(e.Now.Sub(m.report.Since)), human.Count(int64(all.Count)),
		human.Plural(all.Errors, "error"), human.Bytes(all.Out+all.In))
}

// detail says more of the selected row, and what the numbers mean.
func (m *Model) detail(e *pane.Env, w int) [][]component.Cell {
	rule := []component.Cell{{Text: strings.Repeat(e.Theme.Glyphs.Horizontal, max(w, 0)), Tok: theme.Border}}
	out := [][]component.Cell{rule}
	if r := m.Current(); r != nil {
		out = append(out, []component.Cell{{Text: " " + m.sentence(r), Tok: theme.Title}})
		last := component.Cell{Text: " no error in the last minute", Tok: theme.Muted}
		if r.Failure.OK {
			last = component.Cell{Text: " last error: " + failure(e, r), Tok: theme.Danger}
		}
		out = append(out, []component.Cell{last})
	}
	explained := "Counted as bytes pass: ApiVersions and logins too. ERR: no answer, or one that cannot be read; error codes within answers are faults (top line). P50, MAX: until the last byte. FOR beside: ages, transactions, cluster facts."
	if m.report.Cut {
		explained = "More requests than are kept: the numbers are of the last " + human.Span(m.report.Window) + " only. " + explained
	}
	for _, l := range cell.Wrap(explained, w-2) {
		out = append(out, []component.Cell{{Text: " " + l, Tok: theme.Muted}})
	}
	return out
}

func (m *Model) sentence(r *row) string {
	s := safe.Line(r.API)
	if r.API != kafka.RequestConnect {
		s += " v" + strconv.Itoa(int(r.Version))
	}
	s += " to " + where(r)
	for p := range kafka.Purposes {
		if n := r.By[p]; n > 0 {
			s += fmt.Sprintf("  %s %d", p, n)
		}
	}
	if r.Waiting > 0 {
		s += fmt.Sprintf("  %d waiting for %s", r.Waiting, latency(kafka.Some(r.Oldest), ""))
	}
	return s
}

// Do carries out movement and sorting.
func (m *Model) Do(e *pane.Env, id command.ID) (tea.Cmd, bool) {
	switch id {
	case command.Left, command.Right, command.Next, command.Prev:
		return nil, true // nothing to fold, and no parts
	}
	return m.List.Do(e, id)
}

// Click selects the row there.
func (m *Model) Click(e *pane.Env, x, y int) { m.List.Click(e, x, y-headLines) }

// Select puts nothing into the focus: a broker of this list is not looked at.
func (m *Model) Select(*pane.Focus) {}

// Copy is the selected row in one line.
func (m *Model) Copy(e *pane.Env) string {
	r := m.Current()
	if r == nil {
		return ""
	}
	s := fmt.Sprintf("%s: %d requests, %d errors, p50 %s, max %s, %s sent, %s got", m.sentence(r), r.Count, r.Errors,
		latency(r.P50, "unknown"), latency(r.Max, "unknown"), human.Bytes(r.Out), human.Bytes(r.In))
	if r.Failure.OK {
		s += "; last error: " + failure(e, r)
	}
	return s
}
