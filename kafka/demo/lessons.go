package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"lagtop/kafka"
)

// The lessons about what a consumer group is.

func balance() Scenario {
	const g = "order-fulfilment"
	return Scenario{
		Name: "balance", Title: "A group shares the load: each partition has one owner", Focus: g, uses: []string{g},
		Look: "enter on order-fulfilment: 12 partitions, each under exactly one consumer",
		steps: []step{
			{caption: "One consumer: it owns all 12 partitions of orders and reads everything.", do: crew(g, 1), until: shared(g, 1, 12, 12)},
			{caption: "A second one joins under the same group id: 6 partitions each.", do: crew(g, 2), until: shared(g, 2, 6, 6)},
			{caption: "A third: 4 each. The group shares them out, no consumer knows the others.", do: crew(g, 3), until: shared(g, 3, 4, 4)},
			{caption: "Nothing was lost, nothing is read by two: the lag is back near zero.", until: behind(g, 0, 200)},
		},
	}
}

func faultTolerance() Scenario {
	const g = "order-fulfilment"
	return Scenario{
		Name: "fault-tolerance", Title: "A consumer dies: its partitions move to those who live", Focus: g, uses: []string{g},
		Look: "H, the timeline: who was lost, which partitions moved, for how long",
		steps: []step{
			{caption: "Three consumers share the 12 partitions of orders.", do: crew(g, 3), until: all(shared(g, 3, 4, 4), note(g))},
			{
				caption: "kill -9: one is gone without a word. Its partitions still are assigned to it.",
				do: func(_ context.Context, s *stage) error {
					_, err := s.Kill(s.prefix+g, s.prefix+g+"-2")
					return err
				},
				until: moved(g, 15),
			},
			{caption: "Its session times out: the group shares its partitions out to the two left.", until: shared(g, 2, 6, 6)},
			{caption: "They go on from its last commit: the records that waited are read now.", until: behind(g, 0, 200)},
			{caption: "A new consumer takes its place.", do: crew(g, 3), until: shared(g, 3, 4, 4)},
		},
	}
}

func flexibility() Scenario {
	const g = "web-indexer"
	return Scenario{
		Name: "flexibility", Title: "Consumers come and go while the records flow", Focus: g, uses: []string{g},
		Look: "H: which partitions each change moved, for how long, who came and went",
		steps: []step{
			{caption: "web-indexer has three consumers, 4 partitions each.", do: crew(g, 3), until: all(shared(g, 3, 4, 4), handed(g))},
			{caption: "The evening peak comes: three more are started.", do: crew(g, 6), until: all(shared(g, 6, 2, 2), handed(g)), told: toldHanded(g, "Three came")},
			{caption: "The night: four are stopped. They leave, so nobody waits for a session.", do: crew(g, 2), until: all(shared(g, 2, 6, 6), handed(g)), told: toldHanded(g, "Four went")},
			{
				caption: "Back to three. The producers noticed nothing of all this.", do: crew(g, 3),
				until: all(shared(g, 3, 4, 4), handed(g), behind(g, 0, 500)), told: toldHanded(g, "One came"),
			},
		},
	}
}

// toldHanded is how many partitions changed hands in a step. An eager group lets go of all of them meanwhile.
func toldHanded(group, what string) func(*stage) string {
	return func(s *stage) string {
		return fmt.Sprintf("%s: %.0f of %d partitions moved. Eager: all were let go of meanwhile.", what, s.marks["handed "+group], len(s.owners[group]))
	}
}

func parallelism() Scenario {
	const g = "siem-forwarder"
	return Scenario{
		Name: "parallelism", Title: "Partitions are the limit: more consumers than those only wait", Focus: g, uses: []string{g},
		Look: "the two without a partition; after 2 min F shows them as idle members",
		steps: []step{
			{caption: "syslog has 6 partitions, siem-forwarder 2 consumers: 3 each.", do: crew(g, 2), until: shared(g, 2, 3, 3)},
			{caption: "6 consumers: one partition each. More parallel it cannot get.", do: crew(g, 6), until: shared(g, 6, 1, 1)},
			{caption: "8 consumers: two get nothing. They are spares, and do no work.", do: crew(g, 8), until: shared(g, 8, 0, 1)},
			{caption: "More throughput now takes more partitions, or faster consumers.", until: behind(g, 0, 500)},
		},
	}
}

