package triage

import (
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	"lagtop/kafka"
)

// ownedBy is a partition with a backlog of a member.
func ownedBy(member int, end, commit int64, in float64) simPart {
	p := owned(end, commit, in)
	p.owner = kafka.Some(member)
	return p
}

// crew gives the group n members, payments-1 and so on.
func (s *sim) crew(n int) *sim {
	s.members = nil
	for i := range n {
		s.members = append(s.members, kafka.Member{ID: fmt.Sprintf("m-%d", i+1), ClientID: fmt.Sprintf("payments-%d", i+1), Host: fmt.Sprintf("10.0.0.%d", i+1)})
	}
	return s
}

// four are four partitions of two members, with what comes in to the first of them.
func four(first float64) *sim {
	return newSim(two, ownedBy(0, 10_000, 10_000, first), ownedBy(0, 10_000, 10_000, 100), ownedBy(1, 10_000, 10_000, 100), ownedBy(1, 10_000, 10_000, 100)).crew(2)
}

// brokers gives each snapshot three brokers in racks a, b and c, and spreads the leaders.
func brokers(s *kafka.Snapshot) {
	s.Cluster.Mode, s.Cluster.Controller = kafka.ModeKRaft, kafka.Some[int32](1)
	for i := range int32(3) {
		s.Brokers = append(s.Brokers, kafka.Broker{ID: i + 1, Rack: string('a' + i)})
	}
	for i := range s.Topics {
		for k := range s.Topics[i].Partitions {
			p := &s.Topics[i].Partitions[k]
			id := int32(k%3 + 1)
			p.Leader, p.Replicas, p.ISR = kafka.Some(id), []int32{id, id%3 + 1}, []int32{id, id%3 + 1}
		}
	}
}

// also is brokers and more.
func also(more func(*kafka.Snapshot)) func(*kafka.Snapshot) {
	return func(s *kafka.Snapshot) {
		brokers(s)
		more(s)
	}
}

// finding is that of a rule in the newest snapshot, nil when there is none.
func (s *sim) finding(rule string) *kafka.Finding {
	for i := range s.snap.Findings {
		if s.snap.Findings[i].Rule == rule {
			return &s.snap.Findings[i]
		}
	}
	return nil
}

// wait ticks until a finding is there or not; it gives up after a while.
func (s *sim) wait(rule string, there bool, limit time.Duration, step func(*sim)) *kafka.Finding {
	for end := s.now.Add(limit); s.now.Before(end); {
		s.tick(step)
		if f := s.finding(rule); (f != nil) == there {
			return f
		}
	}
	return s.finding(rule)
}

func (s *sim) described() (all []string) {
	for i := range s.snap.Findings {
		all = append(all, Describe(&s.snap.Findings[i], s.now))
	}
	return all
}

func TestEachFindingIsEnteredAndLeft(t *testing.T) {
	for _, c := range courses() {
		t.Run(c.rule, func(t *testing.T) {
			s := c.sim()
			if c.healthy != nil {
				s.mustBeQuiet(t, time.Minute, c.healthy)
			}
			if c.trouble != nil {
				c.trouble(s)
			}
			began := s.now
			f := s.wait(c.rule, true, c.within, c.step)
			if f == nil {
				t.Fatalf("not found within %v; found %q, verdict %+v", c.within, s.described(), s.snap.Groups[0].Verdict)
			}
			if s.now.Sub(began) < 2*s.poll {
				t.Error("one poll was enough")
			}
			if !regexp.MustCompile(c.evidence).MatchString(f.Evidence) {
				t.Errorf("the evidence is %q, want %s", f.Evidence, c.evidence)
			}
			if f.Subject.Kind != c.subject || f.Advice == "" || f.Since.IsZero() || f.Since.After(s.now) {
				t.Errorf("finding %+v", f)
			}
			since := f.Since
			s.tick(c.step)
			if f = s.finding(c.rule); f == nil || !f.Since.Equal(since) {
				t.Errorf("since %v became %+v while it lasts", since, f)
			}
			if c.relief != nil {
				c.relief(s)
			}
			if c.gone == 0 {
				c.gone = 30 * time.Second
			}
			if f = s.wait(c.rule, false, c.gone, c.after); f != nil {
				t.Errorf("still there: %s", Describe(f, s.now))
			}
		})
	}
}

