package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/human"
)

// New is the report on what was seen.
func New(e Evidence, now time.Time) Report {
	r := Report{Name: e.Name, At: now}
	others := Part{Title: "addresses that the brokers name"}
	slices.SortStableFunc(e.Checks, func(a, b conn.Check) int {
		if !a.Advertised || !b.Advertised {
			return 0 // those that the person named keep their order, in front
		}
		return cmp.Compare(a.Broker.V, b.Broker.V)
	})
	for i := range e.Checks {
		if c := &e.Checks[i]; c.Advertised {
			others.Lines = append(others.Lines, advertised(c)...)
		} else {
			r.Parts = append(r.Parts, address(c))
		}
	}
	r.add(others)
	r.add(clusterPart(&e))
	if e.Rights != nil {
		r.add(rights(&e))
	}
	r.Verdict = r.judge(e.Checks)
	return r
}

func (r *Report) add(p Part) {
	if len(p.Lines) > 0 {
		r.Parts = append(r.Parts, p)
	}
}

func (r *Report) judge(checks []conn.Check) Verdict {
	if answering(checks) == nil {
		return Closed
	}
	for _, p := range r.Parts {
		if slices.ContainsFunc(p.Lines, func(l Line) bool { return l.Outcome == Failed }) {
			return Partial
		}
	}
	return Sound
}

// address is what became of an address that the person named.
func address(c *conn.Check) Part {
	p := Part{Title: c.Addr}
	if c.Broker.OK {
		p.Title += fmt.Sprintf(" (broker %d)", c.Broker.V)
	}
	for _, s := range c.Steps {
		facts := s.Notes
		if s.Took >= time.Millisecond && s.Step != conn.StepLogin && len(facts) > 0 {
			facts = slices.Clone(facts)
			facts[0] += ", " + took(s.Took)
		}
		p.Lines = append(p.Lines, Line{What: string(s.Step), Outcome: OK, Facts: facts})
		p.Lines = append(p.Lines, warnings(string(s.Step), s.Warns)...)
	}
	if c.Err != nil {
		p.Lines = append(p.Lines, Line{What: string(c.Err.Step), Outcome: Failed, Facts: append([]string{c.Err.Err.Error()}, c.Notes...), Try: c.Err.Advice})
	}
	return p
}

func took(d time.Duration) string {
	if d >= time.Second {
		return d.Round(100 * time.Millisecond).String()
	}
	return d.Round(time.Millisecond).String()
}

func warnings(what string, texts []string) []Line {
	var out []Line
	for _, t := range texts {
		out = append(out, Line{What: what, Outcome: Warning, Facts: []string{t}})
	}
	return out
}

// advertised is one line where all is well.
func advertised(c *conn.Check) []Line {
	what := c.Addr
	if c.Broker.OK {
		what = fmt.Sprintf("broker %d", c.Broker.V)
	}
	if c.Err != nil {
		return []Line{{What: what, Outcome: Failed, Facts: []string{c.Err.Error()}, Try: c.Err.Advice}}
	}
	out := []Line{{What: what, Outcome: OK, Facts: []string{c.Addr + ", " + took(c.Took)}}}
	for _, s := range c.Steps {
		out = append(out, warnings(what, s.Warns)...)
	}
	return out
}

// clusterPart is what is known of the cluster as a whole.
func clusterPart(e *Evidence) Part {
	p := Part{Title: "cluster", Lines: warnings("connection", e.Warnings)}
	at := answering(e.Checks)
	if at == nil {
		return p
	}
	id := at.Seen.ClusterID
	if id == "" {
		id = "not told"
	}
	p.Lines = append(p.Lines, Line{What: "id", Outcome: OK, Facts: []string{fmt.Sprintf("%s, %s", id, human.Plural(len(at.Seen.Brokers), "broker"))}})
	p.Lines = append(p.Lines, versions(e.Checks))
	if who, ok := controller(e, at.Seen); ok {
		p.Lines = append(p.Lines, Line{What: "controller", Outcome: OK, Facts: []string{fmt.Sprintf("node %d", who)}})
	}
	for _, f := range at.Seen.Missing {
		p.Lines = append(p.Lines, Line{What: "not offered", Outcome: Missing, Facts: []string{fmt.Sprintf("%s (since %s): %s", f.Name, f.Since, f.Without)}})
	}
	return p
}

// versions are one fact when all brokers that were reached run the same.
func versions(checks []conn.Check) Line {
	by := map[string]int{}
	mode := kafka.ModeUnknown
	for i := range checks {
		if s := checks[i].Seen; s != nil {
			v := s.Version
			if v == "" {
				v = "unknown"
			}
			by[v]++
			mode = s.Mode
		}
	}
	var out []string
	for v := range by {
		out = append(out, v)
	}
	slices.Sort(out)
	l := Line{What: "version", Outcome: OK, Facts: []string{strings.TrimSpace(strings.Join(out, ", ") + " " + string(mode))}}
	if len(out) > 1 {
		l.Outcome, l.Facts[0] = Warning, l.Facts[0]+": the brokers run different releases, what all of them offer counts"
	}
	return l
}

// controller is that of the quorum: Metadata names a random broker under KRaft.
func controller(e *Evidence, s *conn.Seen) (int32, bool) {
	if e.Cluster != nil && e.Cluster.Quorum {
		return e.Cluster.Controller.V, e.Cluster.Controller.OK
	}
	return s.Controller.V, s.Controller.OK && s.Mode == kafka.ModeZooKeeper
}

func reachable(checks []conn.Check, at *conn.Check) []kafka.Broker {
	bad := map[string]bool{}
	for i := range checks {
		bad[checks[i].Addr] = checks[i].Err != nil
	}
	var out []kafka.Broker
	for _, b := range at.Seen.Brokers {
		if !bad[b.Addr] {
			out = append(out, b)
		}
	}
	return out
}

// Unusable is the report on a cluster that cannot be asked, because what is said about it is wrong.
func Unusable(name string, err error) Report {
	return Report{Name: name, Verdict: Closed, Parts: []Part{{Title: name, Lines: []Line{{What: "settings", Outcome: Failed, Facts: []string{err.Error()}}}}}}
}
