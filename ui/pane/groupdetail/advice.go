package groupdetail

import (
	"cmp"
	"fmt"
	"slices"

	"lagtop/kafka"
	"lagtop/kafka/advise"
	"lagtop/kafka/human"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
)

// advisedTopics is how many topics of a group are looked at: each takes requests of its own.
const advisedTopics = 6

// takeAdvice brings the advice up to date. It asks the Lookup, so it runs only while that part is on screen.
func (m *Model) takeAdvice(e *pane.Env) {
	if m.part != partAdvice || m.group == nil {
		return
	}
	names, scanty := topicsByLag(m.group), ""
	if n := len(names) - advisedTopics; n > 0 {
		scanty = fmt.Sprintf("%s of the group with less lag: open the topic for its advice", human.Plural(n, "further topic"))
		names = names[:advisedTopics]
	}
	m.advice.Begin(scanty)
	for _, name := range names {
		t := m.advice.Topic(e, name)
		m.advice.Add(cell.Name(name), advise.OfGroup(m.group, t))
	}
}

// topicsByLag are the topics that the group has to do with, the one with most lag first.
func topicsByLag(g *kafka.Group) []string {
	sum := map[string]int64{}
	var names []string
	for i := range g.Partitions {
		p := &g.Partitions[i]
		if _, ok := sum[p.Topic]; !ok {
			names = append(names, p.Topic)
		}
		sum[p.Topic] += p.Lag.V
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(sum[b], sum[a]), cmp.Compare(a, b)) })
	return names
}

// turn goes so many parts on.
func (m *Model) turn(e *pane.Env, by int) {
	m.part = (m.part + by + len(partNames)) % len(partNames)
	m.takeAdvice(e)
}
