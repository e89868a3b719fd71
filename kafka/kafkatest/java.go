package kafkatest

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
)

// The main classes of Kafka's stock tools.
const (
	ConsumerGroupCommand = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand" // kafka-consumer-groups
	TopicCommand         = "org.apache.kafka.tools.TopicCommand"                        // kafka-topics
	ConsoleConsumer      = "org.apache.kafka.tools.consumer.ConsoleConsumer"
	ConsoleShareConsumer = "org.apache.kafka.tools.consumer.ConsoleShareConsumer"
)

// Tool runs a stock tool by its main class and returns what it printed. The error holds what it
// said on stderr.
func (c *Cluster) Tool(ctx context.Context, class string, args ...string) (string, error) {
	var out, errs bytes.Buffer
	cmd := c.java(ctx, class, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%s: %w\n%s", class, err, errs.String())
	}
	return out.String(), nil
}

// Groups runs kafka-consumer-groups against all brokers.
func (c *Cluster) Groups(ctx context.Context, args ...string) (string, error) {
	return c.Tool(ctx, ConsumerGroupCommand, append([]string{"--bootstrap-server", c.List()}, args...)...)
}

func (c *Cluster) java(ctx context.Context, class string, args ...string) *exec.Cmd {
	flags := []string{"-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData",
		"-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
		"-Dorg.slf4j.simpleLogger.log.org.apache.kafka.clients.consumer.internals=info", // assignments, for Said
		"-cp", filepath.Join(c.libs, "*"), class}
	return exec.CommandContext(ctx, "java", append(flags, args...)...)
}

// JavaConsumer starts the stock console consumer as a member of a group: a real Java client, without
// a compiler. It reads from the start and commits every 200 ms; props are consumer properties such as
// "group.protocol=consumer" or "client.id=java-1". Wait for it with WaitGroup.
func JavaConsumer(tb testing.TB, c *Cluster, group, topic string, props ...string) *Process {
	tb.Helper()
	return c.javaConsumer(tb, group, "--topic", topic, props)
}

// JavaConsumerOf is JavaConsumer for all topics whose names match a pattern.
func JavaConsumerOf(tb testing.TB, c *Cluster, group, pattern string, props ...string) *Process {
	tb.Helper()
	return c.javaConsumer(tb, group, "--include", pattern, props)
}

func (c *Cluster) javaConsumer(tb testing.TB, group, option, topics string, props []string) *Process {
	tb.Helper()
	args := []string{"--bootstrap-server", c.List(), "--group", group, option, topics, "--from-beginning"}
	for _, p := range append([]string{"auto.commit.interval.ms=200"}, props...) {
		args = append(args, "--command-property", p)
	}
	return c.startJava(tb, ConsoleConsumer, args...)
}

// JavaShareConsumer starts the stock console consumer of a share group (KIP-932).
func JavaShareConsumer(tb testing.TB, c *Cluster, group, topic string, props ...string) *Process {
	tb.Helper()
	args := []string{"--bootstrap-server", c.List(), "--group", group, "--topic", topic}
	for _, p := range props {
		args = append(args, "--command-property", p)
	}
	return c.startJava(tb, ConsoleShareConsumer, args...)
}

func (c *Cluster) startJava(tb testing.TB, class string, args ...string) *Process {
	tb.Helper()
	return startClient(tb, class, c.java(context.Background(), class, args...))
}
