package brokerdetail

import (
	"fmt"
	"slices"

	"lagtop/kafka"
	"lagtop/kafka/explain"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
	"lagtop/theme"
	"lagtop/ui/pane"
	"lagtop/ui/pane/cell"
)

// tally is what the broker does for the cluster's partitions.
type tally struct {
	missing   int // replicas it holds that are not in sync
	offline   int // replicas it holds that are offline
	under     int // partitions it leads that are under-replicated
	preferred int // partitions of which it is the preferred leader
	led       int // of those it leads
	in        kafka.RateSum
}

func (m *Model) count(s *kafka.Snapshot) tally {
	var t tally
	for i := range s.Topics {
		for j := range s.Topics[i].Partitions {
			t.add(&s.Topics[i].Partitions[j], m.id)
		}
	}
	return t
}

func (t *tally) add(p *kafka.Partition, id int32) {
	leads := p.Leader == kafka.Some(id)
	if slices.Contains(p.Replicas, id) && !slices.Contains(p.ISR, id) {
		t.missing++
	}
	if slices.Contains(p.Offline, id) {
		t.offline++
	}
	if leads && len(p.ISR) < len(p.Replicas) {
		t.under++
	}
	if len(p.Replicas) > 0 && p.Replicas[0] == id {
		t.preferred++
		if leads {
			t.led++
		}
	}
	if leads {
		t.in.Add(p.In)
	}
}

// describe writes the overview.
func (m *Model) describe(e *pane.Env) {
	f, b, t := m.overview, m.broker, m.count(e.Snapshot)
	f.Clear()
	m.fault(e)
	f.Add("Address", safe.Line(b.Addr), theme.Text)
	rack := safe.Line(b.Rack)
	if rack == "" {
		rack = "none configured"
	}
	f.Add("Rack", rack, theme.Text)
	f.Add("Controller", m.controller(e.Snapshot), theme.Text)
	f.Blank()
	f.Add("Leads", fmt.Sprintf("%s; preferred leader of %d, leads %d of those", human.Plural(b.Leaders, "partition"), t.preferred, t.led), theme.Text)
	f.Add("Holds", human.Plural(b.Replicas, "replica")+", led ones included", theme.Text)
	m.bad(e, "Not in sync", t.missing, "of its replicas", "every replica it holds is in sync")
	m.bad(e, "Under-replicated", t.under, "of the partitions it leads", "none of the partitions it leads")
	if t.offline > 0 {
		m.bad(e, "Offline", t.offline, "of its replicas", "")
	}
	f.Add("Coordinates", human.Plural(b.Groups, "group"), theme.Text)
	f.Add("Produced to", m.rate(e, t), theme.Text)
}

// facts says what the lines of the overview hold.
var facts = map[string]explain.Quantity{
	"State": explain.BrokerState, "Fault": explain.BrokerState, "What to do": explain.BrokerState, "Numbers": explain.BrokerState,
	"Address": explain.Address, "Rack": explain.Rack, "Controller": explain.Controller, "Leads": explain.Leads, "Holds": explain.Holds,
	"Not in sync": explain.NotInSync, "Under-replicated": explain.UnderReplicated, "Offline": explain.Offline,
	"Coordinates": explain.Coordinates, "Produced to": explain.In,
}

func (m *Model) about(fact string) explain.Ref { return explain.OfBroker(m.id).As(facts[fact]) }

// fault says what is wrong with the broker as a whole.
func (m *Model) fault(e *pane.Env) {
	f := m.overview
	found := false
	for i := range e.Snapshot.Faults {
		x := &e.Snapshot.Faults[i]
		if x.Broker != kafka.Some(m.id) || x.Group != "" || x.Topic != "" {
			continue
		}
		found = true
		since := ""
		if d := e.Now.Sub(x.Since); !x.Since.IsZero() && d > 0 {
			since = ", for " + human.Span(d)
		}
		f.Add("Fault", e.Theme.Glyphs.Bad+" "+safe.Line(x.Op+": "+x.Reason)+since, theme.Danger)
		f.Add("What to do", safe.Line(x.Advice), theme.Text)
	}
	if !found {
		f.Add("State", e.Theme.Glyphs.OK+" answers", theme.Good)
	} else if !m.broker.At.IsZero() {
		f.Add("Numbers", e.Theme.Glyphs.Stale+" "+human.Span(e.Now.Sub(m.broker.At))+" old", theme.Stale)
	}
	f.Blank()
}

func (m *Model) controller(s *kafka.Snapshot) string {
	switch {
	case m.broker.Controller && s.Cluster.Mode == kafka.ModeKRaft:
		return "yes, leader of the quorum"
	case m.broker.Controller:
		return "yes"
	case s.Cluster.Controller.OK:
		return fmt.Sprintf("no, node %d is", s.Cluster.Controller.V)
	}
	return "not known"
}

// bad is a fact that is good at 0.
func (m *Model) bad(e *pane.Env, name string, n int, of, good string) {
	if n == 0 {
		m.overview.Add(name, e.Theme.Glyphs.OK+" "+good, theme.Good)
		return
	}
	m.overview.Add(name, fmt.Sprintf("%s %d %s", e.Theme.Glyphs.Warn, n, of), theme.Danger)
}

func (m *Model) rate(e *pane.Env, t tally) string {
	if !t.in.OK {
		return e.Theme.Glyphs.Unknown
	}
	return cell.PerSecond(e.Theme, t.in) + ", to the partitions it leads"
}
