// Package findings is the screen of all findings of the cluster, the worst first, with what to do about the
// selected one below. What a finding is, package triage decides; where enter leads, the root model.
package findings

import (
	"cmp"
	"iter"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"lagtop/kafka"
	"lagtop/kafka/explain"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
	"lagtop/kafka/triage"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/component"
	"lagtop/ui/component/filter"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
	"lagtop/ui/pane/list"
)

// The columns.
const (
	colGlyph = iota
	colRule
	colSubject
	colEvidence
	colSince
)

// row is a finding and its place in the order, worst first.
type row struct {
	*kafka.Finding
	place int
}

// Model is the screen.
type Model struct {
	*list.List[row]
	rows []row
}

// New is the screen, worst finding first.
func New() *Model {
	return &Model{List: list.New(list.Spec[row]{
		Columns: []component.Column{
			colGlyph:    {Width: 1},
			colRule:     {Title: "FINDING", Width: 18},
			colSubject:  {Title: "WHERE", Cut: component.CutMiddle, Width: 16, Grow: 1},
			colEvidence: {Title: "EVIDENCE", Width: 30, Grow: 4},
			colSince:    {Title: "FOR", Width: 4, Right: true},
		},
		Empty: " nothing was found",
		Key:   key,
		Cells: cells,
		Orders: []list.Order[row]{
			{Name: "worst first", Column: colGlyph, Desc: true, Less: func(a, b *row) bool { return a.place < b.place }},
			{Name: "by rule", Column: colRule, Less: by(func(r *row) string { return r.Rule })},
			{Name: "by place", Column: colSubject, Less: by(func(r *row) string { return where(r.Finding) })},
			{Name: "newest first", Column: colSince, Less: func(a, b *row) bool {
				return cmp.Or(b.Since.Compare(a.Since), cmp.Compare(a.place, b.place)) < 0
			}},
		},
		Fields: filter.Fields{"rule": filter.Text, "severity": filter.Text, "group": filter.Text, "topic": filter.Text, "broker": filter.Text},
		Row:    func(r *row) filter.Row { return fields{r.Finding} },
		About: []explain.Quantity{
			colGlyph: explain.Severity, colRule: explain.Rule, colSubject: explain.Where, colEvidence: explain.Evidence, colSince: explain.Since,
		},
		Ref: func(r *row) explain.Ref { return explain.OfFinding(r.Finding) },
	})}
}

func by(of func(*row) string) func(a, b *row) bool {
	return func(a, b *row) bool { return cmp.Or(strings.Compare(of(a), of(b)), cmp.Compare(a.place, b.place)) < 0 }
}

// key names a row. A group has a rule once, wherever in it that is worst at present.
func key(r *row) string {
	s := r.Subject
	topic := s.Topic
	if s.Kind == kafka.SubjectGroup {
		topic = ""
	}
	return strings.Join([]string{r.Rule, s.Kind.String(), s.Group, topic, strconv.Itoa(int(s.Broker))}, "\x00")
}

// where is the subject with its kind where the name alone does not tell it.
func where(f *kafka.Finding) string {
	switch f.Subject.Kind {
	case kafka.SubjectGroup:
		return cell.Name(f.Subject.Group)
	case kafka.SubjectTopic:
		return "topic " + cell.Name(f.Subject.Topic)
	case kafka.SubjectBroker:
		return "broker " + f.Subject.Name()
	}
	return "cluster"
}

func severity(s kafka.Severity) string { return [...]string{"hint", "warning", "bad"}[s] }

// Glyph is the sign of a severity and its look.
func Glyph(th *theme.Theme, s kafka.Severity) component.Cell {
	g := &th.Glyphs
	return [...]component.Cell{{Text: g.Info, Tok: theme.Info}, {Text: g.Warn, Tok: theme.Lagging}, {Text: g.Bad, Tok: theme.Danger}}[s]
}

func cells(e *pane.Env, r *row, c []component.Cell) {
	c[colGlyph] = Glyph(e.Theme, r.Severity)
	c[colRule] = component.Cell{Text: safe.Line(r.Rule), Tok: c[colGlyph].Tok}
	c[colSubject].Text = where(r.Finding)
	c[colEvidence].Text = safe.Line(r.Evidence)
	c[colSince] = component.Cell{Text: human.Duration(e.Now.Sub(r.Since)), Tok: theme.Muted}
}

// Place is where the screen's commands apply.
func (m *Model) Place() command.Place { return command.Findings }

// Head counts the findings and says how they are sorted or filtered, and what is still being watched.
func (m *Model) Head(e *pane.Env) (title, note string) {
	if e.Snapshot.Seq == 0 {
		return "Findings", ""
	}
	watching := ""
	if n := len(e.Snapshot.Watching); n > 0 {
		w := &e.Snapshot.Watching[0]
		watching = human.Plural(n, "rule") + " watching, " + safe.Line(w.Rule) + " " + human.Duration(w.For) + " more"
	}
	return "Findings", cell.Dotted(e.Theme, m.Note(), watching)
}

// Refresh takes over the findings of a snapshot.
func (m *Model) Refresh(e *pane.Env) {
	m.rows = m.rows[:0]
	for i := range e.Snapshot.Findings {
		m.rows = append(m.rows, row{&e.Snapshot.Findings[i], i})
	}
	m.Show(e, m.rows)
}

// detailLines is what the selected finding gets at the bottom; with less room it goes first.
const detailLines = 7

