package tail

import (
	"iter"
	"slices"
	"strings"
	"unicode"

	"lagtop/kafka"
	kafkatail "lagtop/kafka/tail"
	"lagtop/ui/component/filter"
)

// siftMost bounds the records that one Refresh looks at: some milliseconds of work.
const siftMost = 4000

// fields are what can be filtered by. A word alone is looked for in what the line shows.
var fields = filter.Fields{
	"text": filter.Text, "level": filter.Text, "key": filter.Text, "value": filter.Text,
	"partition": filter.Number, "offset": filter.Number,
}

// sieve finds the kept records that match. It looks at new records first and at older ones as time
// allows, each once.
type sieve struct {
	text   string
	filter filter.Filter
	found  []uint64 // ascending
	from   uint64   // records from here to to were looked at, but for those missed; 0 before the first
	to     uint64
	missed int    // came too fast to be looked at
	gap    uint64 // the newest of those
}

func (s *sieve) on() bool { return !s.filter.Empty() }

func (s *sieve) set(text string) error {
	f, err := filter.Parse(contained(text), fields)
	if err != nil {
		return err
	}
	*s = sieve{text: strings.TrimSpace(text), filter: f}
	return nil
}

// contained turns words without a field into text:word. Fuzzy matching, which is what a word alone
// means elsewhere, finds almost anything in the long lines of a log.
func contained(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
	for i, w := range words {
		name, _, found := strings.Cut(w, ":")
		if !found || name == "" || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) }) {
			words[i] = "text:" + w
		}
	}
	return strings.Join(words, " ")
}

// sift looks at records that it has not seen.
func (s *sieve) sift(src Source, st *kafkatail.State) {
	if !s.on() || st.Kept == 0 {
		return
	}
	if s.from == 0 {
		s.from, s.to = st.Last+1, st.Last
	}
	s.forget(st.First)
	room := uint64(siftMost)
	if n := st.Last - s.to; n > 0 {
		if n > room {
			s.missed += int(n - room)
			s.gap = st.Last - room
			s.to, n = s.gap, room
		}
		s.found = append(s.found, s.matches(src, s.to+1, st.Last)...)
		s.to = st.Last
		room -= n
	}
	if first := max(st.First, s.from-min(room, s.from)); first < s.from {
		s.found = append(s.matches(src, first, s.from-1), s.found...)
		s.from = first
	}
}

// forget drops what is no longer kept.
func (s *sieve) forget(first uint64) {
	if s.from >= first {
		return
	}
	s.from, s.to = first, max(s.to, first-1)
	i, _ := slices.BinarySearch(s.found, first)
	s.found = slices.Delete(s.found, 0, i)
	if s.gap < first {
		s.missed = 0
	}
}

// matches are the matching records between two sequence numbers, both included.
func (s *sieve) matches(src Source, from, to uint64) []uint64 {
	const chunk = 256
	var out []uint64
	for ; from <= to; from += chunk {
		last := min(from+chunk-1, to)
		for _, e := range src.Window(last, int(last-from+1)) {
			if e.Seq >= from && e.Seq <= last && s.filter.Match(record{&e}) {
				out = append(out, e.Seq)
			}
		}
	}
	return out
}

// unseen counts the kept records that nobody looked at.
func (s *sieve) unseen(st *kafkatail.State) int {
	n := s.missed
	if s.from > st.First {
		n += int(s.from - st.First)
	}
	return min(n, st.Kept)
}

// record answers for its fields, with the texts that its line shows.
type record struct{ *kafkatail.Entry }

// Texts are the values that a filter compares.
func (r record) Texts(field string) iter.Seq[string] {
	return func(yield func(string) bool) {
		switch field {
		case "level":
			yield(kafkatail.Detect(r.Value).String())
		case "key":
			yield(kafkatail.Format(&kafka.Record{Key: r.Key}, kafkatail.Options{}).Key)
		case "value":
			yield(kafkatail.Format(&kafka.Record{Value: r.Value}, kafkatail.Options{}).Value)
		default:
			l := kafkatail.Format(&r.Record, kafkatail.Options{Now: r.Timestamp})
			_ = yield(l.Value) && yield(l.Key) && yield(l.Place) && yield(l.Severity.String())
		}
	}
}

// Number is the value of a number field.
func (r record) Number(field string) kafka.Known[float64] {
	if field == "offset" {
		return kafka.Some(float64(r.Offset))
	}
	return kafka.Some(float64(r.Partition))
}
