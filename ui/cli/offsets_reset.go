package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"lagtop/kafka"
	"lagtop/kafka/offsets"
)

// scenarioFlag is one way to choose where the partitions shall stand.
type scenarioFlag struct {
	name, value, usage string // value is the placeholder, empty for a switch
	parse              func(value, group string) (offsets.Scenario, error)
}

// scenarioFlags are named as those of kafka-consumer-groups, but for --like.
func scenarioFlags() []scenarioFlag {
	fixed := func(s offsets.Scenario) func(string, string) (offsets.Scenario, error) {
		return func(string, string) (offsets.Scenario, error) { return s, nil }
	}
	return []scenarioFlag{
		{"to-earliest", "", "to the log start", fixed(offsets.Earliest{})},
		{"to-latest", "", "to the log end", fixed(offsets.Latest{})},
		{"to-offset", "offset", "to the `offset` in each partition, clamped to the log", func(v, _ string) (offsets.Scenario, error) { return offsets.ParseOffset(v) }},
		{"shift-by", "n", "by `n` records, back when negative", func(v, _ string) (offsets.Scenario, error) { return offsets.ParseShift(signed(v)) }},
		{"to-datetime", "time", "to the first record at or after this `time`: 2026-01-02T15:04:05.000, UTC unless it has a zone", func(v, _ string) (offsets.Scenario, error) { return offsets.ParseTime(v) }},
		{"by-duration", "duration", "back from now by this ISO-8601 `duration`: P1DT2H, PT10M", func(v, _ string) (offsets.Scenario, error) { return offsets.ParseDuration(v, time.Now()) }},
		{"to-current", "", "to the present commits again, which renews their retention", fixed(offsets.ToCurrent{})},
		{"from-file", "file", "from a CSV `file`: topic,partition,offset or group,topic,partition,offset", fromFile},
		{"like", "group", "to where another `group` stands", func(v, _ string) (offsets.Scenario, error) { return offsets.Like(v), nil }},
	}
}

// signed gives a bare number its sign, as the stock tool takes it.
func signed(v string) string {
	if v != "" && v[0] >= '0' && v[0] <= '9' {
		return "+" + v
	}
	return v
}

func fromFile(path, group string) (offsets.Scenario, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	return offsets.ReadFile(path, f, group)
}

// resetFlags are those of offsets reset beside the scenarios.
type resetFlags struct {
	jobFlags
	topics  []string
	all     bool
	create  bool
	wait    bool
	replan  bool
	timeout time.Duration
}

func (r *run) resetCommand() *cobra.Command {
	var f resetFlags
	c := &cobra.Command{
		Use:   "reset GROUP",
		Short: "Move the offsets of a group that has no members",
		Long: "Move the offsets of a group that has no members; without --execute only say what would change.\n\n" +
			"Give one scenario (--to-earliest, --to-latest, --to-offset, --shift-by, --to-datetime, --by-duration,\n" +
			"--to-current, --from-file, --like) and a scope (--topic, --all-topics; a file brings its own).",
		Example: "  lagtop offsets reset payments -b kafka-1:9092 --all-topics --to-earliest\n" +
			"  lagtop offsets reset payments -b kafka-1:9092 --topic orders:0,3 --shift-by -100 --execute\n" +
			"  lagtop offsets reset payments -b kafka-1:9092 --topic orders --by-duration PT1H --wait --execute",
		Args: oneGroup,
	}
	for _, s := range scenarioFlags() {
		if s.value == "" {
			c.Flags().Bool(s.name, false, s.usage)
		} else {
			c.Flags().String(s.name, "", s.usage)
		}
	}
	c.Flags().StringArrayVar(&f.topics, "topic", nil, "a `topic`, or partitions of it: orders:0,3; may be given several times")
	c.Flags().BoolVar(&f.all, "all-topics", false, "every partition that the group has a commit for")
	c.Flags().BoolVar(&f.create, "create", false, "create the group where it does not exist")
	c.Flags().BoolVar(&f.wait, "wait", false, "wait until the group is empty, then apply")
	c.Flags().BoolVar(&f.replan, "replan", false, "with --wait: apply what is planned then, even if it is not what was shown")
	c.Flags().DurationVar(&f.timeout, "timeout", 10*time.Minute, "how `long` to wait, 0 without end")
	f.add(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		spec, err := f.spec(c, args[0])
		if err != nil {
			return usageError{err}
		}
		return r.withJob(f.jobFlags, func(j *job) error { return j.reset(c.Context(), spec, &f) })
	}
	return c
}

// spec is what the flags ask for.
func (f *resetFlags) spec(c *cobra.Command, group string) (offsets.Spec, error) {
	spec := offsets.Spec{Group: group, Create: f.create}
	var given []string
	for _, s := range scenarioFlags() {
		if !c.Flags().Changed(s.name) {
			continue
		}
		given = append(given, "--"+s.name)
		value := c.Flags().Lookup(s.name).Value.String()
		if s.value == "" && value != "true" {
			return spec, fmt.Errorf("--%s=%s: leave it out instead", s.name, value)
		}
		var err error
		if spec.Scenario, err = s.parse(value, group); err != nil {
			return spec, fmt.Errorf("--%s: %w", s.name, err)
		}
	}
	if len(given) != 1 {
		return spec, oneScenario(given)
	}
	for _, alone := range []string{"timeout", "replan"} {
		if c.Flags().Changed(alone) && !f.wait {
			return spec, fmt.Errorf("--%s: only with --wait", alone)
		}
	}
	var err error
	spec.Scope, err = scopeOf(f.topics, f.all, given[0] == "--from-file")
	return spec, err
}

