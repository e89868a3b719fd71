package advise

import (
	"slices"
	"strconv"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/human"
	"lagtop/kafka/lag"
)

func topicRules() []rule[*log] {
	return []rule[*log]{
		{"hot-partition", "", hotPartition},
		{"partitions", parallel, partitionsCap},
		{"unused", parallel, unread},
		{"partitions-enough", parallel, partitionsEnough},
		{"compacted", "", compacted},
		{"batches-quiet", batches, quietBatches},
		{"batches-small", batches, smallBatches},
		{"batches-full", batches, fullBatches},
		{"batches-good", batches, goodBatches},
		{"recompressed", codec, recompressed},
		{"uncompressed", codec, uncompressed},
		{"mixed", codec, mixedCodecs},
		{"compressed", codec, compressed},
		{"transactions", "", shortTransactions},
		{"retention-short", kept, retentionShort},
		{"retention-none", kept, retentionNone},
		{"retention", kept, retention},
	}
}

// uneven produce rates count from twice the mean.
const hot = 2

func hotPartition(l *log) Advice {
	id, times := l.hottest()
	if !times.OK || times.V < hot {
		return Advice{}
	}
	p := l.Topic.Topic.Partition(id)
	a := Advice{
		Weight: Hint, Title: "One partition gets more than its share",
		Evidence: place(kafka.TopicPartition{Topic: l.Topic.Topic.Name, Partition: id}) + " gets " + human.Rate(p.In.V) + ", " +
			human.Number(times.V) + " times the mean of " + human.Plural(len(l.Topic.Topic.Partitions), "partition"),
		Suggestion: "Equal keys go to the same partition, and one consumer reads it: choose a key with more values, or none where order does not matter.",
		Settings:   []Setting{producer("partitioner.class")},
	}
	if slices.ContainsFunc(l.readers, func(r *reading) bool {
		p := r.group.Partition(kafka.TopicPartition{Topic: l.Topic.Topic.Name, Partition: id})
		return p != nil && waiting(p)
	}) {
		a.Weight = Limit
	}
	return a
}

// partitionsCap is for a topic where a group cannot grow any more.
func partitionsCap(l *log) Advice {
	for i := range l.readers {
		r := l.readers[i]
		if r.tasks() && r.settled() && r.behind() && len(r.owners) >= len(l.Topic.Topic.Partitions) {
			return Advice{
				Weight: Limit, Title: "Partitions are the limit",
				Evidence: r.group.Name + " has a consumer on each of " + human.Plural(len(l.Topic.Topic.Partitions), "partition") +
					r.standing(),
				Suggestion: r.morePartitions(),
			}
		}
	}
	return Advice{}
}

func unread(l *log) Advice {
	if len(l.readers) > 0 || l.Topic.Topic.Internal || l.Partial {
		return Advice{}
	}
	return Advice{
		Weight: Note, Title: "No group reads it",
		Evidence:   human.Plural(len(l.Topic.Topic.Partitions), "partition") + per(", ", l.in, " in"),
		Suggestion: "Up to " + human.Plural(len(l.Topic.Topic.Partitions), "consumer") + " of one group could share it. Readers without a group cannot be seen.",
	}
}

func partitionsEnough(l *log) Advice {
	n := len(l.Topic.Topic.Partitions)
	if n == 0 || len(l.readers) == 0 {
		return Advice{}
	}
	largest := slices.MaxFunc(l.readers, func(a, b *reading) int { return len(a.owners) - len(b.owners) })
	return Advice{
		Weight: Fine, Title: "Partitions are enough",
		Evidence: human.Plural(n, "partition") + per(", ", l.in, " in") + "; " + largest.group.Name + " has the most consumers on it, " +
			strconv.Itoa(len(largest.owners)),
		Suggestion: "A partition is the unit of parallelism: up to " + human.Plural(n, "consumer") + " of one group can share the topic.",
	}
}

func compacted(l *log) Advice {
	if !l.compacted() {
		return Advice{}
	}
	return Advice{
		Weight: Note, Title: "Compacted: the newest record of each key stays",
		Evidence:   "offsets have gaps where records were removed, so lag is more than what is left to read",
		Suggestion: "Do not add partitions: keys would move, and their old values stay behind in the old ones.",
		Settings:   []Setting{l.setting("cleanup.policy")},
	}
}

// seen says what the numbers of a sample are drawn from.
func (l *log) seen() string {
	return " in the newest " + human.Plural(l.sample.batches, "batch") + " of " + human.Plural(l.sample.partitions, "partition")
}

// Short transactions: a marker for fewer than so many batches.
const batchesAMarker = 4

