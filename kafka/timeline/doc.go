// Package timeline keeps what happened to the groups of a cluster: their rebalances with who came and went, which
// partitions moved, how long that took, what it cost and what probably caused it, seen by polls and, for a group in
// focus, read from the group's own log. Requests and drawing do not belong here: others feed it and ask it.
package timeline
