package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
	"lagtop/kafka/safe"
)

func FuzzJSONStringsAreExactAndHarmless(f *testing.F) {
	for _, s := range []string{"", "orders", `a"b\c`, "\x1b[31m", "\n\t\x00\x7f", "\u009b2J", "\u202egnp", "zero\u200bwidth", "\xff\xfe", "日本", "\U0001f600", "\U000e0001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b := appendJSON(nil, s)
		var got string
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatalf("%q becomes %s: %v", s, b, err)
		}
		if want := string([]rune(s)); got != want {
			t.Errorf("%q is read back as %q", want, got)
		}
		if safe.Line(string(b)) != string(b) {
			t.Errorf("%q becomes %q, which a terminal could obey", s, b)
		}
	})
}

func TestUnknownIsNullAndEmptyListsAreLists(t *testing.T) {
	g := &kafka.Group{Name: "g", Type: kafka.Classic, State: kafka.StateEmpty, Lag: kafka.Total{Missing: 1},
		Partitions: []kafka.GroupPartition{{TopicPartition: kafka.TopicPartition{Topic: "t", Partition: 3}, End: kafka.Some[int64](0)}}}
	s := &kafka.Snapshot{At: time.Unix(1, 5).UTC(), Cluster: kafka.Cluster{ID: "c"}}
	for _, c := range []struct {
		groups []*kafka.Group
		want   string
	}{
		{nil, `{"cluster":"c","at":"1970-01-01T00:00:01.000000005Z","complete":true,"groups":[]}`},
		{[]*kafka.Group{g}, `{"cluster":"c","at":"1970-01-01T00:00:01.000000005Z","complete":true,"groups":[{"group":"g","type":"classic","state":"Empty",` +
			`"protocol":"","coordinator":null,"members":[],"lag":null,"lag_complete":false,"age_seconds":null,"partitions":[{"topic":"t","partition":3,` +
			`"start":null,"end":0,"committed":null,"lag":null,"member_id":null,"age_seconds":null}]}]}`},
	} {
		var out, flat bytes.Buffer
		w := bufio.NewWriter(&out)
		writeLagJSON(w, s, c.groups)
		_ = w.Flush()
		if err := json.Compact(&flat, out.Bytes()); err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
		if flat.String() != c.want {
			t.Errorf("got  %s\nwant %s", flat.String(), c.want)
		}
	}
}

func TestGroupsThatWeMayNotDescribeHaveNoNumbers(t *testing.T) {
	g := &kafka.Group{Name: "g", Type: kafka.Classic, State: kafka.StateStable, Err: "not authorized: DESCRIBE on group g"}
	var table, doc bytes.Buffer
	w := bufio.NewWriter(&table)
	writeLagTable(w, []*kafka.Group{g})
	_ = w.Flush()
	line := strings.Split(table.String(), "\n")[1]
	if got := strings.Join(strings.Fields(line), " "); got != "g classic Stable - - - - - - - - - -" {
		t.Errorf("the table says %q", got)
	}
	w = bufio.NewWriter(&doc)
	writeLagJSON(w, &kafka.Snapshot{}, []*kafka.Group{g})
	_ = w.Flush()
	if !strings.Contains(doc.String(), `"lag": null`) || !strings.Contains(doc.String(), `"lag_complete": false`) {
		t.Errorf("the document says %s", doc.String())
	}
}

func TestWhatIsMissingFromASnapshotIsNamed(t *testing.T) {
	s := &kafka.Snapshot{Groups: []kafka.Group{
		{Name: "a", Hidden: []string{"x", "y"}}, {Name: "b", Hidden: []string{"y"}}, {Name: "c"},
	}}
	if got := strings.Join(missing(s), "\n"); got != "not authorized: DESCRIBE on topic x, y, or no such topic (lagtop doctor says more)" {
		t.Errorf("missing: %q", got)
	}
	s.Groups = s.Groups[2:]
	if got := missing(s); got != nil {
		t.Errorf("nothing is missing: %q", got)
	}
	s.Faults = []kafka.Fault{{Group: "c", Denied: true}, {Addr: "b:1", Op: "ListGroups", Reason: "EOF"}}
	if got := strings.Join(missing(s), "\n"); got != "b:1: ListGroups: EOF\nnot authorized: DESCRIBE on group c (lagtop doctor says more)" {
		t.Errorf("missing: %q", got)
	}
}

func TestTableKeepsColumnsUnderWideNames(t *testing.T) {
	var out bytes.Buffer
	w := bufio.NewWriter(&out)
	writeLagTable(w, []*kafka.Group{{Name: "日本"}, {Name: "a-long-name\x1b", Lag: kafka.Total{V: 7, Known: 1, Missing: 1}}})
	_ = w.Flush()
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) != 3 || !strings.Contains(lines[2], `a-long-name\x1b`) || !strings.Contains(lines[2], ">=7") {
		t.Fatalf("table:\n%s", out.String())
	}
	for _, l := range lines[1:] {
		if got, want := safe.Width(l[:strings.LastIndex(l, " ")]), safe.Width(lines[0][:strings.LastIndex(lines[0], " ")]); got != want {
			t.Errorf("the last column begins at cell %d, its head at %d:\n%s", got, want, out.String())
		}
	}
}
