package app

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"lagtop/kafka"
)

// facts answers when a test lets it; it counts what it is asked.
type facts struct {
	asked   atomic.Int64
	running atomic.Int64
	most    atomic.Int64
	gate    chan error // what each read ends with; nil: they end at once
}

func (f *facts) read(ctx context.Context) error {
	f.asked.Add(1)
	defer f.running.Add(-1)
	if n := f.running.Add(1); n > f.most.Load() {
		f.most.Store(n)
	}
	if f.gate == nil {
		return nil
	}
	select {
	case err := <-f.gate:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *facts) TopicConfigs(ctx context.Context, topic string) ([]kafka.Config, error) {
	if err := f.read(ctx); err != nil {
		return nil, err
	}
	return []kafka.Config{{Name: "retention.ms", Value: topic}}, nil
}

func (f *facts) BrokerConfigs(ctx context.Context, id int32) ([]kafka.Config, error) {
	if err := f.read(ctx); err != nil {
		return nil, err
	}
	return []kafka.Config{{Name: "node.id", Value: fmt.Sprint(id)}}, nil
}

func (f *facts) Sizes(ctx context.Context, _ string) ([]kafka.LogSize, error) {
	return []kafka.LogSize{{Partition: 1, Broker: 1, Bytes: 5}}, f.read(ctx)
}

func (f *facts) Quorum(ctx context.Context) ([]kafka.QuorumReplica, error) {
	return []kafka.QuorumReplica{{ID: 1, Role: kafka.QuorumLeader}}, f.read(ctx)
}

func (f *facts) LogDirs(ctx context.Context, id int32) ([]kafka.LogDir, error) {
	if err := f.read(ctx); err != nil {
		return nil, err
	}
	return []kafka.LogDir{{Path: fmt.Sprint("/data/", id)}}, nil
}

func (f *facts) TopicSettings(ctx context.Context, topic string) ([]kafka.Config, error) {
	return f.TopicConfigs(ctx, topic)
}

func (f *facts) Batches(ctx context.Context, _ string) ([]kafka.NewestBatches, error) {
	if err := f.read(ctx); err != nil {
		return nil, err
	}
	return []kafka.NewestBatches{{Batches: []kafka.Batch{{Bytes: 100}}}}, nil
}

// looking runs a test with a lookup in a bubble of its own time. With a gate, reads wait at it.
func looking(t *testing.T, gate bool, test func(t *testing.T, l *lookup, f *facts)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := &facts{}
		if gate {
			f.gate = make(chan error) // of the bubble, or it would not count as waiting
		}
		l := newLookup(t.Context(), f, time.Now)
		defer l.close()
		test(t, l, f)
	})
}

