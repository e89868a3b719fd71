package poll

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
)

// record is one of a log with timestamps that a test chose.
func record(topic string, at time.Time) *kgo.Record {
	return &kgo.Record{Topic: topic, Value: []byte("x"), Timestamp: at}
}

// datedOnce is a reading in which nothing of these groups is missing, and the age of the first is known.
func datedOnce(t *testing.T, c *kafkatest.Cluster, groups ...string) (s *kafka.Snapshot) {
	t.Helper()
	kafkatest.Until(t, realPatience, func() (err error) {
		if s, err = New(realConfig(c), dated()).Once(t.Context()); err != nil {
			return err
		}
		for _, name := range groups {
			if g := s.Group(name); g == nil || len(g.Partitions) != 1 || !g.Partitions[0].Lag.OK {
				return fmt.Errorf("%s: %+v; faults %+v", name, g, s.Faults)
			}
		}
		if !s.Group(groups[0]).Partitions[0].Age.OK {
			return fmt.Errorf("the age of %s; faults %+v", groups[0], s.Faults)
		}
		return nil
	})
	return s
}

func TestAgesEqualTheTimestampsOfARealLog(t *testing.T) {
	c := kafkatest.Real(t)
	topic, group := kafkatest.Unique("age"), kafkatest.Unique("age")
	kafkatest.CreateTopic(t, c.Bootstrap(), topic, 1, 3)
	now := time.Now().Truncate(time.Millisecond)
	var stamps []time.Time
	for age := 30 * time.Hour; age > 0; age -= 30 * time.Minute {
		stamps = append(stamps, now.Add(-age))
	}
	for i := 0; i < len(stamps); i += 10 { // several batches
		var rs []*kgo.Record
		for _, at := range stamps[i:min(i+10, len(stamps))] {
			rs = append(rs, record(topic, at))
		}
		kafkatest.ProduceRecords(t, c.Bootstrap(), rs...)
	}
	a, err := conn.OpenAdmin(realConfig(c))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	tp := kafka.TopicPartition{Topic: topic}
	for offset, word := range map[int64]string{1: ">1d", 30: "6h–1d", 53: "1h–6h", 59: "15m–1h"} {
		kafkatest.Commit(t, c.Bootstrap(), group, map[kafka.TopicPartition]int64{tp: offset})
		s := datedOnce(t, c, group)
		truth := s.At.Sub(stamps[offset])
		got := s.Group(group).Partitions[0].Age
		if !got.OK || got.V.String() != word || got.V.Min > truth || got.V.Bounded() && got.V.Max+time.Minute < truth {
			t.Errorf("offset %d: %v, the record is %v old, want %s", offset, got, truth, word)
		}
		if at, err := a.Stamp(t.Context(), tp, offset); err != nil || !at.Equal(stamps[offset]) {
			t.Errorf("offset %d: %v %v, want %v", offset, at, err, stamps[offset])
		}
	}
}

func TestHostileTimestampsOfARealLog(t *testing.T) {
	c := kafkatest.Real(t)
	topic := kafkatest.Unique("age-hostile")
	cl := kafkatest.Client(t, c.Bootstrap())
	limit := "9223372036854775807" // a broker refuses records more than an hour ahead, unless told otherwise
	if _, err := kadm.NewClient(cl).CreateTopic(context.Background(), 1, 1, map[string]*string{"message.timestamp.after.max.ms": &limit}, topic); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for _, at := range []time.Time{now.Add(-3 * time.Hour), now.AddDate(200, 0, 0), now.Add(-2 * time.Hour), time.UnixMilli(0), now.Add(-time.Hour)} {
		kafkatest.ProduceRecords(t, c.Bootstrap(), record(topic, at))
	}
	tp := kafka.TopicPartition{Topic: topic}
	want := []struct{ bracket, exact string }{
		{"1h–6h", "3h"}, {"unknown", "future"}, {"unknown", "2h"}, {"unknown", "unknown"}, {"unknown", "1h"},
	}
	groups := make([]string, len(want))
	for i := range want {
		groups[i] = kafkatest.Unique("age-hostile")
		kafkatest.Commit(t, c.Bootstrap(), groups[i], map[kafka.TopicPartition]int64{tp: int64(i)})
	}
	a, err := conn.OpenAdmin(realConfig(c))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	s := datedOnce(t, c, groups...)
	for i, w := range want {
		if got := text(s.Group(groups[i]).Partitions[0].Age); got != w.bracket {
			t.Errorf("offset %d: bracket %s, want %s", i, got, w.bracket)
		}
		at, err := a.Stamp(t.Context(), tp, int64(i))
		if got := text(kafka.ExactAge(at, time.Now())); err != nil || got != w.exact {
			t.Errorf("offset %d: exact %s %v, want %s", i, got, err, w.exact)
		}
	}
}

func text(a kafka.Known[kafka.Age]) string {
	if !a.OK {
		return "unknown"
	}
	return a.V.String()
}
