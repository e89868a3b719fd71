package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"lagtop/kafka/kafkatest"
)

// evil are texts that would steer a terminal, or shift what stands on it. Each names itself.
var evil = map[string]string{
	"clipboard": "\x1b]52;c;RVZJTA==\a", "title": "\x1b]0;EVIL\x1b\\", "link": "\x1b]8;;http://EVIL\aEVIL", "cursor": "\x1b[9;99HEVIL",
	"reset": "\x1bcEVIL", "screen": "\x1b#8", "question": "\x1b[6nEVIL\x1b[>0q", "device": "\x1bP+q544e\x1b\\", "notify": "\x1b]9;EVIL\a",
	"C1": "\u009b2J\u009d52;c;RVZJTA==\u009c\u0085", "C1 bytes": "\x9b2J\x9d52;c;RVZJTA==\x9c", "bidi": "\u202eLIVE\u202c\u2066x\u2069\u200f\u061c",
	"no UTF-8": "\xff\xfe\xc3\x28\xed\xa0\x80\xf4\x90\x80\x80", "NUL": "a\x00b\x7f\x08\x0b\x0c", "lines": "a\r\nEVIL\rEVIL\tEVIL\n\n\u2028\u2029",
	"no width": "z\u200bw\u200dj\ufeff\u2060\u00ad\U000e0041", "wide": "漢字かな한글ＷＩＤＥ🚀", "joined": "👨\u200d👩\u200d👧🇩🇪👍🏽❤\ufe0f", "marks": "a" + strings.Repeat("\u0301", 200),
	"shift": "\x0e\x0f\x1b(0EVIL", "mouse": "\x1b[?1003h\x1b[?2004hEVIL",
}

// evilRecords have the texts as key, value, name and value of headers, and in values of each format.
func evilRecords() []*kgo.Record {
	var out []*kgo.Record
	add := func(key, value string, hs ...kgo.RecordHeader) {
		out = append(out, &kgo.Record{Topic: "evil", Key: []byte(key), Value: []byte(value), Headers: hs})
	}
	for name, text := range evil {
		add(name+text, name+" "+text, kgo.RecordHeader{Key: name + text, Value: []byte(text)})
		add(text, fmt.Sprintf(`{"level":"error","msg":"%s","%s":1}`, text, text))
		add(text, fmt.Sprintf(`level=warn msg="%s" %s=1`, text, text))
		add(text, fmt.Sprintf(`<34>1 2026-11-22T14:02:10Z host%s app%s - - - %s`, text, text, text))
		add(text, fmt.Sprintf(`CEF:0|%s|%s|1|1|%s|5|src=%s`, text, text, text, text))
	}
	many := make([]kgo.RecordHeader, 500)
	for i := range many {
		many[i] = kgo.RecordHeader{Key: fmt.Sprint(i, evil["cursor"]), Value: []byte(evil["clipboard"] + evil["bidi"])}
	}
	add("500 headers", "500 headers", many...)
	out = append(out, &kgo.Record{Topic: "evil", Key: []byte(evil["title"])}) // a tombstone
	add("last", "the last record")
	return out
}

// harm is what of a program's output would steer a terminal other than the program does by itself, "" for nothing.
func harm(out string, own *regexp.Regexp) string {
	for at, r := range own.ReplaceAllString(out, "") {
		switch {
		case r == utf8.RuneError, r < ' ' && !strings.ContainsRune("\r\n\b\t", r), r >= 0x7f && r < 0xa0,
			r == 0x61c, r == 0xad, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f,
			r >= 0xfe00 && r <= 0xfe0f, r == 0xfeff, r >= 0xe0000 && r <= 0xe0fff:
			return fmt.Sprintf("%U at %d", r, at)
		}
	}
	for _, s := range own.FindAllString(out, -1) {
		if strings.Contains(s, "EVIL") || strings.Contains(s, "RVZJTA") || strings.HasSuffix(s, "9;99H") {
			return fmt.Sprintf("%q", s)
		}
	}
	for _, s := range []string{"\x1bc", "\x1b#8", "\x1b(0", "\x1bP+q544e", "\x1b[6n", strings.Repeat("\u0301", 4)} {
		if strings.Contains(out, s) {
			return fmt.Sprintf("%q", s)
		}
	}
	return ""
}

