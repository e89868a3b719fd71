package triage

import (
	"slices"
	"strconv"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
)

// A member that lives shorter than shortLife crashed or lost its session: session.timeout.ms is 45 s by
// default, and that long the broker keeps one that died. Those that live as long as each other are put out
// by max.poll.interval.ms, 300 s by default.
const (
	shortLife = 2 * time.Minute
	longLife  = 31 * time.Minute
	loops     = 3 // lives that make a loop
	crashPast = 10 * time.Minute
	churnPast = 5 * time.Minute
)

// looping finds the first consumer whose newest lives are as accept wants them, and that did not live on
// much longer than these.
func (l *Look) looping(since time.Duration, accept func(newest []time.Duration) bool) (w who, lives []time.Duration) {
	l.state.roster.lives(l.Now.Add(-since), func(c who, all []time.Duration) bool {
		if len(all) < loops {
			return true
		}
		newest := all[len(all)-loops:]
		if !accept(newest) || l.state.roster.age(c, l.Now) > max(slices.Max(newest)*3/2, shortLife) {
			return true
		}
		w, lives = c, all
		return false
	})
	return w, lives
}

func allShort(newest []time.Duration) bool { return slices.Max(newest) < shortLife }

func crashLoop(l *Look) Answer {
	_, lives := l.looping(crashPast, allShort)
	return when(lives != nil)
}

func sayCrashLoop(l *Look) string {
	w, lives := l.looping(crashPast, allShort)
	return w.String() + " came with a new member id and went " + strconv.Itoa(len(lives)) + " times in 10 min, the last time after " +
		human.Span(lives[len(lives)-1])
}

// alike wants lives of one length, which chance does not make; deaths by records or by people differ.
func (l *Look) alike(newest []time.Duration) bool {
	shortest, longest := slices.Min(newest), slices.Max(newest)
	return shortest >= shortLife && longest <= longLife && longest-shortest <= longest/6+2*l.Interval
}

func pollLoop(l *Look) Answer {
	_, lives := l.looping((loops+1)*longLife, l.alike)
	return when(lives != nil)
}

func sayPollLoop(l *Look) string {
	w, lives := l.looping((loops+1)*longLife, l.alike)
	return w.String() + " gets a new member id about every " + human.Span(lives[len(lives)-1]) + ", at least " + strconv.Itoa(loops) +
		" times so far: its polls are further apart than max.poll.interval.ms"
}

func (w who) String() string {
	if w.host == "" {
		return w.client
	}
	return w.client + " at " + w.host
}

// deployChurn is a burst of joins and leaves of many members; a loop of one consumer has its own name.
func deployChurn(l *Look) Answer {
	joined, left := l.state.roster.churn(l.Now.Add(-churnPast))
	n := min(joined, left)
	if n < loops || 2*n < len(l.Group.Members) {
		return No
	}
	if _, lives := l.looping(crashPast, allShort); lives != nil {
		return No
	}
	return Yes
}

func sayChurn(l *Look) string {
	joined, left := l.state.roster.churn(l.Now.Add(-churnPast))
	s := human.Plural(joined, "member") + " joined and " + strconv.Itoa(left) + " left within 5 min"
	if l.Group.Protocol == "range" || l.Group.Protocol == "roundrobin" {
		s += "; the " + l.Group.Protocol + " assignor takes all partitions away each time"
	}
	return s
}

// crossing counts the partitions that a member has to read from another rack, because no replica in sync is
// in its own. Where one is, replica.selector.class decides, which is not visible.
func (l *Look) crossing() (n, of int, first *kafka.Member) {
	var t *kafka.Topic
	for i := range l.Group.Partitions {
		p := &l.Group.Partitions[i]
		m := l.member(p)
		if m == nil || m.Rack == "" {
			continue
		}
		if t == nil || t.Name != p.Topic {
			if t = l.Snap.Topic(p.Topic); t == nil {
				continue
			}
		}
		part := t.Partition(p.Partition)
		if part == nil || !part.Leader.OK || !l.world.racks {
			continue
		}
		of++
		if !slices.ContainsFunc(part.ISR, func(id int32) bool { return l.world.broker(id).rack == m.Rack }) {
			if n++; first == nil {
				first = m
			}
		}
	}
	return n, of, first
}

func crossRack(l *Look) Answer {
	n, _, _ := l.crossing()
	return when(n > 0)
}

func sayCrossRack(l *Look) string {
	n, of, m := l.crossing()
	return strconv.Itoa(n) + " of " + human.Plural(of, "partition") + " have no replica in sync in the rack of their member, such as " +
		l.called(m) + " in " + m.Rack
}

// more adds what else there is, nothing for 0.
func more(n int, word string) string {
	if n <= 0 {
		return ""
	}
	return ", and " + human.Plural(n, "more "+word)
}

// some names the first few.
func some(names []string) string {
	const few = 3
	s := ""
	for i, n := range names {
		if i == few {
			return s + " and " + strconv.Itoa(len(names)-few) + " more"
		}
		if i > 0 {
			s += ", "
		}
		s += n
	}
	return s
}
