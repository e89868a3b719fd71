package triage

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
)

// finder keeps which checks held lately, for whom.
type finder struct {
	checks  [4][]Check // by scope
	rank    map[string]int
	stalled uint32 // the rule of that name, as a bit
	first   time.Time
	world   world
	sick    sick
	of      map[string]*subjectState // topics by name
	nodes   map[int32]*subjectState
	all     subjectState // the cluster
	out     []kafka.Finding
}

// maxChecks is how many checks a scope can have: what subjectState has room for.
const maxChecks = 16

// subjectState is what must outlast a poll about one subject.
type subjectState struct {
	seen   uint32
	at     time.Time // when it was read last
	hits   [maxChecks]uint8
	began  [maxChecks]int64 // the first of the present Yes, unix nanoseconds
	active uint16
	found  []found
}

// leaving is the advice of what no longer holds and is listed still.
const leaving = "No longer so: this goes when five polls in a row are good."

// found is a finding that stands.
type found struct {
	check int
	f     kafka.Finding
}

func newFinder(rules []Rule) finder {
	f := finder{of: map[string]*subjectState{}, nodes: map[int32]*subjectState{}, rank: map[string]int{}}
	for i := range rules {
		f.rank[rules[i].ID] = 200 + 20*i
		if rules[i].ID == stalledID {
			f.stalled = 1 << i
		}
	}
	for i, c := range Checks() {
		f.checks[c.Of] = append(f.checks[c.Of], c)
		switch r, cause := f.rank[c.Instead]; {
		case cause:
			f.rank[c.ID] = r + len(f.checks[c.Of])
		case c.Of == OfGroup:
			f.rank[c.ID] = 1000 + i
		default:
			f.rank[c.ID] = i
		}
	}
	return f
}

// find fills the findings of a snapshot whose groups have their verdicts.
func (j *Judge) find(s *kafka.Snapshot, now time.Time, interval time.Duration, again bool) {
	f := &j.finder
	if f.first.IsZero() {
		f.first = now
	}
	f.out = nil
	f.world.survey(s, now, interval)
	l := Look{Snap: s, Now: now, Interval: interval, world: &f.world}
	f.about(&l, &f.all, OfCluster, kafka.Subject{}, !again)
	for i := range s.Brokers {
		l.Broker = &s.Brokers[i]
		state := stateOf(f.nodes, l.Broker.ID, j.judged)
		f.about(&l, state, OfBroker, kafka.Subject{Kind: kafka.SubjectBroker, Broker: l.Broker.ID}, !again)
	}
	for i := range s.Topics {
		l.Topic = &s.Topics[i]
		state := stateOf(f.of, l.Topic.Name, j.judged)
		f.about(&l, state, OfTopic, kafka.Subject{Kind: kafka.SubjectTopic, Topic: l.Topic.Name}, !again)
	}
	for i := range s.Groups {
		j.findGroup(&l, &s.Groups[i], again)
	}
	forget(f.nodes, j.judged)
	forget(f.of, j.judged)
	slices.SortFunc(f.out, f.compare)
	s.Findings, s.Watching = f.out, f.watching(now)
}

func stateOf[K comparable](m map[K]*subjectState, key K, poll uint32) *subjectState {
	s := m[key]
	if s == nil {
		s = &subjectState{}
		m[key] = s
	}
	s.seen = poll
	return s
}

func forget[K comparable](m map[K]*subjectState, poll uint32) {
	for k, s := range m {
		if s.seen != poll {
			delete(m, k)
		}
	}
}

// findGroup lists what the verdicts and the checks say of a group.
func (j *Judge) findGroup(l *Look, g *kafka.Group, again bool) {
	f := &j.finder
	l.Group, l.state, l.sick = g, j.groups[g.Name], &f.sick
	if l.state == nil {
		return
	}
	f.sick.examine(g, l.state.parts, f.stalled)
	state := &l.state.checks
	fresh := !again && g.At.After(state.at)
	state.at = g.At
	from := len(f.out)
	f.about(l, state, OfGroup, kafka.Subject{Kind: kafka.SubjectGroup, Group: g.Name}, fresh)
	if g.Verdict.Kind.Trouble() {
		j.verdicts(g, from)
	}
}

