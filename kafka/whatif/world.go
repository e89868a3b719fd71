package whatif

import (
	"slices"
	"unicode/utf16"

	"lagtop/kafka"
)

// world is what an assignor decides from.
type world struct {
	members []member // in the order of Java's MemberInfo
	topics  []topic  // those that any member subscribes to, by name
}

type member struct {
	id, instance, rack string
	topics             map[string]bool
	owned              []kafka.TopicPartition // at present, by topic and partition; what is there no more is left out
	from               int                    // its index in the group, -1 for a new one
}

type topic struct {
	name  string
	racks []map[string]bool // of the replicas, by partition; the length is the number of partitions
}

// owners maps each partition to its member in the world; what is missing has none.
type owners map[kafka.TopicPartition]int

// before orders as Java does: static members by instance id, then dynamic ones by member id.
func before(a, b member) int {
	switch {
	case a.instance != "" && b.instance != "":
		return javaCompare(a.instance, b.instance)
	case a.instance != "":
		return -1
	case b.instance != "":
		return 1
	}
	return javaCompare(a.id, b.id)
}

// javaCompare is String.compareTo: by UTF-16 code units.
func javaCompare(a, b string) int {
	return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
}

// same tells whether all members subscribe to the same topics.
func (w *world) same() bool {
	for _, m := range w.members {
		for _, t := range w.topics {
			if !m.topics[t.name] {
				return false
			}
		}
	}
	return true
}

// partitions counts those of all topics.
func (w *world) partitions() int {
	n := 0
	for _, t := range w.topics {
		n += len(t.racks)
	}
	return n
}

// subscribers are the members that subscribe to a topic, in order.
func (w *world) subscribers(name string) []int {
	var out []int
	for i := range w.members {
		if w.members[i].topics[name] {
			out = append(out, i)
		}
	}
	return out
}
