// Package parts is what the details share that have several parts: tabs above the part that is chosen,
// facts on lines of their own, configurations. It knows no particular detail.
package parts

import (
	tea "charm.land/bubbletea/v2"

	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/component"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
)

// Page is what stands below the tabs; a list.List is one.
type Page interface {
	View(e *pane.Env, w, h int, focused bool) []string
	Do(e *pane.Env, id command.ID) (tea.Cmd, bool)
	Click(e *pane.Env, x, y int)
	Wheel(e *pane.Env, rows int)
}

// Part is one page with its name.
type Part struct {
	Name string
	Page Page
	Note func(*pane.Env) []component.Cell // the line below the tabs; nil: empty
}

// headLines are the tabs and the note.
const headLines = 2

// Book is the parts of a detail, of which one is chosen. A pane embeds it and adds what makes it that pane.
type Book struct {
	Gone   string          // why there is nothing to show, empty when there is; nothing can be done meanwhile
	Turned func(*pane.Env) // called when another part was chosen
	parts  []Part
	at     int
}

// New is a book that is open at its first part.
func New(parts ...Part) *Book { return &Book{parts: parts} }

// At is the number of the part that is chosen, from 0.
func (b *Book) At() int { return b.at }

// View draws the tabs, the note and the part that is chosen.
func (b *Book) View(e *pane.Env, w, h int, focused bool) []string {
	switch {
	case e.Snapshot.Seq == 0:
		return cell.Message(e.Theme, cell.Waiting, w, h)
	case b.Gone != "":
		return cell.Message(e.Theme, b.Gone, w, h)
	}
	part := &b.parts[b.at]
	var note []component.Cell
	if part.Note != nil {
		note = append([]component.Cell{{Text: "  "}}, part.Note(e)...)
	}
	lines := []string{component.Line(e.Theme, b.tabs(), w), component.Line(e.Theme, note, w)}
	lines = append(lines, part.Page.View(e, w, max(h-headLines, 0), focused)...)
	return lines[:max(h, 0)]
}

func (b *Book) tabs() []component.Cell {
	cells := []component.Cell{{Text: " "}}
	for i := range b.parts {
		tok := theme.Muted
		if i == b.at {
			tok = theme.Selected
		}
		cells = append(cells, component.Cell{Text: " " + b.parts[i].Name + " ", Tok: tok}, component.Cell{Text: " "})
	}
	return append(cells, component.Cell{Text: " tab: next part", Tok: theme.Muted})
}

// Do chooses a part, or carries out what the part knows.
func (b *Book) Do(e *pane.Env, id command.ID) (tea.Cmd, bool) {
	if b.Gone != "" {
		return nil, false
	}
	switch n := len(b.parts); id {
	case command.Next:
		b.turn(e, (b.at+1)%n)
	case command.Prev:
		b.turn(e, (b.at+n-1)%n)
	case command.Left, command.Right: // few parts have anything to the side
		cmd, _ := b.parts[b.at].Page.Do(e, id)
		return cmd, true
	default:
		return b.parts[b.at].Page.Do(e, id)
	}
	return nil, true
}

func (b *Book) turn(e *pane.Env, to int) {
	if to == b.at {
		return
	}
	b.at = to
	if b.Turned != nil {
		b.Turned(e)
	}
}

// Cells implements pane.Explainer for the part that is chosen.
func (b *Book) Cells(e *pane.Env) []pane.CellRef {
	if x, ok := b.parts[b.at].Page.(pane.Explainer); ok && b.Gone == "" {
		return x.Cells(e)
	}
	return nil
}

// Click chooses a part by its tab, or hands the click on.
func (b *Book) Click(e *pane.Env, x, y int) {
	switch {
	case b.Gone != "":
		return
	case y >= headLines:
		b.parts[b.at].Page.Click(e, x, y-headLines)
		return
	}
	at := 1
	for i := range b.parts {
		wide := safe.Width(b.parts[i].Name) + 2
		if y == 0 && x >= at && x < at+wide {
			b.turn(e, i)
			return
		}
		at += wide + 1
	}
}

// Wheel scrolls the part that is chosen.
func (b *Book) Wheel(e *pane.Env, rows int) {
	if b.Gone == "" {
		b.parts[b.at].Page.Wheel(e, rows)
	}
}
