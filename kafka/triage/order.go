package triage

import "lagtop/kafka"

// Less tells whether a stands before b, worst first: by verdict, then lag, then name. Names differ, so
// the order is total and does not move while nothing changes.
func Less(a, b *kafka.Group) bool {
	if a.Verdict.Kind != b.Verdict.Kind {
		return a.Verdict.Kind > b.Verdict.Kind
	}
	if a.Lag.V != b.Lag.V {
		return a.Lag.V > b.Lag.V
	}
	return a.Name < b.Name
}
