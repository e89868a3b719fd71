package triage

import (
	"testing"
	"time"

	"lagtop/kafka"
)

// mustNotFind runs for a while and fails on every poll that has a finding of the rule.
func (s *sim) mustNotFind(t *testing.T, rule string, d time.Duration, step func(*sim)) {
	t.Helper()
	for end := s.now.Add(d); s.now.Before(end); {
		s.tick(step)
		if f := s.finding(rule); f != nil {
			t.Fatalf("found %s", Describe(f, s.now))
		}
	}
}

func TestIdleTopicsAndThoseReadByDesignAreNotUnread(t *testing.T) {
	for name, rate := range map[string]int64{"logs": 0, "_schemas": 50, "app-store-changelog": 50, "connect-status": 50, "mm2-offset-syncs.b.internal": 50} {
		s := four(100)
		s.shape = withLogs(name, rate)
		s.mustNotFind(t, "unread-topic", 20*time.Minute, follow(1e6))
	}
}

func TestNoTopicIsUnreadWhileGroupsCannotBeSeen(t *testing.T) {
	for name, spoil := range map[string]func(*kafka.Snapshot){
		"a group that may not be described": func(s *kafka.Snapshot) {
			s.Groups = append(s.Groups, kafka.Group{Name: "secret", Err: "GROUP_AUTHORIZATION_FAILED", At: s.At})
		},
		"groups that are left out on purpose": func(s *kafka.Snapshot) { s.Limit.GroupsOut = 3 },
		"a broker that does not answer": func(s *kafka.Snapshot) {
			s.Faults = []kafka.Fault{{Broker: kafka.Some[int32](2), Op: "ListGroups", Reason: "no answer within 3 s"}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, logs := four(100), withLogs("logs", 50)
			s.shape = func(s *kafka.Snapshot) { logs(s); spoil(s) }
			s.mustNotFind(t, "unread-topic", 20*time.Minute, follow(1e6))
		})
	}
}

func TestAFewRecordsMakeNoHotKey(t *testing.T) {
	s := newSim(two, owned(10, 10, 0), owned(10, 10, 0), owned(10, 10, 20))
	s.mustBeQuiet(t, 20*time.Minute, follow(1e6))
}

func TestOneOfTwoPartitionsIsNotHot(t *testing.T) {
	s := newSim(two, owned(10_000, 10_000, 1), owned(10_000, 10_000, 1000))
	s.mustBeQuiet(t, 20*time.Minute, follow(1e6))
}

func TestARightThatIsMissingIsNoMissingController(t *testing.T) {
	s := four(100)
	s.shape = also(func(s *kafka.Snapshot) { s.Cluster.Controller = kafka.Known[int32]{} })
	s.mustNotFind(t, "no-controller", 5*time.Minute, follow(1e6))
}

func TestOldMetadataProvesNothing(t *testing.T) {
	s := four(100)
	s.shape = also(func(s *kafka.Snapshot) {
		s.Topics[0].Partitions[0].Leader = kafka.Known[int32]{}
		s.Faults = []kafka.Fault{{Op: "Metadata", Reason: "no broker answered"}}
	})
	s.mustNotFind(t, "offline", 5*time.Minute, follow(1e6))
}

func TestLeadersComeHomeAfterARestart(t *testing.T) {
	s := newSim(two, twelve(100)...)
	s.shape = also(func(s *kafka.Snapshot) {
		for i := range s.Topics[0].Partitions {
			p := &s.Topics[0].Partitions[i]
			p.Leader = kafka.Some(p.Replicas[1])
		}
	})
	s.mustNotFind(t, "leader-skew", 5*time.Minute, follow(100))
	s.shape = brokers
	s.mustBeQuiet(t, 5*time.Minute, follow(100))
}

func TestGrowingAGroupIsNoChurn(t *testing.T) {
	s := newSim(two, twelve(100)...)
	for n := range 6 {
		s.crew(n + 1)
		s.mustNotFind(t, "deploy-churn", 20*time.Second, follow(1e6))
	}
}

