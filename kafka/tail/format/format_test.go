package format

import (
	"strings"
	"testing"
	"time"
)

var at = time.Date(2026, 11, 22, 14, 2, 10, 0, time.UTC)

// The samples are as the programs named write them.
var samples = map[string]struct {
	value    string
	kind     Kind
	severity Severity
	time     string // RFC 3339, empty for none
	message  string
	fields   string // some of them
	note     string
}{
	"zap": {`{"level":"error","ts":1795356130.25,"caller":"pay/card.go:41","msg":"card declined","amount":12.5,"tags":["a","b"]}`,
		JSON, Error, "2026-11-22T14:02:10.25Z", "card declined", `amount=12.5 tags=["a","b"]`, ""},
	"pino": {`{"level":30,"time":1795356130250,"pid":7,"msg":"request \"done\""}`, JSON, Info, "2026-11-22T14:02:10.25Z", `request "done"`, `pid=7`, ""},
	"ECS": {`{"@timestamp":"2026-11-22T14:02:10.123Z","log.level":"WARN","message":"slow query","ecs":{"version":"1.2"}}`,
		JSON, Warn, "2026-11-22T14:02:10.123Z", "slow query", `ecs={"version":"1.2"}`, ""},
	"OpenTelemetry": {`{"timeUnixNano":"1","severityNumber":17,"body":"boom"}`, JSON, Error, "", "boom", "", ""},
	"a JSON array":  {`[{"a":1},{"b":2}]`, JSON, None, "", `[{"a":1},{"b":2}]`, "", ""},
	"a bracket":     {`[main] INFO com.example.Pool - started`, Text, Info, "", `[main] INFO com.example.Pool - started`, "", ""},
	"cut off JSON":  {`{"level":"info","msg":"abc","rest":"x`, JSON, Info, "", "abc", "level=info", ""},
	"logfmt":        {`ts=2026-11-22T14:02:10Z level=warn msg="cache \"miss\"" key=漢字 ok`, Logfmt, Warn, "2026-11-22T14:02:10Z", `cache "miss"`, "key=漢字 ok=", ""},
	"one pair":      {`a=b is not much`, Text, None, "", `a=b is not much`, "", ""},
	"rsyslog omkafka": {`<30>Nov 22 14:02:09 web-1 nginx[812]: upstream timed out`, Syslog3164, Info, "2026-11-22T14:02:09Z", "upstream timed out",
		"facility=3 host=web-1 app=nginx pid=812", ""},
	// Recorded from rsyslog 8.2302 and its omkafka, as in rsyslog_real_test.go.
	"recorded: RSYSLOG_SyslogProtocol23Format": {"<11>1 2026-11-22T14:02:10.003Z web-1 checkout 42 - - card declined for order-991\n",
		Syslog5424, Error, "2026-11-22T14:02:10.003Z", "card declined for order-991", "host=web-1 app=checkout pid=42", ""},
	"recorded: RSYSLOG_TraditionalForwardFormat": {"<11>Nov 22 14:02:10 web-1 checkout[42] card declined for order-991",
		Syslog3164, Error, "2026-11-22T14:02:10Z", "card declined for order-991", "host=web-1 app=checkout pid=42", ""},
	"recorded: jsonf": {"{\"@timestamp\":\"2026-11-22T14:02:10.003Z\", \"host\":\"web-1\", \"severity\":\"err\", \"message\":\"card declined for order-991\"}\n",
		JSON, Error, "2026-11-22T14:02:10.003Z", "card declined for order-991", "host=web-1", ""},
	"of December":       {`<30>Dec 31 23:59:59 web-1 cron: x`, Syslog3164, Info, "2025-12-31T23:59:59Z", "x", "app=cron", ""},
	"without priority":  {`Nov 22 14:02:09 web-1 sshd[1]: Failed password for root`, Syslog3164, None, "2026-11-22T14:02:09Z", "Failed password for root", "app=sshd", ""},
	"priority and text": {`<11>hello there`, Syslog3164, Error, "", "hello there", "severity=3", ""},
	"RFC 5424": {`<165>1 2026-11-22T14:02:10.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="App\"lication"][x@1 a="b"] An application event`,
		Syslog5424, Info, "2026-11-22T14:02:10.003Z", "An application event", `host=mymachine.example.com app=evntslog msgid=ID47 exampleSDID@32473.iut=3 x@1.a=b`, ""},
	"RFC 5424, bare": {`<34>1 - - su - - -`, Syslog5424, Fatal, "", "", "app=su", ""},
	"common":         {`10.1.2.3 - frank [22/Nov/2026:15:02:10 +0100] "GET /cart HTTP/1.1" 404 512`, Access, Warn, "2026-11-22T14:02:10Z", "GET /cart HTTP/1.1 404", "user=frank status=404 bytes=512", ""},
	"combined": {`::1 - - [22/Nov/2026:14:02:10 +0000] "POST / HTTP/2" 503 - "https://a/" "curl/8 \"x\""`,
		Access, Error, "2026-11-22T14:02:10Z", "POST / HTTP/2 503", `host=::1 status=503 referer=https://a/`, ""},
	"CEF": {`CEF:0|Security|threat\|manager|1.0|100|worm stopped|10|src=10.0.0.1 rt=1795356130000 msg=a \= b c spt=1232`,
		CEF, Fatal, "2026-11-22T14:02:10Z", "worm stopped: a = b c", `product=threat|manager src=10.0.0.1 spt=1232`, ""},
	"CEF in syslog": {`<134>Nov 22 14:02:10 host CEF:0|V|P|1|2|login|Medium|`, CEF, Warn, "2026-11-22T14:02:10Z", "login", "host=host", ""},
	"JSON Schema":   {"\x00\x00\x00\x00\x2a" + `{"level":"error","msg":"x"}`, Schema, Error, "", "x", "msg=x", "JSON Schema, schema 42"},
	"Avro":          {"\x00\x00\x00\x00\x2a\x02\x06abc", Schema, None, "", "0206616263", "", "Avro or Protobuf, schema 42: no registry configured"},
	"bytes":         {"\x01\x02\x03\xff\xfe", Hex, None, "", "010203fffe", "", ""},
	"log4j":         {`2026-11-22 14:02:10,123 WARN [main] pool - 3 left`, Text, Warn, "2026-11-22T14:02:10.123Z", "WARN [main] pool - 3 left", "", ""},
	"nginx error":   {`2026/11/22 14:02:10 [error] 12#0: x`, Text, Error, "2026-11-22T14:02:10Z", "[error] 12#0: x", "", ""},
	"nothing":       {``, Text, None, "", "", "", ""},
	"hello":         {`hello`, Text, None, "", "hello", "", ""},
}