func oneScenario(given []string) error {
	if len(given) > 1 {
		return fmt.Errorf("%s: give one of them", strings.Join(given, " and "))
	}
	var names []string
	for _, s := range scenarioFlags() {
		names = append(names, "--"+s.name)
	}
	return fmt.Errorf("say where to: give one of %s", strings.Join(names, ", "))
}

// scopeOf reads --topic and --all-topics. own says that the scenario names its partitions itself.
func scopeOf(topics []string, all, own bool) (offsets.Scope, error) {
	switch {
	case all && len(topics) > 0:
		return offsets.Scope{}, errors.New("--all-topics and --topic: give one of them")
	case all && own:
		return offsets.Scope{}, errors.New("--all-topics and --from-file: the file names its partitions; leave --all-topics out")
	case !all && !own && len(topics) == 0:
		return offsets.Scope{}, errors.New("say of what: give --topic T, --topic T:0,1 or --all-topics")
	}
	var s offsets.Scope
	for _, t := range topics {
		name, list, some := strings.Cut(t, ":")
		if name == "" {
			return s, fmt.Errorf("--topic %q: the topic is missing", t)
		}
		if !some {
			s.Topics = append(s.Topics, name)
			continue
		}
		for n := range strings.SplitSeq(list, ",") {
			p, err := strconv.ParseInt(n, 10, 32)
			if err != nil || p < 0 {
				return s, fmt.Errorf("--topic %q: partition %q is not a number of 0 or more", t, n)
			}
			s.Partitions = append(s.Partitions, kafka.TopicPartition{Topic: name, Partition: int32(p)})
		}
	}
	return s, nil
}

func (j *job) reset(ctx context.Context, spec offsets.Spec, f *resetFlags) error {
	p, err := offsets.Prepare(ctx, j.admin, spec)
	if errors.Is(err, kafka.CodeGroupIDNotFound) && !spec.Create {
		return createHint(err)
	}
	if err != nil {
		return err
	}
	if !f.wait || !j.flags.execute {
		return j.carryOut(ctx, j.aged(ctx, p))
	}
	if p, err = j.waitEmpty(ctx, spec, p, f); err != nil {
		return err
	}
	return j.carryOut(ctx, p) // at once: the consumers may come back
}

// createHint is err with the flag that lets a commit create the group.
func createHint(err error) error { return fmt.Errorf("%w; give --create for that", err) }

// waitEmpty is the plan to apply once the group has no members.
func (j *job) waitEmpty(ctx context.Context, spec offsets.Spec, shown offsets.Plan, f *resetFlags) (offsets.Plan, error) {
	if f.timeout > 0 {
		var stop context.CancelFunc
		late := fmt.Errorf("%s is not empty after %s (--timeout); nothing was changed", spec.Group, f.timeout)
		ctx, stop = context.WithTimeoutCause(ctx, f.timeout, late)
		defer stop()
	}
	last := ""
	now, err := offsets.WaitEmpty(ctx, j.admin, spec, offsets.WaitOptions{Progress: func(w offsets.Waiting) {
		if s := w.String(); s != last {
			last = s
			j.say(s)
		}
	}})
	if err != nil {
		return now, err
	}
	if why := shown.Outdated(&now); why != "" && !f.replan {
		return now, fmt.Errorf("reset %s: nothing was changed: the plan is another one now that the group is empty: %s; look at it again, or give --replan", spec.Group, why)
	}
	return now, nil
}

func (r *run) deleteCommand() *cobra.Command {
	var f jobFlags
	var topics []string
	c := &cobra.Command{
		Use:   "delete GROUP",
		Short: "Delete the offsets of a topic, also in a group that runs but does not subscribe to it",
		Long: "Delete the offsets of a topic; without --execute only say what would be deleted. It works in a group with\n" +
			"members too, for topics that none of them subscribes to.",
		Example: "  lagtop offsets delete payments -b kafka-1:9092 --topic orders-old --execute",
		Args:    oneGroup,
	}
	c.Flags().StringArrayVar(&topics, "topic", nil, "a `topic`, or partitions of it: orders:0,3; may be given several times")
	f.add(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(topics) == 0 {
			return usageError{errors.New("say of what: give --topic T or --topic T:0,1")}
		}
		s, err := scopeOf(slices.Compact(topics), false, false)
		if err != nil {
			return usageError{err}
		}
		return r.withJob(f, func(j *job) error {
			p, err := offsets.Prepare(c.Context(), j.admin, offsets.Spec{Group: args[0], Scope: s, Scenario: offsets.Remove{}})
			if err != nil {
				return err
			}
			return j.carryOut(c.Context(), p)
		})
	}
	return c
}
