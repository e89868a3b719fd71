package poll

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"lagtop/kafka"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/lag"
	"lagtop/kafka/triage"
)

// hungIn is the finding of a topic, nil when there is none.
func hungIn(s *kafka.Snapshot, topic string) *kafka.Finding {
	for i := range s.Findings {
		if f := &s.Findings[i]; f.Rule == "hung-transaction" && f.Subject.Topic == topic {
			return f
		}
	}
	return nil
}

func TestAHungTransactionOfARealClusterIsFoundUntilItEnds(t *testing.T) {
	c := kafkatest.Real(t)
	topic := kafkatest.Unique("hung")
	kafkatest.CreateTopic(t, c.Bootstrap(), topic, 1, 3)
	kafkatest.Produce(t, c.Bootstrap(), topic, 20)
	id, end := hold(t, c.Bootstrap(), topic, kafkatest.Unique("hung"))
	keepWriting(t, c.Bootstrap(), topic)
	h := lag.NewHistory(lag.Options{})
	p := watch(t, realConfig(c), Options{
		Interval: 2 * MinInterval, Stable: 4 * MinInterval, Derive: []func(*kafka.Snapshot){h.Observe, triage.New(h).Judge},
	})
	producer := fmt.Sprintf("producer id %d epoch ", id)
	f := hungIn(until(t, p, "the finding with its producer", func(s *kafka.Snapshot) bool {
		f := hungIn(s, topic)
		return f != nil && strings.Contains(f.Evidence, producer)
	}), topic)
	if !strings.HasPrefix(f.Evidence, "LSO of "+topic+"/0 stands at 20 for ") || !strings.Contains(f.Evidence, "while the end moved on by ") {
		t.Errorf("evidence %q", f.Evidence)
	}
	out, err := c.Tool(t.Context(), "org.apache.kafka.tools.TransactionsCommand", "--bootstrap-server", c.List(),
		"describe-producers", "--topic", topic, "--partition", "0")
	if err != nil || !strings.Contains(out, fmt.Sprint(id)) {
		t.Errorf("kafka-transactions does not name producer %d: %v\n%s", id, err, out)
	}
	words := strings.Fields(triage.Stock(f, c.Bootstrap())) // no name in it needs quotes
	ctx, cancel := context.WithTimeout(t.Context(), realPatience)
	defer cancel()
	if out, err := c.Tool(ctx, "org.apache.kafka.tools.TransactionsCommand", words[1:]...); err != nil {
		t.Errorf("%v: %v\n%s", words, err, out)
	}
	end()
	until(t, p, "no finding any more", func(s *kafka.Snapshot) bool { return hungIn(s, topic) == nil })
}
