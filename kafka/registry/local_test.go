package registry

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/sr"
)

func tlsServer(t *testing.T, h http.Handler) *httptest.Server {
	s := httptest.NewTLSServer(h)
	t.Cleanup(s.Close)
	return s
}

func files(t *testing.T, texts map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLocalFiles(t *testing.T) {
	dir := files(t, map[string]string{"order.proto": orderProto, "line.proto": lineProto, "line.avsc": lineAvro})
	c := open(t, Config{}, 0, Local{Topic: "orders*", File: filepath.Join(dir, "order.proto"), Message: "Deep"}, Local{Topic: "lines", File: filepath.Join(dir, "line.avsc")})
	for name, x := range map[string]struct{ topic, value, text, note string }{
		"bare Protobuf":         {"orders.eu", "\x38\x09", `"n":9`, "Protobuf shop.Order.Deep, order.proto"},
		"Protobuf behind an id": {"orders", string(value(2, "\x04\x02\x02\x38\x09")), `"n":9`, "Protobuf shop.Order.Deep"},
		"bare Avro":             {"lines", "\x02a\x01", `{"sku":"a","ok":true}`, "Avro shop.Line, line.avsc"},
		"Avro behind an id":     {"lines", string(value(7, "\x02a\x01")), `{"sku":"a","ok":true}`, "Avro shop.Line, line.avsc"},
		"what does not fit":     {"lines", "hello", "", "Avro shop.Line of line.avsc does not fit"},
		"another topic":         {"x", string(value(7, "\x02a\x01")), "", ""},
	} {
		text, note := now(c, x.topic, []byte(x.value))
		if !strings.Contains(string(text), x.text) || (text != nil) != (x.text != "") || !strings.HasPrefix(note, x.note) {
			t.Errorf("%s: %s %q", name, text, note)
		}
	}
}

func TestLocalFilesThatCannotBe(t *testing.T) {
	dir := files(t, map[string]string{"order.proto": orderProto, "line.proto": lineProto, "bad.avsc": "{", "bad.proto": "messag"})
	for want, l := range map[string]Local{
		`message "" is one of 4`: {Topic: "a", File: "order.proto", Message: ""}, `message "Nope" is one of 0`: {Topic: "a", File: "order.proto", Message: "Nope"},
		"no JSON": {Topic: "a", File: "bad.avsc", Message: ""}, "syntax error": {Topic: "a", File: "bad.proto", Message: ""}, "no such file": {Topic: "a", File: "absent.proto", Message: "A"},
	} {
		l.File = filepath.Join(dir, l.File)
		if _, err := Open(Config{}, []Local{l}, 0); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func FuzzPayload(f *testing.F) {
	names := avroNames{}
	if _, err := parseAvro(lineAvro, names); err != nil {
		f.Fatal(err)
	}
	order, err := parseAvro(orderAvro, names)
	if err != nil {
		f.Fatal(err)
	}
	refs := []reference{{"line.proto", lineProto}}
	file, err := build(f.Context(), sr.Schema{Type: sr.TypeProtobuf, Schema: orderProto}, refs)
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(orderBytes))
	f.Add([]byte("\x04\x02\x02" + deepBytes))
	f.Add([]byte(`{"a":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, d := range []decoder{avro{order}, file, jsonText{}} {
			if text, err := decoded(d, b); err == nil && (!json.Valid(text) || len(text) > maxText) {
				t.Fatalf("%s: %q", d.what(), text)
			}
		}
	})
}

func FuzzAvroSchema(f *testing.F) {
	f.Add(orderAvro, []byte(orderBytes))
	f.Add(`{"type":"record","name":"A","fields":[{"name":"a","type":["null","A"]}]}`, []byte("\x02\x02\x00"))
	f.Add(`[[],{"type":"map","values":{"type":"fixed","name":"f","size":0}}]`, []byte("\x02\x02\x00\x00"))
	f.Fuzz(func(t *testing.T, source string, b []byte) {
		is, err := parseAvro(source, avroNames{})
		if err != nil {
			return
		}
		if text, err := decoded(avro{is}, b); err == nil && !json.Valid(text) {
			t.Fatalf("%q", text)
		}
	})
}
