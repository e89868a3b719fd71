package safe

import "github.com/charmbracelet/x/ansi"

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
