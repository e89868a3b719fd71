package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/twmb/franz-go/pkg/kgo"

	"lagtop/kafka/wait"
)

// membership is what a consumer needs to join, and what hears of what becomes of it.
type membership struct {
	bootstrap []string
	login     []kgo.Opt
	group     string
	topics    []string
	clientID  string
	instance  string // group.instance.id, empty for a dynamic member
	wire      *wire
	pace      *pacer
	gaps      *gaps
	lenient   bool
	fetch     fetching
	forward   func(topic string, key, value []byte) // nil: writes nothing

	joined chan struct{} // closed at the first assignment
	once   sync.Once
}

// joiner is a member of a group from its join to its leave. It returns when ctx ends, having left,
// or when the membership cannot go on.
type joiner func(ctx context.Context, m *membership) error

func (m *membership) assigned(tps map[string][]int32) {
	m.gaps.assigned(m.clientID, tps, time.Now())
	m.once.Do(func() { close(m.joined) })
}

func (m *membership) revoked(tps map[string][]int32) { m.gaps.revoked(m.clientID, tps, time.Now()) }

// read is what a consumer does with a record. An error means that the record is not done.
func (m *membership) read(ctx context.Context, topic string, key, value []byte) error {
	if wait.For(ctx, m.pace.reserve(time.Now())) != nil {
		return ctx.Err()
	}
	if err := decode(value); err != nil && !m.lenient {
		return fmt.Errorf("record of %s: %w", topic, err)
	}
	if m.forward != nil {
		m.forward(topic, key, value)
	}
	return nil
}

// avroHead is the length of a zero byte and the id of a schema.
const avroHead = 5

var (
	errJSON = errors.New("unexpected end of JSON")
	errText = errors.New("not UTF-8")
)

// decode is how consumers read a value: Avro behind the id of its schema, JSON where it looks like it, text elsewhere.
func decode(value []byte) error {
	switch {
	case len(value) > avroHead && value[0] == 0:
		return checkClick(value[avroHead:])
	case len(value) > 0 && value[0] == '{' && !json.Valid(value):
		return errJSON
	case !utf8.Valid(value):
		return errText
	}
	return nil
}
