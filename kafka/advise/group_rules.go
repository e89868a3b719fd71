package advise

import (
	"strconv"
	"strings"

	"lagtop/kafka"
	"lagtop/kafka/human"
)

// Families of rules.
const (
	parallel = "parallel" // who is the limit: partitions or consumers
	client   = "client"   // settings that only the application knows
	batches  = "batches"
	codec    = "codec"
	kept     = "kept"
)

func groupRules() []rule[*reading] {
	return []rule[*reading]{
		{"share", parallel, shareGroup},
		{"streams", parallel, streamsTasks},
		{"other-protocol", parallel, otherProtocol},
		{"rebalancing", parallel, rebalancing},
		{"manual", parallel, manual},
		{"empty", parallel, nobody},
		{"unowned", parallel, unowned},
		{"standing", parallel, standstill},
		{"idle", parallel, tooMany},
		{"partitions-limit", parallel, partitionsLimit},
		{"one-partition", parallel, onePartition},
		{"consumers-limit", parallel, consumersLimit},
		{"keeps-up", parallel, keepsUp},
		{"uneven", "", uneven},
		{"crowded", "", crowded},
		{"slow-records", client, slowRecords},
		{"small-polls", client, smallPolls},
		{"small-fetches", client, smallFetches},
		{"unseen", client, unseen},
	}
}

func (c *reading) partitions() string { return human.Plural(len(c.parts), "partition") }

func shareGroup(c *reading) Advice {
	if c.group.Type != kafka.Share || !c.reads() {
		return Advice{}
	}
	return Advice{
		Weight: Note, Title: "Share group: partitions do not limit it",
		Evidence:   human.Plural(len(c.group.Members), "consumer") + " on " + c.partitions() + ", several may read the same one" + c.standing(),
		Suggestion: "Start more consumers than partitions if records take long; order within a partition is not kept.",
		Settings:   []Setting{consumer("max.poll.records")},
	}
}

func streamsTasks(c *reading) Advice {
	if c.group.Type != kafka.Streams || !c.reads() {
		return Advice{}
	}
	return Advice{
		Weight: Note, Title: "Kafka Streams: a task a partition",
		Evidence:   human.Plural(len(c.group.Members), "thread") + " on " + c.partitions() + c.standing(),
		Suggestion: "More threads or instances help up to one a task; the rest of them idle.",
		Settings:   []Setting{consumer("num.stream.threads")},
	}
}

func otherProtocol(c *reading) Advice {
	if c.tasks() || !c.reads() {
		return Advice{}
	}
	return Advice{
		Weight: Note, Title: "Not a group of consumers (protocol type " + c.group.ProtocolType + ")",
		Evidence:   "which member reads which partition is not known to the brokers",
		Suggestion: "For Kafka Connect raise tasks.max of the connector, up to one task a partition.",
		Settings:   []Setting{consumer("tasks.max")},
	}
}

func rebalancing(c *reading) Advice {
	if !c.reads() || len(c.group.Members) == 0 || c.settled() {
		return Advice{}
	}
	return Advice{
		Weight: Note, Title: "The assignment is changing",
		Evidence:   "the group is " + string(c.group.State) + "; while it rebalances its consumers may read nothing",
		Suggestion: "Look again when it is Stable. If that takes long or happens often, find the consumers that come and go.",
	}
}

func manual(c *reading) Advice {
	if !c.reads() || len(c.group.Members) > 0 || !c.out.OK || c.out.V <= 0 {
		return Advice{}
	}
	return Advice{
		Weight: Note, Title: "Somebody reads with a manual assignment",
		Evidence:   "no members, yet commits move at " + human.Rate(c.out.V) + c.standing(),
		Suggestion: "Such consumers share nothing by themselves: subscribe() instead of assign() would spread " + c.partitions() + " over them.",
	}
}

func nobody(c *reading) Advice {
	if !c.reads() || len(c.group.Members) > 0 || c.group.State != kafka.StateEmpty {
		return Advice{}
	}
	a := Advice{
		Weight: Note, Title: "Nobody reads it", Evidence: "the group has no members" + c.standing(),
		Suggestion: "Start the application; up to " + human.Plural(len(c.parts), "consumer") + " can share the work, one a partition.",
	}
	if c.behind() {
		a.Weight = Limit
	}
	return a
}

