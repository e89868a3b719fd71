package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"lagtop/kafka/demo"
	"lagtop/kafka/human"
	"lagtop/kafka/registry"
	"lagtop/kafka/safe"
	"lagtop/ui/app"
	"lagtop/ui/config"
)

// demoInterval is shorter than on real clusters: the demo is for watching things move.
const demoInterval = time.Second

// demoFlags are those of the demo alone.
type demoFlags struct {
	scenario string
	seed     int64
	list     bool
	confirm  string
}

func (r *run) demoCommand() *cobra.Command {
	var f demoFlags
	c := &cobra.Command{
		Use:   "demo",
		Short: "Watch a demo: an embedded cluster, or its fleet on a cluster of yours",
		Long: "Watch an embedded cluster with producers and consumers at work: no network, no Kafka, no Java. P opens\n" +
			"the presenter's panel, which breaks and mends them; a scenario runs by itself, with captions.\n\n" +
			"With -b or --context the same fleet works on that cluster, under names that begin with lagtop-demo- and\n" +
			"the run's id. They are removed at the end; after a crash, by lagtop demo clean.",
		Example: "  lagtop demo\n  lagtop demo --scenario hot-key\n  lagtop demo -b kafka-1:9092 --scenario deploy\n  lagtop demo clean -b kafka-1:9092",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if f.list {
				return r.listScenarios()
			}
			return r.demo(c.Context(), f)
		},
	}
	c.Flags().StringVar(&f.scenario, "scenario", "", "`name` of a scenario that runs from the start; see --list")
	c.Flags().Int64Var(&f.seed, "seed", 1, "`number` that the content and the keys of all records follow from")
	c.Flags().BoolVar(&f.list, "list", false, "list the scenarios")
	c.Flags().StringVar(&f.confirm, "confirm", "", "the `name` of the context, where it is protected")
	_ = c.RegisterFlagCompletionFunc("scenario", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var names []string
		for _, s := range demo.Scenarios() {
			names = append(names, s.Name+"\t"+s.Title)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	})
	r.screenFlags(c.Flags())
	r.scopeFlags(c.Flags())
	c.AddCommand(r.demoCleanCommand())
	return c
}

func (r *run) listScenarios() error {
	w := tabwriter.NewWriter(r.out, 0, 0, 2, ' ', 0)
	for _, s := range demo.Scenarios() {
		if _, err := fmt.Fprintf(w, "%s\t%s\n", s.Name, s.Title); err != nil {
			return err
		}
	}
	return w.Flush()
}

// demo shows the fleet on the embedded cluster, or on one that flags name.
func (r *run) demo(ctx context.Context, f demoFlags) (err error) {
	if f.scenario != "" {
		if err := demo.CheckScenario(f.scenario); err != nil {
			return usageError{err}
		}
	}
	settings, err := r.prepare()
	if err != nil {
		return err
	}
	d, t, err := r.startDemo(ctx, f)
	if err != nil {
		return err
	}
	defer func() {
		if d.RunID() != "" {
			r.say("removing " + demo.Prefix + d.RunID() + "-* from " + safe.Line(t.Name))
		}
		err = errors.Join(err, d.Close())
	}()
	if f.scenario != "" {
		if err := d.Play(f.scenario); err != nil {
			return usageError{err}
		}
	}
	return r.screen(ctx, settings, r.demoCluster(t, d))
}

// startDemo starts the fleet where flags say. What the environment and the file name is not meant by them: a demo
// goes to a cluster of theirs only when somebody asks for it on the command line.
func (r *run) startDemo(ctx context.Context, f demoFlags) (*demo.Demo, *target, error) {
	o := demo.Options{Seed: f.seed}
	if r.flags.bootstrap == "" && r.flags.context == "" && r.flags.properties == "" && r.flags.commandConfig == "" {
		d, err := demo.Start(ctx, o)
		if err != nil {
			return nil, nil, err
		}
		return d, r.apply(&config.Config{}, config.Context{Name: "demo", Bootstrap: d.Bootstrap(), Interval: demoInterval}), nil
	}
	t, err := r.changeable(ctx, f.confirm)
	if err != nil {
		return nil, nil, err
	}
	cfg, err := t.conn()
	if err != nil {
		return nil, nil, err
	}
	if r.flags.interval == 0 {
		t.Interval = demoInterval
	}
	d, err := demo.Connect(ctx, cfg, o)
	return d, t, err
}

