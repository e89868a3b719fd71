package tail

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	kafkatail "lagtop/kafka/tail"
	"lagtop/kafka/tail/format"
	"lagtop/theme"
	"lagtop/ui/command"
	"lagtop/ui/pane/panetest"
)

// samples are values as their producers write them, and of each kind one that could do harm.
var samples = map[format.Kind][]string{
	format.Text: {"2026-11-22 14:02:10,123 ERROR [worker-4] com.example.Pool - no connection after 3000 ms", "just words", "\x1b]52;c;aGk=\a\u202eevil\u2066"},
	format.JSON: {`{"@timestamp":"2026-11-22T14:02:09.950Z","level":"WARN","logger":"com.example.Checkout","message":"card declined","order":991,"amount":12.5}`,
		`{"order":991,"state":"paid"}`, `{"level":"error","msg":"esc \u001b[31m","k\u202e":"v` + "\xff" + `"}`},
	format.Logfmt: {`ts=2026-11-22T14:02:10Z level=info msg="cache miss" key=user:17 took=3ms`, `level=error msg="漢字 \x1b[2J" err="connection refused"`},
	format.Syslog3164: {`<34>Nov 22 14:02:10 mymachine su[231]: 'su root' failed for lonvick on /dev/pts/8`,
		`<13>Nov 22 14:02:09 web-1 sshd[42]: Accepted publickey for deploy from 10.1.2.3 port 50022`, "<11>Nov 22 14:02:10 h\x1b[31m app: \u202etxt"},
	format.Syslog5424: {`<165>1 2026-11-22T14:02:09.003Z web-1.example.com evntslog 812 ID47 [exampleSDID@32473 iut="3" eventSource="Application"] An application event log entry`,
		"<11>1 2026-11-22T14:02:10Z web-1 app 42 - - segfault at 0x0 \x9b31m"},
	format.Access: {`10.1.2.3 - frank [22/Nov/2026:14:02:10 +0000] "GET /cart?id=1 HTTP/1.1" 200 512 "https://shop.example/" "Mozilla/5.0"`,
		`10.1.2.4 - - [22/Nov/2026:14:02:10 +0000] "POST /pay HTTP/1.1" 503 0`, "10.1.2.4 - - [22/Nov/2026:14:02:10 +0000] \"GET /\x1b]0;t\a HTTP/1.1\" 404 9"},
	format.CEF: {`CEF:0|Security|threatmanager|1.0|100|worm successfully stopped|10|src=10.0.0.1 dst=2.1.2.2 spt=1232`,
		"Nov 22 14:02:10 host CEF:0|V|P|1|7|pipe \\| in name\u200b|3|msg=\x1b[2Jcleared"},
	format.Schema: {"\x00\x00\x00\x00\x2a{\"level\":\"warn\",\"msg\":\"by JSON Schema\"}", "\x00\x00\x00\x00\x2a\x02\x08paid\xff\x1b[2J"},
	format.Hex:    {"\x01\x02\x03\xff\xfe\x00\x80\x90PK\x03\x04"},
}

func TestFormatFrames(t *testing.T) {
	for kind, values := range samples {
		t.Run(kind.String(), func(t *testing.T) {
			k := following()
			k.add(values...)
			for i, v := range values {
				if got := format.Detect([]byte(v)); got != kind {
					t.Errorf("sample %d is found to be %s", i, got)
				}
			}
			m, e := show(t, k)
			panetest.Frames(t, "format-"+kind.String(), m, e)
		})
	}
}

// mixed is one sample of each kind, a tombstone, what belongs to transactions, and a gap of time.
func mixed() *kept {
	k := following()
	for kind := format.Text; kind <= format.Hex; kind++ {
		k.add(samples[kind][0])
	}
	k.add("", "aborted payment", "\x00\x00\x00\x00\x00\x07", strings.Repeat("a long line ", 30))
	n := len(k.entries)
	k.entries[n-4].Value = nil
	k.entries[n-3].Mark = kafka.Aborted
	k.entries[n-2].Mark, k.entries[n-2].Batch = kafka.AbortMarker, &kafka.Batch{ProducerID: kafka.Some[int64](4711)}
	k.entries[n-2].Key = []byte{0, 0, 0, 0}
	k.entries[n-1].Timestamp = k.entries[n-1].Timestamp.Add(7 * time.Minute)
	return k
}

func TestReadingFrames(t *testing.T) {
	for name, keys := range map[string][]command.ID{
		"auto":   nil,
		"as-hex": {command.TailFormat, command.TailFormat, command.TailFormat, command.TailFormat, command.TailFormat, command.TailFormat, command.TailFormat, command.TailFormat, command.TailFormat},
		"raw":    {command.TailRaw},
		"wrap":   {command.TailWrap},
		"event":  {command.TailStamp},
	} {
		t.Run(name, func(t *testing.T) {
			m, e := show(t, mixed())
			do(t, m, e, keys...)
			lines := m.View(e, 118, 20, true)
			panetest.Exact(t, lines, 118, 20)
			panetest.Golden(t, "reading-"+name, note(m, e)+"\n"+panetest.Screen(lines))
		})
	}
}

