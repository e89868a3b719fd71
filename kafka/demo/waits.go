package demo

import (
	"context"
	"fmt"
	"slices"

	"lagtop/kafka"
)

// The conditions and actions that scenarios share. Each names a group without prefix.

type (
	until = func(*stage, *kafka.Snapshot) string
	does  = func(context.Context, *stage) error
)

// all is over when each of the conditions is.
func all(of ...until) until {
	return func(s *stage, now *kafka.Snapshot) string {
		for _, u := range of {
			if waits := u(s, now); waits != "" {
				return waits
			}
		}
		return ""
	}
}

// shared waits until a group has so many members, Stable, and they own each so many partitions and no others are
// left.
func shared(name string, members, least, most int) until {
	return func(s *stage, now *kafka.Snapshot) string {
		g := s.group(now, name)
		switch {
		case g == nil || g.State != kafka.StateStable || g.AssignmentOld:
			return name + " is not Stable yet"
		case len(g.Members) != members:
			return fmt.Sprintf("%s has %d consumers, not %d", name, len(g.Members), members)
		}
		for i := range g.Members {
			if n := len(g.Members[i].Assigned); n < least || n > most {
				return fmt.Sprintf("%s owns %d partitions", g.Members[i].ClientID, n)
			}
		}
		for i := range g.Partitions {
			if !g.Partitions[i].Owner.OK {
				return fmt.Sprintf("%s/%d has no owner", g.Partitions[i].Topic, g.Partitions[i].Partition)
			}
		}
		return ""
	}
}

// found waits for a finding about a group.
func found(name, id string) until {
	return func(s *stage, now *kafka.Snapshot) string {
		for i := range now.Findings {
			if f := &now.Findings[i]; f.Rule == id && f.Subject.Group == s.prefix+name {
				return ""
			}
		}
		return "the finding " + id + ", which needs some history"
	}
}

// judged waits for one of these verdicts on a group.
func judged(name string, kinds ...kafka.VerdictKind) until {
	return func(s *stage, now *kafka.Snapshot) string {
		if g := s.group(now, name); g == nil || !slices.Contains(kinds, g.Verdict.Kind) {
			return "the verdict " + kinds[0].String() + " on " + name
		}
		return ""
	}
}

// healthy waits until a group is not in trouble.
func healthy(name string) until {
	return func(s *stage, now *kafka.Snapshot) string {
		if g := s.group(now, name); g == nil || g.Verdict.Kind.Trouble() {
			return name + " is well again"
		}
		return ""
	}
}

// behind waits until a group is at least or at most so far behind. At most is for the usual speed: what comes in
// between two commits grows with it.
func behind(name string, least, most int64) until {
	return func(s *stage, now *kafka.Snapshot) string {
		g, most := s.group(now, name), most
		if most < endless {
			most = int64(float64(most) * s.speed)
		}
		switch {
		case g == nil || g.Lag.Missing > 0:
			return "the lag of " + name
		case g.Lag.V < least:
			return fmt.Sprintf("a lag of %d, it is %d", least, g.Lag.V)
		case g.Lag.V > most:
			return fmt.Sprintf("a lag of %d, it is %d", most, g.Lag.V)
		}
		return ""
	}
}

// endless is no limit to a lag.
const endless = int64(1) << 40

// drains waits until a group is at most so far behind, or by as much less than at the worst since this began: how
// large a lag gets meanwhile is a matter of the machine.
func drains(name string, most int64) until {
	key := "most " + name
	near := behind(name, 0, most)
	return func(s *stage, now *kafka.Snapshot) string {
		waits := near(s, now)
		g := s.group(now, name)
		if waits == "" || g == nil || g.Lag.Missing > 0 {
			return waits
		}
		lag := float64(g.Lag.V)
		s.marks[key] = max(s.marks[key], lag)
		if s.marks[key]-lag >= float64(most)*s.speed {
			return ""
		}
		return waits
	}
}

// note keeps a group's lag for growing and shrinking.
func note(name string) until {
	return func(s *stage, now *kafka.Snapshot) string {
		g := s.group(now, name)
		if g == nil {
			return name
		}
		s.marks[name] = float64(g.Lag.V)
		return ""
	}
}

// moved waits until the lag is so much above what was noted; below it for a negative number.
func moved(name string, by float64) until {
	return func(s *stage, now *kafka.Snapshot) string {
		g := s.group(now, name)
		if g == nil {
			return name
		}
		d := float64(g.Lag.V) - s.marks[name]
		if by > 0 && d < by || by < 0 && d > by {
			return fmt.Sprintf("the lag, by now %+.0f", d)
		}
		return ""
	}
}

// handed counts the partitions of a group that have another owner than when it looked before, in the mark
// "handed" of the group. A look that finds none leaves the count.
func handed(name string) until {
	return func(s *stage, now *kafka.Snapshot) string {
		g := s.group(now, name)
		if g == nil {
			return name
		}
		was, is, n := s.owners[name], map[kafka.TopicPartition]string{}, 0
		for i := range g.Partitions {
			p := &g.Partitions[i]
			if !p.Owner.OK {
				return fmt.Sprintf("an owner of %s/%d", p.Topic, p.Partition)
			}
			is[p.TopicPartition] = g.Members[p.Owner.V].ClientID
			if was != nil && was[p.TopicPartition] != is[p.TopicPartition] {
				n++
			}
		}
		s.owners[name] = is
		if n > 0 {
			s.marks["handed "+name] = float64(n)
		}
		return ""
	}
}

// crew brings a group to so many consumers.
func crew(name string, n int) does {
	return func(_ context.Context, s *stage) error { return s.resize(s.prefix+name, n) }
}

// first does one thing after the other.
func first(things ...does) does {
	return func(ctx context.Context, s *stage) error {
		for _, do := range things {
			if err := do(ctx, s); err != nil {
				return err
			}
		}
		return nil
	}
}
