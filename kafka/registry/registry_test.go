package registry

import (
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lagtop/kafka/secret"
	"lagtop/kafka/tail/format"
)

const patience = 100 * time.Second

func TestValuesBySchema(t *testing.T) {
	s := newServer(t, shop())
	c := open(t, Config{URL: s.URL}, patience)
	for name, x := range map[string]struct {
		id                  uint32
		payload, text, note string
	}{
		"Avro": {1, orderBytes, `{"id":42,"note":"hi\"","amount":-12.34,"state":"PAID","lines":[{"sku":"a","ok":true},{"sku":"b","ok":false}],"tags":{"x":1.5},` +
			`"at":"2016-10-06T00:00:00Z","day":"1970-01-02","last":"NEW","sum":"/wA="}`, "Avro shop.Order, schema 1"},
		"Protobuf, first message":  {2, "\x00\x08\x07", `{"a":7}`, "Protobuf, schema 2"},
		"Protobuf, nested message": {2, "\x04\x02\x02" + deepBytes, `{"line":{"sku":"s"},"parts":[{"name":"p"},{"name":""}],"counts":{"k":7},"at":"2025-07-04T13:20:00Z","state":"PAID","raw":"/wA=","n":0,"f":"NaN"}`, "Protobuf, schema 2"},
		"JSON Schema":              {3, " {\"a\": [1] }", `{"a":[1]}`, "JSON Schema, schema 3"},
		"primitive":                {4, "\x06a\x00\xff", `"a\u0000` + "\ufffd" + `"`, "Avro string, schema 4"},
		"references in a circle":   {11, "\x02a", `"a"`, "Avro string, schema 11"},
	} {
		text, note := read(c, "t", value(x.id, x.payload))
		if string(text) != x.text || note != x.note || !json.Valid(text) {
			t.Errorf("%s: %s %q", name, text, note)
		}
	}
	if n := s.asked.Load(); n != 8 {
		t.Errorf("%d requests", n)
	}
	if text, note := read(c, "t", []byte("plain")); text != nil || note != "" {
		t.Errorf("no schema: %s %q", text, note)
	}
}

