package triage

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
)

// world is what the checks know of the whole cluster in one poll.
type world struct {
	fresh      bool // the metadata is of this poll
	complete   bool // every group and its commits were read
	racks      bool // every broker that is up has a rack
	controlled bool // a controller was known once
	read       map[string]bool
	brokers    map[int32]*node
	partitions int // with a leader
	sick       int // partitions of groups that are stalled or fall behind
	led        map[string]*tenures
	polls      uint32
}

// node is what the partitions say of one broker.
type node struct {
	rack      string
	reason    string // why it did not answer, empty when it did
	missing   int    // replicas it holds that are not in sync
	first     []string
	replicas  int
	preferred int // partitions of which it is the preferred leader and in sync
	displaced int // of those, led by another
	led       int
	sick      int    // partitions of groups in trouble that it leads
	groups    int    // groups that these belong to
	last      string // of those groups
}

func (w *world) broker(id int32) *node {
	n := w.brokers[id]
	if n == nil {
		n = &node{}
		w.brokers[id] = n
	}
	return n
}

// survey fills w from a snapshot whose groups have their verdicts.
func (w *world) survey(s *kafka.Snapshot, now time.Time, interval time.Duration) {
	if w.read == nil {
		w.read, w.brokers, w.led = map[string]bool{}, map[int32]*node{}, map[string]*tenures{}
	}
	w.polls++
	clear(w.read)
	clear(w.brokers)
	w.partitions, w.sick = 0, 0
	w.controlled = w.controlled || s.Cluster.Controller.OK
	w.fresh, w.complete, w.racks = true, s.Limit.GroupsOut == 0, len(s.Brokers) > 0
	for i := range s.Brokers {
		w.broker(s.Brokers[i].ID).rack = s.Brokers[i].Rack
		w.racks = w.racks && s.Brokers[i].Rack != ""
	}
	for i := range s.Faults {
		f := &s.Faults[i]
		w.fresh = w.fresh && f.Op != "Metadata"
		w.complete = w.complete && f.Topic != ""
		if f.Broker.OK && f.Group == "" && f.Topic == "" {
			w.broker(f.Broker.V).reason = f.Reason
		}
	}
	for i := range s.Topics {
		w.logs(&s.Topics[i])
		w.follow(s, &s.Topics[i], now, interval)
	}
	maps.DeleteFunc(w.led, func(_ string, of *tenures) bool { return of.poll != w.polls })
	for i := range s.Groups {
		w.group(s, &s.Groups[i])
	}
}

func (w *world) logs(t *kafka.Topic) {
	for i := range t.Partitions {
		p := &t.Partitions[i]
		for _, id := range p.Replicas {
			n := w.broker(id)
			n.replicas++
			if slices.Contains(p.ISR, id) {
				continue
			}
			if n.missing++; len(n.first) < 2 {
				n.first = append(n.first, t.Name+"/"+strconv.Itoa(int(p.ID)))
			}
		}
		if !p.Leader.OK {
			continue
		}
		w.partitions++
		w.broker(p.Leader.V).led++
		if len(p.Replicas) > 0 && slices.Contains(p.ISR, p.Replicas[0]) {
			n := w.broker(p.Replicas[0])
			n.preferred++
			if p.Leader.V != p.Replicas[0] {
				n.displaced++
			}
		}
	}
}

func (w *world) group(s *kafka.Snapshot, g *kafka.Group) {
	if g.Err != "" || g.Gone {
		w.complete = false
	}
	last := ""
	for i := range g.Partitions {
		p := &g.Partitions[i]
		if i == 0 || p.Topic != last {
			last = p.Topic
			w.read[last] = true
		}
		switch p.Verdict.Kind {
		case kafka.VerdictStalled, kafka.VerdictFallingBehind, kafka.VerdictAtRisk:
			w.blame(s, g.Name, p)
		}
	}
}

// blame counts a partition in trouble for its leader.
func (w *world) blame(s *kafka.Snapshot, group string, p *kafka.GroupPartition) {
	t := s.Topic(p.Topic)
	if t == nil {
		return
	}
	log := t.Partition(p.Partition)
	if log == nil || !log.Leader.OK {
		return
	}
	w.sick++
	n := w.broker(log.Leader.V)
	if n.sick++; n.sick == 1 || n.last != group {
		n.groups++
		n.last = group
	}
}

// noController holds under KRaft only once a controller was known: the right to ask may be missing.
func noController(l *Look) Answer {
	c := &l.Snap.Cluster
	switch {
	case c.Controller.OK:
		return No
	case !l.world.fresh || c.Mode == kafka.ModeUnknown || c.Mode == kafka.ModeKRaft && !l.world.controlled:
		return Hold
	}
	return Yes
}

func sayNoController(l *Look) string {
	return "none of " + human.Plural(len(l.Snap.Brokers), "broker") + " names a controller (" + string(l.Snap.Cluster.Mode) + ")"
}

func (l *Look) offline() (n int, first *kafka.Partition) {
	for i := range l.Topic.Partitions {
		if p := &l.Topic.Partitions[i]; !p.Leader.OK {
			if n++; first == nil {
				first = p
			}
		}
	}
	return n, first
}

