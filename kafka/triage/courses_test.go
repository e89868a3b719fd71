package triage

import (
	"fmt"
	"slices"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/lag"
)

// course is a finding from a healthy start until it is over.
type course struct {
	rule     string
	sim      func() *sim
	healthy  func(*sim) // before; nil: none
	trouble  func(*sim) // once
	step     func(*sim) // while it lasts
	within   time.Duration
	subject  kafka.SubjectKind
	evidence string
	relief   func(*sim)
	after    func(*sim)
	gone     time.Duration // 0: half a minute
}

func clusterCourses() []course {
	twelveShaped := func() *sim { s := newSim(two, twelve(100)...); s.shape = brokers; return s }
	heal := func(s *sim) { s.shape = brokers }
	second := func(s *kafka.Snapshot) { // another group in the same place
		g := s.Groups[0]
		g.Name, g.Partitions = "shipping", slices.Clone(g.Partitions)
		lag.Join(&g, s.Topic)
		s.Groups = append(s.Groups, g)
	}
	return []course{
		{
			rule: "no-controller", sim: twelveShaped, healthy: follow(100), step: follow(100), within: time.Minute, subject: kafka.SubjectCluster,
			trouble:  func(s *sim) { s.shape = also(func(s *kafka.Snapshot) { s.Cluster.Controller = kafka.Known[int32]{} }) },
			evidence: `^none of 3 brokers names a controller \(KRaft\)$`, relief: heal, after: follow(100),
		},
		{
			rule: "offline", sim: twelveShaped, healthy: follow(100), step: follow(100), within: 8 * time.Second, subject: kafka.SubjectTopic,
			trouble: func(s *sim) {
				s.shape = also(func(s *kafka.Snapshot) { s.Topics[0].Partitions[4].Leader = kafka.Known[int32]{} })
			},
			evidence: `^1 of 12 partitions without a leader, such as orders/4 with its replicas on 2,3$`, relief: heal, after: follow(100),
		},
		{
			rule: "under-replicated", sim: twelveShaped, healthy: follow(100), step: follow(100), within: 8 * time.Second, subject: kafka.SubjectBroker,
			trouble: func(s *sim) {
				s.shape = also(func(s *kafka.Snapshot) {
					for i := range s.Topics[0].Partitions {
						p := &s.Topics[0].Partitions[i]
						p.ISR = slices.DeleteFunc(p.ISR, func(id int32) bool { return id == 3 })
					}
					s.Faults = []kafka.Fault{{Broker: kafka.Some[int32](3), Op: "ListOffsets", Reason: "connection refused"}}
				})
			},
			evidence: `^8 of its 8 replicas are not in sync: orders/1, orders/2 and 6 more; it does not answer: connection refused$`, relief: heal, after: follow(100),
		},
		{
			rule: "slow-leader", within: 4 * time.Minute, subject: kafka.SubjectBroker,
			sim:      func() *sim { s := newSim(two, twelve(200)...); s.shape = also(second); return s },
			step:     func(s *sim) { follow(200, 0, 2, 3, 5, 6, 8, 9, 11)(s); follow(100, 1, 4, 7, 10)(s) },
			evidence: `^it leads 8 of the 8 partitions that lag, of 2 groups, and 33 % of all$`, after: follow(1e6),
		},
		{
			rule: "hung-transaction", sim: twelveShaped, healthy: follow(100), step: follow(100), within: 2 * time.Minute, subject: kafka.SubjectTopic,
			trouble: func(s *sim) { s.shape = withStanding(brokers, 7, 12) },
			evidence: `^LSO of orders/7 stands at 1\d+ for over 1 min while the end moved on by [\d.]+k: read_committed consumers wait; ` +
				`producer id 4001 epoch 3 wrote last 1 min ago$`,
			relief: heal, after: follow(100),
		},
		{
			rule: "leader-skew", sim: twelveShaped, healthy: follow(100), step: follow(100), within: 7 * time.Minute, subject: kafka.SubjectBroker,
			trouble: func(s *sim) {
				s.shape = also(func(s *kafka.Snapshot) {
					for i := range s.Topics[0].Partitions {
						p := &s.Topics[0].Partitions[i]
						p.Replicas = []int32{2, 1, 3}
						p.ISR = p.Replicas
					}
				})
			},
			evidence: `^8 of the 12 partitions that it should lead are led by others, though it is in sync; it leads 4$`, relief: heal, after: follow(100),
		},
		{
			rule: "hot-key", sim: func() *sim { return four(600) }, step: follow(1e6), within: 4 * time.Minute, subject: kafka.SubjectTopic,
			evidence: `^orders/0 gets 600/s, 2\.7 times the mean of 4 partitions$`,
			relief:   func(s *sim) { s.parts[0].in = 100 }, after: follow(1e6), gone: 2 * time.Minute,
		},
		{
			rule: "unread-topic", within: 12 * time.Minute, subject: kafka.SubjectTopic, step: follow(1e6),
			sim:      func() *sim { s := four(100); s.shape = withLogs("logs", 50); return s },
			evidence: `^50/s produced to 1 partition, and no group subscribes or commits to it$`,
			relief:   func(s *sim) { s.shape = withLogs("logs", 0) }, after: follow(1e6), gone: 2 * time.Minute,
		},
	}
}

