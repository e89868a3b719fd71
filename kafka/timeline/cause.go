package timeline

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"lagtop/kafka/human"
)

// Kind is a class of causes.
type Kind string

// The kinds, in the order in which they are looked for.
const (
	CauseOperator     Kind = "operator"       // somebody asked for it from here
	CauseStarted      Kind = "group started"  // nobody was there before
	CauseStopped      Kind = "group stopped"  // nobody is there any more
	CausePollInterval Kind = "poll interval"  // max.poll.interval.ms is exceeded again and again
	CauseCrashLoop    Kind = "crash loop"     // a consumer that comes back and goes again
	CauseDeploy       Kind = "deploy"         // consumers are replaced one after the other
	CauseSubscription Kind = "subscription"   // topics, partitions or the assignor changed
	CauseRestart      Kind = "restart"        // one consumer came back under a new member id
	CauseScaleOut     Kind = "scale out"      // members came
	CauseScaleIn      Kind = "departure"      // members went: scaled in, stopped or died
	CauseReplaced     Kind = "replaced"       // members went and others came
	CauseCoordinator  Kind = "coordinator"    // another broker coordinates the group now
	CauseUnknown      Kind = "not known"      // nobody came or went, nothing changed
	CauseUnseen       Kind = "before the log" // what was before is not in the log any more
)

// Cause is the likely reason of a rebalance, with the evidence in one sentence. Names in it are unsanitised.
type Cause struct {
	Kind     Kind
	Evidence string
}

// A life shorter than shortLife is a crash or a lost session; lives as long as each other, between that and
// longLife, are ended by max.poll.interval.ms (300 s by default).
const (
	shortLife = 2 * time.Minute
	longLife  = 31 * time.Minute
	crashPast = 10 * time.Minute
	churnPast = 5 * time.Minute
	loops     = 3 // comings back that make a loop
)

// causeOf judges rs[i] by itself and the others of its group, which are by time, the oldest first.
func causeOf(rs []*Rebalance, i int) Cause {
	r := rs[i]
	switch {
	case r.Action != nil:
		return Cause{CauseOperator, byOperator(r.Action)}
	case r.Fresh:
		return Cause{CauseUnseen, "what was before is not in the log any more"}
	case r.Members[0] == 0 && r.Members[1] > 0:
		return Cause{CauseStarted, joined(r) + "; nobody was there before"}
	case r.Members[1] == 0 && r.Members[0] > 0:
		return Cause{CauseStopped, "the last " + human.Plural(r.Left, "member") + " left: " + names(r, Left)}
	}
	for _, rule := range []func([]*Rebalance, int) (Cause, bool){loop, deploy, subscription} {
		if c, ok := rule(rs, i); ok {
			return c
		}
	}
	return single(r)
}

func byOperator(a *Action) string {
	s := a.What + " from here at " + a.Begin.Format("15:04:05")
	if a.What == "kick" {
		s = "kick of " + a.Target.String() + " from here at " + a.Begin.Format("15:04:05")
	}
	if a.Reason != "" {
		s += ": " + a.Reason
	}
	return s
}

// single is what one rebalance tells by itself.
func single(r *Rebalance) Cause {
	switch {
	case r.Returned > 0 && r.Joined == 0 && r.Left == 0:
		return Cause{CauseRestart, names(r, Returned) + " came back with a new member id: restarted, or put out and joined again"}
	case r.Joined > 0 && r.Left > 0:
		return Cause{CauseReplaced, went(r) + "; " + joined(r)}
	case r.Joined > 0:
		return Cause{CauseScaleOut, fmt.Sprintf("%s: %s, were %d", joined(r), human.Plural(r.Members[1], "member"), r.Members[0])}
	case r.Left > 0:
		return Cause{CauseScaleIn, fmt.Sprintf("%s: %s, were %d; stopped, or lost %s", went(r), human.Plural(r.Members[1], "member"), r.Members[0], sessions(r.Left))}
	case r.Coord[0].OK && r.Coord[1].OK && r.Coord[0] != r.Coord[1]:
		return Cause{CauseCoordinator, fmt.Sprintf("broker %d coordinates the group, was broker %d", r.Coord[1].V, r.Coord[0].V)}
	}
	return Cause{CauseUnknown, "nobody came or went: a member asked for it, or one was gone too shortly to be seen"}
}

