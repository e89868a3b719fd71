package app

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/offsets"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/component"
)

// Tools and choices of the preview.
const (
	toolEdit = "edit"
	toolSave = "save"

	choiceYes    = "yes"
	choiceWait   = "wait"
	choiceUnread = "unread"
)

// planBox is the preview of a plan. What it shows is the value that is applied.
type planBox struct {
	component.Review
	proposal
	why     string   // it is shown, empty when that was asked for
	unread  []string // topics that nobody in the group subscribes to, where the plan is refused
	edition int      // grows when the plan is another one
}

// propose shows a plan, and why where nobody asked for it.
func (m *Model) propose(p proposal, why string) {
	b := &planBox{proposal: p, why: why}
	b.write(m)
	m.openModal(b)
}

func (b *planBox) open(now time.Time) {
	if b.Opened.IsZero() {
		b.Opened = now
	}
}

// write draws up the dialog for the plan.
func (b *planBox) write(m *Model) {
	p := &b.plan
	d := component.Dialog{
		Title: b.title(), Danger: true, Opened: b.Opened, Body: b.body(m),
		Command: p.Command(strings.Join(m.env.Snapshot.Cluster.Bootstrap, ",")),
		Choices: []component.Choice{{ID: "no", Label: "No, change nothing"}},
	}
	if err := p.Refused(); err != nil {
		m.guard(b, &d, err)
	} else {
		d.Choices = append(d.Choices, component.Choice{ID: choiceYes, Label: "Yes, " + doing(p) + " " + human.Plural(p.Acting(), "offset"), Danger: true})
		if p.Scope.All() {
			d.Confirm = safe.Line(p.Group)
		}
	}
	if d.Danger {
		d.Confirm = m.proof(d.Confirm)
	}
	b.Renew(d)
	b.Head, b.Rows = m.planRows(p)
	b.Tools = nil
	if !p.Action.Deletes() {
		b.Tools = append(b.Tools, component.Tool{ID: toolEdit, Key: "e", Label: "edit"})
	}
	if p.Commits() > 0 {
		b.Tools = append(b.Tools, component.Tool{ID: toolSave, Key: "s", Label: "save CSV"})
	}
}

// body is why the plan is shown again, why it cannot be applied, and what it means.
func (b *planBox) body(m *Model) [][]component.Cell {
	var out [][]component.Cell
	if err := b.plan.Refused(); err != nil {
		out = append(m.refusal(err), nil)
	}
	if b.why != "" {
		out = append(out, []component.Cell{{Text: capital(safe.Line(b.why)) + ".", Tok: theme.Danger}}, nil)
	}
	return append(out, m.planSummary(&b.plan)...)
}

func (b *planBox) title() string {
	if b.plan.Action.Deletes() {
		return "Delete " + offsetsOf(b.plan.Action.Share()) + " of " + safe.Line(b.plan.Group)
	}
	return "Reset " + safe.Line(b.plan.Group) + " " + safe.Line(b.plan.Scenario)
}

func (b *planBox) view(m *Model, w, h int) []string { return b.View(m.theme, w, h) }

func (b *planBox) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	c, done := b.Update(k.String(), m.env.Now)
	switch {
	case c.ID == component.CopyChoice:
		return m.copyText(b.Command)
	case c.ID == toolEdit:
		return m.editOffset(b)
	case c.ID == toolSave:
		return m.savePlan(&b.plan)
	case !done:
		return nil
	case c.ID != b.Choices[0].ID && m.task != nil:
		m.toast(component.ToastWarn, "wait for: "+m.task.title)
		return nil
	}
	m.closeModal()
	switch c.ID {
	case choiceYes:
		return m.applyReset(b.proposal)
	case choiceWait:
		return m.waitReset(b.proposal)
	case choiceUnread:
		return m.planReset(offsets.Spec{Group: b.plan.Group, Scope: offsets.Scope{Topics: b.unread}, Scenario: offsets.Remove{}})
	}
	return nil
}

// planSummary says in sentences what the plan means.
func (m *Model) planSummary(p *offsets.Plan) [][]component.Cell {
	rest := ""
	if p.Moved() < len(p.Changes) {
		rest = "; the rest stays"
	}
	lines := [][]component.Cell{{{Text: fmt.Sprintf("%s of %s %s%s.", human.Plural(p.Moved(), movable(p)), human.Plural(len(p.Changes), "partition"), verbFor(p.Moved(), "move"), rest), Tok: theme.Text}}}
	if p.Action.Deletes() {
		lines[0] = []component.Cell{{Text: fmt.Sprintf("%s of %s %s away. ", human.Plural(p.Acting(), movable(p)), human.Plural(len(p.Changes), "partition"), verbFor(p.Acting(), "fall")), Tok: theme.Text},
			{Text: "Consumers then begin where their auto.offset.reset says.", Tok: theme.Muted}}
	} else {
		lines = append(lines, m.effect(p.Totals()))
	}
	if n := p.Edited(); n > 0 {
		lines = append(lines, []component.Cell{{Text: human.Plural(n, "offset") + " chosen by hand.", Tok: theme.Accent}})
	}
	if n := len(p.Changes) - p.Acting(); n > 0 {
		lines = append(lines, []component.Cell{{Text: human.Plural(n, "partition") + " left out, see below.", Tok: theme.Lagging}})
	}
	if n := p.MovedSince(); n > 0 {
		lines = append(lines, []component.Cell{{Text: human.Plural(n, "commit") + " moved since what is taken back.", Tok: theme.Lagging}})
	}
	return append(lines, nil)
}

// verbFor is the verb for so many.
func verbFor(n int, verb string) string {
	if n == 1 {
		return verb + "s"
	}
	return verb
}

