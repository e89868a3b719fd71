package conn

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"

	"lagtop/kafka"
)

// The formats here are ConsumerProtocolAssignment and ConsumerProtocolSubscription, v0 to v3. They
// come from other clients through the broker, which does not look at them: any bytes may arrive.

var (
	errShort  = errors.New("the bytes end too early")
	errLength = errors.New("a length is negative")
)

// cursor reads big-endian fields. After its first error it returns zeroes.
type cursor struct {
	b   []byte
	err error
}

func (c *cursor) take(n int) []byte {
	if c.err != nil {
		return nil
	}
	if n < 0 {
		c.err = errLength
		return nil
	}
	if n > len(c.b) {
		c.err = errShort
		return nil
	}
	out := c.b[:n]
	c.b = c.b[n:]
	return out
}

func (c *cursor) int16() int16 {
	if b := c.take(2); b != nil {
		return int16(binary.BigEndian.Uint16(b))
	}
	return 0
}

func (c *cursor) int32() int32 {
	if b := c.take(4); b != nil {
		return int32(binary.BigEndian.Uint32(b))
	}
	return 0
}

func (c *cursor) int64() int64 {
	if b := c.take(8); b != nil {
		return int64(binary.BigEndian.Uint64(b))
	}
	return 0
}

func (c *cursor) string() string { return string(c.take(int(c.int16()))) }

// count reads the length of an array whose entries take at least size bytes.
func (c *cursor) count(size int) int {
	n := int(c.int32())
	if c.err == nil && n < 0 {
		c.err = errLength
	}
	if c.err == nil && n > len(c.b)/size {
		c.err = errShort
	}
	if c.err != nil {
		return 0
	}
	return n
}

// decodeAssignment is what the leader assigned to one member, by topic, then partition. Fields of
// newer versions follow those read here.
func decodeAssignment(b []byte) ([]kafka.TopicPartition, error) {
	if len(b) == 0 {
		return nil, nil
	}
	c := &cursor{b: b}
	if c.int16() < 0 {
		return nil, errors.New("the version is negative")
	}
	var out []kafka.TopicPartition
	for range c.count(6) {
		topic := c.string()
		for range c.count(4) {
			out = append(out, kafka.TopicPartition{Topic: topic, Partition: c.int32()})
		}
		if c.err != nil {
			break
		}
	}
	if c.err != nil {
		return nil, c.err
	}
	slices.SortFunc(out, kafka.TopicPartition.Compare)
	return slices.Compact(out), nil
}

// decodeSubscription is what one member asked for. The rack (v3) is empty when it is not there.
func decodeSubscription(b []byte) (topics []string, rack string, err error) {
	if len(b) == 0 {
		return nil, "", nil
	}
	c := &cursor{b: b}
	version := c.int16()
	for range c.count(2) {
		topics = append(topics, c.string())
	}
	if c.err != nil || version < 0 {
		return nil, "", cmp.Or(c.err, errors.New("the version is negative"))
	}
	slices.Sort(topics)
	topics = slices.Compact(topics)
	if version < 3 {
		return topics, "", nil
	}
	if n := c.int32(); n > 0 { // user data, -1 is null
		c.take(int(n))
	}
	for range c.count(6) {
		c.take(int(c.int16()))
		c.take(4 * c.count(4))
	}
	c.int32() // generation
	if n := c.int16(); n > 0 {
		rack = string(c.take(int(n)))
	}
	// Some clients say v3 and leave fields out: the topics are good all the same.
	return topics, rack, nil
}
