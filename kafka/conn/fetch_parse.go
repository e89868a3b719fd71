package conn

import (
	"encoding/binary"

	"lagtop/kafka"
)

// maxNames bounds the names of headers that are kept for the next records.
const maxNames = 256

// parser reads the records of a batch without copying: what it returns are parts of b.
type parser struct {
	b     []byte
	names map[string]string
}

func (p *parser) varint() (int64, bool) {
	v, n := binary.Varint(p.b)
	if n <= 0 {
		return 0, false
	}
	p.b = p.b[n:]
	return v, true
}

// bytes reads a length and so many bytes; a negative length is nil.
func (p *parser) bytes() ([]byte, bool) {
	n, ok := p.varint()
	if !ok || n > int64(len(p.b)) {
		return nil, false
	}
	if n < 0 {
		return nil, true
	}
	out := p.b[:n:n]
	p.b = p.b[n:]
	return out, true
}

// record reads the next record: how far its offset and its time (ms) are behind those of the batch, and
// what its producer wrote. Its headers are appended to those that are given.
func (p *parser) record(headers *[]kafka.Header) (offset, ms int64, r kafka.Record, ok bool) {
	size, ok := p.varint()
	if !ok || size < 1 || size > int64(len(p.b)) {
		return 0, 0, r, false
	}
	one := parser{b: p.b[1:size], names: p.names} // behind the attributes, which mean nothing yet
	p.b = p.b[size:]
	var oks [5]bool
	var n int64
	ms, oks[0] = one.varint()
	offset, oks[1] = one.varint()
	r.Key, oks[2] = one.bytes()
	r.Value, oks[3] = one.bytes()
	n, oks[4] = one.varint()
	for _, read := range oks {
		ok = ok && read
	}
	if !ok || n < 0 || n > int64(len(one.b)) || offset < 0 {
		return 0, 0, r, false
	}
	from := len(*headers)
	for ; n > 0; n-- {
		name, ok1 := one.bytes()
		value, ok2 := one.bytes()
		if !ok1 || !ok2 {
			return 0, 0, r, false
		}
		*headers = append(*headers, kafka.Header{Key: p.name(name), Value: value})
	}
	if to := len(*headers); to > from {
		r.Headers = (*headers)[from:to:to]
	}
	return offset, ms, r, true
}

func (p *parser) name(b []byte) string {
	if s, ok := p.names[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(p.names) < maxNames && len(s) < maxNames {
		p.names[s] = s
	}
	return s
}

// markerOf says what the record of a control batch stands for (KIP-98): its key is a version and a type.
func markerOf(body []byte) kafka.Mark {
	var headers []kafka.Header
	p := parser{b: body, names: map[string]string{}}
	_, _, r, ok := p.record(&headers)
	if !ok || len(r.Key) < 4 {
		return kafka.OtherMarker
	}
	switch binary.BigEndian.Uint16(r.Key[2:]) {
	case 0:
		return kafka.AbortMarker
	case 1:
		return kafka.CommitMarker
	}
	return kafka.OtherMarker
}
