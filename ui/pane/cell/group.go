package cell

import (
	"cmp"
	"strconv"
	"strings"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
	"lagtop/theme"
)

// State is a group's state in at most eight cells.
func State(g *kafka.Group) string {
	switch {
	case g.Gone:
		return "gone"
	case g.State == kafka.StateUnknown && g.Err != "":
		return "error"
	case g.State.Rebalancing():
		return "Rebal."
	}
	return safe.Line(string(g.State))
}

// Note says in the frame of a group's pane what the group is.
func Note(th *theme.Theme, g *kafka.Group) string { return Dotted(th, Standing(th, g), Coordinator(g)) }

// Coordinator names the broker that coordinates a group, as "coord 2"; empty where that is not known.
func Coordinator(g *kafka.Group) string {
	if !g.Coordinator.OK {
		return ""
	}
	return "coord " + strconv.Itoa(int(g.Coordinator.V))
}

// Standing is a Note without what differs even among groups that are alike: its coordinator.
func Standing(th *theme.Theme, g *kafka.Group) string {
	state, old := string(g.State), ""
	if g.Gone {
		state = "gone from every answer"
	}
	if g.AssignmentOld {
		old = "last known assignment"
	}
	protocol := ""
	if !g.IsConsumer() && g.Type == kafka.Classic {
		protocol = g.ProtocolType
	}
	members := human.Plural(len(g.Members), "member")
	if g.Unread() {
		members = ""
	}
	return Dotted(th, string(g.Type), protocol, state, old, members, g.Protocol)
}

// Kind says in one word what a group is: its type, or what a classic one that is not a consumer serves.
func Kind(g *kafka.Group) string {
	if g.Type == kafka.Classic && !g.IsConsumer() {
		return safe.Line(g.ProtocolType)
	}
	return safe.Line(string(g.Type))
}

// Committed is the title of what a group of the type keeps for a partition.
func Committed(t kafka.GroupType) string {
	if t == kafka.Share {
		return "START"
	}
	return "COMMITTED"
}

// Tasks lists a member's tasks as "active 0_0,0_1 standby 1_0"; empty for one that has none.
func Tasks(m *kafka.Member) string {
	var b strings.Builder
	for i, t := range m.Tasks {
		switch {
		case i > 0 && t.Role == m.Tasks[i-1].Role:
			b.WriteByte(',')
		case i > 0:
			b.WriteByte(' ')
			fallthrough
		default:
			b.WriteString(string(t.Role) + " ")
		}
		b.WriteString(safe.Line(t.Name))
	}
	return b.String()
}

// Outdated says that a member of a streams group runs another topology than the group's, else nothing.
func Outdated(g *kafka.Group, m *kafka.Member) string {
	if !g.TopologyEpoch.OK || !m.TopologyEpoch.OK || g.TopologyEpoch == m.TopologyEpoch {
		return ""
	}
	return "topology " + strconv.Itoa(int(m.TopologyEpoch.V)) + ", the group's is " + strconv.Itoa(int(g.TopologyEpoch.V))
}

// Owner names a member: client id, host, and instance id where it is static.
func Owner(m *kafka.Member) string {
	text := Name(cmp.Or(m.ClientID, m.ID))
	if m.Host != "" {
		text += " " + safe.Line(m.Host)
	}
	if m.InstanceID != "" {
		text += " (static " + safe.Line(m.InstanceID) + ")"
	}
	return text
}

// Partition names a partition: orders/7.
func Partition(tp kafka.TopicPartition) string {
	return safe.Line(tp.Topic) + "/" + strconv.Itoa(int(tp.Partition))
}

// Words says what numbers alone would hide: lost records, a commit beyond the end, no commit. They are
// empty for a partition where the numbers say it all. A share group has start offsets for commits.
func Words(t kafka.GroupType, p *kafka.GroupPartition) string {
	what := "commit"
	if t == kafka.Share {
		what = "start"
	}
	switch {
	case p.Lost > 0:
		return "lost " + human.Count(p.Lost)
	case p.Ahead > 0:
		return "ahead " + human.Count(p.Ahead)
	case p.Err != "" && p.Committed.OK:
		return what + " old"
	case p.Err != "":
		return what + " not read"
	case !p.Committed.OK:
		return "no " + what
	case !p.End.OK:
		return "end unknown"
	}
	return ""
}

// Facts are what is copied of a partition, with the numbers in full.
func Facts(th *theme.Theme, t kafka.GroupType, p *kafka.GroupPartition) []string {
	facts := []string{Partition(p.TopicPartition), strings.ToLower(Committed(t)) + " " + Exact(th, p.Committed), "end " + Exact(th, p.End), "lag " + Exact(th, p.Lag)}
	if words := Words(t, p); words != "" {
		facts = append(facts, words)
	}
	return facts
}

// Tok is the look of a partition's name: that of its trouble.
func Tok(th *theme.Theme, p *kafka.GroupPartition) theme.Token {
	if p.Verdict.Kind.Trouble() {
		return Verdict(th, p.Verdict.Kind).Tok
	}
	switch {
	case p.Lost > 0:
		return theme.Danger
	case p.Ahead > 0:
		return theme.Lagging
	case !p.Committed.OK:
		return theme.Muted
	}
	return theme.Text
}

// Hidden says which topics we do not see, one line each. Lists of topics do not tell why.
func Hidden(g *kafka.Group) []string {
	var lines []string
	for _, t := range g.Hidden {
		lines = append(lines, "not authorized: DESCRIBE on topic "+safe.Line(t)+", or no such topic")
	}
	return lines
}

// LagTok colours a group's lag: as its verdict where that is bad.
func LagTok(th *theme.Theme, g *kafka.Group) theme.Token {
	if g.Verdict.Kind.Trouble() {
		return Verdict(th, g.Verdict.Kind).Tok
	}
	return theme.Text
}
