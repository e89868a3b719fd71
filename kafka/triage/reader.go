package triage

import (
	"slices"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/lag"
)

// reader is what a member does with all of its partitions.
type reader struct {
	reads bool // it reads one that has much left
	waits bool // another one waits for longer than usual
	even  int  // partitions with much left that it comes to with every commit
	// of those whose growth is known:
	minute, ten int64   // how the lag grew
	in          float64 // records/s
}

// turns tells whether the member reads its partitions by turns. Consumers hand on what they fetched partition by
// partition: until one with a backlog is through with this, its others look flat. Where it comes to two of them
// again and again, all others would have had their turn.
func (r *reader) turns() bool { return r.reads && r.waits && r.even < 2 }

// loses tells whether more comes in than the member reads.
func (r *reader) loses() bool { return r.minute > 0 && float64(r.ten) > r.in*inFlight.Seconds() }

// inFlight is what a member that keeps up may not have committed yet: stock consumers commit every 5 s.
const inFlight = 8 * time.Second

func (r *reader) add(c *Case) {
	m := c.Motion
	switch left := max(c.floor(), int64(c.Part.In.V*inFlight.Seconds())); {
	case m.Behind >= c.flat():
		r.waits = true
	case m.Fresh && m.Low > left:
		r.reads = true
		if c.comes() {
			r.even++
		}
	}
	if m.Minute.OK && m.Ten.OK && c.Part.In.OK {
		r.minute, r.ten, r.in = r.minute+m.Minute.V.Records, r.ten+m.Ten.V.Records, r.in+c.Part.In.V
	}
}

// comes tells whether the commit has moved for a while, never long after it had moved before.
func (c *Case) comes() bool {
	m, often := c.Motion, max(3*c.Interval, inFlight)
	return m.Wait.OK && m.Wait.V <= often && m.Behind <= often && m.Short.OK && m.Short.V.Over >= lag.Short/2
}

// look turns the case to a partition.
func (c *Case) look(p *kafka.GroupPartition, m *lag.Motion, slowest kafka.Known[time.Duration]) {
	c.Part, c.Motion, c.Wait, c.Reader = p, m, m.Wait, nil
	if !c.Wait.OK {
		c.Wait = slowest
	}
}

// readUp looks at what each member of the case's group reads.
func (j *Judge) readUp(c Case, slowest kafka.Known[time.Duration]) {
	g := c.Group
	j.readers = slices.Grow(j.readers[:0], len(g.Members))[:len(g.Members)]
	clear(j.readers)
	for i := range g.Partitions {
		c.look(&g.Partitions[i], &j.motions[i], slowest)
		if r := j.reader(c.Part); r != nil {
			r.add(&c)
		}
	}
}

// reader is who owns a partition of the group that is judged, nil when nobody does.
func (j *Judge) reader(p *kafka.GroupPartition) *reader {
	if o := p.Owner; o.OK && o.V >= 0 && o.V < len(j.readers) {
		return &j.readers[o.V]
	}
	return nil
}
