package poll

import (
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/limit"
)

func TestARealClusterIsAskedForNoMoreThanTheScope(t *testing.T) {
	c := kafkatest.Real(t)
	topic, other, group := kafkatest.Unique("wire"), kafkatest.Unique("wire"), kafkatest.Unique("wire")
	for _, name := range []string{topic, other} {
		kafkatest.CreateTopic(t, c.Bootstrap(), name, 3, 1)
		kafkatest.Produce(t, c.Bootstrap(), name, 30)
	}
	kafkatest.Commit(t, c.Bootstrap(), group, map[kafka.TopicPartition]int64{{Topic: topic}: 2})
	cfg := realConfig(c)
	cfg.Log = conn.NewLog()
	p := watch(t, cfg, Options{Interval: 2 * MinInterval, Scope: limit.Scope{Groups: []string{group}}})
	s := until(t, p, "the group and the retention of commits", func(s *kafka.Snapshot) bool {
		return s.Seq > 2 && s.Group(group) != nil && s.Complete() && s.Cluster.OffsetsRetention.OK
	})
	if len(s.Groups) != 1 || len(s.Topics) != 1 || s.Topics[0].Name != topic || s.Limit.TopicsOut == 0 {
		t.Errorf("groups %s, topics %s, %+v", names(s), topicNames(s), s.Limit)
	}
	if keep := s.Cluster.OffsetsRetention.V; keep != 7*24*time.Hour {
		t.Errorf("commits are kept for %v, the default is 7 days", keep)
	}
	r := cfg.Log.Report(time.Now())
	for _, x := range r.Rows {
		if x.API == "ListOffsets" && x.Out > int64(300*x.Count) {
			t.Errorf("ListOffsets takes %d bytes in %d requests", x.Out, x.Count)
		}
		if x.Failure.OK && !strings.Contains(x.Failure.V.Reason, "in time") { // a busy machine may be late
			t.Errorf("%+v", x)
		}
	}
}
