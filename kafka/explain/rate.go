package explain

import (
	"fmt"

	"lagtop/kafka"
	"lagtop/kafka/human"
)

func rate(r kafka.Known[float64]) string {
	if !r.OK {
		return "unknown"
	}
	return human.Rate(r.V)
}

// watching is why a rate is unknown: it takes two samples of the last minute.
func (q *query) watching() string {
	if q.watched() < q.Interval || q.watched() == 0 {
		return fmt.Sprintf("not enough history, watching, %s more: it takes two polls", human.Span(q.Interval))
	}
	return "it takes two good answers within a minute, and there were fewer"
}

func tellIn(q *query) {
	if q.group != nil {
		tellGroupRate(q, "end", func(p *kafka.GroupPartition) bool { return p.In.OK })
		return
	}
	logs := q.logs()
	if q.log != nil {
		q.offset("end "+known(q.log.End), -1)
	} else {
		q.ends("ends of "+human.Plural(len(logs), "partition"), -1, logs)
	}
	q.from("how far the end moved between the first and the last sample of the last minute, per second, by lagtop")
	if q.ref.Scope == ScopeBroker {
		q.from("sum over the partitions that the broker leads")
	}
	n := 0
	for _, l := range logs {
		if l.In.OK {
			n++
		}
	}
	q.rated(n, len(logs))
	q.inCaveats()
}

// rated is the quality of a sum of rates.
func (q *query) rated(n, of int) {
	switch {
	case of == 0:
		q.unknown("there is no partition to sum")
	case n == 0:
		q.unknown(q.watching())
	case n < of:
		q.quality(AtLeast, fmt.Sprintf("missing in the sum: the rates of %d of %d partitions are unknown, %s", of-n, of, q.watching()))
	default:
		q.quality(Exact, "a mean of the last minute, or of what there is while that is less")
	}
}

func (q *query) inCaveats() {
	q.mind("Offsets are counted: transaction markers count as records. A burst shorter than a minute is flattened.")
	if q.ref.Topic != "" {
		if t := q.Snapshot.Topic(q.ref.Topic); t != nil && t.Internal {
			q.mind("The topic is internal: brokers write it themselves.")
		}
	}
}

func tellOut(q *query) {
	if !q.hasOffsets() {
		return
	}
	tellGroupRate(q, "commit", func(p *kafka.GroupPartition) bool { return p.Out.OK })
}

func tellGroupRate(q *query, what string, has func(*kafka.GroupPartition) bool) {
	if !q.hasOffsets() {
		return
	}
	parts := q.parts()
	of := " of " + human.Plural(len(parts), "partition")
	switch {
	case what == "end" && q.part != nil:
		q.offset("end "+known(q.part.End), -1)
	case what == "end":
		q.ends("ends"+of, -1, q.logsOf(parts))
	case q.part != nil:
		q.commits("committed " + known(q.part.Committed))
	default:
		q.commits("commits" + of)
	}
	if what == "commit" && q.group.Type == kafka.Share {
		q.from("what came in and did not stay as lag, per second over the last minute, by lagtop")
	} else {
		q.from("how far the " + what + " moved between the first and the last sample of the last minute, per second, by lagtop")
	}
	n := 0
	for _, p := range parts {
		if has(p) && (q.part != nil || q.ref.Scope != ScopeGroup || p.In.OK && p.Out.OK) {
			n++
		}
	}
	q.rated(n, len(parts))
	if what == "end" {
		q.inCaveats()
		return
	}
	if q.group.Type == kafka.Share {
		return
	}
	q.mind("It counts commits, not reading: a group that commits rarely looks idle in between and jumps at a commit (auto-commit: every 5 s).")
	q.mind("A commit that was moved back begins the measure anew.")
}

func tellInTrend(q *query) {
	q.from("records/s produced in the last 2 minutes, 8 steps, drawn from 0 to its own largest value")
	if q.watched() <= 0 {
		q.unknown(q.watching())
		return
	}
	q.quality(Exact, "each step is how far the log ends moved in it, from ListOffsets(-1) at the polls")
	q.mind("The height says nothing across rows: compare IN/s for that.")
}

func tellTailRate(q *query) {
	q.from("records that lagtop's own consumer received over the last seconds: Fetch from the leaders, no group, no commits")
	q.quality(Exact, "of what was received, not of what was produced: a filter does not change it, a pause stops it")
}
