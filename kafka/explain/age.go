package explain

import (
	"fmt"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/lag"
)

// besideEvery is the period of what is asked beside the polls: places of times, last stable offsets.
const besideEvery = 30 * time.Second

func (q *query) age(p *kafka.GroupPartition) kafka.Known[kafka.Age] {
	if q.Age != nil {
		return q.Age(p)
	}
	return p.Age
}

func tellAge(q *query) {
	if !q.hasOffsets() {
		return
	}
	if q.part != nil {
		tellPartitionAge(q)
		return
	}
	parts := q.parts()
	var o kafka.Oldest
	var worst *kafka.GroupPartition
	var top kafka.Age
	for _, p := range parts {
		a := q.age(p)
		if o.Add(a); a.OK && (worst == nil || a.V.Min > top.Min) {
			worst, top = p, a.V
		}
	}
	missing := q.missing(parts)
	if q.ref.Scope == ScopeGroup && len(missing) > 0 {
		o.Miss(hiddenOnly(q.group))
	}
	q.from("the oldest of the ages of " + human.Plural(len(parts), "partition") + ", by lagtop")
	if worst != nil && top.Min > 0 {
		q.from("oldest: " + part(worst.TopicPartition))
		q.ageSources(worst, q.logAt(worst.TopicPartition), top)
	}
	a := o.Age()
	if !a.OK {
		q.unknown("the ages that are unknown may be the oldest:")
		q.out.Why = append(q.out.Why, q.ageless(parts)...)
		return
	}
	if a.V == (kafka.Age{}) {
		q.commits("commits")
		q.quality(Exact, "nothing is unread")
		return
	}
	q.ageQuality(a.V)
	if a.V.Kind == kafka.AgePartial {
		q.out.Why = append(q.out.Why, q.ageless(parts)...)
	}
}

// hiddenOnly counts the topics that no partition of the group stands for.
func hiddenOnly(g *kafka.Group) int {
	n := g.Lag.Missing
	for i := range g.Partitions {
		if !g.Partitions[i].Lag.OK {
			n--
		}
	}
	return max(n, 0)
}

// ageless are the partitions whose age is unknown, with the reason.
func (q *query) ageless(parts []*kafka.GroupPartition) []string {
	var g gaps
	for _, p := range parts {
		if !q.age(p).OK {
			g.add(q.whyNoAge(p), part(p.TopicPartition))
		}
	}
	if q.ref.Scope == ScopeGroup {
		for _, t := range q.group.Hidden {
			g.add("not authorized: DESCRIBE on the topic, or it is deleted", name(t))
		}
	}
	return g.lines()
}

func (q *query) whyNoAge(p *kafka.GroupPartition) string {
	if why := q.whyNoLag(p); why != "" {
		return why
	}
	if p.Age.OK {
		return "the record at the commit has no timestamp"
	}
	if l := q.logAt(p.TopicPartition); l != nil && l.Times != nil {
		return "the places of times in the log, asked for " + span(q.Now.Sub(l.Times.Asked)) + " ago, do not tell"
	}
	return "not enough history, lagtop has watched for " + span(q.watched()) + "; leaders are asked for places of times every 30 s"
}

func (q *query) watched() time.Duration {
	if q.History == nil {
		return 0
	}
	return q.History.Span()
}

func tellPartitionAge(q *query) {
	a := q.age(q.part)
	if !a.OK {
		q.commits("committed " + known(q.part.Committed))
		q.unknown(q.whyNoAge(q.part))
		return
	}
	q.ageSources(q.part, q.log, a.V)
	if q.part.Lag.V == 0 {
		q.quality(Exact, "nothing is unread")
		return
	}
	q.ageQuality(a.V)
}

// ageSources says from what an age was made.
func (q *query) ageSources(p *kafka.GroupPartition, log *kafka.Partition, a kafka.Age) {
	next, _ := lag.Next(p)
	read := p.Lag.OK && p.Lag.V == 0
	if read {
		q.commits("committed " + known(p.Committed) + ", nothing is unread")
		return
	}
	switch a.Kind {
	case kafka.AgeExact, kafka.AgeFuture:
		q.from(fmt.Sprintf("the timestamp of the record at offset %d: Fetch from %s, read while the partition is under the cursor", next, q.leaderOf(p, log)))
	case kafka.AgeInterpolated:
		q.from(fmt.Sprintf("when the log end passed offset %d, between two of lagtop's own samples of the end: ListOffsets(-1) from %s", next, q.leaderOf(p, log)))
	default:
		if log != nil && log.Times != nil {
			q.askSlow(fmt.Sprintf("where %s are in the log: ListOffsets by timestamp from %s", human.Plural(len(log.Times.Points), "time"), q.leaderOf(p, log)), log.Times.Asked, besideEvery)
			return
		}
		q.from(fmt.Sprintf("the record at offset %d was there when lagtop took its first sample of the end", next))
	}
}

func (q *query) leaderOf(p *kafka.GroupPartition, log *kafka.Partition) string {
	if log == nil {
		return "the leader of " + part(p.TopicPartition)
	}
	return leader(log, part(p.TopicPartition))
}

const clocks = "Timestamps are those that producers wrote (unless message.timestamp.type=LogAppendTime): a wrong clock makes a wrong age."

func (q *query) ageQuality(a kafka.Age) {
	switch a.Kind {
	case kafka.AgeInterpolated:
		q.quality(Interpolated, "records are taken to have come evenly between the two samples: off by at most the time between them")
		q.mind("The samples are a poll apart for 2 min, 10 s apart for 15 min, a minute apart for 2 h. It is when the record reached the log, not its own timestamp.")
	case kafka.AgeBracket:
		q.quality(Bracketed, "at least "+span(a.Min)+" and at most "+span(a.Max)+" old")
		q.mind("The borders narrow when lagtop has watched long enough, and for the partition under the cursor the record itself is read.")
		q.mind(clocks)
	case kafka.AgeAtLeast:
		q.quality(AtLeast, "older than "+span(a.Min)+": no upper border is known, the places asked for reach back 1 day, or timestamps in the log do not rise")
		q.mind(clocks)
	case kafka.AgePartial:
		q.quality(AtLeast, span(a.Min)+" is the oldest that is known; these are unknown and may be older:")
	case kafka.AgeFuture:
		q.unknown("the record's timestamp has not come yet: its producer's clock is ahead, or it wrote another time on purpose")
	default:
		tellExactAge(q, a)
	}
}

func tellExactAge(q *query, a kafka.Age) {
	if a.Min == 0 {
		q.quality(Exact, "0 s, the record is of this moment")
		return
	}
	q.quality(Exact, "by the record's own timestamp")
	q.mind(clocks)
}
