package app

import (
	"unicode"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/pane"
)

// filterLine is the filter that is being typed in the footer. It applies while it is typed; esc brings
// back the one before.
type filterLine struct {
	target pane.Filterer
	prompt string // of one cell
	hint   string // shown before something is typed
	text   []rune
	before string
	err    error
}

func (m *Model) startFilter() tea.Cmd {
	f, ok := m.top().(pane.Filterer)
	if !ok {
		return nil
	}
	m.typing = &filterLine{target: f, prompt: "/", text: []rune(f.Filter()), before: f.Filter()}
	if m.top().Place() == command.Tail {
		m.typing.hint = tailFilterHint
	}
	return nil
}

// clearFilter removes the filter of the pane on top and tells whether there was one.
func (m *Model) clearFilter() bool {
	f, ok := m.top().(pane.Filterer)
	if !ok || f.Filter() == "" {
		return false
	}
	_ = f.SetFilter("") // an empty filter is always understood
	m.refresh()
	return true
}

func (l *filterLine) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "enter":
		if l.err == nil {
			m.typing = nil
		}
		return m.followFocus()
	case "esc":
		l.text = []rune(l.before)
		l.apply(m)
		m.typing = nil
		return nil
	case "f1":
		if l.hint != "" {
			m.openModal(newTailFilterHelp())
		}
		return nil
	case "backspace":
		if len(l.text) > 0 {
			l.text = l.text[:len(l.text)-1]
		}
	case "ctrl+u":
		l.text = nil
	default:
		l.insert(m, k.Text)
		return nil
	}
	l.apply(m)
	return nil
}

// insert adds typed or pasted text; control characters are left out.
func (l *filterLine) insert(m *Model, text string) {
	for _, r := range text {
		if unicode.IsPrint(r) {
			l.text = append(l.text, r)
		}
	}
	l.apply(m)
}

func (l *filterLine) apply(m *Model) {
	l.err = l.target.SetFilter(string(l.text))
	m.refresh()
}

func (l *filterLine) view(m *Model, w int) string {
	left := []span{{theme.Key, " " + l.prompt}, {theme.Text, safe.Line(string(l.text))}, {theme.Accent, m.theme.Glyphs.Caret}}
	if len(l.text) == 0 {
		left = append(left, span{theme.Muted, " " + l.hint})
	}
	if l.err != nil {
		left = append(left, span{theme.Danger, "  " + safe.Line(l.err.Error())})
	}
	return line(m.theme, w, left, []span{{theme.Key, "enter"}, {theme.Muted, " keep  "}, {theme.Key, "esc"}, {theme.Muted, " undo "}})
}
