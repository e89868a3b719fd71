package e2e

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	"lagtop/kafka"
	"lagtop/kafka/kafkatest"
)

// smallCluster has topic orders with two partitions of 10 and 2 records, group billing without members
// that has read none of them, and group audit that has read all.
func smallCluster(t testing.TB, opts ...kfake.Opt) *kafkatest.Fake {
	t.Helper()
	f := kafkatest.NewFake(t, append(opts, kfake.SeedTopics(2, "orders"))...)
	b := f.Bootstrap()
	kafkatest.ProduceTo(t, b, kafka.TopicPartition{Topic: "orders"}, 10)
	kafkatest.ProduceTo(t, b, kafka.TopicPartition{Topic: "orders", Partition: 1}, 2)
	kafkatest.Commit(t, b, "billing", at(0, 0))
	kafkatest.Commit(t, b, "audit", at(10, 2))
	return f
}

// at are commits of the two partitions of orders.
func at(first, second int64) map[kafka.TopicPartition]int64 {
	return map[kafka.TopicPartition]int64{{Topic: "orders"}: first, {Topic: "orders", Partition: 1}: second}
}

// freePort is a port that nobody listens on. It is below the ephemeral range: a client that retries
// there could be given the same port for its own end, and connect to itself.
func freePort(t testing.TB) int {
	t.Helper()
	for range 100 {
		port := 20000 + rand.IntN(12000)
		ln, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		_ = ln.Close()
		return port
	}
	t.Fatal("no free port")
	return 0
}

// refusedAddr is an address that refuses connections.
func refusedAddr(t testing.TB) string {
	t.Helper()
	return fmt.Sprintf("127.0.0.1:%d", freePort(t))
}
