package format

import (
	"bytes"
	"encoding/json"
)

// json reads the outermost fields of an object, of which v may be only the beginning. The message of an
// object without one is the object.
func (e *Event) json(v []byte) {
	members(v, func(key, raw []byte) bool {
		name, value := unquote(key), string(raw)
		if raw[0] == '"' {
			value = unquote(raw[1 : len(raw)-1])
		}
		e.known(name, value)
		e.add(name, value)
		return len(e.Fields) < maxFields
	})
	if e.Message == "" {
		e.Message = string(bytes.TrimSpace(v))
	}
}

// members calls yield with the names and values of the outermost object, both as they are written: names
// without their quotes, strings with them. It ends at what is no JSON and where v is cut off.
func members(v []byte, yield func(key, raw []byte) bool) {
	i := space(v, 0)
	if i >= len(v) || v[i] != '{' {
		return
	}
	for i++; ; {
		i = space(v, i)
		if i >= len(v) || v[i] != '"' {
			return
		}
		end := quoteEnd(v, i+1)
		if end < 0 {
			return
		}
		key := v[i+1 : end]
		i = space(v, end+1)
		if i >= len(v) || v[i] != ':' {
			return
		}
		from := space(v, i+1)
		i = valueEnd(v, from)
		if i <= from || !yield(key, bytes.TrimRight(v[from:i], " \t\r\n")) || i >= len(v) || v[i] != ',' {
			return
		}
		i++
	}
}

func space(v []byte, i int) int {
	for i < len(v) && (v[i] == ' ' || v[i] == '\t' || v[i] == '\n' || v[i] == '\r') {
		i++
	}
	return i
}

// valueEnd is where the comma or bracket behind a value stands, or negative when it is cut off.
func valueEnd(v []byte, i int) int {
	depth := 0
	for ; i < len(v); i++ {
		switch v[i] {
		case '"':
			if i = quoteEnd(v, i+1); i < 0 {
				return -1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
		case ',':
			if depth == 0 {
				return i
			}
		}
	}
	return -1
}

// quoteEnd is the place of the quote that ends the string beginning at from, negative when there is none.
func quoteEnd[T string | []byte](v T, from int) int {
	for i := from; i < len(v); i++ {
		switch v[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// unquote reads the inside of a JSON string; what is none stays as it is.
func unquote(inside []byte) string {
	if bytes.IndexByte(inside, '\\') < 0 {
		return string(inside)
	}
	quoted := make([]byte, 0, len(inside)+2)
	quoted = append(append(append(quoted, '"'), inside...), '"')
	var s string
	if json.Unmarshal(quoted, &s) != nil {
		return string(inside)
	}
	return s
}
