package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	"lagtop/kafka"
	"lagtop/kafka/kafkatest"
)

// twoClusters are contexts: one is protected and has the group invoices, the other is read-only and has
// the group sessions. Neither has members.
func twoClusters(t *testing.T) string {
	t.Helper()
	file := "contexts:\n"
	for _, c := range []struct{ name, group, mark string }{{"prod-eu", "invoices", "protected"}, {"staging", "sessions", "read-only"}} {
		f := kafkatest.NewFake(t, kfake.SeedTopics(1, "orders"))
		kafkatest.Produce(t, f.Bootstrap(), "orders", 5)
		kafkatest.Commit(t, f.Bootstrap(), c.group, map[kafka.TopicPartition]int64{{Topic: "orders"}: 3})
		file += fmt.Sprintf("  - name: %s\n    bootstrap: %q\n    %s: true\n", c.name, f.Bootstrap()[0], c.mark)
	}
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSwitchBetweenContexts(t *testing.T) {
	t.Parallel()
	tm := start(t, 120, 40, "--config", twoClusters(t))
	tm.wait("the start screen", "1  prod-eu  127.0.0.1:", "2  staging  127.0.0.1:")
	tm.send("1")
	tm.wait("the first cluster", "PROTECTED  prod-eu", "invoices")
	tm.send("o")
	tm.wait("the form of a reset", "Reset offsets of invoices")
	tm.send("\r")
	tm.wait("the preview", "type prod-eu/invoices:")
	tm.dismiss("type prod-eu")
	tm.send("c")
	tm.wait("the contexts", "Contexts", "shown now", "staging")
	tm.send("stag\r")
	tm.wait("the second cluster", "READ-ONLY  staging", "sessions")
	tm.waitFor("end of the first cluster", func(s string) bool { return !strings.Contains(s, "invoices") && !strings.Contains(s, "PROTECTED") })
	tm.send("o")
	tm.wait("why nothing is changed", "read-only: context staging is marked read-only in config.yaml")
	tm.quit()
}