func TestRestartsNowAndThenAreNoLoop(t *testing.T) {
	s := four(100)
	for _, after := range []time.Duration{3 * time.Minute, 11 * time.Minute, 6 * time.Minute, 25 * time.Minute, 4 * time.Minute, 9 * time.Minute} {
		s.reborn(0)
		for _, rule := range []string{"crash-loop", "poll-interval-loop", "deploy-churn"} {
			s.mustNotFind(t, rule, after/3, follow(1e6))
		}
	}
}

func TestARebalanceLeavesNobodyIdleForLong(t *testing.T) {
	s := four(100).crew(5)
	s.mustNotFind(t, "idle-members", time.Minute, follow(1e6))
	s.crew(2)
	s.mustBeQuiet(t, 5*time.Minute, follow(1e6))
}

func TestAConsumerWithManualAssignmentKeepsItsCommits(t *testing.T) {
	s := newSim(time.Hour, unowned(10_000, 10_000, 1))
	s.members, s.state = nil, kafka.StateEmpty
	s.mustNotFind(t, "commits-expiring", 14*24*time.Hour, func(s *sim) {
		if s.ticks%24 == 0 {
			s.parts[0].commit = kafka.Some(int64(s.parts[0].end))
		}
	})
}

func TestAReplicaInTheRackIsEnough(t *testing.T) {
	s := four(100)
	s.shape = also(func(s *kafka.Snapshot) {
		s.Groups[0].Members[0].Rack = "b" // leads 1 of its 2 partitions, follows the other
		s.Brokers[2].Rack = "c"
	})
	s.mustBeQuiet(t, 10*time.Minute, follow(1e6))
}

func TestUnknownRacksProveNothing(t *testing.T) {
	s := four(100)
	s.shape = also(func(s *kafka.Snapshot) {
		s.Groups[0].Members[1].Rack = "b"
		s.Brokers[0].Rack = ""
	})
	s.mustBeQuiet(t, 10*time.Minute, follow(1e6))
}

func TestStaleGroupsKeepTheirFindingsAndGetNoNewOnes(t *testing.T) {
	s := four(100)
	s.run(time.Minute, follow(100))
	f := s.wait("poison-record", true, time.Minute, follow(100, 0, 2, 3))
	if f == nil {
		t.Fatalf("%q", s.described())
	}
	s.stale = true
	s.run(time.Minute, none)
	if g := s.finding("poison-record"); g == nil || g.Evidence != f.Evidence {
		t.Errorf("%q, was %q", s.described(), f.Evidence)
	}
}

func TestMemberHistoryIsBounded(t *testing.T) {
	s := four(100)
	s.run(time.Hour, func(s *sim) { s.reborn(); follow(1e6)(s) })
	if n := len(s.judge.groups["payments"].roster.past); n > maxSpells {
		t.Errorf("%d lives are remembered", n)
	}
}

func TestStockCommandsAreQuoted(t *testing.T) {
	group := func(name, rule string) *kafka.Finding {
		return &kafka.Finding{Rule: rule, Subject: kafka.Subject{Kind: kafka.SubjectGroup, Group: name}}
	}
	for want, f := range map[string]*kafka.Finding{
		"kafka-consumer-groups --bootstrap-server k1:9092,k2:9092 --describe --group 'a; rm -rf b'":           group("a; rm -rf b", "lost"),
		"kafka-consumer-groups --bootstrap-server k1:9092,k2:9092 --describe --members --verbose --group=--x": group("--x", "crash-loop"),
		"kafka-topics --bootstrap-server k1:9092,k2:9092 --describe --unavailable-partitions":                 {Rule: "offline", Subject: kafka.Subject{Kind: kafka.SubjectTopic, Topic: "orders"}},
		"kafka-transactions --bootstrap-server k1:9092,k2:9092 find-hanging --topic 'a b' --partition 7": {Rule: "hung-transaction", Subject: kafka.Subject{
			Kind: kafka.SubjectTopic, Topic: "a b", Partition: kafka.Some[int32](7),
		}},
		"": {Rule: "hot-key", Subject: kafka.Subject{Kind: kafka.SubjectTopic, Topic: "orders"}},
	} {
		if got := Stock(f, []string{"k1:9092", "k2:9092"}); got != want {
			t.Errorf("%s: %s, want %s", f.Rule, got, want)
		}
	}
}
