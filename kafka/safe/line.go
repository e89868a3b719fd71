package safe

import (
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// maxMarks is how many combining marks one character keeps. Three suffice for Vietnamese, Thai and
// pointed Hebrew; a flood of them would paint over the lines above and below.
const maxMarks = 3

// Line is s as one line of text that a terminal can only print. Controls (ESC, newlines, tabs, NUL, C1),
// bidi controls, zero-width and other invisible characters, spaces that look like none or like an
// ordinary one, private and unassigned code points and bytes that are not UTF-8 become visible escapes:
// \n \r \t \x1b \u202e \U000e0001. A backslash stays as it is, so the escapes are for reading, not
// for parsing.
//
// Terminals differ in how wide they draw a cluster (DEC mode 2027 or not). What they would disagree on
// is escaped too: variation selectors, joined emoji, flags, spacing marks of Indic scripts. So the width
// of the result is the same everywhere and no column shifts.
//
// A string of printable ASCII is returned as it is, without allocation. Line(Line(s)) is Line(s).
func Line(s string) string {
	i := printable(s)
	if i == len(s) {
		return s
	}
	w := writer{out: make([]byte, 0, len(s)+16), escape: readable}
	w.write(s)
	return string(w.out)
}

// Bytes is Line of the first limit bytes of b, with an ellipsis when b is longer. A negative limit is none.
func Bytes(b []byte, limit int) string {
	if limit < 0 || len(b) <= limit {
		return Line(string(b))
	}
	// A rune that the limit splits is left out as a whole: half of it would be shown as foreign bytes.
	cut := limit
	for cut > 0 && limit-cut < utf8.UTFMax && !utf8.RuneStart(b[cut]) {
		cut--
	}
	return Line(string(b[:cut])) + Ellipsis
}

// printable is the length of the leading run of printable ASCII.
func printable(s string) int {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] > '~' {
			return i
		}
	}
	return len(s)
}

// readable appends raw, one rune or one byte that is not UTF-8, as an escape for people.
func readable(dst []byte, raw string) []byte {
	r, n := utf8.DecodeRuneInString(raw)
	switch {
	case r == utf8.RuneError && n <= 1:
		return fmt.Appendf(dst, `\x%02x`, raw[0])
	case r == '\n':
		return append(dst, `\n`...)
	case r == '\r':
		return append(dst, `\r`...)
	case r == '\t':
		return append(dst, `\t`...)
	case r < 0x80:
		return fmt.Appendf(dst, `\x%02x`, r)
	case r < 0x10000:
		return fmt.Appendf(dst, `\u%04x`, r)
	}
	return fmt.Appendf(dst, `\U%08x`, r)
}

// writer copies text rune by rune, escaping what must not reach a terminal.
type writer struct {
	out     []byte
	escape  func(dst []byte, raw string) []byte
	special string // printable ASCII that takes a backslash
	base    int    // where in out the present cluster begins; -1 when there is none to add to
	width   int    // cells of the present cluster
	marks   int    // runes of it after the first
	jamo    bool   // it began with a letter of Hangul that takes up a following syllable
}

func (w *writer) write(s string) {
	w.base = -1
	for i := 0; i < len(s); {
		if c := s[i]; c >= ' ' && c <= '~' {
			w.ascii(c)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n <= 1 || !visible(r) || !w.rune(r, s[i+n:]) {
			w.out = w.escape(w.out, s[i:i+n])
			w.base = -1
		}
		i += n
	}
}

func (w *writer) ascii(c byte) {
	for i := 0; i < len(w.special); i++ {
		if w.special[i] == c {
			w.out = append(w.out, '\\')
			break
		}
	}
	w.start(1)
	w.out = append(w.out, c)
	if c == ' ' {
		w.base = -1
	}
}

func (w *writer) start(width int) { w.base, w.width, w.marks, w.jamo = len(w.out), width, 0, false }

// rune appends r when every terminal draws it in the same number of cells at this place.
func (w *writer) rune(r rune, rest string) bool {
	if width := plain(r); width > 0 && !w.jamo {
		w.start(width)
		w.out = utf8.AppendRune(w.out, r)
		return true
	}
	if unicode.Is(unicode.M, r) {
		return w.join(r, rest)
	}
	alone := utf8.AppendRune(nil, r)
	width, same := cells(alone)
	if same && width == 0 { // the vowels and finals of Hangul
		return w.join(r, rest)
	}
	// Letters around it show what reaches out for its neighbours: prepended letters, skin tones.
	around, sameAround := cells(utf8.AppendRune([]byte{'x'}, r), 'x')
	if !same || !sameAround || around != width+2 {
		return false
	}
	if w.base >= 0 {
		if both, same := cells(w.out[w.base:], r); !same || both != w.width+width {
			return false
		}
	}
	w.start(width)
	w.out = append(w.out, alone...)
	w.jamo = r >= 0x1100 && r < 0x1200 || r >= 0xa960 && r < 0xa980
	return true
}

// join adds r to the present cluster when that makes it no wider, neither by itself nor by drawing in
// the letter that follows (a virama does).
func (w *writer) join(r rune, rest string) bool {
	if w.base < 0 || w.marks == maxMarks {
		return false
	}
	both, same := cells(w.out[w.base:], r)
	if !same || both != w.width {
		return false
	}
	if next, _ := utf8.DecodeRuneInString(rest); next >= utf8.RuneSelf && unicode.Is(unicode.Lo, next) {
		one, _ := cells(nil, next)
		if all, same := cells(w.out[w.base:], r, next); !same || all != w.width+one {
			return false
		}
	}
	w.out = utf8.AppendRune(w.out, r)
	w.marks++
	return true
}

// cells is the width of text followed by more, and whether all terminals agree on it.
func cells(text []byte, more ...rune) (width int, same bool) {
	s := string(text) + string(more)
	width = ansi.StringWidth(s)
	return width, width == ansi.StringWidthWc(s)
}

// plain is the width of the runes that neither join their neighbours nor differ between terminals, for
// the scripts that make up most text; 0 for all others.
func plain(r rune) int {
	switch {
	case r > 0xa0 && r < 0x300 && r != 0xad: // Latin
		if ambiguous(r) {
			return 0
		}
		return 1
	case r >= 0x410 && r < 0x450 || r >= 0x3b1 && r < 0x3ca: // Cyrillic, Greek
		return 1
	case r >= 0x4e00 && r < 0x9fff, r >= 0xac00 && r < 0xd7a4: // Han, Hangul syllables
		return 2
	case r > 0x3040 && r < 0x3097, r > 0x30a0 && r < 0x30ff: // Kana
		return 2
	}
	return 0
}

// ambiguous tells the two pictographs of Latin-1, which a selector may turn into emoji.
func ambiguous(r rune) bool { return r == 0xa9 || r == 0xae }

// visible tells whether r prints something that is its own and nothing else. The ideographic space is
// text in Chinese and Japanese; the other spaces pass for an ordinary one, or for none.
func visible(r rune) bool {
	if r == 0x3000 {
		return true
	}
	return unicode.IsPrint(r) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) &&
		!unicode.Is(unicode.Variation_Selector, r)
}
