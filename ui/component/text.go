package component

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"lagtop/kafka/safe"
	"lagtop/theme"
)

// Cell is a piece of plain text with a meaning. The text holds no escape sequences; should it do so all
// the same, they are made visible.
type Cell struct {
	Text string
	Tok  theme.Token
}

// Fit is plain text in exactly so many cells: cut with an ellipsis or padded, at the right end or, for
// numbers, at the left one. Text that a terminal could take for more than text is made visible first.
func Fit(text string, cells int, right bool) string {
	return FitTail(text, cells, right, safe.Ellipsis)
}

// FitTail is Fit with another mark for what was cut, such as the theme's own.
func FitTail(text string, cells int, right bool, tail string) string {
	text, n := cut(text, cells, tail)
	switch {
	case n >= cells:
		return text
	case right:
		return blanks(cells-n) + text
	}
	return text + blanks(cells-n)
}

// Width is how many cells plain text takes once it is safe.
func Width(text string) int {
	if n := simple(text); n >= 0 {
		return n
	}
	return safe.Width(safe.Line(text))
}

// cut is text, made safe, in at most so many cells, and how many it takes.
func cut(text string, cells int, tail string) (string, int) {
	if cells <= 0 {
		return "", 0
	}
	n := simple(text)
	if n >= 0 && n <= cells {
		return text, n
	}
	if n == len(text) && len(tail) > 0 { // one byte a cell
		if tw := safe.Width(tail); tw <= cells {
			return text[:cells-tw] + tail, cells
		}
	}
	text = safe.CutTail(text, cells, tail)
	return text, safe.Width(text)
}

// Cut is what is left out of a cell that does not fit.
type Cut int

// The ways to cut. Names in one list often begin alike and differ at their ends.
const (
	CutEnd    Cut = iota
	CutMiddle     // for names
	CutRest       // for a name with something behind it: that first, then the middle of the name
)

func (c Cut) cut(text string, cells int, mark string) (string, int) {
	if n := simple(text); c == CutEnd || n >= 0 && n <= cells {
		return cut(text, cells, mark)
	}
	if name, _, more := cutFirst(text); c == CutRest && more {
		switch n := Width(name); {
		case n+2 < cells:
			return cut(text, cells, mark)
		case n <= cells:
			return cut(name, cells, mark)
		}
		text = name
	}
	text = safe.CutMiddle(text, cells, mark)
	return text, safe.Width(text)
}

// cutFirst parts a text behind its first word; blanks and single signs before it are its place in a tree.
func cutFirst(text string) (name, rest string, found bool) {
	from := 0
	for {
		from += len(text[from:]) - len(strings.TrimLeft(text[from:], " "))
		_, n := utf8.DecodeRuneInString(text[from:])
		if from+n >= len(text) || text[from+n] != ' ' {
			break
		}
		from += n
	}
	name, rest, found = strings.Cut(text[from:], " ")
	return text[:from] + name, rest, found
}

// simple is the number of cells of text in which every rune takes one cell on every terminal and joins
// no neighbour; -1 for text that needs a closer look.
func simple(text string) int {
	n := 0
	for i := 0; i < len(text); n++ {
		if c := text[i]; c < utf8.RuneSelf {
			if c < ' ' || c > '~' {
				return -1
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		if !single(r) {
			return -1
		}
		i += size
	}
	return n
}

// single tells the runes beyond ASCII that simple may count: Latin, Cyrillic, the arrows, lines, blocks
// and shapes that the glyph sets use.
func single(r rune) bool {
	switch {
	case r > 0xa0 && r < 0x300:
		return r != 0xad && r != 0xa9 && r != 0xae
	case r >= 0x410 && r < 0x450, r >= 0x2500 && r < 0x25aa, r > 0x2800 && r < 0x2900:
		return true
	}
	switch r {
	case '–', '‖', '•', '…', '‹', '›', '←', '↑', '→', '↓', '≈', '≤', '≥', '▲', '▸', '▼', '▾', '◂', '◆', '◌', '○', '●', '★', '✖':
		return true
	}
	return false
}

const spaces = "                                                                                                                                "

func blanks(n int) string {
	switch {
	case n <= 0:
		return ""
	case n <= len(spaces):
		return spaces[:n]
	}
	return strings.Repeat(" ", n)
}

// blankLines are h lines of w cells with nothing on them.
func blankLines(w, h int) []string {
	lines := make([]string, max(h, 0))
	for i := range lines {
		lines[i] = blanks(w)
	}
	return lines
}

// cluster is the first character of safe text as a terminal draws it, and its cells.
func cluster(text string) (string, int) {
	if c := text[0]; c < utf8.RuneSelf && (len(text) == 1 || text[1] < utf8.RuneSelf) {
		return text[:1], 1
	}
	if r, n := utf8.DecodeRuneInString(text); single(r) {
		if next, _ := utf8.DecodeRuneInString(text[n:]); len(text) == n || next < utf8.RuneSelf || single(next) {
			return text[:n], 1
		}
	}
	return ansi.FirstGraphemeCluster(text, ansi.GraphemeWidth)
}

// joins tells whether a terminal would draw the end of a and the beginning of b as one character, as it
// does with some letters of Indic scripts, whatever colours change in between.
func joins(a, b string) bool {
	last, _ := utf8.DecodeLastRuneInString(a)
	first, _ := utf8.DecodeRuneInString(b)
	if last < utf8.RuneSelf || first < utf8.RuneSelf || single(last) || single(first) || a == "" || b == "" {
		return false
	}
	return safe.Width(a+b) != safe.Width(a)+safe.Width(b)
}
