package whatif

import (
	"time"

	"lagtop/kafka"
	"lagtop/kafka/lag"
)

// Capacity is what one member can read, in records/s: the mean of the members that are behind, because one that keeps
// up reads what comes in and no more. Unknown while none is behind.
type Capacity struct {
	kafka.Known[float64]
	On int // members it was measured on
}

// inFlight is how long a member that keeps up may not have committed what it read: the stock
// auto.commit.interval.ms is 5 s, and a poll may come at its end.
const inFlight = 8 * time.Second

// piece is one partition's part of a load.
type piece struct {
	lag     kafka.Known[int64]
	in, out kafka.Known[float64]
	stuck   bool // it does not move, whoever owns it
}

// estimate fills the loads before, as measured, and after.
func (r *Result) estimate(s *kafka.Snapshot, g *kafka.Group) {
	was, is := make([][]piece, len(r.Members)), make([][]piece, len(r.Members))
	var free, left []piece // of nobody
	same := make([]bool, len(r.Members))
	for i := range same {
		same[i] = true
	}
	for _, p := range r.Partitions {
		if p.From >= 0 && !p.New {
			was[p.From] = append(was[p.From], pieceOf(g, p.TopicPartition))
		} else if !p.New {
			free = append(free, pieceOf(g, p.TopicPartition))
		}
		if p.To >= 0 {
			is[p.To] = append(is[p.To], r.later(s, g, &p))
		} else {
			left = append(left, r.later(s, g, &p))
		}
		if p.From != p.To || r.grown(p.Topic) {
			for _, i := range []int{p.From, p.To} {
				if i >= 0 {
					same[i] = false
				}
			}
		}
	}
	r.measure(was)
	for i := range r.Members {
		m := &r.Members[i]
		m.Before = load(was[i], kafka.Known[float64]{}, true)
		m.After = load(is[i], r.Capacity.Known, false)
		if same[i] {
			m.After = m.Before
		}
	}
	r.Nobody = Member{Before: unread(free), After: unread(left)}
	r.Before = r.balance(r.Nobody.Before, func(m *Member) (Load, bool) { return m.Before, !m.New })
	r.After = r.balance(r.Nobody.After, func(m *Member) (Load, bool) { return m.After, !m.Leaves })
}

func (r *Result) grown(topic string) bool { return r.Change.Partitions > 0 && topic == r.Change.Topic }

func pieceOf(g *kafka.Group, tp kafka.TopicPartition) piece {
	p := g.Partition(tp)
	if p == nil {
		return piece{}
	}
	return piece{lag: p.Lag, in: p.In, out: p.Out, stuck: p.Verdict.Kind == kafka.VerdictStalled}
}

// later is a partition after the change: producers are taken to spread what they send to a topic that has grown
// evenly over the new ones too.
func (r *Result) later(s *kafka.Snapshot, g *kafka.Group, p *Partition) piece {
	t := s.Topic(p.Topic)
	if p.New {
		out := piece{lag: kafka.Some[int64](0), in: kafka.Some(0.0)}
		for i := range t.Partitions {
			out.in = both(out.in, produced(g, t, t.Partitions[i].ID))
		}
		out.in.V /= float64(len(t.Partitions) + r.Change.Partitions)
		return out
	}
	out := pieceOf(g, p.TopicPartition)
	if t != nil {
		out.in = produced(g, t, p.Partition)
	}
	if r.grown(p.Topic) && out.in.OK {
		out.in.V *= float64(len(t.Partitions)) / float64(len(t.Partitions)+r.Change.Partitions)
	}
	return out
}

// produced is what comes in to a partition, for the group or else, where it has no commit, for the topic.
func produced(g *kafka.Group, t *kafka.Topic, partition int32) kafka.Known[float64] {
	if p := g.Partition(kafka.TopicPartition{Topic: t.Name, Partition: partition}); p != nil && p.In.OK {
		return p.In
	}
	if p := t.Partition(partition); p != nil {
		return p.In
	}
	return kafka.Known[float64]{}
}

// measure finds what a member reads while it is behind.
func (r *Result) measure(was [][]piece) {
	sum := 0.0
	for _, ps := range was {
		behind, out := int64(0), 0.0
		for _, p := range ps {
			if !p.stuck && p.lag.OK && p.out.OK {
				behind += p.lag.V
				out += p.out.V
			}
		}
		if out > 0 && float64(behind) > out*inFlight.Seconds() {
			sum += out
			r.Capacity.On++
		}
	}
	if r.Capacity.On > 0 {
		r.Capacity.Known = kafka.Some(sum / float64(r.Capacity.On))
	}
}

