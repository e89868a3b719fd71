package cli

import (
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

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
