package explain

import (
	"lagtop/kafka"
	"lagtop/kafka/human"
)

func tellCommit(q *query) {
	if q.group.Type == kafka.Share {
		q.out.Title = "start offset of " + q.place()
		q.out.Meaning = "The share group's start offset (SPSO): everything below it is done."
	}
	p := q.part
	what := committedWord(q.group.Type)
	q.commits(what + " " + known(p.Committed))
	switch {
	case p.Committed.OK:
		q.quality(Exact, "as the coordinator stores it, at the moment of that poll")
	default:
		q.unknown(q.longer(q.whyNoLag(p), p))
	}
	if q.group.Type == kafka.Share {
		q.mind("Records beyond it may be done too: they are acknowledged one by one.")
		return
	}
	q.mind("When it was committed OffsetFetch does not tell. With auto-commit (every 5 s) the group has read further than this.")
	if p.Lost > 0 {
		q.mind("It is " + number(p.Lost) + " below the log start " + known(p.Start) + ": those records are gone.")
	}
	if p.Committed.OK && p.Committed.V < 0 {
		q.mind("Brokers store any number: a negative commit means that nothing is committed as read.")
	}
}

func tellMetadata(q *query) {
	q.commits("metadata")
	q.quality(Exact, "whatever the committer attached; most clients attach nothing")
}

func tellStart(q *query) { tellEdge(q, -2) }

func tellEnd(q *query) { tellEdge(q, -1) }

func tellEdge(q *query, code int) {
	v, word := kafka.Known[int64]{}, "start"
	if q.log != nil {
		if v = q.log.Start; code == -1 {
			v, word = q.log.End, "end"
		}
	}
	q.offset(word+" "+known(v), code)
	switch {
	case v.OK:
		q.quality(Exact, moment)
	default:
		q.unknown(whyNoEnd(q.log))
	}
	if q.log == nil {
		return
	}
	if code == -1 {
		q.mind("It is the high watermark: what every replica in sync has. The leader may hold more that nobody can read yet.")
		q.openTransactions([]*kafka.Partition{q.log})
		return
	}
	q.retention(q.ref.Topic)
}

func tellRecords(q *query) {
	logs := q.logs()
	missing := 0
	var g gaps
	for _, l := range logs {
		if !l.Start.OK || !l.End.OK {
			missing++
			g.add(whyNoOffsets(l), "partition "+number(int64(l.ID)))
		}
	}
	if q.log != nil {
		q.offset("end "+known(q.log.End), -1)
		q.offset("start "+known(q.log.Start), -2)
	} else {
		q.ends("ends of "+human.Plural(len(logs), "partition"), -1, logs)
		q.ends("starts", -2, logs)
	}
	q.from("end minus log start, by lagtop")
	switch {
	case len(logs) == 0:
		q.unknown("the topic has no partition that can be seen")
	case missing == len(logs):
		q.unknown(g.lines()...)
	case missing > 0:
		q.quality(AtLeast, "missing in the sum:")
		q.out.Why = append(q.out.Why, g.lines()...)
	default:
		q.quality(Exact, "in offsets")
	}
	if q.ref.Topic != "" {
		q.compacted([]string{q.ref.Topic}, "number")
	}
}

func whyNoOffsets(l *kafka.Partition) string {
	if why := whyNoEnd(l); why != "" {
		return why
	}
	return "log start not read"
}
