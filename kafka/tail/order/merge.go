package order

import (
	"math"
	"time"
)

// Reached is how far the partitions have come that are read together, in ms.
type Reached struct {
	busy int64 // of those with more to read
	all  int64
}

// never is behind every timestamp that a record can have.
const never = math.MaxInt64

// stamp is a timestamp in ms; what has none comes first.
func stamp(t time.Time) int64 {
	if t.IsZero() {
		return math.MinInt64
	}
	return t.UnixMilli()
}

// Merger puts what it is given in the order of timestamps, of the same time in that of arrival. Each waits until no
// older one can come, so long as that can be known; then for the window.
type Merger[T any] struct {
	Window time.Duration // how long it waits for partitions that have nothing more at present
	Most   int           // bytes that wait; beyond it the oldest goes, whatever may come

	heap  []key // the oldest on top
	slots []slot[T]
	free  []int32
	seq   uint64
	bytes int
	last  int64 // stamp of the one that left last
	left  bool  // one with a timestamp has
}

// key is what the heap moves; what waits stays in its slot.
type key struct {
	at   int64
	seq  uint64
	slot int32
}

func (k key) before(o key) bool { return k.at < o.at || k.at == o.at && k.seq < o.seq }

type slot[T any] struct {
	v    T
	came time.Time
	size int
}

// Len is how many wait.
func (m *Merger[T]) Len() int { return len(m.heap) }

// Bytes is how much waits.
func (m *Merger[T]) Bytes() int { return m.bytes }

// Add takes what has a timestamp and a size in bytes.
func (m *Merger[T]) Add(v T, at time.Time, size int, now time.Time) {
	i := int32(len(m.slots))
	if n := len(m.free); n > 0 {
		i, m.free = m.free[n-1], m.free[:n-1]
	} else {
		m.slots = append(m.slots, slot[T]{})
	}
	m.slots[i] = slot[T]{v: v, came: now, size: size}
	m.bytes += size
	m.seq++
	m.heap = append(m.heap, key{at: stamp(at), seq: m.seq, slot: i})
	m.up(len(m.heap) - 1)
}

// Full tells whether more waits than may.
func (m *Merger[T]) Full() bool { return m.bytes > m.Most }

// Next is the oldest when nothing older can come before it any more, or too much waits. Late tells that it is
// older than the one before: it came too late to be put in its place.
func (m *Merger[T]) Next(r Reached, now time.Time) (v T, late, ok bool) {
	if len(m.heap) == 0 {
		return v, false, false
	}
	top := m.heap[0]
	waited := now.Sub(m.slots[top.slot].came) >= m.Window
	if !m.Full() && (top.at > r.busy || top.at > r.all && !waited) {
		return v, false, false
	}
	return m.Pop()
}

// Pop is the oldest, whatever may come.
func (m *Merger[T]) Pop() (v T, late, ok bool) {
	n := len(m.heap) - 1
	if n < 0 {
		return v, false, false
	}
	top := m.heap[0]
	m.heap[0] = m.heap[n]
	m.heap = m.heap[:n]
	m.down(0)
	s := &m.slots[top.slot]
	v = s.v
	m.bytes -= s.size
	*s = slot[T]{}
	m.free = append(m.free, top.slot)
	if n == 0 {
		m.shrink()
	}
	if top.at == math.MinInt64 { // it has no timestamp
		return v, false, true
	}
	late = m.left && top.at < m.last
	m.last, m.left = top.at, true
	return v, late, true
}

// shrink lets go of the room that a burst took.
func (m *Merger[T]) shrink() {
	const kept = 1 << 14
	if len(m.slots) > kept {
		m.heap, m.slots, m.free = nil, nil, nil
	}
}

func (m *Merger[T]) up(i int) {
	h := m.heap
	for i > 0 {
		parent := (i - 1) / 2
		if !h[i].before(h[parent]) {
			return
		}
		h[i], h[parent] = h[parent], h[i]
		i = parent
	}
}

func (m *Merger[T]) down(i int) {
	h := m.heap
	for {
		least := 2*i + 1
		if least >= len(h) {
			return
		}
		if right := least + 1; right < len(h) && h[right].before(h[least]) {
			least = right
		}
		if !h[least].before(h[i]) {
			return
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}
