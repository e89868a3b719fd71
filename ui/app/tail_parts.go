package app

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"lagtop/kafka/safe"
)

// tailParts and tailIsolation are what the form begins with: what is followed, when it is the same topic.
func (m *Model) tailParts(topic string) string {
	if topic != m.tail.spec.Topic {
		return ""
	}
	return writeParts(m.tail.spec.Partitions)
}

func (m *Model) tailIsolation(topic string) string {
	switch spec := &m.tail.spec; {
	case topic != spec.Topic || !spec.Committed:
		return uncommitted
	case spec.Aborted:
		return marked
	}
	return committed
}

// mostParts bounds a range that is typed.
const mostParts = 100_000

// parseParts reads partitions such as 0,3-5, sorted and each once; nil is all.
func parseParts(text string) ([]int32, error) {
	var out []int32
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		low, high, ranged := strings.Cut(word, "-")
		from, err := strconv.ParseInt(low, 10, 32)
		to := from
		if err == nil && ranged {
			to, err = strconv.ParseInt(high, 10, 32)
		}
		if err != nil || from < 0 || to < from || to-from >= mostParts {
			return nil, fmt.Errorf("%q is no partition and no range such as 3-5", word)
		}
		for id := from; id <= to; id++ {
			out = append(out, int32(id))
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func checkParts(text string) error {
	_, err := parseParts(text)
	return err
}

// hasParts says which partition a topic does not have, as far as the snapshot knows.
func (m *Model) hasParts(topic string, parts []int32) error {
	t := m.env.Snapshot.Topic(topic)
	if t == nil {
		return nil
	}
	for _, id := range parts {
		if t.Partition(id) == nil {
			return fmt.Errorf("%s has no partition %d", safe.Line(topic), id)
		}
	}
	return nil
}

// writeParts is the reverse of parseParts.
func writeParts(parts []int32) string {
	var b strings.Builder
	for i := 0; i < len(parts); {
		j := i
		for j+1 < len(parts) && parts[j+1] == parts[j]+1 {
			j++
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(int(parts[i])))
		if j > i {
			b.WriteString("-" + strconv.Itoa(int(parts[j])))
		}
		i = j + 1
	}
	return b.String()
}
