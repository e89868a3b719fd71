package registry

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// answer is what the test registry has under an id or a subject and version.
type answer map[string]any

// server is a registry with these schemas, by "ids/1" or "subject/1".
type server struct {
	*httptest.Server
	asked  atomic.Int32
	status atomic.Int32  // 0: answer
	user   string        // user:password, empty: anybody
	hold   chan struct{} // nil: answer at once
}

func newServer(t *testing.T, schemas map[string]answer) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked.Add(1)
		if s.hold != nil {
			select {
			case <-s.hold:
			case <-r.Context().Done():
				return
			}
		}
		user, password, _ := r.BasicAuth()
		name := strings.NewReplacer("/schemas/", "", "/subjects/", "", "/versions", "").Replace(r.URL.Path)
		a, ok := schemas[name]
		switch {
		case s.status.Load() != 0:
			w.Header().Set("Location", "http://127.0.0.1:1/")
			w.WriteHeader(int(s.status.Load()))
		case s.user != "" && s.user != user+":"+password && r.Header.Get("Authorization") != "Bearer "+s.user:
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprint(w, `{"error_code":401,"message":"User cannot be authenticated"}`)
		case !ok:
			w.WriteHeader(http.StatusNotFound)
			_, _ = fmt.Fprint(w, `{"error_code":40403,"message":"Schema \u001b[2J not found"}`)
		default:
			_ = json.NewEncoder(w).Encode(a)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func open(t *testing.T, cfg Config, wait time.Duration, files ...Local) *Client {
	t.Helper()
	c, err := Open(cfg, files, wait)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// value is a payload behind the id of its schema.
func value(id uint32, payload string) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{0}, id), payload...)
}

const orderAvro = `{"type":"record","name":"Order","namespace":"shop","fields":[
	{"name":"id","type":"long"},{"name":"note","type":["null","string"]},{"name":"amount","type":{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}},
	{"name":"state","type":{"type":"enum","name":"State","symbols":["NEW","PAID"]}},{"name":"lines","type":{"type":"array","items":"Line"}},
	{"name":"tags","type":{"type":"map","values":"double"}},{"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},
	{"name":"day","type":{"type":"int","logicalType":"date"}},{"name":"last","type":["null","State"]},{"name":"sum","type":{"type":"fixed","name":"Sum","size":2}}]}`

const lineAvro = `{"type":"record","name":"Line","namespace":"shop","fields":[{"name":"sku","type":"string"},{"name":"ok","type":"boolean"}]}`

// The value of an Order, written by hand after the specification.
const orderBytes = "\x54" + "\x02\x06hi\"" + "\x04\xfb\x2e" + "\x02" + "\x02\x02a\x01\x01\x08\x02b\x00\x00" +
	"\x02\x02x\x00\x00\x00\x00\x00\x00\xf8\x3f\x00" + "\x80\x80\xd1\xf4\xf2\x55" + "\x02" + "\x02\x00" + "\xff\x00"

const orderProto = `syntax = "proto3";
package shop;
import "line.proto";
import "google/protobuf/timestamp.proto";
message First { int32 a = 1; }
message Order {
  message Part { string name = 1; }
  message Deep { Line line = 1; repeated Part parts = 2; map<string, uint64> counts = 3; google.protobuf.Timestamp at = 4; State state = 5; bytes raw = 6; int64 n = 7; optional bool set = 8; double f = 9; }
  enum State { NEW = 0; PAID = 1; }
}`

const lineProto = `syntax = "proto3"; package shop; message Line { string sku = 1; }`

// The message shop.Order.Deep, by hand, with a field that no schema knows at its end.
const deepBytes = "\x0a\x03\x0a\x01s" + "\x12\x03\x0a\x01p\x12\x00" + "\x1a\x05\x0a\x01k\x10\x07" + "\x22\x06\x08\x80\xaa\x9f\xc3\x06" +
	"\x28\x01" + "\x32\x02\xff\x00" + "\x49\x00\x00\x00\x00\x00\x00\xf8\x7f" + "\xa0\x06\x01"

func shop() map[string]answer {
	return map[string]answer{
		"ids/1":   {"schema": orderAvro, "references": []answer{{"name": "shop.Line", "subject": "line", "version": 2}}},
		"line/2":  {"subject": "line", "version": 2, "id": 9, "schema": lineAvro},
		"ids/2":   {"schema": orderProto, "schemaType": "PROTOBUF", "references": []answer{{"name": "line.proto", "subject": "linep", "version": 1}}},
		"linep/1": {"subject": "linep", "version": 1, "schemaType": "PROTOBUF", "schema": lineProto},
		"ids/3":   {"schema": `{"type":"object"}`, "schemaType": "JSON"},
		"ids/4":   {"schema": `"string"`},
		"ids/5":   {"schema": `{"type":"nonsense"}`},
		"ids/6":   {"schema": `{"type":"record","name":"A","fields":[{"name":"a","type":"A"},{"name":"b","type":"A"}]}`},
		"ids/7":   {"schema": `{"type":"array","items":"null"}`},
		"ids/8":   {"schema": strings.Repeat(" ", 2<<20) + `"string"`},
		"ids/9":   {"schema": strings.Repeat(`{"type":"array","items":`, 5000) + `"int"` + strings.Repeat("}", 5000)},
		"ids/10":  {"schema": `syntax = "proto3"; ` + strings.Repeat("message A {", 5000) + strings.Repeat("}", 5000), "schemaType": "PROTOBUF"},
		"ids/11":  {"schema": `"string"`, "references": []answer{{"name": "x", "subject": "loop", "version": 1}}},
		"loop/1":  {"subject": "loop", "version": 1, "schema": `{"type":"fixed","name":"L","size":1}`, "references": []answer{{"name": "x", "subject": "loop", "version": 1}}},
		"ids/12":  {"schema": "syntax = \"proto3\"; import \"absent.proto\";", "schemaType": "PROTOBUF"},
		"ids/13":  {"schema": `{"type":"fixed","name":"F","size":99999999999}`},
		"ids/14":  {"schema": `syntax = "proto3"; message Rec { Rec r = 1; repeated Rec many = 2; }`, "schemaType": "PROTOBUF"},
	}
}
