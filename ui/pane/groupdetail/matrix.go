package groupdetail

import (
	"slices"
	"strconv"
	"strings"

	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
)

const (
	// shiftStep is how many partitions the matrix scrolls sideways.
	shiftStep      = 10
	gridCol        = 4
	matrixPartsCol = 1
	balance        = 8 // cells of the bar that compares the members
	footLines      = 2
	scrollBar      = 2  // cells that a table takes for it
	wideName       = 24 // cells of a member's name at the least
	narrowName     = 14 // below wideFrom
	wideFrom       = 100
)

// matrixRows are the rows of the matrix: the members, and one for what nobody owns.
type matrixRows struct {
	m *Model
	e *pane.Env
}

func matrixColumns() []component.Column {
	return []component.Column{
		{Title: "CONSUMER", Cut: component.CutRest, Width: wideName},
		{Title: "PARTS", Width: 5, Right: true},
		{Title: "LAG", Width: 6, Right: true},
		{Title: "BALANCE", Width: balance},
		gridCol: {Width: 12, Grow: 1}, // its title are the last digits of the partitions
	}
}

// besideName are the cells between a member's name and the grid.
const besideName = 1 + 5 + 1 + 6 + 1 + balance + 1

// nameIn is how wide the names are: as the longest of them where the whole grid leaves the room, and never so
// narrow that they cannot be told apart.
func (m *Model) nameIn(w int) int {
	least := wideName
	if w < wideFrom {
		least = narrowName
	}
	longest := least
	for i := range m.group.Members {
		longest = max(longest, safe.Width(cell.Owner(&m.group.Members[i])))
	}
	return max(least, min(longest, w-besideName-scrollBar-m.gridWidth()))
}

// gridWidth is how many cells the whole grid takes, or what stands in its place for a group of Connect. The last
// topic's name may be wider than its partitions.
func (m *Model) gridWidth() int {
	wide, last := 0, 0
	for i, parts := 0, m.group.Partitions; i < len(parts); i++ {
		if i == 0 || parts[i].Topic != parts[i-1].Topic {
			wide += min(i, 1)
			last = wide + safe.Width(safe.Line(parts[i].Topic))
		}
		wide++
	}
	wide = max(wide, last, m.matrix.Columns[gridCol].Width)
	for i := range m.group.Members {
		if connect(m.group) {
			wide = max(wide, safe.Width(cell.Tasks(&m.group.Members[i])))
		}
	}
	return wide
}

func (r matrixRows) Len() int {
	if r.m.group == nil {
		return 0
	}
	n := len(r.m.group.Members)
	if slices.ContainsFunc(r.m.holders, func(h []int) bool { return len(h) == 0 }) {
		n++
	}
	return n
}

func (r matrixRows) Key(i int) string {
	if i >= len(r.m.group.Members) {
		return "no member"
	}
	return "member " + r.m.group.Members[i].ID
}

func (r matrixRows) Row(i int, cells []component.Cell) {
	m, th := r.m, r.e.Theme
	l, most := &m.loads[i], 1
	for j := range m.loads {
		most = max(most, m.loads[j].count)
	}
	name := component.Cell{Text: "no consumer", Tok: theme.Muted}
	if i < len(m.group.Members) {
		name = component.Cell{Text: cell.Owner(&m.group.Members[i]), Tok: theme.Accent}
	}
	tok := theme.Text
	if l.worst.Trouble() {
		tok = cell.Verdict(th, l.worst).Tok
	}
	copy(cells, []component.Cell{
		name, {Text: strconv.Itoa(l.count)}, {Text: cell.Total(th, l.lag), Tok: tok},
		{Text: component.Bar(th, float64(l.count), float64(most), balance), Tok: theme.Bar}, {Text: m.gridRow(th, i), Tok: tok},
	})
	if connect(m.group) && i < len(m.group.Members) {
		cells[gridCol].Text = cell.Tasks(&m.group.Members[i])
	}
	dim(m, r.e, cells)
}

