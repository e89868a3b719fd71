package e2e

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"lagtop/kafka"
	"lagtop/kafka/kafkatest"
)

// chooseLatest opens the form of a reset and goes to that scenario.
func (tm *term) chooseLatest() {
	tm.t.Helper()
	tm.send("o")
	tm.wait("form", "Reset offsets of")
	tm.send(tab + right)
	tm.wait("choice", "● latest")
}

// commitsAre waits until a group stands there.
func commitsAre(t *testing.T, b []string, group string, want map[kafka.TopicPartition]int64) {
	t.Helper()
	if got := kafkatest.Committed(t, b, group); !maps.Equal(got, want) {
		t.Errorf("%s is at %v, not at %v", group, got, want)
	}
}

func TestKeysTypedAheadNeverConfirmAReset(t *testing.T) {
	t.Parallel()
	f := smallCluster(t)
	tm := start(t, 120, 40, "-b", f.Bootstrap()[0])
	tm.wait("groups", "billing")
	tm.chooseGroup("billing", "billing")
	tm.send("1")
	tm.send("o" + enter + enter + "billing" + enter + tab + enter + right + enter)
	tm.wait("preview that took no key", `type billing: ▏`)
	tm.dismiss("type billing")
	if audit := readAudit(t, tm.state); len(audit) > 0 {
		t.Errorf("keys typed ahead began %v", audit)
	}
	commitsAre(t, f.Bootstrap(), "billing", at(0, 0))
}

func TestEditedResetIsAppliedAndUndone(t *testing.T) {
	t.Parallel()
	f := smallCluster(t)
	tm := start(t, 80, 24, "-b", f.Bootstrap()[0])
	tm.wait("groups", "billing")
	tm.chooseGroup("billing", "billing")
	tm.chooseLatest()
	tm.send(enter)
	tm.wait("preview", `orders/0 +0 +→ +10 +\+10`, `orders/1 +0 +→ +2 +\+2`, "12 records skipped; the oldest skipped is from")
	tm.press(down, "row", `ctrl\+e edit`)
	tm.press("\x05", "field of the offset", "Offset for orders/0")
	tm.send(clear + "99" + enter)
	tm.wait("clamped plan", "99 is beyond the end: clamped to 10", "by hand")
	tm.press("\x05", "field of the offset", "Offset for orders/0")
	tm.send(clear + "4" + enter)
	tm.wait("edited plan", `orders/0 +0 +→ +4 +\+4 .*by hand`, "6 records skipped", "PLAN.csv")
	tm.press("\x13", "file", "the plan is in ")
	tm.confirm("billing")
	tm.wait("outcome", `2 of 2 partitions set`, "Read back twice")
	commitsAre(t, f.Bootstrap(), "billing", at(4, 2))
	saved, err := filepath.Glob(filepath.Join(tm.state, "lagtop", "plans", "*.csv"))
	if err != nil || len(saved) == 0 {
		t.Fatalf("no saved plan: %v %v", saved, err)
	}
	if b, _ := os.ReadFile(saved[0]); string(b) != "orders,0,4\norders,1,2\n" {
		t.Errorf("the saved plan is %q", b)
	}
	tm.press("u", "preview of the undo", `orders/0 +4 +→ +0 +-4`)
	tm.confirm("billing")
	tm.wait("outcome of the undo", `2 of 2 partitions set`)
	commitsAre(t, f.Bootstrap(), "billing", at(0, 0))
	tm.dismiss("Reset of")
	tm.quit()
}

func TestRecordAtTheCommitIsShownExportedAndSkipped(t *testing.T) {
	t.Parallel()
	f := smallCluster(t)
	tm := start(t, 120, 40, "-b", f.Bootstrap()[0])
	tm.wait("groups", "billing")
	tm.chooseGroup("billing", "billing")
	tm.press("2", "partitions", `2 billing`)
	tm.press("g"+down, "partition", `orders/0`)
	tm.send("i")
	tm.wait("record", "Next for billing: orders/0@0", "Value ", "x Export it")
	tm.press("x", "where it is", "It is in ")
	if files, err := filepath.Glob(filepath.Join(tm.state, "lagtop", "records", "record-orders-0-0.json")); err != nil || len(files) != 1 {
		t.Errorf("exported %v, %v", files, err)
	}
	tm.press("s", "preview", "Reset billing to offset 1")
	tm.wait("preview for this partition alone", "Reset billing to offset 1", `orders/0 +0 +→ +1 +\+1`, "1 record skipped")
	if regexp.MustCompile(`orders/1 +\d+ +→`).MatchString(tm.text()) {
		t.Errorf("another partition is in the plan:\n%s", tm.text())
	}
	tm.press(tab, "focus on yes", `\[ Yes, commit`)
	tm.send(enter)
	tm.wait("outcome", `1 of 1 partitions set`)
	commitsAre(t, f.Bootstrap(), "billing", at(1, 0))
	tm.dismiss("Reset of")
	tm.quit()
}

// TestResetWaitsUntilAJavaConsumerHasLeft is the real thing: a stock consumer holds the group until somebody stops it.
func TestResetWaitsUntilAJavaConsumerHasLeft(t *testing.T) {
	t.Parallel()
	c := kafkatest.Real(t)
	topic, group := kafkatest.Unique("actform-orders"), kafkatest.Unique("actform")
	kafkatest.CreateTopic(t, c.Bootstrap(), topic, 2, 1)
	kafkatest.Produce(t, c.Bootstrap(), topic, 40)
	java := kafkatest.JavaConsumer(t, c, group, topic)
	kafkatest.WaitGroup(t, c.Bootstrap(), group, kafka.StateStable, 1)
	kafkatest.Until(t, patience, func() error {
		if n := sum(kafkatest.Committed(t, c.Bootstrap(), group)); n != 40 {
			return fmt.Errorf("it has committed %d of 40 records", n)
		}
		return nil
	})
	tm := start(t, 120, 40, "-b", c.List())
	tm.wait("groups", `\d groups? `) // others may fill the screen with theirs
	tm.send("/" + group + enter)
	tm.wait("its partitions", "2 "+group)
	tm.send("o")
	tm.wait("form", "Reset offsets of "+group)
	tm.send(enter)
	tm.wait("guard that names the consumer", "is not possible now", `console-consumer on /?127\.0\.0\.1`, "Wait until empty, then apply", "40 records read again")
	tm.press(clear+group, "typed name", `type `+group+`: `+group+`▏`)
	tm.send(enter)
	tm.wait("progress", "when it is empty: waiting for console-consumer")
	if len(readAudit(t, tm.state)) > 0 || sum(kafkatest.Committed(t, c.Bootstrap(), group)) != 40 {
		t.Error("something was sent while the consumer was there")
	}
	java.Stop()
	tm.wait("outcome", `2 of 2 partitions set`, "Read back twice")
	if n := sum(kafkatest.Committed(t, c.Bootstrap(), group)); n != 0 {
		t.Errorf("the group is at %d after the reset", n)
	}
	if audit := readAudit(t, tm.state); len(audit) != 2 {
		t.Errorf("%d entries in the audit, want intent and outcome", len(audit))
	}
	tm.dismiss("Reset of")
	tm.quit()
}

func sum(commits map[kafka.TopicPartition]int64) int64 {
	n := int64(0)
	for _, o := range commits {
		n += o
	}
	return n
}
