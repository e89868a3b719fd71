package app

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/component"
	"lagtop/ui/layout"
	"lagtop/ui/pane"
)

// View draws the newest state. It does no I/O and changes nothing.
func (m *Model) View() tea.View {
	v := tea.View{AltScreen: true, WindowTitle: "lagtop " + safe.Line(m.deps.Name)}
	if m.deps.Mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	if m.leaving || m.w <= 0 || m.h <= 0 {
		return v
	}
	v.SetContent(strings.Join(m.frame(), "\n"))
	return v
}

// frame is the screen as m.h lines of m.w cells.
func (m *Model) frame() []string {
	scr := m.layout()
	if scr.TooSmall {
		return m.tooSmall()
	}
	var lines []string
	lines = append(lines, m.header(m.w), m.verdictLine(m.w))
	if f := m.faultLine(m.w); f != "" {
		lines = append(lines, f)
	}
	lines = append(lines, m.middle(scr)...)
	lines = append(lines, m.stageLines(m.w)...)
	lines = append(lines, m.footer(m.w))
	if b := m.front(); b != nil {
		lines = component.Overlay(lines, b.view(m, m.w, m.h), m.w, m.h)
	}
	return lines
}

// layout divides the window. The line about failed sources and the presenter's part, when there are, are taken
// from the panes.
func (m *Model) layout() layout.Screen {
	return layout.Overview(m.w, m.h-m.faultLines()-m.presenterLines(), m.focus, m.zoom)
}

func (m *Model) faultLines() int {
	if len(m.broken()) == 0 && m.status.Err == nil {
		return 0
	}
	return 1
}

// broken are the faults that are no missing right: those are said in the header, and where they apply.
func (m *Model) broken() []*kafka.Fault {
	var out []*kafka.Fault
	for i := range m.env.Snapshot.Faults {
		if f := &m.env.Snapshot.Faults[i]; !f.Denied {
			out = append(out, f)
		}
	}
	return out
}

func (m *Model) tooSmall() []string {
	lines := make([]string, m.h)
	for i := range lines {
		lines[i] = component.Fit("", m.w, false)
	}
	lines[0] = component.Fit("lagtop needs 40x10 cells", m.w, false)
	if m.h > 1 {
		lines[1] = component.Fit("make the window larger, or q", m.w, false)
	}
	return lines
}

// middle is everything between the lines above and the footer.
func (m *Model) middle(scr layout.Screen) []string {
	w, h := m.w, m.h-3-m.faultLines()-m.presenterLines()
	if m.env.Snapshot.Seq == 0 {
		return m.starting(w, h)
	}
	if n := len(m.details); n > 0 {
		return m.framed(m.details[n-1], w, h, true)
	}
	return m.overview(scr, w, h)
}

func (m *Model) framed(p pane.Pane, w, h int, focused bool) []string {
	title, note := p.Head(&m.env)
	body := p.View(&m.env, max(w-2, 0), max(h-2, 0), focused)
	return component.Frame(m.theme, m.paneNumber(p)+title, note, focused, w, h, body)
}

func (m *Model) paneNumber(p pane.Pane) string {
	for i, o := range overviewOrder {
		if o == p.Place() {
			return string(rune('1'+i)) + " "
		}
	}
	return ""
}

// overview joins the panes' rectangles, which tile the middle, line by line.
func (m *Model) overview(scr layout.Screen, w, h int) []string {
	rows := make([][]part, h)
	for _, place := range overviewOrder {
		r, ok := scr.Panes[place]
		if !ok || r.H <= 0 || r.W <= 0 {
			continue
		}
		for i, l := range m.framed(m.panes[place], r.W, r.H, place == m.focus) {
			if y := r.Y - middleTop + i; y >= 0 && y < h {
				rows[y] = append(rows[y], part{r.X, l})
			}
		}
	}
	if t := scr.Tabs; t.H > 0 && t.Y-middleTop < h {
		rows[t.Y-middleTop] = append(rows[t.Y-middleTop], part{t.X, m.tabs(t.W, scr.Hidden)})
	}
	lines := make([]string, h)
	for y, ps := range rows {
		sortBy(ps, func(a, b part) bool { return a.x < b.x })
		var b strings.Builder
		for _, p := range ps {
			b.WriteString(p.line)
		}
		if lines[y] = b.String(); len(ps) == 0 {
			lines[y] = component.Fit("", w, false)
		}
	}
	return lines
}

// part is one pane's piece of a line of the screen.
type part struct {
	x    int
	line string
}

// middleTop is the first line below header and verdict.
const middleTop = 2

// tabs names the panes that the stacked layout chooses between, and says what is hidden where there is room.
func (m *Model) tabs(w int, hidden string) string {
	var left []span
	for i, p := range overviewOrder {
		tok := theme.Muted
		if p == m.focus {
			tok = theme.Selected
		}
		left = append(left, span{tok, " " + string(rune('1'+i)) + " " + placeTitle[p] + " "})
	}
	var right []span
	if widthOf(left)+safe.Width(hidden)+2 <= w {
		right = []span{{theme.Muted, "  " + hidden + " "}}
	}
	return line(m.theme, w, left, right)
}

var placeTitle = map[command.Place]string{
	command.Groups: "Groups", command.Partitions: "Partitions", command.Topics: "Topics",
	command.Brokers: "Brokers", command.Tail: "Tail",
}
