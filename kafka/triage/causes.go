package triage

import (
	"slices"
	"strconv"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
)

// sick is a group's partitions in trouble, by index. It is filled once a poll.
type sick struct {
	stalled []int // and what has stood still for so long that it counts as stopped
	falling []int
	owned   int
}

// examine fills s for a group whose partitions have their verdicts. What stands still for long counts as stopped, and
// is still stalled if that rule says so too: it is not after a group came back, until each partition had its turn.
func (s *sick) examine(g *kafka.Group, parts []partState, stalled uint32) {
	s.stalled, s.falling, s.owned = s.stalled[:0], s.falling[:0], 0
	for i := range g.Partitions {
		p := &g.Partitions[i]
		if p.Owner.OK && p.Owner.V >= 0 && p.Owner.V < len(g.Members) {
			s.owned++
		}
		switch {
		case p.Verdict.Kind == kafka.VerdictStalled, p.Verdict.Kind == kafka.VerdictStopped && parts[i].active&stalled != 0:
			s.stalled = append(s.stalled, i)
		case p.Verdict.Kind == kafka.VerdictFallingBehind, p.Verdict.Kind == kafka.VerdictAtRisk:
			s.falling = append(s.falling, i)
		}
	}
}

// explainedAs is the rule whose causes explain the verdict of a partition.
func (s *sick) explainedAs(g *kafka.Group, i int) string {
	if _, ok := slices.BinarySearch(s.stalled, i); ok {
		return stalledID
	}
	return g.Partitions[i].Verdict.Rule
}

// holds tells whether a partition has the verdict of that rule, of those that causes explain.
func (s *sick) holds(rule string) bool {
	if rule == stalledID {
		return len(s.stalled) > 0
	}
	return len(s.falling) > 0
}

// worst is the partition of the list with the most lag.
func (l *Look) worst(list []int) *kafka.GroupPartition {
	var w *kafka.GroupPartition
	for _, i := range list {
		if p := &l.Group.Partitions[i]; w == nil || p.Lag.V > w.Lag.V {
			w = p
		}
	}
	return w
}

// member is the owner of a partition, nil when it has none.
func (l *Look) member(p *kafka.GroupPartition) *kafka.Member {
	if p == nil || !p.Owner.OK || p.Owner.V < 0 || p.Owner.V >= len(l.Group.Members) {
		return nil
	}
	return &l.Group.Members[p.Owner.V]
}

// called names a member: by client id, with its host where several members share one.
func (l *Look) called(m *kafka.Member) string {
	if m == nil {
		return "nobody"
	}
	for i := range l.Group.Members {
		c := Case{Group: l.Group, Part: &kafka.GroupPartition{Owner: kafka.Some(i)}}
		if &l.Group.Members[i] == m {
			return c.owner()
		}
	}
	return m.ClientID
}

func (l *Look) place(list []int) (at kafka.TopicPartition, member string) {
	p := l.worst(list)
	if p == nil {
		return at, ""
	}
	if m := l.member(p); m != nil {
		member = m.ID
	}
	return p.TopicPartition, member
}

func stalledAt(l *Look) (kafka.TopicPartition, string) { return l.place(l.sick.stalled) }

func fallingAt(l *Look) (kafka.TopicPartition, string) { return l.place(l.sick.falling) }

// moving tells whether a partition is read at present.
func moving(p *kafka.GroupPartition) bool {
	return !p.Verdict.Kind.Stands() && p.Out.OK && p.Out.V > 0
}

// others counts the partitions that are read: of the owner of p, and of its other members.
func (l *Look) others(p *kafka.GroupPartition) (own, foreign int) {
	for i := range l.Group.Partitions {
		switch q := &l.Group.Partitions[i]; {
		case !q.Owner.OK || !moving(q):
		case q.Owner == p.Owner:
			own++
		default:
			foreign++
		}
	}
	return own, foreign
}

// one tells whether all partitions of a list have the same owner.
func (l *Look) one(list []int) bool {
	for _, i := range list {
		if p := &l.Group.Partitions[i]; !p.Owner.OK || p.Owner != l.Group.Partitions[list[0]].Owner {
			return false
		}
	}
	return len(list) > 0
}

// hungMember is one member that reads nothing while the others do.
func hungMember(l *Look) Answer {
	if len(l.Group.Members) < 2 || !l.one(l.sick.stalled) {
		return No
	}
	own, foreign := l.others(&l.Group.Partitions[l.sick.stalled[0]])
	return when(own == 0 && foreign > 0)
}

