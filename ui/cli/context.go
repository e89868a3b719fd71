package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"lagtop/kafka/conn"
	"lagtop/kafka/safe"
	"lagtop/ui/config"
)

func (r *run) contextCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "context",
		Short: "List, choose, add, remove and test the clusters of the configuration file",
		Long: "List, choose, add, remove and test the clusters of the configuration file.\n\n" +
			"Which cluster is meant: --context or --bootstrap (never both), else LAGTOP_CONTEXT or\n" +
			"LAGTOP_BOOTSTRAP, else current-context of the file. Edits leave comments and order as they are.",
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	named := func(use, short string, run func(*cobra.Command, string) error) *cobra.Command {
		return &cobra.Command{
			Use: use + " NAME", Short: short, Args: oneContext, ValidArgsFunction: r.completeContext,
			RunE: func(c *cobra.Command, args []string) error { return run(c, args[0]) },
		}
	}
	c.AddCommand(
		&cobra.Command{Use: "list", Short: "List the contexts; * marks the one that is watched when none is named", Args: noArgs,
			RunE: func(*cobra.Command, []string) error { return r.listContexts() }},
		named("use", "Make a context the current one", func(_ *cobra.Command, name string) error {
			return r.edited("current-context is "+name, config.Use(r.flags.config, name))
		}),
		r.addCommand(),
		r.importCommand(),
		named("remove", "Take a context out of the file", func(_ *cobra.Command, name string) error {
			return r.edited("removed "+name, config.Remove(r.flags.config, name))
		}),
		r.about("show", "Show a context as it is used, flags and environment applied", r.showContext),
		r.about("test", "Try every address of a context, step by step; exit code 0: all answered, 3: some did, 1: none; see also: lagtop doctor", r.testContext),
	)
	return c
}

// oneContext takes the name of a context and nothing else.
func oneContext(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usageError{fmt.Errorf("name one context: %s NAME", c.CommandPath())}
	}
	return nil
}

// anyContext takes the name of a context, or nothing.
func anyContext(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return oneContext(c, args)
}

// about is a command for one context: the named one, or else the one that would be watched.
func (r *run) about(use, short string, run func(context.Context, *target) error) *cobra.Command {
	return &cobra.Command{
		Use: use + " [NAME]", Short: short, Args: anyContext, ValidArgsFunction: r.completeContext,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				if r.flags.context != "" || r.flags.bootstrap != "" {
					return usageError{errors.New("NAME already says which cluster: leave --context and --bootstrap out")}
				}
				r.flags.context = args[0]
			}
			t, err := r.needTarget()
			if err != nil {
				return err
			}
			return run(c.Context(), t)
		},
	}
}

// edited says what was done to the file.
func (r *run) edited(done string, err error) error {
	if err != nil {
		return usageError{err}
	}
	return r.print(done + " in " + r.configFile())
}

// print writes a line of the answer.
func (r *run) print(line string) error {
	_, err := fmt.Fprintln(r.out, safe.Line(line))
	return err
}

func (r *run) listContexts() error {
	c, err := r.settings()
	if err != nil {
		return err
	}
	current, _, err := r.named(c)
	if err != nil {
		return err
	}
	if len(c.Contexts) == 0 {
		r.say("no contexts in " + r.configFile() + "; add one: lagtop context add NAME -b host:port")
		return nil
	}
	w := tabwriter.NewWriter(r.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "  NAME\tBOOTSTRAP\tMARKS") // Flush tells
	for i := range c.Contexts {
		t := r.apply(c, c.Contexts[i])
		mark := " "
		if t.Name == current {
			mark = "*"
		}
		marks := t.marks()
		if word := config.ColorWord(t.Color); word != "" {
			marks = append(marks, word)
		}
		_, _ = fmt.Fprintf(w, "%s %s\t%s\t%s\n", mark, t.Name, safe.Line(strings.Join(t.Bootstrap, ",")), strings.Join(marks, ", "))
	}
	return w.Flush()
}

