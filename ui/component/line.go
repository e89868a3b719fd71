package component

import (
	"strings"

	"lagtop/kafka/safe"
	"lagtop/theme"
)

const reset = "\x1b[m"

// Line draws cells one after another, without a gap, on one line of exactly w cells.
func Line(th *theme.Theme, cells []Cell, w int) string {
	var b strings.Builder
	b.Grow(w + 16*len(cells))
	room, last := max(w, 0), ""
	for _, c := range cells {
		if room > 0 && joins(last, c.Text) {
			b.WriteByte(' ')
			room--
		}
		text, n := cut(c.Text, room, th.Glyphs.Ellipsis)
		last = text
		b.WriteString(th.Render(c.Tok, text))
		if room -= n; n == 0 && c.Text != "" {
			break
		}
	}
	b.WriteString(blanks(room))
	return b.String()
}

// Exact makes a drawn line exactly w cells wide. Colour sequences are kept, every other control is made
// visible; a line that is right already costs no allocation.
func Exact(line string, w int) string {
	if cellsOf(line) == w {
		return line
	}
	return slice(line, 0, w)
}

// sgr is the length of the colour sequence that s begins with, 0 when it begins with none.
func sgr(s string) int {
	if len(s) < 3 || s[0] != 0x1b || s[1] != '[' {
		return 0
	}
	for i := 2; i < len(s); i++ {
		switch c := s[i]; {
		case c == 'm':
			return i + 1
		case (c < '0' || c > '9') && c != ';' && c != ':':
			return 0
		}
	}
	return 0
}

// cellsOf is the width of a drawn line, -1 when it holds controls other than colour sequences.
func cellsOf(line string) int {
	width, last := 0, ""
	for line != "" {
		if n := sgr(line); n > 0 {
			line = line[n:]
			continue
		}
		end := strings.IndexByte(line, 0x1b)
		if end == 0 {
			return -1
		}
		if end < 0 {
			end = len(line)
		}
		text := line[:end]
		n := simple(text)
		if n < 0 {
			if safe.Line(text) != text {
				return -1
			}
			if n = safe.Width(text); joins(last, text) {
				return -1
			}
		}
		width += n
		last = text
		line = line[end:]
	}
	return width
}

// slice is the cells from left to right (exclusive) of a drawn line, padded where the line ends early
// and where a character that takes two cells is halved. It carries the colours that hold at left.
func slice(line string, left, right int) string {
	s := slicer{left: left, right: right}
	for line != "" && s.at < right {
		if n := sgr(line); n > 0 {
			s.style(line[:n])
			line = line[n:]
			continue
		}
		end := 1 + strings.IndexByte(line[1:], 0x1b)
		if end == 0 {
			end = len(line)
		}
		s.text(line[:end])
		line = line[end:]
	}
	if s.styled {
		s.b.WriteString(reset)
	}
	if s.written < right-left {
		s.b.WriteString(blanks(right - left - s.written))
	}
	return s.b.String()
}

type slicer struct {
	b           strings.Builder
	left, right int
	at          int    // cell of the line
	written     int    // cells of the result
	pending     string // colours that hold before left
	last        string // character written last
	styled      bool
}

func (s *slicer) style(seq string) {
	plain := seq == reset || seq == "\x1b[0m"
	if s.at < s.left {
		if s.pending += seq; plain {
			s.pending = ""
		}
		return
	}
	s.flush()
	s.b.WriteString(seq)
	s.styled = !plain
}

func (s *slicer) flush() {
	if s.pending != "" {
		s.b.WriteString(s.pending)
		s.pending, s.styled = "", true
	}
}

// text takes over what lies between left and right.
func (s *slicer) text(t string) {
	if simple(t) < 0 {
		t = safe.Line(t)
	}
	for t != "" && s.at < s.right {
		head, n := cluster(t)
		t = t[len(head):]
		from, to := max(s.at, s.left), min(s.at+n, s.right)
		s.at += n
		if from >= to && n > 0 || s.at <= s.left {
			continue
		}
		s.flush()
		if n > 0 && to-from < n {
			head, n = blanks(to-from), to-from
		}
		if joins(s.last, head) {
			head = blanks(n)
		}
		s.b.WriteString(head)
		s.written += n
		s.last = head
	}
}
