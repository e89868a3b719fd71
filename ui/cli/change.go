package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"lagtop/kafka/conn"
	"lagtop/kafka/operate"
	"lagtop/kafka/safe"
)

// changeFlags are those of the commands that delete groups, elect leaders and set retention.
type changeFlags struct {
	execute bool
	destroy bool // what is gone for good may go
	confirm string
}

func (f *changeFlags) add(c *cobra.Command) {
	c.Flags().BoolVar(&f.execute, "execute", false, "do it; without, only say what would change")
	c.Flags().StringVar(&f.confirm, "confirm", "", "with --execute: the `name` of the context, where it is protected")
}

// planner reads the cluster and plans a change of it.
type planner func(ctx context.Context, a *conn.Admin) (operate.Plan, error)

// toAct opens what plans and actions need of the cluster that is named. What would be refused anyway is
// refused before.
func (r *run) toAct(execute bool) (*target, *conn.Admin, error) {
	t, err := r.needTarget()
	if err != nil {
		return nil, nil, err
	}
	cfg, err := t.conn()
	if err != nil {
		return nil, nil, err
	}
	if execute && cfg.ReadOnly {
		return nil, nil, fmt.Errorf("--execute: %w (%s)", conn.ErrReadOnly, t.readOnly)
	}
	admin, err := conn.OpenAdmin(cfg)
	return t, admin, err
}

// withChange connects, plans, and shows the plan or carries it out.
func (r *run) withChange(ctx context.Context, f changeFlags, plan planner) error {
	t, admin, err := r.toAct(f.execute)
	if err != nil {
		return err
	}
	defer admin.Close()
	p, err := plan(ctx, admin)
	switch {
	case errors.Is(err, operate.ErrNothing):
		r.tell(err.Error())
		return nil
	case err != nil:
		return err
	}
	if err := r.printChanges(p); err != nil {
		return err
	}
	if err := p.Refused(); err != nil {
		return err
	}
	if !f.execute {
		r.tell("nothing was changed; add --execute to do it")
		return nil
	}
	if lost := p.Destroys(); lost != "" && !f.destroy {
		return usageError{fmt.Errorf("this deletes %s: nothing was changed; add --shorten if that is meant", lost)}
	}
	if err := r.confirmProtected(ctx, t, f.confirm); err != nil {
		return err
	}
	return r.change(ctx, admin, t, p)
}

// change applies the plan and says what came of it.
func (r *run) change(ctx context.Context, a *conn.Admin, t *target, p operate.Plan) error {
	cluster, err := a.ClusterID(ctx)
	if err != nil {
		return err
	}
	ctx, rec, done := carefully(ctx, r.auditLog(cluster, t.Name))
	defer done()
	out, err := operate.Apply(ctx, a, p, operate.Options{Audit: rec, Progress: func(s operate.Step) { r.tell(string(s)) }})
	if !out.Sent {
		return err
	}
	r.tell(fmt.Sprintf("%d of %d done", len(out.Results)-len(out.Failed()), len(out.Results)))
	for _, res := range out.Failed() {
		r.tell(res.What + ": " + res.Err)
	}
	if out.BeforeFile != "" {
		r.tell("the offsets it had are in " + out.BeforeFile)
	}
	if err == nil && len(out.Failed()) > 0 {
		return errIncomplete
	}
	return err
}

// printChanges writes what the plan means to standard error and each change to standard output.
func (r *run) printChanges(p operate.Plan) error {
	r.tell(p.Effect())
	for _, w := range p.Warnings() {
		r.tell(w)
	}
	rows := [][]string{{"WHAT", "BEFORE", "AFTER", "LEFT OUT"}}
	for _, c := range p.Changes() {
		rows = append(rows, []string{c.What, c.Before, c.After, c.Skip})
	}
	if err := writeColumns(r.out, rows); err != nil {
		return fmt.Errorf("write the plan: %w", err)
	}
	return nil
}

// tell writes a line about a change to standard error; names in it need not be safe.
func (r *run) tell(s string) { r.say("lagtop: " + safe.Line(s)) }