func TestHostileValuesAndSchemas(t *testing.T) {
	c := open(t, Config{URL: newServer(t, shop()).URL}, patience)
	for name, x := range map[string]struct {
		id            uint32
		payload, note string
	}{
		"ends early":                {1, "\x54\x02", "ends too early"},
		"branch that is not there":  {1, "\x54\x0a", "note: branch 5 of 2"},
		"left over":                 {4, "\x02ab", "1 bytes are left over"},
		"length of 2^62":            {4, "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01", "ends too early"},
		"record without end":        {6, "x", "more than 64 deep"},
		"a billion nulls":           {7, "\x80\xa8\xd6\xb9\x07", "more than 1 MiB of JSON"},
		"least number of items":     {7, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00", "more than 1 MiB of JSON"},
		"larger than 1 MiB":         {4, strings.Repeat("a", 1<<20+1), "larger than 1 MiB"},
		"message that is not there": {2, "\x02\x0e\x00", "has no message 7"},
		"negative index":            {2, "\x02\x01", "place of its message"},
		"a million indexes":         {2, "\x80\x89\x7a", "place of its message"},
		"no Protobuf":               {2, "\x00\xff\xff", "as shop.First"},
		"recursion":                 {14, "\x00" + nested(200), "as Rec"},
		"no JSON":                   {3, "{]", "no JSON behind the id"},
		"unknown type":              {5, "x", `does not say what "nonsense" is`},
		"huge schema":               {8, "x", "larger than 1.5 MiB"},
		"deep schema":               {9, "x", "more than 64 deep"},
		"deep file":                 {10, "x", "nested too deeply"},
		"import that is not there":  {12, "x", "absent.proto"},
		"fixed beyond all":          {13, "x", "without a size that can be"},
		"no such schema":            {99, "x", "schema 99: Schema"},
	} {
		text, note := read(c, "t", value(x.id, x.payload))
		if text != nil || !strings.Contains(note, x.note) {
			t.Errorf("%s: %.99s %q", name, text, note)
		}
		c.mu.Lock()
		c.asked = 0 // more schemas than are asked for in a second
		c.mu.Unlock()
	}
}

// nested are messages in messages, from the inside out.
func nested(depth int) string {
	out := ""
	for range depth {
		head := "\x0a" + string(rune(len(out)))
		if len(out) >= 0x80 {
			head = "\x0a" + string([]byte{byte(len(out)) | 0x80, byte(len(out) >> 7)})
		}
		out = head + out
	}
	return out
}

// now is what is known at once, read what is known in a while.
func now(c *Client, topic string, data []byte) ([]byte, string) {
	d := c.Read(topic, format.OfValue, data)
	return d.Text, d.Note
}

func read(c *Client, topic string, data []byte) ([]byte, string) {
	d := c.Waiting().Read(topic, format.OfValue, data)
	return d.Text, d.Note
}

func TestReadNeverWaitsWithoutBeingAsked(t *testing.T) {
	s := newServer(t, shop())
	s.hold = make(chan struct{})
	c := open(t, Config{URL: s.URL}, 0)
	for range 3 {
		if text, note := now(c, "t", value(4, "\x02a")); text != nil || note != "schema 4: being read" {
			t.Fatalf("%s %q", text, note)
		}
	}
	close(s.hold)
	waitFor(t, func() bool { text, _ := now(c, "t", value(4, "\x02a")); return string(text) == `"a"` })
	if n := s.asked.Load(); n != 1 {
		t.Errorf("%d requests for one schema", n)
	}
}

func TestASlowRegistryIsWaitedForOnce(t *testing.T) {
	s := newServer(t, shop())
	s.hold = make(chan struct{})
	c := open(t, Config{URL: s.URL}, time.Millisecond)
	read(c, "t", value(4, "\x02a"))
	c.mu.Lock()
	c.wait = time.Hour // would hang now if it waited again
	c.mu.Unlock()
	if _, note := read(c, "t", value(3, "{}")); note != "schema 3: being read" {
		t.Errorf("%q", note)
	}
}

func TestARegistryThatIsDownIsLeftInPeace(t *testing.T) {
	s := newServer(t, shop())
	c := open(t, Config{URL: s.URL}, patience)
	now := time.Now()
	c.now = func() time.Time { return now }
	if text, _ := read(c, "t", value(4, "\x02a")); text == nil {
		t.Fatal("not decoded")
	}
	s.status.Store(503)
	for i := range 50 {
		if _, note := read(c, "t", value(uint32(20+i), "x")); note != "schema registry: no response" {
			t.Fatalf("%q", note)
		}
	}
	if n := s.asked.Load(); n != 2 {
		t.Errorf("%d requests", n)
	}
	if text, _ := read(c, "t", value(4, "\x02a")); text == nil {
		t.Error("what is known is decoded all the same")
	}
	s.status.Store(0)
	now = now.Add(firstPause)
	if text, note := read(c, "t", value(3, "{}")); text == nil {
		t.Errorf("it is back: %q", note)
	}
	s.Close()
	if _, note := read(c, "t", value(5, "x")); !strings.HasPrefix(note, "schema registry: ") || strings.Contains(note, "http") {
		t.Errorf("%q", note)
	}
}

func TestUnknownSchemasAreAskedForAgainAfterAMinute(t *testing.T) {
	schemas := shop()
	s := newServer(t, schemas)
	c := open(t, Config{URL: s.URL}, patience)
	now := time.Now()
	c.now = func() time.Time { return now }
	for range 3 {
		read(c, "t", value(77, "x"))
	}
	if n := s.asked.Load(); n != 1 {
		t.Errorf("%d requests", n)
	}
	now = now.Add(again)
	if read(c, "t", value(77, "x")); s.asked.Load() != 2 {
		t.Errorf("%d requests", s.asked.Load())
	}
}

func TestRandomIdsDoNotFloodTheRegistry(t *testing.T) {
	s := newServer(t, shop())
	c := open(t, Config{URL: s.URL}, patience)
	now := time.Now()
	c.now = func() time.Time { return now }
	for i := range 1000 {
		read(c, "t", value(uint32(1000+i), "x"))
	}
	if n := s.asked.Load(); n != maxSecond {
		t.Errorf("%d requests", n)
	}
	for i := range 2 * maxSchemas {
		now = now.Add(time.Second)
		read(c, "t", value(uint32(5000+i), "x"))
	}
	if n := len(c.schemas); n > maxSchemas {
		t.Errorf("%d schemas are kept", n)
	}
}

func TestWhoWeAreToTheRegistry(t *testing.T) {
	s := newServer(t, shop())
	s.user = "me:secret"
	for name, x := range map[string]struct {
		cfg Config
		ok  bool
	}{
		"password": {Config{Username: "me", Password: secret.Literal("secret")}, true}, "token": {Config{Token: secret.Literal("me:secret")}, true},
		"wrong": {Config{Username: "me", Password: secret.Literal("wrong")}, false}, "nobody": {Config{}, false},
		"no file": {Config{Username: "me", Password: secret.File("/nonexistent")}, false},
	} {
		x.cfg.URL = s.URL
		text, note := read(open(t, x.cfg, patience), "t", value(4, "\x02a"))
		if (text != nil) != x.ok || !x.ok && !strings.HasPrefix(note, "schema registry: ") || strings.Contains(note, "wrong") {
			t.Errorf("%s: %s %q", name, text, note)
		}
	}
	s.status.Store(302)
	if text, note := read(open(t, Config{URL: s.URL}, patience), "t", value(4, "\x02a")); text != nil || !strings.HasPrefix(note, "schema registry: ") {
		t.Errorf("a redirect is followed: %q", note)
	}
}

func TestRegistryByTLS(t *testing.T) {
	plain := newServer(t, shop())
	s := newServer(t, nil)
	handler := plain.Config.Handler
	s.Close()
	s.Server = tlsServer(t, handler)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, note := read(open(t, Config{URL: s.URL, CA: ca}, patience), "t", value(4, "\x02a")); text == nil {
		t.Errorf("%q", note)
	}
	if text, note := read(open(t, Config{URL: s.URL}, patience), "t", value(4, "\x02a")); text != nil || !strings.Contains(note, "certificate") {
		t.Errorf("any certificate is believed: %q", note)
	}
	if _, err := Open(Config{URL: s.URL, CA: "/nonexistent"}, nil, 0); err == nil {
		t.Error("no file")
	}
}

func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not happen")
		}
	}
}

// What a record costs that a filter wants decoded.
func BenchmarkRead(b *testing.B) {
	names := avroNames{}
	if _, err := parseAvro(lineAvro, names); err != nil {
		b.Fatal(err)
	}
	order, err := parseAvro(orderAvro, names)
	if err != nil {
		b.Fatal(err)
	}
	c := &Client{local: []local{{topic: "orders", is: avro{order}}}}
	data := []byte(orderBytes)
	b.ReportAllocs()
	for b.Loop() {
		if d := c.Read("orders", format.OfValue, data); d.Text == nil {
			b.Fatal(d.Note)
		}
	}
}