func (r *run) addCommand() *cobra.Command {
	var color string
	var protected, use bool
	var interval time.Duration
	c := &cobra.Command{
		Use:     "add NAME -b host:port",
		Short:   "Add a context to the file, which is created where there is none",
		Example: "  lagtop context add prod-eu -b kafka-1:9092,kafka-2:9092 --color danger --protected\n  lagtop context add staging -b staging:9092 --read-only --use",
		Args:    oneContext, ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(_ *cobra.Command, args []string) error {
			x := config.Context{
				Name: args[0], ReadOnly: r.flags.readOnly, Protected: protected, ClientID: r.flags.clientID, Interval: interval,
			}
			return r.addContext(x, color, use)
		},
	}
	c.Flags().StringVar(&color, "color", "", "how its name looks: "+strings.Join(config.Colors(), ", "))
	c.Flags().BoolVar(&protected, "protected", false, "a change takes typing the name of the context")
	c.Flags().BoolVar(&use, "use", false, "make it the current context")
	c.Flags().DurationVar(&interval, "interval", 0, "`time` between polls")
	return c
}

func (r *run) addContext(x config.Context, color string, use bool) (err error) {
	switch tok, ok := config.ColorOf(color); {
	case !config.CheckName(x.Name):
		err = fmt.Errorf("%q: use letters, digits, dot, dash and underscore, 64 at most", x.Name)
	case r.flags.context != "":
		err = errors.New("--context names one that is there already: leave it out")
	case color != "" && !ok:
		err = fmt.Errorf("--color %q: use %s", color, strings.Join(config.Colors(), ", "))
	case x.Interval != 0 && x.Interval < config.MinInterval:
		err = fmt.Errorf("--interval %s: at least %s", x.Interval, config.MinInterval)
	default:
		x.Color = tok
		if r.flags.bootstrap != "" || r.flags.properties+r.flags.commandConfig == "" { // a properties file may name them
			x.Bootstrap, err = conn.ParseBootstrap(r.flags.bootstrap)
		}
	}
	if err != nil {
		return usageError{err}
	}
	if err := r.edited("added "+x.Name, config.Add(r.flags.config, config.Written{Context: x, Lines: r.loginLines()})); err != nil || !use {
		return err
	}
	return r.edited("current-context is "+x.Name, config.Use(r.flags.config, x.Name))
}

// showContext leaves secrets out: they are not in the target.
func (r *run) showContext(_ context.Context, t *target) error {
	w := tabwriter.NewWriter(r.out, 0, 0, 2, ' ', 0)
	row := func(key, value string) { _, _ = fmt.Fprintf(w, "%s\t%s\n", key, safe.Line(value)) } // Flush tells
	row("name", t.Name)
	row("bootstrap", strings.Join(t.Bootstrap, ","))
	login, proxy, err := t.words()
	if err != nil {
		login = "not usable: " + err.Error()
	}
	row("login", login)
	if proxy != "" {
		row("proxy", proxy)
	}
	if len(t.Login.Map) > 0 {
		row("map", strings.Join(t.Login.Map, ", "))
	}
	if t.Login.Properties != "" {
		row("properties", t.Login.Properties)
	}
	row("read-only", orNo(strings.TrimPrefix(t.readOnly, "read-only: ")))
	protected := ""
	if t.Protected {
		protected = "every change takes typing " + t.Name
	}
	row("protected", orNo(protected))
	row("interval", t.Interval.String())
	if t.ClientID != "" {
		row("client-id", t.ClientID)
	}
	if word := config.ColorWord(t.Color); word != "" {
		row("color", word)
	}
	row("file", r.configFile())
	return w.Flush()
}

func orNo(why string) string {
	if why == "" {
		return "no"
	}
	return "yes: " + why
}

// testContext prints what became of each address, those that the brokers advertise too.
func (r *run) testContext(ctx context.Context, t *target) error {
	return r.examine(ctx, t, "text", false)
}

// completeContext offers the names of the contexts to the shell. A file that cannot be read has none.
func (r *run) completeContext(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	c, err := r.settings()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var out []cobra.Completion
	for i := range c.Contexts {
		out = append(out, cobra.CompletionWithDesc(c.Contexts[i].Name, strings.Join(c.Contexts[i].Bootstrap, ",")))
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

func (r *run) configCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "config", Short: "About the configuration file", Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(&cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of the configuration file, for editors", Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return writeSchema(r.out) },
	})
	return c
}

func writeSchema(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(config.Schema())
}
