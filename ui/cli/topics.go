package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/operate"
)

func (r *run) topicsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "topics",
		Short: "Set how long a topic keeps its records",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return usageError{errors.New("name one of: " + subcommands(c))}
		},
	}
	c.AddCommand(r.retentionCommand(), r.undoRetentionCommand())
	return c
}

func (r *run) retentionCommand() *cobra.Command {
	var f changeFlags
	var ms, bytes string
	c := &cobra.Command{
		Use:   "retention TOPIC",
		Short: "Set retention.ms, retention.bytes or both of a topic",
		Long: "Set retention.ms, retention.bytes or both of a topic. What is not named stays. Nothing is changed without\n" +
			"--execute, and nothing is shortened without --shorten: records beyond the new limit are deleted.",
		Example: "  lagtop topics retention orders --ms 14d -b kafka-1:9092\n  lagtop topics retention orders --bytes 50GiB -b kafka-1:9092 --execute",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 || args[0] == "" {
				return usageError{fmt.Errorf("name one topic: %s TOPIC", c.CommandPath())}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			want, err := wantedRetention(ms, bytes)
			if err != nil {
				return usageError{err}
			}
			return r.withChange(c.Context(), f, func(ctx context.Context, a *conn.Admin) (operate.Plan, error) {
				l, err := operate.ReadLimits(ctx, a, args[0])
				if err != nil {
					return nil, err
				}
				return operate.PlanRetention(l, want, time.Now())
			})
		},
	}
	f.add(c)
	c.Flags().StringVar(&ms, "ms", "", "keep records for this `time`: 36h, 7d, 2w, milliseconds, or unlimited")
	c.Flags().StringVar(&bytes, "bytes", "", "keep up to this `size` per partition: 500MB, 10GiB, bytes, or unlimited")
	c.Flags().BoolVar(&f.destroy, "shorten", false, "also where it deletes records that would have stayed")
	return c
}

func wantedRetention(ms, bytes string) (operate.Wanted, error) {
	var w operate.Wanted
	if ms == "" && bytes == "" {
		return w, errors.New("say how long: --ms 14d, --bytes 50GiB, or both")
	}
	if ms != "" {
		v, err := operate.ParseTime(ms)
		if err != nil {
			return w, fmt.Errorf("--ms: %w", err)
		}
		w.Time = kafka.Some(v)
	}
	if bytes != "" {
		v, err := operate.ParseSize(bytes)
		if err != nil {
			return w, fmt.Errorf("--bytes: %w", err)
		}
		w.Size = kafka.Some(v)
	}
	return w, nil
}
