package poll

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
	"lagtop/kafka/lag"
)

// dates collects the times that brokers are asked for by ListOffsets.
type dates struct {
	mu    sync.Mutex
	parts map[int64][]kafka.TopicPartition // by time
	sent  map[int32]int                    // requests by broker
}

func (f *fake) dates() *dates {
	d := &dates{parts: map[int64][]kafka.TopicPartition{}, sent: map[int32]int{}}
	f.Control(func(r kmsg.Request) (kmsg.Response, error, bool) {
		f.KeepControl()
		q, ok := r.(*kmsg.ListOffsetsRequest)
		if !ok || q.Topics[0].Partitions[0].Timestamp < 0 {
			return nil, nil, false
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		d.sent[f.CurrentNode()]++
		for _, t := range q.Topics {
			for _, p := range t.Partitions {
				d.parts[p.Timestamp] = append(d.parts[p.Timestamp], kafka.TopicPartition{Topic: t.Topic, Partition: p.Partition})
			}
		}
		return nil, nil, false
	})
	return d
}

// requests are the most that one broker got, and asked the partitions that any was asked about.
func (d *dates) requests() (most int, asked map[kafka.TopicPartition]bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	asked = map[kafka.TopicPartition]bool{}
	for _, n := range d.sent {
		most = max(most, n)
	}
	for _, tps := range d.parts {
		for _, tp := range tps {
			asked[tp] = true
		}
	}
	return most, asked
}

// history writes records of the given ages to a partition.
func (f *fake) history(topic string, partition int32, ages ...time.Duration) {
	f.admin(func(ctx context.Context, cl *kgo.Client, _ *kadm.Client) error {
		for _, age := range ages {
			r := &kgo.Record{Topic: topic, Partition: partition, Value: []byte("x"), Timestamp: time.Now().Add(-age)}
			if err := cl.ProduceSync(ctx, r).FirstErr(); err != nil {
				return err
			}
		}
		return nil
	})
}

func dated() Options {
	h := lag.NewHistory(lag.Options{})
	return Options{Interval: time.Hour, Deadline: unhurried, Derive: []func(*kafka.Snapshot){h.Observe}, Ages: h.Ages}
}

func TestAgesAreBracketedRightAfterTheFirstSnapshot(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(3, "orders"))
	d := f.dates()
	ages := []time.Duration{30 * time.Hour, 7 * time.Hour, 2 * time.Hour, 40 * time.Minute, 3 * time.Minute, 10 * time.Second}
	f.history("orders", 0, ages...)
	f.history("orders", 1, ages...)
	f.history("orders", 2, 3*time.Hour)
	want := map[string]string{}
	for i, word := range []string{">1d", "6h–1d", "1h–6h", "15m–1h", "1m–5m", "<1m", "0s"} {
		g := fmt.Sprint("g", i)
		at := kadm.Offsets{}
		at.AddOffset("orders", int32(i/3%2), int64(i), -1) // three groups wait in each of two partitions
		f.admin(func(ctx context.Context, _ *kgo.Client, adm *kadm.Client) error {
			return adm.CommitAllOffsets(ctx, g, at)
		})
		want[g] = word
	}
	s := until(t, watch(t, f.config(), dated()), "brackets", func(s *kafka.Snapshot) bool { return s.Group("g0").Age.OK && s.Group("g5").Age.OK })
	if s.Seq != 1 {
		t.Errorf("they came with snapshot %d", s.Seq)
	}
	for g, word := range want {
		if got := s.Group(g).Age; !got.OK || got.V.String() != word {
			t.Errorf("%s: %v, want %s", g, got, word)
		}
	}
	most, asked := d.requests()
	if most == 0 || most > 6 || s.Aside > 2*(6+1)+aboutCluster { // and ApiVersions
		t.Errorf("one broker got %d requests, and %d were counted", most, s.Aside)
	}
	if len(asked) != 2 {
		t.Errorf("asked for %v, though groups wait in orders/0 and orders/1 alone", asked)
	}
}

