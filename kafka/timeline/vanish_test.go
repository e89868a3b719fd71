package timeline

import (
	"fmt"
	"testing"

	"lagtop/kafka"
)

// A consumer of the command line is often gone before its first rebalance has ended, and its group with it.
func TestARebalanceEndsWithItsGroup(t *testing.T) {
	l := New(Options{})
	for i := range 5_000 {
		name := fmt.Sprintf("console-consumer-%d", i)
		at := float64(10 * i)
		l.Observe(&kafka.Snapshot{At: seconds(at)})
		g := as(in(kafka.StatePreparingRebalance, of("a-1")), func(g *kafka.Group) { g.Name, g.At = name, seconds(at+2) })
		l.Observe(&kafka.Snapshot{At: seconds(at + 2), Groups: []kafka.Group{g}})
		l.Observe(&kafka.Snapshot{At: seconds(at + 4)})
		if i > 0 {
			continue
		}
		if rs := l.Group(name); len(rs) != 1 || rs[0].Open() || !rs[0].End.Equal(seconds(4)) {
			t.Fatalf("the group is gone: %+v", rs)
		}
	}
	if n := len(l.All()); n > l.o.All {
		t.Errorf("%d rebalances are kept, %d at most", n, l.o.All)
	}
}