// about asks the checks of a scope about one subject and lists those that stand.
func (f *finder) about(l *Look, s *subjectState, scope Scope, subject kafka.Subject, fresh bool) {
	checks := f.checks[scope]
	if fresh {
		for i := range checks {
			f.ask(l, s, &checks[i], i, subject)
		}
	}
	explained := ""
	for i := range s.found {
		c := &checks[s.found[i].check]
		if c.Instead != "" && c.Instead == explained {
			continue // the first cause in the table's order speaks
		}
		if c.Instead != "" {
			explained = c.Instead
		}
		f.out = append(f.out, s.found[i].f)
	}
}

// ask takes one answer of a check.
func (f *finder) ask(l *Look, s *subjectState, c *Check, i int, subject kafka.Subject) {
	if l.Now.Sub(f.first) < c.Needs {
		return
	}
	if c.Instead != "" && !l.sick.holds(c.Instead) { // the verdict left slowly enough
		s.hits[i] = 0
		s.drop(i)
		return
	}
	answer := c.Test(l)
	if answer == Hold {
		return
	}
	hits := s.hits[i] << 1 & recent
	if answer == Yes {
		if s.hits[i] == 0 {
			s.began[i] = l.Now.UnixNano()
		}
		hits |= 1
	}
	s.hits[i] = hits
	switch {
	case hits == 0:
		s.drop(i)
	case bits.OnesCount8(hits) >= enter && l.Now.UnixNano()-s.began[i] >= int64(c.After):
		s.active |= 1 << i
	}
	switch {
	case s.active&(1<<i) == 0:
	case answer == Yes:
		s.word(l, c, i, subject)
	default:
		s.leave(i)
	}
}

// leave takes back what a finding advises while it is being left. A Yes words it anew.
func (s *subjectState) leave(i int) {
	for k := range s.found {
		if s.found[k].check == i {
			s.found[k].f.Advice = leaving
		}
	}
}

func (s *subjectState) drop(i int) {
	if s.active&(1<<i) == 0 {
		return
	}
	s.active &^= 1 << i
	s.found = slices.DeleteFunc(s.found, func(f found) bool { return f.check == i })
}

// word writes the finding as it is in this poll. It keeps its last words while it is being left.
func (s *subjectState) word(l *Look, c *Check, i int, subject kafka.Subject) {
	if c.Where != nil {
		at, member := c.Where(l)
		subject.Topic, subject.Partition, subject.Member = at.Topic, kafka.Some(at.Partition), member
	}
	f := kafka.Finding{
		Rule: c.ID, Severity: c.Severity, Subject: subject, Since: time.Unix(0, s.began[i]),
		Evidence: c.Sentence(l), Advice: c.Advice, Command: c.Command, Also: c.Also,
	}
	k, had := slices.BinarySearchFunc(s.found, i, func(f found, i int) int { return cmp.Compare(f.check, i) })
	if had {
		s.found[k].f = f
		return
	}
	s.found = slices.Insert(s.found, k, found{i, f})
}

// verdicts lists the group's verdicts, one for each rule that a partition has, but for those whose cause was
// listed from an index on.
func (j *Judge) verdicts(g *kafka.Group, from int) {
	f := &j.finder
	causes := len(f.out)
	for i := range j.rules {
		r := &j.rules[i]
		if !r.Kind.Trouble() {
			continue
		}
		worst, same := worstOf(g, r.ID, func(int) bool { return true })
		if worst >= 0 {
			as := f.sick.explainedAs(g, worst)
			if f.explained(as, from, causes, g.Partitions[worst].Verdict.Since) {
				worst, same = worstOf(g, r.ID, func(i int) bool { return f.sick.explainedAs(g, i) != as })
			}
		}
		if worst >= 0 {
			f.out = append(f.out, findingOf(g, r, &g.Partitions[worst], same))
		}
	}
}