func TestLookupAnswersAtOnceAndWakesWhenTheAnswerCame(t *testing.T) {
	looking(t, true, func(t *testing.T, l *lookup, f *facts) {
		if a := l.TopicConfigs("orders"); !a.Pending && a.V == nil || !a.At.IsZero() {
			t.Errorf("first answer %+v", a)
		}
		l.TopicConfigs("orders")
		f.gate <- nil
		if msg := l.wait(); msg != (lookupMsg{}) {
			t.Errorf("wait gave %v", msg)
		}
		a := l.TopicConfigs("orders")
		if a.Pending || a.Err != nil || len(a.V) != 1 || a.V[0].Value != "orders" || a.At.IsZero() {
			t.Errorf("answer %+v", a)
		}
		if n := f.asked.Load(); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}

func TestLookupOfBatchesAndSettings(t *testing.T) {
	looking(t, false, func(t *testing.T, l *lookup, _ *facts) {
		l.Batches("orders")
		l.TopicSettings("orders")
		synctest.Wait()
		if b, s := l.Batches("orders"), l.TopicSettings("orders"); len(b.V) != 1 || len(s.V) != 1 || b.Err != nil || s.Err != nil {
			t.Errorf("batches %+v, settings %+v", b, s)
		}
	})
}

func TestLookupAsksAgainWhenTheAnswerIsOld(t *testing.T) {
	looking(t, false, func(t *testing.T, l *lookup, f *facts) {
		l.LogDirs(1)
		synctest.Wait()
		time.Sleep(factFresh - time.Millisecond)
		l.LogDirs(1)
		synctest.Wait()
		if n := f.asked.Load(); n != 1 {
			t.Errorf("asked %d times while the answer was fresh", n)
		}
		time.Sleep(time.Millisecond)
		if a := l.LogDirs(1); !a.Pending || a.V[0].Path != "/data/1" {
			t.Errorf("the old answer is gone while the new one is read: %+v", a)
		}
		synctest.Wait()
		if n := f.asked.Load(); n != 2 {
			t.Errorf("asked %d times", n)
		}
	})
}

func TestLookupKeepsTheOldAnswerAfterAFailureAndTriesSoonerAgain(t *testing.T) {
	looking(t, true, func(t *testing.T, l *lookup, f *facts) {
		l.BrokerConfigs(2)
		f.gate <- nil
		synctest.Wait()
		time.Sleep(factFresh)
		l.BrokerConfigs(2)
		f.gate <- errors.New("refused")
		synctest.Wait()
		if a := l.BrokerConfigs(2); a.Err == nil || len(a.V) != 1 || a.At != time.Now().Add(-factFresh) {
			t.Errorf("after a failure %+v", a)
		}
		time.Sleep(factRetry)
		if a := l.BrokerConfigs(2); !a.Pending {
			t.Error("no new try")
		}
		f.gate <- nil
		synctest.Wait()
		if a := l.BrokerConfigs(2); a.Err != nil || a.At != time.Now() {
			t.Errorf("after the next success %+v", a)
		}
	})
}

func TestLookupGivesUpOnWhatHangs(t *testing.T) {
	looking(t, true, func(t *testing.T, l *lookup, f *facts) {
		l.TopicConfigs("orders")
		time.Sleep(factTimeout)
		synctest.Wait()
		if a := l.TopicConfigs("orders"); a.Err == nil || a.Err.Error() != "no answer within 15s" {
			t.Errorf("answer %+v", a)
		}
	})
}

func TestLookupReadsAFewAtATime(t *testing.T) {
	looking(t, true, func(t *testing.T, l *lookup, f *facts) {
		ask := func() (pending int) {
			for id := range int32(10) {
				if l.LogDirs(id).At.IsZero() {
					pending++
				}
			}
			return pending
		}
		for ask() > 0 {
			synctest.Wait()
			f.gate <- nil
			synctest.Wait()
		}
		if most := f.most.Load(); most != factReads {
			t.Errorf("%d reads at once", most)
		}
		if n := f.asked.Load(); n != 10 {
			t.Errorf("asked %d times", n)
		}
	})
}

func TestLookupKeepsABoundedNumberOfAnswers(t *testing.T) {
	looking(t, false, func(t *testing.T, l *lookup, f *facts) {
		for i := range 3 * factsKept {
			l.TopicConfigs(fmt.Sprint("topic-", i))
			l.TopicConfigs("orders")
			synctest.Wait()
			time.Sleep(time.Millisecond)
		}
		if n := len(l.topicConfigs); n != factsKept {
			t.Errorf("%d answers kept", n)
		}
		if l.topicConfigs["orders"] == nil {
			t.Error("what is asked for all the time was dropped")
		}
	})
}

func TestLookupEndsWithItsReads(t *testing.T) {
	looking(t, true, func(t *testing.T, l *lookup, f *facts) {
		l.TopicConfigs("orders")
		synctest.Wait()
		l.close()
		if n := f.running.Load(); n != 0 {
			t.Errorf("%d reads go on", n)
		}
		l.TopicConfigs("clicks")
		synctest.Wait()
		if n := f.asked.Load(); n != 1 {
			t.Errorf("asked %d times, also after the end", n)
		}
	})
}
