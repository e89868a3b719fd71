package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"lagtop/kafka/audit"
	"lagtop/kafka/offsets"
	"lagtop/kafka/safe"
)

// listedUndos is how many actions are listed, newest first.
const listedUndos = 50

type undoFlags struct {
	jobFlags
	create, anyway bool
}

func (r *run) undoCommand() *cobra.Command {
	var f undoFlags
	c := &cobra.Command{
		Use:   "undo [ID]",
		Short: "Put offsets back as they were before an action of the audit; without an ID, list them",
		Long: "Put offsets back as they were before an action of the audit, at any later time; without --execute only\n" +
			"say what would change. Without an ID, list what can be undone on this cluster.",
		Example: "  lagtop offsets undo -b kafka-1:9092\n  lagtop offsets undo 5f0c -b kafka-1:9092 --execute",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 || len(args) == 1 && args[0] == "" {
				return usageError{errors.New("give one ID; without one, what can be undone is listed")}
			}
			return nil
		},
	}
	c.Flags().BoolVar(&f.create, "create", false, "create the group where it does not exist any more")
	c.Flags().BoolVar(&f.anyway, "anyway", false, "also put commits back that moved since")
	f.add(c)
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) == 0 && f.execute {
			return usageError{errors.New("--execute: name the ID of what to undo")}
		}
		return r.withJob(f.jobFlags, func(j *job) error {
			if len(args) == 0 {
				return j.listUndos(c.Context())
			}
			return j.undo(c.Context(), args[0], &f)
		})
	}
	return c
}

// undoable is an action of the audit that can be taken back.
type undoable struct {
	audit.Action
	was  offsets.Plan
	undo offsets.Plan
}

// asUndoable is false for actions of another kind and those that changed nothing.
func asUndoable(a audit.Action) (undoable, bool) {
	var outcome json.RawMessage
	if a.End != nil && a.End.Phase == audit.Outcome {
		outcome = a.End.Outcome
	}
	was, err := offsets.ReadPlan(a.Plan)
	if err != nil {
		return undoable{}, false
	}
	undo, err := offsets.UndoOf(a.Plan, outcome)
	return undoable{Action: a, was: was, undo: undo}, err == nil
}

// undoables calls do for those of this cluster, newest first, until it returns false.
func (j *job) undoables(ctx context.Context, do func(undoable) bool) error {
	cluster, err := j.admin.ClusterID(ctx)
	if err != nil {
		return err
	}
	for a, err := range audit.Actions(j.run.auditLog(cluster, "").Path) {
		if err != nil {
			return err
		}
		if a.Cluster != cluster {
			continue
		}
		if u, ok := asUndoable(a); ok && !do(u) {
			return nil
		}
	}
	return nil
}

func (j *job) listUndos(ctx context.Context) error {
	rows := [][]string{{"ID", "TIME", "USER", "ACTION", "GROUP", "PARTITIONS", "RESULT"}}
	more := false
	err := j.undoables(ctx, func(u undoable) bool {
		if more = len(rows) > listedUndos; more {
			return false
		}
		rows = append(rows, []string{u.ID, u.Time.Format(time.RFC3339), u.User, string(u.was.Action) + " " + u.was.Scenario, u.Group, strconv.Itoa(u.undo.Acting()), string(u.Result())})
		return true
	})
	if err != nil {
		return err
	}
	if j.out.format != "table" {
		return usageError{errors.New("--output: the list is a table; json and csv are for one ID")}
	}
	if len(rows) == 1 {
		j.say("nothing to undo on this cluster")
		return nil
	}
	if more {
		j.say(fmt.Sprintf("the newest %d; older ones can be undone by their ID", listedUndos))
	}
	return writeColumns(j.run.out, rows)
}

func (j *job) undo(ctx context.Context, id string, f *undoFlags) error {
	var found []undoable
	err := j.undoables(ctx, func(u undoable) bool {
		if strings.HasPrefix(u.ID, id) {
			found = append(found, u)
		}
		return len(found) < 2
	})
	switch {
	case err != nil:
		return err
	case len(found) == 0:
		return fmt.Errorf("undo %s: nothing of that ID can be undone on this cluster; without an ID they are listed", safe.Line(id))
	case len(found) > 1:
		return usageError{fmt.Errorf("undo %s: several IDs begin like this: %s, %s", id, found[0].ID, found[1].ID)}
	}
	u := found[0].undo
	u.Create = f.create
	p, err := offsets.Recheck(ctx, j.admin, u)
	if err != nil {
		return err
	}
	if n := p.MovedSince(); j.flags.execute && n > 0 && !f.anyway && p.Refused() == nil {
		if err := j.out.plan(&p); err != nil {
			return err
		}
		return fmt.Errorf("undo %s: nothing was changed: %d commits moved since; give --anyway to put them back all the same", found[0].ID, n)
	}
	if p.Acting() > 0 && p.Moved() == 0 {
		j.flags.execute = false
		j.say("nothing to undo: everything stands there already")
	}
	return j.carryOut(ctx, p)
}
