package releases

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/poll"
	"lagtop/kafka/tail"
)

func (r *release) snapshot(t *testing.T) *kafka.Snapshot {
	t.Helper()
	s, err := poll.New(r.cfg, poll.Options{}).Once(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// logs makes a topic of 4 partitions with 10 records each, the first 2 of partition 0 deleted.
func (r *release) logs(t *testing.T) string {
	t.Helper()
	topic := kafkatest.Unique("orders")
	kafkatest.CreateTopic(t, r.at, topic, 4, 1)
	for p := range int32(4) {
		kafkatest.ProduceTo(t, r.at, tp(topic, p), 10)
	}
	var cut kadm.Offsets
	cut.AddOffset(topic, 0, 2, -1)
	if rs, err := kadm.NewClient(kafkatest.Client(t, r.at)).DeleteRecords(t.Context(), cut); err != nil || rs.Error() != nil {
		t.Fatal(err, rs.Error())
	}
	return topic
}

// headers polls until what moves slowly is known: it is what the header of the screen says.
func (r *release) headers(t *testing.T) {
	p := poll.New(r.cfg, poll.Options{Interval: poll.MinInterval})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = p.Run(ctx) }()
	defer func() { cancel(); <-done }()
	kafkatest.Until(t, patience, func() error {
		s := p.Latest()
		if s == nil || s.Cluster.Version != r.line || s.Cluster.Mode != kafka.ModeZooKeeper || s.Cluster.Controller != kafka.Some[int32](1) {
			return fmt.Errorf("%+v", s)
		}
		if s.Cluster.OffsetsRetention != kafka.Some(7*24*time.Hour) || !s.Brokers[0].Controller || s.Brokers[0].Rack != "rack-1" {
			return fmt.Errorf("%+v, %+v", s.Cluster, s.Brokers)
		}
		return nil
	})
}

func (r *release) reads(t *testing.T) {
	topic, group, range1, coop := r.logs(t), kafkatest.Unique("admin"), kafkatest.Unique("range"), kafkatest.Unique("coop")
	kafkatest.Commit(t, r.at, group, map[kafka.TopicPartition]int64{tp(topic, 0): 1, tp(topic, 1): 4})
	stuck := kafkatest.Pausing(time.Hour)
	for i := range 2 {
		kafkatest.Member(t, r.at, range1, topic, kafkatest.SaramaRange, kafkatest.As(fmt.Sprint("sarama-", i)), stuck)
	}
	kafkatest.Member(t, r.at, coop, topic, kafkatest.KgoCooperative, kafkatest.As("kgo"), stuck)
	kafkatest.WaitGroup(t, r.at, range1, kafka.StateStable, 2)
	kafkatest.WaitGroup(t, r.at, coop, kafka.StateStable, 1)
	s := r.snapshot(t)
	if !s.Complete() {
		t.Errorf("faults %+v", s.Faults)
	}
	log := s.Topic(topic).Partition(0)
	if log.Start != kafka.Some[int64](2) || log.End != kafka.Some[int64](10) || len(log.ISR) != 1 {
		t.Errorf("log %+v", log)
	}
	g := s.Group(group)
	if g == nil || g.Type != kafka.Classic || g.State != kafka.StateEmpty || g.Lag.V != 6+8 || g.Partition(tp(topic, 0)).Lost != 1 {
		t.Errorf("a group made by an admin: %+v", g)
	}
	for name, members := range map[string]int{range1: 2, coop: 1} {
		g := s.Group(name)
		if g == nil || g.Type != kafka.Classic || g.State != kafka.StateStable || len(g.Members) != members || g.Protocol == "" {
			t.Errorf("%s: %+v", name, g)
			continue
		}
		for i := range g.Partitions {
			if p := &g.Partitions[i]; !p.Owner.OK || p.Topic != topic {
				t.Errorf("%s: nobody owns %+v", name, p)
			}
		}
		if len(g.Partitions) != 4 || g.Members[0].Host == "" || g.Members[0].ClientID == "" {
			t.Errorf("%s: %+v", name, g)
		}
	}
}

func (r *release) tails(t *testing.T) {
	topic := r.logs(t)
	spec := tail.Spec{Reads: []kafka.ReadSpec{{Topic: topic, From: kafka.Seek{Kind: kafka.SeekStart}}}}
	tl := tail.Start(t.Context(), r.reader(), spec)
	defer tl.Close()
	kafkatest.Until(t, patience, func() error {
		if s := tl.State(); s.Phase != tail.CaughtUp || s.Received != 38 {
			return fmt.Errorf("%+v", s)
		}
		return nil
	})
}

func (r *release) looksUp(t *testing.T) {
	topic, a := r.logs(t), r.admin(t)
	if _, err := a.TopicConfigs(t.Context(), topic); err != nil {
		t.Error(err)
	}
	settings, err := a.TopicSettings(t.Context(), topic)
	if err != nil || len(settings) != 5 {
		t.Errorf("%v %v", settings, err)
	}
	of, err := a.BrokerConfigs(t.Context(), 1)
	if names := fmt.Sprint(of); err != nil || !strings.Contains(names, "zookeeper.connect") {
		t.Errorf("%v %v", of, err)
	}
	dirs, err := a.LogDirs(t.Context(), 1)
	if err != nil || len(dirs) != 1 || dirs[0].Size == 0 || dirs[0].Total.OK != r.volumes {
		t.Errorf("%+v %v", dirs, err)
	}
	if q, err := a.Quorum(t.Context()); !errors.Is(err, conn.ErrUnsupported) {
		t.Errorf("%+v %v", q, err)
	}
}