// joined names those who came, and counts them where they are several.
func joined(r *Rebalance) string { return several(r, r.Joined, Joined, "joined") }

// went names those who left, and counts them where they are several.
func went(r *Rebalance) string { return several(r, r.Left, Left, "left") }

// several says that people did something in one rebalance. Polls tell no order between two of them: those who
// went one after the other meanwhile are seen together.
func several(r *Rebalance, n int, f Fate, did string) string {
	if n == 1 {
		return names(r, f) + " " + did
	}
	within := ""
	if r.Source == FromPolls && r.Most.OK && r.Most.V > 0 {
		within = " within " + human.Span(r.Most.V)
	}
	return fmt.Sprintf("%s %s%s (%s)", human.Plural(n, "member"), did, within, names(r, f))
}

func sessions(n int) string {
	if n == 1 {
		return "its session"
	}
	return "their sessions"
}

// subscription finds what the members agreed anew on: topics, how many partitions those have, the assignor.
func subscription(rs []*Rebalance, i int) (Cause, bool) {
	r := rs[i]
	var found []string
	if was, is := r.Topics[0], r.Topics[1]; len(was) > 0 && len(is) > 0 {
		found = append(found, missing("no longer subscribed to ", was, is)...)
		found = append(found, missing("subscribed to ", is, was)...)
	}
	if was, is := r.Protocol[0], r.Protocol[1]; was != is && was != "" && is != "" {
		found = append(found, "assignor "+is+", was "+was)
	}
	if len(found) == 0 && r.Joined == 0 && r.Left == 0 && r.Partitions[0] > 0 && r.Partitions[1] > r.Partitions[0] {
		found = append(found, fmt.Sprintf("%d partitions are assigned, were %d", r.Partitions[1], r.Partitions[0]))
	}
	return Cause{CauseSubscription, strings.Join(found, "; ")}, len(found) > 0
}