func offline(l *Look) Answer {
	if !l.world.fresh {
		return Hold
	}
	n, _ := l.offline()
	return when(n > 0)
}

func sayOffline(l *Look) string {
	n, p := l.offline()
	ids := make([]string, len(p.Replicas))
	for i, id := range p.Replicas {
		ids[i] = strconv.Itoa(int(id))
	}
	return strconv.Itoa(n) + " of " + human.Plural(len(l.Topic.Partitions), "partition") + " without a leader, such as " + l.Topic.Name + "/" +
		strconv.Itoa(int(p.ID)) + " with its replicas on " + strings.Join(ids, ",")
}

func offlineAt(l *Look) (kafka.TopicPartition, string) {
	_, p := l.offline()
	return kafka.TopicPartition{Topic: l.Topic.Name, Partition: p.ID}, ""
}

func underReplicated(l *Look) Answer {
	if !l.world.fresh {
		return Hold
	}
	return when(l.world.broker(l.Broker.ID).missing > 0)
}

func sayUnderReplicated(l *Look) string {
	n := l.world.broker(l.Broker.ID)
	s := strconv.Itoa(n.missing) + " of its " + human.Plural(n.replicas, "replica") + " are not in sync: " + strings.Join(n.first, ", ")
	if rest := n.missing - len(n.first); rest > 0 {
		s += " and " + strconv.Itoa(rest) + " more"
	}
	if n.reason != "" {
		s += "; it does not answer: " + n.reason
	}
	return s
}

// few is the number of partitions below which a share of them says nothing.
const few = 5

// slowLeader is a broker that leads nearly all partitions in trouble, of several groups, and not nearly all
// partitions.
func slowLeader(l *Look) Answer {
	n := l.world.broker(l.Broker.ID)
	if !l.world.fresh {
		return Hold
	}
	return when(n.sick >= few && n.groups >= 2 && 5*n.sick >= 4*l.world.sick && 2*n.led <= l.world.partitions)
}

func saySlowLeader(l *Look) string {
	n := l.world.broker(l.Broker.ID)
	return "it leads " + strconv.Itoa(n.sick) + " of the " + strconv.Itoa(l.world.sick) + " partitions that lag, of " + human.Plural(n.groups, "group") +
		", and " + strconv.Itoa(100*n.led/max(l.world.partitions, 1)) + " % of all"
}

// leaderSkew is what leader.imbalance.per.broker.percentage would act on: above 10 %.
func leaderSkew(l *Look) Answer {
	n := l.world.broker(l.Broker.ID)
	if !l.world.fresh {
		return Hold
	}
	return when(n.preferred >= few && 10*n.displaced > n.preferred)
}

func sayLeaderSkew(l *Look) string {
	n := l.world.broker(l.Broker.ID)
	return strconv.Itoa(n.displaced) + " of the " + strconv.Itoa(n.preferred) + " partitions that it should lead are led by others, though it is in sync; it leads " +
		strconv.Itoa(n.led)
}

// least is the mean rate per partition below which chance makes one of them hot.
const least = 10 // records/s

// warmest is the partition that gets the most, and how many times the mean that is.
func (l *Look) warmest() (p *kafka.Partition, times float64, known int) {
	sum := 0.0
	for i := range l.Topic.Partitions {
		q := &l.Topic.Partitions[i]
		if !q.In.OK {
			continue
		}
		known++
		sum += q.In.V
		if p == nil || q.In.V > p.In.V {
			p = q
		}
	}
	if known == 0 || sum < least*float64(known) {
		return p, 0, known
	}
	return p, p.In.V * float64(known) / sum, known
}

func hotKey(l *Look) Answer {
	_, times, known := l.warmest()
	return when(known > hot && times >= hot)
}

func sayHotKey(l *Look) string {
	p, times, known := l.warmest()
	return l.Topic.Name + "/" + strconv.Itoa(int(p.ID)) + " gets " + human.Rate(p.In.V) + ", " + human.Number(times) + " times the mean of " +
		human.Plural(known, "partition")
}

func hotKeyAt(l *Look) (kafka.TopicPartition, string) {
	p, _, _ := l.warmest()
	return kafka.TopicPartition{Topic: l.Topic.Name, Partition: p.ID}, ""
}

// unread leaves out what is read without a group by design: internal topics, changelogs of Kafka Streams and
// what Connect and MirrorMaker keep for themselves.
func unread(l *Look) Answer {
	t := l.Topic
	switch {
	case t.Internal || !t.In.OK || t.In.V <= 0 || l.world.read[t.Name]:
		return No
	case strings.HasPrefix(t.Name, "_") || strings.HasPrefix(t.Name, "connect-") || strings.HasPrefix(t.Name, "mm2-"),
		strings.HasSuffix(t.Name, "-changelog") || strings.HasSuffix(t.Name, ".internal"):
		return No
	case !l.world.complete || !l.world.fresh:
		return Hold
	}
	return Yes
}

func sayUnread(l *Look) string {
	return perSum("", l.Topic.In, "") + " produced to " + human.Plural(len(l.Topic.Partitions), "partition") + ", and no group subscribes or commits to it"
}