func sayHungMember(l *Look) string {
	p := l.worst(l.sick.stalled)
	_, foreign := l.others(p)
	return l.called(l.member(p)) + " reads none of its partitions, " + place(p.TopicPartition) + " has " + human.Count(p.Lag.V) +
		" waiting; others read " + human.Plural(foreign, "partition")
}

// allStalled is a Stable group in which nothing moves that has something to read.
func allStalled(l *Look) Answer {
	if len(l.sick.stalled) < 2 || l.Group.State != kafka.StateStable {
		return No
	}
	waiting := 0
	for i := range l.Group.Partitions {
		if p := &l.Group.Partitions[i]; p.Owner.OK && p.Lag.V > 0 {
			waiting++
		}
	}
	return when(waiting == len(l.sick.stalled))
}

func sayAllStalled(l *Look) string {
	p := l.worst(l.sick.stalled)
	return "all " + human.Plural(len(l.sick.stalled), "partition") + " with records flat while the group is Stable, " + total(l.Group.Lag) +
		" waiting, the most in " + place(p.TopicPartition)
}

// mean is the mean of what comes in per partition of a topic that the group reads, or of all of them with "".
func (l *Look) mean(topic string) (rate float64, partitions int) {
	for i := range l.Group.Partitions {
		if p := &l.Group.Partitions[i]; p.In.OK && (topic == "" || p.Topic == topic) {
			rate += p.In.V
			partitions++
		}
	}
	return rate / float64(max(partitions, 1)), partitions
}

// hot is how many times the mean a partition must get to be called hot.
const hot = 2

func (l *Look) isHot(p *kafka.GroupPartition) bool {
	mean, n := l.mean(p.Topic)
	return n > hot && p.In.OK && p.In.V >= hot*mean
}

func hotPartition(l *Look) Answer {
	for _, i := range l.sick.falling {
		if !l.isHot(&l.Group.Partitions[i]) {
			return No
		}
	}
	return when(len(l.sick.falling) > 0)
}

func sayHotPartition(l *Look) string {
	p := l.worst(l.sick.falling)
	mean, n := l.mean(p.Topic)
	return place(p.TopicPartition) + " gets " + human.Rate(p.In.V) + ", " + human.Number(p.In.V/mean) + " times the mean of " +
		human.Plural(n, "partition") + per("; ", p.Out, " read") + ", " + human.Count(p.Lag.V) + " behind"
}

// slowMember is one member that falls behind with no more to do than others, who do not.
func slowMember(l *Look) Answer {
	if len(l.Group.Members) < 2 || !l.one(l.sick.falling) {
		return No
	}
	first := &l.Group.Partitions[l.sick.falling[0]]
	mean, _ := l.mean("")
	for _, i := range l.sick.falling {
		if l.Group.Partitions[i].In.V >= hot*mean {
			return No
		}
	}
	_, foreign := l.others(first)
	return when(foreign > 0)
}

func saySlowMember(l *Look) string {
	p := l.worst(l.sick.falling)
	_, foreign := l.others(p)
	s := "only " + l.called(l.member(p)) + " falls behind, in " + place(p.TopicPartition)
	if n := len(l.sick.falling) - 1; n > 0 {
		s += " and " + strconv.Itoa(n) + " more"
	}
	return s + per(": ", p.In, " in") + per(", ", p.Out, " out") + "; others keep up in " + human.Plural(foreign, "partition")
}

// spread tells whether at least half of what the members own falls behind, with every one of them.
func (l *Look) spread() bool {
	if len(l.sick.falling) == 0 || 2*len(l.sick.falling) < l.sick.owned {
		return false
	}
	var seen [64]bool
	for _, i := range l.sick.falling {
		if o := l.Group.Partitions[i].Owner; o.OK && o.V >= 0 && o.V < len(seen) {
			seen[o.V] = true
		}
	}
	for i := range min(len(l.Group.Members), len(seen)) {
		if !seen[i] && len(l.Group.Members[i].Assigned) > 0 {
			return false
		}
	}
	return true
}

func fewMembers(l *Look) Answer {
	return when(l.spread() && len(l.Group.Members) < l.sick.owned)
}

func sayFewMembers(l *Look) string {
	return human.Plural(len(l.Group.Members), "member") + " for " + human.Plural(l.sick.owned, "partition") + ", " + l.sayFall()
}

