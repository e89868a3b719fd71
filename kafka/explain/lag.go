package explain

import (
	"fmt"
	"slices"
	"strconv"

	"lagtop/kafka"
	"lagtop/kafka/human"
)

// whyNoLag is why the lag of a partition is unknown, empty when it is known.
func (q *query) whyNoLag(p *kafka.GroupPartition) string {
	what := committedWord(q.group.Type)
	log := q.logAt(p.TopicPartition)
	switch {
	case p.Lag.OK:
		return ""
	case !p.Committed.OK && p.Err != "":
		return what + " not read, " + line(p.Err)
	case !p.Committed.OK:
		return "no " + what
	case q.group.Type == kafka.Share:
		return "the broker told no lag"
	}
	return whyNoEnd(log)
}

func whyNoEnd(log *kafka.Partition) string {
	switch {
	case log == nil:
		return "not in Metadata: the topic is deleted, or not authorized: DESCRIBE"
	case log.End.OK:
		return ""
	case log.Err != "":
		return "end not read, " + line(log.Err)
	case !log.Leader.OK:
		return "no leader, so no end"
	}
	return "end not read"
}

// missing are the parts of a sum over partitions that are unknown. Topics that nobody may see count for a
// whole group.
func (q *query) missing(parts []*kafka.GroupPartition) []string {
	var g gaps
	listed := map[string]bool{}
	for _, p := range parts {
		listed[p.Topic] = true
		if why := q.whyNoLag(p); why != "" {
			g.add(why, part(p.TopicPartition))
		}
	}
	if q.ref.Scope == ScopeGroup {
		for _, t := range q.group.Hidden {
			if !listed[t] {
				g.add("not authorized: DESCRIBE on the topic, or it is deleted; members name it", name(t))
			}
		}
	}
	return g.lines()
}

func tellLag(q *query) {
	if q.group.Type == kafka.Share {
		q.out.Meaning = "Records that the share group has not acknowledged, by the broker's own count."
	}
	if !q.hasOffsets() {
		return
	}
	if q.part != nil {
		tellPartitionLag(q)
	} else {
		tellTotalLag(q)
	}
	q.lagCaveats(q.parts())
}

// hasOffsets is false for the groups of frameworks, which commit none.
func (q *query) hasOffsets() bool {
	g := q.group
	if g.Type == kafka.Classic && !g.IsConsumer() && len(g.Partitions) == 0 {
		q.listed()
		q.unknown("a group of protocol type " + name(g.ProtocolType) + " commits no offsets")
		return false
	}
	return true
}

func tellPartitionLag(q *query) {
	p := q.part
	if q.group.Type == kafka.Share {
		q.commits("lag " + known(p.Lag) + ", start offset " + known(p.Committed))
	} else {
		q.commits("committed " + known(p.Committed))
		q.offset("end "+known(p.End), -1)
		q.from("end minus committed, by lagtop; commits are asked for before ends")
	}
	switch why := q.whyNoLag(p); {
	case why != "":
		q.unknown(q.longer(why, p))
	default:
		q.quality(Exact, moment)
	}
	if p.Lost > 0 {
		q.mind(fmt.Sprintf("%d records below the log start (%s) are lost for the group and not in the lag: it counts from the log start.", p.Lost, known(p.Start)))
	}
	if p.Ahead > 0 {
		q.mind(fmt.Sprintf("The commit is %d beyond the end: a truncated or recreated log, or a race of two requests. It counts as 0.", p.Ahead))
	}
}

// longer adds what a short reason leaves open.
func (q *query) longer(why string, p *kafka.GroupPartition) string {
	if p.Committed.OK || p.Err != "" {
		return why
	}
	if q.group.Type == kafka.Share {
		return why + ": the share group has not begun to read here"
	}
	return why + ": the group never committed here, or its commit expired (offsets.retention.minutes)"
}

func tellTotalLag(q *query) {
	parts := q.parts()
	what := human.Plural(len(parts), "partition")
	if q.group.Type == kafka.Share {
		q.commits("lag of " + what)
	} else {
		q.commits("commits of " + what)
		q.ends("ends", -1, q.logsOf(parts))
		q.from("sum of end minus committed, by lagtop; commits are asked for before ends")
	}
	q.sum(parts, "all "+what+" are known")
	lost := int64(0)
	for _, p := range parts {
		lost += p.Lost
	}
	if lost > 0 {
		q.mind(number(lost) + " records below log starts are lost for the group and not in the lag.")
	}
}

// sum is the quality of a sum over partitions.
func (q *query) sum(parts []*kafka.GroupPartition, complete string) {
	var t kafka.Total
	for _, p := range parts {
		t.Add(p.Lag)
	}
	missing := q.missing(parts)
	switch {
	case t.Known == 0 && len(missing) == 0:
		q.unknown("there is no partition to sum")
	case t.Known == 0:
		q.unknown(missing...)
	case len(missing) > 0:
		q.quality(AtLeast, "missing in the sum:")
		q.out.Why = append(q.out.Why, missing...)
	default:
		q.quality(Exact, complete)
	}
}

