package advise

import (
	"slices"
	"testing"

	"lagtop/kafka"
	"lagtop/kafka/lag"
)

// Rates in the tables: a partition gets 100/s, and a consumer that is busy does what its partitions' out sum up to.
func groupRows() map[string]row {
	unknown := func(w *world) {
		for i := range w.group.Partitions {
			w.group.Partitions[i].In, w.group.Partitions[i].Out = kafka.Known[float64]{}, kafka.Known[float64]{}
		}
	}
	return map[string]row{
		"more consumers can help": {
			world: shared(3, 12, part{lag: 60_000, in: 100, out: 60}), rule: "consumers-limit", weight: Limit,
			says: []string{"Consumers are the limit", "3 consumers share 12 partitions, 720k records wait, 1.2k/s in, 720/s out; a busy one does 240/s",
				"up to 9 more", "From 6 in all they outrun", "GAIN with 9 more consumers as fast as the present ones up to 2.9k/s: caught up in 7 min instead of never"},
			silent: []string{"partitions-limit", "keeps-up", "idle", "uneven", "crowded"},
		},
		"even one a partition is too few": {
			world: shared(2, 4, part{lag: 60_000, in: 100, out: 10}), rule: "consumers-limit", weight: Limit,
			says: []string{"up to 2 more", "still not enough to keep up: 21 would be"},
		},
		"rates are not known": {
			world: shared(3, 12, part{lag: 60_000}).with(unknown), rule: "consumers-limit", weight: Limit,
			says: []string{"rates are not known yet", "up to 9 more"},
		},
		"partitions are the limit": {
			world: shared(4, 4, part{lag: 60_000, in: 100, out: 60}), rule: "partitions-limit", weight: Limit,
			says:   []string{"Partitions are the limit", "each of 4 partitions has a consumer of its own", "More consumers cannot help", "or add partitions: keys then move"},
			silent: []string{"consumers-limit", "keeps-up"},
		},
		"partitions are the limit of a compacted topic": {
			world: shared(4, 4, part{lag: 60_000, in: 100, out: 60}).set("cleanup.policy", "compact"), rule: "partitions-limit", weight: Limit,
			says: []string{"Do not add partitions to a compacted topic"},
		},
		"as many consumers as partitions": {
			world: shared(4, 4, part{lag: 5, in: 100, out: 100}), rule: "partitions-limit", weight: Fine,
			says: []string{"As many consumers as partitions", "Nothing to do"},
		},
		"too many consumers": {
			world: shared(4, 4, part{lag: 5, in: 100, out: 100}).with(func(w *world) { w.group.Members = append(w.group.Members, kafka.Member{ID: "x"}) }),
			rule:  "idle", weight: Note, says: []string{"More consumers than partitions", "1 of 5 consumers have nothing to read", "Stop them"},
			silent: []string{"partitions-limit", "keeps-up"},
		},
		"too many consumers, and still behind": {
			world: shared(4, 4, part{lag: 60_000, in: 100, out: 60}).with(func(w *world) { w.group.Members = append(w.group.Members, kafka.Member{ID: "x"}) }),
			rule:  "idle", weight: Limit, says: []string{"Partitions are the limit", "More consumers cannot help"},
		},
		"members that cannot be decoded are not idle": {
			world: shared(4, 4, part{lag: 5, in: 100, out: 100}).with(func(w *world) {
				w.group.Members = append(w.group.Members, kafka.Member{ID: "x", Opaque: "not decodable"})
			}),
			silent: []string{"idle"},
		},
		"one consumer for all": {
			world: shared(1, 3, part{lag: 5, in: 100, out: 100}), rule: "keeps-up", weight: Fine, says: []string{"1 consumer has all 3 partitions"},
		},
		"keeps up": {
			world: shared(3, 12, part{lag: 50, in: 100, out: 100}), rule: "keeps-up", weight: Fine,
			says: []string{"up to 9 more"}, silent: []string{"consumers-limit", "crowded", "small-polls"},
		},
		"what is in flight is not behind": {
			world: shared(3, 12, part{lag: 900, in: 100, out: 100}), rule: "keeps-up", weight: Fine,
		},
		"lag is not known": {
			world: shared(3, 12, part{}).with(func(w *world) {
				for i := range w.group.Partitions {
					w.group.Partitions[i].Lag = kafka.Known[int64]{}
				}
			}),
			silent: []string{"keeps-up", "consumers-limit"},
		},
		"hot partition": {
			world: living(2, part{5, 10, 10, 0}, part{90_000, 900, 500, 0}, part{5, 10, 10, 1}), rule: "one-partition", weight: Limit,
			says:   []string{"orders/1 holds 90k of 90k waiting records, 900/s in, 500/s out; its consumer has 1 more", "one of its own"},
			silent: []string{"consumers-limit"},
		},
		"one partition stands still": {
			world: living(2, part{5, 10, 10, 0}, part{90_000, 900, 0, 0}, part{5, 10, 10, 1}), rule: "standing", weight: Limit,
			says: []string{"orders/1 hardly moves: 90k of 90k waiting records", "not a matter of throughput"}, silent: []string{"one-partition"},
		},
		"only stalled partitions have a backlog": {
			world: living(2, part{5, 10, 10, 0}, part{900, 10, 0, 0}, part{600, 10, 0, 1}, part{5, 10, 10, 1}), rule: "standing", weight: Limit,
			says:   []string{"Commits stand still", "orders/1 and 1 more hardly move: 1.5k of 1.5k waiting records", "more consumers do not help"},
			silent: []string{"consumers-limit", "partitions-limit"},
		},
		"most of the backlog in a stalled partition": {
			world: living(2, part{5, 10, 10, 0}, part{90_000, 900, 0, 0}, part{600, 10, 10, 1}), rule: "one-partition", weight: Limit,
			says: []string{"hardly moves", "not a matter of throughput"}, silent: []string{"standing"},
		},
		"a stalled partition beside one that is only slow": {
			world: living(2, part{900, 10, 0, 0}, part{5, 10, 10, 0}, part{60_000, 100, 60, 1}, part{60_000, 100, 60, 1}), rule: "consumers-limit", weight: Limit,
			silent: []string{"standing"},
		},
		"empty group with a backlog": {
			world: shared(0, 6, part{lag: 60_000, in: 100}).with(func(w *world) { w.group.State = kafka.StateEmpty }), rule: "empty", weight: Limit,
			says: []string{"no members, 360k records wait", "up to 6 consumers"}, silent: []string{"unowned", "unseen", "keeps-up"},
		},
		"empty group with nothing to read": {
			world: shared(0, 1, part{}).with(func(w *world) { w.group.State = kafka.StateEmpty }), rule: "empty", weight: Note,
			says: []string{"up to 1 consumer can"},
		},
		"manual assignment": {
			world: shared(0, 6, part{lag: 5, in: 100, out: 90}).with(func(w *world) { w.group.State = kafka.StateEmpty }), rule: "manual", weight: Note,
			says: []string{"commits move at 540/s"}, silent: []string{"empty"},
		},
		"partitions without a consumer": {
			world: living(1, part{5, 1, 1, 0}, part{900, 1, 0, -1}), rule: "unowned", weight: Limit, says: []string{"1 of 2 partitions belong to no consumer (1)"},
		},
		"rebalancing": {
			world: shared(3, 12, part{lag: 60_000, in: 100}).with(func(w *world) { w.group.State = kafka.StatePreparingRebalance }), rule: "rebalancing", weight: Note,
			silent: []string{"consumers-limit", "uneven", "idle"},
		},
		"uneven": {
			world: living(2, part{5, 1, 1, 0}, part{5, 1, 1, 0}, part{5, 1, 1, 0}, part{5, 1, 1, 1}), rule: "uneven", weight: Note,
			says: []string{"payments-1 has 3 partitions, another consumer 1 (assignor range)", "partition.assignment.strategy=not visible"},
		},
		"one more is even": {
			world: living(2, part{5, 1, 1, 0}, part{5, 1, 1, 0}, part{5, 1, 1, 1}), silent: []string{"uneven"},
		},
		"consumers on one host": {
			world: shared(3, 12, part{lag: 60_000, in: 100, out: 60}).with(func(w *world) { w.group.Members[2].Host = w.group.Members[0].Host }),
			rule:  "crowded", weight: Note, says: []string{"2 of 3 consumers come from 10.0.0.0"},
		},
		"slow records": {
			world: shared(2, 4, part{lag: 60_000, in: 100, out: 2}), rule: "slow-records", weight: Hint,
			says: []string{"a busy consumer does 4/s: a poll of 500 records (the default) takes 2 min", "max.poll.records=not visible"},
		},
		"a consumer that is stuck in one partition is not slow": {
			world: living(2, part{5, 4, 4, 0}, part{300, 4, 0.1, 0}, part{5, 4, 4, 1}), rule: "standing", weight: Limit,
			says: []string{"hardly moves"}, silent: []string{"slow-records"},
		},
		"a consumer that stalled is not slow": {
			world: living(2, part{5, 4, 4, 0}, part{300, 4, 1, 0}, part{5, 4, 4, 1}).with(func(w *world) {
				w.group.Partitions[1].Verdict.Kind = kafka.VerdictStalled
			}),
			silent: []string{"slow-records"},
		},
		"fast consumers": {
			world: shared(2, 4, part{lag: 600_000, in: 9000, out: 4000}).written(5, batch(50, 10_000, kafka.CodecLZ4)), rule: "small-polls", weight: Hint,
			says: []string{"8.0k/s: 16 polls a second", "200 B a record it reads 1.6 MB/s", "max.partition.fetch.bytes=not visible"},
		},
		"small fetches": {
			world: shared(2, 4, part{lag: 5, in: 2000, out: 2000}).written(5, batch(2, 400, kafka.CodecLZ4)), rule: "small-fetches", weight: Hint,
			says: []string{"4.0k/s a consumer in batches of 2 records", "fetch.min.bytes 80 kB would gather about 400 records", "fetch.min.bytes=not visible fetch.max.wait.ms=not visible"},
		},
		"nothing to change at the consumers": {
			world: shared(3, 12, part{lag: 5, in: 1, out: 1}), rule: "unseen", weight: Fine,
			says: []string{"fetch.min.bytes=not visible fetch.max.wait.ms=not visible max.poll.records=not visible"},
		},
		"share group": {
			world: shared(3, 2, part{lag: 60_000, in: 100, out: 60}).with(func(w *world) { w.group.Type, w.group.ProtocolType = kafka.Share, "" }), rule: "share", weight: Note,
			silent: []string{"idle", "partitions-limit", "consumers-limit", "unseen"},
		},
		"streams group": {
			world: shared(3, 12, part{lag: 60_000, in: 100, out: 60}).with(func(w *world) { w.group.Type, w.group.ProtocolType = kafka.Streams, "" }), rule: "streams", weight: Note,
			says: []string{"num.stream.threads"},
		},
		"connect": {
			world: shared(3, 12, part{lag: 60_000, in: 100, out: 60}).with(func(w *world) { w.group.ProtocolType = "connect" }), rule: "other-protocol", weight: Note,
			says: []string{"tasks.max"}, silent: []string{"consumers-limit"},
		},
	}
}

