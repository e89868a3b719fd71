package component

import "lagtop/theme"

// Help is a text that scrolls in a box.
type Help struct {
	Title string
	Lines [][]Cell // those too long are wrapped

	scroll scroller
}

// Update takes a key as Bubble Tea names it and reports true when the text is to be closed.
func (h *Help) Update(key string) bool {
	switch key {
	case "esc", "q", "?", "enter":
		return true
	}
	h.scroll.key(key)
	return false
}

// Scroll moves the text by rows, for the wheel.
func (h *Help) Scroll(rows int) {
	h.scroll.offset += rows
	h.scroll.clamp()
}

// View draws the text in a box that fits into w by hh cells, for Overlay.
func (h *Help) View(th *theme.Theme, w, hh int) []string {
	wide := Width(h.Title) + 6
	for _, l := range h.Lines {
		wide = max(wide, lineWidth(l))
	}
	bw := min(max(wide+4, 30), w, 110)
	var lines []string
	for _, l := range h.Lines {
		for _, part := range wrap(l, bw-4) {
			lines = append(lines, Line(th, part, bw-4))
		}
	}
	rows := min(len(lines), max(hh-2, 0))
	look := frameLook{theme.BorderFocus, theme.BorderFocus, theme.TitleFocus, theme.Muted}
	return drawFrame(th, look, h.Title, "esc close", bw, rows+2, padded(h.scroll.view(th, lines, bw-4, rows), bw-4))
}
