package config

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/alert"
)

func TestRulesWithAllTheirKeys(t *testing.T) {
	c, err := Parse("f", []byte(`
alerts:
  rules:
    - name: behind
      group: "pay*"
      when: {lag: 10k, age: 1h30m, verdict: [stalled, At Risk], state: Rebalancing}
      for: 2m
      clear: 4 polls
      quiet: []
      notify: {bell: false, desktop: true}
    - name: "plain"
      when:
        lag: 1.1k
  # what is shared may stand below
  quiet: [mon-fri 22:00-07:00, sat-sun]
  notify:
    command: [notify-send, lagtop, "1"]
`))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Alerts) != 2 {
		t.Fatalf("%d rules", len(c.Alerts))
	}
	all := alert.Notify{Bell: true, Command: []string{"notify-send", "lagtop", "1"}}
	mine := all
	mine.Bell, mine.Desktop = false, true
	want := alert.Rule{
		Name: "behind", Group: "pay*", Enter: alert.Hold{Polls: 2, For: 2 * time.Minute}, Leave: alert.Hold{Polls: 4}, Notify: mine,
		When: alert.When{
			Lag: kafka.Some[int64](10_000), Age: kafka.Some(90 * time.Minute),
			Verdicts: []kafka.VerdictKind{kafka.VerdictStalled, kafka.VerdictAtRisk},
			States:   []kafka.GroupState{kafka.StatePreparingRebalance, kafka.StateCompletingRebalance, kafka.StateAssigning, kafka.StateReconciling},
		},
	}
	if !reflect.DeepEqual(c.Alerts[0], want) {
		t.Errorf("got  %+v\nwant %+v", c.Alerts[0], want)
	}
	plain := c.Alerts[1]
	if plain.Group != "*" || plain.When.Lag != kafka.Some[int64](1100) || len(plain.Quiet) != 2 || !reflect.DeepEqual(plain.Notify, all) ||
		plain.Enter != (alert.Hold{Polls: 3}) || plain.Leave != (alert.Hold{Polls: 5}) {
		t.Errorf("the plain rule: %+v", plain)
	}
}

func TestFilesThatSayNothing(t *testing.T) {
	for _, text := range []string{"", "\n", "# nothing yet\n", "---\n", "alerts:\n  # later\n", "alerts: {}\n", "alerts:\n  rules:\n", "alerts: {rules: []}\n"} {
		if c, err := Parse("f", []byte(text)); err != nil || len(c.Alerts) != 0 {
			t.Errorf("%q: %+v %v", text, c, err)
		}
	}
}

