package app

import (
	"context"
	"errors"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/audit"
	"lagtop/kafka/offsets"
	"lagtop/kafka/operate"
	"lagtop/kafka/safe"
	"lagtop/ui/component"
	auditpane "lagtop/ui/pane/audit"
)

// planUndo plans to take back a recorded action as far as the present state allows, and shows the plan.
func (m *Model) planUndo(a audit.Action) tea.Cmd {
	plan := m.undoOffsets
	if operate.Knows(a.Action) {
		plan = m.undoChange
	}
	return m.start("plan to undo "+a.Action+" of "+a.Group, func(ctx context.Context, note func(string)) func(*Model) tea.Cmd {
		note("comparing with the present state")
		show, err := plan(ctx, a)
		return func(m *Model) tea.Cmd {
			switch {
			case errors.Is(err, operate.ErrNothing):
				m.ask(component.Dialog{Title: "Nothing to undo", Body: [][]component.Cell{{{Text: "Everything stands where it was before " + safe.Line(a.Action) + "."}}}}, nil)
			case err != nil:
				m.failed(err)
			default:
				show(m)
			}
			return nil
		}
	})
}

func (m *Model) undoOffsets(ctx context.Context, a audit.Action) (func(*Model), error) {
	p, err := offsets.UndoOf(a.Plan, a.Recorded())
	if err == nil {
		p, err = offsets.Recheck(ctx, m.deps.Actor, p)
	}
	if err == nil {
		p = aged(ctx, m.deps.Stamps, p)
	}
	return showOffsets(p, err)
}

// showOffsets shows a plan that takes something back, when it changes anything.
func showOffsets(p offsets.Plan, err error) (func(*Model), error) {
	if err == nil && p.Acting() > 0 && p.Moved() == 0 {
		err = operate.ErrNothing
	}
	return func(m *Model) { m.previewReset(p) }, err
}

// undoChange leads a retention back, or brings a deleted group back.
func (m *Model) undoChange(ctx context.Context, a audit.Action) (func(*Model), error) {
	o, err := operate.ReadOutcome(a.Plan, a.Recorded())
	if err != nil {
		return nil, err
	}
	switch p := o.Plan.(type) {
	case *operate.Retention:
		u, err := p.TakeBack(ctx, m.deps.Actor, time.Now())
		return func(m *Model) { u.Unread = m.unread(u.Topic); m.previewChange(u) }, err
	case *operate.Deletion:
		return showOffsets(p.Restore(ctx, m.deps.Actor, o.BeforeFile))
	}
	return nil, errors.New(operate.NoUndo(o.Plan))
}

// undoer finds the actions that were taken back by later ones.
type undoer struct {
	newest map[object]later // the newest change of each
}

// object is a group or a topic of a cluster.
type object struct {
	cluster, name string
	topic         bool
}

// later is an action after another of the same place. One of offsets and change is set.
type later struct {
	offsets *offsets.Plan
	change  operate.Plan
	at      time.Time
	whole   bool
}

// markUndone finds what was taken back: an action that the newest change of the same group or topic leads
// back from, when that was applied in full. Whatever came between them, the undo and the present state
// decide.
func markUndone(items []auditpane.Item) {
	u := undoer{map[object]later{}}
	for i := range items {
		u.look(&items[i])
	}
}

func (u *undoer) look(it *auditpane.Item) {
	result := it.Result()
	vague := it.CutShort || result == audit.Closed // it may have been applied
	if result != audit.Applied && result != audit.Partly && result != audit.Failed && !vague {
		return
	}
	is, where, ok := understood(it)
	if !ok {
		return
	}
	last, found := u.newest[where]
	switch {
	case !found && !vague:
		is.at, is.whole = it.Time, result == audit.Applied
		u.newest[where] = is
	case found && last.whole && last.takesBack(&is):
		it.Undone = last.at
	}
}

// understood decodes the plans that can be taken back.
func understood(it *auditpane.Item) (is later, where object, ok bool) {
	where = object{cluster: it.Cluster, name: it.Group}
	if auditpane.Offsets(&it.Action) {
		p, err := offsets.ReadPlan(it.Plan)
		return later{offsets: &p}, where, err == nil
	}
	p, err := operate.ReadPlan(it.Plan)
	_, where.topic = p.(*operate.Retention)
	return later{change: p}, where, err == nil && operate.NoUndo(p) == ""
}

// takesBack tells whether l leads back to where the older one began.
func (l *later) takesBack(older *later) bool {
	if older.offsets != nil {
		return l.offsets != nil && takesBack(l.offsets, older.offsets)
	}
	switch p := older.change.(type) {
	case *operate.Retention:
		u, ok := l.change.(*operate.Retention)
		return ok && p.TakesBack(u)
	case *operate.Deletion:
		return l.offsets != nil && restores(l.offsets, p)
	}
	return false
}

// takesBack tells whether every change of u leads back to where p began.
func takesBack(u, p *offsets.Plan) bool {
	if u.Scenario != "undo "+p.Scenario {
		return false
	}
	before := map[kafka.TopicPartition]kafka.Known[int64]{}
	for i := range p.Changes {
		before[p.Changes[i].TopicPartition] = p.Changes[i].Before
	}
	for i := range u.Changes {
		c := &u.Changes[i]
		if was, ok := before[c.TopicPartition]; !ok || c.Acts() && c.After != was {
			return false
		}
	}
	return true
}

// restores tells whether u commits again what the deleted group had.
func restores(u *offsets.Plan, d *operate.Deletion) bool {
	return !slices.ContainsFunc(d.Commits, func(k operate.Commit) bool {
		return !slices.ContainsFunc(u.Changes, func(c offsets.Change) bool {
			return c.TopicPartition == k.TopicPartition && c.Acts() && c.After == kafka.Some(k.Offset)
		})
	})
}

// closeUndone closes actions of the cluster that were cut short and have been undone since.
func closeUndone(file Trail, items []auditpane.Item, cluster string) {
	for i := range items {
		it := &items[i]
		if it.CutShort && it.Cluster == cluster && !it.Undone.IsZero() && file.Recover(it.Action, audit.Found{Verdict: "undone by a later action"}) == nil {
			it.CutShort = false // the next reading has it as closed
		}
	}
}
