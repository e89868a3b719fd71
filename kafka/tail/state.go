package tail

import (
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
	Ended  // nothing more is read: all that was asked for was, or the Tail was stopped
)

var phaseWords = [...]string{"starting", "following", "caught up", "paused", "failed", "ended"}

// String is the word on the screen.
func (p Phase) String() string { return phaseWords[p] }

// Partition is how far one partition has been read.
type Partition struct {
	kafka.TopicPartition
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
	Ended    bool // all that was asked for was read
}

// Skip is one jump: the place was not in the log, or what is there cannot be read.
type Skip struct {
	From, To int64
	At       time.Time
	Err      error // why it could not be read; nil: it was not in the log
}

// read takes in what was read, or where reading goes on.
func (p *Partition) read(e *kafka.ReadEvent) {
	p.Err, p.Since = nil, time.Time{}
	p.Next, p.End, p.CaughtUp = kafka.Some(e.Next), kafka.Some(e.End), e.CaughtUp
	if e.Kind != kafka.ReadProgress && !p.Start.OK {
		p.Start = p.Next
	}
	if e.Kind != kafka.ReadSkipped {
		return
	}
	p.Skips++
	if e.Err != nil {
		p.Corrupt++
	}
	p.Skipped += max(e.Next-e.From, 0)
	p.LastSkip = Skip{From: e.From, To: e.Next, At: time.Now(), Err: e.Err}
}

// Phase is Starting, Following, CaughtUp, Failed or Ended.
func (p *Partition) Phase() Phase {
	switch {
	case p.Ended:
		return Ended
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
	Stopped    bool // Ended by Stop
	Full       bool // Ended because Spec.Most was read
	Partitions int
	Failing    int   // partitions that cannot be read at present, and topics of which none is known
	Err        error // of one of them, or of all
	Behind     int64 // offsets between the places and the ends, of the partitions where both are known
	Skipped    int64
	Corrupt    int                // batches that could not be read
	Read       int64              // records, also those that Spec.Keep left out
	Unsure     int64              // of those, records that Spec.Keep judged without a schema that could not be had
	Passed     int64              // offsets of All that are behind the places
	All        kafka.Known[int64] // offsets from where reading began to where Until.End stops it
	Received   uint64             // records in all that were kept at first
	Dropped    uint64             // oldest records that gave way to newer ones
	Late       int64              // records that came too late to be put in order; see Entry.Late
	Kept       int
	Bytes      int    // memory of the kept records
	First      uint64 // sequence numbers of the oldest and newest kept record, 0 when none
	Last       uint64
	Rate       kafka.Known[float64] // records/s that were read over the last seconds
}

// State is cheap; it grows with the number of partitions alone.
func (t *Tail) State() State {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := State{
		Paused: t.paused, Stopped: t.ending == stopped, Full: t.ending == full, Partitions: len(t.parts),
		Read: t.read, Unsure: t.unsure, Late: t.late,
		Received: t.ring.seq, Dropped: t.ring.dropped, Kept: t.ring.n, Bytes: t.ring.bytes,
		Rate: t.rate.at(time.Now()),
	}
	s.Passed, s.All = t.progress.Offsets()
	if t.ring.n > 0 {
		s.First, s.Last = t.ring.seq-uint64(t.ring.n)+1, t.ring.seq
	}
	s.Phase = t.phase(&s)
	return s
}

// phase sums up the partitions.
func (t *Tail) phase(s *State) Phase {
	var count [Ended + 1]int
	var failed kafka.TopicPartition // the first of them: which one it is does not change from look to look
	for tp, p := range t.parts {
		p.Ended = t.progress.Ended(tp)
		count[p.Phase()]++
		s.Skipped += p.Skipped
		s.Corrupt += p.Corrupt
		if p.Next.OK && p.End.OK {
			s.Behind += max(p.End.V-p.Next.V, 0)
		}
		if p.Err != nil && (s.Err == nil || tp.Compare(failed) < 0) {
			s.Err, failed = p.Err, tp
		}
	}
	for _, err := range t.errs {
		s.Err = err
	}
	s.Failing = count[Failed] + len(t.errs)
	up := count[CaughtUp] + count[Ended]
	switch {
	case t.ending != going:
		return Ended
	case t.paused:
		return Paused
	case len(t.errs) > 0 && len(t.errs) == len(t.spec.Reads) || s.Failing > 0 && s.Failing == len(t.parts)+len(t.errs):
		return Failed
	case up > 0 && up == len(t.parts):
		return CaughtUp
	case count[Following]+up > 0:
		return Following
	}
	return Starting
}

// Partitions is a copy of what is known of each, by topic and partition.
func (t *Tail) Partitions() []Partition {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]Partition, 0, len(t.parts))
	for tp, p := range t.parts {
		p.Ended = t.progress.Ended(tp)
		out = append(out, *p)
	}
	slices.SortFunc(out, func(a, b Partition) int { return a.Compare(b.TopicPartition) })
	return out
}

// Begins are the offsets up to which a look into the past has to go so that nothing is missing before what is kept:
// of each partition that of its oldest kept record, or where it is read next.
func (t *Tail) Begins() map[kafka.TopicPartition]int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make(map[kafka.TopicPartition]int64, len(t.parts))
	for tp, p := range t.parts {
		if p.Next.OK {
			out[tp] = p.Next.V
		}
	}
	for i := range t.ring.n {
		e := &t.ring.entries[(t.ring.head+i)%len(t.ring.entries)]
		if next, ok := out[e.TopicPartition]; ok && e.Offset < next {
			out[e.TopicPartition] = e.Offset
		}
	}
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
