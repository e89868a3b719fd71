package conn_test

import (
	"errors"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
)

func opened(t *testing.T, bootstrap ...string) *conn.Admin {
	t.Helper()
	a, err := conn.OpenAdmin(conn.Config{Bootstrap: bootstrap})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

func TestTheQuorumOfARealCluster(t *testing.T) {
	c := kafkatest.Real(t)
	a := opened(t, c.Bootstrap()...)
	kafkatest.Until(t, time.Minute, func() error { // an observer that has just come has fetched nothing yet
		q, err := a.Quorum(t.Context())
		if err != nil {
			return err
		}
		if len(q) != 3 || q[0].Role != kafka.QuorumLeader || q[0].Epoch < 1 || q[0].End.V < 1 || q[0].SinceFetch.OK {
			t.Errorf("%+v", q)
		}
		for _, r := range q[1:] {
			if r.Role != kafka.QuorumVoter || !r.Behind.OK || !r.SinceFetch.OK || !r.SinceCaughtUp.OK {
				return errors.New(string(r.Role) + " has not fetched")
			}
		}
		return nil
	})
}

func TestSizesOfAllReplicasOfARealTopic(t *testing.T) {
	c := kafkatest.Real(t)
	topic := kafkatest.Unique("sizes")
	kafkatest.CreateTopic(t, c.Bootstrap(), topic, 2, 3)
	kafkatest.ProduceTo(t, c.Bootstrap(), kafka.TopicPartition{Topic: topic}, 1000)
	sizes, err := opened(t, c.Bootstrap()...).Sizes(t.Context(), topic)
	if err != nil || len(sizes) != 6 {
		t.Fatalf("%+v %v", sizes, err)
	}
	for i, s := range sizes {
		if s.Partition != int32(i/3) || s.Broker != int32(i%3+1) || (s.Bytes > 1000) != (i < 3) {
			t.Errorf("%+v", s)
		}
	}
}

func TestAClusterWithoutAQuorumSaysSo(t *testing.T) {
	f := kafkatest.NewFake(t) // it does not know the request
	if q, err := opened(t, f.Bootstrap()...).Quorum(t.Context()); !errors.Is(err, conn.ErrUnsupported) {
		t.Errorf("%+v %v", q, err)
	}
}

func TestFactsAreReadWhileTheBootstrapBrokerIsDown(t *testing.T) {
	f := kafkatest.NewFake(t, kfake.SeedTopics(1, "orders"))
	a := opened(t, f.Bootstrap()[0])
	if _, err := a.Topics(t.Context(), "orders"); err != nil {
		t.Fatal(err)
	}
	f.Down(0)
	if ts, err := a.Topics(t.Context(), "orders"); err != nil || len(ts) != 1 {
		t.Errorf("%+v %v", ts, err)
	}
}
