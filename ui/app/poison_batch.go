package app

import (
	"context"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka/human"
	"lagtop/kafka/safe"
	"lagtop/kafka/tail"
	"lagtop/theme"
	"lagtop/ui/command"
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

// nothingLines say that the broker holds something back that the log should have. A leader that finds no whole batch
// answers with nothing, and with no error.
func (w *waiting) nothingLines() [][]component.Cell {
	return [][]component.Cell{
		{{Text: fmt.Sprintf("%s has committed %d in %s. The broker returns nothing for offset %d although the log goes on to %d.",
			safe.Line(w.group), w.commit, place(w.tp), w.next, w.end), Tok: theme.Danger}},
		{{Text: "The batch there may be damaged in its length, so that no consumer gets past it; kafka-dump-log.sh on the leader's files tells.", Tok: theme.Text}},
		{{Text: "Another replica may be whole: look at what a new leader returns. Else reset the group to an offset behind the batch (" +
			command.ByID(command.Offsets).Key() + ").", Tok: theme.Text}},
		{{Text: "Nothing was changed.", Tok: theme.Muted}},
	}
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
