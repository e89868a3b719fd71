package audit

import (
	"fmt"
	"strconv"

	"lagtop/kafka"
	journal "lagtop/kafka/audit"
	"lagtop/kafka/human"
	"lagtop/kafka/offsets"
	"lagtop/kafka/operate"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/component"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
)

// maxLines bounds the text of one action.
const maxLines = 5000

// opened is the decoded plan of the selected action, kept while it stays selected.
type opened struct {
	id      string
	ended   bool
	outcome offsets.Outcome
	plain   []string // of a plan of another kind
	noUndo  string   // why a plan of another kind has no way back, unsanitised
	err     error
}

// decoded is the selected action's plan and outcome.
func (m *Model) decoded(it *Item) *opened {
	if m.open.id == it.ID && m.open.ended == (it.End != nil) {
		return &m.open
	}
	o := opened{id: it.ID, ended: it.End != nil}
	var outcome []byte
	if it.End != nil && it.End.Phase == journal.Outcome {
		outcome = it.End.Outcome
	}
	switch {
	case it.Plan == nil:
	case !Offsets(&it.Action):
		o.plain = append(readable("", it.Plan), readable("", outcome)...)
		o.noUndo = noUndo(it)
	case outcome == nil:
		o.outcome.Plan, o.err = offsets.ReadPlan(it.Plan)
	default:
		o.outcome, o.err = offsets.ReadOutcome(it.Plan, outcome)
	}
	m.open = o
	return &m.open
}

// noUndo says why an action that changes no offsets cannot be taken back, empty when it can.
func noUndo(it *Item) string {
	p, err := operate.ReadPlan(it.Plan)
	if err != nil {
		return err.Error()
	}
	return operate.NoUndo(p)
}

// detail is at most so many lines on the selected action, and how many more there are.
func (m *Model) detail(e *pane.Env, limit int) (lines [][]component.Cell, more int) {
	it := m.Item()
	o := m.decoded(it)
	lines = m.heading(e, it, o)
	if o.err != nil {
		lines = append(lines, note(theme.Lagging, o.err.Error()))
	}
	for _, l := range o.plain {
		lines = append(lines, note(theme.Text, l))
	}
	if cs := o.outcome.Plan.Changes; len(cs) > 0 {
		lines = append(lines, partitionHead())
		fit := min(len(cs), max(limit-len(lines), 0))
		for i := range fit {
			lines = append(lines, change(e, o, i))
		}
		more = len(cs) - fit
	}
	if over := len(lines) - limit; over > 0 {
		lines, more = lines[:limit], more+over
	}
	return lines, more
}

func note(tok theme.Token, text string) []component.Cell {
	return []component.Cell{{Text: " " + safe.Line(text), Tok: tok}}
}

// heading is what, by whom, where, and what came of it.
func (m *Model) heading(e *pane.Env, it *Item, o *opened) [][]component.Cell {
	if it.Phase == journal.Unreadable {
		return [][]component.Cell{note(theme.Lagging, it.Error)}
	}
	what := safe.Line(it.Action.Action) + " " + cell.Name(it.Group)
	if s := o.outcome.Plan.Scenario; s != "" {
		what += ": " + safe.Line(s) + ", " + safe.Line(o.outcome.Plan.Scope.String())
	}
	from := ""
	if it.SSH != "" {
		from = " (ssh from " + it.SSH + ")"
	}
	where := "cluster " + it.clusterName()
	if it.Name != "" {
		where += " (" + it.Cluster + ")"
	}
	lines := [][]component.Cell{
		{{Text: " " + what, Tok: theme.Title}},
		note(theme.Muted, it.Time.In(e.Now.Location()).Format("2006-01-02 15:04:05.000")+" by "+it.who()+from+" on "+where),
		m.outcomeLine(it, o),
	}
	if it.End != nil && it.End.Error != "" {
		lines = append(lines, note(theme.Danger, it.End.Error))
	}
	if f := o.outcome.BeforeFile; f != "" {
		lines = append(lines, note(theme.Muted, "the state before is kept in "+f))
	}
	return lines
}

func (m *Model) outcomeLine(it *Item, o *opened) []component.Cell {
	result := it.result()
	text := result
	switch out := &o.outcome; {
	case it.CutShort:
		text += ": lagtop ended before it recorded what came of it"
	case it.Result() == journal.Closed:
		text += ": " + it.Verdict()
		if it.End.User != "" {
			text += ", looked at by " + it.End.User
		}
	case result == "running":
		text += fmt.Sprintf(", process %d on %s", it.PID, it.Host)
	case it.End != nil && len(out.Plan.Changes) > 0:
		text += fmt.Sprintf(": %d of %s set", out.Applied(), human.Plural(len(out.Plan.Changes), "partition"))
		if out.Proved {
			text += ", read back twice"
		}
	}
	if !it.Undone.IsZero() {
		text += ", undone later"
	}
	line := note(token(result), text)
	if why := m.NoUndo(); why == "" {
		undo := command.ByID(command.Undo)
		line = append(line, component.Cell{Text: "  " + undo.Key(), Tok: theme.Key}, component.Cell{Text: " " + undo.Title, Tok: theme.Muted})
	} else {
		line = append(line, component.Cell{Text: "  no undo: " + why, Tok: theme.Muted})
	}
	return line
}

const placeCells = 34

func partitionHead() []component.Cell {
	return []component.Cell{{Text: " " + component.Fit("PARTITION", placeCells, false) + component.Fit("BEFORE", 14, true) + "   " + component.Fit("AFTER", 14, false), Tok: theme.Header}}
}

// change is one partition: before, after, and what was read back where that differs.
func change(e *pane.Env, o *opened, i int) []component.Cell {
	c := &o.outcome.Plan.Changes[i]
	after := cell.Exact(e.Theme, c.After)
	if c.Remove {
		after = "no commit"
	}
	line := []component.Cell{
		{Text: " " + component.Fit(safe.Line(c.Topic)+"/"+strconv.Itoa(int(c.Partition)), placeCells, false)},
		{Text: component.Fit(cell.Exact(e.Theme, c.Before), 14, true) + " " + e.Theme.Glyphs.Arrow + " ", Tok: theme.Muted},
		{Text: component.Fit(after, 14, false), Tok: theme.Accent},
	}
	why := c.Err
	if r := result(o, c.TopicPartition, i); r != nil && r.Err != "" {
		why = r.Err
	}
	if why != "" {
		line = append(line, component.Cell{Text: " " + safe.Line(why), Tok: theme.Lagging})
	}
	return line
}

// result is what came of the i-th change: results are in the order of the changes.
func result(o *opened, tp kafka.TopicPartition, i int) *offsets.Result {
	if rs := o.outcome.Results; i < len(rs) && rs[i].TopicPartition == tp {
		return &rs[i]
	}
	return nil
}
