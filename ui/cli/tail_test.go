package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/tail/stream"
)

func TestTailPrintsWhatIsThere(t *testing.T) {
	s := newShell(t)
	s.fake.ResetRequests()
	code, out, errs := s.run("tail", "orders", "--from", "start", "--no-follow", "-o", "raw")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	slices.Sort(lines)
	if code != exitOK || len(lines) != 100 || lines[0] != "record 0" || errs != "" {
		t.Errorf("exit %d, %d lines, %s", code, len(lines), errs)
	}
	for _, k := range []kmsg.Key{kmsg.JoinGroup, kmsg.OffsetCommit, kmsg.FindCoordinator} {
		if n := s.fake.Requests(k); n != 0 {
			t.Errorf("%d requests %v", n, k)
		}
	}
}

func TestTailBeginsAndEndsWhereAsked(t *testing.T) {
	s := newShell(t)
	for args, want := range map[string]int{
		"--from -3": 6, "--from 48": 4, "--from 48 --partition 1": 2, "--from end": 0, "--from 1h": 100, "--group g": 50, "--group g --partition 0 --from 49": 30,
		"--from start --max 7": 7, "--from start --filter offset:<10 --exclude partition:1": 10, "--from start --filter /7$/ --around 1": 30,
		"--from 2000-01-01": 100, "--from start --until 2000-01-01T00:00:00Z": 0, "--from start --merge 1s": 100,
	} {
		cmd := append([]string{"tail", "orders", "--no-follow", "-o", "raw"}, strings.Fields(args)...)
		code, out, errs := s.run(cmd...)
		if n := strings.Count(out, "\n"); code != exitOK || n != want {
			t.Errorf("%s: exit %d, %d lines, want %d\n%s", args, code, n, want, errs)
		}
	}
	for _, like := range []string{"or*", "[n-p]rder?"} {
		if code, out, errs := s.run("tail", like, "orders", "--from", "start", "--no-follow", "-o", "raw"); code != exitOK || strings.Count(out, "\n") != 100 {
			t.Errorf("%s: exit %d, %d lines\n%s", like, code, strings.Count(out, "\n"), errs)
		}
	}
	if code, out, errs := s.run("tail", "--group", "g", "--no-follow", "-o", "raw"); code != exitOK || strings.Count(out, "\n") != 50 {
		t.Errorf("what the group reads: exit %d\n%s", code, errs)
	}
}

func TestTailRefusesWhatItCannotUnderstand(t *testing.T) {
	s := newShell(t)
	for args, want := range map[string]string{
		"tail": "name a topic", "tail orders -o xml": "text, json or raw", "tail orders --from soon": "--from", "tail orders --until x": "--until",
		"tail orders -f --no-follow": "--follow", "tail orders --isolation dirty": "read_committed", "tail orders --filter x:1": `no field "x"`,
		"tail orders --exclude /(/": `--exclude: filter "/(/"`, "tail orders --show-aborted": "--show-aborted", "tail orders --decode json": "--decode", "tail [": "no pattern", "tail orders --max -1": "negative",
	} {
		if code, _, errs := s.run(strings.Fields(args)...); code != exitUsage || !strings.Contains(errs, want) {
			t.Errorf("%s: exit %d, %s", args, code, errs)
		}
	}
	for args, want := range map[string]string{"tail nope": "UNKNOWN_TOPIC", "tail nope*": "no topic is like nope*", "tail orders --partition 9": "no partition 9", "tail --group nobody": "committed nothing"} {
		if code, _, errs := s.run(strings.Fields(args)...); code != exitError || !strings.Contains(errs, want) {
			t.Errorf("%s: exit %d, %s", args, code, errs)
		}
	}
}

func TestTailFollowsPartitionsThatAreAddedWhereNoneIsNamed(t *testing.T) {
	for want, all := range map[bool][]tailFlags{
		true: {{}, {follow: true, max: 5}}, false: {{partitions: []int32{0}}, {noFollow: true}, {until: "now"}, {until: "2026-11-22T12:00:00Z"}},
	} {
		for _, f := range all {
			f.isolation = readUncommitted
			if o, err := f.options(time.Now()); err != nil || o.Added != want {
				t.Errorf("%+v: %v %v", f, o.Added, err)
			}
		}
	}
}

