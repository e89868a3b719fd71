package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"lagtop/kafka"
	"lagtop/kafka/lag"
	"lagtop/kafka/poll"
	"lagtop/kafka/safe"
)

// exitIncomplete is the exit code of a snapshot with missing parts.
const exitIncomplete = 3

// errIncomplete ends the command with exitIncomplete; what is missing was printed.
var errIncomplete = errors.New("parts of the cluster did not answer")

func (r *run) lagCommand() *cobra.Command {
	var output string
	var age bool
	c := &cobra.Command{
		Use:   "lag",
		Short: "Print one complete snapshot of every group's lag and exit",
		Long: "Print one complete snapshot of every group's lag and exit.\n\n" +
			"Exit codes: 0 complete, 3 when parts are missing (named on standard error), 1 failure.\n" +
			"In JSON an unknown number is null, never 0 or -1.",
		Example: "  lagtop lag -b kafka-1:9092\n  lagtop lag -b kafka-1:9092 --group 'pay*' -o json",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if output != "table" && output != "json" {
				return usageError{fmt.Errorf("--output %q: use table or json", output)}
			}
			if age && output != "json" {
				return usageError{errors.New("--age: only with --output json")}
			}
			return r.lag(c.Context(), output, age)
		},
	}
	r.scopeFlags(c.Flags())
	c.Flags().StringVarP(&output, "output", "o", "table", "`format`: table or json")
	c.Flags().BoolVar(&age, "age", false, "ask the brokers how old unread records are: some more requests, age_seconds in JSON")
	return c
}

func (r *run) lag(ctx context.Context, output string, age bool) error {
	cfg, err := r.config()
	if err != nil {
		return err
	}
	opts := poll.Options{Scope: r.flags.scope} // a script gets what its own flags say
	if age {
		opts.Ages = lag.NewHistory(lag.Options{}).Ages
	}
	snap, err := poll.New(cfg, opts).Once(ctx)
	if err != nil {
		return err
	}
	groups := make([]*kafka.Group, len(snap.Groups))
	for i := range groups {
		groups[i] = &snap.Groups[i]
	}
	out := bufio.NewWriterSize(r.out, 1<<16)
	if output == "json" {
		writeLagJSON(out, snap, groups)
	} else {
		writeLagTable(out, groups)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the snapshot: %w", err)
	}
	for _, what := range missing(snap) {
		r.say("lagtop: missing: " + safe.Line(what))
	}
	if snap.Complete() {
		return nil
	}
	return errIncomplete
}

// missing says what the numbers are without, unsanitised. A topic that members name and nobody lists may
// as well not be there: that alone makes no snapshot incomplete.
func missing(s *kafka.Snapshot) []string {
	var out, topics []string
	for i := range s.Faults {
		if f := &s.Faults[i]; !f.Denied {
			out = append(out, f.String())
		}
	}
	const more = " (lagtop doctor says more)"
	if denied := s.Denied(); len(denied) > 0 {
		out = append(out, "not authorized: DESCRIBE on group "+strings.Join(denied, ", ")+more)
	}
	for i := range s.Groups {
		topics = append(topics, s.Groups[i].Hidden...)
	}
	if slices.Sort(topics); len(topics) > 0 {
		out = append(out, "not authorized: DESCRIBE on topic "+strings.Join(slices.Compact(topics), ", ")+", or no such topic"+more)
	}
	return out
}