func TestFormatsGoRound(t *testing.T) {
	m, e := show(t, mixed())
	first := note(m, e)
	for range format.Kinds() {
		panetest.Exact(t, m.View(e, 100, 5, true), 100, 5)
		do(t, m, e, command.TailFormat)
	}
	check(t, "after all formats", note(m, e), first)
}

func TestRepeatsFoldIntoOneLine(t *testing.T) {
	k := following()
	k.add("start")
	for i := range 200 {
		k.add(fmt.Sprintf("ts=2026-11-22T14:02:%02dZ level=warn msg=\"no space left\"", i%60))
	}
	m, e := show(t, k)
	do(t, m, e, command.TailFold)
	check(t, "folded", seqs(m), "1 [201]")
	if s := panetest.Screen(m.View(e, 100, 5, true)); !strings.Contains(s, "x 200 no space left") {
		t.Errorf("screen\n%s", s)
	}
	k.add("level=warn msg=\"no space left\"", "end")
	m.Refresh(e)
	check(t, "a run that goes on", seqs(m), "1 202 [203]")
	do(t, m, e, command.TailFold)
	check(t, "unfolded", seqs(m), "199 200 201 202 [203]")
}

func TestRunsAreOneAcrossTheSearchForOlderRecords(t *testing.T) {
	k := following()
	for range 2*siftMost + 10 {
		k.add("the same")
	}
	m, e := show(t, k)
	do(t, m, e, command.TailFold)
	for range 3 {
		m.Refresh(e)
	}
	rows := m.sieve.rows()
	if len(rows) != 1 || rows[0].n != 2*siftMost+10 || rows[0].first != 1 {
		t.Errorf("%d rows, first %+v", len(rows), rows[0])
	}
}

func TestNeighboursStandAroundWhatPasses(t *testing.T) {
	k := following()
	for i := range 30 {
		k.add(fmt.Sprintf("line %d", i+1))
	}
	m, e := show(t, k)
	m.View(e, 100, 11, true)
	_ = m.SetFilter("/line (10|12|30)$/")
	m.Refresh(e)
	check(t, "alone", seqs(m), "10 12 [30]")
	do(t, m, e, command.TailAround)
	check(t, "two around", seqs(m), "8 9 10 11 12 13 14 28 29 [30]")
	do(t, m, e, command.FindOlder)
	check(t, "older match", seqs(m), "8 9 10 11 [12] 13 14 28 29 30")
	do(t, m, e, command.FindOlder, command.FindNewer)
	check(t, "and newer", seqs(m), "8 9 10 11 [12] 13 14 28 29 30")
	check(t, "note", note(m, e), "following · G follows · 3 shown of 30 by //line (10|12|30)$/ · 3 partitions · 1.8k/s")
}

func TestHighlightHidesNothingAndIsFoundAgain(t *testing.T) {
	k := following()
	for i := range 1000 {
		k.add(fmt.Sprintf(`{"level":"info","msg":"step %d of the Day"}`, i+1))
	}
	m, e := show(t, k)
	if err := m.Highlight().SetFilter("nonsense:1"); err == nil {
		t.Error("an unknown field is highlighted")
	}
	if err := m.Highlight().SetFilter(`/step (7|70|700) /`); err != nil {
		t.Fatal(err)
	}
	check(t, "all are shown", seqs(m), "996 997 998 999 [1000]")
	for _, want := range []struct {
		id     command.ID
		cursor uint64
		said   string
	}{
		{command.FindNewer, 0, "no newer match"}, {command.FindOlder, 700, ""}, {command.FindOlder, 70, ""}, {command.FindOlder, 7, ""},
		{command.FindOlder, 7, "no older match, m searches the log"}, {command.FindNewer, 70, ""},
	} {
		do(t, m, e, want.id)
		if m.cursor != want.cursor || m.search.said != want.said {
			t.Errorf("%s: at %d, %q", want.id, m.cursor, m.search.said)
		}
	}
	_ = m.Highlight().SetFilter("day")
	lines := m.View(e, 100, 5, true)
	if n := strings.Count(strings.Join(lines, ""), e.Theme.Style(theme.Match).Open()+"Day"); n != 4 { // the selected line has its own colours
		t.Errorf("%d words are marked", n)
	}
}

func TestSearchOfManyRecordsGoesOnWithTheNextKey(t *testing.T) {
	k := following()
	k.add("needle")
	k.add(numbered(findMost + 5000)...)
	m, e := show(t, k)
	_ = m.Highlight().SetFilter("needle")
	do(t, m, e, command.FindOlder)
	if !strings.Contains(m.search.said, "again goes on") || m.cursor == 1 {
		t.Errorf("at %d: %q", m.cursor, m.search.said)
	}
	do(t, m, e, command.FindOlder)
	if m.cursor != 1 {
		t.Errorf("at %d: %q", m.cursor, m.search.said)
	}
}

