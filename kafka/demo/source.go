package demo

import (
	"bytes"
	"hash/fnv"
	"math/rand/v2"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// message is a record as its writer makes it.
type message struct {
	key     string
	value   []byte
	headers []kgo.RecordHeader
}

// writer makes the record of a moment. It draws everything else from the generator, so that the same
// seed and moments give the same bytes.
type writer func(g *gen, at time.Time) message

// source makes the records of one topic in order. It is not for two goroutines.
type source struct {
	topic  topicSpec
	name   string // on the cluster
	gen    *gen
	due    float64 // records owed since the last whole one
	factor float64 // of the topic's rate
	hot    bool    // most records have the same key
}

// hotPart of the records have the hot key while there is one.
const hotPart = 0.6

func newSource(t topicSpec, seed int64) *source {
	h := fnv.New64a()
	h.Write([]byte(t.name))
	return &source{topic: t, name: t.name, factor: 1, gen: &gen{Rand: rand.New(rand.NewPCG(uint64(seed), h.Sum64()))}}
}

func (s *source) next(at time.Time) *kgo.Record {
	m := s.topic.write(s.gen, at)
	if s.hot && s.gen.often(hotPart) {
		m.rekey(hotKey)
	}
	return &kgo.Record{
		Topic:     s.name,
		Partition: partitionOf(m.key, s.topic.partitions),
		Key:       []byte(m.key),
		Value:     m.value,
		Headers:   m.headers,
		Timestamp: at,
	}
}

// history spreads the topic's first records over the time before now; one of payments is the poison.
func (s *source) history(now time.Time) []*kgo.Record {
	n := historyPerPartition * int(s.topic.partitions)
	out := make([]*kgo.Record, 0, n+1)
	for i := range n {
		at := now.Add(-historySpan + historySpan*time.Duration(i)/time.Duration(n)).Truncate(time.Millisecond)
		out = append(out, s.next(at))
		if s.topic.name == poisonTopic && i == int(poisonAt*float64(n)) {
			out = append(out, poison(s.next(at), poisonPartition))
		}
	}
	return out
}

// hotKey is the key of one customer, host or visitor who does most of everything.
const hotKey = "hot-0001"

// rekey makes the record one of somebody else.
func (m *message) rekey(key string) {
	m.value = bytes.ReplaceAll(m.value, []byte(m.key), []byte(key))
	m.key = key
}

// poison makes a record that cannot be decoded, Avro, JSON or text, and puts it where it is wanted: anywhere below 0.
func poison(r *kgo.Record, partition int32) *kgo.Record {
	half := len(r.Value) / 2
	if r.Value = r.Value[:half:half]; decode(r.Value) == nil {
		r.Value = append(r.Value, 0xff, 0xfe)
	}
	if partition >= 0 {
		r.Partition = partition
	}
	return r
}

func partitionOf(key string, partitions int32) int32 {
	h := fnv.New32a()
	h.Write([]byte(key))
	return int32(h.Sum32() % uint32(partitions))
}

// gen is the random generator of one source with the draws that writers share.
type gen struct {
	*rand.Rand
	n int64 // records made, for numbers that only rise
}

func (g *gen) serial() int64 {
	g.n++
	return g.n
}

// pick draws one of the words.
func (g *gen) pick(words ...string) string { return words[g.IntN(len(words))] }

// hex draws n hexadecimal digits.
func (g *gen) hex(n int) string {
	const digits = "0123456789abcdef"
	b := make([]byte, n)
	for i := range b {
		b[i] = digits[g.IntN(len(digits))]
	}
	return string(b)
}

// often tells true in the given part of the draws.
func (g *gen) often(part float64) bool { return g.Float64() < part }

func header(key, value string) kgo.RecordHeader {
	return kgo.RecordHeader{Key: key, Value: []byte(value)}
}
