package tail

import (
	"cmp"
	"slices"
	"time"

	"lagtop/kafka"
)

// Phase is what a Tail or one of its partitions is doing.
type Phase int

// The phases.
const (
	Starting  Phase = iota // no place found yet
	Following              // reading, records are waiting in the log
	CaughtUp               // reading, nothing is waiting
	Paused
	Failed // it is tried again
)

var phaseWords = [...]string{"starting", "following", "caught up", "paused", "failed"}

// String is the word on the screen.
func (p Phase) String() string { return phaseWords[p] }

// Partition is how far one partition has been read.
type Partition struct {
	ID       int32
	Start    kafka.Known[int64] // where following began
	Next     kafka.Known[int64] // the next offset to read
	End      kafka.Known[int64] // high watermark when it was last heard of
	CaughtUp bool
	Skipped  int64 // offsets that were gone before they were read
	Skips    int   // how often the place was lost and found again
	Corrupt  int   // of those, batches that could not be read
	LastSkip Skip
	Err      error // the present failure, nil when reading
	Since    time.Time
}

// Skip is one jump: the place was not in the log, or what is there cannot be read.
type Skip struct {
	From, To int64
	At       time.Time
	Err      error // why it could not be read; nil: it was not in the log
}

func (p *Partition) began() {
	if !p.Start.OK {
		p.Start = p.Next
	}
}

// Phase is Starting, Following, CaughtUp or Failed.
func (p *Partition) Phase() Phase {
	switch {
	case p.Err != nil:
		return Failed
	case !p.Next.OK:
		return Starting
	case p.CaughtUp:
		return CaughtUp
	}
	return Following
}

// State sums up a Tail.
type State struct {
	Phase      Phase // Failed when nothing can be read at present
	Paused     bool
	Partitions int
	Failing    int   // partitions that cannot be read at present
	Err        error // of one of them, or of all
	Behind     int64 // offsets between the places and the ends, of the partitions where both are known
	Skipped    int64
	Corrupt    int    // batches that could not be read
	Received   uint64 // records in all
	Dropped    uint64 // oldest records that gave way to newer ones
	Kept       int
	Bytes      int    // memory of the kept records
	First      uint64 // sequence numbers of the oldest and newest kept record, 0 when none
	Last       uint64
	Rate       kafka.Known[float64] // records/s over the last seconds
}

// State is cheap; it grows with the number of partitions alone.
func (t *Tail) State() State {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := State{
		Paused: t.paused, Partitions: len(t.parts), Err: t.err,
		Received: t.ring.seq, Dropped: t.ring.dropped, Kept: t.ring.n, Bytes: t.ring.bytes,
		Rate: t.rate.at(time.Now()),
	}
	if t.ring.n > 0 {
		s.First, s.Last = t.ring.seq-uint64(t.ring.n)+1, t.ring.seq
	}
	var count [Failed + 1]int
	for _, p := range t.parts {
		count[p.Phase()]++
		s.Skipped += p.Skipped
		s.Corrupt += p.Corrupt
		if p.Next.OK && p.End.OK {
			s.Behind += max(p.End.V-p.Next.V, 0)
		}
		if p.Err != nil && s.Err == nil {
			s.Err = p.Err
		}
	}
	s.Failing = count[Failed]
	switch {
	case t.paused:
		s.Phase = Paused
	case t.err != nil || s.Failing > 0 && s.Failing == len(t.parts):
		s.Phase = Failed
	case len(t.parts) > 0 && count[CaughtUp] == len(t.parts):
		s.Phase = CaughtUp
	case count[Following]+count[CaughtUp] > 0:
		s.Phase = Following
	}
	return s
}

// Partitions is a copy of what is known of each, by ID.
func (t *Tail) Partitions() []Partition {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]Partition, 0, len(t.parts))
	for _, p := range t.parts {
		out = append(out, *p)
	}
	slices.SortFunc(out, func(a, b Partition) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// Lines are the newest n records, oldest first.
func (t *Tail) Lines(n int) []Entry {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ring.window(t.ring.seq, n)
}

// Window are the n records that end at the sequence number last, oldest first. When that record is no
// longer kept, they are the n oldest; when it has not come yet, the newest.
func (t *Tail) Window(last uint64, n int) []Entry {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ring.window(last, n)
}

// Entry is the record with a sequence number, false when it is not kept.
func (t *Tail) Entry(seq uint64) (Entry, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ring.get(seq)
}
