package app

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"lagtop/kafka/safe"
	"lagtop/kafka/tail"
	"lagtop/ui/component"
)

// What the form begins with: what is followed, when it is the same topics.

func (m *Model) tailParts(topics []string) string {
	if len(topics) != 1 || !m.tail.follows(topics[0]) || m.tail.spec.Until.Stops() {
		return ""
	}
	return writeParts(m.tail.spec.Reads[0].Partitions)
}

func (m *Model) tailIsolation(topics []string) string {
	spec := &m.tail.spec
	switch same := slices.Equal(topics, spec.Topics()); {
	case !same || len(topics) == 0 || !spec.Reads[0].Committed:
		return uncommitted
	case spec.Reads[0].Aborted:
		return marked
	}
	return committed
}

func (m *Model) tailUntil() string {
	if m.tail.spec.Until.End {
		return untilNow
	}
	return untilNever
}

func (m *Model) tailOrder() string {
	if len(m.tail.spec.Reads) == 0 {
		return tail.DefaultMerge.String()
	}
	return m.tail.spec.Merge.String()
}

// mostTopics bounds the topics of one tail: each has connections of its own to all brokers that lead it.
const mostTopics = 16

// parseTopics reads names and patterns such as pay*, parted by commas or blanks. A pattern finds no internal
// topic unless it begins as their names do.
func (m *Model) parseTopics(text string) ([]string, error) {
	var out []string
	for _, word := range topicWords(text) {
		if !pattern(word) {
			if m.env.Snapshot.Topic(word) == nil {
				return nil, fmt.Errorf("there is no topic %s%s", safe.Line(word), m.leftTopics())
			}
			out = append(out, word)
			continue
		}
		if _, err := path.Match(word, ""); err != nil {
			return nil, fmt.Errorf("%q is no pattern such as pay*", word)
		}
		n := len(out)
		for i := range m.env.Snapshot.Topics {
			t := &m.env.Snapshot.Topics[i]
			if ok, _ := path.Match(word, t.Name); ok && (!t.Internal || word[0] == '_') {
				out = append(out, t.Name)
			}
		}
		if len(out) == n {
			return nil, fmt.Errorf("no topic is like %s%s", safe.Line(word), m.leftTopics())
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	switch {
	case len(out) == 0:
		return nil, errors.New("name a topic")
	case len(out) > mostTopics:
		return nil, fmt.Errorf("these are %d topics, %d can be followed at once", len(out), mostTopics)
	}
	return out, nil
}

// leftTopics says that topics may be there which are not watched.
func (m *Model) leftTopics() string {
	if m.env.Snapshot.Limit.TopicsOut > 0 {
		return ", of those that are watched"
	}
	return ""
}

func topicWords(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

func pattern(word string) bool { return strings.ContainsAny(word, `*?[\`) }

// oneTopic tells whether a form names one topic: partitions are then those of it.
func oneTopic(f *component.Form) bool {
	words := topicWords(f.Value(fieldTopic))
	return len(words) == 1 && !pattern(words[0])
}

// topicsLike completes the last topic of a list.
func (m *Model) topicsLike(text string) []string {
	at := strings.LastIndexAny(text, ", ") + 1
	if text[at:] == "" {
		return nil
	}
	var out []string
	for i := range m.env.Snapshot.Topics {
		if t := &m.env.Snapshot.Topics[i]; strings.HasPrefix(t.Name, text[at:]) {
			out = append(out, text[:at]+safe.Line(t.Name))
		}
	}
	return out
}

// partitionsOf are those that the snapshot knows, nil when it knows none.
func (m *Model) partitionsOf(topic string) []int32 {
	t := m.env.Snapshot.Topic(topic)
	if t == nil {
		return nil
	}
	var out []int32
	for i := range t.Partitions {
		out = append(out, t.Partitions[i].ID)
	}
	return out
}

// tailName names what is followed in few cells.
func tailName(topics []string) string {
	if len(topics) > 1 {
		return safe.Line(topics[0]) + " +" + strconv.Itoa(len(topics)-1)
	}
	return safe.Line(strings.Join(topics, ""))
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
