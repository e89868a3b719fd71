package partitions

import (
	"cmp"
	"iter"
	"slices"
	"strconv"

	"lagtop/kafka"
	"lagtop/theme"
	"lagtop/ui/component/filter"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
	"lagtop/ui/pane/steady"
)

// openUpTo is the number of partitions of a group up to which its members begin unfolded.
const openUpTo = 60

// owner is a member with its partitions, or what no member owns.
type owner struct {
	key    string
	title  string
	member *kafka.Member // nil: no consumer
	parts  []*kafka.GroupPartition
	lag    kafka.Total
	flow   cell.Flow
	worst  kafka.VerdictKind
}

// row is one line: an owner, one of its partitions, or a remark.
type row struct {
	key   string                // empty for a partition, see Model.key
	owner *owner                // nil: a remark on the group
	part  *kafka.GroupPartition // nil: the owner itself, or a remark
	text  string                // of a remark
	tok   theme.Token           // of a remark
}

// build makes the rows of m.group.
func (m *Model) build(e *pane.Env) {
	g := m.group
	kept := m.kept()
	steady.Sort(&m.parts, e.Now, kept, func(r rank) kafka.TopicPartition { return g.Partitions[r.at].TopicPartition }, m.compareRank)
	m.shown, m.tasks = len(kept), connectTasks(g)
	m.owners = m.own(kept)
	steady.Sort(&m.members, e.Now, m.owners, func(o *owner) string { return o.key }, m.compareOwner)
	if g.Err != "" {
		m.rows = append(m.rows, row{key: "error", text: cell.Name(g.Err), tok: theme.Info})
	}
	for _, o := range m.owners {
		m.addRows(o)
	}
	for i, text := range cell.Hidden(g) {
		m.rows = append(m.rows, row{key: "hidden " + strconv.Itoa(i), text: text, tok: theme.Info})
	}
}

// connectTasks counts the tasks that have a line each.
func connectTasks(g *kafka.Group) int {
	n := 0
	for i := range g.Members {
		if g.Type == kafka.Classic {
			n += len(g.Members[i].Tasks)
		}
	}
	return n
}

func (m *Model) addRows(o *owner) {
	m.rows = append(m.rows, row{key: o.key, owner: o})
	if m.folded(o) {
		return
	}
	if o.member != nil {
		m.addTasks(o)
	}
	for _, p := range o.parts {
		m.rows = append(m.rows, row{owner: o, part: p})
	}
}

// key names a row. Those of partitions are many, and few are asked for.
func (m *Model) key(r *row) string {
	if r.part != nil {
		return m.partKey(r.owner, r.part)
	}
	return r.key
}

func (m *Model) partKey(o *owner, p *kafka.GroupPartition) string {
	if m.group.Type == kafka.Share {
		return o.key + " " + partName(p) // several members may own it
	}
	return partName(p)
}

// addTasks shows what a member does that is not partitions, or why that is not known. The tasks of
// streams are partitions at the same time: one line names them. Those of Connect have a line each.
func (m *Model) addTasks(o *owner) {
	mb := o.member
	if text := cell.Outdated(m.group, mb); text != "" {
		m.rows = append(m.rows, row{key: o.key + " outdated", owner: o, text: text, tok: theme.Lagging})
	}
	switch {
	case mb.Opaque != "":
		m.rows = append(m.rows, row{key: o.key + " opaque", owner: o, text: cell.Name(mb.Opaque), tok: theme.Info})
	case m.group.Type == kafka.Streams && len(mb.Tasks) > 0:
		m.rows = append(m.rows, row{key: o.key + " tasks", owner: o, text: cell.Tasks(mb), tok: theme.Muted})
	default:
		for _, t := range mb.Tasks {
			text := string(t.Role) + " " + cell.Name(t.Name)
			m.rows = append(m.rows, row{key: o.key + " " + text, owner: o, text: text})
		}
	}
}

func (m *Model) folded(o *owner) bool {
	if chosen, ok := m.fold[o.key]; ok {
		return chosen
	}
	return len(m.group.Partitions) > openUpTo || m.tasks > openUpTo
}

// rank is what the place of a partition depends on. Partitions themselves are too large to be sorted: with many
// of them each comparison would wait for memory.
type rank struct {
	at      int // in the group's partitions
	verdict kafka.VerdictKind
	lag     kafka.Known[int64]
}

// kept are the partitions that the filter keeps, as in the group.
func (m *Model) kept() []rank {
	ranks := make([]rank, 0, len(m.group.Partitions))
	for i := range m.group.Partitions {
		p := &m.group.Partitions[i]
		if m.filter.Empty() || m.filter.Match(fields{m.group.Type, p, m.ownerOf(p)}) {
			ranks = append(ranks, rank{i, p.Verdict.Kind, p.Lag})
		}
	}
	return ranks
}