func unowned(c *reading) Advice {
	if c.unowned == 0 || !c.settled() || !c.tasks() {
		return Advice{}
	}
	var names []string
	for _, p := range c.parts {
		if !p.Owner.OK {
			names = append(names, strconv.Itoa(int(p.Partition)))
		}
	}
	return Advice{
		Weight: Limit, Title: "Not every partition has a consumer",
		Evidence:   strconv.Itoa(c.unowned) + " of " + c.partitions() + " belong to no consumer (" + some(names, 6) + ")" + c.standing(),
		Suggestion: "Find out who should read them: consumers of one group should subscribe to the same topics. If nobody should, delete these offsets.",
	}
}

// standstill is a backlog that neither consumers nor partitions shorten: all of it lies where commits hardly move.
func standstill(c *reading) Advice {
	if !c.behind() || !c.settled() || !c.tasks() {
		return Advice{}
	}
	fastest, n, held := c.fastest(), 0, int64(0)
	var worst *kafka.GroupPartition
	for _, p := range c.parts {
		if !waiting(p) {
			continue
		}
		if !p.Owner.OK || !stalled(p, fastest[p.Owner.V]) {
			return Advice{}
		}
		if worst == nil || p.Lag.V > worst.Lag.V {
			worst = p
		}
		n, held = n+1, held+p.Lag.V
	}
	which, moves := place(worst.TopicPartition), " hardly moves"
	if n > 1 {
		which, moves = which+" and "+strconv.Itoa(n-1)+" more", " hardly move"
	}
	return Advice{
		Weight: Limit, Title: "Commits stand still",
		Evidence:   which + moves + ": " + human.Count(held) + " of " + human.Count(c.lag.V) + " waiting records" + c.rates(),
		Suggestion: "It is not a matter of throughput, more consumers do not help: look at the record at the commit, and at its consumer.",
	}
}

func tooMany(c *reading) Advice {
	if c.idle == 0 || !c.settled() || !c.tasks() || !c.reads() {
		return Advice{}
	}
	a := Advice{
		Weight: Note, Title: "More consumers than partitions",
		Evidence: strconv.Itoa(c.idle) + " of " + human.Plural(len(c.group.Members), "consumer") + " have nothing to read: " + c.partitions() +
			" can be shared by " + strconv.Itoa(len(c.parts)) + c.standing(),
		Suggestion: "Stop them, or keep one as a spare; a partition is read by one consumer of the group, so more cannot help.",
	}
	if c.behind() {
		a.Weight, a.Title, a.Suggestion = Limit, "Partitions are the limit", "More consumers cannot help. "+c.morePartitions()
	}
	return a
}

// morePartitions says what adding partitions would cost.
func (c *reading) morePartitions() string {
	if c.compacted() {
		return "Do not add partitions to a compacted topic: keys would move and their old values stay behind. Make each consumer faster."
	}
	return "Make each consumer faster, or add partitions: keys then move to other partitions, and consumers must be as many."
}

func partitionsLimit(c *reading) Advice {
	if !c.settled() || !c.tasks() || len(c.parts) == 0 || len(c.owners) < len(c.parts) {
		return Advice{}
	}
	a := Advice{
		Weight: Fine, Title: "As many consumers as partitions",
		Evidence:   "each of " + c.partitions() + " has a consumer of its own" + c.standing(),
		Suggestion: "Nothing to do; a further consumer would have nothing to read.",
	}
	if c.behind() {
		a.Weight, a.Title, a.Suggestion = Limit, "Partitions are the limit", "More consumers cannot help. "+c.morePartitions()
	}
	return a
}

// most is how much of the backlog has to lie in one partition to be called its own.
const most = 0.8

func onePartition(c *reading) Advice {
	if !c.behind() || !c.settled() || !c.tasks() || len(c.parts) < 3 || !c.lag.Complete() {
		return Advice{}
	}
	worst := c.parts[0]
	for _, p := range c.parts {
		if p.Lag.V > worst.Lag.V {
			worst = p
		}
	}
	if float64(worst.Lag.V) < most*float64(c.lag.V) || !worst.Owner.OK {
		return Advice{}
	}
	a := Advice{
		Weight: Limit, Title: "One partition is the limit",
		Evidence: place(worst.TopicPartition) + " holds " + human.Count(worst.Lag.V) + " of " + human.Count(c.lag.V) + " waiting records" +
			per(", ", worst.In, " in") + per(", ", worst.Out, " out"),
		Suggestion: "More consumers cannot share one partition; its records need other keys, or its consumer more speed.",
	}
	switch n := c.owners[worst.Owner.V]; {
	case stalled(worst, c.fastest()[worst.Owner.V]):
		a.Suggestion = "Its commit hardly moves, so it is not a matter of throughput: look at the record at the commit, and at its consumer."
	case n > 1:
		a.Evidence += "; its consumer has " + strconv.Itoa(n-1) + " more"
		a.Suggestion = "More consumers leave it one of its own, and that is all they can do; then its records need other keys."
	}
	return a
}

