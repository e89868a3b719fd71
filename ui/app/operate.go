package app

import (
	"context"
	"errors"
	"strings"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka/offsets"
	"lagtop/kafka/operate"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/component"
)

// Fields and values of the form that deletes.
const (
	fieldWhat = "what"

	whatGroup = "group"
	whatTopic = "offsets"
)

// askDelete asks whether the group goes, or its offsets of one topic.
func (m *Model) askDelete() tea.Cmd {
	g, topic := m.env.Focus.Group, m.env.Focus.Topic
	what := []component.Option{{Value: whatGroup, Label: "the group", Hint: "with all its offsets; only while it is empty"}}
	if topic != "" {
		what = append(what, component.Option{Value: whatTopic, Label: "its offsets of topic " + safe.Line(topic),
			Hint: "the group stays; also while it has members, when none of them subscribes to the topic"})
	}
	f := component.NewForm("Delete from "+safe.Line(g), component.Field{Name: fieldWhat, Label: "what", Options: what, Value: whatGroup})
	f.Danger, f.Submit = true, "show what would be lost"
	m.openModal(&formBox{f, func(m *Model, f *component.Form) (tea.Cmd, bool) {
		if f.Value(fieldWhat) == whatTopic {
			return m.planReset(offsets.Spec{Group: g, Scope: offsets.Scope{Topics: []string{topic}}, Scenario: offsets.Remove{}}), true
		}
		return m.planChange("plan to delete "+g, func(ctx context.Context, a Actor) (operate.Plan, error) {
			return operate.PlanDeletion(ctx, a, g)
		}), true
	}})
	return nil
}

// planElect reads the leaders of the selected topic, or of the cluster where no topic is at hand.
func (m *Model) planElect() tea.Cmd {
	topic, now := "", m.env.Now
	if m.top().Place()&(command.Topics|command.TopicDetail) != 0 {
		topic = m.env.Focus.Topic
	}
	return m.planChange("plan an election", func(ctx context.Context, a Actor) (operate.Plan, error) {
		return operate.PlanElection(ctx, a, topic, now)
	})
}

// planChange makes a plan outside the event loop and shows it.
func (m *Model) planChange(title string, plan func(context.Context, Actor) (operate.Plan, error)) tea.Cmd {
	actor := m.deps.Actor
	return m.start(title, func(ctx context.Context, _ func(string)) func(*Model) tea.Cmd {
		p, err := plan(ctx, actor)
		return func(m *Model) tea.Cmd {
			switch {
			case errors.Is(err, operate.ErrNothing):
				m.toast(component.ToastInfo, err.Error())
			case err != nil:
				m.failed(err)
			default:
				m.previewChange(p)
			}
			return nil
		}
	})
}

// previewChange shows the plan; the plan on the screen is the value that is applied.
func (m *Model) previewChange(p operate.Plan) {
	head := changeWords(p)
	d := component.Dialog{
		Title: head.title, Danger: true, Body: m.changeLines(p), Command: p.Command(strings.Join(m.env.Snapshot.Cluster.Bootstrap, ",")),
		Choices: []component.Choice{{ID: "no", Label: "No, change nothing"}},
	}
	if err := p.Refused(); err != nil {
		d.Danger, d.Choices[0].Label = false, "Close"
		d.Title = "Not possible now: " + strings.ToLower(head.title[:1]) + head.title[1:]
		d.Body = append(m.changeRefusal(err), append([][]component.Cell{nil}, d.Body...)...)
		m.ask(d, nil)
		return
	}
	d.Choices = append(d.Choices, component.Choice{ID: "yes", Label: head.yes, Danger: true})
	if p.Destroys() != "" || p.Does() == operate.DeleteGroup {
		d.Confirm = safe.Line(p.Object())
	}
	m.ask(d, func(m *Model, _ string) tea.Cmd { return m.applyChange(p) })
}

// changeHead are the words that differ between the kinds of plans.
type changeHead struct{ title, yes, done string }

func changeWords(p operate.Plan) changeHead {
	object := safe.Line(p.Object())
	switch p.Does() {
	case operate.DeleteGroup:
		return changeHead{"Delete group " + object, "Yes, delete it", "Group " + object}
	case operate.ElectLeaders:
		if object == "" {
			return changeHead{"Elect preferred leaders in the whole cluster", "Yes, elect", "Election"}
		}
		return changeHead{"Elect preferred leaders of " + object, "Yes, elect", "Election in " + object}
	}
	return changeHead{"Retention of topic " + object, "Yes, set it", "Retention of " + object}
}

