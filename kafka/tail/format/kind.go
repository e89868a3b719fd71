package format

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Kind is how a value is written.
type Kind uint8

// The kinds. Auto stands for whatever Detect finds.
const (
	Auto Kind = iota
	Text
	JSON
	Logfmt
	Syslog3164
	Syslog5424
	Access // common and combined web access logs
	CEF    // ArcSight's Common Event Format, behind a syslog header or alone
	Schema // a magic byte and the id of a schema, as the serializers of Confluent write it
	Hex    // nothing to read
)

var kindWords = [...]string{"auto", "text", "json", "logfmt", "syslog-3164", "syslog-5424", "access", "cef", "schema", "hex"}

// String is the word in filters and on the screen.
func (k Kind) String() string { return kindWords[k] }

// Kinds are the words of all kinds, auto first.
func Kinds() []string { return kindWords[:] }

// ParseKind knows the words of Kinds.
func ParseKind(word string) (Kind, error) {
	for k, w := range kindWords {
		if strings.EqualFold(w, word) {
			return Kind(k), nil
		}
	}
	return Auto, fmt.Errorf("format %q: there are %s", word, strings.Join(kindWords[:], ", "))
}

const (
	peek       = 1 << 10  // bytes that Detect and Of look at
	look       = 64 << 10 // bytes that Decode looks at
	maxFields  = 128
	schemaHead = 5 // magic byte 0 and an id of four bytes
)

// Detect finds the kind of a value from its beginning. It prefers Text to a guess.
func Detect(value []byte) Kind {
	if _, _, ok := SchemaID(value); ok {
		return Schema
	}
	v := bytes.TrimLeft(value[:min(len(value), peek)], " \t\r\n")
	if len(v) == 0 {
		return Text
	}
	switch c := v[0]; {
	case c == '{' || c == '[':
		if likeJSON(v) {
			return JSON
		}
	case c == '<':
		if k := syslogKind(v); k != Text {
			return k
		}
	case cefAt(v) == 0:
		return CEF
	case c >= 'A' && c <= 'S' && len(v) > 15 && oldStamp(v):
		return withoutPriority(v)
	}
	switch {
	case isAccess(v):
		return Access
	case isLogfmt(v):
		return Logfmt
	case Binary(v):
		return Hex
	}
	return Text
}

// likeJSON tells whether a beginning can be that of an object or an array.
func likeJSON(v []byte) bool {
	rest := bytes.TrimLeft(v[1:], " \t\r\n")
	if len(rest) == 0 {
		return false
	}
	if v[0] == '{' {
		return rest[0] == '"' || rest[0] == '}'
	}
	return strings.IndexByte(`{["]-0123456789tfn`, rest[0]) >= 0 && !bytes.ContainsAny(firstToken(rest), ":/") &&
		(len(v) == peek || v[len(bytes.TrimRight(v, " \t\r\n"))-1] == ']')
}

func firstToken(v []byte) []byte {
	if v[0] == '"' || v[0] == '{' || v[0] == '[' {
		return nil
	}
	if i := bytes.IndexAny(v, ", ]\n"); i >= 0 {
		return v[:i]
	}
	return v
}

// SchemaID is the id of the schema that a value was written with, and the value behind it: a zero byte and four
// bytes of id, as serializers for a schema registry write them. Ids count from 1, so that large ones are none.
func SchemaID(value []byte) (id uint32, rest []byte, ok bool) {
	if len(value) <= schemaHead || value[0] != 0 {
		return 0, nil, false
	}
	id = binary.BigEndian.Uint32(value[1:])
	return id, value[schemaHead:], id > 0 && id < 1<<24
}

// Payload is the value that can be read as JSON: behind the id of a JSON Schema, otherwise all of it.
func Payload(value []byte) []byte {
	if _, rest, ok := SchemaID(value); ok && (rest[0] == '{' || rest[0] == '[') {
		return rest
	}
	return value
}

// Binary tells whether a value is better read in hexadecimal: more than one byte in ten prints nothing.
func Binary(v []byte) bool {
	v = v[:min(len(v), peek)]
	odd := 0
	for i := 0; i < len(v); {
		if c := v[i]; c >= ' ' && c < 0x7f {
			i++
			continue
		}
		r, n := utf8.DecodeRune(v[i:])
		if r == utf8.RuneError && n == 1 && len(v)-i >= utf8.UTFMax || r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != 0x1b {
			odd++
		}
		i += n
	}
	return odd*10 > len(v)
}