func TestAdviceForGroups(t *testing.T) { check(t, groupRows(), (*world).ofGroup) }

func topicRows() map[string]row {
	behind := part{lag: 60_000, in: 100, out: 60}
	fine := part{lag: 5, in: 100, out: 100}
	return map[string]row{
		"hot partition": {
			world: living(1, part{5, 10, 10, 0}, part{5, 10, 10, 0}, part{50, 900, 900, 0}), rule: "hot-partition", weight: Hint,
			says: []string{"orders/2 gets 900/s, 2.9 times the mean of 3 partitions", "partitioner.class=not visible"},
		},
		"hot partition that a group cannot follow": {
			world: living(1, part{5, 10, 10, 0}, part{5, 10, 10, 0}, part{50_000, 900, 500, 0}), rule: "hot-partition", weight: Limit,
		},
		"even partitions": {world: shared(1, 3, fine), silent: []string{"hot-partition"}},
		"a quiet topic has no hot partition": {
			world: living(1, part{5, 0.2, 0, 0}, part{5, 0, 0, 0}, part{5, 0, 0, 0}), silent: []string{"hot-partition"},
		},
		"partitions are the limit": {
			world: shared(4, 4, behind), rule: "partitions", weight: Limit, says: []string{"payments has a consumer on each of 4 partitions"},
			silent: []string{"partitions-enough"},
		},
		"partitions are enough": {
			world: shared(3, 4, behind), rule: "partitions-enough", weight: Fine,
			says: []string{"4 partitions, 400/s in; payments has the most consumers on it, 3", "up to 4 consumers of one group"},
		},
		"nobody reads it": {
			world: shared(3, 4, behind).with(func(w *world) { w.group.Partitions = nil }), rule: "unused", weight: Note, says: []string{"No group reads it"},
		},
		"compacted": {
			world: shared(1, 2, fine).set("cleanup.policy", "compact"), rule: "compacted", weight: Note,
			says: []string{"lag is more than", "cleanup.policy=compact"}, silent: []string{"retention", "retention-none", "retention-short"},
		},
		"small batches": {
			world: shared(1, 2, fine).written(8, batch(1, 110, kafka.CodecLZ4)), rule: "batches-small", weight: Hint,
			says: []string{"1 record and 110 B a batch in the newest 8 batches of 1 partition", "linger.ms=50 gathers up to 5 records a batch",
				"linger.ms=not visible batch.size=not visible"},
			silent: []string{"batches-quiet", "batches-good"},
		},
		"small batches of many producers": {
			world: shared(1, 2, fine).written(4, kafka.Batch{Records: kafka.Some(1), Bytes: 90, ProducerID: kafka.Some[int64](1)}).
				written(4, kafka.Batch{Records: kafka.Some(1), Bytes: 90, ProducerID: kafka.Some[int64](2)}),
			rule: "batches-small", weight: Hint, says: []string{"of at least 2 producers", "up to 2.5 records a batch and producer"},
		},
		"too quiet for batches": {
			world: shared(1, 2, part{in: 3}).written(8, batch(1, 110, kafka.CodecLZ4)), rule: "batches-quiet", weight: Fine,
			says: []string{"a partition gets 3/s"}, silent: []string{"batches-small"},
		},
		"large records are no small batches": {
			world: shared(1, 2, fine).written(8, batch(1, 9000, kafka.CodecLZ4)), rule: "batches-good", weight: Fine, silent: []string{"batches-small"},
		},
		"full batches": {
			world: shared(1, 2, fine).written(8, batch(80, 16_300, kafka.CodecLZ4)), rule: "batches-full", weight: Hint, says: []string{"batch.size=not visible"},
		},
		"batches above what is read": {
			world: shared(1, 2, fine).with(func(w *world) { w.batches = []kafka.NewestBatches{{Large: true}} }), rule: "batches-good", weight: Fine,
			says: []string{"above 64 KiB"}, silent: []string{"uncompressed", "compressed"},
		},
		"no batches were read": {world: shared(1, 2, fine), silent: []string{"batches-good", "batches-small", "compressed", "uncompressed", "retention"}},
		"not compressed": {
			world: shared(1, 2, fine).set("compression.type", "producer").written(6, batch(80, 8_000, kafka.CodecNone)).written(2, batch(80, 8_000, kafka.CodecLZ4)),
			rule:  "uncompressed", weight: Hint, says: []string{"6 of 8 batches are not, 100 B a record", "compression.type=producer compression.type=not visible"},
			silent: []string{"mixed", "compressed"},
		},
		"not compressed and small": {
			world: shared(1, 2, fine).written(6, batch(1, 100, kafka.CodecNone)), rule: "uncompressed", weight: Hint, says: []string{"make batches larger first"},
		},
		"not compressed, but hardly anything comes in": {
			world: shared(1, 2, part{in: 20}).written(6, batch(80, 8_000, kafka.CodecNone)), rule: "uncompressed", weight: Note,
			says: []string{"at 4.0 kB/s it would save next to nothing"},
		},
		"what brokers write themselves": {
			world: living(1, part{5, 0, 0, 0}, part{5, 90, 90, 0}).written(6, batch(1, 80, kafka.CodecNone)).set("cleanup.policy", "compact").
				with(func(w *world) { w.topic.Internal = true }),
			rule: "compacted", weight: Note, silent: []string{"hot-partition", "uncompressed", "batches-small", "batches-quiet"},
		},
		"mixed codecs": {
			world: shared(1, 2, fine).written(1, batch(80, 8_000, kafka.CodecZstd)).written(2, batch(80, 8_000, kafka.CodecLZ4)),
			rule:  "mixed", weight: Note, says: []string{"lz4 2, zstd 1"},
		},
		"a few batches that were not worth compressing": {
			world: shared(1, 2, fine).written(2, batch(1, 80, kafka.CodecNone)).written(79, batch(80, 8_000, kafka.CodecSnappy)),
			rule:  "compressed", weight: Fine, says: []string{"none 2, snappy 79"}, silent: []string{"mixed"},
		},
		"compressed": {
			world: shared(1, 2, fine).written(2, batch(80, 8_000, kafka.CodecLZ4)), rule: "compressed", weight: Fine, says: []string{"lz4 2, 100 B a record"},
		},
		"the broker compresses": {
			world: shared(1, 2, fine).set("compression.type", "gzip").written(2, batch(80, 8_000, kafka.CodecGzip)), rule: "recompressed", weight: Note,
			says: []string{"compression.type=gzip"}, silent: []string{"compressed", "mixed"},
		},
		"the broker forbids compression": {
			world: shared(1, 2, fine).set("compression.type", "uncompressed"), rule: "recompressed", weight: Hint, says: []string{"Set the topic's to producer"},
		},
		"short transactions": {
			world: shared(1, 2, fine).written(5, batch(2, 200, kafka.CodecLZ4)).written(5, kafka.Batch{Control: true, Records: kafka.Some(1), Bytes: 78}),
			rule:  "transactions", weight: Hint, says: []string{"5 markers of transactions beside 5 batches"},
		},
		"markers are no batches": {
			world: shared(1, 2, fine).written(5, kafka.Batch{Control: true, Records: kafka.Some(1), Bytes: 78}), silent: []string{"uncompressed", "batches-small", "batches-quiet"},
		},
		"retention": {
			world: shared(1, 2, fine).set("retention.ms", "604800000").written(5, batch(10, 5000, kafka.CodecLZ4)), rule: "retention", weight: Fine,
			says: []string{"kept 7 days: at 200/s of 500 B about 60 GB in that time on each of 3 replicas", "cleanup.policy=delete retention.ms=604800000 retention.bytes=-1"},
		},
		"retention is too short for a backlog": {
			world: shared(1, 2, behind).set("retention.ms", "900000"), rule: "retention-short", weight: Limit,
			says: []string{"payments is behind by what is produced in 10 min; records are kept 15 min, it will be caught up never", "retention.ms=900000"}, silent: []string{"retention"},
		},
		"retention is long enough": {world: shared(1, 2, behind).set("retention.ms", "86400000"), silent: []string{"retention-short"}},
		"nothing is deleted": {
			world: shared(1, 2, fine).set("retention.ms", "-1").written(5, batch(10, 5000, kafka.CodecLZ4)), rule: "retention-none", weight: Hint,
			says: []string{"about 8.6 GB a day"},
		},
		"the size ends it before the age": {
			world: shared(1, 2, fine).set("retention.ms", "7200000").set("retention.bytes", "3000000").written(5, batch(10, 5000, kafka.CodecLZ4)),
			rule:  "retention", weight: Fine, says: []string{"records are kept 1 min: by then a partition holds its 3.0 MB at 200/s of 500 B"},
		},
		"the age ends it before the size": {
			world: shared(1, 2, fine).set("retention.ms", "60000").set("retention.bytes", "3000000000").written(5, batch(10, 5000, kafka.CodecLZ4)),
			rule:  "retention", weight: Fine, says: []string{"records are kept 1 min: at 200/s of 500 B about 6.0 MB"},
		},
		"kept up to a size": {
			world: shared(1, 2, fine).set("retention.ms", "-1").set("retention.bytes", "1000000"), rule: "retention", weight: Fine, silent: []string{"retention-none"},
		},
	}
}

