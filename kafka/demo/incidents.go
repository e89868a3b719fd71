package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"lagtop/kafka"
)

// The scenarios about what goes wrong.

// shops are three groups on one topic that differ in their protocol alone.
var shops = []groupSpec{
	{name: "shop-eager", topics: []string{"shop.events"}, protocol: Eager},
	{name: "shop-cooperative", topics: []string{"shop.events"}, protocol: Cooperative},
	{name: "shop-kip848", topics: []string{"shop.events"}, protocol: ServerSide},
}

func deploy() Scenario {
	var ready []until
	var join []does
	for _, g := range shops {
		ready = append(ready, shared(g.name, 3, 4, 4))
		join = append(join, crew(g.name, 3))
	}
	return Scenario{
		Name: "deploy", Title: "A rolling deploy: eager, cooperative and KIP-848 side by side", Focus: "shop-eager",
		Look:   "H on each of the three: partitions moved, and how long it was not stable",
		topics: []topicSpec{{name: "shop.events", partitions: 12, rate: 60, retain: 1 << 20, write: clickEvent}},
		groups: shops,
		steps: []step{
			{caption: "Three groups read shop.events, 12 partitions, with 3 consumers each.", do: first(join...), until: all(ready...)},
			{caption: "All are deployed at once: each consumer is restarted, one after the other.", do: rollShops, until: all(ready...), told: (*stage).toldGaps},
			{caption: "The eager group again, with static membership (group.instance.id).", do: rollStatic, until: ready[0], told: (*stage).toldGaps},
			{caption: "A static member that is back before its session ends keeps its partitions."},
		},
	}
}

// rollShops restarts the members of all three groups and notes how long their partitions had no owner.
func rollShops(ctx context.Context, s *stage) error {
	errs := make([]error, len(shops))
	var wg sync.WaitGroup
	for i, g := range shops {
		wg.Go(func() { errs[i] = s.roll(ctx, g.name) })
	}
	wg.Wait()
	for _, g := range shops {
		s.noteGaps("deploy", g.name)
	}
	return errors.Join(errs...)
}

func rollStatic(ctx context.Context, s *stage) error {
	name := shops[0].name
	if err := s.Rejoin(ctx, s.prefix+name, Eager, true); err != nil {
		return err
	}
	g, err := s.find(s.prefix + name)
	if err != nil {
		return err
	}
	for _, c := range g.members() {
		waitFor(c.joined, joinsWithin)
	}
	err = s.roll(ctx, name)
	s.noteGaps("static", name)
	return err
}

func (s *stage) roll(ctx context.Context, name string) error {
	if g, err := s.find(s.prefix + name); err == nil {
		g.gaps.restart(time.Now())
	}
	return s.Roll(ctx, s.prefix+name)
}

func (g *group) members() []*consumer {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]*consumer(nil), g.crew...)
}

func (s *stage) noteGaps(when, name string) {
	if g, err := s.find(s.prefix + name); err == nil {
		d, _ := g.gaps.sum()
		s.marks[when+" "+name] = d.Seconds()
	}
}

// toldGaps is how much of the partitions' time nobody read, of each group that was measured.
func (s *stage) toldGaps() string {
	text := "Partition-seconds unread:"
	for i, g := range shops {
		if i > 0 {
			text += ","
		}
		text += fmt.Sprintf(" %s %.1f", strings.TrimPrefix(g.name, "shop-"), s.marks["deploy "+g.name])
	}
	if v, ok := s.marks["static "+shops[0].name]; ok {
		text += fmt.Sprintf(", static %.1f", v)
	}
	return text
}

func poisoned() Scenario {
	const g, topic, partition = "order-fulfilment", "orders", 5
	return Scenario{
		Name: "poison", Title: "A poison record: one partition stands, its siblings go on", Focus: g, uses: []string{g},
		Look: "payments has had one since the start: i shows the record, o steps over it",
		steps: []step{
			{caption: "order-fulfilment keeps up with orders.", do: crew(g, 3), until: all(shared(g, 3, 4, 4), behind(g, 0, 200))},
			{
				caption: "A producer with a bug writes half a JSON record to orders/5.",
				do: func(ctx context.Context, s *stage) error {
					at, _, err := s.Poison(ctx, s.prefix+topic, partition)
					s.marks["poison"] = float64(at)
					return err
				},
				until: behind(g, 15, endless),
			},
			{caption: "Its consumer tries again and again. STALLED: one commit is flat.", until: judged(g, kafka.VerdictStalled)},
			{caption: "The finding says what sets poison apart: the same consumer reads the rest.", until: found(g, "poison-record")},
			{
				caption: "The way out: stop the group, step over it by one, start the group.",
				do: func(ctx context.Context, s *stage) error {
					of, err := s.find(s.prefix + g)
					if err != nil {
						return err
					}
					return s.skip(ctx, of, kafka.TopicPartition{Topic: s.prefix + topic, Partition: partition}, int64(s.marks["poison"]))
				},
				until: all(shared(g, 3, 4, 4), behind(g, 0, 200), healthy(g)),
			},
		},
	}
}

