package kafkatest

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"lagtop/kafka/kafkatest/proc"
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

// JavaProcess is a running Java client.
type JavaProcess struct {
	cmd  *exec.Cmd
	said bytes.Buffer // stderr; read after the end alone
	once sync.Once
	died chan struct{}
}

// JavaConsumer starts the stock console consumer as a member of a group: a real Java client, without
// a compiler. It reads from the start and commits every 200 ms; props are consumer properties such as
// "group.protocol=consumer" or "client.id=java-1". Wait for it with WaitGroup.
func JavaConsumer(tb testing.TB, c *Cluster, group, topic string, props ...string) *JavaProcess {
	tb.Helper()
	args := []string{"--bootstrap-server", c.List(), "--group", group, "--topic", topic, "--from-beginning"}
	for _, p := range append([]string{"auto.commit.interval.ms=200"}, props...) {
		args = append(args, "--command-property", p)
	}
	return c.startJava(tb, ConsoleConsumer, args...)
}

// JavaShareConsumer starts the stock console consumer of a share group (KIP-932).
func JavaShareConsumer(tb testing.TB, c *Cluster, group, topic string, props ...string) *JavaProcess {
	tb.Helper()
	args := []string{"--bootstrap-server", c.List(), "--group", group, "--topic", topic}
	for _, p := range props {
		args = append(args, "--command-property", p)
	}
	return c.startJava(tb, ConsoleShareConsumer, args...)
}

func (c *Cluster) startJava(tb testing.TB, class string, args ...string) *JavaProcess {
	tb.Helper()
	p := &JavaProcess{cmd: c.java(context.Background(), class, args...), died: make(chan struct{})}
	p.cmd.Stderr = &p.said
	p.cmd.SysProcAttr = proc.OwnGroup()
	started := make(chan error)
	go p.run(started)
	if err := <-started; err != nil {
		tb.Fatalf("start %s: %v", class, err)
	}
	tb.Cleanup(func() {
		p.Stop()
		if tb.Failed() && p.said.Len() > 0 {
			tb.Logf("%s said:\n%s", class, p.said.String())
		}
	})
	return p
}

// run starts the client and waits for its end, on one thread all the while (see proc.OwnGroup).
func (p *JavaProcess) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(p.died)
	err := p.cmd.Start()
	started <- err
	if err == nil {
		_ = p.cmd.Wait()
	}
}

// Stop lets the client commit and leave its group, and waits for its end. It may be called more than once.
func (p *JavaProcess) Stop() {
	p.once.Do(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-p.died:
		case <-time.After(15 * time.Second):
			_ = p.cmd.Process.Kill()
			<-p.died
		}
	})
}

// Said is what the client wrote to its log: warnings, and a consumer's assignments by generation or epoch. The
// client must have ended.
func (p *JavaProcess) Said() string {
	<-p.died
	return p.said.String()
}

// Kill ends the client at once: it does not leave its group.
func (p *JavaProcess) Kill() {
	p.once.Do(func() {
		_ = p.cmd.Process.Kill()
		<-p.died
	})
}
