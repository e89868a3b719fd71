package timeline_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/lag"
	"lagtop/kafka/poll"
	"lagtop/kafka/timeline"
)

// cameTo is the newest rebalance with which the number of members changed, to this one. Others may have followed: a
// member that asks again, on a busy machine.
func cameTo(rs []timeline.Rebalance, members int) (timeline.Rebalance, error) {
	for i := range rs {
		if rs[i].Open() || rs[i].Members[1] != members {
			break
		}
		if rs[i].Members[0] != members {
			return rs[i], nil
		}
	}
	return timeline.Rebalance{}, fmt.Errorf("want %d members: %+v", members, rs)
}

func TestPollsSeeMembersComeAndGo(t *testing.T) {
	for _, kind := range []kafkatest.Kind{kafkatest.KgoRange, kafkatest.KgoConsumer} {
		t.Run(string(kind), func(t *testing.T) {
			f := kafkatest.NewFake(t, kfake.SeedTopics(4, "orders"))
			l := timeline.New(timeline.Options{})
			p := poll.New(conn.Config{Bootstrap: f.Bootstrap()}, poll.Options{
				Interval: 100 * time.Millisecond, Derive: []func(*kafka.Snapshot){lag.NewHistory(lag.Options{}).Observe, l.Observe},
			})
			ctx, stop := context.WithCancel(context.Background())
			var done sync.WaitGroup
			done.Go(func() { _ = p.Run(ctx) })
			t.Cleanup(func() { stop(); done.Wait() })
			newest := func(members int) (r timeline.Rebalance) {
				t.Helper()
				kafkatest.Until(t, time.Minute, func() (err error) {
					r, err = cameTo(l.Group("g"), members)
					return err
				})
				return r
			}
			kafkatest.Until(t, time.Minute, func() error {
				if p.Latest() == nil {
					return fmt.Errorf("no snapshot yet")
				}
				return nil
			})
			kafkatest.Member(t, f.Bootstrap(), "g", "orders", kind, kafkatest.As("a"))
			newest(1)
			b := kafkatest.Member(t, f.Bootstrap(), "g", "orders", kind, kafkatest.As("b"))
			if r := newest(2); r.Joined != 1 || r.Cause.Kind != timeline.CauseScaleOut || !r.AtLeast || r.Source != timeline.FromPolls {
				t.Errorf("b joined: %+v", r)
			}
			kafkatest.WaitGroup(t, f.Bootstrap(), "g", kafka.StateStable, 2)
			b.Stop()
			if r := newest(1); r.Left != 1 || r.Cause.Kind != timeline.CauseScaleIn {
				t.Errorf("b left: %+v", r)
			}
		})
	}
}
