package groupdetail

import (
	"slices"
	"strconv"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/theme"
	"lagtop/ui/component"
	"lagtop/ui/pane"
)

// moved is what changed hands in the newest rebalance that has ended, as the timeline tells it.
type moved struct {
	n        int                             // in all
	ago      time.Duration                   // since it ended
	frame    int                             // polls since then
	from, to map[kafka.TopicPartition]string // member ids; those of nobody are missing
}

// The frames in which moves are shown on their way: in the first a partition is in its old place too.
const (
	frameLeaving = iota
	frameArriving
	frameArrived // and later
)

// takeMoves asks the timeline for the newest rebalance that has ended.
func (m *Model) takeMoves(e *pane.Env) {
	m.moved = moved{}
	if e.Timeline == nil {
		return
	}
	for _, r := range e.Timeline.Group(m.name) {
		if r.Open() || r.Fresh {
			continue
		}
		m.moved = moved{
			n: r.Moved, ago: max(e.Snapshot.At.Sub(r.End), 0),
			from: map[kafka.TopicPartition]string{}, to: map[kafka.TopicPartition]string{},
		}
		m.moved.frame = frameArrived
		if e.Interval > 0 {
			m.moved.frame = int(min(m.moved.ago/e.Interval, frameArrived))
		}
		for _, mv := range r.Moves {
			if mv.From >= 0 {
				m.moved.from[mv.TopicPartition] = r.People[mv.From].ID
			}
			if mv.To >= 0 {
				m.moved.to[mv.TopicPartition] = r.People[mv.To].ID
			}
		}
		return
	}
}

// justLeft tells whether a partition went from a member a moment ago.
func (v *moved) justLeft(tp kafka.TopicPartition, member string) bool {
	return v.frame == frameLeaving && v.from[tp] == member && member != ""
}

// arriving is the way a partition came to a row between the last two polls: down from a row above, up from
// one below. It is empty once the move is over, and for what came from a member that is gone.
func (m *Model) arriving(th *theme.Theme, tp kafka.TopicPartition, row int) string {
	if m.moved.frame == frameArrived || m.group.AssignmentOld || m.moved.to[tp] != m.group.Members[row].ID {
		return ""
	}
	from := slices.IndexFunc(m.group.Members, func(mb kafka.Member) bool { return mb.ID == m.moved.from[tp] })
	switch {
	case from < 0 || from == row:
		return ""
	case from < row:
		return th.Glyphs.Down
	}
	return th.Glyphs.Up
}

// fits is how many partitions the grid shows in so many cells, a blank between topics counted.
func (m *Model) fits(cells int) int {
	parts, n := m.group.Partitions, 0
	for i := m.shift; i < len(parts); i++ {
		if i > m.shift && parts[i].Topic != parts[i-1].Topic {
			cells--
		}
		if cells--; cells < 0 {
			break
		}
		n++
	}
	return n
}

// matrixFoot sums up the matrix and explains its signs; it is empty in the other parts, and where there is no room.
func (m *Model) matrixFoot(e *pane.Env, w, h int) []string {
	if m.part != partMatrix || h < 3*footLines || connect(m.group) || len(m.group.Partitions) == 0 {
		return nil
	}
	g := &e.Theme.Glyphs
	signs, free := g.Radio+" owned  ", " unowned  "
	switch {
	case m.group.AssignmentOld:
		signs = g.Stale + " last known  "
	case m.moved.n > 0:
		signs = g.Radio + " stayed  " + g.Marked + " moved last  "
	}
	if m.moved.frame < frameArrived && m.moved.n > 0 {
		signs += g.Up + g.Down + " came that way  "
		if m.moved.frame == frameLeaving {
			free = " left, or unowned  "
		}
	}
	return []string{
		component.Line(e.Theme, []component.Cell{{Text: " " + m.balance(e), Tok: theme.Header}}, w),
		component.Line(e.Theme, []component.Cell{{Text: " " + signs + g.RadioOff + free + g.Dot + " of others", Tok: theme.Muted}}, w),
	}
}

// balance says in one line how even the assignment is, and what moved last.
func (m *Model) balance(e *pane.Env) string {
	last := len(m.loads) - 1
	members, free := m.loads[:last], m.loads[last].count
	dot := " " + e.Theme.Glyphs.Dot + " "
	s := "no members"
	if len(members) > 0 {
		least, most, idle := members[0].count, 0, 0
		for i := range members {
			n := members[i].count
			least, most = min(least, n), max(most, n)
			if n == 0 {
				idle++
			}
		}
		s = strconv.Itoa(most) + " partitions each"
		if least != most {
			s = strconv.Itoa(least) + " to " + strconv.Itoa(most) + " partitions each"
		}
		s += dot + strconv.Itoa(idle) + " idle"
	}
	s += dot + strconv.Itoa(free) + " unowned"
	switch {
	case m.group.AssignmentOld:
		s += dot + "it rebalances, this is the last known assignment"
	case m.moved.to != nil:
		s += dot + strconv.Itoa(m.moved.n) + " moved " + human.Span(m.moved.ago) + " ago (H)"
	}
	return s
}
