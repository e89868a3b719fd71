// Package order says in what order the records of several partitions are shown or printed, and where reading
// them stops. How records are fetched, kept or written is no concern of it.
package order

import (
	"time"

	"lagtop/kafka"
)

// Until says where to stop. The zero Until is never.
type Until struct {
	End  bool      // at the ends that the partitions have when reading begins
	Time time.Time // at the first record of each partition at or after it
}

// Stops tells whether there is an end. The partitions must be named then: of others nobody knows whether they come.
func (u Until) Stops() bool { return u.End || !u.Time.IsZero() }

// grace is how late records may be at Until.Time.
const grace = 2 * time.Second

// Progress is how far the partitions are that are read together, and which of them are done. It is for one
// goroutine at a time, but for Part.Wanted.
type Progress struct {
	until  Until
	before map[kafka.TopicPartition]int64
	parts  map[kafka.TopicPartition]*Part
	open   int // parts that are not done
}

// NewProgress knows of no partition. A partition in before stops at that offset, where its end does not come first.
func NewProgress(u Until, before map[kafka.TopicPartition]int64) *Progress {
	return &Progress{until: u, before: before, parts: map[kafka.TopicPartition]*Part{}}
}

// Part is how far one partition is.
type Part struct {
	until   Until
	start   int64 // where reading began
	next    int64
	target  int64 // where to stop; of Until.End
	begun   bool
	done    bool
	caught  bool
	failing bool
	heard   time.Time // of it, or that it is there
	newest  time.Time // of the records read
}

// Add expects a partition; more than once is once.
func (g *Progress) Add(tp kafka.TopicPartition, now time.Time) {
	if g.parts[tp] == nil {
		g.parts[tp] = &Part{until: g.until, heard: now}
		g.open++
	}
}

// Begin notes what an event says before its records are looked at. It is nil when they are not wanted: the
// partition is done or was not expected, or it failed. First tells of the first event of a partition.
func (g *Progress) Begin(e *kafka.ReadEvent, now time.Time) (p *Part, first bool) {
	p = g.parts[e.TopicPartition]
	if p == nil {
		return nil, false
	}
	if p.heard = now; e.Kind == kafka.ReadFailed {
		p.failing = true
		return nil, false
	}
	if p.failing = false; p.done {
		return nil, false
	}
	if first = !p.begun; first {
		p.begun, p.target, p.start, p.next = true, e.End, e.Next, e.Next
		if before, ok := g.before[e.TopicPartition]; ok {
			p.target = min(p.target, before)
		}
	}
	return p, first
}

// Wanted are the records before the end that was asked for. Over tells that Until.Time was reached, which End is
// to be told. Offsets and times are those of one partition.
func (p *Part) Wanted(records []kafka.Record) (wanted []kafka.Record, over bool) {
	if !p.until.Stops() {
		return records, false
	}
	for i := range records {
		r := &records[i]
		if p.until.End && r.Offset >= p.target {
			return records[:i], false
		}
		if !p.until.Time.IsZero() && !r.Timestamp.Before(p.until.Time) {
			return records[:i], true
		}
	}
	return records, false
}

// Newest is the timestamp of the last record before the event that End is not told of yet. A record without one of
// its own stands behind that one.
func (p *Part) Newest() time.Time { return p.newest }

// End notes where a partition is behind an event.
func (g *Progress) End(p *Part, e *kafka.ReadEvent, over bool) {
	p.caught, p.next = e.CaughtUp, e.Next
	if n := len(e.Records); n > 0 && !e.Records[n-1].Timestamp.IsZero() {
		p.newest = e.Records[n-1].Timestamp
	}
	if over || g.until.End && e.Next >= p.target {
		g.finish(p)
	}
}

func (g *Progress) finish(p *Part) {
	if !p.done {
		p.done = true
		g.open--
	}
}

// Due finishes the partitions that have nothing more to come before Until.Time.
func (g *Progress) Due(now time.Time) {
	if u := g.until.Time; u.IsZero() || now.Sub(u) <= grace {
		return
	}
	for _, p := range g.parts {
		if p.caught {
			g.finish(p)
		}
	}
}

// Done tells whether there is nothing more to read.
func (g *Progress) Done() bool { return g.until.Stops() && g.open == 0 }

// Ended tells whether all of a partition was read that was asked for.
func (g *Progress) Ended(tp kafka.TopicPartition) bool {
	p := g.parts[tp]
	return p != nil && p.done
}

// Len is how many partitions there are.
func (g *Progress) Len() int { return len(g.parts) }

// Failing tells whether a partition cannot be read that is not done.
func (g *Progress) Failing() bool {
	for _, p := range g.parts {
		if p.failing && !p.done {
			return true
		}
	}
	return false
}

// Offsets are how many have been passed, and how many there are from the beginnings to the ends that were asked
// for: unknown until all partitions began, and where no offset is the end.
func (g *Progress) Offsets() (passed int64, all kafka.Known[int64]) {
	if !g.until.End {
		return 0, kafka.Known[int64]{}
	}
	sum, begun := int64(0), true
	for _, p := range g.parts {
		begun = begun && p.begun
		passed += max(min(p.next, p.target)-p.start, 0)
		sum += max(p.target-p.start, 0)
	}
	return passed, kafka.Known[int64]{V: sum, OK: begun && len(g.parts) > 0}
}

// Awake forgets how long nothing was heard of partitions, after their reader was held up.
func (g *Progress) Awake(now time.Time) {
	for _, p := range g.parts {
		p.heard = now
	}
}

// Reached is the time of the newest records of all partitions that are read. Of one that fails, nobody knows
// when it goes on, and it holds nothing up; neither does one of which nothing was heard for longer than silence,
// where that is not 0.
func (g *Progress) Reached(now time.Time, silence time.Duration) Reached {
	r := Reached{busy: never, all: never}
	for _, p := range g.parts {
		if p.done || p.failing || silence > 0 && !p.caught && now.Sub(p.heard) > silence {
			continue
		}
		at := stamp(p.newest)
		if r.all = min(r.all, at); !p.caught {
			r.busy = min(r.busy, at)
		}
	}
	return r
}
