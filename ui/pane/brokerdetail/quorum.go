package brokerdetail

import (
	"fmt"
	"strconv"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/explain"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
	"lagtop/ui/pane/list"
	"lagtop/ui/pane/parts"
)

// fetchLate is how long a replica of the quorum may not have asked the leader: controller.quorum.fetch.timeout.ms
// of 2 s, after which a voter calls an election.
const fetchLate = 2 * time.Second

// quorum is who keeps the cluster's metadata, whichever broker is looked at.
type quorum struct {
	*parts.Looked[kafka.QuorumReplica]
	other string // who coordinates where there is no quorum; empty under KRaft
}

func newQuorum() *quorum {
	return &quorum{Looked: parts.NewLooked(list.Spec[kafka.QuorumReplica]{
		Columns: []component.Column{
			{Title: "NODE", Width: 6, Right: true},
			{Title: "ROLE", Width: 10, Grow: 1},
			{Title: "EPOCH", Width: 6, Right: true, Drop: 2},
			{Title: "END", Width: 10, Right: true, Drop: 1},
			{Title: "BEHIND", Width: 7, Right: true},
			{Title: "FETCHED", Width: 9, Right: true},
			{Title: "CAUGHT UP", Width: 9, Right: true},
		},
		Empty: " the quorum names no node",
		Key:   func(r *kafka.QuorumReplica) string { return strconv.Itoa(int(r.ID)) },
		Cells: quorumCells,
		About: []explain.Quantity{
			explain.QuorumNode, explain.QuorumRole, explain.QuorumEpoch, explain.QuorumEnd, explain.QuorumBehind,
			explain.QuorumFetch, explain.QuorumCaughtUp,
		},
		Ref: func(r *kafka.QuorumReplica) explain.Ref { return explain.OfQuorum(r.ID) },
		Orders: []list.Order[kafka.QuorumReplica]{
			{Column: 1, Less: before},
			{Column: 0, Less: func(a, b *kafka.QuorumReplica) bool { return a.ID < b.ID }},
		},
	})}
}

// before puts the leader first, then voters, then observers, each by id.
func before(a, b *kafka.QuorumReplica) bool {
	if a.Role != b.Role {
		return a.Role == kafka.QuorumLeader || a.Role == kafka.QuorumVoter && b.Role != kafka.QuorumLeader
	}
	return a.ID < b.ID
}

// ask takes over what is known. Without a quorum nothing is asked.
func (q *quorum) ask(e *pane.Env) {
	c := &e.Snapshot.Cluster
	switch {
	case c.Mode != kafka.ModeZooKeeper:
		q.other = ""
		q.Ask(e, func(l pane.Lookup) pane.Answer[[]kafka.QuorumReplica] { return l.Quorum() })
	case c.Controller.OK:
		q.other = fmt.Sprintf("there is no quorum: ZooKeeper coordinates, and broker %d is the controller", c.Controller.V)
	default:
		q.other = "there is no quorum: ZooKeeper coordinates"
	}
}

// View draws the replicas.
func (q *quorum) View(e *pane.Env, w, h int, focused bool) []string {
	if q.other != "" {
		return cell.Message(e.Theme, q.other, w, h)
	}
	return q.Looked.View(e, w, h, focused)
}

// note says how old the answer is.
func (q *quorum) note(e *pane.Env) []component.Cell {
	if q.other != "" {
		return nil
	}
	return q.Note(e)
}

func quorumCells(e *pane.Env, r *kafka.QuorumReplica, c []component.Cell) {
	g := &e.Theme.Glyphs
	c[0] = component.Cell{Text: strconv.Itoa(int(r.ID))}
	c[1] = component.Cell{Text: safe.Line(string(r.Role)), Tok: theme.Text}
	if r.Role == kafka.QuorumLeader {
		c[1] = component.Cell{Text: g.Star + " leader", Tok: theme.Info}
	}
	c[2].Text = strconv.Itoa(int(r.Epoch))
	c[3].Text = cell.Exact(e.Theme, r.End)
	c[4] = component.Cell{Text: cell.Count(e.Theme, r.Behind)}
	if r.Role == kafka.QuorumLeader {
		return // it follows nobody
	}
	c[5], c[6] = ago(e, r.SinceFetch), ago(e, r.SinceCaughtUp)
	if late(r.SinceFetch) {
		c[4].Tok = theme.Lagging
	}
}

func late(d kafka.Known[time.Duration]) bool { return d.OK && d.V > fetchLate }

func ago(e *pane.Env, d kafka.Known[time.Duration]) component.Cell {
	switch {
	case !d.OK:
		return component.Cell{Text: e.Theme.Glyphs.Unknown, Tok: theme.Muted}
	case late(d):
		return component.Cell{Text: e.Theme.Glyphs.Warn + " " + human.Duration(d.V), Tok: theme.Danger}
	case d.V < time.Second:
		return component.Cell{Text: strconv.Itoa(int(d.V.Milliseconds())) + "ms"}
	}
	return component.Cell{Text: human.Duration(d.V)}
}

func (q *quorum) text() string {
	r := q.Current()
	if r == nil || q.other != "" {
		return q.other
	}
	return fmt.Sprintf("%s %d  epoch %d  behind %s", safe.Line(string(r.Role)), r.ID, r.Epoch, dash(r.Behind))
}

func dash(k kafka.Known[int64]) string {
	if !k.OK {
		return "unknown"
	}
	return strconv.FormatInt(k.V, 10)
}