func TestAdviceForTopics(t *testing.T) { check(t, topicRows(), (*world).ofTopic) }

func TestEveryRuleHasARow(t *testing.T) {
	said := map[string]bool{}
	for _, r := range groupRows() {
		said["group "+r.rule] = true
	}
	for _, r := range topicRows() {
		said["topic "+r.rule] = true
	}
	for _, r := range groupRules() {
		if !said["group "+r.id] {
			t.Errorf("no row for group rule %s", r.id)
		}
	}
	for _, r := range topicRules() {
		if !said["topic "+r.id] {
			t.Errorf("no row for topic rule %s", r.id)
		}
	}
}

func TestWhatLimitsComesFirst(t *testing.T) {
	w := shared(1, 3, part{lag: 90_000, in: 100, out: 60}).set("retention.ms", "60000").written(5, batch(1, 100, kafka.CodecNone))
	for _, as := range [][]Advice{w.ofGroup(), w.ofTopic()} {
		if len(as) < 2 || as[0].Weight != Limit || !slices.IsSortedFunc(as, func(a, b Advice) int { return int(b.Weight) - int(a.Weight) }) {
			t.Errorf("order %s", texts(as))
		}
	}
}

func TestNothingIsSaidOfWhatIsNotThere(t *testing.T) {
	if as := OfGroup(&kafka.Group{}, Topic{}); as != nil {
		t.Errorf("%s", texts(as))
	}
	if as := ForTopic(Topic{}, nil); as != nil {
		t.Errorf("%s", texts(as))
	}
	w := living(1)
	if as := w.ofGroup(); len(as) > 0 {
		t.Errorf("a group that does not read the topic: %s", texts(as))
	}
	if as := ForTopic(Topic{Topic: &kafka.Topic{Name: "x", Internal: true}}, nil); len(as) > 0 {
		t.Errorf("a topic without partitions: %s", texts(as))
	}
}