// withLogs adds a topic that no group reads.
func withLogs(name string, rate int64) func(*kafka.Snapshot) {
	end := int64(1000)
	return func(s *kafka.Snapshot) {
		end += 2 * rate
		s.Topics = append([]kafka.Topic{{Name: name, Partitions: []kafka.Partition{
			{Leader: kafka.Some[int32](1), Start: kafka.Some[int64](0), End: kafka.Some(end), At: s.At},
		}}}, s.Topics...)
	}
}

func causeCourses() []course {
	calm := func() *sim { return four(100) }
	return []course{
		{
			rule: "poison-record", sim: calm, healthy: follow(100), step: follow(100, 0, 2, 3), within: time.Minute, subject: kafka.SubjectGroup,
			evidence: `^orders/1 stands at 1\d+ while payments-1 reads its other partition$`, after: follow(1e6),
		},
		{
			rule: "hung-member", sim: calm, healthy: follow(100), step: follow(100, 0, 1), within: 2 * time.Minute, subject: kafka.SubjectGroup,
			evidence: `^payments-2 reads none of its partitions, orders/[23] has [\d.]+k waiting; others read 2 partitions$`, after: follow(1e6),
		},
		{
			rule: "commits-stalled", sim: calm, healthy: follow(100), step: none, within: time.Minute, subject: kafka.SubjectGroup,
			evidence: `^all 4 partitions with records flat while the group is Stable, [\d.]+k waiting, the most in orders/0$`, after: follow(1e6),
		},
		{
			rule: "hot-partition", sim: func() *sim { return four(600) }, step: follow(250), within: 3 * time.Minute, subject: kafka.SubjectGroup,
			evidence: `^orders/0 gets 600/s, 2\.7 times the mean of 4 partitions; 250/s read, \d+k behind$`, after: follow(1e6),
		},
		{
			rule: "slow-member", sim: calm, healthy: follow(100), within: 3 * time.Minute, subject: kafka.SubjectGroup,
			step:     func(s *sim) { follow(100, 0, 1)(s); follow(50, 2, 3)(s) },
			evidence: `^only payments-2 falls behind, in orders/[23] and 1 more: 100/s in, \d+/s out; others keep up in 2 partitions$`, after: follow(1e6),
		},
		{
			rule: "too-few-members", sim: calm, step: follow(50), within: 3 * time.Minute, subject: kafka.SubjectGroup,
			evidence: `^2 members for 4 partitions, 4 of them fall behind: 400/s in, 200/s out, [\d.]+k behind$`, after: follow(1e6),
		},
		{
			rule: "too-few-partitions", step: follow(50), within: 3 * time.Minute, subject: kafka.SubjectGroup,
			sim: func() *sim {
				return newSim(two, ownedBy(0, 10_000, 10_000, 100), ownedBy(1, 10_000, 10_000, 100)).crew(2)
			},
			evidence: `^each of 2 partitions has a member of its own, 2 of them fall behind: 200/s in, 100/s out, [\d.]+k behind$`, after: follow(1e6),
		},
	}
}

