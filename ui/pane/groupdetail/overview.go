package groupdetail

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/lag"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
)

const (
	labelCells = 16
	// hour and hourCells are what the trend of the overview shows: a minute a cell.
	hour      = time.Hour
	hourCells = 60
)

// sheet is the overview while it is written.
type sheet struct {
	lines [][]component.Cell
	w     int
}

// fact adds a line "label  value", a long value on several lines. An empty value adds nothing.
func (s *sheet) fact(label, value string, tok theme.Token) {
	if value == "" {
		return
	}
	for i, text := range cell.Wrap(value, max(s.w-labelCells-2, 20)) {
		if i > 0 {
			label = ""
		}
		s.lines = append(s.lines, []component.Cell{
			{Text: " " + component.Fit(label, labelCells, false), Tok: theme.Muted}, {Text: text, Tok: tok},
		})
	}
}

func (s *sheet) blank() { s.lines = append(s.lines, nil) }

// overview is what is known of the group as a whole.
func (m *Model) overview(e *pane.Env, w int) [][]component.Cell {
	s := &sheet{w: w}
	m.verdict(e, s)
	s.blank()
	m.facts(e, s)
	s.blank()
	m.numbers(e, s)
	s.blank()
	m.topics(e, s)
	return s.lines
}

// verdict says how the group is doing, why, since when and what to do.
func (m *Model) verdict(e *pane.Env, s *sheet) {
	g, v := m.group, m.group.Verdict
	glyph := cell.Verdict(e.Theme, v.Kind)
	word := v.Kind.String()
	switch {
	case word == "" && frameworkOnly(g):
		word = "none: the group commits no offsets"
	case word == "":
		word = "no verdict yet"
	}
	if since := e.Now.Sub(v.Since); v.Kind.Trouble() && !v.Since.IsZero() && since >= time.Second {
		word += " for " + human.Span(since)
	}
	s.fact("Verdict", strings.TrimSpace(glyph.Text+" "+word), glyph.Tok)
	s.fact("Why", safe.Line(v.Evidence), theme.Text)
	s.fact("What to do", safe.Line(v.Advice), theme.Text)
	if v.Watching > 0 {
		s.fact("", "rules that need history can judge in "+human.Span(v.Watching), theme.Muted)
	}
	if g.Err != "" {
		s.fact("Not described", safe.Line(g.Err), theme.Danger)
	}
	for _, line := range cell.Hidden(g) {
		s.fact("Limited view", line, theme.Info)
	}
}

func (m *Model) facts(e *pane.Env, s *sheet) {
	g := m.group
	kind := safe.Line(string(g.Type))
	if g.Type == kafka.Classic && g.ProtocolType != "" {
		kind += ", protocol type " + safe.Line(g.ProtocolType)
	}
	s.fact("Type", kind, theme.Text)
	state := safe.Line(string(g.State))
	if g.Gone {
		state = "in no broker's answer; last known " + state
	}
	s.fact("State", state, stateTok(g))
	s.fact("Assignor", safe.Line(g.Protocol), theme.Text)
	if g.AssignmentOld {
		s.fact("Assignment", "last known: brokers tell none while the group rebalances", theme.Stale)
	}
	s.fact("Coordinator", m.coordinator(e), theme.Text)
	if g.Epoch.OK {
		epochs := fmt.Sprintf("group %d", g.Epoch.V)
		if g.AssignmentEpoch.OK {
			epochs += fmt.Sprintf(", assignment %d", g.AssignmentEpoch.V)
		}
		if g.TopologyEpoch.OK {
			epochs += fmt.Sprintf(", topology %d", g.TopologyEpoch.V)
		}
		s.fact("Epochs", epochs, theme.Text)
	}
	for i := range g.Members {
		if mb := &g.Members[i]; mb.Leader {
			s.fact("Leader", cell.Owner(mb)+" "+safe.Line(mb.URL), theme.Text)
		}
	}
	read, tok := g.At.Format("15:04:05"), theme.Text
	if old, stale := cell.Old(e, g.At); stale {
		read, tok = read+", "+old, theme.Stale
	}
	if !g.At.IsZero() {
		s.fact("Read at", read, tok)
	}
}

func stateTok(g *kafka.Group) theme.Token {
	if g.State.Rebalancing() || g.Gone {
		return theme.Lagging
	}
	return theme.Text
}

func (m *Model) coordinator(e *pane.Env) string {
	if !m.group.Coordinator.OK {
		return e.Theme.Glyphs.Unknown
	}
	text := "broker " + strconv.Itoa(int(m.group.Coordinator.V))
	if b := e.Snapshot.Broker(m.group.Coordinator.V); b != nil {
		text += " " + safe.Line(b.Addr)
	}
	return text
}