// leaver is a reader that goes away at once.
type leaver struct{}

func (leaver) Write([]byte) (int, error) { return 0, fmt.Errorf("write |1: %w", syscall.EPIPE) }

func TestTailIsQuietWhenTheReaderLeaves(t *testing.T) {
	s := newShell(t)
	var errs strings.Builder
	args := []string{"tail", "orders", "--from", "start", "-b", strings.Join(s.fake.Bootstrap(), ",")}
	if code := Run(t.Context(), args, strings.NewReader(""), leaver{}, &errs); code != exitPipe || triesAgain.ReplaceAllString(errs.String(), "") != "" {
		t.Errorf("exit %d, %s", code, errs.String())
	}
}

const hostile = "\x1b]52;c;eA==\a\x9b2J\u202e\r\n\t\x00\xff\u200b漢字"

func hostileRecord() *kafka.Record {
	return &kafka.Record{
		TopicPartition: kafka.TopicPartition{Topic: "a\x1b", Partition: 3}, Offset: 9, Timestamp: time.UnixMilli(1795356130007),
		Key: []byte(hostile), Value: []byte(`{"level":"warn","msg":"` + hostile + `"}`), Headers: []kafka.Header{{Key: hostile}, {Key: "x", Value: []byte("y")}},
	}
}

func TestTailLines(t *testing.T) {
	r := hostileRecord()
	want := "2026-11-22T14:02:10.007Z\ta\\x1b/3@9\tWARN\t" + `\x1b]52;c;eA==\x07\x9b2J\u202e\r\n\t\x00\xff\u200b漢字` + "\t" +
		`{"level":"warn","msg":"\x1b]52;c;eA==\x07\x9b2J\u202e\r\n\t\x00\xff\u200b漢字"}` + "\n"
	w := newTailWriter(&strings.Builder{}, "text", noDecode)
	if got := string(w.Append(nil, r, stream.Note{})); got != want {
		t.Errorf("%q", got)
	}
	r = &kafka.Record{TopicPartition: kafka.TopicPartition{Topic: "t"}, Mark: kafka.Aborted}
	if got := string(w.Append(nil, r, stream.Note{Gap: true})); got != "--\n-\tt/0@0\t-\t-\t(aborted) (null)\n" {
		t.Errorf("%q", got)
	}
}

func TestTailJSONIsValidAndHarmless(t *testing.T) {
	w := newTailWriter(&strings.Builder{}, "json", 0)
	r := hostileRecord()
	r.Key = []byte("a\u202e\U000e0001\"\\")
	line := w.Append(nil, r, stream.Note{Late: true})
	for _, c := range string(line[:len(line)-1]) {
		if c < ' ' || c == 0x7f || c >= 0x80 && c < 0xa0 || c == 0x202e || c == 0x200b {
			t.Fatalf("%U in %q", c, line)
		}
	}
	var got struct {
		Topic, Key, Level, Timestamp string
		ValueBase64                  []byte `json:"value_base64"`
		Late                         bool
		Headers                      []struct {
			Name  string
			Value *string
		}
		Event struct {
			Format string
			Fields []struct{ Name, Value string }
		}
	}
	if err := json.Unmarshal(line, &got); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	if got.Topic != r.Topic || got.Key != string(r.Key) || string(got.ValueBase64) != string(r.Value) || got.Level != "WARN" || !got.Late ||
		got.Timestamp != "2026-11-22T14:02:10.007Z" || len(got.Headers) != 2 || got.Headers[0].Value != nil || *got.Headers[1].Value != "y" ||
		got.Event.Format != "json" || got.Event.Fields[0].Value != "warn" {
		t.Errorf("%+v", got)
	}
}

