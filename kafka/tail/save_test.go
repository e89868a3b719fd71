package tail

import (
	"context"
	"encoding/csv"
	"encoding/json"
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

func save(t *testing.T, dir string, form FileForm) string {
	t.Helper()
	said := -1
	out, err := Save(context.Background(), dir, "or/ders", form, each(savedEntries()), func(n int) { said = n })
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
	if got := save(t, t.TempDir(), FileText); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestSaveWritesEveryByteAsCSV(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(save(t, t.TempDir(), FileCSV))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"topic|partition|offset|timestamp|mark|key|key_encoding|value|value_encoding|headers|order",
		"or/ders|7|1|2026-11-22T14:02:10.005Z||k,1|text|line\n\x1b[2J\"q\"|text|" + `[["h","v"],["n",null]]|`,
		"or/ders|7|2||aborted||null|/wA=|base64|[]|", "or/ders|7|3||||null|begin|text|[]|", "or/ders|7|4|||gone|text||null|[]|late",
	} {
		if got := strings.Join(rows[i], "|"); got != want {
			t.Errorf("row %d: %q, want %q", i, got, want)
		}
	}
}

func TestSaveWritesJSONLines(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(save(t, t.TempDir(), FileJSON), "\n"), "\n")
	if len(lines) != 5 {
		t.Fatalf("%d lines", len(lines))
	}
	var got exported
	if err := json.Unmarshal([]byte(lines[0]), &got); err != nil || got.Offset != 1 || *got.Value.Text != "line\n\x1b[2J\"q\"" {
		t.Errorf("%+v %v", got, err)
	}
	if strings.Contains(lines[0], "late") || !strings.Contains(lines[3], `"late":true`) {
		t.Errorf("%s\n%s", lines[0], lines[3])
	}
}

func TestSaveNeverOverwritesAndLeavesNothingWhenItEnds(t *testing.T) {
	dir := t.TempDir()
	save(t, dir, FileText)
	save(t, dir, FileText)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Save(ctx, dir, "or/ders", FileText, each(savedEntries()), func(int) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	hidden, _ := filepath.Glob(filepath.Join(dir, ".*"))
	if len(files) != 2 || len(hidden) != 0 || filepath.Base(files[1]) != "records-or_ders.txt" {
		t.Errorf("files %v %v", files, hidden)
	}
}