func oneProcess() Scenario {
	const g = "web-indexer"
	slowed := func(_ context.Context, s *stage) error {
		_, _, err := s.Slow(s.prefix+g, s.prefix+g+"-2")
		return err
	}
	return Scenario{
		Name: "one-process", Title: "One consumer a process: a slow one holds up its partitions alone", Focus: g, uses: []string{g},
		Look: "enter, Chart, down to web-indexer-2: its lag rose, that of no other",
		steps: []step{
			{caption: "Three processes with one consumer each. A consumer belongs to one thread.", do: crew(g, 3), until: all(shared(g, 3, 4, 4), note(g))},
			{caption: "One of them gets slow, 5 records/s: only what it owns falls behind.", do: slowed, until: moved(g, 60)},
			{caption: "lagtop names it: one member falls behind, the others keep up.", until: judged(g, kafka.VerdictFallingBehind, kafka.VerdictStalled)},
			{caption: "Another thread would not help. Another process does: it takes partitions.", do: extend(g, 4), until: shared(g, 4, 3, 3)},
			{caption: "The slow one is restarted, and the backlog goes.", do: crew(g, 4), until: all(drains(g, 500), healthy(g))},
		},
	}
}

// extend adds consumers and leaves those that are there as they are.
func extend(name string, n int) does {
	return func(_ context.Context, s *stage) error {
		g, err := s.find(s.prefix + name)
		for err == nil && g.size() < n {
			_, err = s.AddConsumer(s.prefix + name)
		}
		return err
	}
}

func (g *group) size() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.crew)
}

// sensorLine is a reading of a sensor; its key is the sensor.
func sensorLine(g *gen, at time.Time) message {
	key := fmt.Sprintf("sensor-%03d", g.IntN(200))
	value := fmt.Sprintf(`{"sensor":%q,"celsius":%d.%d,"humidity":%d,"site":"hall-%d","ts":%d}`, key, 15+g.IntN(12), g.IntN(10), 30+g.IntN(40), 1+g.IntN(4), at.UnixMilli())
	return message{key: key, value: []byte(value), headers: []kgo.RecordHeader{header("content-type", "application/json")}}
}

func batching() Scenario {
	const single, batched = "sensors.single", "sensors.batched"
	flows := func(topic string) until {
		return func(s *stage, now *kafka.Snapshot) string {
			if t := now.Topic(s.prefix + topic); t == nil || !t.In.OK || t.In.V <= 0 {
				return "records in " + topic
			}
			return ""
		}
	}
	return Scenario{
		Name: "batching", Title: "Batch, compression and fetch settings: the same records at another price", Focus: "sensors-patient",
		Look: "3, enter on sensors.single and on sensors.batched: records a batch",
		topics: []topicSpec{
			{name: single, partitions: 3, rate: 60, retain: 1 << 20, write: sensorLine, unbatched: true},
			{name: batched, partitions: 3, rate: 60, retain: 1 << 20, write: sensorLine},
		},
		groups: []groupSpec{
			{name: "sensors-hasty", topics: []string{single}, protocol: Cooperative, fetch: fetching{wait: 20 * time.Millisecond, least: 1}},
			{name: "sensors-patient", topics: []string{batched}, protocol: Cooperative, fetch: fetching{wait: 2 * time.Second, least: 16 << 10}},
		},
		steps: []step{
			{caption: "Two topics get the same records. One producer sends each by itself ...", until: flows(single)},
			{caption: "... the other waits 400 ms (linger.ms) and compresses: 1 request for many.", until: flows(batched)},
			{caption: "Consumers as well: fetch.max.wait.ms 20 asks for ever, 2000 asks rarely.", do: first(crew("sensors-hasty", 1), crew("sensors-patient", 1)),
				until: all(shared("sensors-hasty", 1, 3, 3), shared("sensors-patient", 1, 3, 3))},
			{caption: "Waiting costs a little delay, and saves requests, disk and network.", until: all(behind("sensors-hasty", 0, 300), behind("sensors-patient", 0, 600))},
		},
	}
}

func pipeline() Scenario {
	const parse, search = "log-parser", "log-search"
	return Scenario{
		Name: "pipeline", Title: "Log collection: syslog and application logs through one pipeline", Focus: parse, uses: []string{"siem-forwarder", "log-archiver"},
		Look:   "t on logs.events: lines of hosts and services in one form",
		topics: []topicSpec{{name: "logs.events", partitions: 6, retain: 2 << 20}},
		groups: []groupSpec{
			{name: parse, topics: []string{"app.logs", "syslog"}, protocol: Cooperative, forward: "logs.events"},
			{name: search, topics: []string{"logs.events"}, protocol: Cooperative},
		},
		steps: []step{
			{caption: "Hosts write to syslog, services to app.logs. Others read both already."},
			{caption: "log-parser reads both from the first record on, into logs.events.", do: crew(parse, 2), until: all(shared(parse, 2, 6, 6), behind(parse, 0, 500))},
			{caption: "log-search reads what comes out: its own group, its own pace.", do: crew(search, 2), until: all(shared(search, 2, 3, 3), behind(search, 0, 500))},
			{caption: "It is taken down for a while: the records wait in the log, none is lost.", do: crew(search, 0), until: behind(search, 300, endless)},
			{caption: "It is back, and catches up where it had stopped.", do: crew(search, 2), until: drains(search, 300)},
		},
	}
}
