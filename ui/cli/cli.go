// Package cli turns the command line into a running program: flags, wiring of kafka/ to the screen, and
// the commands that print instead of drawing. It decides nothing about groups or offsets.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"lagtop/kafka/conn"
	"lagtop/kafka/limit"
	"lagtop/kafka/safe"
	"lagtop/ui/config"
)

// Exit codes.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

// usageError is an error that is the command line's fault.
type usageError struct{ error }

// Unwrap is the error itself.
func (e usageError) Unwrap() error { return e.error }

// run is one invocation: where it reads and writes, and its flags.
type run struct {
	in       io.Reader
	out, err io.Writer
	flags    flags
	loaded   *config.Config // nil before it is needed
	// auditFailures is what could not be recorded, for the screen; nil without one.
	auditFailures chan error
}

// flags are those of every command and of the screen.
type flags struct {
	bootstrap string
	context   string
	clientID  string
	readOnly  bool
	interval  time.Duration
	palette   string
	config    string
	ascii     bool
	noMouse   bool
	tail      bool

	properties, commandConfig string
	tls                       bool
	proxy                     string
	addressMap                []string
	registry                  string
	scope                     limit.Scope // the patterns that were given
}

// Run runs the program with these arguments and returns its exit code.
func Run(ctx context.Context, args []string, in io.Reader, out, errw io.Writer) int {
	r := &run{in: in, out: out, err: errw}
	root := r.rootCommand()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errw)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errIncomplete):
		return exitIncomplete
	case errors.Is(err, errTold):
		return exitError
	case errors.Is(err, errInterrupted):
		return exitSignal
	case errors.Is(err, errReaderLeft):
		return exitPipe
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		r.say("lagtop: " + safe.Line(strings.ReplaceAll(err.Error(), context.Canceled.Error(), errInterrupted.Error())))
		return exitSignal
	}
	r.say("lagtop: " + safe.Line(err.Error()))
	if try := conn.Advice(err); try != "" {
		r.say("        " + safe.Line(try))
	}
	if usage := (usageError{}); errors.As(err, &usage) {
		return exitUsage
	}
	return exitError
}

// noArgs refuses words that are neither a flag nor a command.
func noArgs(c *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case !c.HasAvailableSubCommands():
		return usageError{fmt.Errorf("%q is too much: %s takes no arguments", args[0], c.CommandPath())}
	}
	c.SuggestionsMinimumDistance = 1 // letter
	help := c.CommandPath() + " --help lists them"
	if like := c.SuggestionsFor(args[0]); len(like) > 0 {
		help = "did you mean " + strings.Join(like, " or ") + "?"
	}
	return usageError{fmt.Errorf("%q is no command of %s; %s", args[0], c.CommandPath(), help)}
}

// flagError says of a wrong value what the flag takes, in our words instead of those of Go's parsers.
func flagError(err error) error {
	var wrong *pflag.InvalidValueError
	if !errors.As(err, &wrong) {
		return err
	}
	takes := ""
	switch wrong.GetFlag().Value.Type() {
	case "int", "int32", "int64", "uint64":
		takes = "give a whole number"
	case "int32Slice":
		takes = "give whole numbers, several separated by commas"
	case "duration":
		takes = "give a time such as 500ms, 2s or 1m"
	case "bool":
		takes = "give true or false, or nothing"
	default:
		return err
	}
	return fmt.Errorf("--%s %q: %s", wrong.GetFlag().Name, wrong.GetValue(), takes)
}

// say writes a line to standard error. Where that cannot be written, nobody is left to tell.
func (r *run) say(line string) { _, _ = fmt.Fprintln(r.err, line) }

func (r *run) rootCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "lagtop",
		Short: "Watch and operate Kafka consumer groups in a terminal",
		Long: "lagtop shows, within ten seconds, which consumer group is in trouble, why, and what to do:\n" +
			"lag per consumer and partition, rates, verdicts with evidence, live records; and it resets\n" +
			"offsets and triggers rebalances with a preview, a saved before-state and an audit trail.",
		Example: "  lagtop demo                      an embedded cluster, no Kafka needed\n" +
			"  lagtop -b kafka-1:9092           watch a cluster\n" +
			"  lagtop lag -b kafka-1:9092 -o json   one snapshot for scripts",
		Args:          noArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(c *cobra.Command, _ []string) error { return r.watch(c.Context()) },
	}
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{flagError(err)} })
	p := c.PersistentFlags()
	p.StringVarP(&r.flags.bootstrap, "bootstrap", "b", "", "bootstrap `addresses`: host:port, several separated by commas")
	p.StringVar(&r.flags.context, "context", "", "`name` of a cluster in the configuration file")
	p.StringVar(&r.flags.config, "config", "", "configuration `file` (default $XDG_CONFIG_HOME/lagtop/config.yaml)")
	p.StringVar(&r.flags.clientID, "client-id", "", "client `id` that brokers see in their logs and quotas (default lagtop)")
	p.BoolVar(&r.flags.readOnly, "read-only", false, "refuse everything that changes the cluster")
	r.loginFlags(p)
	f := c.Flags()
	r.screenFlags(f)
	r.scopeFlags(f)
	c.AddCommand(r.demoCommand(), r.lagCommand(), r.tailCommand(), r.offsetsCommand(), r.groupsCommand(), r.topicsCommand(), r.leadersCommand(), r.auditCommand(), r.doctorCommand(), r.contextCommand(), r.configCommand())
	_ = c.RegisterFlagCompletionFunc("context", r.completeContext) // fails only where the flag is not there
	c.CompletionOptions.HiddenDefaultCmd = true
	return c
}
