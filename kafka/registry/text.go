package registry

import (
	"errors"
	"strconv"
	"unicode/utf8"
)

const (
	maxPayload = 1 << 20 // bytes of a value
	maxText    = 1 << 20 // bytes of a value as JSON, and of a schema
	maxDepth   = 64      // of values and of Avro schemas
)

var (
	errTooLong = errors.New("it would be more than 1 MiB of JSON")
	errTooDeep = errors.New("it is nested more than 64 deep")
)

// text is JSON that is being written. Every value adds at least a byte, so that its limit also bounds the work
// for values that need none, such as an array of a billion nulls.
type text struct{ b []byte }

func (t *text) raw(s string) error {
	if len(t.b)+len(s) > maxText {
		return errTooLong
	}
	t.b = append(t.b, s...)
	return nil
}

func (t *text) int(n int64) error { return t.raw(strconv.FormatInt(n, 10)) }

// float writes what JSON has no number for as a string.
func (t *text) float(f float64, bits int) error {
	s := strconv.FormatFloat(f, 'g', -1, bits)
	if f != f || s == "+Inf" || s == "-Inf" {
		return t.string(s)
	}
	return t.raw(s)
}

// string writes what is no UTF-8 as U+FFFD.
func (t *text) string(s string) error {
	if len(t.b)+len(s)+2 > maxText {
		return errTooLong
	}
	t.b = append(t.b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			t.b = append(t.b, '\\', byte(r))
		case r == '\n':
			t.b = append(t.b, `\n`...)
		case r < ' ':
			const hex = "0123456789abcdef"
			t.b = append(t.b, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			t.b = utf8.AppendRune(t.b, r)
		}
	}
	t.b = append(t.b, '"')
	return nil
}

// key begins a member of an object; n counts the members before it.
func (t *text) key(n int, name string) error {
	if n > 0 {
		if err := t.raw(","); err != nil {
			return err
		}
	}
	if err := t.string(name); err != nil {
		return err
	}
	return t.raw(":")
}
