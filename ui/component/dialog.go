package component

import (
	"time"
	"unicode/utf8"

	"lagtop/theme"
)

// Guard is how long a dialog ignores keys after it opened: they were meant for what was there before.
const Guard = 500 * time.Millisecond

// CopyChoice is the ID of what Dialog.Update answers to the key that copies the command.
const CopyChoice = "copy"

// Choice is one way out of a dialog.
type Choice struct {
	ID     string // for the caller
	Label  string // what it does, in two words
	Key    string // takes it at once; may be empty. Means nothing where a text is to be typed
	Danger bool   // changes the cluster; needs the typed text where there is one
}

// Dialog asks before something is done. The body scrolls, the choices are always in sight. Choices[0] is
// the way back: No. It is what enter takes until another one was gone to, and what esc takes always.
type Dialog struct {
	Title   string
	Body    [][]Cell // lines; those too long are wrapped
	Command string   // the stock tool's command that does the same, for the ticket; may be empty
	Choices []Choice // none: a message that any way out closes
	Danger  bool     // changes the cluster: its own look
	Confirm string   // to be typed before a dangerous choice can be taken; may be empty
	Opened  time.Time

	scroll  scroller
	focus   int
	extra   []Cell // in the foot, behind the choices
	typed   string
	missing bool // enter was refused because the text is not typed, or another one
}

// Update takes a key as Bubble Tea names it. It reports true when the dialog is over and which choice
// was taken. The key that copies the command answers the choice CopyChoice and leaves the dialog open.
func (d *Dialog) Update(key string, now time.Time) (Choice, bool) {
	if d.guarded(now) {
		return Choice{}, false
	}
	switch key {
	case "esc":
		return d.back(), true
	case "enter":
		if d.missing = d.focus == 0 && d.typed != "" && d.typed != d.Confirm; d.missing {
			return Choice{}, false // whoever typed something means to go on
		}
		return d.take(d.focus)
	case "tab", "right":
		d.turn(1)
		return Choice{}, false
	case "shift+tab", "left":
		d.turn(-1)
		return Choice{}, false
	case d.copyKey():
		if d.Command != "" {
			return Choice{ID: CopyChoice}, false
		}
	}
	if d.Confirm == "" {
		if c, done, known := d.hotkey(key); known {
			return c, done
		}
	} else if d.typing(key) {
		return Choice{}, false
	}
	d.scroll.key(key)
	return Choice{}, false
}

// guarded tells whether keys are still those meant for what was there before.
func (d *Dialog) guarded(now time.Time) bool { return now.Before(d.Opened.Add(Guard)) }

// back is the way out that changes nothing.
func (d *Dialog) back() Choice {
	if len(d.Choices) == 0 {
		return Choice{}
	}
	return d.Choices[0]
}

func (d *Dialog) turn(by int) {
	if n := len(d.Choices); n > 0 {
		d.focus = (d.focus + by + n) % n
	}
}

func (d *Dialog) hotkey(key string) (c Choice, done, known bool) {
	for i := range d.Choices {
		if d.Choices[i].Key == key {
			c, done = d.take(i)
			return c, done, true
		}
	}
	if key == "n" || key == "q" {
		return d.back(), true, true
	}
	return Choice{}, false, false
}

func (d *Dialog) take(i int) (Choice, bool) {
	if i >= len(d.Choices) {
		return d.back(), true
	}
	c := d.Choices[i]
	if c.Danger && d.typed != d.Confirm {
		d.missing = true
		return Choice{}, false
	}
	return c, true
}

// typing edits the text to be typed. Once it is right, the first dangerous choice has the focus, and the
// way back again when it no longer is.
func (d *Dialog) typing(key string) bool {
	switch {
	case key == "backspace":
		_, n := utf8.DecodeLastRuneInString(d.typed)
		d.typed = d.typed[:len(d.typed)-n]
	case key == "ctrl+u":
		d.typed = ""
	case key == "space":
		d.typed += " "
	case utf8.RuneCountInString(key) == 1:
		d.typed += key
	default:
		return false
	}
	d.focus, d.missing = 0, false
	for i, c := range d.Choices {
		if c.Danger && d.typed == d.Confirm {
			d.focus = i
			break
		}
	}
	return true
}

// copyKey copies the command.
func (d *Dialog) copyKey() string { return d.letter("y") }

// letter is a key of its own, with ctrl where letters are typed.
func (d *Dialog) letter(key string) string {
	if d.Confirm != "" {
		return "ctrl+" + key
	}
	return key
}

