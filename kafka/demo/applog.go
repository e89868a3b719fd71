package demo

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

type appRecord struct {
	TS      string `json:"ts"`
	Level   string `json:"level"`
	Service string `json:"service"`
	Logger  string `json:"logger"`
	Thread  string `json:"thread"`
	Msg     string `json:"msg"`
	TraceID string `json:"trace_id"`
	TookMS  int    `json:"took_ms,omitempty"`
	Error   string `json:"error,omitempty"`
}

// appLog is a line of an application that logs JSON; its key is the instance that wrote it.
func appLog(g *gen, at time.Time) message {
	service := g.pick("checkout", "catalog", "cart", "search", "pricing", "inventory", "shipping", "accounts")
	instance := fmt.Sprintf("%s-%d", service, g.IntN(8))
	r := appRecord{
		TS:      at.UTC().Format("2006-01-02T15:04:05.000Z07:00"),
		Level:   level(g),
		Service: service,
		Logger:  "com.example." + service + "." + g.pick("Handler", "Repository", "HttpClient", "Scheduler"),
		Thread:  fmt.Sprintf("worker-%d", 1+g.IntN(16)),
		TraceID: g.hex(32),
	}
	fillMessage(g, &r)
	return message{key: instance, value: encode(r), headers: []kgo.RecordHeader{
		header("content-type", "application/json"),
		header("level", r.Level),
		header("traceparent", fmt.Sprintf("00-%s-%s-01", r.TraceID, g.hex(16))),
	}}
}

func level(g *gen) string {
	switch n := g.IntN(100); {
	case n < 12:
		return "DEBUG"
	case n < 90:
		return "INFO"
	case n < 97:
		return "WARN"
	}
	return "ERROR"
}

func fillMessage(g *gen, r *appRecord) {
	switch r.Level {
	case "DEBUG":
		r.Msg = fmt.Sprintf("cache %s for key %s", g.pick("hit", "miss"), g.hex(8))
	case "WARN":
		r.TookMS = 800 + g.IntN(4000)
		r.Msg = fmt.Sprintf("%s took %d ms, the limit is 800 ms", g.pick("query", "call to pricing", "call to inventory"), r.TookMS)
	case "ERROR":
		r.Msg = "request failed, will be tried again"
		r.Error = g.pick("connect timed out after 3000 ms", "deadlock detected", "503 Service Unavailable", "unexpected end of stream")
	default:
		r.TookMS = 2 + g.IntN(180)
		r.Msg = fmt.Sprintf("%s %d in %d ms", g.pick("loaded product", "reserved stock for order", "priced cart", "sent mail for order"), 1000+g.IntN(90_000), r.TookMS)
	}
}

// encode is for values of our own types, which always have a JSON form.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("demo record %T: %v", v, err))
	}
	return b
}
