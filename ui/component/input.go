package component

import (
	"charm.land/bubbles/v2/textinput"

	"lagtop/theme"
)

// newInput is an editor for one line of text. It only edits: inputLine draws it. Pastes come from the
// terminal, never from a clipboard program.
func newInput(value string) textinput.Model {
	in := textinput.New()
	in.KeyMap.Paste.SetEnabled(false)
	in.SetVirtualCursor(false)
	in.SetValue(value)
	in.CursorEnd()
	in.Focus()
	return in
}

// inputLine draws an input on one line of w cells behind a prompt. What does not fit is cut at the left
// of the cursor, so that the cursor is always in sight.
func inputLine(th *theme.Theme, in *textinput.Model, prompt string, focused bool, w int) string {
	value := []rune(in.Value())
	at := min(in.Position(), len(value))
	before, after := string(value[:at]), string(value[at:])
	cells := []Cell{{prompt, theme.Key}}
	if prompt != "" {
		cells = append(cells, Cell{Text: " "})
	}
	if !focused {
		return Line(th, append(cells, Cell{Text: string(value)}), w)
	}
	room := w - lineWidth(cells) - 2
	if Width(before) > room {
		before = th.Glyphs.Ellipsis + tailOf(before, room-1)
	}
	cells = append(cells, Cell{before, theme.Text}, Cell{th.Glyphs.Caret, theme.Accent}, Cell{after, theme.Text})
	return Line(th, cells, w)
}

// tailOf is the end of text that fits into so many cells.
func tailOf(text string, cells int) string {
	runes := []rune(text)
	from := max(len(runes)-max(cells, 0), 0)
	for from < len(runes) && Width(string(runes[from:])) > cells {
		from++
	}
	return string(runes[from:])
}