func TestNothingIsAskedWhereNobodyWaits(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(3, "orders"))
	d := f.dates()
	f.produce("orders", 0, 10)
	f.commit("done", "orders", 1, 10)
	p := watch(t, f.config(), func() Options { o := dated(); o.Interval = MinInterval; return o }())
	s := until(t, p, "some snapshots", func(s *kafka.Snapshot) bool { return s.Seq > 4 })
	if got := s.Group("done").Age; got != kafka.Some(kafka.Age{}) {
		t.Errorf("age %+v", got)
	}
	if _, asked := d.requests(); len(asked) > 0 {
		t.Errorf("asked for %v", asked)
	}
}

func TestManySnapshotsAskOnce(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(3, "orders"))
	d := f.dates()
	for p := range int32(3) {
		f.history("orders", p, 3*time.Hour, 2*time.Hour)
	}
	f.commit("behind", "orders", 3, 1)
	o := dated()
	o.Interval = MinInterval
	p := watch(t, f.config(), o)
	s := until(t, p, "many snapshots", func(s *kafka.Snapshot) bool { return s.Seq > 8 && s.Group("behind").Age.OK })
	if got := s.Group("behind").Age.V.String(); got != "1h–6h" {
		t.Errorf("the age is %s in snapshot %d", got, s.Seq)
	}
	if most, _ := d.requests(); most > 6 {
		t.Errorf("one broker got %d requests in one period", most)
	}
}

func TestOneReadingBracketsToo(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(1, "orders"))
	f.history("orders", 0, 2*time.Hour)
	f.commit("behind", "orders", 1, 0)
	s, err := New(f.config(), dated()).Once(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Group("behind").Partitions[0].Age; !got.OK || got.V.String() != "1h–6h" {
		t.Errorf("age %+v", got)
	}
}

func TestABrokerThatHangsOnTimesDelaysNoSnapshot(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(1, "orders"))
	stuck := make(chan struct{})
	t.Cleanup(func() { close(stuck) })
	f.Control(func(r kmsg.Request) (kmsg.Response, error, bool) {
		f.KeepControl()
		q, ok := r.(*kmsg.ListOffsetsRequest)
		if !ok || q.Topics[0].Partitions[0].Timestamp < 0 {
			return nil, nil, false
		}
		f.SleepControl(func() { <-stuck })
		return nil, nil, false
	})
	f.history("orders", 0, 2*time.Hour)
	f.commit("behind", "orders", 1, 0)
	o := dated()
	o.Interval = MinInterval
	until(t, watch(t, f.config(), o), "complete snapshots go on", func(s *kafka.Snapshot) bool { return s.Seq > 5 && s.Complete() })
}

// Record timestamps are whatever the producer writes.
func TestHostileTimestampsGiveNoAbsurdAge(t *testing.T) {
	f := newFake(t, kfake.SeedTopics(1, "orders"))
	f.history("orders", 0, 3*time.Hour, -100*365*24*time.Hour, 2*time.Hour, time.Since(time.UnixMilli(0)), time.Hour)
	want := map[string]string{"before": "1h–6h", "at": "unknown", "behind": "unknown", "zero": "unknown"}
	for i, g := range []string{"before", "at", "behind", "zero"} {
		f.commit(g, "orders", 1, int64(i))
	}
	o := dated()
	o.Derive = nil
	o.Ages = lag.NewHistory(lag.Options{}).Ages
	s, err := New(f.config(), o).Once(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for g, w := range want {
		got := "unknown"
		if a := s.Group(g).Partitions[0].Age; a.OK {
			got = a.V.String()
		}
		if got != w {
			t.Errorf("%s: %s, want %s", g, got, w)
		}
	}
}

func TestTimesOfATruncatedLogAreDropped(t *testing.T) {
	now := time.Now()
	times := &kafka.LogTimes{Asked: now, Points: []kafka.TimePoint{{At: now.Add(-time.Hour), Offset: 50, Reached: true}}}
	for end, kept := range map[int64]bool{60: true, 50: true, 40: false} {
		w := newWorld()
		w.topics = []kafka.Topic{{Name: "orders", Partitions: []kafka.Partition{{End: kafka.Some(end), Times: times}}}}
		if w.setTimes(nil, now); (w.topics[0].Partitions[0].Times != nil) != kept {
			t.Errorf("with the end at %d they are kept: %v", end, !kept)
		}
		if w.setTimes(nil, now.Add(timesKept+time.Second)); w.topics[0].Partitions[0].Times != nil {
			t.Error("they are kept though they could not be renewed")
		}
	}
}