// changeLines are the preview: what it means, then each change before and after.
func (m *Model) changeLines(p operate.Plan) [][]component.Cell {
	lines := [][]component.Cell{{{Text: capital(safe.Line(p.Effect())) + ".", Tok: theme.Text}}}
	for i, w := range p.Warnings() {
		tok := theme.Lagging
		if i == 0 && p.Destroys() != "" {
			tok = theme.Danger
		}
		lines = append(lines, []component.Cell{{Text: capital(safe.Line(w)) + ".", Tok: tok}})
	}
	lines = append(lines, nil)
	cs := p.Changes()
	what, before := 4, 6
	for _, c := range cs {
		what, before = max(what, safe.Width(safe.Line(c.What))), max(before, safe.Width(c.Before))
	}
	what, before = min(what, 44), min(before, 32)
	lines = append(lines, []component.Cell{{Text: component.Fit("WHAT", what, false) + "  " + component.Fit("BEFORE", before, false) + "   AFTER", Tok: theme.Header}})
	for _, c := range cs {
		line := []component.Cell{
			{Text: component.Fit(safe.Line(c.What), what, false) + "  ", Tok: theme.Text},
			{Text: component.Fit(safe.Line(c.Before), before, false) + " " + m.theme.Glyphs.Arrow + " ", Tok: theme.Muted},
			{Text: safe.Line(c.After), Tok: theme.Accent},
		}
		if c.Skip != "" {
			line[2] = component.Cell{Text: "left out: " + safe.Line(c.Skip), Tok: theme.Lagging}
		}
		lines = append(lines, line)
	}
	return lines
}

// changeRefusal says why a plan cannot be applied and what to do.
func (m *Model) changeRefusal(err error) [][]component.Cell {
	var used *operate.NotEmptyError
	if errors.As(err, &used) && len(used.Members) > 0 {
		return m.refusal(&offsets.ActiveError{Group: used.Group, State: used.State, Members: used.Members})
	}
	return [][]component.Cell{{{Text: capital(safe.Line(err.Error())) + ".", Tok: theme.Danger}}}
}

// applyChange carries the plan out.
func (m *Model) applyChange(p operate.Plan) tea.Cmd {
	actor, rec := m.deps.Actor, m.recorder()
	return m.start(strings.TrimSpace(string(p.Does())+" "+p.Object()), func(ctx context.Context, note func(string)) func(*Model) tea.Cmd {
		out, err := operate.Apply(ctx, actor, p, operate.Options{Audit: rec, BeforeDir: m.stateDir("before"), Progress: func(s operate.Step) { note(string(s)) }})
		return func(m *Model) tea.Cmd {
			m.deps.Source.Refresh()
			m.showChange(&out, err)
			return nil
		}
	})
}

// showChange says what came of a plan, change by change where something failed, and offers to undo it.
func (m *Model) showChange(out *operate.Outcome, err error) {
	if err != nil && !out.Sent {
		m.ask(component.Dialog{Title: "Nothing was changed", Body: m.changeRefusal(err)}, nil)
		return
	}
	d := component.Dialog{Title: changeWords(out.Plan).done, Choices: []component.Choice{{ID: "close", Label: "Close"}}}
	tok := theme.Good
	if err != nil || len(out.Failed()) > 0 {
		tok = theme.Danger
	}
	for _, l := range strings.Split(out.String(), "\n") {
		d.Body = append(d.Body, []component.Cell{{Text: capital(safe.Line(l)), Tok: tok}})
		tok = theme.Lagging
	}
	muted := func(text string) { d.Body = append(d.Body, []component.Cell{{Text: text, Tok: theme.Muted}}) }
	if err != nil {
		d.Body = append(d.Body, []component.Cell{{Text: safe.Line(err.Error()), Tok: theme.Danger}})
	}
	if out.Proved {
		muted("Read back from the cluster.")
	}
	if out.BeforeFile != "" {
		muted("The offsets it had are kept in " + safe.Line(out.BeforeFile))
	}
	undo := m.undoOf(out)
	if undo != nil {
		d.Choices = append(d.Choices, component.Choice{ID: "undo", Label: "Undo", Key: "u"})
	}
	m.ask(d, func(m *Model, _ string) tea.Cmd { return undo(m) })
}

// undoOf is what takes back an applied plan, nil where nothing does.
func (m *Model) undoOf(out *operate.Outcome) func(*Model) tea.Cmd {
	if p := out.Undo(); p != nil {
		return func(m *Model) tea.Cmd { m.previewChange(p); return nil }
	}
	d, ok := out.Plan.(*operate.Deletion)
	if !ok || len(out.Failed()) > 0 || d.Restorable() != "" {
		return nil
	}
	file := out.BeforeFile
	return func(m *Model) tea.Cmd {
		actor := m.deps.Actor
		return m.start("plan to bring back "+d.Group, func(ctx context.Context, _ func(string)) func(*Model) tea.Cmd {
			p, err := d.Restore(ctx, actor, file)
			return func(m *Model) tea.Cmd {
				if err != nil {
					m.failed(err)
					return nil
				}
				m.previewReset(p)
				return nil
			}
		})
	}
}
