package parts

import (
	"time"

	"lagtop/kafka"
	"lagtop/kafka/explain"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
	"lagtop/ui/pane/list"
)

// Looked is a list of what has to be looked up. It says how old it is, and why it is not there.
type Looked[T any] struct {
	*list.List[T]
	answer pane.Answer[[]T]
	absent bool // there is nothing to look it up with
}

// NewLooked is a list that nothing was read for yet.
func NewLooked[T any](s list.Spec[T]) *Looked[T] { return &Looked[T]{List: list.New(s)} }

// Ask takes over what the environment's Lookup answers at present.
func (l *Looked[T]) Ask(e *pane.Env, ask func(pane.Lookup) pane.Answer[[]T]) {
	if l.absent = e.Lookup == nil; !l.absent {
		l.answer = ask(e.Lookup)
	}
	l.Show(e, l.answer.V)
}

// View draws the rows; before the first answer it says what is awaited.
func (l *Looked[T]) View(e *pane.Env, w, h int, focused bool) []string {
	if l.answer.At.IsZero() {
		return cell.Message(e.Theme, "", w, h)
	}
	return l.List.View(e, w, h, focused)
}

// Note says how old the rows are and what went wrong.
func (l *Looked[T]) Note(e *pane.Env) []component.Cell {
	a := &l.answer
	var cells []component.Cell
	age := e.Now.Sub(a.At)
	switch {
	case l.absent:
		return []component.Cell{{Text: "not read here: there is no connection for it", Tok: theme.Muted}}
	case a.Err != nil:
		cells = append(cells, component.Cell{Text: e.Theme.Glyphs.Bad + " not read: " + safe.Line(a.Err.Error()), Tok: theme.Danger})
		if !a.At.IsZero() {
			cells = append(cells, component.Cell{Text: "; this is " + human.Duration(age) + " old", Tok: theme.Stale})
		}
	case a.At.IsZero():
		return []component.Cell{{Text: "reading" + e.Theme.Glyphs.Ellipsis, Tok: theme.Muted}}
	case age < time.Second:
		cells = append(cells, component.Cell{Text: "read just now", Tok: theme.Muted})
	default:
		cells = append(cells, component.Cell{Text: "read " + human.Duration(age) + " ago", Tok: theme.Muted})
	}
	return cells
}

// NewConfigs is the list of the configurations that differ from the default. ref names one for an explanation.
func NewConfigs(ref func(setting string) explain.Ref) *Looked[kafka.Config] {
	return NewLooked(list.Spec[kafka.Config]{
		Columns: []component.Column{
			{Title: "NAME", Width: 34, Grow: 1},
			{Title: "VALUE", Width: 20, Grow: 2},
			{Title: "SET BY", Width: 15, Drop: 1},
		},
		Empty:  " nothing differs from the default",
		Key:    func(c *kafka.Config) string { return c.Name },
		Cells:  configCells,
		About:  []explain.Quantity{explain.SettingName, explain.SettingValue, explain.SettingSource},
		Ref:    func(c *kafka.Config) explain.Ref { return ref(c.Name) },
		Orders: []list.Order[kafka.Config]{{Column: 0, Less: func(a, b *kafka.Config) bool { return a.Name < b.Name }}},
	})
}

func configCells(_ *pane.Env, c *kafka.Config, cells []component.Cell) {
	value := component.Cell{Text: safe.Line(c.Value)}
	switch {
	case c.Sensitive:
		value = component.Cell{Text: "(sensitive, not shown)", Tok: theme.Muted}
	case c.Value == "":
		value = component.Cell{Text: "(empty)", Tok: theme.Muted}
	}
	cells[0], cells[1] = component.Cell{Text: safe.Line(c.Name)}, value
	cells[2] = component.Cell{Text: safe.Line(string(c.Source)), Tok: theme.Muted}
}

// ConfigText is a configuration as it is written in a file; empty for nil.
func ConfigText(c *kafka.Config) string {
	switch {
	case c == nil:
		return ""
	case c.Sensitive:
		return safe.Line(c.Name)
	}
	return safe.Line(c.Name + "=" + c.Value)
}
