package whatif

import (
	"fmt"
	"slices"

	"github.com/IBM/sarama"

	"lagtop/kafka"
)

// mostSticky is how many partitions sarama's sticky algorithm is asked about: it takes longer than a key press may
// with more.
const mostSticky = 1000

// assign asks an assignor.
func (w *world) assign(a Assignor) (owners, error) {
	switch a {
	case Range:
		return w.ranges(true), nil
	case ServerRange:
		return w.ranges(false), nil
	case RoundRobin:
		return w.roundRobin(), nil
	case Sticky, CooperativeSticky:
		if w.partitions() > mostSticky {
			return nil, fmt.Errorf("%s: not computed for more than %d partitions", a, mostSticky)
		}
		return w.sticky()
	case ServerUniform:
		if !w.same() {
			return nil, fmt.Errorf("%s: not computed for members that subscribe to different topics", a)
		}
		return w.uniform(), nil
	}
	return nil, fmt.Errorf("assignor %s is not known here", a)
}

// roundRobin is Java's RoundRobinAssignor: all partitions of all topics in turn.
func (w *world) roundRobin() owners {
	out := owners{}
	at := 0
	for _, t := range w.topics {
		if len(w.subscribers(t.name)) == 0 {
			continue
		}
		for p := range t.racks {
			for !w.members[at%len(w.members)].topics[t.name] {
				at++
			}
			out[kafka.TopicPartition{Topic: t.name, Partition: int32(p)}] = at % len(w.members)
			at++
		}
	}
	return out
}

// uniform is what the coordinator's uniform assignor comes to where all members subscribe to the same topics: who
// has too many gives up some, and what is free goes to who has too few.
func (w *world) uniform() owners {
	out := owners{}
	if len(w.members) == 0 {
		return out
	}
	least, extra := w.partitions()/len(w.members), w.partitions()%len(w.members)
	count := make([]int, len(w.members))
	for i, m := range w.members {
		most := least
		if extra > 0 {
			most++
		}
		for _, tp := range m.owned {
			if _, taken := out[tp]; !taken && count[i] < most { // some clients give a partition to several members
				out[tp], count[i] = i, count[i]+1
			}
		}
		if count[i] > least {
			extra--
		}
	}
	var free []kafka.TopicPartition
	for _, t := range w.topics {
		for p := range t.racks {
			tp := kafka.TopicPartition{Topic: t.name, Partition: int32(p)}
			if _, kept := out[tp]; !kept {
				free = append(free, tp)
			}
		}
	}
	for _, tp := range free {
		i := slices.IndexFunc(count, func(n int) bool { return n < least })
		if i < 0 {
			i = slices.IndexFunc(count, func(n int) bool { return n == least })
		}
		out[tp], count[i] = i, count[i]+1
	}
	return out
}

// sticky asks sarama. Its algorithm is the same for cooperative-sticky, which takes two rebalances to get there.
func (w *world) sticky() (owners, error) {
	s := sarama.NewBalanceStrategySticky()
	members := map[string]sarama.ConsumerGroupMemberMetadata{}
	index := map[string]int{}
	for i, m := range w.members {
		owned := map[string][]int32{}
		for _, tp := range m.owned {
			owned[tp.Topic] = append(owned[tp.Topic], tp.Partition)
		}
		data, err := s.AssignmentData(m.id, owned, 1)
		if err != nil {
			return nil, fmt.Errorf("sticky: %w", err)
		}
		meta := sarama.ConsumerGroupMemberMetadata{UserData: data}
		for _, t := range w.topics {
			if m.topics[t.name] {
				meta.Topics = append(meta.Topics, t.name)
			}
		}
		members[m.id], index[m.id] = meta, i
	}
	topics := map[string][]int32{}
	for _, t := range w.topics {
		for p := range t.racks {
			topics[t.name] = append(topics[t.name], int32(p))
		}
	}
	out := owners{}
	if len(members) == 0 || len(topics) == 0 {
		return out, nil
	}
	plan, err := s.Plan(members, topics)
	if err != nil {
		return nil, fmt.Errorf("sticky: %w", err)
	}
	for id, given := range plan {
		for t, ps := range given {
			for _, p := range ps {
				out[kafka.TopicPartition{Topic: t, Partition: p}] = index[id]
			}
		}
	}
	return out, nil
}