func TestTheCursorIsOnScreenWhateverIsWrapped(t *testing.T) {
	k := following()
	for i := range 40 {
		k.add(fmt.Sprintf("%d %s", i+1, strings.Repeat("word ", i*7%90)))
	}
	m, e := show(t, k)
	do(t, m, e, command.TailWrap)
	for i := range 60 {
		lines := m.View(e, 90, 7, true)
		panetest.Exact(t, lines, 90, 7)
		_, cursor := m.position()
		if s := panetest.Screen(lines); !strings.Contains(s, fmt.Sprintf("order-%d", 900+m.seq(cursor))) {
			t.Fatalf("step %d: the record under the cursor is not drawn:\n%s", i, s)
		}
		id := command.Up
		if i > 35 {
			id = command.Down
		}
		do(t, m, e, id)
	}
}

func TestABookmarkStaysAndIsFoundAgain(t *testing.T) {
	k := following()
	k.add(numbered(50)...)
	m, e := show(t, k)
	do(t, m, e, command.ToMark)
	check(t, "no bookmark", m.search.said, "b bookmarks a record")
	do(t, m, e, command.First, command.Bookmark, command.Last, command.ToMark)
	check(t, "back", seqs(m), "[1] 2 3 4 5")
	check(t, "note", note(m, e), "following · G follows · bookmark orders/1@1284301 · 3 partitions · 1.8k/s")
	k.drop(10)
	m.Refresh(e)
	do(t, m, e, command.Last, command.ToMark)
	check(t, "gone", m.search.said, "the bookmark gave way to newer records")
	if b, ok := m.Bookmark(); !ok || b.Seq != 1 {
		t.Errorf("bookmark %d %v", b.Seq, ok)
	}
	do(t, m, e, command.Last, command.Bookmark, command.Bookmark)
	if _, ok := m.Bookmark(); ok {
		t.Error("it is not let go of")
	}
}

func TestAFastTopicIsSampledAndSaysSo(t *testing.T) {
	k := following()
	k.state.Rate = kafka.Some(50_000.0)
	k.add(numbered(100)...)
	m, e := show(t, k)
	m.View(e, 118, 30, true)
	if n := note(m, e); !strings.Contains(n, "showing 1 of 420") {
		t.Errorf("note %q", n)
	}
	if got := m.Rest(); got.Round(time.Millisecond) != 144*time.Millisecond { // 29 lines of 118 cells, less the wake
		t.Errorf("rests for %s", got)
	}
	_ = m.SetFilter(`"n":1`) // passes one in eight
	m.Refresh(e)
	m.View(e, 118, 8, true)
	if n := note(m, e); !strings.Contains(n, "showing 1 of 75") {
		t.Errorf("note %q", n)
	}
	do(t, m, e, command.Up)
	if n := note(m, e); strings.Contains(n, "showing") || m.Rest() != 0 {
		t.Errorf("what stands still is not sampled: %q", n)
	}
}

func FuzzReading(f *testing.F) {
	for kind, values := range samples {
		for _, v := range values {
			f.Add([]byte(v), uint8(kind), true, true, 90)
		}
	}
	f.Fuzz(func(t *testing.T, value []byte, kind uint8, raw, wrap bool, w int) {
		k := following()
		k.add("x", string(value), string(value))
		k.entries[0].Timestamp = time.Time{}
		m, e := show(t, k)
		m.reading = reading{kind: format.Kind(int(kind) % len(format.Kinds())), raw: raw, wrap: wrap, event: wrap}
		m.sieve.fold = raw
		_ = m.Highlight().SetFilter(string(value[:min(len(value), 8)]))
		w = min(max(w, 0), 300)
		m.Refresh(e)
		for range 2 {
			panetest.Exact(t, m.View(e, w, 14, true), w, 14)
			do(t, m, e, command.Right, command.FindOlder)
		}
	})
}

var _ Source = (*kafkatail.Tail)(nil)

// avro decodes every value alike, as a registry would.
type avro struct{}

func (avro) Read(topic string, part format.Part, data []byte) format.Decoding {
	if part == format.OfKey {
		return format.Decoding{}
	}
	return format.Decoding{Text: fmt.Appendf(nil, `{"level":"error","msg":"%s of %d bytes"}`, topic, len(data)), Note: "Avro shop.Order, schema 42"}
}

func (avro) Arrived() uint64 { return 0 }

func (a avro) Waiting() format.Schemas { return a }

func TestSchemasDecodeWhatWasKeptWhole(t *testing.T) {
	k := following()
	k.add("\x00\x00\x00\x00\x2a\x02\x08paid", "\x00\x00\x00\x00\x2a\x02\x08cut")
	k.entries[1].ValueSize = 10 << 20
	m, e := show(t, k)
	e.Schemas = avro{}
	got := panetest.Screen(m.View(e, 118, 4, true))
	for _, want := range []string{"ERROR", "of 11 bytes", "schema 42: no registry configured"} {
		if strings.Count(got, want) != 1 {
			t.Errorf("%q is not there once:\n%s", want, got)
		}
	}
}
