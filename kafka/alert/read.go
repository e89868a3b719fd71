package alert

import (
	"slices"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
)

// truth has a third value: what is unknown or old neither fires nor clears.
type truth uint8

const (
	unknown truth = iota
	no
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// reader reads groups out of one snapshot.
type reader struct {
	snap *kafka.Snapshot
	old  map[kafka.TopicPartition]bool // log ends that were not read in this poll
}

func newReader(s *kafka.Snapshot) *reader {
	r := &reader{snap: s, old: map[kafka.TopicPartition]bool{}}
	for i := range s.Topics {
		t := &s.Topics[i]
		for j := range t.Partitions {
			if p := &t.Partitions[j]; p.Err != "" || p.At.Before(s.Began) {
				r.old[kafka.TopicPartition{Topic: t.Name, Partition: p.ID}] = true
			}
		}
	}
	return r
}

// whole tells whether a group that is not in the snapshot is not in the cluster: no broker failed that
// may have it.
func (r *reader) whole() bool {
	for i := range r.snap.Faults {
		if f := &r.snap.Faults[i]; f.Group == "" && f.Topic == "" && !r.listed(f) {
			return false
		}
	}
	return true
}

// listed tells whether a broker told which groups it has, whatever else it refused.
func (r *reader) listed(f *kafka.Fault) bool {
	if !f.Broker.OK || f.Op == "ListGroups" {
		return false
	}
	b := r.snap.Broker(f.Broker.V)
	return b != nil && !b.At.Before(r.snap.Began)
}

// holds tells whether all that w asks for is so.
func (r *reader) holds(w *When, g *kafka.Group) truth {
	if g.Gone || g.Err != "" || g.At.Before(r.snap.Began) {
		return unknown
	}
	out := yes
	and := func(t truth) {
		if t == no || t == unknown && out == yes {
			out = t
		}
	}
	if len(w.States) > 0 {
		and(oneOf(w.States, g.State, kafka.StateUnknown))
	}
	if len(w.Verdicts) > 0 {
		and(oneOf(w.Verdicts, g.Verdict.Kind, kafka.VerdictUnknown))
	}
	if w.Lag.OK && out != no {
		and(r.lagAtLeast(g, w.Lag.V))
	}
	if w.Age.OK && out != no {
		and(r.ageAtLeast(g, w.Age.V))
	}
	return out
}

func oneOf[T comparable](wanted []T, v, unread T) truth {
	if v == unread {
		return unknown
	}
	return truthOf(slices.Contains(wanted, v))
}

// lagAtLeast adds up what was read in this poll. A sum that misses parts can only say yes. Partitions
// without a commit are no missing parts: they would keep an alert open for ever.
func (r *reader) lagAtLeast(g *kafka.Group, limit int64) truth {
	var sum int64
	known, missing := 0, len(g.Hidden)
	for i := range g.Partitions {
		switch p := &g.Partitions[i]; {
		case r.unread(p):
			missing++
		case p.Lag.OK:
			sum += p.Lag.V
			known++
		}
	}
	switch {
	case known > 0 && sum >= limit:
		return yes
	case missing > 0, known == 0 && len(g.Partitions) > 0:
		return unknown
	}
	return no
}

// unread tells whether a partition's numbers are old or missing though the group has a commit there.
func (r *reader) unread(p *kafka.GroupPartition) bool {
	return p.Err != "" || r.old[p.TopicPartition] || p.Committed.OK && !p.Lag.OK
}

// ageAtLeast is unknown where the limit lies between the bounds of the age.
func (r *reader) ageAtLeast(g *kafka.Group, limit time.Duration) truth {
	if len(g.Hidden)+len(g.Partitions) == 0 {
		return no
	}
	var oldest kafka.Oldest
	oldest.Miss(len(g.Hidden))
	for i := range g.Partitions {
		switch p := &g.Partitions[i]; {
		case r.unread(p), p.Age.OK && p.Age.V.Kind == kafka.AgeFuture:
			oldest.Miss(1)
		case p.Lag.OK:
			oldest.Add(p.Age)
		}
	}
	switch age := oldest.Age(); {
	case !age.OK:
		return unknown
	case age.V.Min >= limit:
		return yes
	case age.V.Bounded() && age.V.Max < limit:
		return no
	}
	return unknown
}

// evidence words what w asks for, as it is now.
func evidence(w *When, g *kafka.Group) string {
	var parts []string
	if len(w.Verdicts) > 0 && g.Verdict.Kind != kafka.VerdictUnknown {
		text := g.Verdict.Kind.String()
		if g.Verdict.Evidence != "" {
			text += ": " + g.Verdict.Evidence
		}
		parts = append(parts, text)
	}
	if len(w.States) > 0 {
		parts = append(parts, "state "+string(g.State))
	}
	if w.Lag.OK {
		parts = append(parts, "lag "+lagText(g.Lag)+" (limit "+human.Count(w.Lag.V)+")")
	}
	if w.Age.OK {
		age := human.None
		if g.Age.OK {
			age = g.Age.V.String()
		}
		parts = append(parts, "age "+age+" (limit "+human.Duration(w.Age.V)+")")
	}
	return strings.Join(parts, "; ")
}

func lagText(t kafka.Total) string {
	switch {
	case t.Unknown():
		return human.None
	case t.Missing > 0:
		return "≥" + human.Count(t.V)
	}
	return human.Count(t.V)
}