// View draws the dialog in a box that fits into w by h cells, for Overlay.
func (d *Dialog) View(th *theme.Theme, w, h int) []string {
	bw := min(max(d.wants()+4, 36), w, 110)
	in := bw - 4
	foot := d.foot(th, in)
	var body [][]Cell
	for _, l := range d.Body {
		body = append(body, wrap(l, in)...)
	}
	body = append(body, d.command(in)...)
	rows := min(len(body), max(h-2-len(foot), 0))
	spare := h - 2 - len(foot) - rows
	lines := make([]string, len(body))
	for i, l := range body {
		lines[i] = Line(th, l, in)
	}
	out := d.scroll.view(th, lines, in, rows)
	if spare > 0 {
		out = append(out, blanks(in))
	}
	out = append(out, foot...)
	return d.box(th, out, bw, min(len(out)+2, h))
}

// wants is how many cells the widest line needs.
func (d *Dialog) wants() int {
	n := Width(d.Title) + 6
	for _, l := range d.Body {
		n = max(n, lineWidth(l))
	}
	buttons := 0
	for _, c := range d.Choices {
		buttons += Width(c.Label) + 6
	}
	if d.Command != "" {
		n = max(n, 60)
		buttons += 16
	}
	return max(n, buttons, Width(d.Confirm)+20)
}

func (d *Dialog) command(w int) [][]Cell {
	if d.Command == "" {
		return nil
	}
	out := [][]Cell{nil, {{"the same with the stock tool:", theme.Muted}}}
	return append(out, wrap([]Cell{{d.Command, theme.Text}}, w)...)
}

// box is the frame with a blank at each side of the lines.
func (d *Dialog) box(th *theme.Theme, lines []string, w, h int) []string {
	look, title := frameLook{theme.BorderFocus, theme.BorderFocus, theme.TitleFocus, theme.Muted}, d.Title
	if d.Danger {
		look = frameLook{theme.Danger, theme.Danger, theme.Danger, theme.Muted}
		title = th.Glyphs.Warn + " " + title
	}
	return drawFrame(th, look, title, "", w, h, padded(lines, w-4))
}

// padded are lines of w cells with a blank at each side.
func padded(lines []string, w int) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = " " + Exact(l, w) + " "
	}
	return out
}

// foot is what stays in sight: the text to be typed, and the choices.
func (d *Dialog) foot(th *theme.Theme, w int) []string {
	var out []string
	if d.Confirm != "" {
		out = append(out, d.prompt(th, w))
	}
	var line []Cell
	used := 0
	add := func(cells ...Cell) {
		if n := lineWidth(cells); used > 0 && used+n > w {
			out = append(out, Line(th, line, w))
			line, used = nil, 0
		}
		line = append(line, cells...)
		used += lineWidth(cells)
	}
	choices := d.Choices
	if len(choices) == 0 {
		choices = []Choice{{Label: "close"}}
	}
	for i, c := range choices {
		add(d.button(c, i), Cell{Text: " "})
	}
	if d.Command != "" {
		add(Cell{" " + d.copyKey(), theme.Key}, Cell{" copy command", theme.Muted})
	}
	for i := 0; i+1 < len(d.extra); i += 2 { // a key and what it does
		add(d.extra[i], d.extra[i+1])
	}
	return append(out, Line(th, line, w))
}

func (d *Dialog) button(c Choice, i int) Cell {
	label := c.Label
	if c.Key != "" && d.Confirm == "" {
		label = c.Key + " " + label
	}
	switch {
	case i == d.focus:
		return Cell{"[ " + label + " ]", theme.Selected}
	case c.Danger && d.typed != d.Confirm:
		return Cell{"  " + label + "  ", theme.Muted}
	case c.Danger:
		return Cell{"  " + label + "  ", theme.Danger}
	}
	return Cell{"  " + label + "  ", theme.Text}
}

// prompt is the line where the text is typed.
func (d *Dialog) prompt(th *theme.Theme, w int) string {
	ask, please := theme.Muted, "type "
	if d.missing {
		ask, please = theme.Danger, "first type "
	}
	if d.missing && d.typed != "" {
		please = "that is not it, type "
	}
	typed := theme.Text
	if d.typed == d.Confirm {
		typed = theme.Good
	}
	cells := []Cell{{please, ask}, {d.Confirm, theme.Key}, {": ", ask}, {d.typed, typed}, {th.Glyphs.Caret, theme.Accent}}
	if over := lineWidth(cells) - w; over > 0 {
		cells = []Cell{{please + "it: ", ask}, {d.typed, typed}, {th.Glyphs.Caret, theme.Accent}}
	}
	return Line(th, cells, w)
}
