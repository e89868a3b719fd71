package safe

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Ellipsis marks what was cut.
const Ellipsis = "…"

// Width is how many terminal cells s takes, s being a result of Line, Cut or Bytes.
func Width(s string) int {
	if printable(s) == len(s) {
		return len(s)
	}
	return ansi.StringWidth(s)
}

// Cut is Line(s) in at most so many cells; when it does not fit, it ends in an Ellipsis. A character
// that takes two cells is never halved, so the result may be a cell shorter.
func Cut(s string, cells int) string { return CutTail(s, cells, Ellipsis) }

// CutTail is Cut with another mark than the Ellipsis, for terminals without it. The mark is left out
// where it does not fit.
func CutTail(s string, cells int, tail string) string {
	if cells <= 0 {
		return ""
	}
	if len(s) <= cells && printable(s) == len(s) {
		return s
	}
	s = Line(head(s, cells))
	if Width(s) <= cells {
		return s
	}
	room := cells - Width(tail)
	if room < 0 {
		room, tail = cells, ""
	}
	return fit(s, room) + tail
}

// CutMiddle is CutTail for names: what does not fit is left out behind the first third. Names in one list often
// begin alike and differ at their ends.
func CutMiddle(s string, cells int, mark string) string {
	if len(s) <= cells && printable(s) == len(s) {
		return s
	}
	room := cells - Width(mark)
	if room < 3 {
		return CutTail(s, cells, mark)
	}
	start, end := head(s, cells), tail(s, cells)
	if len(start) == len(s) {
		s = Line(s)
		if Width(s) <= cells {
			return s
		}
		start, end = s, s
	} else {
		start, end = Line(start), Line(end)
	}
	before := min(lead(start), room/2)
	start = fit(start, before+(room-before)/3)
	return start + mark + last(end, room-Width(start))
}

// lead is how many cells stand before a name: its place in a tree.
func lead(s string) int {
	name := strings.IndexFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
	return Width(s[:max(name, 0)])
}

// head drops what cannot be seen in so many cells, so that cutting a huge value costs no more than
// cutting a small one. A cell holds at most 1+maxMarks runes of four bytes, and the last cell counted
// may be of a rune that the cut splits.
func head(s string, cells int) string {
	const perCell = 4 * (1 + maxMarks)
	if most := perCell * (cells + 3); len(s)/perCell > cells+3 {
		return s[:most]
	}
	return s
}

// tail is head from the other end.
func tail(s string, cells int) string {
	n := len(head(s, cells))
	from := len(s) - n
	for from < len(s) && !utf8.RuneStart(s[from]) {
		from++
	}
	return s[from:]
}

// last is the longest suffix of whole clusters within room cells.
func last(s string, room int) string {
	for width := Width(s); width > room && s != ""; {
		cluster, w := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
		s, width = s[len(cluster):], width-w
	}
	return s
}

// fit is the longest prefix of whole clusters within room cells.
func fit(s string, room int) string {
	if printable(s) > room {
		return s[:room]
	}
	end := 0
	for end < len(s) {
		cluster, width := ansi.FirstGraphemeCluster(s[end:], ansi.GraphemeWidth)
		if room -= width; room < 0 {
			break
		}
		end += len(cluster)
	}
	return s[:end]
}
