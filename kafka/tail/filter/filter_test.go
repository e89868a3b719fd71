package filter

import (
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
)

func record(value string) *kafka.Record {
	return &kafka.Record{
		TopicPartition: kafka.TopicPartition{Topic: "orders", Partition: 7}, Offset: 1042, Key: []byte("order-991"), Value: []byte(value),
		Headers: []kafka.Header{{Key: "Trace", Value: []byte("abc def")}, {Key: "empty"}},
	}
}

const declined = `{"level":"error","msg":"Card declined","amount":12.5,"items":[{"id":7}]}`

func TestMatch(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "  , ": true,
		"declined": true, "card": true, "Card": true, "CARD": false, "cdclnd": false,
		"card declined": true, "card,declined": true, "card accepted": false,
		`"msg":"card`: true, `text:"card declined"`: true, `text:"card  declined"`: false,
		"order-991": true, "orders/7@1042": true, "orders/8": false, "error": true, "warn": false,
		"level:error": true, "level:err": true, "LEVEL:ERROR": true, "level:warn": false,
		"level>=warn": true, "level:>=warn": true, "level>error": false, "level<fatal": true, "level:=error": true,
		"level=error": true, "amount=12.5": true, "amount=12": true, "amount=2": false, "msg=Card": true, "level=warn": false,
		"evel=error": true, `text:"msg=card declined"`: true, "-level=error": false, "=error": false,
		"key:991": true, "key:declined": false, "key:": true, "value:991": false, "topic:ord": true,
		"partition:7": true, "partition:>7": false, "partition<8": true, "offset:>=1k": true, "offset:1042": true, "offset:1.1k": false, "size:<10k": true,
		"header:trace": true, "header:trace=ABC": false, "header:trace=abc": true, `header:trace="abc def"`: true, "header:empty": true, "header:x": false,
		"format:json": true, "format:logfmt": false,
		"/card\\s+DECLINED/": false, "/card\\s+d/": true, "/Card\\S*/": true, "/c{1,2}ard/ level:error": true, "/api/users": false, "/unclosed": false,
		"-declined": false, "!declined": false, "-accepted": true, "-": true, "!level:warn": true, "-/x/": true, "card -format:json": false,
		"jq: .amount > 10": true, "jq: .amount > 10 and .msg == \"x\"": false, "card jq:.items[].id == 7": true, "-jq: .amount > 10": false,
		"jq: .nothing": false, "jq: error": false, "jq:": true,
	} {
		f, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := f.Match(record(declined)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestErrorsNameTheTerm(t *testing.T) {
	for text, want := range map[string]string{
		"card lag:>3":      `filter "lag:>3": no field "lag"`,
		"offset:x":         `filter "offset:x": wants a number`,
		"partition:>=-1":   `filter "partition:>=-1"`,
		"level>=wa card":   `filter "level>=wa": "wa" is no level`,
		"a /(/ b":          `filter "/(/": error parsing regexp`,
		"-offset:1e9 b":    `filter "-offset:1e9"`,
		"card jq: .a | (":  `filter "jq: .a | (": jq: unexpected`,
		"jq: nosuch(.)":    `function not defined: nosuch/1`,
		"http://host/path": `as text: text:http://host/path`,
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestTombstonesAndWhatIsNotPrinted(t *testing.T) {
	gone, odd := record(""), record("a\x1b[31m\u202eb Ünï")
	gone.Value, gone.Key = nil, nil
	for text, want := range map[string][2]bool{
		"value:null": {true, false}, "key:o": {false, true}, `\x1b`: {false, true}, `\u202e`: {false, true}, "ünï": {false, true}, "level>=debug": {false, false}, "jq: true": {false, false},
	} {
		f, err := Parse(text)
		if err != nil || f.Match(gone) != want[0] || f.Match(odd) != want[1] {
			t.Errorf("%s: %v %v %v", text, f.Match(gone), f.Match(odd), err)
		}
	}
}

func TestCombines(t *testing.T) {
	a, _ := Parse("card")
	b, _ := Parse("declined level:warn")
	both := a.And(b.Not())
	if !both.Match(record(declined)) || both.And(a.Not()).Match(record(declined)) || a.And(b).Match(record(declined)) {
		t.Error("wrong")
	}
	if !(Filter{}).Not().Match(record("")) || !(Filter{}).Empty() || both.String() != "card not (declined level:warn)" {
		t.Errorf("%q", both)
	}
}

// An expression without an end, and a value that is too large for one, cost a bounded time and are counted.
func TestJQIsBounded(t *testing.T) {
	f, err := Parse("jq: [range(1e12)] | false")
	if err != nil {
		t.Fatal(err)
	}
	f = Filter{}.And(f.Not().Not())
	ended := make(chan bool)
	go func() { ended <- f.Match(record(`{}`)) }()
	select {
	case matched := <-ended:
		if matched || f.Slow() != 1 {
			t.Errorf("matched %v, slow %d", matched, f.Slow())
		}
	case <-time.After(time.Minute):
		t.Fatal("it does not end")
	}
	if f.Match(record(`"`+strings.Repeat("x", 2<<20)+`"`)) || f.Slow() != 2 {
		t.Errorf("slow %d", f.Slow())
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"a -b !c", "/x/ jq: .a", `header:x="a b"`, "level>=warn", "-", "\xff:", "offset:>=9999999999999999999G", `key:"`, "é:x", "日>1"} {
		f.Add(s, declined)
	}
	f.Fuzz(func(t *testing.T, text, value string) {
		if strings.Contains(text, "jq:") {
			t.Skip("gojq is fuzzed by its authors, and allocates what it is told to")
		}
		p, err := Parse(text)
		if err != nil {
			return
		}
		r := record(value)
		if p.Match(r) == p.Not().Match(r) != p.Empty() {
			t.Errorf("%q and its contrary agree", text)
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	for _, text := range []string{"nothing", "Nothing", "level>=fatal", "/not(h)ing/", "key:order-7", "jq: .amount > 100", "-declined -format:hex"} {
		f, err := Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		r := record(declined)
		b.Run(strings.ReplaceAll(text, " ", "_"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f.Match(r)
			}
		})
	}
}