// load sums what a member has; measured tells to take what it reads at present for what it can. Partitions that do
// not move count for the lag alone: it is never gone as things are, and whether another owner reads them is not known.
func load(ps []piece, can kafka.Known[float64], measured bool) Load {
	l := Load{Partitions: len(ps), In: kafka.Some(0.0)}
	out, moving, all, stuck := kafka.Some(0.0), int64(0), true, false
	for _, p := range ps {
		l.Lag.Add(p.lag)
		if p.stuck {
			stuck = true
			continue
		}
		moving += p.lag.V
		all = all && p.lag.OK
		l.In, out = both(l.In, p.in), both(out, p.out)
	}
	if !measured {
		out = can
	}
	if len(ps) == 0 {
		l.ETA, l.Drain = lag.Now, kafka.Some(0.0)
		return l
	}
	if !l.In.OK || !out.OK {
		if stuck && measured {
			l.ETA = lag.Never
		}
		return l
	}
	keeps := moving == 0 || float64(moving) <= max(l.In.V, out.V)*inFlight.Seconds()
	switch drain := out.V - l.In.V; {
	case !all:
	case measured && keeps:
		l.ETA, l.Drain = lag.Now, kafka.Some(0.0)
	case drain <= 0:
		l.ETA, l.Drain = lag.Never, kafka.Some(drain)
	case keeps:
		l.ETA, l.Drain = lag.Now, kafka.Some(0.0)
	default:
		l.ETA, l.Drain = lag.ETA(kafka.Some(moving), l.In, out), kafka.Some(drain)
	}
	switch {
	case stuck && measured:
		l.ETA = lag.Never
	case stuck && l.ETA != lag.Never:
		l.ETA = lag.UnknownHorizon
	}
	return l
}

// unread sums partitions that nobody reads.
func unread(ps []piece) Load {
	l := load(ps, kafka.Some(0.0), false)
	switch {
	case l.Lag.V > 0 || l.In.OK && l.In.V > 0:
		l.ETA = lag.Never
	case len(ps) > 0:
		l.ETA = lag.UnknownHorizon
	}
	return l
}

func both(a, b kafka.Known[float64]) kafka.Known[float64] {
	if !a.OK || !b.OK {
		return kafka.Known[float64]{}
	}
	return kafka.Some(a.V + b.V)
}

func (r *Result) balance(nobody Load, of func(*Member) (Load, bool)) Balance {
	b := Balance{Load: Load{In: kafka.Some(0.0), Drain: kafka.Some(0.0), ETA: lag.Now}}
	b.add(nobody)
	b.Partitions, b.MostLag = 0, kafka.Total{}
	for i := range r.Members {
		l, there := of(&r.Members[i])
		if !there {
			continue
		}
		if b.Members == 0 || l.Partitions < b.Least {
			b.Least = l.Partitions
		}
		b.Most = max(b.Most, l.Partitions)
		b.Members++
		if l.Partitions == 0 {
			b.Idle++
		}
		b.add(l)
	}
	return b
}

func (b *Balance) add(l Load) {
	b.Partitions += l.Partitions
	b.Lag.V, b.Lag.Known, b.Lag.Missing = b.Lag.V+l.Lag.V, b.Lag.Known+l.Lag.Known, b.Lag.Missing+l.Lag.Missing
	b.In, b.Drain = both(b.In, l.In), both(b.Drain, l.Drain)
	if b.MostLag.Known == 0 || l.Lag.V > b.MostLag.V {
		missing := b.MostLag.Missing
		b.MostLag = l.Lag
		b.MostLag.Missing += missing
	} else {
		b.MostLag.Missing += l.Lag.Missing
	}
	b.ETA = later(b.ETA, l.ETA)
}

// later is the horizon that is further away; Never is the furthest, then what is not known.
func later(a, b lag.Horizon) lag.Horizon {
	switch {
	case a == lag.Never || b == lag.Never:
		return lag.Never
	case a == lag.UnknownHorizon || b == lag.UnknownHorizon:
		return lag.UnknownHorizon
	}
	return max(a, b)
}
