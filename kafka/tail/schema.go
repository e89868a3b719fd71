package tail

import (
	"lagtop/kafka/tail/filter"
	"lagtop/kafka/tail/format"
)

// Read is what schemas, which may be nil, make of the key or the value. One that was cut, and what Kafka wrote into
// a marker, are not decoded.
func (e *Entry) Read(s format.Schemas, part format.Part) format.Decoding {
	data, cut := e.Value, len(e.Value) != e.ValueSize
	if part == format.OfKey {
		data, cut = e.Key, len(e.Key) != e.KeySize
	}
	if cut || e.Mark.Marker() {
		return format.Decoding{}
	}
	return format.Read(s, e.Topic, part, data)
}

// Judge tells whether the record passes, as far as it was kept; see filter.Filter.Judge.
func (e *Entry) Judge(f filter.Filter) (passes, sure bool) {
	return f.Judge(&e.Record, filter.Cut{Key: len(e.Key) != e.KeySize, Value: len(e.Value) != e.ValueSize})
}

// By is the body as its schema reads it, or as it is where none does.
func (b Body) By(d format.Decoding) Body {
	if d.Text == nil {
		return b
	}
	out := body(d.Text, len(d.Text))
	out.Encoded = b.Size
	return out
}
