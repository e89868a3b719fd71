package triage

import (
	"runtime"
	"strconv"
	"testing"

	"lagtop/kafka"
)

// A group that reads by a pattern gets a topic and loses another one all day.
func TestPartitionsThatComeAndGoLeaveNoMemoryBehind(t *testing.T) {
	const parts, rules = 500, 16
	var s groupState
	g := kafka.Group{Partitions: make([]kafka.GroupPartition, parts)}
	regroup := func(n int) {
		g.Partitions[n%parts].TopicPartition = kafka.TopicPartition{Topic: "brief-" + strconv.Itoa(n)}
		s.align(&g, rules)
	}
	regroup(0)
	first := reachable()
	for n := range 2 * parts {
		regroup(n)
	}
	if grown := reachable() - first; grown > 2*parts*rules*9 { // two arrays more; the names take some of that
		t.Errorf("%d bytes more are kept", grown)
	}
	runtime.KeepAlive(&s)
}

func TestAPartitionKeepsItsAnswersWhenOthersComeAndGo(t *testing.T) {
	const rules = 3
	var s groupState
	a, b, c := kafka.TopicPartition{Topic: "a"}, kafka.TopicPartition{Topic: "b"}, kafka.TopicPartition{Topic: "c"}
	of := func(tps ...kafka.TopicPartition) *kafka.Group {
		g := &kafka.Group{}
		for _, tp := range tps {
			g.Partitions = append(g.Partitions, kafka.GroupPartition{TopicPartition: tp})
		}
		return g
	}
	s.align(of(a, b), rules)
	s.parts[1].hits[2], s.parts[1].since[2], s.parts[1].active = 7, 42, 4
	s.align(of(b, c), rules)
	if p := s.parts[0]; p.tp != b || p.hits[2] != 7 || p.since[2] != 42 || p.active != 4 {
		t.Errorf("%+v", p)
	}
	if p := s.parts[1]; p.tp != c || p.hits[2] != 0 || p.since[2] != 0 || p.active != 0 || len(p.hits) != rules {
		t.Errorf("%+v", p)
	}
}

// reachable is the size of the heap without garbage, in bytes.
func reachable() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) //nolint:gosec // far from it
}
