package component

import (
	"strings"

	"lagtop/theme"
)

// Column is one column of a table.
type Column struct {
	Title string
	Width int  // cells wanted
	Grow  int  // share of the cells to spare
	Right bool // numbers
	Cut   Cut  // what is left out where it does not fit
	Drop  int  // 0: never; else the highest goes first when the table is narrow
}

// Source is what a table shows. Row is called for the rows on screen only.
type Source interface {
	Len() int
	Key(i int) string        // names the row, whatever place it has; unique
	Row(i int, cells []Cell) // fills one cell a column; they come empty
}

// Table is a list of rows under a header with a cursor that stays on its row by name. It asks for the
// rows that are on screen and for no other. SortCol is the column that carries the arrow, -1 for none.
type Table struct {
	Columns  []Column
	SortCol  int
	SortDesc bool
	Empty    string // shown in place of rows when there are none

	key    string // of the row under the cursor; kept while there are no rows
	none   bool   // there were no rows last
	cursor int
	offset int // first row on screen
	rows   int // that were on screen last; 0 before the first View

	cells []Cell
	cols  []slot
	buf   []byte
	ends  []int
}

// Key names the row under the cursor, empty when there are no rows.
func (t *Table) Key() string {
	if t.none {
		return ""
	}
	return t.key
}

// Index is the row under the cursor, 0 when there are no rows.
func (t *Table) Index() int { return t.cursor }

// Visible is the range of lines for rows that the last View had, from inclusive, to exclusive; with few
// rows the range goes on beyond the last one.
func (t *Table) Visible() (from, to int) { return t.offset, t.offset + t.rows }

// Sync takes over changed data: the cursor stays on its row wherever that went, or goes to the nearest
// one when it is gone. Away from the top the row also stays where it is on screen.
func (t *Table) Sync(src Source) {
	n := src.Len()
	if t.none = n == 0; t.none {
		t.cursor, t.offset = 0, 0
		return
	}
	was := t.cursor
	if i := t.find(src, n); i >= 0 {
		t.cursor = i
	} else {
		t.cursor = min(t.cursor, n-1)
		t.key = src.Key(t.cursor)
	}
	if t.offset > 0 {
		t.offset += t.cursor - was
	}
	t.scroll(n)
}

// find looks for the cursor's row, near its old place first; -1 when it is not there.
func (t *Table) find(src Source, n int) int {
	if t.key == "" {
		return -1
	}
	if t.cursor < n && src.Key(t.cursor) == t.key {
		return t.cursor
	}
	for i := range n {
		if src.Key(i) == t.key {
			return i
		}
	}
	return -1
}

// Select puts the cursor on the row of that name; it reports false when there is none.
func (t *Table) Select(key string, src Source) bool {
	n := src.Len()
	old := t.key
	t.key = key
	i := t.find(src, n)
	if i < 0 {
		t.key = old
		return false
	}
	t.cursor, t.none = i, false
	t.scroll(n)
	return true
}

// Move moves the cursor by rows and stops at the ends.
func (t *Table) Move(rows int, src Source) { t.to(t.cursor+rows, src) }

// Page moves by a screenful, dir is -1 or 1.
func (t *Table) Page(dir int, src Source) { t.Move(dir*max(t.rows-1, 1), src) }

// First goes to the first row.
func (t *Table) First(src Source) { t.to(0, src) }

// Last goes to the last row.
func (t *Table) Last(src Source) { t.to(src.Len()-1, src) }

// ClickRow puts the cursor on the row at line y of the View, 0 being the header; it reports false when no
// row is there.
func (t *Table) ClickRow(y int, src Source) bool {
	i := t.offset + y - 1
	if y < 1 || y > t.rows || i >= src.Len() {
		return false
	}
	t.to(i, src)
	return true
}

// Wheel scrolls by rows; the cursor comes along when it would leave the screen.
func (t *Table) Wheel(rows int, src Source) {
	n := src.Len()
	if n == 0 || t.rows == 0 {
		return
	}
	t.offset = min(max(t.offset+rows, 0), max(n-t.rows, 0))
	t.to(min(max(t.cursor, t.offset), t.offset+t.rows-1), src)
}

func (t *Table) to(i int, src Source) {
	n := src.Len()
	if t.none = n == 0; t.none {
		t.cursor, t.offset = 0, 0
		return
	}
	t.cursor = min(max(i, 0), n-1)
	t.key = src.Key(t.cursor)
	t.scroll(n)
}

// scroll brings the cursor on screen and leaves no blank line that a row could fill.
func (t *Table) scroll(n int) {
	rows := max(t.rows, 1)
	t.offset = min(t.offset, t.cursor)
	t.offset = max(t.offset, t.cursor-rows+1)
	t.offset = min(max(t.offset, 0), max(n-rows, 0))
}

