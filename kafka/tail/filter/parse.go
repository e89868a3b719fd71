package filter

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"lagtop/kafka/human"
	"lagtop/kafka/tail/format"
)

var names = map[string]field{
	"text": anywhere, "level": level, "key": key, "value": value, "topic": topic, "partition": partition,
	"offset": offset, "size": size, "header": header, "format": formatted,
}

const known = "text: level: key: value: topic: partition: offset: size: header: format: jq:"

// Parse reads terms separated by spaces or commas; see Syntax. A term without a value, still being typed,
// keeps every record. The error names the term that cannot be understood.
func Parse(text string) (Filter, error) {
	f := Filter{text: strings.TrimSpace(text)}
	rest := text
	for {
		rest = strings.TrimLeftFunc(rest, separates)
		if rest == "" {
			return f, nil
		}
		t, after, keep, err := next(rest)
		if err != nil {
			return Filter{}, fmt.Errorf("filter %q: %w", strings.TrimSpace(rest[:len(rest)-len(after)]), err)
		}
		if keep {
			f.terms = append(f.terms, t)
		}
		rest = after
	}
}

func separates(r rune) bool { return r == ',' || unicode.IsSpace(r) }

// next reads one term at the beginning of s.
func next(s string) (t term, rest string, keep bool, err error) {
	if s[0] == '-' || s[0] == '!' {
		t.not, s = true, s[1:]
		if s == "" || separates(rune(s[0])) {
			return t, s, false, nil
		}
	}
	if src, ok := strings.CutPrefix(s, "jq:"); ok {
		t.field = jq
		if strings.TrimSpace(src) == "" {
			return t, "", false, nil
		}
		t.jq, err = compile(strings.TrimSpace(src))
		return t, "", true, err
	}
	if src, rest, ok := slashed(s); ok {
		t.field = expression
		t.re, err = newExpr(src)
		return t, rest, src != "", err
	}
	name, op, ok := prefix(s)
	if !ok {
		word, rest := upToSeparator(s)
		t.want, t.pair = newNeedle(word), isPair(word)
		return t, rest, true, nil
	}
	from := len(name) + len(op)
	val, rest := argument(s[from:])
	keep, err = t.set(strings.ToLower(name), op, val)
	return t, rest, keep, err
}

func isPair(word string) bool { return strings.IndexByte(word, '=') > 0 }

// prefix reads the name of a field and : or a comparison behind it.
func prefix(s string) (name, op string, ok bool) {
	end := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
	if end <= 0 {
		return "", "", false
	}
	name = s[:end]
	if s[end] == ':' {
		return name, ":", true
	}
	if s[end] != '>' && s[end] != '<' {
		return "", "", false
	}
	switch names[strings.ToLower(name)] {
	case level, partition, offset, size:
		return name, "", true
	}
	return "", "", false
}

// slashed reads /regexp/ where the second slash ends the term: /api/users is a word.
func slashed(s string) (src, rest string, ok bool) {
	if s[0] != '/' {
		return "", "", false
	}
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case s[i] == '/' && (i+1 == len(s) || separates(rune(s[i+1]))):
			return s[1:i], s[i+1:], true
		}
	}
	return "", "", false
}

func upToSeparator(s string) (word, rest string) {
	if i := strings.IndexFunc(s, separates); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// argument reads a value that may hold separators within quotes: "a b" or name="a b".
func argument(s string) (val, rest string) {
	open := strings.IndexByte(s, '"')
	stop := strings.IndexFunc(s, separates)
	if open >= 0 && (stop < 0 || open < stop) && (open == 0 || s[open-1] == '=') {
		if end := strings.IndexByte(s[open+1:], '"'); end >= 0 {
			if behind := open + end + 2; behind == len(s) || separates(rune(s[behind])) {
				return s[:open] + s[open+1:behind-1], s[behind:]
			}
		}
	}
	return upToSeparator(s)
}

// set understands the value of a field; keep is false while there is none.
func (t *term) set(name, op, val string) (keep bool, err error) {
	f, ok := names[name]
	if !ok {
		return false, fmt.Errorf("no field %q, there are %s; as text: text:%s%s%s", name, known, name, op, val)
	}
	t.field = f
	switch f {
	case partition, offset, size:
		t.op, val = operatorOf(val)
		if val == "" {
			return false, nil
		}
		t.op = max(t.op, equal)
		t.num, err = number(val)
		return true, err
	case level:
		t.op, val = operatorOf(val)
		if val != "" && t.op != contains {
			s, ok := format.ParseSeverity(val)
			if !ok {
				err = fmt.Errorf("%q is no level, there are debug, info, warn, error, fatal", val)
			}
			t.num = int64(s)
			return true, err
		}
	case header:
		t.name, val, _ = strings.Cut(val, "=")
		t.want = newNeedle(val)
		return t.name != "", nil
	}
	t.want, t.pair = newNeedle(val), f == anywhere && isPair(val)
	if f == level || f == formatted {
		t.want = newNeedle(strings.ToLower(val))
	}
	return val != "", nil
}

// operator compares numbers; contains is none of them, for words.
type operator uint8

const (
	contains operator = iota
	equal
	more
	atLeast
	less
	atMost
)

func operatorOf(s string) (operator, string) {
	for _, o := range []struct {
		text string
		op   operator
	}{{">=", atLeast}, {"<=", atMost}, {">", more}, {"<", less}, {"=", equal}} {
		if rest, ok := strings.CutPrefix(s, o.text); ok {
			return o.op, rest
		}
	}
	return contains, s
}

func (o operator) holds(v, than int64) bool {
	switch o {
	case more:
		return v > than
	case atLeast:
		return v >= than
	case less:
		return v < than
	case atMost:
		return v <= than
	}
	return v == than
}

var errNumber = errors.New("wants a number such as 7 or 10k")

// number reads a whole number, or one with k, M or G.
func number(s string) (int64, error) {
	digits, factor := human.Unit(s)
	if factor == 1 {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 0 {
			return 0, errNumber
		}
		return n, nil
	}
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil || strings.Trim(digits, "0123456789.") != "" || n*factor > 1<<62 {
		return 0, errNumber
	}
	return int64(n * factor), nil
}
