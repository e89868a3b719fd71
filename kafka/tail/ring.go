package tail

import (
	"strings"
	"unsafe"

	"lagtop/kafka"
)

// Entry is a kept record. Its bytes are copies that nobody changes. Of a long key, value or set of
// headers only the beginning is kept; the sizes are the true ones.
type Entry struct {
	kafka.Record
	Seq        uint64 // 1 for the first record that arrived
	KeySize    int
	ValueSize  int
	HeaderSize int // keys and values
	HeaderN    int
	Late       bool // older than the record before it: it came too late to be put in order, see Spec.Merge
}

// Cut tells whether anything of the record was left out.
func (e *Entry) Cut() bool {
	return e.Broken != nil && len(e.Broken.Raw) < e.Broken.Size || len(e.Key) < e.KeySize || len(e.Value) < e.ValueSize || len(e.Headers) < e.HeaderN || e.HeaderN > 0 && e.headerBytes() < e.HeaderSize
}

func (e *Entry) headerBytes() int {
	n := 0
	for _, h := range e.Headers {
		n += len(h.Key) + len(h.Value)
	}
	return n
}

const (
	entrySize  = int(unsafe.Sizeof(Entry{}))
	batchSize  = int(unsafe.Sizeof(kafka.Batch{})) // the whole of it for each: batches may have one record
	headerSize = int(unsafe.Sizeof(kafka.Header{}))
	brokenCost = int(unsafe.Sizeof(kafka.BrokenBatch{}))
	slabSize   = 32 << 10
)

// ring keeps the newest records within both bounds. Bytes live in slabs that many records share; since
// records leave in the order they came, at most one slab outlives its records in part.
type ring struct {
	spec    Spec
	entries []Entry // a circle; grows up to MaxRecords
	head    int     // the oldest
	n       int
	bytes   int
	seq     uint64 // of the newest
	dropped uint64
	slab    []byte // room left in the newest slab
}

func newRing(spec Spec) ring { return ring{spec: spec} }

// take keeps a record.
func (r *ring) take(rec *kafka.Record) { r.add(r.keep(rec)) }

// add takes what keep made.
func (r *ring) add(e Entry) {
	r.seq++
	e.Seq = r.seq
	cost := e.cost()
	for r.n > 0 && (r.n >= r.spec.MaxRecords || r.bytes+cost > r.spec.MaxBytes) {
		r.drop()
	}
	if r.n == len(r.entries) {
		r.grow()
	}
	r.entries[(r.head+r.n)%len(r.entries)] = e
	r.n++
	r.bytes += cost
}

func (e *Entry) cost() int {
	c := entrySize + batchSize + len(e.Key) + len(e.Value) + len(e.Headers)*headerSize
	if e.Broken != nil {
		c += brokenCost + len(e.Broken.Raw)
	}
	return c + e.headerBytes()
}

func (r *ring) drop() {
	r.bytes -= r.entries[r.head].cost()
	r.entries[r.head] = Entry{}
	r.head = (r.head + 1) % len(r.entries)
	r.n--
	r.dropped++
}

func (r *ring) grow() {
	bigger := make([]Entry, min(max(2*len(r.entries), 64), r.spec.MaxRecords))
	for i := range r.n {
		bigger[i] = r.entries[(r.head+i)%len(r.entries)]
	}
	r.entries, r.head = bigger, 0
}

// keep copies as much of a record as is kept.
func (r *ring) keep(rec *kafka.Record) Entry {
	e := Entry{Record: *rec, KeySize: len(rec.Key), ValueSize: len(rec.Value), HeaderN: len(rec.Headers)}
	e.Key = r.copy(rec.Key, r.spec.MaxValue)
	e.Value = r.copy(rec.Value, r.spec.MaxValue)
	e.Headers = nil
	if e.HeaderN == 0 {
		return e
	}
	room := r.spec.MaxValue
	for _, h := range rec.Headers {
		e.HeaderSize += len(h.Key) + len(h.Value)
		if room <= 0 {
			continue
		}
		key := h.Key
		if len(key) > room {
			key = strings.Clone(key[:room])
		}
		room -= len(key) + headerSize
		value := r.copy(h.Value, max(room, 0))
		room -= len(value)
		e.Headers = append(e.Headers, kafka.Header{Key: key, Value: value})
	}
	return e
}

// copy is a copy of the first limit bytes of b; nil stays nil.
func (r *ring) copy(b []byte, limit int) []byte {
	if b == nil {
		return nil
	}
	b = b[:min(len(b), limit)]
	if len(b) == 0 {
		return []byte{} // a slice of an empty slab would be nil
	}
	if len(b) > slabSize/4 {
		return append(make([]byte, 0, len(b)), b...)
	}
	if len(b) > cap(r.slab)-len(r.slab) {
		r.slab = make([]byte, 0, slabSize)
	}
	from := len(r.slab)
	r.slab = append(r.slab, b...)
	return r.slab[from:len(r.slab):len(r.slab)]
}

// window are the n entries that end at last, or the oldest or newest n.
func (r *ring) window(last uint64, n int) []Entry {
	n = min(n, r.n)
	if n <= 0 {
		return nil
	}
	oldest := r.seq - uint64(r.n) + 1
	last = min(max(last, oldest+uint64(n)-1), r.seq)
	from := int(last - uint64(n) + 1 - oldest)
	out := make([]Entry, n)
	for i := range out {
		out[i] = r.entries[(r.head+from+i)%len(r.entries)]
	}
	return out
}

func (r *ring) get(seq uint64) (Entry, bool) {
	if seq > r.seq || seq+uint64(r.n) <= r.seq {
		return Entry{}, false
	}
	return r.entries[(r.head+r.n-1-int(r.seq-seq))%len(r.entries)], true
}
