package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"lagtop/kafka"
	"lagtop/kafka/kafkatest"
	"lagtop/kafka/tail"
	"lagtop/kafka/tail/format"
	"lagtop/kafka/tail/stream"
	"lagtop/ui/config"
)

// seedSchemas fills a topic with an Avro value, one by a schema that is not there, JSON Schema and a text.
func seedSchemas(t *testing.T) (*shell, *httptest.Server) {
	t.Helper()
	registry := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		path, private := strings.CutPrefix(r.URL.Path, "/private")
		switch {
		case private && user+":"+password != "me:secret":
			w.WriteHeader(http.StatusUnauthorized)
		case path == "/schemas/ids/1":
			_, _ = fmt.Fprint(w, `{"schema":"{\"type\":\"record\",\"name\":\"Log\",\"fields\":[{\"name\":\"level\",\"type\":\"string\"},{\"name\":\"msg\",\"type\":\"string\"}]}"}`)
		case path == "/schemas/ids/3":
			_, _ = fmt.Fprint(w, `{"schema":"{}","schemaType":"JSON"}`)
		default:
			w.WriteHeader(http.StatusNotFound)
			_, _ = fmt.Fprint(w, `{"error_code":40403,"message":"Schema not found"}`)
		}
	}))
	t.Cleanup(registry.Close)
	f := kafkatest.NewFake(t, kfake.SeedTopics(1, "avro"))
	cl := kafkatest.Client(t, f.Bootstrap(), kgo.DefaultProduceTopic("avro"))
	for _, v := range []string{"\x00\x00\x00\x00\x01\x0aerror\x0aa\u202eb", "\x00\x00\x00\x00\x02xx", "\x00\x00\x00\x00\x03{\"n\": 1}", "text"} {
		if err := cl.ProduceSync(t.Context(), kgo.StringRecord(v)).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	return &shell{t, f}, registry
}

func TestTailDecodesBySchema(t *testing.T) {
	s, registry := seedSchemas(t)
	code, out, errs := s.run("tail", "avro", "--from", "start", "--no-follow", "-o", "json", "--registry", registry.URL)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != exitOK || len(lines) != 4 || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, "schema 2: Schema not found") {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	var got struct {
		Level, Schema, Undecoded string
		Decoded                  map[string]any
	}
	if err := json.Unmarshal([]byte(lines[0]), &got); err != nil || got.Level != "ERROR" || got.Schema != "Avro Log, schema 1" || got.Decoded["msg"] != "a\u202eb" || strings.Contains(lines[0], "\u202e") {
		t.Errorf("%v %s", err, lines[0])
	}
	for i, want := range []string{"", `"undecoded":"schema 2: Schema not found"`, `"decoded":{"n":1},"schema":"JSON Schema, schema 3"`, `"value":"text"}`} {
		if !strings.Contains(lines[i], want) {
			t.Errorf("%s is not in %s", want, lines[i])
		}
	}
	_, out, _ = s.run("tail", "avro", "--from", "start", "--max", "1", "--registry", registry.URL)
	if !strings.HasSuffix(out, "\tERROR\t-\t"+`{"level":"error","msg":"a\u202eb"}`+"\n") {
		t.Errorf("%q", out)
	}
	_, out, _ = s.run("tail", "avro", "--from", "start", "--max", "1", "-o", "json", "--decode", "auto", "--registry", registry.URL)
	if !strings.Contains(out, `"event":{"format":"schema","time":null,"message":"a\u202eb","schema_id":1,"note":"Avro Log, schema 1"`) {
		t.Errorf("%s", out)
	}
}

func TestTailFiltersByWhatSchemasDecode(t *testing.T) {
	s, registry := seedSchemas(t)
	for filter, want := range map[string]string{
		"level>=warn": "0", "jq: .n > 0": "2", "/level.+error/": "0", `value:"level`: "0", "format:json": "0 2", "jq: .msg != null": "0", "text": "3",
	} {
		_, out, errs := s.run("tail", "avro", "--from", "start", "--no-follow", "-o", "json", "--registry", registry.URL, "--filter", filter)
		var got []string
		for _, l := range strings.Split(strings.TrimSpace(out), "\n") {
			_, rest, _ := strings.Cut(l, `"offset":`)
			got = append(got, rest[:min(1, len(rest))])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q %s", filter, got, errs)
		}
	}
	_, out, _ := s.run("tail", "avro", "--from", "start", "--no-follow", "-o", "json", "--registry", registry.URL, "--exclude", "level:error")
	if strings.Count(out, "\n") != 3 {
		t.Errorf("left out by level: %s", out)
	}
}

func TestTailDecodesKeysBySchema(t *testing.T) {
	s, registry := seedSchemas(t)
	cl := kafkatest.Client(t, s.fake.Bootstrap(), kgo.DefaultProduceTopic("avro"))
	for key, value := range map[string]string{"\x00\x00\x00\x00\x03\"k\u202e1\"": "x", "\x00\x00\x00\x00\x02gone?": "y"} {
		if err := cl.ProduceSync(t.Context(), kgo.KeyStringRecord(key, value)).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	tail := func(more ...string) string {
		_, out, _ := s.run(append([]string{"tail", "avro", "--from", "4", "--no-follow", "--registry", registry.URL}, more...)...)
		return out
	}
	if out := tail("--filter", "value:x"); !strings.HasSuffix(out, "\t-\tk\\u202e1\tx\n") {
		t.Errorf("text: %q", out)
	}
	if out := tail("-o", "json", "--filter", `/"k.*1"$/`); strings.Count(out, "\n") != 1 || !strings.Contains(out, `,"key_decoded":"k\u202e1","key_schema":"JSON Schema, schema 3"`) {
		t.Errorf("json: %s", out)
	}
	if out := tail("-o", "json", "--filter", "value:y"); !strings.Contains(out, `,"key_undecoded":"schema 2: Schema not found"`) {
		t.Errorf("json: %s", out)
	}
}

func TestTailGoesOnWithoutTheRegistry(t *testing.T) {
	s, registry := seedSchemas(t)
	registry.Close()
	code, out, errs := s.run("tail", "avro", "--from", "start", "--no-follow", "-o", "json", "--registry", registry.URL)
	if code != exitOK || strings.Count(out, "\n") != 4 || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, "schema registry: ") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	_, out, errs = s.run("tail", "avro", "--from", "start", "--no-follow", "--filter", "jq: .msg != null", "--registry", registry.URL)
	if out != "" || strings.Count(errs, "schema registry: ") != 1 {
		t.Errorf("what is left out for want of a schema is not told: %s%s", out, errs)
	}
}

