package stream

import (
	"bytes"
	"container/heap"
	"slices"
	"time"

	"lagtop/kafka"
)

// order passes records on that need an order: by time, or next to their neighbours.
func (s *running) order(p *part, records []kafka.Record) {
	now := time.Now()
	for i := range records {
		if s.ended {
			return
		}
		if s.o.Merge > 0 {
			s.merged.add(&records[i], now)
		} else {
			s.print(p, &records[i], false)
		}
	}
	s.write(s.buf)
	s.buf = s.buf[:0]
}

// print writes a record that passes the filter, and its neighbours.
func (s *running) print(p *part, r *kafka.Record, late bool) {
	passes := s.o.Filter.Match(r)
	if s.o.Context == 0 {
		if passes {
			s.append(r, Note{Late: late})
		}
		return
	}
	if p.around == nil {
		p.around = &around{most: s.o.Context}
	}
	for _, n := range p.around.take(r, passes) {
		s.append(n.record, Note{Context: n.neighbour, Gap: n.gap, Late: late})
		if s.ended {
			return
		}
	}
}

func (s *running) append(r *kafka.Record, n Note) {
	s.buf = s.sink.Append(s.buf, r, n)
	s.totals.Printed++
	if !n.Context {
		s.matched++
	}
	if s.o.Max > 0 && s.matched >= s.o.Max {
		s.ended = true
		s.cancel()
	}
	if s.ended || len(s.buf) > flushAt {
		s.write(s.buf)
		s.buf = s.buf[:0]
	}
}

// release prints what no older record can come before any more.
func (s *running) release(now time.Time) {
	if s.o.Merge == 0 || s.ended {
		return
	}
	busy, all := s.newest()
	for s.merged.Len() > 0 && !s.ended {
		top := s.merged.items[0]
		waited := now.Sub(top.came) >= s.o.Merge
		if !s.merged.full() && (top.r.Timestamp.After(busy) || top.r.Timestamp.After(all) && !waited) {
			break
		}
		s.pop()
	}
	s.write(s.buf)
	s.buf = s.buf[:0]
}

func (s *running) pop() {
	it, late := s.merged.next()
	s.print(s.parts[it.r.TopicPartition], &it.r, late)
}

// newest is the time that all partitions have reached which have more to read, and which are being read.
func (s *running) newest() (busy, all time.Time) {
	busy = time.Unix(1<<50, 0)
	all = busy
	for _, p := range s.parts {
		if p.done || p.failing {
			continue
		}
		if p.newest.Before(all) {
			all = p.newest
		}
		if !p.caught && p.newest.Before(busy) {
			busy = p.newest
		}
	}
	return busy, all
}

// drain prints what still waits for its order.
func (s *running) drain() {
	for s.merged.Len() > 0 && !s.ended {
		s.pop()
	}
	s.write(s.buf)
	s.buf = s.buf[:0]
}

// flushAt is how much is written at once.
const flushAt = 64 << 10

// mergeBytes bounds what waits: beyond it the oldest is printed, whatever may come.
const mergeBytes = 64 << 20

// merger holds copies of records, the oldest on top; of the same time the one that came first.
type merger struct {
	items []item
	bytes int
	seq   uint64
	last  time.Time // of the one that left last
}

type item struct {
	r    kafka.Record
	came time.Time
	seq  uint64
	size int
}

func (m *merger) add(r *kafka.Record, now time.Time) {
	m.seq++
	it := item{r: clone(r), came: now, seq: m.seq, size: weight(r)}
	m.bytes += it.size
	heap.Push(m, it)
}

func (m *merger) next() (it item, late bool) {
	it = heap.Pop(m).(item)
	m.bytes -= it.size
	late = it.r.Timestamp.Before(m.last)
	m.last = it.r.Timestamp
	return it, late
}

func (m *merger) full() bool { return m.bytes > mergeBytes }

// Len implements heap.Interface, as the methods below do.
func (m *merger) Len() int { return len(m.items) }

// Less is by time.
func (m *merger) Less(i, j int) bool {
	a, b := &m.items[i], &m.items[j]
	if !a.r.Timestamp.Equal(b.r.Timestamp) {
		return a.r.Timestamp.Before(b.r.Timestamp)
	}
	return a.seq < b.seq
}

// Swap exchanges two items.
func (m *merger) Swap(i, j int) { m.items[i], m.items[j] = m.items[j], m.items[i] }

// Push takes an item.
func (m *merger) Push(x any) { m.items = append(m.items, x.(item)) }

// Pop gives the last item.
func (m *merger) Pop() any {
	n := len(m.items) - 1
	it := m.items[n]
	m.items[n] = item{}
	m.items = m.items[:n]
	return it
}

func weight(r *kafka.Record) int {
	n := 256 + len(r.Key) + len(r.Value)
	for i := range r.Headers {
		n += 48 + len(r.Headers[i].Key) + len(r.Headers[i].Value)
	}
	return n
}

func clone(r *kafka.Record) kafka.Record {
	c := *r
	c.Key, c.Value = bytes.Clone(r.Key), bytes.Clone(r.Value)
	c.Headers = slices.Clone(r.Headers)
	for i := range c.Headers {
		c.Headers[i].Value = bytes.Clone(c.Headers[i].Value)
	}
	return c
}

// around finds the neighbours of the records of one partition that pass.
type around struct {
	most   int
	before []kafka.Record // not printed, the newest last
	after  int            // how many are still to be printed
	any    bool           // one was printed
	missed bool           // others were not, since
	out    []neighbour    // reused
}

type neighbour struct {
	record    *kafka.Record
	neighbour bool
	gap       bool
}

// take are the records to print now that r came.
func (a *around) take(r *kafka.Record, passes bool) []neighbour {
	a.out = a.out[:0]
	switch {
	case passes:
		for i := range a.before {
			a.out = append(a.out, neighbour{record: &a.before[i], neighbour: true})
		}
		a.out = append(a.out, neighbour{record: r})
		a.out[0].gap = a.any && a.missed
		a.before, a.after, a.any, a.missed = nil, a.most, true, false
	case a.after > 0:
		a.after--
		a.out = append(a.out, neighbour{record: r, neighbour: true})
	default:
		if len(a.before) == a.most {
			a.missed = true
			a.before = a.before[1:]
		}
		a.before = append(a.before, clone(r))
	}
	return a.out
}
