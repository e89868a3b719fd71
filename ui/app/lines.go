package app

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/component"
	"lagtop/ui/pane/findings"
)

// span is a piece of a line in one style.
type span struct {
	tok  theme.Token
	text string // plain and safe
}

// line draws left spans from the left and right spans flush right in exactly w cells. What does not fit
// is cut on the left side, so that the right side stays readable.
func line(th *theme.Theme, w int, left, right []span) string {
	rw := widthOf(right)
	if rw > w/2 {
		right, rw = nil, 0
	}
	var b strings.Builder
	free := w - rw
	for _, s := range left {
		if free <= 0 {
			break
		}
		text := safe.CutTail(s.text, free, th.Glyphs.Ellipsis)
		free -= safe.Width(text)
		b.WriteString(th.Render(s.tok, text))
	}
	b.WriteString(strings.Repeat(" ", max(free, 0)))
	for _, s := range right {
		b.WriteString(th.Render(s.tok, s.text))
	}
	return b.String()
}

func widthOf(spans []span) int {
	n := 0
	for _, s := range spans {
		n += safe.Width(s.text)
	}
	return n
}

// header says what is watched, how big it is and how fresh the numbers are.
func (m *Model) header(w int) string {
	s := m.env.Snapshot
	left := slices.Concat([]span{{theme.Accent, " lagtop "}}, m.badges(), []span{{m.nameLook(), " " + safe.Line(m.deps.Name)}})
	dot := " " + m.theme.Glyphs.Dot + " "
	add := func(text string) { left = append(left, span{theme.Muted, dot + text}) }
	if s.Seq > 0 {
		left = append(left, m.leftOut(dot)...)
		if what := outOfSight(s); what != "" { // the counts behind it are without them
			add("limited view: " + what + " not visible")
		}
		if v := strings.TrimSpace("Kafka " + s.Cluster.Version + " " + string(s.Cluster.Mode)); v != "Kafka" {
			add(v)
		}
		add(human.Plural(len(s.Brokers), "broker"))
		if s.Limit.TopicsOut == 0 {
			add(human.Plural(len(s.Topics), "topic"))
		}
		if s.Limit.GroupsOut == 0 {
			add(human.Plural(len(s.Groups), "group"))
		}
	}
	var right []span
	right = append(right, m.auditMark()...)
	if s.Seq > 0 {
		found := slices.Concat(right, m.alertMark(), m.found())
		if widthOf(found) > w/2 { // an alert is what somebody asked to be told
			found = slices.Concat(right, m.alertMark())
		}
		counted := len(found) > len(right)
		clock := span{theme.Text, " " + s.At.Format("15:04:05") + " "}
		if right = slices.Concat(found, []span{m.pace(true), clock}); widthOf(right) > w/2 {
			right = slices.Concat(found, []span{m.pace(false), clock})
		}
		for counted && len(right) > len(found) && widthOf(right) > w/2 { // they count more than the clock
			right = slices.Delete(right, len(found), len(found)+1)
		}
	} else {
		right = append(right, span{theme.Muted, "  connecting "})
	}
	return line(m.theme, w, left, right)
}

// found counts the findings and names the key that shows them; nothing when there are none.
func (m *Model) found() []span {
	fs := m.env.Snapshot.Findings
	if len(fs) == 0 {
		return nil
	}
	sign := findings.Glyph(m.theme, fs[0].Severity)
	return []span{{sign.Tok, " " + sign.Text + " " + human.Plural(len(fs), "finding") + " "}, {theme.Key, command.ByID(command.ShowFound).Key()}, {theme.Text, " "}}
}

// outOfSight counts what we have no right to see, empty when there is nothing.
func outOfSight(s *kafka.Snapshot) string {
	var out []string
	if n := len(s.Denied()); n > 0 {
		out = append(out, human.Plural(n, "group"))
	}
	if n := hiddenTopics(s); n > 0 {
		out = append(out, human.Plural(n, "topic"))
	}
	return strings.Join(out, ", ")
}

// hiddenTopics counts topics that members name and we cannot see.
func hiddenTopics(s *kafka.Snapshot) int {
	seen := map[string]bool{}
	for i := range s.Groups {
		for _, t := range s.Groups[i].Hidden {
			seen[t] = true
		}
	}
	return len(seen)
}

// verdictLine says of the worst group, or of the selected one when it is in trouble, what is wrong.
func (m *Model) verdictLine(w int) string {
	names := m.trouble()
	if m.env.Snapshot.Seq == 0 {
		return component.Fit("", w, false)
	}
	if len(names) == 0 {
		return line(m.theme, w, m.calm(), nil)
	}
	at := 0
	for i, n := range names {
		if n == m.env.Focus.Group {
			at = i
		}
	}
	g := m.env.Snapshot.Group(names[at])
	glyph, tok := component.Verdict(m.theme, g.Verdict.Kind)
	left := []span{
		{tok, " " + glyph + " " + safe.Line(g.Name) + " " + g.Verdict.Kind.String()},
		{theme.Text, "  " + safe.Line(g.Verdict.Evidence)},
	}
	if g.Verdict.Advice != "" {
		left = append(left, span{theme.Muted, " " + m.theme.Glyphs.Arrow + " " + safe.Line(g.Verdict.Advice)})
	}
	right := []span{{theme.Muted, fmt.Sprintf("  %d of %d  ", at+1, len(names))}}
	if m.top().Place() != command.Tail { // where n goes to a match
		right = append(right, span{theme.Key, "n"}, span{theme.Muted, " next "})
	}
	return line(m.theme, w, left, right)
}

