// Package list is what the flat panes share: rows with a name, an order, a filter and a cursor that stays
// on its row. It knows no particular pane: a Spec says what a row is.
package list

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka/explain"
	"lagtop/kafka/safe"
	"lagtop/ui/command"
	"lagtop/ui/component"
	"lagtop/ui/component/filter"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
	"lagtop/ui/pane/steady"
)

// Order is one way to sort the rows.
type Order[T any] struct {
	Name   string // for the frame's note: "worst first"
	Column int    // that carries the arrow, -1 for none
	Desc   bool   // the natural direction is downwards: largest or worst first
	Less   func(a, b *T) bool
}

// Spec says what the rows are.
type Spec[T any] struct {
	Columns []component.Column
	Empty   string // in place of rows when there are none
	Key     func(*T) string
	Cells   func(e *pane.Env, row *T, cells []component.Cell)
	Orders  []Order[T] // the first one is the default
	Fields  filter.Fields
	Row     func(*T) filter.Row
	About   []explain.Quantity   // what each column holds
	Ref     func(*T) explain.Ref // the row's place; nil: its cells cannot be explained
}

// List is the state of a flat pane. A pane embeds it and adds what makes it that pane.
type List[T any] struct {
	spec    Spec[T]
	table   component.Table
	rows    []T // of the newest snapshot, not ours to change
	shown   []int
	places  steady.Order[string]
	order   int
	reverse bool
	filter  filter.Filter
	env     *pane.Env
}

// New is a list without rows.
func New[T any](s Spec[T]) *List[T] {
	l := &List[T]{spec: s}
	l.table.Columns, l.table.Empty = s.Columns, s.Empty
	l.arrow()
	return l
}

// Len is the number of rows that are shown. With Key and Row it makes the list the source of its table.
func (l *List[T]) Len() int { return len(l.shown) }

// Key names a row.
func (l *List[T]) Key(i int) string { return l.spec.Key(l.at(i)) }

// Row draws a row.
func (l *List[T]) Row(i int, cells []component.Cell) { l.spec.Cells(l.env, l.at(i), cells) }

func (l *List[T]) at(i int) *T { return &l.rows[l.shown[i]] }

// Current is the row under the cursor, nil when there is none.
func (l *List[T]) Current() *T {
	if i := l.table.Index(); i < len(l.shown) {
		return l.at(i)
	}
	return nil
}

// Cells implements pane.Explainer for the row under the cursor.
func (l *List[T]) Cells(e *pane.Env) []pane.CellRef {
	row := l.Current()
	if row == nil || l.spec.Ref == nil {
		return nil
	}
	cells := make([]component.Cell, len(l.spec.Columns))
	l.spec.Cells(e, row, cells)
	return cell.Refs(l.spec.Columns, cells, l.spec.About, l.spec.Ref(row))
}

// SelectKey puts the cursor on the row of that name and tells whether it is shown.
func (l *List[T]) SelectKey(key string) bool { return l.table.Select(key, l) }

// Show takes over the rows of a snapshot.
func (l *List[T]) Show(e *pane.Env, rows []T) {
	l.env, l.rows = e, rows
	l.shown = l.shown[:0]
	for i := range rows {
		if l.filter.Empty() || l.filter.Match(l.spec.Row(&rows[i])) {
			l.shown = append(l.shown, i)
		}
	}
	l.sort(e.Now)
	l.table.Sync(l)
}

// sort puts the rows in order; while the person moves, rows keep their places.
func (l *List[T]) sort(now time.Time) {
	less := l.spec.Orders[l.order].Less
	compare := func(i, j int) int {
		a, b := &l.rows[i], &l.rows[j]
		if l.reverse {
			a, b = b, a
		}
		switch {
		case less(a, b):
			return -1
		case less(b, a):
			return 1
		}
		return i - j // equal rows stand as in the snapshot
	}
	steady.Sort(&l.places, now, l.shown, func(i int) string { return l.spec.Key(&l.rows[i]) }, compare)
}

func (l *List[T]) arrow() {
	o := l.spec.Orders[l.order]
	l.table.SortCol, l.table.SortDesc = o.Column, o.Desc != l.reverse
}

// Note is the frame's note: how many rows in which order, and the filter.
func (l *List[T]) Note() string {
	if !l.filter.Empty() {
		return fmt.Sprintf("%d of %d  /%s", len(l.shown), len(l.rows), safe.Line(l.filter.String()))
	}
	parts := []string{fmt.Sprint(len(l.rows))}
	if name := l.spec.Orders[l.order].Name; name != "" {
		if l.reverse {
			name += ", reversed"
		}
		parts = append(parts, name)
	}
	return strings.Join(parts, ", ")
}

// View draws header and rows.
func (l *List[T]) View(e *pane.Env, w, h int, focused bool) []string {
	l.env = e
	return l.table.View(e.Theme, l, w, h, focused)
}

// Do carries out movement, sort and reverse; it reports false for anything else.
func (l *List[T]) Do(e *pane.Env, id command.ID) (tea.Cmd, bool) {
	switch id {
	case command.Up:
		l.table.Move(-1, l)
	case command.Down:
		l.table.Move(1, l)
	case command.PageUp:
		l.table.Page(-1, l)
	case command.PageDown:
		l.table.Page(1, l)
	case command.First:
		l.table.First(l)
	case command.Last:
		l.table.Last(l)
	case command.Sort:
		l.order, l.reverse = (l.order+1)%len(l.spec.Orders), false
		l.resort(e.Now)
		return nil, true
	case command.Reverse:
		l.reverse = !l.reverse
		l.resort(e.Now)
		return nil, true
	default:
		return nil, false
	}
	l.places.Moved(e.Now)
	return nil, true
}

func (l *List[T]) resort(now time.Time) {
	l.places.Release()
	l.arrow()
	l.sort(now)
	l.table.Sync(l)
}

// Click selects the row at a line of the View.
func (l *List[T]) Click(e *pane.Env, _, y int) {
	l.table.ClickRow(y, l)
	l.places.Moved(e.Now)
}

// Wheel scrolls.
func (l *List[T]) Wheel(e *pane.Env, rows int) {
	l.table.Wheel(rows, l)
	l.places.Moved(e.Now)
}

// SetFilter keeps the rows that match. It applies at the next Show.
func (l *List[T]) SetFilter(text string) error {
	f, err := filter.Parse(text, l.spec.Fields)
	if err != nil {
		return err
	}
	l.filter = f
	l.places.Release()
	return nil
}

// Filter is the filter as it was typed.
func (l *List[T]) Filter() string { return l.filter.String() }
