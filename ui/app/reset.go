package app

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/offsets"
	"lagtop/kafka/operate"
	"lagtop/kafka/rebalance"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/pane"
)

// Actor is the cluster as actions see it.
type Actor interface {
	offsets.Reader
	offsets.Committer
	rebalance.Client
	operate.Client
}

// Fields and values of the reset form.
const (
	fieldScope    = "scope"
	fieldScenario = "scenario"
	fieldValue    = "value"

	scopeAll    = "all"
	scopeTopic  = "topic"
	scopeOne    = "partition"
	scopeMarked = "marked"

	toEarliest = "earliest"
	toLatest   = "latest"
	toOffset   = "offset"
	shiftBy    = "shift"
	toTime     = "time"
)

// askReset opens the form that leads to a plan.
func (m *Model) askReset() tea.Cmd {
	g := m.env.Focus.Group
	f := component.NewForm("Reset offsets of "+safe.Line(g),
		component.Field{Name: fieldScope, Label: "which", Options: m.scopes(), Value: m.defaultScope()},
		component.Field{Name: fieldScenario, Label: "to", Options: []component.Option{
			{Value: toEarliest, Label: "earliest", Hint: "the log start offset: everything that is left is read again"},
			{Value: toLatest, Label: "latest", Hint: "the end: everything unread is skipped"},
			{Value: shiftBy, Label: "shift", Hint: "forward or back from the present commit; +1 steps over one record"},
			{Value: toOffset, Label: "offset", Hint: "the same offset in each partition"},
			{Value: toTime, Label: "date and time", Hint: "the first record at or after it"},
		}, Value: toEarliest},
		component.Field{Name: fieldValue, Label: "value", Hint: "+1, -100; 1284312; 2026-11-22T14:00:00.000 (UTC unless it has a zone)",
			When:  func(f *component.Form) bool { return needsValue(f.Value(fieldScenario)) },
			Check: func(string) error { return nil }},
	)
	f.Danger, f.Submit = true, "show what would change"
	m.openModal(&formBox{f, submitReset})
	return nil
}

func needsValue(scenario string) bool {
	return scenario == toOffset || scenario == shiftBy || scenario == toTime
}

// scopes are what can be reset from here.
func (m *Model) scopes() []component.Option {
	opts := []component.Option{{Value: scopeAll, Label: "all topics of the group", Hint: "every partition with a commit"}}
	if t := m.env.Focus.Topic; t != "" {
		opts = append(opts, component.Option{Value: scopeTopic, Label: "topic " + safe.Line(t), Hint: "all its partitions, committed or not"})
		if p := m.env.Focus.Partition; p.OK {
			opts = append(opts, component.Option{Value: scopeOne, Label: fmt.Sprintf("partition %s/%d", safe.Line(t), p.V)})
		}
	}
	if n := len(m.marked()); n > 0 {
		opts = append(opts, component.Option{Value: scopeMarked, Label: plural(n, "marked partition")})
	}
	return opts
}

// defaultScope is the narrowest that the person chose by hand.
func (m *Model) defaultScope() string {
	switch {
	case len(m.marked()) > 0:
		return scopeMarked
	case m.env.Focus.Partition.OK && m.top().Place() != m.panes[overviewOrder[0]].Place():
		return scopeOne
	}
	return scopeAll
}

func (m *Model) marked() []kafka.TopicPartition {
	for _, p := range append([]pane.Pane{m.top()}, m.panes[overviewOrder[1]]) {
		if mk, ok := p.(pane.Marker); ok && len(mk.Marked()) > 0 {
			return mk.Marked()
		}
	}
	return nil
}

// submitReset turns the form into a spec and starts planning; a value that cannot be read keeps the form.
func submitReset(m *Model, f *component.Form) (tea.Cmd, bool) {
	sc, err := scenario(f.Value(fieldScenario), f.Value(fieldValue))
	if err != nil {
		f.Fail(fieldValue, err)
		return nil, false
	}
	spec := offsets.Spec{Group: m.env.Focus.Group, Scenario: sc}
	focus := m.env.Focus
	switch f.Value(fieldScope) {
	case scopeTopic:
		spec.Scope.Topics = []string{focus.Topic}
	case scopeOne:
		spec.Scope.Partitions = []kafka.TopicPartition{{Topic: focus.Topic, Partition: focus.Partition.V}}
	case scopeMarked:
		spec.Scope.Partitions = m.marked()
	}
	return m.planReset(spec), true
}