// movable is what a plan moves.
func movable(p *offsets.Plan) string {
	if p.Action.Share() {
		return "start offset"
	}
	return "commit"
}

// effect says what becomes of the records, and how old are those that nobody will read.
func (m *Model) effect(t offsets.Totals) []component.Cell {
	line := []component.Cell{
		{Text: capital(amount(t.Again)) + " read again, ", Tok: theme.Text},
		{Text: amount(t.Skipped) + " skipped", Tok: theme.Text},
	}
	if t.Skipped.V > 0 {
		line[1].Tok = theme.Danger
	}
	if t.SkippedFrom.OK {
		line = append(line, component.Cell{Text: "; the oldest skipped is from " + m.moment(t.SkippedFrom.V), Tok: theme.Danger})
	}
	if t.Unaged > 0 {
		line = append(line, component.Cell{Text: "; of " + human.Plural(t.Unaged, "partition") + " the age is not known", Tok: theme.Muted})
	}
	return append(line, component.Cell{Text: "."})
}

// amount words a sum of records.
func amount(t kafka.Total) string {
	switch {
	case t.Unknown():
		return "an unknown number of records"
	case !t.Complete():
		return "at least " + human.Plural(int(t.V), "record")
	case t.V == 0:
		return "no record"
	}
	return human.Plural(int(t.V), "record")
}

// moment is a time of a record in the person's zone, and how long ago that was.
func (m *Model) moment(t time.Time) string {
	t = t.In(m.env.Now.Location())
	form := "15:04:05"
	if t.Format(time.DateOnly) != m.env.Now.Format(time.DateOnly) {
		form = "2006-01-02 15:04"
	}
	if old := m.env.Now.Sub(t); old >= 0 {
		return t.Format(form) + " (" + human.Span(old) + " old)"
	}
	return t.Format(form) + " (in the future)"
}

// widestPlace is what a partition's name may take of a row.
const widestPlace = 40

// planRows are the partitions of the plan, before and after.
func (m *Model) planRows(p *offsets.Plan) (head []component.Cell, rows [][]component.Cell) {
	g := m.theme.Glyphs
	head = []component.Cell{{Text: "PARTITION"}, {Text: "BEFORE"}, {}, {Text: "AFTER"}, {Text: "DELTA"}, {}}
	for i := range head {
		head[i].Tok = theme.Header
	}
	rows = append(rows, head)
	for i := range p.Changes {
		c := &p.Changes[i]
		note, tok := m.changeNote(c)
		rows = append(rows, []component.Cell{
			{Text: safe.CutTail(place(c.TopicPartition), widestPlace, g.Ellipsis), Tok: theme.Text},
			{Text: offsetText(c.Before, g.Unknown), Tok: theme.Muted}, {Text: g.Arrow, Tok: theme.Muted},
			{Text: becomes(c, g.Unknown), Tok: theme.Accent},
			{Text: deltaText(c.Delta, g.Unknown), Tok: deltaToken(c.Delta)},
			{Text: note, Tok: tok},
		})
	}
	rows = component.Align(rows, 1, 3, 4)
	for _, r := range rows { // a note at the end needs no padding
		r[5].Text = strings.TrimRight(r[5].Text, " ")
	}
	return rows[0], rows[1:]
}

// changeNote is what there is to be said of one partition.
func (m *Model) changeNote(c *offsets.Change) (string, theme.Token) {
	var parts []string
	for _, n := range []string{c.Err, c.Clamp, c.Note} {
		if n != "" {
			parts = append(parts, safe.Line(n))
		}
	}
	if c.Edited {
		parts = append(parts, "by hand")
	}
	if len(parts) > 0 {
		return strings.Join(parts, "; "), theme.Lagging
	}
	if c.SkippedFrom.OK {
		return "skips from " + m.moment(c.SkippedFrom.V), theme.Muted
	}
	return "", theme.Muted
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

// agedMsg is a plan with the ages of what it skips.
type agedMsg struct {
	box     *planBox
	edition int
	plan    offsets.Plan
}

// ageAgain looks up the ages that an edited plan lacks.
func (m *Model) ageAgain(b *planBox) tea.Cmd {
	stamps, plan, edition := m.deps.Stamps, b.plan, b.edition
	if stamps == nil {
		return nil
	}
	return m.apart(func(ctx context.Context) tea.Msg { return agedMsg{b, edition, aged(ctx, stamps, plan)} })
}

// takeAged shows the ages, unless the plan is another one by now.
func (m *Model) takeAged(msg agedMsg) {
	b := msg.box
	if msg.edition != b.edition {
		return
	}
	b.plan = msg.plan
	b.Body = b.body(m)
	b.Head, b.Rows = m.planRows(&b.plan)
}

// savePlan writes the plan's offsets to a file of the stock tool's form.
func (m *Model) savePlan(p *offsets.Plan) tea.Cmd {
	rows, group, now, dir := p.AfterRows(), p.Group, m.env.Now, m.stateDir("plans")
	return m.apart(func(context.Context) tea.Msg {
		path, err := offsets.SaveRows(dir, group, rows, now)
		return savedMsg{"the plan", path, err}
	})
}

// stateDir is a folder in that for the files that actions leave.
func (m *Model) stateDir(name string) string {
	dir := m.deps.State
	if dir == "" {
		dir = filepath.Dir(offsets.DefaultBeforeDir())
	}
	return filepath.Join(dir, name)
}

// savedMsg says where something was written.
type savedMsg struct {
	what, path string
	err        error
}

func (m *Model) takeSaved(msg savedMsg) {
	if msg.err != nil {
		m.toast(component.ToastDanger, msg.err.Error())
		return
	}
	m.toast(component.ToastInfo, msg.what+" is in "+msg.path)
}
