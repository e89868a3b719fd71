package triage

import (
	"math/bits"
	"strconv"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/lag"
)

// Hysteresis: a verdict is entered when enter of the last remember answers were Yes, and left when
// none of them was.
const (
	enter    = 3
	remember = 5
	recent   = 1<<remember - 1
)

// Judge gives verdicts. It is for the one goroutine that observes and publishes snapshots.
type Judge struct {
	history *lag.History
	rules   []Rule
	groups  map[string]*groupState
	judged  uint32 // number of the newest poll that was judged
	at      time.Time
	motions []lag.Motion
	readers []reader // by member of the group that is judged
	finder  finder
}

// groupState is what must outlast a poll.
type groupState struct {
	seen      uint32
	members   uint64 // fingerprint of the member set and epoch
	first     time.Time
	settledAt time.Time // the last rebalance or change of members
	emptyAt   time.Time // zero while it has members
	movedAt   time.Time // a commit changed
	commits   int64     // sum of the commits
	roster    roster
	checks    subjectState
	kind      kafka.VerdictKind
	since     time.Time
	parts     []partState
}

type partState struct {
	tp     kafka.TopicPartition
	hits   []uint8 // by rule: the newest answers, 1 for Yes, newest lowest
	since  []int64 // by rule: the first of the present Yes, unix nanoseconds
	active uint32  // by rule
	kind   kafka.VerdictKind
	at     time.Time     // when kind was reached
	flat   time.Duration // for which it may go without a commit
}

// New is a judge over the samples of h.
func New(h *lag.History) *Judge {
	rules := Rules()
	return &Judge{history: h, rules: rules, groups: map[string]*groupState{}, finder: newFinder(rules)}
}

// Judge fills the verdicts and findings of a snapshot that the history has observed, before it is published.
func (j *Judge) Judge(s *kafka.Snapshot) {
	now, poll := j.history.Newest()
	if poll == 0 {
		return
	}
	if now.Before(j.at) { // the clock was set back: what began later than now would never be old enough
		*j = *New(j.history)
	}
	again := poll == j.judged
	j.judged, j.at = poll, now
	interval := j.history.Interval()
	for i := range s.Groups {
		j.group(&s.Groups[i], now, interval, again)
	}
	for name, state := range j.groups {
		if state.seen != poll {
			delete(j.groups, name)
		}
	}
	j.find(s, now, interval, again)
}

func (j *Judge) group(g *kafka.Group, now time.Time, interval time.Duration, again bool) {
	state := j.groups[g.Name]
	if state == nil {
		state = &groupState{first: now, settledAt: now, members: fingerprint(g)}
		state.roster.update(g, true, now)
		j.groups[g.Name] = state
	}
	state.seen = j.judged
	state.follow(g, now)
	state.align(g, len(j.rules))
	j.motions = j.history.Motions(g, smallLag, j.motions[:0])
	if len(j.motions) != len(g.Partitions) {
		return
	}
	c := Case{Group: g, Interval: interval, Settled: now.Sub(state.settledAt)}
	if !state.emptyAt.IsZero() {
		c.Empty, c.Before = now.Sub(state.emptyAt), state.emptyAt.Equal(state.first)
	}
	slowest := rhythmOf(j.motions)
	j.readUp(c, slowest)
	for i := range g.Partitions {
		c.look(&g.Partitions[i], &j.motions[i], slowest)
		c.Reader = j.reader(c.Part)
		state.parts[i].flat = c.flat()
		if c.Motion.Fresh && !again {
			j.ask(&c, &state.parts[i], now)
		}
		j.verdict(&c, &state.parts[i], now)
	}
	j.sum(&c, state, slowest, now)
}

// follow notes rebalances, who came and went, and when the group lost its last member.
func (s *groupState) follow(g *kafka.Group, now time.Time) {
	f := fingerprint(g)
	if f != s.members {
		s.roster.update(g, false, now)
	}
	if f != s.members || g.State.Rebalancing() {
		s.members, s.settledAt = f, now
	}
	var commits int64
	for i := range g.Partitions {
		commits += g.Partitions[i].Committed.V
	}
	if commits != s.commits {
		s.commits, s.movedAt = commits, now
	}
	switch {
	case len(g.Members) > 0:
		s.emptyAt = time.Time{}
	case s.emptyAt.IsZero():
		s.emptyAt = now
	}
}

