package triage

import (
	"strconv"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/lag"
)

func place(tp kafka.TopicPartition) string {
	return tp.Topic + "/" + strconv.Itoa(int(tp.Partition))
}

func exact(n int64) string { return strconv.FormatInt(n, 10) }

func (c *Case) place() string { return place(c.Part.TopicPartition) }

// owner names the member that has the partition: by client id, with its host where several members
// share one.
func (c *Case) owner() string {
	if !c.Part.Owner.OK || c.Part.Owner.V < 0 || c.Part.Owner.V >= len(c.Group.Members) {
		return ""
	}
	own := &c.Group.Members[c.Part.Owner.V]
	if own.ClientID == "" {
		return own.ID
	}
	for i := range c.Group.Members {
		if i != c.Part.Owner.V && c.Group.Members[i].ClientID == own.ClientID && own.Host != "" {
			return own.ClientID + " at " + own.Host
		}
	}
	return own.ClientID
}

func span(d time.Duration, least bool) string {
	if least {
		return "over " + human.Span(d)
	}
	return human.Span(d)
}

// per words a rate, or nothing where it is not known.
func per(before string, r kafka.Known[float64], after string) string {
	if !r.OK {
		return ""
	}
	return before + human.Rate(r.V) + after
}

// perSum is per for a sum, which says so when it misses parts.
func perSum(before string, r kafka.RateSum, after string) string {
	if r.OK && r.Missing > 0 {
		return before + human.RateAtLeast(r.V) + after
	}
	return per(before, r.Known, after)
}

func total(t kafka.Total) string {
	if t.Unknown() {
		return human.None
	}
	if !t.Complete() {
		return "≥ " + human.Count(t.V)
	}
	return human.Count(t.V)
}

func sayLost(c *Case) string {
	return c.place() + " lost " + human.Count(c.Part.Lost) + " records: committed " + exact(c.Part.Committed.V) +
		", the log starts at " + exact(c.Part.Start.V)
}

func sayNoMember(c *Case) string {
	if len(c.Group.Members) > 0 {
		return c.place() + ": the group has members again, " + human.Count(c.Part.Lag.V) + " records waiting"
	}
	return c.place() + " has no member, " + human.Count(c.Part.Lag.V) + " records waiting" + per(", end grows ", c.Part.In, "")
}

// sayEmpty also words what is over, until enough good polls have told so.
func sayEmpty(c *Case, _ int) (sentence string, everywhere bool) {
	if n := len(c.Group.Members); n > 0 {
		return "It has " + human.Plural(n, "member") + " again, " + total(c.Group.Lag) + " records waiting" + perSum(", read at ", c.Group.Out, ""), true
	}
	return "Empty for " + span(c.Empty, c.Before) + ", " + total(c.Group.Lag) + " records waiting" +
		perSum(", end grows ", c.Group.In, ""), true
}

func saySilent(c *Case) string {
	s := c.place() + " no commit for " + span(c.Motion.Behind, c.Motion.Open) + " while " + human.Count(c.Motion.Grown) + " records came in"
	if c.Part.Owner.OK {
		return s + ", owned by " + c.owner()
	}
	if len(c.Group.Members) > 0 {
		return s + "; no member has it"
	}
	return s
}

// sayStalled also words what is over, until enough good polls have told so.
func sayStalled(c *Case) string {
	s := c.place() + " flat for " + span(c.Motion.Behind, c.Motion.Open)
	if c.Motion.Behind < 3*c.Interval {
		s = c.place() + " moves again, " + human.Count(c.Part.Lag.V) + " behind"
	}
	if owner := c.owner(); owner != "" {
		return s + " on " + owner
	}
	return s
}

func sayRewound(c *Case) string {
	return c.place() + " went back from " + exact(c.Motion.RewoundFrom.V) + " " + human.Span(c.Motion.RewoundFor) + " ago, now at " +
		exact(c.Part.Committed.V)
}

func sayAtRisk(c *Case) string {
	s := c.place() + ": retention reaches the commit in " + human.Span(c.reach().Duration().V)
	eta := lag.ETA(c.Part.Lag, c.Part.In, c.Part.Out)
	if d := eta.Duration(); d.OK {
		return s + ", the backlog lasts " + human.Span(d.V)
	}
	return s + ", the backlog never drains"
}

func sayFalling(c *Case) string {
	s := c.place() + " " + human.Count(c.Part.Lag.V) + " behind"
	if c.Motion.Short.OK && c.Motion.Short.V.Records > 0 {
		s += ", lag grows " + human.Rate(c.Motion.Short.V.PerSecond())
	}
	return s + per(": ", c.Part.In, " in") + per(", ", c.Part.Out, " out")
}

func sayAllFalling(c *Case, same int) (sentence string, everywhere bool) {
	if same < len(c.Group.Partitions) || same == 1 {
		return "", false
	}
	return total(c.Group.Lag) + " behind" + perSum(": ", c.Group.In, " in") + perSum(", ", c.Group.Out, " out") +
		"; worst " + c.place() + " with " + human.Count(c.Part.Lag.V), false
}

func sayAhead(c *Case) string {
	return c.place() + " committed " + exact(c.Part.Committed.V) + ", " + human.Count(c.Part.Ahead) + " beyond the end " + exact(c.Part.End.V)
}

func sayNoCommit(c *Case) string { return c.place() + " has no commit" }

func sayNoCommits(c *Case, same int) (sentence string, everywhere bool) {
	if same < len(c.Group.Partitions) {
		return "", false
	}
	return "no partition has a commit", true
}

// sayOK words a group that nothing is wrong with.
func sayOK(g *kafka.Group) string {
	switch {
	case g.Lag.Unknown():
		return ""
	case g.Lag.V == 0:
		return "caught up"
	}
	return total(g.Lag) + " behind" + perSum(", reads ", g.Out, "")
}