func missing(words string, in, from []string) []string {
	var out []string
	for _, t := range in {
		if !slices.Contains(from, t) {
			out = append(out, t)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return []string{words + some(out)}
}

// who is the same consumer under whatever member id.
type who struct{ client, host, instance string }

func (w who) String() string {
	if w.host == "" {
		return w.client
	}
	return w.client + " on " + w.host
}

func whoIs(p *Person) who { return who{p.ClientID, p.Host, p.InstanceID} }

// loop finds a consumer of this rebalance that came and went again and again. Where several go by the same name
// nobody can tell which of them came.
func loop(rs []*Rebalance, i int) (Cause, bool) {
	for k := range rs[i].People {
		p := &rs[i].People[k]
		if p.Fate == Stayed {
			continue
		}
		w := whoIs(p)
		came, gone := comings(rs[:i+1], w)
		if len(came) < loops || gone < loops-1 {
			continue
		}
		lives := make([]time.Duration, 0, loops)
		for n := len(came) - loops + 1; n < len(came); n++ {
			lives = append(lives, came[n].Sub(came[n-1]))
		}
		since := rs[i].When().Add(-crashPast)
		came = slices.DeleteFunc(came, func(t time.Time) bool { return t.Before(since) })
		shortest, longest, newest := slices.Min(lives), slices.Max(lives), human.Span(lives[len(lives)-1])
		switch {
		case longest < shortLife && len(came) >= loops:
			return Cause{CauseCrashLoop, fmt.Sprintf("%s joined %d times within 10 min, the last time after %s", w, len(came), newest)}, true
		case shortest >= shortLife && longest <= longLife && longest-shortest <= longest/6+slack:
			return Cause{CausePollInterval, fmt.Sprintf("%s joins anew about every %s: its polls are further apart than max.poll.interval.ms", w, newest)}, true
		}
	}
	return Cause{}, false
}

// comings is when a consumer joined or came back, the oldest first, and how often it went. It is nothing for a
// name that several members have at once.
func comings(rs []*Rebalance, w who) (came []time.Time, gone int) {
	for _, r := range rs {
		there := 0
		for k := range r.People {
			p := &r.People[k]
			if r.Fresh || whoIs(p) != w {
				continue
			}
			if p.Fate != Left {
				there++
			}
			if p.Fate == Joined || p.Fate == Returned {
				came = append(came, r.When())
			}
			if p.Fate == Left || p.Fate == Returned {
				gone++
			}
		}
		if there > 1 {
			return nil, 0
		}
	}
	return came, gone
}

// deploy finds consumers that were replaced within minutes of this rebalance: as many as half of the group, and
// two at least. Those who came and went meanwhile are neither old nor new.
func deploy(rs []*Rebalance, i int) (Cause, bool) {
	r := rs[i]
	if r.Joined+r.Left+r.Returned == 0 {
		return Cause{}, false
	}
	c := churn{came: map[string]string{}, went: map[string]string{}, first: r.When(), last: r.When()}
	for _, o := range rs {
		d := o.When().Sub(r.When())
		if d >= -churnPast && d <= churnPast && !o.Fresh && o.Members[0] > 0 && o.Members[1] > 0 {
			c.add(o)
		}
	}
	clients, part := c.replaced()
	replaced := len(clients)
	takesPart := func(p Person) bool { return p.Fate != Stayed && (part[p.ID] || part[p.OldID]) }
	if replaced < 2 || 2*replaced < c.most || !slices.ContainsFunc(r.People, takesPart) {
		return Cause{}, false
	}
	slices.Sort(clients)
	clients = slices.Compact(clients)
	within := human.Span(max(c.last.Sub(c.first), time.Second))
	return Cause{CauseDeploy, fmt.Sprintf("%d of %s were replaced within %s: %s", min(replaced, c.most), human.Plural(c.most, "member"), within, some(clients))}, true
}

// churn is who came and who went in some rebalances: client ids by member id.
type churn struct {
	came, went  map[string]string
	most        int // members at once
	first, last time.Time
}

func (c *churn) add(r *Rebalance) {
	for k := range r.People {
		p := &r.People[k]
		switch p.Fate {
		case Joined:
			c.came[p.ID] = p.ClientID
		case Left:
			c.went[p.ID] = p.ClientID
		case Returned:
			c.came[p.ID], c.went[p.OldID] = p.ClientID, p.ClientID
		}
	}
	if r.Joined+r.Left+r.Returned > 0 {
		c.first, c.last = earlier(c.first, r.When()), later(c.last, r.When())
		c.most = max(c.most, r.Members[0], r.Members[1])
	}
}

// replaced finds those who took the place of another one of the same application: their client ids, and the
// member ids of both.
func (c *churn) replaced() (clients []string, part map[string]bool) {
	old := map[string][]string{} // member ids by family
	for _, id := range slices.Sorted(maps.Keys(c.went)) {
		if _, new := c.came[id]; !new {
			f := family(c.went[id])
			old[f] = append(old[f], id)
		}
	}
	part = map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(c.came)) {
		f := family(c.came[id])
		if _, gone := c.went[id]; gone || len(old[f]) == 0 {
			continue
		}
		part[id], part[old[f][0]] = true, true
		old[f] = old[f][1:]
		clients = append(clients, c.came[id])
	}
	return clients, part
}

// family is a client id without the number that tells the instances of one application apart.
func family(client string) string { return strings.TrimRight(client, "0123456789-_.") }

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// mostNamed is how many people one sentence names.
const mostNamed = 12

// names are those with a fate, by client id.
func names(r *Rebalance, f Fate) string {
	var out []string
	for i := range r.People {
		switch p := &r.People[i]; {
		case p.Fate != f:
		case p.ClientID == "":
			out = append(out, p.ID)
		default:
			out = append(out, whoIs(p).String())
		}
	}
	all := map[Fate]int{Joined: r.Joined, Left: r.Left, Returned: r.Returned}[f] // People may be cut
	return first(out, mostNamed, max(all, len(out)))
}

// some names the first few.
func some(names []string) string { return first(names, 3, len(names)) }

// first names at most so many of all.
func first(names []string, most, all int) string {
	shown := names[:min(most, len(names))]
	if all > len(shown) {
		return fmt.Sprintf("%s and %d more", strings.Join(shown, ", "), all-len(shown))
	}
	return strings.Join(shown, ", ")
}