func tellETA(q *query) {
	q.from("lag divided by the rate at which it shrinks, OUT/s minus IN/s, by lagtop")
	if !q.hasOffsets() {
		return
	}
	parts := q.parts()
	var flow kafka.FlowSum
	for _, p := range parts {
		flow.Add(p.In, p.Out)
	}
	in, out := flow.In, flow.Out
	if in.OK && out.OK {
		q.from(fmt.Sprintf("OUT/s %s, IN/s %s, of the last minute: e on those columns says from where", rate(out.Known), rate(in.Known)))
	}
	switch missing := q.missing(parts); {
	case len(missing) > 0:
		q.quality(AtLeast, "parts of the lag are missing:")
		q.out.Why = append(q.out.Why, missing...)
	case !in.OK || !out.OK:
		q.unknown("a rate is unknown: " + q.watching())
	case in.Missing > 0:
		q.unknown("the lag holds " + human.Plural(in.Missing, "partition") + " whose rates are unknown: " + q.watching())
	case out.V > in.V && slices.ContainsFunc(parts, func(p *kafka.GroupPartition) bool { return p.Verdict.Kind.Stands() }):
		q.unknown("some of it stands still, as the verdict says: the rates of the rest, or of the past, tell no time")
	default:
		q.quality(Interpolated, "as if the rates of the last minute went on")
	}
	q.mind("never: the lag does not shrink. now: what is read within 8 s and no older than 10 s, in flight between two commits, unless a verdict says that some of it stands still.")
	q.mind("Rates change; this is a projection, not a promise.")
}

func tellDrain(q *query) {
	q.from("OUT/s minus IN/s, by lagtop, over the last minute and over the last 10 minutes, or what there is")
	if !q.hasOffsets() {
		return
	}
	parts, n := q.parts(), 0
	for _, p := range parts {
		if p.In.OK && p.Out.OK {
			n++
		}
	}
	q.rated(n, len(parts))
	q.mind("Partitions count where both rates are known.")
}

func tellLagTrend(q *query) {
	q.from("lag at the polls of the last 2 minutes, 8 steps, drawn from 0 to its own largest value")
	if !q.hasOffsets() {
		return
	}
	if q.History == nil || q.History.Span() <= 0 {
		q.unknown("lagtop has not watched for two polls yet")
		return
	}
	q.quality(Exact, "steps between two polls are on the line between them; a blank or dot is a step that was not read")
	q.mind("The height says nothing across rows: compare LAG for that.")
}

func tellVerdict(q *query) {
	v := &q.group.Verdict
	switch q.ref.Scope {
	case ScopeGroupPartition:
		v = &q.part.Verdict
	case ScopeMember, ScopeUnowned, ScopeGroupTopic:
		v = &kafka.Verdict{}
		for _, p := range q.parts() {
			if p.Verdict.Kind > v.Kind {
				v = &p.Verdict
			}
		}
	}
	q.from("judged by lagtop's rules from the history of commits and log ends" + q.rule(v))
	q.quality(Judged)
	why := func(text string) { q.out.Why = append(q.out.Why, text) }
	if v.Kind != kafka.VerdictUnknown {
		since := ""
		if !v.Since.IsZero() {
			since = ", for " + span(q.Now.Sub(v.Since)) + " that lagtop saw"
		}
		why(v.Kind.String() + since)
	}
	if v.Evidence != "" {
		why(line(v.Evidence))
	}
	if v.Watching > 0 {
		why("watching: rules that need history can judge in " + span(v.Watching))
	}
	if v.Kind == kafka.VerdictUnknown {
		q.out.Quality = Unknown
		if v.Watching <= 0 {
			why("nothing readable to judge by, or too little history")
		}
	}
	q.mind("A verdict needs three of five polls to appear and five good ones to go: it follows the facts by some seconds.")
	q.mind("A member, a topic or a group has the worst verdict of its partitions.")
}

func (q *query) rule(v *kafka.Verdict) string {
	if v.Rule == "" {
		return ""
	}
	return " (rule " + line(v.Rule) + ")"
}

func tellLost(q *query) {
	parts := q.parts()
	q.commits("commits of " + human.Plural(len(parts), "partition"))
	q.ends("log starts", -2, q.logsOf(parts))
	q.from("log start minus committed where that is above 0, by lagtop")
	q.sum(parts, "all of them are known")
	q.mind("Retention or DeleteRecords removed what the group had not read. Offsets are not records: in a compacted topic fewer are lost.")
}

func tellUncommitted(q *query) {
	without, unowned := 0, 0
	for _, p := range q.parts() {
		if !p.Committed.OK {
			without++
		}
		if !p.Owner.OK {
			unowned++
		}
	}
	q.described()
	q.commits("which are committed")
	q.from("what members own or subscribe to, and what is committed, each partition once, by lagtop")
	q.quality(Exact, strconv.Itoa(without)+" without a "+committedWord(q.group.Type)+", "+strconv.Itoa(unowned)+" without an owner")
	if len(q.group.Hidden) > 0 {
		q.quality(AtLeast, human.Plural(len(q.group.Hidden), "topic")+" that members name and we cannot see")
	}
}
