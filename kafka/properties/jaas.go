package properties

import (
	"errors"
	"fmt"
	"strings"
)

// module is one login module of a JAAS line.
type module struct {
	class   string
	options map[string]string
}

// is tells the class by its last part: it is shaded into other packages here and there.
func (m module) is(name string) bool {
	return m.class == name || strings.HasSuffix(m.class, "."+name)
}

func (m module) has(option string) bool { _, ok := m.options[option]; return ok }

// parseJAAS reads `class flag option=value … ;` as Kafka's JaasConfig does: java.io.StreamTokenizer with
// both kinds of comments. It takes one module, since no Kafka client has a use for a second. Its errors
// name the option before the fault and no text of the line, which holds the password.
func parseJAAS(line string) (module, error) {
	t := &tokenizer{rest: line}
	m := module{options: map[string]string{}}
	class, flag := t.next(), t.next()
	if class.kind != word || class.text == "" {
		return m, errors.New("it begins with the class of a login module")
	}
	m.class = class.text
	switch strings.ToLower(flag.text) {
	case "required", "requisite", "sufficient", "optional":
	default:
		return m, errors.New("after the class comes the word required")
	}
	last := "the word " + strings.ToLower(flag.text)
	for {
		key := t.next()
		switch {
		case key.kind == semicolon:
			if t.next().kind != end {
				return m, errors.New("something follows the semicolon: one login module is supported")
			}
			return m, nil
		case key.kind == end:
			return m, fmt.Errorf("it does not end with a semicolon (after %s)", last)
		case key.kind != word:
			return m, fmt.Errorf("want option=value after %s", last)
		}
		if eq := t.next(); eq.kind != equals {
			return m, fmt.Errorf("want option=value after %s; a value with special characters stands in quotes", last)
		}
		value := t.next()
		if value.kind != word {
			return m, fmt.Errorf("want option=value after %s", last)
		}
		if value.open {
			return m, fmt.Errorf("a quote is not closed after %s", last)
		}
		m.options[key.text] = value.text
		last = "the option " + shown(key.text)
	}
}

type kind int

const (
	end kind = iota
	word
	equals
	semicolon
)

type token struct {
	kind kind
	text string
	open bool // a quoted text that is not closed
}

type tokenizer struct{ rest string }

func (t *tokenizer) next() token {
	t.skip()
	if t.rest == "" {
		return token{kind: end}
	}
	switch c := t.rest[0]; c {
	case '=':
		t.rest = t.rest[1:]
		return token{kind: equals}
	case ';':
		t.rest = t.rest[1:]
		return token{kind: semicolon}
	case '"', '\'':
		return t.quoted(c)
	}
	n := strings.IndexFunc(t.rest, func(r rune) bool { return r <= ' ' || strings.ContainsRune(`=;"'`, r) })
	if n < 0 {
		n = len(t.rest)
	}
	text := t.rest[:n]
	t.rest = t.rest[n:]
	return token{kind: word, text: text}
}

// skip leaves space and comments out.
func (t *tokenizer) skip() {
	for {
		t.rest = strings.TrimLeftFunc(t.rest, func(r rune) bool { return r <= ' ' })
		switch {
		case strings.HasPrefix(t.rest, "//"):
			_, t.rest, _ = strings.Cut(t.rest, "\n")
		case strings.HasPrefix(t.rest, "/*"):
			_, t.rest, _ = strings.Cut(t.rest, "*/")
		default:
			return
		}
	}
}

var escapes = map[byte]byte{'a': 7, 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': 11}

// quoted reads a text in quotes with the escapes of StreamTokenizer; a line end closes it there, here it
// is a fault.
func (t *tokenizer) quoted(quote byte) token {
	var s strings.Builder
	in := t.rest[1:]
	for i := 0; i < len(in); i++ {
		c := in[i]
		switch {
		case c == quote:
			t.rest = in[i+1:]
			return token{kind: word, text: s.String()}
		case c == '\n' || c == '\r':
			t.rest = in[i:]
			return token{kind: word, open: true}
		case c == '\\' && i+1 < len(in):
			i++
			value, more := escape(in[i:])
			s.WriteRune(value)
			i += more
		default:
			s.WriteByte(c)
		}
	}
	t.rest = ""
	return token{kind: word, open: true}
}

// escape is what follows a backslash, and how many bytes more than one it takes.
func escape(in string) (value rune, more int) {
	c := in[0]
	if c >= '0' && c <= '7' { // octal, up to \377
		most := 2
		if c > '3' {
			most = 1
		}
		v := rune(c - '0')
		for more < most && more+1 < len(in) && in[more+1] >= '0' && in[more+1] <= '7' {
			more++
			v = v<<3 + rune(in[more]-'0')
		}
		return v, more
	}
	if e, ok := escapes[c]; ok {
		return rune(e), 0
	}
	for i, r := range in { // any other character stands for itself
		if i == 0 {
			return r, len(string(r)) - 1
		}
	}
	return rune(c), 0
}
