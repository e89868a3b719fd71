package tail

import (
	"strings"

	"lagtop/kafka/human"
	"lagtop/kafka/safe"
	kafkatail "lagtop/kafka/tail"
	"lagtop/kafka/tail/filter"
	"lagtop/kafka/tail/format"
	"lagtop/theme"
	"lagtop/ui/component"
)

// findMost bounds the records that one step of a search looks at, so that the next key is not late.
const (
	findMost  = 20_000
	findChunk = 256
)

// search is what is highlighted, without hiding anything.
type search struct {
	text   string
	filter filter.Filter
	word   string // text, where it is a word or words that can be underlined; else the whole value is
	said   string // why the last step went nowhere
	beyond int    // how often in a row an older match was asked for where none is kept
}

// Highlight is what is looked for without a filter; it implements pane.Filterer.
type Highlight struct{ m *Model }

// Highlight is the pane's search.
func (m *Model) Highlight() Highlight { return Highlight{m} }

// SetFilter highlights the records that match.
func (h Highlight) SetFilter(text string) error {
	f, err := filter.Parse(text)
	if err != nil {
		return err
	}
	s := search{text: strings.TrimSpace(text), filter: f}
	if !strings.ContainsAny(s.text, `:/<>=!" ,`) && !strings.HasPrefix(s.text, "-") {
		s.word = s.text
	}
	h.m.search = s
	return nil
}

// Filter is the search as it was typed.
func (h Highlight) Filter() string { return h.m.search.text }

// light marks what was searched for in the cells of a value.
func (s *search) light(e *kafkatail.Entry, schemas format.Schemas, cells []component.Cell) []component.Cell {
	if s.filter.Empty() {
		return cells
	}
	if passes, _ := e.Judge(s.filter.With(schemas)); !passes {
		return cells
	}
	found := false
	var out []component.Cell
	for _, c := range cells {
		if s.word == "" {
			c.Tok = theme.Match
			out = append(out, c)
			continue
		}
		for {
			at := index(c.Text, s.word)
			if at < 0 {
				break
			}
			found = true
			end := at + len(s.word)
			out = append(out, component.Cell{Text: c.Text[:at], Tok: c.Tok}, component.Cell{Text: c.Text[at:end], Tok: theme.Match})
			c.Text = c.Text[end:]
		}
		out = append(out, c)
	}
	if s.word != "" && !found { // it is in the key, the place, or what is not drawn
		return append([]component.Cell{{Text: "*", Tok: theme.Match}, {Text: " "}}, cells...)
	}
	return out
}

// index finds a word in a text. Without a capital it matches both cases, of ASCII letters.
func index(text, word string) int {
	if strings.ToLower(word) != word {
		return strings.Index(text, word)
	}
	if low := strings.ToLower(text); len(low) == len(text) {
		return strings.Index(low, word)
	}
	return strings.Index(text, word)
}

// find goes to the next match: older records for -1, newer ones for 1. Without a search it is the
// filter that says what matches, which is of use with neighbours on screen.
func (m *Model) find(schemas format.Schemas, dir int) {
	beyond := m.search.beyond
	m.search.said, m.search.beyond = "", 0
	f := m.search.filter
	switch {
	case m.lines() == 0:
		m.search.nowhere(dir, beyond)
		return
	case f.Empty() && m.sieve.filter.Empty():
		m.search.said = "* says what to find"
		return
	case f.Empty():
		f = m.sieve.filter
	}
	f = f.With(schemas)
	top, from := m.position()
	line, looked := from, 0
	for looked < findMost {
		lo, hi := line+1, min(line+findChunk, m.lines()-1)
		if dir < 0 {
			lo, hi = max(line-findChunk, 0), line-1
		}
		if lo > hi {
			m.search.nowhere(dir, beyond)
			return
		}
		if at, ok := m.match(f, lo, hi, dir); ok {
			m.stay(top, at)
			return
		}
		looked += hi - lo + 1
		if line = hi; dir < 0 {
			line = lo
		}
	}
	m.stay(top, line)
	m.search.said = "no match in " + human.Count(int64(looked)) + " records, again goes on"
}

// nowhere says that nothing matches in a direction; older records may be in the log.
func (s *search) nowhere(dir, beyond int) {
	if s.said = "no newer match"; dir < 0 {
		s.said, s.beyond = "no older match, m searches the log", beyond+1
	}
}

// match is the first line from lo to hi that passes, seen in the direction.
func (m *Model) match(f filter.Filter, lo, hi, dir int) (line int, ok bool) {
	entries := m.entries(lo, hi-lo+1)
	for i := range entries {
		e := &entries[i]
		if dir < 0 {
			e = &entries[len(entries)-1-i]
		}
		if passes, _ := e.Judge(f); passes {
			return m.line(e.Seq), true
		}
	}
	return 0, false
}

// bookmark keeps the record under the cursor to be compared with others, or lets go of it.
func (m *Model) bookmark() {
	entry, ok := m.Current()
	switch {
	case !ok:
		return
	case m.mark != nil && m.mark.Seq == entry.Seq:
		m.mark = nil
	default:
		m.mark = &entry
	}
}

// toBookmark goes back to the bookmarked record.
func (m *Model) toBookmark() {
	m.search.said = ""
	switch {
	case m.mark == nil:
		m.search.said = "b bookmarks a record"
	case m.mark.Seq < m.state.First || m.lines() == 0:
		m.search.said = "the bookmark gave way to newer records"
	default:
		top, _ := m.position()
		m.stay(top, m.line(m.mark.Seq))
	}
}

// Bookmark is the record that others are compared with.
func (m *Model) Bookmark() (kafkatail.Entry, bool) {
	if m.mark == nil {
		return kafkatail.Entry{}, false
	}
	return *m.mark, true
}

// says is the search in the note.
func (s *search) says() string {
	if s.said != "" || s.filter.Empty() {
		return s.said
	}
	return "*" + safe.Cut(s.text, 20)
}
