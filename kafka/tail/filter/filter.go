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
name=value                     such a field of JSON, logfmt and others, as the screen writes it
/regexp/                       anywhere in the value or key
level>=warn  level:error       severity: debug info warn error fatal
key:X value:X topic:X          contained; value:null finds tombstones
partition:7 offset:>=10k size:>1M
header:name  header:name=X     a header of that name, with X in its value
format:json                    text json logfmt syslog access cef schema hex corrupt; what a schema decodes is schema and json
jq: .amount > 10               on JSON values and what a schema decodes, to the end of the filter
-term or !term                 leaves out what matches; several terms must all hold`

// Filter is what was typed, understood. The zero Filter keeps every record. It may be used from several
// goroutines.
type Filter struct {
	text    string
	terms   []term
	schemas format.Schemas // nil: none
}

// Empty tells whether every record stays.
func (f Filter) Empty() bool { return len(f.terms) == 0 }

// String is the text as it was typed, without blanks around it.
func (f Filter) String() string { return f.text }

// And keeps what both keep.
func (f Filter) And(g Filter) Filter {
	if f.schemas == nil {
		f.schemas = g.schemas
	}
	return Filter{
		text:    strings.TrimSpace(f.text + " " + g.text),
		terms:   append(append([]term(nil), f.terms...), g.terms...),
		schemas: f.schemas,
	}
}

// Not keeps what f leaves out. Of the Empty filter it is the Empty filter.
func (f Filter) Not() Filter {
	if f.Empty() {
		return f
	}
	return Filter{text: "not (" + f.text + ")", terms: []term{{not: true, field: group, all: f.terms}}, schemas: f.schemas}
}

// With is the filter that also looks into what these schemas decode, as JSON; nil for none.
func (f Filter) With(s format.Schemas) Filter {
	f.schemas = s
	return f
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
	if f.schemas != nil {
		p.by = &bySchema{schemas: f.schemas}
	}
	return p.pass(f.terms)
}

// Judge is Match of a record that may be cut. It is not sure where a schema was needed that is not there yet: the
// bytes alone were searched then.
func (f Filter) Judge(r *kafka.Record, cut Cut) (passes, sure bool) {
	p := probe{r: r}
	if f.schemas != nil {
		p.by = &bySchema{schemas: f.schemas, cut: cut}
	}
	return p.pass(f.terms), p.by == nil || !p.by.later
}

// Cut says of what only the beginning is there; no schema decodes that.
type Cut struct{ Key, Value bool }

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
	pair  bool // want is name=value
}

// probe is a record under test, with what terms found out about it.
type probe struct {
	r        *kafka.Record
	severity format.Severity
	judged   bool
	by       *bySchema // nil: no schemas
	fields   []format.Field
	read     bool // fields were looked for
}

// bySchema is what terms found out with schemas.
type bySchema struct {
	schemas format.Schemas
	cut     Cut
	texts   [2][]byte // by format.Part
	asked   [2]bool
	later   bool // a schema was not there
}

func (p *probe) pass(terms []term) bool {
	for i := range terms {
		if !terms[i].match(p) {
			return false
		}
	}
	return true
}

// text is the key or the value by its schema, nil where none decodes it.
func (p *probe) text(part format.Part) []byte {
	if p.by == nil {
		return nil
	}
	return p.by.text(p.r, part)
}

func (b *bySchema) text(r *kafka.Record, part format.Part) []byte {
	if b.asked[part] {
		return b.texts[part]
	}
	b.asked[part] = true
	data, cut := r.Value, b.cut.Value
	if part == format.OfKey {
		data, cut = r.Key, b.cut.Key
	}
	if !cut && !r.Mark.Marker() {
		d := format.Read(b.schemas, r.Topic, part, data)
		b.texts[part], b.later = d.Text, b.later || d.Later
	}
	return b.texts[part]
}

// says is the value that can be read: what a schema made of it, or as it is.
func (p *probe) says() []byte {
	if text := p.text(format.OfValue); text != nil {
		return text
	}
	return p.r.Value
}

func (p *probe) level() format.Severity {
	if !p.judged {
		p.severity, p.judged = format.Of(p.says()), true
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
		return r.Key != nil && t.want.inBytes(r.Key) || p.by != nil && t.want.inJSON(p.text(format.OfKey))
	case value:
		return t.inValue(r) || p.by != nil && t.want.inJSON(p.text(format.OfValue))
	case topic:
		return t.want.in(r.Topic)
	case partition:
		return t.op.holds(int64(r.Partition), t.num)
	case offset:
		return t.inOffset(r)
	case size:
		n := len(r.Key) + len(r.Value)
		if r.Broken != nil {
			n = r.Broken.Size
		}
		return t.op.holds(int64(n), t.num)
	case header:
		return t.inHeader(r)
	case formatted:
		return t.inFormat(p)
	case expression:
		return t.re.in(r.Value) || t.re.in(r.Key) || t.re.inJSON(p.text(format.OfValue)) || t.re.inJSON(p.text(format.OfKey))
	case jq:
		return t.jq.holds(p.says())
	case group:
		return p.pass(t.all)
	}
	return t.inValue(r) || r.Key != nil && t.want.inBytes(r.Key) || t.inPlace(r) || t.inSchemas(p) || t.inLevel(p) || t.inFields(p)
}

// inFields looks into name=value, as the screen writes the fields of a value.
func (t *term) inFields(p *probe) bool {
	if !t.pair || p.r.Broken != nil || p.r.Mark.Marker() {
		return false
	}
	if !p.read {
		p.fields, p.read = format.Decode(format.Auto, p.says(), p.r.Timestamp).Fields, true
	}
	for i := range p.fields {
		if f := &p.fields[i]; t.want.in(f.Name + "=" + f.Value) {
			return true
		}
	}
	return false
}

// inOffset takes a batch that cannot be read for all of its offsets.
func (t *term) inOffset(r *kafka.Record) bool {
	b := r.Broken
	if b == nil {
		return t.op.holds(r.Offset, t.num)
	}
	return t.op.holds(b.From, t.num) || t.op.holds(b.Next-1, t.num) || t.op == equal && t.num >= b.From && t.num < b.Next
}

// inSchemas looks into what schemas make of the record.
func (t *term) inSchemas(p *probe) bool {
	return p.by != nil && (t.want.inJSON(p.text(format.OfValue)) || t.want.inJSON(p.text(format.OfKey)))
}

// inFormat takes what a schema decodes for both, what it is and what it is shown as.
func (t *term) inFormat(p *probe) bool {
	if p.r.Broken != nil {
		return t.want.in("corrupt")
	}
	if p.text(format.OfValue) != nil {
		return t.want.in(format.Schema.String()) || t.want.in(format.JSON.String())
	}
	return t.want.in(format.Detect(p.r.Value).String())
}

// Null is what a tombstone is searched as.
const Null = "(null)"

func (t *term) inValue(r *kafka.Record) bool {
	if r.Broken != nil {
		return t.want.in(r.Broken.Says())
	}
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
