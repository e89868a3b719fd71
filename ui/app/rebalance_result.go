package app

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka/rebalance"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/component"
)

// showRebalance says how long the group was unstable and which partitions moved.
func (m *Model) showRebalance(r *rebalance.Result, err error) {
	if m.unsent(r, err) {
		return
	}
	m.report("Done", r.String(), err, r.Settled, r.Moved)
}

// unsent tells whether nothing can be said but the error. A request whose answer was lost may have been
// carried out, also when the person cancelled it.
func (m *Model) unsent(r *rebalance.Result, err error) bool {
	switch {
	case r.Sent:
		return false
	case r.Unsure:
		m.ask(component.Dialog{Title: "The answer was lost", Body: [][]component.Cell{{{Text: safe.Line(err.Error()), Tok: theme.Danger}},
			{{Text: "The group's members and its timeline (H) tell.", Tok: theme.Muted}}}}, nil)
	default:
		m.failed(err)
	}
	return true
}

// showRoll says what came of each member, how long the group was unstable in all and which partitions moved.
func (m *Model) showRoll(r *rebalance.RollResult, err error) {
	if len(r.Steps) == 0 {
		m.failed(err)
		return
	}
	if m.unsent(&r.Steps[0], err) {
		return
	}
	title := "Rolling kick done"
	if r.Stopped != "" {
		title = "Rolling kick stopped"
	}
	m.report(title, r.String(), err, r.Stopped == "", r.Moved)
}

// report is the dialog after a rebalance: what happened in words, then every move, which scrolls and can be
// copied.
func (m *Model) report(title, text string, err error, settled bool, moved []rebalance.Move) {
	d := component.Dialog{Title: title, Choices: []component.Choice{{ID: "close", Label: "Close"}, {ID: "moves", Label: "copy", Key: "y"}}}
	tok := theme.Good
	if err != nil || !settled {
		tok = theme.Lagging
	}
	for _, l := range strings.Split(text, "\n") {
		d.Body = append(d.Body, []component.Cell{{Text: safe.Line(l), Tok: tok}})
		tok = theme.Text
	}
	if err != nil {
		d.Body = append(d.Body, []component.Cell{{Text: safe.Line(err.Error()), Tok: theme.Danger}})
	}
	switch {
	case len(moved) > 0:
		d.Body = append(d.Body, nil, []component.Cell{{Text: "Moved:", Tok: theme.Header}})
	case settled:
		d.Body = append(d.Body, nil, []component.Cell{{Text: "Every partition is where it was.", Tok: theme.Muted}})
	default:
		d.Body = append(d.Body, nil, []component.Cell{{Text: "What moved is not known until the group is Stable.", Tok: theme.Muted}})
	}
	d.Body = append(d.Body, m.moveLines(moved)...)
	m.askReport(d, text+"\n"+movesText(moved))
}

// askReport shows the dialog again after its text was copied.
func (m *Model) askReport(d component.Dialog, text string) {
	m.ask(d, func(m *Model, _ string) tea.Cmd {
		m.askReport(d, text)
		return m.copyText(text)
	})
}

func (m *Model) moveLines(moved []rebalance.Move) [][]component.Cell {
	wide := 0
	for _, mv := range moved {
		wide = max(wide, safe.Width(place(mv.TopicPartition)))
	}
	wide = min(wide, 40)
	var out [][]component.Cell
	for _, mv := range moved {
		out = append(out, []component.Cell{
			{Text: "  " + component.Fit(place(mv.TopicPartition), wide, false) + "  ", Tok: theme.Accent},
			{Text: safe.Line(mv.From.String()) + " " + m.theme.Glyphs.Arrow + " " + safe.Line(mv.To.String()), Tok: theme.Text},
		})
	}
	return out
}

// movesText is one line a move, for the clipboard.
func movesText(moved []rebalance.Move) string {
	var b strings.Builder
	for _, mv := range moved {
		fmt.Fprintf(&b, "%s\t%s\t->\t%s\n", place(mv.TopicPartition), safe.Line(mv.From.String()), safe.Line(mv.To.String()))
	}
	return b.String()
}
