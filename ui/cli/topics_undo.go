package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"lagtop/kafka/audit"
	"lagtop/kafka/conn"
	"lagtop/kafka/operate"
	"lagtop/kafka/safe"
)

func (r *run) undoRetentionCommand() *cobra.Command {
	var f changeFlags
	c := &cobra.Command{
		Use:   "undo [ID]",
		Short: "Set a topic's retention back as it was before an action of the audit; without an ID, list them",
		Long: "Set a topic's retention back as it was before an action of the audit, at any later time: its former value,\n" +
			"or none of its own where it had none. Without --execute only say what would change. Without an ID, list what\n" +
			"can be undone on this cluster.",
		Example: "  lagtop topics undo -b kafka-1:9092\n  lagtop topics undo 5f0c -b kafka-1:9092 --execute --shorten",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 || len(args) == 1 && args[0] == "" {
				return usageError{errors.New("give one ID; without one, what can be undone is listed")}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case len(args) > 0:
				return r.withChange(c.Context(), f, func(ctx context.Context, a *conn.Admin) (operate.Plan, error) {
					return r.planRetentionUndo(ctx, a, args[0])
				})
			case f.execute:
				return usageError{errors.New("--execute: name the ID of what to undo")}
			}
			_, admin, err := r.toAct(false)
			if err != nil {
				return err
			}
			defer admin.Close()
			return r.listRetentionUndos(c.Context(), admin)
		},
	}
	f.add(c)
	c.Flags().BoolVar(&f.destroy, "shorten", false, "also where it deletes records that would have stayed")
	return c
}

// recordedRetentions calls do for the retentions that were set on this cluster, newest first, until it returns
// false.
func (r *run) recordedRetentions(ctx context.Context, admin *conn.Admin, do func(audit.Action, *operate.Retention) bool) error {
	return r.recorded(ctx, admin, func(a audit.Action) bool {
		if a.Action != string(operate.SetRetention) || a.Result() == audit.Refused {
			return true
		}
		p, err := operate.ReadPlan(a.Plan)
		was, ok := p.(*operate.Retention)
		return err != nil || !ok || do(a, was)
	})
}

func (r *run) listRetentionUndos(ctx context.Context, admin *conn.Admin) error {
	rows := [][]string{{"ID", "TIME", "USER", "TOPIC", "SETTING", "BEFORE", "AFTER", "RESULT"}}
	listed, more := 0, false
	err := r.recordedRetentions(ctx, admin, func(a audit.Action, p *operate.Retention) bool {
		if more = listed == listedUndos; more {
			return false
		}
		listed++
		for _, c := range p.Changes() {
			rows = append(rows, []string{a.ID, a.Time.Format(time.RFC3339), a.User, a.Group, c.What, c.Before, c.After, string(a.Result())})
		}
		return true
	})
	switch {
	case err != nil:
		return err
	case len(rows) == 1:
		r.tell("nothing to undo on this cluster")
		return nil
	case more:
		r.tell(fmt.Sprintf("the newest %d; older ones can be undone by their ID", listedUndos))
	}
	return writeColumns(r.out, rows)
}

func (r *run) planRetentionUndo(ctx context.Context, admin *conn.Admin, id string) (operate.Plan, error) {
	var ids []string
	var was *operate.Retention
	err := r.recordedRetentions(ctx, admin, func(a audit.Action, p *operate.Retention) bool {
		if strings.HasPrefix(a.ID, id) {
			ids, was = append(ids, a.ID), p
		}
		return len(ids) < 2
	})
	switch {
	case err != nil:
		return nil, err
	case len(ids) == 0:
		return nil, fmt.Errorf("undo %s: no retention of that ID can be undone on this cluster; without an ID they are listed", safe.Line(id))
	case len(ids) > 1:
		return nil, usageError{fmt.Errorf("undo %s: several IDs begin like this: %s", safe.Line(id), strings.Join(ids, ", "))}
	}
	return was.TakeBack(ctx, admin, time.Now())
}
