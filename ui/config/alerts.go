package config

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"lagtop/kafka"
	"lagtop/kafka/alert"
)

// What a rule has when the file does not say: the inertia of the verdicts, and a bell.
const (
	enterPolls = 3
	leavePolls = 5
)

// shared are the keys of alerts that every rule has unless it says otherwise.
type shared struct {
	quiet  []alert.Quiet
	notify alert.Notify
}

// takeAlerts reads the section alerts. Rules are read last: what they share may stand below them.
func (c *Config) takeAlerts(n ast.Node) error {
	all := shared{notify: alert.Notify{Bell: true}}
	var rules ast.Node
	err := fields(n, "alerts", c.alertKeys(&all, &rules))
	if err != nil || rules == nil || rules.Type() == ast.NullType {
		return err
	}
	if _, ok := rules.(*ast.SequenceNode); !ok {
		return at(rules, "rules: want a list, not %s", kindOf(rules))
	}
	return items(rules, "rules", func(n ast.Node) error { return c.takeRule(n, all) })
}

func (c *Config) alertKeys(all *shared, rules *ast.Node) keys {
	rule := object(c.ruleKeys(&alert.Rule{}), "name", "when")
	return keys{
		{"quiet", "local times at which alerts are held back and told afterwards", oneOrMore(aText), func(n ast.Node) error { return takeQuiet(n, &all.quiet) }},
		{"notify", "how to tell, of every rule that says nothing else", object(notifyKeys(&all.notify)), func(n ast.Node) error { return takeNotify(n, &all.notify) }},
		{"rules", "when to tell", listOf(rule), func(n ast.Node) error { *rules = n; return nil }},
	}
}

func (c *Config) takeRule(n ast.Node, all shared) error {
	r := alert.Rule{
		Group: "*", Quiet: all.quiet, Notify: all.notify,
		Enter: alert.Hold{Polls: enterPolls}, Leave: alert.Hold{Polls: leavePolls},
	}
	err := fields(n, "a rule", c.ruleKeys(&r))
	switch {
	case err != nil:
		return err
	case r.Name == "":
		return at(n, "a rule without a name")
	case r.When.Empty():
		return at(n, "rule %q: when is missing: lag, age, verdict or state", r.Name)
	}
	c.Alerts = append(c.Alerts, r)
	return nil
}

func (c *Config) ruleKeys(r *alert.Rule) keys {
	return keys{
		{"name", "what the alert is called", aText, func(n ast.Node) error { return c.takeName(n, &r.Name) }},
		{"group", "only groups whose name matches: *, ?, [a-z]", aText, func(n ast.Node) error { return takePattern(n, &r.Group) }},
		{"when", "all that must hold", object(whenKeys(&r.When)), func(n ast.Node) error { return takeWhen(n, &r.When) }},
		{"for", "how long it must hold: a time, or 3 polls", aText, func(n ast.Node) error { return takeHold(n, "for", &r.Enter) }},
		{"clear", "how long it must hold no more: a time, or 5 polls", aText, func(n ast.Node) error { return takeHold(n, "clear", &r.Leave) }},
		{"quiet", "local times such as mon-fri 22:00-07:00", oneOrMore(aText), func(n ast.Node) error { return takeQuiet(n, &r.Quiet) }},
		{"notify", "how to tell", object(notifyKeys(&r.Notify)), func(n ast.Node) error { return takeNotify(n, &r.Notify) }},
	}
}

func (c *Config) takeName(n ast.Node, out *string) (err error) {
	if *out, err = text(n, "name"); err != nil {
		return err
	}
	if slices.ContainsFunc(c.Alerts, func(r alert.Rule) bool { return r.Name == *out }) {
		return at(n, "two rules are named %q", *out)
	}
	return nil
}

func takePattern(n ast.Node, out *string) (err error) {
	if *out, err = text(n, "group"); err != nil {
		return err
	}
	if *out == "" || alert.CheckPattern(*out) != nil {
		return at(n, "group: %q is not a pattern (use *, ? and [a-z])", *out)
	}
	return nil
}

func takeWhen(n ast.Node, w *alert.When) error {
	return fields(n, "when", whenKeys(w))
}

func whenKeys(w *alert.When) keys {
	return keys{
		{"lag", "at least so many records: 5000, 10k, 1.5M", aText, func(n ast.Node) error { return takeCount(n, &w.Lag) }},
		{"age", "the oldest unread record is at least so old: 10m, 2h", aText, func(n ast.Node) error { return takeAge(n, &w.Age) }},
		{"verdict", "one of these verdicts", oneOrMore(aText), func(n ast.Node) error { return takeVerdicts(n, &w.Verdicts) }},
		{"state", "one of these states; rebalancing stands for all in which a group is not settled", oneOrMore(aText), func(n ast.Node) error { return takeStates(n, &w.States) }},
	}
}

// takeCount reads records: 5000, 10k, 1.5M.
func takeCount(n ast.Node, out *kafka.Known[int64]) error {
	s, err := text(n, "lag")
	if err != nil {
		return err
	}
	digits, unit := s, 1.0
	if i := len(s) - 1; i >= 0 {
		if u, ok := map[byte]float64{'k': 1e3, 'K': 1e3, 'M': 1e6, 'm': 1e6, 'G': 1e9}[s[i]]; ok {
			digits, unit = s[:i], u
		}
	}
	v, err := strconv.ParseFloat(digits, 64)
	if v = math.Round(v * unit); err != nil || !(v >= 1 && v <= 1e18) {
		return at(n, "lag: %q is not a number of records like 5000, 10k or 1.5M, at least 1", s)
	}
	*out = kafka.Some(int64(v))
	return nil
}