// View draws the header and as many rows as fit: h lines of exactly w cells. Where rows are hidden, the
// last two cells of each line are a gap and a scroll bar.
func (t *Table) View(th *theme.Theme, src Source, w, h int, focused bool) []string {
	if w <= 0 || h <= 0 {
		return blankLines(0, h)
	}
	n := src.Len()
	t.rows = h - 1
	t.cursor = min(max(t.cursor, 0), max(n-1, 0))
	if t.none = n == 0; !t.none && t.key == "" {
		t.key = src.Key(t.cursor)
	}
	t.scroll(n)
	bar := newScrollBar(t.offset, t.rows, n)
	if bar.on = bar.on && w > barCells+leastGrow; bar.on {
		w -= barCells
	}
	t.place(w)
	t.buf, t.ends = t.buf[:0], t.ends[:0]
	t.header(th, w, bar)
	for y := range t.rows {
		t.row(th, src, y, n, w, focused)
		t.end(th, bar, y)
	}
	return t.lines()
}

// lines are the drawn lines, as parts of one string.
func (t *Table) lines() []string {
	all := string(t.buf)
	out := make([]string, len(t.ends))
	from := 0
	for i, to := range t.ends {
		out[i] = all[from:to]
		from = to
	}
	return out
}

func (t *Table) header(th *theme.Theme, w int, bar scrollBar) {
	st := th.Style(theme.Header)
	t.buf = append(t.buf, st.Open()...)
	at := 0
	for _, s := range t.cols {
		t.pad(s.x - at)
		c := &t.Columns[s.col]
		arrow := ""
		if s.col == t.SortCol {
			arrow = th.Glyphs.Up
			if t.SortDesc {
				arrow = th.Glyphs.Down
			}
		}
		t.title(th, c, arrow, s.w)
		at = s.x + s.w
	}
	t.pad(w - at)
	t.buf = append(t.buf, st.Close()...)
	if bar.on {
		t.pad(barCells)
	}
	t.ends = append(t.ends, len(t.buf))
}

// title is a column's title with the arrow on the side where it does not move the title's own edge.
func (t *Table) title(th *theme.Theme, c *Column, arrow string, w int) {
	room := w
	if arrow != "" {
		room--
	}
	text, n := cut(c.Title, room, th.Glyphs.Ellipsis)
	if c.Right {
		t.pad(room - n)
		t.buf = append(t.buf, arrow...)
		t.buf = append(t.buf, text...)
		return
	}
	t.buf = append(t.buf, text...)
	t.buf = append(t.buf, arrow...)
	t.pad(room - n)
}

func (t *Table) row(th *theme.Theme, src Source, y, n, w int, focused bool) {
	i := t.offset + y
	if i >= n {
		t.blank(th, y, n, w)
		return
	}
	if cap(t.cells) < len(t.Columns) {
		t.cells = make([]Cell, len(t.Columns))
	}
	t.cells = t.cells[:len(t.Columns)]
	clear(t.cells)
	src.Row(i, t.cells)
	if i != t.cursor {
		t.draw(th, w, nil)
		return
	}
	st := th.Style(theme.SelectedIdle)
	if focused {
		st = th.Style(theme.Selected)
	}
	t.draw(th, w, &st)
}

// blank is a line without a row; the first one says why there are none.
func (t *Table) blank(th *theme.Theme, y, n, w int) {
	if n > 0 || y > 0 || t.Empty == "" {
		t.pad(w)
		return
	}
	t.buf = append(t.buf, Line(th, []Cell{{Text: t.Empty, Tok: theme.Muted}}, w)...)
}

// draw appends the cells of a row, each in its own style, or all of them as one run in the style given.
func (t *Table) draw(th *theme.Theme, w int, run *theme.Style) {
	at := 0
	if run != nil {
		t.buf = append(t.buf, run.Open()...)
	}
	for _, s := range t.cols {
		t.pad(s.x - at)
		at = s.x + s.w
		c := t.cells[s.col]
		text, n := t.Columns[s.col].Cut.cut(c.Text, s.w, th.Glyphs.Ellipsis)
		if t.Columns[s.col].Right {
			t.pad(s.w - n)
		}
		if run == nil {
			t.styled(th.Style(c.Tok), text)
		} else {
			t.buf = append(t.buf, text...)
		}
		if !t.Columns[s.col].Right {
			t.pad(s.w - n)
		}
	}
	t.pad(w - at)
	if run != nil {
		t.buf = append(t.buf, run.Close()...)
	}
}

func (t *Table) end(th *theme.Theme, bar scrollBar, y int) {
	if bar.on {
		glyph := " "
		if y >= bar.from && y < bar.to {
			glyph = th.Glyphs.Thumb
		}
		t.pad(barCells - 1)
		t.styled(th.Style(theme.Border), glyph)
	}
	t.ends = append(t.ends, len(t.buf))
}

// styled leaves blank text without a style: it looks the same, and its escape sequences would be half of
// what a moved cursor costs the terminal.
func (t *Table) styled(st theme.Style, text string) {
	if strings.TrimLeft(text, " ") == "" {
		t.buf = append(t.buf, text...)
		return
	}
	t.buf = append(append(append(t.buf, st.Open()...), text...), st.Close()...)
}

func (t *Table) pad(n int) {
	for ; n > len(spaces); n -= len(spaces) {
		t.buf = append(t.buf, spaces...)
	}
	if n > 0 {
		t.buf = append(t.buf, spaces[:n]...)
	}
}