func TestEveryCheckHasACourseAndIsComplete(t *testing.T) {
	seen := map[string]bool{}
	verdicts := map[string]bool{"": true}
	for _, r := range Rules() {
		seen[r.ID], verdicts[r.ID] = true, true
	}
	scopes := map[Scope]int{}
	for _, c := range Checks() {
		if c.ID == "" || seen[c.ID] || c.Test == nil || c.Sentence == nil || c.Advice == "" || !verdicts[c.Instead] {
			t.Errorf("check %q is incomplete, or its id is taken", c.ID)
		}
		seen[c.ID] = true
		if scopes[c.Of]++; scopes[c.Of] > maxChecks {
			t.Errorf("more than %d checks of one scope", maxChecks)
		}
		if !slices.ContainsFunc(courses(), func(x course) bool { return x.rule == c.ID }) {
			t.Errorf("%s has no course", c.ID)
		}
	}
}

func TestEachVerdictInTroubleIsAFinding(t *testing.T) {
	for _, l := range lives() {
		if !l.kind.Trouble() || l.rule == "stalled" || l.rule == "falling-behind" {
			continue // those have causes
		}
		s := l.sim()
		if l.before != nil {
			s.run(30*time.Second, l.before)
		}
		if l.trouble != nil {
			l.trouble(s)
		}
		g, _, _ := s.until(l.kind, l.within, l.step)
		f := s.finding(l.rule)
		if f == nil || f.Evidence != g.Verdict.Evidence || !f.Since.Equal(g.Verdict.Since) || f.Subject.Group != "payments" {
			t.Errorf("%s: %+v, the verdict is %+v", l.rule, f, g.Verdict)
		}
	}
}

func TestACauseStandsInForItsVerdictAndKeepsItsTime(t *testing.T) {
	s := four(100)
	s.run(time.Minute, follow(100))
	g, _, _ := s.until(kafka.VerdictStalled, time.Minute, follow(100, 0, 2, 3))
	if s.finding("stalled") == nil {
		t.Errorf("before the cause is sure: %q", s.described())
	}
	since := g.Verdict.Since
	f := s.wait("poison-record", true, time.Minute, follow(100, 0, 2, 3))
	if f == nil || s.finding("stalled") != nil || !f.Since.Equal(since) || f.Subject.Member != "m-1" || f.Subject.Partition != kafka.Some[int32](1) {
		t.Errorf("%q, cause %+v since %v", s.described(), f, since)
	}
}

func TestAGroupWithTwoTroublesHasTwoFindings(t *testing.T) {
	s := four(100)
	s.run(time.Minute, follow(100))
	s.parts[3].start, s.parts[3].end = 1e6, 1e6+1000
	f := s.wait("poison-record", true, time.Minute, follow(100, 0, 2))
	if f == nil || s.finding("lost") == nil {
		t.Fatalf("%q", s.described())
	}
	if s.snap.Findings[0].Rule != "lost" {
		t.Errorf("the worst is %s", s.snap.Findings[0].Rule)
	}
}

func TestFindingsAreWorstFirstAndKeepTheirOrder(t *testing.T) {
	s := four(600)
	s.shape = also(func(s *kafka.Snapshot) { s.Topics[0].Partitions[2].Leader = kafka.Known[int32]{} })
	s.run(5*time.Minute, follow(250))
	want := s.described()
	if len(want) < 3 || s.snap.Findings[0].Rule != "offline" || s.snap.Findings[len(want)-1].Severity != kafka.SeverityHint {
		t.Errorf("order %q", want)
	}
	var rules []string
	for range 20 {
		s.tick(follow(250))
		var now []string
		for _, f := range s.snap.Findings {
			now = append(now, f.Rule)
		}
		if rules != nil && !slices.Equal(now, rules) {
			t.Fatalf("order %v became %v", rules, now)
		}
		rules = now
	}
}

func TestRulesThatNeedHistorySayHowLongTheyWatch(t *testing.T) {
	s := four(100)
	s.run(30*time.Second, follow(100))
	w := s.snap.Watching
	if len(w) == 0 || w[0].Rule != "unread-topic" || w[0].For < 10*time.Minute || w[0].For > 11*time.Minute {
		t.Errorf("watching %+v", w)
	}
	s.run(12*time.Minute, follow(100))
	if w = s.snap.Watching; len(w) != 0 {
		t.Errorf("after 12 min still watching %+v", w)
	}
}
