package kafka

import "time"

// Purpose is why a request is sent to a broker.
type Purpose uint8

// The purposes, in the order in which they are shown.
const (
	PurposePoll   Purpose = iota // for the next snapshot
	PurposeAside                 // beside the polls: ages, transactions, what moves slowly
	PurposeLookUp                // facts of what is looked at
	PurposeTail                  // records
	PurposeAct                   // what a person asked to be done, and the reads that belong to it
	PurposeTest                  // tries whether an address answers
	Purposes                     // how many there are
)

// String is one word for it.
func (p Purpose) String() string {
	return [...]string{"poll", "beside", "look up", "tail", "act", "test"}[p]
}

// RequestSum adds requests up.
type RequestSum struct {
	Count  int
	Errors int   // without an answer that could be read; error codes inside answers are not among them
	Out    int64 // bytes
	In     int64 // bytes of answers that came whole
}

// RequestRow is one API of one broker within the window of a RequestReport.
type RequestRow struct {
	Addr    string // host:port
	API     string // Kafka's own name; RequestConnect for connections that failed
	Version int16  // the last one that was sent
	RequestSum
	By      [Purposes]int         // of Count
	Waiting int                   // not answered yet
	Oldest  time.Duration         // how long the first of those waits
	P50     Known[time.Duration]  // from the first byte sent to the last byte of the answer, or to the failure
	Max     Known[time.Duration]  // the same
	Failure Known[RequestFailure] // the last one
}

// RequestConnect stands for an API in the row of connections that failed. They are errors but no requests.
const RequestConnect = "connect"

// RequestFailure is why a request got no answer, or a connection was not made.
type RequestFailure struct {
	At     time.Time
	Reason string // unsanitised
}

// RequestReport is what was asked of the brokers.
type RequestReport struct {
	Window time.Duration        // how far back it reaches, at most a minute
	Cut    bool                 // there were more requests in the last minute than are kept
	Total  RequestSum           // within Window
	By     [Purposes]RequestSum // the same by purpose
	Since  time.Time            // the program began to count
	Ever   [Purposes]RequestSum // since then
	Rows   []RequestRow         // by address, then API
}