func consumersLimit(c *reading) Advice {
	room := len(c.parts) - len(c.owners)
	if room <= 0 || !c.behind() || !c.settled() || !c.tasks() {
		return Advice{}
	}
	a := Advice{
		Weight: Limit, Title: "Consumers are the limit",
		Evidence:   c.sharing() + c.standing() + per("; a busy one does ", c.pace, ""),
		Suggestion: "Start up to " + strconv.Itoa(room) + " more, each in a process of its own: one a partition is the most that can help.",
		Gain:       c.gain(room),
	}
	if n := c.needed(); n.OK {
		switch {
		case n.V > len(c.parts):
			a.Suggestion += " That is still not enough to keep up: " + strconv.Itoa(n.V) + " would be, or faster ones."
		case n.V > len(c.owners):
			a.Suggestion += " From " + strconv.Itoa(n.V) + " in all they outrun the producers."
		}
	}
	return a
}

func keepsUp(c *reading) Advice {
	room := len(c.parts) - len(c.owners)
	if c.behind() || !c.settled() || !c.tasks() || !c.reads() || c.lag.Known == 0 {
		return Advice{}
	}
	return Advice{
		Weight: Fine, Title: "The consumers keep up",
		Evidence:   c.sharing() + c.standing(),
		Suggestion: "Nothing to do; if more comes in, up to " + strconv.Itoa(room) + " more consumers can share the work.",
	}
}

func (c *reading) sharing() string {
	if len(c.owners) == 1 {
		return "1 consumer has all " + c.partitions()
	}
	return human.Plural(len(c.owners), "consumer") + " share " + c.partitions()
}

// standing is lag and rates in words.
func (c *reading) standing() string {
	text := ""
	if c.lag.Known > 0 {
		least := ""
		if !c.lag.Complete() {
			least = "at least "
		}
		text = ", " + least + human.Count(c.lag.V) + " records wait"
	}
	return text + c.rates()
}

func (c *reading) rates() string {
	if c.in.OK && c.out.OK {
		return ", " + human.Rate(c.in.V) + " in, " + human.Rate(c.out.V) + " out"
	}
	return ", rates are not known yet"
}

func uneven(c *reading) Advice {
	if !c.settled() || !c.tasks() || len(c.owners) < 2 {
		return Advice{}
	}
	few, many, name := len(c.parts), 0, ""
	for i := range c.group.Members {
		n := c.owners[i]
		if n > many {
			many, name = n, nameOf(&c.group.Members[i])
		}
		if n > 0 {
			few = min(few, n)
		}
	}
	if many-few < 2 {
		return Advice{}
	}
	a := Advice{
		Weight: Note, Title: "The work is spread unevenly",
		Evidence:   name + " has " + human.Plural(many, "partition") + ", another consumer " + strconv.Itoa(few),
		Suggestion: "The uniform (KIP-848) or cooperative-sticky assignor spreads evenly; partitions are best a multiple of the consumers.",
		Settings:   []Setting{consumer("partition.assignment.strategy")},
	}
	if c.group.Protocol != "" {
		a.Evidence += " (assignor " + c.group.Protocol + ")"
	}
	if c.behind() {
		a.Weight = Hint
	}
	return a
}

func crowded(c *reading) Advice {
	if !c.behind() || !c.settled() || !c.tasks() {
		return Advice{}
	}
	hosts := map[string]int{}
	host := ""
	for i := range c.group.Members {
		if h := c.group.Members[i].Host; h != "" {
			if hosts[h]++; hosts[h] > hosts[host] {
				host = h
			}
		}
	}
	if hosts[host] < 2 {
		return Advice{}
	}
	return Advice{
		Weight: Note, Title: "Consumers share a host",
		Evidence:   strconv.Itoa(hosts[host]) + " of " + human.Plural(len(c.group.Members), "consumer") + " come from " + host + ", as the brokers see it",
		Suggestion: "One consumer a process, one process a core: on one host they share its processors and network. Check that it is not the limit.",
	}
}

func nameOf(m *kafka.Member) string {
	if m.ClientID == "" {
		return m.ID
	}
	return m.ClientID
}

// some names the first of a list.
func some(names []string, n int) string {
	if len(names) <= n {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:n], ", ") + " and " + strconv.Itoa(len(names)-n) + " more"
}