// fingerprint changes when a member comes or goes and when the group's epoch does. It does not
// depend on the order of the members.
func fingerprint(g *kafka.Group) uint64 {
	sum := uint64(uint32(g.Epoch.V)) //nolint:gosec // only compared
	for i := range g.Members {
		h := uint64(14695981039346656037) // FNV-1a
		for _, b := range []byte(g.Members[i].ID) {
			h = (h ^ uint64(b)) * 1099511628211
		}
		sum += h
	}
	return sum
}

// align gives every partition of the group its state, in the group's order.
func (s *groupState) align(g *kafka.Group, rules int) {
	same := len(s.parts) == len(g.Partitions)
	for i := 0; same && i < len(s.parts); i++ {
		same = s.parts[i].tp == g.Partitions[i].TopicPartition
	}
	if same {
		return
	}
	old := make(map[kafka.TopicPartition]*partState, len(s.parts))
	for i := range s.parts {
		old[s.parts[i].tp] = &s.parts[i]
	}
	parts := make([]partState, len(g.Partitions))
	hits, since := make([]uint8, rules*len(parts)), make([]int64, rules*len(parts))
	for i := range parts {
		p := &parts[i]
		p.tp = g.Partitions[i].TopicPartition
		if was := old[p.tp]; was != nil {
			*p = *was
		}
		// Copied, since a slice of the old arrays would keep all of them.
		h, f := hits[i*rules:(i+1)*rules], since[i*rules:(i+1)*rules]
		copy(h, p.hits)
		copy(f, p.since)
		p.hits, p.since = h, f
	}
	s.parts = parts
}

// rhythmOf is the longest time that any partition of the group took lately to commit.
func rhythmOf(motions []lag.Motion) kafka.Known[time.Duration] {
	var slowest kafka.Known[time.Duration]
	for i := range motions {
		if w := motions[i].Wait; w.OK && w.V >= slowest.V {
			slowest = w
		}
	}
	return slowest
}

// ask takes one answer of every rule.
func (j *Judge) ask(c *Case, p *partState, now time.Time) {
	for i := range j.rules {
		if c.Motion.Span < j.rules[i].Needs {
			continue
		}
		answer := j.rules[i].Test(c)
		if answer == Hold {
			continue
		}
		hits := p.hits[i] << 1 & recent
		switch answer {
		case Over:
			hits = 0
		case Yes:
			if p.hits[i] == 0 {
				p.since[i] = now.UnixNano()
			}
			hits |= 1
		}
		p.hits[i] = hits
		switch {
		case bits.OnesCount8(hits) >= enter:
			p.active |= 1 << i
		case hits == 0:
			p.active &^= 1 << i
		}
	}
}

// verdict words the worst rule that holds, or what there is to say without one.
func (j *Judge) verdict(c *Case, p *partState, now time.Time) {
	v := &c.Part.Verdict
	*v = kafka.Verdict{Watching: c.watching()}
	since := now
	if p.active != 0 {
		i := bits.TrailingZeros32(p.active)
		r := &j.rules[i]
		v.Kind, v.Rule, v.At, v.Advice = r.Kind, r.ID, c.Part.TopicPartition, r.Advice
		v.Evidence = r.Sentence(c)
		if a := r.Test(c); a == No || a == Over {
			v.Advice = leaving
		}
		since = time.Unix(0, p.since[i])
	} else if c.fine() {
		v.Kind = kafka.VerdictOK
	}
	if v.Kind != p.kind || p.at.IsZero() {
		p.kind, p.at = v.Kind, since
	}
	v.Since = p.at
}

// fine tells whether enough was seen to say that nothing is wrong. A partition without backlog is fine at
// once; one that is flat is not, until its rhythm is known.
func (c *Case) fine() bool {
	m := c.Motion
	switch {
	case !c.Part.Lag.OK || m.Samples == 0:
		return false
	case c.Part.Lag.V == 0:
		return true
	case c.undecided() > 0:
		return false
	}
	return m.Samples >= remember && m.Span >= lag.Least
}

