package alert

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"lagtop/kafka"
)

func TestConditions(t *testing.T) {
	age := func(a kafka.Age) func(*kafka.Group) {
		return func(g *kafka.Group) { g.Partitions[0].Age = kafka.Some(a) }
	}
	hour := When{Age: kafka.Some(time.Hour)}
	stalled := When{Verdicts: []kafka.VerdictKind{kafka.VerdictStalled, kafka.VerdictLost}}
	empty := When{States: []kafka.GroupState{kafka.StateEmpty}}
	both := When{States: empty.States, Lag: kafka.Some[int64](1)}
	for name, c := range map[string]struct {
		when   When
		change func(*kafka.Group)
		want   truth
	}{
		"age above":              {hour, age(kafka.Age{Min: 2 * time.Hour, Max: 2 * time.Hour}), yes},
		"age at the limit":       {hour, age(kafka.Age{Min: time.Hour, Max: time.Hour}), yes},
		"age below":              {hour, age(kafka.Age{Min: time.Minute, Max: time.Minute}), no},
		"bracket above":          {hour, age(kafka.Age{Min: time.Hour, Max: 6 * time.Hour, Kind: kafka.AgeBracket}), yes},
		"bracket across":         {hour, age(kafka.Age{Min: time.Minute, Max: 6 * time.Hour, Kind: kafka.AgeBracket}), unknown},
		"bracket below":          {hour, age(kafka.Age{Min: time.Minute, Max: 15 * time.Minute, Kind: kafka.AgeBracket}), no},
		"at least enough":        {hour, age(kafka.Age{Min: time.Hour, Kind: kafka.AgeAtLeast}), yes},
		"at least too little":    {hour, age(kafka.Age{Min: time.Minute, Kind: kafka.AgeAtLeast}), unknown},
		"from the future":        {hour, age(kafka.Age{Kind: kafka.AgeFuture}), unknown},
		"age unknown":            {hour, func(g *kafka.Group) { g.Partitions[0].Age = kafka.Known[kafka.Age]{} }, unknown},
		"no partitions":          {hour, func(g *kafka.Group) { g.Partitions, g.Lag = nil, kafka.Total{} }, no},
		"nothing to read at all": {both, func(g *kafka.Group) { g.Partitions, g.State = nil, kafka.StateEmpty }, no},
		"topics hidden":          {When{Lag: kafka.Some[int64](100)}, func(g *kafka.Group) { g.Hidden = []string{"secret"} }, unknown},
		"verdict listed":         {stalled, func(g *kafka.Group) { g.Verdict.Kind = kafka.VerdictLost }, yes},
		"verdict not listed":     {stalled, func(g *kafka.Group) { g.Verdict.Kind = kafka.VerdictStopped }, no},
		"verdict not made yet":   {stalled, func(g *kafka.Group) { g.Verdict.Kind = kafka.VerdictUnknown }, unknown},
		"state":                  {empty, func(g *kafka.Group) { g.State = kafka.StateEmpty }, yes},
		"other state":            {empty, func(*kafka.Group) {}, no},
		"state unknown":          {empty, func(g *kafka.Group) { g.State = "" }, unknown},
		"both":                   {both, func(g *kafka.Group) { g.State = kafka.StateEmpty }, yes},
		"one of two":             {both, func(*kafka.Group) {}, no},
		"no beats unknown":       {both, func(g *kafka.Group) { g.State, g.Partitions[0].Lag = "", kafka.Some[int64](0) }, no},
		"unknown beats yes":      {both, func(g *kafka.Group) { g.State = "" }, unknown},
	} {
		t.Run(name, func(t *testing.T) {
			g := group("pay=7", start)
			c.change(&g)
			s := &kafka.Snapshot{Began: start.Add(-time.Second), Groups: []kafka.Group{g}}
			if got := newReader(s).holds(&c.when, &g); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

func TestEvidenceNamesNumbersAndLimits(t *testing.T) {
	g := group("pay=12000+?", start)
	g.Verdict = kafka.Verdict{Kind: kafka.VerdictStalled, Evidence: "orders/7 flat for 6 min"}
	g.Age = kafka.Some(kafka.Age{Min: time.Hour, Max: 6 * time.Hour, Kind: kafka.AgeBracket})
	w := When{
		Lag: kafka.Some[int64](10_000), Age: kafka.Some(30 * time.Minute),
		Verdicts: []kafka.VerdictKind{kafka.VerdictStalled}, States: []kafka.GroupState{kafka.StateStable},
	}
	want := "STALLED: orders/7 flat for 6 min; state Stable; lag ≥12k (limit 10k); age 1h–6h (limit 30m)"
	if got := evidence(&w, &g); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestEventAsJSON(t *testing.T) {
	name := "pay\x1b]0;x\a\"\n\u202e\xff"
	ev := Event{
		Kind: Fired, Rule: "behind", Group: name, At: start, Since: start.Add(-time.Minute), Evidence: "lag 12k",
		Facts: Facts{State: kafka.StateEmpty, Verdict: kafka.VerdictStopped, Lag: kafka.Some[int64](12_000), LagAll: true,
			Age: kafka.Some(kafka.Age{Min: time.Hour, Kind: kafka.AgeAtLeast})},
	}
	line, err := ev.JSON("prod")
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range line[:len(line)-1] {
		if b < ' ' || b == 0x7f {
			t.Errorf("a control %#x at %d of %q", b, i, line)
		}
	}
	var got map[string]any
	if err := json.Unmarshal(line, &got); err != nil {
		t.Fatal(err)
	}
	if want := strings.ToValidUTF8(name, "\ufffd"); got["group"] != want {
		t.Errorf("group %q, want %q", got["group"], want)
	}
	for k, want := range map[string]any{"event": "fired", "cluster": "prod", "verdict": "stopped", "state": "Empty", "lag": 12000.0, "since": "2026-11-23T11:59:00Z"} {
		if got[k] != want {
			t.Errorf("%s is %v, want %v", k, got[k], want)
		}
	}
	if age := got["age_seconds"].(map[string]any); age["min"] != 3600.0 || age["max"] != nil || age["kind"] != "at least" {
		t.Errorf("age %v", age)
	}
	line, err = (&Event{Kind: Cleared, Group: "pay"}).JSON("prod")
	if err != nil || !strings.Contains(string(line), `"lag":null`) || !strings.Contains(string(line), `"age_seconds":null`) {
		t.Errorf("unknown numbers: %s %v", line, err)
	}
}
