package conn

import (
	"math"
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
)

// sessionFrom is from how many partitions on a broker is asked for a fetch session. It keeps some 1,000 of them for
// all of its clients, and what fewer partitions save is not worth one.
const sessionFrom = 50

// session is a fetch session (KIP-227): the broker knows what was asked for, is told what changed, and answers of the
// partitions where something is new. The zero session is none. A broker forgets one that is not used when others need
// its place, so none is closed.
type session struct {
	id    int32
	epoch int32
	asked map[int32]ask // what the broker knows, by partition
}

// ask is what is asked for of one partition.
type ask struct {
	topic    [16]byte
	epoch    int32
	next     int64
	maxBytes int32
}

// ask completes a question for what is wanted.
func (s *session) ask(q *kmsg.FetchRequest, topic string, wanted map[int32]ask, turn int) {
	q.SessionID, q.SessionEpoch = s.id, s.epoch
	if s.id == 0 && len(wanted) < sessionFrom {
		q.SessionEpoch = -1 // none is asked for
	}
	byID := map[[16]byte][]int32{} // a topic that was made anew has another one
	for p, a := range wanted {
		if known, ok := s.asked[p]; s.id == 0 || !ok || known != a {
			byID[a.topic] = append(byID[a.topic], p)
		}
	}
	for id, parts := range byID {
		t := kmsg.NewFetchRequestTopic()
		t.Topic, t.TopicID = topic, id
		for _, partition := range turned(parts, turn) {
			a := wanted[partition]
			p := kmsg.NewFetchRequestTopicPartition()
			p.Partition, p.CurrentLeaderEpoch, p.FetchOffset, p.PartitionMaxBytes = partition, a.epoch, a.next, a.maxBytes
			t.Partitions = append(t.Partitions, p)
		}
		q.Topics = append(q.Topics, t)
	}
	if s.id != 0 {
		q.ForgottenTopics = s.forgotten(topic, wanted)
	}
	s.asked = wanted
}

// turned puts partitions in order from another one on each turn: a broker fills an answer in the order of the
// question, and the last may come away empty-handed.
func turned(parts []int32, turn int) []int32 {
	slices.Sort(parts)
	at := turn % len(parts)
	return slices.Concat(parts[at:], parts[:at])
}

// forgotten are the partitions that the broker knows and that are not wanted any more.
func (s *session) forgotten(topic string, wanted map[int32]ask) []kmsg.FetchRequestForgottenTopic {
	byID := map[[16]byte][]int32{}
	for p, known := range s.asked {
		if a, ok := wanted[p]; !ok || a.topic != known.topic {
			byID[known.topic] = append(byID[known.topic], p)
		}
	}
	var out []kmsg.FetchRequestForgottenTopic
	for id, parts := range byID {
		t := kmsg.NewFetchRequestForgottenTopic()
		t.Topic, t.TopicID, t.Partitions = topic, id, parts
		out = append(out, t)
	}
	return out
}

// answered takes note of an answer without an error.
func (s *session) answered(r *kmsg.FetchResponse) {
	switch {
	case r.SessionID == 0 || s.id != 0 && r.SessionID != s.id:
		*s = session{}
	case s.id == 0 || s.epoch == math.MaxInt32:
		s.id, s.epoch = r.SessionID, 1
	default:
		s.epoch++
	}
}

// lost tells whether an error says that the broker does not know the session any more. The next question is whole
// again.
func (s *session) lost(code int16) bool {
	if s.id == 0 {
		return false
	}
	switch kafka.Code(code) {
	case codeFetchSessionNotFound, codeFetchSessionEpoch, codeFetchSessionTopicID:
		*s = session{}
		return true
	}
	return false
}

const (
	codeFetchSessionNotFound = kafka.Code(70)
	codeFetchSessionEpoch    = kafka.Code(71)
	codeFetchSessionTopicID  = kafka.Code(106)
)
