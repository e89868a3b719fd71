package app

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/audit"
	"lagtop/kafka/offsets"
	"lagtop/kafka/operate"
	"lagtop/kafka/rebalance"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/component"
)

// Actor is the cluster as actions see it.
type Actor interface {
	offsets.Reader
	offsets.Committer
	rebalance.Client
	operate.Client
}

// proposal is a plan, and what it was made from.
type proposal struct {
	plan offsets.Plan
	spec *offsets.Spec // nil: the plan takes something back, and is made again from itself
	// check refuses plans that are not what was asked for; nil refuses none.
	check func(*offsets.Plan) error
}

// planReset reads the world and shows what would change.
func (m *Model) planReset(spec offsets.Spec) tea.Cmd { return m.planIf(spec, nil) }

// planIf shows the plan unless the check refuses it; nil refuses none.
func (m *Model) planIf(spec offsets.Spec, check func(*offsets.Plan) error) tea.Cmd {
	actor, stamps := m.deps.Actor, m.deps.Stamps
	return m.start("plan a reset of "+spec.Group, func(ctx context.Context, note func(string)) func(*Model) tea.Cmd {
		note("reading commits and ends")
		plan, err := offsets.Prepare(ctx, actor, spec)
		if err == nil && check != nil {
			err = check(&plan)
		}
		if err == nil {
			note("reading how old skipped records are")
			plan = aged(ctx, stamps, plan)
		}
		return func(m *Model) tea.Cmd {
			if err != nil {
				m.failed(err)
				return nil
			}
			m.propose(proposal{plan, &spec, check}, "")
			return nil
		}
	})
}

// replan makes a proposal again for the present world, and shows it with the reason.
func (m *Model) replan(p proposal, why string) tea.Cmd {
	actor, stamps := m.deps.Actor, m.deps.Stamps
	return m.start("plan again for "+p.plan.Group, func(ctx context.Context, _ func(string)) func(*Model) tea.Cmd {
		now, err := p.again(ctx, actor)
		if err == nil && p.check != nil {
			err = p.check(&now)
		}
		if err == nil {
			now = aged(ctx, stamps, now)
		}
		return func(m *Model) tea.Cmd {
			if err != nil {
				m.failed(err)
				return nil
			}
			m.propose(proposal{now, p.spec, p.check}, why)
			return nil
		}
	})
}

// again is the plan for the present world.
func (p *proposal) again(ctx context.Context, actor Actor) (offsets.Plan, error) {
	if p.spec == nil {
		return offsets.Recheck(ctx, actor, p.plan)
	}
	return offsets.Prepare(ctx, actor, *p.spec)
}

// agesPatience is how long the ages of skipped records may hold up a preview.
const agesPatience = 4 * time.Second

// aged is the plan with the ages of what it skips, as far as they can be read.
func aged(ctx context.Context, s StampReader, p offsets.Plan) offsets.Plan {
	if s == nil {
		return p
	}
	ctx, cancel := context.WithTimeout(ctx, agesPatience)
	defer cancel()
	return offsets.WithAges(ctx, s, p)
}

// previewReset shows a plan that takes something back.
func (m *Model) previewReset(plan offsets.Plan) { m.propose(proposal{plan: plan}, "") }

// applyReset carries the plan out.
func (m *Model) applyReset(p proposal) tea.Cmd {
	actor, o := m.deps.Actor, offsets.Options{Audit: m.recorder(), BeforeDir: m.stateDir("before")}
	return m.start(p.verb()+" offsets of "+p.plan.Group, func(ctx context.Context, note func(string)) func(*Model) tea.Cmd {
		o.Progress = func(s offsets.Step) { note(string(s)) }
		out, err := offsets.Apply(ctx, actor, p.plan, o)
		return func(m *Model) tea.Cmd {
			m.deps.Source.Refresh()
			m.showOutcome(p, &out, err)
			return nil
		}
	})
}

// verb is what the plan does, in one word.
func (p *proposal) verb() string {
	if p.plan.Action.Deletes() {
		return "delete"
	}
	return "reset"
}

func place(tp kafka.TopicPartition) string {
	return safe.Line(tp.Topic) + "/" + strconv.Itoa(int(tp.Partition))
}

func offsetText(k kafka.Known[int64], unknown string) string {
	if !k.OK {
		return unknown
	}
	return strconv.FormatInt(k.V, 10)
}

func deltaText(k kafka.Known[int64], unknown string) string {
	if !k.OK {
		return unknown
	}
	return fmt.Sprintf("%+d", k.V)
}

// failed shows an error in full: a toast is too short for one that says what to do.
func (m *Model) failed(err error) {
	if errors.Is(err, context.Canceled) && !errors.Is(err, audit.ErrUnwritten) {
		m.toast(component.ToastInfo, "cancelled: nothing more was sent")
		return
	}
	m.ask(component.Dialog{Title: "That did not work", Body: [][]component.Cell{{{Text: safe.Line(err.Error()), Tok: theme.Danger}}}}, nil)
}
