package component

import (
	"strings"

	"lagtop/theme"
)

// Frame draws body inside a rounded frame of w by h cells with the title in the upper line and the note
// at its right end. body is (w-2) by (h-2); missing lines are blank, wrong ones are made to fit. The upper
// line alone tells the focus: sides that change their colour make the terminal get all that lies between
// them again, ten times as much.
func Frame(th *theme.Theme, title, note string, focused bool, w, h int, body []string) []string {
	look := frameLook{theme.Border, theme.Border, theme.Title, theme.Muted}
	if focused {
		look = frameLook{theme.BorderFocus, theme.Border, theme.TitleFocus, theme.Muted}
	}
	return drawFrame(th, look, title, note, w, h, body)
}

type frameLook struct{ top, rest, title, note theme.Token }

func drawFrame(th *theme.Theme, look frameLook, title, note string, w, h int, body []string) []string {
	if w < 2 || h < 2 {
		return blankLines(max(w, 0), h)
	}
	g := &th.Glyphs
	lines := make([]string, 0, h)
	lines = append(lines, frameTop(th, look, title, note, w))
	side := th.Render(look.rest, g.Vertical)
	for y := range h - 2 {
		inner := blanks(w - 2)
		if y < len(body) {
			inner = Exact(body[y], w-2)
		}
		lines = append(lines, side+inner+side)
	}
	return append(lines, th.Render(look.rest, g.BottomLeft+strings.Repeat(g.Horizontal, w-2)+g.BottomRight))
}

// frameTop is corner, line, title, line, note, line, corner. The note goes before the title is cut.
func frameTop(th *theme.Theme, look frameLook, title, note string, w int) string {
	g := &th.Glyphs
	room := w - 6 // corners, one line and one blank at each side of the title
	if room < 1 {
		return th.Render(look.top, g.TopLeft+strings.Repeat(g.Horizontal, w-2)+g.TopRight)
	}
	title, tw := cut(title, room, g.Ellipsis)
	left := g.TopLeft + g.Horizontal
	if tw > 0 {
		left += " "
		tw += 2
	}
	note, nw := cut(note, max(room-tw-2, 0), g.Ellipsis)
	if nw < 4 {
		note, nw = "", 0
	}
	right := g.Horizontal + g.TopRight
	if nw > 0 {
		right = " " + right
		nw += 2
	}
	line := strings.Repeat(g.Horizontal, w-4-tw-nw)
	if tw > 0 {
		line = " " + line
	}
	if nw > 0 {
		line += " "
	}
	b := th.Style(look.top)
	return b.Render(left) + th.Render(look.title, title) + b.Render(line) + th.Render(look.note, note) + b.Render(right)
}
