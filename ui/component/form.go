package component

import (
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"lagtop/theme"
)

// Option is one value of a field to choose from.
type Option struct {
	Value string // for the caller
	Label string
	Hint  string // one line, shown while it is chosen
	Why   string // why it cannot be chosen now, empty when it can
}

// Field is one line of a form: a choice where it has options, a text where it has none.
type Field struct {
	Name    string // for the caller
	Label   string
	Options []Option
	Value   string // at first: an option's value, or the text
	Hint    string // one line, shown while the field has the focus
	// Check says what is wrong with a value, nil when nothing is. It may be nil itself.
	Check func(value string) error
	// Complete gives the values that begin like this one; tab takes what they share. nil: there are none to choose from.
	Complete func(value string) []string
	// When tells whether the field concerns the values of the others; nil is always.
	When func(f *Form) bool
}

// Form asks for a few values. Tab and the arrows go through the fields, enter submits, esc cancels.
type Form struct {
	Title  string
	Submit string // what enter does, in two words; empty is "continue"
	Danger bool   // leads to a change of the cluster

	fields []*field
	focus  int
	scroll scroller
}

type field struct {
	Field
	chosen int
	input  textinput.Model
	err    error
}

// NewForm has the focus on the first field.
func NewForm(title string, fields ...Field) *Form {
	f := &Form{Title: title}
	for _, d := range fields {
		fl := &field{Field: d, input: newInput(d.Value)}
		for i, o := range d.Options {
			if o.Value == d.Value && d.Value != "" {
				fl.chosen = i
			}
		}
		f.fields = append(f.fields, fl)
	}
	return f
}

// Value is what a field holds, empty when there is no such field.
func (f *Form) Value(name string) string {
	for _, fl := range f.fields {
		if fl.Name == name {
			return fl.value()
		}
	}
	return ""
}

// Fail shows an error at a field and goes there.
func (f *Form) Fail(name string, err error) {
	for i, fl := range f.fields {
		if fl.Name == name {
			fl.err = err
			f.focus = i
		}
	}
}

func (fl *field) value() string {
	if len(fl.Options) > 0 {
		return fl.Options[fl.chosen].Value
	}
	return fl.input.Value()
}

// Update takes a key or a paste. Done means that every field that concerns the form passed its check.
func (f *Form) Update(msg tea.Msg) State {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "esc":
			return Cancelled
		case "enter":
			return f.submit()
		case "tab":
			if f.focus >= len(f.fields) || !f.fields[f.focus].complete() {
				f.turn(1)
			}
			return Open
		case "shift+tab":
			f.turn(-1)
			return Open
		case "up", "down":
			f.arrow(k.String() == "down")
			return Open
		}
	}
	if f.focus < len(f.fields) {
		f.fields[f.focus].update(msg)
	}
	return Open
}

func (f *Form) submit() State {
	bad := -1
	for i, fl := range f.fields {
		if fl.err = nil; !f.concerns(fl) {
			continue
		}
		if fl.err = fl.check(); fl.err != nil && bad < 0 {
			bad = i
		}
	}
	if bad >= 0 {
		f.focus = bad
		return Open
	}
	return Done
}

func (f *Form) concerns(fl *field) bool { return fl.When == nil || fl.When(f) }

// turn goes to the next field that concerns the form.
func (f *Form) turn(by int) {
	n := len(f.fields)
	for range n {
		f.focus = (f.focus + by + n) % n
		if f.concerns(f.fields[f.focus]) {
			return
		}
	}
}

// arrow goes through the options of a choice, and at its ends to the next field.
func (f *Form) arrow(down bool) {
	by := -1
	if down {
		by = 1
	}
	if f.focus < len(f.fields) && f.fields[f.focus].choose(by) {
		return
	}
	f.turn(by)
}

func (fl *field) check() error {
	if len(fl.Options) > 0 && fl.Options[fl.chosen].Why != "" {
		return whyError(fl.Options[fl.chosen].Why)
	}
	if fl.Check == nil {
		return nil
	}
	return fl.Check(fl.value())
}

type whyError string

func (e whyError) Error() string { return string(e) }

// choose goes to a neighbouring option; it reports false where there is none.
func (fl *field) choose(by int) bool {
	next := fl.chosen + by
	if next < 0 || next >= len(fl.Options) {
		return false
	}
	fl.chosen, fl.err = next, nil
	return true
}