func (l *Look) sayFall() string {
	return strconv.Itoa(len(l.sick.falling)) + " of them fall behind" + perSum(": ", l.Group.In, " in") + perSum(", ", l.Group.Out, " out") +
		", " + total(l.Group.Lag) + " behind"
}

func fewPartitions(l *Look) Answer {
	return when(l.spread() && len(l.Group.Members) >= l.sick.owned)
}

func sayFewPartitions(l *Look) string {
	return "each of " + human.Plural(l.sick.owned, "partition") + " has a member of its own, " + l.sayFall()
}

// expiry is offsets.retention.minutes by default, assumed where the brokers do not tell.
const expiry = 7 * 24 * time.Hour

// expiry is how long brokers keep the commits of a group without members, and whether they told it.
func (l *Look) expiry() (keep time.Duration, told bool) {
	if r := l.Snap.Cluster.OffsetsRetention; r.OK {
		return r.V, true
	}
	return expiry, false
}

// expiring is how long before that a warning comes: a day, or the last quarter of a shorter time.
func expiring(keep time.Duration) time.Duration { return keep - min(keep/4, 24*time.Hour) }

// commitsExpiring counts from when lagtop saw the group empty: the broker tells no time of a commit.
func commitsExpiring(l *Look) Answer {
	if len(l.Group.Members) > 0 || l.Group.State != kafka.StateEmpty || l.Group.Lag.Known == 0 {
		return No
	}
	keep, _ := l.expiry()
	return when(l.Now.Sub(l.state.idleSince()) >= expiring(keep))
}

func sayExpiring(l *Look) string {
	idle := l.Now.Sub(l.state.idleSince())
	keep, told := l.expiry()
	s := "no member and no commit for at least " + human.Span(idle) + ": brokers forget commits after " + human.Span(keep)
	if told {
		return s + " (offsets.retention.minutes)"
	}
	return s + " (assumed 7 d, offsets.retention.minutes is not known)"
}

// idleSince is when the group was last seen with members or committing.
func (s *groupState) idleSince() time.Time {
	if s.movedAt.After(s.emptyAt) {
		return s.movedAt
	}
	return s.emptyAt
}

// decoded tells whether the group's assignment is known and settled.
func (l *Look) decoded() bool {
	g := l.Group
	return g.IsConsumer() && g.State == kafka.StateStable && !g.AssignmentOld && g.Err == "" &&
		!slices.ContainsFunc(g.Members, func(m kafka.Member) bool { return m.Opaque != "" })
}

// idle are the members that have nothing.
func (l *Look) idle() []string {
	var names []string
	for i := range l.Group.Members {
		if m := &l.Group.Members[i]; len(m.Assigned) == 0 && len(m.Tasks) == 0 {
			names = append(names, l.called(m))
		}
	}
	return names
}

func idleMembers(l *Look) Answer {
	if len(l.Group.Members) <= l.sick.owned || l.sick.owned == 0 || !l.decoded() {
		return No
	}
	return when(len(l.idle()) > 0)
}

func sayIdle(l *Look) string {
	names := l.idle()
	return strconv.Itoa(len(names)) + " of " + human.Plural(len(l.Group.Members), "member") + " have nothing to read (" + some(names) + "), with " +
		human.Plural(l.sick.owned, "partition") + " in all"
}

// extremes is the members with the most and the fewest partitions.
func (l *Look) extremes() (most, least *kafka.Member) {
	for i := range l.Group.Members {
		m := &l.Group.Members[i]
		if most == nil || len(m.Assigned) > len(most.Assigned) {
			most = m
		}
		if least == nil || len(m.Assigned) < len(least.Assigned) {
			least = m
		}
	}
	return most, least
}

// uneven asks only where every member may have every partition.
func uneven(l *Look) Answer {
	most, least := l.extremes()
	if most == nil || len(most.Assigned)-len(least.Assigned) <= 1 || !l.decoded() {
		return No
	}
	for i := range l.Group.Members {
		if !slices.Equal(l.Group.Members[i].Subscribed, most.Subscribed) {
			return No
		}
	}
	return Yes
}

func sayUneven(l *Look) string {
	most, least := l.extremes()
	s := l.called(most) + " has " + human.Plural(len(most.Assigned), "partition") + ", " + l.called(least) + " " + strconv.Itoa(len(least.Assigned))
	if l.Group.Protocol != "" {
		s += " (assignor " + l.Group.Protocol + ")"
	}
	return s
}
