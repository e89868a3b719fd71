package stream

import (
	"bytes"
	"slices"
	"time"

	"lagtop/kafka"
)

// order passes records on that need an order: by time, or next to their neighbours. before is the timestamp of the
// one before them.
func (s *running) order(records []kafka.Record, before time.Time) {
	now := time.Now()
	for i := range records {
		if s.ended {
			return
		}
		if s.o.Merge > 0 {
			if !records[i].Timestamp.IsZero() {
				before = records[i].Timestamp
			}
			s.merged.Add(clone(&records[i]), before, weight(&records[i]), now)
		} else {
			s.print(&records[i], false)
		}
	}
	s.write(s.buf)
	s.buf = s.buf[:0]
}

// print writes a record that passes the filter, and its neighbours.
func (s *running) print(r *kafka.Record, late bool) {
	passes := s.o.Filter.Match(r)
	if s.o.Context == 0 {
		if passes {
			s.append(r, Note{Late: late})
		}
		return
	}
	a := s.arounds[r.TopicPartition]
	if a == nil {
		a = &around{most: s.o.Context}
		s.arounds[r.TopicPartition] = a
	}
	for _, n := range a.take(r, passes) {
		s.append(n.record, Note{Context: n.neighbour, Gap: n.gap, Late: late})
		if s.ended {
			return
		}
	}
}

func (s *running) append(r *kafka.Record, n Note) {
	s.buf = s.sink.Append(s.buf, r, n)
	if r.Broken == nil { // else it is no record
		s.totals.Printed++
		if !n.Context {
			s.matched++
		}
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
	reached := s.progress.Reached(now, 0)
	for !s.ended {
		r, late, ok := s.merged.Next(reached, now)
		if !ok {
			break
		}
		s.print(&r, late)
	}
	s.write(s.buf)
	s.buf = s.buf[:0]
}

// drain prints what still waits for its order.
func (s *running) drain() {
	for !s.ended {
		r, late, ok := s.merged.Pop()
		if !ok {
			break
		}
		s.print(&r, late)
	}
	s.write(s.buf)
	s.buf = s.buf[:0]
}

// flushAt is how much is written at once.
const flushAt = 64 << 10

// mergeBytes bounds what waits: beyond it the oldest is printed, whatever may come.
const mergeBytes = 64 << 20

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
