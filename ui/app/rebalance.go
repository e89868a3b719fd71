package app

import (
	"context"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka/rebalance"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/component"
)

// planProbe reads the group and shows what a probe would do.
func (m *Model) planProbe() tea.Cmd {
	return m.planRebalance("plan a rebalance of ", func(ctx context.Context, a Actor, group string) (rebalance.Plan, error) {
		g, err := a.Group(ctx, group)
		if err != nil {
			return rebalance.Plan{}, err
		}
		return rebalance.PlanProbe(g)
	})
}

// planKick reads the group and shows what removing the selected member would do.
func (m *Model) planKick() tea.Cmd {
	member := m.env.Focus.Member
	return m.planRebalance("plan to kick a member of ", func(ctx context.Context, a Actor, group string) (rebalance.Plan, error) {
		g, err := a.Group(ctx, group)
		if err != nil {
			return rebalance.Plan{}, err
		}
		return rebalance.PlanKick(g, member, "")
	})
}

func (m *Model) planRebalance(title string, plan func(context.Context, Actor, string) (rebalance.Plan, error)) tea.Cmd {
	actor, group := m.deps.Actor, m.env.Focus.Group
	return m.start(title+group, func(ctx context.Context, _ func(string)) func(*Model) tea.Cmd {
		p, err := plan(ctx, actor, group)
		return func(m *Model) tea.Cmd {
			if err != nil {
				m.failed(err)
				return nil
			}
			m.previewRebalance(p)
			return nil
		}
	})
}

// previewRebalance shows who loses what and what it costs.
func (m *Model) previewRebalance(p rebalance.Plan) {
	title, yes := "Rebalance "+safe.Line(p.Group), "Yes, rebalance"
	if p.Action == rebalance.Kick {
		title, yes = "Kick "+safe.Line(p.Target.String()), "Yes, kick it"
	}
	body := [][]component.Cell{
		{{Text: safe.Line(p.Effect) + ".", Tok: theme.Text}},
		{{Text: "Cost: " + safe.Line(p.Cost) + ".", Tok: theme.Lagging}},
	}
	if len(p.Loses) > 0 {
		body = append(body, nil, []component.Cell{{Text: "It loses:", Tok: theme.Text}})
		for _, tp := range p.Loses {
			body = append(body, []component.Cell{{Text: "  " + place(tp), Tok: theme.Accent}})
		}
	}
	command, why := p.Command()
	if why != "" {
		body = append(body, nil, []component.Cell{{Text: why + ".", Tok: theme.Muted}})
	}
	m.ask(component.Dialog{Title: title, Danger: true, Body: body, Command: command, Choices: []component.Choice{
		{ID: "no", Label: "No, change nothing"}, {ID: "yes", Label: yes, Danger: true},
	}}, func(m *Model, _ string) tea.Cmd { return m.applyRebalance(p) })
}

// applyRebalance carries the plan out and watches the group until it has settled.
func (m *Model) applyRebalance(p rebalance.Plan) tea.Cmd {
	actor, rec := m.deps.Actor, m.recorder()
	return m.start(fmt.Sprintf("%s %s", p.Action, p.Group), func(ctx context.Context, note func(string)) func(*Model) tea.Cmd {
		res, err := rebalance.Apply(ctx, actor, p, rebalance.Options{Audit: rec, Progress: func(s rebalance.Sample) { note(sampleText(s)) }})
		return func(m *Model) tea.Cmd {
			m.deps.Source.Refresh()
			m.showRebalance(&res, err)
			return nil
		}
	})
}

func sampleText(s rebalance.Sample) string {
	if s.Waiting == "" {
		return "settling"
	}
	return fmt.Sprintf("not Stable for %s, waiting for %s", s.Unstable.Round(100*time.Millisecond), s.Waiting)
}

// showRebalance says how long the group was unstable and which partitions moved.
func (m *Model) showRebalance(r *rebalance.Result, err error) {
	if !r.Sent {
		m.failed(err)
		return
	}
	tok := theme.Good
	if err != nil || !r.Settled {
		tok = theme.Lagging
	}
	body := [][]component.Cell{{{Text: safe.Line(r.String()), Tok: tok}}}
	if err != nil {
		body = append(body, []component.Cell{{Text: safe.Line(err.Error()), Tok: theme.Danger}})
	}
	for _, mv := range r.Moved {
		body = append(body, []component.Cell{
			{Text: "  " + place(mv.TopicPartition) + "  ", Tok: theme.Accent},
			{Text: safe.Line(mv.From.String()) + " " + m.theme.Glyphs.Arrow + " " + safe.Line(mv.To.String()), Tok: theme.Text},
		})
	}
	m.ask(component.Dialog{Title: "Done", Body: body}, nil)
}
