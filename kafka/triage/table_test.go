package triage

import (
	"slices"
	"testing"

	"lagtop/kafka"
)

func TestTheTableIsCompleteAndWorstFirst(t *testing.T) {
	rules := Rules()
	if len(rules) > 32 {
		t.Errorf("%d rules do not fit the judge's 32 bits", len(rules))
	}
	seen := map[string]bool{}
	for i, r := range rules {
		if r.ID == "" || seen[r.ID] || r.Test == nil || r.Sentence == nil || r.Advice == "" || r.Kind <= kafka.VerdictOK {
			t.Errorf("rule %d %q is incomplete", i, r.ID)
		}
		seen[r.ID] = true
		if i > 0 && r.Kind > rules[i-1].Kind {
			t.Errorf("%s stands after %s, which is not as bad", r.ID, rules[i-1].ID)
		}
	}
	for _, l := range lives() {
		if !seen[l.rule] {
			t.Errorf("no rule %q", l.rule)
		}
		delete(seen, l.rule)
	}
	for id := range seen {
		t.Errorf("rule %s has no row in lives", id)
	}
}

func TestWorstFirst(t *testing.T) {
	group := func(name string, kind kafka.VerdictKind, lag int64) kafka.Group {
		return kafka.Group{Name: name, Verdict: kafka.Verdict{Kind: kind}, Lag: kafka.Total{V: lag, Known: 1}}
	}
	groups := []kafka.Group{
		group("idle", kafka.VerdictUnknown, 0), group("b", kafka.VerdictOK, 7), group("a", kafka.VerdictOK, 7),
		group("big", kafka.VerdictOK, 900), group("watched", kafka.VerdictUnknown, 500), group("stalled", kafka.VerdictStalled, 1), group("lost", kafka.VerdictLost, 0),
	}
	slices.SortFunc(groups, func(a, b kafka.Group) int {
		switch {
		case Less(&a, &b):
			return -1
		case Less(&b, &a):
			return 1
		}
		return 0
	})
	var names []string
	for _, g := range groups {
		names = append(names, g.Name)
	}
	if want := []string{"lost", "stalled", "big", "watched", "a", "b", "idle"}; !slices.Equal(names, want) {
		t.Errorf("order %v, want %v", names, want)
	}
}
