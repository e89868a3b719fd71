package app

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka/human"
	"lagtop/kafka/safe"
	"lagtop/kafka/tail"
	"lagtop/theme"
	"lagtop/ui/component"
)

// brokenLines say what is known of a batch that cannot be read, and show its bytes.
func brokenLines(b *tail.BrokenError) [][]component.Cell {
	lines := [][]component.Cell{
		{{Text: capital(safe.Line(b.Error())) + ".", Tok: theme.Danger}},
		{{Text: "Consumers fail on it too. Skipping the batch goes on behind it.", Tok: theme.Text}},
	}
	if b.Batch == nil {
		return lines
	}
	facts, dump := tail.DescribeBroken(b.Batch)
	lines = append(lines, nil)
	for _, f := range facts[1:] { // the error says why
		lines = append(lines, []component.Cell{{Text: component.Fit(f.Name, 11, false), Tok: theme.Muted}, {Text: f.Text, Tok: theme.Text}})
	}
	note := "  " + human.Bytes(int64(dump.Size))
	if dump.Shown < dump.Size {
		note = "  the first " + human.Bytes(int64(dump.Shown)) + " of " + human.Bytes(int64(dump.Size))
	}
	lines = append(lines, []component.Cell{{Text: "Bytes", Tok: theme.Title}, {Text: note, Tok: theme.Muted}})
	for _, l := range dump.Lines {
		lines = append(lines, []component.Cell{{Text: "  " + l, Tok: theme.Text}})
	}
	return lines
}

// exportBatch writes the bytes of a batch that cannot be read to a file of its own.
func (m *Model) exportBatch(w *waiting) tea.Cmd {
	dir := m.stateDir("records")
	return m.apart(func(context.Context) tea.Msg {
		path, err := tail.SaveBatch(dir, w.tp, w.broken.Batch)
		return exportedMsg{w, path, err}
	})
}

// exportedNote says where the export is, and whether it is all.
func (w *waiting) exportedNote() string {
	if w.broken != nil && len(w.broken.Batch.Raw) < w.broken.Batch.Size {
		return "Its first " + human.Bytes(int64(len(w.broken.Batch.Raw))) + " are in " + safe.Line(w.exported)
	}
	return "It is in " + safe.Line(w.exported)
}
