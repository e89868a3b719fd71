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
				kafkatest.Until(t, 30*time.Second, func() error {
					rs := l.Group("g")
					if len(rs) == 0 || rs[0].Open() || rs[0].Members[1] != members {
						return fmt.Errorf("want %d members: %+v", members, rs)
					}
					r = rs[0]
					return nil
				})
				return r
			}
			kafkatest.Until(t, 30*time.Second, func() error {
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
