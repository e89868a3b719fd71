// Package filter reads what a person types behind / and decides which rows stay. It knows no pane and no
// Kafka: a row answers for its own fields.
package filter

import (
	"fmt"
	"iter"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"lagtop/kafka"
	"lagtop/kafka/human"
)

// Kind is how the values of a field are compared.
type Kind int

// The kinds.
const (
	Text   Kind = iota // the value occurs in it, in any case of letters
	Number             // > >= < <= =, with k M G; "unknown" finds unknown ones
)

// Fields are the names that may stand before a colon.
type Fields map[string]Kind

// Row answers for one row.
type Row interface {
	// Texts are the values of a text field; of the field "" what the row shows.
	Texts(field string) iter.Seq[string]
	// Number is the value of a number field.
	Number(field string) kafka.Known[float64]
}

// Filter is what was typed, understood. The zero Filter keeps every row.
type Filter struct {
	text  string
	terms []term
}

type term struct {
	field string
	kind  Kind
	want  string // lower case
	op    string
	num   kafka.Known[float64] // unknown: rows whose number is unknown
}

// Parse reads terms separated by spaces or commas; a row must match all of them. A word alone matches
// fuzzily: its letters occur in this order in one of the texts that the row shows. A term without a
// value, still being typed, keeps every row. The error names the term that cannot be understood.
func Parse(text string, fields Fields) (Filter, error) {
	f := Filter{text: strings.TrimSpace(text)}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
		t, keep, err := parseTerm(word, fields)
		if err != nil {
			return Filter{}, err
		}
		if keep {
			f.terms = append(f.terms, t)
		}
	}
	return f, nil
}

// Empty tells whether every row stays.
func (f Filter) Empty() bool { return len(f.terms) == 0 }

// String is the text as it was typed, without blanks around it.
func (f Filter) String() string { return f.text }

// Match tells whether the row matches every term.
func (f Filter) Match(r Row) bool {
	for i := range f.terms {
		if !f.terms[i].match(r) {
			return false
		}
	}
	return true
}

func parseTerm(word string, fields Fields) (t term, keep bool, err error) {
	name, value, found := strings.Cut(word, ":")
	if !found || !isName(name) {
		return term{want: strings.ToLower(word)}, true, nil
	}
	name = strings.ToLower(name)
	kind, known := fields[name]
	switch {
	case !known:
		return t, false, fmt.Errorf("filter %q: no field %q, there are %s", word, name, names(fields))
	case kind == Text:
		return term{field: name, want: strings.ToLower(value)}, value != "", nil
	}
	t = term{field: name, kind: Number, op: "="}
	for _, op := range []string{">=", "<=", ">", "<", "="} {
		if rest, ok := strings.CutPrefix(value, op); ok {
			t.op, value = op, rest
			break
		}
	}
	if value == "" || value == "unknown" {
		return t, value != "", nil
	}
	n, err := number(value)
	if err != nil {
		return t, false, fmt.Errorf("filter %q: %q is not a number such as 10k", word, value)
	}
	t.num = kafka.Some(n)
	return t, true, nil
}

func isName(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) }) < 0
}

func names(fields Fields) string {
	var all []string
	for n := range fields {
		all = append(all, n+":")
	}
	sort.Strings(all)
	return strings.Join(all, " ")
}

func number(s string) (float64, error) {
	s, factor := human.Unit(s)
	if strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' }) >= 0 {
		return 0, strconv.ErrSyntax // ParseFloat also takes hexadecimal, infinity and not-a-number
	}
	n, err := strconv.ParseFloat(s, 64)
	return n * factor, err
}

func (t *term) match(r Row) bool {
	if t.kind == Number {
		return t.matchNumber(r.Number(t.field))
	}
	for s := range r.Texts(t.field) {
		if t.field == "" && Fuzzy(t.want, s) || t.field != "" && strings.Contains(strings.ToLower(s), t.want) {
			return true
		}
	}
	return false
}

func (t *term) matchNumber(v kafka.Known[float64]) bool {
	if !v.OK || !t.num.OK {
		return v.OK == t.num.OK
	}
	switch t.op {
	case ">":
		return v.V > t.num.V
	case ">=":
		return v.V >= t.num.V
	case "<":
		return v.V < t.num.V
	case "<=":
		return v.V <= t.num.V
	}
	return v.V == t.num.V
}

// Fuzzy tells whether the letters of a lower-case pattern occur in s in this order.
func Fuzzy(pattern, s string) bool {
	for _, r := range s {
		if pattern == "" {
			return true
		}
		want, n := utf8.DecodeRuneInString(pattern)
		if unicode.ToLower(r) == want {
			pattern = pattern[n:]
		}
	}
	return pattern == ""
}
