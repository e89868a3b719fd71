package tail

import (
	"context"
	"encoding/csv"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
)

func savedEntries() []Entry {
	at := time.Date(2026, 11, 22, 14, 2, 10, 5e6, time.UTC)
	tp := kafka.TopicPartition{Topic: "or/ders", Partition: 7}
	cut := Whole(kafka.Record{TopicPartition: tp, Offset: 3, Value: []byte("begin")})
	cut.ValueSize = 10 << 20
	late := Whole(kafka.Record{TopicPartition: tp, Offset: 4, Key: []byte("gone")})
	late.Late = true
	return []Entry{
		Whole(kafka.Record{TopicPartition: tp, Offset: 1, Timestamp: at, Key: []byte("k,1"), Value: []byte("line\n\x1b[2J\"q\""), Headers: []kafka.Header{{Key: "h", Value: []byte("v")}, {Key: "n"}}}),
		Whole(kafka.Record{TopicPartition: tp, Offset: 2, Value: []byte{0xff, 0}, Mark: kafka.Aborted}),
		cut,
		late,
		Whole(kafka.Record{TopicPartition: tp, Offset: 5, Key: []byte{0, 0, 0, 1}, Mark: kafka.CommitMarker}),
	}
}

func each(entries []Entry) iter.Seq[*Entry] {
	return func(yield func(*Entry) bool) {
		for i := range entries {
			if !yield(&entries[i]) {
				return
			}
		}
	}
}

func save(t *testing.T, dir string, o Saving) string {
	t.Helper()
	said := -1
	out, err := Save(context.Background(), dir, "or/ders", o, each(savedEntries()), func(n int) { said = n })
	if err != nil {
		t.Fatal(err)
	}
	if out.Records != 5 || out.Cut != 1 || said != 0 {
		t.Errorf("%+v, last progress %d", out, said)
	}
	b, err := os.ReadFile(out.Path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestSaveWritesTextThatIsSafeToPrint(t *testing.T) {
	want := `2026-11-22T14:02:10.005Z or/ders/7@1 k,1 line\n\x1b[2J"q"
- or/ders/7@2 [aborted] \xff\x00
- or/ders/7@3 begin
- or/ders/7@4 [late] gone (null)
- or/ders/7@5 [commit marker]
`
	if got := save(t, t.TempDir(), Saving{Form: FileText}); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestSaveWritesEveryByteAsCSV(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(save(t, t.TempDir(), Saving{Form: FileCSV}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"topic|partition|offset|timestamp|mark|key|key_encoding|value|value_encoding|headers|order|key_schema|value_schema",
		"or/ders|7|1|2026-11-22T14:02:10.005Z||k,1|text|line\n\x1b[2J\"q\"|text|" + `[["h","v"],["n",null]]|||`,
		"or/ders|7|2||aborted||null|/wA=|base64|[]|||", "or/ders|7|3||||null|begin|text|[]|||", "or/ders|7|4|||gone|text||null|[]|late||",
	} {
		if got := strings.Join(rows[i], "|"); got != want {
			t.Errorf("row %d: %q, want %q", i, got, want)
		}
	}
}

func TestSaveWritesJSONLines(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(save(t, t.TempDir(), Saving{Form: FileJSON}), "\n"), "\n")
	if len(lines) != 5 {
		t.Fatalf("%d lines", len(lines))
	}
	if want := `{"topic":"or/ders","partition":7,"offset":1,"timestamp":"2026-11-22T14:02:10.005Z","key":"k,1","value":"line\n\u001b[2J\"q\"",` +
		`"headers":[{"name":"h","value":"v"},{"name":"n","value":null}]}`; lines[0] != want {
		t.Errorf("%s\nwant\n%s", lines[0], want)
	}
	if !strings.Contains(lines[1], `"value_base64":"/wA="`) || !strings.HasSuffix(lines[2], `,"cut":true}`) {
		t.Errorf("%s\n%s", lines[1], lines[2])
	}
	if strings.Contains(lines[0], "late") || !strings.Contains(lines[3], `"late":true`) {
		t.Errorf("%s\n%s", lines[0], lines[3])
	}
}

func TestSaveWritesWhatSchemasDecode(t *testing.T) {
	for form, want := range map[FileForm]string{
		FileText: `or/ders/7@1 {"of":"or/ders"} {"of":"or/ders"}` + "\n",
		FileCSV:  `"{""of"":""or/ders""}",schema,"{""of"":""or/ders""}",schema,"[[""h"",""v""],[""n"",null]]",,Avro,Avro` + "\n",
		FileJSON: `"key":"k,1","value":"line\n\u001b[2J\"q\"","headers":[{"name":"h","value":"v"},{"name":"n","value":null}],` +
			`"key_decoded":{"of":"or/ders"},"key_schema":"Avro","decoded":{"of":"or/ders"},"schema":"Avro"}` + "\n",
	} {
		got := save(t, t.TempDir(), Saving{Form: form, Schemas: every{}})
		if !strings.Contains(got, want) {
			t.Errorf("%s\nwant\n%s", got, want)
		}
		if strings.Count(got, "begin") != 1 {
			t.Errorf("what was cut is decoded:\n%s", got)
		}
	}
}

func TestSaveNeverOverwritesAndLeavesNothingWhenItEnds(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, Saving{Form: FileText})
	save(t, dir, Saving{Form: FileText})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Save(ctx, dir, "or/ders", Saving{Form: FileText}, each(savedEntries()), func(int) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	hidden, _ := filepath.Glob(filepath.Join(dir, ".*"))
	if len(files) != 2 || len(hidden) != 0 || filepath.Base(files[1]) != "records-or_ders.txt" {
		t.Errorf("files %v %v", files, hidden)
	}
}