func (fl *field) update(msg tea.Msg) {
	if len(fl.Options) == 0 {
		was := fl.input.Value()
		if fl.input, _ = fl.input.Update(msg); fl.input.Value() != was {
			fl.err = nil
		}
		return
	}
	if k, ok := msg.(tea.KeyPressMsg); ok {
		n := len(fl.Options)
		switch k.String() {
		case "left", "h":
			fl.chosen, fl.err = (fl.chosen+n-1)%n, nil
		case "right", "l", "space":
			fl.chosen, fl.err = (fl.chosen+1)%n, nil
		}
	}
}

// View draws the form in a box that fits into w by h cells, for Overlay.
func (f *Form) View(th *theme.Theme, w, h int) []string {
	bw := min(w, 72)
	in := bw - 4
	lines, at, end := f.body(th, in)
	rows := min(len(lines), max(h-3, 1))
	f.scroll.rows, f.scroll.total = rows, len(lines)
	f.scroll.show(end)
	f.scroll.show(at)
	out := f.scroll.view(th, lines, in, rows)
	if rows+4 <= h {
		out = append(out, blanks(in))
	}
	out = append(out, f.foot(th, in))
	look, title := frameLook{theme.BorderFocus, theme.BorderFocus, theme.TitleFocus, theme.Muted}, f.Title
	if f.Danger {
		look, title = frameLook{theme.Danger, theme.Danger, theme.Danger, theme.Muted}, th.Glyphs.Warn+" "+f.Title
	}
	return drawFrame(th, look, title, "", bw, min(len(out)+2, h), padded(out, in))
}

func (f *Form) foot(th *theme.Theme, w int) string {
	submit := f.Submit
	if submit == "" {
		submit = "continue"
	}
	return Line(th, []Cell{
		{"enter", theme.Key}, {" " + submit + "  ", theme.Muted}, {"tab", theme.Key}, {" next  ", theme.Muted},
		{"esc", theme.Key}, {" cancel", theme.Muted},
	}, w)
}

// body are the lines of all fields that concern the form, the line where the focus is, and the last one
// of its field: the hint or the error.
func (f *Form) body(th *theme.Theme, w int) (lines []string, at, end int) {
	label := 0
	for _, fl := range f.fields {
		label = max(label, Width(fl.Label)+2)
	}
	label = min(label, w/3)
	for i, fl := range f.fields {
		if !f.concerns(fl) {
			continue
		}
		focused := i == f.focus
		part, here := fl.lines(th, focused, label, w)
		if focused {
			at, end = len(lines)+here, len(lines)+len(part)-1
		}
		lines = append(lines, part...)
	}
	return lines, at, end
}

// lines draws a field: a text in one line, a choice in one line an option; then its hint and its error.
func (fl *field) lines(th *theme.Theme, focused bool, label, w int) (lines []string, at int) {
	look := theme.Muted
	if focused {
		look = theme.Accent
	}
	name := th.Render(look, FitTail(fl.Label, label, false, th.Glyphs.Ellipsis))
	hint := fl.Hint
	if c := fl.candidates(); c != "" {
		hint = c
	}
	if len(fl.Options) == 0 {
		lines = append(lines, name+fl.text(th, focused, w-label))
	} else {
		for i := range fl.Options {
			lines = append(lines, name+fl.option(th, i, focused, w-label))
			name = blanks(label)
		}
		at = fl.chosen
		if o := fl.Options[fl.chosen]; o.Hint != "" {
			hint = o.Hint
		}
	}
	if fl.err != nil {
		return append(lines, fl.note(th, theme.Danger, th.Glyphs.Bad+" "+fl.err.Error(), label, w)...), at
	}
	if focused && hint != "" {
		lines = append(lines, fl.note(th, theme.Muted, hint, label, w)...)
	}
	return lines, at
}

func (fl *field) text(th *theme.Theme, focused bool, w int) string {
	if focused {
		return inputLine(th, &fl.input, "", true, w)
	}
	return Line(th, []Cell{{Text: fl.input.Value()}}, w)
}

func (fl *field) option(th *theme.Theme, i int, focused bool, w int) string {
	o := fl.Options[i]
	mark, look := th.Glyphs.RadioOff, theme.Text
	if i == fl.chosen {
		mark = th.Glyphs.Radio
		if look = theme.Accent; focused {
			look = theme.Selected
		}
	}
	if o.Why != "" {
		return Line(th, []Cell{{mark + " " + o.Label, theme.Stale}, {"  " + o.Why, theme.Muted}}, w)
	}
	return Line(th, []Cell{{mark + " " + o.Label + " ", look}}, w)
}

func (fl *field) note(th *theme.Theme, tok theme.Token, text string, label, w int) []string {
	var out []string
	for _, l := range wrap([]Cell{{text, tok}}, w-label) {
		out = append(out, blanks(label)+Line(th, l, w-label))
	}
	return out
}