// View draws the list, and below it what to do about the selected finding.
func (m *Model) View(e *pane.Env, w, h int, focused bool) []string {
	if e.Snapshot.Seq == 0 {
		return cell.Message(e.Theme, cell.Waiting, w, h)
	}
	f := m.Current()
	if f == nil || h < detailLines+3 {
		return m.List.View(e, w, h, focused)
	}
	lines := m.List.View(e, w, h-detailLines, focused)
	rest := detail(e, f.Finding, w)
	for y := range detailLines {
		var cells []component.Cell
		if y < len(rest) {
			cells = rest[y]
		}
		lines = append(lines, component.Line(e.Theme, cells, w))
	}
	return lines
}

// detail is a rule, the evidence in full, what to do, the keys and the stock command.
func detail(e *pane.Env, f *kafka.Finding, w int) [][]component.Cell {
	g := &e.Theme.Glyphs
	out := [][]component.Cell{{{Text: strings.Repeat(g.Horizontal, max(w, 0)), Tok: theme.Border}}}
	for _, l := range wrap(safe.Line(f.Evidence), w-2, 2) {
		out = append(out, []component.Cell{{Text: " " + l}})
	}
	for i, l := range wrap(safe.Line(f.Advice), w-4, 2) {
		sign := g.Arrow
		if i > 0 {
			sign = " "
		}
		out = append(out, []component.Cell{{Text: " " + sign + " ", Tok: theme.Accent}, {Text: l, Tok: theme.Title}})
	}
	out = append(out, keys(f))
	if s := triage.Stock(f, e.Snapshot.Cluster.Bootstrap); s != "" {
		out = append(out, []component.Cell{{Text: " $ ", Tok: theme.Muted}, {Text: safe.Line(s), Tok: theme.Muted}})
	}
	return out
}

// keys are those that help with a finding, the one that helps most first.
func keys(f *kafka.Finding) []component.Cell {
	var out []component.Cell
	for _, id := range strings.Fields(f.Command + " " + f.Also) {
		if c := command.ByID(command.ID(id)); c != nil {
			out = append(out, component.Cell{Text: " " + c.Key() + " ", Tok: theme.Key}, component.Cell{Text: c.Title + "  "})
		}
	}
	if f.Subject.Kind != kafka.SubjectCluster {
		open := command.ByID(command.Open)
		out = append(out, component.Cell{Text: " " + open.Key() + " ", Tok: theme.Key}, component.Cell{Text: "go to " + goal(f)})
	}
	return out
}

func goal(f *kafka.Finding) string {
	if f.Subject.Kind == kafka.SubjectGroup {
		if s := &f.Subject; s.Topic != "" && s.Partition.OK {
			return cell.Partition(kafka.TopicPartition{Topic: s.Topic, Partition: s.Partition.V}) + " in group " + where(f)
		}
		return "group " + where(f)
	}
	return where(f)
}

// wrap breaks text at spaces into at most n lines of w cells; what is left over is cut in the last one.
func wrap(text string, w, n int) []string {
	var lines []string
	for len(lines) < n-1 && safe.Width(text) > w && w > 0 {
		at := strings.LastIndexByte(safe.Cut(text, w), ' ')
		if at <= 0 {
			break
		}
		lines = append(lines, text[:at])
		text = text[at+1:]
	}
	return append(lines, component.Fit(text, max(w, 0), false))
}

// Do carries out movement and sorting.
func (m *Model) Do(e *pane.Env, id command.ID) (tea.Cmd, bool) {
	switch id {
	case command.Left, command.Right, command.Next, command.Prev:
		return nil, true // nothing to fold, and no parts
	}
	return m.List.Do(e, id)
}

// Finding is the one under the cursor, nil when there is none.
func (m *Model) Finding() *kafka.Finding {
	if r := m.Current(); r != nil {
		return r.Finding
	}
	return nil
}

// Select puts what the finding is about into the focus, so that the commands act on that and nothing else.
func (m *Model) Select(f *pane.Focus) {
	r := m.Finding()
	if r == nil {
		return
	}
	s := r.Subject
	f.Group, f.Member, f.Topic, f.Partition = s.Group, s.Member, s.Topic, s.Partition
	if s.Kind == kafka.SubjectBroker {
		f.Broker = kafka.Some(s.Broker)
	}
}

// Copy is the selected finding in one line.
func (m *Model) Copy(e *pane.Env) string {
	f := m.Finding()
	if f == nil {
		return ""
	}
	return safe.Line(triage.Describe(f, e.Now))
}

// fields answers the filter for a finding.
type fields struct{ f *kafka.Finding }

// Number is unknown: findings have no number fields.
func (f fields) Number(string) kafka.Known[float64] { return kafka.Known[float64]{} }

func (f fields) Texts(field string) iter.Seq[string] {
	s := &f.f.Subject
	one := func(text string) iter.Seq[string] { return slices.Values([]string{text}) }
	switch field {
	case "":
		return slices.Values([]string{f.f.Rule, where(f.f), f.f.Evidence, severity(f.f.Severity)})
	case "rule":
		return one(f.f.Rule)
	case "severity":
		return one(severity(f.f.Severity))
	case "group":
		return one(s.Group)
	case "topic":
		return one(s.Topic)
	case "broker":
		if s.Kind == kafka.SubjectBroker {
			return one(s.Name())
		}
	}
	return func(func(string) bool) {}
}
