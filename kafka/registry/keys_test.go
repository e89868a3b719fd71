package registry

import (
	"path/filepath"
	"strings"
	"testing"

	"lagtop/kafka/tail/format"
)

func TestKeysBySchema(t *testing.T) {
	dir := files(t, map[string]string{"line.avsc": lineAvro, "text.avsc": `"string"`})
	c := open(t, Config{URL: newServer(t, shop()).URL}, patience,
		Local{Topic: "lines", Part: format.OfKey, File: filepath.Join(dir, "line.avsc")}, Local{Topic: "lines", File: filepath.Join(dir, "text.avsc")})
	for name, x := range map[string]struct {
		topic      string
		part       format.Part
		data       []byte
		text, note string
	}{
		"of the registry":       {"orders", format.OfKey, value(4, "\x0ctenant"), `"tenant"`, "Avro string, schema 4"},
		"of a file":             {"lines", format.OfKey, []byte("\x02a\x01"), `{"sku":"a","ok":true}`, "Avro shop.Line, line.avsc"},
		"the value of the same": {"lines", format.OfValue, []byte("\x02a"), `"a"`, "Avro string, text.avsc"},
		"text":                  {"orders", format.OfKey, []byte("order-1"), "", ""},
		"a number of 8 bytes":   {"orders", format.OfKey, []byte("\x00\x00\x00\x00\x04\x7f\x00\x01"), "", ""},
		"8 bytes that fit":      {"orders", format.OfKey, value(4, "\x04ab"), `"ab"`, "Avro string, schema 4"},
		"what does not fit":     {"orders", format.OfKey, value(4, "\x7fab"+"cd"), "", "Avro string, schema 4: does not fit"},
		"an unknown schema":     {"orders", format.OfKey, value(98, "abcd"), "", "schema 98: Schema"},
	} {
		d := c.Waiting().Read(x.topic, x.part, x.data)
		if string(d.Text) != x.text || !strings.HasPrefix(d.Note, x.note) || x.note == "" && d.Note != "" || d.Later != (name == "an unknown schema") {
			t.Errorf("%s: %s %+v", name, d.Text, d)
		}
	}
}

func TestWhatComesIsCountedAndWhatMayComeIsSaid(t *testing.T) {
	s := newServer(t, shop())
	s.hold = make(chan struct{})
	c := open(t, Config{URL: s.URL}, patience)
	if d := c.Read("t", format.OfValue, value(4, "\x02a")); !d.Later || c.Arrived() != 0 {
		t.Errorf("%+v, %d arrived", d, c.Arrived())
	}
	close(s.hold)
	waitFor(t, func() bool { return c.Arrived() == 1 })
	if d := c.Read("t", format.OfValue, value(4, "\x02a")); string(d.Text) != `"a"` || d.Later {
		t.Errorf("%+v", d)
	}
	s.status.Store(503)
	if d := c.Waiting().Read("t", format.OfValue, value(1, "x")); !d.Later || c.Arrived() != 1 {
		t.Errorf("%+v, %d arrived", d, c.Arrived())
	}
	if d := c.Read("t", format.OfValue, value(4, "\x02")); d.Later || d.Note == "" {
		t.Errorf("what does not fit never will: %+v", d)
	}
}