// calm is the verdict line when no group is in trouble.
func (m *Model) calm() []span {
	var watching time.Duration
	for i := range m.env.Snapshot.Groups {
		watching = max(watching, m.env.Snapshot.Groups[i].Verdict.Watching)
	}
	among := ""
	switch all, denied := len(m.env.Snapshot.Groups), len(m.env.Snapshot.Denied()); {
	case all == 0 && m.env.Snapshot.Limit.GroupsOut > 0:
		return []span{{theme.Muted, " every consumer group is left out, as was asked for"}}
	case all == 0:
		return []span{{theme.Muted, " no consumer group to see: there is none, or we may DESCRIBE none"}}
	case denied >= all:
		return []span{{theme.Muted, " not known whether a group is in trouble: we may DESCRIBE none"}}
	case denied > 0:
		among = " among those that we may DESCRIBE"
	}
	if watching > 0 {
		return []span{{theme.Muted, " no group is in trouble so far" + among + ", watching " + human.Duration(watching) + " more"}}
	}
	return []span{{theme.Good, " " + m.theme.Glyphs.OK + " no group is in trouble" + among}}
}

// faultLine says which source failed, what happened, since when and what to do; empty when none did.
func (m *Model) faultLine(w int) string {
	if m.faultLines() == 0 {
		return ""
	}
	faults := m.broken()
	if len(faults) == 0 || m.env.Snapshot.Seq == 0 {
		text := fmt.Sprintf(" %s the cluster does not answer: %s", m.theme.Glyphs.Warn, safe.Line(m.status.Err.Error()))
		return line(m.theme, w, []span{{theme.Danger, text}}, nil)
	}
	f := faults[0]
	text := " " + m.theme.Glyphs.Warn + " " + f.String()
	if age := m.env.Now.Sub(f.Since); !f.Since.IsZero() && age >= time.Second {
		text += ", for " + human.Duration(age)
	}
	left := []span{{theme.Danger, safe.Line(text)}}
	if f.Advice != "" {
		left = append(left, span{theme.Muted, safe.Line("  " + m.theme.Glyphs.Arrow + " " + f.Advice)})
	}
	var right []span
	if n := len(faults); n > 1 {
		right = []span{{theme.Muted, fmt.Sprintf("  and %d more ", n-1)}}
	}
	return line(m.theme, w, left, right)
}

// footer shows, first that applies: the filter being typed, a fresh toast, the task under way, the keys.
func (m *Model) footer(w int) string {
	if m.typing != nil {
		return m.typing.view(m, w)
	}
	if t, ok := m.toasts.Newest(m.env.Now); ok {
		tok := map[component.ToastKind]theme.Token{component.ToastWarn: theme.Lagging, component.ToastDanger: theme.Danger}[t.Kind]
		return line(m.theme, w, []span{{tok, " " + safe.Line(t.Text)}}, nil)
	}
	if m.task != nil {
		left, took := m.taskSpans()
		return line(m.theme, w, left, []span{{theme.Accent, took}, {theme.Key, " esc"}, {theme.Muted, " cancel "}})
	}
	right := []span{{theme.Key, " :"}, {theme.Muted, " commands  "}, {theme.Key, "?"}, {theme.Muted, " help "}}
	if m.zoom && len(m.details) == 0 {
		right = append([]span{{theme.Key, " z"}, {theme.Muted, " shows all  "}}, right...)
	}
	return line(m.theme, w, m.keySpans(w-widthOf(right)), right)
}

// keySpans are the commands of the place, as many as fit into w cells; those that cannot run are muted.
func (m *Model) keySpans(w int) []span {
	var out []span
	st := m.state()
	for _, c := range footerCommands(st.Where) {
		if !st.Demo && (c.ID == command.AddMember || c.ID == command.DropMember) {
			continue
		}
		tok, word := theme.Key, theme.Text
		if c.WhyNot(st) != "" {
			tok, word = theme.Muted, theme.Muted
		}
		both := []span{{tok, " " + c.Key()}, {word, " " + c.Title + " "}}
		if w -= widthOf(both); w < 0 {
			break
		}
		out = append(out, both...)
	}
	return out
}

// taskSpans are what is under way and how far it has come, and for how long by now.
func (m *Model) taskSpans() (what []span, took string) {
	text := " " + m.task.title
	if m.task.note != "" {
		text += ": " + m.task.note
	}
	if d := m.env.Now.Sub(m.task.began); d >= time.Second {
		took = "  " + human.Duration(d)
	}
	return []span{{theme.Accent, safe.Line(text)}}, took
}

// footerCommands are the commands that a place shows, in the order of their rank.
func footerCommands(where command.Place) []*command.Command {
	var out []*command.Command
	for _, c := range command.In(where) {
		if c.Footer > 0 && c.Footer < 20 {
			out = append(out, c)
		}
	}
	sortBy(out, func(a, b *command.Command) bool { return a.Footer < b.Footer })
	return out
}

func sortBy[T any](s []T, less func(a, b T) bool) {
	sort.SliceStable(s, func(i, j int) bool { return less(s[i], s[j]) })
}
