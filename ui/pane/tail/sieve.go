package tail

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"

	kafkatail "lagtop/kafka/tail"
	"lagtop/kafka/tail/filter"
	"lagtop/kafka/tail/format"
)

// What one Refresh looks at, at most: some milliseconds of work.
const (
	siftMost  = 4000    // records
	siftBytes = 2 << 20 // of memory, of records that schemas decode
	siftLeast = 100     // records, however large
)

// row is a record that is shown, or a run of records that say the same, of which it is the newest.
type row struct {
	seq   uint64
	first uint64 // of the run
	n     int    // records in it
	says  uint64 // hash of what they say; 0 where nothing is folded
	near  bool   // it does not match, and stands beside one that does
}

// sieve finds the kept records that match. It looks at new records first and at older ones as time
// allows, each once.
type sieve struct {
	text   string
	filter filter.Filter
	fold   bool // records in a row that say the same are one
	around int  // neighbours that are shown on both sides of a match
	seed   maphash.Seed
	found  []row  // ascending
	wide   []row  // found with its neighbours, where some are wanted
	from   uint64 // records from here to to were looked at, but for those missed; 0 before the first
	to     uint64
	missed int    // came too fast to be looked at
	gap    uint64 // the newest of those

	schemas format.Schemas // nil: none
	arrived uint64         // schemas, when records were last looked at
	unsure  uint64         // the newest record that was judged without its schema; 0: none
}

func (s *sieve) on() bool { return !s.filter.Empty() || s.fold }

func (s *sieve) set(text string) error {
	f, err := filter.Parse(text)
	if err != nil {
		return err
	}
	s.text, s.filter = strings.TrimSpace(text), f
	s.again()
	return nil
}

// again forgets what was found.
func (s *sieve) again() {
	*s = sieve{text: s.text, filter: s.filter, fold: s.fold, around: s.around, seed: s.seed, schemas: s.schemas, arrived: s.arrived}
}

// rows are the records that are shown while the sieve is on.
func (s *sieve) rows() []row {
	if s.around > 0 && !s.filter.Empty() {
		return s.wide
	}
	return s.found
}

// sift looks at records that it has not seen, and again at all of them when a schema came that some were judged
// without.
func (s *sieve) sift(src Source, st *kafkatail.State, schemas format.Schemas) {
	s.schemas = schemas
	if !s.on() || st.Kept == 0 {
		return
	}
	s.retry(src, st)
	if s.from == 0 {
		s.from, s.to = st.Last+1, st.Last
	}
	s.forget(st.First)
	room := s.room(st)
	if n := st.Last - s.to; n > 0 {
		if n > room {
			s.missed += int(n - room)
			s.gap = st.Last - room
			s.to, n = s.gap, room
		}
		s.found = join(s.found, s.matches(src, s.to+1, st.Last))
		s.to = st.Last
		room -= n
	}
	if first := max(st.First, s.from-min(room, s.from)); first < s.from {
		s.found = join(s.matches(src, first, s.from-1), s.found)
		s.from = first
	}
	s.widen(st)
}

// room is how many records one Refresh looks at.
func (s *sieve) room(st *kafkatail.State) uint64 {
	if s.schemas == nil || st.Bytes <= 0 {
		return siftMost
	}
	return uint64(min(max(siftBytes/max(st.Bytes/st.Kept, 1), siftLeast), siftMost))
}

// retry asks for the schema of a record that was judged without it, as nobody else does where the filter hides it.
func (s *sieve) retry(src Source, st *kafkatail.State) {
	if s.unsure < st.First {
		s.unsure = 0
	}
	if s.unsure == 0 {
		s.arrived = format.Arrived(s.schemas)
		return
	}
	if e, ok := src.Entry(s.unsure); ok {
		e.Read(s.schemas, format.OfValue)
		e.Read(s.schemas, format.OfKey)
	}
	if n := format.Arrived(s.schemas); n != s.arrived {
		s.again()
		s.arrived = n
	}
}