func TestMistakesNamePlaceAndWhatWasMeant(t *testing.T) {
	rule := func(lines string) string {
		return "alerts:\n  rules:\n    - name: a\n" + lines
	}
	for name, c := range map[string]struct{ text, want string }{
		"section":       {"alert: {}\n", `f:1:1: the file has no key "alert"; did you mean "alerts"?`},
		"far off":       {"kubernetes: {}\n", `f:1:1: the file has no key "kubernetes"; known: alerts`},
		"key":           {"alerts:\n  quit: []\n", `f:2:3: alerts has no key "quit"; did you mean "quiet"?`},
		"rule key":      {rule("      grop: x\n"), `f:4:7: a rule has no key "grop"; did you mean "group"?`},
		"when key":      {rule("      when: {lags: 1}\n"), `f:4:14: when has no key "lags"; did you mean "lag"?`},
		"flow mapping":  {"{alerts: {rulez: []}}\n", `f:1:11: alerts has no key "rulez"; did you mean "rules"?`},
		"verdict":       {rule("      when:\n        verdict: [ok, staled]\n"), `f:5:23: verdict: no verdict is called "staled"; did you mean "stalled"?`},
		"state":         {rule("      when: {state: stabel}\n"), `f:4:21: state: no state is called "stabel"; did you mean "stable"?`},
		"lag":           {rule("      when: {lag: lots}\n"), `f:4:19: lag: "lots" is not a number of records like 5000, 10k or 1.5M, at least 1`},
		"lag none":      {rule("      when: {lag: nan}\n"), `f:4:19: lag: "nan" is not a number`},
		"lag zero":      {rule("      when: {lag: 0}\n"), `f:4:19: lag: "0" is not a number`},
		"age":           {rule("      when: {age: 10}\n"), `f:4:19: age: "10" is not a time like 30s, 10m, 2h or 1d`},
		"for":           {rule("      for: ever\n"), `f:4:12: for: "ever" is neither a time`},
		"polls":         {rule("      for: 0 polls\n"), `f:4:12: for: "0 polls" is not a number of polls`},
		"quiet":         {rule("      quiet: 22-7\n"), `f:4:14: quiet time "22-7"`},
		"pattern":       {rule("      group: \"[a-\"\n"), `f:4:14: group: "[a-" is not a pattern`},
		"command":       {rule("      notify: {command: notify-send x}\n"), `f:4:25: command: want a list of program and arguments`},
		"bell":          {rule("      notify: {bell: loud}\n"), `f:4:22: bell: want true or false`},
		"no condition":  {rule("      group: x\n"), `f:3:7: rule "a": when is missing`},
		"no name":       {"alerts:\n  rules:\n    - when: {lag: 1}\n", `f:3:7: a rule without a name`},
		"same name":     {rule("      when: {lag: 1}\n    - name: a\n"), `f:5:13: two rules are named "a"`},
		"rules no list": {"alerts:\n  rules: 7\n", `f:2:10: rules: want a list, not a single value`},
		"list":          {"- a\n", `f:1:1: the file: want keys with values, not a list`},
		"twice":         {"alerts: {}\nalerts: {}\n", `f:2:1: `},
		"syntax":        {"alerts:\n  rules: [\n", `f:2:10: `},
		"second file":   {"alerts: {}\n---\nalerts: {}\n", `f:3:1: a second document`},
		"anchor":        {"alerts: &a {}\n", `f:1:9: alerts: want keys with values, not an anchor`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("f", []byte(c.text))
			if err == nil {
				t.Fatalf("no error for\n%s", c.text)
			}
			if !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got  %s\nwant %s", err, c.want)
			}
		})
	}
}

func TestOnlyTheDefaultFileMayBeMissing(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none.yaml")
	if _, err := Load(missing); err == nil || !strings.Contains(err.Error(), missing) {
		t.Errorf("a named file that is missing: %v", err)
	}
	if _, err := Load(t.TempDir()); err == nil {
		t.Error("a folder is read as a file")
	}
	file := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(file, []byte("alerts: {rules: [{name: a, when: {lag: 5}}]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := Load(file); err != nil || len(c.Alerts) != 1 {
		t.Errorf("%+v %v", c, err)
	}
	if err := os.WriteFile(file, make([]byte, maxSize+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(file); err == nil || !strings.Contains(err.Error(), "larger") {
		t.Errorf("a huge file: %v", err)
	}
}

// The example of docs/alerts.md is a file that people will copy.
func TestAlertsInTheDocuments(t *testing.T) {
	i := slices.IndexFunc(examples(t), func(text string) bool { return strings.HasPrefix(text, "alerts:") })
	if i < 0 {
		t.Fatal("docs shows no alerts")
	}
	example := examples(t)[i]
	c, err := Parse("config.yaml", []byte(example))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Alerts) < 3 {
		t.Errorf("%d rules in the example", len(c.Alerts))
	}
	for _, r := range c.Alerts {
		if len(r.Quiet) == 0 && !r.Notify.Bell && !r.Notify.Desktop && r.Notify.Command == nil {
			t.Errorf("rule %q tells nobody", r.Name)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("alerts: {rules: [{name: a, when: {lag: 5k, state: [Empty]}, for: 3 polls, quiet: [sat, 1:00-2:00]}]}")
	f.Add("alerts:\n  notify: {command: [a, b]}\n---\n")
	f.Add("? [a]\n: - !!x {<<: *b}")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse("f", []byte(text))
		if (c == nil) == (err == nil) {
			t.Errorf("%+v %v", c, err)
		}
	})
}
