package whatif

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"lagtop/kafka"
)

// Change is what is asked about. It is comparable; the zero Change asks about another rebalance and nothing else.
type Change struct {
	Members    int      // more, or fewer below 0
	Assignor   Assignor // empty: the group's present one
	Topic      string   // that gets more partitions
	Partitions int      // more of Topic
}

// cast is the group's members and, of the world, who stays and who comes.
type cast struct {
	members []kafka.Member // the present ones as the group has them, then new ones
	leaving map[int]bool   // by index
	named   bool           // where new ones stand in the order follows from the names that they get
}

// casting decides who comes or leaves. New ones go on where the numbers in the names of the present ones end; of
// present ones those with the highest numbers leave, or the last in the order of the assignor.
func casting(s *kafka.Snapshot, g *kafka.Group, c Change) (cast, error) {
	out := cast{members: slices.Clone(g.Members), leaving: map[int]bool{}, named: true}
	if n := len(g.Members) + c.Members; n < 0 {
		return out, fmt.Errorf("what if %s: it has no more than %d members", g.Name, len(g.Members))
	}
	if c.Members > 0 {
		out.invent(s, g, c.Members)
		return out, nil
	}
	order := make([]int, len(g.Members))
	for i := range order {
		order[i] = i
	}
	names, _ := distinct(g)
	_, numbers := numbered(names)
	slices.SortStableFunc(order, func(a, b int) int {
		if numbers != nil {
			return cmp.Compare(numbers[a], numbers[b])
		}
		return before(memberOf(&g.Members[a], a), memberOf(&g.Members[b], b))
	})
	for _, i := range order[len(order)+c.Members:] {
		out.leaving[i] = true
	}
	return out, nil
}

// distinct are the names that tell members apart: instance ids where all have one, else client ids.
func distinct(g *kafka.Group) (names []string, static bool) {
	static = len(g.Members) > 0 && !slices.ContainsFunc(g.Members, func(m kafka.Member) bool { return m.InstanceID == "" })
	for i := range g.Members {
		if static {
			names = append(names, g.Members[i].InstanceID)
		} else {
			names = append(names, g.Members[i].ClientID)
		}
	}
	return names, static
}

// numbered takes names such as pod-1 and pod-2 apart. The numbers are nil unless all names have the same prefix and
// no two the same number.
func numbered(names []string) (prefix string, numbers []int) {
	seen := map[int]bool{}
	for i, name := range names {
		p := strings.TrimRight(name, "0123456789")
		n, err := strconv.Atoi(name[len(p):])
		if err != nil || seen[n] || i > 0 && p != prefix {
			return "", nil
		}
		prefix, seen[n] = p, true
		numbers = append(numbers, n)
	}
	return prefix, numbers
}

func (c *cast) invent(s *kafka.Snapshot, g *kafka.Group, n int) {
	names, static := distinct(g)
	prefix, numbers := numbered(names)
	next := 1
	if numbers != nil {
		next = slices.Max(numbers) + 1
	}
	// A classic dynamic member's id begins with its client id; under KIP-848 it is random.
	c.named = numbers != nil && (static || g.Type == kafka.Classic && !slices.ContainsFunc(g.Members, func(m kafka.Member) bool {
		return !strings.HasPrefix(m.ID, m.ClientID+"-")
	}))
	taken := map[string]bool{}
	for i := range g.Members {
		taken[g.Members[i].ID] = true
	}
	for i := range n {
		m := kafka.Member{ClientID: "new-" + strconv.Itoa(i+1), Subscribed: subscribed(g), Rack: c.rack(s)}
		switch {
		case numbers != nil && static:
			m.InstanceID = prefix + strconv.Itoa(next+i)
			m.ClientID = m.InstanceID
		case numbers != nil:
			m.ClientID = prefix + strconv.Itoa(next+i)
		}
		m.ID = m.ClientID + "-"
		if numbers == nil || g.Type == kafka.Consumer {
			m.ID = "~" + m.ID // behind the ids of the others
		}
		m.ID += "new-" + fmt.Sprintf("%04d", i)
		for taken[m.ID] {
			m.ID += "+"
		}
		taken[m.ID] = true
		c.members = append(c.members, m)
	}
}

// rack is the brokers' with the fewest members; empty unless all members tell theirs.
func (c *cast) rack(s *kafka.Snapshot) string {
	count := map[string]int{}
	for i := range s.Brokers {
		if r := s.Brokers[i].Rack; r != "" {
			count[r] = 0
		}
	}
	for i := range c.members {
		count[c.members[i].Rack]++
	}
	if count[""] > 0 || len(c.members) == 0 {
		return ""
	}
	racks := slices.Sorted(maps.Keys(count))
	return slices.MinFunc(racks, func(a, b string) int { return cmp.Compare(count[a], count[b]) })
}

// subscribed is what a new member reads: what all present ones do, else what the group has commits for.
func subscribed(g *kafka.Group) []string {
	var out []string
	for i := range g.Members {
		out = append(out, topicsOf(g, &g.Members[i])...)
	}
	if len(g.Members) == 0 {
		out = partitionTopics(g, false)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// topicsOf is what a member subscribes to. One with a pattern names no topics: it reads what the group does.
func topicsOf(g *kafka.Group, m *kafka.Member) []string {
	if len(m.Subscribed) > 0 {
		return m.Subscribed
	}
	return partitionTopics(g, true)
}

func partitionTopics(g *kafka.Group, owned bool) []string {
	var out []string
	for i := range g.Partitions {
		if p := &g.Partitions[i]; !owned || p.Owner.OK {
			out = append(out, p.Topic)
		}
	}
	return slices.Compact(out)
}

func memberOf(m *kafka.Member, from int) member {
	return member{id: m.ID, instance: m.InstanceID, rack: m.Rack, from: from}
}