// join puts newer rows behind older ones; a run that goes on is one.
func join(older, newer []row) []row {
	if n := len(older); n > 0 && len(newer) > 0 && newer[0].says != 0 && older[n-1].says == newer[0].says {
		newer[0].first = older[n-1].first
		newer[0].n += older[n-1].n
		older = older[:n-1]
	}
	return append(older, newer...)
}

// forget drops what is no longer kept.
func (s *sieve) forget(first uint64) {
	if s.from >= first {
		return
	}
	s.from, s.to = first, max(s.to, first-1)
	s.found = slices.Delete(s.found, 0, at(s.found, first))
	if s.gap < first {
		s.missed = 0
	}
}

// at is the index of a record in rows, or of the next newer one.
func at(rows []row, seq uint64) int {
	i, _ := slices.BinarySearchFunc(rows, seq, func(r row, seq uint64) int { return cmp.Compare(r.seq, seq) })
	return i
}

// matches are the matching records between two sequence numbers, both included.
func (s *sieve) matches(src Source, from, to uint64) []row {
	const chunk = 256
	f := s.filter.With(s.schemas)
	var out []row
	for ; from <= to; from += chunk {
		last := min(from+chunk-1, to)
		for _, e := range src.Window(last, int(last-from+1)) {
			if e.Seq < from || e.Seq > last {
				continue
			}
			passes, sure := e.Judge(f)
			if !sure {
				s.unsure = max(s.unsure, e.Seq)
			}
			if !passes {
				continue
			}
			r := row{seq: e.Seq, first: e.Seq, n: 1}
			if s.fold {
				r.says = s.hash(&e)
			}
			out = join(out, []row{r})
		}
	}
	return out
}

// hash is never 0. It is that of the message, so that a time or a request id in another field makes no
// difference; a tombstone and a marker are like others of their kind.
func (s *sieve) hash(e *kafkatail.Entry) uint64 {
	const most = 2 << 10
	if s.seed == (maphash.Seed{}) {
		s.seed = maphash.MakeSeed()
	}
	said := kafkatail.NullValue
	if e.Broken != nil { // none is like another
		said = kafkatail.Place(e.TopicPartition, e.Offset)
	}
	if e.Value != nil && !e.Mark.Marker() {
		d := e.Read(s.schemas, format.OfValue)
		if d.Later {
			s.unsure = max(s.unsure, e.Seq)
		}
		ev := format.DecodeAs(d, format.Auto, e.Value[:min(len(e.Value), most)], e.Timestamp)
		said = ev.Severity.String() + "\x00" + ev.Message
	}
	return maphash.String(s.seed, e.Topic+e.Mark.String()+"\x00"+said) | 1
}

// widen adds the neighbours of what was found.
func (s *sieve) widen(st *kafkatail.State) {
	s.wide = s.wide[:0]
	if s.around == 0 || s.filter.Empty() {
		return
	}
	next := st.First // what is not in wide yet
	near := func(from, to uint64) {
		for seq := max(from, next); seq <= to; seq++ {
			s.wide = append(s.wide, row{seq: seq, first: seq, n: 1, near: true})
		}
		next = max(next, to+1)
	}
	for i, r := range s.found {
		if r.first > st.First {
			near(r.first-min(r.first, uint64(s.around)), r.first-1)
		}
		s.wide = append(s.wide, r)
		next = max(next, r.seq+1)
		to := min(r.seq+uint64(s.around), st.Last)
		if i+1 < len(s.found) {
			to = min(to, s.found[i+1].first-1)
		}
		near(r.seq+1, to)
	}
}

// passed counts the records that passed, each of a run.
func (s *sieve) passed() int {
	n := 0
	for i := range s.found {
		n += s.found[i].n
	}
	return n
}

// unseen counts the kept records that nobody looked at.
func (s *sieve) unseen(st *kafkatail.State) int {
	n := s.missed
	if s.from > st.First {
		n += int(s.from - st.First)
	}
	return min(n, st.Kept)
}
