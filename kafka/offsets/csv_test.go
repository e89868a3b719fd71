package offsets

import (
	"slices"
	"strings"
	"testing"

	"lagtop/kafka"
)

// The expected texts are what kafka-consumer-groups 4.2 writes (its CsvUtils, Jackson 2.19).
func TestWriteCSVQuotesAsTheStockTool(t *testing.T) {
	for group, want := range map[string]string{
		"orders":                    "orders",
		"-dash":                     "-dash",
		"abcdefghijklmnopqrstuvwx":  "abcdefghijklmnopqrstuvwx",
		"abcdefghijklmnopqrstuvwxy": `"abcdefghijklmnopqrstuvwxy"`,
		"üüüüüüüüüüüüüüüüüüüüüüü": "üüüüüüüüüüüüüüüüüüüüüüü",
		"gr oup":     `"gr oup"`,
		"we#ird":     `"we#ird"`,
		`q"uote`:     `"q""uote"`,
		"c,omma":     `"c,omma"`,
		"new\nline":  "\"new\nline\"",
		"ta\tb":      "\"ta\tb\"",
		`back\slash`: `"back\slash"`,
		"'sq'":       `"'sq'"`,
		"":           "",
	} {
		var b strings.Builder
		if err := WriteCSV(&b, []Row{{Group: group, TopicPartition: tp("topic", 3), Offset: 7}}, true); err != nil {
			t.Fatal(err)
		}
		if want += ",topic,3,7\n"; b.String() != want {
			t.Errorf("group %q: got %q, want %q", group, b.String(), want)
		}
	}
}

func TestReadCSVTakesBothForms(t *testing.T) {
	for in, want := range map[string][]Row{
		"":                         nil,
		"orders,0,5\n":             {{TopicPartition: tp("orders", 0), Offset: 5}},
		"orders,0,5":               {{TopicPartition: tp("orders", 0), Offset: 5}},
		"a,0,5\r\n\r\nb, 1 ,6\r\n": {{TopicPartition: tp("a", 0), Offset: 5}, {TopicPartition: tp("b", 1), Offset: 6}},
		"g,orders,0,5\n":           {{Group: "g", TopicPartition: tp("orders", 0), Offset: 5}},
		"\"a\"\"b\nc\",t,1,-5\n":   {{Group: "a\"b\nc", TopicPartition: tp("t", 1), Offset: -5}},
		"\ufefforders,0,5\n":       {{TopicPartition: tp("orders", 0), Offset: 5}},
	} {
		got, err := ReadCSV(strings.NewReader(in))
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: got %v %v, want %v", in, got, err, want)
		}
	}
}

func TestReadCSVNamesTheLine(t *testing.T) {
	for in, want := range map[string]string{
		"a,0,5\nb,x,6\n":        "line 2: partition",
		"a,0,5\n\nb,1,\n":       "line 3: offset",
		"a,0,5\ng,b,1,6\n":      "line 2: 4 columns",
		"a,0\n":                 "line 1: 2 columns",
		"a,-1,5\n":              "line 1: partition",
		"a,2147483648,5\n":      "line 1: partition",
		",0,5\n":                "line 1: the topic is missing",
		"\"a,0,5\n":             "line 1: a quote is not closed",
		"\"a\"b,0,5\n":          "line 1: text behind",
		"\"a\nb\",t,1,2\nc,1,2": "line 3: 3 columns",
	} {
		_, err := ReadCSV(strings.NewReader(in))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", in, err, want)
		}
	}
}

func TestBeforeRowsAreWhatAnUndoNeeds(t *testing.T) {
	p := Plan{Group: "g", Changes: []Change{
		{TopicPartition: tp("a", 0), Before: some(5), After: some(9)},
		{TopicPartition: tp("a", 1), After: some(9)},
		{TopicPartition: tp("a", 2), Before: some(5), Err: "no"},
	}}
	if rows := p.BeforeRows(); !slices.Equal(rows, []Row{{Group: "g", TopicPartition: tp("a", 0), Offset: 5}}) {
		t.Error(rows)
	}
}

func FuzzCSVRoundTrip(f *testing.F) {
	f.Add("g", "orders", int32(0), int64(5))
	f.Add("a\r\n\"b", "x,y", int32(7), int64(-1))
	f.Fuzz(func(t *testing.T, group, topic string, partition int32, offset int64) {
		if topic == "" || partition < 0 || strings.HasPrefix(group, "\ufeff") {
			return
		}
		rows := []Row{{Group: group, TopicPartition: kafka.TopicPartition{Topic: topic, Partition: partition}, Offset: offset}}
		var b strings.Builder
		if err := WriteCSV(&b, rows, true); err != nil {
			t.Fatal(err)
		}
		got, err := ReadCSV(strings.NewReader(b.String()))
		if err != nil || !slices.Equal(got, rows) {
			t.Errorf("%q: got %v %v, want %v", b.String(), got, err, rows)
		}
	})
}

func FuzzReadCSV(f *testing.F) {
	f.Add("a,0,5\n\"b\",1,6")
	f.Fuzz(func(t *testing.T, in string) {
		rows, err := ReadCSV(strings.NewReader(in))
		if err != nil {
			return
		}
		for _, r := range rows {
			if r.Topic == "" || r.Partition < 0 {
				t.Errorf("%q: %+v", in, r)
			}
		}
	})
}

func TestFileIsReadForOneGroup(t *testing.T) {
	const many = "a,orders,0,5\nb,orders,0,6\na,orders,1,7\n"
	f, err := ReadFile("x.csv", strings.NewReader(many), "a")
	if err != nil || len(f.Offsets) != 2 || f.Offsets[tp("orders", 0)] != 5 || f.Offsets[tp("orders", 1)] != 7 || f.Name != "x.csv" {
		t.Errorf("%+v %v", f, err)
	}
	if f, err = ReadFile("x.csv", strings.NewReader("orders,0,5\n"), "whoever"); err != nil || f.Offsets[tp("orders", 0)] != 5 {
		t.Errorf("%+v %v", f, err)
	}
	for in, want := range map[string]string{
		many:                       "x.csv: no row is about group c, but about a, b",
		"":                         "x.csv: the file holds no offsets",
		"orders,0,5\norders,0,6\n": "x.csv: offsets, line 2: orders/0 was there before",
		"c,t,0,5\nc,t,x,6\n":       "x.csv: offsets, line 2: partition",
	} {
		if _, err := ReadFile("x.csv", strings.NewReader(in), "c"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", in, err, want)
		}
	}
}

// A group may have the empty name: its rows are about no other group.
func TestRowsOfTheGroupWithoutANameAreNoOnesElse(t *testing.T) {
	const file = "\"\",orders,0,5\npayments,orders,1,7\n"
	f, err := ReadFile("f", strings.NewReader(file), "payments")
	if err != nil || len(f.Offsets) != 1 || f.Offsets[kafka.TopicPartition{Topic: "orders", Partition: 1}] != 7 {
		t.Errorf("%v %v", f.Offsets, err)
	}
	if f, err = ReadFile("f", strings.NewReader(file), ""); err != nil || len(f.Offsets) != 1 || f.Offsets[kafka.TopicPartition{Topic: "orders"}] != 5 {
		t.Errorf("%v %v", f.Offsets, err)
	}
}
