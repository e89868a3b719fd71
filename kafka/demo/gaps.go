package demo

import (
	"sync"
	"time"

	"lagtop/kafka"
)

// gaps sums up how long the partitions of a group had no owner, as the members' own callbacks tell. A partition
// counts from its first owner on.
type gaps struct {
	mu    sync.Mutex
	owner map[kafka.TopicPartition]string    // client id
	since map[kafka.TopicPartition]time.Time // of those without
	total time.Duration                      // partition-time of the gaps that ended
	count int                                // gaps that ended
}

func newGaps() *gaps {
	return &gaps{owner: map[kafka.TopicPartition]string{}, since: map[kafka.TopicPartition]time.Time{}}
}

func (g *gaps) assigned(client string, tps map[string][]int32, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	each(tps, func(tp kafka.TopicPartition) {
		g.owner[tp] = client
		if at, ok := g.since[tp]; ok {
			g.total += now.Sub(at)
			g.count++
			delete(g.since, tp)
		}
	})
}

func (g *gaps) revoked(client string, tps map[string][]int32, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	each(tps, func(tp kafka.TopicPartition) { g.drop(client, tp, now) })
}

// gone is for a client that stopped without a word.
func (g *gaps) gone(client string, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for tp := range g.owner {
		g.drop(client, tp, now)
	}
}

// drop leaves alone what another member owns meanwhile.
func (g *gaps) drop(client string, tp kafka.TopicPartition, now time.Time) {
	if g.owner[tp] == client {
		delete(g.owner, tp)
		g.since[tp] = now
	}
}

// restart forgets the sums; who owns what stays.
func (g *gaps) restart(now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.total, g.count = 0, 0
	for tp := range g.since {
		g.since[tp] = now
	}
}

// sum is the partition-time without an owner so far, and in how many gaps.
func (g *gaps) sum() (time.Duration, int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.total, g.count
}

func each(tps map[string][]int32, visit func(kafka.TopicPartition)) {
	for t, ps := range tps {
		for _, p := range ps {
			visit(kafka.TopicPartition{Topic: t, Partition: p})
		}
	}
}