func shortTransactions(l *log) Advice {
	s := &l.sample
	if s.markers < batchesAMarker || s.batches > batchesAMarker*s.markers {
		return Advice{}
	}
	return Advice{
		Weight: Hint, Title: "Transactions are short",
		Evidence:   human.Plural(s.markers, "marker") + " of transactions beside " + human.Plural(s.batches, "batch") + "; each takes an offset, which counts as lag",
		Suggestion: "Put more records into a transaction; in Kafka Streams raise commit.interval.ms (100 ms with exactly_once_v2). It costs delay.",
		Settings:   []Setting{producer("commit.interval.ms")},
	}
}

// retentionShort compares how old the oldest unread record is with how long records are kept.
func retentionShort(l *log) Advice {
	keep := l.kept()
	if !keep.OK || keep.V < 0 || l.setting("cleanup.policy").Present.V == "compact" {
		return Advice{}
	}
	for i := range l.readers {
		r := l.readers[i]
		if !r.in.OK || r.in.V <= 0 || r.lag.Known == 0 || !r.behind() {
			continue
		}
		old := time.Duration(float64(r.lag.V) / r.in.V * float64(time.Second))
		if old < keep.V/2 {
			continue
		}
		a := Advice{
			Weight: Limit, Title: "Records may be deleted before they are read",
			Evidence: r.group.Name + " is behind by what is produced in " + human.Span(old) + "; records are kept " + human.Span(keep.V) +
				", it will be caught up " + whenever(r.horizon()),
			Suggestion: "Raise retention.ms until the group has caught up.",
			Settings:   []Setting{l.setting("retention.ms")},
		}
		return a
	}
	return Advice{}
}

func whenever(h lag.Horizon) string {
	if h == lag.UnknownHorizon {
		return "nobody knows when"
	}
	return when(h)
}

func retentionNone(l *log) Advice {
	keep, bytes := l.kept(), l.number("retention.bytes")
	if l.compacted() || !keep.OK || keep.V >= 0 || !bytes.OK || bytes.V >= 0 {
		return Advice{}
	}
	return Advice{
		Weight: Hint, Title: "Nothing is ever deleted",
		Evidence:   "neither age nor size ends the life of a record" + l.growth(24*time.Hour, " a day"),
		Suggestion: "Set retention.ms or retention.bytes if that is not meant; a disk that fills up stops its broker.",
		Settings:   []Setting{l.setting("cleanup.policy"), l.setting("retention.ms"), l.setting("retention.bytes")},
	}
}

func retention(l *log) Advice {
	keep := l.kept()
	if !keep.OK || l.setting("cleanup.policy").Present.V == "compact" {
		return Advice{}
	}
	a := Advice{
		Weight: Fine, Title: "What is kept",
		Evidence:   "records are kept for ever, up to a size",
		Suggestion: "A group may be behind by no more than that; what is older is gone for it.",
		Settings:   []Setting{l.setting("cleanup.policy"), l.setting("retention.ms"), l.setting("retention.bytes")},
	}
	switch size, full := l.filledIn(); {
	case full.OK && (keep.V < 0 || full.V < keep.V):
		a.Evidence = "records are kept " + human.Span(full.V) + ": by then a partition holds its " + human.Bytes(size) +
			" at " + human.Rate(l.in.V) + " of " + human.Bytes(int64(l.sample.perRecord().V))
	case keep.V >= 0:
		a.Evidence = "records are kept " + human.Span(keep.V) + l.growth(keep.V, " in that time")
	}
	return a
}

// filledIn is the size that a partition may have, and how long the present rate takes to fill it.
func (l *log) filledIn() (size int64, full kafka.Known[time.Duration]) {
	limit, record, rate := l.number("retention.bytes"), l.sample.perRecord(), l.perPartition()
	if !limit.OK || limit.V < 0 || !record.OK || !rate.OK || rate.V <= 0 {
		return 0, kafka.Known[time.Duration]{}
	}
	return limit.V, lag.ETA(limit, kafka.Some(0.0), kafka.Some(rate.V*record.V)).Duration()
}

// growth is how much disk the present rate takes, where rate and size of a record are measured.
func (l *log) growth(d time.Duration, what string) string {
	size := l.sample.perRecord()
	if !l.in.OK || !size.OK || l.in.V <= 0 {
		return ""
	}
	one := size.V * l.in.V * d.Seconds()
	return ": at " + human.Rate(l.in.V) + " of " + human.Bytes(int64(size.V)) + " about " + human.Bytes(int64(one)) + what +
		" on each of " + human.Plural(l.Topic.Topic.ReplicationFactor(), "replica")
}

func place(tp kafka.TopicPartition) string { return tp.Topic + "/" + strconv.Itoa(int(tp.Partition)) }

// per words a rate, or nothing where it is not known.
func per(before string, r kafka.Known[float64], after string) string {
	if !r.OK {
		return ""
	}
	return before + human.Rate(r.V) + after
}

// records is a mean number of records.
func records(n float64) string {
	if s := human.Number(n); s != "1" {
		return s + " records"
	}
	return "1 record"
}
