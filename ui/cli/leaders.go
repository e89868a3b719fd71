package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"lagtop/kafka/conn"
	"lagtop/kafka/operate"
)

func (r *run) leadersCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "leaders",
		Short: "Elect preferred leaders",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return usageError{errors.New("name one of: " + subcommands(c))}
		},
	}
	var f changeFlags
	var topic string
	elect := &cobra.Command{
		Use:   "elect",
		Short: "Make the first replica of each partition its leader, where it is in sync",
		Long: "Make the first replica of each partition its leader, in the whole cluster or in one topic. Partitions whose\n" +
			"preferred replica is not in sync are left out and named. Nothing is changed without --execute.",
		Example: "  lagtop leaders elect -b kafka-1:9092\n  lagtop leaders elect --topic orders -b kafka-1:9092 --execute",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return r.withChange(c.Context(), f, func(ctx context.Context, a *conn.Admin) (operate.Plan, error) {
				return operate.PlanElection(ctx, a, topic, time.Now())
			})
		},
	}
	f.add(elect)
	elect.Flags().StringVar(&topic, "topic", "", "only of this `topic`")
	c.AddCommand(elect)
	return c
}
