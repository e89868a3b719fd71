package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/audit"
	"lagtop/kafka/human"
	"lagtop/kafka/offsets"
	"lagtop/kafka/operate"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/component"
	auditpane "lagtop/ui/pane/audit"
)

const (
	// mostInterrupted is how many actions that were cut short are looked into at a start; the audit has all.
	mostInterrupted = 5
	// lookPatience bounds what looking into one may take.
	lookPatience = 10 * time.Second
)

// interrupted is an action that was cut short, and what the cluster tells of it now.
type interrupted struct {
	audit.Action
	found string   // in words
	rows  []string // part by part, unsanitised
	undo  bool     // some of it stands, and can be taken back
	err   error    // why the present state could not be read
}

// lookInto asks the cluster about actions that were cut short, the newest first.
func lookInto(ctx context.Context, actor Actor, items []auditpane.Item, cluster string) []interrupted {
	var out []interrupted
	for i := range items {
		if !items[i].CutShort || items[i].Cluster != cluster || len(out) == mostInterrupted {
			continue
		}
		out = append(out, lookIntoOne(ctx, actor, items[i].Action))
	}
	return out
}

func lookIntoOne(ctx context.Context, actor Actor, a audit.Action) interrupted {
	ctx, cancel := context.WithTimeout(ctx, lookPatience)
	defer cancel()
	in := interrupted{Action: a}
	switch {
	case auditpane.Offsets(&a):
		in.err = in.compareOffsets(ctx, actor)
	case operate.Knows(a.Action):
		in.err = in.compareChange(ctx, actor)
	default:
		in.found, in.err = presentState(ctx, actor, a.Group)
	}
	return in
}

func (in *interrupted) compareOffsets(ctx context.Context, actor Actor) error {
	plan, err := offsets.ReadPlan(in.Plan)
	if err != nil {
		return err
	}
	stand, err := offsets.Standing(ctx, actor, plan)
	if err != nil {
		return err
	}
	in.found, in.rows = standWords(&stand), strings.Split(stand.String(), "\n")[1:]
	in.undo = stand.Verdict != offsets.NotApplied
	return nil
}

// compareChange looks at a deletion, an election or a retention.
func (in *interrupted) compareChange(ctx context.Context, actor Actor) error {
	plan, err := operate.ReadPlan(in.Plan)
	if err != nil {
		return err
	}
	state, results, err := operate.Standing(ctx, actor, plan)
	if err != nil {
		return err
	}
	in.found = string(state)
	in.undo = operate.NoUndo(plan) == "" && state != operate.NotApplied
	for i := range results {
		in.rows = append(in.rows, results[i].What+": wanted "+results[i].Want+", reads "+results[i].Got)
	}
	return nil
}

// standWords say how much of a plan stands.
func standWords(s *offsets.Stand) string {
	n := 0
	for i := range s.Rows {
		if s.Rows[i].Verdict == offsets.Applied {
			n++
		}
	}
	all := human.Plural(len(s.Rows), "partition")
	switch s.Verdict {
	case offsets.Applied:
		return "applied to all of " + all
	case offsets.NotApplied:
		return "not applied to any of " + all
	case offsets.Partly:
		return fmt.Sprintf("applied to %d of %s", n, all)
	}
	return fmt.Sprintf("not to be told: commits moved since; %d of %s stand where it wanted them", n, all)
}

// presentState words a group for an action that leaves no trace in offsets.
func presentState(ctx context.Context, actor Actor, group string) (string, error) {
	g, err := actor.Group(ctx, group)
	if err != nil {
		return "", err
	}
	if g.State == kafka.StateDead {
		return "not to be told whether it was sent; the group does not exist", nil
	}
	return fmt.Sprintf("not to be told whether it was sent; the group is %s with %s", g.State, human.Plural(len(g.Members), "member")), nil
}

// tellInterrupted shows what is known of an action that was cut short. Nothing is done by itself.
func (m *Model) tellInterrupted(in *interrupted) {
	what := in.Action.Action
	if in.Group != "" { // an election may be of all topics
		what += " of " + in.Group
	}
	body := [][]component.Cell{
		{{Text: safe.Line(fmt.Sprintf("Begun %s by %s on %s. lagtop ended before it recorded what came of it.",
			in.Time.In(m.env.Now.Location()).Format("2006-01-02 15:04:05"), in.User, in.Host)), Tok: theme.Text}},
		nil,
	}
	found := in.found
	if in.err != nil {
		found = "not known: " + in.err.Error()
	}
	body = append(body, []component.Cell{{Text: "Present state: ", Tok: theme.Muted}, {Text: safe.Line(found), Tok: theme.Lagging}})
	const most = 8
	for i, l := range in.rows {
		if i == most {
			body = append(body, []component.Cell{{Text: "  and more, see the audit", Tok: theme.Muted}})
			break
		}
		body = append(body, []component.Cell{{Text: "  " + safe.Line(l), Tok: theme.Text}})
	}
	body = append(body, nil, []component.Cell{{Text: "Nothing is repeated by itself. Closing it only records that somebody has looked.", Tok: theme.Muted}})
	d := component.Dialog{Title: "Cut short: " + safe.Line(what), Body: body, Choices: []component.Choice{
		{ID: "later", Label: "Not now"}, {ID: "audit", Label: "Show in audit", Key: "a"}, {ID: "close", Label: "Close it", Key: "c"},
	}}
	if in.undo && m.deps.ReadOnly == "" {
		d.Choices = append(d.Choices, component.Choice{ID: "undo", Label: "Undo", Key: "u"})
	}
	a := in.Action
	m.ask(d, func(m *Model, choice string) tea.Cmd {
		switch choice {
		case "audit":
			return m.showAudit(a.ID)
		case "undo":
			return m.planUndo(a)
		}
		return m.closeInterrupted(a, found)
	})
}

// closeInterrupted records what was found, so that the action is not told again.
func (m *Model) closeInterrupted(a audit.Action, found string) tea.Cmd {
	file := m.trail.file
	return m.apart(func(context.Context) tea.Msg {
		return closedMsg{file.Recover(a, audit.Found{Verdict: found})}
	})
}

// closedMsg says whether closing an action was recorded.
type closedMsg struct{ err error }

func (m *Model) takeClosed(msg closedMsg) tea.Cmd {
	if msg.err != nil {
		m.failed(msg.err)
	}
	return m.readTrail(false)
}