func scenario(name, value string) (offsets.Scenario, error) {
	value = strings.TrimSpace(value)
	switch name {
	case toLatest:
		return offsets.Latest{}, nil
	case toOffset:
		return offsets.ParseOffset(value)
	case shiftBy:
		return offsets.ParseShift(value)
	case toTime:
		return offsets.ParseTime(value)
	}
	return offsets.Earliest{}, nil
}

// planReset reads the world and shows what would change.
func (m *Model) planReset(spec offsets.Spec) tea.Cmd {
	actor := m.deps.Actor
	return m.start("plan a reset of "+spec.Group, func(ctx context.Context, note func(string)) func(*Model) tea.Cmd {
		note("reading commits and ends")
		plan, err := offsets.Prepare(ctx, actor, spec)
		return func(m *Model) tea.Cmd {
			if err != nil {
				m.failed(err)
				return nil
			}
			m.previewReset(plan)
			return nil
		}
	})
}

// previewReset shows the plan; the plan on the screen is the value that is applied.
func (m *Model) previewReset(plan offsets.Plan) {
	d := component.Dialog{
		Title: "Reset " + safe.Line(plan.Group) + " " + safe.Line(plan.Scenario), Danger: true,
		Body: m.planLines(&plan), Command: plan.Command(strings.Join(m.env.Snapshot.Cluster.Bootstrap, ",")),
		Choices: []component.Choice{{ID: "no", Label: "No, change nothing"}},
	}
	if err := plan.Refused(); err != nil {
		d.Title, d.Danger = "Reset of "+safe.Line(plan.Group)+" is not possible now", false
		d.Body = append(m.refusal(err), append([][]component.Cell{nil}, d.Body...)...)
		d.Choices[0].Label = "Close"
		m.ask(d, nil)
		return
	}
	d.Choices = append(d.Choices, component.Choice{ID: "yes", Label: "Yes, " + doing(&plan) + " " + plural(plan.Acting(), "offset"), Danger: true})
	if plan.Scope.All() {
		d.Confirm = safe.Line(plan.Group)
	}
	m.ask(d, func(m *Model, _ string) tea.Cmd { return m.applyReset(plan) })
}

// planLines are the preview: per partition before, after and the difference.
func (m *Model) planLines(p *offsets.Plan) [][]component.Cell {
	g := m.theme.Glyphs
	lines := [][]component.Cell{{
		{Text: fmt.Sprintf("%s of %d partitions move; the rest stays. ", plural(p.Moved(), "commit"), len(p.Changes)), Tok: theme.Text},
		{Text: "Forward skips records for this group, back delivers them again.", Tok: theme.Muted},
	}, nil}
	wide := 9
	for i := range p.Changes {
		wide = max(wide, safe.Width(place(p.Changes[i].TopicPartition)))
	}
	wide = min(wide, 40)
	lines = append(lines, []component.Cell{{Text: component.Fit("PARTITION", wide, false) + component.Fit("BEFORE", 14, true) + "   " + component.Fit("AFTER", 14, false) + component.Fit("DELTA", 12, true), Tok: theme.Header}})
	for i := range p.Changes {
		c := &p.Changes[i]
		line := []component.Cell{
			{Text: component.Fit(place(c.TopicPartition), wide, false), Tok: theme.Text},
			{Text: component.Fit(offsetText(c.Before, g.Unknown), 14, true) + " " + g.Arrow + " ", Tok: theme.Muted},
			{Text: component.Fit(becomes(c, g.Unknown), 14, false), Tok: theme.Accent},
			{Text: component.Fit(deltaText(c.Delta, g.Unknown), 12, true), Tok: deltaToken(c.Delta)},
		}
		for _, n := range []string{c.Err, c.Clamp, c.Note} {
			if n != "" {
				line = append(line, component.Cell{Text: "  " + safe.Line(n), Tok: theme.Lagging})
			}
		}
		lines = append(lines, line)
	}
	return lines
}

func place(tp kafka.TopicPartition) string {
	return safe.Line(tp.Topic) + "/" + strconv.Itoa(int(tp.Partition))
}

// doing is what a plan does to offsets.
func doing(p *offsets.Plan) string {
	if p.Action.Deletes() {
		return "delete"
	}
	return "commit"
}