// worstOf is the index of the partition with most to say of those with a rule's verdict that are wanted, -1 without one,
// and their number.
func worstOf(g *kafka.Group, rule string, wanted func(int) bool) (worst, same int) {
	worst = -1
	for i := range g.Partitions {
		p := &g.Partitions[i]
		if p.Verdict.Rule != rule || !wanted(i) {
			continue
		}
		if same++; worst < 0 || weight(p) > weight(&g.Partitions[worst]) {
			worst = i
		}
	}
	return worst, same
}

// explained tells whether a cause of the verdict is listed, and dates the cause back to the verdict.
func (f *finder) explained(rule string, from, to int, since time.Time) bool {
	for i := from; i < to; i++ {
		for k := range f.checks[OfGroup] {
			if c := &f.checks[OfGroup][k]; c.ID == f.out[i].Rule && c.Instead == rule {
				if since.Before(f.out[i].Since) {
					f.out[i].Since = since
				}
				return true
			}
		}
	}
	return false
}

func findingOf(g *kafka.Group, r *Rule, p *kafka.GroupPartition, same int) kafka.Finding {
	f := kafka.Finding{
		Rule: r.ID, Severity: severity(r.Kind), Since: p.Verdict.Since, Advice: p.Verdict.Advice, Command: r.Command, Also: r.Also, Evidence: p.Verdict.Evidence,
		Subject: kafka.Subject{Kind: kafka.SubjectGroup, Group: g.Name, Topic: p.Topic, Partition: kafka.Some(p.Partition)},
	}
	if p.Owner.OK && p.Owner.V >= 0 && p.Owner.V < len(g.Members) {
		f.Subject.Member = g.Members[p.Owner.V].ID
	}
	switch {
	case g.Verdict.Rule == r.ID:
		f.Evidence, f.Since, f.Advice = g.Verdict.Evidence, g.Verdict.Since, g.Verdict.Advice
	case same > 1:
		f.Evidence += more(same-1, "partition")
	}
	return f
}

func severity(k kafka.VerdictKind) kafka.Severity {
	if k >= kafka.VerdictStalled || k == kafka.VerdictAtRisk {
		return kafka.SeverityWorst
	}
	return kafka.SeverityWarn
}

// compare orders findings worst first. No two are equal, and the order does not move while they stand.
func (f *finder) compare(a, b kafka.Finding) int {
	return cmp.Or(
		cmp.Compare(b.Severity, a.Severity),
		cmp.Compare(f.rank[a.Rule], f.rank[b.Rule]),
		strings.Compare(a.Subject.Group, b.Subject.Group),
		strings.Compare(a.Subject.Topic, b.Subject.Topic),
		cmp.Compare(a.Subject.Broker, b.Subject.Broker),
	)
}

// watching are the checks that nothing can be said of yet.
func (f *finder) watching(now time.Time) []kafka.Watch {
	var out []kafka.Watch
	for _, checks := range f.checks {
		for i := range checks {
			if left := checks[i].Needs + checks[i].After - now.Sub(f.first); left > 0 {
				out = append(out, kafka.Watch{Rule: checks[i].ID, For: left})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b kafka.Watch) int { return cmp.Compare(b.For, a.For) })
	return out
}

// Describe words a finding in one line for a ticket or a log. Unsanitised.
func Describe(f *kafka.Finding, now time.Time) string {
	s := f.Rule + " " + f.Subject.Kind.String()
	if name := f.Subject.Name(); name != "" {
		s += " " + name
	}
	return s + ": " + f.Evidence + " (for " + human.Span(now.Sub(f.Since)) + ")"
}
