package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"lagtop/kafka"
	"lagtop/kafka/audit"
	"lagtop/kafka/conn"
	"lagtop/kafka/human"
	"lagtop/kafka/offsets"
	"lagtop/kafka/safe"
)

func (r *run) offsetsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "offsets",
		Short: "Reset, delete, export and restore the offsets of a group",
		Long: "Reset, delete, export and restore the offsets of a group: the plan, checks, saved before-state and audit\n" +
			"of the screen. Nothing is changed without --execute.\n\n" +
			"Exit codes: 0 done (or planned) in full, 3 in part (named on standard error), 2 wrong usage, 1 failure\n" +
			"or refused.",
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return usageError{errors.New("name one of: " + subcommands(c))}
		},
	}
	c.AddCommand(r.resetCommand(), r.deleteCommand(), r.undoCommand(), r.exportCommand())
	return c
}

func subcommands(c *cobra.Command) string {
	var names []string
	for _, s := range c.Commands() {
		names = append(names, c.CommandPath()+" "+s.Name())
	}
	return strings.Join(names, ", ")
}

// oneGroup takes the group's name and nothing else.
func oneGroup(c *cobra.Command, args []string) error {
	if len(args) != 1 || args[0] == "" {
		return usageError{fmt.Errorf("name one group: %s GROUP", c.CommandPath())}
	}
	return nil
}

// job is one change of offsets from the command line.
type job struct {
	run    *run
	target *target
	admin  *conn.Admin
	out    planOutput
	flags  jobFlags
}

// jobFlags are those of every command that plans a change.
type jobFlags struct {
	execute bool
	output  string
	confirm string
}

func (f *jobFlags) add(c *cobra.Command) {
	c.Flags().BoolVar(&f.execute, "execute", false, "do it; without, only say what would change")
	c.Flags().StringVarP(&f.output, "output", "o", "table", "`format`: table, csv (of kafka-consumer-groups --export) or json")
	c.Flags().StringVar(&f.confirm, "confirm", "", "with --execute: the `name` of the context, where it is protected")
}

// withJob connects, runs do and closes the connections.
func (r *run) withJob(f jobFlags, do func(*job) error) error {
	if f.output != "table" && f.output != "csv" && f.output != "json" {
		return usageError{fmt.Errorf("--output %q: use table, csv or json", f.output)}
	}
	t, admin, err := r.toAct(f.execute)
	if err != nil {
		return err
	}
	defer admin.Close()
	return do(&job{run: r, target: t, admin: admin, out: planOutput{format: f.output, w: r.out, now: time.Now()}, flags: f})
}

// log is the audit file for the cluster that is connected.
func (j *job) log(ctx context.Context) (*audit.Log, error) {
	cluster, err := j.admin.ClusterID(ctx)
	return j.run.auditLog(cluster, j.target.Name), err
}

// carryOut shows the plan, or applies it and shows what came of it.
func (j *job) carryOut(ctx context.Context, p offsets.Plan) error {
	refused := p.Refused()
	if refused != nil || !j.flags.execute {
		return j.onlyShow(p, refused)
	}
	if err := j.run.confirmProtected(ctx, j.target, j.flags.confirm); err != nil {
		return err
	}
	log, err := j.log(ctx)
	if err != nil {
		return err
	}
	ctx, rec, done := carefully(ctx, log)
	defer done()
	out, err := offsets.Apply(ctx, j.admin, p, offsets.Options{Audit: rec, Progress: func(s offsets.Step) { j.say(string(s)) }})
	if len(out.Results) == 0 { // nothing was sent
		return j.explain(err)
	}
	return j.tell(&out, err)
}

// tell prints what came of a plan.
func (j *job) tell(out *offsets.Outcome, err error) error {
	unprinted := j.out.outcome(out, err) // the rest is said all the same: something was changed
	j.say(fmt.Sprintf("%d of %d partitions done; the state before is in %s", out.Applied(), len(out.Results), out.BeforeFile))
	for _, r := range out.Failed() {
		j.say(fmt.Sprintf("%s/%d: %s", r.Topic, r.Partition, r.Err))
	}
	if err = errors.Join(err, unprinted); err == nil && len(out.Failed()) > 0 {
		return errIncomplete
	}
	return err
}

// onlyShow prints the plan and says why it stays one.
func (j *job) onlyShow(p offsets.Plan, refused error) error {
	if err := j.out.plan(&p); err != nil {
		return err
	}
	if errors.Is(refused, offsets.ErrNothing) || refused == nil {
		j.say(fmt.Sprintf("%s %s: %d of %d partitions, %s", p.Group, p.Scenario, p.Acting(), len(p.Changes), p.Totals()))
	}
	whole := j.left(&p)
	switch {
	case refused != nil:
		return j.explain(refused)
	case p.MovedSince() > 0:
		j.say(human.Plural(p.MovedSince(), "commit") + " moved since; --execute puts them back only with --anyway")
	}
	j.say("nothing was changed; add --execute to do it")
	return whole
}

// left names the partitions that the plan leaves as they are.
func (j *job) left(p *offsets.Plan) error {
	var whole error
	for i := range p.Changes {
		if c := &p.Changes[i]; c.Err != "" {
			whole = errIncomplete
			j.say(fmt.Sprintf("%s/%d: left as it is: %s", c.Topic, c.Partition, c.Err))
		}
	}
	return whole
}

// agesPatience is how long the ages of skipped records may hold up a plan.
const agesPatience = 4 * time.Second

// aged is the plan with the ages of what it skips, as far as they can be read.
func (j *job) aged(ctx context.Context, p offsets.Plan) offsets.Plan {
	ctx, cancel := context.WithTimeout(ctx, agesPatience)
	defer cancel()
	return offsets.WithAges(ctx, j.admin, p)
}

// explain says who holds a group that is not empty, one a line, and what can be done.
func (j *job) explain(err error) error {
	var active *offsets.ActiveError
	if !errors.As(err, &active) || len(active.Members) == 0 {
		return err
	}
	for _, m := range active.Members {
		j.say("stop " + m.String() + " (member " + m.ID + ")")
	}
	return fmt.Errorf("reset %s: the group has %s, and brokers take offsets from outside only while it has none (offsets reset --wait waits for that): %w", active.Group, human.Plural(len(active.Members), "member"), kafka.CodeNonEmptyGroup)
}

// say writes a line of progress; names in it need not be safe.
func (j *job) say(s string) { j.run.say("lagtop: " + safe.Line(s)) }

func (r *run) exportCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "export GROUP",
		Short:   "Print the present commits as CSV that --from-file and kafka-consumer-groups read",
		Example: "  lagtop offsets export payments -b kafka-1:9092 > payments.csv",
		Args:    oneGroup,
		RunE: func(c *cobra.Command, args []string) error {
			return r.withJob(jobFlags{output: "csv"}, func(j *job) error { return j.export(c.Context(), args[0]) })
		},
	}
}

func (j *job) export(ctx context.Context, group string) error {
	rows, err := offsets.Export(ctx, j.admin, group)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		j.say(group + " has no offsets")
	}
	return offsets.WriteCSV(j.run.out, rows, false)
}
