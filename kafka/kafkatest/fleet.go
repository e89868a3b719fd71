package kafkatest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Fleet is what is measured against: groups without members, each with a commit on all 12 partitions of
// one topic. The groups of the first 40 topics are behind, so that they stand on top.
type Fleet struct {
	Groups, Topics int
}

const (
	fleetPartitions = 12
	fleetRecords    = 20 // of each partition
	fleetBusy       = 40 // topics whose groups are behind, and move when stirred
	fleetAtOnce     = 32 // commits under way
)

func (f Fleet) String() string { return fmt.Sprintf("groups=%d", f.Groups) }

// Topic and Group name the i-th of them.
func (f Fleet) Topic(i int) string { return fmt.Sprintf("topic-%04d", i) }

// Group is the name of the i-th group.
func (f Fleet) Group(i int) string { return fmt.Sprintf("group-%05d", i) }

// Seed makes the fleet on a cluster that has none, with one replica a partition.
func (f Fleet) Seed(tb testing.TB, bootstrap []string) {
	tb.Helper()
	cl := Client(tb, bootstrap)
	adm := kadm.NewClient(cl)
	adm.SetTimeoutMillis(60_000)
	for from := 0; from < f.Topics; from += 100 { // more in one request keep a controller busy for too long
		var names []string
		for i := from; i < min(from+100, f.Topics); i++ {
			names = append(names, f.Topic(i))
		}
		rs, err := adm.CreateTopics(tb.Context(), fleetPartitions, 1, nil, names...)
		if err == nil {
			err = rs.Error()
		}
		if err != nil {
			tb.Fatalf("create topics %s to %s: %v", names[0], names[len(names)-1], err)
		}
		waitLeaders(tb.Context(), tb, adm, fleetPartitions, names...)
	}
	f.produce(tb, bootstrap, f.Topics, fleetRecords)
	f.commit(tb, adm, f.Groups, func(group int) int64 {
		if f.busy(group) {
			return 0
		}
		return fleetRecords
	})
}

// busy tells whether a group reads one of the topics that move.
func (f Fleet) busy(group int) bool { return group%f.Topics < fleetBusy }

// produce writes so many records to each partition of the first topics.
func (f Fleet) produce(tb testing.TB, bootstrap []string, topics, each int) {
	tb.Helper()
	var rs []*kgo.Record
	for t := range topics {
		for p := range int32(fleetPartitions) {
			for range each {
				rs = append(rs, &kgo.Record{Topic: f.Topic(t), Partition: p, Value: []byte("v")})
			}
		}
	}
	ProduceRecords(tb, bootstrap, rs...)
}

// commit lets the first groups commit the same offset on all partitions of their topic; below 0 is none.
func (f Fleet) commit(tb testing.TB, adm *kadm.Client, groups int, at func(group int) int64) {
	tb.Helper()
	var wg sync.WaitGroup
	slots := make(chan struct{}, fleetAtOnce)
	for g := range groups {
		if at(g) < 0 {
			continue
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			os := kadm.Offsets{}
			for p := range int32(fleetPartitions) {
				os.AddOffset(f.Topic(g%f.Topics), p, at(g), -1)
			}
			if err := adm.CommitAllOffsets(tb.Context(), f.Group(g), os); err != nil && tb.Context().Err() == nil {
				tb.Errorf("commit for %s: %v", f.Group(g), err)
			}
		})
	}
	wg.Wait()
}

// Stir lets the ends and the commits of the busy topics move every second until stop is called.
func (f Fleet) Stir(tb testing.TB, bootstrap []string) (stop func()) {
	tb.Helper()
	ctx, cancel := context.WithCancel(tb.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		adm := kadm.NewClient(Client(tb, bootstrap))
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for n := 1; ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			f.produce(tb, bootstrap, min(fleetBusy, f.Topics), 2+n%3)
			f.commit(tb, adm, f.Groups, func(group int) int64 {
				if !f.busy(group) {
					return -1
				}
				return int64(n + group%5)
			})
		}
	})
	return func() { cancel(); wg.Wait() }
}
