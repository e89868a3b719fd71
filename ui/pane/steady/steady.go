// Package steady keeps rows in their places while a person moves among them. It sorts and knows nothing
// of what the rows are.
package steady

import (
	"slices"
	"time"
)

// Pause is how long the order stays after a movement.
const Pause = 3 * time.Second

// Order remembers by their names which rows are on the screen, in their order. The zero Order is ready.
type Order[K comparable] struct {
	names []K
	moved time.Time
}

// Moved starts the pause anew.
func (o *Order[K]) Moved(now time.Time) { o.moved = now }

// Release ends the pause: the person asked for another order.
func (o *Order[K]) Release() { o.moved = time.Time{} }

// Sort sorts rows. During the pause those that were there keep their order and new ones follow, sorted
// among themselves. Names are unique, and no two rows compare as equal.
func Sort[T any, K comparable](o *Order[K], now time.Time, rows []T, name func(T) K, compare func(a, b T) int) {
	if o.moved.IsZero() || now.Sub(o.moved) >= Pause {
		slices.SortFunc(rows, compare)
	} else {
		keep(o.names, rows, name, compare)
	}
	o.names = o.names[:0]
	for _, r := range rows {
		o.names = append(o.names, name(r))
	}
}

// keep puts rows into the places of their names.
func keep[T any, K comparable](names []K, rows []T, name func(T) K, compare func(a, b T) int) {
	place := make(map[K]int, len(names))
	for i, n := range names {
		place[n] = i
	}
	was := make([]*T, len(names))
	all := slices.Clone(rows)
	rows = rows[:0]
	var others []T
	for i := range all {
		if at, ok := place[name(all[i])]; ok {
			was[at] = &all[i]
		} else {
			others = append(others, all[i])
		}
	}
	for _, r := range was {
		if r != nil {
			rows = append(rows, *r)
		}
	}
	slices.SortFunc(others, compare)
	_ = append(rows, others...)
}
