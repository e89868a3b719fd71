package format

import "encoding/json"

// Schemas decodes what cannot be read without its schema. It may be used from several goroutines.
type Schemas interface {
	// Read is the key or the value of a record of a topic. Who draws again calls again.
	Read(topic string, part Part, data []byte) Decoding
	// Arrived counts the schemas that came since the first Read. When it rises, what could be decoded Later can
	// perhaps be decoded now.
	Arrived() uint64
	// Waiting is the same for work in the background: its Read waits a while for a schema on its way.
	Waiting() Schemas
}

// Part is what of a record a schema is for.
type Part uint8

// The parts of a record.
const (
	OfValue Part = iota
	OfKey
)

// Decoding is what Schemas make of a key or a value.
type Decoding struct {
	Text  []byte // it as JSON, nil where it is not decoded
	Note  string // by which schema, or why not; empty where no schema is known of
	Later bool   // it is not decoded for want of the schema alone, which may come
}

// Read is the decoding of one part of a record. s may be nil.
func Read(s Schemas, topic string, part Part, data []byte) Decoding {
	if s == nil || len(data) == 0 {
		return Decoding{}
	}
	return s.Read(topic, part, data)
}

// Arrived is that of s, which may be nil.
func Arrived(s Schemas) uint64 {
	if s == nil {
		return 0
	}
	return s.Arrived()
}

// Waiting is that of s, which may be nil.
func Waiting(s Schemas) Schemas {
	if s == nil {
		return nil
	}
	return s.Waiting()
}

// Plain is JSON as a person reads it on a line: a string without its quotes and escapes, all else as it is.
func Plain(text []byte) []byte {
	var s string
	if len(text) == 0 || text[0] != '"' || json.Unmarshal(text, &s) != nil {
		return text
	}
	return []byte(s)
}
