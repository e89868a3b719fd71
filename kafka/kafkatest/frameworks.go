package kafkatest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The main classes of Kafka's frameworks.
const (
	connectDistributed = "org.apache.kafka.connect.cli.ConnectDistributed"
	wordCountDemo      = "org.apache.kafka.streams.examples.wordcount.WordCountDemo"
)

// The topics of the Streams application, which its source names. They must exist before it starts.
const (
	StreamsInput  = "streams-plaintext-input"
	StreamsOutput = "streams-wordcount-output"
)

// JavaStreams starts the stock word count application as a member of a streams group (KIP-1071): a
// topology of two subtopologies with a repartition topic between them. props are its properties, such as
// "client.id=app-1" or "num.stream.threads=2".
func JavaStreams(tb testing.TB, c *Cluster, group string, props ...string) *Process {
	tb.Helper()
	file := propertiesFile(tb, append([]string{
		"bootstrap.servers=" + c.List(), "application.id=" + group, "group.protocol=streams", "state.dir=" + tb.TempDir(),
		"dsl.store.suppliers.class=org.apache.kafka.streams.state.BuiltInDslStoreSuppliers$InMemoryDslStoreSuppliers",
	}, props...))
	return c.startJava(tb, wordCountDemo, file)
}

// ConnectWorker is a running worker of Kafka Connect.
type ConnectWorker struct {
	*Process
	URL string // of its REST API
}

// Connect starts a distributed worker whose group, and the topics of which, have the given name.
// Wait for it with Create.
func Connect(tb testing.TB, c *Cluster, group string) *ConnectWorker {
	tb.Helper()
	url := "http://" + freeAddr(tb)
	file := propertiesFile(tb, []string{
		"bootstrap.servers=" + c.List(), "group.id=" + group, "listeners=" + url, "plugin.discovery=service_load",
		"key.converter=org.apache.kafka.connect.storage.StringConverter", "value.converter=org.apache.kafka.connect.storage.StringConverter",
		"config.storage.topic=" + group + "-configs", "config.storage.replication.factor=1",
		"offset.storage.topic=" + group + "-offsets", "offset.storage.replication.factor=1", "offset.storage.partitions=1",
		"status.storage.topic=" + group + "-status", "status.storage.replication.factor=1", "status.storage.partitions=1",
		"scheduled.rebalance.max.delay.ms=1000",
	})
	return &ConnectWorker{Process: c.startJava(tb, connectDistributed, file), URL: url + "/"}
}

// Create makes a connector through the REST API once the worker serves it.
func (w *ConnectWorker) Create(tb testing.TB, name string, config map[string]string) {
	tb.Helper()
	body, err := json.Marshal(map[string]any{"name": name, "config": config})
	if err != nil {
		tb.Fatal(err)
	}
	cl := http.Client{Timeout: 20 * time.Second}
	defer cl.CloseIdleConnections()
	Until(tb, patience, func() error {
		r, err := cl.Post(w.URL+"connectors", "application/json", bytes.NewReader(body))
		if err != nil {
			return fmt.Errorf("create connector %s: %w", name, err)
		}
		defer func() { _ = r.Body.Close() }()
		said, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode != http.StatusCreated && r.StatusCode != http.StatusConflict {
			return fmt.Errorf("create connector %s: %s: %s, %w", name, r.Status, said, err)
		}
		return nil
	})
}

// FileSink is the configuration of a connector that writes a topic to a file, in so many tasks.
func FileSink(tb testing.TB, topic string, tasks int) map[string]string {
	tb.Helper()
	return map[string]string{
		"connector.class": "org.apache.kafka.connect.file.FileStreamSinkConnector", "tasks.max": fmt.Sprint(tasks),
		"topics": topic, "file": filepath.Join(tb.TempDir(), "sink"),
	}
}

func propertiesFile(tb testing.TB, lines []string) string {
	tb.Helper()
	file := filepath.Join(tb.TempDir(), "client.properties")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		tb.Fatal(err)
	}
	return file
}

// freeAddr is a free address on 127.0.0.1. Nothing holds it until it is used.
func freeAddr(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
