package whatif

import (
	"fmt"
	"slices"

	"lagtop/kafka"
)

// Assignor names what decides who owns which partition.
type Assignor string

// The assignors. Of the classic protocol the group's leader, a client, decides; under KIP-848 the coordinator does.
const (
	Range             Assignor = "range"
	RoundRobin        Assignor = "roundrobin"
	Sticky            Assignor = "sticky"
	CooperativeSticky Assignor = "cooperative-sticky"
	ServerUniform     Assignor = "KIP-848 uniform"
	ServerRange       Assignor = "KIP-848 range"
)

// Assignors are all of them.
func Assignors() []Assignor {
	return []Assignor{Range, RoundRobin, Sticky, CooperativeSticky, ServerUniform, ServerRange}
}

// Server tells whether brokers decide.
func (a Assignor) Server() bool { return a == ServerUniform || a == ServerRange }

// Present is the assignor that a group has; it reports false for one that is not known here, and for a classic group
// that has none at present: without members, or while it rebalances.
func Present(g *kafka.Group) (Assignor, bool) {
	a := Assignor(g.Protocol)
	if g.Type == kafka.Consumer {
		a = "KIP-848 " + a
	}
	return a, slices.Contains(Assignors(), a) && a.Server() == (g.Type == kafka.Consumer)
}

// Whose says whose algorithm is shown, and how far a real group agrees with it.
func (a Assignor) Whose() string {
	switch a {
	case Range:
		return "as Java's assignor does it; librdkafka, sarama and franz-go agree but for racks, and static members among others"
	case RoundRobin:
		return "as Java's assignor does it; librdkafka and franz-go agree; sarama gives out partition 10 before 2, who gets which may differ"
	case Sticky, CooperativeSticky:
		return "sarama's algorithm; the group's leader, a client, decides: balance and number of moves agree, who gets which may not"
	case ServerUniform:
		return "the coordinator decides: balance and number of moves agree, who gets which may not"
	}
	return "as the coordinator does it"
}

// why says why nothing can be computed for a group, nil when it can.
func why(g *kafka.Group) error {
	switch {
	case g.Type == kafka.Share:
		return fmt.Errorf("what if %s: a share group's members share partitions, nothing is assigned for good", g.Name)
	case g.Type == kafka.Streams:
		return fmt.Errorf("what if %s: a streams group assigns tasks by its topology, which brokers do not tell", g.Name)
	case !g.IsConsumer():
		return fmt.Errorf("what if %s: protocol type %s has assignments of its own", g.Name, g.ProtocolType)
	}
	for i := range g.Members {
		if m := &g.Members[i]; m.Opaque != "" {
			return fmt.Errorf("what if %s: %s: %s", g.Name, m.ClientID, m.Opaque)
		}
	}
	return nil
}