func takeAge(n ast.Node, out *kafka.Known[time.Duration]) error {
	d, err := duration(n, "age")
	if err == nil {
		*out = kafka.Some(d)
	}
	return err
}

func duration(n ast.Node, what string) (time.Duration, error) {
	s, err := text(n, what)
	if err != nil {
		return 0, err
	}
	d, err := time.ParseDuration(s)
	if days, ok := strings.CutSuffix(s, "d"); ok && err != nil {
		var v float64
		v, err = strconv.ParseFloat(days, 64)
		d = time.Duration(min(v, 1e4) * 24 * float64(time.Hour))
	}
	if err != nil || d <= 0 {
		return 0, at(n, "%s: %q is not a time like 30s, 10m, 2h or 1d", what, s)
	}
	return d, nil
}

// takeHold reads "3 polls" or a time. A time still takes two polls, since one says nothing of how long.
func takeHold(n ast.Node, what string, out *alert.Hold) error {
	s, err := text(n, what)
	if err != nil {
		return err
	}
	if count, unit, ok := strings.Cut(s, " "); ok && (unit == "polls" || unit == "poll") {
		polls, err := strconv.Atoi(count)
		if err != nil || polls < 1 || polls > 10_000 {
			return at(n, "%s: %q is not a number of polls like 3 polls", what, s)
		}
		*out = alert.Hold{Polls: polls}
		return nil
	}
	d, err := duration(n, what)
	if err != nil {
		return at(n, "%s: %q is neither a time like 30s, 10m or 2h nor a number of polls like 3 polls", what, s)
	}
	*out = alert.Hold{Polls: 2, For: d}
	return nil
}

func takeQuiet(n ast.Node, out *[]alert.Quiet) error {
	*out = nil
	return items(n, "quiet", func(n ast.Node) error {
		s, err := text(n, "quiet")
		if err != nil {
			return err
		}
		q, err := alert.ParseQuiet(s)
		if err != nil {
			return at(n, "%s", err)
		}
		*out = append(*out, q)
		return nil
	})
}

func takeNotify(n ast.Node, out *alert.Notify) error {
	return fields(n, "notify", notifyKeys(out))
}

func notifyKeys(out *alert.Notify) keys {
	return keys{
		{"bell", "ring the terminal's bell", aBool, func(n ast.Node) error { return boolean(n, "bell", &out.Bell) }},
		{"desktop", "send a desktop notification through the terminal", aBool, func(n ast.Node) error { return boolean(n, "desktop", &out.Desktop) }},
		{"command", "program and arguments; it gets the event on standard input", listOf(aText), func(n ast.Node) error { return takeCommand(n, &out.Command) }},
	}
}

// takeCommand wants a list, because no shell takes a text apart. An empty list is no command.
func takeCommand(n ast.Node, out *[]string) error {
	*out = nil
	if _, ok := n.(*ast.SequenceNode); !ok {
		return at(n, `command: want a list of program and arguments: ["notify-send", "lagtop"]`)
	}
	err := items(n, "command", func(n ast.Node) error {
		s, err := text(n, "command")
		if err == nil && strings.ContainsRune(s, 0) {
			err = at(n, "command: a NUL character")
		}
		*out = append(*out, s)
		return err
	})
	if err == nil && len(*out) > 0 && (*out)[0] == "" {
		return at(n, "command: the program has no name")
	}
	return err
}

func takeVerdicts(n ast.Node, out *[]kafka.VerdictKind) error {
	words := map[string][]kafka.VerdictKind{}
	for k := kafka.VerdictOK; k <= kafka.VerdictLost; k++ {
		words[strings.ToLower(k.String())] = []kafka.VerdictKind{k}
	}
	return takeWords(n, "verdict", words, out)
}

func takeStates(n ast.Node, out *[]kafka.GroupState) error {
	words := map[string][]kafka.GroupState{}
	for _, s := range []kafka.GroupState{
		kafka.StateEmpty, kafka.StatePreparingRebalance, kafka.StateCompletingRebalance, kafka.StateStable,
		kafka.StateDead, kafka.StateAssigning, kafka.StateReconciling, kafka.StateNotReady,
	} {
		words[strings.ToLower(string(s))] = []kafka.GroupState{s}
		if s.Rebalancing() {
			words["rebalancing"] = append(words["rebalancing"], s)
		}
	}
	return takeWords(n, "state", words, out)
}

// takeWords reads one word or a list of them, in any case.
func takeWords[T comparable](n ast.Node, what string, words map[string][]T, out *[]T) error {
	err := items(n, what, func(n ast.Node) error {
		s, err := text(n, what)
		if err != nil {
			return err
		}
		vs, ok := words[strings.ToLower(s)]
		if !ok {
			known := make([]string, 0, len(words))
			for w := range words {
				known = append(known, w)
			}
			slices.Sort(known)
			return at(n, "%s: no %s is called %q%s", what, what, s, meant(s, known))
		}
		*out = append(*out, vs...)
		return nil
	})
	if err == nil && len(*out) == 0 {
		return at(n, "%s: the list is empty", what)
	}
	return err
}
