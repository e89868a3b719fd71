// Package filter reads what a person types to see some records alone, and decides about each record. The
// command line and the screen share it; what a record says is found out by package format, and nothing is
// drawn here.
package filter

import (
	"strings"

	"lagtop/kafka"
	"lagtop/kafka/tail/format"
)

// Syntax is a summary for a help text.
const Syntax = `a word, or text:"some words"   in the value, key, place or level; small letters match both cases
/regexp/                       anywhere in the value or key
level>=warn  level:error       severity: debug info warn error fatal
key:X value:X topic:X          contained; value:null finds tombstones
partition:7 offset:>=10k size:>1M
header:name  header:name=X     a header of that name, with X in its value
format:json                    text json logfmt syslog access cef schema hex
jq: .amount > 10               on JSON values, to the end of the filter
-term or !term                 leaves out what matches; several terms must all hold`

// Filter is what was typed, understood. The zero Filter keeps every record. It may be used from several
// goroutines.
type Filter struct {
	text  string
	terms []term
}

// Empty tells whether every record stays.
func (f Filter) Empty() bool { return len(f.terms) == 0 }

// String is the text as it was typed, without blanks around it.
func (f Filter) String() string { return f.text }

// And keeps what both keep.
func (f Filter) And(g Filter) Filter {
	return Filter{
		text:  strings.TrimSpace(f.text + " " + g.text),
		terms: append(append([]term(nil), f.terms...), g.terms...),
	}
}

// Not keeps what f leaves out. Of the Empty filter it is the Empty filter.
func (f Filter) Not() Filter {
	if f.Empty() {
		return f
	}
	return Filter{text: "not (" + f.text + ")", terms: []term{{not: true, field: group, all: f.terms}}}
}

// Slow counts the records that a jq term gave up on, for time or size.
func (f Filter) Slow() int64 {
	var n int64
	for i := range f.terms {
		if q := f.terms[i].jq; q != nil {
			n += q.slow.Load()
		}
		n += Filter{terms: f.terms[i].all}.Slow()
	}
	return n
}

// Match tells whether a record passes every term. Of a huge value only the first MiB is searched.
func (f Filter) Match(r *kafka.Record) bool {
	p := probe{r: r}
	for i := range f.terms {
		if !f.terms[i].match(&p) {
			return false
		}
	}
	return true
}

// field is what a term is about.
type field uint8

const (
	anywhere field = iota // value, key, place, level
	level
	key
	value
	topic
	partition
	offset
	size
	header
	formatted
	expression // regexp
	jq
	group // of terms
)

type term struct {
	field field
	not   bool
	name  string // of a header
	want  needle
	op    operator
	num   int64 // also a severity
	re    *expr
	jq    *query
	all   []term
}

// probe is a record under test, with what terms found out about it.
type probe struct {
	r        *kafka.Record
	severity format.Severity
	judged   bool
}

func (p *probe) level() format.Severity {
	if !p.judged {
		p.severity, p.judged = format.Of(p.r.Value), true
	}
	return p.severity
}

func (t *term) match(p *probe) bool { return t.holds(p) != t.not }

func (t *term) holds(p *probe) bool {
	r := p.r
	switch t.field {
	case level:
		s := p.level()
		if t.op == contains {
			return t.want.in(s.String())
		}
		return s != format.None && t.op.holds(int64(s), t.num)
	case key:
		return r.Key != nil && t.want.inBytes(r.Key)
	case value:
		return t.inValue(r)
	case topic:
		return t.want.in(r.Topic)
	case partition:
		return t.op.holds(int64(r.Partition), t.num)
	case offset:
		return t.op.holds(r.Offset, t.num)
	case size:
		return t.op.holds(int64(len(r.Key)+len(r.Value)), t.num)
	case header:
		return t.inHeader(r)
	case formatted:
		return t.want.in(format.Detect(r.Value).String())
	case expression:
		return t.re.in(r.Value) || t.re.in(r.Key)
	case jq:
		return t.jq.holds(r.Value)
	case group:
		return Filter{terms: t.all}.Match(r)
	}
	return t.inValue(r) || r.Key != nil && t.want.inBytes(r.Key) || t.inPlace(r) || t.inLevel(p)
}

// Null is what a tombstone is searched as.
const Null = "(null)"

func (t *term) inValue(r *kafka.Record) bool {
	if r.Value == nil {
		return t.want.in(Null)
	}
	return t.want.inBytes(r.Value)
}

// inLevel looks into the word of the severity, which is short.
func (t *term) inLevel(p *probe) bool { return len(t.want.text) <= 5 && t.want.in(p.level().String()) }

// inPlace looks into topic/partition@offset.
func (t *term) inPlace(r *kafka.Record) bool {
	var room [96]byte
	return t.want.inBytes(appendPlace(room[:0], r))
}

func (t *term) inHeader(r *kafka.Record) bool {
	for i := range r.Headers {
		h := &r.Headers[i]
		if strings.EqualFold(h.Key, t.name) && (t.want.text == "" || t.want.inBytes(h.Value)) {
			return true
		}
	}
	return false
}
