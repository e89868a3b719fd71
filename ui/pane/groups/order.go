package groups

import (
	"iter"
	"slices"

	"lagtop/kafka"
	"lagtop/kafka/triage"
	"lagtop/ui/pane/cell"
	"lagtop/ui/pane/list"
)

// orders are the ways to sort; groups whose number is unknown stand behind the others.
func orders() []list.Order[kafka.Group] {
	return []list.Order[kafka.Group]{
		{Name: "worst first", Column: colVerdict, Desc: true, Less: triage.Less},
		{Name: "by name", Column: colGroup, Less: byName},
		{Name: "by state", Column: colState, Less: byState},
		{Name: "by members", Column: colMembers, Desc: true, Less: most(members)},
		{Name: "by lag", Column: colLag, Desc: true, Less: most(lagOf)},
		{Name: "by age", Column: colAge, Desc: true, Less: most(ageOf)},
		{Name: "by IN/s", Column: colIn, Desc: true, Less: most(func(g *kafka.Group) kafka.Known[float64] { return g.In.Known })},
		{Name: "by OUT/s", Column: colOut, Desc: true, Less: most(func(g *kafka.Group) kafka.Known[float64] { return g.Out.Known })},
	}
}

func byName(a, b *kafka.Group) bool { return a.Name < b.Name }

func byState(a, b *kafka.Group) bool {
	if x, y := cell.State(a), cell.State(b); x != y {
		return x < y
	}
	return byName(a, b)
}

// most sorts by a number, the largest first, then by name.
func most(of func(*kafka.Group) kafka.Known[float64]) func(a, b *kafka.Group) bool {
	return func(a, b *kafka.Group) bool {
		x, y := of(a), of(b)
		switch {
		case x.OK != y.OK:
			return x.OK
		case x.V != y.V:
			return x.V > y.V
		}
		return byName(a, b)
	}
}

func members(g *kafka.Group) kafka.Known[float64] { return kafka.Some(float64(len(g.Members))) }

func lagOf(g *kafka.Group) kafka.Known[float64] {
	return kafka.Known[float64]{V: float64(g.Lag.V), OK: g.Lag.Known > 0}
}

// ageOf is the least that the age can be.
func ageOf(g *kafka.Group) kafka.Known[float64] {
	return kafka.Known[float64]{V: float64(g.Age.V.Min), OK: g.Age.OK}
}

// fields answers the filter for a group.
type fields struct{ g *kafka.Group }

// Number is the lag, the one number field.
func (f fields) Number(string) kafka.Known[float64] { return lagOf(f.g) }

func (f fields) Texts(field string) iter.Seq[string] {
	g := f.g
	switch field {
	case "":
		return slices.Values([]string{g.Name, string(g.State), cell.State(g), string(g.Type), g.Verdict.Kind.String()})
	case "state":
		return slices.Values([]string{string(g.State), cell.State(g)})
	case "type":
		return slices.Values([]string{string(g.Type), g.ProtocolType})
	case "verdict":
		return slices.Values([]string{g.Verdict.Kind.String()})
	case "topic":
		return f.topics
	case "member":
		return f.members
	}
	return func(func(string) bool) {}
}

// topics are those that the group commits to, owns or subscribes to, seen by us or not.
func (f fields) topics(yield func(string) bool) {
	for i := range f.g.Partitions {
		if t := f.g.Partitions[i].Topic; (i == 0 || t != f.g.Partitions[i-1].Topic) && !yield(t) {
			return
		}
	}
	for _, t := range f.g.Hidden {
		if !yield(t) {
			return
		}
	}
	for i := range f.g.Members {
		for _, t := range f.g.Members[i].Subscribed {
			if !yield(t) {
				return
			}
		}
	}
}

func (f fields) members(yield func(string) bool) {
	for i := range f.g.Members {
		m := &f.g.Members[i]
		for _, s := range []string{m.ClientID, m.Host, m.InstanceID, m.ID} {
			if !yield(s) {
				return
			}
		}
	}
}