func (m *Model) numbers(e *pane.Env, s *sheet) {
	g, th := m.group, e.Theme
	unowned, uncommitted := 0, 0
	for i := range g.Partitions {
		if len(m.holders[i]) == 0 {
			unowned++
		}
		if !g.Partitions[i].Committed.OK {
			uncommitted++
		}
	}
	members := strconv.Itoa(len(g.Members))
	partitions := fmt.Sprintf("%d, %d without a consumer, %d without a %s", len(g.Partitions), unowned, uncommitted, kept(g))
	if g.Unread() {
		members, partitions = th.Glyphs.Unknown, th.Glyphs.Unknown
	}
	s.fact("Members", members, theme.Text)
	s.fact("Tasks", tasks(g), theme.Text)
	if frameworkOnly(g) {
		return
	}
	s.fact("Partitions", partitions, theme.Text)
	total := cell.Total(th, g.Lag)
	if g.Lag.Known > 0 && g.Lag.V >= 1000 {
		total += " (" + human.Plural(int(g.Lag.V), "record") + ")"
	}
	if g.Lag.Known > 0 && !g.Lag.Complete() {
		total += ", " + human.Plural(g.Lag.Missing, "part") + " unknown"
	}
	s.fact("Lag", total, cell.LagTok(th, g))
	s.fact("Done ahead", doneAhead(g), theme.Text)
	if g.Lost > 0 {
		s.fact("Lost", human.Plural(int(g.Lost), "record")+" below the log start, which can no longer be read", theme.Danger)
	}
	s.fact("Produced", cell.PerSecond(th, g.In), theme.Text)
	s.fact("Consumed", cell.PerSecond(th, g.Out), theme.Text)
	m.paceFacts(e, s)
	s.fact("Lag, up to 1 h", cell.Trend(e, hour, hourCells, lag.OfGroup(g.Name)), theme.Spark)
}

// frameworkOnly tells whether the group has no offsets, so that lag and rates have no meaning.
func frameworkOnly(g *kafka.Group) bool {
	return g.Type == kafka.Classic && !g.IsConsumer() && len(g.Partitions) == 0
}

// tasks counts the work of all members by its role.
func tasks(g *kafka.Group) string {
	var roles []kafka.TaskRole
	n := map[kafka.TaskRole]int{}
	for i := range g.Members {
		for _, t := range g.Members[i].Tasks {
			if n[t.Role]++; n[t.Role] == 1 {
				roles = append(roles, t.Role)
			}
		}
	}
	var out []string
	for _, r := range []kafka.TaskRole{kafka.TaskConnector, kafka.TaskWork} {
		if slices.Contains(roles, r) {
			out = append(out, human.Plural(n[r], string(r)))
		}
	}
	for _, r := range []kafka.TaskRole{kafka.TaskActive, kafka.TaskStandby, kafka.TaskWarmup} {
		if slices.Contains(roles, r) {
			out = append(out, fmt.Sprintf("%d %s", n[r], r))
		}
	}
	return strings.Join(out, ", ")
}

func kept(g *kafka.Group) string {
	if g.Type == kafka.Share {
		return "start offset"
	}
	return "commit"
}

// doneAhead is what a share group has done beyond its start offsets (KIP-1226): the lag leaves it out.
// How much of the lag is in flight no API tells.
func doneAhead(g *kafka.Group) string {
	done := int64(0)
	for i := range g.Partitions {
		if p := &g.Partitions[i]; g.Type == kafka.Share && p.Committed.OK && p.End.OK && p.Lag.OK {
			done += max(0, p.End.V-p.Committed.V-p.Lag.V)
		}
	}
	if done == 0 {
		return ""
	}
	return fmt.Sprintf("%d records beyond the start offsets; how many more are in flight brokers do not tell", done)
}

// topics sums the partitions of each topic.
func (m *Model) topics(e *pane.Env, s *sheet) {
	parts := m.group.Partitions
	for i := 0; i < len(parts); {
		topic := parts[i].Topic
		var total kafka.Total
		n := 0
		for ; i < len(parts) && parts[i].Topic == topic; i++ {
			total.Add(parts[i].Lag)
			n++
		}
		label := ""
		if n == i {
			label = "Topics"
		}
		s.fact(label, cell.Name(topic), theme.Text)
		last := len(s.lines) - 1
		s.lines[last] = append(s.lines[last], component.Cell{Text: "  " + human.Plural(n, "partition") + ", lag " + cell.Total(e.Theme, total), Tok: theme.Muted})
	}
}
