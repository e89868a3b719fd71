package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"lagtop/kafka"
	"lagtop/kafka/audit"
	"lagtop/kafka/conn"
	"lagtop/kafka/human"
	"lagtop/kafka/offsets"
	"lagtop/kafka/operate"
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
			"say what would change. A deleted consumer group comes back with its offsets. Without an ID, list what can be\n" +
			"undone on this cluster.",
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

// undoable is an action of the audit that can be taken back by setting offsets.
type undoable struct {
	audit.Action
	what       string
	partitions int
	plan       func(context.Context, offsets.Reader) (offsets.Plan, error) // as the world stands now
}

// asUndoable is false for actions of another kind and those that changed nothing.
func asUndoable(a audit.Action) (undoable, bool) {
	if operate.Knows(a.Action) {
		return asRestorable(a)
	}
	was, err := offsets.ReadPlan(a.Plan)
	if err != nil {
		return undoable{}, false
	}
	undo, err := offsets.UndoOf(a.Plan, a.Recorded())
	return undoable{a, string(was.Action) + " " + was.Scenario, undo.Acting(), func(ctx context.Context, r offsets.Reader) (offsets.Plan, error) {
		return offsets.Recheck(ctx, r, undo)
	}}, err == nil
}

// asRestorable is false for all but deletions of groups whose offsets can be committed again.
func asRestorable(a audit.Action) (undoable, bool) {
	o, err := operate.ReadOutcome(a.Plan, a.Recorded())
	d, ok := o.Plan.(*operate.Deletion)
	if err != nil || !ok || operate.NoUndo(d) != "" || a.Result() == audit.Refused {
		return undoable{}, false
	}
	return undoable{a, a.Action, len(d.Commits), func(ctx context.Context, r offsets.Reader) (offsets.Plan, error) {
		return d.Restore(ctx, r, o.BeforeFile)
	}}, true
}

// undoables calls do for those of this cluster, newest first, until it returns false.
func (j *job) undoables(ctx context.Context, do func(undoable) bool) error {
	return j.run.recorded(ctx, j.admin, func(a audit.Action) bool {
		u, ok := asUndoable(a)
		return !ok || do(u)
	})
}

// recorded calls do for the actions on this cluster, newest first, until it returns false.
func (r *run) recorded(ctx context.Context, admin *conn.Admin, do func(audit.Action) bool) error {
	cluster, err := admin.ClusterID(ctx)
	if err != nil {
		return err
	}
	for a, err := range audit.Actions(r.auditLog(cluster, "").Path) {
		if err != nil {
			return err
		}
		if a.Cluster == cluster && !do(a) {
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
		rows = append(rows, []string{u.ID, u.Time.Format(time.RFC3339), u.User, u.what, u.Group, strconv.Itoa(u.partitions), string(u.Result())})
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
	p, err := found[0].plan(ctx, j.admin)
	if err != nil {
		return err
	}
	p = j.aged(ctx, p)
	p.Create = f.create
	if n := p.MovedSince(); j.flags.execute && n > 0 && !f.anyway && p.Refused() == nil {
		if err := j.out.plan(&p); err != nil {
			return err
		}
		return fmt.Errorf("undo %s: nothing was changed: %s moved since; give --anyway to put them back all the same", found[0].ID, human.Plural(n, "commit"))
	}
	if p.Acting() > 0 && p.Moved() == 0 {
		return j.nothingToUndo(&p)
	}
	err = j.carryOut(ctx, p)
	if errors.Is(err, kafka.CodeGroupIDNotFound) && !f.create {
		return createHint(err)
	}
	return err
}

func (j *job) nothingToUndo(p *offsets.Plan) error {
	if err := j.out.plan(p); err != nil {
		return err
	}
	j.say("nothing to undo: everything stands there already")
	return j.left(p)
}
