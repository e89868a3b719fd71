package rebalance

import (
	"slices"

	"lagtop/kafka"
)

// Identity names a member so that a person finds it. It is comparable; the zero Identity is nobody.
type Identity struct {
	ID         string // member id
	ClientID   string
	Host       string
	InstanceID string // group.instance.id, empty for dynamic members
}

// IdentityOf is the identity of m.
func IdentityOf(m *kafka.Member) Identity {
	return Identity{ID: m.ID, ClientID: m.ClientID, Host: m.Host, InstanceID: m.InstanceID}
}

func (i Identity) String() string {
	switch {
	case i == Identity{}:
		return "nobody"
	case i.InstanceID != "":
		return i.ClientID + " (instance " + i.InstanceID + ") on " + i.Host
	}
	return i.ClientID + " on " + i.Host
}

// place is what a rejoined dynamic member keeps.
func (i Identity) place() Identity { return Identity{ClientID: i.ClientID, Host: i.Host} }

// Move is a partition that changed hands.
type Move struct {
	kafka.TopicPartition
	From Identity // zero: nobody owned it
	To   Identity // as in the later group; zero: nobody owns it
}

// Diff lists the partitions that changed hands, by topic and partition. A static member is the same by
// its instance id, a dynamic one by its member id, and one that rejoined under a new id when its
// client id and host are unique among those that left and those that came. It compares what the
// groups carry: call it with two assignments that are known.
func Diff(before, after kafka.Group) []Move {
	same := match(before.Members, after.Members)
	was, is := owners(before.Members), owners(after.Members)
	var out []Move
	for tp, from := range was {
		to, owned := is[tp]
		if owned && same[to] == from {
			continue
		}
		out = append(out, Move{TopicPartition: tp, From: from, To: to})
	}
	for tp, to := range is {
		if _, owned := was[tp]; !owned {
			out = append(out, Move{TopicPartition: tp, To: to})
		}
	}
	slices.SortFunc(out, func(x, y Move) int { return x.Compare(y.TopicPartition) })
	return out
}

func owners(ms []kafka.Member) map[kafka.TopicPartition]Identity {
	out := map[kafka.TopicPartition]Identity{}
	for i := range ms {
		for _, tp := range ms[i].Assigned {
			if _, taken := out[tp]; !taken {
				out[tp] = IdentityOf(&ms[i])
			}
		}
	}
	return out
}

// Same maps each later identity to the earlier one of the same member, by the rules of Diff; strangers are missing.
func Same(before, after []kafka.Member) map[Identity]Identity { return match(before, after) }

// match maps each later identity to the earlier one of the same member; strangers are missing.
func match(before, after []kafka.Member) map[Identity]Identity {
	same := map[Identity]Identity{}
	byKey := map[string]Identity{}
	for i := range before {
		byKey[key(&before[i])] = IdentityOf(&before[i])
	}
	found := map[Identity]bool{}
	for i := range after {
		if b, ok := byKey[key(&after[i])]; ok {
			same[IdentityOf(&after[i])] = b
			found[b] = true
		}
	}
	left, came := map[Identity][]Identity{}, map[Identity][]Identity{} // by place
	for i := range before {
		if id := IdentityOf(&before[i]); !found[id] && id.InstanceID == "" {
			left[id.place()] = append(left[id.place()], id)
		}
	}
	for i := range after {
		id := IdentityOf(&after[i])
		if _, known := same[id]; !known && id.InstanceID == "" {
			came[id.place()] = append(came[id.place()], id)
		}
	}
	for place, ids := range came {
		if len(ids) == 1 && len(left[place]) == 1 {
			same[ids[0]] = left[place][0]
		}
	}
	return same
}

func key(m *kafka.Member) string {
	if m.InstanceID != "" {
		return "i" + m.InstanceID
	}
	return "m" + m.ID
}
