package triage

import (
	"regexp"
	"testing"
	"time"

	"lagtop/kafka"
)

func none(*sim) {}

// life is a verdict from a healthy or fresh start until it is over.
type life struct {
	kind     kafka.VerdictKind
	rule     string
	sim      func() *sim
	before   func(*sim) // healthy steps first, nil for none
	trouble  func(*sim) // once, when it begins
	step     func(*sim) // while it lasts
	within   time.Duration
	evidence string // regular expression
	relief   func(*sim)
	after    func(*sim)
}

func twelve(in float64) []simPart {
	parts := make([]simPart, 12)
	for i := range parts {
		parts[i] = owned(10_000, 10_000, in)
	}
	return parts
}

const two = 2 * time.Second

func lives() []life { return append(worseLives(), milderLives()...) }

func worseLives() []life {
	return []life{
		{
			kind: kafka.VerdictLost, rule: "lost", within: 15 * time.Second,
			sim:     func() *sim { return newSim(two, owned(10_000, 10_000, 100)) },
			before:  follow(100),
			trouble: func(s *sim) { s.parts[0].start = 60_000; s.parts[0].end = 90_000 },
			step:    none, evidence: `^orders/0 lost 4\dk records: committed 1\d+, the log starts at 60000$`,
			relief: func(s *sim) { s.parts[0].commit = kafka.Some(int64(s.parts[0].end)) }, after: follow(100),
		},
		{
			kind: kafka.VerdictStopped, rule: "no-member", within: 15 * time.Second,
			sim: func() *sim {
				s := newSim(two, unowned(700_000, 100_000, 100), unowned(700_000, 100_000, 110))
				s.members, s.state = nil, kafka.StateEmpty
				return s
			},
			step: none, evidence: `^Empty for over \d+ s, 1\.2M records waiting, end grows 210/s$`,
			relief: func(s *sim) {
				s.members, s.state = []kafka.Member{{ID: "m-2", ClientID: "payments-1"}}, kafka.StateStable
			},
			after: follow(1e6),
		},
		{
			kind: kafka.VerdictStopped, rule: "silent", within: 11 * time.Minute,
			sim:  func() *sim { return newSim(two, owned(10_000, 10_000, 100), unowned(10_000, 10_000, 100)) },
			step: follow(100, 0), evidence: `^orders/1 no commit for over 10 min while 60k records came in; no member has it; the other one drains at 100/s$`,
			after: follow(1e6),
		},
		{
			kind: kafka.VerdictStalled, rule: "stalled", within: 15 * time.Second,
			sim:  func() *sim { return newSim(two, twelve(190)...) },
			step: follow(190, 0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11), evidence: `^orders/7 flat for over \d+ s on payments-1; the other 11 drain at 2\.1k/s$`,
			after: follow(300), // it catches up, but is not there yet
		},
	}
}

func milderLives() []life {
	return []life{
		{
			kind: kafka.VerdictRewound, rule: "rewound", within: 8 * time.Second,
			sim:     func() *sim { return newSim(two, owned(10_000, 10_000, 10)) },
			before:  follow(10),
			trouble: func(s *sim) { s.parts[0].commit = kafka.Some[int64](500) },
			step:    follow(20), evidence: `^orders/0 went back from 10\d\d\d \d s ago, now at [56]\d\d$`,
			after: follow(1e6),
		},
		{
			kind: kafka.VerdictAtRisk, rule: "at-risk", within: 5 * time.Minute,
			sim: func() *sim { return newSim(two, owned(1_000_000, 10_000, 1000)) },
			step: func(s *sim) {
				follow(400)(s)
				s.parts[0].start += 1000 // a segment of 500 records/s
			},
			evidence: `^orders/0: retention reaches the commit in \d+ s, the backlog never drains$`,
			after:    follow(1e6),
		},
		{
			kind: kafka.VerdictFallingBehind, rule: "falling-behind", within: 15 * time.Second,
			sim:  func() *sim { return newSim(two, owned(50_000, 2_000, 800), owned(50_000, 3_000, 800)) },
			step: follow(590), evidence: `^10\dk behind: 1\.6k/s in, 1\.2k/s out; worst orders/0 with \d\dk$`,
			after: follow(1e6),
		},
		{
			kind: kafka.VerdictAhead, rule: "ahead", within: 8 * time.Second,
			sim:     func() *sim { return newSim(two, owned(10_000, 10_000, 0)) },
			trouble: func(s *sim) { s.parts[0].commit = kafka.Some[int64](12_000) },
			step:    none, evidence: `^orders/0 committed 12000, 2\.0k beyond the end 10000$`,
			relief: func(s *sim) { s.parts[0].commit = kafka.Some[int64](10_000) }, after: none,
		},
		{
			kind: kafka.VerdictNoCommit, rule: "no-commit", within: 8 * time.Second,
			sim:  func() *sim { return newSim(two, simPart{end: 10, owner: kafka.Some(0)}, owned(100, 100, 0)) },
			step: none, evidence: `^orders/0 has no commit$`,
			relief: func(s *sim) { s.parts[0].commit = kafka.Some[int64](10) }, after: none,
		},
	}
}

func TestEachVerdictIsEnteredAndLeft(t *testing.T) {
	for _, l := range lives() {
		t.Run(l.rule, func(t *testing.T) {
			s := l.sim()
			if l.before != nil {
				if g := s.run(30*time.Second, l.before); g.Verdict.Kind != kafka.VerdictOK {
					t.Fatalf("healthy at first, but judged %q: %s", g.Verdict.Kind, g.Verdict.Evidence)
				}
			}
			if l.trouble != nil {
				l.trouble(s)
			}
			g, took, ok := s.until(l.kind, l.within, l.step)
			if !ok {
				t.Fatalf("not %q within %v but %q (watching %v)", l.kind, l.within, g.Verdict.Kind, g.Verdict.Watching)
			}
			if g.Verdict.Rule != l.rule || g.Verdict.Advice == "" || g.Verdict.Since.IsZero() || g.Verdict.Since.After(s.now) {
				t.Errorf("after %v: %+v", took, g.Verdict)
			}
			if !regexp.MustCompile(l.evidence).MatchString(g.Verdict.Evidence) {
				t.Errorf("after %v the evidence is %q, want %s", took, g.Verdict.Evidence, l.evidence)
			}
			since := g.Verdict.Since
			if g = s.tick(l.step); !g.Verdict.Since.Equal(since) {
				t.Errorf("since %v became %v while it lasts", since, g.Verdict.Since)
			}
			if l.relief != nil {
				l.relief(s)
			}
			if g, took, ok = s.until(kafka.VerdictOK, 30*time.Second, l.after); !ok {
				t.Fatalf("still %q after relief: %s", g.Verdict.Kind, g.Verdict.Evidence)
			}
			if polls := int(took / s.poll); polls < remember {
				t.Errorf("left after %d good polls, want at least %d", polls, remember)
			}
		})
	}
}
