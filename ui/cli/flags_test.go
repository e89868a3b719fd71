package cli

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func TestWordsThatAreNoCommandAreWrongUsage(t *testing.T) {
	for line, want := range map[string]string{
		"rest":             `"rest" is no command of lagtop; lagtop --help lists them`,
		"offsets rest":     `"rest" is no command of lagtop offsets; did you mean reset?`,
		"context lst":      `did you mean list?`,
		"context list x":   `"x" is too much: lagtop context list takes no arguments`,
		"lag payments":     `"payments" is too much: lagtop lag takes no arguments`,
		"demo clean x":     `"x" is too much`,
		"context use":      "name one context: lagtop context use NAME",
		"context add a b":  "name one context",
		"context show a b": "name one context",
		"lag \x1b[2J":      `is too much`,
	} {
		var out, errs strings.Builder
		code := Run(t.Context(), strings.Fields(line), strings.NewReader(""), &out, &errs)
		if code != exitUsage || !strings.Contains(errs.String(), want) {
			t.Errorf("%q: exit %d, said %q, want %q", line, code, errs.String(), want)
		}
	}
}

func TestWrongValuesOfFlagsNameTheFlagAndTheWayOut(t *testing.T) {
	for line, want := range map[string]string{
		"tail x --partition z":              `--partition "z": give whole numbers, several separated by commas`,
		"tail x --partition 1,":             `--partition "1,": give whole numbers, several separated by commas`,
		"tail x --max 3k":                   `--max "3k": give a whole number`,
		"demo --seed x":                     `--seed "x": give a whole number`,
		"audit --limit x":                   `--limit "x": give a whole number`,
		"--interval 2x":                     `--interval "2x": give a time such as 500ms, 2s or 1m`,
		"lag --read-only=maybe":             `--read-only "maybe": give true or false, or nothing`,
		"tail x --max 99999999999999999999": `give a whole number`,
	} {
		var out, errs strings.Builder
		code := Run(t.Context(), strings.Fields(line), strings.NewReader(""), &out, &errs)
		if code != exitUsage || !strings.Contains(errs.String(), want) || strings.Contains(errs.String(), "strconv") {
			t.Errorf("%q: exit %d, said %q, want %q", line, code, errs.String(), want)
		}
	}
}

// A flag of one command that bears the name of one for all would hide it there.
func TestNoCommandHidesAFlagOfAllCommands(t *testing.T) {
	root := (&run{}).rootCommand()
	var check func(c *cobra.Command)
	check = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			sub.LocalFlags().VisitAll(func(f *pflag.Flag) {
				if all := root.PersistentFlags().Lookup(f.Name); all != nil && all != f {
					t.Errorf("%s: --%s has another meaning than everywhere else", sub.CommandPath(), f.Name)
				}
				if all := root.PersistentFlags().ShorthandLookup(f.Shorthand); f.Shorthand != "" && all != nil && all != f {
					t.Errorf("%s: -%s has another meaning than everywhere else", sub.CommandPath(), f.Shorthand)
				}
			})
			check(sub)
		}
	}
	check(root)
}
