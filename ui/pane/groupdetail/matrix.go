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
	shiftStep = 10
	// gridCells bounds what is drawn of a row of the matrix.
	gridCells      = 400
	gridCol        = 4
	matrixPartsCol = 1
	balance        = 8 // cells of the bar that compares the members
)

// matrixRows are the rows of the matrix: the members, and one for what nobody owns.
type matrixRows struct {
	m *Model
	e *pane.Env
}

func matrixColumns() []component.Column {
	return []component.Column{
		{Title: "CONSUMER", Width: 24},
		{Title: "PARTS", Width: 5, Right: true},
		{Title: "LAG", Width: 6, Right: true},
		{Title: "BALANCE", Width: balance},
		gridCol: {Width: 12, Grow: 1}, // its title are the last digits of the partitions
	}
}

// gridAt is where the grid begins.
const gridAt = 24 + 1 + 5 + 1 + 6 + 1 + balance + 1

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
	owned, most := 0, 1
	counts := m.counts()
	if i < len(counts) {
		owned = counts[i]
	}
	for _, n := range counts {
		most = max(most, n)
	}
	total, worst := m.load(i)
	name := component.Cell{Text: "no consumer", Tok: theme.Muted}
	if i < len(m.group.Members) {
		name = component.Cell{Text: cell.Owner(&m.group.Members[i]), Tok: theme.Accent}
	}
	tok := theme.Text
	if worst.Trouble() {
		tok = cell.Verdict(th, worst).Tok
	}
	copy(cells, []component.Cell{
		name, {Text: strconv.Itoa(owned)}, {Text: cell.Total(th, total), Tok: tok},
		{Text: component.Bar(th, float64(owned), float64(most), balance), Tok: theme.Bar}, {Text: m.gridRow(th, i), Tok: tok},
	})
	if connect(m.group) && i < len(m.group.Members) {
		cells[gridCol].Text = cell.Tasks(&m.group.Members[i])
	}
	dim(m, r.e, cells)
}

// counts are the partitions of each member, and last those of nobody; in a group of Connect the tasks.
func (m *Model) counts() []int {
	counts := make([]int, len(m.group.Members)+1)
	if connect(m.group) {
		for i := range m.group.Members {
			counts[i] = len(m.group.Members[i].Tasks)
		}
		return counts
	}
	for _, h := range m.holders {
		for _, i := range h {
			counts[i]++
		}
		if len(h) == 0 {
			counts[len(m.group.Members)]++
		}
	}
	return counts
}

// grid writes one cell for each partition on screen, with a blank between topics.
func (m *Model) grid(cellOf func(i int) string) string {
	var b strings.Builder
	parts := m.group.Partitions
	for i := m.shift; i < len(parts) && i < m.shift+gridCells; i++ {
		if i > m.shift && parts[i].Topic != parts[i-1].Topic {
			b.WriteByte(' ')
		}
		b.WriteString(cellOf(i))
	}
	return b.String()
}

func (m *Model) gridRow(th *theme.Theme, row int) string {
	return m.grid(func(i int) string {
		h := m.holders[i]
		if !slices.Contains(h, row) && (row < len(m.group.Members) || len(h) > 0) {
			return th.Glyphs.Dot
		}
		if v := m.group.Partitions[i].Verdict.Kind; v.Trouble() {
			return cell.Verdict(th, v).Text
		}
		if row >= len(m.group.Members) {
			return th.Glyphs.RadioOff
		}
		return th.Glyphs.Radio
	})
}

// topicNames stand above the grid, each as far as its partitions reach.
func (m *Model) topicNames() []component.Cell {
	m.matrix.Columns[gridCol].Title = m.grid(func(i int) string {
		return strconv.Itoa(int(m.group.Partitions[i].Partition % 10))
	})
	cells := []component.Cell{{Text: strings.Repeat(" ", gridAt)}}
	parts := m.group.Partitions
	for i := m.shift; i < len(parts) && i < m.shift+gridCells; {
		first := i
		for i++; i < len(parts) && parts[i].Topic == parts[first].Topic; i++ {
		}
		cells = append(cells, component.Cell{Text: component.Fit(safe.Line(parts[first].Topic), i-first, false) + " ", Tok: theme.Muted})
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
