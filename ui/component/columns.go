package component

// slot is the place of a column on screen, in cells.
type slot struct{ col, x, w int }

const (
	gap       = 1 // cells between columns
	barCells  = 2 // gap and scroll bar
	leastCol  = 3 // cells below which a column is not worth its place
	leastGrow = 8 // cells that a column that can grow keeps before the others are cut
)

// place decides which columns are shown in w cells and how wide. Columns that may be dropped go by
// Drop, of equals the last one first; then those that grow shrink, then all of them, from the right.
func (t *Table) place(w int) {
	t.cols = t.cols[:0]
	for i := range t.Columns {
		t.cols = append(t.cols, slot{col: i, w: max(t.Columns[i].Width, 1)})
	}
	for t.taken() > w && t.drop() {
	}
	t.shrink(t.taken()-w, true)
	t.shrink(t.taken()-w, false)
	t.grow(w - t.taken())
	x, shown := 0, 0
	for _, s := range t.cols {
		if s.w = min(s.w, w-x); s.w <= 0 {
			break
		}
		s.x = x
		t.cols[shown] = s
		shown++
		x += s.w + gap
	}
	t.cols = t.cols[:shown]
}

func (t *Table) taken() int {
	sum := gap * (len(t.cols) - 1)
	for _, s := range t.cols {
		sum += s.w
	}
	return sum
}

// drop takes out the column that matters least; it reports false when all that are left must stay.
func (t *Table) drop() bool {
	worst, at := 0, -1
	for i, s := range t.cols {
		if d := t.Columns[s.col].Drop; d > 0 && d >= worst {
			worst, at = d, i
		}
	}
	if at < 0 {
		return false
	}
	t.cols = append(t.cols[:at], t.cols[at+1:]...)
	return true
}

// shrink takes so many cells from the columns, of those that can grow only, the last one first.
func (t *Table) shrink(over int, growing bool) {
	least := leastCol
	if growing {
		least = leastGrow
	}
	for i := len(t.cols) - 1; i >= 0 && over > 0; i-- {
		s := &t.cols[i]
		if growing && t.Columns[s.col].Grow == 0 {
			continue
		}
		if take := min(over, s.w-least); take > 0 {
			s.w -= take
			over -= take
		}
	}
}

// grow gives the spare cells away by share, the remainder to the first.
func (t *Table) grow(spare int) {
	shares := 0
	for _, s := range t.cols {
		shares += t.Columns[s.col].Grow
	}
	if spare <= 0 || shares == 0 {
		return
	}
	left, first := spare, -1
	for i := range t.cols {
		share := t.Columns[t.cols[i].col].Grow
		if share == 0 {
			continue
		}
		if first < 0 {
			first = i
		}
		more := spare * share / shares
		t.cols[i].w += more
		left -= more
	}
	t.cols[first].w += left
}

// scrollBar says which lines of those that show rows carry the thumb.
type scrollBar struct {
	on       bool
	from, to int
}

func newScrollBar(offset, rows, n int) scrollBar {
	if rows <= 0 || n <= rows {
		return scrollBar{}
	}
	size := max(rows*rows/n, 1)
	from := 0
	if hidden := n - rows; hidden > 0 {
		from = (offset*(rows-size) + hidden/2) / hidden
	}
	return scrollBar{on: true, from: from, to: from + size}
}
