package demo

import "time"

// segmentBytes is small because memory comes back by whole segments.
const segmentBytes = 128 << 10

// historyPerPartition records are written before the fleet starts.
const historyPerPartition = 200

type topicSpec struct {
	name       string
	partitions int32
	rate       float64 // records/s, the mean
	retain     int     // bytes per partition, compressed; bounds the memory of a long demo
	write      writer
	unbatched  bool // its producer sends nearly every record by itself, as it is
}

// Keys go to partitions by their hash; every writer has keys enough for each partition to get some. What is retained
// costs about twice its size in memory, and lasts ten minutes at least: care looks once a minute whether a group
// stands in the first nearLoss part of a log. Of payments it is half an hour, so that the poison stays for a talk.
var topicSpecs = []topicSpec{
	{name: "web.access", partitions: 12, rate: 80, retain: 768 << 10, write: accessLine},
	{name: "orders", partitions: 12, rate: 30, retain: 512 << 10, write: orderEvent},
	{name: "app.logs", partitions: 6, rate: 60, retain: 1536 << 10, write: appLog},
	{name: "syslog", partitions: 6, rate: 30, retain: 640 << 10, write: syslogLine},
	{name: "payments", partitions: 6, rate: 24, retain: 1536 << 10, write: paymentEvent},
	{name: "clickstream", partitions: 6, rate: 40, retain: 512 << 10, write: clickEvent},
}

// The poison record: no consumer of payments can read the record there, and each one that meets it
// tries for ever, as a program does that retries without a limit.
const (
	poisonTopic     = "payments"
	poisonGroup     = "payments"
	poisonPartition = int32(3)
	poisonAt        = 0.75 // of the history
)

// archiverRate is what one consumer of log-archiver can do, in records/s: two of them lose against the
// producers of app.logs, three hold their ground and four gain.
const archiverRate = 20

type groupSpec struct {
	name    string
	topics  []string
	members int
	// caughtUp is the part of the history that is committed before anybody joins: 1 is all.
	// A share group has no commits.
	caughtUp float64
	protocol Protocol
	rate     float64           // records/s that one consumer can do; 0 is as many as come
	lenient  bool              // reads over what it cannot decode
	forward  string            // topic that its consumers write to what they have read
	fetch    fetching          // of franz-go's members; the zero value is that of the others
	configs  map[string]string // group configs
}

// fetching is how a consumer asks for records: fetch.max.wait.ms, fetch.min.bytes and max.partition.fetch.bytes.
type fetching struct {
	wait  time.Duration
	least int32 // bytes
	most  int32 // bytes; 0 is the client's own
}

var groupSpecs = []groupSpec{
	{name: "web-indexer", topics: []string{"web.access"}, members: 3, caughtUp: 1, protocol: Eager},
	{name: "order-fulfilment", topics: []string{"orders"}, members: 3, caughtUp: 1, protocol: Cooperative},
	{name: "siem-forwarder", topics: []string{"syslog"}, members: 2, caughtUp: 1, protocol: ServerSide},
	{name: "clickstream-sessions", topics: []string{"clickstream"}, members: 2, protocol: ShareGroup,
		configs: map[string]string{"share.auto.offset.reset": "earliest"}},
	{name: "log-archiver", topics: []string{"app.logs"}, members: 2, caughtUp: 0.25, protocol: Eager, rate: archiverRate},
	{name: poisonGroup, topics: []string{poisonTopic}, members: 3, caughtUp: 1, protocol: Eager},
	{name: "nightly-report", topics: []string{"orders", "payments"}, members: 0, caughtUp: 0.5, protocol: Eager, lenient: true},
}

// Protocol is how the members of a group come to their partitions.
type Protocol string

// The protocols.
const (
	Eager       Protocol = "range"
	Cooperative Protocol = "cooperative-sticky"
	ServerSide  Protocol = "KIP-848"
	ShareGroup  Protocol = "share"
)

// next is the one that a group changes to when asked for another.
func (p Protocol) next() Protocol {
	switch p {
	case Eager:
		return Cooperative
	case Cooperative:
		return ServerSide
	case ServerSide:
		return Eager
	}
	return p
}

// joiner is how a member of the protocol joins. Clusters that need a login have members of franz-go alone.
func (p Protocol) joiner(remote bool) joiner {
	switch p {
	case Cooperative:
		return cooperative
	case ServerSide:
		return serverSide
	case ShareGroup:
		return share
	}
	if remote {
		return eagerFranz
	}
	return eager
}