func (m *Model) ownerOf(p *kafka.GroupPartition) *kafka.Member {
	if p.Owner.OK && p.Owner.V >= 0 && p.Owner.V < len(m.group.Members) {
		return &m.group.Members[p.Owner.V]
	}
	return nil
}

// own gives the partitions to their owners. Members without any are kept unless a filter hides them.
func (m *Model) own(kept []rank) []*owner {
	g := m.group
	owners := make([]*owner, 0, len(g.Members)+1)
	for i := range g.Members {
		mb := &g.Members[i]
		owners = append(owners, &owner{key: "member " + mb.ID, title: cell.Owner(mb), member: mb})
	}
	none := &owner{key: "no member", title: "no consumer"}
	shared := m.shared()
	for _, r := range kept {
		p := &g.Partitions[r.at]
		switch holders := shared[p.TopicPartition]; {
		case len(holders) > 0:
			for _, i := range holders {
				owners[i].add(p)
			}
		case m.ownerOf(p) != nil:
			owners[p.Owner.V].add(p)
		default:
			none.add(p)
		}
	}
	if len(none.parts) > 0 {
		owners = append(owners, none)
	}
	return slices.DeleteFunc(owners, func(o *owner) bool {
		return len(o.parts) == 0 && !m.filter.Empty() && !m.filter.Match(fields{member: o.member})
	})
}

// shared are the members of each partition of a share group; nil for all others.
func (m *Model) shared() map[kafka.TopicPartition][]int {
	if m.group.Type != kafka.Share {
		return nil
	}
	holders := map[kafka.TopicPartition][]int{}
	for i := range m.group.Members {
		for _, tp := range m.group.Members[i].Assigned {
			holders[tp] = append(holders[tp], i)
		}
	}
	return holders
}

func (o *owner) add(p *kafka.GroupPartition) {
	o.parts = append(o.parts, p)
	o.lag.Add(p.Lag)
	o.flow.Add(p)
	o.worst = max(o.worst, p.Verdict.Kind)
}

func partName(p *kafka.GroupPartition) string {
	return p.Topic + "/" + strconv.Itoa(int(p.Partition))
}

// compareRank sorts worst first or by name. Those of unknown lag come behind the others of their verdict.
func (m *Model) compareRank(a, b rank) int {
	c := a.at - b.at
	switch {
	case m.byName:
	case a.verdict != b.verdict:
		c = cmp.Compare(b.verdict, a.verdict)
	case a.lag != b.lag:
		c = cmp.Or(unknownLast(a.lag.OK, b.lag.OK), cmp.Compare(b.lag.V, a.lag.V))
	}
	if m.back {
		return -c
	}
	return c
}

// compareOwner sorts by lag or by name. Members of one name differ by their ids.
func (m *Model) compareOwner(a, b *owner) int {
	c := 0
	if !m.byName {
		c = cmp.Or(unknownLast(a.lag.Known > 0, b.lag.Known > 0), cmp.Compare(b.lag.V, a.lag.V))
	}
	c = cmp.Or(c, unknownLast(a.member != nil, b.member != nil), cmp.Compare(a.title, b.title), cmp.Compare(a.key, b.key))
	if m.back {
		return -c
	}
	return c
}

func unknownLast(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

var filterFields = filter.Fields{"topic": filter.Text, "member": filter.Text, "lag": filter.Number, "verdict": filter.Text}

// fields answers the filter for a partition and its owner, either of which may be nil.
type fields struct {
	kind   kafka.GroupType
	part   *kafka.GroupPartition
	member *kafka.Member
}

// Number is the lag, the one number field.
func (f fields) Number(string) kafka.Known[float64] {
	if f.part == nil {
		return kafka.Known[float64]{}
	}
	return kafka.Known[float64]{V: float64(f.part.Lag.V), OK: f.part.Lag.OK}
}

func (f fields) Texts(field string) iter.Seq[string] {
	var part, member, verdict []string
	if f.part != nil {
		part = []string{f.part.Topic, partName(f.part)}
		verdict = []string{f.part.Verdict.Kind.String(), cell.Words(f.kind, f.part)}
	}
	if f.member != nil {
		member = []string{f.member.ClientID, f.member.Host, f.member.InstanceID, f.member.ID}
		for _, t := range f.member.Tasks {
			member = append(member, t.Name)
		}
	}
	switch field {
	case "topic":
		return slices.Values(part)
	case "member":
		return slices.Values(member)
	case "verdict":
		return slices.Values(verdict)
	}
	return slices.Values(slices.Concat(part, member, verdict))
}
