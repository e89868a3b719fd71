package poll

import (
	"context"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/conn"
)

// StableEvery is a good period for Options.Stable: a transaction that is open for three of them is out of the
// ordinary.
const StableEvery = 30 * time.Second

const (
	stableKept  = 5 * time.Minute // an answer that could not be renewed
	stableLimit = 5 * time.Second // for all questions to one broker
	// mostOpen bounds for how many partitions of a broker one round asks whose transaction is open.
	mostOpen = 32
)

// stables is what the session keeps of the questions for last stable offsets. They go over connections of
// their own, so that no snapshot waits for them.
type stables struct {
	brokers map[string]*conn.Broker // by address
	asked   time.Time               // the last round began
	running int                     // brokers that have not answered in it
	results chan map[kafka.TopicPartition]*kafka.StableOffset
	fresh   map[kafka.TopicPartition]*kafka.StableOffset // for the next snapshot
}

func newStables() stables {
	return stables{
		brokers: map[string]*conn.Broker{}, fresh: map[kafka.TopicPartition]*kafka.StableOffset{},
		results: make(chan map[kafka.TopicPartition]*kafka.StableOffset, 1),
	}
}

// standQuestion is a partition with what is known of it.
type standQuestion struct {
	kafka.TopicPartition
	end  int64 // as in the snapshot
	last *kafka.StableOffset
}

// askStable begins a round of questions when one is due.
func (s *session) askStable(snap *kafka.Snapshot, now time.Time) {
	c := &s.stables
	if s.p.opts.Stable <= 0 || snap == nil || c.running > 0 || !c.asked.IsZero() && now.Sub(c.asked) < s.p.opts.Stable {
		return
	}
	s.leave(c.brokers)
	c.asked = now
	for n, qs := range s.standQuestions(snap) {
		b := s.beside(c.brokers, n.addr)
		c.running++
		s.wg.Go(func() {
			ctx, cancel := context.WithTimeout(s.ctx, stableLimit)
			defer cancel()
			found := askStable(ctx, b, qs, now)
			select {
			case c.results <- found:
			case <-s.ctx.Done():
			}
		})
	}
}

// standQuestions are the partitions with records that may lie behind an open transaction, by leader. Internal
// topics are not read with read_committed.
func (s *session) standQuestions(snap *kafka.Snapshot) map[*node][]standQuestion {
	out := map[*node][]standQuestion{}
	for i := range snap.Topics {
		t := &snap.Topics[i]
		for k := range t.Partitions {
			p := &t.Partitions[k]
			switch {
			case t.Internal || !p.Leader.OK || !p.End.OK || p.Start == p.End:
				continue
			case p.Stable != nil && p.Stable.Offset >= p.End.V:
				continue // nothing came since
			}
			if n := s.node(p.Leader.V); n != nil && n.up() {
				tp := kafka.TopicPartition{Topic: t.Name, Partition: p.ID}
				out[n] = append(out[n], standQuestion{TopicPartition: tp, end: p.End.V, last: p.Stable})
			}
		}
	}
	return out
}

// askStable asks a leader for last stable offsets, and whose transactions are open where they stand. It
// returns what it learnt.
func askStable(ctx context.Context, b *conn.Broker, qs []standQuestion, now time.Time) map[kafka.TopicPartition]*kafka.StableOffset {
	by := make(map[kafka.TopicPartition]*standQuestion, len(qs))
	parts := make([]kafka.TopicPartition, len(qs))
	for i := range qs {
		by[qs[i].TopicPartition], parts[i] = &qs[i], qs[i].TopicPartition
	}
	answers, _ := b.StableOffsets(ctx, parts) // of a leader that fails the poll itself tells
	found := make(map[kafka.TopicPartition]*kafka.StableOffset, len(answers))
	var stand []kafka.TopicPartition
	for i := range answers {
		a := &answers[i]
		q := by[a.TopicPartition]
		if q == nil || a.Err != nil || !a.Offset.OK {
			continue
		}
		next := stood(q.last, a.Offset.V, q.end, now)
		if found[q.TopicPartition] = next; next.Standing() && len(stand) < mostOpen {
			stand = append(stand, q.TopicPartition)
		}
	}
	if len(stand) == 0 {
		return found
	}
	open, _ := b.OpenTransactions(ctx, stand) // without it the finding names no producer
	for tp, o := range open {
		if f := found[tp]; f != nil && o.Start == f.Offset {
			f.Open = &o
		}
	}
	return found
}

// stood is the answer after last, which may be nil. The end is older than the answer: if it is beyond the
// offset, a transaction is open for certain.
func stood(last *kafka.StableOffset, offset, end int64, now time.Time) *kafka.StableOffset {
	next := &kafka.StableOffset{Offset: offset, At: now}
	if end <= offset {
		return next
	}
	next.Seen, next.Since, next.End = 1, now, end
	if last != nil && last.Offset == offset && last.Seen > 0 {
		next.Seen, next.Since, next.End, next.Open = last.Seen+1, last.Since, last.End, last.Open
	}
	return next
}

// setStable gives what was told since the last snapshot to the partitions of the next one, and drops what is
// too old.
func (w *world) setStable(fresh map[kafka.TopicPartition]*kafka.StableOffset, now time.Time) {
	for i := range w.topics {
		t := &w.topics[i]
		for k := range t.Partitions {
			p := &t.Partitions[k]
			if f := fresh[kafka.TopicPartition{Topic: t.Name, Partition: p.ID}]; f != nil {
				p.Stable = f
			}
			if p.Stable != nil && now.Sub(p.Stable.At) > stableKept {
				p.Stable = nil
			}
		}
	}
	clear(fresh)
}

// keepStable takes one leader's answers in.
func (s *session) keepStable(found map[kafka.TopicPartition]*kafka.StableOffset) {
	for tp, f := range found {
		s.stables.fresh[tp] = f
	}
	s.stables.running--
}
