package kafka

import "time"

// Limit says what was left out of a snapshot on purpose. The zero Limit is the whole cluster.
type Limit struct {
	GroupsOut int // groups that exist and were not asked about
	TopicsOut int // topics that exist and whose offsets were not asked for
}

// Whole tells whether nothing was left out.
func (l Limit) Whole() bool { return l == Limit{} }

// Pace is how often a cluster is polled. The zero Pace is that of a single poll.
type Pace struct {
	Wanted  time.Duration // from the beginning of one poll to that of the next, as the person wants it
	Present time.Duration // as it is; longer than Wanted when polls cost too much
	Why     string        // it is longer: "polls take 1.9s"; empty when it is not
}
