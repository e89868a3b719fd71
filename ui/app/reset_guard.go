package app

import (
	"context"
	"errors"
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/offsets"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/component"
)

// guard turns the preview of a plan that cannot be applied now into what can be done instead.
func (m *Model) guard(b *planBox, d *component.Dialog, refused error) {
	d.Choices[0].Label = "Close"
	var active *offsets.ActiveError
	if !errors.As(refused, &active) {
		d.Danger = false
		d.Title = "Nothing to do: " + d.Title
		return
	}
	d.Title = "Reset of " + safe.Line(b.plan.Group) + " is not possible now"
	d.Choices = append(d.Choices, component.Choice{ID: choiceWait, Label: "Wait until empty, then apply", Danger: true})
	if b.unread = m.unreadTopics(&b.plan); len(b.unread) > 0 {
		d.Choices = append(d.Choices, component.Choice{ID: choiceUnread, Label: "Delete offsets of " + human.Plural(len(b.unread), "unread topic")})
	}
	if b.plan.Scope.All() {
		d.Confirm = safe.Line(b.plan.Group)
	}
}

// refusal says why a plan cannot be applied and what to do.
func (m *Model) refusal(err error) [][]component.Cell {
	var active *offsets.ActiveError
	if !errors.As(err, &active) || len(active.Members) == 0 {
		return [][]component.Cell{{{Text: capital(safe.Line(err.Error())) + ".", Tok: theme.Danger}}}
	}
	lines := [][]component.Cell{
		{{Text: fmt.Sprintf("The group has %s. Brokers take a commit from outside only while it has none.", human.Plural(len(active.Members), "member")), Tok: theme.Danger}},
		{{Text: "Stop these, then try again:", Tok: theme.Text}},
	}
	for _, h := range active.Members {
		line := []component.Cell{{Text: "  " + m.theme.Glyphs.Dot + " " + safe.Line(h.String()), Tok: theme.Accent}}
		if h.ID != "" {
			line = append(line, component.Cell{Text: "  member " + safe.Line(h.ID), Tok: theme.Muted})
		}
		lines = append(lines, line)
	}
	if slices.ContainsFunc(active.Members, func(h offsets.Holder) bool { return h.InstanceID != "" }) {
		lines = append(lines, []component.Cell{{Text: "One with an instance id stays a member until its session times out, also when it was stopped.", Tok: theme.Muted}})
	}
	if m.deps.Fleet != nil {
		lines = append(lines, []component.Cell{{Text: "In the demo, - stops the consumers of the group one by one.", Tok: theme.Muted}})
	}
	return lines
}

// unreadTopics are those of the plan to which no member subscribes: their commits can be deleted while the
// group has members. It is none where the subscriptions are not known.
func (m *Model) unreadTopics(p *offsets.Plan) []string {
	g := m.env.Snapshot.Group(p.Group)
	if g == nil || p.Action != offsets.ActionReset || g.State != kafka.StateStable {
		return nil
	}
	var read, out []string
	for i := range g.Members {
		if len(g.Members[i].Subscribed) == 0 {
			return nil
		}
		read = append(read, g.Members[i].Subscribed...)
	}
	for i := range p.Changes {
		c := &p.Changes[i]
		if c.Before.OK && !slices.Contains(read, c.Topic) && !slices.Contains(out, c.Topic) {
			out = append(out, c.Topic)
		}
	}
	return out
}

// waitReset waits until the group has no members and applies the plan made anew, if it still does what was
// confirmed. Otherwise it is shown again.
func (m *Model) waitReset(p proposal) tea.Cmd {
	actor, stamps := m.deps.Actor, m.deps.Stamps
	return m.start("reset "+p.plan.Group+" when it is empty", func(ctx context.Context, note func(string)) func(*Model) tea.Cmd {
		now, err := p.whenEmpty(ctx, actor, offsets.WaitOptions{Progress: func(w offsets.Waiting) { note(w.String()) }})
		changed := ""
		if err == nil {
			changed = p.plan.Outdated(&now)
		}
		if changed != "" {
			now = aged(ctx, stamps, now)
		}
		return func(m *Model) tea.Cmd {
			next := proposal{now, p.spec, p.check}
			switch {
			case err != nil:
				m.failed(err)
				return nil
			case changed != "":
				m.propose(next, "the group is empty now, but this is not what you confirmed: "+changed)
				return nil
			}
			return m.applyReset(next)
		}
	})
}

// whenEmpty is the plan for what the members leave.
func (p *proposal) whenEmpty(ctx context.Context, actor Actor, o offsets.WaitOptions) (offsets.Plan, error) {
	if p.spec != nil {
		return offsets.WaitEmpty(ctx, actor, *p.spec, o)
	}
	spec := offsets.Spec{Group: p.plan.Group, Scenario: offsets.Latest{}, Create: p.plan.Create} // any plan tells that the group is empty
	for i := range p.plan.Changes {
		spec.Scope.Partitions = append(spec.Scope.Partitions, p.plan.Changes[i].TopicPartition)
	}
	if _, err := offsets.WaitEmpty(ctx, actor, spec, o); err != nil {
		return offsets.Plan{}, err
	}
	return offsets.Recheck(ctx, actor, p.plan)
}
