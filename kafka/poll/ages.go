package poll

import (
	"context"
	"maps"
	"slices"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/lag"
)

// Ages are asked for every timesEvery while there is a record whose age is not known otherwise. An answer
// that could not be renewed for timesKept is dropped.
const (
	timesEvery = 30 * time.Second
	timesKept  = 5 * time.Minute
	timesLimit = 5 * time.Second // for all questions to one broker
)

// clock is what the session keeps of the questions by time. They go over connections of their own, so
// that no snapshot waits for them.
type clock struct {
	brokers map[string]*conn.Broker // by address
	asked   time.Time               // the last round began
	running int                     // brokers that have not answered in it
	results chan map[kafka.TopicPartition]*kafka.LogTimes
	fresh   map[kafka.TopicPartition]*kafka.LogTimes // for the next snapshot
	rounds  int
}

func newClock() clock {
	return clock{
		brokers: map[string]*conn.Broker{}, fresh: map[kafka.TopicPartition]*kafka.LogTimes{},
		results: make(chan map[kafka.TopicPartition]*kafka.LogTimes, 1),
	}
}

// askTimes begins a round of questions when one is due and the snapshot has ages that are not known.
func (s *session) askTimes(snap *kafka.Snapshot, now time.Time) {
	c := &s.clock
	if s.p.opts.Ages == nil || snap == nil || c.running > 0 || !c.asked.IsZero() && now.Sub(c.asked) < timesEvery {
		return
	}
	by := s.questions(snap)
	s.leave(s.clock.brokers)
	if len(by) == 0 {
		return
	}
	c.asked = now
	c.rounds++
	for n, qs := range by {
		b := s.beside(c.brokers, n.addr)
		c.running++
		s.wg.Go(func() {
			ctx, cancel := context.WithTimeout(s.ctx, timesLimit)
			defer cancel()
			found := askTimes(ctx, b, qs, now)
			select {
			case c.results <- found:
			case <-s.ctx.Done():
			}
		})
	}
}

// beside is the connection to a broker for the questions beside the polls.
func (s *session) beside(brokers map[string]*conn.Broker, addr string) *conn.Broker {
	b := brokers[addr]
	if b == nil {
		b = s.p.besideBroker(addr)
		brokers[addr] = b
	}
	return b
}

// besideBroker is a connection for questions beside the polls.
func (p *Poller) besideBroker(addr string) *conn.Broker {
	cfg := p.cfg
	cfg.Purpose = kafka.PurposeAside
	return conn.NewBroker(cfg, addr, &p.aside)
}

// leave closes the connections to brokers that are there no more. It must not run during a round: it would
// wait for its answers.
func (s *session) leave(brokers map[string]*conn.Broker) {
	maps.DeleteFunc(brokers, func(addr string, b *conn.Broker) bool {
		if slices.ContainsFunc(s.nodes, func(n *node) bool { return n.addr == addr }) {
			return false
		}
		b.Close()
		return true
	})
}

// closeBeside is for the end, when nothing runs any more.
func (s *session) closeBeside() {
	for _, brokers := range []map[string]*conn.Broker{s.clock.brokers, s.stables.brokers} {
		for _, b := range brokers {
			b.Close()
		}
	}
}

// questions are the partitions where a group waits with a record whose age can become better known, by
// the leader that can tell.
func (s *session) questions(snap *kafka.Snapshot) map[*node][]*question {
	at := map[kafka.TopicPartition]int{}
	var all []*question
	for i := range snap.Groups {
		for k := range snap.Groups[i].Partitions {
			p := &snap.Groups[i].Partitions[k]
			next, ok := lag.Next(p)
			if !ok || !p.Lag.OK || p.Lag.V == 0 || p.Age.OK && settled(p.Age.V) {
				continue
			}
			q, ok := at[p.TopicPartition]
			if !ok {
				q, at[p.TopicPartition] = len(all), len(all)
				all = append(all, &question{TopicPartition: p.TopicPartition, end: p.End.V})
			}
			all[q].next = append(all[q].next, next)
		}
	}
	out := map[*node][]*question{}
	for _, q := range all {
		t := snap.Topic(q.Topic)
		if t == nil {
			continue
		}
		log := t.Partition(q.Partition)
		if log == nil || !log.Leader.OK {
			continue
		}
		if n := s.node(log.Leader.V); n != nil && n.up() {
			out[n] = append(out[n], q)
		}
	}
	return out
}

// settled tells whether no answer can say more of an age.
func settled(a kafka.Age) bool {
	return a.Kind == kafka.AgeExact || a.Kind == kafka.AgeInterpolated || a.Kind == kafka.AgeAtLeast && a.Min >= backs[len(backs)-1]
}

// keepTimes takes one leader's answers in and tells whether it was the last of the round.
func (s *session) keepTimes(found map[kafka.TopicPartition]*kafka.LogTimes) bool {
	c := &s.clock
	maps.Copy(c.fresh, found)
	c.running--
	return c.running == 0
}

// setTimes gives what was told since the last snapshot to the partitions of the next one, and drops what
// is too old or no longer true.
func (w *world) setTimes(fresh map[kafka.TopicPartition]*kafka.LogTimes, now time.Time) {
	for i := range w.topics {
		t := &w.topics[i]
		for k := range t.Partitions {
			p := &t.Partitions[k]
			if f := fresh[kafka.TopicPartition{Topic: t.Name, Partition: p.ID}]; f != nil {
				p.Times = f
			}
			if p.Times != nil && (now.Sub(p.Times.Asked) > timesKept || truncated(p)) {
				p.Times = nil
			}
		}
	}
}

// truncated tells whether the log ends below a place that was told.
func truncated(p *kafka.Partition) bool {
	return p.End.OK && slices.ContainsFunc(p.Times.Points, func(x kafka.TimePoint) bool { return x.Offset > p.End.V })
}

// dated is a copy of a snapshot with the ages that the answers tell, or the snapshot itself when there are
// none.
func (s *session) dated(snap *kafka.Snapshot) *kafka.Snapshot {
	if len(s.clock.fresh) == 0 {
		return snap
	}
	out := *snap
	out.Topics, out.Groups = slices.Clone(snap.Topics), slices.Clone(snap.Groups)
	for i := range out.Topics {
		out.Topics[i].Partitions = slices.Clone(out.Topics[i].Partitions)
	}
	for i := range out.Groups {
		out.Groups[i].Partitions = slices.Clone(out.Groups[i].Partitions)
	}
	w := world{topics: out.Topics}
	w.setTimes(s.clock.fresh, out.At)
	out.Aside += int(s.p.aside.Swap(0))
	s.p.opts.Ages(&out)
	return &out
}

// firstTimes publishes the first snapshot once more, as soon as its ages are told: a person looks at it
// for a whole interval.
func (s *session) firstTimes(last bool) {
	if snap := s.p.Latest(); last && s.clock.rounds == 1 && snap != nil {
		s.p.latest.Store(s.dated(snap))
		signal(s.p.updates)
	}
}

// awaitTimes waits for all answers of the round.
func (s *session) awaitTimes() {
	for s.clock.running > 0 {
		select {
		case found := <-s.clock.results:
			s.keepTimes(found)
		case <-s.ctx.Done():
			return
		}
	}
}
