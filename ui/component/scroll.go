package component

import (
	"strconv"
	"strings"

	"lagtop/theme"
)

// scroller is a window on lines that may be more than fit.
type scroller struct {
	offset int
	rows   int // of the window, as last drawn
	total  int // lines, as last drawn
}

// key moves the window; it reports false for a key that does not scroll.
func (s *scroller) key(key string) bool {
	page := max(s.rows-2, 1) // the two markers say what is hidden
	switch key {
	case "up", "k":
		s.offset--
	case "down", "j":
		s.offset++
	case "pgup", "ctrl+u":
		s.offset -= page
	case "pgdown", "ctrl+d", "space":
		s.offset += page
	case "home", "g":
		s.offset = 0
	case "end", "G":
		s.offset = s.total
	default:
		return false
	}
	s.clamp()
	return true
}

func (s *scroller) clamp() { s.offset = min(max(s.offset, 0), max(s.total-s.rows, 0)) }

// show brings a line on screen, markers considered.
func (s *scroller) show(line int) {
	s.offset = min(s.offset, max(line-1, 0))
	below := 0
	if line < s.total-1 {
		below = 1 // the marker
	}
	s.offset = max(s.offset, line-s.rows+1+below)
	s.clamp()
}

// view is exactly rows lines of w cells. Where lines are hidden, the first or last line says how many.
func (s *scroller) view(th *theme.Theme, lines []string, w, rows int) []string {
	s.rows, s.total = max(rows, 0), len(lines)
	s.clamp()
	out := make([]string, 0, s.rows)
	for i := s.offset; i < len(lines) && len(out) < s.rows; i++ {
		out = append(out, Exact(lines[i], w))
	}
	for len(out) < s.rows {
		out = append(out, blanks(w))
	}
	if s.rows < 2 {
		return out
	}
	if s.offset > 0 {
		out[0] = more(th, th.Glyphs.Up, s.offset+1, w)
	}
	if below := len(lines) - s.offset - s.rows; below > 0 {
		out[s.rows-1] = more(th, th.Glyphs.Down, below+1, w)
	}
	return out
}

// more says that n lines are hidden, the one in whose place it stands included.
func more(th *theme.Theme, arrow string, n, w int) string {
	return Line(th, []Cell{{arrow + " " + strconv.Itoa(n) + " more", theme.Muted}}, w)
}

// wrap breaks a line into lines of at most w cells, at blanks where it can. Nothing is lost but the
// blanks at a break; what goes on is indented.
func wrap(cells []Cell, w int) [][]Cell {
	if w <= 0 || lineWidth(cells) <= w {
		return [][]Cell{cells}
	}
	indent := 2
	if w < 12 {
		indent = 0
	}
	wr := wrapper{width: w, indent: indent, room: w}
	for _, c := range cells {
		text := c.Text
		if simple(text) < 0 {
			text, _ = cut(text, 1<<20, "")
		}
		for text != "" {
			word := nextWord(text)
			text = text[len(word):]
			wr.word(word, c.Tok)
		}
	}
	return append(wr.lines, wr.line)
}

// nextWord is a run of blanks or a run of anything else.
func nextWord(text string) string {
	if blank := len(text) - len(strings.TrimLeft(text, " ")); blank > 0 {
		return text[:blank]
	}
	if i := strings.IndexByte(text, ' '); i > 0 {
		return text[:i]
	}
	return text
}

type wrapper struct {
	lines               [][]Cell
	line                []Cell
	width, indent, room int
}

func (w *wrapper) word(word string, tok theme.Token) {
	n := Width(word)
	if n > w.room && word[0] == ' ' {
		w.feed()
		return
	}
	if n > w.room && w.room < w.width-w.indent {
		w.feed()
	}
	for n > w.room {
		head, hn := cut(word, w.room, "")
		if hn == 0 { // a character wider than the line
			return
		}
		w.line = append(w.line, Cell{head, tok})
		word, n = word[len(head):], n-hn
		w.feed()
	}
	w.line = append(w.line, Cell{word, tok})
	w.room -= n
}

func (w *wrapper) feed() {
	w.lines = append(w.lines, w.line)
	w.line, w.room = nil, w.width-w.indent
	if w.indent > 0 {
		w.line = []Cell{{Text: blanks(w.indent)}}
	}
}

// lineWidth is how many cells a line takes.
func lineWidth(cells []Cell) int {
	n := 0
	for _, c := range cells {
		n += Width(c.Text)
	}
	return n
}

// Align pads the cells of rows so that they stand in columns, gap cells apart. The columns listed in
// right are aligned at the right. Rows of one cell are sentences: they are left alone.
func Align(rows [][]Cell, right ...int) [][]Cell {
	var widths []int
	for _, r := range rows {
		for i, c := range r {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			if len(r) > 1 {
				widths[i] = max(widths[i], Width(c.Text))
			}
		}
	}
	atRight := make([]bool, len(widths))
	for _, i := range right {
		if i >= 0 && i < len(atRight) {
			atRight[i] = true
		}
	}
	out := make([][]Cell, len(rows))
	for y, r := range rows {
		if len(r) < 2 {
			out[y] = r
			continue
		}
		for i, c := range r {
			c.Text = FitTail(c.Text, widths[i], atRight[i], "")
			if i < len(r)-1 {
				c.Text += blanks(2 * gap)
			}
			out[y] = append(out[y], c)
		}
	}
	return out
}
