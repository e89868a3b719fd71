package e2e

import (
	"fmt"
	"sync"
	"syscall"
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

// refusingPort is a port that refuses connections. Until release, or the end of the test, it is taken, so that nobody
// else comes to listen there.
func refusingPort(t testing.TB) (port int, release func()) {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	syscall.CloseOnExec(fd)
	release = sync.OnceFunc(func() { _ = syscall.Close(fd) })
	t.Cleanup(release)
	err = syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	if err != nil {
		t.Fatal(err)
	}
	at, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	return at.(*syscall.SockaddrInet4).Port, release
}

// refusedAddr is an address that refuses connections.
func refusedAddr(t testing.TB) string {
	t.Helper()
	port, _ := refusingPort(t)
	return fmt.Sprintf("127.0.0.1:%d", port)
}