func TestHarmIsSeen(t *testing.T) {
	for name, text := range evil {
		if harmless := name == "wide" || name == "mouse"; (harm(text, ownSequences) == "") != harmless { // that the mouse is off, left tells
			t.Errorf("%s: %q", name, harm(text, ownSequences))
		}
	}
}

// ownSequences are those that the screen is drawn with, in the form of ECMA-48.
var ownSequences = regexp.MustCompile(`\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|P[^\x1b]*\x1b\\|[78=>HM])`)

func hostileTopic(t *testing.T) (*kafkatest.Fake, int) {
	t.Helper()
	f := kafkatest.NewFake(t, kfake.SeedTopics(1, "evil"))
	rs := evilRecords()
	kafkatest.ProduceRecords(t, f.Bootstrap(), rs...)
	return f, len(rs)
}

func TestHostileRecordsNeitherSteerTheTerminalNorShiftAColumn(t *testing.T) {
	t.Parallel()
	f, n := hostileTopic(t)
	tm := start(t, 120, 40, "-b", f.Bootstrap()[0])
	tm.tailOf("evil")
	check := func(what string) {
		t.Helper()
		var fault error
		if s, ok := tm.within(patience, func(s string) bool { fault = intact(s, 120, 40); return fault == nil }); !ok {
			t.Errorf("%s: %v\n%s", what, fault, s)
		}
	}
	tm.send("f")
	tm.wait("form", "Tail evil from")
	tm.send(down)
	tm.wait("choice", "● the start")
	tm.send(enter)
	tm.wait("the records", `evil/0@\d+ +last +the last record`)
	tm.send("z")
	tm.waitFor("zoomed tail", hasNot("1 Groups"))
	check("tail")
	for _, keys := range []string{"V", "V", "S", "S", "u", "u", "d", "d", right + right, "v", "v", "v", "v", "v", "v", "v", "v", "v"} {
		tm.send(keys)
		for range 4 {
			tm.send("\x1b[5~") // page up
			check("tail after " + keys)
		}
		tm.send("G")
		check("tail after " + keys)
	}
	for i := range n {
		tm.send(enter)
		tm.wait("detail", fmt.Sprintf(`Record evil/0@%d `, n-1-i))
		check(fmt.Sprint("detail ", i))
		tm.send("G")
		check(fmt.Sprint("end of detail ", i))
		tm.send("q")
		tm.wait("tail", "5 Tail evil")
		tm.send("k")
		tm.wait("record above", fmt.Sprintf(`evil/0@%d `, max(n-2-i, 0)))
	}
	tm.send("/" + "EVIL" + enter)
	tm.wait("filtered", `shown of .*EVIL`)
	check("filtered")
	tm.send("s")
	tm.wait("dialog", "Save records of evil")
	tm.send(enter)
	tm.wait("saved", "written to")
	if h := harm(string(tm.output()), ownSequences); h != "" {
		t.Errorf("the program writes %s", h)
	}
	tm.quit()
	saved, err := filepath.Glob(filepath.Join(tm.state, "lagtop", "records", "*"))
	if err != nil || len(saved) != 1 {
		t.Fatalf("saved %v: %v", saved, err)
	}
	b, err := os.ReadFile(saved[0])
	if err != nil {
		t.Fatal(err)
	}
	if h := harm(string(b), none); h != "" {
		t.Errorf("the file of text has %s", h)
	}
}

// none matches nothing.
var none = regexp.MustCompile(`[^\s\S]`)

func TestTailOnATerminalPrintsNothingThatSteersIt(t *testing.T) {
	t.Parallel()
	f, n := hostileTopic(t)
	for _, form := range []string{"text", "raw", "json"} {
		tm := startCmd(t, 1000, 200, nil, exec.Command(binary, "tail", "evil", "-b", f.Bootstrap()[0], "--from", "start", "--no-follow", "-o", form))
		if code := tm.exit(); code != 0 {
			t.Errorf("%s: exit code %d", form, code)
		}
		out := triesAgain.ReplaceAllString(string(tm.output()), "")
		if h := harm(out, none); h != "" {
			t.Errorf("%s: %s", form, h)
		}
		if lines := strings.Count(out, "\n"); lines != n {
			t.Errorf("%s: %d lines of %d records", form, lines, n)
		}
		for l := range strings.Lines(out) {
			if form == "text" && strings.Count(l, "\t") != 4 {
				t.Errorf("columns of %q", l)
			}
		}
	}
}
