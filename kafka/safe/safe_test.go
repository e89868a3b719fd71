package safe

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

func TestLineShowsWhatATerminalWouldObey(t *testing.T) {
	for in, want := range map[string]string{
		"":                          "",
		"orders-7 {\"a\": 1}":       "orders-7 {\"a\": 1}",
		"a\nb\r\tc":                 `a\nb\r\tc`,
		"\x1b[31mred\x1b]0;t\x07":   `\x1b[31mred\x1b]0;t\x07`,
		"nul\x00del\x7f":            `nul\x00del\x7f`,
		"c1\u009b31m \u0085":        `c1\u009b31m \u0085`,
		"raw c1 \x9b31m":            `raw c1 \x9b31m`,
		"\u202egnp.exe":             `\u202egnp.exe`,
		"\u2066a\u2069\u061c\u200e": `\u2066a\u2069\u061c\u200e`,
		"pay\u200bments\ufeff":      `pay\u200bments\ufeff`,
		"so\u00adft\u2060":          `so\u00adft\u2060`,
		"a\u2028b\u2029":            `a\u2028b\u2029`,
		"tag\U000e0041":             `tag\U000e0041`,
		"private \ue000\U00100000":  `private \ue000\U00100000`,
		"never \uffff\U0001fffe":    `never \uffff\U0001fffe`,
		"half \xe2\x82":             `half \xe2\x82`,
		"surrogate \xed\xa0\x80":    `surrogate \xed\xa0\x80`,
		"overlong \xc0\x9b":         `overlong \xc0\x9b`,
		"nbsp\u00a0thin\u2009":      `nbsp\u00a0thin\u2009`,
		"filler\u3164\u115f\u034f":  `filler\u3164\u115f\u034f`,
		"\ufffd":                    "\ufffd",
	} {
		if got := Line(in); got != want {
			t.Errorf("Line(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLineKeepsText(t *testing.T) {
	for _, s := range []string{
		"Grüße aus Köln", "naïve café", "Привет, мир", "Ελλάδα", "日本語 テスト", "全角　空白", "中文", "한국어",
		"ภาษาไทยก็", "עִבְרִית", "العربية", "Việt Nam", "e\u0301 o\u0302\u0323", "→ ✓ ✗ ░▒▓ │ € ½ ≥", "👍 🚀", "각",
	} {
		if got := Line(s); got != s {
			t.Errorf("Line(%q) = %q", s, got)
		}
	}
}

func TestLineEscapesWhatTerminalsDrawInDifferentWidths(t *testing.T) {
	for in, want := range map[string]string{
		"warn ⚠\ufe0f":         `warn ⚠\ufe0f`,
		"👨\u200d💻":             `👨\u200d💻`,
		"👍\U0001f3fd":          `👍\U0001f3fd`,
		"\U0001f1e9\U0001f1ea": `\U0001f1e9\U0001f1ea`,
		"क\u094dष":             `क\u094dष`, // virama
		"தி":                   `த\u0bbf`,
		"x\U0001f3fd y":        `x\U0001f3fd y`,
		"\u1112\uac01":         `ᄒ\uac01`,
		"का":                   `क\u093e`, // spacing mark
		"\u0d4eക":              `\u0d4eക`, // prepended letter
		"\u1112\u1112":         `ᄒ\u1112`,
	} {
		if got := Line(in); got != want {
			t.Errorf("Line(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestMarkFloodIsBounded(t *testing.T) {
	got := Line("Z" + strings.Repeat("\u0300", 1000) + "!")
	if kept := strings.Count(got, "\u0300"); kept != maxMarks {
		t.Errorf("%d marks kept, want %d", kept, maxMarks)
	}
	for _, s := range []string{"\u0301a", " \u0301", "\n\u0301"} {
		if got := Line(s); strings.Contains(got, "\u0301") {
			t.Errorf("Line(%q) = %q: a mark without a character of its own joins what was printed before", s, got)
		}
	}
}

func TestEveryRuneHasOneWidth(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if r > 0x31000 && r&0xff != 0xfe && (r < 0xe0000 || r > 0xe0200) {
			continue // one in 256 of the planes that are empty or private
		}
		s := Line(string(r))
		w := ansi.StringWidth(s)
		if w != ansi.StringWidthWc(s) || w == 0 {
			t.Errorf("%U: Line gives %q of %d and %d cells", r, s, w, ansi.StringWidthWc(s))
		}
		if p := plain(r); p > 0 && (p != w || s != string(r)) {
			t.Errorf("%U: plain says %d cells, Line gives %q", r, p, s)
		}
		check(t, s)
	}
}

func TestBytesCutsAtARune(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"abc", 3, "abc"}, {"abcd", 3, "abc…"}, {"abcd", -1, "abcd"}, {"abcd", 0, "…"},
		{"aéb", 2, "a…"}, {"日本", 4, "日…"}, {"\x80\x80\x80\x80\x80\x80", 5, `\x80…`}, {"", 0, ""},
	} {
		if got := Bytes([]byte(c.in), c.limit); got != c.want {
			t.Errorf("Bytes(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

func TestCutFitsTheCells(t *testing.T) {
	for _, c := range []struct {
		in    string
		cells int
		want  string
	}{
		{"orders", 6, "orders"}, {"orders", 5, "orde…"}, {"orders", 1, "…"}, {"orders", 0, ""}, {"orders", -3, ""},
		{"日本語", 6, "日本語"}, {"日本語", 5, "日本…"}, {"日本語", 4, "日…"}, {"日本語", 2, "…"},
		{"e\u0301e\u0301e\u0301", 2, "e\u0301…"}, {"abc\u0301d", 3, "ab…"}, {"a\nb", 3, `a\…`}, {"", 3, ""},
	} {
		if got := Cut(c.in, c.cells); got != c.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", c.in, c.cells, got, c.want)
		}
	}
	if got := CutTail("orders", 4, ".."); got != "or.." {
		t.Errorf("CutTail = %q", got)
	}
	if got := CutTail("orders", 1, ".."); got != "o" {
		t.Errorf("a mark wider than the room gives %q", got)
	}
}

func TestCutMiddleKeepsBothEnds(t *testing.T) {
	for _, c := range []struct {
		s     string
		cells int
		want  string
	}{
		{"payments", 8, "payments"}, {"", 3, ""},
		{"acme-team-payments", 14, "acme…-payments"}, {"acme-team-orders", 14, "acme…am-orders"},
		{"    acme-team-payments/4", 17, "    acme…yments/4"}, {"▾ acme-team-payments", 12, "▾ acm…yments"},
		{"payments", 3, "pa…"}, {"payments", 0, ""}, {"日本語のグループ", 9, "日…ループ"}, {"a\x1bb-team-payments", 12, "a\\x…payments"},
		{strings.Repeat("x", 1<<20) + "end", 10, "xxx…xxxend"}, {strings.Repeat("é", 1<<20), 6, "é…éééé"},
	} {
		if got := CutMiddle(c.s, c.cells, Ellipsis); got != c.want || Width(got) > c.cells {
			t.Errorf("%.30q in %d cells: %q, want %q", c.s, c.cells, got, c.want)
		}
	}
}

func TestCutOfAHugeValueSeesItsHeadOnly(t *testing.T) {
	huge := strings.Repeat("é\u0301\u0301\u0301", 1<<20)
	if got := Cut(huge, 10); Width(got) != 10 || !strings.HasSuffix(got, Ellipsis) {
		t.Errorf("Cut = %q", got)
	}
	if n := testing.AllocsPerRun(5, func() { Cut(huge, 10) }); n > 2000 {
		t.Errorf("%v allocations for ten cells", n)
	}
}

var quoted = []string{
	"payments", "", "it's", "a b", "$(reboot)", "`id`", "--help", "../x", "a\nb", "\x1b[2J", "x\u202ey", "tab\there",
	"q'\\\n'", "\x80\xff7", "日本", "*?[]{}~!#&|;<>", "\u0301x", "a\\b",
}

func TestQuoteIsReadBackByAShell(t *testing.T) {
	sh, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash to read the words back")
	}
	for _, s := range quoted {
		out, err := exec.Command(sh, "-c", "printf %s "+Quote(s)).Output()
		if err != nil && s != "--help" || s != "--help" && string(out) != s {
			t.Errorf("Quote(%q) = %s is read as %q (%v)", s, Quote(s), out, err)
		}
	}
}

func TestQuoteLeavesPlainWordsBare(t *testing.T) {
	for in, want := range map[string]string{
		"payments.orders-7": "payments.orders-7", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "a\nb\x1b'": `$'a\nb\033\''`,
	} {
		if got := Quote(in); got != want {
			t.Errorf("Quote(%q) = %s, want %s", in, got, want)
		}
	}
}

// check is the promise of the package for one result.
func check(t *testing.T, s string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Fatalf("%q is not UTF-8", s)
	}
	for _, r := range s {
		if r != 0x3000 && !unicode.IsPrint(r) || unicode.In(r, unicode.Cf, unicode.Cc, unicode.Bidi_Control, unicode.Variation_Selector) {
			t.Fatalf("%U survived in %q", r, s)
		}
	}
	if g, w := ansi.StringWidth(s), ansi.StringWidthWc(s); g != w {
		t.Fatalf("%q takes %d or %d cells", s, g, w)
	}
}

func FuzzLine(f *testing.F) {
	for _, s := range quoted {
		f.Add(s, 7)
	}
	f.Add("हिन्दी नमस्ते 👨‍👩‍👧 🇩🇪 ᄒ각\u0d4ea ⚠️ \U0001f3fd", 9)
	f.Fuzz(func(t *testing.T, s string, cells int) {
		line := Line(s)
		check(t, line)
		if again := Line(line); again != line {
			t.Fatalf("Line twice: %q, then %q", line, again)
		}
		cells %= 200
		for name, short := range map[string]string{"Cut": Cut(s, cells), "CutMiddle": CutMiddle(s, cells, Ellipsis)} {
			check(t, short)
			if Width(short) > max(cells, 0) {
				t.Fatalf("%s(%q, %d) takes %d cells", name, s, cells, Width(short))
			}
			if Width(line) <= cells && short != line {
				t.Fatalf("%s(%q, %d) = %q although %q fits", name, s, cells, short, line)
			}
		}
		check(t, Quote(s))
		check(t, Bytes([]byte(s), cells))
	})
}

func BenchmarkLine(b *testing.B) {
	ascii := strings.Repeat(`{"level":"info","msg":"payment accepted"} `, 5)
	for _, c := range []struct{ name, text string }{
		{"ascii", ascii}, {"latin", strings.Repeat("Grüße aus Köln ", 14)}, {"hostile", strings.Repeat("\x1b[31m\u202e\xff", 20)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(c.text)))
			for b.Loop() {
				_ = Line(c.text)
			}
		})
	}
}

func TestFastPathDoesNotAllocate(t *testing.T) {
	s := strings.Repeat("orders ", 20)
	if n := testing.AllocsPerRun(100, func() { _ = Line(s); _ = Width(s); _ = Cut(s, 500) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func ExampleQuote() {
	fmt.Println(Quote("team a's group"))
	// Output: 'team a'\''s group'
}