func hotKeyed() Scenario {
	const g, topic = "cart-pricing", "carts"
	skew := func(_ context.Context, s *stage) error {
		_, err := s.Skew(s.prefix + topic)
		return err
	}
	return Scenario{
		Name: "hot-key", Title: "A hot key: one partition gets most, more consumers do not help", Focus: g,
		Look:   "enter, Chart: the lag rose with 3 consumers and with 6, and fell after",
		topics: []topicSpec{{name: topic, partitions: 6, rate: 90, retain: 2 << 20, write: clickEvent}},
		groups: []groupSpec{{name: g, topics: []string{topic}, protocol: Eager, rate: 45}},
		steps: []step{
			{caption: "carts: keys spread evenly. 3 consumers that can do 45 records/s each keep up.", do: crew(g, 3), until: all(shared(g, 3, 2, 2), behind(g, 0, 300))},
			{caption: "One shop sends most carts now: the same key, so the same partition.", do: skew, until: behind(g, 200, endless)},
			{caption: "The finding names the partition, and how many times the mean it gets.", until: all(judged(g, kafka.VerdictFallingBehind), found(g, "hot-partition"))},
			{caption: "Scaling out to one consumer a partition ...", do: crew(g, 6), until: all(shared(g, 6, 1, 1), note(g))},
			{caption: "... does not help: the partition still has one reader, and the lag grows.", until: moved(g, 60)},
			{caption: "What helps is another key. The lag drains.", do: skew, until: drains(g, 300)},
		},
	}
}

func scaleOut() Scenario {
	const g = "log-archiver"
	return Scenario{
		Name: "scale-out", Title: "Too few consumers: scale out until the lag drains, with an ETA", Focus: g, uses: []string{g},
		Look: "the ETA of log-archiver: never before, a time now",
		steps: []step{
			{caption: "log-archiver: 60 records/s come in, 2 consumers do 20 each.", do: crew(g, 2), until: all(shared(g, 2, 3, 3), judged(g, kafka.VerdictFallingBehind))},
			{caption: "A third one: as much out as in. The lag stays where it is.", do: crew(g, 3), until: all(shared(g, 3, 2, 2), note(g))},
			{caption: "Six, one a partition: twice as fast as the producers. The lag shrinks.", do: crew(g, 6), until: all(shared(g, 6, 1, 1), note(g))},
			{caption: "Lag divided by the rate at which it shrinks is the ETA.", until: moved(g, -200)},
		},
	}
}

// lostBroker is the one that goes.
const lostBroker = 2

func brokerLoss() Scenario {
	const g = "web-indexer"
	replicated := func(whole bool) until {
		return func(_ *stage, now *kafka.Snapshot) string {
			for i := range now.Topics {
				for k := range now.Topics[i].Partitions {
					p := &now.Topics[i].Partitions[k]
					if whole && len(p.ISR) < len(p.Replicas) || !whole && (len(p.ISR) == len(p.Replicas) || p.Leader.V == lostBroker) {
						return fmt.Sprintf("%s/%d has %d of %d replicas in sync", now.Topics[i].Name, p.ID, len(p.ISR), len(p.Replicas))
					}
				}
			}
			return ""
		}
	}
	replica := func(_ *stage, now *kafka.Snapshot) string {
		for i := range now.Findings {
			if now.Findings[i].Rule == "under-replicated" {
				return ""
			}
		}
		return "the finding under-replicated"
	}
	return Scenario{
		Name: "broker-loss", Title: "A broker dies: leaders move, groups go on, replicas are missing", Focus: g, embedded: true, uses: []string{g},
		Look: "4, the brokers: leaders and groups moved away from broker 2 and are back",
		steps: []step{
			{caption: "Three brokers, three replicas of each partition, all in sync.", do: crew(g, 3), until: all(shared(g, 3, 4, 4), replicated(true))},
			{caption: "Broker 2 dies. The other replicas of its partitions take over as leaders.", until: replicated(false),
				do: func(ctx context.Context, s *stage) error { return s.StopBroker(ctx, lostBroker) }},
			{caption: "Every partition misses a replica: one more loss would hurt.", until: replica},
			{caption: "The consumers have found the new leaders and coordinators, and read on.", until: all(shared(g, 3, 4, 4), behind(g, 0, 600))},
			{caption: "Broker 2 is back: its replicas catch up, it leads its partitions again.", until: replicated(true),
				do: func(_ context.Context, s *stage) error {
					_, err := s.StartBroker()
					return err
				}},
		},
	}
}
