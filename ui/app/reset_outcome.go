package app

import (
	"errors"
	"strings"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka/human"
	"lagtop/kafka/offsets"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/pane"
)

// showOutcome says what came of a plan, partition by partition where something failed, and offers to undo it.
func (m *Model) showOutcome(p proposal, out *offsets.Outcome, err error) {
	if err != nil && len(out.Results) == 0 {
		m.showRefused(p, err)
		return
	}
	title := "Reset of "
	if p.plan.Action.Deletes() {
		title = "Deletion of " + offsetsOf(p.plan.Action.Share()) + " of "
	}
	d := component.Dialog{Title: title + safe.Line(out.Plan.Group), Body: outcomeLines(out, err), Choices: []component.Choice{{ID: "close", Label: "Close"}}}
	undo := out.Undo()
	if undo.Acting() > 0 {
		d.Choices = append(d.Choices, component.Choice{ID: "undo", Label: "Undo", Key: "u"})
	}
	if mk, ok := m.panes[overviewOrder[1]].(pane.Marker); ok {
		mk.ClearMarks()
	}
	m.ask(d, func(m *Model, _ string) tea.Cmd { return m.replan(proposal{plan: undo}, "") })
}

// showRefused says why nothing was sent, and offers what can be done about it.
func (m *Model) showRefused(p proposal, err error) {
	var active *offsets.ActiveError
	if errors.As(err, &active) && len(active.Members) > 0 {
		p.plan.Holders, p.plan.State = active.Members, active.State
		m.propose(p, "nothing was changed: the group has members again")
		return
	}
	var changed *offsets.ChangedError
	if !errors.As(err, &changed) && active == nil {
		m.failed(err)
		return
	}
	d := component.Dialog{Title: "Nothing was changed", Body: m.refusal(err),
		Choices: []component.Choice{{ID: "close", Label: "Close"}, {ID: "again", Label: "Plan again", Key: "p"}}}
	m.ask(d, func(m *Model, _ string) tea.Cmd { return m.replan(p, "") })
}

func outcomeLines(out *offsets.Outcome, err error) [][]component.Cell {
	var lines [][]component.Cell
	add := func(tok theme.Token, text string) {
		lines = append(lines, []component.Cell{{Text: safe.Line(text), Tok: tok}})
	}
	tok := theme.Good
	failed := len(out.Failed())
	if err != nil || failed > 0 {
		tok = theme.Danger
	}
	words := strings.Split(out.String(), "\n")
	add(tok, words[0])
	if failed > 0 && out.Applied() > 0 {
		add(theme.Text, "Not as planned: "+human.Plural(failed, "partition")+". The others stand where the plan wanted them.")
	}
	for _, l := range words[1:] {
		add(theme.Lagging, l)
	}
	if err != nil {
		add(theme.Danger, err.Error())
	}
	if out.Proved {
		add(theme.Muted, "Read back twice, a second apart.")
	}
	if out.BeforeFile != "" {
		add(theme.Muted, "The state before is kept in "+out.BeforeFile)
	}
	return lines
}
