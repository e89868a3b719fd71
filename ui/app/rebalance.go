package app

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/rebalance"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/command"
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
	if p.Note != "" {
		body = append(body, []component.Cell{{Text: capital(safe.Line(p.Note)) + ".", Tok: theme.Text}})
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
	actor, rec, began := m.deps.Actor, m.recorder(), m.deps.Now()
	return m.start(fmt.Sprintf("%s %s", p.Action, p.Group), func(ctx context.Context, note func(string)) func(*Model) tea.Cmd {
		res, err := rebalance.Apply(ctx, actor, p, rebalance.Options{Audit: rec, Progress: func(s rebalance.Sample) { note(sampleText(s)) }})
		return func(m *Model) tea.Cmd {
			if m.deps.Source.Refresh(); res.Sent {
				m.acted(&res.Plan, string(p.Action), began, res.Unstable)
			}
			m.showRebalance(&res, err)
			return nil
		}
	})
}

func sampleText(s rebalance.Sample) string {
	text := "settling"
	if s.Waiting != "" {
		text = fmt.Sprintf("not Stable for %s, waiting for %s", s.Unstable.Round(100*time.Millisecond), s.Waiting)
	}
	if s.Turn > 0 {
		text = fmt.Sprintf("%d of %d, %s: %s", s.Turn, s.Turns, s.Target, text)
	}
	return text
}

// MemberMarker is a pane where members can be marked.
type MemberMarker interface {
	MarkedMembers() []string // by member id
}

// markedMembers are those of the group in focus, none when none is marked.
func (m *Model) markedMembers() []string {
	mk, ok := m.panes[command.Partitions].(MemberMarker)
	g := m.group()
	if !ok || g == nil {
		return nil
	}
	var out []string
	for _, id := range mk.MarkedMembers() {
		if slices.ContainsFunc(g.Members, func(mb kafka.Member) bool { return mb.ID == id }) {
			out = append(out, id)
		}
	}
	return out
}

// planRoll reads the group and shows what removing the marked members, or all, one by one would do.
func (m *Model) planRoll() tea.Cmd {
	actor, group, ids := m.deps.Actor, m.env.Focus.Group, m.markedMembers()
	return m.start("plan a rolling kick of "+group, func(ctx context.Context, _ func(string)) func(*Model) tea.Cmd {
		g, err := actor.Group(ctx, group)
		var p rebalance.RollPlan
		if err == nil {
			p, err = rebalance.PlanRoll(g, ids, "")
		}
		return func(m *Model) tea.Cmd {
			if err != nil {
				m.failed(err)
				return nil
			}
			m.previewRoll(p)
			return nil
		}
	})
}

// previewRoll shows whose turn comes when and what each holds.
func (m *Model) previewRoll(p rebalance.RollPlan) {
	body := [][]component.Cell{
		{{Text: capital(safe.Line(p.Effect)) + ".", Tok: theme.Text}},
		{{Text: "Cost: " + safe.Line(p.Cost) + ".", Tok: theme.Lagging}},
	}
	if p.Note != "" {
		body = append(body, []component.Cell{{Text: capital(safe.Line(p.Note)) + ".", Tok: theme.Text}})
	}
	body = append(body, nil, []component.Cell{{Text: "In this order; esc stops before the next one:", Tok: theme.Text}})
	for i, t := range p.Targets {
		held := 0
		for _, ms := range p.Members {
			if ms.Identity == t {
				held = len(ms.Assigned)
			}
		}
		body = append(body, []component.Cell{
			{Text: component.Fit(strconv.Itoa(i+1), 4, true) + "  ", Tok: theme.Muted},
			{Text: safe.Line(t.String()), Tok: theme.Accent}, {Text: "  " + human.Plural(held, "partition"), Tok: theme.Muted},
		})
	}
	if len(p.Targets) == len(p.Members) && len(p.Targets) > 1 {
		body = append(body, nil, []component.Cell{{Text: "These are all members. To kick some, mark them in the partitions pane (" + command.ByID(command.Mark).Key() + " on the consumer's row).", Tok: theme.Muted}})
	}
	m.ask(component.Dialog{Title: "Rolling kick in " + safe.Line(p.Group), Danger: true, Body: body, Choices: []component.Choice{
		{ID: "no", Label: "No, change nothing"}, {ID: "yes", Label: "Yes, kick " + human.Plural(len(p.Targets), "member"), Danger: true},
	}}, func(m *Model, _ string) tea.Cmd { return m.applyRoll(p) })
}

// applyRoll carries the plan out; esc stops it between two members.
func (m *Model) applyRoll(p rebalance.RollPlan) tea.Cmd {
	actor, rec, began := m.deps.Actor, m.recorder(), m.deps.Now()
	return m.start(fmt.Sprintf("%s of %s", p.Action, p.Group), func(ctx context.Context, note func(string)) func(*Model) tea.Cmd {
		res, err := rebalance.ApplyRoll(ctx, actor, p, rebalance.Options{Audit: rec, Progress: func(s rebalance.Sample) { note(sampleText(s)) }})
		return func(m *Model) tea.Cmd {
			if m.deps.Source.Refresh(); len(res.Steps) > 0 && res.Steps[0].Sent {
				m.acted(&res.Steps[0].Plan, string(p.Action), began, 0)
			}
			m.showRoll(&res, err)
			return nil
		}
	})
}

// capital is a sentence's text with its first letter in upper case.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
