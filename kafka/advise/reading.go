package advise

import (
	"time"

	"lagtop/kafka"
	"lagtop/kafka/lag"
)

// What counts as behind: more than what a consumer that keeps up may not have committed yet.
const (
	smallLag = 100
	inFlight = 10 * time.Second
)

// reading is how a group reads one topic.
type reading struct {
	*log
	group *kafka.Group
	parts []*kafka.GroupPartition // of the topic

	lag     kafka.Total
	in, out kafka.Known[float64] // records/s; unknown while that of a partition is
	owners  map[int]int          // how many of the partitions each member has, by its index
	unowned int
	idle    int                  // members with nothing assigned at all
	pace    kafka.Known[float64] // records/s of the median consumer that has work waiting
}

func newReading(g *kafka.Group, l *log) reading {
	c := reading{log: l, group: g, owners: map[int]int{}, in: kafka.Some(0.0), out: kafka.Some(0.0)}
	for i := range g.Partitions {
		p := &g.Partitions[i]
		if p.Topic != l.Topic.Topic.Name {
			continue
		}
		c.parts = append(c.parts, p)
		c.lag.Add(p.Lag)
		c.in, c.out = plus(c.in, p.In), plus(c.out, p.Out)
		if p.Owner.OK {
			c.owners[p.Owner.V]++
		} else {
			c.unowned++
		}
	}
	if !c.reads() {
		return c
	}
	for i := range g.Members {
		if m := &g.Members[i]; len(m.Assigned) == 0 && len(m.Tasks) == 0 && m.Opaque == "" {
			c.idle++
		}
	}
	c.pace = c.measure()
	return c
}

// plus is unknown when either is.
func plus(a, b kafka.Known[float64]) kafka.Known[float64] {
	if !a.OK || !b.OK {
		return kafka.Known[float64]{}
	}
	return kafka.Some(a.V + b.V)
}

// measure is how fast a consumer is that is at its limit: records wait for it, and it takes them from every
// partition that has some. The others tell nothing about what one can do.
func (c *reading) measure() kafka.Known[float64] {
	rates, fastest := map[int]kafka.Known[float64]{}, c.fastest()
	busy, stuck := map[int]bool{}, map[int]bool{}
	for _, p := range c.parts {
		if !p.Owner.OK {
			continue
		}
		if _, ok := rates[p.Owner.V]; !ok {
			rates[p.Owner.V] = kafka.Some(0.0)
		}
		rates[p.Owner.V] = plus(rates[p.Owner.V], p.Out)
		busy[p.Owner.V] = busy[p.Owner.V] || waiting(p)
		stuck[p.Owner.V] = stuck[p.Owner.V] || waiting(p) && stalled(p, fastest[p.Owner.V])
	}
	var known []float64
	for owner, r := range rates {
		if busy[owner] && !stuck[owner] && r.OK && r.V > 0 {
			known = append(known, r.V)
		}
	}
	return median(known)
}

// waiting tells whether a partition has more unread records than are in flight.
func waiting(p *kafka.GroupPartition) bool {
	return p.Lag.OK && p.Lag.V > smallLag && float64(p.Lag.V) > p.In.V*inFlight.Seconds()
}

// fastest is the rate of the partition that each member reads fastest, by its index.
func (c *reading) fastest() map[int]float64 {
	out := map[int]float64{}
	for _, p := range c.parts {
		if p.Owner.OK && p.Out.OK {
			out[p.Owner.V] = max(out[p.Owner.V], p.Out.V)
		}
	}
	return out
}

// stalled tells whether a partition hardly moves for another reason than speed: its consumer reads the others,
// the fastest of them at that rate.
func stalled(p *kafka.GroupPartition, fastest float64) bool {
	return p.Verdict.Kind == kafka.VerdictStalled || p.Out.OK && (p.Out.V == 0 || fastest > 10*p.Out.V)
}

// reads tells whether the group has to do with the topic at all.
func (c *reading) reads() bool { return len(c.parts) > 0 }

// behind tells whether records wait.
func (c *reading) behind() bool {
	for _, p := range c.parts {
		if waiting(p) {
			return true
		}
	}
	return false
}

// settled tells whether the assignment is one that a rebalance will not replace at once.
func (c *reading) settled() bool {
	return !c.group.State.Rebalancing() && !c.group.AssignmentOld && len(c.group.Members) > 0
}

// tasks tells whether the group is bound to partitions: one reads a partition at a time.
func (c *reading) tasks() bool { return c.group.IsConsumer() }

// horizon is when the backlog is gone as things go.
func (c *reading) horizon() lag.Horizon {
	if c.lag.Known == 0 {
		return lag.UnknownHorizon
	}
	return lag.ETA(kafka.Some(c.lag.V), c.in, c.out)
}

// gain is what n more consumers bring at the measured pace. A partition is read by one consumer, so the
// last one to be done decides.
func (c *reading) gain(n int) kafka.Known[Gain] {
	if !c.pace.OK || !c.in.OK || !c.out.OK || c.lag.Known == 0 || n <= 0 {
		return kafka.Known[Gain]{}
	}
	speed := c.pace.V * float64(len(c.owners)+n)
	g := Gain{Consumers: n, Out: speed, Now: c.horizon(), Then: lag.ETA(kafka.Some(c.lag.V), c.in, kafka.Some(speed))}
	for _, p := range c.parts {
		alone := lag.ETA(p.Lag, p.In, c.pace)
		if waiting(p) && (alone == lag.Never || g.Then != lag.Never && alone > g.Then) {
			g.Then = alone
		}
	}
	if g.Then == lag.UnknownHorizon || g.Then == g.Now {
		return kafka.Known[Gain]{}
	}
	return kafka.Some(g)
}

// needed is how many consumers at the measured pace outrun the producers, unknown without one.
func (c *reading) needed() kafka.Known[int] {
	if !c.pace.OK || !c.in.OK {
		return kafka.Known[int]{}
	}
	return kafka.Some(int(c.in.V/c.pace.V) + 1)
}