// grid writes one cell for each partition on screen, with a blank between topics.
func (m *Model) grid(cellOf func(i int) string) string {
	var b strings.Builder
	parts := m.group.Partitions
	for i := m.shift; i < len(parts) && i < m.shift+m.across; i++ {
		if i > m.shift && parts[i].Topic != parts[i-1].Topic {
			b.WriteByte(' ')
		}
		b.WriteString(cellOf(i))
	}
	return b.String()
}

func (m *Model) gridRow(th *theme.Theme, row int) string {
	return m.grid(func(i int) string {
		h, tp := m.holders[i], m.group.Partitions[i].TopicPartition
		if !slices.Contains(h, row) && (row < len(m.group.Members) || len(h) > 0) {
			if row < len(m.group.Members) && m.moved.justLeft(tp, m.group.Members[row].ID) {
				return th.Glyphs.RadioOff
			}
			return th.Glyphs.Dot
		}
		if row < len(m.group.Members) {
			if sign := m.arriving(th, tp, row); sign != "" {
				return sign
			}
		}
		if v := m.group.Partitions[i].Verdict.Kind; v.Trouble() {
			return cell.Verdict(th, v).Text
		}
		switch {
		case row >= len(m.group.Members):
			return th.Glyphs.RadioOff
		case m.group.AssignmentOld:
			return th.Glyphs.Stale
		case m.moved.to[tp] == m.group.Members[row].ID && m.moved.to[tp] != "":
			return th.Glyphs.Marked
		}
		return th.Glyphs.Radio
	})
}

// topicNames stand above the grid, each as far as its partitions reach. In front of them is said which partitions
// are on screen when not all of them are.
func (m *Model) topicNames(w int) []component.Cell {
	name := m.nameIn(w)
	m.across = m.fits(w - name - besideName - scrollBar)
	m.matrix.Columns[0].Width = name
	m.matrix.Columns[gridCol].Title = m.grid(func(i int) string {
		return strconv.Itoa(int(m.group.Partitions[i].Partition % 10))
	})
	parts, note := m.group.Partitions, ""
	if m.shift > 0 || m.across < len(parts) {
		note = " partitions " + strconv.Itoa(m.shift+1) + " to " + strconv.Itoa(m.shift+m.across) + " of " + strconv.Itoa(len(parts))
	}
	cells := []component.Cell{{Text: component.Fit(note, name+besideName, false), Tok: theme.Info}}
	for i := m.shift; i < min(m.shift+m.across, len(parts)); {
		first := i
		for i++; i < min(m.shift+m.across, len(parts)) && parts[i].Topic == parts[first].Topic; i++ {
		}
		name := safe.Line(parts[first].Topic)
		if i < min(m.shift+m.across, len(parts)) {
			name = component.Fit(name, i-first, false) + " "
		}
		cells = append(cells, component.Cell{Text: name, Tok: theme.Muted})
	}
	return cells
}

// shiftBy scrolls the matrix sideways.
func (m *Model) shiftBy(partitions int) {
	if m.part == partMatrix && m.group != nil {
		m.shift = max(0, min(m.shift+partitions, len(m.group.Partitions)-1))
	}
}

// Copy is what is selected in one line, in the overview the verdict, with the numbers in full.
func (m *Model) Copy(e *pane.Env) string {
	if m.group == nil {
		return ""
	}
	parts := []string{cell.Name(m.name)}
	i := m.member()
	switch p := m.partition(); {
	case m.part == partAdvice:
		parts = append(parts, m.advice.Text())
	case p != nil:
		parts = append(parts, cell.Facts(e.Theme, m.group.Type, p)...)
		parts = append(parts, m.owners(m.partIndex(p)))
	case i >= 0:
		mb := &m.group.Members[i]
		parts = append(parts, cell.Owner(mb), safe.Line(mb.ID), assigned(mb))
	default:
		parts = append(parts, cell.Note(e.Theme, m.group), m.group.Verdict.Kind.String(), safe.Line(m.group.Verdict.Evidence))
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "  ")
}
