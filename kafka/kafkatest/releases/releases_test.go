package releases

import (
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/kafkatest"
)

// patience is how long a broker may take to get where a test waits for it.
const patience = 60 * time.Second

// release is one broker with ZooKeeper, and what it differs by.
type release struct {
	version, line string
	volumes       bool // DescribeLogDirs tells the size of volumes (KIP-827)

	at  []string
	cfg conn.Config
}

func tp(topic string, p int32) kafka.TopicPartition {
	return kafka.TopicPartition{Topic: topic, Partition: p}
}

func (r *release) admin(t *testing.T) *conn.Admin {
	t.Helper()
	a, err := conn.OpenAdmin(r.cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

func (r *release) reader() *conn.Reader { return conn.NewReader(r.cfg) }

// The oldest release that is supported, and the last one with ZooKeeper. All other tests run on the newest.
func TestEarlierReleases(t *testing.T) {
	for _, r := range []*release{
		{version: "2.1.1", line: "2.1"},
		{version: "3.9.1", line: "3.9", volumes: true},
	} {
		t.Run(r.version, func(t *testing.T) {
			t.Parallel()
			c := kafkatest.RealOwn(t, kafkatest.Own{Nodes: 1, Version: r.version, ZooKeeper: true})
			r.at, r.cfg = c.Bootstrap(), conn.Config{Bootstrap: c.Bootstrap()}
			t.Run("the header says version and mode", r.headers)
			t.Run("logs, commits and members are read", r.reads)
			t.Run("records are followed", r.tails)
			t.Run("configurations and log dirs are read", r.looksUp)
			t.Run("a reset and its undo are applied", r.resets)
			t.Run("a probe moves nothing, a kicked member comes back", r.rebalances)
			t.Run("groups are deleted, retention is set, leaders are elected", r.operates)
		})
	}
}
