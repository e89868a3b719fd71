package advise

import (
	"time"

	"lagtop/kafka/human"
)

// Defaults of the Java client, which most applications leave as they are. What an application has set is not
// known to any broker.
const (
	pollRecords  = 500              // max.poll.records
	pollInterval = 5 * time.Minute  // max.poll.interval.ms
	batchSize    = 16384            // batch.size, bytes
	gather       = 0.05             // seconds: a linger.ms that hardly anybody notices
	fetchWait    = 0.1              // seconds: how long a fetch may well wait
	longPoll     = 30 * time.Second // for the records of one poll: too near to pollInterval when one is slow
)

// slowRecords is for consumers that may not be back in time for the next poll.
func slowRecords(c *reading) Advice {
	if !c.pace.OK || !c.settled() || !c.tasks() {
		return Advice{}
	}
	took := time.Duration(pollRecords / c.pace.V * float64(time.Second))
	if took < longPoll {
		return Advice{}
	}
	return Advice{
		Weight: Hint, Title: "Each record takes long",
		Evidence: "a busy consumer does " + human.Rate(c.pace.V) + ": a poll of 500 records (the default) takes " + human.Span(took) +
			", and after " + human.Span(pollInterval) + " (the default) the group takes its partitions away",
		Suggestion: "Lower max.poll.records so that a poll is done well within max.poll.interval.ms; measure what a record waits for.",
		Settings:   []Setting{consumer("max.poll.records"), consumer("max.poll.interval.ms")},
	}
}

// smallPolls is for fast consumers that are behind.
func smallPolls(c *reading) Advice {
	if !c.pace.OK || !c.behind() || !c.settled() || !c.tasks() || c.pace.V < 4*pollRecords {
		return Advice{}
	}
	a := Advice{
		Weight: Hint, Title: "Polls and fetches may be too small",
		Evidence:   "a busy consumer does " + human.Rate(c.pace.V) + ": " + human.Number(c.pace.V/pollRecords) + " polls a second of 500 records (the default)",
		Suggestion: "If it handles records in bulk, raise max.poll.records; if its network is idle, raise max.partition.fetch.bytes (1 MiB by default).",
		Settings:   []Setting{consumer("max.poll.records"), consumer("max.partition.fetch.bytes")},
	}
	if b := c.sample.perRecord(); b.OK {
		a.Evidence += "; with " + human.Bytes(int64(b.V)) + " a record it reads " + human.Bytes(int64(b.V*c.pace.V)) + "/s"
	}
	return a
}

// smallFetches is for groups that keep up: while records wait, a fetch is full anyhow.
func smallFetches(c *reading) Advice {
	per, size := c.sample.perBatch(), c.sample.perRecord()
	if c.behind() || !c.settled() || !c.tasks() || !per.OK || per.V >= fewRecords || !c.in.OK || c.in.V/float64(max(len(c.owners), 1)) < 2*pollRecords {
		return Advice{}
	}
	each := c.in.V / float64(len(c.owners))
	return Advice{
		Weight: Hint, Title: "Fetches are as small as the batches",
		Evidence: human.Rate(each) + " a consumer in batches of " + records(per.V) + ": with fetch.min.bytes 1 (the default) a broker answers as soon as one is there",
		Suggestion: "fetch.min.bytes " + human.Bytes(int64(each*size.V*fetchWait)) + " would gather about " + human.Count(int64(each*fetchWait)) +
			" records a fetch and spare brokers and consumers work; it costs up to fetch.max.wait.ms (500 ms by default) of delay.",
		Settings: []Setting{consumer("fetch.min.bytes"), consumer("fetch.max.wait.ms")},
	}
}

// unseen says what nobody can see from here, once.
func unseen(c *reading) Advice {
	if !c.reads() || !c.tasks() || len(c.group.Members) == 0 {
		return Advice{}
	}
	return Advice{
		Weight: Fine, Title: "What the consumers set themselves",
		Evidence:   "no broker knows these; nothing that can be measured from here asks for a change",
		Suggestion: "Larger fetches and polls bring throughput and cost delay; smaller ones the other way round.",
		Settings:   []Setting{consumer("fetch.min.bytes"), consumer("fetch.max.wait.ms"), consumer("max.poll.records")},
	}
}