func TestTailTellsOfFailuresOnce(t *testing.T) {
	w := newTailWriter(&strings.Builder{}, "raw", noDecode)
	var said []string
	w.warn = func(line string) { said = append(said, line) }
	e := kafka.ReadEvent{TopicPartition: kafka.TopicPartition{Topic: "t"}, Kind: kafka.ReadFailed, Err: errors.New("no \x1b")}
	w.Event(&e)
	w.Event(&e)
	w.Event(&kafka.ReadEvent{TopicPartition: e.TopicPartition, Kind: kafka.ReadSkipped, From: 3, Next: 7})
	w.Event(&kafka.ReadEvent{TopicPartition: e.TopicPartition, Kind: kafka.ReadSkipped, From: 7, Next: 8, Err: errors.New("corrupt")})
	w.Event(&kafka.ReadEvent{TopicPartition: e.TopicPartition, Kind: kafka.ReadSkipped, From: 9, Next: 5, End: 5})
	w.Event(&kafka.ReadEvent{TopicPartition: e.TopicPartition, Kind: kafka.ReadSkipped, From: 5, Next: 0, End: 8})
	w.Event(&e)
	want := []string{
		`lagtop: no \x1b, trying again`, "lagtop: t/0: offsets 3 to 6 are not in the log, going on at 7",
		"lagtop: t/0: offsets 7 to 7 cannot be read: corrupt", "lagtop: t/0: offset 9 is beyond the end, going on at 5",
		"lagtop: t/0: the topic was made anew, going on at 0", `lagtop: no \x1b, trying again`,
	}
	if !slices.Equal(said, want) {
		t.Errorf("%q", said)
	}
}

func FuzzTailLines(f *testing.F) {
	f.Add([]byte("k"), []byte(hostile), "h")
	f.Fuzz(func(t *testing.T, key, value []byte, header string) {
		r := &kafka.Record{Key: key, Value: value, Headers: []kafka.Header{{Key: header, Value: value}}}
		line := newTailWriter(&strings.Builder{}, "json", 0).Append(nil, r, stream.Note{})
		if !json.Valid(line) || strings.Count(string(line), "\n") != 1 {
			t.Fatalf("%q", line)
		}
		text := string(newTailWriter(&strings.Builder{}, "text", noDecode).Append(nil, r, stream.Note{}))
		if strings.Count(text, "\n") != 1 || strings.Count(text, "\t") != 4 || strings.ContainsAny(text, "\x1b\u202e\x00") {
			t.Fatalf("%q", text)
		}
	})
}

func BenchmarkTailText(b *testing.B) {
	r := hostileRecord()
	r.Key, r.Value = []byte("customer-42"), []byte(`{"ts":"2024-05-17T12:00:00Z","level":"info","msg":"payment accepted","amount":12.5,"currency":"EUR"}`)
	for _, output := range []string{"raw", "text", "json"} {
		b.Run(output, func(b *testing.B) {
			w := newTailWriter(&strings.Builder{}, output, noDecode)
			var buf []byte
			b.ReportAllocs()
			for b.Loop() {
				buf = w.Append(buf[:0], r, stream.Note{})
			}
		})
	}
}

func TestTailLeavesOutWhatWasAborted(t *testing.T) {
	f := kafkatest.NewFake(t, kfake.SeedTopics(1, "paid"))
	cl := kafkatest.Client(t, f.Bootstrap(), kgo.TransactionalID("x"), kgo.DefaultProduceTopic("paid"))
	for i, end := range []kgo.TransactionEndTry{kgo.TryCommit, kgo.TryAbort, kgo.TryCommit} {
		if err := cl.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		if err := cl.ProduceSync(t.Context(), kgo.StringRecord(fmt.Sprint("v", i))).FirstErr(); err != nil {
			t.Fatal(err)
		}
		if err := cl.EndTransaction(t.Context(), end); err != nil {
			t.Fatal(err)
		}
	}
	s := &shell{t, f}
	for args, want := range map[string]string{
		"": "v0 v1 v2", "--isolation read_committed": "v0 v2", "--isolation read_committed --show-aborted": "v0 v1 v2",
	} {
		code, out, errs := s.run(append([]string{"tail", "paid", "--from", "start", "--no-follow", "-o", "raw"}, strings.Fields(args)...)...)
		if got := strings.Join(strings.Fields(out), " "); code != exitOK || got != want {
			t.Errorf("%s: exit %d %q %s", args, code, got, errs)
		}
	}
	if _, out, _ := s.run("tail", "paid", "--from", "start", "--no-follow", "--isolation", "read_committed", "--show-markers", "--show-aborted"); strings.Count(out, "(commit marker)") != 2 || strings.Count(out, "(abort marker)") != 1 || strings.Count(out, "(aborted) v1") != 1 {
		t.Errorf("%s", out)
	}
}