func becomes(c *offsets.Change, unknown string) string {
	if c.Remove {
		return "removed"
	}
	return offsetText(c.After, unknown)
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

// deltaToken: forward skips records, which cannot be seen from the numbers of the group later.
func deltaToken(k kafka.Known[int64]) theme.Token {
	switch {
	case !k.OK || k.V == 0:
		return theme.Muted
	case k.V > 0:
		return theme.Danger
	}
	return theme.Text
}

// refusal says why a plan cannot be applied and what to do.
func (m *Model) refusal(err error) [][]component.Cell {
	var active *offsets.ActiveError
	if !errors.As(err, &active) || len(active.Members) == 0 {
		return [][]component.Cell{{{Text: safe.Line(err.Error()), Tok: theme.Danger}}}
	}
	lines := [][]component.Cell{
		{{Text: fmt.Sprintf("The group has %s. Brokers take a commit from outside only while it has none.", plural(len(active.Members), "member")), Tok: theme.Danger}},
		{{Text: "Stop these, then try again:", Tok: theme.Text}},
	}
	for _, h := range active.Members {
		lines = append(lines, []component.Cell{{Text: "  " + m.theme.Glyphs.Dot + " " + safe.Line(h.String()), Tok: theme.Accent}})
	}
	if m.deps.Fleet != nil {
		lines = append(lines, []component.Cell{{Text: "In the demo, - stops the consumers of the group one by one.", Tok: theme.Muted}})
	}
	return lines
}

// applyReset carries the plan out.
func (m *Model) applyReset(plan offsets.Plan) tea.Cmd {
	actor, rec := m.deps.Actor, m.recorder()
	return m.start("reset "+plan.Group, func(ctx context.Context, note func(string)) func(*Model) tea.Cmd {
		out, err := offsets.Apply(ctx, actor, plan, offsets.Options{Audit: rec, Progress: func(s offsets.Step) { note(string(s)) }})
		return func(m *Model) tea.Cmd {
			m.deps.Source.Refresh()
			m.showOutcome(out, err)
			return nil
		}
	})
}

// showOutcome says what came of a reset, per partition where something failed, and offers to undo it.
func (m *Model) showOutcome(out offsets.Outcome, err error) {
	if err != nil && len(out.Results) == 0 {
		var active *offsets.ActiveError
		if errors.As(err, &active) {
			m.ask(component.Dialog{Title: "Nothing was changed", Body: m.refusal(err)}, nil)
			return
		}
		m.failed(err)
		return
	}
	d := component.Dialog{Title: "Reset of " + safe.Line(out.Plan.Group), Choices: []component.Choice{{ID: "close", Label: "Close"}}}
	tok := theme.Good
	if err != nil || len(out.Failed()) > 0 {
		tok = theme.Danger
	}
	for _, l := range strings.Split(out.String(), "\n") {
		d.Body = append(d.Body, []component.Cell{{Text: safe.Line(l), Tok: tok}})
		tok = theme.Lagging
	}
	if err != nil {
		d.Body = append(d.Body, []component.Cell{{Text: safe.Line(err.Error()), Tok: theme.Danger}})
	}
	if out.Proved {
		d.Body = append(d.Body, []component.Cell{{Text: "Read back twice, a second apart.", Tok: theme.Muted}})
	}
	if out.BeforeFile != "" {
		d.Body = append(d.Body, []component.Cell{{Text: "The state before is kept in " + safe.Line(out.BeforeFile), Tok: theme.Muted}})
	}
	undo := out.Undo()
	if undo.Acting() > 0 {
		d.Choices = append(d.Choices, component.Choice{ID: "undo", Label: "Undo", Key: "u"})
	}
	if mk, ok := m.panes[overviewOrder[1]].(pane.Marker); ok {
		mk.ClearMarks()
	}
	m.ask(d, func(m *Model, _ string) tea.Cmd { m.previewReset(undo); return nil })
}

// failed shows an error in full: a toast is too short for one that says what to do.
func (m *Model) failed(err error) {
	if errors.Is(err, context.Canceled) {
		m.toast(component.ToastInfo, "cancelled: nothing more was sent")
		return
	}
	m.ask(component.Dialog{Title: "That did not work", Body: [][]component.Cell{{{Text: safe.Line(err.Error()), Tok: theme.Danger}}}}, nil)
}