func TestGainIsBoundByTheSlowestPartition(t *testing.T) {
	w := living(1, part{60_000, 10, 100, 0}, part{600, 10, 100, 0})
	l := newLog(w.known())
	c := newReading(&w.group, &l)
	g := c.gain(1)
	if !g.OK || g.V.Out != 400 || g.V.Then != lag.ETA(kafka.Some[int64](60_000), kafka.Some(10.0), kafka.Some(200.0)) {
		t.Errorf("%+v", g)
	}
	slow := living(1, part{60_000, 300, 100, 0}, part{600, 1, 100, 0})
	l = newLog(slow.known())
	c = newReading(&slow.group, &l)
	if g := c.gain(1); g.OK && g.V.Then != lag.Never {
		t.Errorf("a partition that gets more than one consumer can read is caught up with: %+v", g)
	}
}

func TestNothingIsSaidOfReadersWhileGroupsAreLeftOut(t *testing.T) {
	topic := Topic{Topic: &kafka.Topic{Name: "orders", Partitions: []kafka.Partition{{}}}}
	for partial, want := range map[bool]bool{false: true, true: false} {
		topic.Partial = partial
		said := slices.ContainsFunc(ForTopic(topic, nil), func(a Advice) bool { return a.Title == "No group reads it" })
		if said != want {
			t.Errorf("with groups left out %v: said %v", partial, said)
		}
	}
}