// undecided is how long to wait until a partition with an owner, records and no commit is stalled.
func (c *Case) undecided() time.Duration {
	spared := c.byTurns() && c.Motion.Behind >= c.rhythm()
	if c.Wait.OK && !spared || !c.Part.Owner.OK || c.Motion.Behind == 0 || c.Group.Type == kafka.Share {
		return 0
	}
	return max(c.flat()-c.Motion.Behind, 0)
}

// watching is how long rules that need history cannot be sure yet.
func (c *Case) watching() time.Duration {
	if c.Motion.Samples == 0 {
		return 0
	}
	return max(lag.Short-c.Motion.Span, c.undecided(), 0)
}

// tally is what a group's sentence says of the partitions beside the worst one.
type tally struct {
	worst    int // index, -1 when no partition has a verdict
	same     int // partitions with the worst one's kind
	undecide bool
	watching time.Duration
	rest     int                  // partitions without a worse word than ok
	drain    kafka.Known[float64] // records/s read from these
}

func count(g *kafka.Group) tally {
	t := tally{worst: -1}
	for i := range g.Partitions {
		p := &g.Partitions[i]
		t.watching = max(t.watching, p.Verdict.Watching)
		t.undecide = t.undecide || p.Verdict.Kind == kafka.VerdictUnknown && p.Verdict.Watching > 0
		if p.Verdict.Kind <= kafka.VerdictOK {
			t.rest++
			if p.Out.OK {
				t.drain = kafka.Some(t.drain.V + p.Out.V)
			}
		}
		switch {
		case p.Verdict.Kind == kafka.VerdictUnknown:
		case t.worst < 0 || p.Verdict.Kind > g.Partitions[t.worst].Verdict.Kind:
			t.worst, t.same = i, 1
		case p.Verdict.Kind == g.Partitions[t.worst].Verdict.Kind:
			t.same++
			if weight(p) > weight(&g.Partitions[t.worst]) {
				t.worst = i
			}
		}
	}
	return t
}

// weight ranks partitions of the same verdict.
func weight(p *kafka.GroupPartition) int64 { return max(p.Lost, p.Ahead, p.Lag.V) }

// sum gives the group its worst partition's verdict.
func (j *Judge) sum(c *Case, state *groupState, slowest kafka.Known[time.Duration], now time.Time) {
	g := c.Group
	t := count(g)
	v := kafka.Verdict{Watching: t.watching}
	since := now
	if t.worst >= 0 {
		c.Part, c.Motion, c.Wait = &g.Partitions[t.worst], &j.motions[t.worst], slowest
		worst := &c.Part.Verdict
		switch {
		case worst.Kind > kafka.VerdictOK:
			v.Kind, v.Rule, v.At, v.Advice = worst.Kind, worst.Rule, worst.At, worst.Advice
			v.Evidence = j.evidence(c, &t, &v.At)
			since = worst.Since
		case !t.undecide:
			v.Kind, v.Evidence = kafka.VerdictOK, sayOK(g)
		}
	}
	if v.Kind != state.kind || state.since.IsZero() {
		state.kind, state.since = v.Kind, since
	}
	v.Since = state.since
	g.Verdict = v
}

// evidence words the group's verdict, and clears the place of one that is not about a place.
func (j *Judge) evidence(c *Case, t *tally, at *kafka.TopicPartition) string {
	worst := &c.Part.Verdict
	for i := range j.rules {
		if r := &j.rules[i]; r.ID == worst.Rule && r.Whole != nil {
			s, everywhere := r.Whole(c, t.same)
			if everywhere {
				*at = kafka.TopicPartition{}
			}
			if s != "" {
				return s
			}
		}
	}
	s := worst.Evidence
	if t.same > 1 {
		s += " and " + strconv.Itoa(t.same-1) + " more"
	}
	switch {
	case t.rest == 0 || t.drain.V <= 0:
		return s
	case t.rest == 1:
		return s + "; the other one drains at " + human.Rate(t.drain.V)
	}
	return s + "; the other " + strconv.Itoa(t.rest) + " drain at " + human.Rate(t.drain.V)
}
