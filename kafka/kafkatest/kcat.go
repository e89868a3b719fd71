package kafkatest

import (
	"context"
	"os"
	"os/exec"
	"testing"
)

// Kcat starts kcat as a member of a group: a real librdkafka client. It reads from the start; props are librdkafka's
// properties such as "client.id=kcat-1" or "partition.assignment.strategy=roundrobin" (range, roundrobin and
// cooperative-sticky; librdkafka before 2.4 has no KIP-848). What its callbacks are given is in Said. Without kcat the test
// is skipped, or fails where the real Kafka is required.
func Kcat(tb testing.TB, c *Cluster, group string, topics []string, props ...string) *Process {
	tb.Helper()
	path, err := exec.LookPath("kcat")
	if err != nil {
		const missing = "librdkafka: no kcat on the PATH (Debian: apt-get install kcat): %v"
		if os.Getenv(EnvMode) == "require" {
			tb.Fatalf(missing, err)
		}
		tb.Skipf(missing, err)
	}
	args := []string{"-b", c.List(), "-G", group, "-X", "auto.offset.reset=earliest", "-X", "auto.commit.interval.ms=200",
		"-X", "session.timeout.ms=10000", "-X", "heartbeat.interval.ms=1000"}
	for _, p := range props {
		args = append(args, "-X", p)
	}
	return startClient(tb, "kcat", exec.CommandContext(context.Background(), path, append(args, topics...)...))
}