// reborn replaces members by new ones with the same client id at the same host: those listed, all without a list.
func (s *sim) reborn(which ...int) {
	s.members = slices.Clone(s.members)
	for i := range s.members {
		if len(which) == 0 || slices.Contains(which, i) {
			s.members[i].ID = fmt.Sprintf("m-%d-%d", i+1, s.ticks)
		}
	}
}

// every lets the first member come anew each time.
func every(d time.Duration) func(*sim) {
	return func(s *sim) {
		if s.now.Unix()%int64(d.Seconds()) == 0 {
			s.reborn(0)
		}
		follow(1e6)(s)
	}
}

func memberCourses() []course {
	calm := func() *sim { return four(100) }
	return []course{
		{
			rule: "commits-expiring", step: none, within: 6*24*time.Hour + 4*time.Hour, subject: kafka.SubjectGroup,
			sim: func() *sim {
				s := newSim(time.Hour, unowned(10_000, 10_000, 0))
				s.members, s.state = nil, kafka.StateEmpty
				return s
			},
			evidence: `^no member and no commit for at least 6 days: brokers forget commits after 7 days`,
			relief:   func(s *sim) { s.crew(1).state = kafka.StateStable }, after: none, gone: 10 * time.Hour,
		},
		{
			rule: "crash-loop", sim: calm, step: every(40 * time.Second), within: 4 * time.Minute, subject: kafka.SubjectGroup,
			evidence: `^payments-1 at 10\.0\.0\.1 came with a new member id and went \d times in 10 min, the last time after 40 s$`,
			after:    follow(1e6), gone: 3 * time.Minute,
		},
		{
			rule: "poll-interval-loop", sim: calm, step: every(5 * time.Minute), within: 25 * time.Minute, subject: kafka.SubjectGroup,
			evidence: `^payments-1 at 10\.0\.0\.1 gets a new member id about every 5 min, at least 3 times`,
			after:    follow(1e6), gone: 10 * time.Minute,
		},
		{
			rule: "deploy-churn", within: 3 * time.Minute, subject: kafka.SubjectGroup,
			sim: func() *sim {
				return newSim(two, ownedBy(0, 10_000, 10_000, 100), ownedBy(1, 10_000, 10_000, 100), ownedBy(2, 10_000, 10_000, 100)).crew(3)
			},
			step: func(s *sim) {
				if s.ticks%20 == 0 && s.ticks <= 60 {
					s.reborn(s.ticks/20 - 1)
				}
				follow(1e6)(s)
			},
			evidence: `^3 members joined and 3 left within 5 min$`, after: follow(1e6), gone: 6 * time.Minute,
		},
		{
			rule: "idle-members", step: follow(1e6), within: 3 * time.Minute, subject: kafka.SubjectGroup,
			sim:      func() *sim { return four(100).crew(5) },
			evidence: `^3 of 5 members have nothing to read \(payments-3, payments-4, payments-5\), with 4 partitions in all$`,
			relief:   func(s *sim) { s.crew(2) }, after: follow(1e6),
		},
		{
			rule: "uneven-count", step: follow(1e6), within: 3 * time.Minute, subject: kafka.SubjectGroup,
			sim:      func() *sim { s := four(100); s.parts[2].owner = kafka.Some(0); return s },
			evidence: `^payments-1 has 3 partitions, payments-2 1$`,
			relief:   func(s *sim) { s.parts[2].owner = kafka.Some(1) }, after: follow(1e6),
		},
		{
			rule: "cross-rack", step: follow(1e6), within: 3 * time.Minute, subject: kafka.SubjectGroup,
			sim: func() *sim {
				s := four(100)
				s.shape = also(func(s *kafka.Snapshot) { s.Groups[0].Members[1].Rack = "b" })
				return s
			},
			evidence: `^1 of 2 partitions have no replica in sync in the rack of their member, such as payments-2 in b$`,
			relief:   func(s *sim) { s.shape = brokers }, after: follow(1e6),
		},
	}
}

func courses() []course {
	return append(append(clusterCourses(), causeCourses()...), memberCourses()...)
}
