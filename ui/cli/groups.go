package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"lagtop/kafka/conn"
	"lagtop/kafka/operate"
)

func (r *run) groupsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "groups",
		Short: "Delete a group",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return usageError{errors.New("name one of: " + subcommands(c))}
		},
	}
	var f changeFlags
	del := &cobra.Command{
		Use:   "delete GROUP",
		Short: "Delete an empty group with its offsets, which are saved first",
		Long: "Delete an empty group with its offsets, of any type. The commits of a consumer group are saved as CSV\n" +
			"first; lagtop offsets reset GROUP --from-file FILE --create brings it back. Nothing is changed without --execute.",
		Example: "  lagtop groups delete payments -b kafka-1:9092\n  lagtop groups delete payments -b kafka-1:9092 --execute",
		Args:    oneGroup,
		RunE: func(c *cobra.Command, args []string) error {
			return r.withChange(c.Context(), f, func(ctx context.Context, a *conn.Admin) (operate.Plan, error) {
				return operate.PlanDeletion(ctx, a, args[0])
			})
		},
	}
	f.destroy = true // deleting is what was asked for
	f.add(del)
	c.AddCommand(del)
	return c
}
