package cell

import (
	"strings"

	"lagtop/kafka/explain"
	"lagtop/ui/component"
	"lagtop/ui/pane"
)

// Refs are the cells of a drawn row for an explanation: about says of each column what it holds. A column that
// it does not reach, or calls None, cannot be explained.
func Refs(columns []component.Column, cells []component.Cell, about []explain.Quantity, row explain.Ref) []pane.CellRef {
	out := make([]pane.CellRef, len(columns))
	for i := range columns {
		q := explain.None
		if i < len(about) {
			q = about[i]
		}
		out[i] = Ref(columns[i].Title, cells[i].Text, row.As(q))
	}
	return out
}

// Ref is one cell. A column without a title takes that of what it holds.
func Ref(title, value string, ref explain.Ref) pane.CellRef {
	if title = strings.TrimSpace(title); title == "" {
		title = explain.Title(ref.Quantity)
	}
	return pane.CellRef{Title: title, Value: strings.TrimSpace(value), Ref: ref}
}