func TestSamples(t *testing.T) {
	for name, c := range samples {
		e := Decode(Auto, []byte(c.value), at)
		if e.Kind != c.kind || e.Severity != c.severity || e.Message != c.message || e.Note != c.note {
			t.Errorf("%s: %v %q %q %q", name, e.Kind, e.Severity, e.Message, e.Note)
		}
		stamp := ""
		if !e.Time.IsZero() {
			stamp = e.Time.UTC().Format(time.RFC3339Nano)
		}
		if stamp != c.time {
			t.Errorf("%s: time %q", name, stamp)
		}
		var all []string
		for _, f := range e.Fields {
			all = append(all, f.Name+"="+f.Value)
		}
		have := " " + strings.Join(all, " ") + " "
		for _, want := range strings.Fields(c.fields) {
			if !strings.Contains(have, " "+want+" ") {
				t.Errorf("%s: no %s in %q", name, want, all)
			}
		}
	}
}

func TestAKindThatIsChosenDoesNotHaveToFit(t *testing.T) {
	for kind := Auto; kind <= Hex; kind++ {
		for name, c := range samples {
			if e := Decode(kind, []byte(c.value), at); kind != Auto && e.Kind != kind {
				t.Errorf("%s as %v is %v", name, kind, e.Kind)
			}
		}
		if k, err := ParseKind(kind.String()); err != nil || k != kind {
			t.Errorf("%v is parsed as %v: %v", kind, k, err)
		}
	}
}

// A hostile value costs no more than its beginning, however large it is.
func TestWorkIsBounded(t *testing.T) {
	for name, v := range map[string]string{
		"braces":   strings.Repeat(`{"a":`, 2<<20),
		"pairs":    strings.Repeat(`a=b `, 2<<20),
		"quotes":   `a="` + strings.Repeat(`\"`, 4<<20),
		"fields":   `{` + strings.Repeat(`"a":1,`, 1<<20),
		"sd":       `<1>1 - - - - - ` + strings.Repeat(`[a b="c"]`, 1<<20),
		"CEF":      `CEF:0|||||||` + strings.Repeat(`a=b `, 1<<20),
		"brackets": "[" + strings.Repeat("[", 10<<20),
	} {
		e := Decode(Auto, []byte(v), at)
		if len(e.Fields) > maxFields || len(e.Message) > look || !e.Cut {
			t.Errorf("%s: %d fields, %d bytes of message, cut %v", name, len(e.Fields), len(e.Message), e.Cut)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, c := range samples {
		f.Add([]byte(c.value), uint8(0))
	}
	for kind := Auto; kind <= Hex; kind++ {
		f.Add([]byte("\x1b]52;c;x\a\x9b\u202e\x00\xff<1>1 [a=\"\\"), uint8(kind))
	}
	f.Fuzz(func(t *testing.T, v []byte, kind uint8) {
		k := Kind(kind) % (Hex + 1)
		e := Decode(k, v, at)
		if len(e.Fields) > maxFields || int(e.Kind) >= len(kindWords) {
			t.Fatalf("%+v", e)
		}
		if e.Severity != Of(v) {
			t.Fatal("two severities")
		}
		_, _ = e.Kind.String(), e.Severity.String()
	})
}

func BenchmarkOf(b *testing.B) {
	for _, name := range []string{"zap", "logfmt", "rsyslog omkafka", "combined", "hello"} {
		v := []byte(samples[name].value)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Of(v)
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"zap", "logfmt", "RFC 5424", "combined", "CEF"} {
		v := []byte(samples[name].value)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Decode(Auto, v, at)
			}
		})
	}
}
