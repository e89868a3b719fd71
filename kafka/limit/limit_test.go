package limit

import "testing"

func TestExcludingPatternsWin(t *testing.T) {
	for name, c := range map[string]struct {
		s       Scope
		in, out []string
	}{
		"everything":     {s: Scope{}, in: []string{"", "a", "a/b"}},
		"one":            {s: Scope{Groups: []string{"pay*"}}, in: []string{"pay", "pay/ments"}, out: []string{"", "xpay", "Pay"}},
		"one of two":     {s: Scope{Groups: []string{"a", "b?"}}, in: []string{"a", "b1"}, out: []string{"b", "ab"}},
		"all but":        {s: Scope{ExcludeGroups: []string{"console-*"}}, in: []string{"", "orders"}, out: []string{"console-consumer-1"}},
		"some but":       {s: Scope{Groups: []string{"pay*"}, ExcludeGroups: []string{"*-test"}}, in: []string{"pay"}, out: []string{"pay-test", "x"}},
		"a range":        {s: Scope{Groups: []string{"g[0-4]"}}, in: []string{"g0", "g4"}, out: []string{"g5", "g"}},
		"a broken one":   {s: Scope{Groups: []string{"g[0-"}}, out: []string{"g0", "g[0-"}},
		"an escaped one": {s: Scope{Groups: []string{`g\*`}}, in: []string{"g*"}, out: []string{"g1"}},
	} {
		topics := Scope{Topics: c.s.Groups, ExcludeTopics: c.s.ExcludeGroups}
		for _, n := range c.in {
			if !c.s.Group(n) || !topics.Topic(n) {
				t.Errorf("%s: %q is out", name, n)
			}
		}
		for _, n := range c.out {
			if c.s.Group(n) || topics.Topic(n) {
				t.Errorf("%s: %q is in", name, n)
			}
		}
		if limits := name != "everything"; c.s.LimitsGroups() != limits || c.s.LimitsTopics() || topics.LimitsTopics() != limits {
			t.Errorf("%s: limits %v %v", name, c.s.LimitsGroups(), topics.LimitsTopics())
		}
	}
}

func TestCheckFindsBrokenPatterns(t *testing.T) {
	for p, ok := range map[string]bool{"*": true, "": true, "a/b*": true, "[a-z]?": true, "[": false, "[a": false, `a\`: false} {
		if err := Check(p); (err == nil) != ok {
			t.Errorf("%q: %v", p, err)
		}
	}
}
