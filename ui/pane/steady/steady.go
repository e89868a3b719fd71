// Package steady keeps rows in their places while a person moves among them. It sorts and knows nothing
// of what the rows are.
package steady

import (
	"slices"
	"time"
)

// Pause is how long the order stays after a movement.
const Pause = 3 * time.Second

// Order remembers the order that is on the screen. The zero Order is ready.
type Order struct {
	names []string
	moved time.Time
}

// Moved starts the pause anew.
func (o *Order) Moved(now time.Time) { o.moved = now }

// Release ends the pause: the person asked for another order.
func (o *Order) Release() { o.moved = time.Time{} }

// Sort sorts rows. During the pause those that were there keep their order and new ones follow, sorted
// among themselves. Names are unique.
func Sort[T any](o *Order, now time.Time, rows []T, name func(T) string, compare func(a, b T) int) {
	if o.moved.IsZero() || now.Sub(o.moved) >= Pause {
		slices.SortStableFunc(rows, compare)
	} else {
		place := make(map[string]int, len(o.names))
		for i, n := range o.names {
			place[n] = i
		}
		slices.SortStableFunc(rows, func(a, b T) int {
			i, wasA := place[name(a)]
			j, wasB := place[name(b)]
			switch {
			case wasA && wasB:
				return i - j
			case wasA:
				return -1
			case wasB:
				return 1
			}
			return compare(a, b)
		})
	}
	o.names = o.names[:0]
	for _, r := range rows {
		o.names = append(o.names, name(r))
	}
}
