package conn

import "iter"

// The largest request: brokers take 100 MB (socket.request.max.bytes), but a smaller one lets the
// broker serve others in between, and its answer, which is larger, be read within the read timeout.
const (
	maxRequestBytes = 1 << 20
	maxRequestNames = 4000
)

// chunks splits the names of groups into requests of a sane size. Mostly it is one.
func chunks(names []string) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		from, bytes := 0, 0
		for i, n := range names {
			if i > from && (bytes+len(n) > maxRequestBytes || i-from >= maxRequestNames) {
				if !yield(names[from:i:i]) {
					return
				}
				from, bytes = i, 0
			}
			bytes += len(n) + 8
		}
		if from < len(names) {
			yield(names[from:])
		}
	}
}
