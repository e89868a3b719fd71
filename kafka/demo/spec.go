package demo

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
}

// Keys go to partitions by their hash; every writer has keys enough for each partition to get some.
var topicSpecs = []topicSpec{
	{"web.access", 12, 80, 1 << 20, accessLine},
	{"orders", 12, 30, 1 << 20, orderEvent},
	{"app.logs", 6, 60, 3 << 20, appLog},
	{"syslog", 6, 30, 1 << 20, syslogLine},
	{"payments", 6, 24, 3 << 20, paymentEvent},
	{"clickstream", 6, 40, 1 << 20, clickEvent},
}

// The poison record: no consumer of payments can read the record there, and each one that meets it
// tries for ever, as a program does that retries without a limit.
const (
	poisonTopic     = "payments"
	poisonGroup     = "payments"
	poisonPartition = int32(3)
	poisonAt        = 0.75 // of the history
)

// slowRate is what one consumer of log-archiver can do, in records/s: two of them lose against the
// producers of app.logs, three hold their ground and four gain.
const slowRate = 20

type groupSpec struct {
	name    string
	topics  []string
	members int
	// caughtUp is the part of the history that is committed before anybody joins: 1 is all.
	// A share group has no commits.
	caughtUp float64
	join     joiner
	configs  map[string]string // group configs
}

var groupSpecs = []groupSpec{
	{name: "web-indexer", topics: []string{"web.access"}, members: 3, caughtUp: 1, join: eager(readAll)},
	{name: "order-fulfilment", topics: []string{"orders"}, members: 3, caughtUp: 1, join: cooperative},
	{name: "siem-forwarder", topics: []string{"syslog"}, members: 2, caughtUp: 1, join: serverSide},
	{name: "clickstream-sessions", topics: []string{"clickstream"}, members: 2, join: share,
		configs: map[string]string{"share.auto.offset.reset": "earliest"}},
	{name: "log-archiver", topics: []string{"app.logs"}, members: 2, caughtUp: 0.25, join: eager(readSlowly)},
	{name: poisonGroup, topics: []string{poisonTopic}, members: 3, caughtUp: 1, join: eager(readPayments)},
	{name: "nightly-report", topics: []string{"orders", "payments"}, members: 0, caughtUp: 0.5, join: eager(readAll)},
}