func TestTailReadsTheRegistryOfTheContextAndLocalSchemas(t *testing.T) {
	s, registry := seedSchemas(t)
	dir := t.TempDir()
	file, schema := filepath.Join(dir, "config.yaml"), filepath.Join(dir, "two.avsc")
	for name, text := range map[string]string{
		schema: `{"type":"record","name":"Two","fields":[{"name":"n","type":"int"},{"name":"m","type":"int"}]}`,
		file:   "current-context: a\ncontexts:\n  - name: a\n    bootstrap: [" + strings.Join(s.fake.Bootstrap(), ", ") + "]\n    schema-registry: {url: " + registry.URL + "/private/, username: me, password: secret}\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tail := func(more ...string) string {
		var out, errs strings.Builder
		args := append([]string{"tail", "avro", "--config", file, "--from", "start", "--no-follow", "-o", "json"}, more...)
		if code := Run(t.Context(), args, strings.NewReader(""), &out, &errs); code != exitOK {
			t.Fatalf("exit %d %s", code, errs.String())
		}
		return out.String()
	}
	if out := tail(); !strings.Contains(out, `"schema":"Avro Log, schema 1"`) {
		t.Errorf("%s", out)
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = fmt.Fprintf(f, "decode:\n  - {topic: 'av*', file: %s}\n", schema)
	_ = f.Close()
	if out := tail(); !strings.Contains(out, `"decoded":{"n":60,"m":60},"schema":"Avro Two, two.avsc"`) {
		t.Errorf("the file wins: %s", out)
	}
	if code, _, errs := s.run("tail", "avro", "--registry", "sr:8081"); code != exitUsage || !strings.Contains(errs, "--registry") {
		t.Errorf("exit %d %s", code, errs)
	}
}

func TestTheScreenReadsSchemasWithoutWaiting(t *testing.T) {
	s, registry := seedSchemas(t)
	addrs := strings.Join(s.fake.Bootstrap(), ",")
	r := &run{loaded: &config.Config{}, flags: flags{bootstrap: addrs, registry: registry.URL, interval: config.MinInterval}}
	target, err := r.target()
	if err != nil {
		t.Fatal(err)
	}
	session, err := r.cluster(target).Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close() // TestMain looks for goroutines that are left
	value := []byte("\x00\x00\x00\x00\x03{}")
	if d := session.Schemas.Read("avro", format.OfValue, value); d.Note != "schema 3: being read" || !d.Later {
		t.Errorf("%+v", d)
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if d := session.Schemas.Read("avro", format.OfValue, value); string(d.Text) == "{}" {
			break
		} else if time.Now().After(end) {
			t.Fatalf("%+v", d)
		}
	}
}

// letters decodes what begins with a letter.
type letters struct{}

func (letters) Read(_ string, _ format.Part, data []byte) format.Decoding {
	if data[0] < 'a' {
		return format.Decoding{Note: "schema 9: not found", Later: true}
	}
	return format.Decoding{Text: []byte(`{"level":"error"}`), Note: "Avro"}
}
func (letters) Arrived() uint64           { return 0 }
func (s letters) Waiting() format.Schemas { return s }

func TestSavedJSONLinesAreThoseOfThisCommand(t *testing.T) {
	tp := kafka.TopicPartition{Topic: "t"}
	records := []kafka.Record{
		{TopicPartition: tp, Offset: 1, Timestamp: time.Unix(1, 0), Key: []byte("k"), Value: []byte("v"), Headers: []kafka.Header{{Key: "h"}}},
		{TopicPartition: tp, Offset: 2, Value: []byte{1, 0xff}},
		{TopicPartition: tp, Offset: 3, Key: []byte("k"), Mark: kafka.Aborted},
		{TopicPartition: tp, Offset: 4, Mark: kafka.Corrupt, Broken: &kafka.BrokenBatch{From: 4, Next: 6, Why: "its checksum is wrong"}},
	}
	w := newTailWriter(&strings.Builder{}, "json", noDecode)
	w.schemas = letters{}
	var printed []byte
	entries := make([]*tail.Entry, len(records))
	for i := range records {
		printed = w.Append(printed, &records[i], stream.Note{})
		e := tail.Whole(records[i])
		entries[i] = &e
	}
	out, err := tail.Save(t.Context(), t.TempDir(), "t", tail.Saving{Form: tail.FileJSON, Schemas: letters{}}, slices.Values(entries), func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	saved, _ := os.ReadFile(out.Path)
	if string(saved) != string(printed) || !strings.Contains(string(saved), `"undecoded":"schema 9: not found"`) || !strings.Contains(string(saved), `"key_decoded":{"level":"error"}`) {
		t.Errorf("saved\n%s\nprinted\n%s", saved, printed)
	}
}
