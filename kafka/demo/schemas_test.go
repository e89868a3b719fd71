package demo

import (
	"encoding/json"
	"testing"
	"time"

	client "lagtop/kafka/registry"
	"lagtop/kafka/tail/format"
)

func TestClicksAreReadWithTheRegistryOfTheDemo(t *testing.T) {
	r, err := startRegistry(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.Open(client.Config{URL: r.url}, nil, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		c.Close()
		if err := r.close(); err != nil {
			t.Error(err)
		}
	}()
	check := func(value []byte, session string) {
		t.Helper()
		d := c.Waiting().Read("clickstream", format.OfValue, value)
		var got struct {
			Session, Event, Page, Device, TS string
			Dwell                            int `json:"dwell_ms"`
		}
		if err := json.Unmarshal(d.Text, &got); err != nil {
			t.Fatalf("%s: %v", d.Note, err)
		}
		at, err := time.Parse(time.RFC3339, got.TS)
		if err != nil || at.After(noon) || noon.Sub(at) > historySpan || got.Event == "" || got.Page[0] != '/' || got.Dwell < 200 || got.Device == "" || session != "" && got.Session != session {
			t.Fatalf("%s: %v", d.Text, err)
		}
		if decode(value) != nil || decode(value[:len(value)-1]) == nil || decode(append(value, 0)) == nil {
			t.Fatalf("consumers read %q otherwise", value)
		}
	}
	eachValue(t, "clickstream", func(v []byte) { check(v, "") })
	s := newSource(specOf(t, "clickstream"), 1)
	s.hot = true
	hot := 0
	for range 50 {
		if r := s.next(noon); string(r.Key) == hotKey {
			hot++
			check(r.Value, hotKey)
		}
	}
	if hot == 0 {
		t.Error("no hot key")
	}
	if p := poison(s.next(noon), 0); decode(p.Value) == nil {
		t.Errorf("the poison can be read: %q", p.Value)
	}
}

func specOf(t *testing.T, topic string) topicSpec {
	t.Helper()
	for _, s := range topicSpecs {
		if s.name == topic {
			return s
		}
	}
	t.Fatalf("no topic %s", topic)
	return topicSpec{}
}
