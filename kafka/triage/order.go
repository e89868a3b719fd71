package triage

import "lagtop/kafka"

// Less tells whether a stands before b, worst first: by verdict, then lag, then name. Names differ, so
// the order is total and does not move while nothing changes.
func Less(a, b *kafka.Group) bool {
	if x, y := rank(a), rank(b); x != y {
		return x > y
	}
	if a.Lag.V != b.Lag.V {
		return a.Lag.V > b.Lag.V
	}
	return a.Name < b.Name
}

// rank is a group's verdict. With a backlog that is not judged yet it is no better off than one that is fine.
func rank(g *kafka.Group) kafka.VerdictKind {
	if g.Verdict.Kind == kafka.VerdictUnknown && g.Lag.V > 0 {
		return kafka.VerdictOK
	}
	return g.Verdict.Kind
}