// changeable is the target, refused where nothing may be changed.
func (r *run) changeable(ctx context.Context, confirm string) (*target, error) {
	t, err := r.needTarget()
	if err != nil {
		return nil, err
	}
	if t.readOnly != "" {
		return nil, usageError{fmt.Errorf("a demo creates topics and groups: %s", t.readOnly)}
	}
	return t, r.confirmProtected(ctx, t, confirm)
}

// demoCluster is the one with the fleet. It outlives its sessions.
func (r *run) demoCluster(t *target, d *demo.Demo) app.Cluster {
	detail, scope := "the embedded cluster, schema registry "+d.Registry(), r.flags.scope // the file speaks of real clusters
	if d.RunID() != "" {
		detail, scope = t.detail()+"  demo "+d.RunID(), r.scope()
	}
	return app.Cluster{Name: t.Name, Detail: detail, Open: func(ctx context.Context) (app.Session, error) {
		cfg, err := t.conn()
		if err != nil {
			return app.Session{}, err
		}
		schemas, err := registry.Open(registry.Config{URL: d.Registry()}, nil, schemaWait)
		if err != nil {
			return app.Session{}, err
		}
		s := r.audited(t.session(true))
		s.Schemas = schemas
		return closing(schemas.Close)(openSession(ctx, cfg, s, scope, d))
	}}
}

func (r *run) demoCleanCommand() *cobra.Command {
	var (
		yes     bool
		runs    []string
		confirm string
	)
	c := &cobra.Command{
		Use:   "clean",
		Short: "Remove what demos left behind on a cluster after a crash",
		Long: "List the topics and groups that begin with lagtop-demo- and a run's id, and with --yes delete them. A run\n" +
			"whose groups have members may still be at work (or ended within its session timeout, up to 45 s): it is\n" +
			"left alone unless --run names it.",
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return r.demoClean(c.Context(), runs, yes, confirm)
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "delete, instead of only listing")
	c.Flags().StringSliceVar(&runs, "run", nil, "only the runs with these `ids`, at work or not")
	c.Flags().StringVar(&confirm, "confirm", "", "with --yes: the `name` of the context, where it is protected")
	return c
}

func (r *run) demoClean(ctx context.Context, only []string, yes bool, confirm string) error {
	t, err := r.needTarget()
	if yes && err == nil {
		t, err = r.changeable(ctx, confirm)
	}
	if err != nil {
		return err
	}
	cfg, err := t.conn()
	if err != nil {
		return err
	}
	found, err := demo.Runs(ctx, cfg)
	if err != nil {
		return err
	}
	for _, id := range only {
		if !slices.ContainsFunc(found, func(x demo.Run) bool { return x.ID == id }) {
			return usageError{fmt.Errorf("no run %q on %s", id, t.Name)}
		}
	}
	if len(only) > 0 {
		found = slices.DeleteFunc(found, func(x demo.Run) bool { return !slices.Contains(only, x.ID) })
	}
	return r.cleanRuns(found, len(only) > 0, yes, func(id string) error { return demo.Clean(ctx, cfg, id) })
}

// cleanRuns lists runs, and removes those that are not at work, or all where they were named.
func (r *run) cleanRuns(found []demo.Run, named, yes bool, clean func(id string) error) error {
	var errs []error
	var out strings.Builder
	for _, x := range found {
		fmt.Fprintf(&out, "%s  began %s ago, %s, %s", x.ID, human.Span(time.Since(x.Began)), human.Plural(len(x.Topics), "topic"), human.Plural(len(x.Groups), "group"))
		working := x.Members > 0 && !named
		switch {
		case working:
			fmt.Fprintf(&out, ": left alone, it has %s (--run %s removes it)\n", human.Plural(x.Members, "member"), x.ID)
		case !yes:
			out.WriteString(": would be removed\n")
		default:
			err := clean(x.ID)
			errs = append(errs, err)
			out.WriteString(map[bool]string{true: ": removed\n", false: ": not all removed\n"}[err == nil])
		}
		for _, name := range slices.Concat(x.Topics, x.Groups) {
			if !yes {
				fmt.Fprintf(&out, "  %s\n", safe.Line(name))
			}
		}
	}
	switch {
	case len(found) == 0:
		out.WriteString("no demo has left anything behind\n")
	case !yes:
		out.WriteString("nothing was deleted: --yes does\n")
	}
	_, err := fmt.Fprint(r.out, out.String())
	return errors.Join(append(errs, err)...)
}
