package triage

import (
	"slices"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/lag"
)

// sim is a cluster of one topic and one group, polled at a steady pace.
type sim struct {
	history *lag.History
	judge   *Judge
	now     time.Time
	poll    time.Duration
	ticks   int
	id      [16]byte
	parts   []simPart
	members []kafka.Member
	state   kafka.GroupState
	typ     kafka.GroupType
	stale   bool // the group is not read in this poll
	snap    *kafka.Snapshot
	shape   func(*kafka.Snapshot) // changes each snapshot before it is judged; may be nil
}

type simPart struct {
	start, end float64
	commit     kafka.Known[int64]
	in         float64 // records/s produced
	lag        float64 // share groups: what the broker tells
	owner      kafka.Known[int]
}

func newSim(poll time.Duration, parts ...simPart) *sim {
	h := lag.NewHistory(lag.Options{})
	return &sim{
		history: h, judge: New(h), now: time.Date(2026, 1, 2, 3, 4, 6, 0, time.UTC), poll: poll, parts: parts,
		members: []kafka.Member{{ID: "m-1", ClientID: "payments-1", Host: "10.0.0.1"}}, state: kafka.StateStable, typ: kafka.Classic,
	}
}

// owned is a partition with a backlog that the first member has.
func owned(end, commit int64, in float64) simPart {
	return simPart{end: float64(end), commit: kafka.Some(commit), in: in, owner: kafka.Some(0)}
}

// unowned is a partition that no member has.
func unowned(end, commit int64, in float64) simPart {
	return simPart{end: float64(end), commit: kafka.Some(commit), in: in}
}

// tick polls once; step, which may be nil, moves the commits before.
func (s *sim) tick(step func(s *sim)) *kafka.Group {
	s.now = s.now.Add(s.poll)
	s.ticks++
	for i := range s.parts {
		s.parts[i].end += s.parts[i].in * s.poll.Seconds()
	}
	if step != nil {
		step(s)
	}
	s.snap = s.snapshot()
	if s.shape != nil {
		s.shape(s.snap)
	}
	g := &s.snap.Groups[0]
	lag.Join(g, s.snap.Topic)
	s.history.Observe(s.snap)
	s.judge.Judge(s.snap)
	return g
}

func (s *sim) snapshot() *kafka.Snapshot {
	topic := kafka.Topic{Name: "orders", ID: s.id}
	group := kafka.Group{
		Name: "payments", Type: s.typ, ProtocolType: "consumer", State: s.state, Members: slices.Clone(s.members), At: s.now,
	}
	for i := range group.Members {
		group.Members[i].Subscribed = []string{"orders"}
	}
	if s.stale && s.snap != nil {
		group.At = s.snap.Groups[0].At
	}
	for i, p := range s.parts {
		tp := kafka.TopicPartition{Topic: "orders", Partition: int32(i)}
		topic.Partitions = append(topic.Partitions, kafka.Partition{
			ID: tp.Partition, Leader: kafka.Some[int32](1), Replicas: []int32{1}, ISR: []int32{1}, Start: kafka.Some(int64(p.start)), End: kafka.Some(int64(p.end)), At: s.now,
		})
		gp := kafka.GroupPartition{TopicPartition: tp, Committed: p.commit, Owner: p.owner}
		if s.typ == kafka.Share {
			gp.Lag = kafka.Some(int64(p.lag))
		}
		if p.owner.OK && p.owner.V < len(group.Members) {
			own := &group.Members[p.owner.V]
			own.Assigned = append(own.Assigned, tp)
		}
		group.Partitions = append(group.Partitions, gp)
	}
	return &kafka.Snapshot{Seq: uint64(s.ticks), Began: s.now, At: s.now, Topics: []kafka.Topic{topic}, Groups: []kafka.Group{group}}
}

// run ticks for a while and returns the last group.
func (s *sim) run(d time.Duration, step func(s *sim)) *kafka.Group {
	var g *kafka.Group
	for end := s.now.Add(d); s.now.Before(end); {
		g = s.tick(step)
	}
	return g
}

// until ticks until the group has a verdict; it gives up after a while.
func (s *sim) until(kind kafka.VerdictKind, limit time.Duration, step func(s *sim)) (*kafka.Group, time.Duration, bool) {
	began := s.now
	for s.now.Sub(began) < limit {
		if g := s.tick(step); g.Verdict.Kind == kind {
			return g, s.now.Sub(began), true
		}
	}
	return &s.snap.Groups[0], limit, false
}

// follow commits n records/s in every partition that is listed, all of them without a list, up to the end.
func follow(perSecond float64, parts ...int) func(*sim) {
	return func(s *sim) {
		for i := range s.parts {
			if len(parts) > 0 && !has(parts, i) {
				continue
			}
			p := &s.parts[i]
			next := min(p.commit.V+int64(perSecond*s.poll.Seconds()), int64(p.end))
			p.commit = kafka.Some(max(next, p.commit.V))
		}
	}
}

// bursts commits everything once in a while.
func bursts(every time.Duration) func(*sim) {
	return func(s *sim) {
		if s.now.Unix()%int64(every.Seconds()) != 0 {
			return
		}
		for i := range s.parts {
			s.parts[i].commit = kafka.Some(int64(s.parts[i].end))
		}
	}
}

func has(list []int, n int) bool {
	for _, v := range list {
		if v == n {
			return true
		}
	}
	return false
}
